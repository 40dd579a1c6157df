"""Words and SI units of the laws a card may propose: the table of DESIGN section 3.

Cards stand beside physics and import none of it; a test compares this table with the law classes.
"""

from __future__ import annotations

D, PURE, SPEED, RATE = "m2/s", "1", "m/s", "1/s"

LAW_PARAMETERS: dict[str, dict[str, dict[str, str]]] = {
    "diffusion": {
        "NoDiffusion": {},
        "ConstantDiffusivity": {"D": D},
        "Fujita1961": {"D_gel": D, "beta": PURE, "w_gel": PURE},
        "ExponentialInConcentration": {"D0": D, "beta": PURE},
        "ExponentialInTime": {"D0": D, "rate": RATE},
        "MackieMeares1955": {"D0": D},
        "LeachedPorosity": {"D_pore": D, "porosity0": PURE, "tortuosity": PURE},
        "PowerInMolarMass": {"D0": D, "exponent": PURE},
        "ExponentialInMolarMass": {"D0": D, "a": PURE},
    },
    "hydration": {
        "InstantlyWet": {},
        "FickianHydration": {"D": D},
        "FujitaHydration": {"D": D, "beta": PURE},
        "CaseII": {"speed": SPEED},
    },
    "swelling": {"NoSwelling": {}, "VolumeAdditive": {"equilibrium_volume_ratio": PURE}},
    "erosion": {
        "NoErosion": {},
        "ConstantFront": {"speed": SPEED},
        "MassErosion": {"k0": "kg/m2/s", "density": "kg/m3"},
        "HydratedFront": {"speed": SPEED, "onset": PURE},
        "EntericFront": {"speed": SPEED, "pH_threshold": PURE, "sharpness": PURE},
    },
    "hydrolysis": {
        "NoHydrolysis": {},
        "FirstOrderScission": {"rate": RATE, "feedback": PURE, "Mn_critical": PURE},
        "AutocatalyticScission": {
            "k1": RATE,
            "k2": "m3/mol/s",
            "acid0": "mol/m3",
            "ester0": "mol/m3",
            "D_acid": D,
            "Mn_critical": PURE,
        },
    },
}
"""slot -> law -> parameter -> SI unit."""

LAW_OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "EntericFront": {"dissolves": ("above", "below")},
}
"""law -> word -> the choices it allows."""

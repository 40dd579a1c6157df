"""Studies of coupled laws whose gradients are measured, each with up to eight names."""

from __future__ import annotations

from typing import Any

from releasesim.study import Study

FILM = {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}}
SPHERE = {"shape": {"kind": "sphere", "diameter": "5 mm"}}
CYLINDER = {"shape": {"kind": "cylinder", "diameter": "5 mm", "height": "3 mm"}}
PRINTED = {
    "shape": {"kind": "cylinder", "diameter": "5.2 mm", "height": "2.4 mm"},
    "infill": {"pattern": "rectilinear", "density": "40 %"},
    "walls": 1,
    "roofs": 0,
    "floors": 0,
}
BILAYER = {
    "shape": {"kind": "film", "area": "1 cm2"},
    "layer": [
        {
            "name": "fast",
            "thickness": "0.46 mm",
            "formulation": {"concentration": "150 mg/mL"},
            "physics": {
                "diffusion": {"law": "ConstantDiffusivity", "D": "5e-11 m2/s"},
                "erosion": {"law": "ConstantFront", "speed": "0.1 mm/h"},
            },
        },
        {
            "name": "slow",
            "thickness": "0.6 mm",
            "physics": {
                "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
                "erosion": {"law": "ConstantFront", "speed": "0.037 mm/h"},
            },
        },
    ],
}
D = {"diffusion": {"law": "ConstantDiffusivity", "D": "2e-11 m2/s"}}
K = {"film": {"law": "FilmTransfer", "k": "4e-7 m/s"}}
FRONT = {"erosion": {"law": "ConstantFront", "speed": "0.08 mm/h"}}
WATER = {
    "hydration": {"law": "FujitaHydration", "D": "1e-10 m2/s", "beta": 2.5},
    "diffusion": {"law": "Fujita1961", "D_gel": "4e-11 m2/s", "beta": 3.0},
}
SWELLING = {"swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 2.0}}
CASE_TWO = {"hydration": {"law": "CaseII", "speed": "0.08 mm/h"}}
LOCAL = {"dissolution": {"law": "LocalEquilibrium", "solubility": "30 mg/mL"}}
BATH = {"medium": {"volume": "2 mL"}}
SAMPLED = {"medium": {"volume": "2 mL", "sampling": {"every": "30 min", "volume": "0.1 mL"}}}
TO_INTESTINE = {
    "medium": {
        "name": "hcl_0_1n",
        "volume": "5 mL",
        "event": [{"at": "1 h", "replace": "100 %", "medium": "phosphate_ph6_8"}],
    }
}
SIZES = {
    "film": ["shape.thickness"],
    "round": ["shape.diameter", "shape.height"],
}

# tablet, physics, further tables, spacing, names in the order in which they are added
Case = tuple[dict[str, Any], dict[str, Any], dict[str, Any], str, list[str]]
CASES: dict[str, Case] = {
    "film, front": (
        FILM,
        {**D, **FRONT, **K},
        BATH,
        "20 um",
        [
            "erosion.speed",
            "diffusion.D",
            "film.k",
            "shape.thickness",
            "medium.volume",
            "medium.partition",
            "oversize",
            "porosity",
        ],
    ),
    "sphere, front": (
        SPHERE,
        {**D, **FRONT, **K},
        BATH,
        "50 um",
        [
            "erosion.speed",
            "diffusion.D",
            "film.k",
            "shape.diameter",
            "medium.volume",
            "medium.partition",
            "oversize",
            "porosity",
        ],
    ),
    "cylinder, front": (
        CYLINDER,
        {**D, **FRONT, **K},
        BATH,
        "0.1 mm",
        [
            "erosion.speed",
            "diffusion.D",
            "film.k",
            "shape.diameter",
            "shape.height",
            "medium.volume",
            "medium.partition",
            "porosity",
        ],
    ),
    "printed cylinder, front": (
        PRINTED,
        {**D, "erosion": {"law": "ConstantFront", "speed": "0.02 mm/h"}, **K},
        BATH,
        "0.15 mm",
        [
            "erosion.speed",
            "diffusion.D",
            "film.k",
            "medium.volume",
            "medium.partition",
            "porosity",
            "shape.diameter",
            "shape.height",
        ],
    ),
    "cylinder, hydrated front": (
        CYLINDER,
        {**WATER, **K, "erosion": {"law": "HydratedFront", "speed": "0.08 mm/h"}},
        BATH,
        "0.1 mm",
        [
            "erosion.speed",
            "diffusion.D_gel",
            "diffusion.beta",
            "hydration.D",
            "film.k",
            "hydration.beta",
            "medium.volume",
            "shape.height",
        ],
    ),
    "cylinder, enteric front, pH event": (
        CYLINDER,
        {**D, **K, "erosion": {"law": "EntericFront", "speed": "0.12 mm/h", "pH_threshold": 6.0}},
        TO_INTESTINE,
        "0.1 mm",
        [
            "erosion.speed",
            "diffusion.D",
            "erosion.pH_threshold",
            "film.k",
            "erosion.sharpness",
            "medium.volume",
            "shape.diameter",
            "shape.height",
        ],
    ),
    "sphere, mass erosion, water, swelling": (
        SPHERE,
        {
            **WATER,
            **SWELLING,
            **K,
            "erosion": {"law": "MassErosion", "k0": "3e-5 kg/m2/s", "density": "1.2 g/cm3"},
        },
        BATH,
        "0.1 mm",
        [
            "erosion.k0",
            "diffusion.D_gel",
            "swelling.equilibrium_volume_ratio",
            "hydration.D",
            "erosion.density",
            "diffusion.beta",
            "film.k",
            "shape.diameter",
        ],
    ),
    "film, Case II": (
        FILM,
        {**D, **CASE_TWO, **K},
        BATH,
        "20 um",
        [
            "hydration.speed",
            "diffusion.D",
            "film.k",
            "shape.thickness",
            "medium.volume",
            "medium.partition",
            "oversize",
            "porosity",
        ],
    ),
    "cylinder, Case II, front": (
        CYLINDER,
        {**D, **CASE_TWO, **K, "erosion": {"law": "ConstantFront", "speed": "0.033 mm/h"}},
        BATH,
        "0.1 mm",
        [
            "erosion.speed",
            "hydration.speed",
            "diffusion.D",
            "film.k",
            "shape.height",
            "shape.diameter",
            "medium.volume",
            "medium.partition",
        ],
    ),
    "film, local equilibrium": (
        FILM,
        {**D, **LOCAL, **K},
        {},
        "20 um",
        [
            "dissolution.solubility",
            "diffusion.D",
            "film.k",
            "formulation.concentration",
            "shape.thickness",
            "medium.partition",
            "oversize",
            "porosity",
        ],
    ),
    "sphere, local equilibrium": (
        SPHERE,
        {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}, **LOCAL, **K},
        {},
        "50 um",
        [
            "dissolution.solubility",
            "diffusion.D",
            "film.k",
            "formulation.concentration",
            "shape.diameter",
            "medium.partition",
            "oversize",
            "porosity",
        ],
    ),
    "cylinder, local equilibrium, front": (
        CYLINDER,
        {**D, **LOCAL, **K, **FRONT},
        {},
        "0.1 mm",
        [
            "erosion.speed",
            "dissolution.solubility",
            "diffusion.D",
            "formulation.concentration",
            "film.k",
            "shape.height",
            "shape.diameter",
            "medium.partition",
        ],
    ),
    "film, front, samples": (
        FILM,
        {**D, **FRONT, **K},
        SAMPLED,
        "20 um",
        [
            "erosion.speed",
            "diffusion.D",
            "film.k",
            "shape.thickness",
            "medium.volume",
            "medium.sampling.volume",
            "medium.partition",
            "porosity",
        ],
    ),
    "bilayer, two fronts": (
        BILAYER,
        {**D, **K},
        BATH,
        "20 um",
        [
            "layer.fast.erosion.speed",
            "layer.slow.erosion.speed",
            "layer.fast.diffusion.D",
            "layer.slow.diffusion.D",
            "film.k",
            "layer.fast.thickness",
            "layer.slow.thickness",
            "medium.volume",
        ],
    ),
}


def study_of(case: str) -> Study:
    """The study of a case, for 4 hours on its own grid."""
    tablet, physics, tables, spacing, _ = CASES[case]
    run = {"until": "4 h", "spacing": spacing, "samples": 21}
    plain: dict[str, Any] = {"formulation": {"concentration": "100 mg/mL"}}
    return Study.from_dict({"tablet": tablet, **plain, "physics": physics, **tables, "run": run})

"""Random studies that are valid by construction, as the plain data of a study file in SI.

Sizes and times are drawn first; every parameter follows from a dimensionless number of the field
(Fourier, Biot, thinning per half-thickness, Damköhler), so that something happens in each run.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from random import Random
from typing import Any

from properties.wider_studies import widened

Data = dict[str, Any]

SAMPLES = 25
#: Tolerance of a study unless a claim asks for another one.
TOLERANCE = "1 %"
#: Every law there is, and those that a print has to show as well.
LAWS = {
    "diffusion": (
        "NoDiffusion",
        "ConstantDiffusivity",
        "Fujita1961",
        "ExponentialInConcentration",
        "ExponentialInTime",
        "MackieMeares1955",
        "LeachedPorosity",
        "PowerInMolarMass",
        "ExponentialInMolarMass",
    ),
    "film": ("FilmTransfer", "RanzMarshall1952", "Clift1978", "FlatPlate", "Levich1962"),
    "dissolution": ("LocalEquilibrium", "NoyesWhitney1897"),
    "hydration": ("FickianHydration", "FujitaHydration", "CaseII"),
    "swelling": ("VolumeAdditive",),
    "erosion": ("ConstantFront", "MassErosion", "HydratedFront", "EntericFront"),
    "hydrolysis": ("FirstOrderScission", "AutocatalyticScission"),
    "channels": ("StagnantChannels", "WettedChannels"),
}
PRINTED = (
    "ExponentialInConcentration",
    "FilmTransfer",
    "LocalEquilibrium",
    "NoyesWhitney1897",
    "FickianHydration",
    "ConstantFront",
    "FirstOrderScission",
    "AutocatalyticScission",
    "StagnantChannels",
)
#: Law that each quick study has, and whether it is printed.
TURNS = (
    *((name, False) for names in LAWS.values() for name in names),
    *((name, True) for name in PRINTED),
)


@dataclass(frozen=True)
class Scales:
    """What makes a study's parameters out of dimensionless numbers.

    Parameters
    ----------
    length : float
        Half the thickness, or the radius [m].
    until : float
        Duration [s].
    D : float
        Diffusivity of the drug [m2/s].
    concentration : float
        Of the drug [kg/m3].
    """

    length: float
    until: float
    D: float
    concentration: float


def random_study(pick: Random, kind: str | None = None, *, quick: bool = False) -> Data:
    """Return a valid study.

    Parameters
    ----------
    pick : random.Random
        The only source of chance.
    kind : str, optional
        Of the shape; drawn where absent, mostly a film because that is quick.
    quick : bool
        Fewer laws at once, no sharp water front, and eroding fronts in films alone and not into
        solid drug, so that runs are short.
    """
    kind = kind or _one_of(pick, film=65, sphere=9, cylinder=9, ring=4, block=7, printed=6)
    length, until = _log(pick, 0.5e-3, 2.5e-3), _log(pick, 3600.0, 2e5)
    D = _log(pick, 0.03, 3.0) * length**2 / until
    scales = Scales(length, until, D, _log(pick, 20.0, 300.0))
    few = quick or kind in ("block", "printed")
    physics = _physics(pick, scales, quick=few, erodes=kind == "film" or not quick)
    data: Data = {
        "schema": "releasesim/1",
        "tablet": _tablet(pick, kind, scales),
        "formulation": _formulation(physics, scales),
        "physics": physics,
        "run": {"until": f"{until:.6g} s", "samples": SAMPLES, "tolerance": TOLERANCE},
    }
    if kind in ("block", "printed"):
        coarse = 2.0 * length / (8.0 if kind == "block" else 10.0)
        del data["run"]["tolerance"]
        data["run"]["spacing"] = _length(coarse)
    _parts(pick, data, kind, scales)
    medium = _medium(pick, data, scales)
    return data | ({"medium": medium} if medium else {})


def study_of(number: int, seed: int = 1, *, quick: bool = False) -> Data:
    """Return the study of a number under a seed: the same one on every machine.

    The quick ones have their laws by turns, so that fifty of them have every law at least once.
    """
    if not quick:
        return _drawn(f"{seed}:{number}")
    law, printed = TURNS[number % len(TURNS)]
    for attempt in itertools.count():
        data = _drawn(f"{seed}:{number}:{attempt}")
        if law in laws_of(data) and printed <= ("infill" in data["tablet"]) and _short(data):
            return data
    raise AssertionError  # there is always a next number


def _drawn(chance: str) -> Data:
    pick, more = (Random(chance + end) for end in ("", ":wider"))  # noqa: S311  no secret
    return widened(more, random_study(pick))


def laws_of(data: Any) -> set[str]:
    """Names of all laws of a study; a correlation and the like have one too."""
    if isinstance(data, dict):
        own = {str(data["law"])} if "law" in data else set()
        return own.union(*(laws_of(value) for value in data.values()))
    return set().union(*(laws_of(item) for item in data)) if isinstance(data, list) else set()


def _short(data: Data) -> bool:
    """Whether a study is simulated in no time: few laws, and sharp fronts in films alone."""
    physics, laws = data["physics"], laws_of(data)
    coupled = {"hydration", "swelling", "hydrolysis", "dissolution", "erosion"} & set(physics)
    printed = "infill" in data["tablet"]
    front = "erosion" in physics or "CaseII" in laws
    if front and (data["tablet"]["shape"]["kind"] != "film" and not printed):
        return False
    if front and ("dissolution" in physics or "region" in data["tablet"]):
        return False
    if len(data["tablet"].get("layer", [])) > 1 and front:
        return False
    return len(coupled) <= (1 if printed else 2)


# --- chance -------------------------------------------------------------------------------------


def _log(pick: Random, low: float, high: float) -> float:
    """Evenly on a logarithmic scale."""
    return math.exp(pick.uniform(math.log(low), math.log(high)))


def _one_of(pick: Random, **weights: float) -> str:
    """Draw one name with its weight."""
    return pick.choices(list(weights), list(weights.values()))[0]


def _chance(pick: Random, share: float) -> bool:
    return pick.random() < share


def _length(metres: float) -> str:
    return f"{metres:.6g} m"


def _diffusivity(value: float) -> str:
    return f"{value:.6g} m2/s"


# --- body ---------------------------------------------------------------------------------------


def _tablet(pick: Random, kind: str, scales: Scales) -> Data:
    shape = _shape(pick, "cylinder" if kind == "printed" else kind, scales.length)
    if kind != "printed":
        return {"shape": shape} | _sealed(pick, kind)
    pattern = _one_of(pick, rectilinear=2, grid=2, concentric=1, honeycomb=1)
    width = 2.0 * scales.length / 5.0
    return {
        "shape": shape,
        "infill": {"pattern": pattern, "density": f"{pick.uniform(20.0, 80.0):.3g} %"},
        "walls": pick.randint(1, 2),
        "roofs": pick.randint(0, 1),
        "floors": pick.randint(0, 1),
        "road_width": _length(width),
        "layer_height": _length(0.5 * width),
    }


def _shape(pick: Random, kind: str, half: float) -> Data:
    wide = 2.0 * half * pick.uniform(1.0, 2.5)
    if kind == "film":
        area = f"{_log(pick, 0.5e-4, 5e-4):.6g} m2"
        return {"kind": kind, "thickness": _length(2.0 * half), "area": area}
    if kind == "sphere":
        return {"kind": kind, "diameter": _length(2.0 * half)}
    height = {"height": _length(2.0 * half)}
    if kind == "cylinder":
        return {"kind": kind, "diameter": _length(wide), **height}
    if kind == "ring":
        hole = pick.uniform(0.5, 2.0) * half
        sizes = {"outer_diameter": _length(hole + 4.0 * half), "inner_diameter": _length(hole)}
        return {"kind": kind, **sizes, **height}
    long = wide * pick.uniform(1.0, 1.5)
    return {"kind": "block", "length": _length(long), "width": _length(wide), **height}


def _sealed(pick: Random, kind: str) -> Data:
    faces = {"film": [], "sphere": [], "block": ["x-", "z+"]}.get(kind, ["top", "bottom", "side"])
    if not faces or not _chance(pick, 0.25):
        return {}
    return {"sealed": [pick.choice(faces)]}


def _parts(pick: Random, data: Data, kind: str, scales: Scales) -> None:
    """Cut films into layers, and put a core into bodies, some of the time."""
    shape = data["tablet"]["shape"]
    if kind == "film" and _chance(pick, 0.4):
        count = pick.randint(2, 3)
        shares = [pick.uniform(0.5, 1.5) for _ in range(count)]
        del shape["thickness"]
        data["tablet"]["layer"] = [
            {"name": f"layer{place}", "thickness": _length(2 * scales.length * share / sum(shares))}
            | _part(pick, data, scales, empty=0.2 if place else 0.0)
            for place, share in enumerate(shares)
        ]
    if kind in ("sphere", "cylinder", "block") and _chance(pick, 0.35):
        share = pick.uniform(0.4, 0.75)
        sizes = {key: _length(share * float(text.split()[0])) for key, text in _sizes(shape)}
        part = _part(pick, data, scales, empty=0.0)
        data["tablet"]["region"] = [{"name": "core", "shape": {"kind": kind, **sizes}} | part]


def _sizes(shape: Data) -> list[tuple[str, str]]:
    return [(key, value) for key, value in shape.items() if key != "kind"]


def _part(pick: Random, data: Data, scales: Scales, empty: float) -> Data:
    """Make a formulation, a partition and laws of one part's own."""
    made: Data = {}
    own: Data = {}
    physics = data["physics"]
    if "concentration" in data["formulation"]:
        amount = 0.0 if _chance(pick, empty) else _log(pick, 0.3, 3.0) * scales.concentration
        made["formulation"] = {"concentration": f"{amount:.6g} kg/m3"}
    if _chance(pick, 0.5):
        made["partition"] = float(f"{_log(pick, 0.3, 3.0):.4g}")
    if physics["diffusion"]["law"] != "NoDiffusion" and _chance(pick, 0.6):
        D = _diffusivity(_log(pick, 0.1, 10.0) * scales.D)
        own["diffusion"] = {"law": "ConstantDiffusivity", "D": D}
    if "erosion" in physics and _chance(pick, 0.5):
        own["erosion"] = _erosion(pick, scales, enteric=False)
    if made.get("formulation") and own:  # another material: it has all its laws from itself
        own = {slot: law for slot, law in physics.items() if slot != "film"} | own
    return made | ({"physics": own} if own else {})


# --- laws ---------------------------------------------------------------------------------------


def _formulation(physics: Data, scales: Scales) -> Data:
    if physics["diffusion"]["law"] == "LeachedPorosity":  # needs the volume of the drug
        return {"drug": "theophylline", "polymer": "pva", "drug_loading": "15 %"}
    return {"concentration": f"{scales.concentration:.6g} kg/m3"}


def _physics(pick: Random, scales: Scales, *, quick: bool, erodes: bool) -> Data:
    """One law in each slot that is on; fewer of them where a run is long."""
    laws: Data = {}
    rare = 0.5 if quick else 1.0
    if _chance(pick, 0.4 * rare):
        laws["hydration"] = _hydration(pick, scales, front=0.0 if quick else 3.0)
        if _chance(pick, 0.4):
            ratio = float(f"{pick.uniform(1.0, 4.0):.4g}")
            laws["swelling"] = {"law": "VolumeAdditive", "equilibrium_volume_ratio": ratio}
    if _chance(pick, 0.2 * rare):
        laws["hydrolysis"] = _hydrolysis(pick, scales)
    if _chance(pick, 0.4 * rare):
        laws["dissolution"] = _dissolution(pick, scales)
    if _chance(pick, 0.35 * rare) and erodes and not (quick and "dissolution" in laws):
        laws["erosion"] = _erosion(pick, scales, enteric=True)
    laws["diffusion"] = _diffusion(pick, scales, laws)
    if _chance(pick, 0.5):
        k = _log(pick, 0.3, 100.0) * scales.D / scales.length
        laws["film"] = {"law": "FilmTransfer", "k": f"{k:.6g} m/s"}
    return laws


def _diffusion(pick: Random, scales: Scales, laws: Data) -> Data:
    names = ["ConstantDiffusivity"] * 4 + ["Fujita1961", "ExponentialInConcentration"]
    names += ["ExponentialInTime"]
    names += ["MackieMeares1955"] * ("swelling" in laws)
    names += ["LeachedPorosity"] * ("dissolution" in laws)
    names += ["PowerInMolarMass", "ExponentialInMolarMass"] * 2 * ("hydrolysis" in laws)
    names += ["NoDiffusion"] * ("erosion" in laws)
    D, D0 = {"D": _diffusivity(scales.D)}, {"D0": _diffusivity(scales.D)}
    beta = round(pick.uniform(-2.0, 2.0), 3)
    parameters: Data = {
        "ConstantDiffusivity": D,
        "Fujita1961": {"D_gel": _diffusivity(scales.D), "beta": abs(2.0 * beta)},
        "ExponentialInConcentration": {**D0, "beta": beta},
        "ExponentialInTime": {**D0, "rate": f"{beta / scales.until:.6g} 1/s"},
        "MackieMeares1955": {"D0": _diffusivity(5.0 * scales.D)},
        "LeachedPorosity": {
            "D_pore": _diffusivity(10.0 * scales.D),
            "porosity0": round(pick.uniform(0.02, 0.3), 3),
            "tortuosity": round(pick.uniform(1.0, 3.0), 3),
        },
        "PowerInMolarMass": {**D0, "exponent": abs(beta)},
        "ExponentialInMolarMass": {**D0, "a": abs(2.0 * beta)},
        "NoDiffusion": {},
    }
    name = pick.choice(names)
    return {"law": name, **parameters[name]}


def _hydration(pick: Random, scales: Scales, front: float) -> Data:
    D = _diffusivity(_log(pick, 0.3, 30.0) * scales.length**2 / scales.until)
    speed = f"{_log(pick, 0.4, 5.0) * scales.length / scales.until:.6g} m/s"
    name = _one_of(pick, FickianHydration=4, FujitaHydration=3, CaseII=front)
    parameters: Data = {
        "FickianHydration": {"D": D},
        "FujitaHydration": {"D": D, "beta": round(pick.uniform(0.0, 3.0), 3)},
        "CaseII": {"speed": speed},
    }
    return {"law": name, **parameters[name]}


def _hydrolysis(pick: Random, scales: Scales) -> Data:
    rate = _log(pick, 0.2, 5.0) / scales.until
    critical = {"Mn_critical": round(pick.uniform(0.05, 0.4), 3)} if _chance(pick, 0.4) else {}
    if _chance(pick, 0.5):
        feedback = round(pick.uniform(0.0, 3.0), 3)
        law = {"law": "FirstOrderScission", "rate": f"{rate:.6g} 1/s", "feedback": feedback}
        return law | critical
    acid = _log(pick, 0.05, 5.0) * scales.length**2 / scales.until
    return {
        "law": "AutocatalyticScission",
        "k1": f"{0.3 * rate:.6g} 1/s",
        "k2": f"{2.0 * rate / 1e4:.6g} m3/mol/s",
        "acid0": "300 mol/m3",
        "ester0": "10000 mol/m3",
        "D_acid": _diffusivity(acid if _chance(pick, 0.6) else 0.0),
    } | critical


def _dissolution(pick: Random, scales: Scales) -> Data:
    solubility = {"solubility": f"{_log(pick, 0.05, 2.0) * scales.concentration:.6g} kg/m3"}
    if _chance(pick, 0.5):
        return {"law": "LocalEquilibrium", **solubility}
    return {
        "law": "NoyesWhitney1897",
        "rate": f"{_log(pick, 0.3, 50.0) / scales.until:.6g} 1/s",
        **solubility,
        "exponent": pick.choice([0.0, 2.0 / 3.0]),
        "initially": pick.choice(["dry", "saturated"]),
    }


def _erosion(pick: Random, scales: Scales, *, enteric: bool) -> Data:
    rate = _log(pick, 0.1, 1.5) * scales.length / scales.until
    speed = {"speed": f"{rate:.6g} m/s"}
    name = _one_of(pick, ConstantFront=4, MassErosion=2, HydratedFront=2, EntericFront=2 * enteric)
    if name == "MassErosion":
        return {"law": name, "k0": f"{1200.0 * rate:.6g} kg/m2/s", "density": "1200 kg/m3"}
    if name == "EntericFront":
        dissolves = pick.choice(["above", "below"])
        return {"law": name, **speed, "pH_threshold": 5.5, "dissolves": dissolves}
    return {"law": name, **speed}


# --- bath ---------------------------------------------------------------------------------------


def _medium(pick: Random, data: Data, scales: Scales) -> Data:
    """Make a sink or a finite bath, with samples and events."""
    enteric = data["physics"].get("erosion", {}).get("law") == "EntericFront"
    medium: Data = {"name": "hcl_0_1n"} if enteric else {}
    if _chance(pick, 0.3):
        medium["partition"] = float(f"{_log(pick, 0.3, 3.0):.4g}")
    if _chance(pick, 0.4):
        room = _log(pick, 0.3, 30.0) * _volume(data["tablet"]["shape"], scales)
        medium["volume"] = f"{room:.6g} m3"
        if _chance(pick, 0.5):
            medium["sampling"] = _sampling(pick, room, scales)
    events = _events(pick, data, medium, scales)
    return medium | ({"event": events} if events else {})


def _sampling(pick: Random, room: float, scales: Scales) -> Data:
    count = pick.randint(2, 6)
    share = pick.uniform(0.02, 0.6 / count)
    return {
        "every": f"{scales.until / (count + 0.5):.6g} s",
        "volume": f"{share * room:.6g} m3",
        "replaced": _chance(pick, 0.5),
    }


def _events(pick: Random, data: Data, medium: Data, scales: Scales) -> list[Data]:
    changes = _changes(pick, data)
    finite, enteric = "volume" in medium, "name" in medium
    if not (finite or enteric or changes) or not _chance(pick, 0.8 if enteric else 0.5):
        return []
    moments = sorted(pick.uniform(0.1, 0.9) for _ in range(pick.randint(1, 2)))
    if len(moments) == 2 and moments[1] - moments[0] < 0.01:
        moments.pop()
    made = [{"at": f"{moment * scales.until:.6g} s"} for moment in moments]
    if finite:
        for event in made:
            event["replace"] = f"{pick.uniform(0.0, 100.0):.4g} %"
    if enteric:
        made[0]["medium"] = "phosphate_ph6_8"
    if changes:
        made[-1]["set"] = changes
    return made


def _changes(pick: Random, data: Data) -> Data:
    """Draw a parameter that an event changes."""
    known = {"film.k": "m/s", "diffusion.D": "m2/s", "dissolution.solubility": "kg/m3"}
    found = {}
    for name, unit in known.items():
        slot, parameter = name.split(".")
        text = data["physics"].get(slot, {}).get(parameter)
        if text is not None and _chance(pick, 0.3):
            found[name] = f"{float(text.split()[0]) * _log(pick, 0.3, 3.0):.6g} {unit}"
    return found


def _volume(shape: Data, scales: Scales) -> float:
    """Size of the body, roughly [m3]."""
    sizes = {key: float(text.split()[0]) for key, text in _sizes(shape)}
    if "area" in sizes:
        return sizes["area"] * 2.0 * scales.length
    if shape["kind"] == "sphere":
        return math.pi / 6.0 * sizes["diameter"] ** 3
    if shape["kind"] == "cylinder":
        return math.pi / 4.0 * sizes["diameter"] ** 2 * sizes["height"]
    if shape["kind"] == "ring":
        outer, inner = sizes["outer_diameter"], sizes["inner_diameter"]
        return math.pi / 4.0 * (outer**2 - inner**2) * sizes["height"]
    return sizes["length"] * sizes["width"] * sizes["height"]

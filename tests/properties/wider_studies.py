"""What a random study may have besides its laws: other bodies, cards, several drugs, channels.

Every addition is drawn from a chance of its own, so that a study without it stays as it was.
"""

from __future__ import annotations

import math
from random import Random
from typing import Any

Data = dict[str, Any]

#: Drugs whose cards give a solubility of the size of random concentrations.
DRUGS = ("theophylline", "caffeine", "paracetamol")
POLYMER = "ethylcellulose"
MEDIUM = "phosphate_ph6_8"
CORRELATIONS = ("RanzMarshall1952", "Clift1978", "FlatPlate", "Levich1962")


def widened(pick: Random, data: Data) -> Data:
    """Return the study with other bodies, cards, several drugs or channels, some of the time."""
    _round(pick, data)
    if _plain(data) and pick.random() < 0.3:
        _by_cards(pick, data)
        if pick.random() < 0.4:
            _with_two_drugs(pick, data)
    if "film" in data["physics"] and pick.random() < 0.4:
        _correlated(pick, data)
    if "infill" in data["tablet"]:
        _with_channels(pick, data)
    return data


# --- bodies -------------------------------------------------------------------------------------


def _round(pick: Random, data: Data) -> None:
    """Turn two blocks of three into caplets and capsules."""
    tablet = data["tablet"]
    if tablet["shape"]["kind"] != "block":
        return
    kind = pick.choice(["block", "caplet", "capsule"])
    parts = [tablet, *tablet.get("region", [])]
    for part in parts:
        part["shape"] = _rounded(part["shape"], kind)
    if kind != "block" and "sealed" in tablet:  # sides of round bodies have no direction
        tablet["sealed"] = ["top"] if kind == "caplet" else []
    if kind == "capsule":
        tablet.pop("sealed", None)


def _rounded(block: Data, kind: str) -> Data:
    if kind == "capsule":
        return {"kind": kind, "length": block["length"], "diameter": block["height"]}
    return block | {"kind": kind}


# --- cards --------------------------------------------------------------------------------------


def _plain(data: Data) -> bool:
    """Whether one material without a drug card is all there is."""
    parts = {"layer", "region"} & set(data["tablet"])
    return "concentration" in data["formulation"] and not parts


def _by_cards(pick: Random, data: Data) -> None:
    """Name drug, polymer and medium; the solubility follows from the cards most of the time."""
    loading = f"{100.0 * _log(pick, 0.01, 0.4):.4g} %"
    data["formulation"] = {
        "drug": pick.choice(DRUGS),
        "polymer": POLYMER,
        "drug_loading": loading,
    }
    medium = data.setdefault("medium", {})
    medium.setdefault("name", MEDIUM)
    law = data["physics"].get("dissolution", {})
    if law and pick.random() < 0.7:
        del law["solubility"]
        for event in medium.get("event", []):
            event.get("set", {}).pop("dissolution.solubility", None)
        if pick.random() < 0.5 and "event" not in medium:
            at = pick.uniform(0.1, 0.9) * _number(data["run"]["until"])
            medium["event"] = [{"at": f"{at:.6g} s", "medium": "hcl_0_1n"}]


def _with_two_drugs(pick: Random, data: Data) -> None:
    """Put a second drug beside the first, with laws of its own some of the time."""
    made, physics = data["formulation"], data["physics"]
    first = made["drug"]
    second = pick.choice([name for name in DRUGS if name != first])
    shares = 0.9 * _number(made["drug_loading"]), 100.0 * _log(pick, 0.01, 0.3)
    data["formulation"] = {
        "components": [
            {"drug": first, "fraction": f"{shares[0]:.5g} %"},
            {"drug": second, "fraction": f"{shares[1]:.5g} %"},
            {"polymer": POLYMER, "fraction": f"{100.0 - sum(_rounded_off(s) for s in shares)!r} %"},
        ]
    }
    own = {}
    if pick.random() < 0.6:
        D = _log(pick, 0.1, 10.0) * _diffusivity(data)
        own["diffusion"] = {"law": "ConstantDiffusivity", "D": f"{D:.6g} m2/s"}
    if pick.random() < 0.3:
        own["dissolution"] = {"law": "LocalEquilibrium"}
    if own:
        physics[second] = own


def _rounded_off(share: float) -> float:
    return float(f"{share:.5g}")


# --- film ---------------------------------------------------------------------------------------


def _correlated(pick: Random, data: Data) -> None:
    """Take the film from the flow: by numbers of the law's own, or by apparatus and cards."""
    physics, medium = data["physics"], data.setdefault("medium", {})
    name = pick.choice(CORRELATIONS)
    for event in medium.get("event", []):
        event.get("set", {}).pop("film.k", None)
    if "drug" in data["formulation"] and pick.random() < 0.6:
        physics["film"] = {"law": name}
        medium.setdefault("name", MEDIUM)  # its viscosity
        medium["apparatus"] = pick.choice(["usp1", "usp2", "usp4"])
        medium["speed"] = f"{pick.randint(25, 150)} rpm"
        return
    D = _log(pick, 1.0, 100.0) * _diffusivity(data)
    viscosity, length = D * _log(pick, 100.0, 2000.0), _half(data)
    flow = {"velocity": f"{_log(pick, 0.1, 300.0) * viscosity / length:.6g} m/s"}
    if name == "Levich1962":
        flow = {"rotation": f"{_log(pick, 1.0, 100.0) * D / length**2:.6g} rad/s"}
    numbers = {"kinematic_viscosity": viscosity, "diffusivity": D}
    given = {key: f"{value:.6g} m2/s" for key, value in numbers.items()}
    physics["film"] = {"law": name, **flow, **given}


# --- channels -----------------------------------------------------------------------------------


def _with_channels(pick: Random, data: Data) -> None:
    """Open the infill, and let its channels stand still or fill late, some of the time."""
    tablet, physics = data["tablet"], data["physics"]
    if pick.random() < 0.6:
        tablet |= {"walls": 0, "roofs": 0, "floors": 0}
    turn = pick.random()
    if turn < 0.5 and "erosion" not in physics:  # growing channels are refused by name
        D = _log(pick, 1.0, 100.0) * _diffusivity(data)
        physics["channels"] = {"law": "StagnantChannels", "D": f"{D:.6g} m2/s"}
    elif turn < 0.8:
        delay = _log(pick, 0.01, 0.5) * _number(data["run"]["until"])
        physics["channels"] = {"law": "WettedChannels", "delay": f"{delay:.6g} s"}


# --- numbers ------------------------------------------------------------------------------------


def _log(pick: Random, low: float, high: float) -> float:
    return math.exp(pick.uniform(math.log(low), math.log(high)))


def _number(text: str) -> float:
    return float(text.split(maxsplit=1)[0])


def _half(data: Data) -> float:
    """Half of the smallest size [m]."""
    tablet = data["tablet"]
    layers = [_number(layer["thickness"]) for layer in tablet.get("layer", [])]
    sizes = [_number(v) for k, v in tablet["shape"].items() if k not in ("kind", "area")]
    return 0.5 * (sum(layers) or min(sizes))


def _diffusivity(data: Data) -> float:
    """Of the drug [m2/s], or what would empty the body in time."""
    law = data["physics"]["diffusion"]
    found = [_number(law[key]) for key in ("D", "D0", "D_gel", "D_pore") if key in law]
    return found[0] if found else _half(data) ** 2 / _number(data["run"]["until"])

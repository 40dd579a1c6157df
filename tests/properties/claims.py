"""What must hold for every valid study, whatever its laws: conservation, order, symmetry, units.

A claim takes the plain data of a study and its result and returns a `Finding`; None where it says
nothing about that study. Curves are compared where `Release.error_estimate` judges them: beyond
10 % released, and whole where they never come that far. A polymer that leaves below a critical
molar mass makes a curve jump: there the other curve must lie between the neighbouring outputs.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from releasesim.curve import ReleaseCurve
from releasesim.simulation import Release, simulate
from releasesim.study import Study

Data = dict[str, Any]

LEDGER = 1e-10
#: Differences below this are rounding, and the tolerance of the Lanczos stopping rule.
ROUNDING = 1e-6
#: Largest difference of two curves, of the sum of their error estimates.
ESTIMATES = 2.0

_QUANTITY = re.compile(r"([-+0-9.e]+) (\S+)")
#: Powers of length and time in each unit that studies are written in.
_POWERS = {
    "m": (1, 0),
    "m2": (2, 0),
    "m3": (3, 0),
    "s": (0, 1),
    "1/s": (0, -1),
    "rad/s": (0, -1),
    "m/s": (1, -1),
    "m2/s": (2, -1),
    "kg/m2/s": (1, -1),  # at the same density
    "m3/mol/s": (0, -1),  # at the same concentration
}


@dataclass(frozen=True)
class Finding:
    """What a claim found: `found` must not be above `allowed`."""

    claim: str
    found: float
    allowed: float

    @property
    def holds(self) -> bool:
        """Whether the claim holds; a NaN does not."""
        return bool(self.found <= self.allowed)

    def __str__(self) -> str:
        return f"{self.claim}: {self.found:.3g}, at most {self.allowed:.3g}"


def run(data: Data) -> Release:
    """Simulate the study that plain data describes."""
    return simulate(Study.from_dict(data))


# --- of one result ------------------------------------------------------------------------------


def account(release: Release) -> list[Finding]:
    """Bounds, start, ledger and estimate of one result."""
    curves = [release.curve, *release.several.values()]
    f = np.concatenate([curve.fraction for curve in curves])
    estimated = np.isfinite(release.error_estimate) and release.error_estimate >= 0.0
    return [
        Finding("every fraction is a number", float((~np.isfinite(f)).sum()), 0.0),
        Finding("nothing is released at time 0", _at_start(curves), 0.0),
        Finding("no less than nothing is released", -float(f.min()), 0.0),
        Finding("no more than the dose is released", float(f.max()) - 1.0, 0.0),
        Finding("the ledger closes", release.ledger_error, LEDGER),
        Finding("there is an error estimate", float(not estimated), 0.0),
    ]


def _at_start(curves: list[ReleaseCurve]) -> float:
    return max(abs(float(curve.fraction[0])) for curve in curves)


def monotone(data: Data, release: Release) -> Finding | None:
    """Claim that what a sink has taken never comes back.

    A finite bath may give drug back: to a layer that was empty, or to a device that swells.
    """
    if not in_sink(data):
        return None
    allowed = np.nan_to_num(release.error_estimate) + ROUNDING
    return Finding("released drug stays out of a sink", fall(release), float(allowed))


def fall(release: Release) -> float:
    """Deepest fall of a curve below what it had reached [-]."""
    f = release.curve.fraction
    return float((np.maximum.accumulate(f) - f).max())


def written_and_read(data: Data) -> Finding:
    """Claim that a study is the same once written and read."""
    study = Study.from_dict(data)
    again = Study.from_dict(study.to_data())
    same = again == study and again.hash == study.hash and again.to_data() == study.to_data()
    return Finding("a study equals itself written and read", float(not same), 0.0)


def in_sink(data: Data) -> bool:
    """Whether the drug never comes back from the bath."""
    return "volume" not in data.get("medium", {})


# --- of two results -----------------------------------------------------------------------------


def larger(data: Data, release: Release) -> Finding | None:
    """Lengths by a, diffusivities and areas by a^2, speeds by a, volumes by a^3: the same curve."""
    if moved_by_cards(data):
        return None
    return _same("a larger body with faster laws", data, release, scaled(data, length=1.0 / 0.7))


def slower(data: Data, release: Release) -> Finding | None:
    """All rates by b and all times by 1/b: the same curve."""
    if moved_by_cards(data):
        return None
    return _same("slower laws and a longer run", data, release, scaled(data, time=3.0))


def mirrored(data: Data, release: Release) -> Finding | None:
    """Upside down: the same curve."""
    tablet = copy.deepcopy(data["tablet"])
    if not ("layer" in tablet or {"top", "bottom", "z+"} & set(tablet.get("sealed", []))):
        return None
    if "layer" in tablet:
        tablet["layer"].reverse()
    swapped = {"top": "bottom", "bottom": "top", "z+": "z-"}
    if "sealed" in tablet:
        tablet["sealed"] = [swapped.get(face, face) for face in tablet["sealed"]]
    return _same("upside down", data, release, data | {"tablet": tablet})


def turned(data: Data, release: Release) -> Finding | None:
    """Turned by a quarter, length for width: the same curve."""
    tablet = copy.deepcopy(data["tablet"])
    if tablet["shape"]["kind"] != "block":
        return None
    for shape in [tablet["shape"], *(part["shape"] for part in tablet.get("region", []))]:
        shape["length"], shape["width"] = shape["width"], shape["length"]
    swapped = {"x-": "y-"}
    if "sealed" in tablet:
        tablet["sealed"] = [swapped.get(face, face) for face in tablet["sealed"]]
    return _same("turned by a quarter", data, release, data | {"tablet": tablet})


def refined(data: Data, release: Release) -> Finding | None:
    """A tighter tolerance gives the same curve within what both say of themselves."""
    if "tolerance" not in data["run"]:
        return None
    tight = data | {"run": data["run"] | {"tolerance": "0.2 %"}}
    return _same("at a tolerance of 0.2 %", data, release, tight)


def resisted(data: Data, release: Release) -> Finding | None:
    """A film of more resistance never releases faster into a sink.

    Not where acid diffuses: a film keeps it in, and hydrolysis speeds up.
    """
    physics = data["physics"]
    acid = physics.get("hydrolysis", {}).get("D_acid", "0 m2/s")
    known = "k" in physics.get("film", {})
    if not in_sink(data) or not known or float(acid.split()[0]) > 0.0:
        return None
    changed = copy.deepcopy(data)
    changed["physics"]["film"]["k"] = _scaled_text(physics["film"]["k"], 0.5)
    for event in changed.get("medium", {}).get("event", []):
        if "film.k" in event.get("set", {}):
            event["set"]["film.k"] = _scaled_text(event["set"]["film.k"], 0.5)
    other = run(changed)
    gap = other.curve.fraction - release.curve.fraction
    if jumps(data):
        gap = other.curve.fraction - _neighbours(release)[1]
    found = _largest(gap, release, other)
    return Finding("more resistance is never faster", found, _both(release, other))


def moved_by_cards(data: Data) -> bool:
    """Whether the flow around the tablet is that of apparatus and cards, which nobody scales."""
    return "apparatus" in data.get("medium", {})


def one_pair(number: int, data: Data, release: Release) -> Finding | None:
    """Ask the claim whose turn it is, or the next one that says something about this study."""
    names = list(PAIRS)
    for step in range(len(names)):
        found = PAIRS[names[(number + step) % len(names)]](data, release)
        if found is not None:
            return found
    return None


#: Claims that compare two results, by name.
PAIRS: dict[str, Callable[[Data, Release], Finding | None]] = {
    claim.__name__: claim for claim in (larger, slower, mirrored, turned, refined, resisted)
}


def _same(words: str, data: Data, one: Release, changed: Data) -> Finding:
    other = run(changed)
    below, above = _neighbours(one) if jumps(data) else (one.curve.fraction, one.curve.fraction)
    f = other.curve.fraction
    gap = np.maximum(np.maximum(below - f, f - above), 0.0)
    return Finding(f"the same curve {words}", _largest(gap, one, other), _both(one, other))


def jumps(data: Data) -> bool:
    """Whether a polymer leaves all at once."""
    parts = [*data["tablet"].get("layer", []), *data["tablet"].get("region", [])]
    laws = [data["physics"], *(part.get("physics", {}) for part in parts)]
    return any("Mn_critical" in physics.get("hydrolysis", {}) for physics in laws)


def _neighbours(release: Release) -> tuple[np.ndarray, np.ndarray]:
    """Least and largest of each output and the two beside it."""
    f = np.pad(release.curve.fraction, 1, mode="edge")
    beside = np.stack([f[:-2], f[1:-1], f[2:]])
    return beside.min(axis=0), beside.max(axis=0)


def _both(one: Release, other: Release) -> float:
    """Return what two curves may differ by."""
    return ESTIMATES * (one.error_estimate + other.error_estimate) + ROUNDING


def _largest(gap: np.ndarray, one: Release, other: Release) -> float:
    judged = np.maximum(one.curve.fraction, other.curve.fraction) > 0.1
    return float(gap[judged].max() if judged.any() else gap.max())


# --- units --------------------------------------------------------------------------------------


def scaled(data: Any, length: float = 1.0, time: float = 1.0) -> Any:
    """Return the same study with all lengths and all times multiplied."""
    if isinstance(data, dict):
        return {key: scaled(value, length, time) for key, value in data.items()}
    if isinstance(data, list):
        return [scaled(value, length, time) for value in data]
    found = _QUANTITY.fullmatch(data) if isinstance(data, str) else None
    if found is None:
        return data
    powers = _POWERS.get(found[2], (0, 0))
    return _scaled_text(data, length ** powers[0] * time ** powers[1])


def _scaled_text(text: str, factor: float) -> str:
    number, unit = text.split()
    return f"{float(number) * factor:.15g} {unit}"

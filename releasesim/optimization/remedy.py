"""A target that cannot be reached: the smallest single change that would make it reachable."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ReleaseSimError
from releasesim.optimization.acceptance import f2_words
from releasesim.optimization.curves import Geometry
from releasesim.optimization.dose import allowed_loading
from releasesim.optimization.polypill import WantedOfDrugs
from releasesim.optimization.search import SEARCH_SPACING, Search, Trial
from releasesim.optimization.space import Space
from releasesim.parameters import get_parameter
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.study import Vary
from releasesim.units import format_quantity

Array = NDArray[np.float64]

#: Tablets whose material or ranges are moved.
_STARTS = 4
#: Factors by which a material may be faster or slower.
_FACTORS = np.geomspace(0.01, 100.0, 121)
#: A range is widened to so many times its width on either side.
_WIDER = 1.0
_WHOLE_RANGE = {"infill.density": (0.05, 1.0), "road_width": (0.2e-3, 1.5e-3)}


@dataclass(frozen=True)
class Remedy:
    """One change by which the target would be met, on the grid of the search.

    Parameters
    ----------
    words : str
        What would have to change, to what, and what f2 it gives.
    change : float
        Its size: absolute logarithm of the ratio of new to old [-].
    """

    words: str
    change: float


def changes_tried(search: Search) -> tuple[str, ...]:
    """Kinds of change that `remedies` tries, in words; none where no tablet can help."""
    if search.wanted.obstacle is not None:
        return ()
    kinds = {
        "another rate of the same kind of polymer": _one_rate(search),
        "a wider range": bool(search.space.continuous),
        "more or less drug": _loading_follows(search),
    }
    return tuple(words for words, tried in kinds.items() if tried)


def remedies(search: Search, best: Sequence[Trial]) -> tuple[Remedy, ...]:
    """Single changes that would make the target reachable, the smallest first.

    Where no tablet can help, another dose, if one is known that would do. Else: a material as
    fast or as slow as needed, printed as the best tablets are; a range of [design] made wider; a
    drug loading beyond what the polymer takes. None of them where nothing helps.

    Parameters
    ----------
    search : Search
    best : sequence of Trial
        The best tablets found, best first.
    """
    obstacle = search.wanted.obstacle
    if obstacle is not None:
        return (Remedy(obstacle.remedy, obstacle.change),) if obstacle.remedy else ()
    starts = best[:_STARTS]
    found = [
        *_by_material(search, starts),
        *_by_range(search, starts),
        *_by_loading(search, starts),
    ]
    return tuple(sorted(found, key=lambda remedy: remedy.change))


# --- another material ---------------------------------------------------------------------------


def _by_material(search: Search, starts: Sequence[Trial]) -> Iterator[Remedy]:
    """The same tablet of a polymer whose diffusivity or front speed is another."""
    best: tuple[float, float, Trial] | None = None
    if not _one_rate(search):
        return
    for trial in starts:
        factor, f2 = _needed_factor(search, trial)
        size = abs(math.log(factor)) if factor else math.inf
        if factor and (best is None or size < abs(math.log(best[0]))):
            best = factor, f2, trial
    if best is not None:
        factor, f2, trial = best
        yield Remedy(_material_words(trial, factor, f2), abs(math.log(factor)))


def _one_rate(search: Search) -> bool:
    """Whether there is one drug: one rate of a material says nothing of two."""
    return not isinstance(search.wanted, WantedOfDrugs)


def _needed_factor(search: Search, trial: Trial) -> tuple[float, float]:
    """Factor on the rate nearest to 1 at which the target is met, and its f2; 0 for none."""
    wanted = search.wanted
    mechanism = mechanism_of(dataclasses.replace(trial.material.study, tablet=trial.tablet))
    geometry = Geometry(trial.tablet, SEARCH_SPACING, wanted.times, [])
    if not geometry.shares(mechanism):
        return 0.0, 0.0
    curves = geometry.many([_faster(mechanism, float(factor)) for factor in _FACTORS])
    met = [
        (abs(math.log(factor)), float(factor), wanted.similarity(curve))
        for factor, curve in zip(_FACTORS, curves, strict=True)
        if wanted.meets(curve)
    ]
    return min(met)[1:] if met else (0.0, 0.0)


def _faster(mechanism: Mechanism, factor: float) -> Mechanism:
    materials = tuple(
        dataclasses.replace(m, diffusivity=factor * m.diffusivity) for m in mechanism.materials
    )
    speeds = tuple(factor * speed for speed in mechanism.speeds)
    return dataclasses.replace(mechanism, materials=materials, speeds=speeds)


def _material_words(trial: Trial, factor: float, f2: float) -> str:
    mechanism = trial.material.mechanism
    if mechanism.kind == "erosion":
        what, value = "front speed", format_quantity(factor * mechanism.speeds[0], "mm/h", 3)
    else:
        rate = factor * mechanism.materials[0].diffusivity
        what, value = "diffusivity", format_quantity(rate, "m2/s", 3)
    return (
        f"a polymer whose {what} is {value}, {factor:.2g} times {trial.material.name}'s, printed "
        f"as the best tablet is, would reach {f2_words(f2, 0)}"
    )


# --- a wider range ------------------------------------------------------------------------------


def _by_range(search: Search, starts: Sequence[Trial]) -> Iterator[Remedy]:
    for n, item in enumerate(search.space.continuous):
        wide = _wider(item)
        space = _with_range(search.space, n, wide)
        freed = Search(space, search.spec, search.wanted, search.materials)
        trial = _reached(freed, [_moved(start, n, item, wide) for start in starts])
        if trial is None:
            continue
        value = float(get_parameter(trial.tablet, item.name))  # as the dose has scaled it
        if item.minimum <= value <= item.maximum:
            continue  # reached inside the old range: not what limits
        end = item.minimum if value < item.minimum else item.maximum
        f2 = search.wanted.similarity(trial.fraction)
        yield Remedy(_range_words(trial, item, value, end, f2), abs(math.log(value / end)))


def _wider(item: Vary) -> Vary:
    width = item.maximum - item.minimum
    low, high = _WHOLE_RANGE.get(item.name, (0.25 * item.minimum, math.inf))
    return Vary(
        item.name,
        max(low, item.minimum - _WIDER * width, 1e-6 * item.maximum),
        min(high, item.maximum + _WIDER * width),
    )


def _with_range(space: Space, n: int, wide: Vary) -> Space:
    ranges = (*space.continuous[:n], wide, *space.continuous[n + 1 :])
    return dataclasses.replace(space, continuous=ranges)


def _moved(start: Trial, n: int, old: Vary, wide: Vary) -> Trial:
    """The same tablet in a space where one range is wider."""
    value = old.minimum + start.point[n] * (old.maximum - old.minimum)
    share = (value - wide.minimum) / (wide.maximum - wide.minimum)
    point = (*start.point[:n], float(np.clip(share, 0.0, 1.0)), *start.point[n + 1 :])
    return dataclasses.replace(start, point=point)


def _range_words(trial: Trial, item: Vary, value: float, end: float, f2: float) -> str:
    from releasesim.study.routes import text_for

    study = trial.material.study
    side = "at least" if end == item.minimum else "at most"
    to, now = (_shown(text_for(study, item.name, number)) for number in (value, end))
    return (
        f"{item.name} = {to} ({side} {now} is allowed), of {trial.material.name}, would reach "
        f"{f2_words(f2, 0)}"
    )


def _shown(text: Any) -> str:
    """A quantity of three digits."""
    number, _, unit = str(text).partition(" ")
    return f"{float(number):.3g} {unit}".strip()


# --- more drug ----------------------------------------------------------------------------------


def _by_loading(search: Search, starts: Sequence[Trial]) -> Iterator[Remedy]:
    """Tablets whose polymer would have to take more or less drug than it does."""
    if not _loading_follows(search):
        return
    freed = Search(search.space, search.spec, search.wanted, search.materials, any_loading=True)
    trial = _reached(freed, starts)
    if trial is None:
        return
    loading, polymer = trial.tablet.formulation.drug_loading, trial.tablet.formulation.polymer
    if polymer is None:
        return
    low, high = allowed_loading(polymer, trial.material.study)
    if low <= loading <= high:
        return
    end = low if loading < low else high
    f2 = search.wanted.similarity(trial.fraction)
    yield Remedy(
        f"a drug loading of {loading:.0%} ({trial.material.name} takes {low:.0%} to {high:.0%}) "
        f"would reach {f2_words(f2, 0)}",
        abs(math.log(loading / end)),
    )


def _loading_follows(search: Search) -> bool:
    """Whether one drug's loading follows from its dose."""
    return search.spec.dose is not None and search.spec.absorbs_dose == "drug_loading"


# --- search -------------------------------------------------------------------------------------


def _reached(search: Search, starts: Sequence[Trial]) -> Trial | None:
    """The first tablet downhill from the starts that meets the target."""
    wanted = search.wanted
    for start in starts:
        try:
            again = search.trial(start.material, start.pattern, start.choice, start.point)
            trial = again if isinstance(again, str) else search.refine(again)
        except ReleaseSimError:
            continue
        if isinstance(trial, Trial) and wanted.meets(trial.fraction):
            return trial
    return None

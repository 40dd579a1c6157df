"""Designs that withstand what is not known: the chance to meet the target, and its maximum."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError, InputError
from releasesim.optimization.curves import Geometry
from releasesim.optimization.materials import Material, is_printed
from releasesim.optimization.search import SEARCH_SPACING, Search, Trial
from releasesim.optimization.uncertainty import Draw, Uncertainty
from releasesim.parameters import get_parameter, replace_parameter
from releasesim.simulation.mechanism import mechanism_of
from releasesim.study import Level, RobustSpec, Study
from releasesim.tablet import Tablet

Array = NDArray[np.float64]

#: Grid on which chances are counted [m].
COUNTED_SPACING = 1e-4
#: Draws that the search looks at, of which there are more for the final count.
_SEARCHED = 32
#: Evaluations of the climb.
_CLIMB = 24
#: Shortfall over which the smoothed chance goes from yes to no [-].
_SMOOTH = 0.02
#: Change of mass over which its effect is taken, and share of draws below what others are taken to.
_MASS_STEP, _LOW = 0.05, 0.16
#: Seed of the final count over that of the search: what was climbed is not what is counted.
_FRESH = 7919


@dataclass(frozen=True, eq=False)
class Chance:
    """What becomes of a tablet where its inputs are not what the cards say.

    Parameters
    ----------
    probability : float
        Share of the draws in which the target is met [-].
    low, middle, high : (n,) ndarray
        5, 50 and 95 % of the released fraction at the judged times [-].
    samples : int
        Draws.
    inputs : tuple of str
        What was drawn.
    """

    probability: float
    low: Array
    middle: Array
    high: Array
    samples: int
    inputs: tuple[str, ...]

    @property
    def standard_error(self) -> float:
        """Of the probability, as if draws were independent [-]."""
        p = self.probability
        return math.sqrt(p * (1.0 - p) / self.samples)

    def words(self) -> str:
        """The same as a sentence."""
        return (
            f"meets the target in {self.probability:.0%} (± {2 * self.standard_error:.0%}) of "
            f"{self.samples} draws of {', '.join(self.inputs) or 'nothing'}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "probability": self.probability,
            "standard_error": self.standard_error,
            "samples": self.samples,
            "inputs": list(self.inputs),
            "low": self.low.tolist(),
            "median": self.middle.tolist(),
            "high": self.high.tolist(),
        }


def chance_of(
    trial: Trial, search: Search, spec: RobustSpec, seed: int, fine: Array | None = None
) -> Chance:
    """Count in how many draws a tablet meets the target.

    Parameters
    ----------
    trial : Trial
        The tablet, on the search grid.
    search : Search
    spec : RobustSpec
    seed : int
    fine : (n,) ndarray, optional
        Its curve to the study's tolerance at the judged times: draws are then solved on a finer
        grid than the search's, and moved by what that one still gets wrong [-].
    """
    uncertainty = Uncertainty.of(trial.material.study, spec)
    draws = uncertainty.draws(spec.samples, seed + _FRESH)
    drawn = Drawn(trial.material, draws)
    if fine is None:
        curves = drawn.curves(trial, search)
    else:
        geometry = Geometry(trial.tablet, COUNTED_SPACING, search.wanted.times, [])
        made = dataclasses.replace(trial.material.study, tablet=trial.tablet)
        error = fine - geometry.curve(mechanism_of(made))
        curves = np.clip(drawn.curves(trial, search, geometry) + error, 0.0, 1.0)
    everybody = search.wanted.drawn(len(draws), seed + _FRESH)
    met = [wanted.meets(curve) for wanted, curve in zip(everybody, curves, strict=True)]
    low, middle, high = np.quantile(curves, (0.05, 0.5, 0.95), axis=0)
    patient = () if search.wanted.people is None else ("the patient",)
    inputs = (*uncertainty.inputs, *patient)
    return Chance(float(np.mean(met)), low, middle, high, len(draws), inputs)


def chances_of(trials: Sequence[Trial], search: Search, spec: RobustSpec, seed: int) -> list[float]:
    """Shares of the draws in which trials meet the target, on the search grid [-].

    The draws of a polymer are the same for all its trials.
    """
    drawn: dict[str, Drawn] = {}
    found = []
    for trial in trials:
        name = trial.material.name
        if name not in drawn:
            drawn[name] = _drawn(trial.material, spec, seed + _FRESH, spec.samples)
        curves = drawn[name].curves(trial, search)
        everybody = search.wanted.drawn(len(curves), seed + _FRESH)
        met = [wanted.meets(curve) for wanted, curve in zip(everybody, curves, strict=True)]
        found.append(float(np.mean(met)))
    return found


def most_likely(
    trials: Sequence[Trial], search: Search, spec: RobustSpec, seed: int
) -> list[Trial]:
    """Trials by their smoothed chance, best first: the same draws for all of one polymer."""
    drawn: dict[str, Drawn] = {}
    losses = []
    for trial in trials:
        material = trial.material
        if material.name not in drawn:
            drawn[material.name] = _drawn(material, spec, seed, _SEARCHED)
        losses.append(_loss(trial, search, drawn[material.name], seed))
    return [trials[n] for n in np.argsort(losses, kind="stable")]


def climb(start: Trial, search: Search, spec: RobustSpec, seed: int) -> Trial:
    """The tablet near a start whose chance is highest, its discrete parameters fixed.

    The same draws judge every tablet, and the chance is smoothed over the edge of acceptance;
    Nelder and Mead, Comput. J. 7 (1965) 308, since grids make it rugged.
    """
    from scipy.optimize import minimize

    drawn = _drawn(start.material, spec, seed, _SEARCHED)
    held = search.space.pinned(start.point)
    free = [n for n in range(search.space.dimension) if n not in held]
    if not free:
        return start
    best, least = start, _loss(start, search, drawn, seed)

    def loss(moved: Array) -> float:
        nonlocal best, least
        if moved.min() < 0.0 or moved.max() > 1.0:
            return 1.0 + float(np.clip(-moved, 0, None).sum() + np.clip(moved - 1, 0, None).sum())
        point = np.array(start.point)
        point[free] = moved
        trial = search.trial(start.material, start.pattern, start.choice, point.tolist())
        if isinstance(trial, str):
            return 1.0
        value = _loss(trial, search, drawn, seed)
        if value < least:
            best, least = trial, value
        return value

    middle = np.array(start.point)[free]
    corners = np.array([middle, *(middle + _inward(middle, n) for n in range(len(free)))])
    options: Any = {"maxfev": _CLIMB, "initial_simplex": corners, "xatol": 5e-3, "fatol": 1e-3}
    minimize(loss, middle, method="Nelder-Mead", options=options)
    return best


def _drawn(material: Material, spec: RobustSpec, seed: int, most: int) -> Drawn:
    """The material in so many draws, at most."""
    uncertainty = Uncertainty.of(material.study, spec)
    return Drawn(material, uncertainty.draws(min(most, spec.samples), seed))


class Drawn:
    """One material as it could be, in so many draws.

    Parameters
    ----------
    material : Material
    draws : sequence of Draw
    """

    def __init__(self, material: Material, draws: Sequence[Draw]) -> None:
        self.masses = np.array([draw.mass for draw in draws])
        self._printed = {
            name: np.array([draw.changes[name] for draw in draws], float)
            for name in draws[0].changes
            if is_printed(material.study, name)
        }
        self._made_of = [
            {name: value for name, value in draw.changes.items() if name not in self._printed}
            for draw in draws
        ]
        self._studies = [_changed(material.study, changes) for changes in self._made_of]

    def curves(self, trial: Trial, search: Search, fine: Geometry | None = None) -> Array:
        """Released fraction of the mean dose at the judged times, (k, n) [-]."""
        geometry = fine or search.geometry(trial.material, trial.choice, trial.point)
        if not isinstance(geometry, Geometry) or geometry.tablet.shape != trial.tablet.shape:
            geometry = Geometry(trial.tablet, SEARCH_SPACING, search.wanted.times, [])
        curves = geometry.many([mechanism_of(study) for study in self._made(trial)])
        moved = curves + self._of_print(trial, search)
        return np.asarray(np.clip(moved, 0.0, None)) if self._prints else curves

    @property
    def _prints(self) -> bool:
        return bool(self._printed) or np.ptp(self.masses) > 0.0

    def _of_print(self, trial: Trial, search: Search) -> Array:
        """What prints that are not as they should be change, to first order, (k, n) or 0 [-]."""
        change: Array = np.zeros((self.masses.size, 1))
        if np.ptp(self.masses) > 0.0:
            ends = (1.0 - _MASS_STEP, 1.0 + _MASS_STEP)
            slope = _slope(trial, search, trial.tablet.heavier, ends, 1.0)
            change = change + np.outer(self.masses - 1.0, slope)
        for name, values in self._printed.items():
            middle = float(get_parameter(trial.tablet, name))
            ends = (float(np.quantile(values, _LOW)), float(np.quantile(values, 1.0 - _LOW)))
            made = partial(replace_parameter, trial.tablet, name)
            slope = _slope(trial, search, made, ends, middle)
            change = change + np.outer(values - middle, slope)
        return change

    def _made(self, trial: Trial) -> Iterator[Study]:
        """The trial's tablet of every drawn material."""
        tablet = trial.tablet
        if tablet.regions or tablet.layers:  # whose own materials are drawn too
            made = dataclasses.replace(trial.material.study, tablet=tablet)
            yield from (_changed(made, changes) for changes in self._made_of)
            return
        loading = tablet.formulation.drug_loading
        for study in self._studies:
            drawn = dataclasses.replace(study.tablet.formulation, drug_loading=loading)
            yield dataclasses.replace(study, tablet=tablet.with_formulation(drawn))


def _changed(study: Study, changes: Mapping[str, Level]) -> Study:
    for name, value in changes.items():
        study = study.replace(name, value)
    return study


def _loss(trial: Trial, search: Search, drawn: Drawn, seed: int) -> float:
    """1 less the smoothed chance, and a little of the misfit so that plateaus have a slope [-]."""
    wanted = search.wanted
    curves = drawn.curves(trial, search)
    everybody = zip(wanted.drawn(len(curves), seed), curves, strict=True)
    margins = np.array([one.inside(curve) for one, curve in everybody])
    chance = float(np.mean(1.0 / (1.0 + np.exp(-np.clip(margins / _SMOOTH, -50.0, 50.0)))))
    return 1.0 - chance + 0.1 * float(np.sqrt(np.mean((curves - wanted.goal) ** 2)))


def _slope(
    trial: Trial,
    search: Search,
    made: Callable[[float], Tablet],
    ends: tuple[float, float],
    middle: float,
) -> Array:
    """Change of the released fraction of the mean dose with a number of the print, (n,) [-]."""
    mechanism = mechanism_of(dataclasses.replace(trial.material.study, tablet=trial.tablet))
    points = []
    for value in ends:
        try:
            tablet = made(value)
            grid = Geometry(tablet, SEARCH_SPACING, search.wanted.times, [mechanism])
            amount = tablet.dose() / trial.tablet.dose()
            points.append((value, amount * grid.curve(mechanism)))
        except (GeometryError, InputError):  # such as roads that cannot be that wide: one side
            points.append((middle, trial.fraction))
    (low, one), (high, other) = points
    return np.asarray((other - one) / (high - low)) if high != low else np.zeros_like(one)


def _inward(middle: Array, n: int) -> Array:
    """A step along one axis that stays inside the unit cube."""
    step = np.zeros(middle.size)
    step[n] = 0.12 if middle[n] < 0.8 else -0.12
    return step

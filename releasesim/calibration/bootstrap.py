"""Bootstrap over vessels: whole ones are drawn again, so that intervals hold their scatter."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.experiment import Experiment
from releasesim.calibration.points import Points
from releasesim.calibration.problem import Problem
from releasesim.calibration.result import Estimate
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError

Array = NDArray[np.float64]

_NEWTON = 4
"""Gauss-Newton steps of a resample where curves cost nothing; one where they do not."""
_FEW = 6


@dataclass(frozen=True, eq=False)
class Scatter:
    """Parameters of every resample.

    Parameters
    ----------
    values : (resamples, p) ndarray
        In SI.
    notes : tuple of str
        How they were made.
    """

    values: Array
    notes: tuple[str, ...]

    def onto(self, estimates: Sequence[Estimate]) -> list[Estimate]:
        """Estimates with their percentile intervals."""
        low, high = np.quantile(self.values, [0.025, 0.975], axis=0)
        return [
            dataclasses.replace(one, boot_low=float(low[i]), boot_high=float(high[i]))
            for i, one in enumerate(estimates)
        ]


def resample_vessels(
    experiments: Sequence[Experiment], problem: Problem, x: Array, resamples: int, seed: int
) -> Scatter:
    """Draw vessels of every experiment with replacement, fit their means.

    Each resample starts from the fit and takes Gauss-Newton steps: its means lie near the data's.

    Raises
    ------
    InputError
        An experiment has no vessels, or fewer than 20 resamples are asked for.
    """
    if resamples < 20:
        raise InputError(f"bootstrap = {resamples}: at least 20 resamples are needed")
    vessels = [_vessels(one) for one in experiments]
    random = np.random.default_rng(seed)
    found = np.empty((resamples, x.size))
    steps = _NEWTON if problem.cheap else 1
    for row in range(resamples):
        drawn = [
            _resampled(part.points, units, random)
            for part, units in zip(problem.parts, vessels, strict=True)
        ]
        found[row] = problem.values(_follow(problem.with_points(drawn), x, steps))
    return Scatter(found, tuple(_notes(vessels, resamples, steps)))


def _vessels(experiment: Experiment) -> Array:
    """Released fraction of every vessel after time 0, (n, vessels)."""
    data = experiment.data
    if not isinstance(data, ReleaseCurve) or data.vessels is None or data.vessels.shape[1] < 2:
        raise InputError(f"'{experiment.name}' has no single vessels: a bootstrap needs them")
    return np.asarray(data.vessels[data.time > 0.0])


def _resampled(points: Points, vessels: Array, random: np.random.Generator) -> Points:
    chosen = random.integers(vessels.shape[1], size=vessels.shape[1])
    return dataclasses.replace(points, fraction=vessels[:, chosen].mean(axis=1))


def _follow(problem: Problem, x: Array, steps: int) -> Array:
    for _ in range(steps):
        J, r = problem.jacobian(x), problem.residuals(x)
        step = np.linalg.lstsq(J, -r, rcond=1e-10)[0]
        x = np.clip(x + np.clip(step, -1.0, 1.0), problem.low, problem.high)
    return x


def _notes(vessels: Sequence[Array], resamples: int, steps: int) -> list[str]:
    how = "refitted" if steps > 1 else "by one Gauss-Newton step each"
    said = [f"bootstrap: {resamples} resamples of whole vessels, {how}, percentiles"]
    fewest = min(one.shape[1] for one in vessels)
    if fewest < _FEW:
        said.append(f"bootstrap over {fewest} vessels: fewer than {_FEW} understate the scatter")
    return said

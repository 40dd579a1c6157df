"""Profile likelihood: how far a parameter can go while the others make up for it.

The profile of a parameter is the least sum of squares S that the others reach while it is held.
Its 95 % interval ends where S = S_min (1 + t^2/(n - p)) (Bates & Watts 1988, 6.1): as Student's t,
but exact in the one dimension that counts when the others bend. An end that is never reached
within the range of the search is open: the data bound the parameter from one side, or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.problem import Problem, shifted
from releasesim.errors import ReleaseSimError

Array = NDArray[np.float64]

_FIRST = 1.0
"""Longest first step in a logarithm [-]."""
_STEPS, _HALVINGS = 40, 30
_CLOSE = 2e-3
"""Relative to the standard error: ends are known to this [-]."""
_BETTER = 1e-6


@dataclass(frozen=True, eq=False)
class Interval:
    """Ends of a 95 % interval in x; infinite where the profile never gets there.

    Parameters
    ----------
    low, high : float
        Logarithms over the start value.
    better : ndarray or None
        A point that fits better than the one that the search had found.
    """

    low: float
    high: float
    better: Array | None = None


def profile_interval(
    problem: Problem, x: Array, i: int, *, scale: float, quantile: float, error: float
) -> Interval:
    """Follow the profile of one parameter both ways.

    Parameters
    ----------
    x : (p,) ndarray
        The best parameters.
    i : int
        Which one.
    scale : float
        s, the standard deviation of a residual of weight 1.
    quantile : float
        Of Student's t.
    error : float
        Standard error of the logarithm, which the first step is made of; may be infinite.
    """
    walk = _Walk(problem, x, i, scale, quantile)
    step = min(error, _FIRST) * quantile
    low, high = (walk.end(sign * step) for sign in (-1.0, 1.0))
    return Interval(low, high, walk.better)


class _Walk:
    """Along one parameter, the others following."""

    def __init__(self, problem: Problem, x: Array, i: int, scale: float, quantile: float) -> None:
        self.problem, self.best, self.i = problem, x, i
        self.scale, self.quantile = scale, quantile
        self.least = problem.cost(x)
        self.others = [j for j in range(x.size) if j != i]
        self.better: Array | None = None

    def end(self, step: float) -> float:
        """Where the profile reaches the quantile, going from the best point by `step` first."""
        limit = self.problem.low[self.i] if step < 0 else self.problem.high[self.i]
        here, at, height = self.best, 0.0, 0.0
        for _ in range(_STEPS):
            far = float(np.clip(self.best[self.i] + at + step, *sorted((self.best[self.i], limit))))
            here = self._follow(here, far)
            reached, last = self._height(here), at
            at = far - self.best[self.i]
            if reached >= self.quantile:
                return self._between(here, (last, height), (at, reached))
            if far == limit:
                return float(np.copysign(np.inf, step))
            height = reached
            step = float(np.clip(step * 2.0, -2.0, 2.0))
        return float(np.copysign(np.inf, step))

    def _between(
        self, here: Array, inside: tuple[float, float], outside: tuple[float, float]
    ) -> float:
        """Close in: the height is nearly linear in the distance."""
        for _ in range(_HALVINGS):
            share = (self.quantile - inside[1]) / max(outside[1] - inside[1], 1e-12)
            at = inside[0] + float(np.clip(share, 0.05, 0.95)) * (outside[0] - inside[0])
            here = self._follow(here, self.best[self.i] + at)
            height = self._height(here)
            if abs(height - self.quantile) < _CLOSE * self.quantile:
                return float(self.best[self.i] + at)
            if height < self.quantile:
                inside = at, height
            else:
                outside = at, height
            if abs(outside[0] - inside[0]) < 1e-6:
                break
        return float(self.best[self.i] + outside[0])

    def _height(self, x: Array) -> float:
        """Root of the rise over the best sum of squares, in s [-]."""
        cost = self.problem.cost(x)
        if cost < self.least * (1.0 - _BETTER) and self.better is None:
            self.better = x
        return float(np.sqrt(max(cost - self.least, 0.0)) / max(self.scale, 1e-300))

    def _follow(self, x: Array, value: float) -> Array:
        """Best others for one value of the parameter, from where they were."""
        moved = shifted(x, self.i, value)
        if not self.others:
            return moved
        from scipy.optimize import leastsq

        def full(others: Array) -> Array:
            whole = moved.copy()
            whole[self.others] = np.clip(
                others, self.problem.low[self.others], self.problem.high[self.others]
            )
            return whole

        def residuals(others: Array) -> Array:
            return self.problem.residuals(full(others))

        def jacobian(others: Array) -> Array:
            return self.problem.jacobian(full(others))[:, self.others]

        start = moved[self.others]
        try:
            found = leastsq(
                residuals, start, Dfun=jacobian, full_output=True, ftol=1e-7, xtol=1e-7, maxfev=60
            )
        except ReleaseSimError:
            return moved
        followed = full(np.asarray(found[0]))
        return followed if self.problem.cost(followed) <= self.problem.cost(moved) else moved

"""The number that a gradient is of, made of a released curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Goal:
    """The number to differentiate: w f, or |f - observed|^2 where w is 1."""

    times: Array
    weights: Array
    observed: Array | None

    @classmethod
    def of(cls, times: Array, weights: ArrayLike | None, misfit: ReleaseCurve | None) -> Goal:
        """Weights (n,) of the fractions at `times`, or squares of what lies between two curves."""
        if (weights is None) == (misfit is None):
            raise InputError("give either weights or a misfit: they make the curve one number")
        if misfit is not None:
            seen = np.isin(times, misfit.time)  # time 0 is always simulated
            observed = np.zeros(times.size)
            observed[seen] = misfit.fraction
            return cls(times, seen.astype(float), observed)
        given = np.asarray(weights, dtype=float)
        if given.shape != times.shape or not np.isfinite(given).all():
            raise InputError(
                f"weights: one finite number for each of the {times.size} output times is needed, "
                f"not an array of shape {given.shape}"
            )
        return cls(times, given, None)

    def value(self, fraction: Array) -> float:
        """The number, of fractions (n,) at its times [-]."""
        if self.observed is None:
            return float(self.weights @ fraction)
        return float(self.weights @ (fraction - self.observed) ** 2)

    def slopes(self, fraction: Array) -> Array:
        """Derivative by each fraction; they all begin at 0."""
        by = self.weights.copy()
        if self.observed is not None:
            by *= 2.0 * (fraction - self.observed)
        by[self.times <= 0.0] = 0.0
        return by

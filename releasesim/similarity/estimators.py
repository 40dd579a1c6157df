"""Estimators of f2 that know how much units vary: expected, bias-corrected, variance-corrected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Batch(NamedTuple):
    """Means (..., m) [%], variances between units (..., m) [%2] and units n of one product."""

    mean: Floats
    variance: Floats
    n: int


def batch(vessels: Floats) -> Batch:
    """Summarise units, (..., m, n) in percent."""
    n = vessels.shape[-1]
    return Batch(vessels.mean(axis=-1), vessels.var(axis=-1, ddof=1), n)


@dataclass(frozen=True)
class Estimator:
    """One way to estimate f2.

    With A the sum of squared differences of the means, V the sum of the variances of the means and
    P the number of points, f2 = 100 - 25 log10(1 + (A + sign V)/P); V may be weighted by
    w = 0.5 + S_own^2/(S_T^2 + S_R^2).

    Parameters
    ----------
    name : str
        est, exp, bc, vc_exp or vc_bc.
    words : str
        What it is.
    sign : float
        0, 1 or -1.
    weighted : bool
        Whether variances are weighted.
    """

    name: str
    words: str
    sign: float
    weighted: bool = False

    def f2(self, reference: Batch, test: Batch, counted: Flags) -> Floats:
        """Estimate from the `counted` points, (...) ; nan where V >= A + P, or no point counts."""
        points = counted.sum(axis=-1)
        spread = self._spread(reference, test) if self.sign else np.zeros_like(reference.mean)
        squares = (reference.mean - test.mean) ** 2 + self.sign * spread
        with np.errstate(divide="ignore", invalid="ignore"):
            inside = 1.0 + np.where(counted, squares, 0.0).sum(axis=-1) / points
            return np.where(inside > 0.0, 100.0 - 25.0 * np.log10(inside), np.nan)

    def _spread(self, reference: Batch, test: Batch) -> Floats:
        both = reference.variance + test.variance
        some = np.where(both > 0.0, both, 1.0)
        weights = [0.5 + b.variance / some if self.weighted else 1.0 for b in (reference, test)]
        parts = zip(weights, (reference, test), strict=True)
        return np.asarray(sum(w * b.variance / b.n for w, b in parts))


_ESTIMATORS = (
    Estimator("est", "of the means", 0.0),
    Estimator("exp", "expected: variance added", 1.0),
    Estimator("bc", "bias-corrected: variance taken off", -1.0),
    Estimator("vc_exp", "expected, weighted by each product's share of the variance", 1.0, True),
    Estimator("vc_bc", "bias-corrected, weighted by each product's share", -1.0, True),
)

#: The estimators by name: V.P. Shah et al., Pharm. Res. 15 (1998) 889-896; the weighted ones after
#: bootf2 0.4.
ESTIMATORS: dict[str, Estimator] = {e.name: e for e in _ESTIMATORS}

Counting = Callable[[Floats, Floats], Flags]

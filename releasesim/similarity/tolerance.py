"""Tolerance intervals of single units at each time (Martinez and Zhao)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ToleranceIntervals:
    """Where a share of all units lies with some confidence, at each point.

    Parameters
    ----------
    share, confidence : float
        P and 1 - alpha.
    factor : float
        Number of standard deviations on each side of the mean.
    mean, lower, upper : ndarray, (m,)
        [%].
    """

    share: float
    confidence: float
    factor: float
    mean: Floats
    lower: Floats
    upper: Floats

    def widened(self, by: float) -> tuple[Floats, Floats]:
        """Limits `by` percent of the dose farther out: 5 for stage S1, 15 for S2 of USP <711>."""
        return self.lower - by, self.upper + by

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {k: v.tolist() if isinstance(v, np.ndarray) else v for k, v in vars(self).items()}


def tolerance_intervals(
    vessels: Floats, *, share: float = 0.99, confidence: float = 0.95
) -> ToleranceIntervals:
    """Two-sided tolerance intervals of a normal population, the mean +- k s.

    k = z((1 + P)/2) (1 + 1/(2 n)) sqrt((n - 1)/chi2(alpha; n - 1)), an approximation that is a
    little wide: for n = 6, P = 0.99 and 95 % it gives 5.830 where the exact factor is 5.758.

    Parameters
    ----------
    vessels : ndarray, (m, n)
        Units at each point [%].
    share, confidence : float
        P and 1 - alpha.

    References
    ----------
    .. [1] M.N. Martinez, X. Zhao, AAPS J. 20 (2018) 25.
    """
    from scipy.special import chdtri, ndtri

    n = vessels.shape[1]
    if n < 2:
        raise InputError("tolerance intervals need two units or more")
    chi2 = float(chdtri(n - 1, confidence))  # chdtri takes the upper tail
    factor = float(ndtri((1.0 + share) / 2.0)) * (1.0 + 0.5 / n) * math.sqrt((n - 1) / chi2)
    mean, reach = vessels.mean(axis=1), factor * vessels.std(axis=1, ddof=1)
    return ToleranceIntervals(share, confidence, factor, mean, mean - reach, mean + reach)

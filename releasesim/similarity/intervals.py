"""Confidence intervals from bootstrap replicates: normal, basic, percentile and BCa."""

from __future__ import annotations

import math
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Interval = tuple[float, float]
_Kind = Literal[
    "inverted_cdf",
    "averaged_inverted_cdf",
    "closest_observation",
    "interpolated_inverted_cdf",
    "hazen",
    "weibull",
    "linear",
    "median_unbiased",
    "normal_unbiased",
]
_KINDS: tuple[_Kind, ...] = get_args(_Kind)


def _ends(level: float) -> tuple[float, float]:
    """Tail probabilities; rounded, as 0.5 - 0.9/2 is not 0.05 and a quantile may jump there."""
    return round(0.5 - level / 2, 12), round(0.5 + level / 2, 12)


def _normal_quantile(p: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(p))


def normal(estimate: float, replicates: Floats, level: float) -> Interval:
    """Estimate less its bootstrap bias, with normal quantiles of the bootstrap error."""
    reach = _normal_quantile(0.5 + level / 2) * float(replicates.std(ddof=1))
    middle = 2.0 * estimate - float(replicates.mean())
    return middle - reach, middle + reach


def basic(estimate: float, replicates: Floats, level: float) -> Interval:
    """Percentiles reflected about the estimate (R's boot takes its own interpolation)."""
    low, high = boot_percentile(replicates, level)
    return 2.0 * estimate - high, 2.0 * estimate - low


def percentile(replicates: Floats, level: float, kind: int = 7) -> Interval:
    """Quantiles of type `kind`, 1 to 9, of Hyndman and Fan (1996); 7 is R's default."""
    ends = _ends(level)
    low, high = np.quantile(replicates, ends, method=_KINDS[kind - 1])
    return float(low), float(high)


def boot_percentile(replicates: Floats, level: float) -> Interval:
    """Quantiles interpolated on the normal scale, as R's boot does (Davison and Hinkley 5.8)."""
    ends = _ends(level)
    low, high = (_boot_quantile(np.sort(replicates), p) for p in ends)
    return low, high


def _boot_quantile(ordered: Floats, p: float) -> float:
    R = ordered.size
    place = (R + 1) * p
    k = math.floor(place)
    if k < 1 or k >= R:
        return float(ordered[0] if k < 1 else ordered[-1])
    if place == k:
        return float(ordered[k - 1])
    z, below, above = (_normal_quantile(q) for q in (p, k / (R + 1), (k + 1) / (R + 1)))
    share = (z - below) / (above - below)
    return float(ordered[k - 1] + share * (ordered[k] - ordered[k - 1]))


def acceleration(influence: Floats) -> float:
    """Acceleration of BCa from influence values, such as the mean of a jackknife less its values.

    a = sum L^3 / (6 (sum L^2)^1.5) (Efron 1987).
    """
    squares = float((influence**2).sum())
    return float((influence**3).sum()) / (6.0 * squares**1.5) if squares > 0.0 else 0.0


def bca(estimate: float, replicates: Floats, level: float, a: float) -> Interval:
    """Bias-corrected and accelerated percentiles, with R boot's interpolation; nan at an edge."""
    from scipy.special import ndtr

    share = float(np.mean(replicates < estimate))
    if not 0.0 < share < 1.0:
        return math.nan, math.nan
    z0, ordered, ends = _normal_quantile(share), np.sort(replicates), []
    for p in _ends(level):
        z = z0 + _normal_quantile(p)
        ends.append(_boot_quantile(ordered, float(ndtr(z0 + z / (1.0 - a * z)))))
    return ends[0], ends[1]

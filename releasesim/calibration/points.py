"""Observations as a fit takes them: times after 0, fractions and weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.summary import Summary
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError

Array = NDArray[np.float64]

_MOST = 2.0
"""More released than this share of the dose is no assay error but a wrong unit [-]."""
_DOMINANT = 0.8


_OF_MEAN_TIME = math.exp(-1.0)
"""Released fraction by which a first-order curve moves most for an e-fold of its mean time [-]."""


@dataclass(frozen=True, eq=False)
class Points:
    """Observed means of one experiment, and their weights.

    Parameters
    ----------
    time, fraction, weight : (n,) ndarray
        [s], [-] and 1/sd of the mean, or 1.
    weighted : bool
        Whether standard deviations are known, and used.
    notes : tuple of str
        What was noticed about them.
    mean_time : float, optional
        Observed mean dissolution time [s]: one more residual, of its logarithm.
    mean_weight : float
        Weight of that [-].
    """

    time: Array
    fraction: Array
    weight: Array
    weighted: bool
    notes: tuple[str, ...]
    mean_time: float | None = None
    mean_weight: float = _OF_MEAN_TIME

    @property
    def rows(self) -> int:
        """Residuals that they make."""
        return self.time.size + (self.mean_time is not None)

    @property
    def last(self) -> float:
        """Time until which the curve is needed [s]."""
        return float(self.time[-1]) if self.time.size else 3.0 * float(self.mean_time or 0.0)

    def unweighted(self) -> Points:
        """The same, every point weighing as much."""
        ones = np.ones(self.time.size)
        return replace(self, weight=ones, weighted=False, mean_weight=_OF_MEAN_TIME)


def weighting(weighted: bool, chi_square: float) -> str:
    """How points were weighted, and what was done with s^2."""
    if not weighted:
        return "every point the same"
    words = "1/sd of the mean, s^2 scaled to the misfit"
    return f"{words} (chi^2/(n - p) = {chi_square:.3g})" if chi_square > 0.0 else words


def points_of(data: ReleaseCurve | Summary) -> Points:
    """Observations after time 0.

    Raises
    ------
    InputError
        No point, percent where fractions belong, or nothing released.
    """
    if isinstance(data, Summary):
        return _summarised(data)
    after = data.time > 0.0
    time, fraction = data.time[after], data.fraction[after]
    _check(data.name, fraction)
    sd = None if data.sd is None else data.sd[after]
    weighted = sd is not None and bool(np.all(sd > 0.0))
    weight = np.ones(time.size)
    if sd is not None and weighted:
        weight = np.sqrt(data.n or 1) / sd
    found = _notes(fraction, sd, weight)
    return Points(time, fraction, np.asarray(weight), weighted, tuple(found))


def _summarised(data: Summary) -> Points:
    known = data.mean_time is None or data.mean_time_sd is not None
    weighted = known and (data.sd is not None or not data.time.size)
    weight = 1.0 / data.sd if weighted and data.sd is not None else np.ones(data.time.size)
    mean = _OF_MEAN_TIME
    if weighted and data.mean_time is not None and data.mean_time_sd is not None:
        mean = data.mean_time / data.mean_time_sd
    return Points(data.time, data.fraction, weight, weighted, data.notes, data.mean_time, mean)


def refuse_few(points: Sequence[Points], names: Sequence[str], parameters: int) -> None:
    """Refuse data that have fewer points than there are parameters."""
    n = sum(one.rows for one in points)
    if n < parameters:
        had = f"{n} point{'s' if n != 1 else ''} after time 0"
        whose = f"curve '{names[0]}' has" if len(points) == 1 else "the data have"
        raise InputError(f"{whose} {had}: too few for {parameters} parameters")


def _check(name: str, fraction: Array) -> None:
    if not fraction.size:
        raise InputError(f"curve '{name}' has 0 points after time 0: too few for a fit")
    if fraction.max() > _MOST:
        top = f"{100.0 * fraction.max():.4g} %"
        raise InputError(f"curve '{name}' reaches {top} released: fractions of 0 to 1 are meant")
    if fraction.max() <= 0.0:
        raise InputError(f"curve '{name}' releases nothing: there is nothing to fit")


def _notes(fraction: Array, sd: Array | None, weight: Array) -> list[str]:
    found = []
    if sd is not None and not np.all(sd > 0.0):
        found.append(
            "a standard deviation of 0 would weigh without limit: every point weighs the same"
        )
    share = float((weight**2).max() / (weight**2).sum())
    if weight.size > 1 and share > _DOMINANT:
        found.append(f"one point has {share:.0%} of the weight: its standard deviation is tiny")
    if fraction.max() > 1.0:
        above = int(np.count_nonzero(fraction > 1.0))
        points = "1 point lies" if above == 1 else f"{above} points lie"
        found.append(
            f"{points} above 100 % (up to {100.0 * fraction.max():.4g} %), kept as measured: check "
            "the dose"
        )
    return found

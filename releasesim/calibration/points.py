"""Observations as a fit takes them: times after 0, fractions and weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError

Array = NDArray[np.float64]

_MOST = 2.0
"""More released than this share of the dose is no assay error but a wrong unit [-]."""
_DOMINANT = 0.8


@dataclass(frozen=True, eq=False)
class Points:
    """Observed means and their weights.

    Parameters
    ----------
    time, fraction, weight : (n,) ndarray
        [s], [-] and 1/sd of the mean, or 1.
    weighted : bool
        Whether standard deviations were used.
    notes : tuple of str
        What was noticed about them.
    """

    time: Array
    fraction: Array
    weight: Array
    weighted: bool
    notes: tuple[str, ...]

    def weighting(self, chi_square: float) -> str:
        """How points were weighted, and what was done with s^2."""
        if not self.weighted:
            return "every point the same"
        words = "1/sd of the mean, s^2 scaled to the misfit"
        return f"{words} (chi^2/(n - p) = {chi_square:.3g})" if chi_square > 0.0 else words


def points_of(data: ReleaseCurve, parameters: int) -> Points:
    """Observations after time 0 that can tell `parameters` parameters.

    Raises
    ------
    InputError
        Fewer points than parameters, percent where fractions belong, or nothing released.
    """
    after = data.time > 0.0
    time, fraction = data.time[after], data.fraction[after]
    _check(data.name, fraction, parameters)
    sd = None if data.sd is None else data.sd[after]
    weighted = sd is not None and bool(np.all(sd > 0.0))
    weight = np.ones(time.size)
    if sd is not None and weighted:
        weight = np.sqrt(data.n or 1) / sd
    found = _notes(data, fraction, sd, weight)
    return Points(time, fraction, np.asarray(weight), weighted, tuple(found))


def _check(name: str, fraction: Array, parameters: int) -> None:
    n = fraction.size
    if n < parameters:
        had = f"{n} point{'s' if n != 1 else ''} after time 0"
        raise InputError(f"curve '{name}' has {had}: too few for {parameters} parameters")
    if fraction.max() > _MOST:
        top = f"{100.0 * fraction.max():.4g} %"
        raise InputError(f"curve '{name}' reaches {top} released: fractions of 0 to 1 are meant")
    if fraction.max() <= 0.0:
        raise InputError(f"curve '{name}' releases nothing: there is nothing to fit")


def _notes(data: ReleaseCurve, fraction: Array, sd: Array | None, weight: Array) -> list[str]:
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

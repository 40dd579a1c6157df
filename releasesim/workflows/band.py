"""How sure a curve is that follows from a calibration: a band out of the covariance of its card."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError

if TYPE_CHECKING:
    from releasesim.simulation import Release
    from releasesim.study import Study

Array = NDArray[np.float64]

_NORMAL = 1.959964
"""Of a normal distribution, for 95 %."""
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Band:
    """Where 95 % of the curves lie that the calibration's data allow.

    Parameters
    ----------
    time, low, high : (n,) ndarray
        Times of the curve [s], and the ends of the band [-].
    source : str
        Name of the calibration.
    names : tuple of str
        Estimates whose errors it holds, by dotted name.
    """

    time: Array
    low: Array
    high: Array
    source: str
    names: tuple[str, ...]

    def describe(self) -> str:
        """Half of its widest, and what it holds."""
        widest = 50.0 * float((self.high - self.low).max())
        of = ", ".join(self.names)
        return f"± {widest:.2g} % of the dose at most (95 %), from the errors of {of}"

    def text(self) -> str:
        """The band as CSV."""
        rows = zip(self.time.tolist(), self.low.tolist(), self.high.tolist(), strict=True)
        lines = [f"{t!r},{low!r},{high!r}" for t, low, high in rows]
        return "\n".join(["time_s,low_fraction,high_fraction", *lines]) + "\n"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "level": 0.95,
            "calibration": self.source,
            "of": list(self.names),
            "low_fraction": self.low.tolist(),
            "high_fraction": self.high.tolist(),
        }


def calibrated_band(study: Study, release: Release) -> Band:
    r"""Find the band around the curve of a study that names a calibration.

    By the curves :math:`f_\pm` at one standard deviation either way along each column of the
    covariance's factor, :math:`s^2 = \sum_i [(f_{+i} - f_{-i})/2]^2`, and 1.96 s either side of the
    curve: two more solves for each estimate. It holds what the calibration does not know, and
    nothing of the scatter between tablets or of wrong laws.

    Raises
    ------
    InputError
        The study names no calibration, none of its estimates is in use, or it has no covariance.
    """
    card = study.calibration
    if card is None:
        words = "names no calibration: a band comes from the card that a fit wrote"
        raise InputError(words, study.path)
    names, covariance = _in_use(study)
    values, weights = np.linalg.eigh(covariance)
    columns = (weights * np.sqrt(np.maximum(values, 0.0))).T
    square = sum(_half_difference(study, names, column) ** 2 for column in columns)
    reach = _NORMAL * np.sqrt(square)
    curve = release.curve
    low, high = np.clip(curve.fraction - reach, 0.0, None), curve.fraction + reach
    return Band(
        curve.time, low, np.minimum(high, np.maximum(curve.fraction, 1.0)), card.name, names
    )


def _in_use(study: Study) -> tuple[tuple[str, ...], Array]:
    """Estimates that the study takes from its calibration, and their covariance."""
    card = study.calibration
    known = {} if card is None else card.estimates()
    kept = [
        i
        for i, name in enumerate(card.names if card is not None else ())
        if math.isclose(float(study.get(name)), known[name].value, rel_tol=_SAME)
    ]
    if card is None or not kept:
        name = "" if card is None else f" '{card.name}'"
        words = f"calibration{name} has no covariance of what this study takes from it"
        raise InputError(words, study.path)
    return tuple(card.names[i] for i in kept), card.covariance[np.ix_(kept, kept)]


def _half_difference(study: Study, names: Sequence[str], column: Array) -> Array:
    """Half the difference of the curves one standard deviation either way, (n,) [-]."""
    from releasesim.simulation import simulate

    ends = []
    for sign in (1.0, -1.0):
        moved = study
        for name, step in zip(names, column, strict=True):
            moved = moved.replace(name, float(study.get(name)) * math.exp(sign * float(step)))
        ends.append(simulate(moved).curve.fraction)
    return np.asarray(0.5 * (ends[0] - ends[1]))

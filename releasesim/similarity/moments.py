"""Times that describe one curve: moments, efficiency, and times of half, 80 % and 90 % release."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from releasesim.curve import ReleaseCurve


@dataclass(frozen=True)
class Moments:
    """What one curve says of itself.

    Parameters
    ----------
    mdt, vdt, rd : float
        Mean dissolution time [s], its variance [s2] and relative dispersion VDT/MDT^2 [-], with
        the last observed value taken for all that will ever come out.
    de : float
        Dissolution efficiency up to the last time [-].
    t50, t80, t90 : float
        Times of 50, 80 and 90 % of the dose by straight lines [s]; nan where never reached.
    """

    mdt: float
    vdt: float
    rd: float
    de: float
    t50: float
    t80: float
    t90: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON; what is not known is None."""
        units = {"mdt": "_s", "vdt": "_s2", "t50": "_s", "t80": "_s", "t90": "_s"}
        return {
            key + units.get(key, ""): value if math.isfinite(value) else None
            for key, value in vars(self).items()
        }


def moments(curve: ReleaseCurve) -> Moments:
    """Moments of a curve.

    Examples
    --------
    >>> found = moments(ReleaseCurve([3600.0, 7200.0, 14400.0], [0.4, 0.7, 1.0]))
    >>> (round(found.mdt), round(found.de, 4), round(found.t50))
    (5580, 0.6125, 4800)
    """
    return Moments(
        mdt=curve.mdt,
        vdt=curve.vdt,
        rd=curve.relative_dispersion,
        de=curve.dissolution_efficiency(),
        t50=curve.time_to(0.5),
        t80=curve.time_to(0.8),
        t90=curve.time_to(0.9),
    )

"""The law to beat: mean dissolution time from surface to volume, and one Weibull shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from releasesim.curve import ReleaseCurve
from releasesim.empirical.drawn import Weibull
from releasesim.empirical.law import Floats
from releasesim.errors import InputError


@dataclass(frozen=True)
class SurfaceToVolume:
    r"""Release of any geometry of one formulation from its surface-to-volume ratio.

    .. math:: \mathrm{MDT} = a\,(SA/V)^{-m}, \qquad f = 1 - \exp[-(t/T_d)^b], \qquad
              T_d = \mathrm{MDT} / \Gamma(1 + 1/b)

    Parameters
    ----------
    scale : float
        a, the mean time at a ratio of 1/m [s].
    exponent : float
        m [-].
    shape : float
        b [-].

    References
    ----------
    .. [1] H. Windolf, R. Chamberlain, J. Quodbach, Pharmaceutics 13 (2021) 1453 (a fit of MDT
       against SA/V; mean Weibull shape).

    Examples
    --------
    >>> law = SurfaceToVolume(scale=3.6e6, exponent=1.0, shape=1.0)
    >>> float(law.fraction(1000.0, 3600.0).round(6))
    0.632121
    """

    scale: float
    exponent: float
    shape: float

    @classmethod
    def fit(cls, ratios: Sequence[float], curves: Sequence[ReleaseCurve]) -> SurfaceToVolume:
        """Calibrate on curves of known surface-to-volume ratios [1/m].

        One curve cannot tell the exponent: it is 1 then, as for a front.
        """
        fitted = [_weibull(curve) for curve in curves]
        means = [law.scale * math.gamma(1.0 + 1.0 / law.shape) for law in fitted]
        shape = float(np.mean([law.shape for law in fitted]))
        x, y = np.log(ratios), np.log(means)
        slope = float(np.polyfit(x, y, 1)[0]) if len(set(ratios)) > 1 else -1.0
        return cls(float(np.exp(np.mean(y - slope * x))), -slope, shape)

    def mean_time(self, ratio: float) -> float:
        """Mean dissolution time at a surface-to-volume ratio [1/m], [s]."""
        return float(self.scale * ratio**-self.exponent)

    def fraction(self, ratio: float, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s] and a surface-to-volume ratio [1/m], same shape [-]."""
        scale = self.mean_time(ratio) / math.gamma(1.0 + 1.0 / self.shape)
        return Weibull(scale, self.shape).fraction(time)


def _weibull(curve: ReleaseCurve) -> Weibull:
    from scipy.optimize import least_squares

    after = curve.time > 0.0
    time, released = curve.time[after], curve.fraction[after]
    if time.size < 2:
        raise InputError(f"curve '{curve.name}' has too few points for a Weibull equation")

    def residuals(x: Floats) -> Floats:
        return Weibull(*np.exp(x)).fraction(time) - released

    middle = float(np.interp(0.63, np.maximum.accumulate(released), time))
    bounds = ([np.log(middle / 1e4), np.log(0.05)], [np.log(middle * 1e4), np.log(20.0)])
    found = least_squares(residuals, [np.log(middle), 0.0], bounds=bounds)
    scale, shape = np.exp(found.x)
    return Weibull(float(scale), float(shape))

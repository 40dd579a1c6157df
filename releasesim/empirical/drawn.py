"""Laws that targets are drawn with: zero and first order, delays, pulses, two phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike

from releasesim.empirical.law import EmpiricalLaw, Floats, after
from releasesim.errors import InputError


@dataclass(frozen=True)
class ZeroOrder(EmpiricalLaw):
    r"""Constant rate until everything is out.

    .. math:: f = (t - t_\mathrm{lag}) / T, \quad 0 \le f \le 1

    Parameters
    ----------
    duration : float
        Time from the end of the lag to the end of release [s].
    lag : float
        Time before release starts [s].

    References
    ----------
    .. [1] P. Costa, J.M. Sousa Lobo, Eur. J. Pharm. Sci. 13 (2001) 123-133.

    Examples
    --------
    >>> ZeroOrder(duration=12 * 3600.0, lag=3600.0).fraction([0.0, 7 * 3600.0, 20 * 3600.0])
    array([0. , 0.5, 1. ])
    """

    duration: float
    lag: float = 0.0

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return np.minimum(after(time, self.lag) / self.duration, 1.0)


@dataclass(frozen=True)
class Delayed(EmpiricalLaw):
    r"""Nothing during a lag, then constant rate: an enteric or chronotherapeutic profile.

    .. math:: f = (t - t_\mathrm{lag}) / T, \quad 0 \le f \le 1

    Parameters
    ----------
    lag : float
        Time before release starts [s], greater than 0.
    duration : float
        Time from the end of the lag to the end of release [s].

    References
    ----------
    .. [1] P. Costa, J.M. Sousa Lobo, Eur. J. Pharm. Sci. 13 (2001) 123-133.

    Examples
    --------
    >>> Delayed(lag=7200.0, duration=3600.0).fraction([7200.0, 8100.0])
    array([0.  , 0.25])
    """

    lag: float
    duration: float

    may_be_zero: ClassVar[frozenset[str]] = frozenset()

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return np.minimum(after(time, self.lag) / self.duration, 1.0)


@dataclass(frozen=True)
class FirstOrder(EmpiricalLaw):
    r"""Rate in proportion to what is left; the mean dissolution time is lag + 1/k.

    .. math:: f = 1 - \exp[-k (t - t_\mathrm{lag})]

    Parameters
    ----------
    rate : float
        k [1/s].
    lag : float
        Time before release starts [s].

    References
    ----------
    .. [1] P. Costa, J.M. Sousa Lobo, Eur. J. Pharm. Sci. 13 (2001) 123-133.

    Examples
    --------
    >>> FirstOrder(rate=1e-4).fraction([0.0, 1e4]).round(6)
    array([0.      , 0.632121])
    """

    rate: float
    lag: float = 0.0

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return -np.expm1(-self.rate * after(time, self.lag))


@dataclass(frozen=True)
class Weibull(EmpiricalLaw):
    r"""Stretched exponential; shape above 1 is sigmoid, below 1 starts steeply.

    .. math:: f = 1 - \exp[-((t - t_\mathrm{lag}) / T_d)^b]

    Here :math:`T_d` is a time, at which 63.2 % is out; others write :math:`t^b / a` with
    :math:`a = T_d^b`. The mean dissolution time is lag + Td Gamma(1 + 1/b).

    Parameters
    ----------
    scale : float
        Td [s].
    shape : float
        b [-].
    lag : float
        Time before release starts [s].

    References
    ----------
    .. [1] F. Langenbucher, J. Pharm. Pharmacol. 24 (1972) 979-981.

    Examples
    --------
    >>> Weibull(scale=7200.0, shape=0.5).fraction([1800.0, 7200.0]).round(6)
    array([0.393469, 0.632121])
    """

    scale: float
    shape: float
    lag: float = 0.0

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return -np.expm1(-((after(time, self.lag) / self.scale) ** self.shape))


@dataclass(frozen=True)
class Pulse(EmpiricalLaw):
    r"""Everything at once, spread evenly about one time.

    .. math:: f = (t - t_p + \Delta/2) / \Delta, \quad 0 \le f \le 1

    Parameters
    ----------
    at : float
        Middle of the pulse, where half is out [s]; at least half the width.
    width : float
        Time from the first to the last drug [s].

    References
    ----------
    .. [1] A straight line drawn through (at, 0.5); no paper.

    Examples
    --------
    >>> Pulse(at=4 * 3600.0, width=1200.0).fraction([13800.0, 14100.0, 14400.0, 15000.0])
    array([0.  , 0.25, 0.5 , 1.  ])
    """

    at: float
    width: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.at < 0.5 * self.width:
            raise InputError(f"Pulse: at = {self.at:g} s, must be at least half the width")

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return np.minimum(after(time, self.at - 0.5 * self.width) / self.width, 1.0)


@dataclass(frozen=True)
class Biphasic(EmpiricalLaw):
    r"""Two first-order fractions: a loading dose and a maintenance dose.

    .. math:: f = F_1 (1 - e^{-k_1 t}) + (1 - F_1)(1 - e^{-k_2 t})

    Parameters
    ----------
    fast_fraction : float
        F1, share of the dose in the fast part [-], 0 to 1.
    fast_rate, slow_rate : float
        k1, k2 [1/s].

    References
    ----------
    .. [1] P. Costa, J.M. Sousa Lobo, Eur. J. Pharm. Sci. 13 (2001) 123-133 (sum of two of its
       first-order terms).

    Examples
    --------
    >>> Biphasic(fast_fraction=0.4, fast_rate=1e-3, slow_rate=1e-5).fraction([3600.0]).round(6)
    array([0.410286])
    """

    fast_fraction: float
    fast_rate: float
    slow_rate: float

    may_be_zero: ClassVar[frozenset[str]] = frozenset({"fast_fraction"})

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.fast_fraction > 1.0:
            raise InputError(f"Biphasic: fast_fraction = {self.fast_fraction:g}, must be 0 to 1")

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        t = after(time)
        fast, slow = -np.expm1(-self.fast_rate * t), -np.expm1(-self.slow_rate * t)
        return self.fast_fraction * fast + (1.0 - self.fast_fraction) * slow

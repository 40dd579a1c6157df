"""Laws named after their papers, each from a mechanism of one shape of body."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from releasesim.empirical.law import EmpiricalLaw, Floats, after
from releasesim.errors import InputError


@dataclass(frozen=True)
class Higuchi1961(EmpiricalLaw):
    r"""Square root of time, from a planar matrix far above its solubility.

    .. math:: f = k_H \sqrt{t}, \quad f \le 1

    Parameters
    ----------
    k : float
        k_H [1/s^0.5].

    References
    ----------
    .. [1] T. Higuchi, J. Pharm. Sci. 50 (1961) 874-875.

    Examples
    --------
    >>> Higuchi1961(k=0.005).fraction([3600.0, 14400.0])
    array([0.3, 0.6])
    """

    k: float

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return np.minimum(self.k * np.sqrt(after(time)), 1.0)


@dataclass(frozen=True)
class KorsmeyerPeppas1983(EmpiricalLaw):
    r"""Power law in time, meant for the first 60 % of release.

    .. math:: f = k t^n, \quad f \le 1

    Fickian n: slab 0.5, cylinder 0.45, sphere 0.43; case II: 1, 0.89, 0.85.

    Parameters
    ----------
    k : float
        Constant [1/s^n]; a value in 1/h^n is to be divided by 3600^n.
    n : float
        Release exponent [-].

    References
    ----------
    .. [1] R.W. Korsmeyer et al., Int. J. Pharm. 15 (1983) 25-35.

    Examples
    --------
    >>> KorsmeyerPeppas1983(k=0.3 / 3600**0.89, n=0.89).fraction([3600.0, 7200.0]).round(6)
    array([0.3     , 0.555953])
    """

    k: float
    n: float

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return np.minimum(self.k * after(time) ** self.n, 1.0)


@dataclass(frozen=True)
class HixsonCrowell1931(EmpiricalLaw):
    r"""Cube-root law: a body that dissolves at a constant speed and keeps its shape.

    .. math:: f = 1 - (1 - k t)^3, \quad k t \le 1

    Parameters
    ----------
    rate : float
        k, speed over initial half-size [1/s]; everything is out at 1/k.

    References
    ----------
    .. [1] A.W. Hixson, J.H. Crowell, Ind. Eng. Chem. 23 (1931) 923-931.

    Examples
    --------
    >>> HixsonCrowell1931(rate=1e-4).fraction([5000.0, 10000.0])
    array([0.875, 1.   ])
    """

    rate: float

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return 1.0 - np.maximum(1.0 - self.rate * after(time), 0.0) ** 3


@dataclass(frozen=True)
class Hopfenberg1976(EmpiricalLaw):
    r"""Surface erosion at a constant speed of a slab, a long cylinder or a sphere.

    .. math:: f = 1 - (1 - k t)^n, \quad k t \le 1

    Parameters
    ----------
    rate : float
        k, erosion speed over radius or half-thickness [1/s].
    n : int
        1 slab, 2 cylinder, 3 sphere.

    References
    ----------
    .. [1] H.B. Hopfenberg, in Controlled Release Polymeric Formulations, ACS Symp. Ser. 33
       (1976) 26-32.

    Examples
    --------
    >>> [round(float(Hopfenberg1976(rate=1e-4, n=n).fraction(5000.0)), 6) for n in (1, 2, 3)]
    [0.5, 0.75, 0.875]
    """

    rate: float
    n: int

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n not in (1, 2, 3):
            message = f"Hopfenberg1976: n = {self.n}, must be 1 (slab), 2 (cylinder) or 3 (sphere)"
            raise InputError(message)

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        return 1.0 - np.maximum(1.0 - self.rate * after(time), 0.0) ** self.n


@dataclass(frozen=True)
class BakerLonsdale1974(EmpiricalLaw):
    r"""Higuchi's law for a sphere, drug far above its solubility.

    .. math:: \tfrac{3}{2} [1 - (1 - f)^{2/3}] - f = k t, \quad k t \le \tfrac{1}{2}

    Implicit in f, but :math:`y = (1 - f)^{1/3}` solves :math:`2 y^3 - 3 y^2 + 1 = 2 k t`, and the
    root in [0, 1] of this cubic is :math:`y = 1/2 + \cos[\pi/3 + (2/3) \arcsin \sqrt{2 k t}]`.

    Parameters
    ----------
    rate : float
        k [1/s]; everything is out at 1/(2k).

    References
    ----------
    .. [1] R.W. Baker, H.K. Lonsdale, in Controlled Release of Biologically Active Agents,
       Plenum (1974) 15-71.

    Examples
    --------
    >>> law = BakerLonsdale1974(rate=1e-5)
    >>> law.fraction([0.0, 5000.0, 50000.0]).round(6)
    array([0.      , 0.479894, 1.      ])
    """

    rate: float

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], same shape [-]."""
        kt = np.minimum(self.rate * after(time), 0.5)
        y = 0.5 + np.cos(np.pi / 3.0 + np.arcsin(np.sqrt(2.0 * kt)) / 1.5)
        return 1.0 - np.clip(y, 0.0, 1.0) ** 3

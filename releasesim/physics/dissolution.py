"""Dissolution: how solid drug inside the device becomes dissolved drug."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from releasesim.physics.law import NOT_NEGATIVE, Array, Law, array, parameter, text_parameter


class Dissolution(Law, slot="dissolution"):
    """Law that divides the drug of a device volume into dissolved c and undissolved s [kg/m3].

    A `solubility` left None is to be taken from the drug's and the medium's cards. It is the
    device's, per device volume: the medium's times the partition K.
    """

    @abstractmethod
    def dissolved_at_start(self, total: npt.ArrayLike) -> Array:
        """Dissolved part [kg/m3] of the drug `total` [kg/m3] at t = 0."""


@final
@dataclass(frozen=True)
class FullyDissolved(Dissolution):
    """All drug is dissolved in the device from the start.

    Examples
    --------
    >>> FullyDissolved().dissolved_at_start([200.0])
    array([200.])
    """

    off: ClassVar[bool] = True

    def dissolved_at_start(self, total: npt.ArrayLike) -> Array:
        """All of `total` [kg/m3]."""
        return array(total)


@final
@dataclass(frozen=True)
class LocalEquilibrium(Dissolution):
    r"""Solid drug keeps the device saturated wherever some of it is left.

    .. math:: \partial W / \partial t = \nabla\cdot(D \nabla c), \qquad c = \min(W, c_s),\ W = c + s

    Parameters
    ----------
    solubility : float, optional
        c_s in the device, per device volume [kg/m3]; None: from the cards.

    References
    ----------
    .. [1] T. Higuchi, J. Pharm. Sci. 50 (1961) 874-875.
    .. [2] D. R. Paul, S. K. McSpadden, J. Membr. Sci. 1 (1976) 33-48.

    Examples
    --------
    >>> LocalEquilibrium(solubility=12.0).dissolved([5.0, 80.0])
    array([ 5., 12.])
    """

    solubility: float | None = parameter("kg/m3", default=None)

    def dissolved(self, total: npt.ArrayLike) -> Array:
        """Dissolved drug c [kg/m3] of the total W = c + s [kg/m3]."""
        return np.minimum(array(total), self.given("solubility"))

    def dissolved_at_start(self, total: npt.ArrayLike) -> Array:
        """Dissolved part of `total` [kg/m3]: it is at equilibrium at once."""
        return self.dissolved(total)


@final
@dataclass(frozen=True)
class NoyesWhitney1897(Dissolution):
    r"""Solid drug dissolves at a rate proportional to what the liquid still lacks.

    .. math:: -\partial s / \partial t = r\,(s / s_0)^n\,(c_s - c)

    It dissolves only (no crystallisation) and ends at s = 0. n = 0 keeps the surface constant,
    n = 2/3 is that of particles that shrink (Hixson and Crowell).

    Parameters
    ----------
    rate : float
        r [1/s].
    solubility : float, optional
        c_s in the device, per device volume [kg/m3]; None: from the cards.
    exponent : float
        n, 0 or 2/3 [-].
    initially : str
        "dry": pores hold no dissolved drug at t = 0; "saturated": they hold c_s.

    References
    ----------
    .. [1] A. A. Noyes, W. R. Whitney, J. Am. Chem. Soc. 19 (1897) 930-934.
    .. [2] A. W. Hixson, J. H. Crowell, Ind. Eng. Chem. 23 (1931) 923-931.

    Examples
    --------
    >>> law = NoyesWhitney1897(rate=1e-3, solubility=10.0, exponent=2/3)
    >>> law.dissolution_rate([1.0, 0.125, 0.0], [4.0, 4.0, 4.0])
    array([0.006 , 0.0015, 0.    ])
    """

    rate: float = parameter("1/s")
    solubility: float | None = parameter("kg/m3", default=None)
    exponent: float = parameter("1", NOT_NEGATIVE, default=0.0, choices=(0.0, 2.0 / 3.0))
    initially: str = text_parameter(("dry", "saturated"), default="dry")

    def dissolution_rate(self, undissolved: npt.ArrayLike, dissolved: npt.ArrayLike) -> Array:
        """Solid drug that dissolves, -ds/dt [kg/m3/s].

        Parameters
        ----------
        undissolved : array_like
            s/s0 [-].
        dissolved : array_like
            c [kg/m3], of the same shape.
        """
        left = np.maximum(array(undissolved), 0.0)
        lacking = np.maximum(self.given("solubility") - array(dissolved), 0.0)
        return np.where(left > 0.0, self.rate * left**self.exponent * lacking, 0.0)

    def dissolved_at_start(self, total: npt.ArrayLike) -> Array:
        """Dissolved part [kg/m3] of `total`: none, or up to c_s when "saturated"."""
        if self.initially == "dry":
            return np.zeros_like(array(total))
        return np.minimum(array(total), self.given("solubility"))


def acid_solubility(
    intrinsic: float, pKa: float, pH: npt.ArrayLike, salt_limit: float = np.inf
) -> Array:
    """Solubility of a weak acid [kg/m3], S0 (1 + 10^(pH - pKa)) up to that of its salt.

    Parameters
    ----------
    intrinsic : float
        S0 of the neutral form [kg/m3].
    pKa : float
        Of the acid.
    pH : array_like
        Of the medium.
    salt_limit : float
        Solubility of the salt [kg/m3].

    Examples
    --------
    >>> acid_solubility(0.05, pKa=4.5, pH=[1.2, 6.5])
    array([0.05002506, 5.05      ])
    """
    return np.minimum(intrinsic * (1.0 + 10.0 ** (array(pH) - pKa)), salt_limit)


def base_solubility(
    intrinsic: float, pKa: float, pH: npt.ArrayLike, salt_limit: float = np.inf
) -> Array:
    """Solubility of a weak base [kg/m3], S0 (1 + 10^(pKa - pH)) up to that of its salt.

    Parameters
    ----------
    intrinsic : float
        S0 of the neutral form [kg/m3].
    pKa : float
        Of the conjugate acid.
    pH : array_like
        Of the medium.
    salt_limit : float
        Solubility of the salt [kg/m3].

    Examples
    --------
    >>> base_solubility(0.01, pKa=8.0, pH=[1.2, 6.0], salt_limit=3.0)
    array([3.  , 1.01])
    """
    return np.minimum(intrinsic * (1.0 + 10.0 ** (pKa - array(pH))), salt_limit)

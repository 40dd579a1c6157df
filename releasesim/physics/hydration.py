"""Hydration: how the medium's water enters the device.

w is water relative to the polymer card's equilibrium water [-]: 0 at the start, 1 at the surface.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from releasesim.physics.diffusion import sinhc
from releasesim.physics.law import NOT_NEGATIVE, Array, Law, array, parameter


class Hydration(Law, slot="hydration"):
    """Law of water ingress, by diffusion, by a front of constant speed, or at once."""

    diffuses: ClassVar[bool] = False
    """Whether w obeys a diffusion equation with `diffusivity`."""
    diffusivity_varies: ClassVar[bool] = False
    """Whether that diffusivity depends on w."""

    @abstractmethod
    def diffusivity(self, water: npt.ArrayLike) -> Array:
        """Diffusivity of water [m2/s] at w = `water` [-]."""

    @abstractmethod
    def front_speed(self) -> float:
        """Speed of a sharp water front [m/s]; 0 where water only diffuses."""

    def mean_diffusivity(self, left: npt.ArrayLike, right: npt.ArrayLike) -> Array:
        """Integral (Kirchhoff) mean of the diffusivity between two waters [m2/s]."""
        return self.diffusivity((array(left) + array(right)) / 2.0)


@final
@dataclass(frozen=True)
class InstantlyWet(Hydration):
    """Water is everywhere at equilibrium from the start: w = 1.

    Of the polymer, that is: voids without an opening keep their air until a front comes to them.

    Examples
    --------
    >>> InstantlyWet().front_speed()
    inf
    """

    off: ClassVar[bool] = True

    def diffusivity(self, water: npt.ArrayLike = 0.0) -> Array:
        """Zero [m2/s]: nothing is left to diffuse."""
        return np.zeros_like(array(water))

    def front_speed(self) -> float:
        """Infinite [m/s]."""
        return math.inf


@final
@dataclass(frozen=True)
class FickianHydration(Hydration):
    r"""Water diffuses in with a constant diffusivity.

    .. math:: \partial w / \partial t = D \nabla^2 w

    Parameters
    ----------
    D : float
        Diffusivity of water in the device [m2/s].

    References
    ----------
    .. [1] J. Crank, The Mathematics of Diffusion, 2nd ed., Oxford (1975), ch. 4-6.

    Examples
    --------
    >>> FickianHydration(D=2e-10).diffusivity([0.0, 1.0])
    array([2.e-10, 2.e-10])
    """

    diffuses: ClassVar[bool] = True
    D: float = parameter("m2/s")

    def diffusivity(self, water: npt.ArrayLike = 0.0) -> Array:
        """`D` [m2/s], in the shape of `water`."""
        return np.full_like(array(water), self.D)

    def front_speed(self) -> float:
        """Zero [m/s]: there is no sharp front."""
        return 0.0


@final
@dataclass(frozen=True)
class FujitaHydration(Hydration):
    r"""Water diffuses in faster where water already is.

    .. math:: \partial w / \partial t = \nabla\cdot(D_w \nabla w),\ D_w = D \exp[-\beta (1 - w)]

    Parameters
    ----------
    D : float
        Diffusivity of water at equilibrium, w = 1 [m2/s].
    beta : float
        How much drier material holds water back [-].

    References
    ----------
    .. [1] H. Fujita, Fortschr. Hochpolym.-Forsch. 3 (1961) 1-47.

    Examples
    --------
    >>> FujitaHydration(D=5.6e-10, beta=2.5).diffusivity([0.0, 1.0])
    array([4.59675992e-11, 5.60000000e-10])
    """

    diffuses: ClassVar[bool] = True
    diffusivity_varies: ClassVar[bool] = True
    D: float = parameter("m2/s")
    beta: float = parameter("1", NOT_NEGATIVE)

    def diffusivity(self, water: npt.ArrayLike) -> Array:
        """Diffusivity of water [m2/s] at w = `water` [-]."""
        return self.D * np.exp(-self.beta * (1.0 - array(water)))

    def front_speed(self) -> float:
        """Zero [m/s]: there is no sharp front."""
        return 0.0

    def mean_diffusivity(self, left: npt.ArrayLike, right: npt.ArrayLike) -> Array:
        """Integral mean of the diffusivity between two waters [m2/s], closed form."""
        half = self.beta * (array(right) - array(left)) / 2.0
        return self.diffusivity((array(left) + array(right)) / 2.0) * sinhc(half)


@final
@dataclass(frozen=True)
class CaseII(Hydration):
    r"""A sharp water front, paced by the polymer's relaxation, moves inwards at constant speed.

    .. math:: x_\mathrm{front} = v t, \qquad w = 1 \text{ behind it, } 0 \text{ ahead}

    Parameters
    ----------
    speed : float
        v [m/s].

    References
    ----------
    .. [1] G. Astarita, G. C. Sarti, Polym. Eng. Sci. 18 (1978) 388-395.

    Examples
    --------
    >>> round(CaseII(speed=1e-7).front_speed() * 3600.0, 8)  # metres in an hour
    0.00036
    """

    speed: float = parameter("m/s")

    def diffusivity(self, water: npt.ArrayLike = 0.0) -> Array:
        """Zero [m2/s]: water moves with the front."""
        return np.zeros_like(array(water))

    def front_speed(self) -> float:
        """`speed` [m/s]."""
        return self.speed

"""Open channels: what the medium does in the voids between printed roads."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

from releasesim.errors import InputError
from releasesim.physics.law import NOT_NEGATIVE, Law, parameter


class Channels(Law, slot="channels"):
    """Law of the medium inside voids that are open to the bath."""

    @abstractmethod
    def diffusivity(self) -> float:
        """Diffusivity of drug along the channel [m2/s]; infinite where the bath mixes it."""

    @abstractmethod
    def wetting_delay(self) -> float:
        """Time before the medium fills the channel [s]."""


@final
@dataclass(frozen=True)
class MixedChannels(Channels):
    """Channels fill at once and are mixed with the bath.

    Examples
    --------
    >>> MixedChannels().diffusivity()
    inf
    """

    off: ClassVar[bool] = True

    def diffusivity(self) -> float:
        """Infinite [m2/s]."""
        return math.inf

    def wetting_delay(self) -> float:
        """Zero [s]."""
        return 0.0


@final
@dataclass(frozen=True)
class StagnantChannels(Channels):
    """Channels fill at once and stand still: drug diffuses along them.

    Parameters
    ----------
    D : float, optional
        Diffusivity of the drug in the medium [m2/s]; None: from the drug's card.

    Examples
    --------
    >>> StagnantChannels(D=9e-10).diffusivity()
    9e-10
    """

    D: float | None = parameter("m2/s", default=None)

    def diffusivity(self) -> float:
        """`D` [m2/s]."""
        return self.given("D")

    def wetting_delay(self) -> float:
        """Zero [s]."""
        return 0.0


@final
@dataclass(frozen=True)
class WettedChannels(Channels):
    r"""Channels fill after a delay and are then mixed with the bath.

    .. math:: t = \frac{2 \eta x^2}{\gamma r \cos\theta}

    Parameters
    ----------
    delay : float
        Time before the medium fills the channel [s]; `washburn_delay` gives one.

    References
    ----------
    .. [1] E. W. Washburn, Phys. Rev. 17 (1921) 273-283.

    Examples
    --------
    >>> WettedChannels(delay=120.0).wetting_delay()
    120.0
    """

    delay: float = parameter("s", NOT_NEGATIVE)

    def diffusivity(self) -> float:
        """Infinite [m2/s]: once filled, the channel is mixed with the bath."""
        return math.inf

    def wetting_delay(self) -> float:
        """`delay` [s]."""
        return self.delay


def washburn_delay(
    length: float, radius: float, viscosity: float, surface_tension: float, contact_angle: float
) -> float:
    """Time for a liquid to creep along a capillary [s], Washburn (1921).

    Parameters
    ----------
    length : float
        x along the capillary [m].
    radius : float
        r of the capillary [m].
    viscosity : float
        eta of the liquid [Pa.s].
    surface_tension : float
        gamma of the liquid [N/m].
    contact_angle : float
        theta on the wall [rad], below pi/2.

    Raises
    ------
    InputError
        The liquid does not wet the wall.

    Examples
    --------
    >>> delay = washburn_delay(5e-3, 0.2e-3, 0.7e-3, 0.07, math.radians(60.0))
    >>> round(delay, 6)
    0.005
    """
    pull = surface_tension * radius * math.cos(contact_angle)
    if pull <= 0.0:
        raise InputError(
            f"contact angle {math.degrees(contact_angle):.4g} deg: must be below 90 deg to wet"
        )
    return 2.0 * viscosity * length**2 / pull

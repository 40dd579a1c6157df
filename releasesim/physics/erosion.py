"""Surface erosion: how fast the surface of the material recedes."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

from releasesim.errors import InputError
from releasesim.physics.law import FRACTION, Law, parameter, text_parameter

DEFAULT_ONSET = 0.5
"""Water relative to equilibrium at which erosion starts, where a law does not say [-] (PHYSICS 1).
See `HydratedFront`; the laws without a parameter for it wait for this one."""


class Erosion(Law, slot="erosion"):
    """Law of the speed v at which a surface recedes along its normal [m/s]."""

    needs_pH: ClassVar[bool] = False
    """Whether the speed depends on the medium's pH."""

    @abstractmethod
    def front_speed(self, pH: float | None = None) -> float:
        """Speed of the receding surface [m/s] in a medium of this pH."""

    def onset_water(self) -> float:
        """Water relative to equilibrium below which nothing erodes [-]."""
        return DEFAULT_ONSET


@final
@dataclass(frozen=True)
class NoErosion(Erosion):
    """The surface stays.

    Examples
    --------
    >>> NoErosion().front_speed()
    0.0
    """

    off: ClassVar[bool] = True

    def front_speed(self, pH: float | None = None) -> float:
        """Zero [m/s]."""
        return 0.0


@final
@dataclass(frozen=True)
class ConstantFront(Erosion):
    r"""Surface that recedes at constant speed.

    .. math:: f = 1 - (1 - v t / a)^n

    for a slab of half-thickness a (n = 1), a long cylinder (2) or a sphere (3) of radius a.

    Parameters
    ----------
    speed : float
        v [m/s].

    References
    ----------
    .. [1] H. B. Hopfenberg, in Controlled Release Polymeric Formulations, ACS Symp. Ser. 33
       (1976) 26-32.

    Examples
    --------
    >>> v = ConstantFront(speed=1e-7).front_speed()
    >>> f = 1.0 - (1.0 - v * 7200.0 / 3e-3) ** 3  # sphere of 3 mm radius after 2 h
    >>> round(f, 6)
    0.561024
    """

    speed: float = parameter("m/s")

    def front_speed(self, pH: float | None = None) -> float:
        """`speed` [m/s], at any pH."""
        return self.speed


@final
@dataclass(frozen=True)
class MassErosion(Erosion):
    r"""Surface that loses a constant mass per area and time.

    .. math:: v = k_0 / \rho

    Parameters
    ----------
    k0 : float
        Mass lost per area and time [kg/m2/s].
    density : float, optional
        rho of the material [kg/m3]; None: from the formulation.

    References
    ----------
    .. [1] H. B. Hopfenberg, in Controlled Release Polymeric Formulations, ACS Symp. Ser. 33
       (1976) 26-32.

    Examples
    --------
    >>> MassErosion(k0=1.3e-4, density=1300.0).front_speed()
    1e-07
    """

    k0: float = parameter("kg/m2/s")
    density: float | None = parameter("kg/m3", default=None)

    def front_speed(self, pH: float | None = None) -> float:
        """Speed k0/density [m/s], at any pH."""
        return self.k0 / self.given("density")


@final
@dataclass(frozen=True)
class HydratedFront(Erosion):
    r"""Surface that recedes at constant speed once its material is wet enough.

    .. math:: v(w) = v \text{ where } w \ge w_\mathrm{onset},\ 0 \text{ elsewhere}

    Water that diffuses is that of the device as printed: what has eroded is taken to have held
    water back as it did before. A front that is faster than water follows the line of equal
    water, which comes to the depth :math:`2\,\mathrm{erfcinv}(w_\mathrm{onset}) \sqrt{D_w t}` of a
    thick slab; a slower one never waits. Were the medium itself at the front, the surface would
    always be wet and no onset would act, so that this bounds the wait from above. Behind a sharp
    water front w is 1, and a surface recedes no faster than it (`CaseII`).

    Parameters
    ----------
    speed : float
        v [m/s].
    onset : float
        w_onset, water relative to equilibrium [-].

    References
    ----------
    .. [1] R. T. C. Ju, P. R. Nixon, M. V. Patel, J. Pharm. Sci. 84 (1995) 1455-1463
       (chains leave where the gel is dilute enough).

    Examples
    --------
    >>> law = HydratedFront(speed=1e-7, onset=0.8)
    >>> law.front_speed(), law.onset_water()
    (1e-07, 0.8)
    """

    speed: float = parameter("m/s")
    onset: float = parameter("1", FRACTION, default=DEFAULT_ONSET)

    def front_speed(self, pH: float | None = None) -> float:
        """`speed` [m/s] where the material is wet enough."""
        return self.speed

    def onset_water(self) -> float:
        """`onset` [-]."""
        return self.onset


@final
@dataclass(frozen=True)
class EntericFront(Erosion):
    r"""Surface of an ionisable polymer, which dissolves on one side of a pH threshold.

    .. math:: v(\mathrm{pH}) = \frac{v}{1 + 10^{\,n (\mathrm{pH}_t - \mathrm{pH})}}

    with the sign of the exponent turned where it dissolves below the threshold (Eudragit E).

    Parameters
    ----------
    speed : float
        v far on the dissolving side [m/s].
    pH_threshold : float
        pH of half the speed.
    sharpness : float
        n; 1 is that of one ionising group by Henderson and Hasselbalch [-].
    dissolves : str
        "above" or "below" the threshold.

    References
    ----------
    .. [1] D. L. Ozturk, B. O. Palsson, B. Donohoe, J. B. Dressman, Pharm. Res. 5 (1988)
       550-565 (kinetics of enteric coats and ionisation).

    Examples
    --------
    >>> law = EntericFront(speed=1e-7, pH_threshold=5.5, sharpness=2.0)
    >>> [f"{law.front_speed(pH):.4g}" for pH in (1.2, 5.5, 6.8)]
    ['2.512e-16', '5e-08', '9.975e-08']
    """

    needs_pH: ClassVar[bool] = True
    speed: float = parameter("m/s")
    pH_threshold: float = parameter("1", default=5.5)
    sharpness: float = parameter("1", default=2.0)
    dissolves: str = text_parameter(("above", "below"), default="above")

    def front_speed(self, pH: float | None = None) -> float:
        """Speed [m/s] in a medium of this pH; an error without one."""
        if pH is None:
            raise InputError("EntericFront needs the medium's pH: name a medium card that has one")
        side = 1.0 if self.dissolves == "above" else -1.0
        # 300 keeps the power finite; the speed is 0 to rounding long before
        power = min(side * self.sharpness * (self.pH_threshold - pH), 300.0)
        return float(self.speed / (1.0 + 10.0**power))

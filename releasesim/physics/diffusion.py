"""Drug diffusion: how fast dissolved drug moves through the device."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from releasesim.physics.law import (
    AT_LEAST_ONE,
    FINITE,
    FRACTION,
    NOT_NEGATIVE,
    POSITIVE_FRACTION,
    Array,
    Law,
    array,
    parameter,
)

# Gauss-Legendre on [0, 1]: 8 points give the mean of every law below to 1e-12 over one cell
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_NODES, _WEIGHTS = 0.5 * (_NODES + 1.0), 0.5 * _WEIGHTS


#: Exponent beyond which a diffusivity that grows has long emptied any device.
_ALL_OUT = 300.0
#: Relative molar mass below which there is no chain left to cut.
_GONE = 1e-12


class Diffusion(Law, slot="diffusion"):
    """Law of the drug's diffusivity D [m2/s].

    `varies_with` says which one state the law reads, hence what `diffusivity` takes:

    - None: nothing, D is constant;
    - "water": w relative to equilibrium [-], 0 to 1;
    - "water_volume_fraction": volume of water per volume of swollen polymer [-];
    - "concentration": c/c0, dissolved drug relative to its initial value [-];
    - "time": t since the start [s];
    - "leached": volume of solid drug that has left per device volume [-];
    - "molar_mass": Mn/Mn0 of the polymer [-].
    """

    varies_with: ClassVar[str | None] = None

    @abstractmethod
    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """Diffusivity [m2/s] at `state` (any shape), the quantity `varies_with` names."""

    def mean_diffusivity(self, left: npt.ArrayLike, right: npt.ArrayLike) -> Array:
        """Integral (Kirchhoff) mean of D between two states [m2/s], for a face of two cells."""
        left, right = array(left), array(right)
        return sum(
            (
                weight * self.diffusivity(left + node * (right - left))
                for node, weight in zip(_NODES, _WEIGHTS, strict=True)
            ),
            start=np.zeros(np.broadcast_shapes(left.shape, right.shape)),
        )


@final
@dataclass(frozen=True)
class NoDiffusion(Diffusion):
    """Drug does not diffuse: it leaves only with the material that holds it.

    Examples
    --------
    >>> NoDiffusion().diffusivity([0.0, 1.0])
    array([0., 0.])
    """

    off: ClassVar[bool] = True

    def diffusivity(self, state: npt.ArrayLike = 0.0) -> Array:
        """Zero [m2/s], in the shape of `state`."""
        return np.zeros_like(array(state))


@final
@dataclass(frozen=True)
class ConstantDiffusivity(Diffusion):
    r"""Fick's law with one diffusivity.

    .. math:: J = -D \nabla c

    Parameters
    ----------
    D : float
        Diffusivity of the drug in the device [m2/s].

    References
    ----------
    .. [1] A. Fick, Ann. Phys. 170 (1855) 59-86.

    Examples
    --------
    >>> ConstantDiffusivity(D=1e-10).diffusivity([0.2, 0.9])
    array([1.e-10, 1.e-10])
    """

    D: float = parameter("m2/s")

    def diffusivity(self, state: npt.ArrayLike = 0.0) -> Array:
        """`D` [m2/s], in the shape of `state`."""
        return np.full_like(array(state), self.D)


@final
@dataclass(frozen=True)
class Fujita1961(Diffusion):
    r"""Free-volume diffusivity, rising exponentially with local water.

    .. math:: D = D_\mathrm{gel} \exp[-\beta (1 - w / w_\mathrm{gel})]

    Parameters
    ----------
    D_gel : float
        Diffusivity in the fully swollen gel [m2/s].
    beta : float
        How much drier material holds drug back [-].
    w_gel : float
        Water at which D reaches `D_gel`, relative to equilibrium [-].

    References
    ----------
    .. [1] H. Fujita, Fortschr. Hochpolym.-Forsch. 3 (1961) 1-47.

    Examples
    --------
    >>> law = Fujita1961(D_gel=1e-10, w_gel=0.8, beta=2.5)
    >>> law.diffusivity([0.4, 0.8])
    array([2.86504797e-11, 1.00000000e-10])
    """

    varies_with: ClassVar[str | None] = "water"
    D_gel: float = parameter("m2/s")
    beta: float = parameter("1", NOT_NEGATIVE)
    w_gel: float = parameter("1", POSITIVE_FRACTION, default=1.0)

    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """D [m2/s] at the relative water `state` [-]."""
        return self.D_gel * np.exp(-self.beta * (1.0 - array(state) / self.w_gel))

    def mean_diffusivity(self, left: npt.ArrayLike, right: npt.ArrayLike) -> Array:
        """Integral mean of D between two waters [m2/s], closed form."""
        half = self.beta / self.w_gel * (array(right) - array(left)) / 2.0
        return self.diffusivity((array(left) + array(right)) / 2.0) * sinhc(half)


@final
@dataclass(frozen=True)
class ExponentialInConcentration(Diffusion):
    r"""Diffusivity that changes exponentially with the drug's own concentration.

    .. math:: D = D_0 \exp(\beta c / c_0)

    Parameters
    ----------
    D0 : float
        Diffusivity where no drug is left [m2/s].
    beta : float
        Positive where drug plasticises the device, negative where it stiffens it [-].

    References
    ----------
    .. [1] J. Crank, The Mathematics of Diffusion, 2nd ed., Oxford (1975), ch. 9.

    Examples
    --------
    >>> ExponentialInConcentration(D0=1e-11, beta=2.0).diffusivity([0.0, 0.5, 1.0])
    array([1.00000000e-11, 2.71828183e-11, 7.38905610e-11])
    """

    varies_with: ClassVar[str | None] = "concentration"
    D0: float = parameter("m2/s")
    beta: float = parameter("1", FINITE)

    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """D [m2/s] at the relative concentration `state` = c/c0 [-]."""
        return self.D0 * np.exp(np.minimum(self.beta * array(state), _ALL_OUT))

    def mean_diffusivity(self, left: npt.ArrayLike, right: npt.ArrayLike) -> Array:
        """Integral mean of D between two concentrations [m2/s], closed form."""
        half = self.beta * (array(right) - array(left)) / 2.0
        return self.diffusivity((array(left) + array(right)) / 2.0) * sinhc(half)


@final
@dataclass(frozen=True)
class ExponentialInTime(Diffusion):
    r"""Diffusivity that grows exponentially while the polymer degrades.

    .. math:: D = D_0 \exp(r t), \qquad \int_0^t D\,dt' = D_0\,\frac{e^{r t} - 1}{r}

    Uniform in space, it only changes the clock: the release at t is that of constant `D0` at
    ``clock(t) / D0``.

    What has grown stays grown. Where an event sets `rate` at t1, D goes on from where it is,
    D(t) = D(t1) exp[r' (t - t1)]; where one sets `D0`, D changes by the ratio of both, as that of a
    D(Mn) does: D = D0 Mn0/Mn under first-order scission is this law.

    Parameters
    ----------
    D0 : float
        Diffusivity at the start [m2/s].
    rate : float
        r, growth rate; negative for a device that closes up [1/s].

    References
    ----------
    .. [1] B. S. Zolnik, P. E. Leary, D. J. Burgess, J. Control. Release 112 (2006) 293-300 (release
       that quickens as the polymer degrades); change of clock: Crank (1975), sec. 7.1.

    Examples
    --------
    >>> law = ExponentialInTime(D0=1e-12, rate=1e-6)
    >>> law.diffusivity([0.0, 1e6])
    array([1.00000000e-12, 2.71828183e-12])
    >>> law.clock([1e6])
    array([1.71828183e-06])
    """

    varies_with: ClassVar[str | None] = "time"
    D0: float = parameter("m2/s")
    rate: float = parameter("1/s", FINITE)

    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """D [m2/s] at the time `state` [s]."""
        return self.D0 * np.exp(np.minimum(self.rate * array(state), _ALL_OUT))

    def clock(self, time: npt.ArrayLike) -> Array:
        """Integral of D from 0 to `time` [m2]."""
        time = array(time)
        if self.rate == 0.0:
            return self.D0 * time
        return self.D0 * np.expm1(np.minimum(self.rate * time, _ALL_OUT)) / self.rate


@final
@dataclass(frozen=True)
class MackieMeares1955(Diffusion):
    r"""Obstruction of a small solute by swollen polymer chains.

    .. math:: D = D_0 \left(\frac{w}{2 - w}\right)^2

    Here w is the water's volume fraction, 1 - polymer fraction, not water relative to equilibrium.

    Parameters
    ----------
    D0 : float
        Diffusivity in pure water [m2/s].

    References
    ----------
    .. [1] J. S. Mackie, P. Meares, Proc. R. Soc. London A 232 (1955) 498-509.

    Examples
    --------
    >>> MackieMeares1955(D0=9e-10).diffusivity([0.5, 1.0])
    array([1.e-10, 9.e-10])
    """

    varies_with: ClassVar[str | None] = "water_volume_fraction"
    D0: float = parameter("m2/s")

    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """D [m2/s] at the water volume fraction `state` [-]."""
        w = array(state)
        return self.D0 * (w / (2.0 - w)) ** 2


@final
@dataclass(frozen=True)
class LeachedPorosity(Diffusion):
    r"""Diffusion through the pores that dissolved drug has left behind.

    .. math:: D = D_\mathrm{pore}\,\frac{\epsilon_0 + \epsilon_\mathrm{leached}}{\tau}

    The flux is ``-D grad c`` with c the concentration in the pore liquid.

    Parameters
    ----------
    D_pore : float
        Diffusivity in the liquid of the pores [m2/s].
    porosity0 : float
        Open porosity before any drug has left [-].
    tortuosity : float
        Path through the pores per straight distance, squared as measured [-].

    References
    ----------
    .. [1] T. Higuchi, J. Pharm. Sci. 52 (1963) 1145-1149.

    Examples
    --------
    >>> law = LeachedPorosity(D_pore=6e-10, porosity0=0.05, tortuosity=3.0)
    >>> law.diffusivity([0.0, 0.20])
    array([1.e-11, 5.e-11])
    """

    varies_with: ClassVar[str | None] = "leached"
    D_pore: float = parameter("m2/s")
    porosity0: float = parameter("1", FRACTION)
    tortuosity: float = parameter("1", AT_LEAST_ONE)

    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """D [m2/s] when solid drug of the volume fraction `state` [-] has left."""
        # pores cannot exceed the device, whatever the drug's density says
        return self.D_pore * np.minimum(self.porosity0 + array(state), 1.0) / self.tortuosity


@final
@dataclass(frozen=True)
class PowerInMolarMass(Diffusion):
    r"""Diffusivity that rises as a power of the chains getting shorter.

    .. math:: D = D_0 \left(\frac{M_{n0}}{M_n}\right)^{a}

    Parameters
    ----------
    D0 : float
        Diffusivity in the fresh polymer [m2/s].
    exponent : float
        a; 1 is D inversely proportional to molar mass [-].

    References
    ----------
    .. [1] J. Siepmann, N. Faisant, J.-P. Benoit, Pharm. Res. 19 (2002) 1885-1893.

    Examples
    --------
    >>> PowerInMolarMass(D0=1e-14, exponent=1.0).diffusivity([1.0, 0.25])
    array([1.e-14, 4.e-14])
    """

    varies_with: ClassVar[str | None] = "molar_mass"
    D0: float = parameter("m2/s")
    exponent: float = parameter("1", NOT_NEGATIVE)

    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """D [m2/s] at the relative molar mass `state` = Mn/Mn0 [-]."""
        power = -self.exponent * np.log(np.maximum(array(state), _GONE))
        return self.D0 * np.exp(np.minimum(power, _ALL_OUT))


@final
@dataclass(frozen=True)
class ExponentialInMolarMass(Diffusion):
    r"""Diffusivity that rises exponentially while chains get shorter, to a finite end value.

    .. math:: D = D_0 \exp[a (1 - M_n / M_{n0})]

    Parameters
    ----------
    D0 : float
        Diffusivity in the fresh polymer [m2/s].
    a : float
        ln of the end value over `D0` [-].

    References
    ----------
    .. [1] A. N. Ford Versypt, D. W. Pack, R. D. Braatz, J. Control. Release 165 (2013) 29-37
       (review of the diffusivities used for degrading polyesters).

    Examples
    --------
    >>> ExponentialInMolarMass(D0=1e-14, a=4.0).diffusivity([1.0, 0.5])
    array([1.0000000e-14, 7.3890561e-14])
    """

    varies_with: ClassVar[str | None] = "molar_mass"
    D0: float = parameter("m2/s")
    a: float = parameter("1", NOT_NEGATIVE)

    def diffusivity(self, state: npt.ArrayLike) -> Array:
        """D [m2/s] at the relative molar mass `state` = Mn/Mn0 [-]."""
        return self.D0 * np.exp(np.minimum(self.a * (1.0 - array(state)), _ALL_OUT))


def sinhc(x: npt.ArrayLike) -> Array:
    """Hyperbolic sine of x over x, 1 at 0.

    Examples
    --------
    >>> sinhc([0.0, 1.0])
    array([1.        , 1.17520119])
    """
    x = array(x)
    # below 1e-3 the series is exact to rounding, and 0/0 is never formed
    safe = np.where(np.abs(x) < 1e-3, 1.0, x)
    return np.where(np.abs(x) < 1e-3, 1.0 + x * x / 6.0 + x**4 / 120.0, np.sinh(safe) / safe)

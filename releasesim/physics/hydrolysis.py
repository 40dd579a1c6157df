"""Bulk hydrolysis: how the polymer's chains are cut by water throughout the device.

It takes ester and water. Rates are those of polymer at its equilibrium water, into which its
concentration is folded (pseudo-first order); where hydration takes time they act w times as fast at
the relative water w, and polymer that stays dry stays whole.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from releasesim.physics.law import FRACTION, NOT_NEGATIVE, Array, Law, array, parameter


class Hydrolysis(Law, slot="hydrolysis"):
    """Law of m = Mn/Mn0, the number-average molar mass relative to its initial value [-]."""

    @abstractmethod
    def molar_mass(self, time: npt.ArrayLike, begun: npt.ArrayLike = 1.0) -> Array:
        """Mn/Mn0 [-], `time` [s] after it was `begun` [-], where no acid is lost."""

    @abstractmethod
    def critical_molar_mass(self) -> float:
        """Mn/Mn0 below which the polymer leaves [-]; 0: it never does."""


@final
@dataclass(frozen=True)
class NoHydrolysis(Hydrolysis):
    """Chains stay whole.

    Examples
    --------
    >>> NoHydrolysis().molar_mass([0.0, 1e6])
    array([1., 1.])
    """

    off: ClassVar[bool] = True

    def molar_mass(self, time: npt.ArrayLike = 0.0, begun: npt.ArrayLike = 1.0) -> Array:
        """`begun` [-], in the shape of `time`."""
        return np.full_like(array(time), begun)

    def critical_molar_mass(self) -> float:
        """Zero [-]: the polymer never leaves."""
        return 0.0


@final
@dataclass(frozen=True)
class FirstOrderScission(Hydrolysis):
    r"""Chain scission of first order, quickened by the acid it makes.

    .. math:: \frac{dm}{dt} = -r m\,[1 + b (1 - m)], \qquad m = \frac{1 + b}{b + e^{r (1 + b) t}}

    With b = 0 it is Mn = Mn0 exp(-r t). m/(1 + b (1 - m)) falls as exp(-r (1 + b) t) from any m on:
    under another rate or feedback the polymer goes on from the m that it has come to.

    Parameters
    ----------
    rate : float
        r [1/s].
    feedback : float
        b, how much faster fully cut polymer is cut [-].
    Mn_critical : float
        Mn/Mn0 below which the polymer leaves; 0: it never does [-].

    References
    ----------
    .. [1] C. G. Pitt, M. M. Gratzl, G. L. Kimmel, J. Surles, A. Schindler, Biomaterials 2
       (1981) 215-220.

    Examples
    --------
    >>> FirstOrderScission(rate=2.4e-7).molar_mass([0.0, 2.592e6])  # 30 days
    array([1.        , 0.53682668])
    >>> FirstOrderScission(rate=2.4e-7, feedback=2.0).molar_mass([2.592e6])
    array([0.3544446])
    """

    rate: float = parameter("1/s")
    feedback: float = parameter("1", NOT_NEGATIVE, default=0.0)
    Mn_critical: float = parameter("1", FRACTION, default=0.0)

    def molar_mass(self, time: npt.ArrayLike, begun: npt.ArrayLike = 1.0) -> Array:
        """Mn/Mn0 [-], `time` [s] after it was `begun` [-]."""
        # written with exp(-x): long times end at 0 and never overflow
        decay = np.exp(-self.rate * (1.0 + self.feedback) * array(time))
        left = decay * array(begun) / (1.0 + self.feedback * (1.0 - array(begun)))
        return (1.0 + self.feedback) * left / (1.0 + self.feedback * left)

    def molar_mass_rate(self, molar_mass: npt.ArrayLike) -> Array:
        """dm/dt [1/s] at m = `molar_mass` [-]."""
        m = array(molar_mass)
        return -self.rate * m * (1.0 + self.feedback * (1.0 - m))

    def critical_molar_mass(self) -> float:
        """`Mn_critical` [-]."""
        return self.Mn_critical


@final
@dataclass(frozen=True)
class AutocatalyticScission(Hydrolysis):
    r"""Ester bonds cut by water and by the acid groups that each cut leaves, which may diffuse out.

    .. math:: \frac{\partial X}{\partial t} =
              \nabla\cdot(D_\mathrm{acid} \nabla X) + (k_1 + k_2 X) E, \qquad
              \frac{dE}{dt} = -(k_1 + k_2 X) E, \qquad
              \frac{M_n}{M_{n0}} = \frac{X_0}{X_0 + E_0 - E}

    X acid, E ester [mol/m3]. Without diffusion E is logistic, with a = k1 + k2 (X0 + E0):

    .. math:: E = \frac{a E_0}{k_2 E_0 + (k_1 + k_2 X_0)\,e^{a t}}

    Parameters
    ----------
    k1 : float
        Rate of the cut by water alone [1/s].
    k2 : float
        Rate of the cut by acid [m3/mol/s].
    acid0 : float
        X0, acid end groups at the start [mol/m3].
    ester0 : float
        E0, ester bonds at the start [mol/m3].
    D_acid : float
        Diffusivity of the acid; 0 is the lumped form [m2/s].
    Mn_critical : float
        Mn/Mn0 below which the polymer leaves; 0: it never does [-].

    References
    ----------
    .. [1] H. Antheunis, J.-C. van der Meer, M. de Geus, A. Heise, C. E. Koning, Biomacromolecules
       11 (2010) 1118-1124.
    .. [2] A. N. Ford Versypt, P. D. Arendt, D. W. Pack, R. D. Braatz, PLoS ONE 10 (2015) e0135506.

    Examples
    --------
    >>> law = AutocatalyticScission(k1=1e-9, k2=1e-11, acid0=50.0, ester0=15000.0)
    >>> law.ester([0.0, 2.592e6])
    array([15000.        , 14928.90938212])
    >>> law.molar_mass([2.592e6])
    array([0.41291391])
    """

    k1: float = parameter("1/s", NOT_NEGATIVE)
    k2: float = parameter("m3/mol/s", NOT_NEGATIVE)
    acid0: float = parameter("mol/m3")
    ester0: float = parameter("mol/m3")
    D_acid: float = parameter("m2/s", NOT_NEGATIVE, default=0.0)
    Mn_critical: float = parameter("1", FRACTION, default=0.0)

    def ester(self, time: npt.ArrayLike) -> Array:
        """Ester bonds E [mol/m3] after `time` [s] where no acid is lost."""
        start = self.k1 + self.k2 * self.acid0
        total = start + self.k2 * self.ester0
        # written with exp(-a t): long times end at 0 and never overflow
        decay = np.exp(-total * array(time))
        return total * self.ester0 * decay / (start + self.k2 * self.ester0 * decay)

    def scission_rate(self, acid: npt.ArrayLike, ester: npt.ArrayLike) -> Array:
        """Bonds cut, -dE/dt [mol/m3/s], at acid X and ester E [mol/m3]."""
        return (self.k1 + self.k2 * array(acid)) * array(ester)

    def molar_mass_of(self, ester: npt.ArrayLike) -> Array:
        """Mn/Mn0 [-] when `ester` [mol/m3] is left: acid that leaves does not mend chains."""
        return self.acid0 / (self.acid0 + self.ester0 - array(ester))

    def molar_mass(self, time: npt.ArrayLike, begun: npt.ArrayLike = 1.0) -> Array:
        """Mn/Mn0 [-], `time` [s] after it was `begun` [-], where no acid is lost."""
        begun = array(begun)
        made = self.acid0 * (1.0 / begun - 1.0)
        acid, ester = self.acid0 + made, np.maximum(self.ester0 - made, 0.0)
        start = self.k1 + self.k2 * acid
        if (start == 0.0).any():  # k1 and k2 are 0, and nothing cuts
            return np.full_like(array(time), begun)
        fade = -(start + self.k2 * ester) * array(time)
        # bonds cut since, formed directly: the few of the first moments keep their digits
        cut = -ester * start * np.expm1(fade) / (start + self.k2 * ester * np.exp(fade))
        return self.acid0 / (acid + cut)

    def critical_molar_mass(self) -> float:
        """`Mn_critical` [-]."""
        return self.Mn_critical

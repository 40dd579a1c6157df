"""Swelling: how much the polymer grows as it takes up water."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import numpy as np
import numpy.typing as npt

from releasesim.physics.law import AT_LEAST_ONE, Array, Law, array, parameter


class Swelling(Law, slot="swelling"):
    """Law of J, the current volume of the material over its volume as printed [-].

    Fields live on the printed configuration: with c per current volume, d(J c)/dt =
    div(D J^(1/3) grad c); a film's conductance is k J^(2/3), a front's speed v J^(-1/3) there.
    """

    @abstractmethod
    def volume_ratio(self, water: npt.ArrayLike) -> Array:
        """J [-] at the relative water w = `water` [-]."""

    def stretch(self, water: npt.ArrayLike) -> Array:
        """Growth of every length, J^(1/3) [-]."""
        return np.cbrt(self.volume_ratio(water))

    def water_volume_fraction(self, water: npt.ArrayLike) -> Array:
        """Water per volume of swollen material, 1 - 1/J [-]."""
        return 1.0 - 1.0 / self.volume_ratio(water)


@final
@dataclass(frozen=True)
class NoSwelling(Swelling):
    """The material keeps its volume.

    Examples
    --------
    >>> NoSwelling().volume_ratio([0.0, 1.0])
    array([1., 1.])
    """

    off: ClassVar[bool] = True

    def volume_ratio(self, water: npt.ArrayLike = 0.0) -> Array:
        """One [-], in the shape of `water`."""
        return np.ones_like(array(water))


@final
@dataclass(frozen=True)
class VolumeAdditive(Swelling):
    r"""Volumes of polymer and water add up, the same in every direction.

    .. math:: J = 1 + w\,(J_\mathrm{eq} - 1)

    Parameters
    ----------
    equilibrium_volume_ratio : float
        J_eq, swollen over printed volume at equilibrium [-].

    References
    ----------
    .. [1] J. Siepmann, K. Podual, M. Sriwongjanya, N. A. Peppas, R. Bodmeier, J. Pharm.
       Sci. 88 (1999) 65-72.

    Examples
    --------
    >>> law = VolumeAdditive(equilibrium_volume_ratio=8.0)
    >>> law.volume_ratio([0.0, 0.5, 1.0])
    array([1. , 4.5, 8. ])
    >>> law.stretch([1.0])
    array([2.])
    """

    equilibrium_volume_ratio: float = parameter("1", AT_LEAST_ONE)

    def volume_ratio(self, water: npt.ArrayLike) -> Array:
        """J [-] at the relative water w = `water` [-]."""
        return 1.0 + array(water) * (self.equilibrium_volume_ratio - 1.0)

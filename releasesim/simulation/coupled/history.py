"""What laws have done to a tablet by a time at which some of them change: it is not undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.physics import ExponentialInTime, Physics

Array = NDArray[np.float64]

#: Growth beyond which a device has long been emptied, or closed, in powers of e.
_MOST = 300.0


@dataclass(frozen=True)
class History:
    """State of laws that follow the time and no field, when it began to run by the present laws.

    Parameters
    ----------
    since : float
        When that was [s].
    lengths : mapping of int to float
        Mn/Mn0 then, of parts whose chains had been cut evenly [-].
    growth : mapping of int to float
        ln(D/D0) then, of parts whose D grows with the time [-].
    """

    since: float = 0.0
    lengths: Mapping[int, float] = field(default_factory=dict)
    growth: Mapping[int, float] = field(default_factory=dict)

    def molar_mass(self, part: int, laws: Physics, t: ArrayLike) -> Array:
        """Mn/Mn0 of a part at t where no acid is lost [-]."""
        return laws.hydrolysis.molar_mass(np.asarray(t) - self.since, self.lengths.get(part, 1.0))

    def diffusivity(self, part: int, laws: Physics, t: ArrayLike) -> Array:
        """D at t of a part whose D follows the time [m2/s]."""
        grown = float(np.clip(self.growth.get(part, 0.0), -_MOST, _MOST))
        return np.asarray(laws.diffusion.diffusivity(np.asarray(t) - self.since) * np.exp(grown))

    def gone_on(self, laws: Sequence[Physics], t: float) -> History:
        """What it has become at t, when `laws` of the parts have run until then."""
        growth = {
            part: self.growth.get(part, 0.0) + float(law.rate) * (t - self.since)
            for part, law in enumerate(own.diffusion for own in laws)
            if isinstance(law, ExponentialInTime)
        }
        lengths = {
            part: float(self.molar_mass(part, own, t))
            for part, own in enumerate(laws)
            if not own.is_off("hydrolysis")
        }
        return History(t, lengths, growth)

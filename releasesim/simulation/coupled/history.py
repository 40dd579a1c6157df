"""What laws have done to a tablet by a time at which some of them change: it is not undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from releasesim.physics import ExponentialInTime, Physics

if TYPE_CHECKING:
    from releasesim.simulation.coupled.matter import Matter

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

    def molar_mass(self, part: int, laws: Physics, t: float) -> float:
        """Mn/Mn0 of a part at t where no acid is lost [-]."""
        return float(laws.hydrolysis.molar_mass(t - self.since, self.lengths.get(part, 1.0)))

    def diffusivity(self, part: int, laws: Physics, t: float) -> float:
        """D at t of a part whose D follows the time [m2/s]."""
        grown = np.clip(self.growth.get(part, 0.0), -_MOST, _MOST)
        return float(laws.diffusion.diffusivity(t - self.since) * np.exp(grown))


def gone_on(before: Matter, t: float) -> History:
    """The history of what has been `before`, up to t [s]."""
    history = before.history
    growth = {
        part: history.growth.get(part, 0.0) + float(law.rate) * (t - history.since)
        for part, law in enumerate(laws.diffusion for laws in before.laws)
        if isinstance(law, ExponentialInTime)
    }
    lengths = {
        part: before.molar_mass(part, t)
        for part, laws in enumerate(before.laws)
        if not laws.is_off("hydrolysis")
    }
    return History(t, lengths, growth)

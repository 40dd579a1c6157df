"""Chains that only water cuts: how long every cell has been wet.

Hydrolysis is of second order, in ester and in water: the rates of the laws are those of polymer at
its equilibrium water, and where it holds a share w of that, they act w times as fast. A law without
a field of its own then runs by the time that a cell has been wet, the integral of w.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import AutocatalyticScission
from releasesim.simulation.coupled.matter import Matter

if TYPE_CHECKING:
    from releasesim.simulation.coupled.model import Model

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


def ages_by_water(matter: Matter, part: int) -> bool:
    """Whether the chains of a part are cut as water comes, and not evenly or in fields of acid."""
    laws = matter.laws[part]
    resolved = matter.acid_diffuses and isinstance(laws.hydrolysis, AutocatalyticScission)
    return not laws.is_off("hydrolysis") and not laws.is_off("hydration") and not resolved


@dataclass(eq=False)
class Ageing:
    """How long every cell has been wet under the present laws, (n,) each.

    Parameters
    ----------
    begun : ndarray
        Mn/Mn0 when these began [-].
    wet : ndarray
        Integral of w since [s].
    since : float
        Time up to which that is [s].
    water, pace : ndarray
        w then [-], and how it was changing [1/s].
    """

    begun: Array
    wet: Array
    since: float
    water: Array
    pace: Array

    @classmethod
    def of_dry(cls, n: int) -> Ageing:
        """Of n cells at time 0."""
        return cls(np.ones(n), np.zeros(n), 0.0, np.zeros(n), np.zeros(n))

    def at(self, t: float) -> Array:
        """Time that every cell has been wet at t, not long after `since`, (n,) [s]."""
        ahead = t - self.since
        return np.asarray(
            self.wet + ahead * np.clip(self.water + 0.5 * ahead * self.pace, 0.0, 1.0)
        )

    def go_on(self, t: float, water: Array) -> None:
        """Go on to t, where cells hold so much `water` (n,)."""
        step = t - self.since
        if step <= 0.0:
            return
        self.wet = self.wet + 0.5 * step * (self.water + water)
        self.pace = (water - self.water) / step
        self.since, self.water = t, water

    def molar_mass(self, matter: Matter, part: int, at: Integers, t: float) -> Array:
        """Mn/Mn0 of cells `at` (k,) of a part at t, (k,) [-]."""
        law = matter.laws[part].hydrolysis
        return np.asarray(law.molar_mass(self.at(t)[at], self.begun[at]))

    def under_other_laws(self, before: Matter, cells: dict[int, Integers]) -> None:
        """Begin anew with what the laws of `before` have left of the chains in cells of parts."""
        for part, at in cells.items():
            if ages_by_water(before, part):
                self.begun[at] = self.molar_mass(before, part, at, self.since)
                self.wet[at] = 0.0


def molar_mass(model: Model, part: int, at: Integers, t: float) -> Array | float:
    """Mn/Mn0 of cells `at` (k,) of a part whose chains are no field, at t [-]."""
    if model.ageing is not None and ages_by_water(model.matter, part):
        return model.ageing.molar_mass(model.matter, part, at, t)
    return model.matter.molar_mass(part, t)

"""One part that holds drug, in one medium: the quantities that regime numbers are made of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import time_text
from releasesim.geometry.grid import VoxelGrid
from releasesim.physics import (
    AutocatalyticScission,
    CaseII,
    EntericFront,
    InstantlyWet,
    NoyesWhitney1897,
    Physics,
)
from releasesim.simulation.coupled.history import History
from releasesim.simulation.coupled.matter import (
    film_conditions,
    front_speed,
    physics_of_parts,
    solubility_in,
)
from releasesim.study import Study

Array = NDArray[np.float64]

#: Points in time that a changing diffusivity is averaged over.
_POINTS = 513


@dataclass(frozen=True, eq=False)
class Solid:
    """What was printed: volume [m3], wetted area [m2], and the grid it was solved on, if any."""

    volume: float
    area: float
    grid: VoxelGrid | None = None

    @property
    def length(self) -> float:
        """Volume over wetted area [m]: half a slab's thickness, R/2 of a rod, R/3 of a sphere."""
        return self.volume / self.area if self.area > 0 else np.inf


@dataclass(frozen=True, eq=False)
class Phase:
    """One part in one medium.

    Parameters
    ----------
    study : Study
        As it is in that medium.
    part : int
    solid : Solid
    begin, end : float
        [s].
    times, fraction : (n,) ndarray
        The whole curve: outputs [s], and released fraction of the dose [-].
    history : History
        What laws of the time had done by then.
    """

    study: Study
    part: int
    solid: Solid
    begin: float
    end: float
    times: Array
    fraction: Array
    history: History = field(default_factory=History)

    def released(self, t: float) -> float:
        """Fraction of the dose by just before a time at which the curve may turn or jump [-]."""
        straight = float(np.interp(t, self.times, self.fraction))
        last = int(np.searchsorted(self.times, t)) - 1
        if last < 0 or not self.times[last] > 0.0:
            return straight
        # curves bend downwards as a rule: no faster than so far
        return min(straight, float(self.fraction[last] * t / self.times[last]))

    @property
    def gained(self) -> float:
        """What is released in this medium, of the dose [-]."""
        return self.released(self.end) - self.released(self.begin)

    @cached_property
    def laws(self) -> Physics:
        """Of the part."""
        return physics_of_parts(self.study)[self.part]

    @property
    def name(self) -> str:
        """Of the part; empty for the tablet's own material."""
        return self.study.tablet.parts[self.part].name

    @property
    def concentration(self) -> float:
        """Drug at time 0 [kg/m3]."""
        return float(self.study.tablet.concentrations[self.part])

    @property
    def partition(self) -> float:
        """K [-]."""
        own = self.study.tablet.parts[self.part].partition
        return self.study.bath.partition if own is None else own

    @property
    def pH(self) -> float | None:  # noqa: N802  # as it is written
        """Of the medium."""
        medium = self.study.bath.medium
        return None if medium is None else float(medium.pH)

    # --- diffusion ---------------------------------------------------------------------------

    @property
    def diffuses(self) -> bool:
        """Whether the drug moves by itself."""
        return not self.laws.is_off("diffusion")

    @cached_property
    def course(self) -> Array:
        """Diffusivity of the drug, wet, from the beginning to the end of the run, (m,) [m2/s]."""
        law, history = self.laws.diffusion, self.history
        times = np.linspace(history.since, float(self.study.run.output_times()[-1]), _POINTS)
        kind = str(law.varies_with)
        if kind == "time":
            return history.diffusivity(self.part, self.laws, times)
        state = {
            "molar_mass": history.molar_mass(self.part, self.laws, times),
            # an average over a course in which drug leaves evenly
            "concentration": np.linspace(1.0, 0.0, _POINTS),
            "leached": np.linspace(0.0, self._leached, _POINTS),
            "water_volume_fraction": np.full(_POINTS, self._water),
        }.get(kind, np.ones(_POINTS))
        return np.asarray(law.diffusivity(state), dtype=float)

    @property
    def _leached(self) -> float:
        """Volume of all drug per volume of the part [-]."""
        drug = self.study.tablet.parts[self.part].formulation.drug
        return 0.0 if drug is None else self.concentration / float(drug.density)

    @property
    def _water(self) -> float:
        """Volume fraction of water where the polymer is wet [-]."""
        if not self.laws.is_off("swelling"):
            return 1.0 - 1.0 / float(self.laws.swelling.volume_ratio(1.0))
        polymer = self.study.tablet.parts[self.part].formulation.polymer
        water = None if polymer is None else polymer.equilibrium_water
        return 1.0 if water is None else float(water)

    @cached_property
    def D(self) -> float:  # noqa: N802  # the paper's symbol
        """Diffusivity of the drug where it is wet, its mean over the course [m2/s]."""
        return float(np.trapezoid(self.course, dx=1.0 / (_POINTS - 1)))

    @property
    def growth(self) -> float:
        """Diffusivity at the end over that at the start [-]."""
        return float(self.course[-1] / self.course[0]) if self.course[0] > 0 else 1.0

    @cached_property
    def film(self) -> float:
        """Mass-transfer coefficient [m/s]; infinite for a perfect sink."""
        return float(self.study.physics.film.coefficient(film_conditions(self.study)))

    # --- erosion -----------------------------------------------------------------------------

    @cached_property
    def speed(self) -> float:
        """Of the eroding front on its way through L, per printed length [m/s]."""
        from scipy.special import erfcinv

        own = front_speed(self.study, self.name, self.laws)
        water, onset = self.laws.hydration, self.laws.erosion.onset_water()
        if not (water.diffuses and own > 0.0 and onset > 0.0):
            return own
        # the line of that water comes to L of a thick slab so soon
        root = float(erfcinv(onset))
        soon = (self.solid.length / (2.0 * max(root, 1e-9))) ** 2 / float(water.diffusivity(onset))
        return min(own, self.solid.length / soon)

    @property
    def free_speed(self) -> float:
        """Of the front if it did not have to wait for water [m/s]."""
        if not isinstance(self.laws.hydration, CaseII):
            return front_speed(self.study, self.name, self.laws)
        wet = replace(self.laws, hydration=InstantlyWet())
        return front_speed(self.study, self.name, wet)

    @property
    def paced_by_water(self) -> bool:
        """Whether the front waits for water."""
        return self.speed < 0.999 * self.free_speed

    @property
    def pH_stops(self) -> bool:  # noqa: N802
        """Whether it is this medium's pH that keeps the front from moving."""
        law = self.laws.erosion
        return isinstance(law, EntericFront) and self.speed < 0.01 * law.speed

    # --- water -------------------------------------------------------------------------------

    @property
    def waits_for_water(self) -> bool:
        """Whether anything that releases drug has to wait for water."""
        laws = self.laws
        if laws.is_off("hydration"):
            return False
        if isinstance(laws.hydration, CaseII) or not laws.is_off("dissolution"):
            return True
        slower = self._by_water and self.at_water(0.0) < 0.5 * self.at_water(1.0)
        return slower and not self.outruns_water

    @property
    def outruns_water(self) -> bool:
        """Whether drug gets through dry polymer before water does."""
        law = self.laws.hydration
        return (
            law.diffuses
            and self.laws.is_off("dissolution")
            and self.at_water(0.0) > float(law.diffusivity(1.0))
        )

    def at_water(self, water: float) -> float:
        """Diffusivity of the drug where the polymer holds this much of its water [m2/s]."""
        if not self._by_water:
            return self.D
        share = 1.0 if self.laws.diffusion.varies_with == "water" else self._water
        return float(self.laws.diffusion.diffusivity(share * water))

    @property
    def _by_water(self) -> bool:
        return str(self.laws.diffusion.varies_with).startswith("water")

    @property
    def hydration_time(self) -> float:
        """Time for water to come in: L^2/D_w, or L/u of a sharp front [s]; 0 at once."""
        law, length = self.laws.hydration, self.solid.length
        if isinstance(law, CaseII):
            return length / law.speed
        return length**2 / float(law.diffusivity(1.0)) if law.diffuses else 0.0

    @property
    def wetting_time(self) -> float:
        """Mean time that a place waits for its water [s]: L^2/3D_w, or L/2u of a sharp front."""
        return self.hydration_time / (2.0 if isinstance(self.laws.hydration, CaseII) else 3.0)

    # --- solid drug --------------------------------------------------------------------------

    @cached_property
    def solubility(self) -> float:
        """In the device [kg/m3]; infinite if unknown."""
        return solubility_in(self.study, self.part)

    @property
    def loading(self) -> float:
        """Drug over its solubility, A/c_s [-]; 0 if unknown."""
        return self.concentration / self.solubility

    @property
    def dispersed(self) -> bool:
        """Whether solid drug has to dissolve."""
        return not self.laws.is_off("dissolution") and self.loading > 1.0

    @property
    def dissolution_rate(self) -> float:
        """Rate r of Noyes and Whitney [1/s]; infinite where drug dissolves at once."""
        law = self.laws.dissolution
        return float(law.rate) if isinstance(law, NoyesWhitney1897) else np.inf

    # --- bath --------------------------------------------------------------------------------

    @property
    def bath(self) -> float:
        """V_b/(K V) [-]; infinite for a perfect sink."""
        volume = self.study.bath.volume
        return np.inf if volume is None else volume / (self.partition * self.solid.volume)

    # --- hydrolysis --------------------------------------------------------------------------

    @cached_property
    def falls(self) -> float:
        """When the polymer falls apart, with all its acid and the mean wait for water [s].

        Infinite for never.
        """
        critical = self.laws.hydrolysis.critical_molar_mass()
        if not critical > 0.0:
            return np.inf
        from scipy.optimize import brentq

        def gap(t: float) -> float:
            return float(self.history.molar_mass(self.part, self.laws, t)) - critical

        if gap(self.history.since) < 0.0:
            return self.history.since
        last = float(self.study.run.output_times()[-1])
        for _ in range(200):
            if gap(last) < 0.0:
                return float(brentq(gap, self.history.since, last)) + self.wetting_time
            last *= 2.0
        return np.inf

    @property
    def falls_text(self) -> str:
        """When the polymer falls apart, in words: not at once where it waits for water."""
        first = self.falls - self.wetting_time
        if not first > self.history.since or self.wetting_time < 0.05 * self.falls:
            return time_text(self.falls)
        return (
            f"{time_text(self.falls)} on average (from {time_text(first)} at the surface, later "
            "where water comes later)"
        )

    @property
    def acid(self) -> AutocatalyticScission | None:
        """The law of acid that diffuses; None without."""
        law = self.laws.hydrolysis
        return law if isinstance(law, AutocatalyticScission) and law.D_acid > 0 else None

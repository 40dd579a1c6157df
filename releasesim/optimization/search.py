"""The search: Sobol points for every polymer at once, and least squares from any of them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError, InputError
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.curves import Geometry
from releasesim.optimization.dose import dose_fault, loading_fault, meet_dose
from releasesim.optimization.effort import effort_fault
from releasesim.optimization.fault import telling
from releasesim.optimization.materials import Material
from releasesim.optimization.polypill import (
    WantedOfDrugs,
    formulations,
    meet_doses,
    with_polymers_of,
)
from releasesim.optimization.space import Space, unprintable
from releasesim.optimization.store import CurveStore
from releasesim.simulation.mechanism import mechanism_of
from releasesim.study import DesignSpec, Study
from releasesim.tablet import Tablet

Array = NDArray[np.float64]
Progress = Callable[[str, float], None]
Job = tuple[str, dict[str, Any], tuple[float, ...]]
"""Pattern, discrete parameters, continuous ones in the unit cube."""

#: Search grid [m]: wrong by several percent for 0.4 mm roads, but it ranks (NUMERICS 8).
SEARCH_SPACING = 2e-4
#: Step of the finite differences in the unit cube: above the grid's own roughness.
_STEP = 0.04
_EVALUATIONS = 4
#: Points drawn for each that is wanted, as many cannot be printed or do not hold the dose.
_SPARE = 4
_THREADS = 2
#: Trials of a polymer and pattern that are told apart differ by this in the unit cube.
_DISTINCT = 0.15


@dataclass(frozen=True, eq=False)
class Trial:
    """One polymer at one point, on the search grid.

    Parameters
    ----------
    material : Material
    pattern : str
    choice : dict
        Discrete parameters.
    point : tuple of float
        Continuous parameters in the unit cube.
    tablet : Tablet
        Holding the dose.
    fraction : (n,) ndarray
        Predicted at the judged times [-].
    misfit : float
        Root mean square difference [-].
    """

    material: Material
    pattern: str
    choice: dict[str, Any]
    point: tuple[float, ...]
    tablet: Tablet
    fraction: Array
    misfit: float

    @property
    def pair(self) -> tuple[str, str]:
        """Polymer and pattern."""
        return self.material.name, self.pattern

    @property
    def kind(self) -> tuple[Any, ...]:
        """Polymer, whole numbers and words."""
        return (self.material.name, *sorted(self.choice.items()))

    @property
    def key(self) -> tuple[Any, ...]:
        """What tells its tablet from others: kind and point."""
        return (*self.kind, self.point)


@dataclass(eq=False)
class Search:
    """All that the candidates of one design share, and what has been computed for them.

    Parameters
    ----------
    space : Space
    spec : DesignSpec
    wanted : Wanted
    materials : sequence of Material
    any_loading : bool
        Take loadings that the polymer does not: to see whether they would help.
    store : CurveStore, optional
        Where solved curves are kept.
    """

    space: Space
    spec: DesignSpec
    wanted: Wanted
    materials: Sequence[Material]
    any_loading: bool = False
    store: CurveStore | None = None
    tried: list[Trial] = field(default_factory=list, init=False)
    pruned: int = field(default=0, init=False)
    slopes: int = field(default=0, init=False)
    gradients: int = field(default=0, init=False)
    _geometries: dict[tuple[Any, ...], Geometry | str] = field(default_factory=dict, init=False)
    _reasons: dict[tuple[str, str], Counter[str]] = field(default_factory=dict, init=False)
    _counting: Lock = field(default_factory=Lock, init=False)

    @property
    def geometries(self) -> int:
        """Geometries voxelised so far."""
        return sum(isinstance(g, Geometry) for g in self._geometries.values())

    @property
    def faults(self) -> dict[tuple[str, str], str]:
        """Why pairs of polymer and pattern cannot be at all: the most telling reason of each."""
        can = {(trial.material.name, trial.pattern) for trial in self.tried}
        return {
            pair: telling(reasons) for pair, reasons in self._reasons.items() if pair not in can
        }

    @property
    def fault(self) -> str:
        """The most telling reason of all; empty where there is none."""
        reasons = sum(self._reasons.values(), Counter[str]())
        return telling(reasons) if reasons else ""

    def rank(self, trial: Trial) -> tuple[float, float]:
        """What a trial lacks, and its misfit: lower is better [-]."""
        return self.wanted.lacks(trial.fraction), trial.misfit

    def differ(self, one: Trial, other: Trial) -> bool:
        """Whether two trials are two designs and not one twice."""
        if one.pair != other.pair:
            return True
        a, b = (np.array(self.space.places(t.choice, t.tablet)) for t in (one, other))
        return bool(np.abs(a - b).max(initial=0.0) > _DISTINCT)

    # --- one point -------------------------------------------------------------------------

    def geometry(
        self, material: Material, choice: dict[str, Any], point: Sequence[float]
    ) -> Geometry | str:
        """The geometry at a point, or why it cannot be printed; one for all polymers.

        Where the size follows from the dose, every polymer has a geometry of its own.
        """
        point = tuple(round(float(x), 6) for x in point)
        owner = material.name if self._sized else ""
        key = (owner, *sorted(choice.items()), point)
        if key not in self._geometries:
            made = self._make_geometry(material, choice, point)
            if isinstance(made, Geometry):
                made.store, made.name = self.store, key
            self._geometries[key] = made
        return self._geometries[key]

    @property
    def _sized(self) -> bool:
        return self.spec.absorbs_dose == "size" and self.spec.dose is not None

    def _make_geometry(
        self, material: Material, choice: dict[str, Any], point: Sequence[float]
    ) -> Geometry | str:
        parameters = self.space.snapped({**self.space.values(point), **choice})
        try:
            tablet = self.space.build(parameters)
            if self._sized:
                tablet = meet_dose(tablet, material.study.tablet.formulation, self.spec)
            fault = self.space.size_fault(tablet) if self._sized else ""
            fault = fault or unprintable(tablet, material.study)
            if not fault and not tablet.part_volumes:  # sliced here, once for all polymers
                fault = "nothing is printed"
        except (GeometryError, InputError) as error:
            return error.message
        mechanisms = [material.mechanism for material in self.materials]
        return fault or Geometry(tablet, SEARCH_SPACING, self.wanted.times, mechanisms)

    def holding(self, material: Material, geometry: Geometry) -> Tablet | str:
        """A geometry's tablet with the dose in it, or why it cannot be: nothing is solved."""
        tablet = geometry.tablet
        try:
            if not self._sized:
                tablet = self._dosed(tablet, material)
            fault = "" if self.any_loading else self._loading_fault(tablet, material)
            fault = fault or dose_fault(tablet, self.spec)
            return fault or effort_fault(tablet, material.study, self.spec) or tablet
        except (GeometryError, InputError) as error:
            return error.message

    def trial(
        self, material: Material, pattern: str, choice: dict[str, Any], point: Sequence[float]
    ) -> Trial | str:
        """One polymer at one point, or why it cannot be."""
        geometry = self.geometry(material, choice, point)
        if isinstance(geometry, str):
            return geometry
        tablet = self.holding(material, geometry)
        if isinstance(tablet, str):
            return tablet
        try:
            made = dataclasses.replace(material.study, tablet=tablet)
            fraction = self.fraction(geometry, made)
        except (GeometryError, InputError) as error:
            return error.message
        misfit = self.wanted.misfit(fraction)
        trial = Trial(material, pattern, choice, tuple(point), tablet, fraction, misfit)
        self.tried.append(trial)
        return trial

    def _dosed(self, tablet: Tablet, material: Material) -> Tablet:
        """The tablet made of a material, its loadings those that the dose asks for."""
        made = material.study.tablet
        if tablet.regions or tablet.layers:
            tablet = with_polymers_of(tablet, made)
        if self.spec.doses:
            return meet_doses(tablet.with_formulation(made.formulation), self.spec.doses)
        return meet_dose(tablet, made.formulation, self.spec)

    def _loading_fault(self, tablet: Tablet, material: Material) -> str:
        """Why a loading cannot be used; of several drugs those of all parts count."""
        if not self.spec.doses:
            return loading_fault(tablet.formulation, material.study)
        made = (made for _, made in formulations(tablet))
        return next(filter(None, (loading_fault(one, material.study) for one in made)), "")

    def fraction(self, geometry: Geometry, made: Study) -> Array:
        """Released fraction at the judged times; of several drugs one behind the other."""
        if not isinstance(self.wanted, WantedOfDrugs):
            return geometry.curve(mechanism_of(made))
        every = geometry.times
        return np.concatenate(
            [
                np.interp(one.times, every, geometry.curve(mechanism_of(made.for_drug(name))))
                for name, one in self.wanted.drugs.items()
            ]
        )

    # --- many points -----------------------------------------------------------------------

    def scan(self, samples: int, seed: int, progress: Progress) -> None:
        """Try every polymer that can be at Sobol points of every pattern.

        Points where no polymer can hold the dose, or nothing can be printed, are drawn again:
        that is known without a solve.
        """
        jobs = [job for name in self.space.patterns for job in self._possible(name, samples, seed)]
        for done, (job, _) in enumerate(zip(jobs, self._solved(jobs), strict=True), 1):
            for material in self.materials:
                self.trial(material, *job)
            progress("searching", done / len(jobs))

    def try_all(self, jobs: Sequence[tuple[Material, Job]]) -> list[Trial]:
        """Trials of chosen polymers at chosen points, and of those that the same solves serve."""
        found = []
        list(self._solved([job for _, job in jobs], [material for material, _ in jobs]))
        for material, job in jobs:
            result = self.trial(material, *job)
            if isinstance(result, Trial):
                found.append(result)
                self._share(material, job)
        return found

    def _share(self, owner: Material, job: Job) -> None:
        """Try the polymers that a solve for another serves as well."""
        for material in self.materials:
            geometry = self.geometry(material, *job[1:])
            known = isinstance(geometry, Geometry) and geometry.has_solved(material.mechanism)
            if known and material is not owner:
                self.trial(material, *job)

    def _solved(
        self, jobs: Sequence[Job], owners: Sequence[Material] | None = None
    ) -> Iterator[None]:
        """Solve geometries for the polymers that can be, in threads beside this one."""
        with ThreadPoolExecutor(_THREADS) as pool:
            wanted = [None] * len(jobs) if owners is None else owners
            yield from pool.map(self._warm, jobs, wanted)

    def _possible(self, pattern: str, samples: int, seed: int) -> list[Job]:
        """Jobs of a pattern that some polymer can be, as many as wanted of those drawn."""
        found: list[Job] = []
        for job in self._jobs(pattern, samples, seed):
            if len(found) >= samples and self.space.dimension:
                break
            if self._held_by_any(job):
                found.append(job)
        return found

    def _held_by_any(self, job: Job) -> bool:
        """Whether any polymer can be a job; what keeps the others from it is noted."""
        able = 0
        for material in self.materials:
            geometry = self.geometry(material, *job[1:])
            held = geometry if isinstance(geometry, str) else self.holding(material, geometry)
            if isinstance(held, str):
                self._reasons.setdefault((material.name, job[0]), Counter())[held] += 1
            else:
                able += 1
        self.pruned += not able
        return able > 0

    def _jobs(self, pattern: str, samples: int, seed: int) -> list[Job]:
        """Sobol points, whole numbers among their axes; all choices where nothing else varies."""
        if self.space.dimension == 0:
            return [(pattern, choice, ()) for choice in self.space.choices(pattern)]
        # every pattern gets its own points: what one learns serves all, they behave alike
        own = seed + self.space.patterns.index(pattern)
        jobs = list(self.space.jobs(pattern, _SPARE * samples, own))
        if pattern == self.space.patterns[0]:  # at 100 % all patterns are one
            solids = [(name, choice, self.space.solid(point)) for name, choice, point in jobs[::2]]
            there = [(name, choice, point) for name, choice, point in solids if point is not None]
            jobs[1 : 2 * len(there) : 2] = there
        return jobs

    def _warm(self, job: Job, owner: Material | None) -> None:
        """Solve a job's geometry once for every family of polymers, beside other threads."""
        for material in self.materials if owner is None else (owner,):
            geometry = self.geometry(material, *job[1:])
            if not isinstance(geometry, Geometry) or not geometry.shares(material.mechanism):
                continue
            if isinstance(self.holding(material, geometry), str):
                continue
            try:
                geometry.curve(material.mechanism)
            except (GeometryError, InputError):
                return  # the trial itself will say why

    # --- downhill --------------------------------------------------------------------------

    def refine(
        self,
        start: Trial,
        wanted: Array | None = None,
        curve: Callable[[Trial], Array] = lambda trial: trial.fraction,
    ) -> Trial:
        """Bounded least squares on the curve from a trial, its discrete parameters fixed.

        `wanted` replaces the target: the target less what a grid is known to get wrong; `curve`
        the search grid.
        """
        from scipy.optimize import least_squares

        goal = self.wanted.goal if wanted is None else wanted
        best = start
        least = float(np.sqrt(np.mean((curve(start) - goal) ** 2)))

        held = {*self.space.pinned(start.point), *self.space.stepped}
        free = [n for n in range(self.space.dimension) if n not in held]

        def residual(moved: Array) -> Array:
            nonlocal best, least
            point = np.array(start.point)
            point[free] = moved
            result = self.trial(start.material, start.pattern, start.choice, point.tolist())
            if isinstance(result, str):  # outside what can be printed or loaded: as bad as it gets
                return np.ones(goal.size)
            gap = curve(result) - goal
            size = float(np.sqrt(np.mean(gap**2)))
            if size < least:
                best, least = result, size
            return gap

        def slopes(moved: Array) -> Array:
            """Differences over a step of the unit cube, inwards at its far end."""
            here = residual(moved)
            with self._counting:
                self.slopes += moved.size
                self.gradients += 1
            columns = []
            for n in range(moved.size):
                there = moved.copy()
                there[n] += _STEP if moved[n] + _STEP <= 1.0 else -_STEP
                columns.append((residual(there) - here) / (there[n] - moved[n]))
            return np.stack(columns, axis=1)

        if free:
            least_squares(
                residual,
                np.clip(np.array(start.point)[free], 1e-6, 1 - 1e-6),
                jac=slopes,
                bounds=(0.0, 1.0),
                max_nfev=_EVALUATIONS,
                xtol=2e-3,
                ftol=1e-3,
            )
        return best

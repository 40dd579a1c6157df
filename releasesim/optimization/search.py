"""The search: Sobol points for every polymer at once, then least squares from the best of them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError, InputError, UnsupportedLawError
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.curves import Geometry
from releasesim.optimization.dose import dose_fault, loading_fault, meet_dose
from releasesim.optimization.effort import effort_fault
from releasesim.optimization.space import Space, unprintable
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.study import DesignSpec, Study, with_effective_laws
from releasesim.tablet import Tablet

Array = NDArray[np.float64]
Progress = Callable[[str, float], None]

#: Search grid [m]: wrong by several percent for 0.4 mm roads, but it ranks (NUMERICS 8).
SEARCH_SPACING = 2e-4
#: Step of the finite differences in the unit cube: above the grid's own roughness.
_STEP = 0.04
_EVALUATIONS = 4


@dataclass(frozen=True, eq=False)
class Material:
    """A polymer that is still in the running.

    Parameters
    ----------
    name : str
        Card of the polymer.
    study : Study
        The study made of it.
    mechanism : Mechanism
        Its law in numbers.
    """

    name: str
    study: Study
    mechanism: Mechanism


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
    """

    space: Space
    spec: DesignSpec
    wanted: Wanted
    materials: Sequence[Material]
    any_loading: bool = False
    tried: list[Trial] = field(default_factory=list, init=False)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    slopes: int = field(default=0, init=False)
    _geometries: dict[tuple[Any, ...], Geometry | str] = field(default_factory=dict, init=False)

    @property
    def geometries(self) -> int:
        """Geometries voxelised so far."""
        return sum(isinstance(g, Geometry) for g in self._geometries.values())

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
            self._geometries[key] = self._make_geometry(material, choice, point)
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
            fault = unprintable(tablet, material.study)
        except (GeometryError, InputError) as error:
            return error.message
        mechanisms = [material.mechanism for material in self.materials]
        return fault or Geometry(tablet, SEARCH_SPACING, self.wanted.times, mechanisms)

    def trial(
        self, material: Material, pattern: str, choice: dict[str, Any], point: Sequence[float]
    ) -> Trial | str:
        """One polymer at one point, or why it cannot be."""
        geometry = self.geometry(material, choice, point)
        if isinstance(geometry, str):
            return geometry
        formulation = material.study.tablet.formulation
        try:
            tablet = geometry.tablet
            if not self._sized:
                tablet = meet_dose(tablet, formulation, self.spec)
            fault = "" if self.any_loading else loading_fault(tablet.formulation, material.study)
            fault = fault or dose_fault(tablet, self.spec)
            fault = fault or effort_fault(tablet, material.study, self.spec)
            if fault:
                return fault
            made = dataclasses.replace(material.study, tablet=tablet)
            fraction = geometry.curve(mechanism_of(made))
        except (GeometryError, InputError) as error:
            return error.message
        misfit = self.wanted.misfit(fraction)
        trial = Trial(material, pattern, choice, tuple(point), tablet, fraction, misfit)
        self.tried.append(trial)
        return trial

    # --- many points -----------------------------------------------------------------------

    def scan(
        self, samples: int, seed: int, progress: Progress
    ) -> dict[tuple[str, str], list[Trial]]:
        """Best first, the trials of every polymer and pattern at the Sobol points."""
        jobs = [job for name in self.space.patterns for job in self._jobs(name, samples, seed)]
        found: dict[tuple[str, str], list[Trial]] = {}
        faults: dict[tuple[str, str], list[str]] = {}
        with ThreadPoolExecutor(2) as pool:
            warmed = pool.map(self._warm, jobs)
            for done, ((pattern, choice, point), _) in enumerate(zip(jobs, warmed, strict=True)):
                for material in self.materials:
                    result = self.trial(material, pattern, choice, point)
                    key = (material.name, pattern)
                    if isinstance(result, Trial):
                        found.setdefault(key, []).append(result)
                    else:
                        faults.setdefault(key, []).append(result)
                progress("searching", (done + 1) / len(jobs))
        for key, reasons in faults.items():
            if key not in found:
                self.faults[key] = Counter(reasons).most_common(1)[0][0]
        return {key: sorted(trials, key=_by_misfit) for key, trials in found.items()}

    def _jobs(
        self, pattern: str, samples: int, seed: int
    ) -> list[tuple[str, dict[str, Any], tuple[float, ...]]]:
        """Sobol points, each with one of the pattern's discrete choices in turn."""
        choices = self.space.choices(pattern)
        if self.space.dimension == 0:
            return [(pattern, choice, ()) for choice in choices]
        # every pattern gets its own points: what one learns serves all, they behave alike
        points = list(self.space.points(samples, seed + self.space.patterns.index(pattern)))
        if pattern == self.space.patterns[0]:  # at 100 % all patterns are one
            solids = [self.space.solid(point) for point in points[::2]]
            points += [point for point in solids if point is not None]
        order = np.random.default_rng(seed).permutation(len(choices))
        return [
            (pattern, choices[order[n % len(choices)]], point) for n, point in enumerate(points)
        ]

    def _warm(self, job: tuple[str, dict[str, Any], tuple[float, ...]]) -> None:
        """Solve a job's geometry once for every family of polymers, beside other threads."""
        _, choice, point = job
        for material in self.materials:
            geometry = self.geometry(material, choice, point)
            if isinstance(geometry, Geometry) and geometry.shares(material.mechanism):
                try:
                    geometry.curve(material.mechanism)
                except (GeometryError, InputError):
                    return  # the trial itself will say why

    # --- downhill --------------------------------------------------------------------------

    def refine(self, start: Trial, wanted: Array | None = None) -> Trial:
        """Bounded least squares on the curve from a trial, its discrete parameters fixed.

        `wanted` replaces the target: the target less what the search grid is known to get wrong.
        """
        from scipy.optimize import least_squares

        goal = self.wanted.curve.fraction if wanted is None else wanted
        best = start
        least = float(np.sqrt(np.mean((start.fraction - goal) ** 2)))

        held = self.space.pinned(start.point)
        free = [n for n in range(self.space.dimension) if n not in held]

        def residual(moved: Array) -> Array:
            nonlocal best, least
            point = np.array(start.point)
            point[free] = moved
            result = self.trial(start.material, start.pattern, start.choice, point.tolist())
            if isinstance(result, str):  # outside what can be printed or loaded: as bad as it gets
                return np.ones(goal.size)
            gap = result.fraction - goal
            size = float(np.sqrt(np.mean(gap**2)))
            if size < least:
                best, least = result, size
            return gap

        def slopes(moved: Array) -> Array:
            """Differences over a step of the unit cube, inwards at its far end."""
            here = residual(moved)
            self.slopes += moved.size
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

    def neighbours(self, trial: Trial) -> list[Trial]:
        """The same point with one whole number up or down by one."""
        found = []
        for name, choices in self.space.discrete:
            if name == "infill.pattern" or trial.choice[name] not in choices:
                continue
            at = choices.index(trial.choice[name])
            for other in choices[max(0, at - 1) : at + 2]:
                if other == trial.choice[name]:
                    continue
                moved = {**trial.choice, name: other}
                result = self.trial(trial.material, trial.pattern, moved, trial.point)
                if isinstance(result, Trial):
                    found.append(result)
        return sorted(found, key=_by_misfit)


def materials_of(study: Study, spec: DesignSpec) -> tuple[list[Material], dict[str, str]]:
    """Polymers in the running, and why others are not.

    Polymers whose mechanism their cards give are taken with the one effective law that lumps it:
    one solve then serves all polymers of a geometry on their own clocks.

    Raises
    ------
    UnsupportedLawError
        The study itself couples laws: no scaling of time ranks those.
    """
    formulation = study.tablet.formulation
    own = formulation.polymer
    names = spec.polymers or ((own.name,) if own is not None else ())
    running: list[Material] = []
    out: dict[str, str] = {}
    if not names:  # a formulation by concentration: its laws are all there is
        return [Material("as given", study, _alone(study))], out
    for name in names:
        changed = (
            study
            if own is not None and name == own.name
            else study.replace("formulation.polymer", name)
        )
        changed = with_effective_laws(changed)
        reason = _process_fault(changed)
        if reason:
            out[name] = reason
        else:
            running.append(Material(name, changed, _alone(changed)))
    return running, out


def _alone(study: Study) -> Mechanism:
    """The mechanism of a study that has one."""
    mechanism = mechanism_of(study)
    if mechanism.kind != "coupled":
        return mechanism
    laws = [type(law).__name__ for law in study.physics.laws().values() if not law.off]
    raise UnsupportedLawError(
        "design ranks tablets by diffusion alone or by erosion alone, and this study couples more "
        f"({', '.join(laws)}): name one law in [physics], or none to take those of the cards; "
        "medium.sampling and medium.event only where they change nothing for the curve"
    )


def _process_fault(study: Study) -> str:
    """Why a polymer cannot be printed with this drug by this process; empty where it can."""
    formulation = study.tablet.formulation
    polymer, drug = formulation.polymer, formulation.drug
    if polymer is None or drug is None:
        return ""
    if study.process in ("fdm", "powder_extrusion") and study.process not in polymer.processes:
        return f"{polymer.name} is not printed by {study.process}: {', '.join(polymer.processes)}"
    coolest = polymer.nozzle_temperature.range[0]
    harm = drug.degradation_temperature
    if harm is not None and coolest > harm:
        return (
            f"{drug.name} degrades from {harm - 273.15:.0f} degC, {polymer.name} prints above "
            f"{coolest - 273.15:.0f} degC"
        )
    if study.printer is not None and coolest > study.printer.max_temperature:
        return f"{polymer.name} prints hotter than {study.printer.name} can"
    return ""


def _by_misfit(trial: Trial) -> float:
    return trial.misfit

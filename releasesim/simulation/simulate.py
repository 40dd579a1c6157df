"""The verb: from a study to its release curve."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import ConvergenceError, GeometryError, InputError
from releasesim.geometry.grid import VoxelGrid
from releasesim.geometry.shapes import Film
from releasesim.simulation.coupled import Coupled, revolves, solve_coupled
from releasesim.simulation.coupled.matter import physics_of_parts
from releasesim.simulation.coupled.outer import Outer
from releasesim.simulation.device import device_of
from releasesim.simulation.diffusion import (
    Diffusion,
    Posed,
    error_of,
    factors,
    judge,
    multiply,
    pose,
)
from releasesim.simulation.erosion import erode
from releasesim.simulation.idle import idle_notices
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.simulation.polypill import simulate_drugs
from releasesim.simulation.refusal import explained
from releasesim.simulation.regime import Solid, regime_of
from releasesim.simulation.release import Release
from releasesim.simulation.spread import simulate_spread
from releasesim.study import Study
from releasesim.tablet import Tablet
from releasesim.version import __version__

Array = NDArray[np.float64]

#: The default grid [m]: fine enough for 0.4 mm roads, and for curves to 0.1 % with extrapolation.
SPACING = 1e-4
#: Cells of a grid over those of one of twice the spacing, at least [-].
_COARSER = 1.7
#: An estimate is an estimate: what is aimed at, of the tolerance asked for.
_AIM = 0.7
#: A grid this much finer than volume over surface serves small bodies as well.
_PER_LENGTH = 8.0
_FEWEST_CELLS = 3
#: Refinement towards run.tolerance stops here: some seconds.
_MOST_CELLS, _MOST_COUPLED = 2e6, 3e8
#: Where steps err more than the grid, their tolerance becomes this much smaller, down to the least.
_SLOWER, _LEAST_HASTE = 0.25, 0.01


def simulate(study: Study) -> Release:
    """Simulate the release of a study's tablet.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Release
        With `run.spacing` the curve of that grid; without, extrapolated from two grids, refined
        until the error estimate is below `run.tolerance` or the grid becomes too large.

    Raises
    ------
    UnsupportedLawError
        For laws that cannot be combined, or that lack what they need, by name.
    GeometryError
        If nothing can be printed.
    InputError
        If there is no drug.
    ConvergenceError
        If the solver does not settle.
    """
    if study.tablet.mass_spread:
        return simulate_spread(study, simulate)
    if not study.one_drug:
        return simulate_drugs(study, simulate)
    with explained(study):
        return solve_of(study).release()


def solve_of(study: Study) -> Solve:
    """What `simulate` does for tablets of one drug that are all alike, before it does it."""
    mechanism = mechanism_of(study)
    if not study.tablet.dose() > 0.0:
        raise InputError("the tablet holds no drug: there is nothing to release")
    return Solve(study, mechanism)


@dataclass(eq=False)
class _Answer:
    fraction: Array
    error: float
    ledger: float
    steps: int
    cells: int
    spacing: float
    method: str
    flooded: tuple[float, ...] = ()
    work: int = 0  # cells, mirror images counted; times evaluations where laws are coupled
    time_error: float = 0.0


#: Cells of the first grid of layers of ink, at most.
_FIRST_CELLS = 4e6


@dataclass(eq=False)
class Solve:
    """One study on its way to a curve, with the time that each stage took."""

    study: Study
    mechanism: Mechanism
    seconds: dict[str, float] = field(default_factory=dict)
    #: solutions that were found beforehand, by spacing
    found: dict[float, list[Diffusion]] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tablet = self.study.tablet
        self.outputs = self.study.run.output_times()
        self.times = self.mechanism.time(self.outputs)
        self.grid: VoxelGrid | None = None
        self.outer: Outer | None = None
        self.device = device_of(self.study.run.device, self.mechanism.kind)
        self.coupled_order = 2
        #: tolerance of time steps over that of the answer
        self.haste = 1.0
        parts = None
        if self.mechanism.kind == "diffusion" and not np.isfinite(self.mechanism.bath):
            parts = factors(self.tablet)
        self.parts = parts

    # --- how fine --------------------------------------------------------------------------

    def fixed(self) -> _Answer:
        """The curve of the grid that the user fixed; a coarser one only estimates its error."""
        spacing = float(self.study.run.spacing or SPACING)
        refuse_coarse(self.study, spacing)
        fine = self._on(spacing)
        try:
            fine.error = self._doubt(fine, self._on(2 * spacing))
        except GeometryError:  # the coarser grid has no cell left: there is no estimate
            fine.error = float("nan")
        return fine

    def _doubt(self, fine: _Answer, coarse: _Answer) -> float:
        """Estimated error of a curve, by that of twice the spacing."""
        if self.parts is None or fine.cells > _COARSER * coarse.cells:
            return error_of(fine.fraction, coarse.fraction, order=self._order)
        # however wide the spacing, films keep a number of cells: a finer one has to tell
        finer, spacing = fine, fine.spacing
        while finer.cells < _COARSER * fine.cells:
            spacing /= 2
            finer = self._on(spacing)
        return 4.0 * error_of(finer.fraction, fine.fraction)

    def first_spacings(self) -> tuple[float, ...]:
        """Grids that are needed in any case, whatever their curves turn out to be [m]."""
        if self.study.run.spacing is not None:
            return float(self.study.run.spacing), 2.0 * float(self.study.run.spacing)
        spacing = self._first_spacing()
        return 4.0 * spacing, 2.0 * spacing, spacing

    def to_tolerance(self) -> _Answer:
        """Three grids, extrapolated; finer ones until the estimate is small enough."""
        tolerance = self.study.run.tolerance
        spacing = self._first_spacing()
        coarse, middle = self._on_or_none(4 * spacing), self._on_or_none(2 * spacing)
        fine = self._on(spacing)
        while True:
            judged = judge(_curve(coarse), _curve(middle), fine.fraction, order=self._order)
            error = judged.error + fine.time_error
            if error <= _AIM * tolerance or 8 * fine.work > self._most or fine.spacing == 0:
                break
            if fine.time_error > judged.error and self.haste > _LEAST_HASTE:
                self.haste *= _SLOWER  # a finer grid would not help
                fine = self._on(spacing)
                continue
            finer = self._on_or_none(spacing / 2)
            if finer is None:  # more cells than memory holds: what there is has to do
                break
            spacing /= 2
            coarse, middle, fine = middle, fine, finer
        fine.fraction, fine.error = judged.fraction, error
        if judged.extrapolated:
            fine.method += "; extrapolated from two grids"
        if fine.error > tolerance:
            self.said.append(
                f"estimated error {fine.error:.2%} is above run.tolerance {tolerance:.2%} at the "
                f"finest grid used, {spacing * 1e3:.3g} mm"
            )
        return fine

    def _on_or_none(self, spacing: float) -> _Answer | None:
        """The answer of one grid; None where the body has no cell left, or too many."""
        try:
            return self._on(spacing)
        except GeometryError:
            return None

    @property
    def _order(self) -> int:
        """Order of the method; fronts that meet in corners and burst into voids count as first."""
        if self.mechanism.kind == "coupled":
            return self.coupled_order
        return 2 if self.mechanism.kind == "diffusion" else 1

    @property
    def _most(self) -> float:
        """Work beyond which no finer grid is tried: cells, or cells times evaluations."""
        return _MOST_COUPLED if self.mechanism.kind == "coupled" else _MOST_CELLS

    def _first_spacing(self) -> float:
        body = self.tablet.body
        if self.parts is not None:
            return SPACING  # the factors of a body adjust it to their own lengths
        if self.mechanism.kind == "coupled" and revolves(self.tablet):
            return 2.0 * SPACING
        if isinstance(body, Film) and self.tablet.is_solid:
            return SPACING
        wanted = min(SPACING, body.volume / body.surface / _PER_LENGTH)
        if self.tablet.laid is None:
            return float(wanted)
        # layers of ink are far wider than thick: the first grid must fit into memory
        return float(max(wanted, (float(np.prod(body.size)) / _FIRST_CELLS) ** (1.0 / 3.0)))

    # --- one grid --------------------------------------------------------------------------

    def _on(self, spacing: float) -> _Answer:
        if self.mechanism.kind == "erosion":
            return self._erosion(spacing)
        if self.mechanism.kind == "coupled":
            return self._coupled(spacing)
        if self.parts is not None:
            return self._product(spacing)
        solution = self._diffuse(spacing)[0]
        return self._answer(solution, spacing, f"one of {solution.images} mirror images")

    def _product(self, spacing: float) -> _Answer:
        found = self._diffuse(spacing)
        words = "one-dimensional" if len(found) == 1 else "outline times height"
        if len(found) == 3:
            words = "product of three slabs"
        return self._answer(multiply(found), spacing, words)

    def _diffuse(self, spacing: float) -> list[Diffusion]:
        """Diffusion out of the body, or out of each of its factors."""
        if spacing not in self.found:
            posed = self.pose(spacing)
            self.found[spacing] = self._timed("solve", lambda: [self._solved(one) for one in posed])
        return self.found[spacing]

    def pose(self, spacing: float) -> list[Posed]:
        """The problem of the body on one grid, or those of its factors."""
        mechanism, parts = self.mechanism, self.parts or [self._voxelize]
        grids = self._timed("voxelize", lambda: [part(spacing) for part in parts])
        return self._timed(  # type: ignore[no-any-return]
            "solve",
            lambda: [
                pose(grid, mechanism.materials, film=mechanism.film, bath=mechanism.bath)
                for grid in grids
            ],
        )

    def _voxelize(self, spacing: float) -> VoxelGrid:
        self.grid = self.tablet.voxelize(spacing)
        return self.grid

    @property
    def settled(self) -> float:
        """Tolerance of the time integration [-]."""
        # time costs little: let the grid decide what the curve is good for
        return min(5e-5, 1e-3 * self.study.run.tolerance)

    def _solved(self, posed: Posed) -> Diffusion:
        picked = posed.picked(float(self.times[-1]), self.device.gpu_from)
        solved = picked.method(posed.problem, self.times, tolerance=self.settled, single=False)
        return posed.answer(solved, self.times, picked)

    def _answer(self, solution: Diffusion, spacing: float, words: str) -> _Answer:
        method = solution.method.replace("a GPU", f"a GPU ({self.device.name})")
        if self.mechanism.clock is not None:
            method += ", on the clock of D(t)"
        return _Answer(
            solution.fraction,
            0.0,
            solution.ledger_error,
            solution.matvecs,
            solution.cells,
            spacing,
            f"{method}; {words}",
            work=solution.cells * solution.images,
        )

    def _erosion(self, spacing: float) -> _Answer:
        if _erodes_exactly(self.tablet):
            return self._exact_erosion()
        grid = self._timed("voxelize", lambda: self.tablet.voxelize(spacing))
        self.grid = grid
        concentrations = self.tablet.concentrations
        found = self._timed(
            "solve", lambda: erode(grid, self.mechanism.speeds, concentrations, self.times)
        )
        return _Answer(
            found.fraction,
            0.0,
            found.ledger_error,
            0,
            found.cells,
            spacing,
            "arrival times of the front, as drug leaves only with the polymer; closed voids flood "
            "when it reaches them",
            tuple(float(t) for t in found.flooded),
            work=found.cells,
        )

    def _coupled(self, spacing: float) -> _Answer:
        tolerance = self.haste * self.study.run.tolerance
        found = self._timed("solve", lambda: solve_coupled(self.study, spacing, tolerance))
        if found.grid is not None:
            self.grid = found.grid
        self.said = [*found.notices]
        self.outer = found.outer
        self.coupled_order = found.order
        return _Answer(
            found.fraction,
            0.0,
            found.ledger_error,
            found.steps,
            found.cells,
            spacing,
            f"{_coupled_words(found)}; {self.mechanism.why}",
            found.flooded,
            work=found.cells * found.steps,
            time_error=found.time_error,
        )

    def _exact_erosion(self) -> _Answer:
        body, speed = self.tablet.body, self.mechanism.speeds[0]
        left = body.eroded_volume(speed * self.times, self.tablet.sealed)
        fraction = 1.0 - left / body.volume
        method = "parallel bodies, exact (Hopfenberg 1976), as one material only erodes"
        return _Answer(fraction, 0.0, 0.0, 0, 0, 0.0, method)

    def _timed(self, stage: str, work: Callable):  # type: ignore[no-untyped-def,type-arg]
        begun = time.perf_counter()
        result = work()
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - begun
        return result

    # --- the account -----------------------------------------------------------------------

    def release(self) -> Release:
        """Solve, and give the answer with its account.

        Raises
        ------
        ConvergenceError
            If the solver does not settle.
        """
        answer = self.fixed() if self.study.run.spacing is not None else self.to_tolerance()
        if not np.isfinite(answer.fraction).all():
            raise ConvergenceError(
                "the solver gave values that are not numbers: look for a parameter that is far too "
                "large or too small, or take a wider run.spacing or a shorter run.until"
            )
        return self._accounted(answer)

    def _accounted(self, answer: _Answer) -> Release:
        study = self.study
        regime = regime_of(study, self._solid(), self.outputs, answer.fraction)
        self._say_undissolved(regime.numbers)
        self._say_dry(answer)
        self.said += idle_notices(study)
        self.said += [self.outer.words()] if self.outer is not None else []
        estimates = tuple(n for n, v in study.inputs.items() if v.grade == "estimate")
        curve = ReleaseCurve(
            self.outputs, answer.fraction, name=study.title or "simulated", simulated=True
        )
        return Release(
            curve=curve,
            curves={study.drugs[0]: curve},
            doses={study.drugs[0]: self.tablet.dose()},
            dose=self.tablet.dose(),
            ledger_error=answer.ledger,
            error_estimate=answer.error,
            regime=regime.numbers,
            regime_words=regime.words,
            swollen=None if self.outer is None else self.outer.size,
            method=answer.method,
            steps=answer.steps,
            cells=answer.cells,
            spacing=answer.spacing,
            flooded=answer.flooded,
            seconds=dict(self.seconds),
            estimates_used=estimates,
            notices=(*study.notices, *self.said),
            study_hash=study.hash,
            version=__version__,
            cards=study.cards,
            seed=study.run.seed,
        )

    def _say_undissolved(self, numbers: dict[str, float]) -> None:
        ratio = numbers.get("loading_over_solubility", 0.0)
        if self.mechanism.kind == "diffusion" and ratio > 1.0:
            self.said.append(
                f"the tablet holds {ratio:.2g} times the drug that can be dissolved in it at the "
                "medium's pH; the law takes all of it as dissolved: release may be slower"
            )

    def _say_dry(self, answer: _Answer) -> None:
        """Say that water which only diffuses, or comes behind a front, fills no closed void."""
        water = any(not laws.is_off("hydration") for laws in physics_of_parts(self.study))
        voids = 0.0 if self.grid is None else self.grid.closed_void_volume
        if water and voids > 0.0 and not np.isfinite(answer.flooded).any():
            self.said.append(
                f"closed voids of {voids * 1e9:.3g} mm3 stay dry: nothing opens them, and water "
                "that comes through their walls is not taken to fill them"
            )

    def _solid(self) -> Solid:
        """Volume and wetted area of the solid."""
        if self.grid is None and self.tablet.sealed:
            self.grid = self.tablet.voxelize(max(self.tablet.body.size) / 50)
        if self.grid is not None:
            return Solid(self.grid.volume, self.grid.wetted_area, self.grid)
        return Solid(self.tablet.body.volume, self.tablet.body.surface)


def _erodes_exactly(tablet: Tablet) -> bool:
    """Whether a body of one material erodes by a closed form."""
    return tablet.is_solid and len(tablet.parts) == 1 and tablet.body.erodes_exactly


def _curve(answer: _Answer | None) -> Array | None:
    return None if answer is None else answer.fraction


def _coupled_words(found: Coupled) -> str:
    """How a coupled solve was done."""
    where = "in the dimensions that it has" if found.grid is None else "on voxels"
    image = f", one of {found.images} mirror images" if found.images > 1 else ""
    return f"{_stepping(found)}; {where}{image}"


def _stepping(found: Coupled) -> str:
    """Which method took the time steps, and why."""
    if not found.implicit:
        return "RKL2 with error control, its stages cost less than solves"
    stages = f"up to {found.stages} stages"
    if found.implicit > 0.995:
        return f"TR-BDF2 with error control, its solves cost less than {stages} of RKL2 a step"
    share = f"{found.implicit:.0%}" if found.implicit > 0.005 else "less than 1%"
    return f"RKL2 and, for {share} of the steps, where solves cost less than {stages}, TR-BDF2"


def refuse_coarse(study: Study, spacing: float) -> None:
    """Refuse cells so wide that a tablet has fewer than three across.

    Parameters
    ----------
    spacing : float
        [m].
    """
    body = study.tablet.body
    smallest = min(body.size)
    if not isinstance(body, Film) and spacing > smallest / _FEWEST_CELLS:
        raise InputError(
            f"run.spacing = {spacing * 1e3:.4g} mm: the tablet is {smallest * 1e3:.4g} mm thin and "
            f"needs at least {_FEWEST_CELLS} cells across"
        )

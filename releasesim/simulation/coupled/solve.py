"""One coupled solve on one grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import MEDIUM, VoxelGrid
from releasesim.simulation.coupled.cells import Cells, cells_of_voxels, fold
from releasesim.simulation.coupled.channels import beside, with_channels, with_medium
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.matter import Matter, matter_of
from releasesim.simulation.coupled.moment import Moment
from releasesim.simulation.coupled.outer import Outer, outer_of
from releasesim.simulation.coupled.revolved import cells_of_revolution, revolves
from releasesim.simulation.coupled.schedule import Extend, schedule_of
from releasesim.simulation.coupled.wetting import wetted
from releasesim.study import Study

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Coupled:
    """What a coupled solve found.

    Parameters
    ----------
    fraction : (n,) ndarray
        Drug released by each output time, of the dose [-].
    ledger_error, time_error : float
        Of the dose: drug that is nowhere, and the estimated error of the time steps.
    steps, cells, images : int
        Evaluations of the rates; unknown cells; mirror images that make the whole.
    implicit : float
        Share of the time steps that were implicit [-].
    stages : int
        Most stages that one of these would have taken explicitly.
    grid : VoxelGrid or None
        None where the body was solved in the dimension it has.
    order : int
        Of the method on a grid: 1 where a front moves between cells.
    flooded : tuple of float
        Times at which closed voids flood [s].
    notices : tuple of str
    outer : Outer or None
        How large it is at the end, where it swells.
    """

    fraction: Array
    ledger_error: float
    time_error: float
    steps: int
    cells: int
    images: int
    implicit: float
    stages: int
    grid: VoxelGrid | None
    order: int
    flooded: tuple[float, ...] = ()
    notices: tuple[str, ...] = ()
    outer: Outer | None = None


def solve_coupled(study: Study, spacing: float, tolerance: float) -> Coupled:
    """Release of a study's tablet with everything that its laws couple, on one grid.

    Parameters
    ----------
    study : Study
        With one drug.
    spacing : float
        Cell edge [m].
    tolerance : float
        Of the time steps, of the released fraction [-].

    Raises
    ------
    UnsupportedLawError
        Combinations that cannot be, by name.
    ConvergenceError
        If no step is small enough.
    """
    made = course_of(study, spacing)
    course, cells, grid = made.course, made.course.cells, made.grid
    fraction, ledger = course.run(study.run.output_times(), tolerance)
    flooded = (
        ()
        if course.front is None
        else tuple(
            float(t) for t in np.where(course.front.flooded < 1e299, course.front.flooded, np.inf)
        )
    )
    return Coupled(
        fraction=fraction,
        ledger_error=ledger,
        time_error=course.time_error,
        steps=course.products,
        cells=cells.count,
        images=cells.images,
        implicit=course.implicit_steps / max(course.steps, 1),
        stages=course.most_stages,
        grid=grid,
        order=_order(course, made.matter),
        flooded=flooded,
        notices=(*_beyond_solubility(course), *_dry_walls(course)),
        outer=outer_of(course, study, made.shape),
    )


@dataclass(frozen=True, eq=False)
class Prepared:
    """A course that is ready to run, the grid it is on, and the cells before they were folded.

    `grid` is None where the body is solved in the dimension it has; `shape` and `spacing` are those
    of all cells, of which the course may have one mirror image only.
    """

    course: Course
    matter: Matter
    grid: VoxelGrid | None
    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]


def course_of(study: Study, spacing: float, looks: Sequence[float] = ()) -> Prepared:
    """The course of a study's tablet through its test; see `solve_coupled`.

    Parameters
    ----------
    looks : sequence of float
        Times before the end at which to keep the state in `course.seen` [s].
    """
    matter = matter_of(study)
    cells, grid, matter, extended, shape = _cells(study, spacing, matter)
    volume = np.inf if study.bath.volume is None else float(study.bath.volume)
    schedule = schedule_of(study, matter, cells.images, extended)
    matter, moments = schedule.matter, schedule.moments
    wet_from = _wet_from(study, cells, grid, schedule.delay)
    if wet_from is not None:
        moments = (*moments, Moment(schedule.delay, 0.0, np.nan))
    # what is seen at a moment is what was before it
    seen = [Moment(t, 0.0, np.nan, look=True) for t in looks]
    moments = tuple(sorted([*seen, *moments], key=lambda moment: moment.at))
    end = float(study.run.output_times()[-1])
    first, moments = wetted(cells, matter, moments, wet_from, end, study.run.tolerance)
    course = Course(cells, matter, volume / cells.images, moments, wet_from, first)
    return Prepared(course, matter, grid, shape, cells.spacing)


def _cells(
    study: Study, spacing: float, matter: Matter
) -> tuple[Cells, VoxelGrid | None, Matter, Extend, tuple[int, int, int]]:
    if revolves(study.tablet):
        made, grid = cells_of_revolution(study.tablet, spacing), None
    else:
        grid = study.tablet.voxelize(spacing)
        made = cells_of_voxels(grid)

    own = len(matter.laws)
    if grid is not None:
        made, matter = with_channels(made, matter, grid, study)
    stagnant = len(matter.laws) > own

    def extend(now: Study, plain: Matter) -> Matter:
        return with_medium(plain, now) if stagnant else plain

    return fold(made, made.mix(matter.concentration)), grid, matter, extend, made.shape


def _wet_from(study: Study, cells: Cells, grid: VoxelGrid | None, delay: float) -> Array | None:
    """Time from which each row of the surface is wet, where channels fill after a delay [s]."""
    if delay <= 0.0 or grid is None or study.tablet.is_solid:
        return None
    rows = cells.rows
    at = rows.points + np.array(grid.origin) + beside(study) * rows.normals
    inside = study.tablet.body.distance(*at.T) < 0.0
    return np.where(inside & (rows.exposure == MEDIUM), delay, 0.0)


def _order(course: Course, matter: Matter) -> int:
    dispersed = np.isfinite(matter.solubility).any() and (
        (matter.concentration > matter.solubility).any()
    )
    return 1 if course.front is not None or dispersed or matter.water_front else 2


def _beyond_solubility(course: Course) -> tuple[str, ...]:
    if not course.beyond_solubility:
        return ()
    return (
        "the bath came to hold more drug than it can dissolve: this is no sink, and drug that "
        "leaves undissolved counts as released",
    )


def _dry_walls(course: Course) -> tuple[str, ...]:
    if not course.cells.voids.any():
        return ()
    if course.matter.pursues:
        return (
            "fronts wait for water that comes from outside: the medium in closed voids that have "
            "flooded is not taken to wet their walls, which erode later than they would",
        )
    changed = any(moment.matter is not None for moment in course.moments)
    if course.wetted is None or not changed:
        return ()
    return (
        "fronts wait for water, and events change their speed: closed voids are taken to wet "
        "their walls when they would have flooded without these events",
    )

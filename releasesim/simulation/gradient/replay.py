"""Gradients of coupled laws: the study's own time steps, taken again for each parameter."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.adjoint import nearby, same_body
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.solve import course_of
from releasesim.simulation.gradient.again import again, kept, repeatable
from releasesim.simulation.gradient.engine import Engine, roads
from releasesim.simulation.gradient.kept import Kept
from releasesim.simulation.gradient.parameter import CELL_STEP, Parameter
from releasesim.simulation.gradient.places import TornError
from releasesim.study import Study

Array = NDArray[np.float64]

#: Step of a study whose time steps are taken again, and of whole courses where they cannot be: on
#: the same cells, over which the latter are wide enough to even out what single cells do [-].
_AGAIN_STEP, _COURSE_STEP = 1e-5, 1.5e-2
#: The same of sizes whose fronts change their order: wider ones would not keep the cells [-].
_SIZE_STEP = 4e-3


class Stepping(Engine):
    """Coupled laws: the study's own time steps, taken again a little to one side of it."""

    @property
    def spacing(self) -> float:
        """See `Engine`."""
        return self.study.run.spacing or self._first.spacing

    @cached_property
    def own(self) -> Kept:
        """The study's course, which has run."""
        course = kept(course_of(self.study, self.spacing).course)
        self.own_fraction = self._run(course)
        return course

    def _run(self, course: Course) -> Array:
        fraction, _ = course.run(self.goal.times, self.study.run.tolerance)
        self.solves += 1
        return fraction

    @cached_property
    def fraction(self) -> Array:
        """See `Engine`."""
        return self.own_fraction if self.own else np.zeros(0)

    def derivative(self, parameter: Parameter) -> tuple[float, str]:
        """See `Engine`."""
        side = parameter.beside(_AGAIN_STEP)
        if side is None or (parameter.moves_boundaries and not self._cells_stay(parameter)):
            return self._mean_difference(parameter), "difference"
        step, study = side
        try:
            slope = self._slope(parameter, step, study)
        except TornError as reason:
            wide = self._width(study)
            self.notices.append(
                f"{parameter.name}: {reason}: the derivative is a difference of whole solves, "
                f"{wide:.1%} of its value to either side"
            )
            return self._difference(parameter, wide), "difference"
        return float(self.slopes @ slope) / parameter.scale, "steps"

    def _width(self, study: Study) -> float:
        """Step of differences towards another study."""
        same = same_body(self.study.tablet, study.tablet)
        return _COURSE_STEP if same or not repeatable(self.own) else _SIZE_STEP

    def _slope(self, parameter: Parameter, step: float, study: Study) -> Array:
        """Change of the curve by that of a parameter, from one side or, at a kink, from both."""
        moved, parted = self._moved(study, abs(step))
        slope = (moved - self.fraction) / step
        if not parted or parameter.at_bound(_AGAIN_STEP):
            return slope
        other, _ = self._moved(parameter.ends(_AGAIN_STEP)[0], _AGAIN_STEP)
        return np.asarray(0.5 * (slope + (self.fraction - other) / step))

    def _moved(self, study: Study, step: float) -> tuple[Array, bool]:
        """The curve of a study a little to one side, by the steps of this one.

        And whether its front comes at two times to what it came to at once.
        """
        other = self._course(study, step)
        if not repeatable(self.own):
            raise TornError("polymer leaves where its chains have become short")
        if not _alike(self.own, other) or roads(study.tablet) != roads(self.study.tablet):
            raise TornError("cells come and go")
        if self.own.waits and not _waits_alike(self.own, other):
            raise TornError("the front waits for water, whose course is found anew")
        course = again(self.own, other)
        return self._run(course), course.parted

    def _course(self, study: Study, step: float) -> Course:
        """The course of another study, on the same cells where there are such."""
        for spacing in nearby(self.spacing, step):
            course = course_of(study, spacing).course
            if _alike(self.own, course):
                return course
        return course_of(study, self.spacing).course

    def _cells_stay(self, parameter: Parameter) -> bool:
        """Whether no cell comes or goes so near the value that the grid is not the body."""
        if parameter.at_bound(CELL_STEP):
            return False
        low, high, _ = parameter.ends(CELL_STEP)
        stay = all(_alike(self.own, self._course(study, CELL_STEP)) for study in (low, high))
        if stay:
            self._say_cells(parameter)
        return stay

    def _solved(self, study: Study, spacing: float) -> Array:
        return self._run(self._course(study, _COURSE_STEP))


def _waits_alike(one: Kept, other: Course) -> bool:
    """Whether fronts wait for water at the same times in two courses, or for none."""
    pairs = [(one.first_wetted, other.wetted)]
    pairs += [(a.wetted, b.wetted) for a, b in zip(one.moments, other.moments, strict=True)]
    same = (np.array_equal(a, b) if a is not None and b is not None else a is b for a, b in pairs)
    return all(same) and _pursues_alike(one, other)


def _pursues_alike(one: Kept, other: Course) -> bool:
    """Whether fronts that may come up with water go as fast as in another course, and it too."""
    pairs = [(one.at_first, other.matter)]
    pairs += [
        (a.matter, b.matter)
        for a, b in zip(one.moments, other.moments, strict=True)
        if a.matter is not None and b.matter is not None
    ]
    same = (np.array_equal(a.speed, b.speed) and a.water_speeds == b.water_speeds for a, b in pairs)
    return not any(a.pursues or b.pursues for a, b in pairs) or all(same)


def _alike(one: Course, other: Course) -> bool:
    """Whether two courses have the same cells and the same moments, if at other times."""
    shapes = [(c.cells.shape, c.cells.images, c.cells.rows.cell.size) for c in (one, other)]
    moments = [[(m.matter is None, np.isnan(m.volume)) for m in c.moments] for c in (one, other)]
    same = shapes[0] == shapes[1] and moments[0] == moments[1]
    same = same and np.array_equal(one.cells.solid, other.cells.solid)
    return same and np.array_equal(one.cells.region, other.cells.region)

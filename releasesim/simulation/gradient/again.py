"""The steps of one course taken again for another, so that both differ by nothing but a parameter.

A course that chooses its own steps gives a curve whose last digits jump with every parameter: only
wide differences to both sides tell how it moves. On the same steps, with as many stages, the curve
is a smooth function of the parameter, and one run a little to one side does. Where a front recedes,
the same cells go in the same steps, which are moved as the front is; see `places`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics.tr_bdf2 import advance
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.front import FrontStep, wet_rows
from releasesim.simulation.coupled.implicit import Implicit
from releasesim.simulation.coupled.moment import Taken
from releasesim.simulation.coupled.vessel import Mask
from releasesim.simulation.gradient.kept import Kept, KeptStep, Stage, same_front
from releasesim.simulation.gradient.places import lateness, moved_places

Array = NDArray[np.float64]

#: No error is estimated: the steps are what they are.
_UNKNOWN = np.zeros(1)
#: Corrections of an implicit stage at most, and what they leave of the first one [-].
_MOST, _LEFT = 6, 2e-5


def repeatable(course: Course) -> bool:
    """Whether a course on steps that stay is smooth in its parameters.

    Where polymer leaves when its chains are short enough, drug goes at once, cell by cell, at times
    that nothing tells beforehand.
    """
    return not course.loses_mass


@dataclass(eq=False)
class Again(Course):
    """A course that takes the steps of another one, and takes out the same cells in each of them.

    Parameters
    ----------
    first : Kept
        One of the same cells and moments, which has run.
    """

    first: Kept = field(kw_only=True)

    def begin(self) -> None:
        """See `Vessel`."""
        self.now = self.ending = 0.0
        #: since when fronts have gone as they do, there and here
        self.since = (0.0, 0.0)
        self.ahead = zip_longest(self.first.taken, self.first.kept)
        self.shared: FrontStep | None = None
        #: whether a front parts where it came at once: to the other side it is others that wait
        self.parted = False
        super().begin()
        self.alike = same_front(self.first, self)

    def _until(self, end: float, tolerance: float) -> None:
        if not self.t < end * (1.0 - 1e-12):
            return
        rate: Array | None = None
        begin = self.now
        if self.front is not None and self.front.since > self.since[1]:
            self.since = (begin, self.front.since)
        steps = self._steps_to_moment(begin)
        ends = np.array([step.begin + step.dt for step, _ in steps])
        places = ends if self.alike else moved_places(self, begin, ends, end)
        for (step, kept), place in zip(steps, places, strict=True):
            self.now = step.begin
            self.steps += 1
            if step.stages < 0:
                self._end_spent(end)
                break
            dt = step.dt if self.alike else place - self.t
            self.ending = step.begin + step.dt
            self.shared = kept.front if kept is not None and self.alike else None
            before, (y, rate) = rate, self._begin_step(dt, rate)
            if not self.alike and before is not None and self.front is not None:
                y, rate = self._each_at_its_time(before, y, rate)
            if step.stages:
                new, rate, _ = self._explicit(y, rate, dt, step.stages)
            else:
                new, rate = self._repeated(y, rate, dt, step, kept)
            self._take(new, rate, dt, _UNKNOWN, 0.0)
            self.shared = None
        last = steps[-1][0]
        self.now = last.begin + last.dt

    def _steps_to_moment(self, begin: float) -> list[tuple[Taken, KeptStep | None]]:
        """Steps that the first course took from `begin` to its next moment."""
        times = [moment.at for moment in self.first.moments]
        end = min([t for t in times if t > begin * (1.0 + 1e-12)], default=self.lasting)
        end = min(end, self.lasting)
        found = [next(self.ahead)]
        while found[-1][0].begin + found[-1][0].dt < end * (1.0 - 1e-12):
            found.append(next(self.ahead))
        return found

    def front_step(self, dt: float) -> FrontStep:
        """See `Vessel`."""
        return super().front_step(dt) if self.shared is None else self.shared

    def _stands(self, dt: float) -> tuple[Mask, Mask]:
        """As they did in the first course, at its own time."""
        first = self.first
        assert first.front is not None  # noqa: S101
        until = self.ending if self.ending > self.now else self.now + dt
        standing = self.standing & (first.front.arrival > until)
        return standing, wet_rows(self.cells, first.front.flooded, self.now, self.wet_from)

    def _each_at_its_time(self, before: Array, y: Array, rate: Array) -> tuple[Array, Array]:
        """State and rates as if every cell had gone as long before the front as it did.

        Steps move as the front does on the average. A cell that should have stayed for a moment
        more has missed, in that moment, the difference between the rates before it went and those
        after, which is found around it.
        """
        if not self.step.gone.size:
            return y, rate
        late = lateness(self)
        if not late.any():
            return y, rate
        missed = self._inherit(before.copy(), self.step) - rate
        y = y.copy()
        for name in self.model.fields:
            change = late * self.model.field(missed, name)
            self.model.field(y, name)[:] += change
            if name in ("drug", "solid"):
                y[-1] -= float(change.sum())
                if np.isfinite(self.bath):
                    y[-2] -= float(change.sum())
        return y, self.model.rates(self.t, y)

    def _repeated(
        self, y: Array, rate: Array, dt: float, step: Taken, kept: KeptStep | None
    ) -> tuple[Array, Array]:
        solver = Implicit(self.model, self._size, 1.0)
        stages = kept.stages if kept is not None else [None] * len(step.newton)
        done = iter(zip(step.newton, stages, strict=True))

        def settle(t: float, base: Array, guess: Array, span: float) -> Array:
            script, stage = next(done)
            if stage is None:
                return solver.repeat(script, t, base, guess, span)
            return self._beside(stage, solver, t, base, span)

        new, new_rate, _ = advance(settle, self.t, y, rate, dt)
        self.products += solver.evaluations
        self.implicit_steps += 1
        return new, new_rate

    def _beside(self, stage: Stage, solver: Implicit, t: float, base: Array, span: float) -> Array:
        """The state that lacks as much as that of the first course does."""
        y, first, last = stage.y, 0.0, 0.0
        for _ in range(_MOST):
            wrong = base + span * self.model.rates(t, y) - y - stage.wrong
            if not stage.corrections:
                solver.factorise(y, span)
                stage.corrections = solver.corrections
            solver.corrections = stage.corrections
            solver.evaluations += 1
            change = solver.correct(wrong)
            y = y + change
            size = self._size(change)
            # what is left shrinks as it has shrunk
            if last > 0.0 and size * size <= _LEFT * first * last:
                break
            first, last = first or size, size
        return y


def again(course: Kept, other: Course) -> Again:
    """`other`, ready to take the steps that `course` took."""
    return Again(*_given(other), first=course)


def kept(course: Course) -> Kept:
    """`course`, ready to be run so that others can take its steps."""
    return Kept(*_given(course))


def _given(course: Course) -> tuple[Any, ...]:
    """What a course was made of."""
    return (
        course.cells,
        course.matter,
        course.bath,
        course.moments,
        course.wet_from,
        course.wetted,
    )

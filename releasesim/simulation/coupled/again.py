"""The steps of one course taken again for another, so that both differ by nothing but a parameter.

A course that chooses its own steps gives a curve whose last digits jump with every parameter: only
wide differences to both sides tell how it moves. On the same steps, with as many stages and
iterations, the curve is a smooth function of the parameter, and one run a little to one side does.
Where a front recedes, the same cells go in the same steps, which are moved as the front is: a step
between two moments ends where the front is as far as it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics.tr_bdf2 import advance
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.front import NEVER, wet_rows
from releasesim.simulation.coupled.implicit import Implicit
from releasesim.simulation.coupled.moment import Taken
from releasesim.simulation.coupled.vessel import Mask

Array = NDArray[np.float64]

#: No error is estimated: the steps are what they are.
_UNKNOWN = np.zeros(1)
#: Share of the way that fronts move which others near them do not, for each cell across [-]: what
#: goes at the wrong time errs by its size. Measured on films, layers and cylinders of 48 to 1280
#: cells across, derivatives err by up to 0.15 of that share over the cells.
_TORN = 7e-3
#: Steps over which fronts are near each other.
_NEAR = 9
#: Of the whole time: fronts that come sooner come at once [-].
_AT_ONCE = 1e-9


class TornError(ArithmeticError):
    """A course cannot take the steps of another one; says why, in a few words."""


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
    first : Course
        One of the same cells and moments, which has run.
    """

    first: Course = field(kw_only=True)

    def __post_init__(self) -> None:
        self.now = self.ending = 0.0
        #: since when fronts have gone as they do, there and here
        self.since = (0.0, 0.0)
        self.ahead = iter(self.first.taken)

    def _until(self, end: float, tolerance: float) -> None:
        if not self.t < end * (1.0 - 1e-12):
            return
        rate: Array | None = None
        begin = self.now
        if self.front is not None and self.front.since > self.since[1]:
            self.since = (begin, self.front.since)
        steps = self._steps_to_moment(begin)
        places = _places(self, begin, np.array([s.begin + s.dt for s in steps]), end)
        for step, place in zip(steps, places, strict=True):
            self.now = step.begin
            self.steps += 1
            if step.stages < 0:
                self._end_spent(end)
                break
            dt = place - self.t
            self.ending = step.begin + step.dt
            y, rate = self._begin_step(dt, rate)
            if step.stages:
                new, rate, _ = self._explicit(y, rate, dt, step.stages)
            else:
                new, rate = self._repeated(y, rate, dt, step)
            self._take(new, rate, dt, _UNKNOWN, 0.0)
        self.now = steps[-1].begin + steps[-1].dt

    def _steps_to_moment(self, begin: float) -> list[Taken]:
        """Steps that the first course took from `begin` to its next moment."""
        times = [moment.at for moment in self.first.moments]
        end = min([t for t in times if t > begin * (1.0 + 1e-12)], default=self.lasting)
        end = min(end, self.lasting)
        found = [next(self.ahead)]
        while found[-1].begin + found[-1].dt < end * (1.0 - 1e-12):
            found.append(next(self.ahead))
        return found

    def _stands(self, dt: float) -> tuple[Mask, Mask]:
        """As they did in the first course, at its own time."""
        first = self.first
        assert first.front is not None  # noqa: S101
        until = self.ending if self.ending > self.now else self.now + dt
        standing = self.standing & (first.front.arrival > until)
        return standing, wet_rows(self.cells, first.front.flooded, self.now, self.wet_from)

    def _repeated(self, y: Array, rate: Array, dt: float, step: Taken) -> tuple[Array, Array]:
        solver, scripts = Implicit(self.model, self._size, 1.0), iter(step.newton)

        def settle(t: float, base: Array, guess: Array, span: float) -> Array:
            return solver.repeat(next(scripts), t, base, guess, span)

        new, new_rate, _ = advance(settle, self.t, y, rate, dt)
        self.products += solver.evaluations
        self.implicit_steps += 1
        return new, new_rate


def _places(course: Again, begin: float, ends: Array, end: float) -> Array:
    """Ends of steps, moved as the fronts moved, (n,) [s].

    A step in which a cell goes begins as long before as it did. The first course took the steps
    from `begin` to `ends` (n,), the last of which becomes `end`.
    """
    stretch = (end - course.t) / (ends[-1] - begin)
    usual: Array = course.t + stretch * (ends - begin)
    was, becomes = _passages(course, begin, ends[-1])
    if not was.size:
        return usual
    then, now = course.since
    pace = (becomes - now) / (was - then)
    _hold_together(course, begin, ends)
    step = np.searchsorted(ends, was)
    number = np.bincount(step, minlength=ends.size)
    there = number > 0
    mean = np.bincount(step, pace, ends.size)[there] / number[there]
    begins = np.append(begin, ends[:-1])[there]
    moved = now + np.interp(ends, begins, mean) * (ends - then)
    # half to twice as far from a moment as they were
    gone, left = usual - course.t, end - usual
    low = np.maximum(course.t + 0.5 * gone, end - 2.0 * left)
    high = np.minimum(course.t + 2.0 * gone, end - 0.5 * left)
    return np.array(np.maximum.accumulate(np.clip(moved, low, high)))


def _hold_together(course: Again, begin: float, ends: Array) -> None:
    """Raise where parts of the eroding front move otherwise than others near them."""
    was, becomes = _passages(course, begin, ends[-1], wetted=False)
    if not was.size:
        return
    since = was - course.since[0]
    pace = (becomes - course.since[1]) / since
    step, near = np.searchsorted(ends, was), np.ones(_NEAR)
    number = np.convolve(np.bincount(step, minlength=_NEAR), near, "same")
    mean = np.convolve(np.bincount(step, pace, _NEAR), near, "same") / np.maximum(number, 1)
    torn, moved = since @ np.abs(pace - mean[step]), since @ np.abs(pace - 1.0)
    if torn > _TORN * min(n for n in course.cells.shape if n > 1) * moved:
        raise TornError("parts of the front no longer come to cells in the order they did")


def _passages(
    course: Again, begin: float, end: float, *, wetted: bool = True
) -> tuple[Array, Array]:
    """When fronts came to cells between two times in the first course, and do now, (k,) [s].

    Those of water count where they begin to wet a cell and where they are through.
    """
    solid, pairs = course.cells.solid, []
    first = course.first
    if first.front is not None and course.front is not None:
        pairs.append((first.front.arrival[solid], course.front.arrival[solid]))
    if wetted and first.water_front is not None and course.water_front is not None:
        for side in (-0.5, 0.5):
            before, after = (
                (front.arrival + side * front.span)[solid]
                for front in (first.water_front, course.water_front)
            )
            pairs.append((before, after))
    if not pairs:
        return np.zeros(0), np.zeros(0)
    was, becomes = (np.concatenate(times) for times in zip(*pairs, strict=True))
    at_once = course.since[0] + _AT_ONCE * course.lasting
    inside = (was > max(begin, at_once)) & (was < end) & (becomes < NEVER)
    return was[inside], becomes[inside]


def again(course: Course, other: Course) -> Course:
    """`other`, ready to take the steps that `course` took."""
    return Again(
        other.cells,
        other.matter,
        other.bath,
        other.moments,
        other.wet_from,
        other.wetted,
        first=course,
    )

"""The steps of one course taken again for another, so that both differ by nothing but a parameter.

A course that chooses its own steps gives a curve whose last digits jump with every parameter: only
wide differences to both sides tell how it moves. On the same steps, with as many stages and
iterations, the curve is a smooth function of the parameter, and one run a little to one side does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics.tr_bdf2 import advance
from releasesim.simulation.coupled.course import Course, Taken
from releasesim.simulation.coupled.implicit import Implicit
from releasesim.simulation.coupled.matter import Matter

Array = NDArray[np.float64]

#: No error is estimated: the steps are what they are.
_UNKNOWN = np.zeros(1)


def repeatable(course: Course) -> bool:
    """Whether a course on steps that stay is smooth in its parameters: no cell comes or goes.

    Cells do where a front passes them, or where undissolved drug is left in some and not in others.
    """
    matter = [course.matter, *(m.matter for m in course.moments if m.matter is not None)]
    fronts = any(m.erodes or m.water_front for m in matter) or course.loses_mass
    return not fronts and not any(_saturated(m) for m in matter)


def _saturated(matter: Matter) -> bool:
    """Whether solid drug ends at one time in one cell and at another in the next."""
    sharp = [getattr(laws.dissolution, "exponent", 0.0) == 0.0 for laws in matter.laws]
    return bool((np.array(sharp) & (matter.solubility < matter.concentration)).any())


@dataclass(eq=False)
class Again(Course):
    """A course that takes the steps of another one.

    Parameters
    ----------
    ahead : iterator of Taken
        Steps of a course of the same cells and moments.
    """

    ahead: Iterator[Taken] = field(default_factory=lambda: iter(()))

    def _until(self, end: float, tolerance: float) -> None:
        rate: Array | None = None
        while self.t < end * (1.0 - 1e-12):
            step = next(self.ahead)
            self.steps += 1
            if step.stages < 0:
                self._end_spent(end)
                return
            y, rate = self._begin_step(step.dt, rate)
            if step.stages:
                new, rate, _ = self._explicit(y, rate, step.dt, step.stages)
            else:
                new, rate = self._repeated(y, rate, step)
            self._take(new, rate, step.dt, _UNKNOWN, 0.0)

    def _repeated(self, y: Array, rate: Array, step: Taken) -> tuple[Array, Array]:
        solver, scripts = Implicit(self.model, self._size, 1.0), iter(step.newton)

        def settle(t: float, base: Array, guess: Array, span: float) -> Array:
            return solver.repeat(next(scripts), t, base, guess, span)

        new, new_rate, _ = advance(settle, self.t, y, rate, step.dt)
        self.products += solver.evaluations
        self.implicit_steps += 1
        return new, new_rate


def again(course: Course, other: Course) -> Course:
    """`other`, ready to take the steps that `course` took."""
    return Again(
        other.cells,
        other.matter,
        other.bath,
        other.moments,
        other.wet_from,
        ahead=iter(course.taken),
    )

"""Gradients of linear diffusion: the adjoint of its solve (NUMERICS 5)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.simulation.adjoint import Coefficients, Factor, draw, draw_like, same_body
from releasesim.simulation.gradient.clock import common_ratio, concentrations
from releasesim.simulation.gradient.engine import Engine, roads
from releasesim.simulation.gradient.parameter import (
    CELL_STEP,
    EDGE_STEP,
    FRONT_STEP,
    STEP,
    Parameter,
)
from releasesim.simulation.mechanism import Mechanism, mechanism_of

Array = NDArray[np.float64]

#: Steps of sizes: a narrower one is tried where a cell came or went. A cut surface is as exact
#: after that as before it [-].
_SOLID_STEPS = (3e-5, 1e-7)
#: Both halves of a step over coefficients agree to this and curvature, or something jumped [-].
_SMOOTH = 2e-3
_ALIKE = 1e-9


@dataclass(eq=False)
class _Grid:
    """The factors of a body on one grid, and the share of their curve in the result."""

    spacing: float
    factors: list[Factor]
    share: float = 1.0

    @property
    def fraction(self) -> Array:
        """Released by each time: what is left multiplies."""
        return np.asarray(1.0 - np.prod([1.0 - factor.fraction for factor in self.factors], axis=0))


class Diffusing(Engine):
    """Linear diffusion: one or two grids, each of one body or of its factors."""

    step = FRONT_STEP

    @cached_property
    def mechanism(self) -> Mechanism:
        """Of the study."""
        return mechanism_of(self.study)

    @property
    def spacing(self) -> float:
        """See `Engine`."""
        return self.study.run.spacing or self._first.spacing

    @cached_property
    def grids(self) -> list[_Grid]:
        """One grid, or the two that the curve is extrapolated from."""
        fine = self._grid(self.spacing)
        if self.study.run.spacing is not None:
            return [fine]
        try:
            coarse = self._grid(2.0 * self.spacing)
        except GeometryError:
            return [fine]
        # as `simulate` did it: it does not trust every pair of grids
        curve = self._first.curve.fraction
        both = fine.fraction + (fine.fraction - coarse.fraction) / 3.0
        if np.abs(fine.fraction - curve).max() < np.abs(both - curve).max():
            return [fine]
        fine.share, coarse.share = 4.0 / 3.0, -1.0 / 3.0
        return [fine, coarse]

    def _grid(self, spacing: float) -> _Grid:
        times = self.mechanism.time(self.goal.times)
        drawn = draw(self.study.tablet, self.mechanism, spacing)
        return _Grid(spacing, [Factor(grid, self.mechanism, times) for grid in drawn])

    @cached_property
    def _uncut(self) -> Array:
        """The curve before it is cut off at 0 and 1."""
        return np.asarray(sum(grid.share * grid.fraction for grid in self.grids))

    @cached_property
    def fraction(self) -> Array:
        """See `Engine`."""
        return np.clip(self._uncut, 0.0, 1.0)

    @cached_property
    def factors(self) -> list[Factor]:
        """Of all grids, each with the slope of the goal by its own curve."""
        slopes = self.slopes * ((self._uncut > 0.0) & (self._uncut < 1.0))
        for grid in self.grids:
            for factor in grid.factors:
                left = [1.0 - other.fraction for other in grid.factors if other is not factor]
                factor.slopes = grid.share * slopes * np.prod([np.ones(slopes.size), *left], axis=0)
        return [factor for grid in self.grids for factor in grid.factors]

    @property
    def products(self) -> int:
        """See `Engine`."""
        return sum(factor.course.matvecs for factor in self.factors)

    def derivative(self, parameter: Parameter) -> tuple[float, str]:
        """See `Engine`."""
        step = EDGE_STEP if parameter.at_bound(STEP) else STEP
        low, high, span = parameter.ends(step)
        if not (same_body(self.study.tablet, low.tablet) and same_body(low.tablet, high.tablet)):
            return self._by_size(parameter)
        before, after = mechanism_of(low), mechanism_of(high)
        times = after.time(self.goal.times) - before.time(self.goal.times)
        pace = _pace(before, after)
        if pace is not None:
            times = times + pace * self.mechanism.time(self.goal.times)
            return sum(f.by_times(times) for f in self.factors) / span, "clock"
        total = 0.0
        for factor in self.factors:
            ends = [Coefficients.of(factor.grid, m, factor.base.axes) for m in (before, after)]
            total += factor.by_coefficients(ends[0], ends[1]) + factor.by_times(times)
        return total / span, "adjoint"

    def _by_size(self, parameter: Parameter) -> tuple[float, str]:
        """Derivative by something that moves the surface or a boundary between regions."""
        tablet = self.study.tablet
        meeting = not tablet.is_solid or len(tablet.parts) > 1
        for step in (CELL_STEP,) if meeting else _SOLID_STEPS:
            found = None if parameter.at_bound(step) else self._by_moved_surface(parameter, step)
            if found is not None:
                if meeting:
                    self._say_cells(parameter)
                return found, "adjoint"
        return self._mean_difference(parameter), "difference"

    def _by_moved_surface(self, parameter: Parameter, step: float) -> float | None:
        """By the coefficients of the same cells; None where cells come or go."""
        low, high, span = parameter.ends(step)
        if roads(low.tablet) != roads(high.tablet):
            return None
        factors = self.factors
        halves = np.zeros(2)
        sides = [(study, mechanism_of(study)) for study in (low, high)]
        for own in self.grids:
            moved = [
                draw_like([f.grid for f in own.factors], s.tablet, m, own.spacing, step)
                for s, m in sides
            ]
            if moved[0] is None or moved[1] is None:
                return None
            for factor, below, above in zip(own.factors, moved[0], moved[1], strict=True):
                before = Coefficients.of(below, sides[0][1], factor.base.axes)
                after = Coefficients.of(above, sides[1][1], factor.base.axes)
                halves[0] += factor.by_coefficients(before, factor.base)
                halves[1] += factor.by_coefficients(factor.base, after)
        times = sides[1][1].time(self.goal.times) - sides[0][1].time(self.goal.times)
        halves += 0.5 * sum(f.by_times(times) for f in factors)
        # apart from curvature, which is of the order of the step
        allowed = max(_SMOOTH, 10.0 * step) * float(np.abs(halves).sum())
        if abs(halves[1] - halves[0]) > allowed + _ALIKE * float(np.abs(self.slopes).sum()):
            return None
        return float(halves.sum()) / span


def _pace(before: Mechanism, after: Mechanism) -> float | None:
    """Relative growth of all diffusivities where they only set the clock; None elsewhere.

    The released fraction does not depend on how much drug there is, only on where it is.
    """
    partitions = [[m.partition for m in each.materials] for each in (before, after)]
    surroundings = [(each.film, each.bath) for each in (before, after)]
    if partitions[0] != partitions[1] or surroundings[0] != surroundings[1]:
        return None
    drug = common_ratio(concentrations(before), concentrations(after))
    pace = common_ratio(*([m.diffusivity for m in each.materials] for each in (before, after)))
    if drug is None or pace is None or (np.isfinite(before.film) and pace != 1.0):
        return None
    return 2.0 * (pace - 1.0) / (pace + 1.0)

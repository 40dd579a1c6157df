"""Linear diffusion as coefficients of a grid, and what moves with them: parts of `gradient`.

The adjoint of a solve (`numerics.sensitivity`) gives the derivative of one number by every
coefficient; here coefficients of two bodies on the same cells are told apart, nothing is solved.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.numerics.operator import DiffusionProblem
from releasesim.simulation.assemble import assemble, dose
from releasesim.simulation.diffusion import factors
from releasesim.simulation.mechanism import Mechanism
from releasesim.tablet import Tablet

if TYPE_CHECKING:
    from releasesim.numerics.sensitivity import Course, Sensitivity

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Coefficients:
    """A voxelised body in the numbers that its released fraction depends on."""

    problem: DiffusionProblem
    total: float
    share: float

    axes: tuple[int, ...]

    @classmethod
    def of(
        cls, grid: VoxelGrid, mechanism: Mechanism, axes: tuple[int, ...] | None = None
    ) -> Coefficients:
        """Halved along the axes given; without, along those that have a mirror plane."""
        problem = assemble(grid, mechanism.materials, mechanism.film, mechanism.bath)
        share = mechanism.bath / problem.bath if np.isfinite(mechanism.bath) else 1.0
        if axes is None:
            shapes = zip(problem.capacity.shape, problem.fold().capacity.shape, strict=True)
            axes = tuple(axis for axis, (whole, half) in enumerate(shapes) if half != whole)
        for axis in axes:
            problem = _halved(problem, axis)
        return cls(problem, dose(grid, mechanism.materials), share, axes)


def _halved(problem: DiffusionProblem, axis: int) -> DiffusionProblem:
    """The mean of both sides of a mirror plane, and one empty plane that closes it."""

    def mean(a: Array, planes: int, last: int) -> Array:
        along = np.moveaxis(a, axis, 0)
        out = np.zeros((along.shape[0] // 2 + 1, *along.shape[1:]))
        out[:planes] = 0.5 * (along[:planes] + along[last - np.arange(planes)])
        return np.ascontiguousarray(np.moveaxis(out, 0, axis))

    n = problem.capacity.shape[axis]
    cells = [mean(a, n // 2, n - 1) for a in (problem.capacity, problem.outlet, problem.initial)]
    x, y, z = (
        mean(face, n // 2 - 1, n - 2) if a == axis else mean(face, n // 2, n - 1)
        for a, face in enumerate(problem.conductance)
    )
    return dataclasses.replace(
        problem,
        capacity=cells[0],
        conductance=(x, y, z),
        outlet=cells[1],
        initial=cells[2],
        bath=problem.bath / 2.0,
        images=2 * problem.images,
    )


@dataclass(eq=False)
class Factor:
    """One grid whose share of drug left multiplies with that of others, and its solve."""

    grid: VoxelGrid
    mechanism: Mechanism
    times: Array
    #: derivative of the goal by its own released fraction, set once all are known
    slopes: Array = field(init=False)

    def __post_init__(self) -> None:
        from releasesim.numerics.sensitivity import Course

        self.base = Coefficients.of(self.grid, self.mechanism)
        self.course: Course = Course(self.base.problem, self.times)
        self.raw = (1.0 - self.course.held / self.base.total) * self.base.share
        self.fraction = np.clip(self.raw, 0.0, 1.0)
        self.fraction[self.times <= 0.0] = 0.0

    @cached_property
    def _by_held(self) -> Array:
        return -self._inside * self.base.share / self.base.total

    @property
    def _inside(self) -> Array:
        """The slopes, where the fraction was not cut off at 0 or 1."""
        return self.slopes * ((self.raw > 0.0) & (self.raw < 1.0))

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """Of the goal, by every coefficient of the grid."""
        found = self.course.sensitivity(self._by_held)
        self.course.forget()
        return found

    def by_times(self, change: Array) -> float:
        """Change of the goal where its times change."""
        return float(self._by_held @ (self.course.slope * change))

    def by_coefficients(self, before: Coefficients, after: Coefficients) -> float:
        """First-order change of the goal from one set of coefficients to another."""
        left = self.course.held / self.base.total
        by_total = -self._by_held @ left
        by_share = self._inside @ (1.0 - left)
        return float(
            self.sensitivity.change(before.problem, after.problem)
            + by_total * (after.total - before.total)
            + by_share * (after.share - before.share)
        )


def draw(tablet: Tablet, mechanism: Mechanism, spacing: float) -> list[VoxelGrid]:
    """Grids of the body: one, or those of its factors."""
    parts = None if np.isfinite(mechanism.bath) else factors(tablet)
    return [voxelize(spacing) for voxelize in parts or [tablet.voxelize]]


def draw_like(
    wanted: Sequence[VoxelGrid], tablet: Tablet, mechanism: Mechanism, spacing: float, step: float
) -> list[VoxelGrid] | None:
    """Grids of a tablet that differs by a step, of the same cells; None where that cannot be."""
    parts = None if np.isfinite(mechanism.bath) else factors(tablet)
    found = []
    for voxelize, like in zip(parts or [tablet.voxelize], wanted, strict=True):
        for tried in nearby(spacing, step):
            grid = voxelize(tried)
            if grid.shape == like.shape:
                break
        if not _same_cells(grid, like):
            return None
        found.append(grid)
    return found


def _same_cells(one: VoxelGrid, other: VoxelGrid) -> bool:
    """Whether the same cells meet the same neighbours in two grids."""
    if one.shape != other.shape:
        return False
    pairs = [
        (one.solid, other.solid),
        (one.region, other.region),
        (one.voids, other.voids),
        (one.interface.cell, other.interface.cell),
        (one.interface.axis, other.interface.axis),
    ]
    names = ("cell", "outside", "axis", "exposure")
    pairs += [(getattr(one.surface, n), getattr(other.surface, n)) for n in names]
    return all(np.array_equal(a, b) for a, b in pairs)


def same_body(one: Tablet, other: Tablet) -> bool:
    """Whether two tablets differ in their materials only."""
    return one is other or _drawing(one) == _drawing(other)


def _drawing(tablet: Tablet) -> list[object]:
    materials = {"formulation", "porosity", "mass", "mass_spread", "regions", "layers"}
    own = [getattr(tablet, f.name) for f in dataclasses.fields(tablet) if f.name not in materials]
    parts = [(r.name, r.shape, r.at, r.infill) for r in tablet.regions]
    layers = [(layer.name, layer.thickness, layer.infill) for layer in tablet.layers]
    return [*own, parts, layers]


def nearby(spacing: float, step: float) -> Iterator[float]:
    """Where a length is a whole number of cells, the least change of it would add some."""
    yield from (spacing, spacing * (1.0 + 3.0 * step), spacing * (1.0 - 3.0 * step))

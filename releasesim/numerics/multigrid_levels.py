"""The grids that a multigrid cycle works on, and the scaled operator of each.

Coarse cells are blocks of 2 x 2 x 2 fine ones (along an axis with weak conductances, or of one
cell, blocks are one cell thick). Coarse conductances are those of the resistors that the block
stands for: in series along the axis, side by side across it, so that layers which block stay
layers that block.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics import multigrid_kernels as kernels
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]
Vector = NDArray[np.floating]
Triple = tuple[int, int, int]

#: An axis is coarsened while its conductances are, on average, above this part of the largest.
_STRONG = 0.25
#: A level of at most so many cells is solved exactly.
SMALLEST = 150
#: A level whose off-diagonal entries sum to less than this needs no coarser one.
_DOMINANT = 0.3


@dataclass(eq=False)
class Level:
    """Coefficients of one grid, flat and without margin, and its scaled operator with margin."""

    shape: Triple
    origin: Triple
    size: Triple
    block: Triple
    capacity: Array
    conductance: tuple[Array, Array, Array]
    outlet: Array
    dtype: np.dtype[Any]
    root: Vector = field(init=False)
    entries: tuple[Vector, Vector, Vector] = field(init=False)
    b: Vector = field(init=False)
    x: Vector = field(init=False)
    scratch: Vector = field(init=False)
    inverse: NDArray[Any] | None = None
    cells: NDArray[np.intp] | None = None

    def __post_init__(self) -> None:
        self.sx, self.sy = self.shape[1] * self.shape[2], self.shape[2]
        self.margin = self.sx

    def allocate(self) -> None:
        """Make room for the scaled operator and for a cycle's vectors."""
        self.root = np.ones(self.length, self.dtype)
        self.entries = (self.vector(), self.vector(), self.vector())
        self.x, self.scratch = self.vector(), self.vector()

    @property
    def length(self) -> int:
        """Of vectors, margins included."""
        return self.capacity.size + 2 * self.margin

    @property
    def inside(self) -> slice:
        """Where a vector's cells are."""
        return slice(self.margin, self.margin + self.capacity.size)

    def vector(self) -> Vector:
        """A vector of zeros with margins."""
        return np.zeros(self.length, self.dtype)

    def scale(self, shift: float) -> None:
        """Set the scaled operator of shift C + A."""
        kernels.scale_level(
            self.capacity,
            *self.conductance,
            self.outlet,
            shift,
            self.sx,
            self.sy,
            self.margin,
            self.root,
            *self.entries,
        )

    def combine(self, x: Vector, b: Vector, own: float, near: float, given: float) -> Vector:
        """Put own x + near N x + given b into whichever of `x` and `scratch` is free."""
        out = self.scratch if x is not self.scratch else self.x
        real = self.dtype.type
        kernels.combine(
            *self.entries, self.sx, self.sy, x, b, real(own), real(near), real(given), out
        )
        return out


def dominant(level: Level) -> bool:
    """Whether every cell's neighbours count for little beside its own diagonal."""
    x, y, z = level.entries
    return bool(2.0 * (x.max() + y.max() + z.max()) < _DOMINANT)


def invert(level: Level, shift: float) -> None:
    """Dense inverse of a small level's scaled operator."""
    cells = np.flatnonzero(level.capacity)
    number = np.full(level.capacity.size, -1)
    number[cells] = np.arange(cells.size)
    matrix = np.diag(shift * level.capacity[cells] + level.outlet[cells])
    for face, stride in zip(level.conductance, (level.sx, level.sy, 1), strict=True):
        here = np.flatnonzero(face)
        a, b = number[here], number[here + stride]
        np.add.at(matrix, (a, a), face[here])
        np.add.at(matrix, (b, b), face[here])
        matrix[a, b] -= face[here]
        matrix[b, a] -= face[here]
    root = level.root[level.margin + cells].astype(float)
    scaled = matrix / np.outer(root, root)
    # without shift it may be singular: leave its null space alone
    level.inverse = (
        np.linalg.inv(scaled)
        if shift > 0.0
        else np.linalg.pinv(scaled, rcond=1e-13, hermitian=True)
    )
    level.cells = cells + level.margin


def coarsest_problem(problem: DiffusionProblem) -> DiffusionProblem:
    """The problem on the coarsest grid that the cycle would use, with drug everywhere."""
    last = _levels(problem, np.dtype(np.float32))[-1]
    x, y, z = (_padded(face, last) for face in last.conductance)
    capacity = _padded(last.capacity, last)
    return replace(
        problem,
        capacity=capacity,
        conductance=(x, y, z),
        outlet=_padded(last.outlet, last),
        initial=np.where(capacity > 0, 1.0, 0.0),
        bath_initial=0.0,
    )


def _padded(a: Array, level: Level) -> Array:
    return np.pad(a.reshape(level.shape), 1)


def hierarchy(problem: DiffusionProblem, dtype: np.dtype[Any]) -> list[Level]:
    """All levels with what the cycle works with, without scaling."""
    first, *coarse = levels = _levels(problem, dtype)
    first.allocate()
    for level in coarse:
        level.allocate()
        level.b = level.vector()
    return levels


def _levels(problem: DiffusionProblem, dtype: np.dtype[Any]) -> list[Level]:
    """Coefficients of all levels from the problem's own grid down."""
    solid = problem.capacity > 0
    origin, size = [], []
    for axis in range(3):
        across = tuple(a for a in range(3) if a != axis)
        some = np.flatnonzero(solid.any(axis=across))
        origin.append(int(some[0]) if some.size else 0)
        size.append(int(some[-1] - some[0] + 1) if some.size else 1)
    flat = [np.ascontiguousarray(a).ravel() for a in problem.conductance]
    level = Level(
        problem.capacity.shape,
        (origin[0], origin[1], origin[2]),
        (size[0], size[1], size[2]),
        (1, 1, 1),
        np.ascontiguousarray(problem.capacity).ravel(),
        (flat[0], flat[1], flat[2]),
        np.ascontiguousarray(problem.outlet).ravel(),
        dtype,
    )
    levels = [level]
    while np.count_nonzero(level.capacity) > SMALLEST:
        level.block = _block(level)
        if level.block == (1, 1, 1):
            break
        level = _coarsen(level)
        levels.append(level)
    return levels


def _block(level: Level) -> Triple:
    """How many cells make a coarse one along each axis: 2 where conductances are strong."""
    strength = np.zeros(3)
    for axis, face in enumerate(level.conductance):
        some = np.count_nonzero(face)
        strength[axis] = face.sum() / some if some and level.size[axis] > 1 else 0.0
    strong = strength >= _STRONG * strength.max()
    block = [2 if strong[a] and strength[a] > 0.0 else 1 for a in range(3)]
    return block[0], block[1], block[2]


def _coarsen(level: Level) -> Level:
    """The next level's coefficients."""
    shape = tuple(-(-n // m) for n, m in zip(level.size, level.block, strict=True))
    where = (np.array(level.origin), np.array(level.size), np.array(level.block))
    sums = []
    for a in (level.capacity, level.outlet):
        out = np.zeros(shape)
        kernels.add_up(a.reshape(level.shape), *where, out)
        sums.append(out.ravel())
    faces = []
    for axis, face in enumerate(level.conductance):
        out = np.zeros(shape)
        kernels.join_blocks(face.reshape(level.shape), axis, *where, out)
        faces.append(out.ravel())
    size = (shape[0], shape[1], shape[2])
    return Level(
        size,
        (0, 0, 0),
        size,
        (1, 1, 1),
        sums[0],
        (faces[0], faces[1], faces[2]),
        sums[1],
        level.dtype,
    )

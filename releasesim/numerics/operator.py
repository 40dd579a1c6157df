"""The semi-discrete diffusion problem C du/dt = -A u as arrays (NUMERICS 1).

u is the concentration in the medium at equilibrium with the device, u = c/K, the one quantity that
is continuous everywhere; then A is symmetric. A bath of finite volume is one more unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class DiffusionProblem:
    """Cells that exchange drug with their neighbours and with one bath.

    Parameters
    ----------
    capacity : (nx, ny, nz) ndarray
        K V of each cell [m3]; 0 where there is no unknown. The outermost cells must be 0.
    conductance : three (nx, ny, nz) ndarrays
        Between each cell and its next neighbour along x, y, z [m3/s].
    outlet : (nx, ny, nz) ndarray
        Between each cell and the bath [m3/s].
    initial : (nx, ny, nz) ndarray
        u at time 0 [kg/m3].
    bath : float
        Capacity of the bath [m3]; infinite for a perfect sink.
    bath_initial : float
        u of the bath at time 0 [kg/m3].
    images : int
        How many mirror images of these cells make the whole: 1, 2, 4 or 8.
    """

    capacity: Array
    conductance: tuple[Array, Array, Array]
    outlet: Array
    initial: Array
    bath: float = np.inf
    bath_initial: float = 0.0
    images: int = 1

    @property
    def unknowns(self) -> int:
        """Number of cells that carry an unknown."""
        return int(np.count_nonzero(self.capacity))

    @property
    def mass(self) -> float:
        """Drug in all cells and images at time 0 [kg]."""
        return self.images * float((self.capacity * self.initial).sum())

    def fold(self) -> DiffusionProblem:
        """The same problem on one side of every mirror plane that it has."""
        folded = self
        for axis in range(3):
            if folded.capacity.shape[axis] % 2 == 0 and _mirrored(folded, axis):
                folded = _half(folded, axis)
        return folded

    def diagonal(self) -> Array:
        """Diagonal of A, (nx, ny, nz) [m3/s]."""
        total = self.outlet.copy()
        for axis, face in enumerate(self.conductance):
            total += face
            low, high = _pair(axis)
            total[high] += face[low]
        return total


def _pair(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Slices of all cells but the last, and all but the first, along an axis."""
    low, high = [slice(None)] * 3, [slice(None)] * 3
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    return tuple(low), tuple(high)


def _mirrored(problem: DiffusionProblem, axis: int) -> bool:
    """Whether the second half along an axis is the mirror image of the first."""
    n = problem.capacity.shape[axis]
    if n < 4:
        return False
    cells = [problem.capacity, problem.outlet, problem.initial]
    cells += [c for a, c in enumerate(problem.conductance) if a != axis]
    # faces between cells mirror about the middle face, one plane earlier
    return all(_same(a, axis, n - 1) for a in cells) and _same(
        problem.conductance[axis], axis, n - 2
    )


def _same(a: Array, axis: int, last: int) -> bool:
    from releasesim.numerics.kernels import mirrored_planes

    planes = np.moveaxis(a, axis, 0)
    flat = np.ascontiguousarray(planes).reshape(planes.shape[0], -1)
    return bool(mirrored_planes(flat, planes.shape[0] // 2, last))


def _half(problem: DiffusionProblem, axis: int) -> DiffusionProblem:
    """Keep the first half and one empty plane that closes it."""
    n = problem.capacity.shape[axis] // 2
    keep, last, face = [slice(None)] * 3, [slice(None)] * 3, [slice(None)] * 3
    keep[axis], last[axis], face[axis] = slice(0, n + 1), slice(n, n + 1), slice(n - 1, n + 1)

    def cut(a: Array, empty: list[slice]) -> Array:
        part = a[tuple(keep)].copy()
        part[tuple(empty)] = 0.0
        return part

    x, y, z = (cut(c, face if a == axis else last) for a, c in enumerate(problem.conductance))
    return replace(
        problem,
        capacity=cut(problem.capacity, last),
        conductance=(x, y, z),
        outlet=cut(problem.outlet, last),
        initial=cut(problem.initial, last),
        bath=problem.bath / 2,
        images=problem.images * 2,
    )

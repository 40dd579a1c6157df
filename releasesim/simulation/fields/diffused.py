"""Fields of diffusion: the space that gives the curve gives the whole state as well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.numerics.modes import FEW, Modes, modes_of_few
from releasesim.numerics.operator import DiffusionProblem
from releasesim.simulation.assemble import assemble, dose
from releasesim.simulation.fields.fields import Fields, Frame
from releasesim.simulation.fields.lattice import BOX, Lattice, of_grid, unfolded
from releasesim.simulation.mechanism import Mechanism

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Solved:
    """One grid, solved: the state at any time."""

    grid: VoxelGrid
    problem: DiffusionProblem
    folded: DiffusionProblem
    modes: Modes
    total: float
    share: float  # of what left the cells, that is in the bath

    def level(self, t: float) -> Array:
        """State u of all cells at t, (nx, ny, nz) [kg/m3]."""
        half = self.modes.at(t).reshape(self.folded.capacity.shape)
        return unfolded(half, self.grid.shape)

    @property
    def released(self) -> Array:
        """Released fraction at the times asked for, (n,) [-]."""
        return np.asarray((1.0 - self.modes.held / self.total) * self.share)


def _solve(grid: VoxelGrid, how: Mechanism, times: Array) -> _Solved:
    problem = assemble(grid, how.materials, how.film, how.bath)
    folded = problem.fold()
    clock = how.time(times)
    modes = modes_of_few(folded, clock) if folded.unknowns <= FEW else _many(folded, clock)
    share = how.bath / problem.bath if np.isfinite(how.bath) else 1.0
    return _Solved(grid, problem, folded, modes, dose(grid, how.materials), share)


def _many(problem: DiffusionProblem, times: Array) -> Modes:
    from releasesim.numerics.shift_invert import modes_by_shifts

    return modes_by_shifts(problem, times)


def diffused(grid: VoxelGrid, how: Mechanism, times: Array, drug: str) -> Fields:
    """Fields of diffusion on voxels."""
    solved = _solve(grid, how, times)
    partition = np.array([m.partition for m in how.materials])[grid.region]
    clock = how.time(times)

    def frame(number: int) -> Frame:
        level = np.where(grid.solid, solved.level(float(clock[number])), 0.0)
        held = solved.problem.capacity * level
        return Frame(float(times[number]), held, partition * level, grid.solid.astype(float))

    return Fields(
        times=times,
        released=_from_nothing(solved.released, times),
        dose=solved.total,
        highest=max(m.concentration for m in how.materials),
        lattice=of_grid(grid),
        grid=grid,
        drug=drug,
        method="diffusion, modes of a rational Krylov space",
        make=frame,
    )


def multiplied(
    grids: Sequence[VoxelGrid], how: Mechanism, times: Array, drug: str, whole: float
) -> Fields:
    """Fields of a body that is the product of bodies of fewer dimensions.

    Parameters
    ----------
    grids : sequence of VoxelGrid
        A film alone; outline and height; or three films, along x, y and z.
    how, times, drug
        As of `diffused`.
    whole : float
        The dose [kg].
    """
    solved = [_solve(grid, how, times) for grid in grids]
    seen = _seen(grids)
    clock, axes = how.time(times), _AXES[len(grids)]
    start, concentration = how.materials[0].concentration, how.materials[0].partition

    def frame(number: int) -> Frame:
        drug_in = np.full((1, 1, 1), whole)
        level = np.full((1, 1, 1), start)
        solid = np.ones((1, 1, 1))
        for one, cells, order in zip(solved, seen, axes, strict=True):
            u = np.where(one.grid.solid, one.level(float(clock[number])), 0.0)
            share = _gathered(one.grid.solid.astype(float), cells)
            held = _gathered(one.problem.capacity * u / one.total, cells)
            mean = _gathered(concentration * u / start, cells) / np.where(share > 0.0, share, 1.0)
            drug_in = drug_in * held.transpose(order)
            level = level * mean.transpose(order)
            solid = solid * (share > 0.0).transpose(order)
        return Frame(float(times[number]), drug_in, level, solid)

    left = np.prod([1.0 - one.released for one in solved], axis=0)
    return Fields(
        times=times,
        released=_from_nothing(1.0 - left, times),
        dose=whole,
        highest=start,
        lattice=_product_lattice(grids, seen),
        grid=None,
        drug=drug,
        method="diffusion, product of fields of fewer dimensions",
        make=frame,
    )


#: Which axis of each factor lies along x, y and z; a film's own is its third.
_AXES = {1: ((0, 1, 2),), 2: ((0, 1, 2), (0, 1, 2)), 3: ((2, 0, 1), (0, 2, 1), (0, 1, 2))}


#: Cells of a product, at most, and of a sheet in it, at least: sheets are solved much finer.
_MOST_CELLS, _FEWEST_CELLS = 3e6, 16


def _seen(grids: Sequence[VoxelGrid]) -> list[int]:
    """Cells along z of every factor in the product: a sheet's own would be too many."""
    own = [grid.shape[2] for grid in grids]
    if len(grids) == 1:
        return own
    plane = [grid.shape[0] * grid.shape[1] for grid in grids]
    length = [n * grid.spacing[2] for n, grid in zip(own, grids, strict=True)]
    sheets = [n for n, cells in enumerate(plane) if cells == 1]
    room = _MOST_CELLS / math.prod(plane)
    edge = (math.prod(length[n] for n in sheets) / room) ** (1.0 / len(sheets))
    return [
        min(own[n], max(_FEWEST_CELLS, round(length[n] / edge))) if n in sheets else 1
        for n in range(len(grids))
    ]


def _gathered(values: Array, cells: int) -> Array:
    """Values summed along z into so many cells of equal height."""
    n = values.shape[2]
    if cells == n:
        return values
    heaped = np.concatenate([np.zeros((*values.shape[:2], 1)), np.cumsum(values, axis=2)], axis=2)
    at = np.linspace(0.0, n, cells + 1)
    low = np.minimum(at.astype(int), n - 1)
    heights = heaped[..., low] + (at - low) * values[..., low]
    return np.asarray(np.diff(heights, axis=2))


def _product_lattice(grids: Sequence[VoxelGrid], cells: Sequence[int]) -> Lattice:
    axes = [_with_cells(of_grid(grid), n) for grid, n in zip(grids, cells, strict=True)]
    if len(grids) == 1:
        return axes[0]
    height = axes[-1]
    if len(grids) == 2:
        plane = axes[0]
        return Lattice(
            BOX,
            (*plane.shape[:2], height.shape[2]),
            (*plane.start[:2], height.start[2]),
            (*plane.spacing[:2], height.spacing[2]),
        )
    n = [axis.shape[2] for axis in axes]
    h = [axis.spacing[2] for axis in axes]
    # slabs across x and y are centred on 0, the one across z starts at the bottom
    start = [axis.start[2] for axis in axes]
    for a in (0, 1):
        start[a] = -0.5 * n[a] * h[a]
    return Lattice(BOX, (n[0], n[1], n[2]), (start[0], start[1], start[2]), (h[0], h[1], h[2]))


def _with_cells(lattice: Lattice, n: int) -> Lattice:
    """The same room in `n` cells along z."""
    (nx, ny, nz), (hx, hy, hz) = lattice.shape, lattice.spacing
    return replace(lattice, shape=(nx, ny, n), spacing=(hx, hy, hz * nz / n))


def _from_nothing(released: Array, times: Array) -> Array:
    return np.where(times > 0.0, np.clip(released, 0.0, 1.0), 0.0)

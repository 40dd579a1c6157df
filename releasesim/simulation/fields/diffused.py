"""Fields of diffusion: the space that gives the curve gives the whole state as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    clock, axes = how.time(times), _AXES[len(grids)]
    start, concentration = how.materials[0].concentration, how.materials[0].partition

    def frame(number: int) -> Frame:
        drug_in = np.full((1, 1, 1), whole)
        level = np.full((1, 1, 1), start)
        solid = np.ones((1, 1, 1))
        for one, order in zip(solved, axes, strict=True):
            u = np.where(one.grid.solid, one.level(float(clock[number])), 0.0)
            drug_in = drug_in * (one.problem.capacity * u / one.total).transpose(order)
            level = level * (concentration * u / start).transpose(order)
            solid = solid * one.grid.solid.transpose(order)
        return Frame(float(times[number]), drug_in, level, solid)

    left = np.prod([1.0 - one.released for one in solved], axis=0)
    return Fields(
        times=times,
        released=_from_nothing(1.0 - left, times),
        dose=whole,
        highest=start,
        lattice=_product_lattice(grids),
        grid=None,
        drug=drug,
        method="diffusion, product of fields of fewer dimensions",
        make=frame,
    )


#: Which axis of each factor lies along x, y and z; a film's own is its third.
_AXES = {1: ((0, 1, 2),), 2: ((0, 1, 2), (0, 1, 2)), 3: ((2, 0, 1), (0, 2, 1), (0, 1, 2))}


def _product_lattice(grids: Sequence[VoxelGrid]) -> Lattice:
    axes = [of_grid(grid) for grid in grids]
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


def _from_nothing(released: Array, times: Array) -> Array:
    return np.where(times > 0.0, np.clip(released, 0.0, 1.0), 0.0)

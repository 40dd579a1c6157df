"""Where geometry, chemistry and numerics meet: a `DiffusionProblem` from grid and coefficients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import MEDIUM, VoxelGrid
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]

#: Closest a surface may come to a cell centre, in spacings: below it only stiffness grows.
_NEAREST = 0.02
#: Cells whose centre lies nearer to the surface than this, in spacings, hold drug by the linear
#: profile across them instead of by their centre value. Measured on a sphere of 5.3 mm at 0.1 mm,
#: beyond 10 % released: error 3e-4 instead of 1e-3, with half the products with the operator.
_THIN = 0.25
#: K D below which a material holds its drug for good [m2/s].
_STILL = 1e-28


@dataclass(frozen=True)
class Material:
    """What one region is to the solver.

    Parameters
    ----------
    concentration : float
        Drug per device volume at time 0 [kg/m3].
    diffusivity : float
        Of the drug [m2/s].
    partition : float
        K = c_device/c_medium at equilibrium [-].
    """

    concentration: float
    diffusivity: float
    partition: float = 1.0


def dose(grid: VoxelGrid, materials: tuple[Material, ...]) -> float:
    """All drug in the device at time 0, by true volumes [kg]."""
    by_grid = sum(
        m.concentration * float((grid.fraction * share).sum())
        for m, share in zip(materials, _shares(grid), strict=True)
    )
    return by_grid * grid.volume / float(grid.fraction.sum())


def _shares(grid: VoxelGrid) -> tuple[Array, ...]:
    return grid.shares or (np.ones(1),)


def assemble(
    grid: VoxelGrid, materials: tuple[Material, ...], film: float, bath: float
) -> DiffusionProblem:
    """The diffusion problem of a voxelised body (NUMERICS 2).

    Parameters
    ----------
    grid : VoxelGrid
    materials : tuple of Material
        One for each region of the grid, the tablet's own first.
    film : float
        Mass-transfer coefficient of the medium [m/s]; infinite for a perfect sink.
    bath : float
        Bath volume [m3]; infinite for a perfect sink.
    """
    capacity, drug = _contents(grid, materials)
    whole, loaded = capacity.sum(), drug.sum()
    outlet, kept, thickening = _boundary(grid, materials, film)
    if np.isfinite(bath) and bath < whole:
        # a bath this small would notice what lies at the surface: leave all of it in the cells
        kept, thickening = np.ones_like(kept), np.ones_like(thickening)
    _add_partial_cells(grid, kept, capacity, drug)
    capacity *= thickening
    capacity = np.where(grid.solid, capacity, 0.0)
    drug = np.where(grid.solid, drug, 0.0)
    initial = drug / np.where(capacity > 0, capacity, 1.0)
    # what the cells do not carry lies at the surface, in equilibrium with the bath from the start
    enlarged = bath + whole - capacity.sum()
    return DiffusionProblem(
        capacity,
        _conductances(grid, materials),
        outlet,
        initial,
        bath=enlarged,
        bath_initial=(loaded - drug.sum()) / enlarged,
    )


def _contents(grid: VoxelGrid, materials: tuple[Material, ...]) -> tuple[Array, Array]:
    """Capacity [m3] and drug [kg] of every cell."""
    filled = grid.fraction * grid.cell_volume
    capacity, drug = np.zeros(grid.shape), np.zeros(grid.shape)
    for material, share in zip(materials, _shares(grid), strict=True):
        capacity += material.partition * share * filled
        drug += material.concentration * share * filled
    return capacity, drug


def _boundary(
    grid: VoxelGrid, materials: tuple[Material, ...], film: float
) -> tuple[Array, Array, Array]:
    """Conductance to the medium of every cell [m3/s], and two corrections [-].

    The share of a cell's concentration that the solid beyond each crossing has, (m,), and the
    factor on the capacity of cells that the surface passes close by, (nx, ny, nz).
    """
    surface = grid.surface
    exposed = surface.exposure == MEDIUM
    permeability = _permeability(grid, materials).ravel()[surface.cell]
    step = np.array(grid.spacing)[surface.axis]
    theta = np.maximum(surface.theta, _NEAREST)
    resistance = theta * step * surface.normal / permeability
    area = surface.area(grid.spacing)
    # no drug leaves a material in which it cannot move
    wet = exposed & (area > 0) & (permeability > _STILL)
    total = np.where(wet, 1.0 / film + resistance, 1.0)
    cells = grid.solid.size
    outlet = np.bincount(surface.cell, np.where(wet, area / total, 0.0), cells).astype(float)
    kept = np.where(wet, 1.0 / film / total, 1.0)

    # mean distance of the surface from each cell's centre, in spacings, as its fluxes see it
    shares = np.bincount(surface.cell, np.where(wet, area, 0.0), cells)
    over = np.where(wet, area / (theta * np.maximum(surface.normal, 1e-12)), 0.0)
    inverse = np.bincount(surface.cell, over, cells)
    near = (inverse > 0) & (shares < _THIN * inverse)
    thickening: Array = np.ones(cells)
    distance = shares[near] / inverse[near]
    across = np.bincount(surface.cell, np.where(wet, area * step, 0.0), cells)
    unit = across[near] / shares[near] / _permeability(grid, materials).ravel()[near]
    thickening[near] = _profile(distance, unit, film) / _profile(_THIN, unit, film)
    return outlet.reshape(grid.shape), np.asarray(kept), thickening.reshape(grid.shape)


def _profile(distance: Array | float, unit: Array, film: float) -> Array:
    """Mean over value at the centre of a linear profile, for a cell that ends at the surface.

    `distance` from centre to surface in spacings, `unit` = h/(K D) [s/m].
    """
    return np.asarray((1.0 / film + 0.5 * (distance + 0.5) * unit) / (1.0 / film + distance * unit))


def _permeability(grid: VoxelGrid, materials: tuple[Material, ...]) -> Array:
    """K D of the region that holds each cell's centre [m2/s]."""
    table = np.array([m.partition * m.diffusivity for m in materials])
    return np.asarray(table[grid.region])


def _add_partial_cells(grid: VoxelGrid, kept: Array, capacity: Array, drug: Array) -> None:
    """Give the solid in cells whose centre lies outside to their solid neighbours."""
    surface = grid.surface
    area = np.maximum(surface.area(grid.spacing), 1e-30)
    around = np.bincount(surface.outside, area, grid.solid.size)
    share = kept * area / np.where(around > 0, around, 1.0)[surface.outside]
    size = grid.solid.size
    for content in (capacity, drug):
        given = np.bincount(surface.cell, share * content.ravel()[surface.outside], size)
        np.add(content, given.reshape(grid.shape), out=content)


def _conductances(grid: VoxelGrid, materials: tuple[Material, ...]) -> tuple[Array, Array, Array]:
    """K D A/h between solid neighbours [m3/s], in series where two regions meet."""
    from releasesim.numerics.kernels import join_cells

    permeability = np.array([m.partition * m.diffusivity for m in materials])
    ratios = grid.cell_volume / np.array(grid.spacing) ** 2
    faces = [np.zeros(grid.shape) for _ in range(3)]
    join_cells(grid.solid, grid.region, permeability, ratios, *faces)
    if grid.interface.cell.size:
        _set_interfaces(grid, permeability[grid.region].ravel(), faces)
    return faces[0], faces[1], faces[2]


def _set_interfaces(grid: VoxelGrid, permeability: Array, faces: list[Array]) -> None:
    strides = (grid.shape[1] * grid.shape[2], grid.shape[2], 1)
    for axis, (stride, step) in enumerate(zip(strides, grid.spacing, strict=True)):
        here = grid.interface.axis == axis
        cell, theta = grid.interface.cell[here], grid.interface.theta[here]
        first, second = permeability[cell], permeability[cell + stride]
        resistance = theta / np.maximum(first, 1e-300) + (1 - theta) / np.maximum(second, 1e-300)
        faces[axis].ravel()[cell] = grid.cell_volume / step**2 / resistance

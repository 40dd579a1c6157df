"""Release by a front that eats into the polymer from every wetted surface (PHYSICS 7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.cut import cut_fraction
from releasesim.geometry.grid import MEDIUM, VoxelGrid

Array = NDArray[np.float64]

_FAR = 1e300


@dataclass(frozen=True, eq=False)
class Erosion:
    """What a front found.

    Parameters
    ----------
    fraction : (n,) ndarray
        Drug released by each time [-].
    flooded : (voids,) ndarray
        Time at which each closed void floods [s]; infinite where the front never comes.
    last : float
        Time at which the last drug comes free [s]; infinite where a front never comes.
    ledger_error : float
        Drug that the fronts pass, cell by cell, against drug in the grid, of the dose [-].
    cells : int
        Cells of the solid.
    """

    fraction: Array
    flooded: Array
    last: float
    ledger_error: float
    cells: int


def erode(
    grid: VoxelGrid,
    speeds: tuple[float, ...],
    concentrations: tuple[float, ...],
    times: Array,
    *,
    quick: bool = False,
) -> Erosion:
    """Drug freed by fronts of constant speed.

    Parameters
    ----------
    grid : VoxelGrid
    speeds : tuple of float
        Front speed in each region [m/s]; 0 where nothing erodes.
    concentrations : tuple of float
        Drug in each region [kg/m3].
    times : (n,) ndarray
        Increasing, the first may be 0 [s].
    quick : bool
        For a search: half the time, arrival a few percent of a cell later on curved bodies.
    """
    weight = drug_in_cells(grid, concentrations)
    cells, flooded = arrivals(grid, speeds, weight, quick=quick)
    ends = np.where(cells.centre < _FAR, cells.centre + 0.5 * cells.spans.sum(axis=1), np.inf)
    return Erosion(
        fraction=_freed(cells, times, float(weight.sum())),
        flooded=np.where(flooded < _FAR, flooded, np.inf),
        last=float(ends.max()),
        ledger_error=abs(float(cells.weight.sum() / weight.sum()) - 1.0),
        cells=int(np.count_nonzero(grid.solid)),
    )


@dataclass(frozen=True, eq=False)
class Arrival:
    """Arrival at what holds drug, see `numerics.eikonal.passed`; `index` is the flat cell, (m,)."""

    centre: Array
    spans: Array
    opened: Array
    weight: Array
    index: NDArray[np.int64]

    def left(self, t: float) -> Array:
        """Share of each entry that the front has not passed at t, (m,) [-]."""
        half = 0.5 * self.spans.sum(axis=1)
        left = np.where((t < self.centre - half) | (t <= self.opened), 1.0, 0.0)
        at = np.flatnonzero((np.abs(t - self.centre) <= half) & (t > self.opened) & (half > 0))
        a, b, c = self.spans[at].T
        centre, opened = self.centre[at], np.maximum(self.opened[at], -_FAR)
        hidden = np.minimum(cut_fraction(centre - opened, a, b, c), 1.0 - 1e-12)
        share = (cut_fraction(centre - t, a, b, c) - hidden) / (1.0 - hidden)
        left[at] = 1.0 - np.clip(share, 0.0, 1.0)
        return left


def arrivals(
    grid: VoxelGrid, speeds: tuple[float, ...], weight: Array, *, quick: bool = False
) -> tuple[Arrival, Array]:
    """When fronts come to the cells of a grid that have a weight, and when closed voids flood.

    Parameters
    ----------
    grid, speeds, quick
        As of `erode`.
    weight : (nx, ny, nz) ndarray
        What each cell holds; what lies beyond the surface of solid cells is counted with them.
    """
    if starts_from_depth(grid, speeds):
        return _from_depth(grid, 1.0 / speeds[0], weight), np.zeros(0)
    return _from_march(grid, _slowness(grid, speeds), weight, quick)


def starts_from_depth(grid: VoxelGrid, speeds: tuple[float, ...]) -> bool:
    """Whether distances from the surface say all, without a march."""
    one_speed = len(set(speeds)) == 1 and speeds[0] > 0
    return grid.exact_depth and one_speed and not grid.voids.any()


def _freed(cells: Arrival, times: Array, total: float) -> Array:
    from releasesim.numerics.eikonal import passed

    out = np.zeros(times.size)
    passed(cells.centre, cells.spans, cells.opened, cells.weight, times, out)
    fraction = np.clip(out / total, 0.0, 1.0)
    fraction[times <= 0.0] = 0.0
    return fraction


def _slowness(grid: VoxelGrid, speeds: tuple[float, ...]) -> Array:
    """1/speed of every solid cell, 0 elsewhere, huge where nothing erodes [s/m]."""
    table = np.array([1.0 / v if v > 0 else _FAR for v in speeds])
    return np.where(grid.solid, table[grid.region], 0.0)


def drug_in_cells(grid: VoxelGrid, concentrations: tuple[float, ...]) -> Array:
    """Drug of every cell at time 0, (nx, ny, nz) [kg]."""
    shares = grid.shares or (np.ones(1),)
    return np.asarray(
        grid.fraction
        * sum(c * share for c, share in zip(concentrations, shares, strict=True))
        * grid.cell_volume
    )


def _from_depth(grid: VoxelGrid, slowness: float, weight: Array) -> Arrival:
    """Distances are known: the front is at depth = speed x time."""
    holds = weight > 0
    gradient = np.array(
        [
            np.abs(np.gradient(grid.depth, axis=axis))
            if grid.depth.shape[axis] > 1
            else np.zeros(grid.depth.shape)
            for axis in range(3)
        ]
    )
    length = np.sqrt(sum((g / h) ** 2 for g, h in zip(gradient, grid.spacing, strict=True)))
    spans = slowness * (gradient / np.maximum(length, 1e-12))[:, holds].T
    centre = slowness * grid.depth[holds]
    at = np.flatnonzero(holds)
    opened = np.zeros(centre.size)
    return Arrival(centre, np.ascontiguousarray(spans), opened, weight[holds], at)


def _from_march(
    grid: VoxelGrid, slowness: Array, weight: Array, quick: bool
) -> tuple[Arrival, Array]:
    from releasesim.numerics.eikonal import ALL, NEAREST, march

    surface = grid.surface
    behind = np.flatnonzero(surface.exposure > 0)
    voids = int(grid.voids.max(initial=0))
    void = np.where(surface.exposure > 0, surface.exposure - 1, -1)
    order = behind[np.argsort(void[behind], kind="stable")]
    time = np.empty(grid.solid.size + voids)
    march(
        np.array(grid.shape),
        np.array(grid.spacing),
        NEAREST if quick else ALL,
        slowness.ravel(),
        surface.cell,
        surface.points(grid) - np.array(grid.origin),
        surface.normals,
        void,
        surface.exposure == MEDIUM,
        np.searchsorted(void[order], np.arange(voids + 1)),
        order,
        time,
    )
    arrival = time[: grid.solid.size].reshape(grid.shape)
    flooded = time[grid.solid.size :]
    if quick:
        return _plain_cells(grid, slowness, arrival, weight), flooded
    return _cells_of_march(grid, slowness, arrival, flooded, weight), flooded


def _plain_cells(grid: VoxelGrid, slowness: Array, arrival: Array, weight: Array) -> Arrival:
    """Cells that a front crosses evenly, whatever its direction: enough to rank tablets."""
    drug = with_partial_cells(grid, weight)
    holds = drug > 0
    spans = np.zeros((int(holds.sum()), 3))
    pace = slowness.ravel()[holds]
    spans[:, 0] = np.where(pace < _FAR, pace * np.cbrt(grid.cell_volume), 0.0)
    at = np.flatnonzero(holds)
    return Arrival(arrival.ravel()[holds], spans, np.zeros(len(spans)), drug[holds], at)


def _cells_of_march(
    grid: VoxelGrid, slowness: Array, arrival: Array, flooded: Array, weight: Array
) -> Arrival:
    """Spread the drug of each solid cell over the time that the front takes to cross it."""
    drug = with_partial_cells(grid, weight)
    holds = drug > 0
    centre, drug = arrival.ravel()[holds], drug[holds]
    spans, opened = _spans(grid, slowness, arrival)[holds], _opening(grid, flooded)[holds]
    at = np.flatnonzero(holds)
    inside = Arrival(centre, spans, np.full(centre.size, -_FAR), drug, at)
    surface = (opened > -_FAR) & (opened <= centre) & (centre < _FAR) & (spans.sum(axis=1) > 0)
    if not surface.any():
        return inside
    inside = Arrival(*(a[~surface] for a in (centre, spans, inside.opened, drug, at)))
    skin = _skin(*(a[surface] for a in (centre, spans, opened, drug, at)))
    return Arrival(
        *(
            np.concatenate([getattr(c, name) for c in (inside, *skin)])
            for name in ("centre", "spans", "opened", "weight", "index")
        )
    )


def _skin(
    centre: Array, spans: Array, opened: Array, drug: Array, at: NDArray[np.int64]
) -> tuple[Arrival, Arrival]:
    """Split cells at the surface: from there to the centre evenly, beyond it as in other cells.

    Solid at a surface reaches from the surface to the far side of its cell, wherever that lies.
    """
    depth = np.maximum(centre - opened, 0.0)
    step = 0.02 * spans.sum(axis=1)
    a, b, c = spans.T
    density = (cut_fraction(-step, a, b, c) - cut_fraction(step, a, b, c)) / (2 * step)
    near = density * depth / (density * depth + 0.5)
    flat = np.zeros_like(spans)
    flat[:, 0] = depth
    never = np.full(centre.size, -_FAR)
    return (
        Arrival(centre - 0.5 * depth, flat, never, drug * near, at),
        Arrival(centre, spans, centre, drug * (1.0 - near), at),
    )


def _opening(grid: VoxelGrid, flooded: Array) -> Array:
    """Time from which each cell's own surface is wet; very negative for cells without one, (n,)."""
    surface = grid.surface
    wet = surface.exposure >= 0
    wet_from = np.concatenate([[0.0], flooded])[surface.exposure[wet]]
    earliest = np.full(grid.solid.size, _FAR)
    np.minimum.at(earliest, surface.cell[wet], wet_from)
    return np.where(earliest < _FAR, earliest, -_FAR)


def with_partial_cells(grid: VoxelGrid, weight: Array) -> Array:
    """Drug of each solid cell and of the solid beyond its surface, (n,) [kg]."""
    surface, drug = grid.surface, weight.ravel()
    area = np.maximum(surface.area(grid.spacing), 1e-30)
    around = np.bincount(surface.outside, area, drug.size)
    share = area / np.where(around > 0, around, 1.0)[surface.outside]
    given = np.bincount(surface.cell, share * drug[surface.outside], drug.size)
    return np.asarray(np.where(grid.solid.ravel(), drug + given, 0.0))


def _spans(grid: VoxelGrid, slowness: Array, arrival: Array) -> Array:
    """Change of the arrival time across each cell along the axes, (n, 3) [s]."""
    spans = np.zeros((arrival.size, 3))
    times = np.where(grid.solid, arrival, _FAR)
    for axis in range(3):
        upwind = np.full(arrival.shape, _FAR)
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[axis], high[axis] = slice(None, -1), slice(1, None)
        first, second = tuple(low), tuple(high)
        upwind[first] = times[second]
        upwind[second] = np.minimum(upwind[second], times[first])
        spans[:, axis] = np.where(upwind < times, times - upwind, 0.0).ravel()
    spans[(times >= _FAR).ravel()] = 0.0
    surface, flat = grid.surface, slowness.ravel()
    wet = surface.exposure >= 0
    step = (np.array(grid.spacing)[surface.axis] * surface.normal)[wet]
    cell, axis_of = surface.cell[wet], surface.axis[wet]
    own = np.where(flat[cell] < _FAR, step * flat[cell], 0.0)
    np.maximum.at(spans, (cell, axis_of), own)
    # |grad T| is the slowness: take only the direction from the differences
    steep = np.sqrt(((spans / np.array(grid.spacing)) ** 2).sum(axis=1))
    scale = np.where((steep > 0) & (flat < _FAR), flat / np.where(steep > 0, steep, 1.0), 0.0)
    return np.asarray(spans * scale[:, None])

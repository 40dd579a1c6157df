"""Voxelise an exact solid body: signed distances in, a `VoxelGrid` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.cut import cut_fraction
from releasesim.geometry.grid import (
    MEDIUM,
    SEALED,
    Interface,
    Surface,
    VoxelGrid,
    axis_cells,
    crossing_pairs,
    label_voids,
)
from releasesim.geometry.shapes import Block, Film, Ring, Shape

Array = NDArray[np.float64]
Distance = Callable[[Array, Array, Array], Array]


@dataclass(frozen=True)
class Slab:
    """All between two heights [m], as the signed distance of a region."""

    bottom: float
    top: float

    def __call__(self, x: Array, y: Array, z: Array) -> Array:
        """Signed distance, negative between the two [m]."""
        middle, half = 0.5 * (self.bottom + self.top), 0.5 * (self.top - self.bottom)
        return np.asarray(np.abs(z - middle) - half + 0.0 * (x + y))


Region = Distance | Slab

#: A film costs nothing to resolve: so many cells through its thickness, at least, when the
#: spacing asked for is this [m], and in proportion when it is another.
_FILM_CELLS, _FILM_SPACING = 256, 1e-4
_FEWEST_FILM_CELLS, _MOST_FILM_CELLS = 32, 4096
#: Thickness of the one layer of a plane grid; anything well inside the body will do [m].
_SLICE = 1e-6
_MOST_CELLS = 60_000_000


def voxelize_solid(
    shape: Shape,
    spacing: float,
    *,
    regions: Sequence[Region] = (),
    sealed: Sequence[str] = (),
    offset: tuple[float, float, float] | None = None,
    plane: bool = False,
) -> VoxelGrid:
    """Lay a grid over a solid body.

    Parameters
    ----------
    shape : Shape
        The body.
    spacing : float
        Wanted cell edge [m]; each axis is adjusted so that the faces of the body are cell faces.
    regions : sequence of callables
        Signed distance of each region, in the body's frame; the last that contains a point wins.
    sealed : sequence of str
        Faces that exchange nothing.
    offset : (float, float, float), optional
        Place the grid anywhere instead, shifted by these shares of a cell (for tests of accuracy).
    plane : bool
        Only the outline of an extruded body: one layer of cells, no top and no bottom.

    Raises
    ------
    GeometryError
        If the grid would be too large, or a sealed face does not exist.
    """
    laid = lay_cells(shape, spacing, offset, plane)
    volume = shape.volume * (_SLICE / shape.size[2] if plane else 1.0)
    x, y, z = laid.mesh()
    distance = np.broadcast_to(shape.distance(x, y, z), laid.n).copy()
    solid = distance < 0.0
    if not solid.any():
        raise GeometryError(
            f"{shape.describe()}: no cell centre lies inside at a spacing of {spacing * 1e3:.3g} mm"
        )
    fraction = _body_fractions(shape, distance, laid)
    region, shares, interface = region_cells(regions, solid, fraction, laid)
    return VoxelGrid(
        spacing=laid.h,
        origin=(
            float(laid.centres[0][0]),
            float(laid.centres[1][0]),
            float(laid.centres[2][0]),
        ),
        fraction=fraction,
        solid=solid,
        depth=-distance,
        surface=_surface(shape, distance, solid, laid, sealed),
        voids=label_voids(solid),
        region=region,
        shares=shares,
        interface=interface,
        volume=volume,
        exact_depth=not sealed,
    )


@dataclass(frozen=True, eq=False)
class Laid:
    """Cells, their edges and their centres along the three axes."""

    n: tuple[int, int, int]
    h: tuple[float, float, float]
    centres: tuple[Array, Array, Array]

    def mesh(self) -> tuple[Array, Array, Array]:
        """Centres as arrays that broadcast to all cells."""
        x, y, z = np.meshgrid(*self.centres, indexing="ij", sparse=True)
        return x, y, z

    def at(self, cells: NDArray[np.int64]) -> Array:
        """Centres of cells by flat index, (3, m)."""
        index = np.unravel_index(cells, self.n)
        return np.array([c[i] for c, i in zip(self.centres, index, strict=True)])


def lay_cells(
    shape: Shape, spacing: float, offset: tuple[float, float, float] | None, plane: bool
) -> Laid:
    """Lay the cells over a shape."""
    low = (-shape.size[0] / 2, -shape.size[1] / 2, 0.0)
    if isinstance(shape, Film):
        fine = shape.thickness * max(spacing / (_FILM_CELLS * _FILM_SPACING), 1 / _MOST_FILM_CELLS)
        fine = min(fine, spacing, shape.thickness / _FEWEST_FILM_CELLS)
        nz, hz, start = axis_cells(shape.thickness, fine, None if offset is None else offset[2])
        side = shape.size[0]
        z = np.asarray(start + hz * np.arange(nz))
        return Laid((1, 1, nz), (side, side, hz), (np.zeros(1), np.zeros(1), z))
    laid = [axis_cells(shape.size[a], spacing, offset and offset[a]) for a in range(3)]
    if plane:
        laid[2] = (1, _SLICE, 0.5 * shape.size[2])
    if np.prod([float(n) for n, _, _ in laid]) > _MOST_CELLS:
        raise GeometryError(
            f"{shape.describe()} at a spacing of {spacing * 1e3:.3g} mm needs "
            f"{np.prod([float(n) for n, _, _ in laid]):.2g} cells; at most {_MOST_CELLS:.0e}: "
            "use a wider spacing"
        )
    centres = [
        np.asarray(low[a] + start + h * np.arange(n)) for a, (n, h, start) in enumerate(laid)
    ]
    if offset is None:  # exact antisymmetry, so that mirror images are equal to the last bit
        for a in (0, 1):
            centres[a] = 0.5 * (centres[a] - centres[a][::-1])
    (nx, hx, _), (ny, hy, _), (nz, hz, _) = laid
    return Laid((nx, ny, nz), (hx, hy, hz), (centres[0], centres[1], centres[2]))


def _gradient(distance: Distance, x: Array, y: Array, z: Array, step: float) -> tuple[Array, ...]:
    """Unit normal of a signed distance at points, by central differences."""
    parts = [
        distance(x + step, y, z) - distance(x - step, y, z),
        distance(x, y + step, z) - distance(x, y - step, z),
        distance(x, y, z + step) - distance(x, y, z - step),
    ]
    length = np.maximum(np.sqrt(sum(p * p for p in parts)), 1e-300)
    return tuple(p / length for p in parts)


def _body_fractions(shape: Shape, distance: Array, laid: Laid) -> Array:
    """Inside share of every cell; exact along z for extruded bodies, everywhere for a block."""
    if not shape.extruded:
        return _fractions(shape.distance, distance, laid)
    height = np.ones((1, 1, 1)) if laid.n[2] == 1 else _overlap(laid, 2, 0.0, shape.size[2])
    if isinstance(shape, Film):
        return height * np.ones(laid.n)
    if isinstance(shape, Block):
        length = _overlap(laid, 0, -0.5 * shape.length, 0.5 * shape.length)
        return length * _overlap(laid, 1, -0.5 * shape.width, 0.5 * shape.width) * height
    # far from top and bottom the distance is the outline's own
    tall = shape.with_height(max(shape.size))
    middle = 0.5 * max(shape.size)
    plane = Laid((*laid.n[:2], 1), (*laid.h[:2], 1e-9), (*laid.centres[:2], np.array([middle])))
    outline = np.broadcast_to(tall.distance(*plane.mesh()), plane.n).copy()
    return _fractions(tall.distance, outline, plane) * height


def _overlap(laid: Laid, axis: int, low: float, high: float) -> Array:
    """Share of each cell's edge along an axis that lies between two faces, broadcastable [-]."""
    centre, h = laid.centres[axis], laid.h[axis]
    inside = np.minimum(centre + h / 2, high) - np.maximum(centre - h / 2, low)
    shape = [1, 1, 1]
    shape[axis] = -1
    return np.clip(inside / h, 0.0, 1.0).reshape(shape)


def _fractions(function: Distance, distance: Array, laid: Laid) -> Array:
    """Inside share of every cell: whole cells by sign, cut cells by eight sub-cells."""
    centres, h = laid.centres, laid.h
    reach = 0.5 * float(np.sqrt(sum(v * v for v in h)))
    fraction = (distance < 0.0).astype(float)
    i, j, k = np.nonzero(np.abs(distance) < 1.01 * reach)
    total = np.zeros(i.size)
    for sx in (-0.25, 0.25):
        for sy in (-0.25, 0.25):
            for sz in (-0.25, 0.25):
                x = centres[0][i] + sx * h[0]
                y = centres[1][j] + sy * h[1]
                z = centres[2][k] + sz * h[2]
                normal = _gradient(function, x, y, z, 1e-4 * min(h))
                edges = [0.5 * step * np.abs(n) for step, n in zip(h, normal, strict=True)]
                total += cut_fraction(function(x, y, z), *edges)
    fraction[i, j, k] = total / 8
    return fraction


def _root(function: Distance, inside: Array, step: Array, f0: Array, f1: Array) -> Array:
    """Where on the way from `inside` (3, m) along `step` (3, m) the distance is zero, (m,) [-].

    The Illinois form of regula falsi: superlinear, and never leaves its bracket.
    """
    low, high = np.zeros(f0.size), np.ones(f0.size)
    f_low, f_high = f0.copy(), np.maximum(f1, 0.0)
    was_out = np.zeros(f0.size, dtype=bool)
    for turn in range(8):
        theta = low - f_low * (high - low) / np.maximum(f_high - f_low, 1e-300)
        value = function(*(inside + theta * step))
        out = value >= 0.0
        repeated = (out == was_out) & (turn > 0)
        f_low = np.where(out, np.where(repeated, 0.5 * f_low, f_low), value)
        f_high = np.where(out, value, np.where(repeated, 0.5 * f_high, f_high))
        low, high = np.where(out, low, theta), np.where(out, theta, high)
        was_out = out
    return theta


def _surface(
    shape: Shape,
    distance: Array,
    solid: NDArray[np.bool_],
    laid: Laid,
    sealed: Sequence[str],
) -> Surface:
    cell, outside, axis = crossing_pairs(solid)
    inside_at, outside_at = laid.at(cell), laid.at(outside)
    flat = distance.ravel()
    step = outside_at - inside_at
    theta = _root(shape.distance, inside_at, step, flat[cell], flat[outside])
    at = inside_at + theta * step
    normal = np.array(_gradient(shape.distance, at[0], at[1], at[2], 1e-4 * min(laid.h)))
    rows = np.arange(cell.size)
    direction = np.sign(step[axis, rows])
    exposure = np.full(cell.size, MEDIUM, dtype=np.int64)
    for name in sealed:
        exposure[face_mask(shape, name, at, axis, direction)] = SEALED
    return Surface(cell, outside, axis, theta, np.ascontiguousarray(normal.T), exposure)


def face_mask(
    shape: Shape, name: str, at: Array, axis: NDArray[np.int64], direction: Array
) -> NDArray[np.bool_]:
    """Which crossings lie on the named face of a shape.

    Parameters
    ----------
    at : (3, m) ndarray
        Crossing points in the shape's frame [m].
    axis, direction : (m,) ndarray
        Axis of the grid line and the sign of its way out.
    """
    if name not in shape.face_names():
        raise GeometryError(
            f'sealed = "{name}": a {shape.kind} has the faces {", ".join(shape.face_names())}'
            if shape.face_names()
            else f'sealed = "{name}": a {shape.kind} has no separate faces to seal'
        )
    if name in ("top", "z+"):
        return np.asarray((axis == 2) & (direction > 0))
    if name in ("bottom", "z-"):
        return np.asarray((axis == 2) & (direction < 0))
    if name in ("side", "inner"):
        side = axis != 2
        if not isinstance(shape, Ring):
            return np.asarray(side)
        hole = np.hypot(at[0], at[1]) < shape.mean_radius()
        return np.asarray(side & (hole if name == "inner" else ~hole))
    wanted = "xyz".index(name[0])
    return np.asarray((axis == wanted) & (direction == (1 if name[1] == "+" else -1)))


def region_cells(
    regions: Sequence[Region],
    solid: NDArray[np.bool_],
    fraction: Array,
    laid: Laid,
) -> tuple[NDArray[np.int16], tuple[Array, ...], Interface]:
    """Region of each cell, each region's share, and where neighbouring regions meet."""
    empty = np.zeros(0, dtype=np.int64)
    region = np.zeros(solid.shape, dtype=np.int16)
    if not regions:
        return region, (), Interface(empty, empty, np.zeros(0))
    x, y, z = laid.mesh()
    distances = [np.broadcast_to(f(x, y, z), solid.shape).copy() for f in regions]
    for number, distance in enumerate(distances, start=1):
        region[distance < 0.0] = number
    left = fraction.copy()
    shares: list[Array] = []
    for function, distance in zip(reversed(regions), reversed(distances), strict=True):
        inside = _region_fractions(function, distance, laid)
        shares.insert(0, np.minimum(inside, left))  # the last region takes first
        left = left - shares[0]
    whole = np.where(fraction > 0.0, fraction, 1.0)
    shares = [
        np.where(fraction > 0.0, part / whole, region == n)
        for n, part in enumerate([left, *shares])
    ]
    return region, tuple(shares), _interface(distances, region, solid)


def _region_fractions(region: Region, distance: Array, laid: Laid) -> Array:
    """Share of every cell that lies in a region; exact for a slab."""
    if isinstance(region, Slab):
        return _overlap(laid, 2, region.bottom, region.top) * np.ones(laid.n)
    return _fractions(region, distance, laid)


def _interface(
    distances: Sequence[Array], region: NDArray[np.int16], solid: NDArray[np.bool_]
) -> Interface:
    """Linear interpolation of the winning region's distance between neighbouring centres."""
    flat_region, flat = region.ravel(), [d.ravel() for d in distances]
    strides = (solid.shape[1] * solid.shape[2], solid.shape[2], 1)
    cells, axes, thetas = [], [], []
    for axis, stride in enumerate(strides):
        lower, upper = [slice(None)] * 3, [slice(None)] * 3
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        low, high = tuple(lower), tuple(upper)
        differ = (region[low] != region[high]) & solid[low] & solid[high]
        if not differ.any():
            continue
        cell = np.ravel_multi_index(tuple(np.argwhere(differ).T), solid.shape)
        winner = np.maximum(flat_region[cell], flat_region[cell + stride]) - 1
        stacked = np.array(flat)
        first, second = stacked[winner, cell], stacked[winner, cell + stride]
        cells.append(cell)
        axes.append(np.full(cell.size, axis))
        thetas.append(np.clip(first / np.where(first == second, 1.0, first - second), 0.0, 1.0))
    if not cells:
        empty = np.zeros(0, dtype=np.int64)
        return Interface(empty, empty, np.zeros(0))
    return Interface(np.concatenate(cells), np.concatenate(axes), np.concatenate(thetas))

"""Voxelise printed layers: roads in, a `VoxelGrid` out.

In the plane see `plane`; along z a layer is a slab, and its faces lie on cell faces.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.grid import (
    MEDIUM,
    SEALED,
    Integers,
    Interface,
    Surface,
    VoxelGrid,
    axis_cells,
    label_voids,
)
from releasesim.geometry.plane import Plane, draw_layers, make_plane
from releasesim.geometry.slicing import PrintedLayer

Array = NDArray[np.float64]

#: Which crossings are sealed: (points (3, m) [m], axis (m,), direction (m,)) -> (m,) bool.
SealedMask = Callable[[Array, Integers, Array], NDArray[np.bool_]]

_MOST_CELLS = 60_000_000
#: Layers are as high as their heights in whole micrometres [m].
_LEVEL = 1e-6
#: Cells along z may be this much lower than the spacing, so that all layers end on cell faces [-].
_FINEST_STEP = 0.2


def voxelize_layers(
    parts: Sequence[Sequence[PrintedLayer]],
    spacing: float,
    road_spacing: float,
    *,
    size: tuple[float, float],
    sealed: SealedMask | None = None,
    offset: tuple[float, float, float] | None = None,
) -> VoxelGrid:
    """Lay a grid over printed layers.

    Parameters
    ----------
    parts : sequence of sequences of PrintedLayer
        The layers of each region, from 0 up without gaps, of each region at the same heights; where
        roads of two regions overlap the later one wins.
    spacing : float
        Wanted cell edge [m]; cells divide the layer height.
    road_spacing : float
        Width that a road covers [m].
    size : (float, float)
        Extent of the body along x and y, centred on 0 [m]; roads may reach beyond it.
    sealed : callable, optional
        Which crossings exchange nothing.
    offset : (float, float, float), optional
        Place the grid anywhere, shifted by these shares of a cell (for tests of accuracy).

    Raises
    ------
    GeometryError
        If nothing is printed, or the grid would be too large.
    """
    layers = parts[0]
    size = _holding(size, parts, road_spacing)
    nx, hx, sx = axis_cells(size[0], spacing, offset and offset[0])
    ny, hy, sy = axis_cells(size[1], spacing, offset and offset[1])
    x0, y0 = -size[0] / 2 + sx, -size[1] / 2 + sy
    if offset is None:  # centred to the last bit, so that mirror images are equal
        x0, y0 = -0.5 * (nx - 1) * hx, -0.5 * (ny - 1) * hy
    nz, hz, z0, of_cell = _stack(layers, spacing, offset and offset[2])
    if float(nx) * ny * nz > _MOST_CELLS:
        raise GeometryError(
            f"a grid of {float(nx) * ny * nz:.2g} cells is too large (at most {_MOST_CELLS:.0e}): "
            "use a wider spacing"
        )
    lattice = (x0 - hx / 2, y0 - hy / 2, hx / 2, hy / 2, 2 * nx + 1, 2 * ny + 1)
    drawn = [draw_layers(part, lattice, road_spacing) for part in parts]
    keys = [tuple(part[n].key for part in parts) for n in range(len(layers))]
    planes: dict[Hashable, Plane] = {}
    for n, key in enumerate(keys):
        if key not in planes:
            fields = [d[part[n].key] for d, part in zip(drawn, parts, strict=True)]
            planes[key] = make_plane(np.minimum.reduce(fields), hx, hy)
    stack = _Stack((nx, ny, nz), (hx, hy, hz), (x0, y0, z0), of_cell, keys, planes, layers)
    if not any(plane.inside.any() for plane in planes.values()):
        raise GeometryError("no road is left: the body is too small for its walls and infill")
    return _assemble(stack, parts, drawn, sealed)


def _holding(
    size: tuple[float, float], parts: Sequence[Sequence[PrintedLayer]], road_spacing: float
) -> tuple[float, float]:
    """Extent that holds all roads too: where no wall stops them they reach half a road beyond."""
    distinct = {layer.key: layer.lines for part in parts for layer in part}
    ends, sides = [np.zeros((0, 2))], [np.zeros((0, 2))]
    for line in (line for lines in distinct.values() for line in lines):
        along = np.diff(line, axis=0)
        across = np.abs(along[:, ::-1]) / np.maximum(np.hypot(*along.T), 1e-12)[:, None]
        ends += [line[:-1], line[1:], line[1:-1]]
        sides += [across, across, np.ones((len(line) - 2, 2))]  # joints are round
    reach = np.abs(np.concatenate(ends)) + 0.5 * road_spacing * np.concatenate(sides)
    x, y = 2.0 * reach.max(axis=0, initial=0.0)
    return max(size[0], float(x)), max(size[1], float(y))


@dataclass(frozen=True, eq=False)
class _Stack:
    """Planes and the cells along z that they fill."""

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    of_cell: list[int]  # layer of each cell's centre; -1 below and above the body
    keys: Sequence[Hashable]
    planes: dict[Hashable, Plane]
    layers: Sequence[PrintedLayer]

    def plane(self, k: int) -> Plane | None:
        """Plane of the cells at height index `k`; None outside the body."""
        return None if self.of_cell[k] < 0 else self.planes[self.keys[self.of_cell[k]]]


def _stack(
    layers: Sequence[PrintedLayer], spacing: float, offset: float | None
) -> tuple[int, float, float, list[int]]:
    """Cells along z: how many, how high [m], first centre [m], and the layer of each."""
    faces = _faces(layers)
    step = _common_step(faces, spacing)
    if offset is None and step is not None:
        # powers of two, so that halving the spacing halves every cell
        h = step / 2 ** max(0, int(np.ceil(np.log2(step / spacing) - 1e-6)))
        n, z0 = round(faces[-1] / h) + 2, -0.5 * h
    elif offset is None:  # layers that share no step: only top and bottom lie on cell faces
        count = int(np.ceil(faces[-1] / spacing - 1e-6))
        h = faces[-1] / count
        n, z0 = count + 2, -0.5 * h
    else:
        h = min(spacing, float(np.diff(faces).min()))
        n = int(np.ceil(faces[-1] / h)) + 3
        z0 = (offset - 1.5) * h
    centres = z0 + h * np.arange(n)
    index = np.searchsorted(faces, centres, side="right") - 1
    index[(centres < 0) | (index >= len(layers))] = -1
    return n, h, z0, [int(i) for i in index]


def _faces(layers: Sequence[PrintedLayer]) -> Array:
    """Heights between which the layers lie, one more than there are layers [m]."""
    return np.array([*(layer.bottom for layer in layers), layers[-1].top])


def _common_step(faces: Array, spacing: float) -> float | None:
    """Height that divides every layer [m]; None where only a much finer one than needed does."""
    thickness = np.diff(faces)
    if np.ptp(thickness) < _LEVEL:
        return float(faces[-1] / thickness.size)
    step = np.gcd.reduce(np.round(thickness / _LEVEL).astype(np.int64)) * _LEVEL
    return float(step) if step > _FINEST_STEP * spacing else None


def _assemble(
    stack: _Stack,
    parts: Sequence[Sequence[PrintedLayer]],
    drawn: Sequence[dict[Hashable, Array]],
    sealed: SealedMask | None,
) -> VoxelGrid:
    nx, ny, nz = stack.shape
    upright = np.zeros((nz, nx, ny)), np.zeros((nz, nx, ny), dtype=bool)
    for k, weights in enumerate(_overlaps(stack)):
        plane = stack.plane(k)
        if plane is not None:
            upright[1][k] = plane.inside
        for layer, weight in weights:
            upright[0][k] += weight * stack.planes[stack.keys[layer]].share
    fraction, solid = (np.ascontiguousarray(np.moveaxis(one, 0, 2)) for one in upright)
    voids = label_voids(solid)
    surface = _surface(stack, solid, voids, sealed)
    region, shares, interface = _regions(stack, parts, drawn, solid)
    return VoxelGrid(
        spacing=stack.spacing,
        origin=stack.origin,
        fraction=fraction,
        solid=solid,
        depth=np.zeros((0, 0, 0)),
        surface=surface,
        voids=voids,
        region=region,
        shares=shares,
        interface=interface,
        volume=float(fraction.sum()) * float(np.prod(stack.spacing)),
        exact_depth=False,
    )


def _overlaps(stack: _Stack) -> list[list[tuple[int, float]]]:
    """Share of each cell's height that lies in each layer."""
    h, z0, faces = stack.spacing[2], stack.origin[2], _faces(stack.layers)
    count = len(stack.layers)
    out = []
    for k in range(stack.shape[2]):
        low, high = z0 + (k - 0.5) * h, z0 + (k + 0.5) * h
        first = max(0, int(np.searchsorted(faces, low + 1e-9 * h, side="right")) - 1)
        last = min(count - 1, int(np.searchsorted(faces, high - 1e-9 * h)) - 1)
        pieces = [
            (n, (min(high, faces[n + 1]) - max(low, faces[n])) / h) for n in range(first, last + 1)
        ]
        out.append([(n, float(share)) for n, share in pieces if share > 1e-9])
    return out


def _surface(
    stack: _Stack,
    solid: NDArray[np.bool_],
    voids: NDArray[np.int32],
    sealed: SealedMask | None,
) -> Surface:
    """Lateral crossings of every plane, repeated along z, and the flat ones between layers."""
    nz = stack.shape[2]
    rows: list[tuple[NDArray[Any], ...]] = []
    heights: dict[int, list[int]] = {}
    for k in range(nz):
        plane = stack.plane(k)
        if plane is not None:
            heights.setdefault(id(plane), []).append(k)
    for ks in heights.values():
        plane = stack.plane(ks[0])
        if plane is None or not plane.cell.size:
            continue
        up = np.array(ks)
        spread = (plane.cell.size, up.size)
        rows.append(
            (
                (plane.cell[:, None] * nz + up).ravel(),
                (plane.outside[:, None] * nz + up).ravel(),
                np.broadcast_to(plane.axis[:, None], spread).ravel(),
                np.broadcast_to(plane.theta[:, None], spread).ravel(),
                np.repeat(plane.normals, up.size, axis=0),
            )
        )
    rows += _flat_crossings(stack, solid)
    cell, outside, axis, theta, normals = (np.concatenate(c) for c in zip(*rows, strict=True))
    exposure = np.where(voids.ravel()[outside] > 0, voids.ravel()[outside], MEDIUM)
    surface = Surface(cell, outside, axis, theta, normals, exposure.astype(np.int64))
    if sealed is not None:
        exposure[sealed(*_placed(stack, surface))] = SEALED
        surface = Surface(cell, outside, axis, theta, normals, exposure.astype(np.int64))
    return surface


def _flat_crossings(stack: _Stack, solid: NDArray[np.bool_]) -> list[tuple[NDArray[Any], ...]]:
    nz, h, z0 = stack.shape[2], stack.spacing[2], stack.origin[2]
    faces = _faces(stack.layers)
    rows: list[tuple[NDArray[Any], ...]] = []
    for k in range(nz - 1):
        if stack.plane(k) is stack.plane(k + 1):
            continue
        column = np.flatnonzero(solid[:, :, k] != solid[:, :, k + 1])
        if not column.size:
            continue
        upward = solid[:, :, k].ravel()[column]
        # the end of the solid cell's layer; of thick layers, all there is between these centres
        low, high = stack.of_cell[k], stack.of_cell[k + 1]
        ends = faces[low + 1], faces[high if high >= 0 else low + 1]
        theta = np.clip((np.where(upward, *ends) - (z0 + k * h)) / h, 0.0, 1.0)
        here, there = column * nz + k, column * nz + k + 1
        rows.append(
            (
                np.where(upward, here, there),
                np.where(upward, there, here),
                np.full(column.size, 2),
                np.where(upward, theta, 1.0 - theta),
                np.where(upward, 1.0, -1.0)[:, None] * np.array([0.0, 0.0, 1.0]),
            )
        )
    return rows


def _placed(stack: _Stack, surface: Surface) -> tuple[Array, Integers, Array]:
    """Points, axes and directions of all crossings."""
    origin, spacing = np.array(stack.origin)[:, None], np.array(stack.spacing)[:, None]
    inside = np.array(np.unravel_index(surface.cell, stack.shape))
    outside = np.array(np.unravel_index(surface.outside, stack.shape))
    step = outside - inside
    points = np.asarray(origin + spacing * (inside + surface.theta * step), dtype=float)
    direction = step.sum(axis=0).astype(float)
    return points, surface.axis, direction


def _regions(
    stack: _Stack,
    parts: Sequence[Sequence[PrintedLayer]],
    drawn: Sequence[dict[Hashable, Array]],
    solid: NDArray[np.bool_],
) -> tuple[NDArray[np.int16], tuple[Array, ...], Interface]:
    """Part of each cell: the last whose roads hold its centre."""
    from releasesim.geometry.raster import covered_share

    region = np.zeros(stack.shape, dtype=np.int16)
    empty = np.zeros(0, dtype=np.int64)
    none = Interface(empty, empty, np.zeros(0))
    if len(parts) == 1:
        return region, (), none
    shares = [np.zeros(stack.shape) for _ in parts]
    for k, weights in enumerate(_overlaps(stack)):
        covered = np.zeros(stack.shape[:2])
        for number in reversed(range(len(parts))):
            own = np.zeros(stack.shape[:2])
            for layer, weight in weights:
                share = np.empty(stack.shape[:2])
                covered_share(drawn[number][parts[number][layer].key], share)
                own += weight * share
            shares[number][:, :, k] = np.clip(own, 0.0, 1.0 - covered)
            covered = np.minimum(1.0, covered + own)
            if stack.of_cell[k] >= 0:
                centre = drawn[number][parts[number][stack.of_cell[k]].key][1::2, 1::2]
                mine = (centre < 0.0) & (region[:, :, k] == 0)
                region[:, :, k][mine] = number
    total = np.sum(shares, axis=0)
    whole = np.where(total > 0, total, 1.0)
    shares = [np.where(total > 0, share / whole, region == n) for n, share in enumerate(shares)]
    return region, tuple(shares), _halfway(region, solid)


def _halfway(region: NDArray[np.int16], solid: NDArray[np.bool_]) -> Interface:
    """Two parts of a print meet halfway between the centres of their cells."""
    strides = (solid.shape[1] * solid.shape[2], solid.shape[2], 1)
    cells: list[Integers] = []
    axes: list[Integers] = []
    for axis in range(len(strides)):
        lower, upper = [slice(None)] * 3, [slice(None)] * 3
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        low, high = tuple(lower), tuple(upper)
        differ = (region[low] != region[high]) & solid[low] & solid[high]
        found = np.ravel_multi_index(tuple(np.argwhere(differ).T), solid.shape)
        cells.append(np.asarray(found))
        axes.append(np.full(cells[-1].size, axis))
    where = np.concatenate(cells)
    return Interface(where, np.concatenate(axes), np.full(where.size, 0.5))

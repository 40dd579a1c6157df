"""Cells of a body in the dimension that it has: volumes, faces, surface, as flat arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid

Array = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Time at which, or slowness by which, a front does not come at all.
NEVER = 1e300
#: Closest a surface may come to a cell centre, in spacings: below it only stiffness grows.
_NEAREST = 0.02


@dataclass(frozen=True, eq=False)
class Rows:
    """Places where the surface cuts the line from a cell to its neighbour outside, (m,) each.

    Parameters
    ----------
    cell : int
        Flat index of the cell.
    outside : int
        Flat index of the neighbour; -1 where the grid ends.
    area : float
        True area that the row stands for [m2].
    reach : float
        Distance from the cell's centre to the surface, along its normal [m].
    step : float
        Distance between the two centres, along the normal [m].
    given : float
        Solid beyond the centre of the neighbour, which this cell takes care of [m3].
    exposure : int
        As `geometry.grid.Surface.exposure`.
    points, normals : (m, 3) float
        Where it is, the first cell's centre being the origin [m], and the outward normal.
    """

    cell: Integers
    outside: Integers
    area: Array
    reach: Array
    step: Array
    given: Array
    exposure: Integers
    points: Array
    normals: Array

    def only(self, which: Mask) -> Rows:
        """Those of a mask (m,)."""
        return Rows(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


@dataclass(frozen=True, eq=False)
class Joints:
    """Faces between two regions, (m,) each: cells on either side and where they meet.

    `conductance` is area over distance [m], `theta` the share of the way on the first cell's side.
    """

    first: Integers
    second: Integers
    conductance: Array
    theta: Array


@dataclass(frozen=True, eq=False)
class Cells:
    """A body cut into cells, with everything that does not depend on what it is made of.

    Parameters
    ----------
    shape, spacing : (3,)
        Cells and their edges along the axes [m]; flat arrays below are in C order, (n,).
    volume : ndarray
        Solid in every cell that carries unknowns [m3], 0 elsewhere.
    region : ndarray of int
        Region of every cell.
    shares : tuple of ndarray
        Each region's share of a cell's solid [-]; empty where there is one region.
    faces : tuple of (stride, axis, ndarray)
        Area over distance between each cell and its next one along an axis, of one region [m].
    joints : Joints
    rows : Rows
    voids : ndarray of int
        Number of the closed void that a cell belongs to, 0 elsewhere.
    images : int
        Mirror images that make the whole.
    """

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    volume: Array
    region: NDArray[np.int16]
    shares: tuple[Array, ...]
    faces: tuple[tuple[int, int, Array], ...]
    joints: Joints
    rows: Rows
    voids: NDArray[np.int32]
    images: int = 1

    @property
    def solid(self) -> Mask:
        """Cells that carry unknowns, (n,)."""
        return self.volume > 0.0

    @cached_property
    def linked(self) -> tuple[Integers, ...]:
        """Cells that have a face with the next one along each axis of `faces`."""
        return tuple(np.flatnonzero((f > 0)[: f.size - stride]) for stride, _, f in self.faces)

    @property
    def count(self) -> int:
        """How many of them there are."""
        return int(np.count_nonzero(self.volume))

    def given(self) -> Array:
        """Solid beyond the surface cells' own, by the cell that takes care of it, (n,) [m3]."""
        total = np.bincount(self.rows.cell, self.rows.given, self.volume.size)
        return np.asarray(total.astype(float))

    def mix(self, values: Array) -> Array:
        """Values of the regions averaged over the solid of every cell, (n,)."""
        if not self.shares:
            return np.asarray(values[self.region], dtype=float)
        return np.asarray(sum(v * share for v, share in zip(values, self.shares, strict=True)))


def strides_of(shape: tuple[int, int, int]) -> tuple[int, int, int]:
    """Steps in flat arrays along the three axes."""
    return shape[1] * shape[2], shape[2], 1


def cells_of_voxels(grid: VoxelGrid) -> Cells:
    """Cells of a voxelised body (NUMERICS 2: true areas and distances at the surface)."""
    solid = grid.solid.ravel()
    volume = np.where(solid, grid.fraction.ravel() * grid.cell_volume, 0.0)
    # a solid cell whose own share is tiny would be endlessly stiff
    volume = np.where(solid, np.maximum(volume, 1e-3 * grid.cell_volume), 0.0)
    region = grid.region.ravel()
    faces, joints = _faces(grid, solid, region)
    return Cells(
        shape=grid.shape,
        spacing=grid.spacing,
        volume=volume,
        region=region,
        shares=tuple(share.ravel() for share in grid.shares),
        faces=faces,
        joints=joints,
        rows=_rows(grid),
        voids=grid.voids.ravel(),
    )


def _faces(
    grid: VoxelGrid, solid: Mask, region: NDArray[np.int16]
) -> tuple[tuple[tuple[int, int, Array], ...], Joints]:
    faces, parts = [], []
    meeting = (
        dict(
            zip(
                zip(grid.interface.axis, grid.interface.cell, strict=True),
                grid.interface.theta,
                strict=True,
            )
        )
        if grid.interface.cell.size
        else {}
    )
    for axis, stride in enumerate(strides_of(grid.shape)):
        conductance = np.zeros(solid.size)
        if grid.shape[axis] > 1:
            both = solid[:-stride] & solid[stride:]
            both &= _not_last(grid.shape, axis)[:-stride]
            conductance[:-stride][both] = grid.cell_volume / grid.spacing[axis] ** 2
            differ = np.flatnonzero(both & (region[:-stride] != region[stride:]))
            theta = np.array([meeting.get((axis, cell), 0.5) for cell in differ])
            parts.append((differ, differ + stride, conductance[differ], theta))
            conductance[differ] = 0.0
            faces.append((stride, axis, conductance))
    return tuple(faces), _joined(parts)


def _joined(parts: list[tuple[Integers, Integers, Array, Array]]) -> Joints:
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Joints(none, none, np.zeros(0), np.zeros(0))
    return Joints(*(np.concatenate([part[i] for part in parts]) for i in range(4)))


def _not_last(shape: tuple[int, int, int], axis: int) -> Mask:
    """Cells that have a next one along an axis, (n,)."""
    inside = np.ones(shape, dtype=bool)
    last: list[slice] = [slice(None)] * 3
    last[axis] = slice(-1, None)
    inside[tuple(last)] = False
    return inside.ravel()


def _rows(grid: VoxelGrid) -> Rows:
    surface = grid.surface
    area = surface.area(grid.spacing)
    filled = grid.fraction.ravel() * grid.cell_volume
    weight = np.maximum(area, 1e-30)
    around = np.bincount(surface.outside, weight, filled.size)
    step = np.array(grid.spacing)[surface.axis] * surface.normal
    return Rows(
        cell=surface.cell,
        outside=surface.outside,
        area=area,
        reach=np.maximum(surface.theta, _NEAREST) * step,
        step=step,
        given=filled[surface.outside] * weight / around[surface.outside],
        exposure=surface.exposure,
        points=surface.points(grid) - np.array(grid.origin),
        normals=surface.normals,
    )


def fold(cells: Cells, *content: Array) -> Cells:
    """The same body on one side of every mirror plane that it and its `content` (n,) have."""
    folded = cells
    kept = list(content)
    for axis in range(3):
        n = folded.shape[axis]
        if n >= 4 and n % 2 == 0 and _mirrored(folded, axis, kept):
            keep = _half(folded.shape, axis)
            folded, kept = _cut(folded, axis, keep), [c[keep] for c in kept]
    return folded


def _mirrored(cells: Cells, axis: int, content: list[Array]) -> bool:
    rows, n = cells.rows, cells.volume.size
    # voids have numbers of their own on either side: only what kind a surface is counts
    kind = np.minimum(rows.exposure, 1) + 2.0
    # a surface along an axis has neither area nor reach there
    pull = rows.area / np.maximum(rows.reach, 1e-30)
    weights = (rows.area, pull, rows.given, kind)
    arrays = [cells.volume, cells.region.astype(float), *content]
    arrays += [np.bincount(rows.cell, weight, n).astype(float) for weight in weights]
    arrays += [face for _, a, face in cells.faces if a != axis]
    return all(_same(a, cells.shape, axis) for a in arrays)


def _same(flat: Array, shape: tuple[int, int, int], axis: int) -> bool:
    block = np.moveaxis(flat.reshape(shape), axis, 0)
    half = block.shape[0] // 2
    scale = float(np.abs(block).max())
    return bool((np.abs(block[:half] - block[: half - 1 : -1]) <= 1e-9 * scale).all())


def _half(shape: tuple[int, int, int], axis: int) -> Integers:
    index = np.arange(int(np.prod(shape))).reshape(shape)
    keep: list[slice] = [slice(None)] * 3
    keep[axis] = slice(0, shape[axis] // 2)
    return index[tuple(keep)].ravel()


def _cut(cells: Cells, axis: int, keep: Integers) -> Cells:
    """The first half along an axis."""
    number = np.full(cells.volume.size, -1)
    number[keep] = np.arange(keep.size)
    shape = list(cells.shape)
    shape[axis] //= 2
    new = (shape[0], shape[1], shape[2])
    new_strides = strides_of(new)
    faces = []
    for _, a, face in cells.faces:
        part = face[keep]
        if a == axis:  # nothing crosses the mirror plane
            part = np.where(_not_last(new, axis), part, 0.0)
        if new[a] > 1:
            faces.append((new_strides[a], a, part))
    inside = number[cells.rows.cell] >= 0
    rows = cells.rows.only(inside)
    outside = np.where(rows.outside >= 0, number[rows.outside], -1)
    rows = replace(rows, cell=number[rows.cell], outside=outside)
    joints = cells.joints
    joined = (number[joints.first] >= 0) & (number[joints.second] >= 0)
    return replace(
        cells,
        shape=new,
        volume=cells.volume[keep],
        region=cells.region[keep],
        shares=tuple(share[keep] for share in cells.shares),
        faces=tuple(faces),
        joints=Joints(
            number[joints.first[joined]],
            number[joints.second[joined]],
            joints.conductance[joined],
            joints.theta[joined],
        ),
        rows=rows,
        voids=cells.voids[keep],
        images=2 * cells.images,
    )


def over(amount: Array, room: Array) -> Array:
    """Amount by volume; of what has no volume, the amount."""
    return np.asarray(amount / np.where(room > 0, room, 1.0))

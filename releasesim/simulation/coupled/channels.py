"""Stagnant channels: the medium between printed roads as cells in which drug diffuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import UnsupportedLawError
from releasesim.geometry.grid import MEDIUM, SEALED, VoxelGrid
from releasesim.physics import Channels, ConstantDiffusivity, Physics, StagnantChannels
from releasesim.simulation.coupled.cells import Cells, Integers, Joints, Rows, strides_of
from releasesim.simulation.coupled.matter import Matter
from releasesim.study import Study
from releasesim.tablet import Tablet
from releasesim.tablet.voxels import sealed_mask

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: A channel cell that is nearly filled by roads keeps at least this share of medium.
_LEAST = 0.05
#: What is nearer to the outline of a body than this is no channel: of the difference between the
#: width of roads and what they cover, half of which is on either side; of the roads' width, where
#: the outline changes with height and roads follow it in steps [-].
_GAP, _STEPS = 0.6, 0.3
#: Farthest that a channel's mouth may lie from its last cell, in spacings.
_BEYOND = 1.5


def with_channels(
    cells: Cells, matter: Matter, grid: VoxelGrid, study: Study
) -> tuple[Cells, Matter]:
    """Cells and matter with the open channels of a printed body as one more part.

    Raises
    ------
    UnsupportedLawError
        If no diffusivity of the drug in the medium is known.
    """
    law = study.physics.channels
    if not isinstance(law, StagnantChannels) or study.tablet.is_solid:
        return cells, matter
    channel = _channel_cells(study, grid)
    if not channel.any():
        return cells, matter
    depth = _depth(study, grid)
    part = len(matter.laws)
    rows = cells.rows
    to_channel = (rows.exposure == MEDIUM) & channel[np.maximum(rows.outside, 0)]
    closed = np.where(to_channel, SEALED, rows.exposure)
    mouths = _mouths(grid, channel, depth, study.tablet)
    free = np.maximum(1.0 - grid.fraction.ravel(), _LEAST) * grid.cell_volume
    free += _medium_given(grid, to_channel)
    shares = cells.shares
    if shares:
        shares = (*(np.where(channel, 0.0, s) for s in shares), channel.astype(float))
    else:
        shares = (np.where(channel, 0.0, 1.0), channel.astype(float))
    found = replace(
        cells,
        volume=np.where(channel, free, cells.volume),
        region=np.where(channel, part, cells.region).astype(np.int16),
        shares=shares,
        faces=_with_channel_faces(cells, grid, channel),
        joints=_with_walls(cells.joints, grid, to_channel),
        rows=_joined(replace(rows, exposure=closed), mouths),
    )
    return found, with_medium(matter, study)


def beside(study: Study) -> float:
    """How far a printed surface may lie inside the outline that it is part of [m]."""
    tablet, body = study.tablet, study.tablet.body
    if body.extruded and not body.of_roads:
        return _GAP * (tablet.road_width - tablet.road_spacing)
    return _STEPS * tablet.road_width


def _channel_cells(study: Study, grid: VoxelGrid) -> Mask:
    """Cells of the medium inside a printed body, connected with the bath, (n,)."""
    body = study.tablet.body
    points = np.meshgrid(*(grid.centres(axis) for axis in range(3)), indexing="ij")
    depth = -body.distance(*points)
    if body.extruded and not body.of_roads:
        inside = (depth > 0.0) & (body.face_depth("side", *points) > beside(study))
    else:
        inside = depth > beside(study)
    return np.asarray(inside.ravel() & ~grid.solid.ravel() & (grid.voids.ravel() == 0))


def _depth(study: Study, grid: VoxelGrid) -> Array:
    """Distance of every cell to the outline of the body, (n,) [m]."""
    points = np.meshgrid(*(grid.centres(axis) for axis in range(3)), indexing="ij", sparse=True)
    depth = -np.broadcast_to(study.tablet.body.distance(*points), grid.shape)
    return np.asarray(depth.ravel())


def _medium_given(grid: VoxelGrid, to_channel: Mask) -> Array:
    """Medium in cells of the solid, by the channel cell that takes care of it, (n,) [m3]."""
    surface = grid.surface
    weight = np.maximum(surface.area(grid.spacing), 1e-30)
    around = np.bincount(surface.cell, weight, grid.solid.size)[surface.cell]
    left = (1.0 - grid.fraction.ravel()[surface.cell]) * grid.cell_volume * weight / around
    given = np.bincount(surface.outside[to_channel], left[to_channel], grid.solid.size)
    return np.asarray(given.astype(float))


def _diffusivity(law: Channels, study: Study) -> float:
    if isinstance(law, StagnantChannels) and law.D is not None:
        return float(law.D)
    drug = study.tablet.formulation.drug
    if drug is None:
        raise UnsupportedLawError(
            "StagnantChannels needs the drug's diffusivity in the medium: give D, or name a drug"
        )
    return float(drug.diffusivity_water)


def with_medium(matter: Matter, study: Study) -> Matter:
    """The parts of a tablet and, as the last, the medium in its channels, by the study's law.

    Raises
    ------
    UnsupportedLawError
        If no diffusivity of the drug in the medium is known.
    """
    D = _diffusivity(study.physics.channels, study)

    def one_more(values: Array, value: float) -> Array:
        return np.append(values, value)

    return replace(
        matter,
        names=(*matter.names, "channels"),
        laws=(*matter.laws, Physics(diffusion=ConstantDiffusivity(D))),
        partition=one_more(matter.partition, 1.0),
        concentration=one_more(matter.concentration, 0.0),
        solubility=one_more(matter.solubility, np.inf),
        speed=one_more(matter.speed, 0.0),
        water_content=one_more(matter.water_content, np.nan),
        drug_volume=one_more(matter.drug_volume, np.nan),
    )


def _with_channel_faces(
    cells: Cells, grid: VoxelGrid, channel: Mask
) -> tuple[tuple[int, int, Array], ...]:
    faces = []
    for stride, axis, face in cells.faces:
        own = face.copy()
        # cells of the grid's edge lie outside of the body: no pair wraps around
        both = channel[:-stride] & channel[stride:]
        own[:-stride][both] = grid.cell_volume / grid.spacing[axis] ** 2
        faces.append((stride, axis, own))
    return tuple(faces)


def _with_walls(joints: Joints, grid: VoxelGrid, to_channel: Mask) -> Joints:
    """Join cells of the solid with the channel cells that they face."""
    surface = grid.surface
    axis = surface.axis[to_channel]
    new = Joints(
        surface.cell[to_channel],
        surface.outside[to_channel],
        grid.cell_volume / np.array(grid.spacing)[axis] ** 2,
        surface.theta[to_channel],
    )
    return Joints(*(np.concatenate([getattr(joints, n), getattr(new, n)]) for n in _JOINT_FIELDS))


_JOINT_FIELDS = ("first", "second", "conductance", "theta")


def _mouths(grid: VoxelGrid, channel: Mask, depth: Array, tablet: Tablet) -> Rows:
    """Surface where channels open into the bath, or would but for a sealed face."""
    solid, closed = grid.solid.ravel(), grid.voids.ravel() > 0
    parts: list[tuple[Integers, Integers, Array, Array]] = []
    for axis, stride in enumerate(strides_of(grid.shape)):
        h = grid.spacing[axis]
        low = np.arange(solid.size - stride)
        for p, q, side in ((low, low + stride, 1.0), (low + stride, low, -1.0)):
            here = channel[p] & ~channel[q] & ~solid[q] & ~closed[q]
            inner, outer = p[here], q[here]
            fall = np.maximum(depth[inner] - depth[outer], 1e-12)
            along = np.clip(fall / h, 0.0, 1.0)
            theta = np.clip(depth[inner] / fall, 0.02, _BEYOND)
            normal = np.zeros((inner.size, 3))
            normal[:, axis] = side
            parts.append((inner, outer, np.column_stack([theta * h, along]), normal))
    cell, outside = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    both, normals = (np.concatenate([part[i] for part in parts]) for i in (2, 3))
    axis_of = np.abs(normals).argmax(axis=1)
    h = np.array(grid.spacing)[axis_of]
    centre = np.array(np.unravel_index(cell, grid.shape)).T * np.array(grid.spacing)
    points = centre + both[:, :1] * normals
    exposure = np.full(cell.size, MEDIUM)
    mask = sealed_mask(tablet)
    if mask is not None:
        at = (points + np.array(grid.origin)).T / (1.0 + tablet.oversize)
        direction = np.take_along_axis(normals, axis_of[:, None], 1)[:, 0]
        exposure[mask(at, axis_of, direction)] = SEALED
    return Rows(
        cell=cell,
        outside=outside,
        area=grid.cell_volume / h * both[:, 1],
        reach=both[:, 0] * both[:, 1],
        step=h * both[:, 1],
        given=np.zeros(cell.size),
        exposure=exposure,
        points=points,
        normals=normals,
    )


def _joined(first: Rows, second: Rows) -> Rows:
    names = Rows.__dataclass_fields__
    return Rows(*(np.concatenate([getattr(first, n), getattr(second, n)]) for n in names))

"""Stagnant channels: the medium between printed roads as cells in which drug diffuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import UnsupportedLawError
from releasesim.geometry.grid import MEDIUM, SEALED, VoxelGrid
from releasesim.physics import ConstantDiffusivity, Physics, StagnantChannels
from releasesim.simulation.coupled.cells import Cells, Integers, Joints, Rows, strides_of
from releasesim.simulation.coupled.matter import Matter
from releasesim.study import Study

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: A channel cell that is nearly filled by roads keeps at least this share of medium.
_LEAST = 0.05


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
    x, y, z = np.meshgrid(*(grid.centres(axis) for axis in range(3)), indexing="ij", sparse=True)
    depth = -np.broadcast_to(study.tablet.body.distance(x, y, z), grid.shape).ravel()
    channel = (depth > 0) & ~grid.solid.ravel() & (grid.voids.ravel() == 0)
    if not channel.any():
        return cells, matter
    part = len(matter.laws)
    rows = cells.rows
    to_channel = (rows.exposure == MEDIUM) & channel[np.maximum(rows.outside, 0)]
    closed = np.where(to_channel, SEALED, rows.exposure)
    mouths = _mouths(grid, channel, depth)
    free = np.maximum(1.0 - grid.fraction.ravel(), _LEAST) * grid.cell_volume
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
    return found, _with_medium(matter, _diffusivity(law, study))


def _diffusivity(law: StagnantChannels, study: Study) -> float:
    if law.D is not None:
        return float(law.D)
    drug = study.tablet.formulation.drug
    if drug is None:
        raise UnsupportedLawError(
            "StagnantChannels needs the drug's diffusivity in the medium: give D, or name a drug"
        )
    return float(drug.diffusivity_water)


def _with_medium(matter: Matter, D: float) -> Matter:
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


def _mouths(grid: VoxelGrid, channel: Mask, depth: Array) -> Rows:
    """Surface where channels open into the bath."""
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
            theta = np.clip(depth[inner] / fall, 0.02, 1.0)
            normal = np.zeros((inner.size, 3))
            normal[:, axis] = side
            parts.append((inner, outer, np.column_stack([theta * h, along]), normal))
    cell, outside = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    both, normals = (np.concatenate([part[i] for part in parts]) for i in (2, 3))
    axis_of = np.abs(normals).argmax(axis=1)
    h = np.array(grid.spacing)[axis_of]
    centre = np.array(np.unravel_index(cell, grid.shape)).T * np.array(grid.spacing)
    return Rows(
        cell=cell,
        outside=outside,
        area=grid.cell_volume / h * both[:, 1],
        reach=both[:, 0] * both[:, 1],
        step=h * both[:, 1],
        given=np.zeros(cell.size),
        exposure=np.full(cell.size, MEDIUM),
        points=centre + both[:, :1] * normals,
        normals=normals,
    )


def _joined(first: Rows, second: Rows) -> Rows:
    names = Rows.__dataclass_fields__
    return Rows(*(np.concatenate([getattr(first, n), getattr(second, n)]) for n in names))

"""A tablet on a grid: as an exact body, as roads, or as layers of ink."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from releasesim.errors import GeometryError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from releasesim.geometry.grid import Integers, VoxelGrid
    from releasesim.geometry.printed import SealedMask
    from releasesim.geometry.shapes import Array
    from releasesim.tablet.tablet import Tablet


def voxelize_tablet(
    tablet: Tablet, spacing: float, offset: tuple[float, float, float] | None
) -> VoxelGrid:
    """Make the grid; see `Tablet.voxelize`."""
    if not (math.isfinite(spacing) and spacing > 0):
        raise GeometryError(f"spacing = {spacing:.4g} m: must be above 0")
    if tablet.is_solid:
        return voxelize_body(tablet, spacing, offset)
    if tablet.laid is not None:
        return tablet.laid.voxelize(spacing, sealed_mask(tablet), offset)
    return _voxelize_roads(tablet, spacing, offset)


def voxelize_body(
    tablet: Tablet, spacing: float, offset: tuple[float, float, float] | None
) -> VoxelGrid:
    """The exact body, without roads and without gaps."""
    from releasesim.geometry.mesh import Mesh, voxelize_mesh
    from releasesim.geometry.solid import voxelize_solid

    regions = [tablet.as_made(part.place).region() for part in tablet.parts if part.place]
    if isinstance(tablet.body, Mesh):
        return voxelize_mesh(tablet.body, spacing, regions=regions, offset=offset)
    return voxelize_solid(
        tablet.body, spacing, regions=regions, sealed=tablet.sealed, offset=offset
    )


def _voxelize_roads(
    tablet: Tablet, spacing: float, offset: tuple[float, float, float] | None
) -> VoxelGrid:
    from releasesim.geometry.printed import voxelize_layers

    factor = 1.0 + tablet.oversize
    # roads wider than asked for reach out of the outline
    out = max(0.0, tablet.flow - 1.0) * tablet.road_spacing
    grid = voxelize_layers(
        tablet.printed,
        spacing / factor,
        tablet.flow * tablet.road_spacing,
        size=(tablet.drawn.size[0] + out, tablet.drawn.size[1] + out),
        sealed=sealed_mask(tablet),
        offset=offset,
    )
    return grid if factor == 1.0 else grid.scaled(factor)


def sealed_mask(tablet: Tablet) -> SealedMask | None:
    """Which crossings lie on sealed faces, in sizes as drawn; None where no face is sealed."""
    from releasesim.geometry.solid import face_mask

    if not tablet.sealed:
        return None
    envelope = tablet.drawn
    if envelope.extruded:
        envelope = envelope.with_height(tablet.printed_height * tablet.stretch)
    # roads lie just inside the outline: what is within half a road of it belongs to the face
    reach = 0.5 * (tablet.road_width if tablet.laid is None else tablet.laid.edge)

    def mask(at: Array, axis: Integers, direction: Array) -> NDArray[np.bool_]:
        sealed = np.zeros(axis.size, dtype=bool)
        for face in tablet.sealed:
            near = envelope.face_depth(face, *at) < reach
            sealed |= near & face_mask(envelope, face, at, axis, direction)
        return sealed

    return mask

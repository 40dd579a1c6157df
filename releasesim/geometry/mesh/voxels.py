"""Voxelise a mesh by lines along the three axes, without a distance.

They say what is inside, where the surface is crossed, exactly, and how much of a cell is filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.grid import MEDIUM, Surface, VoxelGrid, crossing_pairs, label_voids
from releasesim.geometry.mesh.lines import Lines, cast_lines
from releasesim.geometry.solid import Laid, Region, lay_cells, region_cells

if TYPE_CHECKING:
    from releasesim.geometry.mesh.shape import Mesh

Array = NDArray[np.float64]

#: Lines a side over each cell by which its filled share is measured; odd, with one in the middle.
_SHARE = 5


def voxelize_mesh(
    mesh: Mesh,
    spacing: float,
    *,
    regions: Sequence[Region] = (),
    offset: tuple[float, float, float] | None = None,
) -> VoxelGrid:
    """Lay a grid over a mesh.

    Parameters
    ----------
    mesh : Mesh
    spacing : float
        Wanted cell edge [m].
    regions : sequence of callables
        Signed distance of each region; the last that contains a point wins.
    offset : (float, float, float), optional
        Place the grid anywhere, shifted by these shares of a cell (for tests of accuracy).

    Raises
    ------
    GeometryError
        If the grid would be too large, or no cell centre lies inside.
    """
    from releasesim.geometry.mesh.rays import mark_inside

    laid = lay_cells(mesh, spacing, offset, plane=False)
    lines = [_through_centres(mesh, laid, axis) for axis in range(3)]
    solid, up = np.zeros(laid.n, dtype=bool), lines[2]
    mark_inside(up.starts, up.counts, up.places, up.signs, laid.centres[2][0], laid.h[2], solid)
    if not solid.any():
        raise GeometryError(
            f"{mesh.describe()}: no cell centre lies inside at a spacing of {spacing * 1e3:.3g} mm"
        )
    fraction = _filled(mesh, laid)
    region, shares, interface = region_cells(regions, solid, fraction, laid)
    x, y, z = (float(centres[0]) for centres in laid.centres)
    return VoxelGrid(
        spacing=laid.h,
        origin=(x, y, z),
        fraction=fraction,
        solid=solid,
        depth=np.zeros((0, 0, 0)),
        surface=_surface(mesh, laid, solid, lines),
        voids=label_voids(solid),
        region=region,
        shares=shares,
        interface=interface,
        volume=mesh.volume,
        exact_depth=False,
    )


def _through_centres(mesh: Mesh, laid: Laid, axis: int) -> Lines:
    """Lines along an axis through the centres of all cells."""
    u, v = (axis + 1) % 3, (axis + 2) % 3
    begin = (float(laid.centres[u][0]), float(laid.centres[v][0]))
    step, shape = (laid.h[u], laid.h[v]), (laid.n[u], laid.n[v])
    return cast_lines(
        mesh.body.points, mesh.body.triangles, axis, begin=begin, step=step, shape=shape
    )


def _filled(mesh: Mesh, laid: Laid) -> Array:
    """Inside share of every cell: exact along z, by lines in the plane."""
    from releasesim.geometry.mesh.rays import fill_columns

    nx, ny, _ = laid.n
    hx, hy, hz = laid.h
    step = (hx / _SHARE, hy / _SHARE)
    aside = 0.5 * (1 - _SHARE)
    begin = (
        float(laid.centres[0][0]) + aside * step[0],
        float(laid.centres[1][0]) + aside * step[1],
    )
    shape = (_SHARE * nx, _SHARE * ny)
    up = cast_lines(mesh.body.points, mesh.body.triangles, 2, begin=begin, step=step, shape=shape)
    filled = np.zeros(laid.n)
    low = float(laid.centres[2][0]) - 0.5 * hz
    fill_columns(up.starts, up.counts, up.places, up.signs, low, hz, _SHARE, filled)
    return np.clip(filled, 0.0, 1.0)


def _surface(mesh: Mesh, laid: Laid, solid: NDArray[np.bool_], lines: Sequence[Lines]) -> Surface:
    """Crossings between neighbouring centres, each where its own line meets the mesh."""
    from releasesim.geometry.mesh.rays import first_hits

    cell, outside, axis = crossing_pairs(solid)
    index = np.array(np.unravel_index(cell, laid.n))
    start, end = laid.at(cell), laid.at(outside)
    theta, normals = np.full(cell.size, 0.5), np.zeros((cell.size, 3))
    facing = _normals(mesh)
    for along, cast in enumerate(lines):
        here = np.flatnonzero(axis == along)
        u, v = (along + 1) % 3, (along + 2) % 3
        low, high = start[along, here], end[along, here]
        found, triangle = 0.5 * (low + high), np.full(here.size, -1)
        first_hits(
            index[u, here],
            index[v, here],
            low,
            high,
            cast.starts,
            cast.counts,
            cast.places,
            cast.which,
            found,
            triangle,
        )
        theta[here] = (found - low) / (high - low)
        straight = np.zeros((here.size, 3))
        straight[:, along] = np.sign(high - low)
        # a centre on the surface itself may see it on one line and not on another
        normals[here] = np.where((triangle >= 0)[:, None], facing[triangle], straight)
    exposure = np.full(cell.size, MEDIUM, dtype=np.int64)
    return Surface(cell, outside, axis, np.clip(theta, 0.0, 1.0), normals, exposure)


def _normals(mesh: Mesh) -> Array:
    """Unit normal of every triangle, outward, (m, 3) [-]."""
    a, b, c = (mesh.body.points[mesh.body.triangles[:, n]] for n in range(3))
    normal = np.cross(b - a, c - a)
    return np.asarray(normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300))

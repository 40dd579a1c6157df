"""Closed surfaces of the parts of a tablet on voxels, for viewers in three dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from manifold3d import Manifold

Array = NDArray[np.float64]
Triple = tuple[float, float, float]

#: Facets may lie off the level by this share of a cell [-].
_FLAT = 0.04
_HALF = 0.5


@dataclass(frozen=True, eq=False)
class Surface:
    """A closed surface of triangles, counter-clockwise from outside.

    Parameters
    ----------
    part : int
        Number of the part of the tablet.
    vertices : (n, 3) ndarray
        [m].
    triangles : (m, 3) int
    volume : float
        Enclosed [m3].
    """

    part: int
    vertices: Array
    triangles: NDArray[np.int64]
    volume: float


def part_surfaces(parts: Sequence[Array], origin: Triple, spacing: Triple) -> list[Surface]:
    """Where each part's share of the cells passes one half, watertight.

    Parameters
    ----------
    parts : sequence of (nx, ny, nz) ndarray
        Share of every cell that is solid and of this part [-]; at least two cells along every axis,
        and a rim of empty ones around.
    origin, spacing : (float, float, float)
        Centre of the first cell and cell edges [m].

    Returns
    -------
    list of Surface
        One for each part of which there is any.
    """
    meshes = [(n, _mesh(share, origin, spacing)) for n, share in enumerate(parts)]
    return [_surface(n, mesh) for n, mesh in meshes if mesh is not None]


def _surface(part: int, mesh: Manifold) -> Surface:
    made: Any = mesh.to_mesh64()
    vertices = np.asarray(made.vert_properties, dtype=np.float64)[:, :3]
    triangles = np.asarray(made.tri_verts, dtype=np.int64)
    return Surface(part, vertices / _UNIT, triangles, float(mesh.volume()) / _UNIT**3)


#: manifold3d works in numbers of about one: in cells of this many metres.
_UNIT = 1e3


def _mesh(share: Array, origin: Triple, spacing: Triple) -> Manifold | None:
    """The level 1/2 of a share, by marching tetrahedra; None where it is never reached."""
    from manifold3d import Manifold

    found = [
        np.flatnonzero((share > _HALF).any(axis=others)) for others in ((1, 2), (0, 2), (0, 1))
    ]
    if not all(places.size for places in found):
        return None
    # only where the part is, and the cells around it
    low = [max(0, int(places[0]) - 1) for places in found]
    part = share[tuple(slice(a, int(p[-1]) + 2) for a, p in zip(low, found, strict=True))]
    # cells as cubes of edge 1, so that points of the search fall on known values
    ends = [n - 1.0 for n in part.shape]
    made = Manifold.level_set(_lookup(_doubled(part)), [0.0, 0.0, 0.0, *ends], 1.0, 0.0)
    made = made.translate([float(n) for n in low]).scale([h * _UNIT for h in spacing])
    made = made.translate([o * _UNIT for o in origin])
    return made.simplify(_FLAT * min(spacing) * _UNIT)


def _doubled(share: Array) -> Array:
    """Share less 1/2 at centres of cells and halfway between, linear, (2 nx - 1, ...)."""
    level = share - _HALF
    for axis in range(3):
        ahead, here = [slice(None)] * 3, [slice(None)] * 3
        ahead[axis], here[axis] = slice(1, None), slice(None, -1)
        middle = 0.5 * (level[tuple(ahead)] + level[tuple(here)])
        shape = list(level.shape)
        shape[axis] = 2 * shape[axis] - 1
        wide = np.empty(shape)
        even, odd = [slice(None)] * 3, [slice(None)] * 3
        even[axis], odd[axis] = slice(0, None, 2), slice(1, None, 2)
        wide[tuple(even)], wide[tuple(odd)] = level, middle
        level = wide
    return level


def _lookup(level: Array) -> Callable[[float, float, float], float]:
    """Value at a point given in cells, by the nearest of the known ones; outside there is none."""
    nx, ny, nz = level.shape
    values = level.ravel().tolist()

    def value(x: float, y: float, z: float) -> float:
        i, j, k = int(2.0 * x + 0.5), int(2.0 * y + 0.5), int(2.0 * z + 0.5)
        if not (0 <= i < nx and 0 <= j < ny and 0 <= k < nz):
            return -_HALF
        return float(values[(i * ny + j) * nz + k])

    return value

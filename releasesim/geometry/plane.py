"""One printed layer in the plane: distances to its roads, and what cells see of them.

Distances are sampled on a lattice of half the spacing: cell corners, edge middles and centres.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.geometry.grid import Integers
from releasesim.geometry.slicing import PrintedLayer

Array = NDArray[np.float64]

_REACH = 3.0
"""Distances are needed this far from an edge: around the middle of a crossing [lattice steps]."""


@dataclass(frozen=True, eq=False)
class Plane:
    """One distinct layer in the plane: what `_combine` needs of it, arrays (nx, ny)."""

    inside: NDArray[np.bool_]
    share: Array
    cell: Integers  # flat in (nx, ny)
    outside: Integers
    axis: Integers
    theta: Array
    normals: Array  # (m, 3)


def draw_layers(
    layers: Sequence[PrintedLayer],
    lattice: tuple[float, float, float, float, int, int],
    road_spacing: float,
) -> dict[Hashable, Array]:
    """Signed distance to the roads of every distinct layer, on the lattice [m]."""
    from releasesim.geometry.raster import fill_rings, stroke_roads

    x0, y0, dx, dy, nx, ny = lattice
    reach = _REACH * max(dx, dy)
    drawn: dict[Hashable, Array] = {}
    bands: dict[int, Array] = {}
    for layer in layers:
        if layer.key in drawn:
            continue
        phi = bands.get(id(layer.bands))
        if phi is None:
            phi = np.full((nx, ny), reach)
            fill_rings(ring_segments(layer.bands), x0, y0, dx, dy, reach, phi)
            bands[id(layer.bands)] = phi
        phi = phi.copy()
        if layer.lines:
            segments, ends = _line_segments(layer.lines)
            stroke_roads(segments, ends, road_spacing / 2, x0, y0, dx, dy, reach, phi)
        drawn[layer.key] = phi
    return drawn


def ring_segments(bands: shapely.MultiPolygon) -> Array:
    """Edges of all rings, (m, 4) [m]."""
    rings = [
        np.asarray(ring.coords)[:, :2]
        for polygon in bands.geoms
        for ring in (polygon.exterior, *polygon.interiors)
    ]
    if not rings:
        return np.zeros((0, 4))
    return np.concatenate([np.hstack([ring[:-1], ring[1:]]) for ring in rings])


def _line_segments(lines: Sequence[Array]) -> tuple[Array, NDArray[np.bool_]]:
    """Pieces of all lines, (m, 4) [m], and which of their ends are ends of a road, (m, 2)."""
    segments = np.concatenate([np.hstack([line[:-1], line[1:]]) for line in lines])
    ends = np.zeros((len(segments), 2), dtype=bool)
    last = np.cumsum([len(line) - 1 for line in lines]) - 1
    first = np.concatenate([[0], last[:-1] + 1])
    is_open = np.array([not np.array_equal(line[0], line[-1]) for line in lines])
    ends[first, 0], ends[last, 1] = is_open, is_open
    return segments, ends


def make_plane(phi: Array, hx: float, hy: float) -> Plane:
    """Coverage and outlines of one layer from its distances on the lattice."""
    from releasesim.geometry.raster import covered_share

    inside = phi[1::2, 1::2] < 0.0
    share = np.empty(inside.shape)
    covered_share(phi, share)
    ny = inside.shape[1]
    rows: list[tuple[Array, ...]] = []
    for axis, stride in ((0, ny), (1, 1)):
        low, high = (slice(None, -1), slice(None)), (slice(1, None), slice(None))
        if axis == 1:
            low, high = low[::-1], high[::-1]
        i, j = np.nonzero(inside[low] != inside[high])
        below = i * ny + j
        upward = inside[i, j]
        a = 2 * i + 1, 2 * j + 1
        middle = (a[0] + 1, a[1]) if axis == 0 else (a[0], a[1] + 1)
        far = (a[0] + 2, a[1]) if axis == 0 else (a[0], a[1] + 2)
        theta = _crossing(
            np.where(upward, phi[a], phi[far]), phi[middle], np.where(upward, phi[far], phi[a])
        )
        gx = (phi[middle[0] + 1, middle[1]] - phi[middle[0] - 1, middle[1]]) / hx
        gy = (phi[middle[0], middle[1] + 1] - phi[middle[0], middle[1] - 1]) / hy
        length = np.maximum(np.hypot(gx, gy), 1e-12)
        normals = np.stack([gx / length, gy / length, np.zeros(i.size)], axis=1)
        rows.append(
            (
                np.where(upward, below, below + stride),
                np.where(upward, below + stride, below),
                np.full(i.size, axis),
                theta,
                normals,
            )
        )
    cell, outside, axis_, theta, normals = (np.concatenate(c) for c in zip(*rows, strict=True))
    return Plane(inside, share, cell, outside, axis_, theta, normals)


def _crossing(start: Array, middle: Array, end: Array) -> Array:
    """Where distances at 0, 1/2 and 1 first turn positive, piecewise linear, (m,) [-]."""
    first = 0.5 * start / np.where(start == middle, 1.0, start - middle)
    second = 0.5 + 0.5 * middle / np.where(middle == end, 1.0, middle - end)
    return np.asarray(np.where(middle >= 0.0, first, second))

"""The envelope of printed roads: what they surround, layer by layer."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from releasesim.geometry.gcode.beads import BeadStack
from releasesim.geometry.gcode.features import FEATURES
from releasesim.geometry.gcode.toolpath import Toolpath

Array = NDArray[np.float64]

_OUTER_WALL = FEATURES.index("outer wall")
_BRIDGED = 1.5e-3
"""Openings between roads narrower than twice this belong to the body [m]."""
_SAME = 0.005
"""Outlines that differ by less of their area are one [-]."""
_CELLS = 240
"""Of the lattice of distances, along the longer side."""
_REACH = 2e-3
"""Distances are exact up to this [m]."""


class Envelope:
    """Outlines of a print, and distances from them.

    Parameters
    ----------
    path : Toolpath
        Of the tablet alone.
    """

    def __init__(self, path: Toolpath) -> None:
        stack = BeadStack(path)
        layers = stack.layers(np.ones(len(path), dtype=bool))
        walls = stack.layers(path.feature == _OUTER_WALL)
        self.faces = np.array([*(layer.bottom for layer in layers), layers[-1].top])
        self.outlines: list[BaseGeometry] = []
        for layer, wall in zip(layers, walls, strict=True):
            found = _filled(layer.bands).difference(_bores(wall.bands))
            last = self.outlines[-1] if self.outlines else shapely.Polygon()
            apart = found.symmetric_difference(last).area if last.area else found.area
            self.outlines.append(last if apart < _SAME * found.area else found)
        self._fields: dict[int, Array] = {}

    @property
    def volume(self) -> float:
        """[m3]."""
        return float(np.dot([o.area for o in self.outlines], np.diff(self.faces)))

    @property
    def surface(self) -> float:
        """Sides, and what each layer leaves open of the next [m2]."""
        sides = np.dot([o.length for o in self.outlines], np.diff(self.faces))
        areas = np.array([0.0, *(o.area for o in self.outlines), 0.0])
        return float(sides + np.abs(np.diff(areas)).sum())

    def outline(self, z: float) -> BaseGeometry | None:
        """Outline at a height; None outside [m]."""
        number = int(np.searchsorted(self.faces, z, side="right")) - 1
        if z == self.faces[-1]:
            number -= 1
        return self.outlines[number] if 0 <= number < len(self.outlines) else None

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """Signed distance to the outline of the layer and to top and bottom, negative inside [m].

        Steps between layers of different outlines count as their sides only.
        """
        layer = np.clip(np.searchsorted(self.faces, z, side="right") - 1, 0, len(self.outlines) - 1)
        lateral = np.empty(x.shape)
        for number in np.unique(layer):
            here = layer == number
            lateral[here] = self._lateral(int(number), x[here], y[here])
        axial = np.maximum(-z, z - self.faces[-1])
        outside = np.hypot(np.maximum(lateral, 0.0), np.maximum(axial, 0.0))
        return np.asarray(np.minimum(np.maximum(lateral, axial), 0.0) + outside)

    def _lateral(self, number: int, x: Array, y: Array) -> Array:
        from scipy.ndimage import map_coordinates

        low, step, cells = self._lattice()
        outline = self.outlines[number]
        if id(outline) not in self._fields:
            self._fields[id(outline)] = _field(outline, low, step, cells)
        at = np.stack([(x - low[0]) / step, (y - low[1]) / step])
        field = self._fields[id(outline)]
        return np.asarray(map_coordinates(field, at, order=1, mode="nearest"))

    def _lattice(self) -> tuple[Array, float, tuple[int, int]]:
        bounds = np.array([o.bounds for o in self.outlines if not o.is_empty])
        low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
        step = float((high - low).max()) / _CELLS
        around = int(np.ceil(_REACH / step))
        nx, ny = (int(n) for n in np.ceil((high - low) / step) + 2 * around + 1)
        return low - around * step, step, (nx, ny)


def _bores(walls: shapely.MultiPolygon) -> BaseGeometry:
    """Holes of outer walls that lie within other outer walls: what those leave out of the body."""
    rings = [shapely.Polygon(part.exterior) for part in walls.geoms]
    holes = [shapely.Polygon(hole) for part in walls.geoms for hole in part.interiors]
    around = [sum(ring.contains(hole) for ring in rings) for hole in holes]
    inner = [hole for hole, count in zip(holes, around, strict=True) if count % 2 == 0]
    return shapely.union_all(inner)


def _filled(bands: shapely.MultiPolygon) -> BaseGeometry:
    """All that roads surround, openings narrower than `_BRIDGED` closed."""
    whole = shapely.union_all([shapely.Polygon(p.exterior) for p in bands.geoms])
    if len(bands.geoms) > 1:
        whole = whole.buffer(_BRIDGED).buffer(-_BRIDGED)
        parts = [shapely.Polygon(p.exterior) for p in shapely.get_parts(whole)]
        whole = shapely.union_all(parts)
    return whole


def _field(outline: BaseGeometry, low: Array, step: float, cells: tuple[int, int]) -> Array:
    from releasesim.geometry.plane import ring_segments
    from releasesim.geometry.raster import fill_rings
    from releasesim.geometry.roads import as_multipolygon

    phi = np.full(cells, _REACH)
    segments = ring_segments(as_multipolygon(outline))
    fill_rings(segments, low[0], low[1], step, step, _REACH, phi)
    return phi

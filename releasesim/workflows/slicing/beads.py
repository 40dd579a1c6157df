"""What the roads of a G-code cover: their overlap, and the gaps between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shapely.geometry.base import BaseGeometry

    from releasesim.geometry.shapes import Shape
    from releasesim.geometry.slicing import PrintedLayer

Array = NDArray[np.float64]

WARN = 0.05
"""Overlap of beads from which a user is told [-]."""
#: So many, evenly spread, stand for all.
_MOST_LAYERS = 9
#: Gaps narrower than this are left between beads that touch: digits of the file [m].
_SLIVER = 2e-5


@dataclass(frozen=True, eq=False)
class Beads:
    """What the beads of a tablet cover.

    Parameters
    ----------
    areas : tuple of (geometry, float)
        Of each layer: what its beads cover [m], and its thickness [m].
    outlines : tuple of geometry
        Of each layer: the body that was drawn [m].
    deposited : float
        Volume that was extruded [m3].
    """

    areas: tuple[tuple[BaseGeometry, float], ...]
    outlines: tuple[BaseGeometry, ...]
    deposited: float

    @cached_property
    def covered(self) -> float:
        """Volume within the beads, each point once [m3]."""
        return math.fsum(area.area * thickness for area, thickness in self.areas)

    @property
    def overlap(self) -> float:
        """Share of the material that lies where other material lies already [-]."""
        return max(0.0, 1.0 - self.covered / self.deposited)

    @cached_property
    def gaps(self) -> Array:
        """Width [m] and area [m2] of the gaps inside some layers, (n, 2), narrowest first."""
        rows = [row for n in self._looked_at for row in _gaps(self.areas[n][0], self.outlines[n])]
        return np.array(sorted(rows)).reshape(-1, 2)

    @property
    def _looked_at(self) -> list[int]:
        """Layers whose gaps are measured."""
        count = len(self.areas)
        chosen = np.linspace(0, count - 1, min(count, _MOST_LAYERS)).round()
        return [int(n) for n in np.unique(chosen)]

    def share_of_gaps_below(self, width: float) -> float:
        """Share of the body's cross-section in gaps narrower than `width` [m]."""
        section = math.fsum(self.outlines[n].area for n in self._looked_at)
        return float(self.gaps[self.gaps[:, 0] < width, 1].sum()) / section

    @property
    def narrowest_gap(self) -> float:
        """Width of the narrowest gap [m]; nan where all is closed."""
        return float(self.gaps[0, 0]) if self.gaps.size else math.nan

    @property
    def middle_gap(self) -> float:
        """Width of gaps below which half of the open area lies [m]; nan where all is closed."""
        if not self.gaps.size:
            return math.nan
        below = np.cumsum(self.gaps[:, 1])
        return float(self.gaps[np.searchsorted(below, 0.5 * below[-1]), 0])


def beads_of(parts: Sequence[Sequence[PrintedLayer]], body: Shape) -> Beads:
    """Beads of the layers of all parts, which have the same heights, in a body."""
    areas, outlines = [], []
    for layers in zip(*parts, strict=True):
        covered = shapely.union_all([layer.bands for layer in layers])
        areas.append((covered, layers[0].thickness))
        outlines.append(body.outline(0.5 * (layers[0].bottom + layers[0].top)))
    deposited = math.fsum(layer.deposited_volume for layers in parts for layer in layers)
    return Beads(tuple(areas), tuple(outlines), deposited)


def _gaps(covered: BaseGeometry, outline: BaseGeometry) -> list[tuple[float, float]]:
    """Width and area of every gap that beads leave inside an outline [m, m2]."""
    rings = [ring for part in shapely.get_parts(covered) for ring in part.interiors]
    holes = shapely.union_all([shapely.Polygon(ring) for ring in rings])
    found = []
    for gap in shapely.get_parts(holes.difference(covered)):
        if not shapely.intersects(outline, gap.representative_point()):
            continue  # a hole of the body, not of the print
        circle = shapely.maximum_inscribed_circle(gap, tolerance=0.05 * _SLIVER)
        if 2.0 * circle.length > _SLIVER:
            found.append((2.0 * float(circle.length), float(gap.area)))
    return found

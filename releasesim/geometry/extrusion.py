"""Layers as a real printer makes them: roads of another width and height than asked for, and gaps.

A bead of `flow` times its material is so much wider, at the height of its layer. Where beads lie
side by side (walls, roofs, floors, solid fill) less material leaves gaps between them, far narrower
than a cell: they show as less material per volume. More has nowhere to go but out of the edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import shapely

from releasesim.geometry.roads import as_multipolygon, inset
from releasesim.geometry.slicing import PrintedLayer


@dataclass(frozen=True)
class Extrusion:
    """What becomes of roads that were asked for.

    Parameters
    ----------
    flow : float
        Material that comes out over what was asked for [-].
    gap_porosity : float
        Gaps between roads that should touch, as a share of their volume [-].
    stretch : float
        Measured over nominal height of a layer [-].
    """

    flow: float = 1.0
    gap_porosity: float = 0.0
    stretch: float = 1.0

    @property
    def nominal(self) -> bool:
        """Whether all comes out as asked for."""
        return self == Extrusion()

    def filled(self, room: float = 1.0) -> float:
        """Share of touching roads' room that is material, where the room is `room` times theirs."""
        return min(1.0, self.flow * (1.0 - self.gap_porosity) / room)

    def layers(self, asked: Sequence[PrintedLayer], spacing: float) -> tuple[PrintedLayer, ...]:
        """Layers as they come out of those asked for, whose roads cover `spacing` [m]."""
        if self.nominal:
            return tuple(asked)
        grown = 0.5 * (self.flow - 1.0) * spacing
        bands = {id(layer.bands): layer.bands for layer in asked}
        wide = {key: _widened(band, grown) for key, band in bands.items()}
        return tuple(self._layer(layer, wide[id(layer.bands)]) for layer in asked)

    def _layer(self, asked: PrintedLayer, bands: shapely.MultiPolygon) -> PrintedLayer:
        touching = (1.0 - self.gap_porosity) * (asked.deposited_area - asked.sparse_area)
        return replace(
            asked,
            bottom=self.stretch * asked.bottom,
            top=self.stretch * asked.top,
            bands=bands,
            deposited_area=self.flow * (touching + asked.sparse_area),
            sparse_area=self.flow * asked.sparse_area,
            key=(asked.key, self),
        )


def _widened(bands: shapely.MultiPolygon, distance: float) -> shapely.MultiPolygon:
    """Zones of touching roads whose outermost edges lie `distance` [m] further out."""
    return as_multipolygon(inset(bands, -distance)) if distance else bands


def filling(asked: Sequence[PrintedLayer]) -> float:
    """Material over the room of layers, where they have less than fills it; else 1 [-]."""
    room = sum(layer.bands.area * layer.thickness for layer in asked)
    return min(1.0, sum(layer.deposited_volume for layer in asked) / room) if room > 0.0 else 1.0


def packing(asked: Sequence[PrintedLayer], made: Sequence[PrintedLayer], how: Extrusion) -> float:
    """Material over the room that it takes, between touching roads and in single ones, mean [-]."""
    material = room = 0.0
    for before, after in zip(asked, made, strict=True):
        touching = before.deposited_area - before.sparse_area
        taken = after.bands.area / before.bands.area if before.bands.area > 0.0 else 1.0
        material += (how.filled(taken) * touching * taken + after.sparse_area) * after.thickness
        room += (touching * taken + after.sparse_area) * after.thickness
    return material / room if room > 0.0 else 1.0

"""A tablet as an inkjet printer lays it: how many layers, and which drops or lines in each."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.drops.halftone import spread
from releasesim.geometry.drops.laid import Laid
from releasesim.geometry.drops.raster import Raster, wetted
from releasesim.geometry.roads import as_multipolygon
from releasesim.geometry.shapes import Film
from releasesim.geometry.slicing import PrintedLayer
from releasesim.units import format_quantity

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from releasesim.tablet.formulation import Formulation
    from releasesim.tablet.inkjet import Ink, Inkjet
    from releasesim.tablet.tablet import Tablet

Array = NDArray[np.float64]
Places = NDArray[np.bool_]

#: Layers of several inks may differ by this in thickness [-]: they lie side by side.
_LEVEL = 0.02


class Jetted:
    """Layers of an inkjet print.

    Parameters
    ----------
    tablet : Tablet
        With `inkjet`.
    inkjet : Inkjet
        The tablet's own.

    Raises
    ------
    InputError
        An ink that does not agree with what it dries to.
    GeometryError
        Inks whose layers do not lie level.
    """

    def __init__(self, tablet: Tablet, inkjet: Inkjet) -> None:
        self.tablet, self.inkjet = tablet, inkjet
        made = [(part.ink, part.formulation) for part in tablet.regions]
        made += [(part.ink, part.formulation) for part in tablet.layers]
        inks = [(own or inkjet.ink, of or tablet.formulation) for own, of in made]
        if not tablet.layers:  # under a stack of layers nothing is of the tablet's own material
            inks.insert(0, (inkjet.ink, tablet.formulation))
        for ink, formulation in inks:
            ink.check(formulation)
        dried = [self._thickness(*pair) for pair in inks]
        if max(dried) > min(dried) * (1.0 + _LEVEL):
            raise GeometryError(
                f"layers of these inks dry to {format_quantity(min(dried), 'um')} and "
                f"{format_quantity(max(dried), 'um')}: they would not lie level; match their solids"
            )
        self.thickness = dried[0]

    def dried(self, number: int) -> float:
        """Volume that a part's ink dries to, pores counted, over its own [-]."""
        part = self.tablet.parts[number]
        ink = part.ink or self.inkjet.ink
        return ink.dried(part.formulation) / (1.0 - self.tablet.porosity)

    def _thickness(self, ink: Ink, formulation: Formulation) -> float:
        """Dried layer of an ink [m]."""
        dried = ink.dried(formulation) / (1.0 - self.tablet.porosity)
        return dried * self.inkjet.wet_thickness

    @cached_property
    def layers(self) -> int:
        """How many layers."""
        if self.inkjet.layers is not None:
            return self.inkjet.layers
        return max(1, round(self.tablet.drawn_height / self.thickness))

    @property
    def height(self) -> float:
        """Of all layers [m]."""
        return self.layers * self.thickness

    # --- drops -----------------------------------------------------------------------------

    @cached_property
    def raster(self) -> Raster:
        """Places for drops."""
        return Raster.over(self.tablet.drawn.size[:2], self.inkjet.places)

    @cached_property
    def _halftone(self) -> Places:
        return spread(self.inkjet.halftone, self.inkjet.coverage, self.raster.shape)

    def outline(self, number: int, layer: int) -> BaseGeometry:
        """What one layer of a part covers as drawn [m]; the same object where it is the same."""
        middle = (layer + 0.5) / self.layers * self.tablet.drawn.size[2]
        return self._outlines[number](middle)

    @cached_property
    def _outlines(self):  # type: ignore[no-untyped-def]  # callables of a height
        return [self.tablet.outline_of(number) for number in range(len(self.tablet.parts))]

    def drops(self, number: int, layer: int) -> Places:
        """Places that get a drop of a part's ink in one layer, (nx, ny)."""
        outline = self.outline(number, layer)
        if id(outline) not in self._known:
            self._known[id(outline)] = self.raster.inside(outline) & self._halftone
        return self._known[id(outline)]

    @cached_property
    def _known(self) -> dict[int, Places]:
        return {}

    # --- lines -----------------------------------------------------------------------------

    def lines(self, number: int, layer: int) -> tuple[Array, ...]:
        """Centre lines of a part's ink in one layer, each from its start to its end, (2, 2) [m]."""
        outline = self.outline(number, layer)
        if id(outline) not in self._chords:
            self._chords[id(outline)] = self._lay_lines(outline)
        return self._chords[id(outline)]

    @cached_property
    def _chords(self) -> dict[int, tuple[Array, ...]]:
        return {}

    def _lay_lines(self, outline: BaseGeometry) -> tuple[Array, ...]:
        length, width, _ = self.tablet.drawn.size
        pitch = self.inkjet.line_pitch or 1.0
        count = max(1, round(width / pitch))
        ys = pitch * (np.arange(count) - 0.5 * (count - 1))
        chords = shapely.intersection(
            shapely.linestrings([[[-length, y], [length, y]] for y in ys]), outline
        )
        parts = shapely.get_parts(chords)
        kept = parts[shapely.length(parts) > 0.0]
        return tuple(np.asarray(shapely.get_coordinates(line)) for line in kept)

    # --- amounts ---------------------------------------------------------------------------

    def amount(self, number: int) -> float:
        """Drops of a part's ink, or length of its lines [m]."""
        if self.inkjet.drops:
            return float(self.drop_count(number))
        return sum(
            float(np.hypot(*np.diff(line, axis=0).T).sum())
            for layer in range(self.layers)
            for line in self.lines(number, layer)
        )

    def drop_count(self, number: int) -> int:
        """Drops of a part's ink in all layers."""
        return sum(self._count(self.drops(number, layer)) for layer in range(self.layers))

    def _count(self, places: Places) -> int:
        if id(places) not in self._counts:
            self._counts[id(places)] = int(places.sum())
        return self._counts[id(places)]

    @cached_property
    def _counts(self) -> dict[int, int]:
        return {}

    def ink_volume(self, number: int) -> float:
        """Ink of a part [m3]."""
        per = self.inkjet.drop_volume if self.inkjet.drops else self.inkjet.volume_per_length
        return self.amount(number) * (per or 0.0)

    @cached_property
    def part_volumes(self) -> tuple[float, ...]:
        """Dried volume of each part, pores included [m3]: what its drops leave."""
        return tuple(
            self.ink_volume(number) * self.dried(number) if self.amount(number) else 0.0
            for number in range(len(self.tablet.parts))
        )

    # --- the body, where gaps stay open -----------------------------------------------------

    @property
    def road_width(self) -> float:
        """Of lines that leave gaps [m]."""
        return self.inkjet.line_width or self.inkjet.line_pitch or 1.0

    def richer(self, factor: float) -> Inkjet:
        """The same print of `factor` times the ink [-], in as many layers."""
        key = "drop_volume" if self.inkjet.drops else "volume_per_length"
        volume = factor * getattr(self.inkjet, key)
        layers = self.layers if self.tablet.drawn.extruded and not self.tablet.layers else None
        return replace(self.inkjet, **{key: volume, "layers": layers})

    @cached_property
    def laid(self) -> Laid:
        """The layers with their gaps."""
        parts, size = range(len(self.tablet.parts)), self.tablet.drawn.size
        keys = [tuple(id(self.outline(n, k)) for n in parts) for k in range(self.layers)]
        return Laid(
            keys=keys,
            thickness=self.thickness,
            layer=self._layer,
            parts=len(parts),
            size=(size[0], size[1]),
            width=self.road_width,
            edge=max(self.inkjet.places) if self.inkjet.drops else self.road_width,
            film=isinstance(self.tablet.shape, Film),
        )

    def _layer(self, number: int, layer: int, bottom: float, top: float) -> PrintedLayer:
        key = ("jetted", number, id(self.outline(number, layer)))
        if self.inkjet.drops:
            places = wetted(self.drops(number, layer), self.inkjet.places, self.inkjet.spot)
            bands = self.raster.outline(places)
            return PrintedLayer(bottom, top, bands, (), float(bands.area), key)
        lines = self.lines(number, layer)
        length = sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines)
        nothing = as_multipolygon(shapely.Polygon())
        return PrintedLayer(bottom, top, nothing, lines, length * self.road_width, key)

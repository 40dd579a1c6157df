"""Where the parts of a tablet lie: its own material first, then its regions or its layers."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from releasesim.errors import GeometryError
from releasesim.geometry.drops.shape import Drops
from releasesim.geometry.gcode.shape import Gcode
from releasesim.geometry.shapes import Block
from releasesim.tablet.parts import Part, Placed, Region

if TYPE_CHECKING:
    from releasesim.tablet.tablet import Tablet


def arrange(tablet: Tablet) -> tuple[Part, ...]:
    """Lay out all parts; later ones take the room of earlier ones."""
    own = Part(
        "", None, tablet.formulation, tablet.infill, _extruder_of(tablet, ""), None, {}, None
    )
    return (own, *(_region_part(tablet, r) for r in tablet.regions), *_layer_parts(tablet))


def _region_part(tablet: Tablet, region: Region) -> Part:
    laid = tablet.shape.of_roads or isinstance(tablet.shape, Drops)  # which say where it is
    return Part(
        region.name,
        _slab_of(tablet, region.name)
        if laid
        else Placed(region.shape, region.centred_in(tablet.drawn)),
        region.formulation or tablet.formulation,
        region.infill or tablet.infill,
        _extruder_of(tablet, region.name) if laid else region.extruder,
        region.partition,
        region.physics,
        region.ink,
    )


def _extruder_of(tablet: Tablet, region: str) -> int:
    """Number of the extruder that prints a part: of the first where there are several."""
    if isinstance(tablet.shape, Drops):
        inks = tablet.shape.inks_of(region)
        return tablet.shape.stack.manifest.channels[inks[0]].number if inks else 1
    tools = tablet.shape.tools_of(region) if isinstance(tablet.shape, Gcode) else ()
    return 1 + tools[0] if tools else 1


def _slab_of(tablet: Tablet, region: str) -> Placed | None:
    """Where ink that is a slab of the whole lies; None where its drops say where it is."""
    if not isinstance(tablet.shape, Drops) or not tablet.is_solid:
        return None
    found = tablet.shape.slab_of(region)
    return found and _slab(tablet, found[0], found[1] - found[0])


def _slab(tablet: Tablet, bottom: float, thickness: float) -> Placed:
    width = min(2.0 * max(tablet.drawn.size), 0.2)
    return Placed(Block(width, width, thickness), (0.0, 0.0, bottom), endless=True)


def _layer_parts(tablet: Tablet) -> list[Part]:
    parts = []
    for layer, (bottom, top) in zip(tablet.layers, _levels(tablet), strict=True):
        parts.append(
            Part(
                layer.name,
                _slab(tablet, bottom, top - bottom),
                layer.formulation or tablet.formulation,
                layer.infill or tablet.infill,
                layer.extruder,
                layer.partition,
                layer.physics,
                layer.ink,
            )
        )
    return parts


def _levels(tablet: Tablet) -> list[tuple[float, float]]:
    """Bottom and top of every layer as drawn [m]; those of ink are whole layers of it."""
    tops = np.cumsum([layer.thickness for layer in tablet.layers])
    if tablet.layers and tablet.jetted is not None:
        count, height = tablet.jetted.layers, tops[-1]
        tops = np.ceil(tops / height * count - 0.5 - 1e-9) * height / count
        for layer, thickness in zip(tablet.layers, np.diff(tops, prepend=0.0), strict=True):
            if not thickness > 0.0:
                raise GeometryError(f"layer {layer.name}: is thinner than half a layer of its ink")
    return [(float(a), float(b)) for a, b in itertools.pairwise([0.0, *tops])]

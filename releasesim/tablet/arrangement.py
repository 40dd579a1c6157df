"""Where the parts of a tablet lie: its own material first, then its regions or its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    laid = tablet.shape.of_roads  # its roads say where it is
    return Part(
        region.name,
        None if laid else Placed(region.shape, region.centred_in(tablet.drawn)),
        region.formulation or tablet.formulation,
        region.infill or tablet.infill,
        _extruder_of(tablet, region.name) if laid else region.extruder,
        region.partition,
        region.physics,
        region.ink,
    )


def _extruder_of(tablet: Tablet, region: str) -> int:
    """Number of the extruder that prints a part: of the first where there are several."""
    tools = tablet.shape.tools_of(region) if isinstance(tablet.shape, Gcode) else ()
    return 1 + tools[0] if tools else 1


def _layer_parts(tablet: Tablet) -> list[Part]:
    parts, bottom = [], 0.0
    width = 2.0 * max(tablet.drawn.size)
    for layer in tablet.layers:
        slab = Block(min(width, 0.2), min(width, 0.2), layer.thickness)
        parts.append(
            Part(
                layer.name,
                Placed(slab, (0.0, 0.0, bottom), endless=True),
                layer.formulation or tablet.formulation,
                layer.infill or tablet.infill,
                layer.extruder,
                layer.partition,
                layer.physics,
                layer.ink,
            )
        )
        bottom += layer.thickness
    return parts

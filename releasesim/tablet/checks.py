"""What makes no tablet: numbers out of range, parts that exclude each other, walls without room."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.drops.shape import Drops
from releasesim.geometry.shapes import Film
from releasesim.units import format_quantity

if TYPE_CHECKING:
    from releasesim.tablet.tablet import Tablet


def check_tablet(tablet: Tablet) -> None:
    """Refuse a tablet that cannot be.

    Raises
    ------
    GeometryError
        Walls thicker than the tablet, layers higher than it, both regions and layers, a sealed
        face that the shape has not.
    InputError
        A mass that is none.
    """
    _check_numbers(tablet)
    _check_parts(tablet)
    for face in tablet.sealed:
        if face not in tablet.shape.face_names():
            raise GeometryError(
                f'sealed = "{face}": a {tablet.shape.kind} has '
                f"{', '.join(tablet.shape.face_names()) or 'no separate faces'}"
            )
    if tablet.inkjet is not None or isinstance(tablet.shape, Drops):
        _check_jettable(tablet)
    if tablet.infill is not None:
        _check_printable(tablet)


def _check_numbers(tablet: Tablet) -> None:
    if not 0.0 <= tablet.porosity < 1.0:
        raise GeometryError(f"porosity = {tablet.porosity:.4g}: must be 0 to below 100 %")
    if not 0.0 <= tablet.gap_porosity < 1.0:
        raise GeometryError(f"gap_porosity = {tablet.gap_porosity:.4g}: must be 0 to below 100 %")
    if not 0.2 <= tablet.flow <= 3.0:
        raise GeometryError(f"flow = {tablet.flow:.4g}: must be 20 to 300 %")
    if not 0.0 <= tablet.mass_spread < 0.5:
        raise GeometryError(f"mass_spread = {tablet.mass_spread:.4g}: must be 0 to below 50 %")
    if not -0.5 < tablet.oversize < 0.5:
        raise GeometryError(f"oversize = {tablet.oversize:.4g}: must be within -50 and 50 %")
    for count in ("walls", "roofs", "floors"):
        value = getattr(tablet, count)
        if value < 0 or value != int(value):
            raise GeometryError(f"{count} = {value}: must be 0, 1, 2, ...")
    for length in ("layer_height", "road_width"):
        if not 0.0 < getattr(tablet, length) < math.inf:
            raise GeometryError(f"{length} = {getattr(tablet, length):g} m: must be above 0")
    if tablet.mass is not None and not 0.0 < tablet.mass < math.inf:
        raise InputError(f"mass = {tablet.mass:g} kg: must be above 0")
    if tablet.measured_height is not None:
        _check_height(tablet, tablet.measured_height)


def _check_height(tablet: Tablet, height: float) -> None:
    if not 0.0 < height < math.inf:
        raise GeometryError(f"measured_height = {height:g} m: must be above 0")
    if not tablet.shape.extruded:
        raise GeometryError(
            f"measured_height: a {tablet.shape.kind} has no height of its own; give oversize"
        )


def _check_parts(tablet: Tablet) -> None:
    if tablet.regions and tablet.layers:
        raise GeometryError("a tablet has regions or layers, not both")
    names = [region.name for region in tablet.regions]
    names += [layer.name for layer in tablet.layers]
    if len(set(names)) < len(names):
        raise GeometryError("two regions or layers have the same name")
    infills = [region.infill for region in tablet.regions]
    infills += [layer.infill for layer in tablet.layers]
    if tablet.shape.of_roads and (tablet.infill is not None or tablet.layers):
        raise GeometryError(f"a {tablet.shape.kind} is printed roads: it takes no infill or layer")
    if tablet.infill is None and any(infills):
        raise GeometryError("a region has an infill only where the tablet has one")
    fills = [infill for infill in (tablet.infill, *infills) if infill and infill.graded]
    if len(infills) and any(fill.graded.along == "height" for fill in fills if fill.graded):
        raise GeometryError(
            "infill graded along height needs a tablet without regions and layers: slicers "
            'would close every step with solid layers; give "rings", or layers of their own'
        )


def _check_jettable(tablet: Tablet) -> None:
    nominal = {"infill": None, "flow": 1.0, "gap_porosity": 0.0}
    if tablet.inkjet is not None:
        nominal |= {"oversize": 0.0, "measured_height": None}
    for name, value in nominal.items():
        if getattr(tablet, name) != value:
            raise GeometryError(f"{name} is for roads: an inkjet print has drops and lines")
    if isinstance(tablet.shape, Drops) and tablet.layers:
        raise GeometryError("a shape of drops is printed ink: its inks name regions, not layers")
    if tablet.inkjet is not None and tablet.inkjet.layers is not None:
        if tablet.layers:
            raise GeometryError("inkjet: layers of ink, or a stack of layers: not both counts")
        if not tablet.shape.extruded:
            raise GeometryError(
                f"inkjet: the height of a {tablet.shape.kind} says how many layers it has"
            )


def _check_printable(tablet: Tablet) -> None:
    from releasesim.geometry.roads import RoadModel

    spacing = RoadModel(tablet.road_width, tablet.layer_height).spacing
    if isinstance(tablet.shape, Film):
        raise GeometryError("a film has no infill: leave infill out, it is a solid sheet")
    narrowest = tablet.wall_room
    if 2 * tablet.walls * spacing > narrowest + 1e-9:
        raise GeometryError(
            f"{tablet.walls} walls of {format_quantity(spacing, 'mm')} on either side are "
            f"thicker than the {tablet.shape.kind}, {format_quantity(narrowest, 'mm')} across"
        )
    if tablet.layer_height > tablet.drawn.size[2] * (1 + 1e-9):
        raise GeometryError(
            f"layer_height {format_quantity(tablet.layer_height, 'mm')} is above the height of "
            f"the {tablet.shape.kind}, {format_quantity(tablet.drawn.size[2], 'mm')}"
        )
    if tablet.road_width < tablet.layer_height * (1.0 - 1e-9):
        raise GeometryError(
            f"road_width {format_quantity(tablet.road_width, 'mm')} is below layer_height "
            f"{format_quantity(tablet.layer_height, 'mm')}: a road is pressed at least as wide "
            "as it is tall"
        )

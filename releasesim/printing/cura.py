"""What Cura has to be told so that it lays as much infill as the design has.

Cura fills the area inside the walls at the density that it is given; PrusaSlicer, whose roads the
design has, leaves out lines that hardly enter it and ends the others short of the walls. So the
line distance for Cura is that of equal material, not of equal nominal density. Measured with
CuraEngine 4.13: what it lays is the area over the line distance, times the pattern's directions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import shapely

from releasesim.geometry.roads import OVERLAP, SLIVER, inset, opened
from releasesim.geometry.slicing import PrintedLayer

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from releasesim.tablet import Part, Tablet

#: Patterns that Cura has.
NAMES = {
    "rectilinear": "Lines",
    "grid": "Grid",
    "triangles": "Triangles",
    "gyroid": "Gyroid",
    "concentric": "Concentric",
}
_HALVINGS = 40
_NARROWEST, _WIDEST = 1.0, 60.0
"""Line distances between which that of equal material is sought [road spacings]."""
_BESIDE = 0.02
"""Share of the material that one loop may bring; so far from where one does, in distance [-]."""


def line_distance(tablet: Tablet, part: Part) -> float | None:
    """Line distance with which Cura lays a part's sparse infill [m]; None where it has no such.

    Parameters
    ----------
    tablet : Tablet
        Of roads.
    part : Part
        One of its parts.
    """
    infill = part.infill
    number = tablet.parts.index(part)
    layers = [layer for layer in tablet.sliced[number] if layer.sparse_area > 0.0]
    if infill is None or infill.pattern not in NAMES or infill.graded is not None or not layers:
        return None
    zones = _zones(layers, tablet.outline_of(number), tablet.road_spacing)
    wanted = sum(layer.sparse_area for layer in layers)
    if infill.pattern == "concentric":
        return _of_loops(zones, wanted, tablet.road_spacing)
    area = sum(zone.area for zone in zones)
    return float(infill.directions * tablet.road_spacing * area / wanted)


def _zones(
    layers: Sequence[PrintedLayer], outline: Callable[[float], BaseGeometry], spacing: float
) -> list[BaseGeometry]:
    """What walls and solid fill leave open in each layer, with the overlap into the walls [m]."""
    known: dict[tuple[int, bytes], BaseGeometry] = {}
    zones = []
    for layer in layers:
        shape = outline(0.5 * (layer.bottom + layer.top))
        key = id(layer.bands), shape.wkb
        if key not in known:
            free = opened(shape.difference(layer.bands), SLIVER * spacing)
            known[key] = inset(free, -OVERLAP * spacing)
        zones.append(known[key])
    return zones


def _of_loops(zones: Sequence[BaseGeometry], wanted: float, spacing: float) -> float:
    """Distance at which Cura's concentric loops deposit the area `wanted` [m2], by bisection."""
    low, high = _NARROWEST * spacing, _WIDEST * spacing
    different = {id(zone): zone for zone in zones}
    times = Counter(map(id, zones))

    def laid(distance: float) -> float:
        loops = {key: _loops(zone, distance, spacing) for key, zone in different.items()}
        return spacing * sum(times[key] * length for key, length in loops.items())

    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if laid(middle) > wanted else (low, middle)
    if len(different) > 1 or laid(low) - laid(high) < _BESIDE * wanted:
        return 0.5 * (low + high)  # where layers differ, loops come and go one by one
    # where a loop along a whole caplet comes or goes no distance fits: take the better side of it
    sides = (low * (1.0 - _BESIDE), high * (1.0 + _BESIDE))
    return min(sides, key=lambda distance: abs(laid(distance) - wanted))


def _loops(zone: BaseGeometry, distance: float, spacing: float) -> float:
    """Length of Cura's loops: the first lies half a road less than a distance inside [m]."""
    length, last = 0.0, inset(zone, distance - 0.5 * spacing)
    while not last.is_empty:
        length += float(shapely.length(last))
        last = inset(last, distance)
    return length

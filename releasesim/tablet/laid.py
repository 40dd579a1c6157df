"""What a user has to know of a tablet that is read back from the roads of its print."""

from __future__ import annotations

from collections.abc import Iterator

from releasesim.geometry.gcode.shape import WARNED_OVERLAP, Gcode
from releasesim.tablet.tablet import Tablet

_SAID_FILLING = 0.995
"""Share of the room between touching roads that is filled, below which it is said [-]."""


def laid_notices(tablet: Tablet) -> Iterator[str]:
    """Say what the file says, how much of the material overlaps, and whether gaps stay."""
    if not isinstance(tablet.shape, Gcode):
        return
    yield from tablet.shape.toolpath.notices
    overlap = overlapping(tablet)
    words = f"{overlap:.1%} of the deposited volume overlaps: mass and dose count all of it"
    if overlap > WARNED_OVERLAP:
        yield f"{words}; a print this full bulges, weigh one and give its mass"
    elif overlap > 0.0:
        yield words
    filled = min(tablet.packing)
    if filled < _SAID_FILLING * tablet.extrusion.filled():
        yield f"roads that should touch leave gaps: they fill {filled:.1%} of their room"
    bodies = separate_bodies(tablet)
    if bodies > 1:
        yield f"the G-code prints {bodies} bodies side by side: they release together, as one dose"


def overlapping(tablet: Tablet) -> float:
    """Share of the deposited volume that lies where other roads lie [-]: 1 - union/deposited."""
    import shapely

    union = deposited = 0.0
    for layers in zip(*tablet.sliced, strict=True):
        area = shapely.union_all([layer.bands for layer in layers]).area
        union += area * layers[0].thickness
        deposited += sum(layer.deposited_volume for layer in layers)
    return max(0.0, 1.0 - union / deposited) if deposited > 0.0 else 0.0


def separate_bodies(tablet: Tablet) -> int:
    """Bodies that stand side by side."""
    import shapely

    bands = {layer.key: layer.bands for layers in tablet.sliced for layer in layers}
    filled = [shapely.Polygon(part.exterior) for all_ in bands.values() for part in all_.geoms]
    return len(shapely.get_parts(shapely.union_all(filled)))

"""The tablet as a slicer can print it: roads everywhere, and what had to change for that."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.infill import Infill
from releasesim.geometry.shapes import Block, Film
from releasesim.printing.changes import change_notes, with_changes
from releasesim.tablet import Part, Tablet
from releasesim.tablet.limits import material_faults, road_faults
from releasesim.units import format_quantity

if TYPE_CHECKING:
    from releasesim.cards import Printer


@dataclass(frozen=True)
class Printable:
    """A tablet of roads, and what a person has to know before printing it.

    Parameters
    ----------
    tablet : Tablet
        Always with an infill, as a slicer asks for it: nominal size and flow.
    notes : tuple of str
        Where the print differs from the drawing or from what is simulated.
    flows : mapping of int to float
        Flow of extruders that have to lay the volume of an exact solid with roads [-]; 1 elsewhere.
    solids : mapping of int to float
        Volume of the exact solid that each extruder stands for [m3]; that of its roads elsewhere.
    changes : tuple of str
        Where one extruder needs another filament: its extruders are numbers, not nozzles.
    """

    tablet: Tablet
    notes: tuple[str, ...]
    flows: Mapping[int, float] = field(default_factory=dict)
    solids: Mapping[int, float] = field(default_factory=dict)
    changes: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[tuple[Part, float], ...]:
        """Parts that print, each with the volume that a slicer extrudes for it [m3]."""
        volumes = self.tablet.part_volumes
        return tuple((p, v) for p, v in zip(self.tablet.parts, volumes, strict=True) if v > 0.0)

    @property
    def extruders(self) -> int:
        """Number of extruders that the printer needs."""
        return max(part.extruder for part, _ in self.parts)

    def flow_of(self, extruder: int) -> float:
        """Flow of an extruder [-]."""
        return self.flows.get(extruder, 1.0)

    def volume_of(self, extruder: int) -> float:
        """Volume that a slicer extrudes with one extruder [m3]."""
        own = [volume for part, volume in self.parts if part.extruder == extruder]
        return self.flow_of(extruder) * sum(own)

    def designed_of(self, extruder: int) -> float:
        """Volume that an extruder lays by design, at nominal size and flow [m3]."""
        return self.solids.get(extruder, self.volume_of(extruder))

    def part_of(self, extruder: int) -> Part | None:
        """First part that an extruder prints; None for one that is idle."""
        return next((part for part, _ in self.parts if part.extruder == extruder), None)


def printable(tablet: Tablet, printer: Printer | None = None) -> Printable:
    """Make what a slicer can print of a tablet.

    An exact solid becomes 100 % infill in layers that divide its height; a film becomes a block.

    Parameters
    ----------
    tablet : Tablet
        As simulated.
    printer : Printer, optional
        Card, whose limits are kept.

    Raises
    ------
    GeometryError
        Nothing of it is wide or high enough to print, or the printer cannot make it.
    InputError
        One extruder would have to print two materials.
    """
    if tablet.shape.of_roads:
        raise InputError("a tablet from a G-code is sliced already: print the G-code itself")
    asked, tablet = tablet, with_changes(tablet)
    roads = tablet if tablet.infill else _as_roads(_usual_roads(tablet, printer))
    made = Printable(replace(roads, **_AS_ASKED), tuple(_notes(tablet)))
    if tablet.infill is None and made.parts:
        made = _with_flows(made, replace(tablet, **_AS_ASKED))
    if printer is not None:
        _check_limits(made.tablet, printer)
        made = replace(made, notes=(*made.notes, *_short_roads(made.tablet, printer)))
    if not made.parts:
        raise GeometryError(
            f"{tablet.drawn.describe()}: too small to print with roads "
            f"{format_quantity(tablet.road_width, 'mm')} wide"
        )
    _check_extruders(made)
    changes = change_notes(asked, tablet)
    return replace(made, changes=changes, notes=(*made.notes, *changes))


_AS_ASKED: dict[str, Any] = {
    "oversize": 0.0,
    "flow": 1.0,
    "gap_porosity": 0.0,
    "measured_height": None,
}
"""What a slicer knows nothing of."""


_MOST_FLOW = 0.05
"""Flow is changed by at most this: roads that differ more leave out, or double, parts of a body."""


def _with_flows(made: Printable, solid: Tablet) -> Printable:
    """Let each extruder lay the volume of its exact solid, where roads come near to it."""
    flows, solids, notes = {}, {}, []
    for extruder in sorted({part.extruder for part, _ in made.parts}):
        both = zip(solid.parts, solid.part_volumes, strict=True)
        solids[extruder] = sum(volume for part, volume in both if part.extruder == extruder)
        ratio = solids[extruder] / made.volume_of(extruder)
        if abs(ratio - 1.0) <= _MOST_FLOW:
            flows[extruder] = ratio
        else:
            notes.append(
                f"extruder {extruder} lays {100 / ratio:.3g} % of what is simulated: where a "
                "solid is narrower than its roads they are left out or overlap; give the tablet "
                "an infill to simulate it as it is printed"
            )
    return replace(made, flows=flows, solids=solids, notes=(*made.notes, *notes))


def _check_limits(tablet: Tablet, printer: Printer) -> None:
    faults = [*road_faults(tablet, printer), *material_faults(tablet, printer)]
    if faults:
        raise GeometryError(f"cannot be printed on {printer.name}: {'; '.join(faults)}")


def _short_roads(tablet: Tablet, printer: Printer) -> list[str]:
    """Say how much of the infill is in roads that the printer cannot start and stop for."""
    if printer.shortest_road is None:
        return []
    lines = [line for layers in tablet.printed for layer in layers for line in layer.lines]
    lengths = np.array([np.hypot(*np.diff(line, axis=0).T).sum() for line in lines])
    short = float(lengths[lengths < printer.shortest_road].sum())
    if not short:
        return []
    return [
        f"{100 * short / lengths.sum():.2g} % of the infill's length is in roads below "
        f"{format_quantity(printer.shortest_road, 'mm')}, for which {printer.name} starts and "
        "stops too slowly: weigh a print, or choose a wider infill or larger tablet"
    ]


def _usual_roads(tablet: Tablet, printer: Printer | None) -> Tablet:
    """Give an exact solid, which has no roads of its own, those of the printer if needed."""
    if printer is None or not list(road_faults(tablet, printer)):
        return tablet
    width, layer = float(printer.road_width), float(printer.layer_height)
    return replace(tablet, road_width=width, layer_height=layer)


def _as_roads(tablet: Tablet) -> Tablet:
    """Turn an exact solid into 100 % infill."""
    shape = tablet.shape
    if isinstance(shape, Film):
        shape = Block(*shape.size)
    height = tablet.drawn.size[2]
    layers = math.ceil(height / tablet.layer_height - 1e-9)
    fitting = math.floor(tablet.wall_room / (2.0 * tablet.road_spacing) + 1e-9)
    return replace(
        tablet,
        shape=shape,
        infill=Infill("rectilinear", 1.0),
        walls=min(tablet.walls, fitting),
        layer_height=height / max(1, layers),
        regions=tuple(replace(region, infill=None) for region in tablet.regions),
        layers=tuple(replace(layer, infill=None) for layer in tablet.layers),
    )


def check_extruders(tablet: Tablet) -> None:
    """Refuse a tablet of which one extruder would have to print two materials.

    Raises
    ------
    InputError
        With the parts, and what to do.
    """
    _check_extruders(Printable(with_changes(tablet), ()))


def _check_extruders(made: Printable) -> None:
    for part, _ in made.parts:
        first = made.part_of(part.extruder)
        if first is not None and first.formulation != part.formulation:
            other = f"'{first.name}'" if first.name else "the tablet"
            raise InputError(
                f"'{part.name}' and {other} are of "
                f"different materials on the same extruder {part.extruder}: "
                f"give '{part.name}' an extruder of its own (a printer with two), or stack them as "
                "[[tablet.layer]]: then the filament is changed in between"
            )


def _notes(tablet: Tablet) -> list[str]:
    drawn, printed = tablet.drawn.size[2], tablet.printed_height
    notes = []
    if tablet.infill is None:
        notes.append(
            "simulated as an exact solid without roads; exported as 100 % infill, "
            "with the flow that extrudes the solid's volume"
        )
    if isinstance(tablet.shape, Film):
        side, _, thickness = tablet.drawn.size
        notes.append(
            "a film: exported as a square sheet of the same face area, whose edges are open and "
            f"add {200.0 * thickness / side:.2g} % to its surface; simulated with sealed edges"
        )
    if tablet.drawn.extruded and abs(printed - drawn) > 1e-9:
        notes.append(
            f"printed height {format_quantity(printed, 'mm')} in whole layers, "
            f"drawn {format_quantity(drawn, 'mm')}"
        )
    if not tablet.drawn.extruded:
        notes.append(
            f"a {tablet.drawn.kind} rests on a point: it needs a support or a raft of another "
            "material, which is not in these files"
        )
    if tablet.oversize:
        notes.append(
            f"drawn at nominal size: prints were measured {100 * tablet.oversize:+.4g} % larger"
        )
    if tablet.measured_height is not None:
        notes.append(
            f"drawn at nominal height: measured was {format_quantity(tablet.measured_height, 'mm')}"
        )
    if tablet.flow != 1.0:
        notes.append(
            f"the printer deposits {format_quantity(tablet.flow, '%')} of what it is asked for: "
            "simulated so, not corrected in these files"
        )
    if tablet.gap_porosity:
        notes.append(
            f"gaps of {format_quantity(tablet.gap_porosity, '%')} between touching roads are "
            "simulated; slicers know of none"
        )
    if tablet.mass is not None:
        notes.append(
            f"measured mass is {tablet.material_scale:.4g} times the nominal: "
            "slicers show the nominal"
        )
    if tablet.mass_spread:
        spread = format_quantity(tablet.mass_spread, "%")
        notes.append(f"mass varies by {spread} from tablet to tablet (standard deviation)")
    return notes

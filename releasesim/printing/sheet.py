"""The settings sheet: how to print the tablet with any slicer, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releasesim.geometry.infill import Infill
from releasesim.geometry.roads import OVERLAP, RoadModel
from releasesim.printing import cura
from releasesim.printing.manifest import part_title
from releasesim.printing.printable import Printable
from releasesim.units import degree, format_quantity, mm

if TYPE_CHECKING:
    from releasesim.tablet import Part, Tablet

_IN_ORCA = {
    "rectilinear": "Rectilinear",
    "grid": "Grid",
    "triangles": "Triangles",
    "honeycomb": "Honeycomb",
    "gyroid": "Gyroid",
    "concentric": "Concentric",
}
"""Name of each pattern in Orca Slicer and Bambu Studio."""
_NOT_IN_CURA = "none: Cura has no such pattern"

_USUAL = """\
Everywhere
  skirt, brim, raft, support   none: they are not part of the tablet
  walls                        classic, all of the same width; no thin walls, no gap fill
  infill overlap with walls    25 % of the road width
  infill anchors               0 mm: connected lines change the dose by up to 25 %
  solid infill below area      0 mm2: the usual 70 mm2 makes a whole tablet solid
  elephant foot, XY size       0 mm
  flow                         {flow}, calibrated by weighing
  first layer                  same height and width as all others
"""
_CURA = """\
In Cura
  fill gaps between walls      nowhere; compensate wall overlaps: off; connect infill lines: off
  infill and skin overlap      {overlap} (25 %)
  skin removal width           {walls}; skin expand distance: 0 mm
  slicing tolerance            middle
"""


def settings_sheet(made: Printable, account: dict[str, Any]) -> str:
    """Words for people who print with Cura, Orca Slicer, Bambu Studio or PrusaSlicer.

    Parameters
    ----------
    made : Printable
        The tablet.
    account : dict
        Of the export, from `manifest.facts`.
    """
    blocks = [_head(account), _roads(made.tablet), _fills(made), _usual(made), _cura(made.tablet)]
    blocks.append(_check(account))
    blocks += ["Notes\n" + "".join(f"  {note}\n" for note in made.notes)] if made.notes else []
    return "\n".join([*blocks, account["use"] + "\n"])


def _head(account: dict[str, Any]) -> str:
    return (
        f"{account['title'] or 'Tablet'}\n"
        f"study {account['study_hash'][:12]}, releasesim {account['version']}\n\n"
        "PrusaSlicer opens tablet.3mf with these settings in it. For others import tablet.stl\n"
        "(millimetres) and set what follows by hand.\n"
    )


def _roads(tablet: Tablet) -> str:
    road = RoadModel(tablet.road_width, tablet.layer_height)
    height = tablet.body.size[2]
    return (
        "Layers and roads\n"
        f"  layer height                 {_mm(tablet.layer_height)}, the first layer too\n"
        f"  layers                       {round(height / tablet.layer_height)}"
        f" ({_mm(height)} high)\n"
        f"  line width                   {_mm(tablet.road_width)} (all kinds of line)\n"
        f"  line width in Cura           {_mm(road.spacing)}, Cura extrudes width x height\n"
        f"  material in a line           {road.area / mm**2:.5f} mm3 per mm\n"
        f"  walls                        {tablet.walls}\n"
        f"  top layers                   {tablet.roofs}\n"
        f"  bottom layers                {tablet.floors}\n"
    )


def _fills(made: Printable) -> str:
    return "\n".join(_fill(made.tablet, part) for part, _ in made.parts)


def _fill(tablet: Tablet, part: Part) -> str:
    """Infill of one part; every part of a printable tablet has one."""
    infill = part.infill or Infill("rectilinear", 1.0)
    head = f"Infill of '{part_title(part)}' (extruder {part.extruder})\n"
    if infill.solid:
        return head + "  density                      100 %, straight lines, crossed every layer\n"
    return head + (
        f"  pattern                      {infill.pattern}\n"
        f"  pattern in Orca, Bambu       {_IN_ORCA[infill.pattern]}\n"
        f"  density                      {_density(infill)}\n"
        f"  angle                        {infill.angle / degree:.4g} degrees\n"
        f"{_fill_in_cura(tablet, part, infill)}"
    )


def _density(infill: Infill) -> str:
    if infill.graded is None:
        return f"{100 * infill.density:.4g} %"
    return f"{infill.describe()}: in PrusaSlicer only, by modifiers of tablet.3mf"


def _fill_in_cura(tablet: Tablet, part: Part, infill: Infill) -> str:
    name = cura.NAMES.get(infill.pattern)
    words = f"  pattern in Cura              {name or _NOT_IN_CURA}\n"
    distance = cura.line_distance(tablet, part)
    if distance is None:
        return words
    return words + (
        f"  line distance in Cura        {_mm(distance)}: the same material; of the nominal\n"
        f"                               density it would be {_mm(_nominal(tablet, infill))}\n"
    )


def _nominal(tablet: Tablet, infill: Infill) -> float:
    return infill.line_distance(RoadModel(tablet.road_width, tablet.layer_height))


def _usual(made: Printable) -> str:
    numbers = sorted({part.extruder for part, _ in made.parts})
    flows = [f"{100 * made.flow_of(n):.4g} %" for n in numbers]
    if len(set(flows)) > 1:
        flows = [f"{flow} (extruder {n})" for flow, n in zip(flows, numbers, strict=True)]
    return _USUAL.format(flow=" and ".join(dict.fromkeys(flows)))


def _cura(tablet: Tablet) -> str:
    return _CURA.format(
        overlap=_mm(OVERLAP * tablet.road_spacing), walls=_mm(tablet.walls * tablet.road_spacing)
    )


def _check(account: dict[str, Any]) -> str:
    """Figures to compare with the slicer's preview and with the balance."""
    lines = ["Check before printing\n", *map(_preview, account["extruders"])]
    if account["mass_mg"] is not None:
        lines.append(f"  the tablet weighs {account['mass_mg']:.1f} mg")
        lines.append(f" and holds {account['drug_mass_mg']:.4g} mg of drug\n")
    return "".join(lines)


def _preview(row: dict[str, Any]) -> str:
    return (
        f"  extruder {row['extruder']} ({', '.join(row['parts'])}): "
        "the slicer's preview shows about "
        f"{row['slicer_volume_mm3']:.1f} mm3 of {row['material']}\n"
    )


def _mm(length: float) -> str:
    return format_quantity(length, "mm")

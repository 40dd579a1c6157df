"""The settings sheet: how to print the tablet with any slicer, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releasesim.geometry.infill import Infill
from releasesim.geometry.roads import RoadModel
from releasesim.printing.manifest import part_title
from releasesim.printing.printable import Printable
from releasesim.units import degree, format_quantity, mm

if TYPE_CHECKING:
    from releasesim.tablet import Part, Tablet

_NAMES = {
    "rectilinear": ("Lines", "Rectilinear"),
    "grid": ("Grid", "Grid"),
    "triangles": ("Triangles", "Triangles"),
    "honeycomb": ("none: Cura has no such pattern", "Honeycomb"),
    "gyroid": ("Gyroid", "Gyroid"),
    "concentric": ("Concentric", "Concentric"),
}
"""Name of each pattern in Cura, and in Orca Slicer and Bambu Studio."""

_USUAL = """\
Everywhere
  skirt, brim, raft, support   none: they are not part of the tablet
  walls                        classic, all of the same width; no thin walls, no gap fill
  infill overlap with walls    25 % of the road width
  infill anchors               0 mm: connected lines change the dose by up to 25 %
  solid infill below area      0 mm2: the usual 70 mm2 makes a whole tablet solid
  elephant foot, XY size       0 mm
  flow                         100 %, calibrated by weighing
  first layer                  same height and width as all others
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
    blocks = [_head(account), _roads(made.tablet), _fills(made), _USUAL, _check(account)]
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
    road = RoadModel(made.tablet.road_width, made.tablet.layer_height)
    return "\n".join(_fill(part, part.infill or made.tablet.infill, road) for part, _ in made.parts)


def _fill(part: Part, infill: Infill | None, road: RoadModel) -> str:
    """Infill of one part; every part of a printable tablet has one."""
    infill = infill or Infill("rectilinear", 1.0)
    head = f"Infill of '{part_title(part)}' (extruder {part.extruder})\n"
    if infill.solid:
        return head + "  density                      100 %, straight lines, crossed every layer\n"
    cura, orca = _NAMES[infill.pattern]
    return head + (
        f"  pattern                      {infill.pattern}\n"
        f"  pattern in Cura              {cura}\n"
        f"  pattern in Orca, Bambu       {orca}\n"
        f"  density                      {100 * infill.density:.4g} %\n"
        f"  line distance                {_mm(infill.line_distance(road))} (what Cura asks for)\n"
        f"  angle                        {infill.angle / degree:.4g} degrees\n"
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

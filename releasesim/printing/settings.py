"""Settings of PrusaSlicer 2.5 that decide how much is extruded, and where.

Defaults differ between its window and its command line, and a silent one can change the dose by a
quarter, so every such key is written, in three groups: for the whole print, for the object, and
for each volume, where it overrules the profile that a user has loaded.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from releasesim.geometry.grading import Step, graded_steps
from releasesim.geometry.infill import Infill
from releasesim.printing.changes import CHANGE
from releasesim.printing.printable import Printable
from releasesim.units import ZERO_CELSIUS, mm

if TYPE_CHECKING:
    from releasesim.cards import Printer
    from releasesim.tablet import Part, Tablet

Settings = dict[str, str]

#: Not before the first tool, which is there already.
_CHANGE = f"{{if previous_extruder >= 0}}{CHANGE}{{endif}}"
_USUAL_FILAMENT = 1.75e-3
_USUAL_BED = 0.2
#: A road is this much wider than the nozzle, where no printer card tells its diameter.
_ROAD_OVER_NOZZLE = 1.125

_REGION_FIXED: Settings = {
    "solid_infill_below_area": "0",  # its default, 70 mm2, fills a whole tablet
    "solid_infill_every_layers": "0",
    "infill_every_layers": "1",
    "infill_anchor": "0",  # anchors change the dose by up to 25 %
    "infill_anchor_max": "0",
    "infill_overlap": "25%",
    "top_fill_pattern": "rectilinear",
    "bottom_fill_pattern": "rectilinear",
    "top_solid_min_thickness": "0",
    "bottom_solid_min_thickness": "0",
    "ensure_vertical_shell_thickness": "1",
    "extra_perimeters": "0",
    "thin_walls": "0",
    "gap_fill_enabled": "0",
    "overhangs": "0",
    "bridge_flow_ratio": "1",
    "bridge_angle": "0",
    "fuzzy_skin": "none",
    "ironing": "0",
    "external_perimeters_first": "0",
}
_REGION_WIDTHS = (
    "perimeter_extrusion_width",
    "external_perimeter_extrusion_width",
    "infill_extrusion_width",
    "solid_infill_extrusion_width",
    "top_infill_extrusion_width",
)
_OBJECT_FIXED: Settings = {
    "perimeter_generator": "classic",
    "clip_multipart_objects": "1",
    "infill_only_where_needed": "0",
    "elefant_foot_compensation": "0",
    "xy_size_compensation": "0",
    "slice_closing_radius": "0",
    "slicing_mode": "regular",
    "thick_bridges": "0",
    "seam_position": "aligned",
    "raft_layers": "0",
    "support_material": "0",
    "brim_type": "no_brim",
    "brim_width": "0",
}
_PRINT_FIXED: Settings = {
    "infill_first": "0",
    "skirts": "0",
    "draft_shield": "disabled",
    "spiral_vase": "0",
    "wipe_tower": "0",
    "resolution": "0",
    "gcode_resolution": "0.001",
    "gcode_flavor": "marlin",
    "use_volumetric_e": "0",
    "single_extruder_multi_material": "0",
    "single_extruder_multi_material_priming": "0",
    "z_offset": "0",
    "use_relative_e_distances": "0",
    "variable_layer_height": "0",
    "complete_objects": "0",
    "ooze_prevention": "0",
    "wipe_into_infill": "0",
    "wipe_into_objects": "0",
    "avoid_crossing_perimeters": "0",
    "perimeter_extruder": "1",
    "infill_extruder": "1",
    "solid_infill_extruder": "1",
}
#: Of every extruder.
_EXTRUDER_FIXED: Settings = {
    "retract_restart_extra": "0",
    "retract_restart_extra_toolchange": "0",
}


def part_settings(tablet: Tablet, part: Part) -> Settings:
    """Keys of one volume: what fills it, and its walls, roofs and floors."""
    return {
        "extruder": str(part.extruder),
        **fill_settings(part_steps(tablet, part)[0].infill),
        "perimeters": str(tablet.walls),
        "top_solid_layers": str(tablet.roofs),
        "bottom_solid_layers": str(tablet.floors),
        **dict.fromkeys(_REGION_WIDTHS, _length(tablet.road_width)),
        **_REGION_FIXED,
    }


def fill_settings(infill: Infill) -> Settings:
    """Keys of an infill of one density."""
    return {
        # patterns other than lines refuse 100 %, where they would all be the same
        "fill_pattern": "rectilinear" if infill.solid else infill.pattern,
        "fill_density": f"{_number(100.0 * infill.density)}%",
        "fill_angle": _number(math.degrees(infill.angle) % 360.0),
    }


def part_steps(tablet: Tablet, part: Part) -> tuple[Step, ...]:
    """Steps of a part's infill, the first of which fills all of it; one where it is not graded."""
    infill = part.infill or tablet.infill or Infill("rectilinear", 1.0)
    layers = round(tablet.printed_height / tablet.layer_height)
    return graded_steps(infill, tablet.widest_fill(part), layers, tablet.road_spacing)


def object_settings(tablet: Tablet) -> Settings:
    """Keys of the object: layers, and nothing added around it."""
    return {
        "layer_height": _length(tablet.layer_height),
        # every material closes its own surfaces, as in the simulated tablet; steps of one do not
        "interface_shells": str(int(len(tablet.parts) > 1)),
        **_OBJECT_FIXED,
    }


def global_settings(made: Printable, printer: Printer | None = None) -> Settings:
    """All keys, for a whole print of the first part's infill.

    Parameters
    ----------
    made : Printable
        The tablet.
    printer : Printer, optional
        Card; its nozzle, filament and bed. Usual ones where there is none.
    """
    tablet = made.tablet
    first = part_settings(tablet, made.parts[0][0])
    del first["extruder"]
    layer, width = _length(tablet.layer_height), _length(tablet.road_width)
    keys = {
        **first,
        **object_settings(tablet),
        "first_layer_height": layer,
        "extrusion_width": width,
        "first_layer_extrusion_width": width,
        "support_material_extrusion_width": width,
        "bed_shape": _bed(printer),
        **_PRINT_FIXED,
        **_extruder_settings(made, printer),
    }
    return dict(sorted(keys.items()))


def bed_size(printer: Printer | None) -> tuple[float, float]:
    """Width and depth of the bed [m]."""
    if printer is None:
        return _USUAL_BED, _USUAL_BED
    return float(printer.build_x), float(printer.build_y)


def filament_diameter(printer: Printer | None) -> float:
    """Of the filament [m]; the usual one where powder or no printer is given."""
    if printer is None or printer.filament_diameter is None:
        return _USUAL_FILAMENT
    return float(printer.filament_diameter)


def nozzle_diameter(tablet: Tablet, printer: Printer | None) -> float:
    """Of the nozzle [m]; without a printer one that suits road and layer."""
    if printer is not None:
        return float(printer.nozzle_diameter)
    return max(tablet.road_width / _ROAD_OVER_NOZZLE, tablet.layer_height)


def _extruder_settings(made: Printable, printer: Printer | None) -> Settings:
    """Keys with one value for each extruder."""
    n = made.extruders
    keys = {
        "nozzle_diameter": _length(nozzle_diameter(made.tablet, printer)),
        "filament_diameter": _length(filament_diameter(printer)),
        **_EXTRUDER_FIXED,
    }
    keys = {key: ",".join([value] * n) for key, value in keys.items()}
    flows = [made.flow_of(1 + number) for number in range(n)]
    keys["extrusion_multiplier"] = ",".join(map(_number, flows))
    if made.changes:
        keys |= {"single_extruder_multi_material": "1", "toolchange_gcode": _CHANGE}
    return keys | _material_settings([made.part_of(1 + number) for number in range(n)])


def _material_settings(parts: list[Part | None]) -> Settings:
    """Temperature of the nozzles; left to the user where a material has no card."""
    polymers = [part.formulation.polymer if part else None for part in parts]
    kelvins = [float(polymer.nozzle_temperature) for polymer in polymers if polymer]
    if not kelvins:
        return {}
    spare = max(kelvins)
    each = [float(polymer.nozzle_temperature) if polymer else spare for polymer in polymers]
    text = ",".join(f"{kelvin - ZERO_CELSIUS:.0f}" for kelvin in each)
    return {"temperature": text, "first_layer_temperature": text}


def _bed(printer: Printer | None) -> str:
    x, y = (_length(size) for size in bed_size(printer))
    return f"0x0,{x}x0,{x}x{y},0x{y}"


def _length(value: float) -> str:
    """In mm, as slicers read it."""
    return _number(value / mm)


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")

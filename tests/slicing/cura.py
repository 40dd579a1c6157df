"""Cura's engine, told what the settings sheet says."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from releasesim.geometry.gcode import read_gcode
from releasesim.printing import export
from releasesim.study import Study

ENGINE = shutil.which("CuraEngine")
_FOLDERS = (os.environ.get("CURA_ENGINE_SEARCH_PATH"), "/usr/share/cura/resources/definitions")
DEFINITIONS = next(
    (Path(f) for f in _FOLDERS if f and (Path(f) / "fdmprinter.def.json").is_file()), None
)
ABSENT = "CuraEngine is not on PATH, or Cura's fdmprinter.def.json not in CURA_ENGINE_SEARCH_PATH"
_FILAMENT = 1.75


def sheet_values(sheet: str) -> dict[str, str]:
    """Labels and values of a settings sheet."""
    pairs = re.findall(r"^  (\S.*?)  +(\S.*)$", sheet, re.MULTILINE)
    return dict(reversed(pairs))  # the first of each label: that of the tablet itself


def _mm(text: str) -> str:
    return text.partition(" mm")[0]


def _settings(said: dict[str, str]) -> dict[str, str]:
    """Settings of the engine, from the words of the sheet; formulas are written out for it."""
    width, layer = _mm(said["line width in Cura"]), _mm(said["layer height"])
    overlap = _mm(said["infill and skin overlap"])
    skin = _mm(said["skin removal width"])
    pattern = said["pattern in Cura"].lower()
    angle = float(said["angle"].split()[0])
    angles = [angle, angle + 90.0] if pattern == "lines" else [angle]
    turns = "[" + ",".join(f"{a:g}" for a in angles) + "]"
    widths = ("line", "wall_line", "skin_line", "infill_line", "initial_layer_line")
    kinds = ("material", "wall_0_material", "wall_x_material", "skin_material", "infill_material")
    return {
        **{f"{kind}_width": width for kind in widths[:4]},
        "wall_line_width_0": width,
        "wall_line_width_x": width,
        "initial_layer_line_width_factor": "100",
        **{f"{kind}_flow": "100" for kind in kinds},
        "material_flow_layer_0": "100",
        "layer_height": layer,
        "layer_height_0": layer,
        "wall_line_count": said["walls"],
        "top_layers": said["top layers"],
        "bottom_layers": said["bottom layers"],
        "initial_bottom_layers": said["bottom layers"],
        "infill_pattern": pattern,
        "infill_line_distance": _mm(said["line distance in Cura"]),
        "infill_angles": turns,
        "skin_angles": f"[{angle:g},{angle + 90.0:g}]",
        "infill_overlap": "25",
        "infill_overlap_mm": overlap,
        "skin_overlap": "25",
        "skin_overlap_mm": overlap,
        **dict.fromkeys(("top_skin_preshrink", "bottom_skin_preshrink"), skin),
        **dict.fromkeys(("top_skin_expand_distance", "bottom_skin_expand_distance"), "0"),
        "top_bottom_pattern": "lines",
        "top_bottom_pattern_0": "lines",
        "skin_outline_count": "0",
        "roofing_layer_count": "0",
        "adhesion_type": "none",
        "fill_perimeter_gaps": "nowhere",
        "fill_outline_gaps": "false",
        "travel_compensate_overlapping_walls_enabled": "false",
        "travel_compensate_overlapping_walls_0_enabled": "false",
        "travel_compensate_overlapping_walls_x_enabled": "false",
        "zig_zaggify_infill": "false",
        "connect_skin_polygons": "false",
        "min_infill_area": "0",
        "infill_wipe_dist": "0",
        "retraction_enable": "false",
        "center_object": "true",
        "material_diameter": str(_FILAMENT),
        "machine_nozzle_size": "0.4",
        "machine_width": "200",
        "machine_depth": "200",
        "machine_height": "180",
        "slicing_tolerance": said["slicing tolerance"],
    }


def volume_in_cura(study: Study, folder: Path) -> float:
    """Volume that Cura's engine lays for the STL, told what settings.txt says [m3]."""
    export(study, folder)
    said = sheet_values((folder / "settings.txt").read_text(encoding="utf-8"))
    flags = [word for pair in _settings(said).items() for word in ("-s", "=".join(pair))]
    written = folder / "cura.gcode"
    command = [
        *(str(ENGINE), "slice", "-j", str(Path(str(DEFINITIONS)) / "fdmprinter.def.json")),
        *flags,
        *("-e0", "-s", "extruder_nr=0", *flags),
        *("-l", str(folder / "tablet.stl"), "-o", str(written)),
    ]
    place = {"CURA_ENGINE_SEARCH_PATH": str(DEFINITIONS), "PATH": os.defpath}
    subprocess.run(command, check=True, capture_output=True, timeout=120, env=place)  # noqa: S603
    path = read_gcode(written, filament_diameter=_FILAMENT * 1e-3)
    return float(path.tablet.volume.sum())

"""The exported 3MF through PrusaSlicer, against the volume that the tablet was designed with."""

import math
import re
import shutil
import subprocess

import pytest

from releasesim.printing import export

SLICER = shutil.which("prusa-slicer")
pytestmark = [
    pytest.mark.slicer,
    pytest.mark.skipif(SLICER is None, reason="prusa-slicer is not on PATH"),
]

AGREEMENT = 0.01


def _extruded(path):
    """Volume that each extruder pushes out [mm3]: filament length in the G-code's footer."""
    gcode = path.with_suffix(".gcode")
    command = [SLICER, "--export-gcode", "--output", str(gcode), str(path)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603  our file
    used = re.search(r"; filament used \[mm\] = (.*)", gcode.read_text())
    return [float(length) * math.pi / 4 * 1.75**2 for length in used[1].split(",")]


def test_cylinder_with_grid(make_study, tmp_path):
    study = make_study()
    export(study, tmp_path)
    (volume,) = _extruded(tmp_path / "tablet.3mf")
    assert volume == pytest.approx(study.tablet.deposited_volume * 1e9, rel=0.01)


def test_exact_solid(make_study, tmp_path):
    made = export(make_study(infill=None), tmp_path)
    assert _extruded(tmp_path / "tablet.3mf") == pytest.approx(
        [made.manifest["slicer_volume_mm3"]], rel=0.01
    )


def test_shapes_with_their_patterns(make_study, shape, tmp_path):
    study = make_study(shape, {"pattern": "rectilinear", "density": "40 %"}, walls=1)
    export(study, tmp_path)
    (volume,) = _extruded(tmp_path / "tablet.3mf")
    assert volume == pytest.approx(study.tablet.deposited_volume * 1e9, rel=AGREEMENT)


def test_bilayer_on_two_extruders(bilayer_study, tmp_path):
    export(bilayer_study, tmp_path)
    wanted = [volume * 1e9 for volume in bilayer_study.tablet.part_volumes[1:]]
    assert _extruded(tmp_path / "tablet.3mf") == pytest.approx(wanted, rel=0.01)


def test_core_through_the_whole_height(make_study, tmp_path):
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "5 mm", "height": "4 mm"},
        "infill": {"pattern": "grid", "density": "50 %"},
        "extruder": 2,
    }
    study = make_study(region=[core])
    export(study, tmp_path)
    wanted = [volume * 1e9 for volume in study.tablet.part_volumes]
    assert _extruded(tmp_path / "tablet.3mf") == pytest.approx(wanted, rel=0.01)


def test_core_inside_a_shell(core_study, tmp_path):
    export(core_study, tmp_path)
    wanted = [volume * 1e9 for volume in core_study.tablet.part_volumes]
    assert _extruded(tmp_path / "tablet.3mf") == pytest.approx(wanted, rel=AGREEMENT)

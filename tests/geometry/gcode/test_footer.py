"""G-code of the real PrusaSlicer: what E feeds against what the slicer says that it uses."""

import shutil
import subprocess

import pytest

from releasesim.geometry.gcode import read_gcode
from releasesim.printing import export
from releasesim.study import Study

SLICER = shutil.which("prusa-slicer")
pytestmark = [
    pytest.mark.slicer,
    pytest.mark.skipif(SLICER is None, reason="prusa-slicer is not on PATH"),
]
AGREEMENT = 1e-4  # the slicer writes its sum with two decimals of a millimetre
FORMULATION = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"},
    "extruder": 2,
    "formulation": {**FORMULATION, "polymer": "hpmc_k4m"},
}


@pytest.fixture(scope="module")
def sliced(tmp_path_factory):
    """Toolpath of a 10 mm x 4 mm cylinder with regions, by PrusaSlicer with further settings."""

    def of(*regions, settings=()):
        folder = tmp_path_factory.mktemp("sliced")
        tablet = {
            "shape": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"},
            "infill": {"pattern": "gyroid", "density": "30 %"},
            "region": list(regions),
        }
        study = Study.from_dict({"tablet": tablet, "formulation": FORMULATION})
        export(study, folder)
        command = [SLICER, "--export-gcode", *settings, "-o", "out.gcode", "tablet.3mf"]
        subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)  # noqa: S603  our file
        return study, read_gcode(folder / "out.gcode")

    return of


@pytest.mark.parametrize(
    "settings",
    [
        (),
        ("--use-firmware-retraction",),
        ("--skirts", "2", "--brim-type", "outer_only", "--brim-width", "3"),
        ("--gcode-comments",),
    ],
)
def test_one_tool(sliced, settings):
    study, path = sliced(settings=settings)
    assert path.filament[0] == pytest.approx(path.declared_filament[0], rel=AGREEMENT)
    assert path.tablet.volume.sum() == pytest.approx(study.tablet.deposited_volume, rel=0.03)
    assert not path.notices


def test_relative_feed_carries_the_digits_of_every_piece(sliced):
    """Five decimals of a millimetre for each of some 12 000 pieces: the file's own rounding."""
    _, path = sliced(settings=("--use-relative-e-distances", "--layer-gcode", "G92 E0"))
    apart = abs(path.filament[0] - path.declared_filament[0])
    assert apart < 5e-9 * len(path)
    assert apart < 1e-3 * path.filament[0]  # the gate of `slice`


def test_two_tools(sliced):
    study, path = sliced(CORE)
    assert path.tools == (0, 1)
    for tool, volume in zip(path.tools, study.tablet.part_volumes, strict=True):
        assert path.filament[tool] == pytest.approx(path.declared_filament[tool], abs=5.1e-6)
        assert path.tablet.volume_of(tool) == pytest.approx(volume, rel=0.03)

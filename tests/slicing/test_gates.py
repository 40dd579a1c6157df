"""Gates against real G-code: the design's own passes, what slicers silently do instead does not."""

import os
import shutil
import zipfile

import pytest

from releasesim.errors import GeometryError, InputError
from releasesim.printing import export
from releasesim.study import Study
from releasesim.workflows.slicing import Exported, check, slice_and_check
from releasesim.workflows.slicing.slicer import run_slicer

slicer = [
    pytest.mark.slicer,
    pytest.mark.skipif(shutil.which("prusa-slicer") is None, reason="prusa-slicer is not on PATH"),
]
CYLINDER = {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"}
MADE = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}


def study(pattern="gyroid", density="30 %", **tablet):
    infill = {"pattern": pattern, "density": density}
    table = {"shape": CYLINDER, "infill": infill, **tablet}
    return Study.from_dict({"tablet": table, "formulation": MADE, "printer": "generic_fdm"})


@pytest.fixture
def exported(tmp_path):
    export(study(), tmp_path)
    return Exported.read(tmp_path)


@pytest.fixture
def sliced_with(exported):
    """Slice with other settings in the 3MF than were exported."""

    def run(**changes):
        model, other = exported.folder / "tablet.3mf", exported.folder / "other.3mf"
        with zipfile.ZipFile(model) as old, zipfile.ZipFile(other, "w") as new:
            for name in old.namelist():
                new.writestr(name, _changed(old.read(name).decode(), changes))
        return check(exported, run_slicer(other, exported.folder / "tablet.gcode"))

    return run


def _changed(text, changes):
    for key, value in changes.items():
        for start, end in (("; " + key + " = ", "\n"), (f'key="{key}" value="', '"')):
            parts = text.split(start)
            text = start.join([parts[0], *(value + end + p.split(end, 1)[1] for p in parts[1:])])
    return text


class TestWithTheSlicer:
    pytestmark = slicer

    def test_the_design_passes(self, exported):
        checked = slice_and_check(exported)
        assert checked.passed
        assert checked.warnings == ()
        data = checked.to_dict()
        assert data["slicer"].startswith("PrusaSlicer")
        assert data["deposited_volume_mm3"] == pytest.approx(
            exported.manifest["slicer_volume_mm3"], rel=0.005
        )
        (tool,) = data["tools"]
        assert tool["drug_mass_mg"] == pytest.approx(exported.manifest["drug_mass_mg"], rel=0.005)

    def test_an_exact_solid_prints_its_volume_and_dose(self, tmp_path):
        given = {"tablet": {"shape": CYLINDER}, "formulation": MADE}
        export(Study.from_dict(given), tmp_path)
        checked = slice_and_check(Exported.read(tmp_path))
        assert checked.passed
        # pi 4^2 3 mm3, whatever its roads overlap
        assert checked.path.tablet.volume.sum() * 1e9 == pytest.approx(150.796, rel=2e-3)

    def test_walls_that_leave_no_room_need_no_solid_layers(self, tmp_path):
        ring = {"kind": "ring", "outer_diameter": "10 mm", "inner_diameter": "8 mm"}
        made = study("grid", "100 %", shape=ring | {"height": "4 mm"}, walls=1)
        export(made, tmp_path)
        assert slice_and_check(Exported.read(tmp_path)).passed

    def test_a_tablet_of_little_filament_passes(self, tmp_path):
        """Its slicer says 0.04 mm, which is the last digit that it writes."""
        tiny = {"kind": "cylinder", "diameter": "0.5 mm", "height": "0.4 mm"}
        export(study("grid", "30 %", shape=tiny, walls=0), tmp_path)
        assert slice_and_check(Exported.read(tmp_path)).passed

    def test_one_extruder_changes_the_filament_between_layers(self, tmp_path):
        layers = [
            {"name": "low", "thickness": "2 mm"},
            {"name": "high", "thickness": "2 mm", "formulation": MADE | {"polymer": "pcl"}},
        ]
        shape = {"kind": "cylinder", "diameter": "8 mm"}
        given = {"tablet": {"shape": shape, "layer": layers}, "formulation": MADE}
        export(Study.from_dict(given), tmp_path)
        assert slice_and_check(Exported.read(tmp_path)).passed
        text = (tmp_path / "tablet.gcode").read_text(encoding="utf-8")
        assert text.count("\nM600\n") == 1

    def test_a_coat_thinner_than_a_road_fails(self, tmp_path):
        """A solid shell of 0.3 mm around a core: nothing of its side is printed."""
        core = {"kind": "cylinder", "diameter": "7.4 mm", "height": "2.4 mm"}
        region = [{"name": "core", "shape": core, "extruder": 2}]
        given = {"tablet": {"shape": CYLINDER, "region": region}, "formulation": MADE}
        made = export(Study.from_dict(given), tmp_path)
        assert any("narrower than its roads" in note for note in made.notes)
        checked = slice_and_check(Exported.read(tmp_path))
        assert {"volume T0", "dose"} <= {gate.name for gate in checked.failed}

    @pytest.mark.parametrize(
        ("changes", "gates"),
        [
            # PRINTING.md: a small tablet comes out solid, without a word
            ({"solid_infill_below_area": "70"}, {"volume T0", "dose", "roads T0"}),
            ({"infill_anchor": "5", "infill_anchor_max": "50"}, {"volume T0", "dose", "roads T0"}),
            # without a word either: no infill at all
            (
                {"fill_pattern": "line", "infill_anchor_max": "0"},
                {"volume T0", "dose", "roads T0"},
            ),
            ({"perimeters": "0"}, {"roads T0", "volume T0"}),
        ],
    )
    def test_what_slicers_do_in_silence_fails(self, sliced_with, changes, gates):
        checked = sliced_with(**changes)
        assert gates <= {gate.name for gate in checked.failed}

    def test_volumetric_extrusion_is_refused(self, sliced_with):
        """E in mm3 without M200 would read as 2.4 times the material, PRINTING.md."""
        with pytest.raises(GeometryError, match="E is a volume"):
            sliced_with(use_volumetric_e="1")


def test_a_changed_folder_is_refused(exported):
    (exported.folder / "tablet.3mf").write_bytes(b"other")
    with pytest.raises(InputError, match=r"tablet\.3mf: is not the file that manifest\.json vouch"):
        Exported.read(exported.folder)
    (exported.folder / "tablet.3mf").unlink()
    with pytest.raises(InputError, match="is missing: export the study again"):
        Exported.read(exported.folder)


def test_a_pipe_in_a_folder_is_not_waited_for(exported):
    for name in ("study.toml", "tablet.3mf", "manifest.json"):
        (exported.folder / name).unlink()
        os.mkfifo(exported.folder / name)
        with pytest.raises(InputError, match=r"no ordinary file|no folder that"):
            Exported.read(exported.folder)


@pytest.mark.parametrize(
    "curve",
    [
        "x",
        {"time_s": [0, 1]},
        {"time_s": [0, 1], "released_fraction": ["a", "b"]},
        {"time_s": [0, 1], "released_fraction": [0, 1e308]},
    ],
)
def test_a_predicted_curve_that_is_none_is_refused(curve):
    from releasesim.curve import ReleaseCurve
    from releasesim.workflows.slicing.compare import predicted_curve

    like = ReleaseCurve([0, 1], [0, 1])
    with pytest.raises(InputError, match="predicted_curve is no curve") as caught:
        predicted_curve({"predicted_curve": curve}, like)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"format": "releasesim-export/1"}', "\x00", "[" * 100_000]
)
def test_a_folder_that_is_no_export_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match=r"no folder that `releasesim export`|not a manifest"):
        Exported.read(tmp_path)


def test_expected_roads_follow_the_design():
    """A solid tablet must have no sparse roads, an open one no solid layers it did not ask for."""
    from releasesim.printing import printable
    from releasesim.workflows.slicing.expected import expected_tools

    def kinds(one):
        (found,) = expected_tools(printable(one.tablet))
        return found.features

    assert kinds(study()) == {"walls": True, "solid infill": True, "sparse infill": True}
    # slicers name infill of 100 % as they do sparse infill
    assert kinds(study("rectilinear", "100 %")) == {"walls": True, "solid infill": True}
    assert kinds(study(roofs=20, floors=20))["sparse infill"] is False
    open_ends = kinds(study(roofs=0, floors=0, walls=0))
    assert open_ends == {"walls": False, "sparse infill": True}

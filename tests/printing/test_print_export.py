"""The exported folder: closed meshes, obedient 3MF, and numbers that agree with the tablet."""

import dataclasses
import hashlib
import json
import math
import re
import sys
import zipfile

import lib3mf
import numpy as np
import pytest

from releasesim.cards import Printer
from releasesim.curve import ReleaseCurve
from releasesim.errors import GeometryError, InputError
from releasesim.printing import export
from releasesim.study import Study


def _read_3mf(path):
    """Mesh of the only object, as the official library reads it: corners (n, 3, 3) [mm]."""
    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(path))
    assert [reader.GetWarning(n) for n in range(reader.GetWarningCount())] == []
    objects = model.GetMeshObjects()
    assert objects.MoveNext()
    mesh = objects.GetCurrentMeshObject()
    assert not objects.MoveNext()
    assert mesh.IsManifoldAndOriented()
    points = np.array([list(vertex.Coordinates) for vertex in mesh.GetVertices()])
    return points[np.array([list(t.Indices) for t in mesh.GetTriangleIndices()])]


def _volume_settings(path):
    """First and last triangle and the settings of each volume."""
    text = zipfile.ZipFile(path).read("Metadata/Slic3r_PE_model.config").decode()
    found = []
    for first, last, body in re.findall(
        r'<volume firstid="(\d+)" lastid="(\d+)">(.*?)</volume>', text, re.DOTALL
    ):
        keys = dict(re.findall(r'type="volume" key="(.*?)" value="(.*?)"', body))
        found.append((int(first), int(last), keys))
    return found


def test_stl_is_closed_and_of_the_drawn_volume(make_study, shape, tmp_path, read_stl, mesh_volume):
    study = make_study(shape)
    made = export(study, tmp_path)
    volume = mesh_volume(read_stl(tmp_path / "tablet.stl"))
    assert volume == pytest.approx(study.tablet.shape.volume * 1e9, rel=1e-3)
    assert not (tmp_path / "tablet.stl").read_bytes().startswith(b"solid")
    assert made.files[-1].name == "manifest.json"


def test_3mf_opens_without_a_warning(make_study, shape, tmp_path, mesh_volume):
    study = make_study(shape)
    export(study, tmp_path)
    volume = mesh_volume(_read_3mf(tmp_path / "tablet.3mf"))
    assert volume == pytest.approx(study.tablet.shape.volume * 1e9, rel=1e-3)


@pytest.mark.parametrize("which", ["core_study", "bilayer_study"])
def test_volumes_carry_their_own_settings(which, request, tmp_path, mesh_volume):
    study = request.getfixturevalue(which)
    export(study, tmp_path)
    corners = _read_3mf(tmp_path / "tablet.3mf")
    (start, end, first), (then, last, second) = _volume_settings(tmp_path / "tablet.3mf")
    assert (start, end + 1, last + 1) == (0, then, len(corners))
    expected = np.pi * 9 * 2 if which == "core_study" else np.pi * 25 * 2.4
    assert mesh_volume(corners[then:]) == pytest.approx(expected, rel=1e-3)
    assert mesh_volume(corners[:then]) == pytest.approx(np.pi * 100 - expected, rel=1e-3)
    assert (first["extruder"], second["extruder"]) == ("1", "2")
    assert (first["fill_density"], first["fill_pattern"]) == ("30%", "grid")
    density, pattern = ("100%", "rectilinear") if which == "core_study" else ("50%", "gyroid")
    assert (second["fill_density"], second["fill_pattern"]) == (density, pattern)


def test_trimesh_opens_both(make_study, tmp_path):
    trimesh = pytest.importorskip("trimesh")
    pytest.importorskip("lxml")
    pytest.importorskip("networkx")
    export(make_study(), tmp_path)
    for name in ("tablet.3mf", "tablet.stl"):
        mesh = trimesh.load(tmp_path / name, force="mesh")
        assert mesh.is_watertight
        assert mesh.volume == pytest.approx(np.pi * 100, rel=1e-3)


def test_settings_name_every_trap(make_study, tmp_path):
    """Keys whose silent defaults change the dose, PRINTING.md."""
    infill = {"pattern": "honeycomb", "density": "37.5 %", "angle": "30 deg"}
    study = make_study(infill=infill, walls=1, roofs=4, floors=2)
    export(study, tmp_path)
    pairs = [line.split(" = ") for line in (tmp_path / "prusa.ini").read_text().splitlines()]
    inside = zipfile.ZipFile(tmp_path / "tablet.3mf").read("Metadata/Slic3r_PE.config").decode()
    assert [line.removeprefix("; ").split(" = ") for line in inside.splitlines()] == pairs
    wanted = {
        "fill_pattern": "honeycomb",
        "fill_density": "37.5%",
        "fill_angle": "30",
        "perimeters": "1",
        "top_solid_layers": "4",
        "bottom_solid_layers": "2",
        "layer_height": "0.2",
        "first_layer_height": "0.2",
        "infill_extrusion_width": "0.45",
        "solid_infill_below_area": "0",
        "infill_anchor": "0",
        "infill_anchor_max": "0",
        "perimeter_generator": "classic",
        "skirts": "0",
        "use_volumetric_e": "0",
    }
    assert wanted.items() <= dict(pairs).items()


def test_same_study_same_bytes(core_study, tmp_path):
    first, second = export(core_study, tmp_path / "a"), export(core_study, tmp_path / "b" / "c")
    for one, other in zip(first.files, second.files, strict=True):
        assert one.read_bytes() == other.read_bytes()
    names = zipfile.ZipFile(tmp_path / "a" / "tablet.3mf").namelist()
    assert names == sorted(names)


def test_manifest_agrees_with_the_tablet(core_study, tmp_path):
    export(core_study, tmp_path)
    found = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    tablet = core_study.tablet
    assert found["study_hash"] == core_study.hash
    assert found["cards"] == core_study.cards
    assert found["deposited_volume_mm3"] == pytest.approx(tablet.deposited_volume * 1e9)
    assert found["slicer_volume_mm3"] == pytest.approx(tablet.deposited_volume * 1e9)
    assert found["mass_mg"] == pytest.approx(tablet.total_mass() * 1e6)
    assert found["drug_mass_mg"] == pytest.approx(tablet.dose() * 1e6)
    assert found["printed_height_mm"] == pytest.approx(4.0)
    # 0.2 mm (0.45 mm - 0.2 mm (1 - pi/4)), PRINTING.md
    assert found["road_mm3_per_mm"] == pytest.approx(0.2 * (0.45 - 0.2 * (1 - math.pi / 4)))
    rows = found["extruders"]
    volumes = [row["deposited_volume_mm3"] for row in rows]
    assert volumes == pytest.approx([v * 1e9 for v in tablet.part_volumes])
    for key in ("mass_mg", "drug_mass_mg", "deposited_volume_mm3"):
        assert sum(row[key] for row in rows) == pytest.approx(found[key])
    assert "research use only" in found["use"].lower()
    for name, row in found["files"].items():
        content = (tmp_path / name).read_bytes()
        assert row == {"sha256": hashlib.sha256(content).hexdigest(), "size_bytes": len(content)}
    inside = json.loads(zipfile.ZipFile(tmp_path / "tablet.3mf").read("Metadata/releasesim.json"))
    assert inside.items() <= found.items()


def test_manifest_holds_the_wanted_dose_and_the_curve(make_study, tmp_path):
    wanted = {"dose": "50 mg", "dose_tolerance": "3 %", "vary": {"walls": {"min": 1, "max": 3}}}
    study = make_study(more={"design": wanted})
    curve = ReleaseCurve([0.0, 3600.0], [0.0, 0.5], simulated=True)
    made = export(study, tmp_path, curve=curve)
    assert made.manifest["dose_kg"] == pytest.approx(50e-6)
    assert made.manifest["dose_tolerance"] == pytest.approx(0.03)
    points = {"time_s": [0.0, 3600.0], "released_fraction": [0.0, 0.5]}
    assert made.manifest["predicted_curve"] == points


def test_measured_mass_oversize_and_pores_are_told(make_study, tmp_path):
    plain = make_study().tablet
    mass = f"{1.1 * plain.total_mass() * 1e6:.6f} mg"
    study = make_study(mass=mass, oversize="2 %", porosity="5 %")
    found = export(study, tmp_path).manifest
    assert found["mass_mg"] == pytest.approx(1.1 * plain.total_mass() * 1e6)
    assert found["extruders"][0]["mass_mg"] == pytest.approx(found["mass_mg"])
    assert found["slicer_volume_mm3"] == pytest.approx(plain.deposited_volume * 1e9)
    assert found["deposited_volume_mm3"] == pytest.approx(1.02**3 * found["slicer_volume_mm3"])
    assert any("+2 % larger" in note for note in found["notes"])
    assert any("measured mass" in note for note in found["notes"])


def test_exact_solid_prints_as_full_infill(make_study, tmp_path):
    shape = {"kind": "cylinder", "diameter": "10 mm", "height": "4.1 mm"}
    made = export(make_study(shape, None), tmp_path)
    assert any("exact solid" in note for note in made.notes)
    keys = (tmp_path / "prusa.ini").read_text()
    assert "fill_density = 100%\n" in keys
    assert "fill_pattern = rectilinear\n" in keys
    assert made.manifest["printed_height_mm"] == pytest.approx(4.1)
    assert made.manifest["layer_height_mm"] == pytest.approx(4.1 / 21)
    assert made.manifest["deposited_volume_mm3"] == pytest.approx(np.pi * 25 * 4.1)
    assert made.manifest["slicer_volume_mm3"] == pytest.approx(np.pi * 25 * 4.1, rel=0.02)


@pytest.mark.parametrize("pattern", ["grid", "concentric"])
def test_roads_are_meshed_closed_and_of_the_voxels_volume(
    make_study, pattern, tmp_path, read_stl, mesh_volume
):
    study = make_study(infill={"pattern": pattern, "density": "40 %"})
    export(study, tmp_path, roads=True)
    volume = mesh_volume(read_stl(tmp_path / "roads.stl"))
    assert volume == pytest.approx(study.tablet.voxelize(0.1e-3).volume * 1e9, rel=2e-3)


@pytest.mark.parametrize("pattern", ["honeycomb", "gyroid"])
def test_every_edge_of_meshed_roads_joins_two_triangles(make_study, pattern, tmp_path, read_stl):
    """Roads of one layer that end where those of the next begin touched along an edge before."""
    shape = {"kind": "ring", "outer_diameter": "8 mm", "inner_diameter": "3 mm", "height": "3 mm"}
    study = make_study(shape=shape, infill={"pattern": pattern, "density": "40 %"})
    export(study, tmp_path, roads=True)
    corners = read_stl(tmp_path / "roads.stl")
    _, points = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    a, b, c = points.reshape(-1, 3).T
    edges = np.sort(np.concatenate([np.stack(pair) for pair in ((a, b), (b, c), (c, a))], axis=1).T)
    assert set(np.unique(edges, axis=0, return_counts=True)[1]) == {2}


def test_graded_infill_is_written_as_modifiers(make_study, tmp_path, mesh_volume):
    graded = {"along": "height", "to": "60 %", "steps": 3}
    study = make_study(infill={"pattern": "grid", "density": "20 %", "graded": graded})
    export(study, tmp_path)
    corners = _read_3mf(tmp_path / "tablet.3mf")
    (_, last, own), *steps = _volume_settings(tmp_path / "tablet.3mf")
    assert mesh_volume(corners[: last + 1]) == pytest.approx(np.pi * 100, rel=1e-3)
    assert (own["volume_type"], own["fill_density"]) == ("ModelPart", "20%")
    assert [keys["volume_type"] for _, _, keys in steps] == ["ParameterModifier"] * 2
    assert [keys["fill_density"] for _, _, keys in steps] == ["40%", "60%"]
    # 20 layers in thirds: from layers 7 and 13 up
    bottoms = [corners[first : end + 1, :, 2].min() for first, end, _ in steps]
    assert bottoms == pytest.approx([1.4, 2.6])
    assert "interface_shells = 0\n" in (tmp_path / "prusa.ini").read_text()


def test_the_study_travels_with_the_files(make_study, tmp_path):
    wanted = {"dose": "50 mg", "vary": {"walls": {"min": 1, "max": 3}}}
    study = make_study(more={"design": wanted, "printer": "generic_fdm"})
    export(study, tmp_path)
    again = Study.load(tmp_path / "study.toml")
    assert (again.tablet, again.printer, again.design) == (study.tablet, study.printer, None)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"road_width": "0.8 mm"}, "road width 0.8 mm is outside the printer's 0.4 to 0.6 mm"),
        ({"layer_height": "0.35 mm"}, "layer height 0.35 mm is outside the printer's 0.05 to 0.3"),
        ({"infill": {"pattern": "grid", "density": "90 %"}, "road_width": "0.4 mm"}, None),
        ({"infill": {"pattern": "rectilinear", "density": "80 %"}}, r"gaps of 0.1 mm.* they close"),
        (
            {"shape": {"kind": "block", "length": "190 mm", "width": "6 mm", "height": "182 mm"}},
            "larger than the printer's build volume",
        ),
    ],
)
def test_limits_of_the_printer_are_kept(make_study, changes, message, tmp_path):
    study = make_study(**{"more": {"printer": "generic_fdm"}, **changes})
    if message is None:
        export(study, tmp_path)
        return
    with pytest.raises(GeometryError, match=f"cannot be printed on generic_fdm: .*{message}"):
        export(study, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_printer_must_melt_and_feed_the_material(make_study, tmp_path):
    made = {"drug": "theophylline", "polymer": "pva", "drug_loading": "60 %"}
    study = make_study(more={"formulation": made})
    with pytest.raises(GeometryError, match="drug_loading 60 % is above the 50 % that the printer"):
        export(study, tmp_path, printer="generic_fdm")
    card = Printer.load("generic_fdm")
    cold = dataclasses.replace(
        card, max_temperature=dataclasses.replace(card.max_temperature, value=400.0)
    )
    with pytest.raises(GeometryError, match=r"pva prints at .*, hotter than the printer's 126\.8"):
        export(make_study(), tmp_path, printer=cold)


def test_another_printer_brings_its_process_nozzle_and_notes(make_study, tmp_path):
    ring = {"kind": "ring", "outer_diameter": "12 mm", "inner_diameter": "5 mm", "height": "3 mm"}
    study = make_study(ring, road_width="0.8 mm", layer_height="0.3 mm", walls=1)
    made = export(study, tmp_path, printer="generic_powder_extrusion")
    assert made.manifest["printer"] == "generic_powder_extrusion"
    assert "nozzle_diameter = 0.8\n" in (tmp_path / "prusa.ini").read_text()
    assert Study.load(tmp_path / "study.toml").process == "powder_extrusion"
    assert any("in roads below 2 mm" in note for note in made.notes)
    with pytest.raises(InputError, match="generic_fdm is a printer for fdm"):
        export(make_study(more={"process": "powder_extrusion", "printer": "generic_fdm"}), tmp_path)


def test_an_exact_solid_takes_the_roads_of_the_printer(make_study, tmp_path):
    made = export(make_study(infill=None), tmp_path, printer="generic_powder_extrusion")
    assert made.manifest["road_width_mm"] == pytest.approx(0.8)


def test_film_is_a_square_sheet(make_study, tmp_path, read_stl, mesh_volume):
    study = make_study({"kind": "film", "thickness": "0.15 mm", "area": "100 mm2"}, None)
    made = export(study, tmp_path)
    corners = read_stl(tmp_path / "tablet.stl")
    assert np.ptp(corners.reshape(-1, 3), axis=0) == pytest.approx([10.0, 10.0, 0.15], rel=1e-6)
    assert mesh_volume(corners) == pytest.approx(15.0, rel=1e-6)
    assert any("film" in note for note in made.notes)


def test_settings_sheet_says_it_in_words(make_study, tmp_path):
    export(make_study(), tmp_path)
    words = (tmp_path / "settings.txt").read_text(encoding="utf-8")
    # k s / d = 2 (0.45 - 0.2 (1 - pi/4)) / 0.3 = 2.714 mm, PRINTING.md
    for said in ("2.714 mm", "0.45 mm", "0.4071 mm", "pattern in Cura              Grid"):
        assert said in words
    assert "research use only" in words


def test_concentration_has_no_mass(make_study, tmp_path):
    more = {
        "formulation": {"concentration": "100 mg/mL"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
    }
    study = make_study(more=more)
    made = export(study, tmp_path)
    assert made.manifest["mass_mg"] is None
    assert made.manifest["drug_mass_mg"] == pytest.approx(study.tablet.dose() * 1e6)


def test_hostile_title_stays_text(make_study, tmp_path):
    title = 'a "<b>" & \x07 é\n'
    export(make_study(more={"title": title}), tmp_path)
    assert len(_read_3mf(tmp_path / "tablet.3mf"))
    assert json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["title"] == title


def test_two_materials_need_two_extruders(make_study, core_study, tmp_path):
    mixed = core_study.to_data()
    mixed["tablet"]["region"][0]["extruder"] = 1
    with pytest.raises(InputError, match="'core' and the tablet are of different materials"):
        export(type(core_study).from_dict(mixed), tmp_path)
    assert not list(tmp_path.iterdir())


def test_stack_of_two_materials_changes_the_filament(make_study, tmp_path):
    other = {"drug": "theophylline", "polymer": "hpmc_k4m", "drug_loading": "30 %"}
    layers = [
        {"name": "slow", "thickness": "2.4 mm", "formulation": other},
        {"name": "fast", "thickness": "1.6 mm"},
    ]
    shape = {"kind": "cylinder", "diameter": "10 mm"}
    made = export(make_study(shape, layer=layers), tmp_path)
    assert any("(M600) at a height of 2.4 mm" in note for note in made.notes)
    ini = (tmp_path / "prusa.ini").read_text(encoding="utf-8")
    assert "toolchange_gcode = {if previous_extruder >= 0}M600{endif}\n" in ini
    assert "single_extruder_multi_material = 1\n" in ini
    again = type(make_study()).load(tmp_path / "study.toml")
    assert [layer.extruder for layer in again.tablet.layers] == [1, 2]
    own = [one | {"extruder": 1 + n} for n, one in enumerate(layers)]
    two = export(make_study(shape, layer=own), tmp_path / "two")
    assert not any("M600" in note for note in two.notes)


def test_folder_that_is_a_file(make_study, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="it is a file"):
        export(make_study(), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_inkjet_without_its_table_is_refused(make_study):
    with pytest.raises(InputError, match=r"process .*inkjet.*needs a table \[tablet.inkjet\]"):
        make_study(more={"process": "inkjet"})


def test_no_manifest_vouches_for_half_an_export(make_study, tmp_path, monkeypatch):
    export(make_study(), tmp_path)
    written = []

    def full_disk(path, content):
        written.append(path)
        raise OSError(28, "No space left on device")

    # the function of the same name hides the module from plain attribute access
    monkeypatch.setattr(sys.modules["releasesim.printing.export"], "write_atomic", full_disk)
    with pytest.raises(OSError, match="No space"):
        export(make_study(walls=1), tmp_path)
    assert len(written) == 1
    assert not (tmp_path / "manifest.json").exists()

"""A print as it comes out: oversize, pores, gaps, flow, measured mass and height, spread."""

import json
import math

import numpy as np
import pytest
import results

from releasesim.errors import GeometryError
from releasesim.printing import export
from releasesim.report import release_report
from releasesim.simulation import simulate
from releasesim.study import Study

REALITY = {
    "oversize": ("2 %", 0.02),
    "porosity": ("5 %", 0.05),
    "gap_porosity": ("4 %", 0.04),
    "flow": ("95 %", 0.95),
    "mass_spread": ("3 %", 0.03),
    "mass": ("400 mg", 4e-4),
    "measured_height": ("4.2 mm", 4.2e-3),
}


def solid(**tablet):
    return Study.from_dict(
        {
            "tablet": {
                "shape": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"},
                **tablet,
            },
            "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"},
            "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
            "run": {"until": "8 h", "spacing": "0.2 mm"},
        }
    )


def printed(**tablet):
    return solid(infill={"pattern": "grid", "density": "30 %"}, **tablet)


@pytest.mark.parametrize("name", REALITY)
def test_every_word_has_a_dotted_name_and_survives_a_file(name, tmp_path):
    text, value = REALITY[name]
    study = solid().replace(name, text)
    assert study.get(name) == pytest.approx(value)
    assert name in study.names()
    study.write(tmp_path / "study.toml")
    again = Study.load(tmp_path / "study.toml")
    assert again.tablet == study.tablet
    assert again.hash == study.hash != solid().hash


def test_oversized_solid_is_the_solid_of_that_size():
    larger = solid(shape={"kind": "cylinder", "diameter": "10.2 mm", "height": "4.08 mm"})
    oversized = solid(oversize="2 %")
    assert oversized.tablet.dose() == pytest.approx(larger.tablet.dose(), rel=1e-12)
    found, wanted = simulate(oversized).curve, simulate(larger).curve
    assert np.abs(found.fraction - wanted.fraction).max() < 1e-6


def test_measured_height_is_that_of_a_solid_so_high():
    higher = solid(shape={"kind": "cylinder", "diameter": "10.2 mm", "height": "4.2 mm"})
    study = solid(measured_height="4.2 mm", oversize="2 %")
    assert study.tablet.stretch == pytest.approx(4.2 / 4.08)
    assert study.tablet.dose() == pytest.approx(higher.tablet.dose(), rel=1e-12)
    found, wanted = simulate(study).curve, simulate(higher).curve
    assert np.abs(found.fraction - wanted.fraction).max() < 1e-6


def test_measured_height_of_roads_is_that_of_higher_layers():
    study = printed(measured_height="4.2 mm")
    grid, drawn = study.tablet.voxelize(1e-4), printed().tablet.voxelize(1e-4)
    assert study.tablet.body.size[2] == pytest.approx(4.2e-3)
    assert grid.volume == pytest.approx(1.05 * drawn.volume, rel=1e-9)
    assert study.tablet.dose() == pytest.approx(1.05 * printed().tablet.dose(), rel=1e-9)
    occupied = np.flatnonzero(grid.solid.any(axis=(0, 1)))
    assert occupied.size * grid.spacing[2] == pytest.approx(4.2e-3)


def test_height_of_regions_follows_the_measured_one():
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"},
        "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "30 %"},
    }
    plain, high = solid(region=[core]).tablet, solid(region=[core], measured_height="4.2 mm").tablet
    assert high.part_volumes == pytest.approx([1.05 * v for v in plain.part_volumes])
    grid = high.voxelize(1e-4)
    share = float((grid.fraction * grid.shares[1]).sum() * grid.cell_volume)
    assert share == pytest.approx(math.pi * 9e-6 * 2.1e-3, rel=2e-3)
    ball = {**core, "shape": {"kind": "sphere", "diameter": "3 mm"}}
    with pytest.raises(GeometryError, match="sphere has no height"):
        solid(region=[ball], measured_height="4.2 mm").tablet.voxelize(2e-4)


def test_pores_lower_mass_and_drug_but_not_the_curve_of_dissolved_drug():
    dense, porous = solid(), solid(porosity="5 %")
    assert porous.tablet.total_mass() == pytest.approx(0.95 * dense.tablet.total_mass())
    assert porous.tablet.dose() == pytest.approx(0.95 * dense.tablet.dose())
    assert porous.tablet.deposited_volume == pytest.approx(dense.tablet.deposited_volume)
    gap = simulate(porous).curve.fraction - simulate(dense).curve.fraction
    assert np.abs(gap).max() < 1e-12


def test_gaps_take_material_from_touching_roads_only():
    drawn, made = printed().tablet, printed(gap_porosity="4 %").tablet
    layers = drawn.printed[0]
    sparse = sum(layer.sparse_area * layer.thickness for layer in layers)
    assert 0.0 < sparse < drawn.deposited_volume
    touching = drawn.deposited_volume - sparse
    assert made.deposited_volume == pytest.approx(sparse + 0.96 * touching, rel=1e-12)
    assert made.voxelize(2e-4).volume == pytest.approx(drawn.voxelize(2e-4).volume, rel=1e-12)
    # what the cells hold is what was deposited
    ratio = made.concentrations[0] / drawn.concentrations[0]
    assert ratio == pytest.approx(made.deposited_volume / drawn.deposited_volume, rel=1e-9)


@pytest.mark.parametrize("flow", [0.9, 0.95, 1.05, 1.1])
def test_flow_sets_deposited_volume_and_mass(flow):
    drawn, made = printed().tablet, printed().replace("flow", flow).tablet
    assert made.deposited_volume == pytest.approx(flow * drawn.deposited_volume, rel=1e-12)
    assert made.total_mass() == pytest.approx(flow * drawn.total_mass(), rel=1e-12)
    assert made.dose() == pytest.approx(flow * drawn.dose(), rel=1e-12)


def test_width_of_single_roads_follows_the_flow():
    """Bands of walls and solid fill left out: what remains is single roads, w and 1.1 w wide."""
    bare = {"walls": 0, "roofs": 0, "floors": 0}
    drawn = solid(infill={"pattern": "rectilinear", "density": "20 %"}, **bare).tablet
    grids = [tablet.voxelize(5e-5) for tablet in (drawn, drawn.replace(flow=1.1))]
    assert grids[1].volume == pytest.approx(1.1 * grids[0].volume, rel=2e-3)
    assert drawn.replace(flow=1.1).packing == pytest.approx((1.0,), abs=1e-12)


def test_cells_hold_what_a_lean_printer_deposited():
    """Under-extrusion: deposited material over the room of its roads, voxels against E."""
    made = printed(flow="90 %").tablet
    grid, drawn = made.voxelize(5e-5), printed().tablet.voxelize(5e-5)
    held = made.concentrations[0] * grid.volume
    # the voxels of the drawing are less than what is deposited, by overlaps of roads
    overlap = drawn.volume / printed().tablet.deposited_volume
    assert held / overlap == pytest.approx(made.dose(), rel=0.005)


def test_measured_mass_rescales_whatever_the_flow():
    for name, text in (("flow", "95 %"), ("gap_porosity", "4 %"), ("oversize", "2 %")):
        tablet = printed(mass="300 mg").replace(name, text).tablet
        assert tablet.total_mass() == pytest.approx(3e-4)
        assert tablet.dose() == pytest.approx(0.2 * 3e-4, rel=1e-9)


def test_spread_of_mass_is_a_band_on_dose_and_curve():
    """All is released in the end: then the drug out varies as the mass does."""
    study = solid(mass_spread="3 %").replace("run.until", "48 h")
    release = simulate(study)
    assert release.dose_sd == pytest.approx(0.03 * release.dose)
    assert release.curve_sd[-1] == pytest.approx(0.03, rel=1e-3)
    # a body m times as heavy lets go as the mean does, m^(2/3) times as slowly (D/R^2)
    curve = release.curve
    times = curve.time[curve.time < 40 * 3600]
    light, heavy = (m * curve.at(times / m ** (2 / 3)) for m in (0.97, 1.03))
    wanted = 0.5 * (heavy - light)
    assert wanted.max() > 0.01
    resolved = curve.at(times) > 0.1
    assert np.abs(release.curve_sd[: times.size] - wanted)[resolved].max() < 2e-4
    assert release.study_hash == study.hash
    assert release.to_dict()["standard_deviation"]["dose_kg"] == release.dose_sd
    assert any("3 % (standard deviation)" in notice for notice in release.notices)


def test_report_manifest_and_notices_say_all_of_it(tmp_path):
    words = {name: text for name, (text, _) in REALITY.items()}
    study = printed(**words).replace("run.spacing", "0.4 mm")
    manifest = export(study, tmp_path).manifest
    said = json.loads((tmp_path / "manifest.json").read_text())["as_printed"]
    assert said == {
        "oversize": 0.02,
        "porosity": 0.05,
        "gap_porosity": 0.04,
        "flow": 0.95,
        "mass_spread": 0.03,
        "measured_mass_mg": 400.0,
        "measured_height_mm": 4.2,
    }
    # slicers know the drawing only
    nominal = printed().tablet.deposited_volume * 1e9
    assert manifest["slicer_volume_mm3"] == pytest.approx(nominal, rel=1e-6)
    assert manifest["deposited_volume_mm3"] == pytest.approx(study.tablet.deposited_volume * 1e9)
    assert any("95 % of what it is asked for" in note for note in manifest["notes"])
    assert any("measured mass 400 mg is" in notice for notice in study.notices)
    assert any("measured height 4.2 mm is" in notice for notice in study.notices)
    (said,) = [
        notice for notice in study.notices if notice.startswith("simulated as it is printed")
    ]
    for shown in ("larger than drawn by 2 %", "95 % of what", "roads 4 %", "roads 5 %", "mass"):
        assert shown in said
    page = release_report(simulate(study), study)
    for shown in ("Measured height", "95 % of what is asked", "± 2.4 mg", "measured: "):
        assert shown in page


def test_what_cannot_be_measured_is_refused():
    with pytest.raises(GeometryError, match="sphere has no height"):
        solid(shape={"kind": "sphere", "diameter": "8 mm"}, measured_height="8 mm")
    full = solid(flow="110 %")
    assert any("exact solid has no roads" in notice for notice in full.notices)


def test_printed_study_of_the_results_is_as_it_was():
    """Nothing said of the print: nothing changes."""
    tablet = results.printed().tablet
    assert tablet.printed == tablet.sliced
    assert tablet.packing == (1.0,) * len(tablet.parts)
    assert tablet.concentrations == tablet.deposited_concentrations

"""Graded infill: deposited volumes against PrusaSlicer 2.5.0 with modifier volumes.

The slicer's volumes are E times the filament's area of G-code from the exported 3MF [mm3]: the
settings of tests/geometry/test_roads.py, with ensure_vertical_shell_thickness 1.
"""

import numpy as np
import pytest

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.grading import Grading
from releasesim.geometry.infill import Infill, narrowest_gap
from releasesim.geometry.roads import RoadModel
from releasesim.study import Study

SHAPES = {
    "cylinder": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"},
    "caplet": {"kind": "caplet", "length": "16 mm", "width": "6 mm", "height": "4 mm"},
    "capsule": {"kind": "capsule", "length": "16 mm", "diameter": "6 mm"},
}


def tablet(shape, pattern, along, steps, *, density="20 %", to="60 %", **more):
    graded = {"along": along, "to": to, "steps": steps}
    infill = {"pattern": pattern, "density": density, "graded": graded}
    table = {"shape": SHAPES[shape], "infill": infill, **more}
    made = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
    return Study.from_dict({"tablet": table, "formulation": made})


@pytest.mark.parametrize(
    ("shape", "pattern", "along", "steps", "slicer"),
    [
        ("cylinder", "grid", "height", 3, 212.675),
        ("cylinder", "grid", "rings", 3, 218.616),
        ("cylinder", "gyroid", "rings", 3, 215.345),
        ("cylinder", "concentric", "rings", 3, 251.328),
        ("caplet", "rectilinear", "rings", 2, 265.495),
        ("capsule", "rectilinear", "height", 2, 274.515),
        ("capsule", "triangles", "rings", 2, 238.195),
    ],
)
def test_deposited_volume_matches_the_slicer(shape, pattern, along, steps, slicer):
    study = tablet(shape, pattern, along, steps)
    assert study.tablet.deposited_volume * 1e9 == pytest.approx(slicer, rel=2e-3)


def test_voxels_hold_what_the_roads_deposit_and_densities_rise():
    """Bottom, middle and top third of a cylinder graded in height; voxels count overlaps once."""
    made = tablet("cylinder", "rectilinear", "height", 3, roofs=0, floors=0, walls=0).tablet
    layers = made.printed[0]
    deposited = [layer.deposited_area for layer in layers]
    thirds = [np.mean(deposited[2 * n : 2 * n + 2]) for n in (1, 4, 8)]
    assert thirds == sorted(thirds)
    # line distance k s / d, PRINTING.md: the sparse share follows the density
    assert thirds[2] / thirds[0] == pytest.approx(3.0, rel=0.15)
    grid = made.voxelize(0.1e-3)
    assert grid.volume == pytest.approx(made.deposited_volume, rel=0.01)


def test_rings_are_denser_outside():
    made = tablet("cylinder", "grid", "rings", 2, walls=0).tablet
    grid = made.voxelize(0.1e-3)
    x, y = np.meshgrid(*(grid.centres(axis) for axis in (0, 1)), indexing="ij")
    middle = grid.shape[2] // 2
    plane = grid.fraction[:, :, middle]
    inner, outer = np.hypot(x, y) < 2.4e-3, np.abs(np.hypot(x, y) - 3.75e-3) < 1.1e-3
    assert plane[outer].mean() > 1.5 * plane[inner].mean()


def test_narrowest_gap_is_that_of_the_densest_open_step():
    road = RoadModel(0.45e-3, 0.2e-3)
    graded = Infill("grid", 0.2, graded=Grading("height", 1.0, 3))
    assert narrowest_gap(graded, road) == pytest.approx(narrowest_gap(Infill("grid", 0.6), road))


def test_names_reach_the_grading_and_the_file_keeps_it():
    study = tablet("cylinder", "grid", "rings", 2)
    assert "infill.graded.to" in study.names()
    changed = study.replace("infill.graded.to", "40 %")
    assert changed.tablet.infill.densities == pytest.approx((0.2, 0.4))
    again = Study.from_dict(changed.to_data())
    assert again.tablet.infill == changed.tablet.infill
    assert "20 % grid at the middle to 40 % at the edge in 2 steps" in changed.tablet.describe()


@pytest.mark.parametrize(
    ("graded", "message"),
    [
        ({"along": "height", "to": "60 %", "steps": 1}, "steps = 1: must be a whole number, 2 to"),
        ({"along": "radius", "to": "60 %"}, "along = .*must be one of height, rings"),
        ({"along": "height", "to": "0 %"}, "to = .*must be 0 to 100 %, 0 excluded"),
        ({"along": "rings", "to": "60 %", "steps": 20}, "each needs room for two roads"),
    ],
)
def test_wrong_gradings_are_refused_in_words(graded, message):
    infill = {"pattern": "grid", "density": "20 %", "graded": graded}
    made = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
    data = {"tablet": {"shape": SHAPES["cylinder"], "infill": infill}, "formulation": made}
    with pytest.raises(InputError, match=message):
        _ = Study.from_dict(data).tablet.deposited_volume


def test_height_and_layers_exclude_each_other():
    layers = [{"name": "a", "thickness": "2 mm"}, {"name": "b", "thickness": "2 mm"}]
    with pytest.raises(GeometryError, match="needs a tablet without regions and layers"):
        tablet("cylinder", "grid", "height", 2, layer=layers)

"""The study of a print: what the G-code says, and what the design still has to say."""

import pytest

from releasesim.errors import InputError
from releasesim.study import Study
from releasesim.workflows.slicing.printed import printed_data

CYLINDER = {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}
GRID = {"pattern": "grid", "density": "30 %"}
PVA = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
PCL = {"drug": "theophylline", "polymer": "pcl", "drug_loading": "30 %"}
SLOW = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-12 m2/s"}}


def data_of(**tablet):
    table = {"shape": CYLINDER, "infill": GRID, **tablet}
    study = Study.from_dict({"tablet": table, "formulation": PVA, "run": {"until": "3 h"}})
    return printed_data(study, "tablet.gcode")


def test_roads_come_from_the_file_and_the_rest_from_the_design():
    data = data_of(walls=3, porosity="5 %", mass="300 mg")
    assert data["tablet"] == {
        "shape": {"kind": "gcode", "file": "tablet.gcode"},
        "porosity": "5 %",
        "mass": "300 mg",
    }
    assert data["formulation"] == PVA
    assert data["run"]["until"] == "3 h"


def test_tools_name_the_parts_that_they_print():
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "5 mm", "height": "2 mm"},
        "extruder": 3,
        "formulation": PCL,
        "physics": SLOW,
    }
    tablet = data_of(region=[core])["tablet"]
    assert tablet["shape"]["tools"] == {"T2": "core"}
    assert tablet["region"] == [{"name": "core", "formulation": PCL, "physics": SLOW}]


def test_layers_become_regions_of_their_tools():
    layers = [
        {"name": "low", "thickness": "2 mm"},
        {"name": "high", "thickness": "2 mm", "extruder": 2, "formulation": PCL},
    ]
    tablet = data_of(layer=layers)["tablet"]
    assert tablet["shape"]["tools"] == {"T0": "low", "T1": "high"}
    assert [part["name"] for part in tablet["region"]] == ["low", "high"]
    assert "layer" not in tablet


def test_parts_of_one_tool_and_one_material_are_one():
    dense = {
        "name": "dense",
        "shape": {"kind": "cylinder", "diameter": "5 mm", "height": "2 mm"},
        "infill": {"pattern": "grid", "density": "60 %"},
    }
    tablet = data_of(region=[dense])["tablet"]
    assert "region" not in tablet
    with pytest.raises(InputError, match="'dense' has laws of its own but is printed by T0"):
        data_of(region=[dense | {"physics": SLOW}])

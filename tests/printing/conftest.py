"""Studies to export, and readers of what was written that know nothing of the writer."""

import copy
from collections import Counter

import numpy as np
import pytest

from releasesim.study import Study

CYLINDER = {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}
SHAPES = {
    "cylinder": CYLINDER,
    "sphere": {"kind": "sphere", "diameter": "8 mm"},
    "block": {"kind": "block", "length": "12 mm", "width": "6 mm", "height": "4 mm"},
    "caplet": {"kind": "caplet", "length": "16 mm", "width": "6 mm", "height": "4 mm"},
    "capsule": {"kind": "capsule", "length": "16 mm", "diameter": "6 mm"},
    "ring": {
        "kind": "ring",
        "outer_diameter": "12 mm",
        "inner_diameter": "4 mm",
        "height": "4 mm",
    },
}
GRID = {"pattern": "grid", "density": "30 %"}
FORMULATION = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
OTHER = {"drug": "theophylline", "polymer": "hpmc_k4m", "drug_loading": "30 %"}
CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"},
    "infill": {"pattern": "rectilinear", "density": "100 %"},
    "extruder": 2,
    "formulation": OTHER,
}
LAYERS = [
    {"name": "fast", "thickness": "1.6 mm"},
    {
        "name": "slow",
        "thickness": "2.4 mm",
        "infill": {"pattern": "gyroid", "density": "50 %"},
        "extruder": 2,
        "formulation": OTHER,
    },
]


def make_study(shape=None, infill=GRID, *, more=None, **tablet):
    """Study of a tablet; `more` are further tables of the study file."""
    table = {"shape": shape or CYLINDER, **tablet}
    if infill is not None:
        table["infill"] = infill
    data = {"tablet": table, "formulation": FORMULATION, **(more or {})}
    return Study.from_dict(copy.deepcopy(data))


@pytest.fixture(name="make_study")
def _make_study():
    return make_study


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


@pytest.fixture
def core_study():
    return make_study(region=[CORE])


@pytest.fixture
def bilayer_study():
    return make_study(layer=LAYERS)


@pytest.fixture
def read_stl():
    return _read_stl


@pytest.fixture
def mesh_volume():
    return _mesh_volume


def _read_stl(path):
    """Corners of the facets of a binary STL, (n, 3, 3) [mm]."""
    data = path.read_bytes()
    facet = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    count = int(np.frombuffer(data, "<u4", 1, 80)[0])
    assert len(data) == 84 + count * facet.itemsize
    return np.frombuffer(data, facet, count, 84)["corners"].astype(float)


def _mesh_volume(corners):
    """Volume of a closed, oriented mesh of corners (n, 3, 3); fails where it is not closed."""
    points, index = np.unique(corners.reshape(-1, 3), axis=0, return_inverse=True)
    faces = index.reshape(-1, 3)
    assert np.isfinite(points).all()
    edges = Counter(
        map(tuple, np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]))
    )
    assert all(edges[b, a] == n for (a, b), n in edges.items())
    a, b, c = corners.transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)

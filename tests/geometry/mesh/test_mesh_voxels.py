"""A mesh of many facets is the shape that it stands for: on the grid, and by its curve."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim import simulate
from releasesim.geometry.mesh import Mesh, voxelize_mesh
from releasesim.geometry.shapes import Block, Cylinder, Ring, Sphere
from releasesim.geometry.solid import voxelize_solid
from releasesim.printing.mesh import shape_mesh
from releasesim.printing.stl import stl_bytes
from releasesim.study import Study

SHAPES = {
    "cylinder": Cylinder(10e-3, 4e-3),
    "sphere": Sphere(8e-3),
    "ring": Ring(12e-3, 6e-3, 4e-3),
    "block": Block(6e-3, 5e-3, 4e-3),
}


@pytest.fixture(params=SHAPES)
def pair(request, tmp_path):
    """A shape, and a mesh of it from a file."""
    shape = SHAPES[request.param]
    (tmp_path / "a.stl").write_bytes(stl_bytes(shape_mesh(shape), "test"))
    return shape, Mesh.read("a.stl", tmp_path)


def test_volume_and_surface(pair):
    shape, mesh = pair
    assert mesh.volume == pytest.approx(shape.volume, rel=1e-6)
    assert mesh.surface == pytest.approx(shape.surface, rel=3e-4)


@pytest.mark.parametrize("offset", [None, (0.3, 0.6, 0.1)])
def test_grid_is_that_of_the_exact_shape(pair, offset):
    shape, mesh = pair
    grid = voxelize_mesh(mesh, 1e-4, offset=offset)
    exact = voxelize_solid(shape, 1e-4, offset=offset)
    filled = grid.fraction.sum() * grid.cell_volume
    assert filled == pytest.approx(shape.volume, rel=4e-4)
    assert grid.wetted_area == pytest.approx(exact.wetted_area, rel=2e-3)
    at = grid.surface.points(grid).T
    assert np.abs(shape.distance(*at)).max() < 5e-6  # what a chord may leave the circle
    assert (
        shape.distance(*np.meshgrid(*(grid.centres(a) for a in range(3)), indexing="ij"))[
            grid.solid
        ]
        < 5e-6
    ).all()


@pytest.mark.parametrize(
    ("physics", "tolerance"),
    [
        ({"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}}, 4e-3),
        ({"erosion": {"law": "ConstantFront", "speed": "0.3 mm/h"}}, 2e-3),
    ],
    ids=["diffusion", "erosion"],
)
@pytest.mark.parametrize(
    "shape",
    [
        {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"},
        {"kind": "sphere", "diameter": "6 mm"},
    ],
    ids=["cylinder", "sphere"],
)
def test_curve_is_that_of_the_exact_shape(shape, physics, tolerance, tmp_path):
    """Against the engine's exact bodies and products (Crank 1975, Hopfenberg 1976)."""
    tables = {
        "tablet": {"shape": shape},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": physics,
        "run": {"until": "12 h", "tolerance": "0.5 %"},
    }
    exact = Study.from_dict(tables)
    (tmp_path / "a.stl").write_bytes(stl_bytes(shape_mesh(exact.tablet.shape), "test"))
    mesh = {"tablet": {"shape": {"kind": "mesh", "file": "a.stl"}}}
    found, known = simulate(Study.from_dict(tables | mesh, folder=tmp_path)), simulate(exact)
    late = known.curve.fraction > 0.1
    gap = np.abs(found.curve.fraction - known.curve.fraction)
    assert gap[late].max() < tolerance
    assert found.dose == pytest.approx(known.dose, rel=1e-6)
    assert found.ledger_error < 1e-5

"""Meshes against the volumes and outlines of the shapes they stand for."""

import numpy as np
import pytest

from releasesim.geometry import shapes
from releasesim.printing.mesh import CHORD_ERROR, part_meshes, shape_mesh, triangles
from releasesim.printing.printable import printable

SOLIDS = [
    shapes.Cylinder(10e-3, 4e-3),
    shapes.Cylinder(50e-3, 4e-3),
    shapes.Sphere(8e-3),
    shapes.Sphere(40e-3),
    shapes.Block(12e-3, 6e-3, 4e-3),
    shapes.Caplet(16e-3, 6e-3, 4e-3),
    shapes.Capsule(16e-3, 6e-3),
    shapes.Capsule(6e-3, 6e-3),
    shapes.Ring(12e-3, 4e-3, 4e-3),
]


@pytest.mark.parametrize("shape", SOLIDS, ids=lambda shape: shape.describe())
def test_mesh_has_the_volume_and_surface_of_its_shape(shape):
    """Every vertex and every middle of an edge lies within a chord's error of the surface."""
    mesh = shape_mesh(shape)
    assert mesh.volume() == pytest.approx(shape.volume * 1e9, rel=1e-3)
    vertices, faces = triangles(mesh)
    edges = vertices[np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])]
    # flat faces are triangulated across their inside: only edges on a round side are chords
    middles = edges.mean(axis=1)
    far = [abs(shape.distance(*(1e-3 * points.T))) for points in (vertices, middles)]
    assert far[0].max() < CHORD_ERROR
    if not shape.extruded:
        assert far[1].max() < CHORD_ERROR
    assert vertices[:, 2].min() == pytest.approx(0.0, abs=1e-9)


def test_core_and_shell_fill_the_tablet_without_overlap(core_study):
    made = printable(core_study.tablet)
    shell, core = part_meshes(made.tablet)
    whole = shape_mesh(made.tablet.body)
    assert core.volume() == pytest.approx(np.pi * 9.0 * 2.0, rel=1e-3)
    assert shell.volume() + core.volume() == pytest.approx(whole.volume(), rel=1e-9)
    assert (shell ^ core).volume() == pytest.approx(0.0, abs=1e-9)


def test_later_regions_win(make_study):
    ball = {"name": "ball", "shape": {"kind": "sphere", "diameter": "3 mm"}, "extruder": 2}
    inner = {"name": "inner", "shape": {"kind": "sphere", "diameter": "2 mm"}, "extruder": 3}
    made = printable(make_study(region=[ball, inner]).tablet)
    volumes = [mesh.volume() for mesh in part_meshes(made.tablet)]
    assert volumes[2] == pytest.approx(np.pi / 6 * 8, rel=1e-3)
    assert volumes[1] == pytest.approx(np.pi / 6 * (27 - 8), rel=1e-3)


def test_layers_stack_up_to_the_last_whole_layer(make_study):
    layers = [
        {"name": "fast", "thickness": "1.6 mm"},
        {"name": "slow", "thickness": "2.35 mm", "extruder": 2},
    ]
    made = printable(make_study(layer=layers).tablet)
    own, fast, slow = part_meshes(made.tablet)
    assert own.is_empty()
    assert fast.volume() == pytest.approx(np.pi * 25 * 1.6, rel=1e-3)
    assert slow.volume() == pytest.approx(np.pi * 25 * 2.4, rel=1e-3)


def test_a_face_at_mid_layer_belongs_to_the_layer_above(make_study):
    """PrusaSlicer cuts there: rounding gave it one layer more, 0.3 mm up in steps of 0.2."""
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"},
        "extruder": 2,
    }
    tied = core | {"shape": core["shape"] | {"at": ["0 mm", "0 mm", "0.3 mm"]}}
    whole = core | {"shape": core["shape"] | {"at": ["0 mm", "0 mm", "0.4 mm"]}}
    bottoms = []
    for region in (tied, whole):
        _, mesh = part_meshes(make_study(region=[region]).tablet)
        bottoms.append(triangles(mesh)[0][:, 2].min())
    assert bottoms[0] == pytest.approx(0.299, abs=1e-6)
    assert bottoms[1] == pytest.approx(0.4, abs=1e-9)

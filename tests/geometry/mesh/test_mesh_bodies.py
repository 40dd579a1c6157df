"""Bodies from files: what is mended, what is joined, and what shape it has then."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from geometry.mesh import files

from releasesim.errors import GeometryError, MissingExtraError
from releasesim.geometry.mesh import Mesh

BOX = files.CUBE_POINTS
MM3 = 1e-9


@pytest.fixture
def read(tmp_path):
    def write_and_read(name, data, **words):
        (tmp_path / name).write_bytes(data)
        return Mesh.read(name, tmp_path, **words)

    return write_and_read


FORMATS = {
    "binary.stl": files.binary_stl(files.cube()),
    "text.stl": files.text_stl(files.cube()),
    "box.3mf": files.archive(files.cube_model()),
    "box.obj": files.obj(BOX, files.CUBE),
    "box.ply": files.ply(BOX, files.CUBE),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_holds_the_same_cube(read, name):
    mesh = read(name, FORMATS[name])
    assert mesh.volume == pytest.approx(1000 * MM3, rel=1e-6)
    assert mesh.surface == pytest.approx(600e-6, rel=1e-6)
    assert mesh.size == pytest.approx((0.01, 0.01, 0.01))
    low = mesh.body.points.min(axis=0)
    assert low == pytest.approx([-0.005, -0.005, 0.0])  # stands on the bed, centred
    assert mesh.outline(0.004).area == pytest.approx(1e-4)
    assert mesh.outline(0.011).is_empty


def test_obj_and_ply_need_the_extra(read, monkeypatch):
    monkeypatch.setitem(sys.modules, "trimesh", None)
    with pytest.raises(MissingExtraError, match=r'pip install "releasesim\[mesh\]"'):
        read("box.obj", FORMATS["box.obj"])


def test_signed_distance_is_exact(read):
    mesh = read("box.stl", FORMATS["binary.stl"])
    at = np.random.default_rng(1).uniform(-0.012, 0.012, (3, 4000))
    q = np.abs(at - np.array([[0.0], [0.0], [0.005]])) - 0.005
    box = np.linalg.norm(np.maximum(q, 0.0), axis=0) + np.minimum(q.max(axis=0), 0.0)
    assert mesh.distance(*at) == pytest.approx(box, abs=1e-9)
    assert mesh.scaled(1.1).distance(0.0, 0.0, 0.0055) == pytest.approx(-0.0055)


@pytest.mark.parametrize(
    ("corners", "volume"),
    [
        (files.cube()[:, ::-1], 1000.0),
        (np.concatenate([files.cube()[:5], files.cube()[5:, ::-1]]), 1000.0),
        (np.concatenate([files.cube(), files.cube()]), 1000.0),
        (np.concatenate([files.cube(), files.cube(at=(5.0, 0.0, 0.0))]), 1500.0),
        (np.concatenate([files.cube(), files.cube(6.0, (2.0, 2.0, 2.0))]), 1000.0),
        (np.concatenate([files.cube(), files.cube(6.0, (2.0, 2.0, 2.0))[:, ::-1]]), 784.0),
        (np.concatenate([files.cube(), files.cube(6.0, (2.0, 2.0, 2.0))[:, ::-1]])[:, ::-1], 784.0),
        (np.concatenate([files.cube(), files.cube(5.0, (20.0, 0.0, 0.0))[:, ::-1]]), 1125.0),
        (
            np.concatenate(
                [
                    files.cube(),
                    files.cube(6.0, (2.0, 2.0, 2.0))[:, ::-1],
                    files.cube(2.0, (4.0, 4.0, 4.0)),
                ]
            ),
            792.0,
        ),
    ],
    ids=[
        "inverted",
        "some triangles turned",
        "twice in one file",
        "two that overlap",
        "one in the other",
        "a hollow",
        "all inverted, with a hollow",
        "one of two inverted",
        "a core in a hollow",
    ],
)
def test_bodies_are_made_whole(read, corners, volume):
    assert read("a.stl", files.binary_stl(corners)).volume == pytest.approx(volume * MM3, rel=1e-5)


def test_bodies_that_touch_are_one(read):
    both = np.concatenate([files.cube(), files.cube(at=(10.0, 0.0, 0.0))])
    assert read("a.stl", files.binary_stl(both)).volume == pytest.approx(2000 * MM3, rel=1e-5)


def test_3mf_places_turns_and_mirrors_its_parts(read):
    parts = (
        '<components><component objectid="1"/>'
        '<component objectid="1" transform="-1 0 0 0 1 0 0 0 1 35 0 0"/></components>'
    )
    xml = files.model(
        {1: files.mesh_xml(BOX, files.CUBE), 2: parts},
        items='<item objectid="2" transform="0 1 0 -1 0 0 0 0 1 0 0 0"/>',
    )
    mesh = read("a.3mf", files.archive(xml))
    assert mesh.volume == pytest.approx(2000 * MM3)
    assert mesh.size == pytest.approx((0.01, 0.035, 0.01))


@pytest.mark.parametrize(("unit", "metres"), [("centimeter", 1e-2), ("inch", 0.0254)])
def test_3mf_says_its_own_unit(read, unit, metres):
    xml = files.model({1: files.mesh_xml(0.1 * BOX, files.CUBE)}, unit=unit)
    assert read("a.3mf", files.archive(xml)).size[0] == pytest.approx(metres)


@pytest.mark.parametrize(
    ("factor", "unit", "words"),
    [
        (1e-3, "mm", "is this in metres?"),
        (0.1 / 2.54, "mm", "is this in centimetres or inches?"),
        (1e3, "mm", "is this in micrometres?"),
        (1.0, "m", "is this in millimetres?"),
        (1e6, "mm", "a tablet is 1 to 50 mm long"),
    ],
)
def test_a_size_that_is_no_tablet_s_offers_the_unit(read, factor, unit, words):
    with pytest.raises(GeometryError) as caught:
        read("a.stl", files.binary_stl(factor * files.cube()), unit=unit)
    assert caught.value.message.endswith(words)


def test_unit_of_the_study_is_taken(read):
    assert read("a.stl", files.binary_stl(1e-3 * files.cube()), unit="m").volume == pytest.approx(
        1000 * MM3, rel=1e-5
    )

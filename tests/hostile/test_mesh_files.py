"""Mesh files that are broken or meant to harm: one clear line each, little time and memory."""

from __future__ import annotations

import os
import stat
import struct
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from geometry.mesh import files

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.mesh import Mesh
from releasesim.study import Study

CUBE = files.cube()
BOX, FACES = files.CUBE_POINTS, files.CUBE
MOST_MEMORY = 120_000_000  # bytes


def spoilt(value):
    corners = CUBE.copy()
    corners[3, 1, 2] = value
    return files.binary_stl(corners)


def star():
    """A prism over a five-pointed star: inside twice in its middle."""
    turn = 2 * np.pi * 2 * np.arange(5) / 5
    ring = np.stack([5 * np.cos(turn), 5 * np.sin(turn)], axis=1)
    low, high = (np.column_stack([ring, np.full(5, z)]) for z in (0.0, 4.0))
    faces = []
    for n in range(5):
        m = (n + 1) % 5
        faces += [[low[n], low[m], high[m]], [low[n], high[m], high[n]]]
        faces += [[low[m], low[n], [0, 0, 0.0]], [high[n], high[m], [0, 0, 4.0]]]
    return files.binary_stl(np.array(faces))


def one_sided():
    """The projective plane on six corners: closed, and without an inside."""
    faces = ["012", "023", "034", "045", "051", "124", "235", "341", "452", "513"]
    corners = np.random.default_rng(2).uniform(0.0, 10.0, (6, 3))
    return files.binary_stl(corners[np.array([[int(c) for c in face] for face in faces])])


def bomb(size=200_000_000):
    entries = [("[Content_Types].xml", files.CONTENT_TYPES)]
    return files.archive([*entries, ("3D/3dmodel.model", b" " * size)])


def lying_bomb():
    """Say in both headers that 100 MB are 400 kB: within the ratio, and not true."""
    size, said = 100_000_000, 400_000
    data = files.archive([("3D/3dmodel.model", b" " * size)])
    assert zlib.crc32(b" " * 10)
    return data.replace(struct.pack("<I", size), struct.pack("<I", said))


def link():
    entry = zipfile.ZipInfo("3D/3dmodel.model")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return files.archive([(entry, "/etc/passwd")])


def encrypted():
    data = bytearray(files.archive(files.cube_model()))
    for head, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := data.find(head, start)) >= 0:
            data[start + at] |= 1
            start += 4
    return bytes(data)


def twice():
    with pytest.warns(UserWarning, match="Duplicate name"):
        return files.archive([("3D/3dmodel.model", files.cube_model())] * 2)


def nested():
    """Each object holds the one before ten times: 10^9 cubes."""
    objects = {1: files.mesh_xml(BOX, FACES)}
    for n in range(2, 11):
        part = f'<component objectid="{n - 1}"/>'
        objects[n] = f"<components>{part * 10}</components>"
    return files.archive(files.model(objects, items='<item objectid="10"/>'))


def circle():
    parts = '<components><component objectid="1"/></components>'
    return files.archive(files.model({1: parts}))


def laughs():
    entities = '<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    return files.archive(files.cube_model(before=f"<!DOCTYPE x [{entities}]>"))


def dtd(words):
    return files.archive(files.cube_model(before=words))


def relationship(target):
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Target="{target}" Id="r" '
        'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
    )
    return files.archive([("_rels/.rels", rels), ("3D/3dmodel.model", files.cube_model())])


def named(name):
    return files.archive([(name, "x"), ("3D/3dmodel.model", files.cube_model())])


def built(**words):
    return files.archive(files.cube_model(**words))


def of_mesh(points, faces):
    return files.archive(files.model({1: files.mesh_xml(points, faces)}))


HOSTILE = {
    "empty.stl": (b"", "is empty"),
    "few_bytes.stl": (b"\0" * 40, "40 bytes are too few"),
    "no_facets.stl": (files.binary_stl(CUBE[:0]), "holds no triangles"),
    "cut_off.stl": (files.binary_stl(CUBE)[:-60], "12 facets and holds 10.8: it is cut off"),
    "count_too_low.stl": (files.binary_stl(CUBE, 7), "says 7 facets and holds 12"),
    "count_of_gigabytes.stl": (files.binary_stl(CUBE, 2**32 - 1), "says 4294967295 facets"),
    "nan.stl": (spoilt(np.nan), "no finite numbers, first in triangle 4"),
    "infinite.stl": (spoilt(np.inf), "no finite numbers"),
    "huge.stl": (spoilt(1e30), "beyond 1e9"),
    "all_one_point.stl": (files.binary_stl(0 * CUBE + 3.0), "all its corners in one point"),
    "on_a_line.stl": (
        files.binary_stl(CUBE * np.array([1.0, 0.0, 0.0])),
        "no triangle with an area",
    ),
    "sheet.stl": (files.binary_stl(np.concatenate([CUBE[:2], CUBE[:2, ::-1]])), "no volume"),
    "flattened.stl": (files.binary_stl(CUBE * np.array([1.0, 1.0, 0.0])), "no volume"),
    "open.stl": (files.binary_stl(CUBE[:-1]), "is open: at 3 of its edges"),
    "open_twice.stl": (files.binary_stl(CUBE[2:]), "is open: at 4 of its edges"),
    "three_at_an_edge.stl": (
        files.binary_stl(np.concatenate([CUBE, [[[0, 0, 0], [0, 0, 10], [-5, 5, 5]]]])),
        "is open",
    ),
    "one_sided.stl": (one_sided(), "one side only"),
    "through_itself.stl": (star(), "overlaps itself"),
    "text_cut_off.stl": (files.text_stl(CUBE)[:900], "no whole STL"),
    "text_no_end.stl": (files.text_stl(CUBE, end=""), "no whole STL"),
    "text_words.stl": (
        files.text_stl(CUBE).replace(b"vertex 10.0", b"vertex ten", 1),
        "a coordinate that is no number",
    ),
    "text_commas.stl": (files.text_stl(CUBE).replace(b"10.0", b"10,0"), "no number"),
    "text_nan.stl": (files.text_stl(CUBE).replace(b"10.0", b"nan", 1), "no finite numbers"),
    "text_nothing.stl": (b"solid nothing\nendsolid nothing\n", "holds no triangles"),
    "metres.stl": (files.binary_stl(1e-3 * CUBE), "is this in metres?"),
    "no_unit_fits.stl": (files.binary_stl(1e8 * CUBE), "a tablet is 1 to 50 mm long"),
    "thin.stl": (files.binary_stl(CUBE * np.array([1.0, 1.0, 1e-4])), "too thin"),
    "many_bodies.stl": (
        files.binary_stl(
            np.concatenate(
                [files.cube(0.1, (0.2 * (n % 50), 0.2 * (n // 50), 0)) for n in range(1001)]
            )
        ),
        "falls into 1001 bodies",
    ),
    "no_archive.3mf": (files.binary_stl(CUBE), "is no 3MF"),
    "archive_cut_off.3mf": (built()[:-30], "is no 3MF"),
    "bomb.3mf": (bomb, "times its size"),
    "lying_bomb.3mf": (lying_bomb, "cannot be unpacked"),
    "laughs.3mf": (laughs, "declares a document type"),
    "external.3mf": (
        lambda: dtd('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
        "declares a document type",
    ),
    "dtd.3mf": (lambda: dtd('<!DOCTYPE x SYSTEM "http://0.0.0.0/x.dtd">'), "document type"),
    "up.3mf": (lambda: named("../../evil.txt"), "leads out of the archive"),
    "up_backwards.3mf": (lambda: named("a\\..\\..\\evil.txt"), "leads out of the archive"),
    "absolute.3mf": (lambda: named("/evil.txt"), "leads out of the archive"),
    "drive.3mf": (lambda: named("C:/evil.txt"), "leads out of the archive"),
    "link.3mf": (link, "is a link"),
    "encrypted.3mf": (encrypted, "is encrypted"),
    "twice.3mf": (twice, "names one of its entries twice"),
    "many_entries.3mf": (
        lambda: files.archive([(f"a{n}", "") for n in range(2001)]),
        "holds 2001 entries",
    ),
    "no_model.3mf": (lambda: files.archive([("a.txt", "x")]), "there is no '3D/3dmodel.model'"),
    "model_elsewhere.3mf": (
        lambda: relationship("/../../etc/passwd"),
        "there is no '../../etc/passwd' in it",
    ),
    "no_xml.3mf": (lambda: files.archive("<model>"), "is no XML"),
    "odd_encoding.3mf": (
        lambda: files.archive(files.cube_model().replace("UTF-8", "EBCDIC-37")),
        "is no XML",
    ),
    "deep_xml.3mf": (lambda: files.archive("<a>" * 5000 + "</a>" * 5000), "64 deep"),
    "builds_nothing.3mf": (lambda: built(items=""), "builds nothing"),
    "no_object.3mf": (lambda: built(items='<item objectid="9"/>'), "there is no object '9'"),
    "circle.3mf": (circle, "in a circle"),
    "nested.3mf": (nested, "too deeply, or in a circle"),
    "other_files.3mf": (
        lambda: built(items='<item objectid="1" path="/3D/other.model"/>'),
        "has parts in other files",
    ),
    "odd_unit.3mf": (lambda: built(unit="parsec"), "unit 'parsec'"),
    "transform.3mf": (lambda: built(items='<item objectid="1" transform="1 2"/>'), "12 numbers"),
    "flat_transform.3mf": (
        lambda: built(items='<item objectid="1" transform="1 0 0 0 1 0 0 0 0 0 0 0"/>'),
        "makes a body flat",
    ),
    "no_vertex.3mf": (lambda: of_mesh(BOX[:-1], FACES), "a vertex that is not there"),
    "minus_vertex.3mf": (lambda: of_mesh(BOX, FACES - 1), "no number of a vertex"),
    "vertex_words.3mf": (lambda: of_mesh([["a", "b", "c"]], FACES), "'a' is no number"),
    "vertex_nan.3mf": (lambda: of_mesh(np.where(BOX > 5, np.nan, BOX), FACES), "no finite"),
    "open.3mf": (lambda: of_mesh(BOX, FACES[:-1]), "is open"),
    "nothing.3mf": (lambda: of_mesh(BOX, []), "holds no triangles"),
    "no_ply.ply": (files.binary_stl(CUBE), "is no PLY: it has no header"),
    "ply_of_gigabytes.ply": (
        files.ply(BOX, FACES, vertices=10**9),
        "says that it holds 1000000000 of element vertex",
    ),
    "ply_minus.ply": (files.ply(BOX, FACES, vertices=-5), "says that it holds -5"),
    "ply_nan.ply": (files.ply(np.where(BOX > 5, np.nan, BOX), FACES), "no finite numbers"),
    "ply_cut_off.ply": (files.ply(BOX, FACES)[:-40], "is open"),
    "ply_no_vertex.ply": (files.ply(BOX, FACES + 100), "not there"),
    "no_faces.obj": (b"v 0 0 0\nv 1 1 1\n", "holds no triangles"),
    "bytes.obj": (files.binary_stl(CUBE), "is no OBJ"),
    "no_vertex.obj": (files.obj(BOX[:-1], FACES), "OBJ"),
    "words.obj": (files.obj(BOX, FACES).replace(b"v 10.0", b"v ten", 1), "OBJ"),
}


def refusal(name, folder, **words):
    with pytest.raises(GeometryError) as caught:
        Mesh.read(name, folder, **words)
    assert str(caught.value).isprintable()
    assert len(caught.value.message) < 260
    return caught.value.message


def test_there_are_many():
    assert len(HOSTILE) >= 70


@pytest.mark.parametrize("name", HOSTILE)
def test_file_is_refused_in_one_line(name, tmp_path):
    data, words = HOSTILE[name]
    folder = tmp_path / "only"
    folder.mkdir()
    (folder / name).write_bytes(data() if callable(data) else data)
    tracemalloc.start()
    try:
        assert words in refusal(name, folder)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert sorted(path.name for path in tmp_path.rglob("*")) == sorted(["only", name])


def test_obj_reads_no_other_file(tmp_path):
    """A material library is not looked for, wherever it is said to be."""
    os.mkfifo(tmp_path / "trap.mtl")  # opening it would wait for ever
    text = b"mtllib trap.mtl\nusemtl m\n" + files.obj(BOX, FACES)
    (tmp_path / "a.obj").write_bytes(text)
    assert Mesh.read("a.obj", tmp_path).volume == pytest.approx(1e-6)


def test_what_is_no_ordinary_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.stl")
    (tmp_path / "folder.stl").mkdir()
    (tmp_path / "endless.stl").symlink_to("/dev/zero")
    (tmp_path / "circle.stl").symlink_to("circle.stl")
    assert "is no ordinary file" in refusal("pipe.stl", tmp_path)
    assert "is a folder" in refusal("folder.stl", tmp_path)
    assert "is no ordinary file" in refusal("endless.stl", tmp_path)
    assert "cannot be read" in refusal("circle.stl", tmp_path)
    assert "cannot be read: No such file" in refusal("absent.stl", tmp_path)
    assert "is no mesh by its name" in refusal("tablet.step", tmp_path)


def test_a_huge_file_is_not_read(tmp_path):
    with (tmp_path / "huge.stl").open("wb") as file:
        file.truncate(10**12)  # holes: nothing on the disk
    with pytest.raises(GeometryError, match="larger than 200 MB"):
        Mesh.read("huge.stl", tmp_path)


def test_study_names_its_own_line(tmp_path):
    (tmp_path / "open.stl").write_bytes(files.binary_stl(CUBE[:-1]))
    good = (
        '[tablet]\nshape = { kind = "mesh", file = "open.stl" }\n'
        '[formulation]\nconcentration = "100 mg/mL"\n'
        '[physics]\ndiffusion = { law = "ConstantDiffusivity", D = "1e-10 m2/s" }\n'
    )
    (tmp_path / "study.toml").write_text(good)
    with pytest.raises(InputError) as caught:
        Study.load(tmp_path / "study.toml")
    path = tmp_path / "study.toml"
    assert str(caught.value).startswith(
        f'{path}:2 tablet.shape.file = "open.stl": open.stl: is open'
    )

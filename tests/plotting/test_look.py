"""Looking at a tablet: what the eye sees, films, and files that other programs read."""

import base64
import io
import json
import struct
import zlib
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import results
import trimesh
from PIL import Image

from releasesim.plotting import Animation, cutaway_figure, field_files, gif_bytes, tablet_glb
from releasesim.plotting.camera import CUT, SURFACE, Body, Camera, look
from releasesim.plotting.section import part_colour
from releasesim.simulation import fields, simulate
from releasesim.study import Study

MM = 1e-3


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Pictures of a few pixels: what they show is tested, not how sharp they are."""
    monkeypatch.setattr("releasesim.plotting.cutaway._ROWS", 150)
    monkeypatch.setattr("releasesim.plotting.animation._ROWS", 120)


def study(shape, physics=None, **tablet):
    return Study.from_dict(
        {
            "tablet": {"shape": shape, **tablet},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": physics or {"erosion": {"law": "ConstantFront", "speed": "0.5 mm/h"}},
            "run": {"until": "4 h", "spacing": "0.25 mm"},
        }
    )


CYLINDER = {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}
FILM = {"kind": "film", "thickness": "0.1 mm", "area": "1 cm2"}
CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"},
    "formulation": {"concentration": "300 mg/mL"},
}


def block(n=80):
    """A cube of 10 mm a side in cells of 0.125 mm."""
    share = np.zeros((n + 2,) * 3, dtype=np.float32)
    share[1:-1, 1:-1, 1:-1] = 1.0
    return Body(share, np.full(3, -5.0 - 5.0 / n), np.full(3, 10.0 / n))


def seen(cut):
    camera = Camera(azimuth=-np.pi / 4, elevation=np.pi / 6)
    return look(block(), camera, (-9.0, 9.0, -9.0, 9.0), 180, cut=cut), camera


def test_camera_looks_along_its_own_axes():
    camera = Camera()
    axes = np.array([camera.right, camera.up, -camera.forward])
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    assert np.allclose(camera.project(np.array([camera.forward])), 0.0, atol=1e-12)


def test_silhouette_of_a_cube_is_its_projected_area():
    """Area of a parallel projection: sum over the faces seen of area times cosine.

    Edges of cells look rounded by a third of a cell.
    """
    view, camera = seen(cut=False)
    wanted = 100.0 * np.abs(camera.forward).sum()
    assert view.pixel.size * 0.1**2 == pytest.approx(wanted, rel=0.02)
    assert not view.sliced.any()


def test_cut_shows_two_flat_faces_of_the_missing_quarter():
    whole, cut = seen(cut=False)[0], seen(cut=True)[0]
    assert cut.sliced.any()
    assert cut.pixel.size < whole.pixel.size
    index = np.array(np.unravel_index(cut.cell[cut.sliced], block().share.shape))
    # cells just inside x = 0 or y = 0, never in the quarter x > 0, y < 0
    x, y = -5.0625 + 0.125 * index[:2]
    assert not ((x > 0.07) & (y < -0.07)).any()
    assert ((np.abs(x) < 0.2) | (np.abs(y) < 0.2)).all()
    assert (SURFACE, CUT) == (1, 2)


def test_cut_is_found_in_cells_of_any_size():
    """Of a film a hundredth as large the cut face had stripes of the surface's colour."""
    large, camera = seen(cut=True)
    body = Body(block().share, 0.01 * block().start, 0.01 * block().spacing)
    small = look(body, camera, (-0.09, 0.09, -0.09, 0.09), 180, cut=True)
    assert small.pixel.size == pytest.approx(large.pixel.size, rel=1e-3)
    assert small.sliced.sum() == pytest.approx(large.sliced.sum(), rel=1e-3)


def colours_of(png):
    with Image.open(io.BytesIO(png)) as image:
        return image.size, {c for _, c in image.convert("RGB").getcolors(1 << 20)}


@pytest.mark.parametrize("shape", [{"kind": "sphere", "diameter": "4 mm"}, FILM])
def test_picture_of_every_kind_of_body(shape):
    (width, height), colours = colours_of(cutaway_figure(study(shape).tablet, "a title"))
    assert width == 1080
    assert 500 < height < 1300
    assert len(colours) > 50


def test_regions_have_their_colours():
    png = cutaway_figure(study(CYLINDER, region=[CORE]).tablet)
    _, colours = colours_of(png)
    for part in (0, 1):  # as in the legend
        rgb = tuple(int(part_colour(part)[i : i + 2], 16) for i in (1, 3, 5))
        assert rgb in colours


def test_film_goes_from_full_to_empty():
    made = study(CYLINDER)
    curve = simulate(made).curve
    film = Animation(made.tablet, fields(made, [0.0, 3600.0, 4 * 3600.0]), curve, "title")
    pictures = list(film)
    assert len(film) == len(pictures) == 3
    assert {p.shape for p in pictures} == {(440, 1040, 3)}
    assert all(p.dtype == np.uint8 for p in pictures)
    yellow = [
        int((p[:320, :560, 0] > 150).sum() - (p[:320, :560, 2] > 150).sum()) for p in pictures
    ]
    assert yellow[0] > yellow[1] > 10 * max(yellow[2], 1)
    gif = gif_bytes(pictures)
    with Image.open(io.BytesIO(gif)) as image:
        assert image.n_frames == 3
        assert image.size == (1040, 440)
        assert image.convert("RGB").getpixel((5, 435)) == (255, 255, 255)
    assert gif == gif_bytes(pictures)


def test_glb_is_read_by_others_and_closed():
    """trimesh: one body for each part, watertight, of the volume of its cells, in metres."""
    tablet = results.printed(region=[results.CORE]).tablet
    data = tablet_glb(tablet, {"study_hash": "abc"})
    scene = trimesh.load(io.BytesIO(data), file_type="glb")
    assert set(scene.geometry) == {"tablet", "core"}
    for mesh in scene.geometry.values():
        assert mesh.is_watertight
        assert mesh.is_winding_consistent
    volume = sum(mesh.volume for mesh in scene.geometry.values())
    assert volume == pytest.approx(tablet.voxelize(1e-4).volume, rel=0.02)
    # y is up in glTF: heights from 0
    low, high = scene.bounds
    assert low[1] == pytest.approx(0.0, abs=2e-5)
    assert high[1] == pytest.approx(tablet.body.size[2], abs=2e-5)
    assert high[0] - low[0] == pytest.approx(tablet.body.size[0], abs=2e-4)
    size = struct.unpack_from("<I", data, 12)[0]
    assert json.loads(data[20 : 20 + size])["asset"]["extras"] == {"study_hash": "abc"}


def test_glb_of_a_film_has_its_true_thickness():
    scene = trimesh.load(io.BytesIO(tablet_glb(study(FILM).tablet, {})), file_type="glb")
    (mesh,) = scene.geometry.values()
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(1e-8, rel=0.03)


def values_of(array, count, kind):
    """An independent reading of VTK's inline zlib blocks."""
    text = array.text.strip()
    n = struct.unpack("<I", base64.b64decode(text[:8])[:4])[0]
    head = 4 * (3 + n)
    width = 4 * ((head + 2) // 3)
    sizes = struct.unpack(f"<{3 + n}I", base64.b64decode(text[:width])[:head])[3:]
    body, begin, out = base64.b64decode(text[width:]), 0, b""
    for size in sizes:
        out += zlib.decompress(body[begin : begin + size])
        begin += size
    assert begin == len(body)
    found = np.frombuffer(out, kind)
    assert found.size == count
    return found


def parsed(text):
    return ET.fromstring(text)  # noqa: S314  we wrote it


def test_vti_holds_every_cell():
    physics = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}}
    made = study(CYLINDER, physics, region=[CORE])
    seen_fields = fields(made, [0.0, 1800.0, 7200.0])
    film = Animation(made.tablet, seen_fields, simulate(made).curve)
    files = field_files(film, 2)
    assert list(files) == ["fields_00.vti", "fields_01.vti", "fields.pvd"]
    rows = parsed(files["fields.pvd"]).findall("Collection/DataSet")
    assert [(r.get("file"), float(r.get("timestep"))) for r in rows] == [
        ("fields_00.vti", 0.0),
        ("fields_01.vti", 7200.0),
    ]
    grid = film.stage.grid
    root = parsed(files["fields_01.vti"])
    image = root.find("ImageData")
    assert image.get("WholeExtent") == "0 {} 0 {} 0 {}".format(*grid.shape)
    assert [float(h) for h in image.get("Spacing").split()] == list(grid.spacing)
    first = [float(x) for x in image.get("Origin").split()]
    assert first == pytest.approx(np.array(grid.origin) - np.array(grid.spacing) / 2)
    arrays = {a.get("Name"): a for a in image.findall("Piece/CellData/DataArray")}
    assert {n: a.get("type") for n, a in arrays.items()} == {
        "drug_mg_per_mL": "Float32",
        "solid_share": "Float32",
        "region": "Int16",
    }
    count = int(np.prod(grid.shape))
    shown = values_of(arrays["drug_mg_per_mL"], count, "<f4")
    wanted = seen_fields[2].concentration.astype("<f4").ravel(order="F")
    assert np.array_equal(shown, wanted)
    assert np.array_equal(values_of(arrays["region"], count, "<i2"), grid.region.ravel(order="F"))
    share = values_of(arrays["solid_share"], count, "<f4").astype(float)
    assert share.sum() * grid.cell_volume == pytest.approx(made.tablet.body.volume, rel=1e-3)

"""What beads cover, against areas by hand and unions that shapely makes of single roads."""

import math

import numpy as np
import pytest
import shapely

from releasesim.errors import GeometryError
from releasesim.geometry.gcode.beads import SEAL, TOUCHING, bead_layers
from releasesim.geometry.printed import voxelize_layers

W, H = 0.4e-3, 0.2e-3
SOLID = "Solid infill"


def cover(path, part=0, layer=0):
    return bead_layers(path, [path.tools])[part][layer].bands


def voxels(path, spacing, **more):
    low, high = path.box
    parts = bead_layers(path, [path.tools])
    return voxelize_layers(parts, spacing, W, size=tuple((high - low)[:2]), **more)


def test_one_road_is_a_block(lay):
    area = cover(lay(lay.road([(0, 0), (10, 0)])))
    assert area.area == pytest.approx(10e-3 * W, rel=1e-6)
    assert area.bounds == pytest.approx((-5e-3, -W / 2, 5e-3, W / 2), abs=1e-9)


def test_box_holds_butt_ends_and_joints(lay):
    """Along x a butt end ends where the road does; a turn back reaches half a width further."""
    low, high = lay(lay.road([(0, 0), (10, 0), (2, 0.5)])).box
    assert low == pytest.approx([0.0, -W / 2, 0.0], abs=2e-6)
    assert high == pytest.approx([10e-3 + W / 2, 0.5e-3 + W / 2, H], abs=2e-6)


def test_joint_is_round(lay):
    """Two butt roads at a right angle share w2/4, and the joint fills a quarter disc."""
    area = cover(lay(lay.road([(0, 0), (10, 0), (10, 5)])))
    exact = 15e-3 * W - W**2 / 4 + math.pi / 16 * W**2
    assert area.area == pytest.approx(exact, abs=0.01 * W**2)


def test_touching_roads_round_their_inner_corners(lay):
    """Closing by a disc of radius r leaves (1 - pi/4) r2 in a right angle."""
    corner = [(0, 0), (10, 0), (10, 5)]
    loose = cover(lay(lay.road(corner))).area
    touching = cover(lay(lay.road(corner, feature=SOLID))).area
    fillet = (1 - math.pi / 4) * ((TOUCHING * W) ** 2 - SEAL**2)
    assert touching - loose == pytest.approx(fillet, abs=0.005 * W**2)


def test_loop(lay):
    """A ring of mean radius r covers 2 pi r w, and a seam in it is closed."""
    points = lay.circle(4.0)
    whole = cover(lay(lay.road(points)))
    seam = cover(lay(lay.road(points[:-5])))  # ends 0.17 mm short
    assert whole.area == pytest.approx(2 * math.pi * 4e-3 * W, rel=1e-4)
    assert seam.area == pytest.approx(whole.area, rel=1e-4)
    assert len(seam.geoms[0].interiors) == 1


@pytest.mark.parametrize(
    ("feature", "gap", "closed"),
    [
        ("Internal infill", 2e-3, True),
        ("Internal infill", 0.1, False),
        (SOLID, 0.1, True),
        (SOLID, 0.3, False),
    ],
)
def test_gaps_between_roads(lay, feature, gap, closed):
    roads = [lay.road([(0, y), (10, y)], feature=feature) for y in (0.0, 0.4 + gap)]
    found = cover(lay(*roads))
    assert len(found.geoms) == (1 if closed else 2)
    extra = gap * 1e-3 * 10e-3 if closed else 0.0
    assert found.area == pytest.approx(2 * 10e-3 * W + extra, rel=2e-3)


def test_width_that_changes_on_the_way(lay):
    first = lay.road([(0, 0), (5, 0)])
    second = [line for line in lay.road([(5, 0), (10, 0)], width=0.6) if line.startswith("G1")]
    area = cover(lay([*first, *second]))
    bow = math.pi / 2 * (W / 2) ** 2  # a half disc of the narrower road, inside the wider one
    assert area.area == pytest.approx(5e-3 * (0.4e-3 + 0.6e-3), abs=0.05 * bow)
    assert len(area.geoms) == 1


def test_layers_of_two_heights_share_their_material(lay):
    """One road through two layers, one in each: three slabs' volumes add up to what is fed."""
    path = lay(
        lay.road([(0, 0), (10, 0)], z=0.4, height=0.4),
        lay.road([(0, 2), (10, 2)], z=0.2),
        lay.road([(0, 2), (10, 2)], z=0.4),
    )
    (layers,) = bead_layers(path, [path.tools])
    assert [layer.thickness for layer in layers] == pytest.approx([H, H])
    for layer in layers:
        assert layer.deposited_volume == pytest.approx(0.5 * path.volume.sum())
        assert layer.bands.area * H == pytest.approx(0.5 * path.volume.sum(), rel=1e-5)


def test_standing_extrusion_counts_as_material(lay):
    path = lay([*lay.road([(0, 0), (10, 0)]), "G1 E0.1"])
    (layers,) = bead_layers(path, [path.tools])
    assert layers[0].deposited_volume == pytest.approx(path.volume.sum())
    assert layers[0].bands.area == pytest.approx(10e-3 * W, rel=1e-6)


def test_tools_are_parts(lay):
    path = lay(["T0", *lay.road([(0, 0), (10, 0)])], ["T1", *lay.road([(0, 2), (6, 2)])])
    first, second = bead_layers(path, [[0], [1]])
    assert first[0].bands.area == pytest.approx(10e-3 * W, rel=1e-6)
    assert second[0].bands.area == pytest.approx(6e-3 * W, rel=1e-6)
    assert first[0].key != second[0].key


def test_climbing_road_is_refused(lay):
    climb = ["G0 X0 Y0 Z.2", ";TYPE:Perimeter", ";HEIGHT:0.2", "G1 X10 Z.4 E.3"]
    path = lay(climb)
    with pytest.raises(GeometryError, match=r"roads.gcode:8 a road that climbs"):
        bead_layers(path, [path.tools])


@pytest.mark.parametrize("spacing", [1e-4, 0.5e-4])
def test_voxels_of_crossed_roads(lay, spacing):
    """Three layers of a lattice of roads at odd angles: each against the union of its roads."""
    rng = np.random.default_rng(7)
    roads, unions = [], []
    for layer in range(3):
        ends = rng.uniform(-4, 4, (12, 2, 2))
        roads += [lay.road([tuple(a), tuple(b)], z=0.2 * (layer + 1)) for a, b in ends]
        lines = shapely.linestrings(ends * 1e-3)
        unions.append(shapely.union_all(shapely.buffer(lines, W / 2, cap_style="flat")).area)
    grid = voxels(lay(*roads), spacing)
    assert grid.volume == pytest.approx(sum(unions) * H, rel=3e-3)
    levels = grid.fraction.sum(axis=(0, 1)) * grid.spacing[0] * grid.spacing[1]
    cells = round(H / grid.spacing[2])
    assert levels[1:-1:cells] == pytest.approx(unions, rel=5e-3)


def test_true_area_of_a_cylinder_of_beads(lay):
    """Rings that touch, without overlap: a cylinder of radius 4 mm, 1 mm high."""
    rings = [
        lay.road(lay.circle(0.2 + 0.4 * n), z=0.2 * (layer + 1), feature=SOLID)
        for layer in range(5)
        for n in range(10)
    ]
    path = lay(*rings)
    grid = voxels(path, 1e-4)
    volume, surface = math.pi * 16 * 1.0, math.pi * 16 * 2 + 2 * math.pi * 4 * 1.0
    assert path.volume.sum() * 1e9 == pytest.approx(volume, rel=1e-4)
    assert grid.volume * 1e9 == pytest.approx(volume, rel=1e-3)
    assert grid.wetted_area * 1e6 == pytest.approx(surface, rel=5e-3)
    assert not grid.voids.any()


@pytest.mark.parametrize("first", [0.3, 0.25, 0.271])
def test_first_layer_of_another_height(lay, first):
    """Volume and flat areas stay exact whether or not layers share a step with the cells."""
    plates = [
        lay.road([(0, y), (10, y)], z=first + 0.2 * n, height=first if n == 0 else 0.2)
        for n in range(4)
        for y in 0.4 * np.arange(10)
    ]
    grid = voxels(lay(*plates), 1e-4)
    height = first + 0.6
    # the lattice of distances cuts the four corners of the plate
    assert grid.volume * 1e9 == pytest.approx(10 * 4 * height, rel=2e-4)
    exact = 2 * (10 * 4 + 10 * height + 4 * height)
    assert grid.wetted_area * 1e6 == pytest.approx(exact, rel=2e-3)
    top = grid.surface.points(grid)[:, 2].max()
    assert top == pytest.approx(height * 1e-3, rel=1e-9)

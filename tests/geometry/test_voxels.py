"""Voxel grids against closed forms and against shapely's exact union of the printed roads.

Volumes within 0.5 % at 0.1 mm wherever the grid lies. The area of a flat face that is not aligned
with the grid is right only to a whole row of cells, so areas are judged on aligned grids, and on
bodies without flat faces anywhere.
"""

from __future__ import annotations

import itertools
import math
from functools import lru_cache

import numpy as np
import pytest
import shapely

from releasesim.errors import GeometryError
from releasesim.geometry.grid import MEDIUM, SEALED
from releasesim.geometry.infill import Infill
from releasesim.geometry.shapes import Block, Caplet, Capsule, Cylinder, Film, Ring, Sphere
from releasesim.tablet import Formulation, Layer, Region, Tablet

MM = 1e-3
SPACING = 1e-4
PLAIN = Formulation(concentration_given=100.0)
PLACEMENTS = np.random.default_rng(20).uniform(0.0, 1.0, (3, 3))


def solid(shape, **more):
    return Tablet(shape, PLAIN, **more)


def printed(shape=None, pattern="grid", density=0.3, **more):
    shape = Cylinder(10 * MM, 4 * MM) if shape is None else shape
    return Tablet(shape, PLAIN, infill=Infill(pattern, density), **more)


def volume(grid):
    return float(grid.fraction.sum()) * grid.cell_volume


def relative(found, true):
    return found / true - 1.0


# --- exact bodies ---------------------------------------------------------------------------------


def random_bodies():
    """Bodies of 2 to 9 mm of every kind, and the smallest of each."""
    draw = np.random.default_rng(7)

    def size(low, high):
        return float(draw.uniform(low, high)) * MM

    bodies = []
    for _ in range(2):
        d, w, outer = size(2, 5), size(2, 5), size(6.2, 9)
        bodies += [
            Sphere(size(2, 7)),
            Cylinder(size(2, 8), size(2, 4)),
            Block(size(2, 6), size(2, 6), size(2, 4)),
            Capsule(d + size(0, 5), d),
            Caplet(w + size(0, 5), w, size(2, 4)),
            Ring(outer, outer - size(4, 4.2), size(2, 4)),
        ]
    bodies += [Sphere(2 * MM), Cylinder(2 * MM, 2 * MM), Block(2 * MM, 2 * MM, 2 * MM)]
    bodies += [Capsule(2 * MM, 2 * MM), Caplet(2 * MM, 2 * MM, 2 * MM)]
    # a ring whose wall is only three cells thick
    return [*bodies, Ring(6 * MM, 2 * MM, 2 * MM), Ring(6 * MM, 5.4 * MM, 2 * MM)]


BODIES = {shape.describe(): shape for shape in random_bodies()}


@pytest.mark.parametrize("name", BODIES)
def test_volume_is_the_bodys_wherever_the_grid_lies(name):
    """Within 0.5 %; 0.2 % at most when written."""
    tablet = solid(BODIES[name])
    for offset in (None, *map(tuple, PLACEMENTS)):
        grid = tablet.voxelize(SPACING, offset=offset)
        assert abs(relative(volume(grid), BODIES[name].volume)) < 5e-3
        assert grid.volume == pytest.approx(BODIES[name].volume, rel=1e-12)
        assert not grid.voids.any()
        assert ((grid.fraction >= 0.0) & (grid.fraction <= 1.0)).all()


@pytest.mark.parametrize("name", BODIES)
def test_wetted_area_is_the_bodys_surface(name):
    """Within 0.5 % on aligned grids, and wherever the grid lies if no face is flat.

    Within 1 % for a round side of only 20 cells across.
    """
    shape = BODIES[name]
    bar = 1e-2 if shape.extruded and min(shape.size) < 2.5 * MM else 5e-3
    offsets = [None] if shape.extruded else [None, *map(tuple, PLACEMENTS)]
    for offset in offsets:
        grid = solid(shape).voxelize(SPACING, offset=offset)
        assert abs(relative(grid.wetted_area, shape.surface)) < bar


@pytest.mark.parametrize(
    "shape", [Cylinder(5.3 * MM, 3.1 * MM), Block(3.33 * MM, 4.1 * MM, 2.7 * MM)]
)
def test_area_of_flat_faces_is_right_on_average_over_placements(shape):
    """Each one is off by up to a row of cells; the mean of 27 placements by a third of that."""
    third = (np.arange(3) + 0.5) / 3
    grids = (
        solid(shape).voxelize(SPACING, offset=(a, b, c))
        for a in third
        for b in third
        for c in third
    )
    assert abs(relative(np.mean([g.wetted_area for g in grids]), shape.surface)) < 2e-2


@pytest.mark.parametrize(
    "size",
    [
        (2.13, 3.31, 2.57),
        (2.0, 2.6, 3.2),
        (2.0, 2.0, 2.0),
    ],
)
def test_aligned_block_is_exact(size):
    """Every cell is inside or outside, also where two faces are equally near."""
    block = Block(*(s * MM for s in size))
    grid = solid(block).voxelize(SPACING)
    assert relative(volume(grid), block.volume) == pytest.approx(0.0, abs=1e-6)
    assert relative(grid.wetted_area, block.surface) == pytest.approx(0.0, abs=1e-12)
    np.testing.assert_array_equal(grid.surface.theta.round(9), 0.5)


def test_depth_of_a_sphere_is_the_distance_to_its_surface():
    grid = solid(Sphere(4.3 * MM)).voxelize(2e-4, offset=(0.3, 0.1, 0.7))
    x, y, z = np.meshgrid(*(grid.centres(a) for a in range(3)), indexing="ij")
    exact = 2.15 * MM - np.sqrt(x**2 + y**2 + (z - 2.15 * MM) ** 2)
    np.testing.assert_allclose(grid.depth, exact, atol=1e-15)
    np.testing.assert_array_equal(grid.solid, exact > 0)


def test_surface_points_lie_on_the_surface_with_its_normal():
    grid = solid(Sphere(4.3 * MM)).voxelize(2e-4, offset=(0.3, 0.1, 0.7))
    ray = grid.surface.points(grid) - [0.0, 0.0, 2.15 * MM]
    np.testing.assert_allclose(np.linalg.norm(ray, axis=1), 2.15 * MM, rtol=1e-6)
    np.testing.assert_allclose(grid.surface.normals, ray / (2.15 * MM), atol=1e-3)
    assert ((grid.surface.theta >= 0.0) & (grid.surface.theta <= 1.0)).all()


def test_film_has_its_volume_and_two_faces():
    film = Film(0.73 * MM, 0.83e-4)
    grid = solid(film).voxelize(SPACING)
    assert volume(grid) == pytest.approx(film.volume, rel=1e-9)
    assert grid.wetted_area == pytest.approx(film.surface, rel=1e-9)


def test_grid_of_absurd_size_is_refused():
    with pytest.raises(GeometryError, match="cells"):
        solid(Cylinder(100 * MM, 100 * MM)).voxelize(1e-5)


# --- printed bodies -------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def exact_union(tablet):
    """Volume [m3] and area [m2] of sides and of flats of all roads: shapely, layer by layer."""
    known = {}
    for layer in tablet.printed[0]:
        if layer.key not in known:
            roads = [
                shapely.LineString(line).buffer(
                    tablet.road_spacing / 2, cap_style="flat", join_style="round", quad_segs=32
                )
                for line in layer.lines
            ]
            # 1 um closes the slits of roads that just touch, which no grid can see
            whole = shapely.union_all([layer.bands, *roads]).buffer(1e-6).buffer(-1e-6)
            known[layer.key] = whole
    layers = [known[layer.key] for layer in tablet.printed[0]]
    h = tablet.layer_height
    flats = layers[0].area + layers[-1].area
    flats += sum(
        a.symmetric_difference(b).area for a, b in itertools.pairwise(layers) if a is not b
    )
    return h * sum(a.area for a in layers), h * sum(a.length for a in layers), flats


@pytest.mark.parametrize("pattern", Infill.PATTERNS)
@pytest.mark.parametrize(("density", "offset"), [(0.15, (0.37, 0.81, 0.53)), (0.6, None)])
def test_printed_volume_is_the_union_of_the_roads(pattern, density, offset):
    """Within 0.5 %."""
    tablet = printed(pattern=pattern, density=density)
    grid = tablet.voxelize(SPACING, offset=offset)
    true, _, _ = exact_union(tablet)
    assert abs(relative(volume(grid), true)) < 5e-3
    assert grid.volume == pytest.approx(volume(grid), rel=1e-12)


@pytest.mark.parametrize("pattern", Infill.PATTERNS)
def test_printed_area_is_the_perimeter_of_the_roads(pattern):
    """Sides and flats within 3 % at 0.1 mm, the acute corners of roads being smaller than a cell.

    Within 6 % for honeycomb, whose double roads leave slits along the slanted walls.
    """
    bar = 6e-2 if pattern == "honeycomb" else 3e-2
    tablet = printed(pattern=pattern)
    grid = tablet.voxelize(SPACING)
    _, sides, flats = exact_union(tablet)
    area = grid.surface.area(grid.spacing)
    assert abs(relative(area[grid.surface.axis < 2].sum(), sides)) < bar
    assert abs(relative(area[grid.surface.axis == 2].sum(), flats)) < bar


@pytest.mark.parametrize(
    "shape",
    [
        Sphere(7.3 * MM),
        Capsule(12 * MM, 6.1 * MM),
        Caplet(12 * MM, 5.3 * MM, 2.2 * MM),
        Ring(10 * MM, 4 * MM, 2 * MM),
        Block(5 * MM, 7 * MM, 2 * MM),
    ],
)
def test_every_shape_is_printed_with_the_volume_of_its_roads(shape):
    tablet = printed(shape, "grid", 0.35)
    true, _, _ = exact_union(tablet)
    assert abs(relative(volume(tablet.voxelize(SPACING)), true)) < 5e-3


@pytest.mark.parametrize("spacing", [1e-4, 0.83e-4, 0.5e-4])
def test_loose_roads_end_where_they_end(spacing):
    """Three strands, each cut straight a twentieth of its width from the edge, on any grid.

    Marching squares take at most half a quarter of a cell off each corner.
    """
    width, height = 1.0, 0.8
    body = Tablet(
        Block(2.3 * MM, 5.2 * MM, height * MM),
        PLAIN,
        infill=Infill("rectilinear", 0.5, 0.0),
        walls=0,
        roofs=0,
        floors=0,
        road_width=(width + height * (1.0 - math.pi / 4.0)) * MM,
        layer_height=height * MM,
    )
    strands = 3.0 * width * height * (2.3 - 0.1 * width) * MM**3
    corners = 3.0 * 4.0 * height * MM * spacing**2 / 8.0
    missing = strands - body.voxelize(spacing).volume
    assert -1e-6 * strands < missing < 1.01 * corners


@pytest.mark.parametrize("pattern", Infill.PATTERNS)
def test_bodies_of_many_outlines_can_be_printed_with_every_pattern(pattern):
    """Sparse zones shrink to nothing towards the poles."""
    shape = Sphere(7.3 * MM)
    assert printed(shape, pattern, 0.3).voxelize(2e-4).volume > 0.2 * shape.volume


# --- voids ----------------------------------------------------------------------------------------

ENVELOPE = Cylinder(10 * MM, 4 * MM)


@pytest.mark.parametrize("pattern", Infill.PATTERNS)
@pytest.mark.parametrize("walls", [1, 2])
def test_roofs_floors_and_walls_seal_the_infill(pattern, walls):
    """The medium sees the envelope only, and what is not solid is a closed void."""
    grid = printed(pattern=pattern, walls=walls).voxelize(SPACING)
    assert grid.voids.max() > 0
    assert abs(relative(grid.wetted_area, ENVELOPE.surface)) < 1e-2
    outside = (grid.voids == 0) & ~grid.solid
    x, y = np.meshgrid(grid.centres(0), grid.centres(1), indexing="ij")
    well_inside = np.hypot(x, y) < 4.5 * MM
    in_height = (grid.centres(2) > 0) & (grid.centres(2) < 4 * MM)
    assert not outside[well_inside][:, in_height].any()


@pytest.mark.parametrize("pattern", Infill.PATTERNS)
@pytest.mark.parametrize("missing", ["roofs", "floors"])
def test_infill_without_roof_or_floor_is_open(pattern, missing):
    """The infill's own surface meets the medium; most of what was a closed void is not any more."""
    open_tablet = printed(pattern=pattern, **{missing: 0})
    grid, shut = open_tablet.voxelize(SPACING), printed(pattern=pattern).voxelize(SPACING)
    assert grid.closed_void_volume < 0.35 * shut.closed_void_volume
    assert grid.wetted_area > 1.5 * shut.wetted_area


@pytest.mark.parametrize("pattern", ["grid", "triangles", "concentric"])
def test_straight_channels_open_at_one_end_are_open_throughout(pattern):
    grid = printed(pattern=pattern, roofs=0).voxelize(SPACING)
    assert grid.voids.max() == 0
    assert (grid.surface.exposure == MEDIUM).all()


@pytest.mark.parametrize("pattern", Infill.PATTERNS)
def test_roads_that_no_wall_stops_lie_within_the_grid(pattern):
    """A road on the outline reaches half a road beyond it; the outermost cells stay empty."""
    tablet = printed(Cylinder(8.77 * MM, 2 * MM), pattern, 0.576, walls=0, roofs=0, floors=0)
    for spacing in (0.1 * MM, 0.3 * MM):
        solid = tablet.voxelize(spacing).solid
        assert solid.any()
        for axis in range(3):
            planes = np.moveaxis(solid, axis, 0)
            assert not planes[[0, -1]].any()


def test_closed_voids_are_the_holes_between_the_roads():
    """Cells within grid infill: each hole of the layer's union is a void of its own.

    The gap that is left between the ends of the roads and the wall joins the outermost ones; it is
    a tenth of a millimetre wide, so only the cells in the middle are asked for.
    """
    tablet = printed(pattern="grid", density=0.3)
    sparse = tablet.printed[0][10]
    roads = [
        shapely.LineString(line).buffer(tablet.road_spacing / 2, cap_style="flat")
        for line in sparse.lines
    ]
    holes = shapely.get_parts(shapely.Point(0, 0).buffer(3.5 * MM) - shapely.union_all(roads))
    square = max(h.area for h in holes if h.exterior.distance(shapely.Point(0, 0)) < 0.5 * MM)
    height = tablet.layer_height * (len(tablet.printed[0]) - 6)
    grid = tablet.voxelize(SPACING)
    empty = np.bincount(grid.voids.ravel(), (1.0 - grid.fraction).ravel())[1:] * grid.cell_volume
    np.testing.assert_allclose(np.sort(empty)[-4:], square * height, rtol=0.05)


def test_exposure_tells_voids_from_the_medium():
    grid = printed(pattern="honeycomb", density=0.2).voxelize(SPACING)
    surface = grid.surface
    behind = grid.voids.ravel()[surface.outside]
    np.testing.assert_array_equal(np.where(behind > 0, behind, MEDIUM), surface.exposure)
    assert set(np.unique(surface.exposure)) == set(range(int(grid.voids.max()) + 1))


def test_honeycomb_closes_cells_of_its_own():
    """A cell of the comb is two line distances across its flats and wholly walled in."""
    tablet = printed(Cylinder(14 * MM, 2 * MM), "honeycomb", 0.2)
    grid = tablet.voxelize(SPACING)
    across = 2 * tablet.infill.line_distance(road_of(tablet)) - 2 * tablet.road_spacing
    largest = np.bincount(grid.voids.ravel())[1:].max() * grid.cell_volume
    # honeycomb turns by 60 degrees from layer to layer and stays in place
    hexagon = math.sqrt(3) / 2 * across**2 * 4 * tablet.layer_height
    assert grid.voids.max() >= 7
    assert 0.5 * hexagon < largest


def road_of(tablet):
    from releasesim.geometry.roads import RoadModel

    return RoadModel(tablet.road_width, tablet.layer_height)


# --- regions and layers ---------------------------------------------------------------------------


def parts_volume(grid):
    return [float((grid.fraction * share).sum()) * grid.cell_volume for share in grid.shares]


def test_region_has_the_volume_of_its_shape_and_the_rest_is_the_tablets():
    core = Sphere(2.7 * MM)
    tablet = solid(
        Cylinder(7 * MM, 4 * MM),
        regions=(Region("core", core, at=(0.7 * MM, -0.4 * MM, 0.6 * MM)),),
    )
    for offset in (None, (0.2, 0.7, 0.4)):
        own, inside = parts_volume(tablet.voxelize(SPACING, offset=offset))
        assert abs(relative(inside, core.volume)) < 5e-3
        assert abs(relative(own, tablet.shape.volume - core.volume)) < 5e-3


def test_last_region_wins():
    outer, inner = Cylinder(5 * MM, 2 * MM), Cylinder(3 * MM, 1 * MM)
    for regions in (
        (Region("outer", outer), Region("inner", inner)),
        (Region("inner", inner), Region("outer", outer)),
    ):
        tablet = solid(Cylinder(8 * MM, 4 * MM), regions=regions)
        volumes = dict(
            zip(
                ("", *(r.name for r in regions)),
                parts_volume(tablet.voxelize(SPACING)),
                strict=True,
            )
        )
        swallowed = regions[-1].name == "outer"
        assert (
            abs(relative(volumes["outer"], outer.volume - (0 if swallowed else inner.volume)))
            < 5e-3
        )
        assert volumes["inner"] == pytest.approx(
            0 if swallowed else inner.volume, rel=5e-3, abs=1e-15
        )


@pytest.mark.parametrize("infill", [None, Infill("rectilinear", 1.0)])
def test_layers_stack_to_their_thicknesses(infill):
    layers = (Layer("fast", 1.2 * MM), Layer("slow", 2.0 * MM), Layer("last", 0.4 * MM))
    tablet = Tablet(Cylinder(6 * MM, 9 * MM), PLAIN, infill=infill, layers=layers)
    grid = tablet.voxelize(SPACING)
    own, *volumes = parts_volume(grid)
    # roads cover their spacing, so a print is narrower than drawn by what their sides bulge
    bulge = 0.0 if infill is None else tablet.road_width - tablet.road_spacing
    area = math.pi / 4 * (6 * MM - bulge) ** 2
    assert own == pytest.approx(0.0, abs=1e-3 * volumes[-1])
    np.testing.assert_allclose(volumes, [area * layer.thickness for layer in layers], rtol=5e-3)


@pytest.mark.parametrize("infill", [None, Infill("grid", 0.4)])
def test_shares_of_every_cell_sum_to_one(infill):
    own = None if infill is None else Infill("rectilinear", 1.0)
    region = Region("core", Cylinder(4 * MM, 2 * MM), infill=own)
    tablet = Tablet(Cylinder(8 * MM, 4 * MM), PLAIN, infill=infill, regions=(region,))
    grid = tablet.voxelize(SPACING)
    total = np.sum(grid.shares, axis=0)
    np.testing.assert_allclose(total[grid.fraction > 0], 1.0, atol=1e-9)
    assert set(np.unique(grid.region[grid.solid])) == {0, 1}
    assert tablet.deposited_volume == pytest.approx(sum(tablet.part_volumes))


# --- sealed faces, oversize, porosity, mass -------------------------------------------------------

BOX = Block(5.13 * MM, 4.41 * MM, 3.57 * MM)
FACES = {
    "x-": 4.41 * 3.57,
    "x+": 4.41 * 3.57,
    "y-": 5.13 * 3.57,
    "y+": 5.13 * 3.57,
    "z-": 5.13 * 4.41,
    "z+": 5.13 * 4.41,
    "top": 5.13 * 4.41,
    "bottom": 5.13 * 4.41,
    "side": 2 * (5.13 + 4.41) * 3.57,
}


@pytest.mark.parametrize("face", FACES)
def test_sealed_face_of_a_block_takes_its_area_from_the_medium(face):
    grid = solid(BOX, sealed=(face,)).voxelize(SPACING)
    shut = grid.surface.exposure == SEALED
    assert grid.surface.area(grid.spacing)[shut].sum() == pytest.approx(
        FACES[face] * MM**2, rel=1e-9
    )
    assert grid.wetted_area == pytest.approx(BOX.surface - FACES[face] * MM**2, rel=1e-9)


@pytest.mark.parametrize(
    ("face", "area"),
    [
        ("inner", math.pi * 4.1 * 3.3),
        ("side", math.pi * 8.7 * 3.3),
        ("top", math.pi / 4 * (8.7**2 - 4.1**2)),
        ("bottom", math.pi / 4 * (8.7**2 - 4.1**2)),
    ],
)
def test_sealed_face_of_a_ring(face, area):
    ring = Ring(8.7 * MM, 4.1 * MM, 3.3 * MM)
    grid = solid(ring, sealed=(face,)).voxelize(SPACING)
    assert grid.wetted_area == pytest.approx(ring.surface - area * MM**2, rel=5e-3)


@pytest.mark.parametrize(
    ("face", "area"),
    [("top", math.pi / 4 * 100), ("bottom", math.pi / 4 * 100), ("side", math.pi * 10 * 4)],
)
def test_sealed_face_of_a_print(face, area):
    grid = printed(sealed=(face,)).voxelize(SPACING)
    assert grid.wetted_area == pytest.approx(ENVELOPE.surface - area * MM**2, rel=2e-2)
    # what is sealed is a face of the body, never a wall of a void within
    shut = grid.surface.exposure == SEALED
    assert (grid.voids.ravel()[grid.surface.outside[shut]] == 0).all()


def test_all_faces_sealed_leave_nothing_to_the_medium():
    for tablet in (
        solid(ENVELOPE, sealed=("top", "bottom", "side")),
        printed(sealed=("top", "bottom", "side")),
    ):
        assert tablet.voxelize(2e-4).wetted_area == 0.0


@pytest.mark.parametrize("infill", [None, Infill("grid", 0.3)])
def test_oversize_scales_every_length(infill):
    plain = Tablet(ENVELOPE, PLAIN, infill=infill)
    grown = Tablet(ENVELOPE, PLAIN, infill=infill, oversize=0.03)
    a, b = plain.voxelize(SPACING), grown.voxelize(SPACING * 1.03)
    assert a.shape == b.shape
    assert volume(b) == pytest.approx(1.03**3 * volume(a), rel=1e-6)
    assert b.wetted_area == pytest.approx(1.03**2 * a.wetted_area, rel=1e-6)
    assert grown.dose() == pytest.approx(1.03**3 * plain.dose(), rel=1e-9)


@pytest.mark.parametrize("infill", [None, Infill("grid", 0.3)])
def test_pores_take_drug_but_leave_the_outline(infill):
    plain = Tablet(ENVELOPE, PLAIN, infill=infill)
    porous = Tablet(ENVELOPE, PLAIN, infill=infill, porosity=0.2)
    assert volume(porous.voxelize(2e-4)) == volume(plain.voxelize(2e-4))
    assert porous.dose() == pytest.approx(0.8 * plain.dose(), rel=1e-12)


def test_measured_mass_rescales_the_drug():
    dense = Formulation(concentration_given=100.0, density_given=1200.0)
    plain = Tablet(ENVELOPE, dense, infill=Infill("grid", 0.3), porosity=0.1)
    assert plain.total_mass() == pytest.approx(0.9 * 1200.0 * plain.deposited_volume)
    weighed = plain.replace(mass=1.1 * plain.total_mass())
    assert weighed.dose() == pytest.approx(1.1 * plain.dose(), rel=1e-12)
    assert weighed.total_mass() == weighed.mass

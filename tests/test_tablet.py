"""The tablet: what it holds, and what it refuses to be."""

import math

import numpy as np
import pytest

from releasesim.cards import Drug, Polymer
from releasesim.errors import GeometryError, InputError
from releasesim.geometry.infill import Infill
from releasesim.geometry.shapes import Cylinder, Film, Sphere
from releasesim.tablet import Formulation, Layer, Region, Tablet

MM = 1e-3


def at(concentration):
    return Formulation(concentration_given=concentration)


def test_loading_is_the_inverse_of_concentration():
    drug, polymer = Drug.load("theophylline"), Polymer.load("pva")
    made = Formulation(drug, polymer, 0.23)
    assert made.loading_for(made.concentration) == pytest.approx(0.23, rel=1e-12)
    with pytest.raises(InputError, match="theophylline"):
        made.loading_for(2000.0)


def test_density_is_that_of_the_parts():
    drug, polymer = Drug.load("theophylline"), Polymer.load("pva")
    share = 0.3 / drug.density + 0.7 / polymer.density
    assert Formulation(drug, polymer, 0.3).density == pytest.approx(1 / share)


@pytest.mark.parametrize("shape", [Cylinder(10 * MM, 1 * MM), Film(1 * MM, 1e-4)])
def test_thin_layers_hold_what_they_should(shape):
    layers = (
        Layer("a", 1.99 * MM, formulation=at(1.0)),
        Layer("b", 0.02 * MM, formulation=at(9.0)),
    )
    tablet = Tablet(shape, at(50.0), layers=layers)
    area = shape.volume / shape.size[2]
    assert tablet.part_volumes == pytest.approx((0.0, area * 1.99 * MM, area * 0.02 * MM))
    assert tablet.dose() == pytest.approx(area * (1.99 * MM + 9 * 0.02 * MM))


def test_thin_coat_is_the_difference_of_two_bodies():
    core = Region("core", Sphere(5.9 * MM), formulation=at(100.0))
    coat, inner = Tablet(Sphere(6 * MM), at(0.0), regions=(core,)).part_volumes
    assert inner == pytest.approx(math.pi / 6 * (5.9 * MM) ** 3, rel=1e-9)
    assert coat == pytest.approx(math.pi / 6 * ((6 * MM) ** 3 - (5.9 * MM) ** 3), rel=1e-9)


def test_measured_mass_rescales_the_drug():
    made = Formulation(Drug.load("theophylline"), Polymer.load("pva"), 0.2)
    nominal = Tablet(Cylinder(8 * MM, 4 * MM), made)
    heavier = nominal.replace(mass=1.1 * nominal.total_mass())
    assert heavier.dose() == pytest.approx(1.1 * nominal.dose())


def test_same_print_of_another_material_is_sliced_once():
    tablet = Tablet(Cylinder(8 * MM, 4 * MM), at(1.0), Infill("grid", 0.3))
    printed = tablet.printed
    other = tablet.with_formulation(at(2.0))
    assert other.printed is printed
    assert other.dose() == pytest.approx(2 * tablet.dose())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"walls": 12}, "thicker"),
        ({"walls": -1}, "walls"),
        ({"layer_height": 0.3 * MM, "road_width": 0.1 * MM}, "road_width"),
        ({"layer_height": 9 * MM, "road_width": 10 * MM}, "layer_height"),
        ({"porosity": 1.0}, "porosity"),
        ({"oversize": 2.0}, "oversize"),
        ({"mass": -1e-4}, "mass"),
        ({"sealed": ("inner",)}, "inner"),
        ({"regions": (Region("a", Sphere(1e-3)), Region("a", Sphere(1e-3)))}, "same name"),
    ],
)
def test_impossible_tablets_are_refused(changes, words):
    tablet = Tablet(Cylinder(8 * MM, 4 * MM), at(1.0), Infill("grid", 0.3), walls=0)
    with pytest.raises((GeometryError, InputError), match=words):
        tablet.replace(**changes)


def test_sealed_side_of_an_open_grid_leaves_the_channels_wet():
    tablet = Tablet(
        Cylinder(9 * MM, 4 * MM), at(1.0), Infill("grid", 0.3), roofs=0, floors=0, sealed=("side",)
    )
    grid = tablet.voxelize(0.1 * MM)
    place = grid.surface.points(grid)
    radius = np.hypot(place[:, 0], place[:, 1])
    inner = (grid.surface.axis != 2) & (radius < 3.6 * MM)
    assert (grid.surface.exposure[inner] != -1).all()
    outer = (grid.surface.axis != 2) & (radius > 4.4 * MM)
    assert (grid.surface.exposure[outer] == -1).all()


def polypill(**more):
    drugs = Drug.load("theophylline"), Drug.load("caffeine")
    return Formulation(
        drugs[0], Polymer.load("pva"), 0.1, further_drugs=((drugs[1], 0.05),), **more
    )


def test_one_drug_leaves_the_others_as_mass():
    whole = polypill(assay=0.98)
    held = [whole.for_drug(name, Drug.load(name)) for name in whole.drugs]
    assert [one.density for one in held] == pytest.approx([whole.density] * 2, rel=1e-14)
    assert [one.polymer_fraction for one in held] == pytest.approx([0.85, 0.85], rel=1e-14)
    assert [one.loading for one in held] == pytest.approx([0.15, 0.15], rel=1e-14)
    assert held[1].concentration == pytest.approx(0.98 * 0.05 * whole.density, rel=1e-14)
    assert whole.concentration == pytest.approx(sum(one.concentration for one in held), rel=1e-14)
    assert "5.000% caffeine + 10.000% theophylline + pva" in held[1].describe()


def test_measured_mass_is_that_of_all_drugs():
    core = Region("core", Sphere(4 * MM), formulation=at(100.0))
    nominal = Tablet(Cylinder(8 * MM, 5 * MM), polypill())
    heavier = nominal.replace(mass=1.1 * nominal.total_mass())
    for name, dose in nominal.doses.items():
        assert heavier.for_drug(name).material_scale == pytest.approx(1.1)
        assert heavier.doses[name] == pytest.approx(1.1 * dose)
    assert nominal.replace(regions=(core,)).drugs == ("theophylline", "caffeine", "drug")


def test_no_drug_is_named_twice():
    drug = Drug.load("caffeine")
    with pytest.raises(InputError, match="caffeine is named twice"):
        Formulation(drug, Polymer.load("pva"), 0.1, further_drugs=((drug, 0.1),))


def test_a_tablet_says_what_each_part_is_made_of():
    made = Formulation(Drug.load("theophylline"), Polymer.load("pva"), 0.2)
    infill = Infill("grid", 0.5)
    body = Cylinder(8 * MM, 4 * MM)
    plain = Tablet(body, made, infill, walls=1, roofs=0, floors=2)
    assert plain.describe().endswith(
        "50 % grid infill, 1 wall, 0 roofs, 2 floors; 20.000% theophylline + pva"
    )
    layers = (Layer("fast", 2 * MM, formulation=polypill()), Layer("slow", 2 * MM))
    words = Tablet(body, made, infill, layers=layers).describe()
    assert "; fast: 10.000% theophylline + 5.000% caffeine + pva; slow: 20.000%" in words
    assert "%" not in words.partition("; fast")[0]

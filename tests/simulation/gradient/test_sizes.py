"""Gradients of linear diffusion and of plain fronts by sizes."""

from __future__ import annotations

import pytest
from gradients import (
    BATH,
    BLOCK,
    CAPLET,
    CYLINDER,
    FILM,
    FILM_SHEET,
    FRONT,
    PRINTED,
    SLOW,
    SPHERE,
    D,
    differences,
    study,
    weights_of,
)

from releasesim.simulation import simulate
from releasesim.simulation.gradient import gradient

pytestmark = pytest.mark.usefixtures("exact_in_time")

SIZES = {
    "cylinder": (
        CYLINDER,
        {**D, **FILM},
        {},
        {"shape.diameter": "adjoint", "shape.height": "adjoint"},
    ),
    "cylinder, bath": (CYLINDER, D, BATH, {"shape.diameter": "adjoint", "shape.height": "adjoint"}),
    "sphere": (SPHERE, D, {}, {"shape.diameter": "adjoint"}),
    "caplet": (CAPLET, D, BATH, {"shape.length": "adjoint", "shape.width": "adjoint"}),
    "block": (BLOCK, D, {}, {"shape.length": "adjoint", "shape.height": "adjoint"}),
    "film": (FILM_SHEET, D, {}, {"shape.thickness": "adjoint"}),
    "solid front": (CYLINDER, FRONT, {}, {"shape.diameter": "difference"}),
}


@pytest.mark.parametrize("case", SIZES)
def test_sizes_to_1e_3(case):
    tablet, physics, tables, names = SIZES[case]
    given = study(tablet, physics, **tables)
    weights = weights_of(given)
    found = gradient(given, list(names), weights=weights)
    assert found.methods == names
    for name in names:
        wanted = differences(given, name, weights, step=1e-3)
        assert found[name] == pytest.approx(wanted, rel=1e-3), name


@pytest.mark.parametrize("name", ["infill.density", "road_width", "oversize"])
def test_printed_sizes_while_cells_stay(name):
    """At 33 %: at 30 % the cut ends of the roads have a kink just there."""
    infill = {"pattern": "rectilinear", "density": "33 %"}
    given = study({**PRINTED, "infill": infill, "oversize": "1 %"}, {**SLOW, **FILM})
    weights = weights_of(given)
    found = gradient(given, [name], weights=weights)
    assert found.methods[name] == "adjoint"
    assert found[name] == pytest.approx(differences(given, name, weights, step=5e-4), rel=2e-3)


@pytest.mark.parametrize("name", ["road_width", "infill.density"])
def test_printed_sizes_where_cells_come_and_go(name):
    """A gyroid crosses the grid everywhere: a mean over a step, and it is said."""
    gyroid = {**CYLINDER, "infill": {"pattern": "gyroid", "density": "20 %"}}
    given = study(gyroid, {**SLOW, **FILM})
    weights = weights_of(given)
    found = gradient(given, [name], weights=weights)
    assert found.methods[name] == "difference"
    assert "come and go" in found.notices[0]
    value = float(given.get(name))
    low, high = (simulate(given.replace(name, value * s)).curve.fraction for s in (0.98, 1.02))
    assert found[name] == pytest.approx(weights @ (high - low) / (0.04 * value), rel=1e-9)


def test_cells_stay_where_a_length_is_a_whole_number_of_them():
    """8 mm in cells of 0.2 mm: a little more would take two cells more."""
    round_numbers = {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "4 mm"}}
    given = study(
        round_numbers, D, run={"until": "10 h", "spacing": "0.2 mm", "samples": 21}, **BATH
    )
    weights = weights_of(given)
    found = gradient(given, ["shape.diameter", "shape.height"], weights=weights)
    assert set(found.methods.values()) == {"adjoint"}
    wider = given.replace("run.spacing", 0.2005e-3)  # the same cells, with room on either side
    for name in found.methods:
        wanted = differences(wider, name, weights, step=1e-3)
        assert found[name] == pytest.approx(wanted, rel=1e-3), name


def test_roads_that_come_or_go_are_said():
    """4.1 mm are 20.5 layers of 0.2 mm: the number of layers jumps there."""
    given = study(PRINTED, SLOW)
    found = gradient(given, ["layer_height"], weights=weights_of(given))
    assert found.methods["layer_height"] == "difference"
    assert "roads come or go" in " ".join(found.notices)
    assert "roads come or go" in repr(found)


def test_bound_is_approached_from_within():
    given = study({**CYLINDER, "porosity": 0.0}, D, **BATH)
    found = gradient(given, ["porosity"], weights=weights_of(given))
    assert found["porosity"] == pytest.approx(0.0, abs=1e-6)

"""Gradients of linear diffusion and of plain fronts by numbers of their laws."""

from __future__ import annotations

import pytest
from gradients import (
    BATH,
    BLOCK,
    CAPSULE,
    CORE,
    CYLINDER,
    FILM,
    FILM_SHEET,
    FRONT,
    GROWING,
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

# tablet, physics, further tables; names with how they are found
LINEAR = {
    "cylinder, sink": (CYLINDER, D, {}, {"diffusion.D": "clock"}),
    "cylinder, bath": (
        CYLINDER,
        D,
        BATH,
        {"diffusion.D": "clock", "medium.volume": "adjoint", "medium.partition": "adjoint"},
    ),
    "cylinder, film": (
        CYLINDER,
        {**D, **FILM},
        {},
        {"diffusion.D": "adjoint", "film.k": "adjoint"},
    ),
    "capsule, film and bath": (
        CAPSULE,
        {**D, **FILM},
        BATH,
        {"diffusion.D": "adjoint", "film.k": "adjoint", "medium.partition": "adjoint"},
    ),
    "block, one face sealed": (BLOCK, {**D, **FILM}, {}, {"film.k": "adjoint"}),
    "film": (FILM_SHEET, {**D, **FILM}, {}, {"diffusion.D": "adjoint", "film.k": "adjoint"}),
    "growing diffusivity": (
        SPHERE,
        GROWING,
        {},
        {"diffusion.D0": "clock", "diffusion.rate": "clock"},
    ),
    "core": (
        {**CYLINDER, "region": [CORE]},
        {**D, **FILM},
        {},
        {"diffusion.D": "adjoint", "region.core.diffusion.D": "adjoint", "film.k": "adjoint"},
    ),
    "printed, film": (
        PRINTED,
        {**SLOW, **FILM},
        {},
        {"diffusion.D": "adjoint", "film.k": "adjoint"},
    ),
    "solid front": (CYLINDER, FRONT, {}, {"erosion.speed": "clock"}),
}


@pytest.mark.parametrize("case", LINEAR)
def test_physics_to_1e_5(case):
    tablet, physics, tables, names = LINEAR[case]
    given = study(tablet, physics, **tables)
    weights = weights_of(given)
    found = gradient(given, list(names), weights=weights)
    assert found.methods == names
    assert found.value == pytest.approx(weights @ simulate(given).curve.fraction, abs=1e-6)
    for name in names:
        assert found[name] == pytest.approx(differences(given, name, weights), rel=1e-5), name


def test_printed_front_speed():
    """Second differences of piecewise quadratics: the differences are no better than 1e-4."""
    # at 30 % a curve has a step of 1e-5 just at this speed, where no difference is a derivative
    given = study({**CYLINDER, "infill": {"pattern": "rectilinear", "density": "33 %"}}, FRONT)
    weights = weights_of(given)
    found = gradient(given, ["erosion.speed"], weights=weights)
    assert found.methods["erosion.speed"] == "clock"
    assert found.solves == 1
    wanted = differences(given, "erosion.speed", weights, step=1e-4)
    assert found["erosion.speed"] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    "name", ["formulation.drug_loading", "region.core.formulation.drug_loading"]
)
def test_loading(name):
    """With a core of another loading; a loading that is the same everywhere moves nothing."""
    parts = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
    core = {**CORE, "formulation": {**parts, "drug_loading": "30 %"}}
    given = study({**CYLINDER, "region": [core]}, D, formulation=parts)
    weights = weights_of(given)
    found = gradient(given, [name], weights=weights)
    assert found[name] == pytest.approx(differences(given, name, weights), rel=1e-4)
    alone = gradient(study(CYLINDER, D, formulation=parts), [parts_name(name)], weights=weights)
    assert alone[parts_name(name)] == pytest.approx(0.0, abs=1e-8)


def parts_name(name):
    return name.removeprefix("region.core.")


def test_loading_sets_the_pace_of_erosion_by_mass():
    parts = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
    given = study(
        CYLINDER, {"erosion": {"law": "MassErosion", "k0": "1e-5 kg/m2/s"}}, formulation=parts
    )
    weights = weights_of(given)
    names = ["formulation.drug_loading", "erosion.k0"]
    found = gradient(given, names, weights=weights)
    assert set(found.methods.values()) == {"clock"}
    for name in names:
        assert found[name] == pytest.approx(differences(given, name, weights), rel=1e-5), name


def test_fronts_of_two_speeds_are_differenced():
    core = {**CORE, "physics": {"erosion": {"law": "ConstantFront", "speed": "0.5 mm/h"}}}
    given = study({**CYLINDER, "region": [core]}, FRONT)
    weights = weights_of(given)
    found = gradient(given, ["erosion.speed"], weights=weights)
    assert found.methods["erosion.speed"] == "difference"
    wanted = differences(given, "erosion.speed", weights, step=1e-3)
    assert found["erosion.speed"] == pytest.approx(wanted, rel=1e-3)


def test_cost_of_physics_is_a_few_solves():
    """Products with the operator, two runs for the fields against one for the curve."""
    given = study(PRINTED, {**SLOW, **FILM})
    found = gradient(given, ["diffusion.D", "film.k"], weights=weights_of(given))
    assert found.solves == 0
    assert found.products <= 6 * simulate(given).steps

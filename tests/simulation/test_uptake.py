"""Stages in one sweep against the rates that know every law."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.simulation.coupled import course, vessel
from releasesim.simulation.coupled.solve import course_of, solve_coupled
from releasesim.simulation.coupled.stiffness import fastest
from releasesim.simulation.coupled.uptake import Uptake, only_takes_up
from releasesim.study import Study

WATER = {
    "hydration": {"law": "FujitaHydration", "D": "2e-10 m2/s", "beta": 2.5},
    "diffusion": {"law": "Fujita1961", "D_gel": "1e-10 m2/s", "beta": 2.0, "w_gel": 1.0},
}
FILM = {"film": {"law": "FilmTransfer", "k": "2e-6 m/s"}}
CASES = {
    "revolved": {},
    "film": {"physics": {**WATER, **FILM}},
    "bath": {"medium": {"volume": "2 mL"}, "physics": {**WATER, **FILM}},
    "voxels": {"infill": {"pattern": "rectilinear", "density": "40 %"}},
}


def study(infill=None, **tables):
    tablet = {"shape": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"}}
    return Study.from_dict(
        {
            "tablet": tablet if infill is None else {**tablet, "infill": infill},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": WATER,
            "run": {"until": "2 h", "samples": 9},
            **tables,
        }
    )


@pytest.fixture(params=CASES)
def begun(request):
    """A course some minutes after its start."""
    made = course_of(study(**CASES[request.param]), 4e-4).course
    made.run(np.array([0.0, 300.0]), 1e-3)
    return made


def test_rates_and_their_bound_are_those_of_the_model(begun):
    """Water a little beyond its ends too, as stages may have it."""
    model, y = begun.model, begun.y.copy()
    assert only_takes_up(model)
    draw = np.random.default_rng(1)
    y[: 2 * model.n] *= draw.uniform(0.9, 1.1, 2 * model.n)
    expected, found = model.rates(begun.t, y), Uptake(model)
    rates = found.rates(y)
    for part in (slice(0, model.n), slice(model.n, 2 * model.n), slice(2 * model.n, None)):
        scale = np.abs(expected[part]).max()
        np.testing.assert_allclose(rates[part], expected[part], atol=1e-12 * scale)
    assert found.fastest() == pytest.approx(fastest(model, begun.t, y), rel=1e-12)


def test_the_curve_is_the_same_without(monkeypatch):
    """Method and all: only rounding differs."""
    case = study(**CASES["bath"])
    quick = solve_coupled(case, 4e-4, 1e-3)
    monkeypatch.setattr(vessel, "only_takes_up", lambda model: False)
    monkeypatch.setattr(course, "implicit_pays", lambda *_, **__: False)
    plain = solve_coupled(case, 4e-4, 1e-3)
    assert quick.steps == plain.steps
    np.testing.assert_allclose(quick.fraction, plain.fraction, atol=1e-9)
    assert quick.ledger_error < 1e-12


@pytest.mark.parametrize(
    "physics",
    [
        {**WATER, "swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 3}},
        {**WATER, "erosion": {"law": "ConstantFront", "speed": "1e-9 m/s"}},
        {**WATER, "diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
        {**WATER, "hydration": {"law": "CaseII", "speed": "1e-7 m/s"}},
    ],
)
def test_other_laws_are_left_to_the_model(physics):
    made = course_of(study(physics=physics), 4e-4).course
    made.run(np.array([0.0, 60.0]), 1e-3)
    assert made.uptake is None

"""The coupled engine: exact answers, conservation, and one law against another."""

import dataclasses

import numpy as np
import pytest

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.diffusion import extrapolate
from releasesim.study import Study

FILM = {"kind": "film", "thickness": "1 mm", "area": "100 mm2"}
CONSTANT = {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}
FRONT = {"law": "ConstantFront", "speed": "0.1 mm/h"}


def study(physics, shape=FILM, until="12 h", tablet=None, **tables):
    tables.setdefault("run", {"until": until, "samples": 25})
    return Study.from_dict(
        {
            "tablet": {"shape": shape, **(tablet or {})},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": physics,
            **tables,
        }
    )


@pytest.mark.parametrize(
    "shape",
    [
        {"kind": "sphere", "diameter": "3 mm"},
        {"kind": "cylinder", "diameter": "3 mm", "height": "2 mm"},
        {"kind": "ring", "outer_diameter": "4 mm", "inner_diameter": "1.5 mm", "height": "2 mm"},
    ],
    ids=lambda shape: shape["kind"],
)
def test_coupled_and_linear_engines_agree(shape):
    """Two engines, two grids: one in the dimensions of the body, the other by Krylov spaces."""
    linear = study({"diffusion": CONSTANT, "film": {"law": "FilmTransfer", "k": "1e-7 m/s"}}, shape)
    coarse, fine = (solve_coupled(linear, spacing, 1e-4) for spacing in (2e-4, 1e-4))
    found = extrapolate(fine.fraction, coarse.fraction)
    true = simulate(linear).curve.fraction
    assert np.abs(found - true)[true > 0.1].max() < 1e-3
    assert fine.ledger_error < 1e-10


def test_half_space_recedes_and_diffuses():
    """PHYSICS 7 [C]: 1.72014111 c0 at B = D = t = 1."""
    thick = {"kind": "film", "thickness": "2.4 mm", "area": "1 cm2"}
    front = {"law": "ConstantFront", "speed": "1e-7 m/s"}
    receding = study({"diffusion": CONSTANT, "erosion": front}, thick, run={"times": ["1000 s"]})
    found = solve_coupled(receding, 5e-5, 1e-4).fraction[-1] * 12.0
    assert found == pytest.approx(1.72014111, rel=1e-4)


@pytest.mark.parametrize("walls", [0, 2])
def test_slow_diffusion_ends_in_pure_erosion(walls):
    """Printed, with open or closed voids: the front alone, by another engine."""
    printed = {
        "infill": {"pattern": "grid", "density": "25 %"},
        "walls": walls,
        "roofs": walls,
        "floors": walls,
    }
    shape = {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"}
    still = {"law": "ConstantDiffusivity", "D": "1e-18 m2/s"}
    run = {"until": "6 h", "samples": 25, "spacing": "0.15 mm"}
    both = study({"diffusion": still, "erosion": FRONT}, shape, tablet=printed, run=run)
    alone = study({"erosion": FRONT}, shape, tablet=printed, run=run)
    first, second = simulate(both), simulate(alone)
    assert first.method != second.method
    gap = np.abs(first.curve.fraction - second.curve.fraction)[second.curve.fraction > 0.1]
    # two cells to a road: both know how far they may be off
    assert gap.max() < first.error_estimate + second.error_estimate
    assert first.ledger_error < 1e-10
    assert len(first.flooded) == 0 if walls == 0 else first.flooded[0] < np.inf


def test_speed_that_changes_at_an_event_is_a_change_of_clock():
    event = {"at": "1 h", "set": {"erosion.speed": "0.2 mm/h"}}
    sphere = {"kind": "sphere", "diameter": "2 mm"}
    medium = {"name": "hcl_0_1n", "event": [event]}
    curve = simulate(study({"erosion": FRONT}, sphere, "4 h", medium=medium)).curve
    depth = np.where(curve.time < 3600, curve.time, 2.0 * curve.time - 3600) * 1e-4 / 3600
    exact = 1.0 - np.maximum(1.0 - depth / 1e-3, 0.0) ** 3
    assert np.abs(curve.fraction - exact).max() < 1e-3


def test_front_that_stops_goes_on_from_where_it_stood():
    events = [
        {"at": "1 h", "set": {"erosion.speed": "1e-12 mm/h"}},
        {"at": "3 h", "set": {"erosion.speed": "0.1 mm/h"}},
    ]
    medium = {"name": "hcl_0_1n", "event": events}
    curve = simulate(study({"erosion": FRONT}, until="6 h", medium=medium)).curve
    clock = np.where(curve.time < 3 * 3600, np.minimum(curve.time, 3600), curve.time - 7200)
    np.testing.assert_allclose(curve.fraction, 0.2 * clock / 3600, atol=1e-3)


def test_delay_of_wetting_shifts_what_leaves_by_the_channels():
    printed = {
        "infill": {"pattern": "grid", "density": "30 %"},
        "walls": 0,
        "roofs": 0,
        "floors": 0,
    }
    shape = {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"}
    run = {"until": "4 h", "samples": 25, "spacing": "0.15 mm"}
    curves = [
        simulate(study({"diffusion": CONSTANT, "channels": law}, shape, tablet=printed, run=run))
        for law in (
            {"law": "WettedChannels", "delay": "1 s"},
            {"law": "WettedChannels", "delay": "30 min"},
        )
    ]
    at_once, late = (release.curve for release in curves)
    assert late.fraction[-1] == pytest.approx(at_once.fraction[-1], abs=0.01)
    assert late.at([1700.0])[0] < 0.5 * at_once.at([1700.0])[0]


def test_stagnant_channels_slow_release_down():
    printed = {
        "infill": {"pattern": "grid", "density": "30 %"},
        "walls": 0,
        "roofs": 0,
        "floors": 0,
    }
    shape = {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"}
    run = {"until": "4 h", "samples": 25, "spacing": "0.15 mm"}
    slow, fast = (
        simulate(
            study(
                {"diffusion": CONSTANT, "channels": {"law": "StagnantChannels", "D": f"{D} m2/s"}},
                shape,
                tablet=printed,
                run=run,
            )
        )
        for D in (1e-10, 1e-9)
    )
    assert (slow.curve.fraction <= fast.curve.fraction + 1e-6).all()
    assert slow.curve.fraction[-1] < fast.curve.fraction[-1] - 0.05
    assert max(slow.ledger_error, fast.ledger_error) < 1e-10


@pytest.mark.parametrize("replaced", [True, False])
def test_sampling_takes_drug_and_counts_it(replaced):
    """A bath that all drug has reached: samples change what is in it, not what was released."""
    quick = {"law": "ConstantDiffusivity", "D": "1e-9 m2/s"}
    sampling = {"every": "6 h", "volume": "1 mL", "replaced": replaced}
    bath = {"volume": "50 mL", "sampling": sampling}
    release = simulate(
        study({"diffusion": quick}, medium=bath, run={"until": "2 d", "samples": 20})
    )
    assert release.curve.fraction[-1] > 0.997
    assert release.ledger_error < 1e-10


def test_samples_that_empty_the_bath_are_refused():
    sampling = {"every": "1 h", "volume": "1 mL", "replaced": False}
    bath = {"volume": "5 mL", "sampling": sampling}
    with pytest.raises(InputError, match="emptied the bath by 5 h"):
        simulate(study({"diffusion": CONSTANT}, medium=bath))


def test_reduced_water_is_dry_where_the_front_has_not_come():
    case2 = {"law": "CaseII", "speed": "0.05 mm/h"}
    release = simulate(study({"diffusion": CONSTANT, "hydration": case2}, until="30 h"))
    wet = np.minimum(0.1 * release.curve.time / 3600, 1.0)
    assert (release.curve.fraction <= wet + 2 * release.error_estimate).all()


def test_case_two_beside_another_hydration_is_refused():
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "2 mm", "height": "1 mm"},
        "physics": {"hydration": {"law": "FickianHydration", "D": "1e-10 m2/s"}},
    }
    case2 = {"law": "CaseII", "speed": "0.05 mm/h"}
    cylinder = {"kind": "cylinder", "diameter": "4 mm", "height": "2 mm"}
    with pytest.raises(UnsupportedLawError, match="CaseII in one part"):
        simulate(
            study({"diffusion": CONSTANT, "hydration": case2}, cylinder, tablet={"region": [core]})
        )


def test_stagnant_channels_with_erosion_are_refused():
    laws = {
        "diffusion": CONSTANT,
        "erosion": FRONT,
        "channels": {"law": "StagnantChannels", "D": "1e-9 m2/s"},
    }
    with pytest.raises(UnsupportedLawError, match="StagnantChannels together with erosion"):
        simulate(study(laws))


def test_release_says_what_it_picked():
    release = simulate(study({"diffusion": CONSTANT, "erosion": FRONT}))
    assert "RKL2" in release.method
    assert "erosion" in release.regime_words
    assert dataclasses.asdict(release)["steps"] > 0


def test_bath_that_cannot_dissolve_what_erodes_is_said():
    """100 mg/mL in a film of 0.1 mL, 1 mL of medium that dissolves 1 mg/mL."""
    laws = {
        "diffusion": CONSTANT,
        "erosion": FRONT,
        "dissolution": {"law": "LocalEquilibrium", "solubility": "1 mg/mL"},
    }
    release = simulate(study(laws, medium={"volume": "1 mL"}, until="6 h"))
    assert any("this is no sink" in notice for notice in release.notices)
    assert release.curve.fraction[-1] == pytest.approx(1.0, abs=2e-3)

"""Erosion that waits for water: fronts against lines of equal water that are known."""

from pathlib import Path

import numpy as np
import pytest
from scipy.special import erfcinv

from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.gradient import gradient
from releasesim.study import Study

FILM = {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}
WATER = 1e-12
FICK = {"law": "FickianHydration", "D": f"{WATER} m2/s"}
NONE = {"law": "NoErosion"}
STILL = {"law": "ConstantDiffusivity", "D": "1e-17 m2/s"}
TIMES = np.array([1.0, 2.0, 4.0, 6.0, 8.0, 10.0, 15.0, 20.0]) * 1e3


def hydrated(speed, onset):
    return {"law": "HydratedFront", "speed": f"{speed} m/s", "onset": onset}


def study(erosion, hydration=FICK, shape=FILM, times=TIMES, diffusion=STILL, **tables):
    return Study.from_dict(
        {
            "tablet": tables.pop("tablet", {"shape": shape}),
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": diffusion,
                "hydration": hydration,
                "erosion": erosion,
                "dissolution": tables.pop("dissolution", {"law": "FullyDissolved"}),
            },
            "run": {"times": [f"{t} s" for t in times], **tables.pop("run", {})},
            **tables,
        }
    )


def half_space(speed, onset):
    """Share of a thick film that is gone: v t, then 2 erfcinv(w) (D t)^1/2 (Crank 1975, 2.45)."""
    water = 2.0 * erfcinv(onset) * np.sqrt(WATER * TIMES)
    return np.minimum(speed * TIMES, water) / 0.5e-3


@pytest.mark.parametrize("speed", [1e-8, 1e-7])
def test_front_follows_the_line_of_its_onset(speed):
    made = study(hydrated(speed, 0.5))
    exact = half_space(speed, 0.5)
    gaps = [np.abs(solve_coupled(made, h, 1e-4).fraction[1:] - exact).max() for h in (4e-4, 2e-4)]
    assert gaps[1] < 4e-3
    # of first order they would be as 2
    assert gaps[0] / gaps[1] > 2.8


def test_sphere_whose_centre_is_wet_before_the_front_comes():
    """Water of a sphere by Crank (1975), eq. 6.18; the front is held, then free again."""
    R, v, onset = 1e-3, 1e-8, 0.5
    n = np.arange(1.0, 400.0)

    def water(r, t):
        decay = (-1.0) ** n / n * np.exp(-(n**2) * np.pi**2 * WATER * t / R**2)
        return 1.0 + 2.0 * R / (np.pi * r) * np.sum(decay * np.sin(n * np.pi * r / R))

    depth = np.linspace(0.01 * R, 0.99 * R, 150)
    late = np.geomspace(2e2, 1e6, 400)
    wet = [np.interp(onset, [water(R - x, t) for t in late], late) for x in depth]
    # no earlier than its water, and no faster than v from there on
    arrival = np.maximum.accumulate(np.maximum(np.array(wet) - depth / v, 0.0)) + depth / v
    assert (arrival > 1.2 * depth / v).any()
    assert (np.diff(arrival)[-10:] < 1.01 * np.diff(depth / v)[-10:]).all()
    times = arrival[-1] * np.array([0.1, 0.3, 0.5, 0.7, 0.9])
    exact = 1.0 - (1.0 - np.interp(times, arrival, depth) / R) ** 3
    shape = {"kind": "sphere", "diameter": "2 mm"}
    found = solve_coupled(study(hydrated(v, onset), shape=shape, times=times), 2e-4, 1e-3)
    assert np.abs(found.fraction[1:] - exact).max() < 5e-3
    assert found.ledger_error < 1e-10


def test_front_slower_than_water_does_not_wait():
    slow = hydrated(1e-9, 0.5)
    wet = simulate(study(slow, hydration={"law": "InstantlyWet"}, run={"spacing": "0.4 mm"}))
    damp = simulate(study(slow, run={"spacing": "0.4 mm"}))
    assert np.abs(wet.curve.fraction - damp.curve.fraction).max() < 1e-4


@pytest.mark.parametrize("diffusion", [STILL, {"law": "NoDiffusion"}], ids=lambda law: law["law"])
def test_laws_without_an_onset_wait_for_half_of_the_water(diffusion):
    """PHYSICS 1: erosion starts where w exceeds 0.5 by default."""
    constant = study({"law": "ConstantFront", "speed": "1e-7 m/s"}, diffusion=diffusion)
    found = simulate(constant.replace("run.spacing", 4e-4)).curve.fraction
    own = simulate(study(hydrated(1e-7, 0.5), run={"spacing": "0.4 mm"})).curve.fraction
    assert np.abs(found - own).max() < 2e-5
    assert np.abs(found[1:] - half_space(1e-7, 0.5)).max() < 1e-2


def test_case_two_front_is_never_passed():
    """Water at 1e-8 m/s under a surface that could recede ten times as fast."""
    made = study(hydrated(1e-7, 0.9), hydration={"law": "CaseII", "speed": "1e-8 m/s"})
    found = simulate(made.replace("run.spacing", 4e-4)).curve.fraction[1:]
    assert np.abs(found - 1e-8 * TIMES / 0.5e-3).max() < 2e-3


def test_onset_that_an_event_raises_holds_the_front_where_it_is():
    """After 2 h at w = 0.5 it waits there for w = 0.9, which comes 29 times later."""
    event = {"event": [{"at": "2 h", "set": {"erosion.onset": 0.9}}]}
    times = np.array([1.0, 2.0, 4.0, 8.0]) * 3600.0
    made = study(hydrated(1e-7, 0.5), times=times, medium=event)
    found = solve_coupled(made, 2e-4, 1e-4)
    assert found.fraction[2] == pytest.approx(
        2.0 * erfcinv(0.5) * np.sqrt(WATER * 7200.0) / 0.5e-3, abs=4e-3
    )
    # what is left of the cell that it is in goes on for a while
    assert found.fraction[4] - found.fraction[2] < 1.0 / 64.0
    assert found.ledger_error < 1e-10


def test_drug_dissolves_from_its_own_onset_on():
    """PHYSICS 1: dissolution acts where w exceeds 0.1; drug that diffuses fast shows where."""
    times = np.array([0.3, 0.6, 1.0]) * 1e4
    quick = {"law": "ConstantDiffusivity", "D": "1e-9 m2/s"}
    dissolving = {"law": "NoyesWhitney1897", "rate": "0.1 1/s", "solubility": "200 mg/mL"}
    made = study(NONE, diffusion=quick, times=times, dissolution=dissolving)
    found = solve_coupled(made, 4e-4, 1e-2).fraction[1:]
    # it sets in by degrees, between 0.05 and 0.15
    first, last = (2.0 * erfcinv(w) * np.sqrt(WATER * times) / 0.5e-3 for w in (0.05, 0.15))
    assert (found < first + 0.01).all()
    assert (found > last).all()


def test_printed_infill_whose_roads_are_dry():
    tablet = {
        "shape": {"kind": "cylinder", "diameter": "5 mm", "height": "3 mm"},
        "infill": {"pattern": "grid", "density": "30 %"},
        "walls": 2,
        "roofs": 2,
        "floors": 2,
        "road_width": "0.4 mm",
        "layer_height": "0.3 mm",
    }
    found = [
        solve_coupled(
            study(hydrated(3e-8, 0.5), {"law": "FickianHydration", "D": D}, tablet=tablet),
            3e-4,
            1e-2,
        )
        for D in ("1e-9 m2/s", "3e-12 m2/s", "3e-13 m2/s")
    ]
    wet, damp, dry = (solved.fraction[-1] for solved in found)
    assert wet > 1.3 * damp > 1.5 * dry > 0.0
    assert max(solved.ledger_error for solved in found) < 1e-10


@pytest.mark.slow
def test_gradient_with_respect_to_the_onset():
    made = study(hydrated(3e-8, 0.5), run={"spacing": "0.4 mm"})
    weights = np.linspace(0.0, 1.0, TIMES.size + 1)
    found = gradient(made, ["erosion.onset", "hydration.D"], weights=weights)

    def goal(name, value):
        return weights @ simulate(made.replace(name, value)).curve.fraction

    for name, value, slope in zip(
        ("erosion.onset", "hydration.D"), (0.5, WATER), found.derivatives.values(), strict=True
    ):
        wide = (goal(name, 1.05 * value) - goal(name, 0.95 * value)) / (0.1 * value)
        assert slope == pytest.approx(wide, rel=0.05)


def test_void_that_floods_wets_its_walls():
    """Roads of the printed PVA example are wet before its front comes, from the void as well."""
    example = Path(__file__).parents[2] / "examples" / "printed_pva.toml"
    made = Study.load(example).replace("run.spacing", 4e-4)
    found = simulate(made)
    assert np.isfinite(found.flooded).any()
    early = simulate(made.replace("erosion.onset", 0.02)).curve.fraction
    assert np.abs(found.curve.fraction - early).max() < 2e-3

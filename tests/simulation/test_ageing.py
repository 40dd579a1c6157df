"""Hydrolysis needs water: chains are cut w times as fast where polymer holds w of its water."""

import numpy as np
import pytest

from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.study import Study

RATE, CRITICAL = 1e-4, 0.3
#: When wet polymer falls apart, exp(-r t) = 0.3 [s].
LASTS = float(np.log(1.0 / CRITICAL) / RATE)
FALLS = {"law": "FirstOrderScission", "rate": f"{RATE} 1/s", "Mn_critical": CRITICAL}
STILL = {"law": "NoDiffusion"}
OPENED = {"law": "PowerInMolarMass", "D0": "1e-13 m2/s", "exponent": 2.0}
DRY = {"law": "FickianHydration", "D": "1e-18 m2/s"}
SLOW = {"law": "FickianHydration", "D": "3e-12 m2/s"}


def autocatalytic(D_acid, **more):
    law = {"law": "AutocatalyticScission", "k1": "1e-5 1/s", "k2": "1e-8 m3/mol/s"}
    return law | {"acid0": "50 mol/m3", "ester0": "1000 mol/m3", "D_acid": D_acid} | more


def study(hydration, hydrolysis, diffusion, times, medium=None):
    laws = {"hydration": hydration, "hydrolysis": hydrolysis, "diffusion": diffusion}
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {slot: law for slot, law in laws.items() if law is not None},
            "medium": medium or {},
            "run": {"times": [f"{t} s" for t in times]},
        }
    )


@pytest.mark.parametrize("hydrolysis", [FALLS, autocatalytic("1e-12 m2/s", Mn_critical=0.5)])
def test_what_stays_dry_stays_whole(hydrolysis):
    times = LASTS * np.array([0.5, 1.0, 2.0])
    assert simulate(study(None, hydrolysis, STILL, times)).curve.fraction[-1] == 1.0
    dry = simulate(study(DRY, hydrolysis, STILL, times))
    assert dry.curve.fraction[-1] < 0.02
    assert "falls apart" not in dry.regime_words.split(";")[0]


def test_polymer_behind_a_sharp_water_front_falls_apart_as_late_as_it_was_wet():
    """A place x is wet from x/u on: what has fallen reaches to u (t - ln(1/0.3)/r)."""
    u = 2e-8
    times = np.array([5.0, 13.0, 15.0, 20.0, 25.0, 30.0, 36.0]) * 1e3
    exact = np.clip(u * (times - LASTS) / 0.5e-3, 0.0, 1.0)
    case_two = {"law": "CaseII", "speed": f"{u} m/s"}
    made = study(case_two, FALLS, STILL, times)
    gaps = []
    for spacing, cell in ((4e-4, 1.0 / 32.0), (2e-4, 1.0 / 64.0)):
        found = solve_coupled(made, spacing, 1e-3)
        gaps.append(np.abs(found.fraction[1:] - exact).max())
        assert gaps[-1] < cell  # they fall one by one
        assert found.ledger_error < 1e-10
    assert gaps[1] < 0.7 * gaps[0]


def falling_film(Dw, times, n=200):
    """The same by Euler's method: water, the time that cells were wet, and cells that go."""
    h = 0.5e-3 / n
    dt = 0.2 * h**2 / Dw
    w, wet, first, out, t = np.zeros(n), np.zeros(n), 0, [], 0.0
    for end in times:
        while t < end:
            step = min(dt, end - t)
            left = np.concatenate([[2.0 - w[first]], w[first:-1]])
            right = np.concatenate([w[first + 1 :], w[-1:]])
            w[first:] += step * Dw / h**2 * (left - 2.0 * w[first:] + right)
            wet += step * w
            t += step
            while first < n - 1 and RATE * wet[first] > np.log(1.0 / CRITICAL):
                first += 1
        out.append(first / n)
    return np.array(out)


def test_polymer_that_water_diffuses_into_falls_apart_layer_by_layer():
    """Against Euler's method on cells of its own: what falls lets the medium come closer."""
    times = np.array([11.0, 15.0, 18.0, 22.0, 25.0]) * 1e3
    exact = falling_film(1e-12, times)
    water = {"law": "FickianHydration", "D": "1e-12 m2/s"}
    found = solve_coupled(study(water, FALLS, STILL, times), 1e-4, 1e-3)
    assert exact[-1] > 0.15
    assert np.abs(found.fraction[1:] - exact).max() < 2.0 / 128.0


@pytest.mark.parametrize("hydration", [SLOW, {"law": "CaseII", "speed": "2e-8 m/s"}])
def test_time_wet_and_fields_of_acid_that_stays_agree(hydration):
    """Two ways to the same chains: the time each cell was wet, and fields of acid and ester."""
    times = np.array([1.0, 2.0, 4.0, 8.0, 16.0]) * 3600.0
    found = [
        solve_coupled(study(hydration, autocatalytic(D), OPENED, times), 4e-4, 1e-4).fraction
        for D in ("0 m2/s", "1e-26 m2/s")
    ]
    evenly = solve_coupled(study(None, autocatalytic("0 m2/s"), OPENED, times), 4e-4, 1e-4)
    assert np.abs(found[0] - found[1]).max() < 1e-3
    assert np.abs(found[0] - evenly.fraction).max() > 0.02


def test_quick_water_makes_no_difference():
    times = np.array([1.0, 2.0, 4.0, 8.0]) * 3600.0
    quick = {"law": "FickianHydration", "D": "1e-7 m2/s"}
    found, even = (
        solve_coupled(study(water, autocatalytic("0 m2/s"), OPENED, times), 4e-4, 1e-4).fraction
        for water in (quick, None)
    )
    assert np.abs(found - even).max() < 1e-3


@pytest.mark.slow
def test_laws_that_change_go_on_from_the_chains_that_are_left():
    """A rate that is set to what it was changes nothing; ten times as much falls apart sooner."""
    times = np.array([1.0, 2.0, 4.0, 8.0]) * 3600.0

    def after(rate):
        event = {"event": [{"at": "3 h", "set": {"hydrolysis.rate": rate}}]}
        law = FALLS | {"Mn_critical": 0.01}
        made = study(SLOW, law, OPENED, times, event)
        return solve_coupled(made, 4e-4, 1e-4).fraction

    plain = study(SLOW, FALLS | {"Mn_critical": 0.01}, OPENED, times)
    never = solve_coupled(plain, 4e-4, 1e-4).fraction
    assert np.abs(after(f"{RATE} 1/s") - never).max() < 1e-3
    assert after(f"{10 * RATE} 1/s")[-1] > never[-1] + 0.1


@pytest.mark.parametrize(
    "laws",
    [
        {"diffusion": {"law": "NoDiffusion"}},
        {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-14 m2/s"}},
    ],
    ids=["held", "diffusing"],
)
def test_polymer_that_erodes_falls_apart_too(laws):
    """All at once when its chains are short, ln 2/rate, whatever the front has left of it."""
    study = {
        "tablet": {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": {
            "hydrolysis": {"law": "FirstOrderScission", "rate": "1e-4 1/s", "Mn_critical": 0.5},
            "erosion": {"law": "ConstantFront", "speed": "1e-8 m/s"},
            **laws,
        },
        "run": {"until": "10 h", "times": ["1.9 h", "2 h", "10 h"]},
    }
    before, after, end = simulate(Study.from_dict(study)).curve.fraction[-3:]
    assert before == pytest.approx(2.0 * 1e-8 * 1.9 * 3600.0 / 1e-3, rel=0.03)
    assert after == pytest.approx(1.0, abs=1e-9)
    assert end == pytest.approx(1.0, abs=1e-9)

"""Laws coupled in printed infill, at the ends of their range: there each must be another one."""

from __future__ import annotations

import numpy as np
import pytest
from lattice import UNIT, D, study

from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.study import Study
from releasesim.workflows.selftest import exact

SPACING = 75e-6
CONSTANT = {"law": "ConstantDiffusivity", "D": f"{D!r} m2/s"}


def m2(value):
    return f"{value!r} m2/s"


def coupled(span=2.0, **laws):
    """Curve of the lattice by the coupled engine, on four cells to a strand, steps to 1e-5."""
    found = solve_coupled(Study.from_dict(study(laws, span)), SPACING, 1e-5)
    assert found.ledger_error < 1e-10
    return found.fraction


def linear(times):
    """The same by Krylov spaces, with a constant diffusivity."""
    data = study({}, 1.0)
    data["run"] = {"times": [f"{t!r} s" for t in times], "spacing": f"{SPACING!r} m"}
    return simulate(Study.from_dict(data)).curve.fraction


def times_of(span=2.0):
    return Study.from_dict(study({}, span)).run.output_times()


def on_the_clock(diffusivity, span=2.0):
    """Linear release at the times when the integral of D is as large."""
    tau = exact.clock(times_of(span), diffusivity) / D
    return linear(tau[1:].tolist())


RATE = 1.5 / UNIT
PITT = {"law": "FirstOrderScission", "rate": f"{RATE!r} 1/s"}
POLYMER = exact.Ester(0.3 / UNIT, 3.0 / 15000.0 / UNIT, 50.0, 15000.0)


def autocatalytic(D_acid, polymer=POLYMER):
    return {
        "law": "AutocatalyticScission",
        "k1": f"{polymer.k1!r} 1/s",
        "k2": f"{polymer.k2!r} m3/mol/s",
        "acid0": f"{polymer.acid0!r} mol/m3",
        "ester0": f"{polymer.ester0!r} mol/m3",
        "D_acid": m2(D_acid),
    }


def lumped(t):
    return 0.05 * D / POLYMER.molar_mass(POLYMER.ester(t))


CLOCKS = {
    "D exp(k t)": (
        {"diffusion": {"law": "ExponentialInTime", "D0": m2(D), "rate": f"{-RATE!r} 1/s"}},
        lambda t: D * np.exp(-RATE * t),
    ),
    "D0 Mn0/Mn": (
        {
            "diffusion": {"law": "PowerInMolarMass", "D0": m2(0.2 * D), "exponent": 1.0},
            "hydrolysis": PITT,
        },
        lambda t: 0.2 * D / exact.logistic_molar_mass(t, RATE, 0.0),
    ),
    "D0 exp(a (1 - m))": (
        {
            "diffusion": {"law": "ExponentialInMolarMass", "D0": m2(0.2 * D), "a": 2.0},
            "hydrolysis": {**PITT, "feedback": 2.0},
        },
        lambda t: 0.2 * D * np.exp(2.0 * (1.0 - exact.logistic_molar_mass(t, RATE, 2.0))),
    ),
    "lumped autocatalysis": (
        {
            "diffusion": {"law": "PowerInMolarMass", "D0": m2(0.05 * D), "exponent": 1.0},
            "hydrolysis": autocatalytic(0.0),
        },
        lumped,
    ),
}


@pytest.mark.parametrize("name", CLOCKS)
def test_diffusivity_of_time_is_a_clock_of_the_printed_body(name):
    """Crank (1975) 7.1, in any geometry: the engine of coupled laws against Krylov spaces."""
    laws, diffusivity = CLOCKS[name]
    np.testing.assert_allclose(coupled(**laws), on_the_clock(diffusivity), atol=3e-4)


SOLUTION = {"law": "LocalEquilibrium", "solubility": "1e4 kg/m3"}


@pytest.mark.parametrize(
    "laws",
    [
        {"dissolution": SOLUTION},
        {"hydration": {"law": "CaseII", "speed": "1 m/s"}},
        pytest.param(
            {"hydration": {"law": "FickianHydration", "D": "1e-5 m2/s"}}, marks=pytest.mark.slow
        ),
        {"swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 1.0}},
    ],
    ids=["nothing above its solubility", "fast front", "fast water", "swells by nothing"],
)
def test_laws_without_effect_leave_plain_diffusion(laws):
    """Four cells to a strand: what the outermost of them holds counts from the first step on."""
    expected = on_the_clock(lambda t: np.full_like(t, D))
    np.testing.assert_allclose(coupled(diffusion=CONSTANT, **laws), expected, atol=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("initially", ["dry", "saturated"])
def test_drug_that_dissolves_at_once_is_at_equilibrium(initially):
    """Noyes-Whitney with a Damköhler number of 1e4."""
    bounded = {"solubility": "40 kg/m3"}
    slow = {
        "law": "NoyesWhitney1897",
        "rate": f"{1e4 / UNIT!r} 1/s",
        "exponent": 0.0,
        "initially": initially,
        **bounded,
    }
    found = coupled(dissolution=slow)
    expected = coupled(dissolution={"law": "LocalEquilibrium", **bounded})
    np.testing.assert_allclose(found, expected, atol=3e-3)


@pytest.mark.slow
def test_acid_that_leaves_at_once_cuts_nothing():
    """What is left are cuts by water alone: a clock."""
    polymer = exact.Ester(0.01 / UNIT, 3.0 / 15000.0 / UNIT, 50.0, 15000.0)
    drug = {"law": "PowerInMolarMass", "D0": m2(0.1 * D), "exponent": 1.0}
    found = coupled(diffusion=drug, hydrolysis=autocatalytic(1e4 * D, polymer))

    def by_water(t):
        return 0.1 * D / polymer.molar_mass(polymer.ester0 * np.exp(-polymer.k1 * t))

    np.testing.assert_allclose(found, on_the_clock(by_water), atol=2e-3)


def test_acid_that_hardly_moves_is_lumped():
    drug = {"law": "PowerInMolarMass", "D0": m2(0.05 * D), "exponent": 1.0}
    found = coupled(diffusion=drug, hydrolysis=autocatalytic(1e-6 * D))
    np.testing.assert_allclose(found, on_the_clock(lumped), atol=1e-3)


def test_water_that_does_not_come_locks_the_drug():
    """Nothing dissolves, erodes or moves ahead of the front."""
    dry = {"law": "CaseII", "speed": "1e-15 m/s"}
    assert coupled(diffusion=CONSTANT, hydration=dry).max() < 1e-6

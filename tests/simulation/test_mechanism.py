"""Which laws are simulated, and that the others are refused by name."""

import numpy as np
import pytest

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.simulation import mechanism_of, simulate
from releasesim.study import Study
from releasesim.workflows.selftest import exact

SPHERE = {"shape": {"kind": "sphere", "diameter": "6 mm"}}
D = 1e-10


def study(physics, tablet=SPHERE, **tables):
    plain = {"tablet": tablet, "formulation": {"concentration": "100 mg/mL"}, "physics": physics}
    return Study.from_dict({**plain, "run": {"until": "6 h"}, **tables})


@pytest.mark.parametrize("rate", [0.0, 2e-5, -1e-4])
def test_exponential_in_time_is_a_change_of_clock(rate):
    """Crank (1975) 7.2: the constant solution at the integral of D over time."""
    law = {"law": "ExponentialInTime", "D0": f"{D} m2/s", "rate": f"{rate} 1/s"}
    curve = simulate(study({"diffusion": law})).curve
    integral = D * curve.time if rate == 0 else D * np.expm1(rate * curve.time) / rate
    true = exact.sphere(integral, 1.0, 3e-3)
    assert np.abs(curve.fraction - true)[true > 0.1].max() < 1e-3


CONSTANT = {"law": "ConstantDiffusivity", "D": f"{D} m2/s"}


@pytest.mark.parametrize(
    ("laws", "kind"),
    [
        ({"diffusion": CONSTANT}, "diffusion"),
        ({"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}}, "erosion"),
        (
            {"diffusion": CONSTANT, "erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
            "coupled",
        ),
        ({"diffusion": CONSTANT, "hydration": {"law": "CaseII", "speed": "1 mm/h"}}, "coupled"),
        (
            {
                "erosion": {"law": "ConstantFront", "speed": "1 mm/h"},
                "dissolution": {"law": "LocalEquilibrium", "solubility": "1 mg/mL"},
            },
            "erosion",
        ),
    ],
)
def test_cheapest_exact_engine_is_picked(laws, kind):
    assert mechanism_of(study(laws)).kind == kind


@pytest.mark.parametrize(
    ("laws", "words"),
    [
        (
            {"diffusion": {"law": "PowerInMolarMass", "D0": "1e-12 m2/s", "exponent": 1}},
            "hydrolysis",
        ),
        (
            {
                "diffusion": {
                    "law": "LeachedPorosity",
                    "D_pore": "1e-10 m2/s",
                    "porosity0": 0.1,
                    "tortuosity": 2,
                }
            },
            "dissolution law",
        ),
        ({"diffusion": {"law": "MackieMeares1955", "D0": "1e-10 m2/s"}}, "equilibrium_water"),
        ({"diffusion": CONSTANT, "dissolution": {"law": "LocalEquilibrium"}}, "solubility"),
        (
            {"diffusion": CONSTANT, "erosion": {"law": "EntericFront", "speed": "1 mm/h"}},
            "needs a pH",
        ),
        ({"hydration": {"law": "CaseII", "speed": "1 mm/h"}}, "nothing releases the drug"),
    ],
)
def test_impossible_combinations_are_refused_by_name(laws, words):
    with pytest.raises(UnsupportedLawError, match=words):
        simulate(study(laws))


def test_tablet_without_drug_is_refused():
    constant = {"law": "ConstantDiffusivity", "D": f"{D} m2/s"}
    empty = study({"diffusion": constant}, formulation={"concentration": "0 mg/mL"})
    with pytest.raises(InputError, match="no drug"):
        simulate(empty)


def test_shell_in_which_the_drug_cannot_move_keeps_it():
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "5 mm", "height": "2 mm"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": f"{D} m2/s"}},
    }
    tablet = {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "4 mm"}, "region": [core]}
    release = simulate(study({"diffusion": {"law": "NoDiffusion"}}, tablet))
    assert release.curve.fraction.max() < 1e-9


@pytest.mark.parametrize("bath", ["0.02 mL", "0.1 mL", "1 mL"])
def test_small_bath_ends_at_equilibrium(bath):
    """Volume over volume, at any size: PHYSICS 4."""
    constant = {"law": "ConstantDiffusivity", "D": f"{D} m2/s"}
    found = simulate(study({"diffusion": constant}, medium={"volume": bath}, run={"until": "30 d"}))
    ratio = float(bath.split()[0]) * 1e-6 / (np.pi / 6 * 6e-3**3)
    assert found.curve.fraction[-1] == pytest.approx(ratio / (1 + ratio), abs=1e-3)

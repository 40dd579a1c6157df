"""Which laws are simulated, and that the others are refused by name."""

import exact
import numpy as np
import pytest

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.simulation import simulate
from releasesim.study import Study

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


@pytest.mark.parametrize(
    ("slot", "law", "words"),
    [
        ("dissolution", {"law": "LocalEquilibrium", "solubility": "1 mg/mL"}, "LocalEquilibrium"),
        ("hydration", {"law": "FickianHydration", "D": "1e-10 m2/s"}, "FickianHydration"),
        ("swelling", {"law": "VolumeAdditive", "equilibrium_volume_ratio": 3.0}, "VolumeAdditive"),
        ("channels", {"law": "StagnantChannels", "D": "1e-9 m2/s"}, "StagnantChannels"),
        ("erosion", {"law": "ConstantFront", "speed": "1 mm/h"}, "ConstantFront"),
    ],
)
def test_coupled_laws_are_refused_by_name(slot, law, words):
    constant = {"law": "ConstantDiffusivity", "D": f"{D} m2/s"}
    with pytest.raises(UnsupportedLawError, match=words):
        simulate(study({"diffusion": constant, slot: law}))


def test_second_drug_is_refused_by_name():
    parts = [
        {"drug": "theophylline", "fraction": "10 %"},
        {"drug": "caffeine", "fraction": "5 %"},
        {"polymer": "pva", "fraction": "85 %"},
    ]
    with pytest.raises(UnsupportedLawError, match="caffeine"):
        simulate(Study.from_dict({"tablet": SPHERE, "formulation": {"components": parts}}))


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

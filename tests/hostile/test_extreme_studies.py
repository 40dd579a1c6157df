"""Extreme but legal parameters: a curve between 0 and 1, or one line that says what to change."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from releasesim.errors import ReleaseSimError
from releasesim.simulation import Release, simulate
from releasesim.study import Study

Data = dict[str, Any]
COUNT = 50
#: Legal, and right in the end, but not in a second.
LONG = frozenset({8, 10, 18, 32, 38, 49})
#: What a refusal has to say one of.
HELPS = ("look for", "must be", "name a", "take a", "give ", "set ")


def extreme_study(number: int) -> Data:
    """A film, or now and then another body, with parameters from one end of floats to the other."""
    pick = Random(f"extreme:{number}")  # noqa: S311  no secret

    def size(low: float, high: float, unit: str) -> str:
        """Most often one of the ends; else anywhere between, evenly in the logarithm."""
        value = pick.choice([low, high, 0.0])
        if value == 0.0:
            value = math.exp(pick.uniform(math.log(low), math.log(high)))
        return f"{value:.6g} {unit}"

    def some(**laws: Data) -> Data:
        name = pick.choice(list(laws))
        return {"law": name, **laws[name]}

    D = size(1e-30, 1e-2, "m2/s")
    physics: Data = {
        "diffusion": some(
            ConstantDiffusivity={"D": D},
            ExponentialInTime={"D0": D, "rate": f"{pick.choice([-1, 1]) * 10.0:.3g} 1/h"},
            ExponentialInConcentration={"D0": D, "beta": pick.choice([-300.0, -5.0, 5.0, 300.0])},
            Fujita1961={"D_gel": D, "beta": pick.choice([0.0, 5.0, 300.0])},
            NoDiffusion={},
        )
    }
    if pick.random() < 0.4:
        physics["film"] = {"law": "FilmTransfer", "k": size(1e-30, 1e10, "m/s")}
    if pick.random() < 0.3:
        physics["hydration"] = some(
            FickianHydration={"D": size(1e-30, 1e-2, "m2/s")},
            FujitaHydration={
                "D": size(1e-30, 1e-2, "m2/s"),
                "beta": pick.choice([0.0, 5.0, 300.0]),
            },
            CaseII={"speed": size(1e-30, 1e10, "m/s")},
        )
    if pick.random() < 0.3:
        solubility = size(1e-15, 1e6, "kg/m3")
        physics["dissolution"] = some(
            LocalEquilibrium={"solubility": solubility},
            NoyesWhitney1897={
                "rate": size(1e-30, 1e10, "1/s"),
                "solubility": solubility,
                "exponent": 0.0,
            },
        )
    if pick.random() < 0.3:
        physics["erosion"] = some(
            ConstantFront={"speed": size(1e-30, 1e10, "m/s")},
            EntericFront={
                "speed": size(1e-30, 1e10, "m/s"),
                "pH_threshold": pick.choice([0.1, 5.5, 14.0]),
                "sharpness": pick.choice([1e-3, 2.0, 1e3]),
            },
        )
    if pick.random() < 0.2:
        physics["hydrolysis"] = some(
            FirstOrderScission={"rate": size(1e-30, 1e10, "1/s"), "feedback": 1e3},
            AutocatalyticScission={
                "k1": size(1e-30, 1e3, "1/s"),
                "k2": size(1e-30, 1e3, "m3/mol/s"),
                "acid0": size(1e-6, 1e6, "mol/m3"),
                "ester0": size(1e-6, 1e6, "mol/m3"),
                "D_acid": pick.choice(["0 m2/s", size(1e-30, 1e-2, "m2/s")]),
            },
        )
    medium: Data = {"name": pick.choice(["hcl_0_1n", "phosphate_ph6_8"])}
    if pick.random() < 0.4:
        medium["volume"] = size(1e-15, 0.1, "m3")
    if pick.random() < 0.3:
        medium["partition"] = pick.choice([1e-6, 1e6])
    shape: Data = {
        "kind": "film",
        "thickness": size(1e-6, 1e-2, "m"),
        "area": size(1e-9, 1e-2, "m2"),
    }
    if pick.random() < 0.25:
        shape = {"kind": "sphere", "diameter": size(5e-4, 2e-2, "m")}
    return {
        "tablet": {"shape": shape},
        "formulation": {"concentration": size(1e-12, 2e3, "kg/m3")},
        "physics": physics,
        "medium": medium,
        "run": {
            "until": size(1e-3, 1e8, "s"),
            "samples": 9,
            "tolerance": pick.choice(["1 %", "10 %"] if len(physics) > 2 else ["0.001 %", "10 %"]),
        },
    }


def tried(data: Data) -> tuple[Release | None, str]:
    try:
        return simulate(Study.from_dict(data)), ""
    except ReleaseSimError as error:
        return None, str(error)


@settings(
    max_examples=COUNT,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(number=st.sampled_from([n for n in range(COUNT) if n not in LONG]))
def test_extremes_end_in_a_curve_or_in_a_line_that_says_what_to_change(number):
    release, refusal = tried(extreme_study(number))
    if release is None:
        assert refusal.isprintable()
        assert any(words in refusal for words in HELPS), refusal
        return
    fraction = release.curve.fraction
    assert np.isfinite(fraction).all()
    assert fraction[0] == 0.0
    assert fraction.min() >= 0.0
    assert fraction.max() <= 1.0
    assert math.isfinite(release.ledger_error)


def test_most_extremes_are_legal():
    """Else nothing would be tested but the border."""
    refused = 0
    for number in range(COUNT):
        try:
            Study.from_dict(extreme_study(number))
        except ReleaseSimError:
            refused += 1
    assert refused < COUNT / 10

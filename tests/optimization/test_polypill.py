"""Several drugs in one tablet: each with its own target and dose, judged together."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import polypills
import pytest

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError, UnsupportedLawError
from releasesim.optimization import design
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.for_patient import for_patient_by_drug
from releasesim.optimization.materials import materials_of
from releasesim.optimization.polypill import WantedOfDrugs, meet_doses
from releasesim.optimization.space import Space
from releasesim.patient import predict
from releasesim.simulation import simulate
from releasesim.study import Study, Target

HOUR = 3600.0
TIMES = HOUR * np.array([0.5, 1.0, 2.0, 3.0, 4.0, 6.0])


def bilayer(diameter: str, lower: str, upper: str) -> dict[str, Any]:
    """Make a disc of two layers of drug with laws of their own."""
    data = polypills.bilayer()
    data["tablet"]["shape"]["diameter"] = diameter
    for layer, thickness, D in zip(
        data["tablet"]["layer"], (lower, upper), ("2e-11 m2/s", "1e-10 m2/s"), strict=True
    ):
        layer["thickness"] = thickness
        layer["physics"] = polypills.diffusion(D)
    return data


def wanted(curves: dict[str, ReleaseCurve]) -> dict[str, Any]:
    """Make a [target] of a table for each drug."""

    def points(curve: ReleaseCurve) -> list[list[str]]:
        shares = (f"{100 * float(curve.at(t)):.4f} %" for t in TIMES)
        return [
            ["0 h", "0 %"],
            *([f"{t / HOUR:g} h", s] for t, s in zip(TIMES, shares, strict=True)),
        ]

    return {name: {"points": points(curve), "accept": {"f2": 50}} for name, curve in curves.items()}


@pytest.fixture(scope="module")
def planted():
    """A bilayer, its release, and the study that looks for it."""
    release = simulate(Study.from_dict(bilayer("7.4 mm", "1.8 mm", "1.2 mm")))
    data = bilayer("8.4 mm", "1.4 mm", "1.6 mm") | {"target": wanted(release.curves)}
    data["design"] = {
        "doses": {name: f"{1e6 * dose:.6f} mg" for name, dose in release.doses.items()},
        "vary": {
            "shape.diameter": {"min": "6 mm", "max": "9 mm"},
            "layer.lower.thickness": {"min": "1 mm", "max": "2.4 mm"},
            "layer.upper.thickness": {"min": "0.8 mm", "max": "2 mm"},
        },
    }
    return release, data


def test_planted_bilayer_is_found_again(planted):
    release, data = planted
    found = design(Study.from_dict(data))
    assert found.accepted
    assert set(found.drugs) == set(polypills.DRUGS)
    for name, one in found.drugs.items():
        assert one.accepted
        assert one.comparison.f2 > 90.0
        assert one.dose == pytest.approx(release.doses[name], rel=1e-6)
    assert found.comparison.f2 == min(one.comparison.f2 for one in found.drugs.values())
    assert "theophylline f2 =" in found.verdict
    assert found.to_dict()["drugs"]["caffeine"]["accepted"] is True
    names = set(found.chosen.parameters)
    assert {"layer.lower.formulation.drug_loading", "layer.upper.thickness"} <= names


def test_one_drug_out_of_reach_is_named(planted):
    data = dict(planted[1])
    slow = {"points": [["0 h", "0 %"], ["3 h", "1 %"], ["4 h", "2 %"], ["6 h", "3 %"]]}
    data["target"] = {**data["target"], "caffeine": slow}
    data["design"] = data["design"] | {
        "vary": {"layer.upper.thickness": {"min": "0.8 mm", "max": "2 mm"}}
    }
    found = design(Study.from_dict(data))
    assert not found.accepted
    assert [n for n, one in found.drugs.items() if not one.accepted] == ["caffeine"]
    assert "of caffeine is too fast throughout" in found.verdict


def pair(accept: float | None = None) -> WantedOfDrugs:
    """Make two drugs that are wanted alike, judged at other times."""
    first = ReleaseCurve(TIMES, [0.1, 0.2, 0.4, 0.6, 0.7, 0.8])
    second = ReleaseCurve(TIMES[:4], [0.3, 0.5, 0.7, 0.8])
    each = {
        n: Wanted.of(Target(curve=c, accept_f2=accept)) for n, c in (("a", first), ("b", second))
    }
    return WantedOfDrugs(first, None, None, drugs=each)


def test_the_worst_drug_counts():
    both = pair()
    good, moved = both.goal, both.goal.copy()
    moved[6:] -= 0.15  # f2 = 100 - 25 log10(1 + 225) = 41.1 of the second drug alone
    assert both.meets(good)
    assert both.similarity(good) == 100.0
    assert not both.meets(moved)
    assert both.similarity(moved) == pytest.approx(50 * np.log10(100 / np.sqrt(226)), abs=1e-9)
    assert both.lacks(moved) == pytest.approx((50.0 - both.similarity(moved)) / 100.0)
    assert both.worst(moved)[0] == "b"
    assert both.difference(moved) == pytest.approx(0.15)
    assert both.inside(moved) == pytest.approx(-both.lacks(moved))
    assert [name for name, _, _ in both.parts(good)] == ["a", "b"]
    np.testing.assert_allclose(both.times, TIMES)
    assert pair(40.0).meets(moved)
    assert "a: f2 >= 40; b: f2 >= 40" in pair(40.0).rules()


def test_loadings_of_a_mixture_give_both_doses():
    """Mass of the tablet by its own density times the mass fraction, whatever the densities."""
    tablet = Study.from_dict(polypills.mixture()).tablet
    doses = {"theophylline": 12e-6, "caffeine": 9e-6}
    made = meet_doses(tablet, doses)
    assert made.doses == pytest.approx(doses, rel=1e-8)
    mass = made.total_mass()
    shares = {card.name: share for card, share in made.formulation.drug_loadings}
    assert {n: share * mass for n, share in shares.items()} == pytest.approx(doses, rel=1e-8)
    with pytest.raises(InputError, match="no part of the tablet holds paracetamol"):
        meet_doses(tablet, {"paracetamol": 1e-6})
    with pytest.raises(InputError):  # more than the tablet weighs
        meet_doses(tablet, {"caffeine": 1e-3})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"target": None}, r"design needs a target for each, \[target.theophylline\]"),
        ({"design": {"absorbs_dose": "size"}}, "one size cannot give the dose of each"),
        ({"design": {"robust": {"samples": 32}}}, "counts the chance of one drug at a time"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words(planted, changes, words):
    data = dict(planted[1])
    data["design"] = data["design"] | changes.get("design", {})
    if "target" in changes:
        data["target"] = {"shape": {"kind": "zero_order", "duration": "6 h"}}
    with pytest.raises((InputError, UnsupportedLawError), match=words):
        design(Study.from_dict(data))


def test_polymers_of_layers_are_choices_and_what_cannot_be_ranked_is_left_out():
    layers = ["ethylcellulose", "pva"]
    data = polypills.bilayer()
    del data["physics"]
    data["target"] = wanted(
        dict.fromkeys(polypills.DRUGS, ReleaseCurve([0.0, 6 * HOUR], [0.0, 1.0]))
    )
    data["design"] = {
        "vary": {f"layer.{n}.formulation.polymer": layers for n in ("lower", "upper")}
    }
    study = Study.from_dict(data)
    running, out = materials_of(study, study.design)
    every = {f"ethylcellulose, {a}, {b}" for a, b in itertools.product(layers, repeat=2)}
    assert {material.name for material in running} | set(out) == every
    same = {"ethylcellulose, ethylcellulose, ethylcellulose"}
    assert same <= {material.name for material in running}
    assert all("couples more" in reason for reason in out.values())
    for material in running:
        chosen = [layer.formulation.polymer.name for layer in material.study.tablet.layers]
        assert material.name == ", ".join(["ethylcellulose", *chosen])


def test_gradient_of_the_infill_may_be_chosen():
    data = polypills.mixture()
    data["tablet"]["infill"] = {
        "pattern": "grid",
        "density": "30 %",
        "graded": {"along": "height", "to": "60 %", "steps": 3},
    }
    data["design"] = {
        "vary": {
            "infill.graded.to": {"min": "20 %", "max": "90 %"},
            "infill.graded.along": ["height", "rings"],
        }
    }
    study = Study.from_dict(data)
    space = Space.of(study, study.design)
    assert space.values((1.0,)) == {"infill.graded.to": pytest.approx(0.9)}
    made = space.build({"infill.graded.to": 0.9, "infill.graded.along": "rings"})
    assert (made.infill.graded.to, made.infill.graded.along) == (0.9, "rings")
    assert Study.from_dict(study.to_data()).design == study.design


PERSON = {"weight": "70 kg", "genotype": {"CYP2D6": "*1/*1"}}


def for_two() -> dict[str, Any]:
    """Make a bilayer of two drugs whose plasma is wanted."""
    data = bilayer("8 mm", "1.6 mm", "2 mm")
    data["tablet"]["layer"][0]["formulation"]["drug"] = "metoprolol"
    data["formulation"]["drug"] = "metoprolol"
    data["patient"] = PERSON
    windows = {"metoprolol": ("25 ng/mL", "100 ng/mL"), "caffeine": ("1 mg/L", "6 mg/L")}
    data["target"] = {
        name: {"plasma": {"low": low, "high": high, "dose_every": "12 h"}}
        for name, (low, high) in windows.items()
    }
    data["design"] = {"vary": {"shape.diameter": {"min": "6 mm", "max": "9 mm"}}}
    return data


def test_each_drug_has_its_dose_and_rules_from_its_own_plasma():
    study, wishes = for_patient_by_drug(Study.from_dict(for_two()))
    assert set(wishes) == {"metoprolol", "caffeine"}
    for name, wish in wishes.items():
        window = study.target.drugs[name].plasma
        body = wish.patient.body
        mean = (window.low + window.high) / 2.0
        dose = body.clearance * mean * 12 * HOUR / body.bioavailability
        assert study.design.doses[name] == pytest.approx(dose, rel=1e-12)
        assert study.target.drugs[name].curve is not None
        assert wish.rules


def test_plasma_of_a_polypill_is_that_of_each_drug_alone():
    study = Study.from_dict(for_two())
    release = simulate(study)
    for name in study.drugs:
        view = study.for_drug(name)
        alone = predict(view, simulate(view).curve, view.tablet.dose())
        both = predict(view, release.curves[name], release.doses[name])
        np.testing.assert_allclose(both.curve.concentration, alone.curve.concentration, rtol=1e-9)
        assert both.window == alone.window
    with pytest.raises(InputError, match="whose pharmacokinetics"):
        predict(study, release.curve, release.dose)

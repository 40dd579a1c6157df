"""A design for one person: refused first, then dose, target and rules from plasma."""

from __future__ import annotations

import dataclasses
import importlib
from pathlib import Path

import numpy as np
import pytest

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError, RefusedError
from releasesim.optimization import design
from releasesim.optimization.acceptance import Wanted, f2_words
from releasesim.optimization.for_patient import for_patient
from releasesim.optimization.result import Candidate, Design
from releasesim.patient import predict
from releasesim.report import design_report
from releasesim.similarity import compare
from releasesim.simulation import Release
from releasesim.study import Stage, Study, Target

EXAMPLES = Path(__file__).parents[2] / "examples"
HOUR = 3600.0
POINTS = ((2 * HOUR, 0.3), (6 * HOUR, 0.9), (8 * HOUR, 1.0))


def test_a_forbidden_biomarker_ends_before_anything_is_computed():
    with pytest.raises(
        InputError, match=r"HLA-B\*57:01 is positive and must be negative"
    ) as caught:
        design(Study.load(EXAMPLES / "patient_forbidden.toml"))
    lines = (EXAMPLES / "patient_forbidden.toml").read_text().splitlines()
    assert lines[caught.value.line - 1] == "[patient]"


def test_one_word_of_genotype_makes_another_dose():
    """CL AUC / F by hand: 96 and 19.5 L/h times 62.5 ug/L times 12 h."""
    slow, normal = (
        for_patient(Study.load(EXAMPLES / f"patient_{n}.toml")) for n in ("slow", "normal")
    )
    assert normal[0].design.dose == pytest.approx(96.0 * 62.5e-9 * 12, rel=1e-6)
    assert slow[0].design.dose == pytest.approx(19.5072 * 62.5e-9 * 12, rel=1e-4)
    assert any("*4/*4" in words for words in slow[1].patient.words)


def test_the_wanted_release_meets_its_own_rules_and_a_burst_does_not():
    study, wish = for_patient(Study.load(EXAMPLES / "patient_normal.toml"))
    wanted = Wanted.of(study.target, wish.rules)
    assert wanted.meets(study.target.curve.fraction)
    assert wanted.lacks(study.target.curve.fraction) == 0.0
    burst = np.ones(study.target.curve.time.size)
    assert not wanted.meets(burst)
    assert 0.0 < wanted.lacks(burst) <= 1.0
    assert "95% of the time within 0.025 to 0.1 mg/L" in wanted.rules()
    assert "in the window" in wanted.figures(burst)
    within = wish.wanted
    assert within.reachable
    assert (within.low <= within.curve.fraction + 1e-6).all()
    assert (within.high >= within.curve.fraction - 1e-6).all()


def test_a_window_that_no_release_keeps_is_said():
    study = Study.load(EXAMPLES / "patient_normal.toml").to_data()
    study["target"]["plasma"]["low"] = "99 ng/mL"
    study["design"]["dose"] = "20 mg"
    _, wish = for_patient(Study.from_dict(study))
    assert not wish.wanted.reachable
    assert "the dose gives" in wish.wanted.words


def test_stages_judge_by_themselves():
    curve = ReleaseCurve([HOUR, 8 * HOUR], [0.3, 0.9])
    stages = (Stage(HOUR, low=0.2, high=0.4), Stage(8 * HOUR, low=0.8), Stage(8 * HOUR, Q=0.8))
    wanted = Wanted.of(Target(curve=curve, accept_stages=stages))
    assert wanted.meets(np.array([0.3, 0.9]))
    assert wanted.meets(np.array([0.39, 0.86]))  # far from the curve: only the stages count
    assert not wanted.meets(np.array([0.45, 0.9]))
    assert not wanted.meets(np.array([0.3, 0.84]))  # S1 asks for Q + 5 %
    assert wanted.lacks(np.array([0.45, 0.9])) == pytest.approx(0.05)


def test_a_table_of_few_points_is_a_line_and_a_measured_curve_its_points():
    """Of three points one lies above 85 %: f2 counts two of them, and many on the line."""
    more = ((HOUR, 0.2), *POINTS)
    own = Wanted.of(Target(curve=ReleaseCurve(*zip(*more, strict=True)), points=more))
    assert own.times.size == 4
    points = POINTS
    curve = ReleaseCurve(*zip(*points, strict=True))
    line = Wanted.of(Target(curve=curve, points=points))
    assert line.times.size == 24
    assert line.similarity(line.goal) == pytest.approx(100.0)
    assert line.goal[line.times <= 2 * HOUR] == pytest.approx(
        line.times[line.times <= 2 * HOUR] / (2 * HOUR) * 0.3
    )
    with pytest.raises(
        InputError, match="f2 needs 3 points up to the first above 85%, and there are 2"
    ):
        Wanted.of(Target(curve=curve))
    alone = Wanted.of(Target(curve=curve, accept_largest_difference=0.1))
    assert alone.meets(np.array([0.35, 0.85, 1.0]))
    assert f2_words(alone.similarity(curve.fraction)) == "f2 not counted (too few points)"
    assert f2_words(51.39) == "f2 = 51.4"


def test_a_peak_limit_counts():
    data = Study.load(EXAMPLES / "patient_normal.toml").to_data()
    data["target"]["accept"] = {"cmax": "70 ng/mL"}
    study, wish = for_patient(Study.from_dict(data))
    wanted = Wanted.of(study.target, wish.rules)
    assert wanted.meets(study.target.curve.fraction)
    assert not wanted.meets(np.ones(study.target.curve.time.size))
    assert "Cmax <= 0.07 mg/L" in wanted.rules()


def test_rules_of_people_are_as_often_kept_as_the_prediction_says():
    """Both draw 200 by the spread of the card, with seeds of their own: 3 standard errors."""
    study, wish = for_patient(Study.load(EXAMPLES / "patient_slow.toml"))
    wanted = Wanted.of(study.target, wish.rules, wish.people)
    curve = study.target.curve
    kept = [one.meets(curve.fraction) for one in wanted.drawn(200, 5)]
    whole = ReleaseCurve(np.append(0.0, curve.time), np.append(0.0, curve.fraction))
    said = predict(study, whole, study.design.dose)
    assert 0.1 < said.chance < 0.97
    assert np.mean(kept) == pytest.approx(said.chance, abs=3.0 * np.sqrt(2 * 0.25 / 200))
    assert wanted.drawn(200, 5)[7].further == wanted.drawn(200, 5)[7].further  # drawn once


def test_stages_stay_what_they_are_for_people():
    study, wish = for_patient(Study.load(EXAMPLES / "patient_slow.toml"))
    target = dataclasses.replace(study.target, accept_stages=(Stage(4 * HOUR, 0.1, 0.9),))
    wanted = Wanted.of(target, wish.rules, wish.people)
    one = wanted.drawn(3, 1)[2]
    assert one.further[-1] is wanted.further[-1]
    assert one.further[0] is not wanted.further[0]
    assert len(one.further) == len(wanted.further) == len(wish.rules) + 1


def release_wanted(**changes):
    """Metoprolol with a target of release, for a person."""
    data = Study.load(EXAMPLES / "patient_forbidden.toml").to_data()
    data["formulation"]["drug"] = "metoprolol"
    return Study.from_dict({**data, **changes})


def test_a_person_of_whom_nothing_can_be_told_is_refused_for_a_target_of_release_too():
    with pytest.raises(RefusedError, match=r"no allele \*999"):
        for_patient(release_wanted(patient={"genotype": {"CYP2D6": "*1/*999"}}))
    study = release_wanted(patient={"genotype": {"CYP2C19": "*1/*17"}})
    other = study.replace("formulation.drug", "lansoprazole")
    with pytest.raises(RefusedError, match="no clearance is known for CYP2C19"):
        for_patient(other)


@pytest.fixture
def searched(monkeypatch):
    """A design whose search ends at once, with all the drug out evenly in 12 h."""

    class Ended:
        def __init__(self, study, *_):
            self.study = study

        def run(self):
            curve = ReleaseCurve(HOUR * np.linspace(0.0, 12.0, 13), np.linspace(0.0, 1.0, 13))
            release = Release(
                curve=curve,
                dose=self.study.design.dose,
                ledger_error=0.0,
                error_estimate=0.0,
                regime={},
                regime_words="",
                method="given",
                steps=0,
                cells=0,
                spacing=1e-4,
            )
            chosen = Candidate(
                "pva", "grid", {}, 0.3, release.dose, 1e-7, 100.0, 0, 0, True, "fine", "chosen"
            )
            return Design(
                study=self.study,
                release=release,
                target=curve,
                comparison=compare(curve, curve),
                accepted=True,
                verdict="accepted",
                candidates=(chosen,),
            )

    monkeypatch.setattr(importlib.import_module("releasesim.optimization.design"), "_Job", Ended)


def test_a_design_for_a_release_shows_the_patient_and_the_plasma(searched):
    poor, normal = (
        design(release_wanted(patient={"weight": "70 kg", "genotype": {"CYP2D6": diplotype}}))
        for diplotype in ("*4/*4", "*1/*1")
    )
    assert poor.plasma.curve.auc > 4.0 * normal.plasma.curve.auc
    assert any("not worked out for [patient]" in words for words in poor.release.notices)
    assert ("plasma", poor.plasma.describe()) in poor._rows()
    page = design_report(poor)
    assert "<h2>Patient</h2>" in page
    assert "CYP2D6 *4/*4: poor metaboliser" in page


def test_a_design_says_that_a_person_changes_nothing_without_pharmacokinetics(searched):
    made = release_wanted(patient={"genotype": {"CYP2D6": "*1/*999"}})
    found = design(made.replace("formulation.drug", "fluorescein"))
    assert found.plasma is None
    assert any("the card of fluorescein has no clearance" in w for w in found.release.notices)


def test_a_design_for_plasma_has_no_such_notice(searched):
    found = design(Study.load(EXAMPLES / "patient_normal.toml"))
    assert found.wanted is not None
    assert found.plasma is not None
    assert found.release.notices == ()

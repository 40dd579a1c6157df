"""`releasesim compare`: curves and studies, and an exit code that judges nobody."""

from __future__ import annotations

import json

import pytest

from releasesim.cli.compare import Rule
from releasesim.similarity import RULES

# METRICS: 4 points, f2 = 51.388; read as both products: 7 points, 50.622
REFERENCE = "Time [min],Released [%]\n5,10\n10,20\n15,55\n20,86\n30,90\n45,95\n60,97\n"
TEST = "Time [min],Released [%]\n5,7\n10,15\n15,50\n20,69\n30,82\n45,84\n60,86\n"


@pytest.fixture
def curves(tmp_path):
    paths = tmp_path / "reference.csv", tmp_path / "test.csv"
    for path, text in zip(paths, (REFERENCE, TEST), strict=True):
        path.write_text(text)
    return paths


def test_rules_are_those_there_are():
    assert [rule.value for rule in Rule] == list(RULES)


@pytest.mark.parametrize(
    ("rule", "f2", "points"), [("ema", 51.388, 4), ("fda_both", 50.622, 7), ("all", 50.622, 7)]
)
def test_f2_by_rule(run, curves, rule, f2, points):
    outcome = run("compare", *curves, "--rule", rule, "--json")
    data = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (0, "")
    assert abs(data["f2"] - f2) < 5e-4
    assert len(data["points"]["time_s"]) == points


def test_table(run, curves):
    outcome = run("compare", *curves)
    assert outcome.code == 0
    for word in ("f2", "51.39", "either product", "MDT", "RMSE"):
        assert word in outcome.out


def test_exit_code_is_0_whatever_f2_is(run, curves, tmp_path):
    slow = tmp_path / "slow.csv"
    slow.write_text("Time [min],Released [%]\n5,1\n10,2\n15,3\n20,4\n30,5\n45,6\n60,7\n")
    outcome = run("compare", curves[0], slow, "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["similar"] is False


def test_too_few_points_are_no_error(run, tmp_path):
    path = tmp_path / "short.csv"
    path.write_text("Time [min],Released [%]\n5,90\n10,95\n")
    outcome = run("compare", path, path, "--json")
    assert outcome.code == 0
    assert json.loads(outcome.out)["f2"] is None


def test_a_study_is_simulated(run, study, tmp_path):
    run("simulate", study, "--out", tmp_path / "out")
    measured = tmp_path / "measured.csv"
    measured.write_text("Time [h],Released [%]\n0.5,30\n1,50\n2,80\n")
    from_study = json.loads(run("compare", measured, study, "--json").out)
    from_curve = json.loads(run("compare", measured, tmp_path / "out/release.csv", "--json").out)
    assert from_study["f2"] == from_curve["f2"]


def test_a_study_that_ends_too_early(failed, study, tmp_path):
    measured = tmp_path / "measured.csv"
    measured.write_text("Time [h],Released [%]\n1,50\n2,80\n8,90\n")
    failed(["compare", measured, study], 3, "until 4 h", "8 h", "run.until")


def test_different_times_name_the_option(run, failed, curves, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("Time [min],Released [%]\n6,12\n12,30\n20,60\n40,80\n")
    failed(["compare", curves[0], other], 3, "--interpolate")
    outcome = run("compare", curves[0], other, "--interpolate")
    assert outcome.code == 0
    assert "straight lines" in " ".join(outcome.out.split())


def test_unknown_rule_is_usage(failed, curves):
    failed(["compare", *curves, "--rule", "usp"], 2, "usp", "fda_both")


def test_stages_and_predictions_stand_in_the_same_account(run, failed, tmp_path):
    units = ",".join(f"Vessel {i} [%]" for i in range(1, 7))
    path = tmp_path / "units.csv"
    path.write_text(
        f"Time [min],{units}\n15,40,42,41,39,44,40\n30,86,88,85,90,87,89\n45,95,96,97,98,96,95\n"
    )
    plasma = "Time [h],Concentration [mg/L]\n0,0\n2,{}\n12,0\n"
    (tmp_path / "observed.csv").write_text(plasma.format(10))
    (tmp_path / "predicted.csv").write_text(plasma.format(9.2))
    words = ["compare", path, path, "--resamples", "100", "--q", "80 % at 30 min"]
    pair = ["--observed", tmp_path / "observed.csv", "--predicted", tmp_path / "predicted.csv"]
    outcome = run(*words, *pair, "--out", tmp_path / "out", "--json")
    data = json.loads(outcome.out)
    assert data["acceptance"]["test"][0]["verdict"] == "complies at S1 (6 units)"
    assert data["predictions"]["c_max_percent_error"] == pytest.approx([8.0])
    assert data["predictions"]["auc_percent_error"] == pytest.approx([8.0])
    page = (tmp_path / "out" / "report.html").read_text()
    assert "complies at S1" in page
    assert "established: mean %PE up to 8.0" in page
    failed([*words[:3], "--q", "80 after 30 min"], 3, "is no criterion")
    failed([*words[:3], *pair[:2]], 3, "one prediction for each")

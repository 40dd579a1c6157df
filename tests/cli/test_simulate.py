"""`releasesim simulate`: four whole files, a table of 80 columns, data apart from words."""

from __future__ import annotations

import csv
import json

import numpy as np

from releasesim.curve import ReleaseCurve
from releasesim.study import Study

FILES = {"release.csv", "release.json", "release.png", "report.html"}


def test_files_and_table(run, study, tmp_path):
    out = tmp_path / "new" / "results"
    outcome = run("simulate", study, "--out", out)
    assert outcome.code == 0
    assert outcome.err == ""
    assert {path.name for path in out.iterdir()} == FILES
    for word in (
        "Eroding disc",
        "t50",
        "t80",
        "MDT",
        "regime",
        "erosion-controlled",
        "release.csv",
    ):
        assert word in outcome.out
    assert max(map(len, outcome.out.replace(str(out), "").splitlines())) <= 80
    assert "\x1b" not in outcome.out


def test_csv_starts_at_nothing_and_reads_back(run, study, tmp_path):
    run("simulate", study, "--out", tmp_path / "out")
    path = tmp_path / "out" / "release.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows[:2] == [["time_s", "released_fraction"], ["0", "0"]]
    # Hopfenberg: a cylinder of radius a and half height b, both less by v t
    left = (4.0 - 0.5) ** 2 * (1.5 - 0.5) / (4.0**2 * 1.5)
    assert abs(ReleaseCurve.read(path).at(3600.0) - (1 - left)) < 1e-3


def test_json_is_the_account(run, study, tmp_path):
    outcome = run("simulate", study, "--out", tmp_path / "out", "--json")
    data = json.loads(outcome.out)
    assert data == json.loads((tmp_path / "out" / "release.json").read_text())
    assert data["study_hash"] == Study.load(study).hash
    for key in [
        "version",
        "cards",
        "curve",
        "dose_kg",
        "ledger_error",
        "error_estimate",
        "regime",
        "method",
        "steps",
        "cells",
        "seconds",
        "estimates_used",
    ]:
        assert key in data
    assert np.isclose(data["dose_kg"], 200.0 * np.pi * 4e-3**2 * 3e-3)
    assert outcome.err.startswith("wrote release.csv")


def test_what_is_never_released_is_said(run, study, tmp_path):
    slow = study.read_text().replace("0.5 mm/h", "0.01 mm/h")
    study.write_text(slow)
    outcome = run("simulate", study, "--out", tmp_path / "out")
    assert "not reached by 4 h" in outcome.out


def test_results_are_replaced(run, study, tmp_path):
    run("simulate", study, "--out", tmp_path)
    study.write_text(study.read_text().replace("0.5 mm/h", "0.4 mm/h"))
    assert run("simulate", study, "--out", tmp_path).code == 0
    data = json.loads((tmp_path / "release.json").read_text())
    assert data["study_hash"] == Study.load(study).hash


def test_same_study_same_curve(run, study, tmp_path):
    for name in ("one", "two"):
        run("simulate", study, "--out", tmp_path / name)
    one, two = ((tmp_path / name / "release.csv").read_bytes() for name in ("one", "two"))
    assert one == two

"""`releasesim data check`: what is understood, flags by cell, and refusals in one line."""

from __future__ import annotations

import json

import pytest

TABLE = (
    "Apparatus,USP 2\nBatch,7\nDose [mg],100\nVolume [mL],900\nSampling volume [mL],5\n"
    "Replaced,no\nTime [min],V1 [mg/mL],V2 [mg/mL]\n15,0.02,0.03\n30,0.05,0.04\n45,0.04,0.12\n"
)


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "lab.csv"
    path.write_text(TABLE)
    return path


def test_shows_what_it_understood(run, table):
    outcome = run("data", "check", table)
    assert (outcome.code, outcome.err) == (0, "")
    for words in (
        "2 vessels in mg/mL, time in min",
        "900 mL",
        "not replaced",
        "Batch 7",
        "time [min]",
        "44.85",
        "C10: 107.1 % is above 100 %, kept",
        "B10: decreases by 8.9 %",
    ):
        assert words in outcome.out, words


def test_json(run, table):
    data = json.loads(run("data", "check", table, "--json").out)
    assert data["vessels"][1][0] == pytest.approx(0.4485)
    assert data["conditions"]["dose"] == pytest.approx(1e-4)
    assert data["flags"][0]["cell"] == "C10"
    assert data["not_understood"] == ["Batch 7"]


def test_declared_words_go_before_the_file(run, table):
    data = json.loads(run("data", "check", table, "--replaced", "--dose", "200 mg", "--json").out)
    assert data["vessels"][1][0] == pytest.approx(0.451 / 2)


def test_refusal_names_the_cell(failed, tmp_path):
    path = tmp_path / "lab.csv"
    path.write_text("Time [min],Released [%]\n5,10\n5,12\n")
    failed(["data", "check", path], 3, "lab.csv:3 A3", "times must increase")
    failed(["data", "check", path, "--dose", "5 cm"], 3, "5 cm")


def test_sheet_is_asked_for_by_words_that_do(run, failed, tmp_path):
    import workbooks

    path = tmp_path / "lab.xlsx"
    rows = [["Time [min]", "Released [%]"], [5, 10]]
    path.write_bytes(workbooks.xlsx(*rows, more={"Second": rows}))
    failed(["data", "check", path], 3, 'as in "lab.xlsx#Sheet1"')
    assert run("data", "check", f"{path}#Second").code == 0
    assert run("data", "check", path, "--sheet", "Second").code == 0
    assert run("compare", f"{path}#Sheet1", f"{path}#Second", "--rule", "all").code == 0


def test_alone_it_shows_its_help(run):
    assert "check" in run("data").out

"""`releasesim fit`: several experiments, chains that have not settled, and what is refused."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import workbooks

DATA = "Time [min],Released [%]\n30,36\n60,62\n120,92\n150,97\n"
OTHER = "Time [min],Released [%]\n30,35\n60,63\n120,91\n150,98\n"


@pytest.fixture
def data(tmp_path):
    paths = tmp_path / "one.csv", tmp_path / "two.csv"
    for path, text in zip(paths, (DATA, OTHER), strict=True):
        path.write_text(text)
    return paths


def words(study, *data):
    named = [word for path in data for word in ("--data", path)]
    return ["fit", study, *named, "--vary", "erosion.speed"]


def test_one_study_for_several_data(run, study, data):
    outcome = run(*words(study, *data), "--json")
    found = json.loads(outcome.out)
    assert outcome.code == 0
    assert found["points"] == 8
    assert [one["data"] for one in found["experiments"]] == ["one", "two"]


def test_a_study_for_each_data(run, study, data, tmp_path):
    """The second tablet is half as high, and shares the speed."""
    flat = tmp_path / "flat.toml"
    flat.write_text(study.read_text().replace('height = "3 mm"', 'height = "1.5 mm"'))
    outcome = run(*words(study, *data), "--study", flat, "--out", tmp_path / "out")
    assert outcome.code == 0
    assert "f2 two" in outcome.out
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"fitted_1.toml", "fitted_2.toml", "release_1.csv", "calibration.toml"} <= written
    assert 'height = "1.5 mm"' in (tmp_path / "out" / "fitted_2.toml").read_text()


def test_studies_and_data_that_do_not_pair(failed, study, data):
    failed([*words(study, data[0]), "--study", study], 3, "1 set of data but 2 studies")
    failed(
        [*words(study, *data), "--study", study, "--study", study],
        3,
        "2 sets of data but 3 studies",
    )


def test_a_file_counts_once(failed, study, data):
    again = data[0].parent / "." / data[0].name
    failed(words(study, data[0], again), 3, "one.csv: is given as data twice")


def test_values_under_another_name_are_told(run, study, data):
    data[1].write_text(DATA.replace(",", ";"))
    shown = " ".join(run(*words(study, *data)).out.split())
    assert "one and two hold the same values: they count twice" in shown


def test_two_sheets_of_one_workbook_are_two_experiments(run, study, tmp_path):
    one, two = (
        [["Time [min]", "Released [%]"], [30, first], [60, 62], [120, 92]] for first in (36, 35)
    )
    path = tmp_path / "lab.xlsx"
    path.write_bytes(workbooks.xlsx(*one, more={"Lot B": two}))
    outcome = run(*words(study, f"{path}#Sheet1", f"{path}#Lot B"), "--json")
    names = [each["data"] for each in json.loads(outcome.out)["experiments"]]
    assert names == ["lab Sheet1", "lab Lot B"]


def test_files_that_are_not_there(failed, study, data, tmp_path):
    failed(words(study, data[0], tmp_path / "no.csv"), 3, "no.csv")
    failed([*words(study, *data), "--study", tmp_path / "no.toml"], 3, "no.toml")
    failed(words(study), 2, "--data")


def test_data_of_nothing_that_was_released(failed, study, data, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_text("Time [min],Released [%]\n30,0\n60,0\n")
    failed(words(study, data[0], empty), 3, "curve 'empty' releases nothing")


def test_what_is_odd_about_the_data_is_told(run, study, tmp_path):
    """Cells in percent format under a header in percent: a hundredth of what was released."""
    path = tmp_path / "hundredth.csv"
    path.write_text("Time [min],Released [%]\n30,0.36\n60,0.62\n120,0.92\n150,0.97\n")
    outcome = run(*words(study, path))
    assert "are these fractions, or cells in percent?" in " ".join(outcome.out.split())


# --- chains ---------------------------------------------------------------------------------------


def test_a_chain_that_settled(run, study, data, tmp_path):
    out = tmp_path / "out"
    outcome = run(*words(study, data[0]), "--sample", 3000, "--out", out)
    assert outcome.code == 0
    shown = " ".join(outcome.out.split())
    assert "posterior erosion.speed median" in shown
    assert "curves from 1 simulations" in shown
    account = json.loads((out / "fit.json").read_text())["posterior"]
    assert account["converged"]
    assert account["estimates"]["erosion.speed"]["low"] > 0.0
    assert (out / "posterior.png").read_bytes().startswith(b"\x89PNG")


def test_a_chain_that_did_not_settle_is_kept_and_says_nothing(run, study, data, tmp_path):
    out = tmp_path / "out"
    outcome = run(*words(study, data[0]), "--sample", 30, "--out", out, "--json")
    assert outcome.code == 5
    said = outcome.err.splitlines()[-1]
    assert said.startswith("error: no intervals from the chain: ")
    assert "ask for --sample" in said
    assert "chain.npz" in said
    posterior = json.loads(outcome.out)["posterior"]
    assert posterior["converged"] is False
    assert posterior["estimates"] == {"erosion.speed": None}
    with np.load(out / "chain.npz") as kept:
        assert kept["chain"].shape == (2, 30, 16, 1)
    assert json.loads((out / "fit.json").read_text())["estimates"]["erosion.speed"]["low"] > 0.0


def test_a_missing_sampler_is_named(failed, study, data, monkeypatch):
    monkeypatch.setitem(sys.modules, "emcee", None)
    failed([*words(study, data[0]), "--sample", 100], 2, 'pip install "releasesim[bayes]"')
    failed([*words(study, data[0]), "--sample", -5], 3, "sample = -5: at least 20 steps")

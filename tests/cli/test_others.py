"""new, export, fit, cards, doctor, cite, help and version."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from releasesim import __version__
from releasesim.cards import FOLDERS, list_cards, models_folder
from releasesim.study import Study
from releasesim.workflows import doctor

ROOT = Path(__file__).parents[2]
COMMANDS = [
    "new",
    "simulate",
    "compare",
    "fit",
    "mechanisms",
    "design",
    "export",
    "slice",
    "selftest",
    "validate",
    "cards",
    "doctor",
    "cite",
    "cards+list",
    "cards+show",
    "cards+lint",
]

# --- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_readable(run, command):
    outcome = run(*command.split("+"), "--help")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert lines[0].startswith(f"Usage: releasesim {command.replace('+', ' ')}")
    assert max(map(len, lines)) <= 80
    assert "..." not in outcome.out.replace("[ARGS]...", "")
    if command != "cards":
        assert "--json" in outcome.out


def test_help_lists_all_commands_in_full(run):
    outcome = run("--help")
    for command in COMMANDS:
        assert f"  {command.partition('+')[0]} " in outcome.out
    assert "..." not in outcome.out.replace("[ARGS]...", "")
    assert run().out == outcome.out


def test_version(run):
    assert run("--version") == (0, f"releasesim {__version__}\n", "")


# --- new -----------------------------------------------------------------------------------------


def test_new_study_is_short_commented_and_runs(run, tmp_path):
    path = tmp_path / "study.toml"
    assert run("new", path).code == 0
    text = path.read_text()
    assert len(text.splitlines()) < 60
    assert text.count("#") > 10
    assert Study.load(path).design is not None
    assert run("simulate", path, "--out", tmp_path / "out").code == 0


def test_new_never_overwrites(run, failed, tmp_path):
    path = tmp_path / "study.toml"
    path.write_text("mine")
    failed(["new", path], 3, "is there already", "--force")
    assert path.read_text() == "mine"
    assert run("new", path, "--force").code == 0
    assert "releasesim/1" in path.read_text()


def test_new_is_called_study_toml(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("new", "--json").out) == {"file": "study.toml"}
    assert (tmp_path / "study.toml").is_file()


def test_new_needs_a_folder(failed, tmp_path):
    failed(["new", tmp_path], 3, "is a folder")
    failed(["new", tmp_path / "none" / "study.toml"], 3, "there is no folder")


# --- export --------------------------------------------------------------------------------------


def test_export(run, study, tmp_path):
    out = tmp_path / "print"
    outcome = run("export", study, "--out", out, "--json")
    data = json.loads(outcome.out)
    assert data == json.loads((out / "manifest.json").read_text())
    assert {"tablet.3mf", "tablet.stl", "study.toml"} <= set(data["files"])
    assert data["predicted_curve"]["released_fraction"][0] == 0.0
    assert set(data["files"]) | {"manifest.json"} == {one.name for one in out.iterdir()}
    words = ("export", study, "--out", out, "--no-curve", "--roads", "--printer", "generic_fdm")
    assert "mm3" in run(*words).out
    again = json.loads((out / "manifest.json").read_text())
    assert "predicted_curve" not in again
    assert "roads.stl" in again["files"]


def test_export_refuses_what_the_printer_cannot_make(failed, study, tmp_path):
    study.write_text(
        study.read_text().replace(
            "[formulation]",
            'road_width = "0.8 mm"\n\
infill = { pattern = "grid", density = "20 %" }\n[formulation]',
        )
    )
    words = ("export", study, "--out", tmp_path / "print", "--printer", "generic_fdm")
    failed(words, 3, "cannot be printed on generic_fdm: road width 0.8 mm is outside")
    failed((*words[:-1], "generic_fdn"), 3, "generic_fdm")


# --- fit -----------------------------------------------------------------------------------------


def test_fit_finds_the_speed_that_made_the_data(run, study, tmp_path):
    run("simulate", study, "--out", tmp_path / "truth")
    data, out = tmp_path / "truth" / "release.csv", tmp_path / "fit"
    study.write_text(study.read_text().replace("0.5 mm/h", "0.3 mm/h"))
    words = ("fit", study, "--data", data, "--vary", "erosion.speed")
    found = json.loads(run(*words, "--out", out, "--json").out)
    assert abs(found["estimates"]["erosion.speed"]["value"] * 3.6e6 - 0.5) < 1e-4
    assert {one.name for one in out.iterdir()} == {
        "calibration.toml",
        "fit.json",
        "fit.png",
        "fitted.toml",
        "release.csv",
    }
    assert abs(Study.load(out / "fitted.toml").get("erosion.speed") * 3.6e6 - 0.5) < 1e-4
    assert "erosion.speed" in run(*words).out


def test_fit_refuses_an_unknown_name(run, failed, study, tmp_path):
    run("simulate", study, "--out", tmp_path)
    words = ("--data", tmp_path / "release.csv", "--vary", "erosion.sped")
    failed(["fit", study, *words, "--out", tmp_path / "fit"], 3, 'did you mean "erosion.speed"')
    assert not (tmp_path / "fit").exists()


# --- cards ---------------------------------------------------------------------------------------


def test_cards_list(run):
    data = json.loads(run("cards", "list", "--json").out)
    assert len(data["cards"]) == sum(len(list_cards(kind)) for kind in FOLDERS)
    outcome = run("cards", "list", "polymers")
    assert "pva" in outcome.out
    assert "theophylline" not in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80


def test_cards_show(run, failed):
    assert "doi:" in run("cards", "show", "pva").out
    assert json.loads(run("cards", "show", "media/water", "--json").out)["kind"] == "medium"
    failed(["cards", "show", "pvaa"], 3, "did you mean 'pva'")
    failed(["cards", "list", "polymr"], 3, "did you mean 'polymer'")


def test_cards_lint(run, failed, tmp_path):
    assert run("cards", "lint").code == 0
    models = tmp_path / "models"
    shutil.copytree(models_folder(), models)
    card = models / "polymers" / "pva.toml"
    card.write_text(card.read_text().replace('kind = "polymer"', 'kind = "drug"'))
    outcome = run("cards", "lint", models, "--json")
    assert outcome.code == 5
    assert any("pva.toml" in line for line in json.loads(outcome.out)["problems"])
    failed(["cards", "lint", tmp_path / "none"], 3, "no such folder")
    failed(["cards", "lint", card], 3, "is a file")


# --- doctor and cite -----------------------------------------------------------------------------


def test_doctor_knows_every_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert list(doctor.DEPENDENCIES) == [one.split(">=")[0] for one in project["dependencies"]]


def test_doctor(run):
    outcome = run("doctor", "--json")
    data = json.loads(outcome.out)
    assert outcome.code == 0
    assert data["ok"] is True
    names = {one["name"] for one in data["findings"]}
    assert {"Python", "numba", "compiler", "kernel cache", "cards", "PrusaSlicer"} <= names


def test_doctor_finds_what_is_broken(run, monkeypatch):
    monkeypatch.setitem(doctor.DEPENDENCIES, "no-such", "no_such_module")
    outcome = run("doctor")
    assert outcome.code == 5
    assert "broken: no-such" in outcome.out


def test_absent_slicers_are_no_disease(run, monkeypatch):
    monkeypatch.setenv("PATH", "")
    outcome = run("doctor")
    assert outcome.code == 0
    assert "absent" in outcome.out


def test_cite(run):
    data = json.loads(run("cite", "--json").out)
    assert data["bibtex"].startswith("@software{")
    assert __version__ in data["text"]
    assert data["bibtex"] in run("cite").out

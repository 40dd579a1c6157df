"""`releasesim design`: everything on disk, reachable or not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import workbooks

from releasesim import optimization, printing
from releasesim.errors import InputError, RefusedError
from releasesim.optimization.result import Candidate, Design
from releasesim.similarity import compare
from releasesim.simulation import simulate
from releasesim.study import Study

FILES = [
    "design.toml",
    "release.csv",
    "design.json",
    "tablet.3mf",
    "tablet.stl",
    "manifest.json",
    "report.html",
]


@pytest.fixture
def made(study):
    """Make a design without a search."""
    loaded = Study.load(study)
    release = simulate(loaded)
    chosen = Candidate(
        "none", "solid", {}, 0.2, release.dose, 1.5e-7, 100.0, 0.0, 0.0, True, "fine", "chosen"
    )
    return Design(
        study=loaded,
        release=release,
        target=replace(release.curve, name="target"),
        comparison=compare(release.curve, release.curve),
        accepted=True,
        verdict="accepted (f2 >= 50)",
        candidates=(chosen,),
    )


@pytest.fixture
def search(made, monkeypatch):
    """Put a design in the place of the search."""

    def put(**changes):
        def run(study, *, progress, store=None):
            progress("searching", 0.5)
            return replace(made, **changes)

        monkeypatch.setattr(optimization, "design", run)

    return put


def test_files(run, study, search, tmp_path):
    search()
    outcome = run("design", study, "--out", tmp_path / "best")
    assert (outcome.code, outcome.err) == (0, "")
    assert set(FILES) <= {path.name for path in (tmp_path / "best").iterdir()}
    assert Study.load(tmp_path / "best" / "design.toml").hash == Study.load(study).hash
    assert "accepted" in outcome.out


@pytest.mark.parametrize("name", ["pc.csv", "lab.xlsx#After the dose"])
def test_a_course_of_plasma_is_copied_beside_the_design(run, study, search, tmp_path, name):
    """The folder is read again where the study and its files are gone."""
    rows = [["Time [h]", "Concentration [mg/L]"], [1, 2], [4, 3], [8, 1]]
    if name == "pc.csv":
        text = "\n".join(",".join(map(str, row)) for row in rows)
        (tmp_path / name).write_text(text, encoding="utf-8")
    else:
        book = workbooks.xlsx(*rows, name="After the dose", more={"Notes": [["none"]]})
        (tmp_path / "lab.xlsx").write_bytes(book)
    drug = study.read_text().replace(
        'concentration = "200 mg/mL"',
        'drug = "theophylline"\npolymer = "pva"\ndrug_loading = "10 %"',
    )
    drug = drug.replace('density = "1.2 g/cm3"\n', "")
    wish = f'[target]\nplasma = {{ curve = "{name}" }}\n[patient]\nweight = "70 kg"\n'
    study.write_text(drug + wish)
    search(study=Study.load(study))
    assert run("design", study, "--out", tmp_path / "best").code == 0
    for file in (study, *tmp_path.glob("*.csv"), *tmp_path.glob("*.xlsx")):
        file.unlink()
    again = Study.load(tmp_path / "best" / "design.toml").target.plasma
    assert again.concentrations == pytest.approx((2e-3, 3e-3, 1e-3))


def test_not_reachable_is_4_with_everything_written(run, study, search, tmp_path):
    search(accepted=False, verdict="not reachable: erosion is too fast")
    outcome = run("design", study, "--out", tmp_path / "best", "--json")
    assert outcome.code == 4
    assert "error: target not reachable: erosion is too fast\n" in outcome.err
    assert set(FILES) <= {path.name for path in (tmp_path / "best").iterdir()}
    assert json.loads(outcome.out)["accepted"] is False


def test_ctrl_c_during_the_search_leaves_nothing(failed, study, monkeypatch, tmp_path):
    def stop(study, *, progress, store=None):
        raise KeyboardInterrupt

    monkeypatch.setattr(optimization, "design", stop)
    failed(["design", study, "--out", tmp_path / "best"], 130, "nothing was finished")
    assert not (tmp_path / "best").exists()


def test_ctrl_c_after_the_search_keeps_the_design(failed, study, search, monkeypatch, tmp_path):
    def stop(*arguments, **options):
        raise KeyboardInterrupt

    search()
    monkeypatch.setattr(printing, "export", stop)
    failed(["design", study, "--out", tmp_path / "best"], 130, "design.toml, release.csv")
    assert {path.name for path in (tmp_path / "best").iterdir()} == {"design.toml", "release.csv"}


def test_refused_patient_is_3_with_a_page(failed, study, monkeypatch, tmp_path):
    def refuse(study, *, progress, store=None):
        raise RefusedError("the drug is refused: because")

    monkeypatch.setattr(optimization, "design", refuse)
    failed(["design", study, "--out", tmp_path / "best"], 3, "the drug is refused: because")
    page = (tmp_path / "best" / "report.html").read_text(encoding="utf-8")
    assert "The drug is refused: because" in page
    account = json.loads((tmp_path / "best" / "design.json").read_text(encoding="utf-8"))
    assert account["accepted"] is False
    assert account["study_hash"] == Study.load(study).hash


def test_a_refusal_is_data_too(run, study, monkeypatch, tmp_path):
    def refuse(study, *, progress, store=None):
        raise RefusedError("no tablet can be made within [design]: weighs 180 mg")

    monkeypatch.setattr(optimization, "design", refuse)
    outcome = run("design", study, "--out", tmp_path / "best", "--json")
    assert outcome.code == 3
    account = json.loads(outcome.out)
    assert account == json.loads((tmp_path / "best" / "design.json").read_text(encoding="utf-8"))
    assert account["refused"] == "no tablet can be made within [design]: weighs 180 mg"
    assert outcome.err == "error: no tablet can be made within [design]: weighs 180 mg\n"


def test_without_target(failed, study, tmp_path):
    failed(["design", study, "--out", tmp_path / "best"], 3, "[design]")
    assert not (tmp_path / "best").exists()


def test_refused_export_is_one_line(failed, study, search, monkeypatch, tmp_path):
    def refuse(*arguments, **options):
        raise InputError("cannot be printed")

    search()
    monkeypatch.setattr(printing, "export", refuse)
    failed(["design", study, "--out", tmp_path / "best"], 3, "cannot be printed")
    assert not (tmp_path / "best" / "design.json").exists()


@pytest.mark.slow
def test_the_starter_can_be_designed(run, tmp_path):
    run("new", tmp_path / "study.toml")
    outcome = run("design", tmp_path / "study.toml", "--out", tmp_path / "best")
    assert outcome.code == 0
    assert "accepted" in outcome.out

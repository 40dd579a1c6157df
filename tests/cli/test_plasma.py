"""Plasma from a study and release from plasma, through the program's own doors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
STUDY = """
schema = "releasesim/1"
title = "Metoprolol, slow"
[tablet]
shape = { kind = "sphere", diameter = "5 mm" }
[formulation]
drug = "DRUG"
polymer = "hpmc_k4m"
drug_loading = "15 %"
[physics]
diffusion = { law = "ConstantDiffusivity", D = "2e-10 m2/s" }
[run]
until = "12 h"
[target]
plasma = { low = "25 ng/mL", high = "100 ng/mL", dose_every = "12 h" }
[patient]
weight = "70 kg"
genotype = { CYP2D6 = "GENOTYPE" }
biomarkers = { "HLA-B*57:01" = "positive" }
"""


@pytest.fixture
def written(tmp_path):
    def write(drug="metoprolol", genotype="*4/*4"):
        path = tmp_path / "study.toml"
        text = STUDY.replace("DRUG", drug).replace("GENOTYPE", genotype)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_plasma_is_written_with_its_band(run, written, tmp_path):
    outcome = run("plasma", written(), "--out", tmp_path / "out")
    assert outcome.code == 0
    assert "poor metaboliser" in outcome.out
    data = json.loads((tmp_path / "out" / "plasma.json").read_text(encoding="utf-8"))
    assert data["window_kg_m3"] == pytest.approx([25e-6, 100e-6])
    triple = zip(data["low_kg_m3"], data["concentration_kg_m3"], data["high_kg_m3"], strict=True)
    assert all(low <= level <= high for low, level, high in triple)
    assert (tmp_path / "out" / "plasma.png").read_bytes().startswith(b"\x89PNG")


def test_each_drug_of_a_polypill_has_its_plasma(run, written, tmp_path):
    path = written()
    text = path.read_text(encoding="utf-8")
    text = text.replace(
        'drug = "metoprolol"\npolymer = "hpmc_k4m"\ndrug_loading = "15 %"',
        'components = [{ drug = "metoprolol", fraction = "10 %" }, { drug = "caffeine", fraction = '
        '"10 %" }, { polymer = "hpmc_k4m", fraction = "80 %" }]',
    )
    path.write_text(text.replace("[target]", "[target.metoprolol]"), encoding="utf-8")
    assert "none for caffeine" in run("plasma", path, "--out", tmp_path / "out").err
    wish = '[target.caffeine]\nplasma = { low = "1 mg/L", high = "9 mg/L", dose_every = "8 h" }\n'
    path.write_text(path.read_text(encoding="utf-8") + wish, encoding="utf-8")
    assert run("plasma", path, "--out", tmp_path / "out").code == 0
    data = json.loads((tmp_path / "out" / "plasma.json").read_text(encoding="utf-8"))
    every = {name: one["dose_every_s"] for name, one in data["drugs"].items()}
    assert every == {"metoprolol": 12 * 3600.0, "caffeine": 8 * 3600.0}
    names = {p.name for p in (tmp_path / "out").iterdir()}
    assert {"plasma_caffeine.csv", "plasma_metoprolol.png"} <= names
    given = run("plasma", path, "--release", path, "--out", tmp_path / "b")
    assert given.code == 3
    assert "leave --release out" in given.err
    assert run("simulate", path, "--out", tmp_path / "s").code == 0
    page = (tmp_path / "s" / "report.html").read_text(encoding="utf-8")
    assert page.count("<h3>caffeine</h3>") == page.count("<h3>metoprolol</h3>") == 1
    assert page.count("data:image/png") == 4


def test_simulate_carries_the_plasma_of_a_patient(run, written, tmp_path):
    assert run("simulate", written(), "--out", tmp_path / "out").code == 0
    data = json.loads((tmp_path / "out" / "release.json").read_text(encoding="utf-8"))
    assert 0.0 <= data["plasma"]["time_in_window"] <= 1.0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "CYP2D6 *4/*4: poor metaboliser" in page
    assert "<h2>Patient</h2>" in page


@pytest.mark.parametrize("command", ["simulate", "plasma"])
def test_a_forbidden_biomarker_is_refused(run, written, tmp_path, command):
    outcome = run(command, written("abacavir"), "--out", tmp_path / "out")
    assert outcome.code == 3
    assert "HLA-B*57:01 is positive and must be negative" in outcome.err


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("sweep", ()),
        ("sweep", ("--executor", "slurm")),
        ("export", ()),
        ("export", ("--no-curve",)),
        ("show", ("--frames", "0")),
        ("compare", ("REFERENCE",)),
        ("fit", ("--data", "REFERENCE", "--vary", "diffusion.D")),
        ("mechanisms", ("--data", "REFERENCE")),
        ("deconvolve", ("--study", "STUDY")),
    ],
)
def test_every_verb_asks_the_gate_before_it_writes(failed, tmp_path, command, more):
    path, table, out = (tmp_path / name for name in ("study.toml", "curve.csv", "out"))
    swept = '[sweep.vary]\n"infill.density" = ["40 %", "60 %"]\n'
    text = (EXAMPLES / "patient_forbidden.toml").read_text(encoding="utf-8")
    path.write_text(text + swept, encoding="utf-8")
    table.write_text("Time [h],Released [%]\n1,20\n2,40\n4,70\n6,85\n", encoding="utf-8")
    files = {"REFERENCE": table, "STUDY": path}
    first = table if command == "deconvolve" else path
    words = (command, first, *(files.get(word, word) for word in more), "--out", out)
    line = text.splitlines().index("[patient]") + 1
    said = "HLA-B*57:01 is positive and must be negative"
    failed(words, 3, f"{path}:{line} Abacavir is refused: {said}")
    assert not out.exists() or not list(out.iterdir())


def test_a_therapy_that_no_tablet_carries_is_refused(run, written, tmp_path):
    outcome = run("plasma", written("trastuzumab"), "--out", tmp_path / "out")
    assert outcome.code == 3
    assert "trastuzumab cannot be printed" in outcome.err


def test_an_indeterminate_genotype_is_refused(run, written, tmp_path):
    outcome = run("plasma", written(genotype="*1/*22"), "--out", tmp_path / "out")
    assert outcome.code == 3
    assert "indeterminate" in outcome.err


@pytest.mark.parametrize("method", ["constrained", "wagner_nelson"])
def test_release_is_read_back_from_plasma(run, written, tmp_path, method):
    table = "Time [h],Concentration [ng/mL]\n1,8\n2,15\n4,24\n8,30\n12,31\n16,22\n24,11\n"
    (tmp_path / "p.csv").write_text(table, encoding="utf-8")
    words = ("--study", written(), "--dose", "15 mg", "--method", method)
    outcome = run("deconvolve", tmp_path / "p.csv", *words, "--out", tmp_path / "out")
    assert outcome.code == 0
    data = json.loads((tmp_path / "out" / "deconvolution.json").read_text(encoding="utf-8"))
    assert data["method"] == method
    assert (tmp_path / "out" / "release.csv").is_file()


def test_an_unknown_method_is_refused(run, written, tmp_path):
    table = "Time [h],Concentration [ng/mL]\n1,8\n"
    (tmp_path / "p.csv").write_text(table, encoding="utf-8")
    words = ("--study", written(), "--method", "guess")
    outcome = run("deconvolve", tmp_path / "p.csv", *words, "--out", tmp_path / "out")
    assert outcome.code == 3
    assert "constrained, wagner_nelson, loo_riegelman" in outcome.err

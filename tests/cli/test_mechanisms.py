"""mechanisms: the ranking on the screen, its files, and what cannot be ranked."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from releasesim.curve import ReleaseCurve
from releasesim.empirical import EQUATIONS
from releasesim.study import Study
from releasesim.units import hour
from releasesim.workflows.selftest import exact

SPEED = 0.35e-3 / 3600
TIMES = np.array([0.25, 0.5, 1, 1.5, 2, 2.5, 3, 3.5]) * hour
ONLY = ("--only", "diffusion", "--only", "erosion")


@pytest.fixture
def data(tmp_path):
    """Hopfenberg (1976) on the disc of `study`, 1 % of the dose as noise."""
    released = exact.erode_finite_cylinder(TIMES, SPEED, 4e-3, 3e-3)
    noise = np.random.default_rng(4).normal(0.0, 0.01, TIMES.size)
    ReleaseCurve(TIMES, released + noise, name="disc").write(tmp_path / "disc.csv")
    return tmp_path / "disc.csv"


def test_the_front_is_found_and_written(run, study, data, tmp_path):
    out = tmp_path / "choice"
    outcome = run("mechanisms", study, "--data", data, *ONLY, "--out", out, "--json")
    assert outcome.code == 0
    told = json.loads(outcome.out)
    assert told["best"] == "erosion"
    assert {one.name for one in out.iterdir()} == {
        "calibration.toml",
        "candidates.csv",
        "choice.json",
        "choice.png",
        "choice.svg",
        "curves.png",
        "fitted.toml",
        "report.html",
    }
    kept = json.loads((out / "choice.json").read_text())
    assert list(kept["sha256"]) == ["disc.csv"]
    assert kept["ranking"] == told["ranking"]
    fitted = Study.load(out / "fitted.toml")
    assert fitted.get("erosion.speed") == pytest.approx(SPEED, rel=0.03)
    assert fitted.run == Study.load(study).run
    with (out / "candidates.csv").open() as file:
        rows = list(csv.DictReader(file))
    ranked = [row for row in rows if row["rank"]]
    assert [float(r["aicc"]) for r in ranked] == sorted(float(r["aicc"]) for r in ranked)
    equations = [row["name"] for row in rows if row["kind"] == "equation"]
    assert sorted(equations) == sorted(EQUATIONS)
    for name in ("choice.png", "curves.png"):
        with Image.open(out / name) as picture:
            assert min(picture.size) > 400
    page = (out / "report.html").read_text()
    assert "Choice among mechanisms" in page
    assert "http" not in page.partition("<body>")[2]
    assert page.count("data:image/png") == 2


def test_the_table_fits_the_terminal(run, study, data, tmp_path):
    outcome = run("mechanisms", study, "--data", data, *ONLY)
    assert outcome.code == 0
    lines = [line for line in outcome.out.splitlines() if str(tmp_path) not in line]
    assert max(map(len, lines)) <= 80
    for words in ("dAICc", "of 2 mechanisms erosion explains", "needs a second experiment"):
        assert words in outcome.out


def test_what_cannot_be_is_one_line(failed, study, data, tmp_path):
    failed(["mechanisms", study, "--data", tmp_path / "none.csv"], 3, "none.csv")
    failed(["mechanisms", study, "--data", data, "--only", "magic"], 3, "no candidate mechanism")
    two = study.parents[0] / "two.toml"
    two.write_text(
        '[tablet]\nshape = { kind = "sphere", diameter = "8 mm" }\n[formulation]\ncomponents = ['
        '{ drug = "caffeine", fraction = "10 %" }, { drug = "theophylline", fraction = "5 %" }, '
        '{ polymer = "pva", fraction = "85 %" }]\n'
    )
    failed(["mechanisms", two, "--data", data], 3, "a choice of mechanism takes one drug")
    (tmp_path / "few.csv").write_text("Time [min],Released [%]\n0,0\n10,20\n20,40\n")
    out = tmp_path / "out"
    failed(["mechanisms", study, "--data", tmp_path / "few.csv", "--out", out], 3, "2 points: AICc")
    assert not out.exists()
    (tmp_path / "paper.toml").write_text('kind = "summary"\nt50 = "3 h"\n')
    failed(["mechanisms", study, "--data", tmp_path / "paper.toml"], 3, "'paper' is a summary")

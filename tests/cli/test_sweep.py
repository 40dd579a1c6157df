"""`releasesim sweep`: table, account, exit codes."""

from __future__ import annotations

import csv
import json
import subprocess

import pytest
from cli.conftest import EXACT

from releasesim.units import hour

SWEPT = (
    EXACT
    + """\
[sweep]
shard = 2
measures = ["t50", "released 4 h", "dose"]
[sweep.vary]
"erosion.speed" = ["0.25 mm/h", "0.5 mm/h", "1 mm/h"]
"shape.height" = ["2 mm", "3 mm"]
"""
)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(SWEPT)
    return path


def test_table_holds_what_the_closed_form_says(run, file, tmp_path):
    """Hopfenberg 1976: a disc of radius a, half height b keeps (1 - vt/a)^2 (1 - vt/b)."""
    out = tmp_path / "out"
    code, said, _ = run("sweep", file, "--out", out, "--executor", "serial")
    assert code == 0
    assert "6 runs" in said
    with (out / "sweep.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    speeds = [float(row["erosion.speed"].removesuffix(" m/s")) for row in rows[::2]]
    assert speeds == pytest.approx([v * 1e-3 / hour for v in (0.25, 0.5, 1.0)])
    speed, half = 0.25e-3 / hour, 1e-3
    left = (1 - speed * 4 * hour / 4e-3) ** 2 * max(0.0, 1 - speed * 4 * hour / half)
    assert float(rows[0]["released 4 h"]) == pytest.approx(1 - left, abs=1e-3)
    assert {path.name for path in out.iterdir()} >= {"sweep.json", "sweep.png", "cost.json"}


def test_second_run_needs_resume_and_computes_nothing(run, file, tmp_path):
    out = tmp_path / "out"
    assert run("sweep", file, "--out", out, "--executor", "threads").code == 0
    whole = (out / "sweep.csv").read_bytes()
    again = run("sweep", file, "--out", out, "--executor", "serial")
    assert again.code == 3
    assert "--resume goes on with it" in again.err
    resumed = run("sweep", file, "--out", out, "--executor", "serial", "--resume", "--json")
    assert resumed.code == 0
    assert json.loads(resumed.out)["runs"] == 6
    assert (out / "sweep.csv").read_bytes() == whole


def test_refused_runs_are_counted(run, file, tmp_path):
    text = SWEPT.replace('"shape.height" = ["2 mm", "3 mm"]', "walls = [1, 40]")
    file.write_text(
        text.replace(
            "[formulation]", 'infill = { pattern = "grid", density = "30 %" }\n[formulation]'
        )
    )
    out = tmp_path / "out"
    code, said, _ = run("sweep", file, "--out", out, "--executor", "serial")
    assert code == 0
    assert "refused" in said
    assert sum(json.loads((out / "sweep.json").read_text())["refused"].values()) == 3


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--executor", "dask"], 2, "needs the --scheduler"),
        (["--part", "3/2"], 2, "1 <= K <= N"),
        (["--limit", "1 min", "--executor", "serial"], 2, "needs --executor processes"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(run, file, tmp_path, *, words, code, message):
    left = run("sweep", file, "--out", tmp_path / "out", *words)
    assert left.code == code
    assert message in left.err
    assert left.err.count("\n") == 1


def test_slurm_script_computes_the_sweep_when_bash_plays_the_array(run, file, tmp_path):
    out = tmp_path / "out"
    assert run("sweep", file, "--out", out, "--executor", "slurm", "--workers", "2").code == 0
    script = out / "sweep.sbatch"
    assert "#SBATCH --array=1-2" in script.read_text()
    checked = subprocess.run(["bash", "-n", script], check=False)  # noqa: S603, S607 - our own
    assert checked.returncode == 0
    for task in ("1/2", "2/2"):
        words = ("sweep", file, "--out", out, "--resume", "--executor", "serial", "--part", task)
        assert run(*words).code == 0
    assert len((out / "sweep.csv").read_text().splitlines()) == 7

"""A command line in the same process, and a study that is simulated at once."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from releasesim.cli import app

EXACT = """\
title = "Eroding disc"
[tablet]
shape = { kind = "cylinder", diameter = "8 mm", height = "3 mm" }
[formulation]
concentration = "200 mg/mL"
density = "1.2 g/cm3"
[physics]
erosion = { law = "ConstantFront", speed = "0.5 mm/h" }
[run]
until = "4 h"
samples = 25
"""


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capfd, monkeypatch):
    """Run a command as `main` would; nothing of it reaches the terminal."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words) -> Outcome:
        with pytest.raises(SystemExit) as left:
            app([str(word) for word in words], prog_name="releasesim")
        return Outcome(left.value.code, *capfd.readouterr())

    return run


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(EXACT)
    return path


@pytest.fixture
def failed(run):
    """Run a command and see that it ends in one line of error and nothing else."""

    def failed(words, code: int, *said: str) -> Outcome:
        outcome = run(*words)
        assert outcome.code == code
        assert outcome.out == ""
        assert outcome.err.startswith("error: ")
        assert outcome.err.count("\n") == 1
        assert outcome.err.endswith("\n")
        for word in said:
            assert word in outcome.err
        return outcome

    return failed

"""Studies that several tests read."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from releasesim.study import Study

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"
CURVE = "Time [h],Released [%]\n1,10\n2,30\n4,80\n"


@pytest.fixture
def full_path(tmp_path):
    """Copy the full study beside a curve for its target."""
    path = tmp_path / "study.toml"
    shutil.copy(EXAMPLES / "full_study.toml", path)
    (tmp_path / "reference.csv").write_text(CURVE)
    return path


@pytest.fixture
def full(full_path):
    return Study.load(full_path)


@pytest.fixture
def short():
    """Load the shortest study: everything else comes from cards and defaults."""
    return Study.load(HERE / "ten_lines.toml")

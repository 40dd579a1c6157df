"""The report on two curves: everything that was asked for, in one page that needs no other file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from releasesim.curve import ReleaseCurve
from releasesim.report import comparison_report
from releasesim.similarity import Settings, assess

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def shah():
    return [
        ReleaseCurve.read(EXAMPLES / f"shah1998_{name}.csv") for name in ("reference", "batch2")
    ]


def test_everything_is_in_the_page(shah):
    """Shah 1998, test 2: f2 = 49.97 is not 50, and D_M = 6.6854 (disprofas)."""
    found = assess(*shah, Settings(rule="ema", resamples=500))
    page = comparison_report(found, *shah, {"comparison": b"png"})
    for words in (
        "Not similar by f2",
        "49.97",
        "50.18",  # bias-corrected
        "BCa, one unit left out at a time (nt+nr)",
        "6.6854 over 3 points",
        "Hoffelder, T2EQ",
        "99 % of units lie inside with 95 % confidence",
        "time of 80 %",
        "Research use only",
        "seed 1998",
    ):
        assert words in page, words
    assert not re.search(r'(src|href)="http', page)


def test_what_is_missing_is_named_with_its_reason():
    times = np.array([600.0, 1200.0, 1800.0, 3600.0])
    R, T = ReleaseCurve(times, [0.2, 0.4, 0.6, 0.8]), ReleaseCurve(times, [0.25, 0.5, 0.7, 0.83])
    page = comparison_report(assess(R, T), R, T)
    assert "What could not be given" in page
    assert "one column per vessel" in page
    assert "Bootstrap of f2" not in page


def test_names_are_escaped():
    times = np.array([600.0, 1200.0, 1800.0])
    curve = ReleaseCurve(times, [0.2, 0.4, 0.6], name="<script>")
    assert "<script>" not in comparison_report(assess(curve, curve), curve, curve)


def test_compare_writes_a_folder(tmp_path, capfd):
    from releasesim.cli import app

    words = [
        "compare",
        str(EXAMPLES / "shah1998_reference.csv"),
        str(EXAMPLES / "shah1998_batch2.csv"),
    ]
    words += ["--rule", "ema", "--resamples", "300", "--out", str(tmp_path / "out"), "--json"]
    with pytest.raises(SystemExit) as left:
        app(words, prog_name="releasesim")
    assert left.value.code == 0
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "comparison.json",
        "comparison.png",
        "report.html",
    ]
    written = json.loads((tmp_path / "out" / "comparison.json").read_text())
    printed = json.loads(capfd.readouterr().out)
    assert written["f2"] == printed["f2"] == pytest.approx(49.9686193616205, abs=1e-9)
    assert set(written["sha256"]) == {"reference", "test"}
    assert written["version"]
    assert written["settings"]["seed"] == 1998

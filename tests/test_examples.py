"""Every example runs and prints a number known from outside it; every study there is read."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from releasesim.study import Study

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
SHARED = ROOT.parent / "shared" / "full_study.toml"


class Printed(NamedTuple):
    """The last number that an example prints, how well it is known, and words before it."""

    number: float
    within: float
    unit: str
    words: str = ""


KNOWN = {
    # min; the same tablet on a grid of 0.035 mm gives 79.7, on 0.1 mm 79.8
    "01_simulate": Printed(79.7, 0.5, "min"),
    # % of the dose; Fu, Hagemeir & Moyer 1976, summed to 1e-8; the accuracy asked of the default
    "02_solid_tablet": Printed(72.830, 0.1, "% of the dose"),
    # %; 100 sum|R - T| / sum R of the means, worked out from the two tables; f2 as in the paper
    "03_compare": Printed(13.21, 0.005, "% of the reference", words="f2: 51.08 (similar"),
    # m2/s; the diffusivity that the data were made with, rounded to 0.1 % of the dose
    "04_fit": Printed(1.2e-10, 0.005e-10, "m2/s"),
    # %; whatever is chosen, the target is met: a largest difference of 10 %
    "05_design": Printed(5.0, 5.0, "%"),
    # mm3; PrusaSlicer 2.5.0 deposits 86.74 mm of filament of 1.75 mm for tablet.3mf
    "06_export": Printed(208.6, 1.0, "mm3"),
}
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
STUDIES = sorted(EXAMPLES.glob("*.toml"))


def test_every_example_is_known():
    assert [path.stem for path in SCRIPTS] == sorted(KNOWN)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_prints_the_known_number(path, tmp_path):
    run = subprocess.run(  # noqa: S603 - our own file
        [sys.executable, "-W", "error", str(path)],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    known = KNOWN[path.stem]
    assert known.words in run.stdout
    last = run.stdout.rstrip().rpartition("\n")[2]
    number = re.findall(rf"([-+.e\d]+) {re.escape(known.unit)}$", last)
    assert number, f"{last!r} does not end in a number of {known.unit}"
    assert float(number[0]) == pytest.approx(known.number, abs=known.within)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_reads_from_top_to_bottom(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 30
    assert not re.search(r"^\s*(def|class|async|lambda)\b", text, re.MULTILINE)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.stem)
def test_study_is_read(path):
    study = Study.load(path)
    assert study.title
    assert study.target is not None


def test_full_study_is_the_contract():
    if not SHARED.exists():
        pytest.skip("shared/full_study.toml does not lie beside this checkout")
    assert (EXAMPLES / "full_study.toml").read_bytes() == SHARED.read_bytes()

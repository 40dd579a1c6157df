"""Every example runs and prints a number known from outside it; every study there is read."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from releasesim import day, hour, minute, simulate
from releasesim.cli import app
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
    # 1/min; the rate that the data were made with, rounded to 0.1 ug/mL
    "07_laboratory": Printed(0.035, 5e-5, "1/min", words="corrected for samples of 10 mL"),
    # %; both curves are one on the clock D t/R^2, rounded to 0.1 % of the dose
    "08_mechanisms": Printed(0.0, 0.1, "% of the dose", words="of 2 mechanisms diffusion"),
    # %; Crank 1975 eq. 4.17 in the middle of a slab at D t/l2 = 0.2, three terms by hand
    "07_fields": Printed(77.231, 0.01, "% of the start"),
}
# what is known of a worked study before it is simulated: of a drug, how much is out by when
WORKED = {
    # closed voids flood when the front is through the walls of 0.45 mm, grown by J^(1/3): a burst
    "one_front": [("theophylline", 80 * minute, 0.45, 0.55)],
    "printed_pva": [("theophylline", 1 * hour, 0.05, 0.75), ("theophylline", 4 * hour, 0.99, 1.0)],
    # Mn0/10 after ln(10)/(0.027 1/d) = 85 d where no acid is lost: most leaves about then
    "pla_implant": [("prednisolone", 30 * day, 0.0, 0.3), ("prednisolone", 150 * day, 0.8, 1.0)],
    # roads are 0.23 mm from axis to side, l2/D is a month: half is out after a fifth of that
    "pcl_slow": [("hydrocortisone", 1 * day, 0.1, 0.4), ("hydrocortisone", 28 * day, 0.8, 1.0)],
    # USP <711>: not more than 10 % in acid; at 0.6 mm/h a shell of 0.3 mm lasts half an hour
    "enteric_core": [
        ("theophylline", 2 * hour, 0.0, 0.01),
        ("theophylline", 2.45 * hour, 0.0, 0.05),
        ("theophylline", 6 * hour, 0.8, 1.0),
    ],
    # made up with other values (see test_two_sizes_give_back_what_they_were_made_with)
    "joint_small": [("theophylline", 3 * hour, 0.9, 1.0)],
    "joint_large": [("theophylline", 3 * hour, 0.4, 0.8)],
    # a layer of 1.6 mm with one free face is eroded in 1.6/1.5 h
    "bilayer_two_drugs": [
        ("paracetamol", 1.1 * hour, 0.9, 1.0),
        ("caffeine", 1.1 * hour, 0.0, 0.2),
        ("caffeine", 24 * hour, 0.4, 0.7),
    ],
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
    assert (study.target is not None) == (path.stem not in WORKED)


@pytest.mark.parametrize("name", WORKED)
def test_worked_study_releases_as_it_should(name):
    release = simulate(Study.load(EXAMPLES / f"{name}.toml"))
    assert release.ledger_error < 1e-10
    for drug, time, low, high in WORKED[name]:
        assert low <= float(release.curves[drug].at(time)) <= high, (drug, time)


def test_two_sizes_give_back_what_they_were_made_with(tmp_path, capsys):
    """The command that the study gives in its comment: D and k within 5 %, and in their bands."""
    text = (EXAMPLES / "joint_small.toml").read_text(encoding="utf-8")
    command = re.search(r"^#   releasesim (fit .*?) --out", text.replace("\\\n#", ""), re.M)[1]
    words = command.replace("examples/", f"{EXAMPLES}/").split()
    with pytest.raises(SystemExit) as left:
        app([*words, "--out", str(tmp_path / "joint"), "--json"], prog_name="releasesim")
    assert left.value.code == 0
    found = json.loads(capsys.readouterr().out)["estimates"]
    for name, truth in (("diffusion.D", 1.2e-10), ("film.k", 4e-7)):
        assert found[name]["value"] == pytest.approx(truth, rel=0.05)
        assert found[name]["low"] < truth < found[name]["high"]


def test_full_study_is_simulated():
    """What is normative for the reader is simulated too; on a wide grid, which is quick."""
    study = Study.load(EXAMPLES / "full_study.toml").replace("run.spacing", "0.4 mm")
    release = simulate(study)
    assert release.ledger_error < 1e-10
    assert 0.9 < release.curve.fraction[-1] <= 1.0


def test_full_study_is_the_contract():
    if not SHARED.exists():
        pytest.skip("shared/full_study.toml does not lie beside this checkout")
    ours = tomllib.loads((EXAMPLES / "full_study.toml").read_text(encoding="utf-8"))
    first = tomllib.loads(SHARED.read_text(encoding="utf-8"))
    lost = [key for key in _leaves(first) if key not in set(_leaves(ours))]
    assert not lost, "the first study file said these, and old files still do"


def _leaves(data, before=()):
    """Key paths of a study with their values; keys were added since, none may be lost."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for key, value in items:
        if isinstance(value, dict | list):
            yield from _leaves(value, (*before, key))
        else:
            yield (*before, key, value)

"""`releasesim slice`: what it writes, what it says, and how it ends."""

import hashlib
import json
import shutil

import pytest

from releasesim.printing import export
from releasesim.study import Study

PRINTED = """\
[tablet]
shape = { kind = "cylinder", diameter = "6 mm", height = "2 mm" }
infill = { pattern = "grid", density = "30 %" }
[formulation]
drug = "theophylline"
polymer = "pva"
drug_loading = "20 %"
[physics]
diffusion = { law = "ConstantDiffusivity", D = "1e-10 m2/s" }
[run]
until = "4 h"
samples = 13
spacing = "0.2 mm"
"""


@pytest.fixture
def exported(tmp_path):
    path = tmp_path / "study.toml"
    path.write_text(PRINTED)
    export(Study.load(path), tmp_path / "print")
    return tmp_path / "print"


def test_no_slicer_is_told_and_changes_nothing(failed, exported, monkeypatch, tmp_path):
    before = {one.name for one in exported.iterdir()}
    monkeypatch.setenv("PATH", str(tmp_path))
    failed(("slice", exported), 2, "PrusaSlicer is not on PATH", "apt-get install")
    assert {one.name for one in exported.iterdir()} == before


def test_a_folder_that_is_no_export(failed, tmp_path):
    failed(("slice", tmp_path), 3, "is no folder that `releasesim export` wrote")


def change_study(exported, change):
    """Change the study of an export, and let its manifest vouch for it."""
    study = exported / "study.toml"
    text = change(study.read_text())
    study.write_text(text)
    manifest = json.loads((exported / "manifest.json").read_text())
    manifest["files"]["study.toml"]["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    (exported / "manifest.json").write_text(json.dumps(manifest))


def test_a_tablet_that_its_patient_must_not_have(failed, exported):
    person = '\n[patient]\ncomedication = ["cetuximab"]\nbiomarkers = { KRAS = "mutated" }\n'
    change_study(exported, lambda text: text + person)
    failed(("slice", exported), 3, "KRAS is mutated and must be wild-type")
    assert not (exported / "slice.json").exists()


def test_a_slicer_that_fails_is_one_line(failed, exported, monkeypatch, tmp_path):
    program = tmp_path / "prusa-slicer"
    program.write_text("#!/bin/sh\necho 'Loading of a model file failed.' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    failed(("slice", exported), 5, "prusa-slicer ended with exit code 1: Loading of a model")
    assert not (exported / "slice.json").exists()


@pytest.mark.slicer
@pytest.mark.skipif(shutil.which("prusa-slicer") is None, reason="prusa-slicer is not on PATH")
class TestWithTheSlicer:
    def test_it_writes_the_account_the_study_and_the_picture(self, run, exported):
        outcome = run("slice", exported, "--json")
        assert outcome.code == 0
        data = json.loads(outcome.out)
        assert data == json.loads((exported / "slice.json").read_text())
        assert data["passed"] is True
        assert data["largest_difference"] < 0.02
        assert data["f2"] > 90.0
        assert len(data["curve"]["released_fraction"]) == 13
        assert (exported / "slice.png").read_bytes().startswith(b"\x89PNG")
        again = Study.load(exported / "printed.toml")
        assert again.tablet.shape.kind == "gcode"
        assert again.tablet.dose() == pytest.approx(data["dose_kg"])

    def test_a_check_that_fails_ends_with_5(self, run, exported):
        """A manifest of a denser tablet than the 3MF holds: the dose is off."""
        denser = ('density = "30 %"', 'density = "80 %"')
        change_study(exported, lambda text: text.replace(*denser))
        outcome = run("slice", exported, "--no-curve")
        assert outcome.code == 5
        assert "error: volume T0: " in outcome.err
        assert "FAILED" in outcome.out
        assert json.loads((exported / "slice.json").read_text())["passed"] is False

"""Several drugs on disk and on the screen."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from polypills import DRUGS, diffusion, mixture, released

from releasesim.cli.simulate import release_rows
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.study import Study
from releasesim.workflows.output import OutFolder
from releasesim.workflows.results import write_release

FAST = diffusion("3e-10 m2/s")


@pytest.fixture(scope="module")
def release():
    return released(mixture(caffeine=FAST))


@pytest.fixture
def pill(tmp_path):
    path = tmp_path / "pill.toml"
    Study.from_dict(mixture(caffeine=FAST)).write(path)
    return path


@pytest.fixture
def results(release, pill, tmp_path):
    with OutFolder(tmp_path / "out", account="release.json") as folder:
        write_release(folder, Study.load(pill), release)
    return tmp_path / "out"


def test_csv_has_a_column_for_each_drug(results, release):
    head, first, *_ = csv.reader((results / "release.csv").read_text().splitlines())
    assert head == ["time_s", "released_fraction", *(f"released_fraction_{d}" for d in DRUGS)]
    assert first == ["0"] * 4
    total = ReleaseCurve.read(results / "release.csv")
    assert np.array_equal(total.fraction, release.curve.fraction)
    for name in DRUGS:
        curve = ReleaseCurve.read(results / "release.csv", column=name)
        assert np.array_equal(curve.fraction, release.curves[name].fraction)


def test_curves_of_other_times_are_refused(tmp_path):
    one, two = ReleaseCurve([0, 1], [0, 1], simulated=True), ReleaseCurve([0, 2], [0, 1])
    with pytest.raises(InputError, match="curve 'x' has other times"):
        one.write(tmp_path / "release.csv", {"x": two})


def test_json_and_pictures_are_there(results, release):
    data = json.loads((results / "release.json").read_text())
    assert set(data["curves"]) == set(DRUGS)
    for name in DRUGS:
        assert data["curves"][name]["dose_kg"] == release.doses[name]
    assert (results / "release.png").read_bytes().startswith(b"\x89PNG")


def test_screen_has_a_row_for_each_drug(release):
    rows = dict(release_rows(release))
    for name in DRUGS:
        assert rows[name].startswith(f"{release.doses[name] * 1e6:.4g} mg, t50 ")
    assert rows["dose"] == f"{release.dose * 1e6:.4g} mg"


def test_compare_takes_the_drug_that_is_named(run, results, pill):
    same = run("compare", results / "release.csv", pill, "--drug", "caffeine", "--json")
    assert same.code == 0
    assert json.loads(same.out)["largest_difference"] < 1e-9
    whole = run("compare", results / "release.csv", results / "release.csv", "--json")
    assert json.loads(whole.out)["largest_difference"] == 0.0
    other = run("compare", results / "release.csv", pill, "--drug", "nicotine")
    assert other.code == 3


def test_fit_takes_one_drug_at_a_time(run, failed, pill, release, tmp_path):
    data = tmp_path / "data.csv"
    times = np.array([600.0, 1200, 2400, 3600])
    ReleaseCurve(times, release.curves["caffeine"].at(times)).write(data)
    words = ("fit", pill, "--data", data, "--vary", "diffusion.D")
    failed(words, 3, 'fit takes one drug at a time, study.for_drug("theophylline")')
    found = run(*words, "--drug", "caffeine", "--out", tmp_path / "fit")
    assert found.code == 0
    fitted = Study.load(tmp_path / "fit" / "fitted.toml")
    assert fitted.drugs == ("caffeine",)
    assert fitted.get("diffusion.D") == pytest.approx(3e-10, rel=0.02)
    assert fitted.tablet.total_mass() == pytest.approx(Study.load(pill).tablet.total_mass())


def test_design_wants_a_target_for_each_drug(failed, pill, tmp_path):
    data = mixture(caffeine=FAST) | {
        "target": {"shape": {"kind": "zero_order", "duration": "3 h"}},
        "design": {"vary": {"shape.diameter": {"min": "6 mm", "max": "9 mm"}}},
    }
    Study.from_dict(data).write(pill)
    failed(("design", pill, "--out", tmp_path / "out"), 3, "a target for each")


def test_manifest_weighs_each_drug(run, pill, tmp_path):
    assert run("export", pill, "--out", tmp_path / "print").code == 0
    manifest = json.loads((tmp_path / "print" / "manifest.json").read_text())
    doses = Study.load(pill).tablet.doses
    for account in (manifest, manifest["extruders"][0]):
        assert account["drug_mass_mg"] == pytest.approx(1e6 * sum(doses.values()))
        assert account["drug_masses_mg"] == pytest.approx({n: 1e6 * d for n, d in doses.items()})

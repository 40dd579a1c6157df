"""Pages and pictures of several drugs: a line, a column and a verdict for each."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from polypills import DRUGS, diffusion, mixture, released

from releasesim.curve import ReleaseCurve
from releasesim.plotting import release_figure
from releasesim.report import release_report
from releasesim.study import Study, Target


@pytest.fixture(scope="module")
def study():
    return Study.from_dict(mixture(caffeine=diffusion("3e-10 m2/s")))


@pytest.fixture(scope="module")
def release():
    return released(mixture(caffeine=diffusion("3e-10 m2/s")))


def test_each_drug_has_its_verdict_column_and_laws(study, release):
    page = " ".join(release_report(release, study).split())
    for name in DRUGS:
        assert f">{name}</th>" in page
        assert f"{name} ({release.doses[name] * 1e6:.4g} mg): Half of the dose" in page
        assert f"Loading of {name}" in page
    assert "all drugs, by mass" in page
    assert "Laws of caffeine alone" in page
    assert "across (V/A)²/D of caffeine" in page


def test_target_is_set_against_all_drugs(study, release):
    times = np.array([600.0, 3600, 7200])
    curve = ReleaseCurve(times, release.curve.at(times), name="wanted")
    aimed = dataclasses.replace(study, target=Target(curve=curve))
    page = release_report(release, aimed)
    assert "the target is set against all drugs together, by mass" in page
    assert "<h3>Each drug</h3>" in page
    assert "set against all drugs" not in release_report(release, study)


def test_each_drug_is_judged_by_its_own_target(study, release):
    """Both released a tenth below what is wanted: f2 = 50 log10(100/sqrt(101)), largest 10 %."""
    times = np.array([1800.0, 3600, 5400, 7200])
    wanted = {n: ReleaseCurve(times, release.curves[n].at(times) + 0.1, name=n) for n in DRUGS}
    asked = dict(zip(DRUGS, (45.0, 55.0), strict=True))
    targets = {n: Target(curve=curve, accept_f2=asked[n]) for n, curve in wanted.items()}
    page = " ".join(
        release_report(release, dataclasses.replace(study, target=Target(drugs=targets))).split()
    )
    assert "The target is missed" in page
    assert f"{DRUGS[0]}: F2 is 49.9 (45 or more asked for)" in page
    assert f"{DRUGS[1]}, " in page
    assert page.count("its target is met") == page.count("its target is missed") == 1
    assert release_figure(release, None, wanted) != release_figure(release)


def test_one_drug_says_nothing_of_several(study, release):
    name = DRUGS[0]
    one = dataclasses.replace(release, curves={name: release.curve}, doses={name: release.dose})
    assert "all drugs" not in release_report(one, study.for_drug(name))
    bare = dataclasses.replace(release, curves={}, doses={})
    assert release_figure(one) == release_figure(bare)
    assert one.to_dict() == bare.to_dict()


def test_picture_has_a_line_for_each_drug(release):
    one = dataclasses.replace(release, curves={}, doses={})
    assert release_figure(release) != release_figure(one)


def test_pictures_of_many_drugs_repeat_their_colours(release):
    curves = {f"drug_{n}": release.curve for n in range(7)}
    many = dataclasses.replace(release, curves=curves, doses=dict.fromkeys(curves, 1e-6))
    assert release_figure(many).startswith(b"\x89PNG")

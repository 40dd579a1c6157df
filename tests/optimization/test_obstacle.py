"""What keeps a wish for plasma out of reach whatever the tablet: the dose, and that it is said."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from releasesim.curve import ConcentrationCurve, ReleaseCurve
from releasesim.errors import InputError
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.for_patient import for_patient
from releasesim.optimization.obstacle import Obstacle
from releasesim.optimization.polypill import WantedOfDrugs
from releasesim.optimization.remedy import changes_tried, remedies
from releasesim.optimization.verdict import limit
from releasesim.patient import convolve, patient_of, superpose
from releasesim.study import Plasma, Study, Target

EXAMPLES = Path(__file__).parents[2] / "examples"
HOUR = 3600.0


def asked(folder, wish, **design):
    """The slow patient with another wish for plasma; what it comes down to, and how it is held."""
    data = Study.load(EXAMPLES / "patient_slow.toml").to_data()
    data["target"] = {"plasma": wish}
    data["design"] |= design
    study, found = for_patient(Study.from_dict(data, folder))
    return study, Wanted.of(study.target, found.rules, obstacle=found.obstacle)


@pytest.fixture(params=[None, 12 * HOUR], ids=["once", "steady state"])
def course(request, tmp_path):
    """Plasma of 100 mg that come out with a time of 4 h; a wish for it."""
    every = request.param
    body = patient_of(Study.load(EXAMPLES / "patient_slow.toml")).body
    times = np.linspace(0.0, every or 24 * HOUR, 25)
    grid = np.linspace(0.0, times[-1], 801)
    release = ReleaseCurve(grid, 1.0 - np.exp(-grid / (4 * HOUR)), simulated=True)
    level = (
        convolve(release, body, 1e-4, times)
        if every is None
        else superpose(release, body, 1e-4, times, every=every)
    )
    ConcentrationCurve(times, level).write(tmp_path / "pc.csv")
    return tmp_path, {"curve": "pc.csv"} | ({"dose_every": "12 h"} if every else {})


def test_a_course_is_held_against_its_plasma_too(course):
    """Its own dose meets it; release as fast as can be of half the dose does not."""
    folder, wish = course
    study, wanted = asked(folder, wish)
    assert study.design.dose == pytest.approx(100e-6, rel=0.06)  # less what never comes out
    assert wanted.meets(wanted.goal)
    assert wanted.obstacle is None
    assert "f2 >= 50 and Cmax and AUC 80% to 125% of the wanted course's" in wanted.rules()
    assert "Cmax 100% and AUC 100% of the wanted course's" in wanted.figures(wanted.goal)
    for dose in ("50 mg", "5 mg"):
        study, wanted = asked(folder, wish, dose=dose)
        assert wanted.similarity(wanted.goal) == pytest.approx(100.0)
        assert not wanted.meets(wanted.goal)
        assert wanted.lacks(wanted.goal) > 0.2
        assert wanted.obstacle.words.startswith(f"the dose of {dose} is the reason: no release")
        fastest = wanted.figures(np.ones_like(wanted.goal)).removeprefix(", ")
        assert wanted.obstacle.words.endswith(f"all of it at once has {fastest}")
        assert re.match(rf"a dose of \d+\.?\d* mg instead of {dose}", wanted.obstacle.remedy)


def test_a_dose_that_some_release_may_do_with_is_no_reason(course):
    """Of 85 % of the dose the release is another one, and nothing is claimed of all of them."""
    _, wanted = asked(*course, dose="85 mg")
    assert wanted.obstacle is None
    assert wanted.meets(wanted.goal)


def test_a_dose_that_misses_a_window_is_the_reason(tmp_path):
    """Average in the steady state F dose / CL tau; 14.6 mg gives the middle of the window."""
    wish = {"low": "25 ng/mL", "high": "100 ng/mL", "dose_every": "12 h"}
    _, wanted = asked(tmp_path, wish, dose="4 mg")
    stop = wanted.obstacle
    assert stop.words.startswith("the dose of 4 mg is the reason: no release keeps")
    assert stop.words.endswith("the dose gives 0.0171 mg/L on average")  # 4 mg / 19.5 L/h / 12 h
    assert stop.remedy.startswith("a dose of 14.6 mg instead of 4 mg (of 5.85 mg to 23.4 mg")
    assert limit(wanted, np.zeros_like(wanted.goal), None) == stop.words
    search = SimpleNamespace(wanted=wanted)
    assert [one.words for one in remedies(search, ())] == [stop.remedy]
    assert changes_tried(search) == ()
    _, wanted = asked(tmp_path, wish, dose="14 mg")
    assert wanted.obstacle is None
    _, wanted = asked(tmp_path, wish | {"auc": "0.2 mg*h/L"})
    assert wanted.obstacle.remedy.startswith("a dose of 14.6 mg instead of 3.9 mg")


def test_a_wish_for_plasma_that_is_out_at_once_says_so():
    """What is meant is no table with too few points."""
    early = ReleaseCurve(HOUR * np.array([0.5, 1.0, 2.0]), [0.9, 1.0, 1.0])
    target = Target(curve=early, plasma=Plasma(low=1e-3, high=2e-3), accept_f2=50.0)
    with pytest.raises(InputError, match="nearest to it is release of 85% by 30 min, too early"):
        Wanted.of(target)


def test_of_several_drugs_the_one_with_the_wrong_dose_is_named():
    stop = Obstacle("the dose of 4 mg is the reason", "a dose of 15 mg instead of 4 mg", 1.3)
    curve = ReleaseCurve(HOUR * np.arange(1, 5), [0.2, 0.4, 0.6, 0.8])
    targets = {"one": Target(curve=curve), "other": Target(curve=curve)}
    study = SimpleNamespace(target=Target(drugs=targets))
    wanted = WantedOfDrugs.of_study(study, {}, {"other": stop})
    assert limit(wanted, wanted.goal, None) == "of other, the dose of 4 mg is the reason"
    (remedy,) = remedies(SimpleNamespace(wanted=wanted), ())
    assert remedy.words == "of other, a dose of 15 mg instead of 4 mg"
    assert WantedOfDrugs.of_study(study, {}).obstacle is None

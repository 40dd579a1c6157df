"""The search: what brute force finds it finds; what was solved is not solved again."""

import itertools
import json
import re

import numpy as np
import pytest

from releasesim.errors import InputError
from releasesim.optimization import CurveStore, design, search
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.curves import Geometry
from releasesim.optimization.effort import mass_of
from releasesim.optimization.materials import materials_of
from releasesim.optimization.search import Search, Trial
from releasesim.optimization.space import Space
from releasesim.study import Study

BODY = {
    "tablet": {
        "shape": {"kind": "cylinder", "diameter": "7 mm", "height": "2.4 mm"},
        "infill": {"pattern": "grid", "density": "40 %"},
        "walls": 1,
        "roofs": 0,
        "floors": 0,
    },
    "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"},
    "run": {"until": "2 h", "tolerance": "2 %"},
}
VARY = {
    "infill.density": {"min": "25 %", "max": "75 %"},
    "walls": [1, 2],
    "roofs": [0, 2],
}


def wanted(folder, times, fraction, f2=50, **spec):
    rows = [f"{t / 60},{100 * f}" for t, f in zip(times, fraction, strict=True)]
    (folder / "t.csv").write_text("\n".join(["Time [min],Released [%]", *rows]) + "\n")
    target = {"curve": "t.csv", "accept": {"f2": f2}}
    spec = {"dose": "25 mg", "vary": VARY, **spec}
    return Study.from_dict({**BODY, "target": target, "design": spec}, folder)


def by_brute_force(study, steps):
    """Misfit of the best tablet of every choice on a fine grid of densities."""
    space = Space.of(study, study.design)
    materials, _ = materials_of(study, study.design)
    search = Search(space, study.design, Wanted.of(study.target), materials)
    grid = itertools.product(materials, space.choices("grid"), np.linspace(0.0, 1.0, steps))
    trials = [search.trial(m, "grid", choice, (float(x),)) for m, choice, x in grid]
    return min(trial.misfit for trial in trials if isinstance(trial, Trial))


@pytest.mark.parametrize(
    ("rate", "power"),
    [
        (0.9, 1.0),
        pytest.param(2.0, 1.0, marks=pytest.mark.slow),
        pytest.param(1.2, 1.6, marks=pytest.mark.slow),
    ],
)
def test_optimum_equals_brute_force(tmp_path, rate, power):
    """Weibull curves that no tablet has: the best of 4 choices x 21 densities of two polymers."""
    times = np.linspace(0.0, 7200.0, 13)[1:]
    fraction = 1.0 - np.exp(-((rate * times / 3600.0) ** power))
    study = wanted(tmp_path, times, fraction, polymers=["pva", "hpc"])
    found = min(float(row["rmse"]) for row in design(study).trials)
    assert found <= by_brute_force(study, 21) + 1e-3


def test_going_on_gives_the_same_and_solves_nothing_again(tmp_path, monkeypatch):
    times = np.linspace(0.0, 7200.0, 13)[1:]
    study = wanted(tmp_path, times, 1.0 - np.exp(-times / 3000.0), f2=30, polymers=["pva"])
    solve, count = Geometry._family_curve, []

    def until_stopped(self, mechanism, clocks):
        count.append(1)
        if len(count) == 12:
            raise KeyboardInterrupt
        return solve(self, mechanism, clocks)

    monkeypatch.setattr(Geometry, "_family_curve", until_stopped)
    store = CurveStore(tmp_path / "kept")
    with pytest.raises(KeyboardInterrupt):
        design(study, store=store)
    assert len(list(store.folder.glob("*.npy"))) >= 11
    (store.folder / "0.npy").write_bytes(b"half")

    first = plain(design(study, store=store))
    count.clear()
    count.extend([1] * 100)  # from here on nobody is stopped
    again = plain(design(study, store=store))
    assert len(count) == 100
    assert plain(design(study)) == again == first
    store.clear()
    assert not store.folder.exists()


def plain(found):
    data = json.loads(json.dumps(found.to_dict()))
    del data["seconds"], data["release"]["seconds"]
    return data


def test_tablets_that_cannot_be_are_not_solved(tmp_path, monkeypatch):
    """A dose beyond what the polymer takes at any density: known from volumes alone."""
    times = np.linspace(0.0, 7200.0, 13)[1:]
    study = wanted(tmp_path, times, 1.0 - np.exp(-times / 3000.0), polymers=["pva"], dose="500 mg")
    monkeypatch.setattr(Geometry, "_family_curve", None)
    with pytest.raises(InputError, match="no tablet can be made"):
        design(study)


def test_the_nearest_to_a_limit_is_told(tmp_path, monkeypatch):
    """Of tablets that are all too heavy the lightest, and not the one that comes first."""
    times = np.linspace(0.0, 7200.0, 13)[1:]
    spec = {"polymers": ["pva"], "dose": "12 mg", "max_mass": "20 mg"}
    study = wanted(tmp_path, times, 1.0 - np.exp(-times / 3000.0), **spec)
    seen, fault = [], search.effort_fault

    def spy(tablet, *rest):
        seen.append(mass_of(tablet))
        return fault(tablet, *rest)

    monkeypatch.setattr(search, "effort_fault", spy)
    with pytest.raises(InputError, match=r"at most 20 mg is asked \(the nearest of") as caught:
        design(study)
    told = float(re.search(r"weighs (\S+) mg", caught.value.message).group(1))
    assert told * 1e-6 == pytest.approx(min(seen), rel=0.01)
    assert max(seen) > 1.2 * min(seen)


def test_sizes_that_the_dose_asks_for_stay_in_their_ranges(tmp_path):
    """45 mg at 20 % are about 190 mm3: too wide where the drawn tablet is flat."""
    times = np.linspace(0.0, 7200.0, 13)[1:]
    vary = {
        "shape.diameter": {"min": "7 mm", "max": "8.5 mm"},
        "shape.height": {"min": "2 mm", "max": "8 mm"},
        "infill.density": {"min": "80 %", "max": "95 %"},
    }
    spec = {"dose": "45 mg", "absorbs_dose": "size", "vary": vary, "polymers": ["pva"]}
    study = wanted(tmp_path, times, 1.0 - np.exp(-times / 3000.0), **spec)
    materials, _ = materials_of(study, study.design)
    search = Search(Space.of(study, study.design), study.design, Wanted.of(study.target), materials)
    points = itertools.product((0.0, 0.5, 1.0), (0.0, 0.5, 1.0), (0.5,))
    made = [search.geometry(materials[0], {}, point) for point in points]
    tablets = [one.tablet for one in made if isinstance(one, Geometry)]
    faults = [one for one in made if isinstance(one, str)]
    assert tablets
    for tablet in tablets:
        assert tablet.dose() == pytest.approx(45e-6, rel=0.03)
        assert 7e-3 <= tablet.shape.diameter <= 8.5e-3
        assert 2e-3 <= tablet.shape.height <= 8e-3
        assert tablet.shape.height == pytest.approx(tablet.printed_height)
    assert faults
    assert all(re.search("the dose asks for shape.* are allowed", fault) for fault in faults)

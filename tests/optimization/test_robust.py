"""Uncertain inputs: each has its effect, or is refused by name."""

import numpy as np
import pytest

from releasesim.errors import InputError
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.materials import materials_of
from releasesim.optimization.robust import Drawn
from releasesim.optimization.search import SEARCH_SPACING, Search, Trial
from releasesim.optimization.space import Space
from releasesim.optimization.uncertainty import Uncertainty
from releasesim.simulation import simulate
from releasesim.study import Study

CYLINDER = {
    "tablet": {
        "shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3.2 mm"},
        "infill": {"pattern": "grid", "density": "40 %"},
    },
    "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"},
    "physics": {"erosion": {"law": "ConstantFront", "speed": "0.3 mm/h"}},
    "run": {"until": "2 h", "samples": 13, "spacing": f"{1e3 * SEARCH_SPACING} mm"},
    "target": {"points": [["20 min", "40 %"], ["40 min", "60 %"], ["1 h", "80 %"]]},
}


HEIGHTS = {"min": "3 mm", "max": "4 mm"}


def uncertain(spreads, tablet=CYLINDER["tablet"], **spec):
    table = {"vary": {"infill.density": {"min": "30 %", "max": "60 %"}}, **spec}
    robust = {"samples": 64, "uncertain": spreads}
    return Study.from_dict({**CYLINDER, "tablet": tablet, "design": {**table, "robust": robust}})


@pytest.mark.parametrize(
    ("name", "spread", "words"),
    [
        ("run.until", {"min": "1 h", "max": "2 h"}, "how a study is solved"),
        ("infill.density", {"min": "35 %", "max": "45 %"}, "the design chooses it"),
        ("formulation.drug_loading", {"min": "18 %", "max": "22 %"}, "follows from the dose"),
        ("mass_spread", {"min": "1 %", "max": "2 %"}, "drawn without being named"),
        ("walls", {"min": 1, "max": 3}, "no continuous number"),
    ],
)
def test_what_would_change_nothing_is_refused(name, spread, words):
    study = uncertain({name: spread}, dose="20 mg")
    with pytest.raises(InputError, match=words):
        materials_of(study, study.design)


def draws_of(study):
    """Curves of draws, and what a simulation of the least and the most says; (extremes, 3, n)."""
    (material,), _ = materials_of(study, study.design)
    wanted = Wanted.of(study.target)
    space = Space.of(study, study.design)
    search = Search(space, study.design, wanted, [material])
    fraction = wanted.read(simulate(study))
    trial = Trial(material, "", {}, space.places({}, study.tablet), study.tablet, fraction, 0.0)
    draws = Uncertainty.of(study, study.design.robust).draws(64, 1)
    (name,) = draws[0].changes
    curves = Drawn(material, draws).curves(trial, search)
    order = np.argsort([draw.changes[name] for draw in draws])
    for n in (order[0], order[-1]):
        other = simulate(study.replace(name, draws[n].changes[name]))
        expected = other.dose / study.tablet.dose() * wanted.read(other)
        yield fraction, curves[n], expected


@pytest.mark.parametrize(
    ("name", "spread"),
    [
        ("oversize", {"mean": "0 %", "sd": "2 %"}),
        ("shape.diameter", {"min": "7.8 mm", "max": "8.2 mm"}),
    ],
)
def test_solids_of_another_size_release_as_they_do(name, spread):
    """Released over the mean dose, to first order."""
    solid = {"shape": CYLINDER["tablet"]["shape"]}
    study = uncertain({name: spread}, tablet=solid, vary={"shape.height": HEIGHTS})
    for fraction, found, expected in draws_of(study):
        moved = np.abs(expected - fraction).max()
        assert moved > 0.005
        assert np.abs(found - expected).max() < 0.15 * moved


def test_roads_that_are_wider_release_more():
    """Their number is that of the print: the search grid is too rough to say more than that."""
    study = uncertain({"flow": {"min": "93 %", "max": "107 %"}})
    (_, least, narrow), (fraction, most, wide) = draws_of(study)
    assert least.mean() < fraction.mean() < most.mean()
    assert narrow.mean() < fraction.mean() < wide.mean()
    assert most.mean() - least.mean() == pytest.approx(wide.mean() - narrow.mean(), rel=0.5)

"""Verdicts say what they are worth."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import results

from releasesim.curve import ReleaseCurve
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.finalists import Final
from releasesim.optimization.obstacle import Obstacle
from releasesim.optimization.polypill import WantedOfDrugs
from releasesim.optimization.remedy import changes_tried
from releasesim.optimization.verdict import limit, verdict
from releasesim.simulation import simulate
from releasesim.study import Target

HOUR = 3600.0


def test_a_curve_that_is_not_solved_well_is_doubted():
    wanted = Wanted.of(Target(curve=ReleaseCurve(HOUR * np.arange(1, 5), [0.2, 0.4, 0.6, 0.8])))
    release = simulate(results.sphere())
    final = Final(None, None, release, wanted.goal, 100.0, 0.0, (0.0, 0.0))
    assert verdict(wanted, final) == "accepted (f2 >= 50): f2 = 100.0, largest difference 0.0%"
    rough = dataclasses.replace(release, error_estimate=0.12)
    doubted = dataclasses.replace(final, release=rough)
    assert verdict(wanted, doubted).endswith("0.0% (the curve itself may be wrong by 12%)")


def trial(kind):
    mechanism = SimpleNamespace(kind=kind)
    material = SimpleNamespace(name="pva", mechanism=mechanism, study=SimpleNamespace(design=None))
    return SimpleNamespace(material=material, point=(), choice={})


def test_a_curved_target_is_not_called_straight():
    """First order is curved: what can be said of it is that it is straighter than diffusion."""
    times = HOUR * np.arange(1, 9)
    wanted = Wanted.of(Target(curve=ReleaseCurve(times, 1.0 - np.exp(-times / (4 * HOUR)))))
    found = np.sqrt(times / (11 * HOUR))
    words = limit(wanted, found, trial("diffusion"))
    assert "too much early and too little late: a target straighter than that needs" in words


def test_only_what_was_tried_is_said_to_be():
    wanted = Wanted.of(Target(curve=ReleaseCurve(HOUR * np.arange(1, 5), [0.2, 0.4, 0.6, 0.8])))
    several = WantedOfDrugs(wanted.curve, None, None, drugs={"one": wanted, "other": wanted})
    space = SimpleNamespace(continuous=(None,))

    def tried(wanted, dose, absorbs="drug_loading"):
        spec = SimpleNamespace(dose=dose, absorbs_dose=absorbs)
        return changes_tried(SimpleNamespace(wanted=wanted, space=space, spec=spec))

    rate, wider, drug = tried(wanted, 1e-5)
    assert (rate[:12], wider, drug) == ("another rate", "a wider range", "more or less drug")
    assert tried(wanted, 1e-5, "size") == (rate, wider)
    assert tried(several, None) == (wider,)
    stopped = dataclasses.replace(wanted, obstacle=Obstacle("the dose is the reason"))
    assert tried(stopped, 1e-5) == ()

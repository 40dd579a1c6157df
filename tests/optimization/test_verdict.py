"""Verdicts say what they are worth."""

import dataclasses

import numpy as np
import results

from releasesim.curve import ReleaseCurve
from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.finalists import Final
from releasesim.optimization.verdict import verdict
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

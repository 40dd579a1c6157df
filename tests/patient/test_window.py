"""A wished course of plasma, after one dose, after some, and in the steady state."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient import Disposition, convolve, superpose, wanted_auc, wanted_release
from releasesim.study import Plasma

HOUR = 3600.0
EVERY = 12 * HOUR
DOSE = 3e-4
ONE = Disposition(2.9e-3 / HOUR, 0.032, 1.5 / HOUR, 0.96)
TWO = Disposition(
    2.9e-3 / HOUR, 0.02, 0.9 / HOUR, 0.96, peripheral_volume=0.012, exchange=4e-3 / HOUR
)
GRID = np.linspace(0.0, EVERY, 1001)
TRUE = ReleaseCurve(GRID, 1.0 - np.exp(-((GRID / (4 * HOUR)) ** 1.4)), simulated=True)
SAMPLES = HOUR * np.array([0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 10, 12])


def wish(body, doses=None, samples=SAMPLES, every=EVERY):
    """What a known release gives, by superposition; of one dose without an interval."""
    level = (
        convolve(TRUE, body, DOSE, samples)
        if every is None
        else superpose(TRUE, body, DOSE, samples, every=every, doses=doses)
    )
    points = {"times": tuple(samples.tolist()), "concentrations": tuple(level.tolist())}
    return Plasma(**points, dose_every=every, doses=doses)


@pytest.mark.parametrize("body", [ONE, TWO])
@pytest.mark.parametrize("doses", [None, 1, 3])
def test_a_course_is_read_where_it_was_wished(body, doses):
    """It gives itself back, and the release behind it; read as after one dose it is another."""
    plasma = wish(body, doses)
    found = wanted_release(plasma, body, DOSE)
    reached = np.interp(plasma.times, found.plasma.time, found.plasma.concentration)
    np.testing.assert_allclose(reached, plasma.concentrations, rtol=0.02, atol=2e-3 * max(reached))
    assert np.abs(found.curve.at(GRID) - TRUE.fraction).max() < 0.03
    assert ("in the steady state" in found.words) == (doses is None)


@pytest.mark.parametrize("body", [ONE, TWO])
@pytest.mark.parametrize("kept", [SAMPLES, SAMPLES[1:-1]])
def test_the_area_of_an_interval_in_the_steady_state_says_the_dose(body, kept):
    """F dose / CL times what is out within the interval, which is also the area after one dose."""
    area = float(body.bioavailability * DOSE * TRUE.fraction[-1] / body.clearance)
    assert wanted_auc(wish(body, None, kept), body) == pytest.approx(area, rel=0.02)
    once = wish(body, None, np.linspace(0.0, 5 * EVERY, 301), every=None)
    assert wanted_auc(once, body) == pytest.approx(area, rel=0.02)


def test_a_course_that_does_not_say_the_dose_is_refused():
    with pytest.raises(InputError, match=r"after dose 3 .* give design\.dose or target"):
        wanted_auc(wish(ONE, 3), ONE)
    with pytest.raises(InputError, match="leaves 8 h of the interval of 12 h open"):
        wanted_auc(wish(ONE, None, SAMPLES[:7]), ONE)

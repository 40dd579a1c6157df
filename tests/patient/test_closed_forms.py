"""Closed forms of plasma against a matrix exponential, an ODE solver and decimals."""

from __future__ import annotations

import dataclasses
import itertools
from decimal import Decimal, getcontext

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient import Disposition, convolve, superpose
from releasesim.patient.exponentials import chain
from releasesim.patient.recursion import course, rate_changes

HOUR = 3600.0
ONE = {"clearance": 2.0, "volume": 10.0, "bioavailability": 0.7}
TWO = {**ONE, "peripheral_volume": 7.0}
BODIES = {
    "fast uptake": Disposition(**ONE, absorption_rate=1.5),
    "ka = ke": Disposition(**ONE, absorption_rate=0.2),
    "ka near ke": Disposition(**ONE, absorption_rate=0.2002),
    "flip-flop": Disposition(**ONE, absorption_rate=0.01),
    "two compartments": Disposition(**TWO, exchange=0.5, absorption_rate=1.0),
    "two, ka between": Disposition(**TWO, exchange=3.0, absorption_rate=0.3),
    "two, fast exchange": Disposition(**TWO, exchange=30.0, absorption_rate=0.3),
}


def matrix(body):
    """Rates of gut, central and peripheral amount (n, n)."""
    k, ka = body.clearance / body.volume, body.absorption_rate
    if not body.two_compartments:
        return np.array([[-ka, 0.0], [body.bioavailability * ka, -k]])
    out, back = body.exchange / body.volume, body.exchange / body.peripheral_volume
    row = [body.bioavailability * ka, -(k + out), back]
    return np.array([[-ka, 0.0, 0.0], row, [0.0, out, -back]])


@pytest.mark.parametrize("name", BODIES)
def test_pulse_and_step_equal_the_matrix_exponential(name):
    """An independent solution of the same linear system, to 1e-8 of the peak."""
    body, times = BODIES[name], np.linspace(0.0, 80.0, 33)
    rates = matrix(body)
    n = len(rates)
    fed = np.zeros((n + 1, n + 1))
    fed[:n, :n], fed[0, n] = rates, 1.0
    pulse = np.array([expm(rates * t)[1, 0] for t in times]) / body.volume
    step = np.array([expm(fed * t)[1, n] for t in times]) / body.volume
    assert np.abs(body.unit_response(times) - pulse).max() < 1e-8 * pulse.max()
    assert np.abs(body.step_response(times) - step).max() < 1e-8 * step.max()


def test_ka_equal_to_a_distribution_rate_is_no_special_case():
    plain = BODIES["two compartments"]
    for rate in plain.rates:
        body = Disposition(**TWO, exchange=0.5, absorption_rate=rate)
        exact = [expm(matrix(body) * t)[1, 0] / body.volume for t in (1.0, 5.0, 20.0)]
        np.testing.assert_allclose(body.unit_response([1.0, 5.0, 20.0]), exact, rtol=1e-10)


@pytest.mark.parametrize("gap", ["0", "1e-14", "1e-10", "1e-6", "1e-3", "0.1", "3"])
def test_two_rates_as_near_as_one_likes(gap):
    """Against 50 decimals: what doubles lose in 0/0 shows at once."""
    getcontext().prec = 50
    a, b, t = Decimal("0.2"), Decimal("0.2") + Decimal(gap), Decimal(7)
    exact = t * (-a * t).exp() if a == b else ((-a * t).exp() - (-b * t).exp()) / (b - a)
    assert chain([0.2, float(b)], 7.0) == pytest.approx(float(exact), rel=1e-13)


@pytest.mark.parametrize("name", BODIES)
def test_convolution_of_any_release_equals_an_ode_solver(name):
    """Release straight between points, a burst at the start, an end before the last time."""
    body = BODIES[name]
    curve = ReleaseCurve([0.0, 2.0, 3.0, 9.0, 20.0], [0.1, 0.15, 0.5, 0.8, 0.9], simulated=True)
    times = np.array([0.5, 2.0, 2.5, 6.0, 15.0, 40.0])
    rates, dose, state = matrix(body), 3.0, None
    state = np.zeros(len(rates))
    state[0] = 0.1
    found, ends = [], sorted({*curve.time.tolist(), *times.tolist()})
    for start, end in itertools.pairwise(ends):
        inside = (start + end) / 2.0
        slope = np.interp(inside + 0.01, curve.time, curve.fraction)
        slope = (slope - np.interp(inside - 0.01, curve.time, curve.fraction)) / 0.02

        def change(_, x, slope=slope):
            return rates @ x + slope * np.eye(len(rates))[0]

        state = solve_ivp(change, (start, end), state, "DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
        if end in times:
            found.append(dose * state[1] / body.volume)
    level = convolve(curve, body, dose, times)
    assert np.abs(level - found).max() < 1e-8 * max(found)


def test_constant_release_settles_at_rate_over_clearance():
    """R0 = CL Css: 12 h of zero-order release every 12 h."""
    body = Disposition(2.9e-3 / HOUR, 0.032, 1.5 / HOUR)
    curve = ReleaseCurve([0.0, 12 * HOUR], [0.0, 1.0], simulated=True)
    dose, times = 3e-4, np.linspace(0.0, 12 * HOUR, 25)
    level = superpose(curve, body, dose, times, every=12 * HOUR)
    css = dose / (12 * HOUR) / body.clearance
    np.testing.assert_allclose(level, css, rtol=1e-8)
    assert body.step_response(1e9) == pytest.approx(1.0 / body.clearance, rel=1e-12)


def test_area_under_the_curve_is_dose_over_clearance():
    body = BODIES["two compartments"]
    curve = ReleaseCurve([0.0, 4.0], [0.0, 1.0], simulated=True)
    times = np.linspace(0.0, 400.0, 40001)
    level = convolve(curve, body, 5.0, times)
    area = float((level[1:] + level[:-1]) @ np.diff(times) / 2.0)
    assert area == pytest.approx(0.7 * 5.0 / 2.0, rel=1e-6)


def test_doses_add_up_and_reach_the_steady_state():
    body = BODIES["two compartments"]
    curve = ReleaseCurve([0.0, 6.0], [0.0, 1.0], simulated=True)
    times = np.array([0.0, 3.0, 8.0])
    by_hand = sum(convolve(curve, body, 1.0, times + 8.0 * n) for n in range(3))
    three = superpose(curve, body, 1.0, times, every=8.0, doses=3)
    np.testing.assert_allclose(three, by_hand, rtol=1e-12)
    steady = superpose(curve, body, 1.0, times, every=8.0)
    assert steady[0] == pytest.approx(
        steady[2], rel=1e-10
    )  # the end of one is the next one's start
    many = superpose(curve, body, 1.0, times, every=8.0, doses=400)
    np.testing.assert_allclose(steady, many, rtol=1e-10)


LAGS = {"no lag": 0.0, "within the interval": 3.0, "longer than the interval": 19.0}


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("name", BODIES)
def test_one_pass_over_the_interval_equals_the_sum_of_all_doses(name, lag):
    """Release longer than the interval with a burst; doses summed one by one, each by itself."""
    body = dataclasses.replace(BODIES[name], lag=LAGS[lag])
    curve = ReleaseCurve([0.0, 2.0, 3.0, 9.0, 20.0], [0.1, 0.15, 0.5, 0.8, 0.9], simulated=True)
    times, every = np.array([0.0, 0.5, 3.0, 5.0, 8.0]), 8.0
    for doses in (1, 2, 5):
        alone = [_by_responses(curve, body, times + every * n) for n in range(doses)]
        level = superpose(curve, body, 1.0, times, every=every, doses=doses)
        assert np.abs(level - sum(alone)).max() < 1e-12 * max(level.max(), 1e-3)
    steady = superpose(curve, body, 1.0, times, every=every)
    many = superpose(curve, body, 1.0, times, every=every, doses=900)
    np.testing.assert_allclose(steady, many, rtol=1e-9)
    assert steady[0] == pytest.approx(steady[-1], rel=1e-9)  # one ends where the next begins


def _by_responses(curve, body, times):
    """Sum of the closed responses to a burst and to every change of rate."""
    start, bends, changes = rate_changes(curve)
    late = [
        change * body.step_response(times - bend)
        for bend, change in zip(bends, changes, strict=True)
    ]
    return np.sum(late, axis=0) + start * body.unit_response(times)


def test_people_side_by_side_are_each_one_alone():
    rates = np.array([[0.05], [0.2], [1.5]])
    many = Disposition(**ONE, absorption_rate=rates, peripheral_volume=4.0, exchange=0.5)
    curve = ReleaseCurve([0.0, 6.0, 14.0], [0.0, 0.7, 1.0], simulated=True)
    times = np.linspace(0.0, 12.0, 13)
    together = course(curve, many, times, 12.0)
    assert together.shape == (3, 13)
    for level, rate in zip(together, rates.ravel().tolist(), strict=True):
        one = dataclasses.replace(many, absorption_rate=rate)
        alone = superpose(curve, one, 1.0, times, every=12.0)
        np.testing.assert_allclose(level, alone, rtol=1e-12)


def test_drug_that_is_in_the_blood_at_once():
    """One compartment, everything at once every 8 h: C = exp(-k t)/(V (1 - exp(-k T)))."""
    body = Disposition(2.0, 10.0)
    curve = ReleaseCurve([0.0, 1.0], [1.0, 1.0], simulated=True)
    times = np.array([0.0, 2.0, 8.0])
    level = superpose(curve, body, 1.0, times, every=8.0)
    exact = np.exp(-0.2 * times) / 10.0 / (1.0 - np.exp(-0.2 * 8.0))
    np.testing.assert_allclose(level, exact, rtol=1e-12)


def test_a_drug_that_never_settles_is_refused():
    body = Disposition(1e-9, 10.0, 1e-3)
    curve = ReleaseCurve([0.0, 3600.0], [0.0, 1.0], simulated=True)
    with pytest.raises(InputError, match="no steady state within 5000 doses"):
        superpose(curve, body, 1.0, [0.0], every=3600.0)


def test_a_lag_moves_the_curve():
    early, late = BODIES["fast uptake"], Disposition(**ONE, absorption_rate=1.5, lag=2.0)
    np.testing.assert_allclose(late.unit_response([5.0]), early.unit_response([3.0]), rtol=1e-14)
    assert late.unit_response(1.0) == 0.0


def test_holford_oreilly_warfarin():
    """70 kg: CL 0.133 L/h, V 8.1 L (Holford, data of O'Reilly): half-life 42.2 h, Css by hand."""
    body = Disposition(0.133e-3 / HOUR, 8.1e-3, 0.8 / HOUR, lag=HOUR)
    assert body.half_life / HOUR == pytest.approx(np.log(2) * 8.1 / 0.133, rel=1e-12)
    curve = ReleaseCurve([0.0, 1.0], [0.0, 1.0], simulated=True)
    times = np.linspace(0.0, 24 * HOUR, 2401)
    level = superpose(curve, body, 5e-6, times, every=24 * HOUR)
    mean = float((level[1:] + level[:-1]) @ np.diff(times) / 2.0) / (24 * HOUR)
    assert mean == pytest.approx(5e-6 / (24 * 0.133e-3), rel=1e-4)

"""TR-BDF2 against exponentials: order, damping of fast modes, and its error estimate."""

import numpy as np
import pytest

from releasesim.numerics.tr_bdf2 import IMPLICIT, advance

RATES = np.array([0.3, 1.0, 40.0, 1e6])


def settle(t, base, guess, span):
    return base / (1.0 + span * RATES)


def run(steps, end=1.0):
    y, rate = np.ones(4), -RATES
    for n in range(steps):
        y, rate, _ = advance(settle, n * end / steps, y, rate, end / steps)
    return y, rate


def test_second_order():
    errors = [abs(run(n)[0][:2] - np.exp(-RATES[:2])) for n in (10, 20, 40)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.abs(orders - 2.0).max() < 0.1


def test_fast_modes_die():
    """L-stable: what is a million times too fast for the step is gone after a few of them."""
    y, rate = run(4)
    assert abs(y[3]) < 1e-12
    assert rate == pytest.approx(-RATES * y, abs=1e-6)


def test_estimated_error_is_the_error_of_slow_modes():
    dt = 0.1
    new, _, wrong = advance(settle, 0.0, np.ones(4), -RATES, dt)
    # divided as the step's own matrix divides, fast modes pretend little
    filtered = wrong / (1.0 + IMPLICIT * dt * RATES)
    true = new - np.exp(-RATES * dt)
    assert filtered[1] == pytest.approx(true[1], rel=0.1)
    # unfiltered it would be of the order of rate times step, 1e5
    assert np.abs(filtered[3]) < 2.0


def test_rates_that_change_in_time():
    """dy/dt = -2 t y: y(1) = 1/e."""

    def own(t, base, guess, span):
        return base / (1.0 + span * 2.0 * t)

    def end(n):
        y, rate = np.ones(1), np.zeros(1)
        for k in range(n):
            y, rate, _ = advance(own, k / n, y, rate, 1.0 / n)
        return y[0]

    errors = [abs(end(n) - np.exp(-1.0)) for n in (8, 16, 32)]
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2.0, abs=0.1)

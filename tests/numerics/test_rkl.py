"""RKL2 against exponentials: order, stability at the promised stages, and its error estimate."""

import numpy as np
import pytest

from releasesim.numerics.rkl import advance, local_error, stages_for

RATES = np.array([0.3, 1.0, 40.0, 900.0])


def decay(t, y):
    return -RATES * y


def run(steps, end=1.0):
    y, dt = np.ones(4), end / steps
    for n in range(steps):
        y = advance(decay, n * dt, y, decay(0.0, y), dt, 13)
    return y


def test_second_order():
    errors = [abs(run(n)[1] - np.exp(-1.0)) for n in (20, 40, 80)]
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.abs(orders - 2.0).max() < 0.1


@pytest.mark.parametrize("reach", [0.5, 10.0, 1e3, 1e5])
def test_stable_at_the_promised_number_of_stages(reach):
    s = stages_for(reach)
    assert s % 2 == 1
    assert reach <= (s * s + s - 2) / 2
    rates = np.linspace(0.0, reach, 4001)
    grown = advance(lambda _, y: -rates * y, 0.0, np.ones(4001), -rates, 1.0, s)
    assert np.abs(grown).max() <= 1.0 + 1e-9


def test_time_dependent_rates_are_second_order_too():
    """dy/dt = -2 t y: y(1) = 1/e."""

    def rates(t, y):
        return -2.0 * t * y

    def end(n):
        y = np.ones(1)
        for k in range(n):
            y = advance(rates, k / n, y, rates(k / n, y), 1.0 / n, 5)
        return y[0]

    errors = [abs(end(n) - np.exp(-1.0)) for n in (8, 16, 32)]
    assert np.log2(errors[0] / errors[1]) == pytest.approx(2.0, abs=0.15)
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2.0, abs=0.1)


def test_estimated_error_bounds_the_error():
    y, dt = np.ones(4), 0.02
    rate = decay(0.0, y)
    new = advance(decay, 0.0, y, rate, dt, stages_for(RATES.max() * dt))
    wrong = np.abs(local_error(y, new, rate, decay(dt, new), dt))
    assert (wrong >= np.abs(new - np.exp(-RATES * dt)) * 0.5).all()

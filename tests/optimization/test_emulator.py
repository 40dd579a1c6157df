"""The emulator against a function that is known everywhere."""

import numpy as np
import pytest

from releasesim.optimization.emulator import Emulator, Kriging, as_outputs


def curve(points):
    """Released by first order, whose rate depends on three numbers; (n, 12)."""
    rate = 0.5 + points[:, 0] ** 2 + 0.8 * points[:, 1] + 0.3 * np.sin(3.0 * points[:, 2])
    return 1.0 - np.exp(-np.outer(rate, np.linspace(0.1, 3.0, 12)))


def emulator_of(points, hyper=None):
    return Emulator(Kriging(points, as_outputs(curve(points)), hyper))


@pytest.fixture(scope="module")
def emulator():
    return emulator_of(np.random.default_rng(1).random((40, 3)))


def test_known_points_come_back(emulator):
    known = emulator.coarse.points
    found, doubt = emulator.predict(known)
    np.testing.assert_allclose(found, curve(known), atol=2e-3)
    assert doubt.max() < 5e-3


def test_unknown_points_lie_where_it_says(emulator):
    """In the median far nearer than f2 = 90 (1.2 %); all but the odd one within three errors."""
    points = np.random.default_rng(2).random((40, 3))
    found, doubt = emulator.predict(points)
    error = np.sqrt(np.mean((found - curve(points)) ** 2, axis=1))
    assert np.median(error) < 0.003
    assert np.mean(error <= np.maximum(3.0 * doubt, 1e-3)) >= 0.95


def test_doubt_grows_away_from_what_is_known():
    points = np.random.default_rng(3).random((30, 3)) * [0.5, 1.0, 1.0]
    _, doubt = emulator_of(points).predict(np.array([[0.25, 0.5, 0.5], [1.0, 0.5, 0.5]]))
    assert doubt[1] > 3.0 * doubt[0]


def test_kernel_of_another_is_taken_over(emulator):
    again = emulator_of(emulator.coarse.points, emulator.coarse.likeliest)
    points = np.random.default_rng(4).random((5, 3))
    np.testing.assert_array_equal(again.predict(points)[0], emulator.predict(points)[0])


def test_what_a_finer_grid_adds_is_learnt_from_few_points(emulator):
    """Fine curves are slower by up to a fifth of the rate: ten of them say so."""

    def fine(points):
        slower = 1.0 - 0.2 * points[:, :1]
        return 1.0 - (1.0 - curve(points)) ** slower

    few = np.random.default_rng(5).random((10, 3))
    change = Kriging(few, as_outputs(fine(few)) - as_outputs(curve(few)))
    points = np.random.default_rng(6).random((30, 3))
    both, _ = Emulator(emulator.coarse, change).predict(points)
    coarse, _ = emulator.predict(points)

    def error(found):
        return np.median(np.sqrt(np.mean((found - fine(points)) ** 2, axis=1)))

    assert error(coarse) > 0.01
    assert error(both) < 0.004

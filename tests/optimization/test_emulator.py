"""The emulator against a function that is known everywhere."""

import numpy as np
import pytest

from releasesim.optimization.emulator import Emulator


def curve(points):
    """Released by first order, whose rate depends on three numbers; (n, 12)."""
    rate = 0.5 + points[:, 0] ** 2 + 0.8 * points[:, 1] + 0.3 * np.sin(3.0 * points[:, 2])
    return 1.0 - np.exp(-np.outer(rate, np.linspace(0.1, 3.0, 12)))


@pytest.fixture(scope="module")
def emulator():
    points = np.random.default_rng(1).random((40, 3))
    return Emulator(points, curve(points))


def test_known_points_come_back(emulator):
    found, doubt = emulator.predict(emulator.points)
    np.testing.assert_allclose(found, emulator.fractions, atol=2e-3)
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
    _, doubt = Emulator(points, curve(points)).predict(
        np.array([[0.25, 0.5, 0.5], [1.0, 0.5, 0.5]])
    )
    assert doubt[1] > 3.0 * doubt[0]


def test_kernel_of_another_is_taken_over(emulator):
    again = Emulator(emulator.points, emulator.fractions, emulator.likeliest)
    points = np.random.default_rng(4).random((5, 3))
    np.testing.assert_array_equal(again.predict(points)[0], emulator.predict(points)[0])

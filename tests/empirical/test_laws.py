"""Empirical laws against their own equations, limits and moments."""

from __future__ import annotations

import math

import numpy as np
import pytest

from releasesim import empirical
from releasesim.errors import InputError

LAWS = {
    "zero order": empirical.ZeroOrder(duration=3600.0, lag=600.0),
    "first order": empirical.FirstOrder(rate=1e-3, lag=60.0),
    "weibull": empirical.Weibull(scale=7200.0, shape=0.7, lag=60.0),
    "pulse": empirical.Pulse(at=3600.0, width=600.0),
    "biphasic": empirical.Biphasic(fast_fraction=0.3, fast_rate=1e-2, slow_rate=1e-4),
    "delayed": empirical.Delayed(lag=7200.0, duration=600.0),
    "korsmeyer-peppas": empirical.KorsmeyerPeppas1983(k=1e-3, n=0.6),
    "higuchi": empirical.Higuchi1961(k=0.003),
    "hixson-crowell": empirical.HixsonCrowell1931(rate=1e-4),
    "hopfenberg": empirical.Hopfenberg1976(rate=1e-4, n=2),
    "baker-lonsdale": empirical.BakerLonsdale1974(rate=1e-5),
}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_starts_at_nothing_rises_and_ends_at_everything(law):
    time = np.concatenate([[0.0], np.geomspace(1.0, 1e9, 400)])
    released = law.fraction(time)
    assert released[0] == 0.0
    assert np.all(np.diff(released) >= -1e-15)
    assert released[-1] == pytest.approx(1.0, abs=1e-12)
    assert law.fraction(time.reshape(-1, 1)).shape == (401, 1)


def test_baker_lonsdale_satisfies_its_implicit_equation():
    kt = np.concatenate([np.geomspace(1e-12, 0.4, 50), np.linspace(0.4, 0.5, 20)])
    f = empirical.BakerLonsdale1974(rate=1.0).fraction(kt)
    assert 1.5 * (1.0 - (1.0 - f) ** (2.0 / 3.0)) - f == pytest.approx(kt, abs=1e-14)


def test_hopfenberg_of_a_sphere_is_hixson_crowell():
    time = np.linspace(0.0, 2e4, 21)
    sphere = empirical.Hopfenberg1976(rate=1e-4, n=3).fraction(time)
    assert np.array_equal(sphere, empirical.HixsonCrowell1931(rate=1e-4).fraction(time))


def test_weibull_of_shape_one_is_first_order():
    time = np.linspace(0.0, 5e4, 21)
    weibull = empirical.Weibull(scale=1e4, shape=1.0, lag=300.0).fraction(time)
    assert weibull == pytest.approx(empirical.FirstOrder(1e-4, 300.0).fraction(time), abs=1e-15)


def test_weibull_scale_is_a_time_not_a_power():
    """63.2 % at Td whatever the shape."""
    for shape in (0.5, 1.0, 2.5):
        f = empirical.Weibull(scale=7200.0, shape=shape).fraction(7200.0)
        assert float(f) == pytest.approx(1.0 - math.exp(-1.0), rel=1e-15)


def test_higuchi_is_korsmeyer_peppas_with_half():
    time = np.linspace(0.0, 1e4, 11)
    power = empirical.KorsmeyerPeppas1983(k=0.005, n=0.5).fraction(time)
    assert power == pytest.approx(empirical.Higuchi1961(k=0.005).fraction(time), rel=1e-15)


def test_pulse_is_half_out_at_its_middle():
    assert empirical.Pulse(at=3600.0, width=600.0).fraction(3600.0) == 0.5


@pytest.mark.parametrize(
    ("law", "arguments", "message"),
    [
        ("ZeroOrder", {"duration": 0.0}, "duration = 0, must be greater than 0"),
        ("ZeroOrder", {"duration": 1.0, "lag": -1.0}, "lag = -1, must be 0 or more"),
        ("FirstOrder", {"rate": math.nan}, "rate = nan"),
        ("Weibull", {"scale": 1.0, "shape": math.inf}, "shape = inf"),
        ("Delayed", {"lag": 0.0, "duration": 1.0}, "lag = 0, must be greater than 0"),
        ("Pulse", {"at": 10.0, "width": 30.0}, "at least half the width"),
        ("Biphasic", {"fast_fraction": 1.2, "fast_rate": 1.0, "slow_rate": 1.0}, "0 to 1"),
        ("Hopfenberg1976", {"rate": 1.0, "n": 4}, "n = 4"),
    ],
)
def test_parameters_out_of_range(law, arguments, message):
    with pytest.raises(InputError, match=message):
        getattr(empirical, law)(**arguments)

"""Empirical equations: their formulas, their fits and the measures of fit."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy.optimize import least_squares
from scipy.stats import linregress, norm

from releasesim import empirical
from releasesim.curve import ReleaseCurve
from releasesim.empirical import EQUATIONS, fit_equation, goodness, rank_equations, transport
from releasesim.errors import InputError

MINUTES = np.array([5.0, 10, 15, 20, 30, 45, 60, 90, 120])

# one set of parameters in percent and minutes, and F at 30 min by hand from the textbook formula
KNOWN = {
    "zero_order": ((0.7,), 21.0),
    "zero_order_lag": ((0.7, 4.0), 0.7 * 26.0),
    "zero_order_burst": ((0.7, 8.0), 29.0),
    "first_order": ((0.02,), 100 * (1 - math.exp(-0.6))),
    "first_order_lag": ((0.02, 4.0), 100 * (1 - math.exp(-0.52))),
    "first_order_max": ((0.02, 85.0), 85 * (1 - math.exp(-0.6))),
    "first_order_max_lag": ((0.02, 85.0, 4.0), 85 * (1 - math.exp(-0.52))),
    "higuchi": ((7.0,), 7 * math.sqrt(30)),
    "higuchi_lag": ((7.0, 4.0), 7 * math.sqrt(26)),
    "higuchi_burst": ((7.0, 8.0), 8 + 7 * math.sqrt(30)),
    "korsmeyer_peppas": ((5.0, 0.6), 5 * 30**0.6),
    "korsmeyer_peppas_lag": ((5.0, 0.6, 4.0), 5 * 26**0.6),
    "korsmeyer_peppas_burst": ((5.0, 0.6, 8.0), 8 + 5 * 30**0.6),
    "hixson_crowell": ((0.006,), 100 * (1 - 0.82**3)),
    "hixson_crowell_lag": ((0.006, 4.0), 100 * (1 - (1 - 0.156) ** 3)),
    "hopfenberg": ((0.006, 2.0), 100 * (1 - 0.82**2)),
    "hopfenberg_lag": ((0.006, 2.0, 4.0), 100 * (1 - (1 - 0.156) ** 2)),
    "baker_lonsdale": ((0.001,), None),  # implicit: its own test below
    "baker_lonsdale_lag": ((0.001, 4.0), None),
    "makoid_banakar": ((5.0, 0.7, 0.004), 5 * 30**0.7 * math.exp(-0.12)),
    "makoid_banakar_lag": ((5.0, 0.7, 0.004, 4.0), 5 * 26**0.7 * math.exp(-0.104)),
    "peppas_sahlin": ((5.0, 0.2, 0.4), 5 * 30**0.4 + 0.2 * 30**0.8),
    "peppas_sahlin_lag": ((5.0, 0.2, 0.4, 4.0), 5 * 26**0.4 + 0.2 * 26**0.8),
    "peppas_sahlin_0_5": ((5.0, 0.3), 5 * math.sqrt(30) + 9),
    "peppas_sahlin_0_5_lag": ((5.0, 0.3, 4.0), 5 * math.sqrt(26) + 7.8),
    "peppas_sahlin_0_45": ((5.0, 0.3), 5 * 30**0.45 + 0.3 * 30**0.9),
    "peppas_sahlin_0_45_lag": ((5.0, 0.3, 4.0), 5 * 26**0.45 + 0.3 * 26**0.9),
    "quadratic": ((-5e-5, 0.014), 100 * (-5e-5 * 900 + 0.42)),
    "quadratic_lag": ((-5e-5, 0.014, 4.0), 100 * (-5e-5 * 676 + 0.014 * 26)),
    "weibull_lag": ((60.0, 1.2, 4.0), 100 * (1 - math.exp(-(26**1.2) / 60))),
    "weibull": ((60.0, 1.2), 100 * (1 - math.exp(-(30**1.2) / 60))),
    "weibull_max": ((60.0, 1.2, 85.0), 85 * (1 - math.exp(-(30**1.2) / 60))),
    "weibull_max_lag": ((60.0, 1.2, 85.0, 4.0), 85 * (1 - math.exp(-(26**1.2) / 60))),
    "logistic": ((-6.0, 4.0), 100 / (1 + math.exp(6 - 4 * math.log10(30)))),
    "logistic_2": ((-6.0, 4.0, 85.0), 85 / (1 + math.exp(6 - 4 * math.log10(30)))),
    "logistic_3": ((0.06, 35.0, 95.0), 95 / (1 + math.exp(0.3))),
    "gompertz": ((60.0, 3.0), 100 * math.exp(-60 * math.exp(-3 * math.log10(30)))),
    "gompertz_2": ((60.0, 3.0, 85.0), 85 * math.exp(-60 * math.exp(-3 * math.log10(30)))),
    "gompertz_3": ((0.05, 25.0, 95.0), 95 * math.exp(-math.exp(-0.25))),
    "gompertz_4": ((0.05, 3.0, 95.0), 95 * math.exp(-3 * math.exp(-1.5))),
    "probit": ((-4.0, 2.5), 100 * norm.cdf(-4 + 2.5 * math.log10(30))),
    "probit_2": ((-4.0, 2.5, 85.0), 85 * norm.cdf(-4 + 2.5 * math.log10(30))),
}


def exact(name):
    """Return the curve of the equation with its known parameters."""
    return ReleaseCurve(60 * MINUTES, EQUATIONS[name].fraction(MINUTES, KNOWN[name][0]), name=name)


def test_every_equation_has_its_row():
    assert KNOWN.keys() == EQUATIONS.keys()
    assert len(EQUATIONS) == 42


@pytest.mark.parametrize("name", [name for name in KNOWN if KNOWN[name][1] is not None])
def test_formula(name):
    """Zhang et al. 2010 (DDSolver), its library of models, at 30 min."""
    values, percent = KNOWN[name]
    assert 100 * EQUATIONS[name].fraction([30.0], values)[0] == pytest.approx(percent, rel=1e-13)


def test_baker_lonsdale_satisfies_its_implicit_equation():
    f = EQUATIONS["baker_lonsdale"].fraction(MINUTES, (0.001,))
    assert 1.5 * (1 - (1 - f) ** (2 / 3)) - f == pytest.approx(0.001 * MINUTES, abs=1e-14)
    late = EQUATIONS["baker_lonsdale_lag"].fraction(MINUTES + 4.0, (0.001, 4.0))
    assert late == pytest.approx(f, abs=1e-14)


@pytest.mark.parametrize("name", EQUATIONS)
def test_starts_from_nothing_and_waits_for_its_lag(name):
    equation, (values, _) = EQUATIONS[name], KNOWN[name]
    at_zero = float(equation.fraction([0.0], values)[0])
    assert (abs(at_zero) < 1e-12) is equation.from_nothing
    if name.endswith("_lag"):
        assert equation.fraction([1.0, 3.9], values).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("name", EQUATIONS)
def test_another_unit_of_time_gives_the_same_curve(name):
    equation, (values, _) = EQUATIONS[name], KNOWN[name]
    in_seconds = equation.rescaled(values, 60.0)
    same = equation.fraction(60 * MINUTES, in_seconds)
    assert same == pytest.approx(equation.fraction(MINUTES, values), rel=1e-10)


@pytest.mark.parametrize("name", EQUATIONS)
def test_fit_recovers_the_parameters_of_exact_points(name):
    found = fit_equation(name, exact(name))
    values = KNOWN[name][0]
    assert found.values == pytest.approx(values, rel=1e-4, abs=1e-6), found
    assert np.abs(found.fitted - found.observed).max() < 1e-7
    assert found.fraction(found.time) == pytest.approx(found.fitted, rel=1e-14)


def test_unit_of_time_changes_the_numbers_and_not_the_curve():
    in_hours = fit_equation("korsmeyer_peppas", exact("korsmeyer_peppas"), time_unit=3600.0)
    assert in_hours.parameters["kKP"] == pytest.approx(5 * 60**0.6, rel=1e-8)
    assert "%/h^n" in repr(in_hours)
    assert in_hours.fraction([1800.0])[0] == pytest.approx(0.05 * 30**0.6, rel=1e-8)


def test_more_parameters_never_fit_worse():
    """Each variant contains its base; 12 noisy curves of different shapes."""
    rng = np.random.default_rng(7)
    for shape, lag in ((0.5, 0.0), (1.0, 6.0), (2.0, 0.0)):
        clean = empirical.Weibull(scale=2000.0, shape=shape, lag=60 * lag).fraction(60 * MINUTES)
        noisy = np.maximum(clean + rng.normal(0.0, 0.01, clean.size), 0.0)
        wss = {
            f.equation.name: f.goodness.wss
            for f in rank_equations(ReleaseCurve(MINUTES * 60, noisy))
        }
        for name, size in wss.items():
            for more in ("_lag", "_burst", "_max"):
                assert wss.get(name + more, 0.0) <= size * (1 + 1e-6) + 1e-9, (name + more, shape)
        assert wss["hopfenberg"] <= wss["hixson_crowell"] * (1 + 1e-6)
        assert wss["gompertz_3"] == pytest.approx(wss["gompertz_4"], rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [0.5, 1.8])
def test_no_restart_finds_a_better_fit(shape):
    """30 random restarts of every equation on a noisy curve end at or above the misfit found."""
    rng = np.random.default_rng(1)
    clean = empirical.Weibull(scale=2400.0, shape=shape, lag=300.0).fraction(60 * MINUTES)
    curve = ReleaseCurve(60 * MINUTES, np.maximum(clean + rng.normal(0, 0.015, clean.size), 0.0))
    for name, equation in EQUATIONS.items():
        found, (lower, upper) = fit_equation(name, curve), equation.bounds

        def misfit(values, released=equation.released):
            return released(MINUTES, values) - 100 * curve.fraction

        for _ in range(30):
            factor = np.exp(rng.normal(0.0, 1.0, len(found.values)))
            start = np.array(found.values) * factor + rng.normal(0.0, 0.1, len(found.values))
            start = np.clip(start, lower + 1e-9, np.minimum(upper, 1e9) - 1e-9)
            with np.errstate(over="ignore", invalid="ignore"):
                again = least_squares(misfit, start, bounds=(lower, upper), max_nfev=200)
            assert 2 * again.cost >= found.goodness.wss * (1 - 1e-4) - 1e-6, name


def test_errors_are_those_of_linear_regression():
    """F0 + k0 t is a straight line: scipy.stats.linregress."""
    rng = np.random.default_rng(3)
    percent = 10 + 0.6 * MINUTES + rng.normal(0.0, 1.0, MINUTES.size)
    found = fit_equation("zero_order_burst", ReleaseCurve(60 * MINUTES, percent / 100))
    line = linregress(MINUTES, percent)
    assert found.values == pytest.approx((line.slope, line.intercept), rel=1e-8)
    assert found.errors == pytest.approx((line.stderr, line.intercept_stderr), rel=1e-6)
    low, high = found.intervals["k0"]
    assert high - low == pytest.approx(2 * 2.364624 * line.stderr, rel=1e-6)  # t(0.975, 7)
    assert found.goodness.r2 == pytest.approx(line.rvalue**2, rel=1e-9)


def test_weights_pull_the_curve_to_the_points_they_favour():
    curve = ReleaseCurve([60.0, 120.0, 180.0], [0.1, 0.2, 0.6])
    w = np.array([1.0, 1.0, 1e8])
    assert fit_equation("zero_order", curve).values[0] == pytest.approx(100 * 2.3 / 14, rel=1e-9)
    assert fit_equation("zero_order", curve, weights=w).values[0] == pytest.approx(20.0, rel=1e-6)


def test_goodness_by_its_formulas():
    """Conventions of METRICS, Fit quality: residuals 2, 1, 1, 1; mean 43.75."""
    found = goodness([10.0, 30.0, 55.0, 80.0], [12.0, 29.0, 56.0, 79.0], 2)
    spread = 33.75**2 + 13.75**2 + 11.25**2 + 36.25**2
    assert found.wss == 7.0
    assert found.aic == pytest.approx(4 * math.log(7) + 4, rel=1e-15)
    assert found.aicc == pytest.approx(found.aic + 12.0, rel=1e-15)
    assert found.bic == pytest.approx(4 * math.log(7) + 2 * math.log(4), rel=1e-15)
    assert found.msc == pytest.approx(math.log(spread / 7) - 1.0, rel=1e-14)
    assert found.r2_adjusted == pytest.approx(1 - 7 / spread * 3 / 2, rel=1e-14)
    assert found.rmse == pytest.approx(math.sqrt(3.5), rel=1e-15)


def test_ranking_is_by_aicc_on_the_same_points_and_leaves_out_what_has_none():
    ranked = rank_equations(exact("weibull"))
    scores = [fit.goodness.aicc for fit in ranked]
    assert scores == sorted(scores)
    assert ranked[0].equation.name == "weibull"
    assert {fit.goodness.n for fit in ranked} == {9}
    short = ReleaseCurve([600.0, 1200.0, 1800.0], [0.2, 0.4, 0.5])
    assert {len(fit.values) for fit in rank_equations(short)} == {1}


def test_power_law_says_when_it_is_fitted_beyond_its_range():
    whole = fit_equation("korsmeyer_peppas", exact("weibull"))
    assert "beyond 60 %" in " ".join(whole.notes)
    early = fit_equation("korsmeyer_peppas", exact("weibull"), until=0.6)
    assert early.observed.max() <= 0.6
    assert not early.notes


def test_parameter_at_its_bound_is_named_and_has_no_error():
    found = fit_equation("zero_order_lag", exact("zero_order_burst"))
    assert found.parameters["Tlag"] == pytest.approx(0.0, abs=1e-6)
    assert any("Tlag lies at its bound" in note for note in found.notes)
    assert math.isnan(found.errors[1])
    assert math.isfinite(found.errors[0])
    json.dumps(found.to_dict(), allow_nan=False)


def test_transport_by_shape():
    """Ritger and Peppas 1987: exponents of slab, cylinder and sphere."""
    assert transport(0.5, "slab").startswith("Fickian")
    assert transport(0.89, "cylinder").startswith("case II")
    assert transport(0.6, "sphere").startswith("anomalous")
    assert transport(0.2, "sphere").startswith("below")
    assert transport(1.3, "slab").startswith("super")
    with pytest.raises(InputError, match="there are slab, cylinder, sphere"):
        transport(0.5, "cube")


@pytest.mark.parametrize(
    ("equation", "curve", "arguments", "message"),
    [
        ("weibul", ([60.0, 120.0], [0.1, 0.2]), {}, "no empirical equation 'weibul'"),
        ("weibull_max", ([60.0, 120.0], [0.1, 0.2]), {}, "2 points .* too few for the 3"),
        ("weibull", ([60.0, 120.0], [0.7, 0.8]), {"until": 0.6}, "0 points .* up to 60 %"),
        ("zero_order", ([60.0, 120.0], [0.0, 0.0]), {}, "releases nothing"),
        ("zero_order", ([60.0], [0.1]), {"weights": [0.0]}, "above 0 per time"),
    ],
)
def test_what_cannot_be_fitted(equation, curve, arguments, message):
    with pytest.raises(InputError, match=message):
        fit_equation(equation, ReleaseCurve(*curve), **arguments)

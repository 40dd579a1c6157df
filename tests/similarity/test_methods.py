"""Estimators, intervals, distances, stages and prediction errors against truths of their own."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import stats

from releasesim.curve import ReleaseCurve
from releasesim.empirical import FirstOrder, Weibull, ZeroOrder
from releasesim.errors import InputError
from releasesim.similarity import (
    ESTIMATORS,
    RULES,
    Exposure,
    Settings,
    Specification,
    Units,
    acid_stage,
    assess,
    batch,
    bootstrap_f2,
    buffer_stage,
    criterion,
    distance,
    exposure,
    extended_release,
    immediate_release,
    intervals,
    moments,
    prediction_errors,
    tolerance_intervals,
)

MINUTE = 60.0
TIMES = MINUTE * np.array([15.0, 30, 45, 60])


def curve(vessels, name="units"):
    """Curve of units (m, n) in percent at 15, 30, 45 and 60 min."""
    v = np.asarray(vessels) / 100.0
    times = TIMES[: v.shape[0]]
    sd = v.std(axis=1, ddof=1)
    return ReleaseCurve(times, v.mean(axis=1), sd=sd, n=v.shape[1], vessels=v, name=name)


def normal_units(random, means, sd, n):
    return np.array(means)[:, None] + sd * random.standard_normal((len(means), n))


# --- estimators ----------------------------------------------------------------------------------


def test_sampling_variance_inflates_the_differences_by_what_the_estimators_take_off():
    """Monte Carlo, 40,000 batches of 12: E(A) = A + V, so est lies below the population's f2.

    bc takes V off and is right for A, but not for f2: its logarithm bends the other way, here so
    much that it lies farther above the truth (55.47) than est below it (54.37, truth 54.68).
    """
    random = np.random.default_rng(5)
    R, T, sd, n = np.array([20.0, 50, 75]), np.array([28.0, 58, 83]), 6.0, 12
    a, b = (batch(m[:, None] + sd * random.standard_normal((40_000, 3, n))) for m in (R, T))
    counted = np.ones(3, dtype=bool)
    A, V = float(((R - T) ** 2).sum()), 3 * 2 * sd**2 / n
    squares = ((a.mean - b.mean) ** 2).sum(axis=1)
    taken = ((a.variance + b.variance) / n).sum(axis=1)
    assert squares.mean() == pytest.approx(A + V, rel=6e-3)  # its own error: 3e-3
    assert (squares - taken).mean() == pytest.approx(A, rel=7e-3)
    truth = 100 - 25 * math.log10(1 + A / 3)
    est, exp, bc = (ESTIMATORS[name].f2(a, b, counted).mean() for name in ("est", "exp", "bc"))
    assert exp < est < truth < bc


def test_bias_correction_is_undefined_where_variance_exceeds_the_differences():
    same = np.array([[10.0, 40.0, 70.0], [20.0, 60.0, 90.0], [30.0, 70.0, 95.0]])
    both = batch(same)
    counted = np.ones(3, dtype=bool)
    assert math.isnan(ESTIMATORS["bc"].f2(both, both, counted))
    assert ESTIMATORS["exp"].f2(both, both, counted) < 100.0


def test_estimates_from_means_with_sd_are_those_from_the_units():
    random = np.random.default_rng(1)
    R, T = (curve(normal_units(random, m, 3.0, 12)) for m in ([20, 45, 65, 80], [25, 50, 70, 84]))
    bare = [ReleaseCurve(c.time, c.fraction, sd=c.sd, n=c.n) for c in (R, T)]
    settings = Settings(resamples=100)
    full, short = assess(R, T, settings), assess(*bare, settings)
    for name, value in full.estimates.items():
        assert short.estimates[name] == pytest.approx(value, rel=1e-12)
    assert set(short.missing) == {"bootstrap", "distance", "tolerance"}
    assert not full.missing


# --- bootstrap -----------------------------------------------------------------------------------


def test_bootstrap_interval_covers_the_population_f2():
    """Monte Carlo: 150 pairs of batches of 12; 90 % intervals of bc cover 90 % within its error."""
    random = np.random.default_rng(11)
    R, T = np.array([20.0, 45, 70]), np.array([30.0, 56, 78])
    truth = 100 - 25 * math.log10(1 + float(((R - T) ** 2).mean()))
    covered, below = 0, 0
    for seed in range(150):
        data = Units(
            normal_units(random, R, 5.0, 12), normal_units(random, T, 5.0, 12), RULES["all"]
        )
        found = bootstrap_f2(data, "bc", resamples=400, seed=seed)
        low, high = found.intervals["percentile"]
        covered += low <= truth <= high
        below += truth < low
    # binomial sd at 90 % of 150: 2.4 %; small samples cover a little less
    assert 0.82 <= covered / 150 <= 0.96
    assert below / 150 <= 0.12


def test_bootstrap_is_repeated_by_its_seed():
    random = np.random.default_rng(2)
    data = Units(
        normal_units(random, [20, 50, 75], 4.0, 8),
        normal_units(random, [25, 57, 80], 4.0, 6),
        RULES["all"],
    )
    first, again = (bootstrap_f2(data, resamples=500, seed=9) for _ in range(2))
    other = bootstrap_f2(data, resamples=500, seed=10)
    assert first.intervals == again.intervals
    assert first.mean != other.mean
    assert "BCa (nt=nr)" not in first.intervals  # 8 and 6 units
    json.dumps(first.to_dict(), allow_nan=False)


def test_bca_without_bias_or_acceleration_is_the_percentile():
    values = np.linspace(40.0, 60.0, 9999)
    assert intervals.bca(50.0, values, 0.9, 0.0) == pytest.approx(
        intervals.boot_percentile(values, 0.9), abs=0.01
    )


def test_normal_and_basic_intervals_by_hand():
    values = np.arange(1.0, 100.0)  # mean 50, 5th and 95th of 99
    assert intervals.basic(52.0, values, 0.9) == pytest.approx((104 - 95, 104 - 5))
    reach = 1.6448536269514722 * values.std(ddof=1)
    assert intervals.normal(52.0, values, 0.9) == pytest.approx((54 - reach, 54 + reach))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"estimator": "median"}, "no bootstrap of median"),
        ({"jackknife": "all"}, "by all; there are est"),
        ({"jackknife": "nt=nr"}, "as many units"),
        ({"points": "some"}, "resampled or observed"),
    ],
)
def test_what_cannot_be_bootstrapped(arguments, message):
    random = np.random.default_rng(2)
    data = Units(
        normal_units(random, [20, 50, 75], 4.0, 8),
        normal_units(random, [25, 57, 80], 4.0, 6),
        RULES["all"],
    )
    with pytest.raises(InputError, match=message):
        bootstrap_f2(data, resamples=100, **arguments)


def test_too_few_units_or_points_have_a_reason():
    two = curve([[20, 22], [50, 52], [80, 82], [90, 92]])
    assert "three units" in assess(two, two, Settings(resamples=100)).missing["bootstrap of est"]
    fast = curve([[60, 64, 66, 62], [88, 90, 91, 92], [95, 97, 96, 98], [99, 98, 97, 99]])
    found = assess(fast, fast, Settings(resamples=100))
    assert "2 points count" in found.missing["bootstrap of est"]
    assert "2 points count" in found.missing["estimates"]


# --- distance ------------------------------------------------------------------------------------


def test_distance_of_one_point_is_students_t():
    """P = 1: T2 is the square of Student's t of two samples (scipy.stats.ttest_ind)."""
    random = np.random.default_rng(4)
    R, T = 50 + 3 * random.standard_normal((1, 10)), 53 + 3 * random.standard_normal((1, 14))
    found = distance(R, T, alpha=0.1)
    t = stats.ttest_ind(R[0], T[0])
    assert found.t2 == pytest.approx(t.statistic**2, rel=1e-12)
    assert found.p == pytest.approx(t.pvalue, rel=1e-10)


def test_region_ends_are_where_its_boundary_meets_the_direction_of_the_difference():
    """Tsong: K (y - d)' S^-1 (y - d) = F at y = d (1 +- r/D)."""
    random = np.random.default_rng(8)
    R, T = normal_units(random, [20, 50, 75], 4.0, 12), normal_units(random, [24, 55, 79], 4.0, 12)
    found = distance(R, T, alpha=0.1)
    d, S = T.mean(axis=1) - R.mean(axis=1), found.covariance
    for end in (found.lower, found.upper):
        y = d * end / found.distance
        assert found.K * (y - d) @ np.linalg.solve(S, y - d) == pytest.approx(found.f_critical)
        assert math.sqrt(y @ np.linalg.solve(S, y)) == pytest.approx(end)


def test_distance_tells_what_it_lacks():
    R = np.arange(12.0).reshape(4, 3) % 5
    with pytest.raises(InputError, match="3 and 3 units tell a distance over at most 4 points"):
        distance(np.vstack([R, R]), np.vstack([R, R]))
    same = np.tile([10.0, 20.0, 30.0], (2, 1))
    with pytest.raises(InputError, match="singular covariance"):
        distance(same, same + 1.0)


def test_equivalence_test_keeps_its_level():
    """Monte Carlo, 4,000 pairs at the very edge of equivalence: T2EQ accepts 5 % of them."""
    random = np.random.default_rng(3)
    n, P, sd = 12, 3, 4.0
    accepted = 0
    R = sd * random.standard_normal((4000, P, n))
    T = 10.0 + sd * random.standard_normal((4000, P, n))  # the margin itself: 10 % at every point
    for r, t in zip(R[:800], T[:800], strict=True):
        S = (np.cov(r) + np.cov(t)) / 2
        F = n / 2 * (2 * n - P - 1) / ((2 * n - 2) * P)
        d = t.mean(axis=1) - r.mean(axis=1)
        limit2 = 100.0 * P / sd**2  # with the true covariance
        F *= d @ np.linalg.solve(S, d)
        accepted += stats.ncf.cdf(F, P, 2 * n - P - 1, n / 2 * limit2) < 0.05
    assert accepted / 800 == pytest.approx(0.05, abs=0.024)


# --- tolerance and moments -----------------------------------------------------------------------


def test_tolerance_interval_holds_its_share():
    """Monte Carlo, 4,000 batches of 12: 99 % of units inside in 95 % of batches, or a few more."""
    from scipy.special import ndtr

    vessels = np.random.default_rng(6).standard_normal((4000, 12))
    found = tolerance_intervals(vessels, share=0.99, confidence=0.95)
    inside = ndtr(found.upper) - ndtr(found.lower)
    assert 0.94 < float(np.mean(inside >= 0.99)) < 0.975


def test_moments_have_their_closed_forms():
    """METRICS: first order 1/k, 1/k2, 1; Weibull Ti + Td Gamma(1 + 1/b); constant rate T/2."""
    t = np.linspace(0.0, 3e5, 6001)
    first = moments(ReleaseCurve(t, FirstOrder(rate=1e-4).fraction(t), simulated=True))
    assert (first.mdt, first.vdt) == pytest.approx((1e4, 1e8), rel=1e-3)
    assert first.rd == pytest.approx(1.0, rel=1e-3)
    assert first.t50 == pytest.approx(1e4 * math.log(2), rel=1e-3)
    assert first.t90 == pytest.approx(1e4 * math.log(10), rel=1e-3)
    law = Weibull(scale=1e4, shape=2.0, lag=600.0)
    weibull = moments(ReleaseCurve(t, law.fraction(t), simulated=True))
    assert weibull.mdt == pytest.approx(600.0 + 1e4 * math.gamma(1.5), rel=1e-3)
    t = np.linspace(0.0, 1e4, 2001)
    constant = moments(ReleaseCurve(t, ZeroOrder(duration=1e4).fraction(t), simulated=True))
    assert (constant.mdt, constant.de, constant.t80) == pytest.approx((5e3, 0.5, 8e3), rel=1e-6)
    assert math.isnan(moments(ReleaseCurve([60.0], [0.3])).t50)


# --- USP stages ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "name", "passed"),
    [
        ([85] * 6, "S1", True),  # each at Q + 5 exactly
        ([85] * 5 + [84.9], "S1", False),
        ([84] * 6 + [80] * 5 + [65], "S2", True),  # one at Q - 15 exactly
        ([84] * 11 + [64.9], "S2", False),
        ([79] * 12, "S2", False),  # the mean
        ([84] * 22 + [64, 55], "S3", True),  # two below Q - 15, none below Q - 25
        ([84] * 21 + [64, 64, 64], "S3", False),
        ([90] * 23 + [54.9], "S3", False),
    ],
)
def test_immediate_release(amounts, name, passed):
    """USP <711>, acceptance table 1, Q = 80 %."""
    found = immediate_release(amounts[::-1], 80.0)  # the worst units come first
    assert (found.stages[-1].name, found.passed) == (name, passed)
    json.dumps(found.to_dict())


def test_pooled_immediate_release():
    """USP <711>: mean at least Q + 10, Q + 5, Q."""
    assert immediate_release([90] * 6, 80.0, pooled=True).passed
    assert not immediate_release([89.9] * 6, 80.0, pooled=True).passed
    assert immediate_release([85] * 12, 80.0, pooled=True).stages[-1].name == "S2"
    assert immediate_release([80] * 24, 80.0, pooled=True).stages[-1].name == "S3"


RANGES = [(20.0, 40.0), (80.0, None)]


@pytest.mark.parametrize(
    ("first", "last", "name", "passed"),
    [
        ([20, 25, 30, 35, 40, 30], [80] * 6, "L1", True),
        ([20, 25, 30, 35, 40.1, 30], [80] * 6, "L1", False),
        ([30] * 11 + [50], [85] * 11 + [70], "L2", True),  # 10 % of the label outside, exactly
        ([30] * 11 + [50.1], [85] * 12, "L2", False),
        ([30] * 22 + [55, 5], [85] * 22 + [65, 68], "L3", True),
        ([30] * 21 + [55, 5, 8], [85] * 24, "L3", False),
        ([30] * 24, [90] * 23 + [59], "L3", False),  # more than 20 % below
        ([30] * 24, [79] * 24, "L3", False),  # the mean
    ],
)
def test_extended_release(first, last, name, passed):
    """USP <711>, acceptance table 2."""
    found = extended_release([first[::-1], last[::-1]], RANGES)
    assert (found.stages[-1].name, found.passed) == (name, passed)


@pytest.mark.parametrize(
    ("amounts", "name", "passed"),
    [
        ([10] * 6, "A1", True),
        ([5] * 11 + [25], "A2", True),
        ([5] * 11 + [25.1], "A2", False),
        ([10.1] * 24, "A3", False),
        ([8] * 18 + [12] * 6, "A2", True),
    ],
)
def test_acid_stage(amounts, name, passed):
    """USP <711>, acceptance table 3."""
    found = acid_stage(amounts[::-1])
    assert (found.stages[-1].name, found.passed) == (name, passed)


def test_buffer_stage_is_immediate_release_with_75_percent():
    assert buffer_stage([80] * 6).passed
    assert not buffer_stage([79.9] * 6).passed
    assert "12 units in all go on" in buffer_stage([79.9] * 6).verdict


@pytest.mark.parametrize("count", [0, 5, 7, 25])
def test_stages_have_6_12_or_24_units(count):
    with pytest.raises(InputError, match="6, 12 or 24"):
        immediate_release([90.0] * count, 80.0)


def test_specification_is_judged_at_its_times():
    random = np.random.default_rng(2)
    good = curve(85.0 + np.array([[-60], [-30], [5], [12]]) + random.uniform(0, 2, (4, 6)), "good")
    asked = Specification(
        immediate=criterion("80 % at 45 min"),
        ranges=(criterion("20 % to 40 % at 15 min"), criterion("80 % at 1 h")),
        acid=criterion("15 min"),
        buffer=criterion("75 % at 45 min"),
    )
    immediate, extended, acid, buffer = asked.judge(good)
    assert (immediate.table, immediate.passed) == ("USP <711> S", True)
    assert extended.passed
    assert not acid.passed  # 25 % in acid
    assert buffer.passed
    found = assess(good, good, Settings(resamples=100), specification=asked)
    assert "complies at S1" in repr(found)
    assert [one.table[-1] for one in found.acceptance["test"]] == ["S", "L", "A", "B"]
    json.dumps(found.to_dict(), allow_nan=False)


def test_specification_that_cannot_be_judged_has_a_reason():
    seven = curve(np.full((4, 7), 80.0) + np.arange(7))
    asked = Specification(immediate=criterion("80 % at 20 min"))
    found = assess(seven, seven, Settings(resamples=100), specification=asked)
    assert found.missing["acceptance of the test"] == "'units' was not measured at 20 min"
    asked = Specification(immediate=criterion("80 % at 30 min"))
    found = assess(seven, seven, Settings(resamples=100), specification=asked)
    assert "6, 12 or 24" in found.missing["acceptance of the test"]


@pytest.mark.parametrize("text", ["80 at 30 min", "80 %", "80 % after 30 min", "", "80 % at 30"])
def test_criteria_that_say_something_else(text):
    with pytest.raises(InputError, match="is no criterion"):
        criterion(text)


# --- prediction errors ---------------------------------------------------------------------------


def test_exposure_of_a_triangle():
    assert exposure([0, 2, 6], [0, 10, 0]) == Exposure(c_max=10.0, auc=30.0)


@pytest.mark.parametrize(
    ("predicted", "internal", "word"),
    [
        ((9.2, 84.0), True, "established: mean %PE up to 8.0"),
        ((9.2, 91.0), True, "external predictability"),  # AUC 13.75 %: mean above 10
        ((8.4, 80.0), True, "external predictability"),  # single 16 %
        ((9.0, 80.0), False, "established"),
        ((8.5, 80.0), False, "inconclusive"),
        ((7.9, 80.0), False, "not established"),
    ],
)
def test_limits_of_the_fda(predicted, internal, word):
    """FDA 1997: internal mean 10 and single 15 %, external 10 and 20 %."""
    found = prediction_errors([Exposure(10.0, 80.0)], [Exposure(*predicted)], internal=internal)
    assert found.verdict.startswith(word)
    json.dumps(found.to_dict())


def test_prediction_errors_need_pairs():
    with pytest.raises(InputError, match="one prediction for each"):
        prediction_errors([Exposure(1.0, 1.0)], [])
    with pytest.raises(InputError, match="no prediction error"):
        prediction_errors([Exposure(0.0, 1.0)], [Exposure(1.0, 1.0)])


def test_settings_out_of_range():
    with pytest.raises(InputError, match="resamples = 5"):
        Settings(resamples=5)
    with pytest.raises(InputError, match="level = 1"):
        Settings(level=1.0)
    with pytest.raises(InputError, match="mtad = 0"):
        Settings(mtad=0.0)


def test_assessment_shows_itself():
    random = np.random.default_rng(1)
    R = curve(normal_units(random, [20, 45, 65, 80], 3.0, 12), "R")
    T = curve(normal_units(random, [25, 50, 70, 84], 3.0, 12), "T")
    found = assess(R, T, Settings(resamples=200))
    for words in ("f2 bc", "90% BCa (nt+nr)", "distance (Tsong)", "distance (T2EQ)", "t80"):
        assert words in repr(found)
    json.dumps(found.to_dict(), allow_nan=False)

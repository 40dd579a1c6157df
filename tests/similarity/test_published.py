"""Every figure of the reference file: disprofas, bootf2 and T2EQ, each by its own convention.

R's random numbers are repeated, so that bootstrap intervals agree to round-off and not only to
their Monte-Carlo error.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import published
import pytest

from releasesim.similarity import (
    ESTIMATORS,
    RULES,
    PointRule,
    Settings,
    Units,
    against_means,
    assess,
    bootstrap,
    bootstrap_f2,
    compare,
    distance,
    intervals,
    tolerance_intervals,
)
from releasesim.similarity import batch as batches

MINUTE = 60.0

# disprofas' bounds of 5-80 and 1-95 % are no guideline's: a PointRule of one's own has them
_BOUNDS = {
    name: PointRule(name, "", lambda r, t, level=level: (r >= level) | (t >= level))
    for name, level in (("no_5_80", 0.80), ("no_1_95", 0.95))
}
_RULES = {
    **dict.fromkeys(("ema_default", "yes", "no", "no_1_85"), "ema"),
    "ignore": "all",
    # bootf2's Canada and ANVISA count points as the EMA does
    **dict.fromkeys(("EMA", "Canada", "ANVISA"), "ema"),
    "FDA": "fda",
    "WHO": "who",
    "FDA_bothTR85": "fda_both",
}
_NAMES = {
    "est.f2": "est",
    "exp.f2": "exp",
    "bc.f2": "bc",
    "vc.exp.f2": "vc_exp",
    "vc.bc.f2": "vc_bc",
}


def percent(curve):
    return 100.0 * curve.vessels


def after_zero(curve):
    return percent(curve)[curve.time > 0.0]


def units(reference, test, rule):
    return Units(after_zero(reference), after_zero(test), RULES[rule])


class Covered:
    """Which pairs the tests of this file reproduce; the last test counts them."""

    FAMILIES: ClassVar[dict[str, int]] = {
        "disprofas.f": 28,
        "bootf2.calcf2.": 18,
        "hand.": 2,
        "rule.": 1,
        "disprofas.T2_": 8,
        "disprofas.sim_lim.": 2,
        "disprofas.mimcr.": 8,
        "T2EQ.": 1,
        "disprofas.mztia.": 1,
        "bootf2.bootf2.": 6,
        "disprofas.bootstrap_f2.": 6,
        "published.": 1,
    }


def test_every_pair_belongs_to_a_test():
    counts = {start: len(published.pairs(start)) for start in Covered.FAMILIES}
    assert counts == Covered.FAMILIES
    assert sum(counts.values()) == len(published.reference_file()["pairs"]) == 82


def test_f1_and_f2_of_disprofas():
    """28 pairs to 1e-9; 4 of them with bounds that no guideline has."""
    for pair in published.pairs("disprofas.f"):
        setting, output = pair["id"].rpartition(".")[2], pair["output"]
        reference, test = published.two_products(pair["id"])
        rule = _BOUNDS.get(setting) or RULES[_RULES[setting]]
        R, T = after_zero(reference).mean(axis=1), after_zero(test).mean(axis=1)
        p = rule.count(R / 100.0, T / 100.0)
        found = compare(
            published.curve_of(output["time_points"], R[:p, None], "R"),
            published.curve_of(output["time_points"], T[:p, None], "T"),
            rule="all",
        )
        for key in {"f1", "f2"} & set(output):
            assert getattr(found, key) == pytest.approx(output[key], abs=1e-9), pair["id"]
        times = reference.time[reference.time > 0.0][:p] / MINUTE
        assert times.tolist() == output["time_points"], pair["id"]


def test_f2_of_bootf2_by_every_estimator_and_regulation():
    """18 pairs to 1e-9: est, exp, bc, and the two weighted ones."""
    for pair in published.pairs("bootf2.calcf2."):
        batch, regulation = pair["id"].split(".")[3:5]
        rule = _RULES[regulation]
        curves = published.shah("ref"), published.shah(batch)
        found = compare(*curves, rule=rule)
        assert found.times.size == pair["output"]["n_points"]
        assert found.f2 == pytest.approx(pair["output"]["est.f2"], abs=1e-9)
        counted = np.arange(curves[0].time.size) < found.times.size
        R, T = (batches(percent(curve)) for curve in curves)
        estimates = {name: float(one.f2(R, T, counted)) for name, one in ESTIMATORS.items()}
        for theirs, ours in _NAMES.items():
            assert estimates[ours] == pytest.approx(pair["output"][theirs], abs=1e-9)
        assert estimates["exp"] < estimates["est"] < estimates["bc"]


def test_examples_by_hand():
    for pair in published.pairs("hand."):
        R, T = (np.c_[pair["inputs"][key]] for key in "RT")
        curves = published.curve_of([10, 20, 30], R, "R"), published.curve_of([10, 20, 30], T, "T")
        found = compare(*curves, rule="all")
        for key in ("f1", "f2"):
            assert getattr(found, key) == pytest.approx(pair["output"][key], abs=1e-9)


def test_example_of_the_readings_of_85_percent():
    (pair,) = published.pairs("rule.")
    minutes = pair["inputs"]["time_min"]
    curves = [published.curve_of(minutes, np.c_[pair["inputs"][key]], key) for key in "RT"]
    either, who, both = pair["output"].values()
    for rule, output in (("ema", either), ("fda", either), ("who", who), ("fda_both", both)):
        found = compare(*curves, rule=rule)
        assert found.times.size == output["n_points"]
        assert found.f2 == pytest.approx(output["f2"], abs=1e-9)


# --- distances -----------------------------------------------------------------------------------

_FIELDS = {
    "dm": "distance",
    "K": "K",
    "k": "k",
    "T2": "t2",
    "F": "f",
    "F.crit": "f_critical",
    "t.crit": "t_critical",
    "ncp.Hoffelder": "noncentrality",
    "F.crit.Hoffelder": "f_equivalence",
    "Sim.Limit": "limit",
    "Obs.L": "lower",
    "Obs.U": "upper",
}


def _points(pair, curve):
    """Rows of the points that a pair uses: 15 and 90 min, or the first df1 after time 0."""
    minutes = curve.time[curve.time > 0.0] / MINUTE
    if "t15_t90" in pair["id"]:
        return np.flatnonzero(np.isin(minutes, (15.0, 90.0)))
    return np.arange(pair["output"]["df1"])


def test_hotelling_tsong_and_hoffelder():
    """T2 of two samples, similarity limits and mimcr: 17 pairs to 1e-9.

    Quantiles of the non-central F differ by up to 4e-9 between R and scipy.

    p-values are compared as numbers, not by digits: R takes the tiny ones from 1 - pf.
    """
    for pair in published.pairs("disprofas.T2_two.", "disprofas.sim_lim.", "disprofas.mimcr."):
        output = pair["output"]
        reference, test = published.two_products(pair["id"])
        rows = _points(pair, reference)
        alpha, mtad = output.get("signif", output.get("alpha")), output.get("MTAD", 10.0)
        R, T = after_zero(reference)[rows], after_zero(test)[rows]
        found = distance(R, T, mtad=mtad, alpha=alpha)
        assert found.df == (output["df1"], output["df2"])
        for theirs, ours in _FIELDS.items():
            if theirs in output:
                value, near = getattr(found, ours), 1e-8 if "F.crit.H" in theirs else 1e-9
                assert value == pytest.approx(output[theirs], rel=near), (pair["id"], theirs)
        assert found.p == pytest.approx(output["p.F"], abs=1e-13)
        if "p.F.Hoffelder" in output:
            assert found.p_equivalence == pytest.approx(output["p.F.Hoffelder"], abs=1e-8)
        if "S_pool" in output:
            assert found.covariance == pytest.approx(np.array(output["S_pool"]), abs=1e-12)
        if "similarity" in output:
            words = {True: "Similar", False: "Dissimilar"}
            decided = {"Tsong": words[found.similar], "Hoffelder": words[found.equivalent]}
            assert decided == output["similarity"]


def test_points_of_mimcr_are_those_of_the_rule():
    """The portion of disprofas, 1 to 85 %, is the EMA's count."""
    for pair in published.pairs("disprofas.mimcr."):
        if "bounds1_95" not in pair["id"]:
            R, T = published.two_products(pair["id"])
            found = assess(R, T, Settings(rule="ema", resamples=100, mtad=pair["output"]["MTAD"]))
            assert found.distance.points == pair["output"]["df1"]
            assert found.distance.upper == pytest.approx(pair["output"]["Obs.U"], rel=1e-8)


def test_hotelling_of_one_sample():
    (pair,) = published.pairs("disprofas.T2_one.")
    reference, test = published.two_products(pair["id"])
    rows, output = _points(pair, reference), pair["output"]
    found = against_means(
        after_zero(test)[rows], after_zero(reference)[rows].mean(axis=1), alpha=0.1
    )
    for theirs, ours in _FIELDS.items():
        if theirs in output and theirs != "k":
            assert getattr(found, ours) == pytest.approx(output[theirs], rel=1e-9), theirs
    assert found.p == pytest.approx(output["p.F"], abs=1e-13)


def test_t2eq():
    """T2EQ 1.1, which prints the squared distance: 701.4879 and 54.39054."""
    (pair,) = published.pairs("T2EQ.")
    reference, test = published.two_products("dip1")
    found = distance(after_zero(reference), after_zero(test), mtad=10.0, alpha=0.05)
    assert found.p_equivalence == pytest.approx(pair["output"]["p.value"], abs=1e-8)
    assert found.equivalent is bool(pair["output"]["testresult.num"])
    printed = " ".join(pair["output"]["printed"])
    assert f"{found.distance**2:.4f}" in printed
    assert f"{found.f_equivalence:.5f}" in printed


def test_tolerance_intervals():
    """Disprofas' mztia: to 1e-9."""
    (pair,) = published.pairs("disprofas.mztia.")
    vessels = after_zero(published.disprofas("dip1", "type", "R"))
    found = tolerance_intervals(vessels, share=0.99, confidence=0.95)
    rows = pair["output"]
    for key, values in (("Mean", found.mean), ("LTL", found.lower), ("UTL", found.upper)):
        assert values == pytest.approx([row[key] for row in rows], abs=1e-9)
    for stage, by in (("S1", 5.0), ("S2", 15.0)):
        low, high = found.widened(by)
        assert low == pytest.approx([row[f"{stage}.LTL"] for row in rows], abs=1e-9)
        assert high == pytest.approx([row[f"{stage}.UTL"] for row in rows], abs=1e-9)


# --- bootstrap -----------------------------------------------------------------------------------


def _draws(seed, resamples, test_first):
    """Draws of two products of 12 units by R's generator, in the order of a program."""
    generator = published.r_generator(seed)
    first, second = (published.r_units(generator, 12, resamples) for _ in range(2))
    return bootstrap.Draws(second, first) if test_first else bootstrap.Draws(first, second)


def test_r_generator_is_that_of_r():
    """set.seed(42); runif(2) prints 0.9148060 0.9370754 in R."""
    raw = published.r_generator(42).random_raw(2) * 2.0**-32
    assert raw == pytest.approx([0.9148060435, 0.9370754133], abs=1e-10)


_BOOTF2 = {
    "Normal": "normal",
    "Basic": "basic",
    "Percentile (Type 7)": "percentile",
    "Percentile (boot)": "percentile (boot)",
    "BCa (jackknife, nt+nr)": "BCa (nt+nr)",
    "BCa (jackknife, nt*nr)": "BCa (nt*nr)",
    "BCa (jackknife, nt=nr)": "BCa (nt=nr)",
    "BCa (boot)": "BCa (boot)",
}


@pytest.mark.parametrize("batch", ["test1", "test2", "test3"])
def test_bootstrap_of_bootf2(batch):
    """6 pairs, 5 estimators, 8 intervals: R's draws give its ends to 1e-6, not only 0.3."""
    for pair in published.pairs(f"bootf2.bootf2.shah1998.{batch}."):
        data = units(published.shah("ref"), published.shah(batch), _RULES[pair["id"].split(".")[4]])
        draws = _draws(306, 10_000, test_first=True)
        for theirs, ours in _NAMES.items():
            found = bootstrap_f2(data, ours, draws=draws)
            summary, ends = pair["output"]["summary"][theirs], pair["output"]["ci90"][theirs]
            assert found.estimate == pytest.approx(summary["f2o"], abs=1e-9)
            assert found.mean == pytest.approx(summary["boot_mean"], abs=1e-9)
            assert found.median == pytest.approx(summary["boot_median"], abs=1e-9)
            for one, other in _BOOTF2.items():
                # resamples of test2 may equal the data to round-off, and count as below or not
                near = 0.005 if "BCa" in one and batch == "test2" else 1e-6
                assert found.intervals[other] == pytest.approx(ends[one], abs=near), (theirs, one)


def test_percentiles_of_every_type():
    """Types 1 to 9 of Hyndman and Fan as R has them."""
    (pair,) = published.pairs("bootf2.bootf2.shah1998.test1.EMA.")
    data = units(published.shah("ref"), published.shah("test1"), "ema")
    values = bootstrap.replicates(ESTIMATORS["est"], data, _draws(306, 10_000, test_first=True))
    for kind in range(1, 10):
        ends = pair["output"]["ci90"]["est.f2"][f"Percentile (Type {kind})"]
        assert intervals.percentile(values, 0.9, kind) == pytest.approx(ends, abs=1e-9), kind


def test_bootstrap_of_disprofas():
    """6 pairs with R's draws, mean and standard error to 1e-9, BCa by disprofas' own acceleration.

    It leaves the i-th units of both products out together, and hands R's boot these estimates
    themselves as influence values, not their differences; "Shah" takes them from the jackknife
    estimate. Both are repeated here and not offered: neither is Efron's.
    """
    for pair in published.pairs("disprofas.bootstrap_f2."):
        output, ignored = pair["output"], "ignore" in pair["id"]
        reference, test = published.two_products(pair["inputs"]["dataset"].replace(" ", "_"))
        data = units(reference, test, "all" if ignored else "ema")
        draws = _draws(421, 999 if ignored else 5000, test_first=False)
        found = bootstrap_f2(data, draws=draws, points="observed")
        assert found.estimate == pytest.approx(output["t0"], abs=1e-9)
        assert found.mean == pytest.approx(output.get("mean_t", output.get("mean")), abs=1e-9)
        assert found.se == pytest.approx(output.get("sd_t", output.get("se")), abs=1e-9)
        values = bootstrap.replicates(ESTIMATORS["est"], data, draws, "observed")
        left_out = bootstrap.left_out_together(ESTIMATORS["est"], data, "observed")
        a = intervals.acceleration(left_out)
        ends = output.get("BCa_CI", output.get("BCa"))
        assert intervals.bca(found.estimate, values, 0.9, a) == pytest.approx(ends, abs=1e-6)
        if "Shah" in output:
            jackknife = 12 * found.estimate - 11 * left_out.mean()
            a = intervals.acceleration(jackknife - left_out)
            shah = intervals.bca(found.estimate, values, 0.9, a)
            assert shah == pytest.approx(output["Shah"], abs=0.05)  # by type 7, not boot's


def test_bootstrap_of_bootf2bca():
    """1 pair, B = 1000: R's draws after seed 306, bootf2's own, give it to the last digit printed.

    bootf2BCA's replicates are equal to those of bootf2 with its default seed, one by one, says the
    test of bootf2 (tests/testthat) from which this pair comes.
    """
    (pair,) = published.pairs("published.")
    data, output = units(published.shah("ref"), published.shah("test1"), "ema"), pair["output"]
    found = bootstrap_f2(data, "exp", draws=_draws(306, 1000, test_first=True))
    assert found.estimate == pytest.approx(output["exp.f2"], abs=0.005)
    assert found.mean == pytest.approx(output["boot_mean"], abs=0.005)
    for theirs, ours in (
        ("Normal", "normal"),
        ("Basic", "basic"),
        ("Percentile(boot)", "percentile (boot)"),
        ("BCa(boot)", "BCa (boot)"),
    ):
        assert found.intervals[ours] == pytest.approx(output[theirs], abs=0.005), theirs

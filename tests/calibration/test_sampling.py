"""Chains of samples: an exactly known posterior, and what is refused."""

from __future__ import annotations

import dataclasses
import io
import sys

import numpy as np
import pytest
from scipy.stats import kstest
from scipy.stats import t as student

from releasesim.calibration import fit
from releasesim.calibration.model import Model
from releasesim.calibration.parameters import Parameter, Prior
from releasesim.calibration.points import Points
from releasesim.calibration.posterior import Posterior, split_r_hat
from releasesim.calibration.problem import Part, Problem
from releasesim.calibration.sampling import sample_posterior
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError, MissingExtraError
from releasesim.study import Study

NAMES = ("diffusion.D", "film.k")
TIME = np.linspace(0.1, 1.0, 7)
SLOPES = np.stack([0.1 * TIME, 0.05 * np.cos(3 * TIME)], axis=1)
NOISE = 0.004 * np.array([1.0, -2.0, 0.5, 1.5, -1.0, 0.3, -0.4])


class Linear(Model):
    """A curve that is linear in the logarithms of its parameters."""

    def _fraction(self, values, times):
        return 0.3 + SLOPES @ np.log(values)


def linear_problem(prior=None):
    parameters = [Parameter(name, 1.0, 1e-4, 1e4, "1", prior=prior) for name in NAMES]
    flat = np.ones(TIME.size)
    points = Points(TIME, 0.3 + SLOPES @ [0.2, -0.1] + NOISE, flat, False, ())
    return Problem(parameters, [Part(Linear(None, NAMES), points, np.arange(2))])


def least_squares():
    """Estimates, covariance s^2 (J^T J)^-1, and degrees of freedom."""
    observed = linear_problem().observed - 0.3
    x, rest = np.linalg.lstsq(SLOPES, observed, rcond=None)[:2]
    freedom = TIME.size - 2
    return x, rest[0] / freedom * np.linalg.inv(SLOPES.T @ SLOPES), freedom


def test_a_linear_curve_has_students_t():
    """Box & Tiao 1973, 2.7: t of n - p = 5 degrees of freedom about the least-squares estimates."""
    x, covariance, freedom = least_squares()
    error = np.sqrt(np.diag(covariance))
    chain = sample_posterior(linear_problem(), x, error, 6000, seed=2)
    assert chain.converged
    assert chain.independent > 1000
    assert chain.steps < 1000  # it ends when it will do
    logs = np.log(chain.draws)
    reach = student.ppf(0.975, freedom)  # 2.57, where a normal distribution had 1.96
    for i, name in enumerate(NAMES):
        z = (logs[:, i] - x[i]) / error[i]
        # Kolmogorov & Smirnov: 1,600 independent draws come within 1.63/sqrt(1600) 99 times in 100
        assert kstest(z, student(freedom).cdf).statistic < 0.04
        low, high = (np.log(chain.interval(name)) - x[i]) / error[i]
        assert 0.5 * (high - low) == pytest.approx(reach, abs=0.25)  # to 2.5 Monte-Carlo errors
    exact = covariance[0, 1] / error.prod()
    assert np.corrcoef(logs.T)[0, 1] == pytest.approx(exact, abs=0.05)


def test_a_prior_counts_for_what_the_card_says():
    """Priors a hundred times narrower than the data are what comes out."""
    x, covariance, _ = least_squares()
    narrow = 0.01 * float(np.sqrt(covariance.diagonal().min()))
    prior = Prior(float(np.exp(x[0])), narrow)
    chain = sample_posterior(linear_problem(prior), np.full(2, x[0]), np.full(2, narrow), 6000, 3)
    assert chain.converged
    low, high = np.log(chain.interval(NAMES[0]))
    assert high - low == pytest.approx(2 * 1.96 * narrow, rel=0.1)
    assert 0.5 * (low + high) == pytest.approx(x[0], abs=0.2 * narrow)


def test_a_seed_gives_the_same_chain():
    x, covariance, _ = least_squares()
    one, same, other = (
        sample_posterior(linear_problem(), x, np.sqrt(np.diag(covariance)), 40, seed)
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one.chain, same.chain)
    assert one.to_bytes() == same.to_bytes()
    assert not np.array_equal(one.chain, other.chain)


def chain_of(logs, memory=20):
    """A chain from logarithms (ensembles, steps, walkers, 1) that a walk made."""
    parameter = Parameter("diffusion.D", 1.0, 1e-4, 1e4, "1")
    density = np.zeros(logs.shape[:3])
    return Posterior((parameter,), np.exp(logs), density, 0.3, 1, 1, seed=memory)


def wandering(steps, memory, seed, walkers=16):
    """First-order autoregression; its autocorrelation time is (1 + r)/(1 - r)."""
    random, r = np.random.default_rng(seed), (memory - 1.0) / (memory + 1.0)
    path = np.empty((2, steps, walkers, 1))
    path[:, 0] = random.standard_normal(path[:, 0].shape)
    for i in range(1, steps):
        shock = random.standard_normal(path[:, i].shape)
        path[:, i] = r * path[:, i - 1] + np.sqrt(1.0 - r * r) * shock
    return path


def test_the_autocorrelation_time_is_that_of_the_walk():
    chain = chain_of(wandering(3000, 9.0, seed=1))
    assert chain.autocorrelation[0] == pytest.approx(9.0, rel=0.1)
    assert chain.converged


def test_a_short_chain_gives_no_interval():
    chain = chain_of(wandering(300, 30.0, seed=1))
    assert not chain.converged
    assert "50 are needed" in chain.why_not
    assert chain.wanted > 600
    assert np.isnan([*chain.interval("diffusion.D"), chain.median("diffusion.D")]).all()
    assert chain.to_dict()["estimates"] == {"diffusion.D": None}
    shown = " ".join(" ".join(row) for row in chain.rows(["1"]))
    assert "no intervals" in shown
    assert "95 %" not in shown


def test_ensembles_that_disagree_give_no_interval():
    """Two hills, one ensemble on each: long enough, and wrong."""
    path = wandering(3000, 9.0, seed=4)
    assert chain_of(path).converged
    path[1] += 1.5
    assert split_r_hat(path)[0] > 1.1
    assert "R-hat of diffusion.D" in chain_of(path).why_not


def test_a_walker_that_never_moves_gives_no_interval():
    path = wandering(3000, 9.0, seed=4)
    path[0, :, 3] = 0.1
    assert chain_of(path).why_not == "a walker never moved"


def test_an_end_at_the_bound_of_the_search_is_said():
    path = np.log(1e4) - np.abs(wandering(3000, 9.0, seed=5))
    assert "its upper end is the search's" in chain_of(path).rows(["1"])[0][1]


# --- fits -----------------------------------------------------------------------------------------


def eroding():
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
            "run": {"until": "12 h"},
        }
    )


def measured():
    return ReleaseCurve([3600, 7200, 14400, 21600], [0.33, 0.57, 0.88, 0.98])


def test_a_chain_and_the_profile_of_a_fit_agree():
    found = fit(eroding(), measured(), vary=["erosion.speed"], sample=4000)
    one, chain = found["erosion.speed"], found.posterior
    width = one.high - one.low
    for end, other in zip(chain.interval("erosion.speed"), (one.low, one.high), strict=True):
        assert end == pytest.approx(other, abs=0.1 * width)
    assert "median" in repr(found)
    assert f"{chain.curves} curves from 1 simulations" in repr(found)
    kept = np.load(io.BytesIO(chain.to_bytes()))
    assert kept["chain"].shape == chain.chain.shape
    assert kept["names"].tolist() == ["erosion.speed"]


def test_without_scatter_there_is_nothing_to_sample():
    data = measured()
    one = dataclasses.replace(data, time=data.time[:1], fraction=data.fraction[:1])
    with pytest.raises(InputError, match="1 points and 1 parameters leave no scatter"):
        fit(eroding(), one, vary=["erosion.speed"], sample=100)
    with pytest.raises(InputError, match="at least 20 steps"):
        fit(eroding(), data, vary=["erosion.speed"], sample=3)


def test_a_missing_sampler_is_named_before_the_fit(monkeypatch):
    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(MissingExtraError, match=r'pip install "releasesim\[bayes\]"') as caught:
        fit(eroding(), measured(), vary=["no.such"], sample=100)
    assert caught.value.exit_code == 2

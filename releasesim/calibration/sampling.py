r"""Samples of the posterior by emcee (Foreman-Mackey et al., PASP 125 (2013) 306).

The likelihood is that of the least-squares fit, its unknown scatter s integrated out with the prior
1/s: the density of the logarithms x is S(x)^{-n/2}, S the weighted sum of squares of n points.
Where curves are linear in x that is Student's t about the fit, with n - p degrees of freedom, which
its intervals are made of (Box & Tiao 1973, 2.7). Priors are flat in x between the bounds of the
search, or the normal ones of the cards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.posterior import Posterior
from releasesim.calibration.problem import Problem
from releasesim.errors import InputError, ReleaseSimError
from releasesim.extras import load_extra

Array = NDArray[np.float64]

EXTRA = "bayes"
_WALKERS = 16
_CHUNK = 250
"""Steps between two looks at whether it will do."""
_FEWEST = 20
_WIDTHS = (1.0, 3.0)
"""Spread at the start of each ensemble, over the standard errors of the fit [-]."""
_NARROWEST, _WIDEST = 1e-4, 1.0
"""Limits of that spread in the logarithm [-]."""


def require_sampler(steps: int) -> None:
    """Refuse early: no such program, or a number of steps that cannot be.

    Raises
    ------
    MissingExtraError
        emcee is not installed.
    InputError
        Fewer than 20 steps.
    """
    if steps < _FEWEST:
        raise InputError(f"sample = {steps}: at least {_FEWEST} steps are needed")
    load_extra("emcee", EXTRA)


def sample_posterior(problem: Problem, x: Array, error: Array, steps: int, seed: int) -> Posterior:
    """Walk about the best parameters until the chain will do, or `steps` are used up.

    Parameters
    ----------
    x : (p,) ndarray
        The best parameters, logarithms over their start values.
    error : (p,) ndarray
        Their standard errors; may be infinite.
    steps : int
        At most so many of every walker.
    seed : int

    Raises
    ------
    InputError
        No degree of freedom is left, or the data are met exactly: there is no scatter to go by.
    """
    _refuse_scatterless(problem, x)
    before = problem.evaluations
    random = np.random.default_rng(seed)
    samplers = [_sampler(problem, random) for _ in _WIDTHS]
    places: list[Any] = [_start(problem, x, error, width, random) for width in _WIDTHS]
    done = 0
    while True:
        more = min(_CHUNK, steps - done)
        for which, sampler in enumerate(samplers):
            places[which] = sampler.run_mcmc(places[which], more, skip_initial_state_check=True)
        done += more
        found = _posterior(problem, samplers, before, seed)
        if done >= steps or found.converged:
            return found


def _refuse_scatterless(problem: Problem, x: Array) -> None:
    n = problem.observed.size
    if n <= x.size:
        raise InputError(f"{n} points and {x.size} parameters leave no scatter to sample by")
    if not np.any(problem.data_residuals(x)):
        raise InputError("the curve meets the data exactly: there is no scatter to sample by")


def _posterior(problem: Problem, samplers: list[Any], before: int, seed: int) -> Posterior:
    logs = np.stack([sampler.get_chain() for sampler in samplers])
    return Posterior(
        parameters=tuple(problem.parameters),
        chain=problem.start * np.exp(logs),
        log_density=np.stack([sampler.get_log_prob() for sampler in samplers]),
        acceptance=float(np.mean([sampler.acceptance_fraction for sampler in samplers])),
        curves=problem.evaluations - before,
        simulations=problem.simulations,
        seed=seed,
    )


def _sampler(problem: Problem, random: np.random.Generator) -> Any:
    emcee = load_extra("emcee", EXTRA)
    p = problem.start.size
    # differences of other walkers: a straight line forgets in fewer steps than by stretching
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.2)]
    walkers = max(_WALKERS, 4 * p)
    sampler = emcee.EnsembleSampler(walkers, p, log_density_of(problem), moves=moves)
    sampler.random_state = np.random.RandomState(int(random.integers(2**31))).get_state()
    return sampler


def _start(
    problem: Problem, x: Array, error: Array, width: float, random: np.random.Generator
) -> Array:
    spread = width * np.clip(np.where(np.isfinite(error), error, _WIDEST), _NARROWEST, _WIDEST)
    drawn = x + spread * random.standard_normal((max(_WALKERS, 4 * x.size), x.size))
    room = problem.high - problem.low
    inside = random.uniform(0.0, 0.01, drawn.shape) * room  # no two on the same bound
    return np.clip(drawn, problem.low + inside, problem.high - inside)


def log_density_of(problem: Problem) -> Callable[[Array], float]:
    """Logarithm of the posterior density of x, up to a constant; -inf beyond the bounds."""
    n = problem.observed.size

    def log_density(x: Array) -> float:
        if np.any(x < problem.low) or np.any(x > problem.high):
            return -np.inf
        try:
            residuals = problem.data_residuals(x)
        except ReleaseSimError:  # so far out that the engine gives up
            return -np.inf
        return -0.5 * n * float(np.log(residuals @ residuals)) + _log_prior(problem, x)

    return log_density


def _log_prior(problem: Problem, x: Array) -> float:
    found = 0.0
    for i, parameter in enumerate(problem.parameters):
        if parameter.prior is not None:
            away = x[i] - np.log(parameter.prior.centre / problem.start[i])
            found -= 0.5 * float(away / parameter.prior.log_sd) ** 2
    return found


__all__ = ["log_density_of", "require_sampler", "sample_posterior"]

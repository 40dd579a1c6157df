"""What a chain of samples says of parameters, and whether it may be believed."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.parameters import Parameter
from releasesim.units import format_quantity

Array = NDArray[np.float64]

LONG_ENOUGH = 50.0
"""Autocorrelation times that a chain must last (Foreman-Mackey et al. 2013)."""
ALIKE = 1.01
"""R-hat from which on parts of a chain are not alike (Vehtari et al. 2021)."""
_BURN_IN = 5.0
"""Autocorrelation times that are left out at the start."""
_AT_BOUND = 0.05
"""Distance from a bound of the search, in the logarithm, at which an interval ends there [-]."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """Samples of the parameters, given the data.

    Parameters
    ----------
    parameters : tuple of Parameter
    chain : (ensembles, steps, walkers, p) ndarray
        Parameters in SI, from the first step on.
    log_density : (ensembles, steps, walkers) ndarray
        Of the posterior, up to a constant [-].
    acceptance : float
        Share of the steps that were taken [-].
    curves, simulations : int
        Release curves that were asked for, and solves of the engine that they took.
    seed : int
    """

    parameters: tuple[Parameter, ...]
    chain: Array
    log_density: Array
    acceptance: float
    curves: int
    simulations: int
    seed: int

    @cached_property
    def burn_in(self) -> int:
        """Steps left out at the start."""
        steps = int(self.chain.shape[1])
        memory = float(np.nanmax(_autocorrelation(np.log(self.chain)), initial=0.0))
        # a chain that ends before its own memory does leaves out half, and fails by its length
        return min(math.ceil(_BURN_IN * memory), steps // 2)

    @cached_property
    def autocorrelation(self) -> Array:
        """Integrated autocorrelation time of each logarithm, (p,) [steps]; nan where stuck."""
        return _autocorrelation(np.log(self.chain[:, self.burn_in :]))

    @cached_property
    def r_hat(self) -> Array:
        """Between halves of the ensembles over within, (p,) [-]: 1 where all say the same."""
        return split_r_hat(np.log(self.chain[:, self.burn_in :]))

    @property
    def names(self) -> tuple[str, ...]:
        """Dotted names."""
        return tuple(one.name for one in self.parameters)

    @property
    def steps(self) -> int:
        """Steps after those left out at the start."""
        return int(self.chain.shape[1]) - self.burn_in

    @property
    def draws(self) -> Array:
        """Samples of all walkers after the start, (n, p), in SI."""
        kept: Array = self.chain[:, self.burn_in :]
        return kept.reshape(-1, kept.shape[-1])

    @property
    def independent(self) -> float:
        """Independent draws that the samples are worth, by the slowest parameter."""
        return float(self.draws.shape[0]) / max(float(np.max(self.autocorrelation)), 1.0)

    @property
    def converged(self) -> bool:
        """Whether its intervals may be told."""
        return not self.why_not

    @property
    def why_not(self) -> str:
        """What keeps its intervals from being told; empty where nothing does."""
        if not np.isfinite(self.autocorrelation).all():
            return "a walker never moved"
        slowest = int(np.argmax(self.autocorrelation))
        memory = float(self.autocorrelation[slowest])
        if self.steps < LONG_ENOUGH * memory:
            return (
                f"{self.steps} steps after {self.burn_in} of burn-in are {self.steps / memory:.0f} "
                f"autocorrelation times of {self.names[slowest]}, and {LONG_ENOUGH:.0f} are needed"
            )
        worst = int(np.argmax(self.r_hat))
        if not self.r_hat[worst] <= ALIKE:
            return (
                f"R-hat of {self.names[worst]} is {self.r_hat[worst]:.3f}: parts of the chain "
                f"differ by more than {ALIKE} allows"
            )
        return ""

    @property
    def wanted(self) -> int:
        """Steps that are likely to do, of two digits."""
        memory = np.nanmax(self.autocorrelation, initial=1.0)
        need = max(1.3 * (LONG_ENOUGH + _BURN_IN) * float(memory), 2.0 * self.chain.shape[1])
        digit = 10.0 ** (math.floor(math.log10(need)) - 1)
        return int(math.ceil(need / digit) * digit)

    def interval(self, name: str, level: float = 0.95) -> tuple[float, float]:
        """Ends that leave as much on either side, in SI; nan where the chain is no good."""
        if not self.converged:
            return math.nan, math.nan
        ends = [0.5 - 0.5 * level, 0.5 + 0.5 * level]
        low, high = np.quantile(self.draws[:, self.names.index(name)], ends)
        return float(low), float(high)

    def median(self, name: str) -> float:
        """Value with as much on either side, in SI; nan where the chain is no good."""
        if not self.converged:
            return math.nan
        return float(np.median(self.draws[:, self.names.index(name)]))

    def describe(self) -> str:
        """How it was made, in words."""
        ensembles, steps, walkers, _ = self.chain.shape
        return (
            f"emcee, {ensembles} ensembles of {walkers} walkers, {steps} steps of which "
            f"{self.burn_in} burn-in, autocorrelation {np.max(self.autocorrelation):.3g} steps, "
            f"R-hat {np.max(self.r_hat):.3f}, {self.acceptance:.0%} accepted; "
            f"{self.curves} curves from {self.simulations} simulations"
        )

    def rows(self, shown: Sequence[str]) -> list[tuple[str, str]]:
        """Labels and values, by the units to show parameters in; no interval unless converged."""
        if not self.converged:
            return [("posterior", f"not converged, no intervals: {self.why_not}"), self._made()]
        return [
            *(
                (f"posterior {one.name}", self._words(one, unit))
                for one, unit in zip(self.parameters, shown, strict=True)
            ),
            self._made(),
        ]

    def _made(self) -> tuple[str, str]:
        return "sampled", self.describe()

    def _words(self, one: Parameter, unit: str) -> str:
        low, high = self.interval(one.name)
        value, *ends = (format_quantity(x, unit) for x in (self.median(one.name), low, high))
        said = f"median {value}, 95 % interval {ends[0]} to {ends[1]}"
        reached = [
            word
            for end, bound, word in ((low, one.low, "lower"), (high, one.high, "upper"))
            if abs(math.log(end / bound)) < _AT_BOUND * math.log(one.high / one.low)
        ]
        if reached:
            said += f"; its {' and '.join(reached)} end is the search's, not the data's"
        return said

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON; intervals are None unless converged."""
        return {
            "converged": self.converged,
            "why_not": self.why_not or None,
            "estimates": {name: self._estimate(name) for name in self.names},
            "autocorrelation_steps": _plain(self.autocorrelation),
            "r_hat": _plain(self.r_hat),
            "steps": int(self.chain.shape[1]),
            "burn_in": self.burn_in,
            "walkers": int(self.chain.shape[0] * self.chain.shape[2]),
            "independent_draws": self.independent if self.converged else None,
            "acceptance": self.acceptance,
            "curves": self.curves,
            "simulations": self.simulations,
            "seed": self.seed,
        }

    def _estimate(self, name: str) -> dict[str, float] | None:
        if not self.converged:
            return None
        low, high = self.interval(name)
        return {"median": self.median(name), "low": low, "high": high}

    def to_bytes(self) -> bytes:
        """The whole chain as an .npz file: chain, log_density, names, units, burn_in, seed."""
        file = io.BytesIO()
        np.savez_compressed(
            file,
            chain=self.chain,
            log_density=self.log_density,
            names=np.array(self.names),
            units=np.array([one.unit for one in self.parameters]),
            burn_in=self.burn_in,
            seed=self.seed,
        )
        return file.getvalue()


def _plain(values: Array) -> list[float | None]:
    return [float(x) if math.isfinite(x) else None for x in values]


def _autocorrelation(logs: Array) -> Array:
    """Integrated autocorrelation time of each parameter, over all walkers, (p,) [steps]."""
    from releasesim.extras import load_extra

    steps = np.concatenate(list(logs), axis=1)  # (steps, all walkers, p)
    if np.any(np.ptp(steps, axis=0) == 0.0):
        return np.full(steps.shape[-1], np.nan)
    autocorr = load_extra("emcee.autocorr", "bayes")
    # its own check of the length would end in an exception: ours is told in words
    return np.asarray(autocorr.integrated_time(steps, tol=0, quiet=True), dtype=float)


def split_r_hat(logs: Array) -> Array:
    """Gelman and Rubin's R-hat between the halves of every ensemble, (p,) [-].

    Parameters
    ----------
    logs : (ensembles, steps, walkers, p) ndarray
    """
    half = logs.shape[1] // 2
    parts = [part.reshape(-1, logs.shape[-1]) for one in logs for part in (one[:half], one[-half:])]
    within = np.mean([part.var(axis=0, ddof=1) for part in parts], axis=0)
    between = np.var([part.mean(axis=0) for part in parts], axis=0, ddof=1)
    return np.asarray(np.sqrt(1.0 + between / np.maximum(within, 1e-300)))


__all__ = ["ALIKE", "LONG_ENOUGH", "Posterior", "split_r_hat"]

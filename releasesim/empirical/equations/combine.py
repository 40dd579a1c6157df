"""Variants that every family has: a lag, a burst at time 0, a plateau other than 100 %."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from releasesim.empirical.equations.equation import (
    Equation,
    Floats,
    Parameter,
    Profile,
    Values,
)

_UNKNOWN = float("nan")

Combination = Callable[[Equation], Equation]


@dataclass(frozen=True)
class _Lagged:
    """Nothing before Tlag, then the base equation from there."""

    base: Equation

    def released(self, time: Floats, values: Values) -> Floats:
        since = time - values[-1]
        return np.where(since > 0.0, self.base.released(np.maximum(since, 0.0), values[:-1]), 0.0)

    def starts(self, profile: Profile) -> Iterable[Values]:
        for lag in _lags(profile):
            later = Profile(np.maximum(profile.time - lag, 0.0), profile.percent)
            for values in self.base.starts(later):
                yield (*values, lag)

    def rescaled(self, values: Values, s: float) -> Values:
        return (*self.base.rescaled(values[:-1], s), values[-1] * s)


def _lags(profile: Profile) -> list[float]:
    """Lags to begin from: none, and between the points about the first at which something is out.

    A first point that noise lifts may still lie inside the lag, hence the gaps after it.
    """
    out = np.flatnonzero(profile.percent > 0.01 * profile.percent.max())
    i = int(out[0]) if out.size else 0
    ends = [0.0, *profile.time.tolist()][i : i + 5]
    gaps = pairwise(ends)
    return [0.0, *(low + share * (high - low) for low, high in gaps for share in (0.5, 0.9))]


def with_lag(base: Equation, title: str, symbol: str = "Tlag") -> Equation:
    """Delay `base` by a lag that is fitted."""
    made = _Lagged(base)
    return replace(
        base,
        name=f"{base.name}_lag",
        title=title,
        formula=base.formula.replace("t", f"(t - {symbol})", 1)
        if base.formula.count("t") == 1
        else f"{base.formula}, t counted from {symbol}",
        parameters=(*base.parameters, Parameter(symbol, "time")),
        released=made.released,
        starts=made.starts,
        rescaled=made.rescaled,
        lagged=True,
    )


@dataclass(frozen=True)
class _Burst:
    """F0 at once, then the base equation on top of it."""

    base: Equation

    def released(self, time: Floats, values: Values) -> Floats:
        return values[-1] + self.base.released(time, values[:-1])

    def starts(self, profile: Profile) -> Iterable[Values]:
        for values in self.base.starts(profile):
            yield (*values, _UNKNOWN)

    def rescaled(self, values: Values, s: float) -> Values:
        return (*self.base.rescaled(values[:-1], s), values[-1])


def with_burst(base: Equation, title: str) -> Equation:
    """Put F0, released at time 0, below `base`."""
    made = _Burst(base)
    return replace(
        base,
        name=f"{base.name}_burst",
        title=title,
        formula=base.formula.replace("F = ", "F = F0 + "),
        parameters=(*base.parameters, Parameter("F0", "%", upper=100.0, linear=True)),
        released=made.released,
        starts=made.starts,
        rescaled=made.rescaled,
        from_nothing=False,
    )


@dataclass(frozen=True)
class _Plateau:
    """The base equation with Fmax in the place of 100 %."""

    base: Equation

    def released(self, time: Floats, values: Values) -> Floats:
        return values[-1] / 100.0 * self.base.released(time, values[:-1])

    def starts(self, profile: Profile) -> Iterable[Values]:
        for values in self.base.starts(profile):
            yield (*values, _UNKNOWN)

    def rescaled(self, values: Values, s: float) -> Values:
        return (*self.base.rescaled(values[:-1], s), values[-1])


#: A plateau beyond ten doses is no plateau: the data do not bend.
F_MAX = Parameter("Fmax", "%", upper=1000.0, linear=True)


def with_plateau(base: Equation, title: str, name: str | None = None) -> Equation:
    """Let `base` end at Fmax instead of 100 %."""
    made = _Plateau(base)
    return replace(
        base,
        name=name or f"{base.name}_max",
        title=title,
        formula=base.formula.replace("100 ", "Fmax ", 1),
        parameters=(*base.parameters, F_MAX),
        released=made.released,
        starts=made.starts,
        rescaled=made.rescaled,
    )

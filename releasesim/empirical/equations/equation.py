"""What an empirical equation is: a formula in percent and a time unit, and how to begin a fit."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Values = Sequence[float] | Floats


class Profile(NamedTuple):
    """What a fit knows before it starts: times (n,) in units of the scale, release (n,) [%]."""

    time: Floats
    percent: Floats


@dataclass(frozen=True)
class Parameter:
    """One parameter of an equation.

    Parameters
    ----------
    name : str
        As in the formula.
    unit : str
        With "time" for the unit of time that the fit was asked in.
    lower, upper : float
        Where it may lie.
    linear : bool
        Whether release is linear in it, so that no start has to be guessed.
    """

    name: str
    unit: str
    lower: float = 0.0
    upper: float = math.inf
    linear: bool = False


@dataclass(frozen=True)
class Equation:
    """One empirical equation, F in percent against t in any unit of time.

    Parameters
    ----------
    name : str
        What it is called here.
    title : str
        As a formulator says it, with DDSolver's name of the variant.
    formula : str
        The equation; log is to base 10.
    parameters : tuple of Parameter
        In the order in which the functions take them.
    released : callable
        Percent released at times (n,) for parameters (p,), (n,) [%].
    starts : callable
        From a Profile, parameter sets to begin from; nan stands for a linear parameter.
    rescaled : callable
        Parameters when the unit of time is made `s` times smaller (t = s tau), (p,).
    validity : str
        Where the equation means something; empty where it is a description alone.
    from_nothing : bool
        Whether it says 0 at time 0, whatever its parameters.
    lagged : bool
        Whether its last parameter is a lag.
    """

    name: str
    title: str
    formula: str
    parameters: tuple[Parameter, ...]
    released: Callable[[Floats, Values], Floats]
    starts: Callable[[Profile], Iterable[Values]]
    rescaled: Callable[[Values, float], Values]
    validity: str = ""
    from_nothing: bool = True
    lagged: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(p.name for p in self.parameters)

    @property
    def bounds(self) -> tuple[Floats, Floats]:
        """Lower and upper bounds, (p,) each."""
        lower = np.array([p.lower for p in self.parameters])
        return lower, np.array([p.upper for p in self.parameters])

    def at_bound(self, values: Values) -> NDArray[np.bool_]:
        """Which values lie at a bound, within round-off, (p,)."""
        lower, upper = self.bounds
        at = np.asarray(values, dtype=float)
        return np.asarray((at <= lower + 1e-9) | (at >= upper * (1.0 - 1e-6)))

    def fraction(self, time: ArrayLike, values: Values) -> Floats:
        """Released fraction at `time`, in the unit of time of `values`, (n,) [-]."""
        return self.released(np.asarray(time, dtype=float), values) / 100.0


def log10(time: Floats) -> Floats:
    """Logarithm that is very small rather than infinite at time 0."""
    return np.log10(np.maximum(time, 1e-300))

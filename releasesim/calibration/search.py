"""The search for the best parameters, from several starts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.problem import Problem, shifted
from releasesim.errors import InputError, ReleaseSimError
from releasesim.units import format_quantity

Array = NDArray[np.float64]

POOR = 0.03
"""Root mean square misfit beyond which other starts are tried, and the reader is told [-]."""
_FLAT = 1e-5
"""A curve that moves less than this over decades of a parameter does not depend on it [-]."""
_DECADE = float(np.log(10.0))
_MOST_EVALUATIONS = 60
_SECOND_STARTS = 2
_CHEAP_STARTS = 64
_ROUNDS_OF_PRIORS = 4


@dataclass(frozen=True, eq=False)
class Found:
    """Where a search ended.

    Parameters
    ----------
    x : (p,) ndarray
        Logarithms of the best parameters over their start values.
    stopped : bool
        Whether it was cut off at its limit of evaluations.
    """

    x: Array
    stopped: bool


def search(problem: Problem, starts: Sequence[Array] = ()) -> Found:
    """Find the best parameters.

    From `starts`, (p,) each, where some are known already, or else from where the problem begins;
    where these leave a poor fit, or curves cost nothing, from others too.

    Raises
    ------
    InputError
        A parameter moves nothing.
    """
    _refuse_idle(problem)
    found = _best(problem, starts or [problem.begin])
    if (problem.cheap and not starts) or problem.misfit(found.x) > POOR:
        others = sorted(_other_starts(problem), key=problem.cost)[:_SECOND_STARTS]
        found = min(found, _best(problem, others), key=lambda one: problem.cost(one.x))
    return _with_priors(problem, found)


def _best(problem: Problem, starts: Sequence[Array]) -> Found:
    return min((descend(problem, x) for x in starts), key=lambda one: problem.cost(one.x))


def _with_priors(problem: Problem, found: Found) -> Found:
    """Search again with priors weighed by the scatter that was found, until it settles."""
    if not any(p.prior for p in problem.parameters):
        return found
    freedom = max(problem.observed.size - problem.start.size, 1)
    for _ in range(_ROUNDS_OF_PRIORS):
        residuals = problem.data_residuals(found.x)
        problem.scale = max(float(np.sqrt(residuals @ residuals / freedom)), 1e-12)
        found = descend(problem, found.x)
    return found


def descend(problem: Problem, x: Array) -> Found:
    """Go down from one start by a trust region within the bounds."""
    from scipy.optimize import least_squares

    solution = least_squares(
        problem.residuals,
        np.clip(x, problem.low + 1e-6, problem.high - 1e-6),
        jac=problem.jacobian,
        bounds=(problem.low, problem.high),
        method="trf",
        ftol=problem.precision,
        xtol=problem.precision,
        gtol=1e-12,
        max_nfev=_MOST_EVALUATIONS,
    )
    return Found(np.asarray(solution.x), solution.status == 0)


def _other_starts(problem: Problem) -> Iterator[Array]:
    """Go a decade either side of the start; where curves cost nothing, over the whole range."""
    p = problem.start.size
    if problem.cheap:
        each = max(int(_CHEAP_STARTS ** (1.0 / p)), 2)
        axes = [np.linspace(a, b, each + 2)[1:-1] for a, b in _reach(problem)]
        yield from (np.array(x) for x in itertools.product(*axes))
        return
    offsets: Iterator[tuple[float, ...]] = itertools.product((-1.0, 0.0, 1.0), repeat=p)
    if p > 2:  # one at a time: all corners would be too many
        offsets = (tuple(s * row) for row in np.eye(p) for s in (-1.0, 1.0))
    for offset in offsets:
        if any(offset):
            yield np.clip(np.array(offset) * _DECADE, problem.low, problem.high)


def _reach(problem: Problem) -> list[tuple[float, float]]:
    """Ends of what other starts cover: all of one parameter, two decades of several."""
    ends = zip(problem.low, problem.high, strict=True)
    if problem.start.size == 1:
        return list(ends)
    most = 2.0 * _DECADE
    return [(max(low, -most), min(high, most)) for low, high in ends]


def _refuse_idle(problem: Problem) -> None:
    """Refuse a parameter that nowhere moves the data."""
    reaches = (problem.step, _DECADE, -_DECADE, np.inf, -np.inf)
    for i in range(problem.start.size):
        if not any(_moves(problem, i, reach) for reach in reaches):
            raise InputError(_why_idle(problem, i))


def _why_idle(problem: Problem, i: int) -> str:
    here, parameter = problem.fitted(problem.begin), problem.parameters[i]
    words = f"the curve does not depend on {parameter.name}"
    if here.min() > 1.0 - _FLAT:
        start = format_quantity(float(problem.values(problem.begin)[i]), parameter.unit)
        return f"{words} about {start}: all drug is out before the first observation there"
    return f"{words}: leave it out of vary"


def _moves(problem: Problem, i: int, reach: float) -> bool:
    start = problem.begin
    end = float(np.clip(start[i] + reach, problem.low[i], problem.high[i]))
    try:
        gap = problem.fitted(shifted(start, i, end)) - problem.fitted(start)
    except ReleaseSimError:
        return False
    return bool(np.abs(gap).max() > _FLAT)

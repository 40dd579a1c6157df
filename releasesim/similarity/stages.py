"""Acceptance tables of USP <711> and <724>, and their stages; amounts in percent of the label.

Facts of the tables as the pharmacopoeia prints them. Two come from memory and not from its page:
the last clause of A3, and that B1 to B3 are S1 to S3 with Q = 75 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.errors import InputError

Floats = NDArray[np.float64]

#: Units in all at each stage.
_UNITS = (6, 12, 24)
_ROUND_OFF = 1e-9
BUFFER_Q = 75.0


@dataclass(frozen=True)
class Stage:
    """One stage and what it found.

    Parameters
    ----------
    name : str
        Such as S1.
    units : int
        Units that entered, all stages together.
    passed : bool
        Whether the product complies at this stage.
    failures : tuple of str
        What was not met.
    """

    name: str
    units: int
    passed: bool
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Acceptance:
    """Stages as far as they were needed or the units go.

    Parameters
    ----------
    table : str
        Which table, such as USP <711> S.
    stages : tuple of Stage
        In order; the last one decides.
    """

    table: str
    stages: tuple[Stage, ...]

    @property
    def passed(self) -> bool:
        """Whether a stage was passed."""
        return self.stages[-1].passed

    @property
    def verdict(self) -> str:
        """The decision in a sentence."""
        last = self.stages[-1]
        if last.passed:
            return f"complies at {last.name} ({last.units} units)"
        why = "; ".join(last.failures)
        if last.units < _UNITS[-1]:
            following = _UNITS[_UNITS.index(last.units) + 1]
            return f"not yet at {last.name}: {why}; {following} units in all go on"
        return f"does not comply at {last.name}: {why}"

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        stages = [{**vars(stage), "failures": list(stage.failures)} for stage in self.stages]
        return {
            "table": self.table,
            "passed": self.passed,
            "verdict": self.verdict,
            "stages": stages,
        }


def immediate_release(amounts: ArrayLike, Q: float, *, pooled: bool = False) -> Acceptance:
    """USP <711>, immediate release: S1 to S3.

    S1, 6 units: each at least Q + 5. S2, 12 in all: mean at least Q, none below Q - 15. S3, 24 in
    all: mean at least Q, at most 2 below Q - 15, none below Q - 25. Pooled samples: the mean at
    least Q + 10, Q + 5 and Q.

    Parameters
    ----------
    amounts : array_like, (6 | 12 | 24,)
        Dissolved at the time of the specification, in the order of testing [% of the label].
    Q : float
        [% of the label].
    pooled : bool
        Whether vessels were pooled.

    Raises
    ------
    InputError
        Another number of units.

    Examples
    --------
    >>> immediate_release([86, 90, 88, 79, 91, 87], Q=80).verdict
    'not yet at S1: 1 of 6 below 85 %; 12 units in all go on'
    """
    return _staged("USP <711> S", _amounts(amounts), lambda x: _immediate(x, Q, pooled))


def _immediate(x: Floats, Q: float, pooled: bool) -> list[str]:
    stage = _UNITS.index(x.size)
    if pooled:
        return _mean_at_least(x, Q + (10.0, 5.0, 0.0)[stage])
    if stage == 0:
        return _none_below(x, Q + 5.0)
    most = 0 if stage == 1 else 2
    found = _mean_at_least(x, Q) + _none_below(x, Q - 15.0, most)
    return found + (_none_below(x, Q - 25.0) if stage == 2 else [])


def extended_release(
    amounts: ArrayLike, ranges: Sequence[tuple[float, float | None]]
) -> Acceptance:
    """USP <711>, extended release: L1 to L3.

    L1, 6 units: every one within each range, none below the final amount. L2, 12 in all: the mean
    within, none more than 10 % of the label outside a range or below the final amount. L3, 24 in
    all: the mean within, at most 2 more than 10 % outside, none more than 20 %.

    Parameters
    ----------
    amounts : array_like, (k, 6 | 12 | 24)
        Dissolved at each of the k times of the specification [% of the label].
    ranges : sequence of (low, high)
        Of each time [% of the label]; high is None at the final time, where low must be reached.

    Raises
    ------
    InputError
        Another number of units, or as many ranges as times are not given.

    Examples
    --------
    >>> found = extended_release([[22, 25, 24, 30, 28, 26], [85, 90, 88, 84, 91, 86]],
    ...                          [(20, 40), (80, None)])
    >>> found.verdict
    'complies at L1 (6 units)'
    """
    x = np.atleast_2d(np.asarray(amounts, dtype=float))
    if len(ranges) != x.shape[0]:
        raise InputError(f"{len(ranges)} ranges for {x.shape[0]} times: one for each is needed")
    return _staged("USP <711> L", x, lambda seen: _extended(seen, ranges))


def _extended(x: Floats, ranges: Sequence[tuple[float, float | None]]) -> list[str]:
    found = []
    for place, (row, (low, high)) in enumerate(zip(x, ranges, strict=True), start=1):
        failures = _within(row, low, np.inf if high is None else high)
        found += [f"time {place}: {failure}" for failure in failures]
    return found


def _within(row: Floats, low: float, high: float) -> list[str]:
    stage = _UNITS.index(row.size)
    if stage == 0:
        return _none_outside(row, low, high, 0.0, 0)
    mean = float(row.mean())
    found = [] if _inside(mean, low, high) else [f"mean {mean:.1f} % outside its range"]
    found += _none_outside(row, low, high, 10.0, 0 if stage == 1 else 2)
    return found + (_none_outside(row, low, high, 20.0, 0) if stage == 2 else [])


def acid_stage(amounts: ArrayLike) -> Acceptance:
    """USP <711>, delayed release, acid stage: A1 to A3.

    A1, 6 units: none above 10 %. A2, 12 in all, and A3, 24 in all: mean at most 10 %, none above
    25 %.

    Parameters
    ----------
    amounts : array_like, (6 | 12 | 24,)
        Dissolved in acid [% of the label].
    """
    return _staged("USP <711> A", _amounts(amounts), _acid)


def _acid(x: Floats) -> list[str]:
    if x.size == _UNITS[0]:
        return _none_above(x, 10.0)
    mean = float(x.mean())
    found = [f"mean {mean:.1f} % above 10 %"] if mean > 10.0 + _ROUND_OFF else []
    return found + _none_above(x, 25.0)


def buffer_stage(amounts: ArrayLike, Q: float = BUFFER_Q) -> Acceptance:
    """USP <711>, delayed release, buffer stage: B1 to B3, as S1 to S3.

    Parameters
    ----------
    amounts : array_like, (6 | 12 | 24,)
        Dissolved in acid and buffer together [% of the label].
    Q : float
        75 % unless the monograph says otherwise.
    """
    return _staged("USP <711> B", _amounts(amounts), lambda x: _immediate(x, Q, False))


# --- what tables are made of ---------------------------------------------------------------------


def _amounts(amounts: ArrayLike) -> Floats:
    return np.atleast_1d(np.asarray(amounts, dtype=float))


def _staged(table: str, x: Floats, judge: Callable[[Floats], list[str]]) -> Acceptance:
    """Go through the stages until one is passed or the units are at an end."""
    if x.shape[-1] not in _UNITS or not np.all(np.isfinite(x)):
        raise InputError(f"{x.shape[-1]} units: the stages of {table} have 6, 12 or 24")
    stages = []
    for number, units in enumerate(u for u in _UNITS if u <= x.shape[-1]):
        failures = tuple(judge(x[..., :units]))
        stages.append(Stage(f"{table[-1]}{number + 1}", units, not failures, failures))
        if not failures:
            break
    return Acceptance(table, tuple(stages))


def _mean_at_least(x: Floats, limit: float) -> list[str]:
    mean = float(x.mean())
    return [f"mean {mean:.1f} % below {limit:g} %"] if mean < limit - _ROUND_OFF else []


def _none_below(x: Floats, limit: float, most: int = 0) -> list[str]:
    count = int(np.count_nonzero(x < limit - _ROUND_OFF))
    allowed = f", {most} may be" if most else ""
    return [f"{count} of {x.size} below {limit:g} %{allowed}"] if count > most else []


def _none_above(x: Floats, limit: float) -> list[str]:
    count = int(np.count_nonzero(x > limit + _ROUND_OFF))
    return [f"{count} of {x.size} above {limit:g} %"] if count else []


def _none_outside(x: Floats, low: float, high: float, by: float, most: int) -> list[str]:
    outside = (x < low - by - _ROUND_OFF) | (x > high + by + _ROUND_OFF)
    count = int(np.count_nonzero(outside))
    more = f"more than {by:g} % " if by else ""
    allowed = f", {most} may be" if most else ""
    return [f"{count} of {x.size} {more}outside their range{allowed}"] if count > most else []


def _inside(value: float, low: float, high: float) -> bool:
    return low - _ROUND_OFF <= value <= high + _ROUND_OFF

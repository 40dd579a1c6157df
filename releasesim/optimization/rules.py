"""Rules of acceptance beside f2 and the largest difference: plasma, and stages of USP."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ConcentrationCurve
from releasesim.patient.disposition import Disposition
from releasesim.patient.knots import response
from releasesim.study import Plasma, Stage
from releasesim.units import format_quantity

Array = NDArray[np.float64]

#: What every unit has to show beyond Q at stage S1 of USP <711> [-].
_S1_MORE = 0.05
_TIMES = 97
#: Cmax and AUC against those wanted, as two products are bioequivalent (FDA, Statistical
#: Approaches to Establishing Bioequivalence, 2001) [-].
_LEAST, _MOST = 0.8, 1.25


class Rule(ABC):
    """Base: one condition on a curve at the times where it is judged.

    Attributes
    ----------
    alone : bool
        Whether nothing else is asked beside it where the study says no more; else f2.
    """

    alone: ClassVar[bool] = True

    @abstractmethod
    def margin(self, fraction: Array) -> float:
        """How far inside the rule, negative outside [-]."""

    @abstractmethod
    def words(self) -> str:
        """The rule."""

    @abstractmethod
    def figure(self, fraction: Array) -> str:
        """What the curve shows of it."""


@dataclass(frozen=True, eq=False)
class StageRule(Rule):
    """One time of a dissolution test at its first stage, every unit as predicted.

    Parameters
    ----------
    stage : Stage
    times : (n,) ndarray
        At which curves are judged [s].
    """

    stage: Stage
    times: Array

    def margin(self, fraction: Array) -> float:
        """Distance to the nearer end of what is allowed [-]."""
        released = self._released(fraction)
        if self.stage.Q is not None:
            return released - self.stage.Q - _S1_MORE
        low = -np.inf if self.stage.low is None else self.stage.low
        high = np.inf if self.stage.high is None else self.stage.high
        return float(min(released - low, high - released))

    def words(self) -> str:
        """Such as "20 % to 40 % by 1 h"."""
        at = format_quantity(self.stage.at, "h", 3)
        if self.stage.Q is not None:
            return f"Q = {self.stage.Q:.0%} by {at} (S1: {self.stage.Q + _S1_MORE:.0%})"
        if self.stage.low is None:
            return f"at most {self.stage.high:.0%} by {at}"
        if self.stage.high is None:
            return f"at least {self.stage.low:.0%} by {at}"
        return f"{self.stage.low:.0%} to {self.stage.high:.0%} by {at}"

    def figure(self, fraction: Array) -> str:
        """Released by then."""
        return f"{self._released(fraction):.1%} by {format_quantity(self.stage.at, 'h', 3)}"

    def _released(self, fraction: Array) -> float:
        times, values = np.append(0.0, self.times), np.append(0.0, fraction)
        return float(np.interp(self.stage.at, times, values))


@dataclass(frozen=True, eq=False)
class _Course:
    """Plasma of the typical patient as a linear map of the curve, (m, n) [kg/m3]."""

    matrix: Array
    seconds: Array

    @classmethod
    def of(
        cls,
        wish: Plasma,
        body: Disposition,
        dose: float,
        times: Array,
        seconds: Array | None = None,
    ) -> _Course:
        knots = np.append(0.0, times)
        if seconds is None:
            seconds = np.linspace(0.0, wish.dose_every or float(times[-1]), _TIMES)
        matrix = dose * response(knots, body, seconds, wish.dose_every, wish.doses)
        return cls(matrix, seconds)

    def plasma(self, fraction: Array) -> ConcentrationCurve:
        level = self.matrix @ np.diff(np.append(0.0, fraction))
        return ConcentrationCurve(self.seconds, np.maximum(level, 0.0))


@dataclass(frozen=True, eq=False)
class WindowRule(Rule):
    """Share of the dosing interval that the typical patient spends inside the window.

    Parameters
    ----------
    course : _Course
    low, high : float
        [kg/m3].
    share : float
        Least [-].
    """

    course: _Course
    low: float
    high: float
    share: float

    def margin(self, fraction: Array) -> float:
        """Share of the interval beyond what is asked [-]."""
        return self._share(fraction) - self.share

    def words(self) -> str:
        """Such as "95 % of the time within 0.025 to 0.1 mg/L"."""
        window = f"{1e3 * self.low:.3g} to {1e3 * self.high:.3g} mg/L"
        return f"{self.share:.0%} of the time within {window}"

    def figure(self, fraction: Array) -> str:
        """Share of the interval."""
        return f"{self._share(fraction):.0%} of the time in the window"

    def _share(self, fraction: Array) -> float:
        return self.course.plasma(fraction).share_within(self.low, self.high)


@dataclass(frozen=True, eq=False)
class PeakRule(Rule):
    """Highest concentration in plasma of the typical patient.

    Parameters
    ----------
    course : _Course
    highest : float
        [kg/m3].
    """

    course: _Course
    highest: float

    def margin(self, fraction: Array) -> float:
        """Below the limit, relative to it [-]."""
        return 1.0 - self.course.plasma(fraction).peak / self.highest

    def words(self) -> str:
        """Such as "Cmax <= 0.1 mg/L"."""
        return f"Cmax <= {1e3 * self.highest:.3g} mg/L"

    def figure(self, fraction: Array) -> str:
        """The peak."""
        return f"Cmax {1e3 * self.course.plasma(fraction).peak:.3g} mg/L"


@dataclass(frozen=True, eq=False)
class CourseRule(Rule):
    """Highest concentration and area of a wanted course, at its own times.

    The shape is judged by the release behind it; that says nothing of a dose that cannot give it.

    Parameters
    ----------
    course : _Course
        At the times of the wanted one.
    wanted : ConcentrationCurve
    """

    course: _Course
    wanted: ConcentrationCurve
    alone: ClassVar[bool] = False

    def margin(self, fraction: Array) -> float:
        """Distance of the worse of both ratios to the nearer limit [-]."""
        return min(min(ratio - _LEAST, _MOST - ratio) for ratio in self._ratios(fraction))

    def words(self) -> str:
        """The limits."""
        return f"Cmax and AUC {_LEAST:.0%} to {_MOST:.0%} of the wanted course's"

    def figure(self, fraction: Array) -> str:
        """Both ratios."""
        peak, area = self._ratios(fraction)
        return f"Cmax {peak:.0%} and AUC {area:.0%} of the wanted course's"

    def falls_short(self, fraction: Array) -> bool:
        """Whether a curve gives less than the least of either."""
        return min(self._ratios(fraction)) < _LEAST

    def _ratios(self, fraction: Array) -> tuple[float, float]:
        level = self.course.plasma(fraction)
        return level.peak / self.wanted.peak, level.auc / self.wanted.auc


def stage_rules(stages: Sequence[Stage], times: Array) -> tuple[Rule, ...]:
    """Rules for the times of a dissolution test."""
    return tuple(StageRule(stage, times) for stage in stages)


def plasma_rules(
    wish: Plasma,
    body: Disposition,
    dose: float,
    times: Array,
    *,
    share: float | None,
    highest: float | None,
) -> tuple[Rule, ...]:
    """Rules for the plasma of the typical patient; `share` and `highest` where asked for.

    A course is held against its highest concentration and area, whatever else is asked.
    """
    course = _Course.of(wish, body, dose, times)
    rules: list[Rule] = []
    if share is not None and wish.low is not None and wish.high is not None:
        rules.append(WindowRule(course, wish.low, wish.high, share))
    if highest is not None:
        rules.append(PeakRule(course, highest))
    if wish.times:
        wanted = ConcentrationCurve(np.array(wish.times), np.array(wish.concentrations))
        there = _Course.of(wish, body, dose, times, wanted.time)
        rules.append(CourseRule(there, wanted))
    return tuple(rules)

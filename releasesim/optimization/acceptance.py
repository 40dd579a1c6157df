"""When a predicted curve is near enough to the wanted one."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve, time_text
from releasesim.errors import InputError
from releasesim.optimization.obstacle import Obstacle
from releasesim.optimization.rules import Rule, stage_rules
from releasesim.similarity import similarity_factor
from releasesim.simulation import Release
from releasesim.study import Target
from releasesim.study.wishes import LEAST_POINTS, NEARLY_ALL

Array = NDArray[np.float64]
People = Callable[[int, int], Sequence[tuple[Rule, ...]]]

_DRAWN_POINTS = 24
#: Largest difference that is no rule: other rules judge alone [-].
_ANY = 1.0


@dataclass(frozen=True, eq=False)
class Wanted:
    """The target at the times where it is judged.

    Parameters
    ----------
    curve : ReleaseCurve
        At those times; with its spread where it was measured.
    f2 : float or None
        Lowest similarity factor accepted.
    largest_difference : float or None
        Largest difference accepted, absolute [-].
    further : tuple of Rule
        On plasma and on stages: `meets` holds all rules against a curve.
    people : callable, optional
        Rules on plasma, which come first in `further`, of so many people drawn with a seed.
    obstacle : Obstacle or None
        Why no curve can meet them; None where one may.
    """

    curve: ReleaseCurve
    f2: float | None
    largest_difference: float | None
    further: tuple[Rule, ...] = ()
    people: People | None = None
    obstacle: Obstacle | None = None

    @classmethod
    def of(
        cls,
        target: Target | None,
        further: tuple[Rule, ...] = (),
        people: People | None = None,
        obstacle: Obstacle | None = None,
    ) -> Wanted:
        """Read a study's target; without any rule f2 >= 50 is asked.

        Raises
        ------
        InputError
            When there is no curve to design for, or f2 is asked of too few points.
        """
        if target is None or target.curve is None:
            raise InputError("design needs a [target] with a curve")
        f2, largest = target.accept_f2, target.accept_largest_difference
        curve = _judged(target.curve, target.drawn)
        further = (*further, *stage_rules(target.accept_stages, curve.time))
        ruled = any(rule.alone for rule in further) or (further and _too_few(curve))
        if f2 is None and largest is None and ruled:
            largest = _ANY
        elif f2 is None and largest is None:
            f2 = 50.0
        if f2 is not None:
            _refuse_few(curve, derived=target.plasma is not None)
        return cls(curve, f2, largest, further, people, obstacle)

    def drawn(self, count: int, seed: int) -> list[Wanted]:
        """What is wanted for so many people like the patient; without one it is always the same."""
        if self.people is None:
            return [self] * count
        return [
            dataclasses.replace(self, further=(*rules, *self.further[len(rules) :]))
            for rules in self.people(count, seed)
        ]

    @property
    def times(self) -> Array:
        """Where curves are compared, (n,) [s]."""
        return self.curve.time

    @property
    def goal(self) -> Array:
        """Wanted fraction at those times, (n,) [-]."""
        return self.curve.fraction

    def read(self, release: Release) -> Array:
        """Released fraction at those times, (n,) [-]."""
        return np.asarray(release.curve.at(self.times))

    def misfit(self, fraction: Array) -> float:
        """Root mean square difference [-]."""
        return float(np.sqrt(np.mean((fraction - self.goal) ** 2)))

    def difference(self, fraction: Array) -> float:
        """Largest difference [-]."""
        return float(np.abs(fraction - self.goal).max())

    def similarity(self, fraction: Array) -> float:
        """f2 by the FDA's points: at most one beyond 85 % of either curve; nan below three."""
        count = _counted((fraction > NEARLY_ALL) | (self.curve.fraction > NEARLY_ALL))
        if count < LEAST_POINTS:
            return float("nan")
        return similarity_factor(self.curve.fraction[:count], fraction[:count])

    def accepts(self, f2: float, difference: float) -> bool:
        """Whether every rule is met."""
        similar = self.f2 is None or f2 >= self.f2
        near = self.largest_difference is None or difference <= self.largest_difference
        return similar and near

    def meets(self, fraction: Array) -> bool:
        """Whether a curve meets every rule, plasma and stages too."""
        alike = self.accepts(self.similarity(fraction), self.difference(fraction))
        return alike and all(rule.margin(fraction) >= 0.0 for rule in self.further)

    def lacks(self, fraction: Array) -> float:
        """How far a curve is from meeting every rule, 0 where it does: for ranking [-]."""
        alike = self.shortfall(self.similarity(fraction), self.difference(fraction))
        return max([alike, *(-rule.margin(fraction) for rule in self.further)])

    def figures(self, fraction: Array) -> str:
        """What a curve shows of the further rules, each after a comma."""
        return "".join(f", {rule.figure(fraction)}" for rule in self.further)

    def rules(self) -> str:
        """The rules in words."""
        words = []
        if self.f2 is not None:
            words.append(f"f2 >= {self.f2:g}")
        if self.largest_difference is not None and self.largest_difference < _ANY:
            words.append(f"largest difference <= {100 * self.largest_difference:.3g} %")
        words += [rule.words() for rule in self.further]
        return " and ".join(words)

    def inside(self, fraction: Array) -> float:
        """How far inside every rule a curve is, plasma and stages too; negative outside [-]."""
        alike = self.margin(self.similarity(fraction), self.difference(fraction))
        return min([alike, *(rule.margin(fraction) for rule in self.further)])

    def margin(self, f2: float, difference: float) -> float:
        """How far inside acceptance, negative outside: 0.01 for one point of f2 or 1 % [-]."""
        gaps = []
        if self.f2 is not None:
            gaps.append((f2 - self.f2) / 100.0 if np.isfinite(f2) else -1.0)
        if self.largest_difference is not None:
            gaps.append(self.largest_difference - difference)
        return min(gaps, default=math.inf)

    def shortfall(self, f2: float, difference: float) -> float:
        """How far from acceptance, 0 where accepted: for ranking [-]."""
        return max(0.0, -self.margin(f2, difference))


def f2_words(f2: float, digits: int = 1) -> str:
    """Such as "f2 = 51.4"; where nearly all is out too early for three points, that."""
    return f"f2 = {f2:.{digits}f}" if math.isfinite(f2) else "f2 not counted (too few points)"


def _counted(beyond: NDArray[np.bool_]) -> int:
    """Points up to and including the first that lies beyond 85 %."""
    return int(np.argmax(beyond)) + 1 if beyond.any() else beyond.size


def _too_few(curve: ReleaseCurve) -> bool:
    """Whether an f2 has too few points."""
    return _counted(curve.fraction > NEARLY_ALL) < LEAST_POINTS


def _refuse_few(curve: ReleaseCurve, *, derived: bool) -> None:
    count = _counted(curve.fraction > NEARLY_ALL)
    if count < LEAST_POINTS and derived:
        raise InputError(
            f"target.plasma: what comes nearest to it is release of {NEARLY_ALL:.0%} by "
            f"{time_text(float(curve.time[count - 1]))}, too early for an f2: leave accept.f2 out, "
            "or give a dose that does not have to be out at once"
        )
    if count < LEAST_POINTS:
        raise InputError(
            f"target: f2 needs {LEAST_POINTS} points up to the first above {NEARLY_ALL:.0%}, and "
            f"there are {count}: give more points, or ask for accept = {{ largest_difference = "
            f'"10 %" }} alone'
        )


def _judged(curve: ReleaseCurve, drawn: bool) -> ReleaseCurve:
    """A measured curve at its own points; a drawn one at some spread over its course."""
    positive = curve.time > 0
    if not (curve.simulated or drawn) and positive.sum() <= 200:
        return _at(curve, positive)
    rising = curve.fraction <= 0.995 * curve.fraction.max()
    last = curve.time[min(int(rising.sum()), curve.time.size - 1)]
    times = np.linspace(0.0, last, _DRAWN_POINTS + 1)[1:]
    return ReleaseCurve(times, curve.at(times), name=curve.name)


def _at(curve: ReleaseCurve, rows: NDArray[np.bool_]) -> ReleaseCurve:
    return ReleaseCurve(
        curve.time[rows],
        curve.fraction[rows],
        sd=None if curve.sd is None else curve.sd[rows],
        n=curve.n,
        vessels=None if curve.vessels is None else curve.vessels[rows],
        name=curve.name,
    )

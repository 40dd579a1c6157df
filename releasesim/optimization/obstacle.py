"""What no tablet can change: a dose that cannot give the plasma that is wanted, or a body."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.optimization.rules import CourseRule, Rule, WindowRule
from releasesim.patient import Patient, WantedRelease
from releasesim.study import Plasma
from releasesim.units import format_quantity

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Obstacle:
    """Why even the best release for a dose does not meet the rules on plasma.

    Parameters
    ----------
    words : str
        The reason.
    remedy : str
        The dose that would do; empty where none is known.
    change : float
        Its size: absolute logarithm of the ratio of new to old [-].
    """

    words: str
    remedy: str = ""
    change: float = math.inf


@dataclass(frozen=True, eq=False)
class Attempt:
    """The best release for one dose, and the rules that it is held against.

    Parameters
    ----------
    wanted : WantedRelease
    fraction : (n,) ndarray
        The release at the times where it is judged [-].
    rules : tuple of Rule
        On plasma, for this dose.
    """

    wanted: WantedRelease
    fraction: Array
    rules: tuple[Rule, ...]

    @property
    def missed(self) -> tuple[Rule, ...]:
        """Rules that neither this release meets nor any other for the dose."""
        return tuple(
            rule
            for rule in self.rules
            if rule.margin(self.fraction) < 0.0 and self._beyond_all(rule)
        )

    @property
    def met(self) -> bool:
        """Whether this release meets all rules."""
        return all(rule.margin(self.fraction) >= 0.0 for rule in self.rules)

    def _beyond_all(self, rule: Rule) -> bool:
        if isinstance(rule, WindowRule):
            return not self.wanted.reachable
        if isinstance(rule, CourseRule):  # nothing gives more than all of it at once
            return rule.falls_short(np.ones_like(self.fraction))
        return not any(isinstance(one, CourseRule) for one in self.rules)

    def why(self) -> str:
        """What keeps the first of the rules missed out of reach."""
        rule = self.missed[0]
        if isinstance(rule, WindowRule):
            return self.wanted.words
        at_once = isinstance(rule, CourseRule)
        fraction = np.ones_like(self.fraction) if at_once else self.fraction
        how = "all of it at once" if at_once else "the evenest"
        return f"no release gives {rule.words()}: {how} has {rule.figure(fraction)}"

    def figures(self) -> str:
        """What the release shows of its rules."""
        return ", ".join(rule.figure(self.fraction) for rule in self.rules)


def obstacle_of(
    here: Attempt, other: Attempt | None, wish: Plasma, patient: Patient
) -> Obstacle | None:
    """What stands in the way of every release; None where one may meet the rules.

    Parameters
    ----------
    here : Attempt
        With the dose as it is.
    other : Attempt or None
        With the dose that the wish implies, where the dose was given and that is another.
    wish : Plasma
    patient : Patient
    """
    if not here.missed:
        return None
    dose = format_quantity(here.wanted.dose, "mg", 3)
    if other is None or not other.met:
        return Obstacle(f"of a dose of {dose}, {here.why()}")
    needed = other.wanted.dose
    return Obstacle(
        f"the dose of {dose} is the reason: {here.why()}",
        f"a dose of {format_quantity(needed, 'mg', 3)} instead of {dose}{_bounds(wish, patient)}: "
        f"the best release for it has {other.figures()}",
        abs(math.log(needed / here.wanted.dose)),
    )


def first_obstacle(obstacles: Mapping[str, Obstacle | None]) -> Obstacle | None:
    """The first of those of several drugs, with its drug's name."""
    for name, one in obstacles.items():
        if one is not None:
            remedy = f"of {name}, {one.remedy}" if one.remedy else ""
            return Obstacle(f"of {name}, {one.words}", remedy, one.change)
    return None


def _bounds(wish: Plasma, patient: Patient) -> str:
    """Doses whose average lies in a window in the steady state: dose = CL C tau / F."""
    if wish.dose_every is None or wish.doses is not None or wish.low is None or wish.high is None:
        return ""
    low, high = (
        format_quantity(patient.dose_for(end * wish.dose_every), "mg", 3)
        for end in (wish.low, wish.high)
    )
    return f" (of {low} to {high} the average lies in the window)"

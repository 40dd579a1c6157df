"""Which points of two curves count for f1 and f2: the guidelines' rules and their readings.

All of them ask for three points or more at the same times, time 0 not counted, 12 units per
product, and stop soon after 85 % is released. Where they stop differs, and moves f2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MINIMUM_POINTS = 3
_LEVEL = 0.85
# means of vessels carry round-off: a mean of exactly 85 % must not count as more than 85 %
_ROUND_OFF = 1e-12


def _above(mean: Floats) -> Flags:
    return mean > _LEVEL + _ROUND_OFF


def _reached(mean: Floats) -> Flags:
    return mean >= _LEVEL - _ROUND_OFF


def _first(times: Floats) -> Flags:
    first = np.zeros(times.size, dtype=bool)
    first[:1] = True
    return first


def _to_10_min(times: Floats) -> Flags:
    return times <= 600.0


def _to_15_min(times: Floats) -> Flags:
    return times <= 900.0


def _first_two_fifths(times: Floats) -> Flags:
    return np.arange(times.size) < 2 * times.size // 5


@dataclass(frozen=True)
class PointRule:
    """One reading of one guideline.

    Parameters
    ----------
    name : str
        What `compare` calls it.
    words : str
        Which points count, as a sentence for the report.
    ends : callable
        From the means of reference and test, (m,) [-], where the profile ends, (m,) flags:
        the first such point still counts, later ones do not.
    early : callable, optional
        Which times [s] may vary by up to 20 %; later ones by 10 %. None: no such condition.
    early_words : str
        The early times in words.
    every_unit : bool
        Whether rapid release, more than 85 % at 15 min, is asked of every unit and not of means.
    """

    name: str
    words: str
    ends: Callable[[Floats, Floats], Flags]
    early: Callable[[Floats], Flags] | None = None
    early_words: str = ""
    every_unit: bool = False

    def count(self, reference: Floats, test: Floats) -> int:
        """Count how many points, from the first, enter f1 and f2; means (m,) [-]."""
        ended = np.flatnonzero(self.ends(reference, test))
        return int(ended[0]) + 1 if ended.size else reference.size


_RULES = (
    PointRule(
        "fda",
        "FDA, read as either product: up to and including the first point where either mean "
        "is above 85 %",
        lambda r, t: _above(r) | _above(t),
        _to_15_min,
        "up to 15 min",
    ),
    PointRule(
        "fda_both",
        "FDA, read as both products: up to and including the first point where both means "
        "are above 85 %",
        lambda r, t: _above(r) & _above(t),
        _to_15_min,
        "up to 15 min",
    ),
    PointRule(
        "ema",
        "EMA: up to and including the first point where either mean is above 85 %",
        lambda r, t: _above(r) | _above(t),
        _first,
        "at the first point",
    ),
    PointRule(
        "who",
        "WHO: up to and including the first point where the reference mean is above 85 %",
        lambda r, t: _above(r),
        _to_10_min,
        "up to 10 min",
    ),
    PointRule(
        "ich_m13",
        "ICH M13: up to and including the first point where either mean is 85 % or more",
        lambda r, t: _reached(r) | _reached(t),
        _to_10_min,
        "up to 10 min",
    ),
    PointRule(
        "canada",
        "Health Canada: up to and including the first point where either mean is above 85 %",
        lambda r, t: _above(r) | _above(t),
        _first,
        "at the first point",
        every_unit=True,
    ),
    PointRule(
        "anvisa",
        "ANVISA: up to and including the first point where either mean is above 85 %",
        lambda r, t: _above(r) | _above(t),
        _first_two_fifths,
        "in the first 40 % of the points",
    ),
    PointRule("all", "all common points after time 0", lambda r, t: np.zeros(r.shape, dtype=bool)),
)

#: The rules by name.
RULES: dict[str, PointRule] = {rule.name: rule for rule in _RULES}


def find_rule(name: str) -> PointRule:
    """Look a rule up by name.

    Raises
    ------
    InputError
        There is no such rule; the message lists them.
    """
    if name in RULES:
        return RULES[name]
    close = get_close_matches(str(name), RULES, n=1)
    hint = f", did you mean '{close[0]}'?" if close else ""
    raise InputError(f"no point rule '{name}'; there are {', '.join(RULES)}{hint}")

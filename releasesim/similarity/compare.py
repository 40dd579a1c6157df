"""The verb `compare`: two release curves in, their similarity out."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.curve import ReleaseCurve, time_text
from releasesim.errors import InputError
from releasesim.similarity.comparison import Comparison
from releasesim.similarity.rules import MINIMUM_POINTS, PointRule, find_rule

Floats = NDArray[np.float64]

_UNITS = 12  # that every guideline asks for
_SAME_TIME = 1e-9  # relative: 0.5 h and 30 min are the same time


class Common(NamedTuple):
    """Both curves at their common times after 0, and how they were brought there."""

    reference: ReleaseCurve
    test: ReleaseCurve
    notes: list[str]


def compare(
    reference: ReleaseCurve, test: ReleaseCurve, *, rule: str = "fda", interpolate: bool = False
) -> Comparison:
    """Compare a test curve with a reference.

    A simulated curve is evaluated at the times of the other one. Two measured curves must share
    their times. With fewer than three counted points f1 and f2 are nan, with the reason.

    Parameters
    ----------
    reference, test : ReleaseCurve
        The curves.
    rule : str
        Which points count: fda (either product above 85 %), fda_both, ema, who, ich_m13 or all.
    interpolate : bool
        Bring a measured test to the reference's times by straight lines, inside their common
        range. The guidelines do not know this; the result says so.

    Raises
    ------
    InputError
        No such rule, measured curves on different times, or a simulated curve that ends early.

    Examples
    --------
    >>> minutes = 60.0 * np.array([5, 10, 15, 20, 30, 45, 60])
    >>> reference = ReleaseCurve(minutes, [0.10, 0.20, 0.55, 0.86, 0.90, 0.95, 0.97])
    >>> test = ReleaseCurve(minutes, [0.07, 0.15, 0.50, 0.69, 0.82, 0.84, 0.86])
    >>> round(compare(reference, test).f2, 3)
    51.388
    >>> round(compare(reference, test, rule="fda_both").f2, 3)
    50.622
    """
    chosen = find_rule(rule)
    return compare_common(bring_together(reference, test, interpolate), chosen)


def similarity_factor(reference: ArrayLike, test: ArrayLike) -> float:
    r"""Similarity factor f2 of two profiles.

    .. math:: f_2 = 50 \log_{10} \frac{100}{\sqrt{1 + \frac{1}{p} \sum (R_i - T_i)^2}}

    with R and T in percent: 100 for equal profiles, 49.89 for a gap of 10 % everywhere.

    Parameters
    ----------
    reference, test : array_like, (p,)
        Released fractions at the same times [-].

    References
    ----------
    .. [1] J.W. Moore, H.H. Flanner, Pharm. Technol. 20 (1996) 64-74.

    Examples
    --------
    >>> round(similarity_factor([0.3, 0.5, 0.7], [0.2, 0.4, 0.6]), 3)
    49.892
    """
    gap = 100.0 * (np.asarray(reference, dtype=float) - np.asarray(test, dtype=float))
    return 100.0 - 25.0 * math.log10(1.0 + float(np.mean(gap**2)))


def difference_factor(reference: ArrayLike, test: ArrayLike) -> float:
    r"""Difference factor f1 of two profiles.

    .. math:: f_1 = 100 \sum |R_i - T_i| / \sum R_i

    Parameters
    ----------
    reference, test : array_like, (p,)
        Released fractions at the same times [-]; nan where the reference released nothing.

    References
    ----------
    .. [1] J.W. Moore, H.H. Flanner, Pharm. Technol. 20 (1996) 64-74.

    Examples
    --------
    >>> round(difference_factor([0.3, 0.5, 0.7], [0.2, 0.4, 0.6]), 12)
    20.0
    """
    R, T = np.asarray(reference, dtype=float), np.asarray(test, dtype=float)
    total = float(R.sum())
    return 100.0 * float(np.abs(R - T).sum()) / total if total > 0.0 else float("nan")


def compare_common(common: Common, rule: PointRule) -> Comparison:
    """Compare two curves at the times they share."""
    reference, test, notes = common
    R, T = reference.fraction, test.fraction
    p = rule.count(R, T)
    enough = p >= MINIMUM_POINTS
    return Comparison(
        reference_name=reference.name,
        test_name=test.name,
        rule=rule.name,
        rule_words=rule.words,
        times=reference.time[:p],
        reference=R[:p],
        test=T[:p],
        common_points=R.size,
        f1=difference_factor(R[:p], T[:p]) if enough else float("nan"),
        f2=similarity_factor(R[:p], T[:p]) if enough else float("nan"),
        reason="" if enough else _too_few(p, R.size),
        rmse=float(np.sqrt(np.mean((R - T) ** 2))),
        largest_difference=float(np.abs(R - T).max()),
        mdt_reference=reference.mdt,
        mdt_test=test.mdt,
        de_reference=reference.dissolution_efficiency(),
        de_test=test.dissolution_efficiency(),
        notes=(*notes, *_conditions(reference, test, rule, p)),
    )


def _too_few(p: int, available: int) -> str:
    counted = "1 point counts" if p == 1 else f"{p} points count"
    return f"{counted} of {available}, at least {MINIMUM_POINTS} are needed; sample more often"


# --- bringing two curves to the same times -----------------------------------------------------


def bring_together(reference: ReleaseCurve, test: ReleaseCurve, interpolate: bool) -> Common:
    """Bring two curves to their common times after 0, as `compare` says."""
    notes = [f"'{curve.name}': {note}" for curve in (reference, test) for note in curve.notes]
    reference, test = _after_start(reference), _after_start(test)
    simulated = [curve for curve in (reference, test) if curve.simulated]
    if len(simulated) == 2:
        notes.append("both curves are simulated: f1 and f2 depend on where they are sampled")
    if _same_times(reference, test):
        return Common(reference, test, notes)
    if len(simulated) == 1 and reference.simulated:
        notes.append(_evaluated(reference, test))
        return Common(_resample(reference, test.time), test, notes)
    if simulated:
        notes.append(_evaluated(test, reference))
        return Common(reference, _resample(test, reference.time), notes)
    if interpolate:
        return _interpolated(reference, test, notes)
    raise InputError(
        f"'{reference.name}' and '{test.name}' are measured at different times: measure at the "
        "same times, or allow straight lines between the points with interpolate=True"
    )


def _after_start(curve: ReleaseCurve) -> ReleaseCurve:
    """Leave time 0 out: it never counts."""
    if curve.time[-1] == 0.0:
        raise InputError(f"curve '{curve.name}' has no point after time 0")
    return _pick(curve, curve.time > 0.0)


def _pick(curve: ReleaseCurve, kept: NDArray[np.bool_]) -> ReleaseCurve:
    """Keep some of a curve's points, with their standard deviations and units."""
    return ReleaseCurve(
        curve.time[kept],
        curve.fraction[kept],
        sd=None if curve.sd is None else curve.sd[kept],
        n=curve.n,
        vessels=None if curve.vessels is None else curve.vessels[kept],
        name=curve.name,
        simulated=curve.simulated,
    )


def _resample(curve: ReleaseCurve, times: Floats) -> ReleaseCurve:
    """Evaluate a curve at other times; standard deviations are not carried there."""
    return ReleaseCurve(
        times, curve.at(times), n=curve.n, name=curve.name, simulated=curve.simulated
    )


def _same_times(reference: ReleaseCurve, test: ReleaseCurve) -> bool:
    return reference.time.size == test.time.size and np.allclose(
        reference.time, test.time, rtol=_SAME_TIME, atol=0.0
    )


def _evaluated(curve: ReleaseCurve, at: ReleaseCurve) -> str:
    return f"'{curve.name}' is simulated and was evaluated at the times of '{at.name}'"


def _interpolated(reference: ReleaseCurve, test: ReleaseCurve, notes: list[str]) -> Common:
    first, last = test.time[0], test.time[-1]
    inside = (reference.time >= first) & (reference.time <= last)
    if not inside.any():
        raise InputError(
            f"'{reference.name}' has no point between {time_text(first)} and {time_text(last)}, "
            f"where '{test.name}' was measured"
        )
    kept = _pick(reference, inside)
    note = f"'{test.name}' was interpolated to the times of '{reference.name}' by straight lines"
    left_out = int(reference.time.size - kept.time.size)
    outside = f"; {left_out} outside the common range left out" if left_out else ""
    return Common(kept, _resample(test, kept.time), [*notes, note + outside])


# --- the guidelines' other conditions, told as notes -------------------------------------------


def _conditions(reference: ReleaseCurve, test: ReleaseCurve, rule: PointRule, p: int) -> list[str]:
    """Conditions that the data do not meet; the factors are given all the same."""
    if rule.early is None:
        return []
    notes = [note for curve in (reference, test) for note in _about_units(curve, rule, p)]
    if _rapid(reference, rule) and _rapid(test, rule):
        who = "all units of both" if rule.every_unit else "both"
        notes.append(f"{who} release more than 85 % within 15 min: f2 is not needed")
    return notes


def _rapid(curve: ReleaseCurve, rule: PointRule) -> bool:
    """Whether more than 85 % is out at a time up to 15 min; of every unit where the rule asks."""
    early = curve.time <= 900.0
    if not rule.every_unit:
        return bool(np.any(curve.fraction[early] > 0.85))
    if curve.vessels is None:
        return False  # the rule is about single units, which are not known
    return bool(np.any(curve.vessels[early].min(axis=1, initial=np.inf) > 0.85))


def _about_units(curve: ReleaseCurve, rule: PointRule, p: int) -> list[str]:
    """Too few units, or too much variation between them, at the first `p` points."""
    notes = []
    if curve.n is not None and curve.n < _UNITS:
        notes.append(f"'{curve.name}' has n = {curve.n}: the guidelines ask for {_UNITS} units")
    if curve.sd is None or rule.early is None:
        return notes
    limit = np.where(rule.early(curve.time[:p]), 0.20, 0.10)
    # sd > limit * mean rather than sd / mean > limit: a mean of 0 is no accident
    over = np.flatnonzero(curve.sd[:p] > limit * curve.fraction[:p] * (1.0 + _SAME_TIME))
    if over.size:
        allowed = f"{rule.name} allows 20 % {rule.early_words}, then 10 %"
        found = ", ".join(f"{_cv_text(curve, int(i))} at {time_text(curve.time[i])}" for i in over)
        notes.append(f"'{curve.name}' varies (CV) by {found}: {allowed}")
    return notes


def _cv_text(curve: ReleaseCurve, i: int) -> str:
    """Coefficient of variation at point i, in percent."""
    mean, sd = curve.fraction[i], 0.0 if curve.sd is None else curve.sd[i]
    return f"{100.0 * sd / mean:.1f} %" if mean > 0.0 else "more than its mean of 0"

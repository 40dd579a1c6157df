"""The curve in words and rows: verdict, times, target against prediction."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from releasesim.curve import ReleaseCurve, time_text
from releasesim.errors import InputError
from releasesim.report.page import Table
from releasesim.report.words import UNKNOWN, percent, quantity, sentence
from releasesim.similarity import Comparison, compare
from releasesim.simulation import Release
from releasesim.study import Target
from releasesim.units import day, hour, minute

_STEPS = (
    *(s * minute for s in (1, 2, 5, 10, 15, 20, 30)),
    *(s * hour for s in (1, 2, 3, 4, 6, 12)),
    *(s * day for s in (1, 2, 7, 14, 30, 60, 180, 365)),
)
"""Times between samples that a laboratory would choose [s]."""

_MOST_ROWS = 14
_COMPLETE = 0.995


def comparison_of(target: ReleaseCurve, curve: ReleaseCurve) -> tuple[Comparison | None, str]:
    """Compare a simulated curve with the target, or say why that cannot be."""
    try:
        return compare(target, curve), ""
    except InputError as error:
        return None, str(error)


def release_verdict(curve: ReleaseCurve) -> str:
    """Say in a sentence how fast a curve is.

    Examples
    --------
    >>> release_verdict(ReleaseCurve([0, 3600, 7200], [0, 0.5, 0.9], simulated=True))
    'Half of the dose is released after 60 min, 80 % after 105 min; 90.0 % by the end, 2 h.'
    """
    half, most = curve.time_to(0.5), curve.time_to(0.8)
    end = f"{percent(float(curve.fraction[-1]))} by the end, {time_text(float(curve.time[-1]))}."
    if math.isnan(half):
        return f"Less than half of the dose is released: {end}"
    if math.isnan(most):
        return f"Half of the dose is released after {time_text(half)}; {end}"
    return (
        f"Half of the dose is released after {time_text(half)}, 80 % after {time_text(most)}; {end}"
    )


def drugs_verdict(release: Release) -> str:
    """Say in a sentence for each drug of several how fast it is; nothing for one drug."""
    return " ".join(
        f"{name} ({quantity(release.doses[name], 'mg')}): {release_verdict(curve)}"
        for name, curve in release.several.items()
    )


def meets(target: Target, comparison: Comparison) -> bool:
    """Whether a comparison passes what the target asks for; f2 of 50 where it asks nothing."""
    asked = target.accept_f2
    largest = target.accept_largest_difference
    if asked is None and largest is None:
        asked = 50.0
    near = largest is None or comparison.largest_difference <= largest
    return near and (asked is None or comparison.f2 >= asked)  # False for nan


def target_verdict(target: Target, comparison: Comparison) -> str:
    """Say in a sentence whether a curve meets its target."""
    found = [f"f2 is {_f2(comparison)}"]
    if target.accept_f2 is not None:
        found[0] += f" ({target.accept_f2:g} or more asked for)"
    found.append(f"the largest difference {percent(comparison.largest_difference)}")
    if target.accept_largest_difference is not None:
        found[1] += f" ({percent(target.accept_largest_difference)} or less asked for)"
    return sentence(f"{found[0]}, {found[1]}.")


def comparison_rows(comparison: Comparison) -> list[tuple[str, str]]:
    """Label and value of what a comparison found."""
    points = f"{comparison.times.size} of {comparison.common_points}: {comparison.rule_words}"
    return [
        ("Similarity factor f2", _f2(comparison)),
        ("Difference factor f1", f"{comparison.f1:.1f}" if not comparison.reason else UNKNOWN),
        ("Points that count", points),
        ("Largest difference", percent(comparison.largest_difference)),
        ("Root mean square difference", percent(comparison.rmse)),
        ("Mean dissolution time", _both(time_text, comparison.mdt_test, comparison.mdt_reference)),
        ("Dissolution efficiency", _both(percent, comparison.de_test, comparison.de_reference)),
        *(("Note", note) for note in comparison.notes),
    ]


def _both(words, test: float, reference: float) -> str:  # type: ignore[no-untyped-def]
    return f"{words(test)}; target {words(reference)}"


def _f2(comparison: Comparison) -> str:
    return f"not given: {comparison.reason}" if comparison.reason else f"{comparison.f2:.1f}"


# --- tables ------------------------------------------------------------------------------------


def curve_table(curve: ReleaseCurve) -> Table:
    """Tabulate a simulated curve at times that a laboratory would choose."""
    return _columns({"released": curve})


def drugs_table(release: Release) -> Table | None:
    """Tabulate the curve of each drug of several beside the total; None for one drug."""
    if not release.several:
        return None
    table = _columns({**release.several, "all drugs, by mass": release.curve})
    return dataclasses.replace(table, note="Of each drug in percent of its own dose.")


def _columns(curves: Mapping[str, ReleaseCurve]) -> Table:
    chosen = table_times(*curves.values())
    unit, name = time_unit(chosen[-1])
    rows = [
        (f"{t / unit:.4g}", *(percent(float(curve.at(t))) for curve in curves.values()))
        for t in chosen
    ]
    return Table((f"time [{name}]", *curves), rows, words=frozenset())


def target_table(target: ReleaseCurve, curve: ReleaseCurve, comparison: Comparison | None) -> Table:
    """Tabulate target and prediction side by side."""
    chosen = table_times(target, curve) if target.simulated else list(target.time)
    unit, name = time_unit(chosen[-1])
    rows = [[f"{t / unit:.4g}", *_target_row(target, curve, comparison, float(t))] for t in chosen]
    head = [f"time [{name}]", "target", "sd", "predicted", "difference", "counts for f2"]
    keep = [0, 1, 2, 3, 4, 5]
    if target.sd is None:
        keep.remove(2)
    if comparison is None or target.simulated:  # a drawn curve has no points of its own
        keep.remove(5)
    shown = [[row[i] for i in keep] for row in rows]
    units = f"Target: mean of {target.n} units. " if target.n is not None else ""
    note = f"{units}Difference: predicted less target, in percent of the dose."
    return Table([head[i] for i in keep], shown, words=frozenset(), note=note)


def _target_row(
    target: ReleaseCurve, curve: ReleaseCurve, comparison: Comparison | None, time: float
) -> list[str]:
    wanted = float(target.at(time))
    known = time <= curve.time[-1] * (1 + 1e-12)
    predicted = float(curve.at(time)) if known else float("nan")
    counted = comparison is not None and bool(np.isclose(comparison.times, time).any())
    difference = f"{100 * (predicted - wanted):+.1f} %" if known else UNKNOWN
    sd = UNKNOWN if target.sd is None else percent(_sd_at(target, time))
    return [percent(wanted), sd, percent(predicted), difference, "yes" if counted else "no"]


def time_unit(last: float) -> tuple[float, str]:
    """Seconds in the unit that suits times up to `last` [s], and its name."""
    if last < 3 * hour:
        return minute, "min"
    return (hour, "h") if last < 4 * day else (day, "d")


def _sd_at(curve: ReleaseCurve, time: float) -> float:
    spread = curve.time * 0.0 if curve.sd is None else curve.sd
    return float(np.interp(time, curve.time, spread))


def table_times(*curves: ReleaseCurve) -> list[float]:
    """Choose even times until all curves are complete, and the last time they share [s]."""
    last = min(float(curve.time[-1]) for curve in curves)
    done = [curve.time_to(_COMPLETE * float(curve.fraction.max())) for curve in curves]
    until = min(last, max(done)) if curves else last
    step = next((s for s in _STEPS if until <= s * (_MOST_ROWS - 2)), until / (_MOST_ROWS - 2))
    if until < 2 * step:  # a curve of seconds
        step = max(until, 1e-9) / (_MOST_ROWS - 2)
    even = step * np.arange(1, _MOST_ROWS - 1)
    chosen = even[even < last * (1 - 1e-9)]
    reached = int(np.searchsorted(chosen, until)) + 1
    return [*(float(t) for t in chosen[:reached]), last]

"""The report on two release curves compared by all methods that their data allow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from releasesim.curve import ReleaseCurve, time_text
from releasesim.report.curves import time_unit
from releasesim.report.page import Table, render
from releasesim.report.words import UNKNOWN, percent
from releasesim.similarity import ESTIMATORS, Assessment, Comparison
from releasesim.version import __version__

_INTERVALS = {
    "normal": "normal",
    "basic": "basic",
    "percentile": "percentile, type 7",
    "percentile (boot)": "percentile, normal scale",
    "BCa (nt+nr)": "BCa, one unit left out at a time (nt+nr)",
    "BCa (nt*nr)": "BCa, every pair left out (nt*nr)",
    "BCa (nt=nr)": "BCa, the i-th of both left out (nt=nr)",
    "BCa (boot)": "BCa, acceleration by regression (R's boot)",
}
_POINTS = {
    "resampled": "The rule for the points is applied to each resample.",
    "observed": "The points are those of the observed means in every resample.",
}
_REFERENCES = (
    "J.W. Moore, H.H. Flanner, Pharm. Technol. 20 (1996) 64-74 (f1, f2).",
    "V.P. Shah et al., Pharm. Res. 15 (1998) 889-896 (estimators and bootstrap of f2).",
    "B. Efron, J. Am. Stat. Assoc. 82 (1987) 171-185 (BCa intervals).",
    "Y. Tsong et al., Drug Inf. J. 30 (1996) 1105-1112 (multivariate statistical distance).",
    "T. Hoffelder, Biom. J. 61 (2019) 1120-1137 (T2EQ).",
    "USP <711> Dissolution, acceptance tables 1 to 4.",
    "FDA, Extended Release Oral Dosage Forms: In Vitro/In Vivo Correlations, 1997.",
    "M.N. Martinez, X. Zhao, AAPS J. 20 (2018) 25 (tolerance intervals).",
)


def comparison_report(
    found: Assessment,
    reference: ReleaseCurve,
    test: ReleaseCurve,
    pictures: Mapping[str, bytes] | None = None,
    files: Mapping[str, tuple[Path, str]] | None = None,
) -> str:
    """Write the report on a comparison as one HTML page that needs no other file.

    Parameters
    ----------
    found : Assessment
        What the comparison gave.
    reference, test : ReleaseCurve
        The curves.
    pictures : mapping of str to bytes, optional
        PNG under the name "comparison".
    files : mapping of str to (Path, str), optional
        Where the curves came from and the SHA-256 of each file.

    Returns
    -------
    str
        HTML.
    """
    comparison = found.comparison
    return render(
        "comparison.html",
        pictures or {},
        kind="Comparison of release curves",
        title=f"{comparison.test_name} against {comparison.reference_name}",
        verdict=_verdict(found),
        passed=comparison.similar,
        notices=list(comparison.notes),
        points=_points(found, reference, test),
        factors=_factors(comparison),
        estimates=_estimates(found),
        bootstrap=_bootstrap(found),
        distance=_distance(found),
        moments=_moments(found),
        acceptance=found.acceptance_rows(),
        tolerance=_tolerance(found, reference),
        missing=list(found.missing.items()),
        origin=_origin(found, files or {}),
        references=_REFERENCES,
    )


def _verdict(found: Assessment) -> str:
    comparison = found.comparison
    if comparison.reason:
        return f"f2 is not given: {comparison.reason}."
    words = [f"f2 = {comparison.f2:.2f} on {comparison.times.size} points ({comparison.rule})"]
    if "est" in found.bootstraps:
        boot = found.bootstraps["est"]
        low, high = boot.intervals[boot.decision]
        words.append(f"{boot.level:.0%} bootstrap interval {low:.2f} to {high:.2f}")
        shown = "similar" if boot.similar else "similarity not shown"
        words.append(f"its lower end against 50: {shown}")
    return "; ".join(words) + "."


def _factors(comparison: Comparison) -> list[tuple[str, str]]:
    """f1 and f2 to the digits that a verdict near 50 needs."""
    given = not comparison.reason
    why = f"not given: {comparison.reason}"
    return [
        ("Similarity factor f2", f"{comparison.f2:.2f}" if given else why),
        ("Difference factor f1", f"{comparison.f1:.2f}" if given else UNKNOWN),
        ("Points that count", f"{comparison.times.size} of {comparison.common_points}"),
        ("Largest difference", percent(comparison.largest_difference, 2)),
        ("Root mean square difference", percent(comparison.rmse, 2)),
    ]


def _points(found: Assessment, reference: ReleaseCurve, test: ReleaseCurve) -> Table:
    times = [float(t) for t in (test if reference.simulated else reference).time if t > 0.0]
    last = min(float(reference.time[-1]), float(test.time[-1])) * (1.0 + 1e-9)
    times = [t for t in times if t <= last]
    unit, name = time_unit(times[-1])
    head = [f"time [{name}]", "reference", "sd", "test", "sd", "difference", "counts"]
    rows = []
    for time in times:
        R, T = float(reference.at(time)), float(test.at(time))
        counted = bool((abs(found.comparison.times - time) <= 1e-9 * time).any())
        row = [f"{time / unit:.4g}", percent(R), _sd(reference, time), percent(T)]
        row += [_sd(test, time), f"{100 * (T - R):+.1f} %", "yes" if counted else "no"]
        rows.append(row)
    return Table(head, rows, words=frozenset(), note=found.comparison.rule_words + ".")


def _sd(curve: ReleaseCurve, time: float) -> str:
    at = abs(curve.time - time) <= 1e-9 * time
    return percent(float(curve.sd[at][0])) if curve.sd is not None and at.any() else UNKNOWN


def _estimates(found: Assessment) -> Table | None:
    if len(found.estimates) < 2:
        return None
    rows = [
        (name, ESTIMATORS[name].words, _number(value)) for name, value in found.estimates.items()
    ]
    note = "bc is undefined where the variance exceeds the differences."
    return Table(("estimator", "what it is", "f2"), rows, words=frozenset({0, 1}), note=note)


def _bootstrap(found: Assessment) -> Table | None:
    """Intervals by type, one column per estimator; the row that decides is marked."""
    if not found.bootstraps:
        return None
    boots = list(found.bootstraps.values())
    rows = [("estimate", *(_number(b.estimate) for b in boots))]
    rows += [("mean of the resamples", *(_number(b.mean) for b in boots))]
    rows += [("standard error", *(_number(b.se) for b in boots))]
    named = [name for name in _INTERVALS if name in boots[0].intervals]
    for name in named:
        ends = [b.intervals.get(name, (math.nan, math.nan)) for b in boots]
        rows.append(
            (_INTERVALS[name], *(f"{_number(low)} to {_number(high)}" for low, high in ends))
        )
    marked = 3 + named.index(boots[0].decision)
    rows.append(("similar", *("yes" if b.similar else "not shown" for b in boots)))
    first = boots[0]
    note = (
        f"{first.level:.0%} intervals from {first.resamples} resamples of whole units within each "
        f"product, seed {first.seed}; the marked row decides: similar if its lower end is 50 or "
        f"more. {_POINTS[first.points]} Conventions of the jackknife move the lower end by up to "
        "about 0.5."
    )
    head = ("", *(f"f2 {name}" for name in found.bootstraps))
    return Table(head, rows, marked=frozenset({marked, len(rows) - 1}), note=note)


def _distance(found: Assessment) -> list[tuple[str, str]]:
    d = found.distance
    if d is None:
        return []
    level = f"{100 * (1 - d.alpha):g} %"
    tsong = "similar" if d.similar else "similarity not shown"
    t2eq = "equivalent" if d.equivalent else "equivalence not shown"
    return [
        ("Mahalanobis distance D_M", f"{d.distance:.4f} over {d.points} points"),
        (
            "Hotelling T2",
            f"{d.t2:.4f}; F = {d.f:.4f} with {d.df[0]} and {d.df[1]} df, p = {d.p:.3g}",
        ),
        (
            "Tsong, confidence region",
            f"{level}: D_M from {d.lower:.4f} to {d.upper:.4f}, limit {d.limit:.4f} for "
            f"{d.mtad:g} % at every point: {tsong}",
        ),
        (
            "Hoffelder, T2EQ",
            f"F against the non-central quantile {d.f_equivalence:.4f}, p = {d.p_equivalence:.3g}: "
            f"{t2eq}",
        ),
    ]


def _moments(found: Assessment) -> Table:
    R, T = found.reference, found.test
    rows = [
        ("mean dissolution time, MDT", time_text(R.mdt), time_text(T.mdt)),
        ("variance of dissolution time, VDT", _squared(R.vdt), _squared(T.vdt)),
        ("relative dispersion, VDT/MDT^2", _number(R.rd), _number(T.rd)),
        ("dissolution efficiency", percent(R.de), percent(T.de)),
        ("time of 50 %", time_text(R.t50), time_text(T.t50)),
        ("time of 80 %", time_text(R.t80), time_text(T.t80)),
        ("time of 90 %", time_text(R.t90), time_text(T.t90)),
    ]
    note = "Moments take the last value of each curve as all that will ever come out."
    return Table(("", "reference", "test"), rows, note=note)


def _squared(seconds: float) -> str:
    """Write a variance of times by the unit that suits its root."""
    if not math.isfinite(seconds):
        return UNKNOWN
    unit, name = time_unit(math.sqrt(seconds))
    return f"{seconds / unit**2:.4g} {name}²"


def _tolerance(found: Assessment, reference: ReleaseCurve) -> Table | None:
    if found.tolerance is None:
        return None
    t = found.tolerance
    times = [time for time in reference.time if time > 0.0]
    unit, name = time_unit(float(times[-1]))
    rows = [
        (f"{time / unit:.4g}", f"{mean:.1f} %", f"{low:.1f} %", f"{high:.1f} %")
        for time, mean, low, high in zip(times, t.mean, t.lower, t.upper, strict=True)
    ]
    note = (
        f"{100 * t.share:g} % of units lie inside with {100 * t.confidence:g} % confidence, if "
        f"they are normal: mean ± {t.factor:.3f} sd."
    )
    return Table((f"time [{name}]", "mean", "lower", "upper"), rows, words=frozenset(), note=note)


def _origin(found: Assessment, files: Mapping[str, tuple[Path, str]]) -> list[tuple[str, str]]:
    settings = ", ".join(f"{key} = {value}" for key, value in found.settings.items())
    sources = [(f"{role}: {path.name} (SHA-256)", digest) for role, (path, digest) in files.items()]
    return [("releasesim", __version__), ("Settings", settings), *sources]


def _number(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.2f}"

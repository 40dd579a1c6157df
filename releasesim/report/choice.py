"""The report on a choice among mechanisms."""

from __future__ import annotations

from collections.abc import Mapping

from releasesim.calibration.choice import Choice, Ranked
from releasesim.calibration.choice.rivals import Telling
from releasesim.report.page import Table, render
from releasesim.report.words import UNKNOWN, count, percent, sentence
from releasesim.version import __version__

_HEAD = (
    "",
    "mechanism or equation",
    "k",
    "AICc",
    "above the best",
    "weight",
    "BIC",
    "error of the fit",
    "left out",
    "remarks",
)
_NOTE = (
    "k counts every estimated number, the variance among them. Weights are Akaike weights among "
    "mechanisms, and among equations. An equation is fitted to each curve by itself and knows no "
    "other tablet: it cannot predict an experiment that is left out."
)
_REFERENCES = (
    "K.P. Burnham, D.R. Anderson, Model Selection and Multimodel Inference, Springer 2002 (AICc, "
    "weights, differences below 2).",
    "C.M. Hurvich, C.-L. Tsai, Biometrika 76 (1989) 297-307 (AICc).",
    "G. Schwarz, Ann. Stat. 6 (1978) 461-464 (BIC).",
    "M. Stone, J. R. Stat. Soc. B 36 (1974) 111-147 (leaving out).",
    "A.C. Atkinson, V.V. Fedorov, Biometrika 62 (1975) 57-70 (experiments that tell rivals apart).",
    "Y. Zhang et al., AAPS J. 12 (2010) 263-271 (empirical equations).",
)


def choice_report(
    found: Choice,
    pictures: Mapping[str, bytes] | None = None,
    files: Mapping[str, str] | None = None,
) -> str:
    """Write the report on a choice as one HTML page that needs no other file.

    Parameters
    ----------
    found : Choice
    pictures : mapping of str to bytes, optional
        PNG under the names "choice" and "choice_curves".
    files : mapping of str to str, optional
        SHA-256 of every data file, by name.

    Returns
    -------
    str
        HTML.
    """
    return render(
        "choice.html",
        pictures or {},
        kind="Choice among mechanisms",
        title=found.best.fit.study.title or found.best.fit.study.tablet.describe(),
        verdict=sentence(found.verdict) + ".",
        passed=None,
        notices=list(found.notes),
        ranking=_ranking(found),
        parameters=_parameters(found),
        apart=None if found.telling is None else _apart(found.telling),
        untried=[(one.title, one.reason) for one in found.untried],
        method=_method(found),
        origin=_origin(found, files or {}),
        references=_REFERENCES,
    )


def _ranking(found: Choice) -> Table:
    rows = [_row(rank, row) for rank, row in enumerate(found.rows, 1)]
    best = [i for i, r in enumerate(found.rows) if r.name == found.best.candidate.name]
    return Table(_HEAD, rows, words=frozenset({1, 9}), marked=frozenset(best), note=_NOTE)


def _row(rank: int, row: Ranked) -> tuple[str, ...]:
    return (
        str(rank),
        row.title if row.kind == "mechanism" else f"{row.title} (equation)",
        str(row.criteria.k),
        f"{row.criteria.aicc:.1f}",
        f"{row.above:.1f}",
        f"{row.weight:.2f}",
        f"{row.criteria.bic:.1f}",
        percent(row.rmse),
        UNKNOWN if row.left_out.reason else percent(row.left_out.total),
        "; ".join(row.remarks),
    )


def _parameters(found: Choice) -> Table:
    rows = []
    for one in found.trials:
        for p in one.problem.parameters:
            estimate = one.fit[p.name]
            said = estimate.describe().removeprefix(f"{p.name} ")
            span = f"{p.low:.3g} to {p.high:.3g} {p.unit}"
            rows.append((one.candidate.title, p.name, said, span, one.sources[p.name]))
    head = ("mechanism", "parameter", "estimate", "searched", "start from")
    return Table(head, rows, words=frozenset(range(5)))


def _apart(telling: Telling) -> Table:
    rows = [("the experiments there are", percent(telling.now))]
    rows += [(one.words, percent(one.rms)) for one in telling.differences]
    note = (
        f"Between {' and '.join(telling.names)}, at their best parameters, over the release; of "
        "three the two that lie closest."
    )
    return Table(("experiment", "root mean square difference"), rows, note=note)


def _method(found: Choice) -> list[tuple[str, str]]:
    judged = found.best.criteria
    left = {row.left_out.reason for row in found.rows if row.kind == "mechanism"} - {""}
    rows = [
        ("Points", f"{judged.n}, of {count(len(found.names), 'experiment')}"),
        ("Weights", found.weighting),
        ("Likelihood", "normal residuals, variance estimated: ln L = -n/2 [ln(2 π WSS/n) + 1]"),
        ("AICc", "-2 ln L + 2 k + 2 k (k + 1)/(n - k - 1)"),
        ("BIC", "-2 ln L + k ln n"),
    ]
    return [*rows, *(("Left out", reason) for reason in sorted(left))]


def _origin(found: Choice, files: Mapping[str, str]) -> list[tuple[str, str]]:
    studies = [(f"Study {i}, hash", one.hash) for i, one in enumerate(found.studies, 1)]
    data = [(f"{name} (SHA-256)", digest) for name, digest in files.items()]
    return [("releasesim", __version__), *studies, *data]

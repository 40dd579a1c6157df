"""The report on a selftest: one HTML page that needs no other file."""

from __future__ import annotations

import math
import os
import platform
from functools import cache

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from releasesim.report.page import RESEARCH_ONLY, Table
from releasesim.version import __version__
from releasesim.workflows.selftest.run import (
    FAILED,
    FAT,
    LEDGER,
    OK,
    REFUSED,
    SHARE,
    TOLERANCE,
    Outcome,
    Summary,
)

HEAD = ("case", "exact answer", "error", "estimate", "est./error", "order", "ledger", "time", "")
_WORDS = frozenset({0, 1, 8})


def selftest_page(summary: Summary) -> str:
    """Write the report on a selftest as one HTML page.

    Parameters
    ----------
    summary : Summary

    Returns
    -------
    str
        HTML.
    """
    bad = frozenset(i for i, one in enumerate(summary.outcomes) if one.verdict != OK)
    rows = [row(one) for one in summary.outcomes]
    template = _environment().get_template("selftest.html")
    return template.render(
        pictures={},
        research_only=RESEARCH_ONLY,
        summary=summary.describe(),
        passed=not summary.failures,
        figures=figures(summary),
        cases=Table(HEAD, rows, words=_WORDS, marked=bad),
        refused=[_reason(one) for one in summary.outcomes if one.verdict in (REFUSED, FAILED)],
        machine=_machine(),
    )


def row(one: Outcome) -> tuple[str, ...]:
    """Write an outcome as cells under `HEAD`."""
    return (
        one.case,
        one.source,
        _number(one.error, _share),
        _number(one.estimate, _share),
        _number(one.ratio, lambda x: f"{x:.2g}" if x < 100 else "> 100"),
        _number(one.order, lambda x: f"{x:.2f}"),
        _number(one.ledger, lambda x: f"{x:.0e}" if x else "0"),
        _number(one.seconds, lambda x: f"{x:.2f} s"),
        one.verdict,
    )


def _number(value: float, write: object) -> str:
    return write(value) if math.isfinite(value) and callable(write) else "–"


def _share(value: float) -> str:
    if value == 0.0:
        return "0"
    return f"{100.0 * value:.4f} %" if value >= 5e-7 else f"{value:.0e}"


def _reason(one: Outcome) -> tuple[str, str]:
    return one.case, f"{one.verdict}: {one.words}"


def figures(summary: Summary) -> list[tuple[str, str]]:
    """Name and value of everything that the suite is judged by."""
    outcomes = summary.outcomes
    fine = sum(one.verdict == OK for one in outcomes)
    orders = sorted(one.order for one in outcomes if math.isfinite(one.order))
    return [
        ("cases right", f"{fine} of {len(outcomes)}, simulated {len(summary.simulated)}"),
        ("largest error", f"{_number(summary.worst, _share)}; allowed {_share(TOLERANCE)}"),
        (
            "error below twice its estimate",
            f"{_number(summary.share, lambda x: f'{x:.1%}')} of the cases; wanted {SHARE:.0%}",
        ),
        (
            "median of estimate/error",
            f"{_number(summary.median_ratio, lambda x: f'{x:.2g}')}; allowed {FAT:g}",
        ),
        (
            "observed order",
            f"median {orders[len(orders) // 2]:.2f} of {len(orders)} cases" if orders else "–",
        ),
        (
            "largest error of a ledger",
            f"{max((one.ledger for one in summary.simulated), default=math.nan):.0e}; "
            f"allowed {LEDGER:.0e} of the dose",
        ),
        ("time", f"{summary.seconds:.0f} s, exact curves and two more grids for orders included"),
    ]


def _machine() -> list[tuple[str, str]]:
    return [
        ("releasesim", __version__),
        ("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"),
        ("processors", str(os.cpu_count())),
    ]


@cache
def _environment() -> Environment:
    """The report's own blocks and style, and this page's template."""
    return Environment(
        loader=ChoiceLoader(
            [
                PackageLoader("releasesim.workflows.selftest", "templates"),
                PackageLoader("releasesim.report", "templates"),
            ]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

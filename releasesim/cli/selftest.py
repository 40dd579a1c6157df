"""`releasesim selftest`: the engine against exact release curves, on the user's machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.failures import FAILED_CHECK
from releasesim.cli.options import Json
from releasesim.cli.screen import Screen

ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE", help="Write the table as a page (HTML)."),
]
CaseName = Annotated[
    str, typer.Option("--case", metavar="WORDS", help="Only cases whose name contains this.")
]
Quick = Annotated[bool, typer.Option("--quick", help="Only bodies solved in one dimension.")]


def selftest(
    report: ReportFile = None, case: CaseName = "", quick: Quick = False, json: Json = False
) -> None:
    """Compare the engine with exact release curves.

    Every law, alone and coupled, against closed forms, transforms and independent
    high-precision solutions. Takes a minute or two. Exit code 5 if a check fails.
    """
    from releasesim.cli.progress import Watch
    from releasesim.workflows.selftest.cases import chosen
    from releasesim.workflows.selftest.page import row, selftest_page
    from releasesim.workflows.selftest.run import run_all
    from releasesim.workflows.selftest.write import page_file

    screen = Screen(json)
    cases = chosen(case, quick=quick)
    with page_file(report) as write:
        with Watch("comparing with exact curves") as watch:
            summary = run_all(cases, whole=not case, report=watch.update)
        write(selftest_page(summary))
    cells = (row(one) for one in summary.outcomes)
    screen.table(
        ("error", "estimate", "order", "time", "", "case"),
        [(c[2], c[3], c[5], c[7], c[8], c[0]) for c in cells],
    )
    screen.say(summary.describe())
    for one in summary.outcomes:
        if one.verdict != "ok":
            screen.say(f"{one.case}: {one.verdict} ({one.words})")
    if report is not None:
        screen.say(f"wrote {report}")
    screen.data(summary.to_dict())
    if summary.failures:
        raise typer.Exit(FAILED_CHECK)

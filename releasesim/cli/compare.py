"""`releasesim compare`: how alike two release curves are."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.options import Json
from releasesim.cli.screen import Screen, shown_rows


class Rule(StrEnum):
    """Names of `releasesim.similarity.RULES`, known without loading it."""

    fda = "fda"
    fda_both = "fda_both"
    ema = "ema"
    who = "who"
    ich_m13 = "ich_m13"
    all = "all"


def compare(
    reference: Annotated[
        Path, typer.Argument(metavar="REFERENCE", help="Curve (CSV), or a study to simulate.")
    ],
    test: Annotated[
        Path, typer.Argument(metavar="TEST", help="Curve (CSV), or a study to simulate.")
    ],
    rule: Annotated[
        Rule, typer.Option(help="Whose rule says which points count; all: every common point.")
    ] = Rule.fda,
    interpolate: Annotated[
        bool,
        typer.Option(
            "--interpolate",
            help="Bring a measured test to the reference's times by straight lines.",
        ),
    ] = False,
    *,
    drug: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Whose curve to take of several drugs; without, all drugs together.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compare a release curve with a reference.

    Gives f1, f2, RMSE, MDT and DE, and says which points count. The exit code is 0 whatever f2 is.

    Curves are CSV files with units in their headers ("Time [min],Released [%]"), or release.csv.
    """
    from releasesim.cli.progress import Watch
    from releasesim.similarity import compare as compare_curves
    from releasesim.workflows.curves import read_or_simulate

    screen = Screen(json)
    with Watch("simulating"):
        curves = read_or_simulate(reference, test, drug)
    found = compare_curves(*curves, rule=rule.value, interpolate=interpolate)
    screen.rows(f"{test} compared with reference {reference}", shown_rows(repr(found)))
    screen.data(found.to_dict())

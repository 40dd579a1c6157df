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
    canada = "canada"
    anvisa = "anvisa"
    all = "all"


class Points(StrEnum):
    """When the rule for the counted points is applied in a bootstrap."""

    resampled = "resampled"
    observed = "observed"


class Jackknife(StrEnum):
    """Names of `releasesim.similarity.bootstrap.JACKKNIVES`."""

    singly = "nt+nr"
    pairs = "nt*nr"
    together = "nt=nr"
    boot = "boot"


def compare(
    reference: Annotated[
        Path,
        typer.Argument(
            metavar="REFERENCE", help="Curve (CSV, XLSX, XLS or ODS), or a study to simulate."
        ),
    ],
    test: Annotated[
        Path,
        typer.Argument(
            metavar="TEST", help="Curve (CSV, XLSX, XLS or ODS), or a study to simulate."
        ),
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
    sheet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Sheet of workbooks with several.")
    ] = None,
    resamples: Annotated[int, typer.Option(help="Resamples of the bootstrap of f2.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of the bootstrap's random numbers.")] = 1998,
    points: Annotated[
        Points, typer.Option(help="Whether each resample chooses its own counted points.")
    ] = Points.resampled,
    jackknife: Annotated[
        Jackknife, typer.Option(help="Convention of the BCa interval that decides.")
    ] = Jackknife.singly,
    mtad: Annotated[
        float, typer.Option(help="Difference tolerated at every point by the distance [%].")
    ] = 10.0,
    alpha: Annotated[float, typer.Option(help="Level of the tests on distance.")] = 0.05,
    q: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help='Immediate release, S1-S3: "80 % at 30 min".'),
    ] = None,
    ranges: Annotated[
        list[str] | None,
        typer.Option(
            "--range",
            metavar="TEXT",
            help='Extended release, L1-L3: "20 % to 40 % at 1 h", the last one "80 % at 8 h".',
        ),
    ] = None,
    acid: Annotated[
        str | None, typer.Option(metavar="TIME", help='End of the acid stage, A1-A3: "2 h".')
    ] = None,
    buffer: Annotated[
        str | None, typer.Option(metavar="TEXT", help='Buffer stage, B1-B3: "75 % at 165 min".')
    ] = None,
    observed: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Plasma profile measured in vivo, for each --predicted."),
    ] = None,
    predicted: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Plasma profile predicted from release, in that order."),
    ] = None,
    external: Annotated[
        bool,
        typer.Option("--external", help="Judge the predictions by the limits for new data."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for report.html, comparison.json and comparison.png."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Compare a release curve with a reference.

    Gives f1, f2, RMSE, MDT and DE, and says which points count; from single vessels also
    bootstrap intervals of f2 and the multivariate distance; where asked, the acceptance stages of
    USP <711> and the errors of predicted plasma profiles. The exit code is 0 whatever f2 is.

    Curves are tables with units in their headers ("Time [min],Released [%]", in CSV, TSV, XLSX,
    XLS or ODS), or release.csv.
    """
    from contextlib import nullcontext

    from releasesim.cli.progress import Watch
    from releasesim.similarity import Settings, assess
    from releasesim.workflows.curves import predicted_plasma, read_or_simulate, specified
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.results import write_comparison

    screen = Screen(json)
    settings = Settings(
        rule=rule.value,
        interpolate=interpolate,
        resamples=resamples,
        seed=seed,
        points=points.value,
        jackknife=jackknife.value,
        mtad=mtad,
        alpha=alpha,
    )
    specification = specified(q, ranges or [], acid, buffer)
    predictions = predicted_plasma(observed or [], predicted or [], internal=not external)
    with nullcontext() if out is None else OutFolder(out, account="comparison.json") as folder:
        with Watch("simulating"):
            curves = read_or_simulate(reference, test, drug, sheet)
        found = assess(*curves, settings, specification=specification, predictions=predictions)
        if folder is not None:
            write_comparison(folder, found, curves, (reference, test))
    title = f"{test} compared with reference {reference}"
    screen.rows(title, [*shown_rows(repr(found.comparison)), *found.rows()])
    if folder is not None:
        screen.say(folder.describe())
    screen.data(found.to_dict())

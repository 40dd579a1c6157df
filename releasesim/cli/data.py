"""`releasesim data`: what laboratories measured, as we read it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.options import Json
from releasesim.cli.screen import Screen

data = typer.Typer(help="Check measured release data before they are used.")


@data.callback(invoke_without_command=True)
def _data(ctx: typer.Context) -> None:
    if ctx.invoked_subcommand is None:
        Screen().lines([ctx.get_help()])


@data.command("check")
def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Measured curve: CSV, TSV, XLSX, XLS or ODS.")
    ],
    sheet: Annotated[
        str | None, typer.Option(metavar="NAME", help="Sheet of a workbook with several.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(metavar="NAME", help="Column of release, of several.")
    ] = None,
    *,
    unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Of release, where headers have none.")
    ] = None,
    time_unit: Annotated[
        str | None, typer.Option(metavar="UNIT", help="Of time, where the header has none.")
    ] = None,
    dose: Annotated[
        str | None, typer.Option(metavar="MASS", help='What 100 % is, such as "100 mg".')
    ] = None,
    volume: Annotated[
        str | None, typer.Option(metavar="VOLUME", help='Of the medium, such as "900 mL".')
    ] = None,
    sample_volume: Annotated[
        str | None, typer.Option(metavar="VOLUME", help='Of each sample, such as "5 mL".')
    ] = None,
    replaced: Annotated[
        bool | None,
        typer.Option("--replaced/--not-replaced", help="Fresh medium replaced each sample or not."),
    ] = None,
    corrected: Annotated[
        bool | None,
        typer.Option("--corrected/--uncorrected", help="Samples are added back already or not."),
    ] = None,
    json: Json = False,
) -> None:
    """Show the table that a file is read as, and flag what looks odd by its cell.

    Nothing is guessed: units, dose and volumes are read from the file ("Dose [mg],100" in a row
    above the table) or declared here. A file that cannot be read ends with exit code 3 and the
    cell at fault; flags do not change the exit code 0.
    """
    from releasesim.curve import declared
    from releasesim.workflows.data import checked

    said = declared(
        unit=unit,
        time_unit=time_unit,
        dose=dose,
        volume=volume,
        sample_volume=sample_volume,
        replaced=replaced,
        corrected=corrected,
    )
    screen, found = Screen(json), checked(file, column, sheet, said)
    screen.rows(str(file), found.rows)
    screen.table(found.head, found.body)
    shown = [f"  {flag.cell}: {flag.words}" for flag in found.flags]
    screen.lines(["", "Flags:", *shown] if shown else ["", "Nothing looks odd."])
    screen.data(found.to_dict())

"""`releasesim convert`: a release curve for other programs."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.options import Json
from releasesim.cli.screen import Screen


class To(StrEnum):
    """Names of `releasesim.exchange.FORMATS`, known without loading it, and the crate."""

    pksim = "pksim"
    weibull = "weibull"
    lint80 = "lint80"
    nonmem = "nonmem"
    xlsx = "xlsx"
    netcdf = "netcdf"
    rocrate = "rocrate"


def convert(
    results: Annotated[
        Path,
        typer.Argument(metavar="RESULTS", help="Folder of simulate, or a measured table."),
    ],
    to: Annotated[
        list[To],
        typer.Option("--to", help="Format; may be given several times.", show_default=False),
    ],
    *,
    drug: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which of several drugs; all together without."),
    ] = None,
    dose: Annotated[
        str | None,
        typer.Option(metavar="MASS", help='Such as "100 mg", where the results do not say it.'),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the files; default that of the results."),
    ] = None,
    json: Json = False,
) -> None:
    """Write a release curve for other programs.

    pksim, weibull and lint80 are formulations of PK-Sim, the fitted ones with their error; nonmem
    are infusion records; xlsx has charts; netcdf carries CF attributes; rocrate describes the
    whole folder of results with the hash of every file, in ro-crate-metadata.json at its root.
    """
    from releasesim.workflows.convert import ACCOUNT, find_course, write_formats
    from releasesim.workflows.output import OutFolder

    screen, formats = Screen(json), [one.value for one in to]
    course = find_course(results, drug, dose) if set(formats) - {"rocrate"} else None
    where = out or (results if results.is_dir() else results.parent)
    with OutFolder(where, account=ACCOUNT) as folder:
        notes = write_formats(folder, results, formats, course)
    for note in notes:
        screen.say(note)
    screen.say(folder.describe())
    screen.data({"files": folder.files, "folder": where, "notes": notes})

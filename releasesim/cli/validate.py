"""`releasesim validate`: predictions against published data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.options import Json
from releasesim.cli.screen import Screen


def validate(
    *,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for table, pictures and report, made if absent."),
    ] = None,
    json: Json = False,
) -> None:
    """Predict published data, and say how well.

    Rebuilds the table of validation/predictions; misses stay in it.
    Data are found through RELEASESIM_DATA, and left out in words where they are not there.
    """
    from contextlib import nullcontext

    from releasesim.cli.progress import Watch
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.validation import validate as run
    from releasesim.workflows.validation.write import write_validation

    screen = Screen(json)
    with OutFolder(out, account="README.md") if out else nullcontext() as folder:
        with Watch("validating"):
            found = run()
        if folder is not None:
            write_validation(folder, found)
    screen.say(found.skipped or f"{len(found.rows)} rows")
    for row in found.rows:
        screen.say(f"{row.study}: {row.predicted}: {row.verdict}")
    if folder is not None:
        screen.say(folder.describe())
    screen.data(found.to_dict())

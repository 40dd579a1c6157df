"""`releasesim new`: a study to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.options import Json
from releasesim.cli.screen import Screen


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")] = Path(
        "study.toml"
    ),
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write a commented study to start from.

    It runs as it is: a theophylline tablet, the release that is wanted of it, and what a design
    may change to get there.
    """
    from releasesim.workflows.new_study import write_new_study

    screen = Screen(json)
    write_new_study(file, force=force)
    screen.say(f"wrote {file}; next: releasesim simulate {file} --out results")
    screen.data({"file": str(file)})

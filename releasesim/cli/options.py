"""Arguments that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

StudyFile = Annotated[
    Path, typer.Argument(metavar="STUDY", help="Study file (TOML).", show_default=False)
]
OutFolderPath = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR", help="Folder for the results, made if absent.", show_default=False
    ),
]
Json = Annotated[
    bool,
    typer.Option("--json", help="Data as JSON to standard output, words to standard error."),
]

"""`releasesim fit`: parameters of a study from a measured curve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from releasesim.cli.options import Json, StudyFile
from releasesim.cli.screen import Screen, shown_rows


def fit(
    study: StudyFile,
    data: Annotated[
        Path,
        typer.Option(metavar="FILE", help="Measured release curve (CSV).", show_default=False),
    ],
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            help="Parameter to fit, such as diffusion.D or film.k; may be given several times.",
            show_default=False,
        ),
    ],
    *,
    drug: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Whose curve the data are, of several drugs; the others then count as mass.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the results, made if absent."),
    ] = None,
    json: Json = False,
) -> None:
    """Fit parameters of a study to a measured release curve.

    Shows estimates with their intervals, and what the data cannot tell. With --out writes
    fitted.toml (the study with its fitted parameters), release.csv, fit.png and fit.json.
    """
    from contextlib import nullcontext

    from releasesim.cli.progress import Watch
    from releasesim.curve import ReleaseCurve
    from releasesim.study import Study
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.results import write_fit

    screen = Screen(json)
    loaded, measured = Study.load(study), ReleaseCurve.read(data)
    if drug is not None:
        loaded = loaded.for_drug(drug)
    with OutFolder(out, account="fit.json") if out else nullcontext() as folder:
        with Watch("fitting"):
            from releasesim.calibration import fit as run

            found = run(loaded, measured, vary=vary)
        if folder is not None:
            write_fit(folder, found)
    screen.rows(f"{study} fitted to {data}", shown_rows(repr(found)))
    if folder is not None:
        screen.say(folder.describe())
    screen.data(found.to_dict())

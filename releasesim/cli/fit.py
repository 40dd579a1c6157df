"""`releasesim fit`: parameters of a study from measured curves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from releasesim.cli.options import Json, StudyFile
from releasesim.cli.screen import Screen, shown_rows

if TYPE_CHECKING:
    from releasesim.calibration import Fit
    from releasesim.workflows.output import OutFolder

Data = Annotated[
    list[Path],
    typer.Option(
        metavar="FILE",
        help="Measured release curve (a table, or lab.xlsx#SHEET), or a summary of one (TOML); one "
        "for each experiment.",
        show_default=False,
    ),
]
Others = Annotated[
    list[Path] | None,
    typer.Option(
        "--study",
        metavar="STUDY",
        help="Study of the next --data, where it is not that of the first.",
        show_default=False,
    ),
]
DrugName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Whose curve the data are, of several drugs; the others then count as mass.",
        show_default=False,
    ),
]


def fit(
    study: StudyFile,
    data: Data,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="NAME",
            help="Parameter to fit, such as diffusion.D or film.k; may be given several times.",
            show_default=False,
        ),
    ],
    *,
    others: Others = None,
    intervals: Annotated[
        str, typer.Option(help="profile, wald, or auto: profiles where curves cost little.")
    ] = "auto",
    priors: Annotated[
        str, typer.Option(help="cards: hold parameters within the ranges of their cards; or none.")
    ] = "none",
    bootstrap: Annotated[
        int, typer.Option(metavar="N", help="Resamples of the vessels; 0 for none.")
    ] = 0,
    advise: Annotated[
        bool, typer.Option("--advise", help="Say which experiment would tell most next.")
    ] = False,
    sample: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Sample the posterior by emcee, at most N steps (2000 often do); 0 for none.",
        ),
    ] = 0,
    drug: DrugName = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the results, made if absent."),
    ] = None,
    json: Json = False,
) -> None:
    """Fit parameters of a study to measured release.

    One experiment or several at once.

    Shows estimates with their intervals, and what the data cannot tell. With --out writes
    fitted.toml (the study with its fitted parameters), calibration.toml (a card that other
    studies name), release.csv, fit.png and fit.json; with --sample also chain.npz and
    posterior.png. A chain that has not converged is kept, gives no intervals, and ends in code 5.
    """
    from contextlib import nullcontext

    from releasesim.cli.progress import Watch
    from releasesim.workflows.experiments import load_experiments
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.results import write_fit

    screen = Screen(json)
    studies, measured = load_experiments([study, *(others or [])], data, drug)
    with OutFolder(out, account="fit.json") if out else nullcontext() as folder:
        with Watch("fitting"):
            from releasesim.calibration import fit as run

            found = run(
                studies,
                measured,
                vary=vary,
                intervals=intervals,
                priors=priors,
                bootstrap=bootstrap,
                advise=advise,
                sample=sample,
            )
        if folder is not None:
            write_fit(folder, found)
    whose = ", ".join(str(one) for one in data)
    screen.rows(f"{study} fitted to {whose}", shown_rows(repr(found)))
    if folder is not None:
        screen.say(folder.describe())
    screen.data(found.to_dict())
    _refuse_unconverged(found, folder)


def _refuse_unconverged(found: Fit, folder: OutFolder | None) -> None:
    """End with what a chain lacks; all else was told before."""
    from releasesim.errors import ConvergenceError

    chain = found.posterior
    if chain is None or chain.converged:
        return
    kept = f"; the chain is in {folder.path / 'chain.npz'}" if folder is not None else ""
    raise ConvergenceError(
        f"no intervals from the chain: {chain.why_not}: ask for --sample {chain.wanted}{kept}"
    )

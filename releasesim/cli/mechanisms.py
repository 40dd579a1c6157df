"""`releasesim mechanisms`: which mechanism is behind measured release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from releasesim.cli.fit import Data, DrugName, Others
from releasesim.cli.options import Json, StudyFile
from releasesim.cli.screen import Screen

if TYPE_CHECKING:
    from releasesim.calibration.choice import Choice, Ranked

_EQUATIONS_SHOWN = 3


def mechanisms(
    study: StudyFile,
    data: Data,
    *,
    others: Others = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Mechanism to try, such as diffusion_film; may be given several times.",
            show_default=False,
        ),
    ] = None,
    drug: DrugName = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the results, made if absent."),
    ] = None,
    json: Json = False,
) -> None:
    """Compare mechanisms that could be behind data.

    Diffusion, erosion, both, with a film, with a solubility limit, with hydration, with
    hydrolysis or autocatalysis, as far as the study and its cards know what each needs; and 42
    empirical equations beside them. All are ranked by AICc on the same points; several
    experiments also show which mechanism predicts the one that is left out.

    With --out writes candidates.csv, choice.png and .svg, curves.png, report.html, fitted.toml
    (the study with the best mechanism put in), calibration.toml and choice.json.
    """
    from contextlib import nullcontext

    from releasesim.cli.progress import Watch
    from releasesim.workflows.choice import write_choice
    from releasesim.workflows.experiments import load_experiments
    from releasesim.workflows.output import OutFolder

    screen = Screen(json)
    studies, measured = load_experiments([study, *(others or [])], data, drug)
    with OutFolder(out, account="choice.json") if out else nullcontext() as folder:
        with Watch("preparing") as watch:
            from releasesim.calibration.choice import choose_mechanism as run

            found = run(studies, measured, candidates=only, progress=watch.update)
        if folder is not None:
            write_choice(folder, found, data)
    _show(screen, found, f"{study} beside {', '.join(str(one) for one in data)}")
    if folder is not None:
        screen.say(folder.describe())
    screen.data(found.to_dict())


def _show(screen: Screen, found: Choice, title: str) -> None:
    n = found.best.criteria.n
    screen.text(f"{title}: {n} points, {found.weighting}")
    equations = [row for row in found.rows if row.kind == "equation"]
    shown = [row for row in found.rows if row not in equations[_EQUATIONS_SHOWN:]]
    heads = ("mechanism or equation", "k", "dAICc", "weight", "BIC", "RMSE", "left out")
    screen.table(heads, [_row(row) for row in shown])
    more = len(equations) - _EQUATIONS_SHOWN
    screen.text(
        "  k counts the variance too; weights are among mechanisms, and among equations (*)"
    )
    if more > 0:
        screen.text(f"  {more} more equations are in candidates.csv, with --out")
    screen.rows("", _words(found, shown))


def _row(row: Ranked) -> tuple[str, ...]:
    mark = "" if row.kind == "mechanism" else " *"
    left = row.left_out
    return (
        f"{row.title}{mark}",
        f"{row.criteria.k}",
        f"{row.above:.1f}",
        f"{row.weight:.2f}",
        f"{row.criteria.bic:.1f}",
        f"{100.0 * row.rmse:.2g} %",
        "n/a" if left.reason else f"{100.0 * left.total:.2g} %",
    )


def _words(found: Choice, shown: list[Ranked]) -> list[tuple[str, str]]:
    rows = [("verdict", found.verdict)]
    best = found.rows[[row.name for row in found.rows].index(found.best.candidate.name)]
    rows += [("best", words) for words in best.parameters]
    rows += [(row.title, "; ".join(row.remarks)) for row in shown if row.remarks]
    reasons = dict.fromkeys(row.left_out.reason for row in shown if row.left_out.reason)
    rows += [("left out", reason) for reason in reasons]
    untried = [one for one in found.untried if one.kind == "mechanism"]
    rows += [("not tried", f"{one.title}: {one.reason}") for one in untried]
    return rows + [("note", note) for note in found.notes]

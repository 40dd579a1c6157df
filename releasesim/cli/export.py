"""`releasesim export`: the files that a print needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from releasesim.cli.options import Json, OutFolderPath, StudyFile
from releasesim.cli.screen import Screen

if TYPE_CHECKING:
    from releasesim.curve import ReleaseCurve
    from releasesim.study import Study

Printer = Annotated[
    str | None,
    typer.Option(
        "--printer",
        metavar="CARD",
        help="Printer whose limits and settings count; the study's own if absent.",
        show_default=False,
    ),
]
Roads = Annotated[
    bool,
    typer.Option("--roads", help="Also mesh every road, for slicers that lack the pattern."),
]
NoCurve = Annotated[
    bool,
    typer.Option("--no-curve", help="Leave the predicted curve out: nothing is simulated."),
]


def export(
    study: StudyFile,
    out: OutFolderPath,
    *,
    printer: Printer = None,
    roads: Roads = False,
    no_curve: NoCurve = False,
    json: Json = False,
) -> None:
    """Write what a print of a study's tablet needs.

    Writes tablet.3mf (shape and slicer settings in one), tablet.stl, settings for slicers, the
    study, and manifest.json with the volume, mass, dose and curve that the print has to reproduce.
    """
    from releasesim.printing import export as export_study
    from releasesim.printing import with_printer
    from releasesim.study import Study, refuse_forbidden
    from releasesim.workflows.output import OutFolder

    screen = Screen(json)
    loaded = Study.load(study)
    refuse_forbidden(loaded)
    if printer is not None:
        loaded = with_printer(loaded, printer)
    with OutFolder(out, account="manifest.json") as folder:
        curve = None if no_curve else _curve(loaded)
        made = folder.fill(
            lambda path: export_study(loaded, path, curve=curve, roads=roads), accounts=True
        )
        folder.has(*(file.name for file in made.files))
    screen.rows(loaded.title or study.name, _rows(made.manifest))
    screen.say(folder.describe())
    screen.data(made.manifest)


def _curve(study: Study) -> ReleaseCurve:
    from releasesim.cli.progress import Watch
    from releasesim.printing import printable

    if study.process != "inkjet":
        printable(study.tablet, study.printer)  # what cannot be printed need not be simulated
    with Watch("simulating"):
        from releasesim.simulation import simulate

        return simulate(study).curve


def _rows(manifest: object) -> list[tuple[str, str]]:
    data = dict(manifest)  # type: ignore[call-overload]
    mass = data["mass_mg"]
    rows = [
        ("deposited", f"{data['deposited_volume_mm3']:.4g} mm3"),
        ("mass", "unknown: no density" if mass is None else f"{mass:.4g} mg"),
        ("drug", f"{data['drug_mass_mg']:.4g} mg"),
    ]
    return rows + [("note", note) for note in data["notes"]]

"""`releasesim design`: the tablet whose release comes nearest to the wanted one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from releasesim.cli.failures import NOT_REACHABLE, complain
from releasesim.cli.options import Json, OutFolderPath, StudyFile
from releasesim.cli.screen import Screen, shown_rows
from releasesim.errors import RefusedError

if TYPE_CHECKING:
    from releasesim.optimization import Design


def design(study: StudyFile, out: OutFolderPath, json: Json = False) -> None:
    """Find the tablet that meets a target curve.

    Polymer, infill, walls and size vary as far as the study's [design] allows. Writes design.toml
    (the chosen tablet as a study), release.csv, tablet.3mf, tablet.stl, slicer settings,
    manifest.json, report.html and design.json.

    One that was stopped or killed goes on when it is started again with the same folder: what it
    had solved lies in DIR/unfinished until it is done.

    Exit code 4 if no tablet within the ranges of the study meets the target: the nearest one is
    written all the same. Exit code 3 if the patient must not have the drug, or nothing can be
    printed: report.html and design.json say why, and --json prints what stands in the latter.
    """
    from releasesim.cli.progress import Watch
    from releasesim.study import Study
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.results import write_design, write_refusal

    screen = Screen(json)
    loaded = Study.load(study)
    with OutFolder(out, account="design.json") as folder:
        with Watch("preparing") as watch:
            from releasesim.optimization import CurveStore
            from releasesim.optimization import design as run

            store = CurveStore(out / "unfinished")
            try:
                found = run(loaded, progress=watch.update, store=store)
            except RefusedError as error:
                screen.data(write_refusal(folder, loaded, error.message))
                raise
        write_design(folder, found)
        store.clear()
    screen.rows(loaded.title or study.name, _rows(found))
    screen.say(folder.describe())
    screen.data(found.to_dict())
    if not found.accepted:
        complain(f"target {found.verdict}")
        raise typer.Exit(NOT_REACHABLE)


def _rows(found: Design) -> list[tuple[str, str]]:
    rows = shown_rows(repr(found))
    if found.sensitivities:
        most = found.sensitivities[0]
        rows.append(("least sure", f"{most.name}: moves the curve by up to {most.moves:.1%}"))
    return rows + [("note", notice) for notice in found.release.notices]

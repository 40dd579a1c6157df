"""`releasesim show`: a look at the tablet as it is printed, and at its release."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from releasesim.cli.options import Json, OutFolderPath, StudyFile
from releasesim.cli.screen import Screen


def show(
    study: StudyFile,
    out: OutFolderPath,
    frames: Annotated[
        int, typer.Option(help="Pictures of the film; 0: the tablet alone, nothing is simulated.")
    ] = 32,
    *,
    drug: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Which of several drugs to follow; without, the one of which there is most.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Draw a study's tablet as printed, and film its release.

    Writes tablet.png (cut open, roads coloured by region), tablet.glb (surfaces for 3-D viewers),
    release.gif (erosion and drug content beside the curve; release.mp4 too where ffmpeg is found),
    fields.pvd with fields_*.vti (for ParaView) and show.json.
    """
    from releasesim.cli.progress import Watch
    from releasesim.study import Study, refuse_forbidden
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.show import ACCOUNT, write_show

    screen = Screen(json)
    loaded = Study.load(study)
    refuse_forbidden(loaded)
    with OutFolder(out, account=ACCOUNT) as folder:
        with Watch("drawing"):
            account = write_show(folder, loaded, frames=frames, drug=drug)
        screen.rows(loaded.title or study.name, _rows(account))
        screen.say(folder.describe())
    screen.data(account)


def _rows(account: dict[str, Any]) -> list[tuple[str, str]]:
    rows = []
    if "times_s" in account:
        hours, count = account["times_s"][-1] / 3600.0, len(account["times_s"])
        rows += [
            ("drug", f"{account['drug']}, {account['dose_kg'] * 1e6:.4g} mg"),
            ("film", f"{count} pictures to {hours:.3g} h"),
            ("fields", f"{account['method']}; {100 * account['largest_gap']:.2g} % off the curve"),
        ]
    rows += [("left out", words) for words in account.get("left_out", [])]
    return rows + [("note", notice) for notice in account["notices"]]

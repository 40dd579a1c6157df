"""`releasesim slice`: an exported folder through a real slicer, and what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from releasesim.cli.options import Json
from releasesim.cli.screen import Screen

if TYPE_CHECKING:
    from releasesim.workflows.output import OutFolder
    from releasesim.workflows.slicing.check import Checked
    from releasesim.workflows.slicing.compare import Curves

Exported = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder that `releasesim export` wrote.")
]
NoCurve = Annotated[
    bool, typer.Option("--no-curve", help="Check the G-code only: nothing is simulated.")
]


def slice_(folder: Exported, *, no_curve: NoCurve = False, json: Json = False) -> None:
    """Slice an exported tablet, check it and simulate it.

    Runs PrusaSlicer, whose G-code is read back and held against the design.

    Writes tablet.gcode, slice.json (the account), printed.toml (the study of the G-code) and
    slice.png (its curve beside the design's) into DIR. The exit code is 5 where a check fails.
    """
    from releasesim.workflows.output import OutFolder, json_text
    from releasesim.workflows.slicing.check import GCODE, slice_and_check
    from releasesim.workflows.slicing.check import Exported as Folder
    from releasesim.workflows.slicing.slicer import find_slicer

    screen = Screen(json)
    exported = Folder.read(folder)
    find_slicer()
    with OutFolder(folder, account="slice.json") as out:
        checked = out.fill(lambda _: slice_and_check(exported))
        out.has(GCODE)
        screen.table(("check", "", "found"), _rows(checked))
        curves, why = (None, "left out") if no_curve else _simulate(out, checked)
        data = checked.to_dict() | (curves.to_dict() if curves else {"not_simulated": why})
        out.write("slice.json", json_text(data))
    _say(screen, checked, curves, why)
    screen.say(out.describe())
    screen.data(data)
    if not checked.passed:
        from releasesim.cli.failures import FAILED_CHECK, complain

        complain("; ".join(f"{gate.name}: {gate.words}" for gate in checked.failed))
        raise typer.Exit(FAILED_CHECK)


def _simulate(out: OutFolder, checked: Checked) -> tuple[Curves | None, str]:
    """Curves of design and print; why not, where the print cannot be simulated."""
    from releasesim import plotting
    from releasesim.cli.progress import Watch
    from releasesim.errors import InputError
    from releasesim.workflows.slicing.compare import (
        PRINTED,
        compare_curves,
        printed_study,
        write_printed,
    )

    try:
        printed = printed_study(checked.exported)
    except InputError as error:
        return None, str(error)
    out.save(PRINTED, lambda path: write_printed(checked.exported, path))
    with Watch("simulating"):
        curves = compare_curves(checked.exported, printed)
    title = checked.exported.study.title or checked.exported.study.tablet.describe()
    picture = plotting.print_figure(title, curves.designed, curves.printed, curves.comparison)
    out.write("slice.png", picture)
    return curves, ""


def _rows(checked: Checked) -> list[tuple[str, str, str]]:
    return [(g.name, "passed" if g.passed else "FAILED", g.words) for g in checked.gates]


def _say(screen: Screen, checked: Checked, curves: Curves | None, why: str) -> None:
    rows = [("overlap", f"{100 * checked.beads.overlap:.1f} % of the material")]
    if curves is None:
        rows.append(("not simulated", why))
    else:
        f2, largest = curves.comparison.f2, curves.largest_difference
        rows += [("f2", f"{f2:.1f} against the designed curve")]
        rows += [("largest difference", f"{100 * largest:.2f} % of the dose")]
    screen.rows("", rows + [("note", words) for words in checked.warnings])

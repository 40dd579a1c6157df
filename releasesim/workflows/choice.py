"""A choice among mechanisms as files: table, pictures, report, and the study to go on with."""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from releasesim.workflows.output import OutFolder, json_text

if TYPE_CHECKING:
    from releasesim.calibration.choice import Choice, Ranked

_COLUMNS = (
    "rank",
    "kind",
    "name",
    "title",
    "points",
    "estimated_numbers",
    "wss",
    "log_likelihood",
    "aicc",
    "delta_aicc",
    "weight_among_kind",
    "bic",
    "rmse",
    "left_out_rmse",
    "left_out_reason",
    "parameters",
    "remarks",
)


def write_choice(folder: OutFolder, found: Choice, data: Sequence[Path]) -> None:
    """Write the ranking, its pictures and report, and the best mechanism as a study and a card.

    Several experiments have fitted_1.toml and so on.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    found : Choice
    data : sequence of Path
        Files that the curves came from; their hashes are told.
    """
    from releasesim import plotting
    from releasesim.calibration.card import write_card
    from releasesim.report import choice_report

    fit = found.best.fit
    several = len(found.studies) > 1
    for place, study in enumerate(found.studies, 1):
        folder.save(f"fitted{f'_{place}' if several else ''}.toml", study.write)
    folder.save("calibration.toml", lambda path: write_card(fit, path))
    folder.write("candidates.csv", candidates_csv(found))
    picture, drawing = plotting.choice_figure(found)
    folder.write("choice.png", picture)
    folder.write("choice.svg", drawing)
    curves = plotting.choice_curves(found)
    folder.write("curves.png", curves)
    digests = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in data}
    pictures = {"choice": picture, "choice_curves": curves}
    folder.write("report.html", choice_report(found, pictures, digests))
    folder.write("choice.json", json_text({**found.to_dict(), "sha256": digests}))


def candidates_csv(found: Choice) -> str:
    """Everything that was tried as a table, best first, and below it what was not."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_COLUMNS)
    for rank, row in enumerate(found.rows, 1):
        table.writerow([rank, *_cells(row)])
    for one in found.untried:
        blank = [""] * (len(_COLUMNS) - 5)
        table.writerow(["", one.kind, one.name, one.title, *blank, f"not tried: {one.reason}"])
    return text.getvalue()


def _cells(row: Ranked) -> list[str | int | float]:
    judged, left = row.criteria, row.left_out
    return [
        row.kind,
        row.name,
        row.title,
        judged.n,
        judged.k,
        judged.wss,
        judged.log_likelihood,
        judged.aicc,
        row.above,
        row.weight,
        judged.bic,
        row.rmse,
        "" if math.isnan(left.total) else left.total,
        left.reason,
        "; ".join(row.parameters),
        "; ".join(row.remarks),
    ]

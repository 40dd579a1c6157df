"""The report on predictions of published data: pictures of all rows, and their table."""

from __future__ import annotations

from collections.abc import Sequence

from releasesim.report.page import Table, render

_WORDS = frozenset({0, 1, 2, 7})


def validation_report(
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    missed: Sequence[bool],
    notices: Sequence[str],
    pictures: Sequence[bytes],
) -> str:
    """Write the table of predictions as one HTML page that needs no other file.

    Parameters
    ----------
    head : sequence of str
        Columns.
    rows : sequence of sequences of str
        Cells.
    missed : sequence of bool
        Rows that are set off.
    notices : sequence of str
        What has to be read first: what no data could be had for.
    pictures : sequence of bytes
        PNG with panels, in the order of the rows.

    Returns
    -------
    str
        HTML.
    """
    shown = {f"validation_{place}": png for place, png in enumerate(pictures, 1)}
    captions = {
        name: f"Measured and predicted, page {place} of {len(shown)}; in the order of the table."
        for place, name in enumerate(shown, 1)
    }
    misses = sum(missed)
    return render(
        "validation.html",
        shown,
        captions,
        kind="Predictions against published data",
        title=f"{len(rows)} predictions, {misses} missed",
        verdict="Misses stay in the table. None of these is a printed tablet.",
        passed=None,
        notices=list(notices),
        pages=list(shown),
        table=Table(
            head,
            rows,
            words=_WORDS,
            marked=frozenset(place for place, miss in enumerate(missed) if miss),
            note="Set off: missed.",
        ),
    )

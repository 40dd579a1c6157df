"""The table of predictions as files: Markdown, pictures, and one page with both."""

from __future__ import annotations

from releasesim.workflows.output import OutFolder
from releasesim.workflows.validation.row import COLUMNS, Row
from releasesim.workflows.validation.run import Validation


def write_validation(folder: OutFolder, found: Validation) -> None:
    """Write validation_1.png and on, report.html, and README.md last.

    Parameters
    ----------
    folder : OutFolder
        Where to.
    found : Validation
        Its rows.
    """
    from releasesim.plotting import validation_figures
    from releasesim.plotting.validation import Panel
    from releasesim.report import validation_report

    panels = [Panel(_title(row), row.missed, **vars(row.seen)) for row in found.rows if row.seen]
    pictures = validation_figures(panels)
    for place, png in enumerate(pictures, 1):
        folder.write(f"validation_{place}.png", png)
    page = validation_report(
        COLUMNS,
        [row.cells() for row in found.rows],
        [row.missed for row in found.rows],
        found.notices,
        pictures,
    )
    folder.write("report.html", page)
    folder.write("README.md", found.text())


def _title(row: Row) -> str:
    return f"{row.study}: {row.predicted}\nfrom {row.calibrated}"


__all__ = ["write_validation"]

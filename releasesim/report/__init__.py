"""Report: one self-contained HTML page per result, for the screen and for A4 paper.

Pictures come in as PNG bytes: this room draws none.
"""

from __future__ import annotations

from releasesim.report.choice import choice_report
from releasesim.report.comparison import comparison_report
from releasesim.report.design import design_report
from releasesim.report.refusal import refusal_report
from releasesim.report.release import release_report
from releasesim.report.validation import validation_report

__all__ = [
    "choice_report",
    "comparison_report",
    "design_report",
    "refusal_report",
    "release_report",
    "validation_report",
]

"""Release and plasma curves: measured, drawn or simulated, all of the same types."""

from __future__ import annotations

from releasesim.curve.concentration import ConcentrationCurve
from releasesim.curve.conditions import Conditions, declared
from releasesim.curve.release_curve import ReleaseCurve, time_text
from releasesim.curve.table import ReleaseTable, read_table

__all__ = [
    "ConcentrationCurve",
    "Conditions",
    "ReleaseCurve",
    "ReleaseTable",
    "declared",
    "read_table",
    "time_text",
]

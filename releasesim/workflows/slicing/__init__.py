"""Slice and check: the exported folder through a real slicer, and what came of it."""

from __future__ import annotations

from releasesim.workflows.slicing.check import Checked, Exported, check, slice_and_check
from releasesim.workflows.slicing.compare import Curves, compare_curves, printed_study
from releasesim.workflows.slicing.slicer import find_slicer

__all__ = [
    "Checked",
    "Curves",
    "Exported",
    "check",
    "compare_curves",
    "find_slicer",
    "printed_study",
    "slice_and_check",
]

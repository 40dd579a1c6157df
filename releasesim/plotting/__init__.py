"""Plotting: PNG pictures of results, as bytes.

Every function takes a result and returns a picture; none opens a window or keeps a state.
"""

from __future__ import annotations

from releasesim.plotting.candidates import candidates_figure
from releasesim.plotting.curves import comparison_figure, design_figure, release_figure
from releasesim.plotting.fit import fit_figure
from releasesim.plotting.section import section_figure
from releasesim.plotting.sweep import sweep_figure

__all__ = [
    "candidates_figure",
    "comparison_figure",
    "design_figure",
    "fit_figure",
    "release_figure",
    "section_figure",
    "sweep_figure",
]

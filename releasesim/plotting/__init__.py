"""Plotting: pictures of results and files for viewers, as bytes.

Every function takes a result and returns a picture; none opens a window or keeps a state.
"""

from __future__ import annotations

from releasesim.plotting.animation import Animation, gif_bytes
from releasesim.plotting.best import best_figure
from releasesim.plotting.candidates import candidates_figure
from releasesim.plotting.choice import choice_curves, choice_figure
from releasesim.plotting.curves import comparison_figure, design_figure, release_figure
from releasesim.plotting.cutaway import cutaway_figure
from releasesim.plotting.fit import fit_figure
from releasesim.plotting.plasma import plasma_figure
from releasesim.plotting.posterior import posterior_figure
from releasesim.plotting.prints import print_figure
from releasesim.plotting.scene import field_files, tablet_glb
from releasesim.plotting.section import section_figure
from releasesim.plotting.sweep import sweep_figure
from releasesim.plotting.tradeoffs import tradeoffs_figure
from releasesim.plotting.validation import validation_figures

__all__ = [
    "Animation",
    "best_figure",
    "candidates_figure",
    "choice_curves",
    "choice_figure",
    "comparison_figure",
    "cutaway_figure",
    "design_figure",
    "field_files",
    "fit_figure",
    "gif_bytes",
    "plasma_figure",
    "posterior_figure",
    "print_figure",
    "release_figure",
    "section_figure",
    "sweep_figure",
    "tablet_glb",
    "tradeoffs_figure",
    "validation_figures",
]

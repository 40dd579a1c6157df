"""Candidates of a design: how near each polymer and pattern came."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from releasesim.optimization.result import Candidate, Design
from releasesim.plotting.picture import (
    BLUE,
    GREY,
    ORANGE,
    draw_png,
    put_figure_legend,
    tidy,
    wrapped,
)

_SHOWN = 12
_BLANK = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
_ROW, _REST = 0.3, 1.5
"""Height of a bar and of everything else [inch]."""


def candidates_figure(design: Design) -> bytes:
    """Draw the similarity factor f2 of each candidate, best first, at most twelve.

    Returns
    -------
    bytes
        PNG.
    """
    simulated = [c for c in design.candidates if c.stage != "excluded"]
    shown = simulated[:_SHOWN]

    def draw(figure: Figure) -> None:
        _draw_bars(figure, shown, _limit(design))
        figure.suptitle(
            _words(len(shown), len(simulated), len(design.candidates)),
            fontsize=10,
            x=0.02,
            ha="left",
        )

    return draw_png(draw, 7.2, _REST + _ROW * max(3, len(shown)))


def _draw_bars(figure: Figure, shown: list[Candidate], limit: float | None) -> None:
    axes = figure.add_subplot()
    rows = range(len(shown))
    bars = axes.barh(
        rows,
        [max(0.0, c.f2) if math.isfinite(c.f2) else 0.0 for c in shown],
        color=[BLUE if c.accepted else ORANGE for c in shown],
        hatch=["" if c.accepted else "///" for c in shown],
        edgecolor="white",
        height=0.75,
    )
    axes.bar_label(bars, [_bar_words(c) for c in shown], padding=3, fontsize=8, bbox=_BLANK)
    names = [wrapped(f"{c.polymer}, {c.pattern}", 34, 1) for c in shown]
    axes.set_yticks(rows, names, fontsize=9, parse_math=False)
    axes.invert_yaxis()
    if limit is not None:
        look: dict[str, Any] = {"color": GREY, "linestyle": "--", "linewidth": 1.2}
        axes.axvline(limit, label=f"f2 asked for: {limit:g}", **look)
    axes.set_xlim(0, 118)
    axes.set_xticks(range(0, 101, 10))
    axes.set_xlabel("similarity factor f2 against the target [-]")
    tidy(axes)
    axes.grid(visible=False, axis="y")
    _explain(figure, axes.get_legend_handles_labels()[0])


def _explain(figure: Figure, lines: list[Artist]) -> None:
    accepted = Patch(facecolor=BLUE, label="accepted")
    lost = Patch(facecolor=ORANGE, hatch="///", edgecolor="white", label="not accepted")
    put_figure_legend(figure, [accepted, lost, *lines], loc="outside lower center", ncols=3)


def _limit(design: Design) -> float | None:
    """The f2 that is asked for; None where other rules alone decide, or each drug has its own."""
    target = design.study.target
    if target is None:
        return 50.0
    others = (
        target.accept_largest_difference,
        target.accept_time_in_window,
        target.accept_cmax,
        target.plasma,
        *target.accept_stages,
        *target.drugs.values(),
    )
    ruled = any(rule is not None for rule in others)
    return 50.0 if target.accept_f2 is None and not ruled else target.accept_f2


def _bar_words(candidate: Candidate) -> str:
    chosen = "  chosen" if candidate.reason == "chosen" else ""
    f2 = f"{candidate.f2:.1f}" if math.isfinite(candidate.f2) else "too few points"
    return f"{f2}{chosen}"


def _words(shown: int, simulated: int, found: int) -> str:
    if not simulated:
        return f"None of {found} candidates could be simulated"
    words = f"Best {shown} of {simulated} simulated candidates"
    excluded = found - simulated
    return words + (f"; {excluded} excluded without simulation" if excluded else "")

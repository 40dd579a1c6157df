"""Predictions against what was measured, one small panel each."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from releasesim.plotting.picture import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    VERMILLION,
    draw_png,
    put_figure_legend,
    tidy,
    wrapped,
)

Array = NDArray[np.float64]

COLUMNS, ROWS = 4, 5
"""Panels of a page."""
_PANEL = (3.2, 2.6)
_COLOURS = 64


@dataclass(frozen=True, eq=False)
class Panel:
    """What one panel shows.

    Parameters
    ----------
    title : str
        What was predicted, of what, from what.
    missed : bool
        Whether the prediction is not good enough.
    measured, predicted : (n,) ndarray
    x : (n,) ndarray, optional
        What they are drawn against; against each other without it, and one number as two points.
    baseline : (n,) ndarray, optional
        The SA/V law.
    band : (n,) ndarray, optional
        Half width of the 95 % band of the prediction; of one number, what counts as met.
    labels : (str, str)
        Of the axes, with units.
    span : (float, float), optional
        Only the ends of what was measured are known: predictions are drawn by rank.
    """

    title: str
    missed: bool
    measured: Array
    predicted: Array
    x: Array | None = None
    baseline: Array | None = None
    band: Array | None = None
    labels: tuple[str, str] = ("time [h]", "released [%]")
    span: tuple[float, float] | None = None


def validation_figures(panels: Sequence[Panel]) -> list[bytes]:
    """Draw all panels, some on each page, as PNG.

    Parameters
    ----------
    panels : sequence of Panel
    """
    each = COLUMNS * ROWS
    return [_page(panels[first : first + each]) for first in range(0, len(panels), each)]


def _page(panels: Sequence[Panel]) -> bytes:
    rows = math.ceil(len(panels) / COLUMNS)

    def draw(figure: Figure) -> None:
        for place, panel in enumerate(panels):
            _draw(figure.add_subplot(rows, COLUMNS, place + 1), panel)
        put_figure_legend(figure, _legend(), loc="outside lower center", ncols=5)

    return _with_few_colours(draw_png(draw, _PANEL[0] * COLUMNS, _PANEL[1] * rows + 0.6))


def _with_few_colours(png: bytes) -> bytes:
    """A third of the bytes: these pages are kept beside the table."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(out, format="png", optimize=True)
    return out.getvalue()


def _legend() -> list[Artist]:
    return [
        Line2D([], [], color=BLACK, marker="o", markersize=4, linestyle="none", label="measured"),
        Line2D([], [], color=BLUE, linewidth=2, label="predicted, met"),
        Line2D([], [], color=VERMILLION, linewidth=2, label="predicted, MISSED"),
        Line2D([], [], color=ORANGE, linestyle="--", label="SA/V law"),
        Patch(color="0.85", label="95 % band; of single numbers ±15 %"),
    ]


def _draw(axes: Axes, panel: Panel) -> None:
    colour = VERMILLION if panel.missed else BLUE
    if panel.span is not None:
        _ranked(axes, panel, panel.span)
    elif panel.x is not None:
        _curve(axes, panel, panel.x, colour)
    elif panel.measured.size == 1:
        _number(axes, panel, colour)
    else:
        _pairs(axes, panel, colour)
    words = "\n".join(wrapped(line, 47, 3) for line in panel.title.split("\n"))
    axes.set_title(words, loc="left", fontsize=7, parse_math=False)
    axes.tick_params(labelsize=7)
    axes.set_ylabel(panel.labels[1], fontsize=8)
    tidy(axes)


def _curve(axes: Axes, panel: Panel, x: Array, colour: str) -> None:
    order = np.argsort(x)
    x, predicted, measured = x[order], panel.predicted[order], panel.measured[order]
    if panel.band is not None:
        band = panel.band[order]
        axes.fill_between(x, predicted - band, predicted + band, color="0.85", linewidth=0)
    axes.plot(x, predicted, color=colour, linewidth=1.8)
    if panel.baseline is not None:
        axes.plot(x, panel.baseline[order], color=ORANGE, linestyle="--", linewidth=1.5)
    axes.plot(x, measured, color=BLACK, marker="o", markersize=2.8, linestyle="none")
    axes.set_xlabel(panel.labels[0], fontsize=8)
    axes.set_xlim(left=0.0)
    axes.set_ylim(bottom=0.0)


def _number(axes: Axes, panel: Panel, colour: str) -> None:
    """Draw one number: where it was measured, what counts as met, what was predicted."""
    if panel.band is not None:
        low, high = (float(panel.measured[0] + side * panel.band[0]) for side in (-1.0, 1.0))
        axes.axhspan(low, high, color="0.85", linewidth=0)
    axes.plot([0.0], panel.measured, color=BLACK, marker="o", markersize=5, linestyle="none")
    axes.plot([1.0], panel.predicted, color=colour, marker="D", markersize=6, linestyle="none")
    axes.set_xlim(-0.6, 1.6)
    axes.set_xticks([0.0, 1.0], ["measured", "predicted"])
    axes.set_ylim(0.0, 1.3 * float(max(panel.measured[0], panel.predicted[0])))


def _ranked(axes: Axes, panel: Panel, span: tuple[float, float]) -> None:
    """Draw predictions by rank on a scale of decades, and between which ends others measured."""
    axes.axhspan(*span, color="0.85", linewidth=0)
    for end in span:
        axes.axhline(end, color=BLACK, linewidth=1.0)
    places = np.arange(1, panel.predicted.size + 1)
    axes.plot(places, np.sort(panel.predicted), color=BLUE, marker="D", markersize=4, ls="none")
    axes.set_yscale("log")
    axes.set_xlabel(panel.labels[0], fontsize=8)


def _pairs(axes: Axes, panel: Panel, colour: str) -> None:
    both = np.concatenate([panel.measured, panel.predicted])
    low, high = float(both.min()), float(both.max())
    room = 0.1 * max(high - low, 1e-12)
    ends = (low - room, high + room)
    axes.plot(ends, ends, color=GREY, linewidth=1.0)
    axes.plot(
        panel.measured, panel.predicted, color=colour, marker="D", markersize=4, linestyle="none"
    )
    axes.set_xlim(*ends)
    axes.set_ylim(*ends)
    axes.set_xlabel(panel.labels[0], fontsize=8)

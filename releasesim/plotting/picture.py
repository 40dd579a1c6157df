"""From a drawing function to PNG or SVG bytes, the same on every machine."""

from __future__ import annotations

import io
import textwrap
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib.style
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend import Legend

DPI = 150

# Okabe and Ito (2008): told apart by people of every kind of colour vision
BLACK, BLUE, ORANGE, GREEN = "#000000", "#0072B2", "#E69F00", "#009E73"
SKY, VERMILLION, PURPLE, YELLOW = "#56B4E9", "#D55E00", "#CC79A7", "#F0E442"
GREY = "#767676"


def draw_png(draw: Callable[[Figure], None], width: float, height: float) -> bytes:
    """Draw on a new figure and return it as PNG.

    Parameters
    ----------
    draw : callable
        Fills the figure.
    width, height : float
        Size [inch].
    """
    return _draw(draw, width, height, "png", {"Software": None})


def draw_svg(draw: Callable[[Figure], None], width: float, height: float) -> bytes:
    """Draw on a new figure and return it as SVG, the letters as outlines; see `draw_png`."""
    return _draw(draw, width, height, "svg", {"Creator": None, "Date": None})


def _draw(
    draw: Callable[[Figure], None],
    width: float,
    height: float,
    form: str,
    metadata: dict[str, None],
) -> bytes:
    # matplotlib's own style: what a user's matplotlibrc says does not change our pictures
    style: dict[str, Any] = {"svg.hashsalt": "releasesim"}  # names inside the file do not change
    with (
        matplotlib.style.context(["default", style], after_reset=True),
        warnings.catch_warnings(),
    ):
        # a title in another script: boxes in the picture, no words on the user's terminal
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from", category=UserWarning)
        figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained")
        FigureCanvasAgg(figure)
        draw(figure)
        out = io.BytesIO()
        figure.savefig(out, format=form, metadata=metadata)
    return out.getvalue()


def wrapped(text: str, width: int = 80, lines: int = 2) -> str:
    """Break a user's words into at most so many lines; what does not fit ends in an ellipsis."""
    return "\n".join(textwrap.wrap(text, width, max_lines=lines, placeholder=" …"))


def put_title(axes: Axes, text: str, width: int = 78) -> None:
    """Write a title above the axes, from their left end."""
    words = "\n".join(wrapped(line, width) for line in text.split("\n"))
    axes.set_title(words, loc="left", fontsize=10, parse_math=False)


def put_legend(axes: Axes, **options: Any) -> Legend:
    """Explain the labelled artists of some axes."""
    handles, labels = axes.get_legend_handles_labels()
    return _plain(axes.legend(handles, [wrapped(label, 46, 3) for label in labels], **options))


def put_figure_legend(figure: Figure, handles: Sequence[Artist], **options: Any) -> Legend:
    """Explain artists at the foot of a figure."""
    labels = [wrapped(str(handle.get_label()), 70, 1) for handle in handles]
    return _plain(figure.legend(list(handles), labels, frameon=False, **options))


def user_label(text: str) -> str:
    """Make a label of a user's words: matplotlib hides those that start with an underscore."""
    return f" {text}" if text.startswith("_") else text


def _plain(legend: Legend) -> Legend:
    for text in legend.get_texts():
        text.set_parse_math(False)  # a file called "a$b$.csv" is no formula
        text.set_fontsize(9)
    return legend


def tidy(axes: Axes) -> None:
    """Light grid, no box."""
    axes.grid(color="0.88", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)

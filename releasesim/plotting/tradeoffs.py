"""Trade-offs of a design: fit against time of extrusion, mass in colour, chance where counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from releasesim.optimization.result import Candidate, Design
from releasesim.plotting.picture import (
    BLACK,
    GREY,
    VERMILLION,
    draw_png,
    put_figure_legend,
    tidy,
)
from releasesim.units import mg, minute

Array = NDArray[np.float64]

_WIDTH, _PANEL, _REST = 6.0, 2.9, 0.5
"""Of the picture, of a panel, of the legend [inch]."""
_APART = 0.055
"""Numbers nearer than this to another are moved, of the axes [-]."""


def tradeoffs_figure(design: Design) -> bytes:
    """Draw the tablets that no other beats in everything, numbered as in `Design.front`.

    Fit against the time of extrusion, or against mass where no printer says how fast it is; below
    it the chance to meet the target, where that was counted.

    Returns
    -------
    bytes
        PNG; empty where there are fewer than two to choose between.
    """
    if len(design.front) < 2:
        return b""
    counted = any(math.isfinite(one.chance) for one in design.front)

    def draw(figure: Figure) -> None:
        panels = figure.subplots(1 + counted, 1, squeeze=False, sharex=True)[:, 0]
        _panel(panels[0], design, _misfit, "misfit, rms [% of the dose]")
        if counted:
            _panel(panels[1], design, _chance, "chance to meet the target [%]")
            panels[1].set_ylim(0, 105)
        panels[-1].set_xlabel(_across(design)[1])
        handles = panels[0].get_legend_handles_labels()[0]
        put_figure_legend(figure, handles, loc="outside lower center", ncols=2)

    return draw_png(draw, _WIDTH, _PANEL * (1 + counted) + _REST)


def _panel(axes: Axes, design: Design, up: Callable[[Candidate], float], label: str) -> None:
    across = _across(design)[0]
    x, y = (np.array([f(one) for one in design.front]) for f in (across, up))
    masses = np.array([_mass(one) for one in design.front])
    look: dict[str, Any] = {"color": GREY}
    if across is not _mass and np.isfinite(masses).all() and np.ptp(masses) > 0.0:
        look = {"c": masses, "cmap": "viridis"}
    words = "no other tablet beats it in all"
    points = axes.scatter(x, y, s=42, edgecolor=BLACK, linewidth=0.6, label=words, **look)
    if "c" in look:
        axes.figure.colorbar(points, ax=axes, label="mass of the tablet [mg]")
    star: dict[str, Any] = {"marker": "*", "markersize": 15, "linestyle": "none"}
    star |= {"color": VERMILLION, "markeredgecolor": "white", "label": "chosen, on the fine grid"}
    axes.plot(across(design.chosen), up(design.chosen), **star)
    axes.set_ylabel(label)
    tidy(axes)
    axes.margins(0.12)
    highest = np.nanmax([*y, up(design.chosen)])
    axes.set_ylim(0, 1.2 * highest if highest > 0.0 else 1.0)  # numbers stand above the points
    _number(axes, x, y)


def _misfit(one: Candidate) -> float:
    return 100.0 * one.rmse


def _chance(one: Candidate) -> float:
    return 100.0 * one.chance


def _time(one: Candidate) -> float:
    return one.print_time / minute


def _mass(one: Candidate) -> float:
    return one.mass / mg


def _across(design: Design) -> tuple[Callable[[Candidate], float], str]:
    """What the misfit is drawn against, and its words."""
    if all(math.isfinite(one.print_time) for one in design.front):
        return _time, "time of extrusion [min]"
    return _mass, "mass of the tablet [mg]"


def _number(axes: Axes, x: Array, y: Array) -> None:
    """Number the points, each label on the side where it meets no other."""
    shown = axes.transData.transform(np.column_stack([x, y]))
    size = np.array([axes.bbox.width, axes.bbox.height])
    places = shown / size
    taken = [tuple(place) for place in places]
    for n, place in enumerate(places):
        if not np.isfinite(place).all():
            continue
        offset = max(_SIDES, key=lambda side: _room(place + np.array(side) * _APART, taken))
        label = place + np.array(offset) * _APART
        taken.append((float(label[0]), float(label[1])))
        axes.annotate(
            str(n + 1),
            (x[n], y[n]),
            xytext=(11 * offset[0], 11 * offset[1]),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=9,
        )


_SIDES = ((1.0, 0.4), (0.0, 1.0), (-1.0, 0.4), (1.0, -0.6), (-1.0, -0.6), (0.0, -1.0))


def _room(place: Array, taken: Sequence[tuple[float, ...]]) -> float:
    """Distance to the nearest of what stands there already, of the axes [-]."""
    gaps = np.hypot(*(np.array(taken) - place).T)
    return float(min(gaps.min(), _APART))

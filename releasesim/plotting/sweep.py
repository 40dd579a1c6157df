"""Sweeps: how every measure is spread over the runs, or what it is sensitive to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from releasesim.plotting.picture import (
    BLUE,
    GREY,
    ORANGE,
    draw_png,
    put_legend,
    put_title,
    tidy,
    wrapped,
)
from releasesim.sweep import Sweep
from releasesim.units import hour

Array = NDArray[np.float64]

_COLUMNS, _WIDTH, _HEIGHT = 2, 3.8, 2.7
_MOST = 12
"""Measures in one picture."""

_UNITS = {"_s": ("h", hour), "_kg": ("mg", 1e-6), "_kg_m3": ("mg/L", 1e-3)}
"""End of a column's name: the unit in which it is shown, and that unit in SI."""


def sweep_figure(sweep: Sweep) -> bytes:
    """Draw the measures of a sweep: their distributions, or their sensitivity indices.

    Returns
    -------
    bytes
        PNG.
    """
    shown = list(sweep.measures)[:_MOST]
    titles = {measure.column: measure.words for measure in sweep.plan.spec.measures}
    columns = min(_COLUMNS, len(shown))
    rows = -(-len(shown) // columns)

    def draw(figure: Figure) -> None:
        for place, name in enumerate(shown, 1):
            axes = figure.add_subplot(rows, columns, place)
            found, title = sweep.indices.get(name, {}), titles[name]
            if found and "none" not in found:
                _draw_indices(axes, name, title, found)
            else:
                _draw_spread(axes, name, title, sweep.measures[name])
            tidy(axes)

    return draw_png(draw, max(5.0, _WIDTH * columns), _HEIGHT * rows)


def _draw_spread(axes: Axes, name: str, title: str, values: Array) -> None:
    unit, scale = _unit(name)
    there = values[np.isfinite(values)] / scale
    put_title(axes, f"{title}: {there.size} of {values.size} runs", 40)
    if there.size == 0:
        axes.text(0.5, 0.5, "no run has it", transform=axes.transAxes, ha="center")
        return
    if np.ptp(there) <= 1e-9 * abs(float(there[0])):
        axes.text(0.5, 0.5, f"{there[0]:.4g} {unit} in all", transform=axes.transAxes, ha="center")
        return
    axes.hist(there, bins=min(40, max(8, round(np.sqrt(there.size)))), color=BLUE)
    axes.axvline(float(np.median(there)), color=ORANGE, linewidth=2, label="median")
    for n, edge in enumerate(np.quantile(there, (0.05, 0.95)).tolist()):
        label = "5 and 95 %" if n == 0 else None
        axes.axvline(edge, color=GREY, linewidth=1.2, linestyle="--", label=label)
    axes.set_xlabel(f"[{unit}]")
    axes.set_ylabel("runs")
    put_legend(axes, frameon=False)


def _draw_indices(axes: Axes, name: str, title: str, found: Mapping[str, Any]) -> None:
    total, words = (
        ("ST", "share of variance [-]") if "ST" in found else ("mu_star", "mean |effect|")
    )
    unit, scale = ("-", 1.0) if total == "ST" else _unit(name)
    names = list(found[total])
    rows = np.arange(len(names))
    values = [found[total][one] / scale for one in names]
    half = [found[f"{total}_conf"][one] / scale for one in names]
    label = "total, with 95 %" if total == "ST" else "with 95 %"
    axes.barh(rows + 0.2, values, 0.38, xerr=half, color=BLUE, ecolor=GREY, label=label)
    second = "S1" if total == "ST" else "sigma"
    others = [found[second][one] / scale for one in names]
    label = "alone (first order)" if total == "ST" else "sigma: it interacts or bends"
    axes.barh(rows - 0.2, others, 0.38, color=ORANGE, hatch="///", edgecolor="white", label=label)
    axes.set_yticks(rows, [wrapped(one, 26, 1) for one in names], fontsize=8, parse_math=False)
    axes.set_xlabel(words if total == "ST" else f"{words} [{unit}]")
    put_title(axes, title, 40)
    put_legend(axes, frameon=False)


def _unit(name: str) -> tuple[str, float]:
    """Unit to show a column in, and its size in SI."""
    ends = sorted(_UNITS, key=len, reverse=True)
    return next((_UNITS[end] for end in ends if name.endswith(end)), ("-", 1.0))

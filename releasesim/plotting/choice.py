"""Pictures of a choice among mechanisms: the ranking, and the curves of the best."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from releasesim.calibration.choice import Choice, Ranked
from releasesim.curve import ReleaseCurve
from releasesim.plotting.curves import time_unit
from releasesim.plotting.picture import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
    draw_png,
    draw_svg,
    put_figure_legend,
    put_title,
    tidy,
    user_label,
    wrapped,
)

_EQUATIONS = 4
_CURVES = 3
_WIDEST = 3
_PANEL = (4.6, 3.6)
_ROW, _REST = 0.3, 1.9
"""Height of a row and of everything else [inch]."""
_CLOSE, _LINEAR = 2.0, 10.0
_TICKS = (0, 2, 5, 10, 30, 100, 300, 1000, 3000)
_STYLES = ((BLUE, "-"), (ORANGE, "--"), (GREEN, "-."))


def choice_figure(found: Choice) -> tuple[bytes, bytes]:
    """Draw the ranking: AICc above the best, errors of fit and of prediction.

    Returns
    -------
    png, svg : bytes
    """
    shown = _shown(found)

    def draw(figure: Figure) -> None:
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 2])
        _draw_criteria(left, shown)
        _draw_errors(right, shown)
        left.set_ylim(len(shown) - 0.4, -0.6)
        handles = [*left.get_legend_handles_labels()[0], *right.get_legend_handles_labels()[0]]
        put_figure_legend(figure, handles, loc="outside lower center", ncols=3)

    size = 9.0, _REST + _ROW * max(3, len(shown))
    return draw_png(draw, *size), draw_svg(draw, *size)


def _shown(found: Choice) -> list[Ranked]:
    equations = [row for row in found.rows if row.kind == "equation"][_EQUATIONS:]
    return [row for row in found.rows if row not in equations]


def _draw_criteria(axes: Axes, rows: list[Ranked]) -> None:
    best = min(row.above for row in rows if row.kind == "mechanism")
    words = "mechanisms not told apart (within 2)"
    axes.axvspan(best, best + _CLOSE, color="0.9", zorder=0, label=words)
    for kind, colour, marker, words in (
        ("mechanism", BLUE, "o", "mechanism"),
        ("equation", VERMILLION, "s", "equation, fitted to each curve by itself"),
    ):
        there = [(row.above, place) for place, row in enumerate(rows) if row.kind == kind]
        if there:
            axes.plot(*zip(*there, strict=True), marker, color=colour, markersize=7, label=words)
    names = [wrapped(row.title, 34, 1) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=9, parse_math=False)
    most = max(row.above for row in rows)
    axes.set_xscale("symlog", linthresh=_LINEAR)
    axes.set_xlim(-0.6, max(1.6 * most, _LINEAR))
    ticks = [tick for tick in _TICKS if tick <= max(1.6 * most, _LINEAR)]
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_xlabel("AICc above the best [-], logarithmic beyond 10")
    put_title(axes, "How well the data support it", 44)
    tidy(axes)


def _draw_errors(axes: Axes, rows: list[Ranked]) -> None:
    places = np.arange(len(rows))
    axes.plot(
        [100 * row.rmse for row in rows],
        places,
        "|",
        color=GREY,
        markersize=11,
        markeredgewidth=2.2,
        label="error of the fit",
    )
    known = [(100 * r.left_out.total, i) for i, r in enumerate(rows) if not r.left_out.reason]
    if known:
        axes.plot(
            *zip(*known, strict=True),
            "D",
            color=GREEN,
            markersize=6,
            markerfacecolor="white",
            markeredgewidth=1.6,
            label="experiment left out",
        )
    largest = max([100 * row.rmse for row in rows] + [value for value, _ in known])
    axes.set_xlim(0.0, 1.1 * largest)
    axes.set_xlabel("root mean square error [% of the dose]")
    put_title(axes, "How far it misses", 40)
    tidy(axes)


def choice_curves(found: Choice) -> bytes:
    """Draw the data of each experiment, the best mechanisms and the best equation, as PNG."""
    count = len(found.names)
    columns = min(count, _WIDEST)
    rows = math.ceil(count / columns)

    def draw(figure: Figure) -> None:
        for place in range(count):
            axes = figure.add_subplot(rows, columns, place + 1)
            _draw_experiment(axes, found, place)
            if place == 0:
                handles = axes.get_legend_handles_labels()[0]
        put_figure_legend(figure, handles, loc="outside lower center", ncols=2)

    scale = 1.5 if count == 1 else 1.0
    return draw_png(draw, max(6.9, scale * _PANEL[0] * columns), scale * _PANEL[1] * rows + 0.7)


def _draw_experiment(axes: Axes, found: Choice, place: int) -> None:
    data = found.best.fit.experiments[place].data
    unit, name, _ = time_unit(float(data.time[-1]))
    _draw_mechanisms(axes, found, place, unit)
    spread = data.sd if isinstance(data, ReleaseCurve) else None
    axes.errorbar(
        data.time / unit,
        100 * data.fraction,
        yerr=None if spread is None else 100 * spread,
        color="black",
        marker="o",
        markersize=4,
        linestyle="none",
        capsize=2,
        linewidth=1.0,
        label="measured",
        zorder=4,
    )
    axes.set_xlabel(f"time [{name}]")
    axes.set_ylabel("released [% of the dose]")
    axes.set_xlim(0, 1.02 * float(data.time[-1]) / unit)
    axes.set_ylim(0, max(105.0, 105.0 * float(np.max(data.fraction))))
    put_title(axes, user_label(data.name), 46)
    tidy(axes)


def _draw_mechanisms(axes: Axes, found: Choice, place: int, unit: float) -> None:
    last = float(found.best.fit.experiments[place].data.time[-1])
    for one, (colour, line) in zip(found.trials[:_CURVES], _STYLES, strict=False):
        curve = one.fit.experiments[place].curve
        kept = curve.time <= last
        times, percent = curve.time[kept] / unit, 100 * curve.fraction[kept]
        label = one.candidate.title
        axes.plot(times, percent, color=colour, linestyle=line, linewidth=2, label=label)
    for best in found.equations[:1]:
        times = last * np.linspace(1e-3, 1.0, 200) ** 2
        percent = 100 * best.fits[place].fraction(times)
        label = f"equation: {best.equation.title}"
        axes.plot(times / unit, percent, color=PURPLE, linestyle=":", linewidth=2, label=label)

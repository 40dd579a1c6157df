"""Plasma of a patient: the typical curve, the band of people, and the wanted window."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from releasesim.patient import PlasmaPrediction, WantedRelease
from releasesim.plotting.curves import time_unit
from releasesim.plotting.picture import (
    BLUE,
    GREEN,
    SKY,
    VERMILLION,
    draw_png,
    put_legend,
    put_title,
    tidy,
)

_WIDTH, _HEIGHT = 7.2, 4.4


def plasma_figure(plasma: PlasmaPrediction, wanted: WantedRelease | None = None) -> bytes:
    """Draw the plasma of a patient over one dosing interval.

    Parameters
    ----------
    plasma : PlasmaPrediction
        Typical curve, band of people like this one, window.
    wanted : WantedRelease, optional
        Its own plasma, as a thin line.

    Returns
    -------
    bytes
        PNG.
    """

    def draw(figure: Figure) -> None:
        axes = figure.add_subplot()
        unit, name, _ = time_unit(float(plasma.curve.time[-1]))
        scale, words = _level_unit(plasma)
        times = plasma.curve.time / unit
        if plasma.window is not None:
            _window(axes, plasma.window, scale)
        low, high = plasma.low * scale, plasma.high * scale
        label = "90 % of people like this one"
        axes.fill_between(times, low, high, color=SKY, alpha=0.35, linewidth=0, label=label)
        level = plasma.curve.concentration * scale
        axes.plot(times, level, color=BLUE, linewidth=2, label="typical person like this one")
        if wanted is not None:
            asked, given = wanted.plasma.time / unit, wanted.plasma.concentration * scale
            dashes = (0, (5, 2))
            axes.plot(asked, given, color=VERMILLION, linestyle=dashes, label="wanted release")
        axes.set_xlabel(f"time after the dose [{name}]")
        axes.set_ylabel(f"plasma concentration [{words}]")
        axes.set_xlim(0, times[-1])
        axes.set_ylim(0, 1.25 * max(float(np.max(high)), _top(plasma) * scale))
        tidy(axes)
        put_title(axes, _title(plasma))
        put_legend(axes, loc="upper right", frameon=True, framealpha=0.9, edgecolor="0.8")

    return draw_png(draw, _WIDTH, _HEIGHT)


def _level_unit(plasma: PlasmaPrediction) -> tuple[float, str]:
    """What one kg/m3 is in the unit of the axis, and its name."""
    small = plasma.curve.peak < 1e-3
    return (1e6, "µg/L") if small else (1e3, "mg/L")


def _window(axes: Axes, window: tuple[float, float], scale: float) -> None:
    low, high = (end * scale for end in window)
    for end in (low, high):
        axes.axhline(end, color=GREEN, linewidth=1.2, linestyle=(0, (2, 2)))
    axes.axhspan(low, high, color=GREEN, alpha=0.10, linewidth=0, label="wanted window")


def _top(plasma: PlasmaPrediction) -> float:
    return 0.0 if plasma.window is None else plasma.window[1]


def _title(plasma: PlasmaPrediction) -> str:
    name, dose = plasma.patient.drug.title, f"{1e6 * plasma.dose:.3g} mg"
    if plasma.every is None:
        return f"{name}, {dose}, one dose"
    every = f"{plasma.every / 3600:.3g} h"
    when = "steady state" if plasma.doses is None else f"after dose {plasma.doses}"
    return f"{name}, {dose} every {every}, {when}"

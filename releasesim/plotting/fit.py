"""Pictures of fits: every experiment with its fitted curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from releasesim.curve import ReleaseCurve
from releasesim.plotting.curves import time_unit
from releasesim.plotting.picture import (
    BLUE,
    VERMILLION,
    draw_png,
    put_legend,
    put_title,
    tidy,
    user_label,
)

if TYPE_CHECKING:
    from releasesim.calibration import Fit, FittedExperiment

_WIDEST = 3
_PANEL = (4.6, 3.6)


def fit_figure(fit: Fit) -> bytes:
    """Draw each experiment's data and fitted curve in a panel of its own, as PNG.

    Parameters
    ----------
    fit : Fit
    """
    count = len(fit.experiments)
    columns = min(count, _WIDEST) if count > 1 else 1
    rows = math.ceil(count / columns)

    def draw(figure: Figure) -> None:
        for place, one in enumerate(fit.experiments):
            _draw(figure.add_subplot(rows, columns, place + 1), one)

    scale = 1.5 if count == 1 else 1.0
    return draw_png(draw, scale * _PANEL[0] * columns, scale * _PANEL[1] * rows)


def _draw(axes: Axes, one: FittedExperiment) -> None:
    data = one.data
    span = max(float(one.curve.time[-1]), float(data.time[-1]) if data.time.size else 0.0)
    unit, name, _ = time_unit(span)
    axes.set_xlabel(f"time [{name}]")
    axes.set_ylabel("released [% of the dose]")
    axes.plot(
        one.curve.time / unit, 100 * one.curve.fraction, color=BLUE, linewidth=2, label="fitted"
    )
    spread = data.sd if isinstance(data, ReleaseCurve) else None
    axes.errorbar(
        data.time / unit,
        100 * data.fraction,
        yerr=None if spread is None else 100 * spread,
        color=VERMILLION,
        marker="o",
        markersize=4,
        linestyle="none",
        capsize=2,
        linewidth=1.0,
        label="measured",
    )
    highest = float(np.max(100 * data.fraction, initial=0.0))
    axes.set_xlim(0, 1.02 * span / unit)
    axes.set_ylim(0, max(105.0, 1.05 * highest))
    put_title(axes, f"{user_label(one.name)}: RMSE {100 * one.rmse:.2g} %", 46)
    put_legend(axes, loc="lower right", frameon=True, framealpha=0.9, edgecolor="0.8")
    tidy(axes)

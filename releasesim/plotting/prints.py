"""Picture of a print: the curve of its G-code beside the designed one, and what is between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from releasesim.plotting.curves import explain, time_unit
from releasesim.plotting.picture import BLACK, BLUE, draw_png, put_title, tidy

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from releasesim.curve import ReleaseCurve
    from releasesim.similarity import Comparison

_WIDTH, _HEIGHT = 7.2, 5.4
_ROOM = 1.0
"""The difference is shown to at least this, up and down [% of the dose]."""


def print_figure(
    title: str, designed: ReleaseCurve, printed: ReleaseCurve, comparison: Comparison
) -> bytes:
    """Draw the released percent of design and print, and their difference below.

    Parameters
    ----------
    title : str
    designed, printed : ReleaseCurve
        At the same times.
    comparison : Comparison
        Of the two.

    Returns
    -------
    bytes
        PNG.
    """

    def draw(figure: Figure) -> None:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        unit, name, _ = time_unit(float(designed.time[-1]))
        times = designed.time / unit
        _draw_curves(upper, times, designed, printed)
        put_title(upper, f"{title}\n{_words(designed, printed, comparison)}")
        _draw_difference(lower, times, 100 * (printed.fraction - designed.fraction))
        lower.set_xlabel(f"time [{name}]")

    return draw_png(draw, _WIDTH, _HEIGHT)


def _draw_curves(
    axes: Axes, times: np.ndarray, designed: ReleaseCurve, printed: ReleaseCurve
) -> None:
    axes.plot(times, 100 * designed.fraction, color=BLACK, linewidth=2.4, label="as designed")
    axes.plot(
        times,
        100 * printed.fraction,
        color=BLUE,
        linewidth=1.6,
        linestyle=(0, (5, 2)),
        label="from its G-code",
    )
    axes.set_ylabel("released [% of the dose]")
    axes.set_xlim(0, float(times[-1]))
    axes.set_ylim(0, max(105.0, 103.0 * float(designed.fraction.max())))
    tidy(axes)
    explain(axes)


def _draw_difference(axes: Axes, times: np.ndarray, difference: np.ndarray) -> None:
    axes.axhline(0.0, color=BLACK, linewidth=0.8)
    axes.plot(times, difference, color=BLUE, linewidth=1.4)
    room = max(_ROOM, 1.2 * float(np.abs(difference).max()))
    axes.set_ylim(-room, room)
    axes.set_ylabel("difference\n[% of the dose]")
    tidy(axes)


def _words(designed: ReleaseCurve, printed: ReleaseCurve, comparison: Comparison) -> str:
    largest = 100 * float(np.abs(printed.fraction - designed.fraction).max())
    f2 = f"f2 = {comparison.f2:.1f}, " if np.isfinite(comparison.f2) else ""
    return f"{f2}largest difference {largest:.2f} % of the dose"

"""Pictures of chains: parameters against each other, or, before they settled, against the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from releasesim.plotting.picture import BLUE, ORANGE, VERMILLION, draw_png, put_title, tidy
from releasesim.units import convert

if TYPE_CHECKING:
    from releasesim.calibration import Fit
    from releasesim.calibration.posterior import Posterior

Array = NDArray[np.float64]

_PANEL = 2.9
_BINS = 40
_MASS = (0.95, 0.8, 0.5)
"""Shares of the draws inside the lines [-]."""


def posterior_figure(fit: Fit) -> bytes:
    """Draw every parameter and every pair; the paths of all walkers where they did not settle.

    Parameters
    ----------
    fit : Fit
        With a posterior.

    Raises
    ------
    ValueError
        It was not sampled.
    """
    chain = fit.posterior
    if chain is None:
        raise ValueError("the fit has no posterior")
    return _corner(fit, chain) if chain.converged else _traces(fit, chain)


def _shown(fit: Fit, values: Array) -> Array:
    """Values (..., p) in the units that parameters are shown in."""
    factors = [convert(1.0, one.unit, one.shown_unit) for one in fit.estimates.values()]
    return np.asarray(values * np.array(factors))


def _labels(fit: Fit) -> list[str]:
    units = [one.shown_unit for one in fit.estimates.values()]
    return [
        f"{name} [{'-' if unit == '1' else unit}]"
        for name, unit in zip(fit.estimates, units, strict=True)
    ]


def _corner(fit: Fit, chain: Posterior) -> bytes:
    draws, labels = _shown(fit, chain.draws), _labels(fit)
    p = len(labels)

    def draw(figure: Figure) -> None:
        words = f"{len(draws)} draws, worth {chain.independent:.0f} independent ones"
        figure.suptitle(words + ("; lines hold 50, 80, 95 %" if p > 1 else ""), fontsize=9)
        for row in range(p):
            for column in range(row + 1):
                axes = figure.add_subplot(p, p, row * p + column + 1)
                if row == column:
                    _single(axes, draws[:, row], fit, row, label=p == 1 or row == 0)
                else:
                    _pair(axes, draws[:, column], draws[:, row])
                if row == p - 1:
                    axes.set_xlabel(labels[column], fontsize=9)
                if column == 0 and row > 0:
                    axes.set_ylabel(labels[row], fontsize=9)
                axes.tick_params(labelsize=8)
                tidy(axes)

    size = max(_PANEL * p, 5.0)
    return draw_png(draw, size, size)


def _single(axes: Axes, draws: Array, fit: Fit, place: int, *, label: bool) -> None:
    """Histogram of one parameter, its 95 % interval, and that of the fit."""
    axes.hist(draws, bins=_BINS, density=True, color=BLUE, alpha=0.35, edgecolor="none")
    low, middle, high = np.quantile(draws, [0.025, 0.5, 0.975])
    for at, style in ((low, "--"), (middle, "-"), (high, "--")):
        axes.axvline(at, color=BLUE, linestyle=style, linewidth=1.2)
    estimate = list(fit.estimates.values())[place]
    ends = np.array([estimate.low, estimate.value, estimate.high])
    ends = ends * convert(1.0, estimate.unit, estimate.shown_unit)
    axes.set_yticks([])
    axes.set_xlim(*_limits(draws))
    top = axes.get_ylim()[1]
    axes.plot(
        np.clip(ends[[0, 2]], *axes.get_xlim()), [1.06 * top] * 2, color=VERMILLION, linewidth=2
    )
    axes.plot(ends[1], 1.06 * top, "o", color=VERMILLION, markersize=4)
    axes.set_ylim(0.0, 1.15 * top)
    if label:
        put_title(axes, "blue: chain, red: fit (95 %)", 40)


def _pair(axes: Axes, x: Array, y: Array) -> None:
    """Draws of two parameters, and lines around shares of them."""
    few = slice(None, None, max(len(x) // 4000, 1))
    axes.plot(x[few], y[few], ",", color="0.6", rasterized=True)
    height, a, b = np.histogram2d(x, y, bins=_BINS, range=[_limits(x), _limits(y)])
    smooth = _smoothed(height)
    ordered = np.sort(smooth.ravel())[::-1]
    inside = np.cumsum(ordered) / ordered.sum()
    levels = [float(ordered[np.searchsorted(inside, share)]) for share in _MASS]
    if np.all(np.diff(levels) > 0.0):
        middle_a, middle_b = 0.5 * (a[1:] + a[:-1]), 0.5 * (b[1:] + b[:-1])
        axes.contour(middle_a, middle_b, smooth.T, levels=levels, colors=BLUE, linewidths=1.2)
    axes.set_xlim(*_limits(x))
    axes.set_ylim(*_limits(y))


def _smoothed(height: Array) -> Array:
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(height, 1.0))


def _limits(draws: Array) -> tuple[float, float]:
    low, high = np.quantile(draws, [0.001, 0.999])
    room = 0.1 * (high - low)
    return float(low - room), float(high + room)


def _traces(fit: Fit, chain: Posterior) -> bytes:
    paths, labels = _shown(fit, chain.chain), _labels(fit)
    p = len(labels)

    def draw(figure: Figure) -> None:
        figure.suptitle("not converged: the paths of all walkers", fontsize=10)
        for place, label in enumerate(labels):
            axes = figure.add_subplot(p, 1, place + 1)
            for ensemble, colour in zip(paths, (BLUE, ORANGE), strict=True):
                axes.plot(ensemble[..., place], color=colour, linewidth=0.5, alpha=0.6)
            axes.set_yscale("log")
            axes.set_ylabel(label, fontsize=9)
            axes.set_xlim(0, paths.shape[1] - 1)
            if place == p - 1:
                axes.set_xlabel("step [-]")
            tidy(axes)

    return draw_png(draw, 7.0, 1.0 + 2.2 * p)

"""Release curves: simulated, designed, compared."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.optimization.result import Design, Sensitivity
from releasesim.optimization.robust import Chance
from releasesim.patient import WantedRelease
from releasesim.plotting.picture import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    draw_png,
    put_legend,
    put_title,
    tidy,
    user_label,
)
from releasesim.similarity import Comparison
from releasesim.simulation import Release
from releasesim.units import day, format_quantity, hour, minute

_WIDTH, _HEIGHT = 7.2, 4.4
_COUNTS = "counts for f1 and f2"
_SEEN = 0.0025
"""Narrower error bands are hidden by the line [-]."""

_DRUG_COLOURS = (VERMILLION, GREEN, PURPLE, ORANGE, SKY)
_DRUG_DASHES = ((0, (6, 2)), (0, (2, 1.5)), (0, (6, 2, 1.5, 2)), (0, (1, 1)), (0, (9, 3)))

_MINUTES_UNTIL, _HOURS_UNTIL = 3 * hour, 4 * day


def release_figure(
    release: Release,
    target: ReleaseCurve | None = None,
    of_drugs: Mapping[str, ReleaseCurve] | None = None,
    *,
    band: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None,
) -> bytes:
    """Draw a simulated release curve, with a target where there is one.

    Parameters
    ----------
    release : Release
        The curve; its error estimate shows as a band where it is wide enough to see. Of several
        drugs each has a line of its own.
    target : ReleaseCurve, optional
        Measured points with their standard deviation, or a drawn line.
    of_drugs : mapping of str to ReleaseCurve, optional
        Targets of single drugs of several, by name.
    band : pair of (n,) ndarray, optional
        Ends of the 95 % band of the calibration, at the curve's times [-].

    Returns
    -------
    bytes
        PNG.
    """

    def draw(figure: Figure) -> None:
        wanted = of_drugs or {}
        several = release.several.values()
        axes, unit = _axes(figure, release.curve, *several, target, *wanted.values())
        _draw_simulated(
            axes, release, unit, "all drugs, by mass" if release.several else "simulated"
        )
        if band is not None:
            low, high = (100 * end for end in band)
            widest = 0.5 * float((high - low).max())
            label = f"95 % band of the calibration, ± {widest:.2g} % at most"
            times = release.curve.time / unit
            axes.fill_between(times, low, high, color=ORANGE, alpha=0.35, linewidth=0, label=label)
        _draw_drugs(axes, release, unit, wanted)
        if target is not None:
            _draw_curve(axes, target, unit, BLACK, "target")
        if release.curve.name not in ("simulated", "release"):
            put_title(axes, release.curve.name)
        explain(axes)

    return draw_png(draw, _WIDTH, _HEIGHT)


def design_figure(design: Design) -> bytes:
    """Draw the target, the curve that the chosen tablet is predicted to give, and how sure it is.

    The band is where 90 % of the draws of uncertain inputs lie, where they were drawn, else where
    the curve could lie for the one uncertain input that moves it most. Of a target that follows
    from plasma, the releases that keep the window lie between two thin lines.

    Returns
    -------
    bytes
        PNG.
    """

    def draw(figure: Figure) -> None:
        targets = [one.shown_target for one in design.drugs.values()] or [design.shown_target]
        axes, unit = _axes(figure, design.release.curve, *targets)
        if design.drugs:
            _draw_designed_drugs(axes, design, unit)
        else:
            _draw_simulated(axes, design.release, unit, "predicted")
            _draw_curve(axes, design.shown_target, unit, BLACK, "target")
        if design.wanted is not None:
            _draw_attainable(axes, design, design.wanted, unit)
        if design.chance is not None:
            _draw_chance(axes, design.target.time / unit, design.chance)
        elif design.sensitivities and not design.drugs:
            _draw_sensitivity(axes, design.sensitivities[0], unit)
        put_title(axes, _design_title(design))
        explain(axes)

    return draw_png(draw, _WIDTH, _HEIGHT)


def comparison_figure(reference: ReleaseCurve, test: ReleaseCurve, comparison: Comparison) -> bytes:
    """Draw two curves and ring the points that f1 and f2 rest on.

    Returns
    -------
    bytes
        PNG.
    """

    def draw(figure: Figure) -> None:
        axes, unit = _axes(figure, reference, test)
        _draw_units(axes, reference, unit, BLACK)
        _draw_units(axes, test, unit, BLUE)
        _draw_curve(axes, reference, unit, BLACK, "reference")
        _draw_curve(axes, test, unit, BLUE, "test")
        times = comparison.times / unit
        for percent, label in ((100 * comparison.reference, _COUNTS), (100 * comparison.test, "")):
            axes.plot(times, percent, "o", markersize=10, color=GREY, fillstyle="none", label=label)
        put_title(axes, _f2_words(comparison, 2))  # 49.97 is not 50
        explain(axes)

    return draw_png(draw, _WIDTH, _HEIGHT)


# --- axes --------------------------------------------------------------------------------------


def _axes(figure: Figure, *curves: ReleaseCurve | None) -> tuple[Axes, float]:
    """Axes of released percent against time, and the seconds in the time's unit."""
    axes = figure.add_subplot()
    unit, _ = curve_axes(axes, *(curve for curve in curves if curve is not None))
    return axes, unit


def curve_axes(axes: Axes, *drawn: ReleaseCurve) -> tuple[float, str]:
    """Make axes those of released percent against time; seconds in the time's unit, its name."""
    span = max(float(curve.time[-1]) for curve in drawn)
    highest = max(100 * float((curve.fraction + _spread(curve)).max()) for curve in drawn)
    unit, name, steps = time_unit(span)
    axes.set_xlabel(f"time [{name}]")
    axes.set_ylabel("released [% of the dose]")
    # a single point at time 0 spans nothing
    axes.set_xlim(0, 1.02 * span / unit if span > 0 else 1)
    axes.set_ylim(0, max(105.0, 1.03 * highest))
    axes.xaxis.set_major_locator(MaxNLocator(10, steps=steps))
    axes.yaxis.set_major_locator(MaxNLocator(10, steps=[1, 2, 5, 10]))
    tidy(axes)
    return unit, name


def time_unit(span: float) -> tuple[float, str, list[float]]:
    """Seconds in the unit that suits a span [s], its name, and steps that people count in."""
    if span < _MINUTES_UNTIL:
        return minute, "min", [1, 1.5, 2, 3, 5, 10]
    if span < _HOURS_UNTIL:
        return hour, "h", [1, 1.2, 2, 3, 4, 6, 10]
    return day, "d", [1, 1.4, 2, 5, 7, 10]


def _spread(curve: ReleaseCurve) -> np.ndarray:
    return np.zeros(curve.time.size) if curve.sd is None else curve.sd


def explain(axes: Axes) -> None:
    """Explain the lines of some axes."""
    # on the side where a release curve leaves room
    put_legend(axes, loc="lower right", frameon=True, framealpha=0.9, edgecolor="0.8")


# --- curves ------------------------------------------------------------------------------------


def _draw_simulated(axes: Axes, release: Release, unit: float, word: str = "simulated") -> None:
    curve, error = release.curve, release.error_estimate
    times, percent = curve.time / unit, 100 * curve.fraction
    axes.plot(times, percent, color=BLUE, linewidth=2, label=word, zorder=3)
    if error >= _SEEN:  # False for nan: an unknown error has no band
        low, high = np.clip(percent - 100 * error, 0, None), percent + 100 * error
        label = f"numerical error estimate, ± {100 * error:.2g} %"
        axes.fill_between(times, low, high, color=BLUE, alpha=0.2, linewidth=0, label=label)
    if release.curve_sd is not None:
        spread = 100 * release.curve_sd
        low, high = np.clip(percent - spread, 0, None), percent + spread
        label = "from tablet to tablet, ± 1 sd, of the mean dose"
        axes.fill_between(times, low, high, color=SKY, alpha=0.35, linewidth=0, label=label)


def _draw_drugs(
    axes: Axes, release: Release, unit: float, wanted: Mapping[str, ReleaseCurve]
) -> None:
    """Draw a line for each drug of several, told apart by colour and by dashes."""
    looks = itertools.cycle(zip(_DRUG_COLOURS, _DRUG_DASHES, strict=True))
    for (name, curve), (colour, dashes) in zip(release.several.items(), looks, strict=False):
        label = user_label(f"{name}, {format_quantity(release.doses[name], 'mg', 3)}")
        times, percent = curve.time / unit, 100 * curve.fraction
        (line,) = axes.plot(times, percent, color=colour, linestyle=dashes, label=label)
        line.set(linewidth=1.6, zorder=3.5)
        if name in wanted:
            _draw_curve(axes, wanted[name], unit, colour, f"{name}: target")


def _draw_designed_drugs(axes: Axes, design: Design, unit: float) -> None:
    """Draw each drug of several with its own target, in one colour."""
    looks = itertools.cycle(_DRUG_COLOURS)
    for (name, one), colour in zip(design.drugs.items(), looks, strict=False):
        times, percent = one.curve.time / unit, 100 * one.curve.fraction
        label = user_label(f"{name}, {format_quantity(one.dose, 'mg', 3)}: predicted")
        axes.plot(times, percent, color=colour, linewidth=2, label=label, zorder=3)
        _draw_curve(axes, one.shown_target, unit, colour, f"{name}: target")


def _draw_curve(axes: Axes, curve: ReleaseCurve, unit: float, colour: str, word: str) -> None:
    """Draw a line where a curve is dense, points with their spread where it was measured."""
    times, percent = curve.time / unit, 100 * curve.fraction
    label = user_label(f"{word}: {curve.name}{_spread_words(curve)}")
    if curve.simulated:
        axes.plot(times, percent, color=colour, linewidth=1.6, linestyle=(0, (5, 2)), label=label)
        return
    axes.errorbar(
        times,
        percent,
        yerr=None if curve.sd is None else 100 * curve.sd,
        color=colour,
        marker="o",
        markersize=5,
        linestyle="none",
        capsize=3,
        linewidth=1.2,
        label=label,
        zorder=4,
    )


def _draw_units(axes: Axes, curve: ReleaseCurve, unit: float, colour: str) -> None:
    """Draw a thin line for each unit, where they are known."""
    if curve.vessels is not None:
        lines = axes.plot(curve.time / unit, 100 * curve.vessels, color=colour, linewidth=0.5)
        for line in lines:
            line.set(alpha=0.35, zorder=1)


def _spread_words(curve: ReleaseCurve) -> str:
    words = ["mean ± sd"] if curve.sd is not None else []
    words += [f"n = {curve.n}"] if curve.n is not None else []
    return f" ({', '.join(words)})" if words else ""


def _draw_chance(axes: Axes, times: np.ndarray, chance: Chance) -> None:
    """Draw the band of what the uncertain inputs make of the tablet."""
    times, low, high = (
        np.append(0.0, each) for each in (times, 100 * chance.low, 100 * chance.high)
    )
    label = f"90 % of {chance.samples} draws of uncertain inputs"
    axes.fill_between(times, low, high, color="0.85", linewidth=0, zorder=0.5, label=label)


def _draw_attainable(axes: Axes, design: Design, wanted: WantedRelease, unit: float) -> None:
    """Draw between which curves release may lie that gives the wanted plasma."""
    if wanted.low is None or wanted.high is None:
        return
    wish = design.study.target.plasma if design.study.target else None
    course = wish is not None and bool(wish.times)
    label = "90 % band of the deconvolution" if course else "earliest and latest for the window"
    times, low, high = wanted.curve.time / unit, 100 * wanted.low, 100 * wanted.high
    look: dict[str, Any] = {"color": GREEN, "linewidth": 1.1, "linestyle": (0, (2, 2))}
    axes.plot(times, low, label=label, **look)
    axes.plot(times, high, **look)


def _draw_sensitivity(axes: Axes, found: Sensitivity, unit: float) -> None:
    """Draw the curves at both ends of an uncertain input's range, and the band between them."""
    ends = [curve for curve in (found.at_low, found.at_high) if curve is not None]
    low, high = (format_quantity(end, found.unit, 3) for end in (found.low, found.high))
    label = f"if {found.name} (an estimate) were {low} or {high}"
    for curve in ends:
        words = label if len(ends) == 1 else ""
        percent = 100 * curve.fraction
        axes.plot(curve.time / unit, percent, color=GREY, linewidth=0.8, zorder=1, label=words)
    if len(ends) == 2:
        times = np.union1d(ends[0].time, ends[1].time)
        times = times[times <= min(curve.time[-1] for curve in ends)]
        first, second = (100 * curve.at(times) for curve in ends)
        band = axes.fill_between(times / unit, first, second, color="0.85", linewidth=0)
        band.set(zorder=0.5, label=label)


# --- words -------------------------------------------------------------------------------------


def _design_title(design: Design) -> str:
    name = design.study.title or design.study.tablet.describe()
    verdict = "accepted" if design.accepted else "target not reached: the best there is"
    worst = "worst of the drugs: " if design.drugs else ""
    return f"{name}\n{worst}{_f2_words(design.comparison)}: {verdict}"


def _f2_words(comparison: Comparison, digits: int = 1) -> str:
    f2 = "not given" if math.isnan(comparison.f2) else f"{comparison.f2:.{digits}f}"
    return f"f2 = {f2}, largest difference {100 * comparison.largest_difference:.1f} %"

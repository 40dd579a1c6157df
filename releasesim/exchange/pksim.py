"""Formulations of PK-Sim (Open Systems Pharmacology): Table, Weibull and Lint80.

PK-Sim's manual has a dissolved fraction of the dose against time for Table; for Weibull a shape,
the time of 50 % after the lag, and the lag; for Lint80 linear release until 80 %, its time after
the lag, and the lag. What Lint80 does after 80 % the manual does not say, so that it is fitted to
the points up to there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.empirical import EquationFit, fit_equation
from releasesim.errors import InputError
from releasesim.exchange.course import Course, rising, thinned

Floats = NDArray[np.float64]

#: Straight lines between the points of a table stay this close to the curve [-].
TOLERANCE = 1e-3
_HOUR = 3600.0
_LINEAR_UNTIL = 0.8


def table(course: Course) -> tuple[str, list[str]]:
    """Write the points of a Table formulation, from an explicit row 0, 0.

    PK-Sim starts at the first row where that row is missing, although its manual says that the
    origin is always present (Open-Systems-Pharmacology/PK-Sim issue 1349).

    Returns
    -------
    str, list of str
        CSV, and what was changed.
    """
    time, fraction = course.from_start
    held, notes = rising(fraction, 1.0)
    if held[0] > 0.0:
        notes.append(f"{100 * held[0]:.3g} % at time 0 is put 1 ms later: the table starts at 0, 0")
        time, held = _start_from_nothing(time, held)
    kept = thinned(time, held, TOLERANCE)
    rows = [f"{time[i] / _HOUR:.9g},{held[i]:.9g}" for i in kept]
    return "\n".join(["Time [h],Fraction (dose) []", *rows]) + "\n", notes


def _start_from_nothing(time: Floats, fraction: Floats) -> tuple[Floats, Floats]:
    later = np.append(1e-3, time[1:])
    return np.append(0.0, later), np.append(0.0, fraction)


def weibull(course: Course) -> dict[str, Any]:
    """Parameters of a Weibull formulation, with the error of the fit.

    F = 1 - exp(-ln 2 ((t - lag)/T50)^b), so that T50 = (a ln 2)^(1/b) of F = 1 - exp(-(t-lag)^b/a).
    """
    curve = _points(course)
    plain, lagged = (fit_equation(name, curve) for name in ("weibull", "weibull_lag"))
    better = _better(plain, lagged)
    values = better.parameters
    half = (values["a"] * math.log(2.0)) ** (1.0 / values["b"])
    return {
        "formulation": "Weibull",
        "Dissolution shape": values["b"],
        "Dissolution time (50% dissolved) [min]": half,
        "Lag time [min]": values.get("Ti", 0.0),
        **_error(better, curve.time),
    }


def lint80(course: Course) -> dict[str, Any]:
    """Parameters of a Lint80 formulation, fitted up to 80 %, with the error of the fit."""
    curve = _points(course)
    early = _until(curve, _LINEAR_UNTIL)
    plain, lagged = (fit_equation(name, early) for name in ("zero_order", "zero_order_lag"))
    better = _better(plain, lagged)
    return {
        "formulation": "Lint80",
        "Dissolution time (80% dissolved) [min]": 100.0 * _LINEAR_UNTIL / better.parameters["k0"],
        "Lag time [min]": better.parameters.get("Tlag", 0.0),
        **_error(better, early.time),
        "fitted up to [%]": 100.0 * float(early.fraction.max()),
    }


def _points(course: Course) -> ReleaseCurve:
    held, _ = rising(course.curve.fraction, 1.0)
    return ReleaseCurve(course.curve.time, held, name=course.curve.name)


def _until(curve: ReleaseCurve, level: float) -> ReleaseCurve:
    """Points up to a level, with one put where the curve reaches it."""
    kept = (curve.fraction <= level) & (curve.time > 0.0)
    time, fraction = curve.time[kept], curve.fraction[kept]
    reached = curve.time_to(level)
    if math.isfinite(reached) and not np.any(np.isclose(time, reached)):
        time, fraction = np.append(time, reached), np.append(fraction, level)
    if time.size < 2:
        had = f"{time.size} points up to {100 * level:g} %"
        raise InputError(f"curve '{curve.name}' has {had}: too few for a line")
    return ReleaseCurve(time, fraction, name=curve.name)


def _better(plain: EquationFit, lagged: EquationFit) -> EquationFit:
    """Take a lag only where it pays for itself, by AICc."""
    scores = [fit.goodness.aicc for fit in (plain, lagged)]
    return lagged if math.isfinite(scores[1]) and scores[1] < scores[0] else plain


def _error(fit: EquationFit, time: Floats) -> dict[str, float]:
    """Error against all points, and against the explicit row 0, 0, where it is 0 by the lag."""
    off = 100.0 * (fit.fitted - fit.observed)
    return {
        "fit error, RMSE [%]": float(np.sqrt(np.mean(off**2))),
        "fit error, largest [%]": float(np.abs(off).max()),
        "points": int(np.count_nonzero(time > 0.0)),
    }

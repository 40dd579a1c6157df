"""From a wanted plasma window or course to the release that gives it, and what else would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ConcentrationCurve, ReleaseCurve, time_text
from releasesim.errors import InputError
from releasesim.patient.convolution import convolve, superpose
from releasesim.patient.deconvolution import deconvolve
from releasesim.patient.disposition import Disposition
from releasesim.patient.knots import curve_of, fit_increments, response, roughness
from releasesim.study import Plasma

Array = NDArray[np.float64]

_KNOTS, _TIMES = 24, 97
#: Against a misfit in shares of the window: between releases that do as well, the straighter.
_ROUGHNESS = 1e-4
#: Share of the interval between two samples above which a course does not say its area [-].
_OPEN = 0.5
#: Share of the dose below which a release leaves so much inside that it is said [-].
_MOST_OUT = 0.8


@dataclass(frozen=True, eq=False)
class WantedRelease:
    """The release that a wish for plasma comes down to, for one person and dose.

    Parameters
    ----------
    curve : ReleaseCurve
        The nearest there is, smooth.
    low, high : (k,) ndarray or None
        Earliest and latest release at the curve's times that keep the typical person inside the
        window throughout [-]; None where none does, or no window was given.
    plasma : ConcentrationCurve
        What the curve gives, over one interval.
    dose : float
        [kg].
    words : str
        Whether the window can be kept, and what stands against it.
    """

    curve: ReleaseCurve
    low: Array | None
    high: Array | None
    plasma: ConcentrationCurve
    dose: float
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, in SI."""
        return {
            "time_s": self.curve.time.tolist(),
            "released_fraction": self.curve.fraction.tolist(),
            "low": None if self.low is None else self.low.tolist(),
            "high": None if self.high is None else self.high.tolist(),
            "dose_kg": self.dose,
            "words": self.words,
        }

    @property
    def reachable(self) -> bool:
        """Whether some release keeps the typical person inside the window."""
        return self.low is not None


def wanted_release(plasma: Plasma, body: Disposition, dose: float, seed: int = 1) -> WantedRelease:
    """Derive the release curve for a plasma window or course.

    Parameters
    ----------
    plasma : Plasma
        What is wanted.
    body : Disposition
        Of the typical person.
    dose : float
        [kg].
    seed : int
        For the band of a deconvolved course.
    """
    if plasma.times:
        return _for_course(plasma, body, dose, seed)
    return _for_window(plasma, body, dose)


def wanted_auc(plasma: Plasma, body: Disposition) -> float:
    """Area under the curve over one interval that the wish implies [kg s/m3].

    In the steady state that is the area after one dose, to infinity.

    Raises
    ------
    InputError
        The wish does not say it: a course between the first dose and the steady state, or one of
        which most is open.
    """
    if plasma.auc is not None:
        return plasma.auc
    if plasma.times:
        return _auc_of_course(plasma, body)
    low, high, every = plasma.low or 0.0, plasma.high or 0.0, plasma.dose_every or 0.0
    return (low + high) / 2.0 * every


def _auc_of_course(plasma: Plasma, body: Disposition) -> float:
    curve = ConcentrationCurve(np.array(plasma.times), np.array(plasma.concentrations))
    begin, end = curve.concentration[[0, -1]]
    if plasma.dose_every is None or plasma.doses == 1:
        first = begin * curve.time[0] / 2.0
        return float(curve.auc + first + end / float(body.rates[0]))
    if plasma.doses is not None:
        raise InputError(
            f"target.plasma: a course after dose {plasma.doses} does not say the dose: give "
            "design.dose or target.plasma.auc, or leave doses out for the steady state"
        )
    # the next interval is as this one: straight from its last sample to its first
    gap = float(curve.time[0]) + plasma.dose_every - float(curve.time[-1])
    if gap > _OPEN * plasma.dose_every:
        raise InputError(
            f"target.plasma: the course leaves {time_text(gap)} of the interval of "
            f"{time_text(plasma.dose_every)} open and does not say the dose: give more of it, "
            "design.dose or target.plasma.auc"
        )
    return float(curve.auc + (begin + end) / 2.0 * gap)


def _for_course(plasma: Plasma, body: Disposition, dose: float, seed: int) -> WantedRelease:
    curve = ConcentrationCurve(np.array(plasma.times), np.array(plasma.concentrations))
    every, doses = plasma.dose_every, plasma.doses
    found = deconvolve(curve, body, dose, seed=seed, every=every, doses=doses)
    times = np.linspace(0.0, every or curve.time[-1], _TIMES)
    level = (
        convolve(found.curve, body, dose, times)
        if every is None
        else superpose(found.curve, body, dose, times, every=every, doses=doses)
    )
    reached = ConcentrationCurve(times, level)
    when = "" if every is None else " in the steady state" if doses is None else f", dose {doses}"
    words = (
        f"deconvolved from the wanted plasma{when} by {found.rule}; what it gives back is off by "
        f"{found.residual:.1%} (root mean square)"
    )
    out = float(found.curve.fraction[-1])
    if out < _MOST_OUT:
        words += f"; it lets only {out:.0%} of the dose out by then: a smaller one would do"
    return WantedRelease(found.curve, found.low, found.high, reached, dose, words)


def _for_window(plasma: Plasma, body: Disposition, dose: float) -> WantedRelease:
    """All released within one interval, so that nothing depends on what the next tablet does."""
    low, high, every = plasma.low or 0.0, plasma.high or 0.0, plasma.dose_every or 0.0
    knots = np.linspace(0.0, every, _KNOTS + 1)
    times = np.linspace(0.0, every, _TIMES)
    matrix = dose * response(knots, body, times, every, plasma.doses)
    aim = np.full(times.size, min(max((low + high) / 2.0, low), high))
    scale = high - low
    rough = np.sqrt(_ROUGHNESS) * roughness(knots, 1.0)
    found = fit_increments(matrix / scale, aim / scale, rough, complete=True)
    curve = curve_of(knots, found / found.sum(), "wanted for the patient")
    level = superpose(curve, body, dose, times, every=every, doses=plasma.doses)
    bounds = _attainable(matrix, low, high)
    words = _words(plasma, body, dose, bounds is not None, level)
    reached = ConcentrationCurve(times, level)
    earliest, latest = (None, None) if bounds is None else bounds
    return WantedRelease(curve, earliest, latest, reached, dose, words)


def _attainable(matrix: Array, low: float, high: float) -> tuple[Array, Array] | None:
    """Least and most released by each knot inside the window, (k + 1,) each; None where none is."""
    from scipy.optimize import linprog

    count = matrix.shape[1]
    rows = np.vstack([matrix, -matrix]) / high
    limits = np.concatenate([np.full(len(matrix), high), np.full(len(matrix), -low)]) / high
    ends = np.zeros((2, count + 1))
    ends[:, -1] = 1.0
    for knot in range(1, count):
        goal = (np.arange(count) < knot).astype(float)
        for row, sign in enumerate((1.0, -1.0)):
            solved = linprog(
                sign * goal,
                A_ub=rows,
                b_ub=limits,
                A_eq=np.ones((1, count)),
                b_eq=[1.0],
                bounds=(0.0, 1.0),
            )
            if solved.status != 0:
                return None
            ends[row, knot] = sign * float(solved.fun or 0.0)
    return ends[0], ends[1]


def _words(plasma: Plasma, body: Disposition, dose: float, kept: bool, level: Array) -> str:
    low, high = 1e3 * (plasma.low or 0.0), 1e3 * (plasma.high or 0.0)
    window = f"{low:.3g} to {high:.3g} mg/L"
    if kept:
        return f"the typical patient can be kept within {window} throughout"
    mean = 1e3 * float(body.bioavailability * dose / body.clearance) / (plasma.dose_every or 1.0)
    if plasma.doses is None and not low <= mean <= high:
        return (
            f"no release keeps the typical patient within {window}: the dose gives {mean:.3g} mg/L "
            "on average"
        )
    swing = f"{1e3 * level.min():.3g} to {1e3 * level.max():.3g} mg/L"
    return (
        f"no release within one interval keeps the typical patient within {window}: the evenest "
        f"gives {swing}"
    )

"""Fitting an empirical equation to a release curve by least squares from many starts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.curve import ReleaseCurve
from releasesim.empirical.equations import EQUATIONS, Equation, Profile
from releasesim.empirical.goodness import goodness
from releasesim.empirical.result import EquationFit
from releasesim.errors import InputError

Floats = NDArray[np.float64]

_STARTS = 6  # of the best that are followed to their end
_TINY = 1e-12
_LEVEL = 0.975  # of Student's t, two-sided 95 %


class _Data(NamedTuple):
    """Points after time 0: times (n,) [s], percent (n,), roots of the weights (n,)."""

    time: Floats
    percent: Floats
    root: Floats


def fit_equation(
    equation: str | Equation,
    curve: ReleaseCurve,
    *,
    time_unit: float = 60.0,
    weights: ArrayLike | None = None,
    until: float | None = None,
) -> EquationFit:
    """Fit one equation to the points of a curve after time 0.

    Least squares in percent of the dose, by scipy's bounded trust region from the best of a grid
    of starts; parameters in which release is linear are solved for at every start, not guessed.

    Parameters
    ----------
    equation : str or Equation
        A name of `EQUATIONS`.
    curve : ReleaseCurve
        The observations; their means.
    time_unit : float
        Unit of time of the reported parameters [s], 60 for minutes.
    weights : array_like, (m,), optional
        Weights w of the squares at the curve's times (1/sd^2); all 1 without.
    until : float, optional
        Keep only points with this released fraction or less [-], such as 0.6 for a power law.

    Raises
    ------
    InputError
        No such equation, fewer points than parameters, or nothing was released.

    Examples
    --------
    >>> from releasesim.empirical import Weibull
    >>> minutes = np.array([5.0, 10, 20, 30, 45, 60])
    >>> law = Weibull(scale=20 * 60.0, shape=0.8)
    >>> found = fit_equation("weibull", ReleaseCurve(minutes * 60, law.fraction(minutes * 60)))
    >>> {name: round(value, 4) for name, value in found.parameters.items()}
    {'a': 10.9856, 'b': 0.8}
    """
    form = _equation(equation)
    data = _points(curve, weights, until, form)
    scale = _time_scale(data)
    scaled = data._replace(time=data.time / scale)
    best = min(
        (_follow(form, scaled, start) for start in _best_starts(form, scaled)),
        key=lambda values: _misfit(form, scaled, values),
    )
    values: Floats = np.asarray(form.rescaled(best, scale / time_unit), dtype=np.float64)
    return _result(form, data._replace(time=data.time / time_unit), values, time_unit)


def rank_equations(
    curve: ReleaseCurve,
    equations: Sequence[str] | None = None,
    *,
    time_unit: float = 60.0,
    weights: ArrayLike | None = None,
) -> tuple[EquationFit, ...]:
    """Fit all equations that the points can tell to the same points, the best AICc first.

    Equations with as many parameters as points, or one more, have no AICc and are left out.

    Parameters
    ----------
    curve : ReleaseCurve
        The observations.
    equations : sequence of str, optional
        Names of `EQUATIONS`; all without.
    time_unit, weights
        As in `fit_equation`.
    """
    chosen = [_equation(name) for name in (EQUATIONS if equations is None else equations)]
    n = int(np.count_nonzero(curve.time > 0.0))
    known = [e for e in chosen if n > len(e.parameters) + 1]
    found = [fit_equation(e, curve, time_unit=time_unit, weights=weights) for e in known]
    return tuple(sorted(found, key=lambda fit: fit.goodness.aicc))


def _equation(equation: str | Equation) -> Equation:
    if isinstance(equation, Equation):
        return equation
    if equation not in EQUATIONS:
        raise InputError(f"no empirical equation '{equation}'; there are {', '.join(EQUATIONS)}")
    return EQUATIONS[equation]


def _points(
    curve: ReleaseCurve, weights: ArrayLike | None, until: float | None, form: Equation
) -> _Data:
    w = np.ones(curve.time.size) if weights is None else np.asarray(weights, dtype=float)
    if w.shape != curve.time.shape or not (np.all(np.isfinite(w)) and np.all(w > 0.0)):
        raise InputError(f"curve '{curve.name}': weights must be one number above 0 per time")
    kept = (curve.time > 0.0) & (curve.fraction <= (math.inf if until is None else until))
    percent, p = 100.0 * curve.fraction[kept], len(form.parameters)
    if percent.size < p:
        had = f"{percent.size} point{'s' if percent.size != 1 else ''} after time 0"
        limit = "" if until is None else f" up to {100 * until:g} %"
        raise InputError(
            f"curve '{curve.name}' has {had}{limit}: too few for the {p} parameters of {form.title}"
        )
    if percent.max() <= 0.0:
        raise InputError(f"curve '{curve.name}' releases nothing: there is nothing to fit")
    return _Data(curve.time[kept], percent, np.sqrt(w[kept]))


def _time_scale(data: _Data) -> float:
    """Time at which 63.2 % of the largest value is out [s]: starts are in this unit."""
    level = -math.expm1(-1.0) * data.percent.max()
    i = int(np.flatnonzero(data.percent >= level)[0])
    before = (data.time[i - 1], data.percent[i - 1]) if i else (0.0, 0.0)
    share = (level - before[1]) / (data.percent[i] - before[1])
    return max(float(before[0] + share * (data.time[i] - before[0])), 1e-3 * float(data.time[-1]))


# --- starts --------------------------------------------------------------------------------------


def _best_starts(form: Equation, data: _Data) -> list[Floats]:
    """The starts of least misfit, linear parameters solved for; of a lag, the best of each.

    The misfit has a minimum of its own between any two points that a lag may lie between.
    """
    profile = Profile(data.time, data.percent)
    starts = [_completed(form, data, np.asarray(s, float)) for s in form.starts(profile)]
    ordered = sorted(starts, key=lambda values: _misfit(form, data, values))
    if not form.lagged:
        return ordered[:_STARTS]
    return list({float(values[-1]): values for values in reversed(ordered)}.values())


def _completed(form: Equation, data: _Data, start: Floats) -> Floats:
    """Solve for the linear parameters of a start, which come as nan, inside their bounds."""
    unknown = np.flatnonzero(np.isnan(start))
    if unknown.size:
        base = np.where(np.isnan(start), 0.0, start)
        offset = form.released(data.time, base)
        columns = [_moved(form, data.time, base, i) - offset for i in unknown.tolist()]
        A = np.column_stack(columns) * data.root[:, None]
        if not np.all(np.isfinite(A)):
            return np.clip(base, *form.bounds)
        found = np.linalg.lstsq(A, (data.percent - offset) * data.root, rcond=None)[0]
        start = base.copy()
        start[unknown] = found
    return np.clip(start, *form.bounds)


def _moved(form: Equation, time: Floats, base: Floats, i: int) -> Floats:
    values = base.copy()
    values[i] = 1.0
    return form.released(time, values)


# --- least squares -------------------------------------------------------------------------------


def _misfit(form: Equation, data: _Data, values: Floats) -> float:
    residual = _residuals(form, data, values)
    return float(residual @ residual)


def _residuals(form: Equation, data: _Data, values: Floats) -> Floats:
    return np.asarray((form.released(data.time, values) - data.percent) * data.root)


def _follow(form: Equation, data: _Data, start: Floats) -> Floats:
    """Follow a start to its minimum, first with the linear parameters solved for at every step.

    The valley of k t^n, where k and n make up for each other, is straight without k.
    """
    bent = np.array([not p.linear for p in form.parameters])
    if bent.any() and not bent.all():
        start = _projected(form, data, start, bent)
    found = _least_squares(partial(_residuals, form, data), start, *form.bounds)
    return found if _misfit(form, data, found) <= _misfit(form, data, start) else start


def _projected(form: Equation, data: _Data, start: Floats, bent: NDArray[np.bool_]) -> Floats:
    """Minimum over the parameters that bend the curve (Golub and Pereyra 1973)."""

    def whole(values: Floats) -> Floats:
        full = np.full(bent.size, np.nan)
        full[bent] = values
        return _completed(form, data, full)

    lower, upper = form.bounds
    found = _least_squares(
        lambda values: _residuals(form, data, whole(values)), start[bent], lower[bent], upper[bent]
    )
    return whole(found)


def _least_squares(
    residuals: Callable[[Floats], Floats], start: Floats, lower: Floats, upper: Floats
) -> Floats:
    from scipy.optimize import least_squares

    inside = np.clip(start, lower + _TINY, upper - _TINY)
    # a step that overflows is a step that is taken back
    with np.errstate(over="ignore", invalid="ignore"):
        found = least_squares(
            residuals,
            inside,
            bounds=(lower, upper),
            x_scale=np.maximum(np.abs(inside), 0.01),
            ftol=1e-14,
            xtol=1e-14,
            gtol=1e-14,
            max_nfev=400,
        )
    return np.asarray(found.x)


def _result(form: Equation, data: _Data, values: Floats, time_unit: float) -> EquationFit:
    fitted = form.released(data.time, values)
    return EquationFit(
        equation=form,
        values=tuple(float(v) for v in values),
        errors=_errors(form, data, values),
        time_unit=time_unit,
        time=data.time * time_unit,
        observed=data.percent / 100.0,
        fitted=fitted / 100.0,
        goodness=goodness(data.percent, fitted, len(values), data.root**2),
        quantile=_quantile(data.time.size - len(values)),
    )


def _errors(form: Equation, data: _Data, values: Floats) -> tuple[float, ...]:
    """Standard errors, s^2 (J^T J)^-1 over the parameters that no bound holds.

    Infinite where the data do not fix a parameter, nan at a bound or without degrees of freedom.
    """
    error = np.full(values.size, math.nan)
    freedom, free = data.time.size - values.size, np.flatnonzero(~form.at_bound(values))
    if freedom == 0 or free.size == 0:
        return tuple(error.tolist())
    size = np.maximum(np.abs(values[free]), 1e-9)
    slopes = [
        _slope(form, data, values, i, 1e-6 * x) for i, x in zip(free.tolist(), size, strict=True)
    ]
    _, s, right = np.linalg.svd(np.column_stack(slopes) * size, full_matrices=False)
    error[free] = math.inf
    if s[-1] > 1e-9 * s[0]:
        variance = _misfit(form, data, values) / freedom
        error[free] = np.sqrt(variance * ((right / s[:, None]) ** 2).sum(axis=0)) * size
    return tuple(error.tolist())


def _slope(form: Equation, data: _Data, values: Floats, i: int, step: float) -> Floats:
    """Derivative of the residuals by parameter i, central inside its bounds."""
    lower, upper = form.bounds
    ahead, behind = values.copy(), values.copy()
    ahead[i], behind[i] = min(values[i] + step, upper[i]), max(values[i] - step, lower[i])
    difference = _residuals(form, data, ahead) - _residuals(form, data, behind)
    return np.asarray(difference / (ahead[i] - behind[i]))


def _quantile(freedom: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(freedom, _LEVEL)) if freedom > 0 else math.nan

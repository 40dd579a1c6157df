"""Logistic, Gompertz and probit curves, in log t or in t."""

from __future__ import annotations

import math

import numpy as np

from releasesim.empirical.equations.combine import F_MAX, with_plateau
from releasesim.empirical.equations.equation import (
    Equation,
    Floats,
    Parameter,
    Values,
    log10,
)

_UNKNOWN = float("nan")
_MIDDLES = (0.3, 0.7, 1.0, 2.0)  # times of half release to begin from
_ALPHA = Parameter("alpha", "-", lower=-math.inf)
_BETA = Parameter("beta", "-", lower=1e-6, upper=200.0)
_NOT_ZERO = "does not start from 0 at t = 0"


def _bounded(exponent: Floats) -> Floats:
    return np.clip(exponent, -700.0, 700.0)


def _shifted(values: Values, s: float) -> Values:
    """Rescale alpha + beta log t."""
    return (values[0] - values[1] * math.log10(s), values[1])


def _logistic(time: Floats, values: Values) -> Floats:
    alpha, beta = values
    return np.asarray(100.0 / (1.0 + np.exp(_bounded(-alpha - beta * log10(time)))))


_LOGISTIC = Equation(
    "logistic",
    "Logistic 1",
    "F = 100 exp(alpha + beta log t)/(1 + exp(alpha + beta log t))",
    (_ALPHA, _BETA),
    _logistic,
    lambda _: [(-b * math.log10(m), b) for m in _MIDDLES for b in (1.5, 3.0, 6.0, 12.0)],
    _shifted,
)


def _logistic_in_time(time: Floats, values: Values) -> Floats:
    k, gamma, top = values
    return np.asarray(top / (1.0 + np.exp(_bounded(-k * (time - gamma)))))


_LOGISTIC_IN_TIME = Equation(
    "logistic_3",
    "Logistic 3",
    "F = Fmax/(1 + exp(-k (t - gamma)))",
    (Parameter("k", "1/time"), Parameter("gamma", "time", lower=-math.inf), F_MAX),
    _logistic_in_time,
    lambda _: [(k, m, _UNKNOWN) for k in (0.5, 1.0, 3.0, 10.0) for m in _MIDDLES],
    lambda v, s: (v[0] / s, v[1] * s, v[2]),
    _NOT_ZERO,
    from_nothing=False,
)
LOGISTIC = (
    _LOGISTIC,
    with_plateau(_LOGISTIC, "Logistic 2 (Fmax)", "logistic_2"),
    _LOGISTIC_IN_TIME,
)


def _gompertz(time: Floats, values: Values) -> Floats:
    alpha, beta = values
    return np.asarray(100.0 * np.exp(-alpha * np.exp(_bounded(-beta * log10(time)))))


_GOMPERTZ = Equation(
    "gompertz",
    "Gompertz 1",
    "F = 100 exp(-alpha exp(-beta log t))",
    (Parameter("alpha", "-"), _BETA),
    _gompertz,
    lambda _: [
        (math.log(2.0) * math.exp(b * math.log10(m)), b)
        for m in _MIDDLES
        for b in (0.7, 1.5, 3.0, 6.0)
    ],
    lambda v, s: (v[0] * math.exp(v[1] * math.log10(s)), v[1]),
)


def _gompertz_in_time(time: Floats, values: Values) -> Floats:
    k, gamma, top = values
    return np.asarray(top * np.exp(-np.exp(_bounded(-k * (time - gamma)))))


_GOMPERTZ_3 = Equation(
    "gompertz_3",
    "Gompertz 3",
    "F = Fmax exp(-exp(-k (t - gamma)))",
    (Parameter("k", "1/time"), Parameter("gamma", "time", lower=-math.inf), F_MAX),
    _gompertz_in_time,
    lambda _: [(k, m, _UNKNOWN) for k in (0.5, 1.0, 3.0, 10.0) for m in (0.0, 0.3, 0.7, 1.5)],
    lambda v, s: (v[0] / s, v[1] * s, v[2]),
    _NOT_ZERO,
    from_nothing=False,
)


def _gompertz_by_size(time: Floats, values: Values) -> Floats:
    k, beta, top = values
    return np.asarray(top * np.exp(-beta * np.exp(_bounded(-k * time))))


_GOMPERTZ_4 = Equation(
    "gompertz_4",
    "Gompertz 4",
    "F = Fmax exp(-beta exp(-k t))",
    (Parameter("k", "1/time"), Parameter("beta", "-"), F_MAX),
    _gompertz_by_size,
    lambda _: [(k, b, _UNKNOWN) for k in (0.5, 1.0, 3.0, 10.0) for b in (1.0, 2.0, 5.0, 20.0)],
    lambda v, s: (v[0] / s, v[1], v[2]),
    f"{_NOT_ZERO}; the same curve as Gompertz 3 with beta = exp(k gamma)",
    from_nothing=False,
)
GOMPERTZ = (
    _GOMPERTZ,
    with_plateau(_GOMPERTZ, "Gompertz 2 (Fmax)", "gompertz_2"),
    _GOMPERTZ_3,
    _GOMPERTZ_4,
)


def _probit(time: Floats, values: Values) -> Floats:
    from scipy.special import ndtr

    alpha, beta = values
    return np.asarray(100.0 * ndtr(alpha + beta * log10(time)))


_PROBIT = Equation(
    "probit",
    "Probit 1",
    "F = 100 Phi(alpha + beta log t)",
    (_ALPHA, _BETA),
    _probit,
    lambda _: [(-b * math.log10(m), b) for m in _MIDDLES for b in (1.0, 2.0, 4.0, 8.0)],
    _shifted,
)
PROBIT = (_PROBIT, with_plateau(_PROBIT, "Probit 2 (Fmax)", "probit_2"))

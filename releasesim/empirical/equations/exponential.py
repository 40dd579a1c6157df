"""First order and Weibull."""

from __future__ import annotations

import numpy as np

from releasesim.empirical.equations.combine import with_lag, with_plateau
from releasesim.empirical.equations.equation import Equation, Floats, Parameter, Values


def _first(time: Floats, values: Values) -> Floats:
    return np.asarray(-100.0 * np.expm1(-np.minimum(values[0] * time, 700.0)))


_FIRST = Equation(
    "first_order",
    "First order",
    "F = 100 (1 - exp(-k1 t))",
    (Parameter("k1", "1/time"),),
    _first,
    lambda _: [(k,) for k in (0.03, 0.1, 0.3, 1.0, 3.0)],
    lambda v, s: (v[0] / s,),
)
_FIRST_MAX = with_plateau(_FIRST, "First order with Fmax")
FIRST_ORDER = (
    _FIRST,
    with_lag(_FIRST, "First order with Tlag"),
    _FIRST_MAX,
    with_lag(_FIRST_MAX, "First order with Tlag and Fmax"),
)


def _weibull(time: Floats, values: Values) -> Floats:
    a, b = values
    return np.asarray(-100.0 * np.expm1(-np.minimum(time**b / a, 700.0)))


_WEIBULL = Equation(
    "weibull",
    "Weibull 2",
    "F = 100 (1 - exp(-t^b/a))",
    (Parameter("a", "time^b", lower=1e-300), Parameter("b", "-", lower=0.01, upper=20.0)),
    _weibull,
    lambda _: [(td**b, b) for td in (0.5, 1.0, 2.0, 5.0) for b in (0.4, 0.7, 1.0, 1.5, 3.0)],
    lambda v, s: (v[0] * s ** v[1], v[1]),
    "a is Td^b with Td the time of 63.2 %, not Td itself",
)
_WEIBULL_MAX = with_plateau(_WEIBULL, "Weibull 3 (Fmax)")
WEIBULL = (
    with_lag(_WEIBULL, "Weibull 1 (Ti)", "Ti"),
    _WEIBULL,
    _WEIBULL_MAX,
    with_lag(_WEIBULL_MAX, "Weibull 4 (Ti, Fmax)", "Ti"),
)

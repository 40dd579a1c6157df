"""Sums of powers of time: zero order, Higuchi, Korsmeyer-Peppas, Peppas-Sahlin and their like.

None of them knows that a dose ends: they are meant for the first part of a curve and are not cut
off at 100 %, so that a fit beyond their range shows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

import numpy as np

from releasesim.empirical.equations.combine import with_burst, with_lag
from releasesim.empirical.equations.equation import (
    Equation,
    Floats,
    Parameter,
    Profile,
    Values,
)

_UNKNOWN = float("nan")
_EXPONENTS = (0.3, 0.5, 0.75, 1.0, 1.5)
_EARLY = "the first 60 % of release"


def _once(count: int) -> Callable[[Profile], Iterable[Values]]:
    """One start with all `count` parameters linear."""

    def starts(_profile: Profile) -> Iterable[Values]:
        return [(_UNKNOWN,) * count]

    return starts


def _zero(time: Floats, values: Values) -> Floats:
    return values[0] * time


_ZERO = Equation(
    "zero_order",
    "Zero order",
    "F = k0 t",
    (Parameter("k0", "%/time", linear=True),),
    _zero,
    _once(1),
    lambda v, s: (v[0] / s,),
    "until the dose is out",
)
ZERO_ORDER = (
    _ZERO,
    with_lag(_ZERO, "Zero order with Tlag"),
    with_burst(_ZERO, "Zero order with F0"),
)


def _higuchi(time: Floats, values: Values) -> Floats:
    return values[0] * np.sqrt(time)


_HIGUCHI = Equation(
    "higuchi",
    "Higuchi",
    "F = kH t^0.5",
    (Parameter("kH", "%/time^0.5", linear=True),),
    _higuchi,
    _once(1),
    lambda v, s: (v[0] / s**0.5,),
    f"{_EARLY}, from a planar matrix with drug far above its solubility",
)
HIGUCHI = (
    _HIGUCHI,
    with_lag(_HIGUCHI, "Higuchi with Tlag"),
    with_burst(_HIGUCHI, "Higuchi with F0"),
)


def _power(time: Floats, values: Values) -> Floats:
    k, n = values
    return k * time**n


_POWER = Equation(
    "korsmeyer_peppas",
    "Korsmeyer-Peppas",
    "F = kKP t^n",
    (Parameter("kKP", "%/time^n", linear=True), Parameter("n", "-", lower=0.01, upper=10.0)),
    _power,
    lambda _: [(_UNKNOWN, n) for n in _EXPONENTS],
    lambda v, s: (v[0] / s ** v[1], v[1]),
    _EARLY,
)
KORSMEYER_PEPPAS = (
    _POWER,
    with_lag(_POWER, "Korsmeyer-Peppas with Tlag"),
    with_burst(_POWER, "Korsmeyer-Peppas with F0"),
)


def _makoid_banakar(time: Floats, values: Values) -> Floats:
    k, n, c = values
    return k * time**n * np.exp(np.clip(-c * time, -700.0, 700.0))


_MAKOID_BANAKAR = Equation(
    "makoid_banakar",
    "Makoid-Banakar",
    "F = kMB t^n exp(-c t)",
    (
        Parameter("kMB", "%/time^n", linear=True),
        Parameter("n", "-", lower=0.01, upper=10.0),
        Parameter("c", "1/time", lower=-math.inf),
    ),
    _makoid_banakar,
    lambda _: [(_UNKNOWN, n, c) for n in _EXPONENTS for c in (-0.1, 0.0, 0.1, 0.5)],
    lambda v, s: (v[0] / s ** v[1], v[1], v[2] / s),
    "up to t = n/c, where it turns down",
)
MAKOID_BANAKAR = (_MAKOID_BANAKAR, with_lag(_MAKOID_BANAKAR, "Makoid-Banakar with Tlag"))


def _peppas_sahlin(time: Floats, values: Values) -> Floats:
    k1, k2, m = values
    diffusion = time**m
    return k1 * diffusion + k2 * diffusion**2


def _peppas_sahlin_fixed(m: float, name: str, title: str) -> Equation:
    def released(time: Floats, values: Values) -> Floats:
        return _peppas_sahlin(time, (*values, m))

    return Equation(
        name,
        title,
        f"F = k1 t^{m:g} + k2 t^{2 * m:g}",
        (
            Parameter("k1", f"%/time^{m:g}", lower=-math.inf, linear=True),
            Parameter("k2", f"%/time^{2 * m:g}", lower=-math.inf, linear=True),
        ),
        released,
        _once(2),
        lambda v, s: (v[0] / s**m, v[1] / s ** (2.0 * m)),
        f"{_EARLY}: k1 for Fickian diffusion, k2 for relaxation",
    )


_PEPPAS_SAHLIN = Equation(
    "peppas_sahlin",
    "Peppas-Sahlin 1",
    "F = k1 t^m + k2 t^(2m)",
    (
        Parameter("k1", "%/time^m", lower=-math.inf, linear=True),
        Parameter("k2", "%/time^2m", lower=-math.inf, linear=True),
        Parameter("m", "-", lower=0.01, upper=5.0),
    ),
    _peppas_sahlin,
    lambda _: [(_UNKNOWN, _UNKNOWN, m) for m in (0.03, 0.1, 0.3, 0.5, 0.7, 1.0, 1.5)],
    lambda v, s: (v[0] / s ** v[2], v[1] / s ** (2.0 * v[2]), v[2]),
    f"{_EARLY}: k1 for Fickian diffusion, k2 for relaxation",
)
_PEPPAS_SAHLIN_SLAB = _peppas_sahlin_fixed(0.5, "peppas_sahlin_0_5", "Peppas-Sahlin 2 (m = 0.5)")
_PEPPAS_SAHLIN_CYLINDER = _peppas_sahlin_fixed(
    0.45, "peppas_sahlin_0_45", "Peppas-Sahlin with m = 0.45 of a cylinder"
)
PEPPAS_SAHLIN = (
    _PEPPAS_SAHLIN,
    with_lag(_PEPPAS_SAHLIN, "Peppas-Sahlin 1 with Tlag"),
    _PEPPAS_SAHLIN_SLAB,
    with_lag(_PEPPAS_SAHLIN_SLAB, "Peppas-Sahlin 2 (m = 0.5) with Tlag"),
    _PEPPAS_SAHLIN_CYLINDER,
    with_lag(_PEPPAS_SAHLIN_CYLINDER, "Peppas-Sahlin with m = 0.45 and Tlag"),
)


def _quadratic(time: Floats, values: Values) -> Floats:
    k1, k2 = values
    return 100.0 * (k1 * time**2 + k2 * time)


_QUADRATIC = Equation(
    "quadratic",
    "Quadratic",
    "F = 100 (k1 t^2 + k2 t)",
    (
        Parameter("k1", "1/time^2", lower=-math.inf, linear=True),
        Parameter("k2", "1/time", lower=-math.inf, linear=True),
    ),
    _quadratic,
    _once(2),
    lambda v, s: (v[0] / s**2, v[1] / s),
    "up to t = -k2/(2 k1), where it turns down",
)
QUADRATIC = (_QUADRATIC, with_lag(_QUADRATIC, "Quadratic with Tlag"))

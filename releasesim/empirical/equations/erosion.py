"""Bodies that shrink, Hixson-Crowell and Hopfenberg, and Higuchi's law for a sphere.

Their dose ends: past the last of the body they stay at 100 %.
"""

from __future__ import annotations

import numpy as np

from releasesim.empirical.equations.combine import with_lag
from releasesim.empirical.equations.equation import Equation, Floats, Parameter, Values
from releasesim.empirical.named import BakerLonsdale1974

_RATES = (0.03, 0.1, 0.2, 0.3, 0.5, 1.0)


def _hopfenberg(time: Floats, values: Values) -> Floats:
    k, n = values
    return 100.0 * (1.0 - np.maximum(1.0 - k * time, 0.0) ** n)


def _hixson_crowell(time: Floats, values: Values) -> Floats:
    return _hopfenberg(time, (values[0], 3.0))


_HIXSON_CROWELL = Equation(
    "hixson_crowell",
    "Hixson-Crowell",
    "F = 100 (1 - (1 - kHC t)^3)",
    (Parameter("kHC", "1/time"),),
    _hixson_crowell,
    lambda _: [(k,) for k in _RATES],
    lambda v, s: (v[0] / s,),
    "a body that shrinks evenly and keeps its shape, until t = 1/kHC",
)
HIXSON_CROWELL = (_HIXSON_CROWELL, with_lag(_HIXSON_CROWELL, "Hixson-Crowell with Tlag"))

_HOPFENBERG = Equation(
    "hopfenberg",
    "Hopfenberg",
    "F = 100 (1 - (1 - kHB t)^n)",
    (Parameter("kHB", "1/time"), Parameter("n", "-", lower=0.2, upper=20.0)),
    _hopfenberg,
    lambda _: [(k, n) for k in _RATES for n in (1.0, 2.0, 3.0)],
    lambda v, s: (v[0] / s, v[1]),
    "surface erosion of a slab (n = 1), cylinder (2) or sphere (3), until t = 1/kHB",
)
HOPFENBERG = (_HOPFENBERG, with_lag(_HOPFENBERG, "Hopfenberg with Tlag"))


def _baker_lonsdale(time: Floats, values: Values) -> Floats:
    if values[0] <= 0.0:
        return np.zeros_like(time)
    return 100.0 * BakerLonsdale1974(rate=float(values[0])).fraction(time)


_BAKER_LONSDALE = Equation(
    "baker_lonsdale",
    "Baker-Lonsdale",
    "1.5 (1 - (1 - F/100)^(2/3)) - F/100 = kBL t",
    (Parameter("kBL", "1/time"),),
    _baker_lonsdale,
    lambda _: [(k,) for k in (0.01, 0.03, 0.1, 0.2)],
    lambda v, s: (v[0] / s,),
    "a sphere with drug far above its solubility, until t = 1/(2 kBL)",
)
BAKER_LONSDALE = (_BAKER_LONSDALE, with_lag(_BAKER_LONSDALE, "Baker-Lonsdale with Tlag"))

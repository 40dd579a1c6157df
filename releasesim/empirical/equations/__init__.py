"""The empirical equations of dissolution testing, named as formulators know them."""

from __future__ import annotations

from releasesim.empirical.equations.combine import Combination
from releasesim.empirical.equations.equation import Equation, Parameter, Profile
from releasesim.empirical.equations.erosion import BAKER_LONSDALE, HIXSON_CROWELL, HOPFENBERG
from releasesim.empirical.equations.exponential import FIRST_ORDER, WEIBULL
from releasesim.empirical.equations.power import (
    HIGUCHI,
    KORSMEYER_PEPPAS,
    MAKOID_BANAKAR,
    PEPPAS_SAHLIN,
    QUADRATIC,
    ZERO_ORDER,
)
from releasesim.empirical.equations.sigmoid import GOMPERTZ, LOGISTIC, PROBIT

_FAMILIES: tuple[tuple[Equation, ...], ...] = (
    ZERO_ORDER,
    FIRST_ORDER,
    HIGUCHI,
    KORSMEYER_PEPPAS,
    HIXSON_CROWELL,
    HOPFENBERG,
    BAKER_LONSDALE,
    MAKOID_BANAKAR,
    PEPPAS_SAHLIN,
    QUADRATIC,
    WEIBULL,
    LOGISTIC,
    GOMPERTZ,
    PROBIT,
)

#: Every equation by name, in the order of DDSolver's library.
EQUATIONS: dict[str, Equation] = {e.name: e for family in _FAMILIES for e in family}

__all__ = ["EQUATIONS", "Combination", "Equation", "Parameter", "Profile"]

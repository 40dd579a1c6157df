"""What the fit of an empirical equation found, and how it shows itself."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.empirical.equations import Equation
from releasesim.empirical.goodness import Goodness

Floats = NDArray[np.float64]

_UNIT_NAMES = {1.0: "s", 60.0: "min", 3600.0: "h", 86400.0: "d"}
_NOTHING = 1e-12
"""A value below this at its bound is the bound, which is 0."""
_POWER_LIMIT = 0.6


@dataclass(frozen=True, eq=False)
class EquationFit:
    """An empirical equation with fitted parameters.

    Parameters
    ----------
    equation : Equation
        Which one.
    values, errors : tuple of float, (p,)
        Parameters and their standard errors, in percent and `time_unit`; an error is infinite
        where the points do not fix the parameter, nan at a bound or without degrees of freedom.
    time_unit : float
        Unit of time of the values [s].
    time, observed, fitted : ndarray, (n,)
        The points [s], [-], and the equation there [-].
    goodness : Goodness
        AIC and its kin, in percent.
    quantile : float
        Student's t for 95 % intervals.
    """

    equation: Equation
    values: tuple[float, ...]
    errors: tuple[float, ...]
    time_unit: float
    time: Floats
    observed: Floats
    fitted: Floats
    goodness: Goodness
    quantile: float

    @property
    def parameters(self) -> dict[str, float]:
        """Values by name."""
        return dict(zip(self.equation.names, self.values, strict=True))

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """95 % intervals by name, symmetric about the value."""
        reach = [self.quantile * error for error in self.errors]
        pairs = [(v - r, v + r) for v, r in zip(self.values, reach, strict=True)]
        return dict(zip(self.equation.names, pairs, strict=True))

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know before trusting the parameters."""
        found = []
        if "60 %" in self.equation.validity and self.observed.max() > _POWER_LIMIT:
            found.append("fitted beyond 60 % released, where a power law means nothing")
        if self.fitted.max() > 1.0 + 1e-9:
            found.append(f"runs to {100 * self.fitted.max():.4g} % inside the data")
        for name, held in zip(self.parameters, self.equation.at_bound(self.values), strict=True):
            if held:
                value = self.parameters[name]
                bound = 0.0 if abs(value) < _NOTHING else value
                found.append(f"{name} lies at its bound, {bound:.4g}")
        if any(math.isinf(error) for error in self.errors):
            found.append("the points do not fix all parameters")
        return tuple(found)

    def fraction(self, time: ArrayLike) -> Floats:
        """Released fraction at `time` [s], (k,) [-]."""
        return self.equation.fraction(np.asarray(time, dtype=float) / self.time_unit, self.values)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is not known is None."""
        units = {p.name: self._unit(p.unit) for p in self.equation.parameters}
        return {
            "equation": self.equation.name,
            "title": self.equation.title,
            "formula": self.equation.formula,
            "time_unit_s": self.time_unit,
            "parameters": {
                name: {"value": value, "error": _known(error), "unit": units[name]}
                for (name, value), error in zip(self.parameters.items(), self.errors, strict=True)
            },
            "goodness": self.goodness.to_dict(),
            "notes": list(self.notes),
        }

    def _unit(self, unit: str) -> str:
        return unit.replace("time", _UNIT_NAMES.get(self.time_unit, f"({self.time_unit:g} s)"))

    def __repr__(self) -> str:
        g = self.goodness
        head = f"{self.equation.title}: {self.equation.formula}"
        lines = [
            f"  {p.name}: {value:.5g} +- {error:.2g} {self._unit(p.unit)}"
            for p, value, error in zip(
                self.equation.parameters, self.values, self.errors, strict=True
            )
        ]
        lines += [f"  AICc {g.aicc:.2f}, R2adj {g.r2_adjusted:.4f}, RMSE {g.rmse:.2f} %, n {g.n}"]
        return "\n".join([head, *lines, *(f"  note: {note}" for note in self.notes)])


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None

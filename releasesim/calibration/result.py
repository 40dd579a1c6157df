"""What a fit found, and how it shows itself."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.similarity import Comparison
from releasesim.study import Study
from releasesim.units import format_quantity

Array = NDArray[np.float64]

_SHOWN = {"m/s": "mm/h", "m": "mm", "s": "h"}
"""Units that read better than SI."""


@dataclass(frozen=True)
class Estimate:
    """One fitted parameter.

    Parameters
    ----------
    name : str
        Dotted name.
    value : float
        In SI.
    standard_error : float
        In SI, by the delta method from the logarithm; infinite where the curve does not tell,
        nan where no degree of freedom is left.
    low, high : float
        Ends of the 95 % interval, symmetric in the logarithm, in SI.
    unit : str
        SI unit; "1" for a ratio.
    start : float
        Value that the search began with.
    """

    name: str
    value: float
    standard_error: float
    low: float
    high: float
    unit: str
    start: float

    @property
    def relative_error(self) -> float:
        """Standard error over value [-]."""
        return self.standard_error / self.value

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI; what is not known is None."""
        return {
            "value": self.value,
            "standard_error": _known(self.standard_error),
            "low": _known(self.low),
            "high": _known(self.high),
            "unit": self.unit,
            "start": self.start,
        }

    def describe(self) -> str:
        """Value, error and interval in words."""
        unit = _SHOWN.get(self.unit, self.unit)
        if self.name.startswith("film."):
            unit = self.unit  # transfer coefficients are quoted in m/s
        value = format_quantity(self.value, unit)
        if math.isnan(self.standard_error):
            return f"{value}, no standard error: no degree of freedom is left"
        if not math.isfinite(self.standard_error) or self.high > 1e12 * self.value:
            return f"{value}, not determined by this curve"
        low, high = format_quantity(self.low, unit), format_quantity(self.high, unit)
        relative = f"{100.0 * self.relative_error:.2g} %"
        return f"{value}, standard error {relative}, 95 % interval {low} to {high}"


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """Parameters estimated from one measured curve, and how sure they are.

    Parameters
    ----------
    estimates : mapping of str to Estimate
        By dotted name, in the order of `vary`.
    correlation : (p, p) ndarray
        Of the estimates' logarithms, in that order; nan where one is not determined.
    points : int
        Observations after time 0.
    rmse : float
        sqrt(sum r^2/(n - p)) of the released fraction [-].
    r2_adjusted : float
        1 - (1 - R2)(n - 1)/(n - p), weighted as the fit [-].
    aic : float
        n ln(WSS) + 2 p: compare only on the same points and weights.
    comparison : Comparison
        Of the fitted curve with the data.
    evaluations : int
        Of the release curve.
    weighting : str
        How observations were weighted, and what was done with s^2.
    notes : tuple of str
        What the data cannot tell, and what else a reader must know.
    data : ReleaseCurve
        The observations.
    curve : ReleaseCurve
        Of the study with the estimates, at its own times and those observed.
    study : Study
        With the estimates put in.
    """

    estimates: Mapping[str, Estimate]
    correlation: Array
    points: int
    rmse: float
    r2_adjusted: float
    aic: float
    comparison: Comparison
    evaluations: int
    weighting: str
    notes: tuple[str, ...]
    data: ReleaseCurve
    curve: ReleaseCurve
    study: Study

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    @property
    def f2(self) -> float:
        """Similarity factor of the fitted curve, 0 to 100; nan where it may not be given."""
        return self.comparison.f2

    @property
    def degrees_of_freedom(self) -> int:
        """Points less parameters."""
        return self.points - len(self.estimates)

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON; what is not known is None."""
        return {
            "data": self.data.name,
            "estimates": {name: one.to_dict() for name, one in self.estimates.items()},
            "correlation": [[_known(x) for x in row] for row in self.correlation.tolist()],
            "points": self.points,
            "degrees_of_freedom": self.degrees_of_freedom,
            "rmse": _known(self.rmse),
            "r2_adjusted": _known(self.r2_adjusted),
            "aic": self.aic,
            "f2": _known(self.f2),
            "comparison": self.comparison.to_dict(),
            "evaluations": self.evaluations,
            "weighting": self.weighting,
            "notes": list(self.notes),
            "curve": {
                "time_s": self.curve.time.tolist(),
                "released_fraction": self.curve.fraction.tolist(),
            },
            "study_hash": self.study.hash,
        }

    def __repr__(self) -> str:
        return "\n".join([self._title(), *(f"  {key}: {value}" for key, value in self._rows())])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{html.escape(key)}</th>"
            f"<td style='text-align:left'>{html.escape(value)}</td></tr>"
            for key, value in self._rows()
        )
        return f"<p>{html.escape(self._title())}</p><table>{rows}</table>"

    def _title(self) -> str:
        return f"Fit of {', '.join(self.estimates)} to {self.data.name!r}, {self.points} points"

    def _rows(self) -> list[tuple[str, str]]:
        rows = [(name, one.describe()) for name, one in self.estimates.items()]
        if len(rows) == 2 and math.isfinite(self.correlation[0, 1]):
            rows.append(("correlation", f"{self.correlation[0, 1]:.3f}"))
        if self.degrees_of_freedom:
            rows.append(("RMSE", f"{100.0 * self.rmse:.2g} %, n - p = {self.degrees_of_freedom}"))
            rows.append(("adjusted R2", f"{self.r2_adjusted:.4f}"))
        rows.append(("AIC", f"{self.aic:.1f}, on these points and weights"))
        given = f"{self.f2:.1f}" if math.isfinite(self.f2) else self.comparison.reason
        rows += [("f2", given), ("weights", self.weighting)]
        return rows + [("note", note) for note in self.notes]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None

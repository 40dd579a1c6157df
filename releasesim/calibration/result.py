"""What a fit found, and how it shows itself."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.next_experiment import NextExperiments
from releasesim.calibration.posterior import Posterior
from releasesim.calibration.summary import Summary
from releasesim.curve import ReleaseCurve
from releasesim.similarity import Comparison
from releasesim.study import Study
from releasesim.units import format_quantity
from releasesim.version import __version__

Array = NDArray[np.float64]

_SHOWN = {"m/s": "mm/h", "m": "mm", "s": "h"}
"""Units that read better than SI."""
WIDE = 100.0
"""Ratio of the ends of an interval from which on a parameter is not determined."""
_ENDLESS = 1e12


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
        Ends of the 95 % interval, in SI; 0 or infinite where the data bound it on one side only.
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
    interval: str = "wald"
    """How the interval was found: profile or wald."""
    boot_low: float = math.nan
    boot_high: float = math.nan
    """Ends of the 95 % interval over resampled vessels; nan without a bootstrap."""

    @property
    def determined(self) -> bool:
        """Whether the interval is closed and spans less than a factor of 100."""
        return self.low > 0.0 and self.high < WIDE * self.low

    @property
    def shown_unit(self) -> str:
        """Unit that reads best; transfer coefficients are quoted in m/s."""
        return self.unit if self.name.startswith("film.") else _SHOWN.get(self.unit, self.unit)

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
            "interval": self.interval,
            "determined": self.determined,
            "bootstrap_low": _known(self.boot_low),
            "bootstrap_high": _known(self.boot_high),
        }

    def describe(self) -> str:
        """Value, error and interval in words."""
        unit = self.shown_unit
        value = format_quantity(self.value, unit)
        if math.isnan(self.standard_error):
            return f"{value}, no standard error: no degree of freedom is left"
        low, high = format_quantity(self.low, unit), format_quantity(self.high, unit)
        far = self.high > _ENDLESS * self.value
        if far and self.low < self.value / _ENDLESS:
            return f"{value}, not determined by these data"
        if far:
            return f"at least {low} (95 %), best {value}: these data set no upper bound"
        if self.low < self.value / _ENDLESS:
            return f"at most {high} (95 %), best {value}: these data set no lower bound"
        relative = f"{100.0 * self.relative_error:.2g} %"
        said = f"{value}, standard error {relative}, 95 % interval {low} to {high}"
        if math.isfinite(self.boot_low):
            ends = (format_quantity(self.boot_low, unit), format_quantity(self.boot_high, unit))
            said += f", over vessels {ends[0]} to {ends[1]}"
        return said


@dataclass(frozen=True, eq=False)
class FittedExperiment:
    """One experiment of a fit.

    Parameters
    ----------
    study : Study
        With the estimates put in.
    data : ReleaseCurve or Summary
        The observations.
    curve : ReleaseCurve
        Of the study, at its own times and those observed.
    comparison : Comparison, optional
        Of the curve with the data; None where the data are a summary.
    rmse : float
        Root mean square of its unweighted residuals [-].
    """

    study: Study
    data: ReleaseCurve | Summary
    curve: ReleaseCurve
    comparison: Comparison | None
    rmse: float

    @property
    def name(self) -> str:
        """What its data are called."""
        return self.data.name

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON; what is not known is None."""
        return {
            "data": self.name,
            "rmse": _known(self.rmse),
            "f2": None if self.comparison is None else _known(self.comparison.f2),
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
            "curve": {
                "time_s": self.curve.time.tolist(),
                "released_fraction": self.curve.fraction.tolist(),
            },
            "study_hash": self.study.hash,
        }


@dataclass(frozen=True, eq=False, repr=False)
class Fit:
    """Parameters estimated from measured release, and how sure they are.

    Parameters
    ----------
    estimates : mapping of str to Estimate
        By dotted name, in the order of `vary`.
    covariance : (p, p) ndarray
        Of the estimates' logarithms, in that order; infinite or nan where one is not determined.
    correlation : (p, p) ndarray
        Of the estimates' logarithms; nan where one is not determined.
    points : int
        Observations after time 0, of all experiments.
    rmse : float
        sqrt(sum r^2/(n - p)) of the released fraction [-].
    r2_adjusted : float
        1 - (1 - R2)(n - 1)/(n - p), weighted as the fit [-].
    aic : float
        n ln(WSS) + 2 p: compare only on the same points and weights.
    wss : float
        Weighted sum of squares of the residuals, WSS [-].
    evaluations : int
        Of the release curve.
    weighting : str
        How observations were weighted, and what was done with s^2.
    scale : float
        s, the standard deviation of a residual of weight 1 [-].
    verdict : str
        What the data fix and what they leave open.
    notes : tuple of str
        What else a reader must know.
    experiments : tuple of FittedExperiment
        In the order of the data.
    next : NextExperiments, optional
        What to measure next, best first.
    posterior : Posterior, optional
        Samples of the parameters, where they were asked for.
    """

    estimates: Mapping[str, Estimate]
    covariance: Array
    correlation: Array
    points: int
    rmse: float
    r2_adjusted: float
    aic: float
    wss: float
    evaluations: int
    weighting: str
    scale: float
    verdict: str
    notes: tuple[str, ...]
    experiments: tuple[FittedExperiment, ...]
    next: NextExperiments | None = None
    posterior: Posterior | None = None

    def __getitem__(self, name: str) -> Estimate:
        return self.estimates[name]

    @property
    def study(self) -> Study:
        """The first experiment's study, with the estimates put in."""
        return self.experiments[0].study

    @property
    def data(self) -> ReleaseCurve | Summary:
        """The first experiment's observations."""
        return self.experiments[0].data

    @property
    def curve(self) -> ReleaseCurve:
        """The first experiment's fitted curve."""
        return self.experiments[0].curve

    @property
    def comparison(self) -> Comparison | None:
        """The first experiment's comparison of fitted curve and data."""
        return self.experiments[0].comparison

    @property
    def f2(self) -> float:
        """Similarity factor of the first fitted curve, 0 to 100; nan where it may not be given."""
        return math.nan if self.comparison is None else self.comparison.f2

    @property
    def degrees_of_freedom(self) -> int:
        """Points less parameters."""
        return self.points - len(self.estimates)

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON; what is not known is None."""
        return {
            **self.experiments[0].to_dict(),
            "estimates": {name: one.to_dict() for name, one in self.estimates.items()},
            "covariance_of_logarithms": _matrix(self.covariance),
            "correlation": _matrix(self.correlation),
            "points": self.points,
            "degrees_of_freedom": self.degrees_of_freedom,
            "rmse": _known(self.rmse),
            "r2_adjusted": _known(self.r2_adjusted),
            "aic": self.aic,
            "evaluations": self.evaluations,
            "weighting": self.weighting,
            "verdict": self.verdict,
            "notes": list(self.notes),
            "experiments": [one.to_dict() for one in self.experiments],
            "posterior": None if self.posterior is None else self.posterior.to_dict(),
            "next_experiments": [] if self.next is None else self.next.to_list(),
            "version": __version__,
            "cards": self.study.cards,
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
        whose = ", ".join(repr(one.name) for one in self.experiments)
        return f"Fit of {', '.join(self.estimates)} to {whose}, {self.points} points"

    def _rows(self) -> list[tuple[str, str]]:
        rows = [(name, one.describe()) for name, one in self.estimates.items()]
        if self.posterior is not None:
            rows += self.posterior.rows([one.shown_unit for one in self.estimates.values()])
        names = list(self.estimates)
        for i, j in itertools.combinations(range(len(names)), 2):
            if math.isfinite(self.correlation[i, j]):
                pair = "" if len(names) == 2 else f" {names[i]}, {names[j]}"
                rows.append((f"correlation{pair}", f"{self.correlation[i, j]:.3f}"))
        if self.degrees_of_freedom:
            rows.append(("RMSE", f"{100.0 * self.rmse:.2g} %, n - p = {self.degrees_of_freedom}"))
            rows.append(("adjusted R2", f"{self.r2_adjusted:.4f}"))
        rows.append(("AIC", f"{self.aic:.1f}, on these points and weights"))
        rows += [self._similarity(one) for one in self.experiments]
        rows += [("weights", self.weighting), ("verdict", self.verdict)]
        rows += [] if self.next is None else [("next", self.next.describe())]
        return rows + [("note", note) for note in self.notes]

    def _similarity(self, one: FittedExperiment) -> tuple[str, str]:
        several = len(self.experiments) > 1
        key, more = (
            (f"f2 {one.name}", f", RMSE {100.0 * one.rmse:.2g} %") if several else ("f2", "")
        )
        if one.comparison is None:
            return key, f"none: the data are a summary{more}"
        f2 = one.comparison.f2
        return key, (f"{f2:.1f}" if math.isfinite(f2) else one.comparison.reason) + more


def _matrix(values: Array) -> list[list[float | None]]:
    return [[_known(x) for x in row] for row in values.tolist()]


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None

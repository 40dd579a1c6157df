"""The verb `fit`: physics parameters by bounded least squares on a measured release curve."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration import notes
from releasesim.calibration.model import Model, model_of
from releasesim.calibration.parameters import Parameter, free_parameters
from releasesim.calibration.points import Points, points_of
from releasesim.calibration.result import Estimate, Fit
from releasesim.calibration.statistics import Uncertainty, quality, uncertainty
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError, ReleaseSimError
from releasesim.similarity import compare
from releasesim.study import Study, refuse_several
from releasesim.units import format_quantity

Array = NDArray[np.float64]

_POOR = 0.03
"""Root mean square misfit beyond which other starts are tried, and the reader is told [-]."""
_FLAT = 1e-5
"""A curve that moves less than this over decades of a parameter does not depend on it [-]."""
_DECADE = float(np.log(10.0))
_MOST_EVALUATIONS = 60
_SECOND_STARTS = 2


def fit(study: Study, data: ReleaseCurve, *, vary: Sequence[str]) -> Fit:
    """Estimate parameters of a study from one measured curve.

    Weighted least squares of the simulated on the observed mean fractions at the observed times,
    in the logarithms of the parameters. Weights are 1/sd of the mean, sd/sqrt(n), where every
    observation has a standard deviation above 0; otherwise all points weigh the same. Standard
    errors come from s^2 (J^T J)^-1 with s^2 = WSS/(n - p), in weighted fits too.

    Parameters
    ----------
    study : Study
        Its own values are the start; a good grid for fits is a fixed `run.spacing`.
    data : ReleaseCurve
        Observations; time 0 does not count.
    vary : sequence of str
        Dotted names, such as "diffusion.D", "film.k", "erosion.speed".

    Returns
    -------
    Fit
        Estimates with 95 % intervals, their correlation, and what the data cannot tell.

    Raises
    ------
    InputError
        Unknown names, fewer points than parameters, a parameter that does not move the curve.
    UnsupportedLawError
        For laws that cannot be combined, or that lack what they need, by name.

    Examples
    --------
    >>> study = Study.from_dict({
    ...     "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
    ...     "formulation": {"concentration": "100 mg/mL"},
    ...     "physics": {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
    ... })
    >>> data = ReleaseCurve([3600, 7200, 14400, 21600], [0.33, 0.57, 0.88, 0.98])
    >>> fit(study, data, vary=["erosion.speed"])["erosion.speed"].describe()
    '0.4974 mm/h, standard error 0.88 %, 95 % interval 0.4836 mm/h to 0.5116 mm/h'
    """
    refuse_several(study, "fit")
    parameters = free_parameters(study, vary)
    points = points_of(data, len(parameters))
    names = [parameter.name for parameter in parameters]
    search = _Search(model_of(study, names, points.time), parameters, points)
    return _result(search, search.best(), data)


@dataclass(eq=False)
class _Search:
    """Least squares in x, the logarithms of the parameters over their start values."""

    model: Model
    parameters: Sequence[Parameter]
    points: Points
    stopped: bool = False
    seen: dict[bytes, Array] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.start = np.array([p.start for p in self.parameters])
        self.low = np.log([p.low for p in self.parameters] / self.start)
        self.high = np.log([p.high for p in self.parameters] / self.start)

    # --- the problem -----------------------------------------------------------------------

    def values(self, x: Array) -> Array:
        """Parameters in SI, never beyond their bounds by rounding."""
        low = np.array([p.low for p in self.parameters])
        high = np.array([p.high for p in self.parameters])
        return np.asarray(np.clip(self.start * np.exp(x), low, high))

    def fitted(self, x: Array) -> Array:
        """Return the simulated fraction at the observed times, (n,)."""
        key = x.tobytes()
        if key not in self.seen:
            self.seen[key] = self.model.fraction(self.values(x), self.points.time)
        return self.seen[key]

    def residuals(self, x: Array) -> Array:
        """Weighted, (n,)."""
        return (self.fitted(x) - self.points.fraction) * self.points.weight

    def jacobian(self, x: Array, back: float = 0.0) -> Array:
        """Of the weighted residuals by differences, (n, p).

        From `back` steps behind `x` to one step ahead, or to a bound: 1 makes them central.
        """
        columns = []
        for i in range(x.size):
            ahead = min(x[i] + self.model.step, self.high[i])
            behind = max(x[i] - back * self.model.step, self.low[i])
            if ahead - behind < 0.5 * self.model.step:
                behind = ahead - self.model.step
            gap = self.residuals(_with(x, i, ahead)) - self.residuals(_with(x, i, behind))
            columns.append(gap / (ahead - behind))
        return np.stack(columns, axis=1)

    def misfit(self, x: Array) -> float:
        """Root mean square of the unweighted residuals [-]."""
        return float(np.sqrt(np.mean((self.fitted(x) - self.points.fraction) ** 2)))

    # --- the search ------------------------------------------------------------------------

    def best(self) -> Array:
        """Logarithms of the best parameters over their start values."""
        self._refuse_idle()
        found = self._from(np.zeros(self.start.size))
        if self.misfit(found) > _POOR:
            others = sorted(self._other_starts(), key=self._cost)[:_SECOND_STARTS]
            found = min([found, *map(self._from, others)], key=self._cost)
        return found

    def _from(self, x: Array) -> Array:
        from scipy.optimize import least_squares

        solution = least_squares(
            self.residuals,
            np.clip(x, self.low + 1e-6, self.high - 1e-6),
            jac=self.jacobian,
            bounds=(self.low, self.high),
            method="trf",
            ftol=self.model.precision,
            xtol=self.model.precision,
            gtol=1e-12,
            max_nfev=_MOST_EVALUATIONS,
        )
        self.stopped = solution.status == 0
        return np.asarray(solution.x)

    def _cost(self, x: Array) -> float:
        residuals = self._tried(x)
        return float("inf") if residuals is None else float(residuals @ residuals)

    def _tried(self, x: Array) -> Array | None:
        """Residuals; None where this far from the start the engine gives up."""
        try:
            return self.residuals(x)
        except ReleaseSimError:
            return None

    def _other_starts(self) -> Iterator[Array]:
        """Go a decade either side of the start; where curves cost nothing, the whole range."""
        if self.model.cheap:
            yield from np.linspace(self.low, self.high, 41)
            return
        p = self.start.size
        offsets: Iterator[tuple[float, ...]] = itertools.product((-1.0, 0.0, 1.0), repeat=p)
        if p > 2:  # one at a time: all corners would be too many
            offsets = (tuple(s * row) for row in np.eye(p) for s in (-1.0, 1.0))
        for offset in offsets:
            if any(offset):
                yield np.clip(np.array(offset) * _DECADE, self.low, self.high)

    def _refuse_idle(self) -> None:
        """Refuse a parameter that nowhere moves the curve."""
        reaches = (self.model.step, _DECADE, -_DECADE, np.inf, -np.inf)
        for i, parameter in enumerate(self.parameters):
            if not any(self._moves(i, reach) for reach in reaches):
                raise InputError(self._why_idle(parameter))

    def _why_idle(self, parameter: Parameter) -> str:
        here = self.fitted(np.zeros(self.start.size))
        words = f"the curve does not depend on {parameter.name}"
        if here.min() > 1.0 - _FLAT:
            start = format_quantity(parameter.start, parameter.unit)
            return f"{words} about {start}: all drug is out before the first observation there"
        return f"{words}: leave it out of vary"

    def _moves(self, i: int, reach: float) -> bool:
        start = np.zeros(self.start.size)
        end = float(np.clip(reach, self.low[i], self.high[i]))
        residuals = self._tried(_with(start, i, end))
        if residuals is None:
            return False
        gap = (residuals - self.residuals(start)) / self.points.weight
        return bool(np.abs(gap).max() > _FLAT)


def _with(x: Array, i: int, value: float) -> Array:
    changed = x.copy()
    changed[i] = value
    return changed


def _result(search: _Search, x: Array, data: ReleaseCurve) -> Fit:
    points, parameters, model = search.points, search.parameters, search.model
    values = search.values(x)
    sure = uncertainty(search.jacobian(x, back=1.0), points.weight, search.residuals(x))
    estimates = _estimates(parameters, values, sure)
    good = quality(points.fraction, search.fitted(x), points.weight, len(parameters))
    curve = _curve(model, values, points)
    said = [
        *points.notes,
        *notes.about_estimates(parameters, estimates, sure.correlation),
        *notes.about_fit(points, search.fitted(x), search.misfit(x) > _POOR, search.stopped),
    ]
    return Fit(
        estimates={estimate.name: estimate for estimate in estimates},
        correlation=sure.correlation,
        points=points.time.size,
        rmse=good.rmse,
        r2_adjusted=good.r2_adjusted,
        aic=good.aic,
        comparison=compare(data, curve),
        evaluations=model.evaluations,
        weighting=points.weighting(good.chi_square),
        notes=tuple(said),
        data=data,
        curve=curve,
        study=model.with_values(values),
    )


def _estimates(parameters: Sequence[Parameter], values: Array, sure: Uncertainty) -> list[Estimate]:
    low, high = sure.interval(values)
    return [
        Estimate(
            name=p.name,
            value=float(values[i]),
            standard_error=float(values[i] * sure.log_error[i]),
            low=float(low[i]),
            high=float(high[i]),
            unit=p.unit,
            start=p.start,
        )
        for i, p in enumerate(parameters)
    ]


def _curve(model: Model, values: Array, points: Points) -> ReleaseCurve:
    """Return the fitted curve at the study's own times and at those observed."""
    times = np.union1d(model.study.run.output_times(), points.time)
    released = np.zeros(times.size)
    after = times > 0.0
    released[after] = np.maximum(model.fraction(values, times[after]), 0.0)
    name = model.study.title or "fitted"
    return ReleaseCurve(times, released, name=name, simulated=True)

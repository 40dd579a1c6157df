"""The least-squares problem of a fit: residuals and their Jacobian in logarithms of parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.experiment import Experiment
from releasesim.calibration.model import Model
from releasesim.calibration.parameters import Parameter
from releasesim.calibration.points import Points, refuse_few
from releasesim.calibration.shapes import ShapedCurve, model_of
from releasesim.errors import ReleaseSimError
from releasesim.study import Study

Array = NDArray[np.float64]

_REMEMBERED = 4096


@dataclass(frozen=True, eq=False)
class Part:
    """One experiment as the problem sees it.

    Parameters
    ----------
    model : Model
    points : Points
    columns : (q,) ndarray of int
        Places of its model's parameters among all.
    """

    model: Model
    points: Points
    columns: NDArray[np.intp]

    def fitted(self, values: Array) -> Array:
        """What the model says of every residual's observation, (rows,)."""
        own, points = values[self.columns], self.points
        curve = self.model.fraction(own, points.time) if points.time.size else np.zeros(0)
        if points.mean_time is None:
            return curve
        mean = self.model.mean_time(own, points.mean_time)
        return np.append(curve, np.log(mean / points.mean_time))

    @cached_property
    def observed(self) -> Array:
        """Observations; a mean time is 0, as the logarithm of its ratio, (rows,)."""
        points = self.points
        return points.fraction if points.mean_time is None else np.append(points.fraction, 0.0)

    @cached_property
    def weight(self) -> Array:
        """Weights, (rows,)."""
        points = self.points
        if points.mean_time is None:
            return points.weight
        return np.append(points.weight, points.mean_weight)

    def slopes(self, values: Array) -> Array | None:
        """Derivatives by all logarithms, (rows, p); None if by differences only."""
        if self.points.mean_time is not None:
            return None
        own = self.model.slopes(values[self.columns], self.points.time)
        if own is None:
            return None
        found = np.zeros((own.shape[0], values.size))
        found[:, self.columns] = own
        return found


@dataclass(eq=False)
class Problem:
    """Weighted residuals of several experiments that share parameters.

    x are the logarithms of the parameters over their start values.
    """

    parameters: Sequence[Parameter]
    parts: Sequence[Part]
    scale: float = 1.0
    """Standard deviation of a residual of weight 1, by which priors are weighed [-]."""
    first: Array | None = None
    """Where a search begins, x (p,); at the start values without."""
    seen: dict[bytes, list[Array]] = field(default_factory=dict)

    @cached_property
    def start(self) -> Array:
        """Start values, (p,)."""
        return np.array([p.start for p in self.parameters])

    @property
    def begin(self) -> Array:
        """Where a search begins, x (p,)."""
        return np.zeros(self.start.size) if self.first is None else self.first

    @cached_property
    def low(self) -> Array:
        """Lowest x, (p,)."""
        return np.log([p.low for p in self.parameters] / self.start)

    @cached_property
    def high(self) -> Array:
        """Highest x, (p,)."""
        return np.log([p.high for p in self.parameters] / self.start)

    @cached_property
    def cheap(self) -> bool:
        """Whether curves cost microseconds."""
        return all(part.model.cheap for part in self.parts)

    @cached_property
    def shaped(self) -> bool:
        """Whether curves come from shapes that were solved before."""
        return all(isinstance(part.model, ShapedCurve) for part in self.parts)

    @cached_property
    def step(self) -> float:
        """Step of finite differences [-]."""
        return max(part.model.step for part in self.parts)

    @cached_property
    def precision(self) -> float:
        """To which curves are worth fitting, relative [-]."""
        return max(part.model.precision for part in self.parts)

    @cached_property
    def observed(self) -> Array:
        """All observations, (n,)."""
        return np.concatenate([part.observed for part in self.parts])

    @cached_property
    def weight(self) -> Array:
        """All weights, (n,)."""
        return np.concatenate([part.weight for part in self.parts])

    @property
    def evaluations(self) -> int:
        """Curves that were asked for."""
        return sum(part.model.evaluations for part in self.parts)

    @property
    def simulations(self) -> int:
        """Solves of the engine behind those curves; experiments may share them."""
        shaped = {p.model.family: p.model for p in self.parts if isinstance(p.model, ShapedCurve)}
        others = [p.model for p in self.parts if not isinstance(p.model, ShapedCurve)]
        return sum(model.simulations for model in [*shaped.values(), *others])

    def values(self, x: Array) -> Array:
        """Parameters in SI, never beyond their bounds by rounding."""
        low = np.array([p.low for p in self.parameters])
        high = np.array([p.high for p in self.parameters])
        return np.asarray(np.clip(self.start * np.exp(x), low, high))

    def fitted_parts(self, x: Array) -> list[Array]:
        """What the models say, one array for each experiment."""
        key = x.tobytes()
        if key not in self.seen:
            if len(self.seen) > _REMEMBERED:
                self.seen.clear()
            self.seen[key] = self._solve(self.values(x))
        return self.seen[key]

    def _solve(self, values: Array) -> list[Array]:
        # one after the other: threads that step the coupled engine wait for each other
        return [part.fitted(values) for part in self.parts]

    def fitted(self, x: Array) -> Array:
        """What the models say, (n,)."""
        return np.concatenate(self.fitted_parts(x))

    def residuals(self, x: Array) -> Array:
        """Weighted, (n,); priors follow as one more for each, (n + priors,)."""
        data = (self.fitted(x) - self.observed) * self.weight
        return np.concatenate([data, self._prior_residuals(x)]) if self._priors else data

    def data_residuals(self, x: Array) -> Array:
        """Weighted residuals of data alone, (n,)."""
        return (self.fitted(x) - self.observed) * self.weight

    @cached_property
    def _priors(self) -> list[int]:
        return [i for i, p in enumerate(self.parameters) if p.prior is not None]

    def _prior_residuals(self, x: Array) -> Array:
        found = []
        for i in self._priors:
            prior = self.parameters[i].prior
            if prior is not None:
                away = x[i] - np.log(prior.centre / self.start[i])
                found.append(self.scale * away / prior.log_sd)
        return np.array(found)

    def jacobian(self, x: Array, back: float = 0.0) -> Array:
        """Of the weighted residuals, (n + priors, p).

        Exact where models know their slopes; else by differences from `back` steps behind `x` to
        one step ahead, or to a bound: 1 makes them central.
        """
        values = self.values(x)
        exact = [part.slopes(values) for part in self.parts]
        if all(slopes is not None for slopes in exact):
            rows = np.concatenate([s for s in exact if s is not None]) * self.weight[:, None]
        else:
            rows = self._differences(x, back)
        if not self._priors:
            return rows
        more = np.zeros((len(self._priors), x.size))
        for row, i in enumerate(self._priors):
            prior = self.parameters[i].prior
            more[row, i] = self.scale / prior.log_sd if prior is not None else 0.0
        return np.concatenate([rows, more])

    def _differences(self, x: Array, back: float) -> Array:
        columns = []
        for i in range(x.size):
            ahead = min(x[i] + self.step, self.high[i])
            behind = max(x[i] - back * self.step, self.low[i])
            if ahead - behind < 0.5 * self.step:
                behind = ahead - self.step
            gap = self.data_residuals(shifted(x, i, ahead))
            gap = gap - self.data_residuals(shifted(x, i, behind))
            columns.append(gap / (ahead - behind))
        return np.stack(columns, axis=1)

    def cost(self, x: Array) -> float:
        """Sum of squares; infinite where so far from the start the engine gives up."""
        try:
            residuals = self.residuals(x)
        except ReleaseSimError:
            return float("inf")
        return float(residuals @ residuals)

    def misfit(self, x: Array) -> float:
        """Root mean square of the unweighted residuals [-]."""
        return float(np.sqrt(np.mean((self.fitted(x) - self.observed) ** 2)))

    def with_points(self, points: Sequence[Points]) -> Problem:
        """The same models with other data."""
        parts = [Part(p.model, q, p.columns) for p, q in zip(self.parts, points, strict=True)]
        return Problem(self.parameters, parts, self.scale)


def shifted(x: Array, i: int, value: float) -> Array:
    """Copy of x with one entry changed."""
    changed = x.copy()
    changed[i] = value
    return changed


def problem_of(
    experiments: Sequence[Experiment],
    parameters: Sequence[Parameter],
    points: Sequence[Points],
    first: Array | None = None,
    *,
    rough: bool = False,
) -> Problem:
    """Put experiments, parameters and data together.

    Weights are used only where all data have standard deviations: else scales would be guessed.

    Parameters
    ----------
    first : (p,) ndarray, optional
        Where a search begins, as logarithms over the start values.
    rough : bool
        Whether its curves only have to say where to begin.

    Raises
    ------
    InputError
        Fewer points than parameters, or a study that cannot be simulated.
    """
    refuse_few(points, [one.name for one in experiments], len(parameters))
    if not all(one.weighted for one in points):
        points = [one.unweighted() for one in points]
    parts = []
    for place, (experiment, data) in enumerate(zip(experiments, points, strict=True)):
        columns = np.array([i for i, p in enumerate(parameters) if place in p.where])
        names = [parameters[i].name for i in columns]
        times = data.time if data.time.size else np.array([data.last])
        study = (
            experiment.study if first is None else _at(experiment.study, parameters, place, first)
        )
        parts.append(Part(model_of(study, names, times, rough=rough), data, columns))
    return Problem(parameters, parts, first=first)


def _at(study: Study, parameters: Sequence[Parameter], place: int, x: Array) -> Study:
    """Put the parameters that experiment `place` has into its study."""
    for parameter, size in zip(parameters, np.exp(x), strict=True):
        if place in parameter.where:
            study = study.replace(parameter.name, float(parameter.start * size))
    return study

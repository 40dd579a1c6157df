"""From plasma back to release: monotone, 0 to 1, no rougher than the data ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ConcentrationCurve, ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient.disposition import Disposition
from releasesim.patient.knots import curve_of, fit_increments, response, root_knots, roughness

Array = NDArray[np.float64]

#: Penalties tried, least first [-]; scales of time in which smooth is meant.
PENALTIES = 10.0 ** np.arange(-9.0, 2.0)
POWERS = (1.0, 0.5)
_KNOTS, _FOLDS, _FEWEST = 40, 5, 5
#: Share of the best fit's likelihood below which another is left out of the mean [-].
_NEGLIGIBLE = 0.01
#: Penalty of the first fit, which only gives weights [-].
_PILOT = 1e-5
#: Concentrations below this share of the highest count as if they were that high [-].
_FLOOR = 0.02
_REWEIGHTED, _RESAMPLED = 3, 40
_BAND = (5.0, 95.0)


@dataclass(frozen=True, eq=False)
class Deconvolution:
    """A release curve read from plasma.

    Parameters
    ----------
    curve : ReleaseCurve
        Released fraction of the dose [-].
    low, high : (m,) ndarray
        Where 90 % of the curves lie that resampled residuals give, at the curve's times [-].
    predicted : (n,) ndarray
        Plasma concentration that the curve gives at the measured times [kg/m3].
    penalty : float
        Weight of roughness, of the best fit [-].
    power : float
        Smooth against time to this power, likewise.
    rule : str
        How the penalty was chosen.
    residual : float
        Root mean square of the relative residuals [-].
    """

    curve: ReleaseCurve
    low: Array
    high: Array
    predicted: Array
    penalty: float
    power: float
    rule: str
    residual: float

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, in SI."""
        return {
            "time_s": self.curve.time.tolist(),
            "released_fraction": self.curve.fraction.tolist(),
            "low": self.low.tolist(),
            "high": self.high.tolist(),
            "predicted_kg_m3": self.predicted.tolist(),
            "penalty": self.penalty,
            "power": self.power,
            "rule": self.rule,
            "residual": self.residual,
        }


def deconvolve(
    plasma: ConcentrationCurve,
    body: Disposition,
    dose: float,
    *,
    noise: float | None = None,
    knots: Array | None = None,
    seed: int = 1,
) -> Deconvolution:
    """Find the release curve that gives the measured plasma after one dose.

    Parameters
    ----------
    plasma : ConcentrationCurve
        Measured; a value at time 0 is left out.
    body : Disposition
        Of the person it was measured in.
    dose : float
        [kg].
    noise : float, optional
        Coefficient of variation of the assay: the penalty is then the largest that fits the data to
        within it (discrepancy principle); absent = by cross-validation [-].
    knots : (k + 1,) ndarray, optional
        Where the release curve may bend, from 0 on [s].
    seed : int
        Of the resampling that gives the band.

    Raises
    ------
    InputError
        Fewer than five samples, or nothing in plasma.
    """
    late = plasma.time > 0.0
    times, level = plasma.time[late], plasma.concentration[late]
    if times.size < _FEWEST or level.max() <= 0.0:
        raise InputError(f"deconvolution needs at least {_FEWEST} samples after time 0")
    bends = root_knots(float(times[-1]), _KNOTS) if knots is None else knots
    problem = _Problem(dose * response(bends, body, times), level, bends)
    choices = problem.choose(noise)
    _, penalty, power = max(choices)
    increments = np.asarray(sum(share * problem.solve(level, p, q) for share, p, q in choices))
    predicted = problem.matrix @ increments
    low, high = problem.band(increments, penalty, power, seed)
    rule = (
        f"cross-validation, mean of {len(choices)} fits"
        if noise is None
        else f"discrepancy, {noise:.3g} noise"
    )
    gap = (predicted - level) * problem.weights(predicted)
    return Deconvolution(
        curve=curve_of(bends, increments, "deconvolved"),
        low=low,
        high=high,
        predicted=predicted,
        penalty=penalty,
        power=power,
        rule=rule,
        residual=float(np.sqrt(np.mean(gap**2))),
    )


@dataclass(frozen=True, eq=False)
class _Problem:
    """The linear problem: response (n, k), measured (n,), knots (k + 1,)."""

    matrix: Array
    level: Array
    knots: Array

    def weights(self, expected: Array) -> Array:
        """Relative, by what is expected: weights by noisy data would favour the low ones."""
        return np.asarray(1.0 / np.maximum(expected, _FLOOR * self.level.max()))

    def _fit(self, rows: NDArray[np.bool_], weight: Array, penalty: float, power: float) -> Array:
        rough = np.sqrt(penalty) * roughness(self.knots, power)
        matrix = self.matrix[rows] * weight[rows, None]
        return fit_increments(matrix, self.level[rows] * weight[rows], rough)

    def solve(self, level: Array, penalty: float, power: float) -> Array:
        """Fit, with weights from the fit before."""
        problem = _Problem(self.matrix, level, self.knots)
        every = np.ones(level.size, dtype=bool)
        expected = level
        for _ in range(_REWEIGHTED):
            found = problem._fit(every, problem.weights(expected), penalty, power)
            expected = self.matrix @ found
        return found

    def choose(self, noise: float | None) -> list[tuple[float, float, float]]:
        """Share, penalty and power of every fit that the answer is the mean of.

        By cross-validation a fit counts by its likelihood at samples that were left out: which of
        two penalties is best by a hair is chance, and their mean is nearer the truth than either.
        """
        pilot = self.matrix @ self.solve(self.level, _PILOT, POWERS[0])
        weight = self.weights(pilot)
        if noise is not None:
            return [(1.0, *self._within(weight, noise))]
        trials = [(self._missed(weight, p, q), float(p), q) for q in POWERS for p in PENALTIES]
        least = max(min(missed for missed, _, _ in trials), 1e-30)
        near = [
            (float(np.exp(self.level.size * (1.0 - missed / least))), penalty, power)
            for missed, penalty, power in trials
        ]
        kept = [one for one in near if one[0] > _NEGLIGIBLE]
        whole = sum(share for share, _, _ in kept)
        return [(share / whole, penalty, power) for share, penalty, power in kept]

    def _missed(self, weight: Array, penalty: float, power: float) -> float:
        """Squared error at samples that were left out, a fifth at a time."""
        fold = np.arange(self.level.size) % _FOLDS
        total = 0.0
        for out in range(_FOLDS):
            kept = fold != out
            found = self._fit(kept, weight, penalty, power)
            gap = (self.matrix[~kept] @ found - self.level[~kept]) * weight[~kept]
            total += float(gap @ gap)
        return total

    def _within(self, weight: Array, noise: float) -> tuple[float, float]:
        """Largest penalty whose residuals are no larger than the noise."""
        every = np.ones(self.level.size, dtype=bool)
        best = (float(PENALTIES[0]), POWERS[0])
        for power in POWERS:
            for penalty in PENALTIES[best[0] < PENALTIES]:
                gap = (self.matrix @ self._fit(every, weight, penalty, power) - self.level) * weight
                if np.sqrt(np.mean(gap**2)) <= max(noise, 1e-6):
                    best = (float(penalty), power)
        return best

    def band(
        self, increments: Array, penalty: float, power: float, seed: int
    ) -> tuple[Array, Array]:
        """Quantiles of the curves from resampled relative residuals, (k + 1,) each."""
        expected = self.matrix @ increments
        relative = (self.level - expected) * self.weights(expected)
        random = np.random.default_rng(seed)
        curves = []
        for _ in range(_RESAMPLED):
            drawn = random.choice(relative, relative.size)
            level = np.maximum(expected + drawn / self.weights(expected), 0.0)
            curves.append(np.append(0.0, np.cumsum(self.solve(level, penalty, power))))
        low, high = np.percentile(curves, _BAND, axis=0)
        middle = np.append(0.0, np.cumsum(increments))
        return np.minimum(low, middle), np.minimum(np.maximum(high, middle), 1.0)

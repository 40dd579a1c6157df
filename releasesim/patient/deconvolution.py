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
PENALTIES = 10.0 ** np.arange(-9.0, 1.51, 0.5)
POWERS = (1.0, 0.7, 0.5, 0.35, 0.25)
_KNOTS, _FEWEST = 40, 5
#: Share of the best fit's likelihood below which another is left out of the mean [-].
_NEGLIGIBLE = 0.01
#: Penalty and power of the first fit, which only gives weights [-].
_PILOT = (1e-3, 0.5)
#: Concentrations below this share of the highest count as if they were that high [-].
_FLOOR = 0.02
#: Relative variance of noise below which there is none [-].
_EXACT = 1e-16
_REWEIGHTED = 3
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
    resampled: int = 40,
    every: float | None = None,
    doses: int | None = None,
) -> Deconvolution:
    """Find the release curve that gives the measured plasma after one dose, or after several.

    Parameters
    ----------
    plasma : ConcentrationCurve
        Measured; after one dose, a value at time 0 is left out.
    body : Disposition
        Of the person it was measured in.
    dose : float
        [kg].
    noise : float, optional
        Coefficient of variation of the assay: the penalty is then the largest that fits the data to
        within it (discrepancy principle) [-]; absent = by restricted likelihood, without it.
    knots : (k + 1,) ndarray, optional
        Where the release curve may bend, from 0 on [s].
    seed : int
        Of the resampling that gives the band.
    resampled : int
        Draws that the band is made of; 0 for no band.
    every : float, optional
        Dosing interval: all is released within one, and times count from the last dose [s]; absent
        = one dose.
    doses : int, optional
        How many were given; absent = so many that the steady state is reached.

    Raises
    ------
    InputError
        Fewer than five samples, nothing in plasma, or a dose or noise that cannot be.
    """
    late = plasma.time > (0.0 if every is None or doses == 1 else -1.0)
    times, level = plasma.time[late], plasma.concentration[late]
    if times.size < _FEWEST:
        raise InputError(f"deconvolution needs at least {_FEWEST} samples after time 0")
    if level.max() <= 0.0:
        raise InputError("deconvolution: there is no drug in any of the samples")
    if not 0.0 < dose < np.inf:
        raise InputError(f"deconvolution: dose = {1e6 * dose:g} mg: must be above 0")
    if noise is not None and not 0.0 <= noise <= 1.0:
        raise InputError(f"deconvolution: noise = {100 * noise:g} %: must be 0 to 100 %")
    bends = root_knots(every or float(times[-1]), _KNOTS) if knots is None else knots
    problem = _Problem(dose * response(bends, body, times, every, doses), level, bends)
    choices = problem.choose(noise)
    _, penalty, power = max(choices)
    increments = np.asarray(sum(share * problem.solve(level, p, q) for share, p, q in choices))
    predicted = problem.matrix @ increments
    low, high = problem.band(increments, (penalty, power), seed, resampled)
    rule = (
        f"restricted likelihood, mean of {len(choices)} fits"
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

    def _fit(self, weight: Array, penalty: float, power: float) -> Array:
        rough = np.sqrt(penalty) * roughness(self.knots, power)
        return fit_increments(self.matrix * weight[:, None], self.level * weight, rough)

    def solve(self, level: Array, penalty: float, power: float) -> Array:
        """Fit, with weights from the fit before."""
        problem = _Problem(self.matrix, level, self.knots)
        expected = level
        for _ in range(_REWEIGHTED):
            found = problem._fit(problem.weights(expected), penalty, power)
            expected = self.matrix @ found
        return found

    def choose(self, noise: float | None) -> list[tuple[float, float, float]]:
        """Share, penalty and power of every fit that the answer is the mean of.

        By likelihood a fit counts as much as its penalty and scale of time explain the samples:
        which of two penalties is best by a hair is chance, and their mean is nearer the truth.
        """
        pilot = self.matrix @ self.solve(self.level, *_PILOT)
        weight = self.weights(pilot)
        if noise is not None:
            return [(1.0, *self._within(weight, noise))]
        logs = np.stack([self._likelihoods(weight, power) for power in POWERS])
        shares = np.exp(logs - logs.max())
        shares[shares < _NEGLIGIBLE] = 0.0
        shares /= shares.sum()
        kept = np.argwhere(shares > 0.0)
        return [(float(shares[n, m]), float(PENALTIES[m]), POWERS[n]) for n, m in kept]

    def _likelihoods(self, weight: Array, power: float) -> Array:
        r"""Logarithm of the restricted likelihood of every penalty, bounds left aside [-].

        A roughness penalty is a Gaussian prior on second differences; what it does not see,
        release straight in t^power, has a flat one. With the noise profiled out

        .. math:: 2 \ell = -(n - 1) \ln \hat\sigma^2 - \ln|V| - \ln(x^T V^{-1} x), \qquad
                  V = I + B B^T/\lambda

        References
        ----------
        .. [1] D.A. Harville, J. Am. Stat. Assoc. 72 (1977) 320-338.
        .. [2] G. Wahba, Ann. Stat. 13 (1985) 1378-1402.
        """
        matrix, level = self.matrix * weight[:, None], self.level * weight
        straight = matrix @ np.diff((self.knots / self.knots[-1]) ** power)
        bends = matrix @ np.linalg.pinv(roughness(self.knots, power))
        values, vectors = np.linalg.eigh(bends @ bends.T)
        y, x = vectors.T @ level, vectors.T @ straight
        found = []
        for penalty in PENALTIES:
            spread = 1.0 + np.maximum(values, 0.0) / penalty
            size = float((x**2 / spread).sum())
            rest = y - x * float((x * y / spread).sum()) / size
            variance = max(float((rest**2 / spread).sum()) / (level.size - 1), _EXACT)
            found.append((level.size - 1) * np.log(variance) + np.log(spread).sum() + np.log(size))
        return -0.5 * np.array(found)

    def _within(self, weight: Array, noise: float) -> tuple[float, float]:
        """Largest penalty whose residuals are no larger than the noise."""
        best = (float(PENALTIES[0]), POWERS[0])
        for power in POWERS:
            for penalty in PENALTIES[best[0] < PENALTIES]:
                gap = (self.matrix @ self._fit(weight, penalty, power) - self.level) * weight
                if np.sqrt(np.mean(gap**2)) <= max(noise, 1e-6):
                    best = (float(penalty), power)
        return best

    def band(
        self, increments: Array, smooth: tuple[float, float], seed: int, count: int
    ) -> tuple[Array, Array]:
        """Quantiles of the curves from resampled relative residuals, (k + 1,) each."""
        expected = self.matrix @ increments
        middle = np.minimum(np.append(0.0, np.cumsum(increments)), 1.0)
        relative = (self.level - expected) * self.weights(expected)
        random = np.random.default_rng(seed)
        curves = [middle]
        for _ in range(count):
            drawn = random.choice(relative, relative.size)
            level = np.maximum(expected + drawn / self.weights(expected), 0.0)
            curves.append(np.append(0.0, np.cumsum(self.solve(level, *smooth))))
        low, high = np.percentile(curves[1:] or curves, _BAND, axis=0)
        return np.minimum(low, middle), np.minimum(np.maximum(high, middle), 1.0)

"""An emulator: curves of tablets not computed yet, from those that are (kriging)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Logarithms of what kernel lengths (in cubes of side 1) and the share of noise may be.
_LENGTHS, _NOISE = (-2.0, 3.0), (-9.0, 0.0)
#: Weight of the belief that lengths are about one cube.
_PRIOR = 0.05
_FITTED = 30


@dataclass(frozen=True, eq=False)
class Kriging:
    """Kriging of many outputs at once: a linear trend, and a Gaussian process about it.

    All outputs share one squared-exponential kernel, whose lengths maximise the likelihood
    (O'Hagan, J. R. Stat. Soc. B 40 (1978) 1; Conti & O'Hagan, J. Stat. Plan. Inference 140 (2010)
    640).

    Parameters
    ----------
    points : (n, d) ndarray
        In the unit cube.
    outputs : (n, m) ndarray
    hyper : (d + 1,) ndarray, optional
        Logarithms of the kernel's lengths and of the share of noise, from an earlier one.
    """

    points: Array
    outputs: Array
    hyper: Array | None = None

    def predict(self, points: Array) -> tuple[Array, Array]:
        """Outputs at other points, (k, m), and their standard error as a mean, (k,)."""
        factor, trend, weights, spread = self._fitted
        near = _kernel(points, self.points, self._lengths)
        middle = self._trend(points) @ trend + near @ weights
        passed = np.linalg.solve(factor, near.T)
        left = np.sqrt(np.clip(1.0 + self._share - (passed**2).sum(axis=0), 0.0, None))
        return middle, spread * left

    def _trend(self, points: Array) -> Array:
        """Terms of the trend: linear where there are points enough to tell."""
        ones = np.ones((len(points), 1))
        enough = len(self.points) >= 2 * (self.points.shape[1] + 1)
        return np.hstack([ones, points]) if enough else ones

    @cached_property
    def likeliest(self) -> Array:
        """Logarithms of lengths and of the share of noise, as given or as the outputs say."""
        from scipy.optimize import minimize

        if self.hyper is not None:
            return self.hyper
        dimension = self.points.shape[1]
        start = np.append(np.full(dimension, 0.5), np.log(1e-2))
        bounds = [_LENGTHS] * dimension + [_NOISE]
        found = minimize(
            self._cost, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": _FITTED}
        )
        return np.asarray(found.x)

    @property
    def _lengths(self) -> Array:
        return np.asarray(np.exp(self.likeliest[:-1]))

    @property
    def _share(self) -> float:
        return float(np.exp(self.likeliest[-1]))

    def _cost(self, hyper: Array) -> float:
        """Less the logarithm of the likelihood, trend and variance at their best."""
        factor, _, rest = self._decorrelated(hyper)
        count = len(self.points)
        variance = max(float(np.mean(rest**2)), 1e-12)
        prior = _PRIOR * float((hyper[:-1] ** 2).sum())
        spread = float(np.log(np.diag(factor)).sum())
        return 0.5 * count * float(np.log(variance)) + spread + prior

    def _decorrelated(self, hyper: Array) -> tuple[Array, Array, Array]:
        """Cholesky factor of the correlation, trend, and what it leaves, made independent."""
        kernel = _kernel(self.points, self.points, np.exp(hyper[:-1]))
        factor = np.linalg.cholesky(kernel + np.exp(hyper[-1]) * np.eye(len(kernel)))
        terms = self._trend(self.points)
        solved = np.linalg.solve(factor, np.hstack([terms, self.outputs]))
        own, out = solved[:, : terms.shape[1]], solved[:, terms.shape[1] :]
        trend = np.asarray(np.linalg.lstsq(own, out, rcond=None)[0])
        return np.asarray(factor), trend, np.asarray(out - own @ trend)

    @cached_property
    def _fitted(self) -> tuple[Array, Array, Array, float]:
        factor, trend, rest = self._decorrelated(self.likeliest)
        weights = np.asarray(np.linalg.solve(factor.T, rest))
        return factor, trend, weights, float(np.sqrt(np.mean(rest**2)))


@dataclass(frozen=True, eq=False)
class Emulator:
    """Curves by kriging, as arcsin sqrt of their fractions, which has no ends to run against.

    What a finer grid adds to them is kriged by itself and added (Kennedy & O'Hagan, Biometrika 87
    (2000) 1, whose scale is 1 here).

    Parameters
    ----------
    coarse : Kriging
        Of curves `as_outputs`.
    change : Kriging, optional
        Of the outputs of a finer grid less those of the coarse one.
    """

    coarse: Kriging
    change: Kriging | None = None

    def predict(self, points: Array) -> tuple[Array, Array]:
        """Curves at other points, (k, m) [-], and their standard error as a mean, (k,) [-]."""
        middle, doubt = self.coarse.predict(points)
        if self.change is not None:
            added, unsure = self.change.predict(points)
            middle, doubt = middle + added, np.hypot(doubt, unsure)
        fractions = np.sin(np.clip(middle, 0.0, 0.5 * np.pi)) ** 2
        # d(sin^2 z) = sin(2 z) dz
        steep = np.sqrt(np.mean(4.0 * fractions * (1.0 - fractions), axis=1))
        return fractions, steep * doubt


def as_outputs(fractions: Array) -> Array:
    """Released fractions as `Emulator` takes them, of the same shape [rad]."""
    return np.asarray(np.arcsin(np.sqrt(np.clip(fractions, 0.0, 1.0))))


def _kernel(one: Array, other: Array, lengths: Array) -> Array:
    """Correlation between points, (n, k) [-]."""
    a, b = one / lengths, other / lengths
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2.0 * a @ b.T
    return np.asarray(np.exp(-0.5 * np.maximum(squares, 0.0)))

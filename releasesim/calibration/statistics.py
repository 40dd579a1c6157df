"""How sure least-squares estimates are, and how good the fit is (METRICS, Fit quality)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEVEL = 0.95
_NO_INFLUENCE = 1e-5
"""A curve that moves by less than this for e-fold of a parameter says nothing about it [-]."""


@dataclass(frozen=True, eq=False)
class Uncertainty:
    r"""Errors of parameters that were fitted by their logarithms.

    The covariance is :math:`s^2 (J^T J)^{-1}` with :math:`s^2 = \mathrm{WSS}/(n - p)`, J the
    weighted Jacobian in the logarithms; s^2 is scaled to the misfit in weighted fits too.

    Parameters
    ----------
    covariance : (p, p) ndarray
        Of the logarithms; infinite on the diagonal where the curve says nothing.
    log_error : (p,) ndarray
        Standard error of each logarithm [-]: the relative standard error of the parameter.
        Infinite where the curve says nothing, nan where no degree of freedom is left.
    correlation : (p, p) ndarray
        Of the logarithms; nan where an error is infinite.
    quantile : float
        Of Student's t for 95 %; nan without degrees of freedom.
    """

    covariance: Array
    log_error: Array
    correlation: Array
    quantile: float

    def interval(self, values: Array) -> tuple[Array, Array]:
        """Return the ends of the 95 % intervals, symmetric in the logarithms."""
        # exp(700) is as good as infinite
        reach = np.minimum(self.quantile * self.log_error, 700.0)
        return values * np.exp(-reach), values * np.exp(reach)


def uncertainty(
    jacobian: Array, weights: Array, residuals: Array, prior: Array | None = None
) -> Uncertainty:
    """Errors at the solution.

    Parameters
    ----------
    jacobian : (n, p) ndarray
        Of the weighted residuals in the logarithms.
    weights : (n,) ndarray
        Of the residuals.
    residuals : (n,) ndarray
        Weighted.
    prior : (m, p) ndarray, optional
        Rows of the Jacobian that priors add; they are no observations.
    """
    from scipy.special import stdtrit

    n, p = jacobian.shape
    told = np.abs(jacobian / weights[:, None]).max(axis=0) > _NO_INFLUENCE
    covariance = np.full((p, p), np.nan)
    np.fill_diagonal(covariance, np.inf)
    if n == p:
        covariance[:] = np.nan
    elif told.any():
        variance = float(residuals @ residuals) / (n - p)
        whole = jacobian if prior is None else np.concatenate([jacobian, prior])
        told = told if prior is None else np.any(whole != 0.0, axis=0)
        covariance[np.ix_(told, told)] = variance * _inverse_square(whole[:, told])
    error = np.sqrt(np.diag(covariance))
    finite = np.where(np.isfinite(error) & (error > 0.0), error, np.nan)
    correlation = covariance / np.outer(finite, finite)
    np.fill_diagonal(correlation, 1.0)
    quantile = float(stdtrit(n - p, 0.5 + _LEVEL / 2)) if n > p else float("nan")
    return Uncertainty(covariance, error, np.clip(correlation, -1.0, 1.0), quantile)


def _inverse_square(J: Array) -> Array:
    """(J^T J)^-1 by singular values: squaring J would lose half the digits."""
    _, sizes, right = np.linalg.svd(J, full_matrices=False)
    scaled = right / np.maximum(sizes, 1e-12 * sizes[0])[:, None]
    return np.asarray(scaled.T @ scaled)


@dataclass(frozen=True)
class Quality:
    """How well the curve is met.

    Parameters
    ----------
    rmse : float
        sqrt(sum r^2/(n - p)) of the unweighted residuals [-]; nan for n = p.
    r2_adjusted : float
        1 - (1 - R2)(n - 1)/(n - p), weighted as the fit [-].
    aic : float
        n ln(WSS) + 2 p: compare only on the same points and weights.
    chi_square : float
        WSS/(n - p): about 1 where given standard deviations explain the misfit.
    wss : float
        Weighted sum of squares [-].
    """

    rmse: float
    r2_adjusted: float
    aic: float
    chi_square: float
    wss: float


def quality(observed: Array, fitted: Array, weights: Array, p: int) -> Quality:
    """Measures of the fit of `p` parameters; observed, fitted, weights (n,)."""
    n = observed.size
    residuals, squares = observed - fitted, weights**2
    wss = float(squares @ residuals**2)
    mean = float(squares @ observed) / float(squares.sum())
    total = float(squares @ (observed - mean) ** 2)
    if n > p:
        rmse, chi = float(np.sqrt(residuals @ residuals / (n - p))), wss / (n - p)
        r2 = 1.0 - wss / total * (n - 1) / (n - p) if total > 0.0 else float("nan")
    else:
        rmse = chi = r2 = float("nan")
    return Quality(rmse, r2, n * float(np.log(max(wss, 1e-300))) + 2 * p, chi, wss)

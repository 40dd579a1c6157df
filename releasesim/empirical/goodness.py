"""How good a fit is, by the measures that dissolution programs print, each with its convention."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: A misfit this small is round-off of the data, and its logarithm says nothing [%2].
_EXACT = 1e-20


@dataclass(frozen=True)
class Goodness:
    r"""Measures of one fit, from residuals r in percent of the dose.

    With :math:`\mathrm{WSS} = \sum w r^2` over n points, weights w (1 where none are given) and p
    fitted parameters, the variance not counted among them:

    .. math::

        R^2 &= 1 - \mathrm{WSS} / \textstyle\sum w (y - \bar y_w)^2, \qquad
        R^2_\mathrm{adj} = 1 - (1 - R^2) (n - 1)/(n - p) \\
        \mathrm{AIC} &= n \ln \mathrm{WSS} + 2 p, \qquad
        \mathrm{AICc} = \mathrm{AIC} + 2 p (p + 1)/(n - p - 1) \\
        \mathrm{BIC} &= n \ln \mathrm{WSS} + p \ln n, \qquad
        \mathrm{MSC} = \ln[\textstyle\sum w (y - \bar y_w)^2 / \mathrm{WSS}] - 2 p / n \\
        \mathrm{RMSE} &= \sqrt{\textstyle\sum r^2 / (n - p)}

    R2adj, AIC and MSC are DDSolver's. AIC, AICc and BIC can be compared only between fits of the
    same points with the same weights; in fractions instead of percent all of them are smaller by
    n ln 10^4, so that differences stay. AICc is nan for n <= p + 1, RMSE and R2adj for n = p.

    References
    ----------
    .. [1] Y. Zhang et al., AAPS J. 12 (2010) 263-271.
    .. [2] C.M. Hurvich, C.-L. Tsai, Biometrika 76 (1989) 297-307.
    """

    n: int
    p: int
    wss: float
    rmse: float
    r2: float
    r2_adjusted: float
    aic: float
    aicc: float
    bic: float
    msc: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is not defined is None."""
        return {k: v if math.isfinite(v) else None for k, v in vars(self).items()}


def goodness(
    observed: ArrayLike, fitted: ArrayLike, p: int, weights: ArrayLike | None = None
) -> Goodness:
    """Measure a fit of `p` parameters.

    Parameters
    ----------
    observed, fitted : array_like, (n,)
        In percent of the dose, at the same times.
    p : int
        Number of fitted parameters.
    weights : array_like, (n,), optional
        Weights w of the squares (1/sd^2, not 1/sd); all 1 without.

    Examples
    --------
    >>> found = goodness([10.0, 30.0, 55.0, 80.0], [12.0, 29.0, 56.0, 79.0], p=2)
    >>> (round(found.aic, 4), round(found.bic, 4), round(found.msc, 4), round(found.rmse, 4))
    (11.7836, 10.5562, 4.9802, 1.8708)
    """
    y, r = np.asarray(observed, float), np.asarray(observed, float) - np.asarray(fitted, float)
    w = np.ones(y.size) if weights is None else np.asarray(weights, float)
    n, wss = y.size, float(w @ r**2)
    spread = float(w @ (y - float(w @ y) / float(w.sum())) ** 2)
    size = math.log(max(wss, _EXACT))
    aic = n * size + 2 * p
    r2 = 1.0 - wss / spread if spread > 0.0 else math.nan
    return Goodness(
        n=n,
        p=p,
        wss=wss,
        rmse=math.sqrt(float(r @ r) / (n - p)) if n > p else math.nan,
        r2=r2,
        r2_adjusted=1.0 - (1.0 - r2) * (n - 1) / (n - p) if n > p else math.nan,
        aic=aic,
        aicc=aic + 2.0 * p * (p + 1) / (n - p - 1) if n > p + 1 else math.nan,
        bic=n * size + p * math.log(n),
        msc=math.log(spread) - size - 2.0 * p / n if spread > 0.0 else math.nan,
    )

"""Information criteria of least-squares fits, by one likelihood for mechanisms and equations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError

Array = NDArray[np.float64]

_EXACT = 1e-24
"""A mean square this small is round-off of the data, and its logarithm says nothing [-]."""


@dataclass(frozen=True)
class Criteria:
    r"""Likelihood of a fit, and what it costs in parameters.

    Residuals r of n points are independent and normal with standard deviations
    :math:`\sigma / w_i`: w = 1/sd of the mean where every point has one, 1 elsewhere. The variance
    :math:`\sigma^2` is estimated with the others, which makes k = p + 1 estimated numbers and, with
    :math:`\mathrm{WSS} = \sum w_i^2 r_i^2`,

    .. math::

        \ln L &= -\tfrac{n}{2} [\ln(2 \pi\,\mathrm{WSS}/n) + 1] + \textstyle\sum \ln w_i \\
        \mathrm{AICc} &= -2 \ln L + 2 k + \frac{2 k (k + 1)}{n - k - 1}, \qquad
        \mathrm{BIC} = -2 \ln L + k \ln n

    AICc needs n > k + 1. Both can be compared only on the same points and weights.

    Parameters
    ----------
    n : int
        Points.
    k : int
        Estimated numbers, the variance among them.
    wss : float
        WSS, of fractions of the dose [-].
    log_likelihood, aicc, bic : float
        [-].

    References
    ----------
    .. [1] K.P. Burnham, D.R. Anderson, Model Selection and Multimodel Inference, 2nd ed., Springer
       (2002), sections 2.2 and 2.4.
    .. [2] C.M. Hurvich, C.-L. Tsai, Biometrika 76 (1989) 297-307.
    .. [3] G. Schwarz, Ann. Stat. 6 (1978) 461-464.
    """

    n: int
    k: int
    wss: float
    log_likelihood: float
    aicc: float
    bic: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return dict(vars(self))


def criteria(wss: float, weights: Array, parameters: int) -> Criteria:
    """Judge a fit.

    Parameters
    ----------
    wss : float
        Weighted sum of squares, of fractions of the dose [-].
    weights : (n,) ndarray
        w of every point.
    parameters : int
        Fitted ones, p; the variance comes on top.

    Raises
    ------
    InputError
        Too few points for AICc.

    Examples
    --------
    >>> found = criteria(0.0025, np.ones(10), 2)
    >>> round(found.log_likelihood, 4), round(found.aicc, 4), round(found.bic, 4)
    (27.2809, -44.5617, -47.654)
    """
    n, k = weights.size, parameters + 1
    refuse_few(n, parameters)
    mean = max(wss / n, _EXACT)
    size = -0.5 * n * (math.log(2.0 * math.pi * mean) + 1.0) + float(np.log(weights).sum())
    penalty = 2.0 * k + 2.0 * k * (k + 1) / (n - k - 1)
    return Criteria(n, k, wss, size, penalty - 2.0 * size, k * math.log(n) - 2.0 * size)


def refuse_few(points: int, parameters: int) -> None:
    """Refuse points that AICc cannot judge so many parameters on, in words."""
    if points < parameters + 3:
        had, noun = counted(points, "point"), counted(parameters, "parameter")
        least = parameters + 3
        raise InputError(f"{had}: AICc of {noun} and the variance needs {least} at least")


def counted(number: int, noun: str) -> str:
    """A number and its noun: "1 point", "3 points"."""
    return f"{number} {noun}{'s' if number != 1 else ''}"


def akaike_weights(aicc: Sequence[float]) -> list[float]:
    """Shares of the evidence, exp(-d/2) over their sum, with d above the lowest (Akaike 1978).

    Examples
    --------
    >>> [round(w, 4) for w in akaike_weights([-40.0, -38.0, -20.0])]
    [0.731, 0.2689, 0.0]
    """
    if not aicc:
        return []
    values = np.array(aicc)
    shares = np.exp(-0.5 * (values - values.min()))
    return [float(one) for one in shares / shares.sum()]

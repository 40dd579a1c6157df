r"""Sums of exponentials that stay exact where two rates meet.

The response of compartments in series is the inverse Laplace transform of a product,

.. math:: E_n(t; \lambda_1 \dots \lambda_n) = \mathcal{L}^{-1} \prod_i \frac{1}{s + \lambda_i}
          = t^{n-1} \exp[-\lambda_1 t, \dots, -\lambda_n t]

with the divided difference of exp on the right (Opitz). Written as a sum of exponentials over
products of differences it is 0/0 for equal rates, such as ka = ke; the divided difference is not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

#: Nodes nearer than this are summed by their Taylor series: differences would lose digits.
_NEAR = 1.0
_TERMS, _NOTHING = 22, 1e-17


def chain(rates: Sequence[ArrayLike], time: ArrayLike) -> Array:
    r"""Response of compartments in series to a unit pulse, :math:`E_n` [s^(n-1)]; 0 before 0.

    Parameters
    ----------
    rates : sequence of float or array_like
        Rate constants out of each compartment, 0 for one that keeps what it gets [1/s];
        arrays broadcast against `time`.
    time : array_like
        After the pulse [s].

    Examples
    --------
    >>> chain([0.5, 0.5], 2.0) == 2.0 * np.exp(-1.0)
    np.True_
    """
    late = np.asarray(time, dtype=float)
    passed = np.maximum(late, 0.0)
    nodes = np.sort(
        np.stack(np.broadcast_arrays(*(-np.asarray(r) * passed for r in rates))), axis=0
    )
    response = passed ** (len(rates) - 1) * _difference(nodes)
    return np.where(late < 0.0, 0.0, response)


def _difference(nodes: Array) -> Array:
    """Divided difference of exp over sorted nodes, (n, ...) -> (...)."""
    if len(nodes) == 1:
        return np.asarray(np.exp(nodes[0]))
    span = nodes[-1] - nodes[0]
    if len(nodes) == 2:
        near = np.where(span == 0.0, 1.0, span)
        return np.asarray(np.exp(nodes[1]) * np.where(span == 0.0, 1.0, -np.expm1(-span) / near))
    far = span > _NEAR
    if not far.any():
        return _series(nodes)
    apart = (_difference(nodes[1:]) - _difference(nodes[:-1])) / np.where(far, span, 1.0)
    if not far.all():
        apart[~far] = _series(nodes[:, ~far])
    return np.asarray(apart)


def _series(nodes: Array) -> Array:
    r"""Taylor series about the mean, :math:`e^m \sum_k h_k(x - m)/(k + n - 1)!`.

    :math:`h_k` are the complete homogeneous symmetric polynomials.
    """
    order = len(nodes)
    mean = nodes.mean(axis=0)
    shifted = nodes - mean
    terms = _terms(float(np.abs(shifted).max(initial=0.0)))
    powers = [np.ones_like(mean)] + [np.zeros_like(mean)] * (terms - 1)
    for x in shifted:
        for k in range(1, terms):
            powers[k] = powers[k] + x * powers[k - 1]
    total = np.zeros_like(mean)
    for k, h in enumerate(powers):
        total = total + h / math.factorial(k + order - 1)
    return np.asarray(np.exp(mean) * total)


def _terms(reach: float) -> int:
    """Terms after which the series changes nothing: the k-th is reach^k / k! at most."""
    for k in range(1, _TERMS):
        if reach**k / math.factorial(k) < _NOTHING:
            return k
    return _TERMS

"""What data can tell about parameters, and what not, in words.

The Jacobian in logarithms says which products of powers the data fix: its right singular vectors
are their exponents, its singular values how sharply. A profile that never rises says that a
parameter is free even where the Jacobian at one point looks otherwise (Raue et al. 2009).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.result import Estimate
from releasesim.study.words import joined

Array = NDArray[np.float64]

_SHARP = math.log(1.5)
"""Combinations known to less than this factor count as fixed [-]."""
_NEGLIGIBLE = 0.05
_SIMPLE = (1 / 3, 0.5, 2 / 3, 1.0, 1.5, 2.0, 3.0)
_NEAR = 0.06


def verdict(
    estimates: Sequence[Estimate], jacobian: Array, scale: float, quantile: float, advice: str = ""
) -> str:
    """Say which parameters the data fix, which not, and which combination they fix instead.

    Parameters
    ----------
    jacobian : (n, p) ndarray
        Of the weighted residuals in the logarithms.
    scale : float
        s, the standard deviation of a residual of weight 1; nan without degrees of freedom.
    quantile : float
        Of Student's t.
    advice : str
        What would separate the others.
    """
    if not math.isfinite(scale):
        return "as many parameters as points: nothing is left to tell what the data fix"
    names = [one.name for one in estimates]
    fixed = [one for one in estimates if one.determined]
    free = [one for one in estimates if not one.determined]
    said = [f"the data fix {joined([_sure(one) for one in fixed])}"] if fixed else []
    said += [f"{one.name} is {_open(one)}" for one in free]
    if free and len(names) > 1:
        products = [f"{text} ({_within(e)})" for text, e in combinations(names, jacobian, scale)]
        products = [text for text in products if not text.startswith(tuple(_alone(fixed)))]
        if products:
            said.append(f"what they fix is {joined(products)}")
        said += [advice] if advice else []
    return "; ".join(said)


def combinations(names: Sequence[str], jacobian: Array, scale: float) -> list[tuple[str, float]]:
    """Products of powers that the data fix, with the relative standard error of each.

    Examples
    --------
    >>> rows = np.outer([0.3, 0.4, 0.2], [1.0, -2.0])
    >>> combinations(["D", "R"], rows, 0.01)[0][0]
    'D/R^2'
    """
    _, sizes, right = np.linalg.svd(jacobian, full_matrices=False)
    found = []
    for size, row in zip(sizes, right, strict=True):
        error = scale / max(float(size), 1e-300)
        largest = float(np.abs(row).max())
        if error / largest < _SHARP:
            unit = _unit(row)
            found.append((_product(names, row / unit), error / abs(unit)))
    return found


def _unit(exponents: Array) -> float:
    """The exponent that is written as 1: the smallest, unless others would look odd beside it."""
    kept = np.abs(exponents)[np.abs(exponents) > _NEGLIGIBLE * np.abs(exponents).max()]
    size = kept.min() if kept.max() < 3.5 * kept.min() else kept.max()
    first = exponents[np.abs(exponents) >= kept.min()][0]
    return float(np.copysign(size, first))


def _product(names: Sequence[str], exponents: Array) -> str:
    largest = float(np.abs(exponents).max())
    kept = [
        (n, float(e))
        for n, e in zip(names, exponents, strict=True)
        if abs(e) > _NEGLIGIBLE * largest
    ]
    above = " ".join(_power(name, e) for name, e in kept if e > 0.0)
    below = [_power(name, -e) for name, e in kept if e < 0.0]
    under = below[0] if len(below) == 1 else f"({' '.join(below)})"
    return f"{above}/{under}" if below else above


def _power(name: str, exponent: float) -> str:
    near = next((s for s in _SIMPLE if abs(exponent - s) < _NEAR * s), exponent)
    return name if near == 1.0 else f"{name}^{near:.2g}"


def _alone(estimates: Sequence[Estimate]) -> list[str]:
    return [f"{one.name} (" for one in estimates]


def _within(error: float) -> str:
    return f"within {100.0 * error:.2g} %"


def _sure(one: Estimate) -> str:
    return f"{one.name} ({_within(one.relative_error)})"


def _open(one: Estimate) -> str:
    if one.low > 0.0 and math.isinf(one.high):
        return "not separable: only bounded from below"
    if one.low <= 0.0 and math.isfinite(one.high):
        return "not separable: only bounded from above"
    return "not separable"

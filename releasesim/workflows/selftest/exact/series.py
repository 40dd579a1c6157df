"""Building blocks: Laplace inversion, roots, eigenfunction series and the switch between them.

Two independent roads lead to most curves, and the tests hold them against each other: series,
right to rounding from T = 1e-3 up, and the Laplace transform, inverted along Weideman's contour,
right to about 1e-12 at any time, which serves below.

Source: J. A. C. Weideman, SIAM J. Numer. Anal. 44 (2006) 2342.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

TERMS = 120
"""Terms of every series: exp(-(TERMS pi)^2 1e-3) is far below rounding."""

EARLY = 1e-3
"""D t / R^2 below which the Laplace transform is inverted instead of summing the series."""

SLAB, CYLINDER, SPHERE = 1, 2, 3
"""Dimensions in which the body is curved, plus one: surface x radius / volume."""


def invert_laplace(
    transform: Callable[[Complex], Complex], time: ArrayLike, nodes: int = 32
) -> Array:
    """Invert a Laplace transform whose singularities lie on the negative real axis.

    Weideman (2006), midpoint rule on the modified Talbot contour
    ``s = N/t (0.5017 q cot(0.6407 q) - 0.6122 + 0.2645 i q)``. `time` (n,) > 0.
    """
    t = np.atleast_1d(np.asarray(time, dtype=float))[:, None]
    q = (np.arange(nodes // 2) + 0.5) * 2.0 * np.pi / nodes
    # the lower half of the contour is the conjugate of the upper: real part, twice
    shape = 0.5017 * q / np.tan(0.6407 * q) - 0.6122 + 0.2645j * q
    slope = 0.5017 / np.tan(0.6407 * q) - 0.5017 * 0.6407 * q / np.sin(0.6407 * q) ** 2 + 0.2645j
    s: Complex = np.asarray(nodes / t * shape, dtype=complex)
    values = np.exp(nodes * shape) * transform(s) * slope * nodes / t
    return np.asarray((values.sum(axis=1) * 2.0 / (1j * nodes)).real)


def bisect(g: Callable[[Array], Array], low: ArrayLike, high: ArrayLike) -> Array:
    """Roots of `g`, one in each bracket [low, high] with a change of sign."""
    below, above = np.array(low, dtype=float), np.array(high, dtype=float)
    sign = np.sign(g(above))
    for _ in range(100):
        middle = 0.5 * (below + above)
        is_high = np.sign(g(middle)) == sign
        above, below = np.where(is_high, middle, above), np.where(is_high, below, middle)
    return np.asarray(0.5 * (below + above))


def bessel_zeros(order: int, count: int = TERMS) -> Array:
    """Positive zeros of J0 or J1: McMahon's expansion, then Newton."""
    beta = (np.arange(1, count + 1) + order / 2.0 - 0.25) * np.pi
    x = beta - (4.0 * order**2 - 1.0) / (8.0 * beta)
    for _ in range(6):
        J0, J1 = special.j0(x), special.j1(x)
        x = x + J0 / J1 if order == 0 else x - J1 / (J0 - J1 / x)
    return np.asarray(x)


@dataclass(frozen=True)
class Modes:
    """Remaining fraction ``limit + sum A_n exp(-rate_n t)`` of one direction of a body.

    rate [1/s] or, of a dimensionless body, per T; amplitude, of the dose [-]; both (n,).
    """

    rate: Array
    amplitude: Array
    limit: float = 0.0

    def remaining(self, time: ArrayLike) -> Array:
        """Fraction of the dose not yet released at `time`."""
        t = np.asarray(time, dtype=float)
        return np.asarray(self.limit + np.exp(-np.multiply.outer(t, self.rate)) @ self.amplitude)


def switch(
    time: ArrayLike, scale: float, late: Callable[[Array], Array], early: Callable[[Array], Array]
) -> Array:
    """Released fraction by `late` above ``time = EARLY scale``, `early` below, 0 at 0."""
    t = np.asarray(time, dtype=float)
    flat = t.ravel()
    released = np.zeros_like(flat)
    is_late, is_early = flat >= EARLY * scale, (flat > 0.0) & (flat < EARLY * scale)
    if is_late.any():
        released[is_late] = late(flat[is_late])
    if is_early.any():
        released[is_early] = early(flat[is_early])
    return released.reshape(t.shape)


def either(*released: Array) -> Array:
    """Released fraction of a body whose remaining fraction is the product of its directions'."""
    total = np.zeros_like(released[0])
    for one in released:
        # 1 - (1-f)(1-g), written so that small fractions keep their digits
        total = total + one - total * one
    return total

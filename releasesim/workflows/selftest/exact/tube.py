"""Long tube: eigenfunctions between two walls, and their Laplace transform for early times.

Source: H. S. Carslaw, J. C. Jaeger, Conduction of Heat in Solids, 2nd ed., Oxford (1959), 7.10.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from releasesim.workflows.selftest.exact.series import (
    TERMS,
    Array,
    Complex,
    Modes,
    bisect,
    invert_laplace,
    switch,
)


def annulus(
    time: ArrayLike,
    D: float,
    outer: float,
    inner: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    sealed: Sequence[str] = (),
) -> Array:
    """Long tube, both curved faces open; `sealed` of "inner", "side" (the outer one)."""
    if {"inner", "side"} <= set(sealed):
        return np.zeros_like(np.asarray(time, dtype=float))
    h = k / (partition * D)
    films = (0.0 if "inner" in sealed else h, 0.0 if "side" in sealed else h)
    gap = outer - inner
    late = annulus_modes(outer, inner, *films)
    # early, the two walls do not feel each other: exp(-1/(4 EARLY)) is below 1e-100
    return switch(
        time,
        gap**2 / D,
        lambda t: 1.0 - late.remaining(D * t),
        lambda t: invert_laplace(lambda s: two_walls(s, outer, inner, *films), D * t),
    )


@lru_cache(maxsize=16)
def annulus_modes(outer: float, inner: float, h_inner: float, h_outer: float) -> Modes:
    """Series in D t [m2] of the tube, in U = A J0(q r) + B Y0(q r); h = k/(K D) [1/m] at each wall.

    With ``(r U')' = -q^2 r U``: int r U = -[r U']/q^2, int r U^2 = [r^2 (U^2 + U'^2/q^2)]/2
    (Carslaw & Jaeger 7.10). h = inf is a sink, 0 a sealed wall.
    """
    walls = wall(h_inner), wall(h_outer)

    def constants(q: Array) -> tuple[Array, Array]:
        p, r = walls[1]
        x = q * outer
        return p * special.y0(x) - r * q * special.y1(x), -p * special.j0(x) + r * q * special.j1(x)

    def mismatch(q: Array) -> Array:
        (A, B), (p, r), x = constants(q), walls[0], q * inner
        with_film = A * special.j1(x) + B * special.y1(x)
        return np.asarray(p * (A * special.j0(x) + B * special.y0(x)) + r * q * with_film)

    q = _scan(mismatch, math.pi / (outer - inner))
    A, B = constants(q)
    first = _value_and_slope(A, B, q, inner)
    last = _value_and_slope(A, B, q, outer)
    total = -(outer * last[1] - inner * first[1]) / q**2
    square = 0.5 * (
        outer**2 * (last[0] ** 2 + (last[1] / q) ** 2)
        - inner**2 * (first[0] ** 2 + (first[1] / q) ** 2)
    )
    return Modes(q**2, 2.0 * total**2 / (square * (outer**2 - inner**2)))


def wall(h: float) -> tuple[float, float]:
    """(p, r) of the condition p U +- r U' = 0."""
    return (1.0, 0.0) if math.isinf(h) else (h, 1.0)


def _value_and_slope(A: Array, B: Array, q: Array, r: float) -> tuple[Array, Array]:
    x = q * r
    value = A * special.j0(x) + B * special.y0(x)
    return value, -q * (A * special.j1(x) + B * special.y1(x))


def _scan(g: Callable[[Array], Array], spacing: float) -> Array:
    """First `TERMS` roots of `g`, which lie about `spacing` apart."""
    grid = spacing * np.concatenate(([1e-7], np.arange(1, 24 * (TERMS + 2)) / 24.0))
    sign = np.sign(g(grid))
    change = np.flatnonzero(sign[1:] != sign[:-1])[:TERMS]
    return bisect(g, grid[change], grid[change + 1])


def two_walls(s: Complex, outer: float, inner: float, h_inner: float, h_outer: float) -> Complex:
    """Laplace transform of the release of a tube whose walls do not feel each other."""
    z: Complex = np.asarray(np.sqrt(s), dtype=complex)
    g_outer: Complex = z * special.ive(1, z * outer) / special.ive(0, z * outer)
    g_inner: Complex = z * special.kve(1, z * inner) / special.kve(0, z * inner)
    flux = outer * _in_series(g_outer, h_outer) + inner * _in_series(g_inner, h_inner)
    return 2.0 * flux / (outer**2 - inner**2) / s**2


def _in_series(g: Complex, h: float) -> Complex:
    return g if math.isinf(h) else g * h / (g + h)

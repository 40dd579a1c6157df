"""Slab, long cylinder and sphere of one material: into a sink, through a film, into a closed bath.

Source: J. Crank, The Mathematics of Diffusion, 2nd ed., Oxford (1975), chapters 4 to 6.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from releasesim.workflows.selftest.exact.series import (
    CYLINDER,
    SLAB,
    SPHERE,
    TERMS,
    Array,
    Complex,
    Modes,
    bessel_zeros,
    bisect,
    invert_laplace,
    switch,
)


def transform(s: Complex, n: int, biot: float = math.inf, bath: float = math.inf) -> Complex:
    """Laplace transform of the released fraction of dose in T, any film and bath at once.

    With eta the mean response to the surface, tanh z/z, 2 I1/(z I0) or 3 (coth z/z - 1/z^2), z =
    sqrt(s): ``f = eta / (s (1 + eta/bath + s eta/(n biot)))``; Crank's series are its poles.
    """
    z = np.sqrt(s)
    eta = {SLAB: _eta_slab, CYLINDER: _eta_cylinder, SPHERE: _eta_sphere}[n](z)
    return eta / (s * (1.0 + eta / bath + s * eta / (n * biot)))


def _eta_slab(z: Complex) -> Complex:
    return np.tanh(z) / z


def _eta_cylinder(z: Complex) -> Complex:
    return np.asarray(2.0 * special.ive(1, z) / (z * special.ive(0, z)))


def _eta_sphere(z: Complex) -> Complex:
    # coth z / z - 1/z^2 loses everything near 0, where the series is exact to rounding
    near = np.abs(z) < 0.05
    safe = np.where(near, 1.0, z)
    far = 3.0 * (1.0 / (safe * np.tanh(safe)) - 1.0 / safe**2)
    return np.where(near, 1.0 - z**2 / 15.0 + 2.0 * z**4 / 315.0 - z**6 / 1575.0, far)


@lru_cache(maxsize=64)
def modes(n: int, biot: float = math.inf, bath: float = math.inf) -> Modes:
    """Series in T of the slab (T = D t/l^2), long cylinder or sphere (D t/R^2).

    A film (Crank 4.53, 5.49, 6.43) or a closed bath (4.37, 5.33, 6.30), not both: for that there is
    `transform`.
    """
    if math.isinf(bath):
        q = _film_roots(n, biot)
        return Modes(q**2, _film_amplitudes(n, biot, q))
    if not math.isinf(biot):
        raise ValueError("no series for a film and a closed bath at once")
    q = _bath_roots(n, bath)
    gone = bath / (1.0 + bath)
    return Modes(q**2, gone * _bath_amplitudes(n, bath, q), 1.0 - gone)


def _film_roots(n: int, biot: float) -> Array:
    k = np.arange(TERMS)
    zeros_0, zeros_1 = bessel_zeros(0), bessel_zeros(1)
    if math.isinf(biot):
        return np.asarray(
            {SLAB: (k + 0.5) * np.pi, CYLINDER: zeros_0, SPHERE: (k + 1.0) * np.pi}[n]
        )
    if n == SLAB:
        return bisect(lambda q: q * np.sin(q) - biot * np.cos(q), k * np.pi, (k + 0.5) * np.pi)
    if n == CYLINDER:
        low = np.concatenate(([0.0], zeros_1[:-1]))
        return bisect(lambda q: q * special.j1(q) - biot * special.j0(q), low, zeros_0)
    # a hair above 0, where the trivial root lies
    low = np.where(k == 0, 1e-9, k * np.pi)
    return bisect(lambda q: q * np.cos(q) + (biot - 1.0) * np.sin(q), low, (k + 1.0) * np.pi)


def _film_amplitudes(n: int, biot: float, q: Array) -> Array:
    if math.isinf(biot):
        return np.asarray(2.0 * n / q**2)
    extra = {SLAB: biot, CYLINDER: 0.0, SPHERE: -biot}[n]
    return np.asarray(2.0 * n * biot**2 / (q**2 * (q**2 + biot**2 + extra)))


def _bath_roots(n: int, a: float) -> Array:
    k = np.arange(TERMS)
    if n == SLAB:
        return bisect(lambda q: np.sin(q) + a * q * np.cos(q), (k + 0.5) * np.pi, (k + 1.0) * np.pi)
    if n == CYLINDER:
        zeros = bessel_zeros(0), bessel_zeros(1)
        return bisect(lambda q: a * q * special.j0(q) + 2.0 * special.j1(q), *zeros)
    return bisect(
        lambda q: (3.0 + a * q**2) * np.sin(q) - 3.0 * q * np.cos(q),
        (k + 1.0) * np.pi,
        (k + 1.5) * np.pi,
    )


def _bath_amplitudes(n: int, a: float, q: Array) -> Array:
    below = {SLAB: 1.0 + a, CYLINDER: 4.0 + 4.0 * a, SPHERE: 9.0 + 9.0 * a}[n]
    return np.asarray(2.0 * n * a * (1.0 + a) / (below + (a * q) ** 2))


def one_direction(T: ArrayLike, n: int, biot: float = math.inf, bath: float = math.inf) -> Array:
    """Released fraction of dose of slab, long cylinder or sphere in dimensionless time T."""

    def by_laplace(times: Array) -> Array:
        return invert_laplace(lambda s: transform(s, n, biot, bath), times)

    if math.isfinite(biot) and math.isfinite(bath):
        return switch(T, math.inf, by_laplace, by_laplace)
    series = modes(n, biot, bath)
    return switch(T, 1.0, lambda times: 1.0 - series.remaining(times), by_laplace)


def slab(
    time: ArrayLike,
    D: float,
    thickness: float,
    *,
    open_faces: int = 2,
    k: float = math.inf,
    partition: float = 1.0,
    bath: float = math.inf,
) -> Array:
    """Slab with 2, 1 (the other sealed) or 0 open faces.

    k film coefficient [m/s]; partition K = c_device/c_medium; bath = V_bath/(K V_device).
    """
    if open_faces == 0:
        return np.zeros_like(np.asarray(time, dtype=float))
    depth = thickness / open_faces
    T = np.asarray(time, dtype=float) * D / depth**2
    return one_direction(T, SLAB, k * depth / (partition * D), bath)


def cylinder(
    time: ArrayLike,
    D: float,
    radius: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    bath: float = math.inf,
) -> Array:
    """Long cylinder, or one with sealed top and bottom."""
    T = np.asarray(time, dtype=float) * D / radius**2
    return one_direction(T, CYLINDER, k * radius / (partition * D), bath)


def sphere(
    time: ArrayLike,
    D: float,
    radius: float,
    *,
    k: float = math.inf,
    partition: float = 1.0,
    bath: float = math.inf,
) -> Array:
    """Sphere."""
    T = np.asarray(time, dtype=float) * D / radius**2
    return one_direction(T, SPHERE, k * radius / (partition * D), bath)

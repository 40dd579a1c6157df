"""Long and short tubes with the medium in their bore: mixed, standing still, or filled late.

Between coaxial walls the radial problem is one of Sturm and Liouville; its eigenvectors are found
in polynomials of each material (Galerkin), right to 1e-9. Between two open ends a composite tube
falls into one radial problem for each sine along its height, whose decay D (n pi/H)^2 differs from
material to material.

Sources: H. S. Carslaw, J. C. Jaeger, Conduction of Heat in Solids, 2nd ed., Oxford (1959), 13.8
(composite cylinders); C. Canuto et al., Spectral Methods, Springer (2006), ch. 5 (elements of high
degree).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from releasesim.workflows.selftest.exact.series import Array

DEGREE = 32
"""Of the polynomials in each shell."""
SINES = 120
"""Along the height; odd ones only."""


@dataclass(frozen=True)
class Shell:
    """One material between two coaxial walls.

    Parameters
    ----------
    outer : float
        Radius at which it ends; it begins where the one before ends [m].
    D : float
        Diffusivity [m2/s].
    K : float
        Partition against the medium [-].
    c : float
        Drug at the start, any unit.
    """

    outer: float
    D: float
    K: float = 1.0
    c: float = 1.0


def composite_tube(
    time: ArrayLike, shells: Sequence[Shell], *, inner: float = 0.0, height: float = math.inf
) -> Array:
    """Released fraction of coaxial shells whose rim, and ends at a finite height, are a sink."""
    t = np.asarray(time, dtype=float)
    if math.isinf(height):
        return np.where(t > 0.0, 1.0 - _Radial(shells, inner).left(t), 0.0)
    left = np.zeros_like(t)
    for n in range(1, 2 * SINES, 2):
        share = 8.0 / (math.pi * n) ** 2
        left += share * _Radial(shells, inner, (n * math.pi / height) ** 2).left(t)
    # the sines that are left out are gone but at the very start
    return np.where(t > 0.0, 1.0 - left, 0.0)


def late_bore(time: ArrayLike, D: float, outer: float, inner: float, delay: float) -> Array:
    """Released fraction of a long tube whose bore is dry until `delay` [s], and a sink after."""
    t = np.asarray(time, dtype=float)
    shells = [Shell(outer, D)]
    dry, wet = _Radial(shells, inner), _Radial(shells, inner, sink_inside=True)
    left = np.where(t < delay, dry.left(t), 0.0)
    later = t >= delay
    load = dry.load(dry.at(delay))
    left[later] = wet.left(t[later] - delay, load)
    return np.where(t > 0.0, 1.0 - left, 0.0)


class _Radial:
    """Eigenvectors of shells, unknown u = c/K, with a further decay `square` D [1/m2]."""

    def __init__(
        self,
        shells: Sequence[Shell],
        inner: float,
        square: float = 0.0,
        *,
        sink_inside: bool = False,
    ) -> None:
        x, w, shape, slope = _polynomials()
        count = DEGREE + 1
        size = count * len(shells)
        M, A, mass, joints = np.zeros((size, size)), np.zeros((size, size)), np.zeros(size), []
        self.start, begin = np.zeros(size), inner
        for place, shell in enumerate(shells):
            at, half = slice(place * count, (place + 1) * count), 0.5 * (shell.outer - begin)
            weight = half * w * (begin + half * (1.0 + x))
            M[at, at] = shell.K * (shape * weight) @ shape.T
            spread = (slope * weight) @ slope.T / half**2 + square * (shape * weight) @ shape.T
            A[at, at] = shell.K * shell.D * spread
            mass[at] = shell.K * (shape @ weight)
            self.start[at] = shell.c * (shape @ weight)
            begin = shell.outer
        low, high = (-1.0) ** np.arange(count), np.ones(count)
        for place in range(len(shells)):
            row = np.zeros(size)
            row[place * count : (place + 1) * count] = high
            if place + 1 < len(shells):
                row[(place + 1) * count : (place + 2) * count] = -low
            joints.append(row)
        if sink_inside:
            joints.append(np.concatenate([low, np.zeros(size - count)]))
        basis = linalg.null_space(np.array(joints))
        self.rate, vectors = linalg.eigh(basis.T @ A @ basis, basis.T @ M @ basis)
        self.vectors, self.mass, self.M = basis @ vectors, mass, M
        self.dose = float(
            sum(
                shell.c * (shell.outer**2 - low**2) / 2.0
                for shell, low in zip(shells, [inner, *(s.outer for s in shells)], strict=False)
            )
        )

    def at(self, t: float) -> Array:
        """Coefficients of u at a time [s]."""
        return np.asarray(self.vectors @ (np.exp(-self.rate * t) * (self.vectors.T @ self.start)))

    def load(self, u: Array) -> Array:
        """Moments of what these coefficients stand for."""
        return np.asarray(self.M @ u)

    def left(self, times: Array, load: Array | None = None) -> Array:
        """Share of the dose that is left at `times` [s] after a load."""
        load = self.start if load is None else load
        modes = (self.vectors.T @ load) * (self.vectors.T @ self.mass)
        return np.asarray(np.exp(-np.multiply.outer(times, self.rate)) @ modes / self.dose)


@lru_cache(maxsize=1)
def _polynomials() -> tuple[Array, Array, Array, Array]:
    """Gauss points and weights, and P_0, P_1, ... and their slopes there, (degree + 1, points)."""
    x, w = np.polynomial.legendre.leggauss(DEGREE + 6)
    basis = [np.polynomial.legendre.Legendre.basis(k) for k in range(DEGREE + 1)]
    return x, w, np.array([p(x) for p in basis]), np.array([p.deriv(1)(x) for p in basis])

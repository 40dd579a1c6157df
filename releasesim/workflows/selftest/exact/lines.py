"""Method of lines in one dimension, the high-precision road where no closed form exists.

Finite volumes between two walls that may move (Landau's coordinate xi = (r - s)/(S - s)), cells
finer towards the surface, time by LSODA to 1e-10. Space is of second order on a smooth mapping, so
two grids are extrapolated; the references built on it are right to 1e-5 or better, which their
tests see by halving the cells once more.

Sources: W. E. Schiesser, The Numerical Method of Lines, Academic Press (1991); H. G. Landau, Quart.
Appl. Math. 8 (1950) 81 (fixed fronts); L. F. Richardson, Phil. Trans. A 210 (1911) 307.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, interpolate

from releasesim.errors import ConvergenceError
from releasesim.workflows.selftest.exact.series import Array

Rate = Callable[[float, Array], Array]

TOLERANCE = 1e-10
"""Of the time steps, relative to the initial concentration."""

CLUSTER = 5.0
"""Cells at the surface are cosh(CLUSTER) ~ 74 times finer than at the centre."""


def near_surface(cells: int, strength: float = CLUSTER) -> Array:
    """Faces from 0 (centre) to 1 (surface), finer towards the surface, (cells + 1,)."""
    u = np.linspace(0.0, 1.0, cells + 1)
    return np.asarray(1.0 - np.sinh(strength * (1.0 - u)) / math.sinh(strength))


def even(cells: int) -> Array:
    """Faces from 0 to 1, evenly spaced, (cells + 1,)."""
    return np.linspace(0.0, 1.0, cells + 1)


@dataclass(frozen=True)
class Mesh:
    """Cells of a slab (n = 1), cylinder (2) or sphere (3) at one moment.

    Parameters
    ----------
    n : int
        Surface x radius / volume.
    face : Array
        Radii of the faces, (cells + 1,) [m].
    drift : Array or float
        Speed of each face [m/s].
    """

    n: int
    face: Array
    drift: Array | float = 0.0

    @classmethod
    def between(
        cls, n: int, xi: Array, inner: float, outer: float, drift: tuple[float, float] = (0.0, 0.0)
    ) -> Mesh:
        """Lay faces at the fractions `xi` between two walls that move at `drift` [m/s]."""
        return cls(n, inner + (outer - inner) * xi, drift[0] + (drift[1] - drift[0]) * xi)

    @property
    def volume(self) -> Array:
        """Of the cells per solid angle (or area), (cells,)."""
        return np.asarray(np.diff(self.face**self.n) / self.n)

    @property
    def area(self) -> Array:
        """Of the faces per solid angle, (cells + 1,)."""
        return np.asarray(self.face ** (self.n - 1))

    @property
    def centre(self) -> Array:
        """Middle of the cells, (cells,) [m]."""
        return np.asarray(0.5 * (self.face[1:] + self.face[:-1]))

    @property
    def half_outer(self) -> float:
        """From the last centre to the surface [m]."""
        return float(0.5 * (self.face[-1] - self.face[-2]))

    @property
    def half_inner(self) -> float:
        """From the inner wall to the first centre [m]."""
        return float(0.5 * (self.face[1] - self.face[0]))

    def gradient(self, c: Array) -> Array:
        """Slope at the inside faces, (cells - 1,)."""
        return np.asarray(np.diff(c) / np.diff(self.centre))

    def gather(self, inner: float, inside: Array, outer: float) -> Array:
        """Sum what enters each cell per volume from fluxes INWARD at all faces, D dc/dr."""
        flux = self.area * np.concatenate(([inner], inside, [outer]))
        return np.asarray(np.diff(flux) / self.volume)

    def carry(self, c: Array, inner: float, outer: float) -> Array:
        """Rate at which the moving faces change the mean of the cells; c at the walls given."""
        at_face = np.concatenate(([inner], 0.5 * (c[1:] + c[:-1]), [outer]))
        swept = self.area * self.drift
        gain = swept[1:] * (at_face[1:] - c) - swept[:-1] * (at_face[:-1] - c)
        return np.asarray(gain / self.volume)


def outward(c: float, half: float, D: float, k: float = math.inf) -> float:
    """Flux out of the last cell to a sink, through half a cell and a film of k [m/s]."""
    return c / (half / D + 1.0 / k)


def march(
    rate: Rate,
    start: Array,
    times: ArrayLike,
    band: int | None = None,
    tolerance: float = TOLERANCE,
) -> Array:
    """Integrate ``dy/dt = rate(t, y)`` from times[0], (times, unknowns); `band` each side.

    Raises
    ------
    ConvergenceError
        The steps became too small: no reference, rather than a wrong one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", integrate.ODEintWarning)
        try:
            found = integrate.odeint(
                rate,
                start,
                np.asarray(times, dtype=float),
                tfirst=True,
                rtol=tolerance,
                atol=tolerance,
                mxstep=20_000,
                ml=band,
                mu=band,
            )
        except integrate.ODEintWarning as trouble:
            raise ConvergenceError(f"a reference did not converge: {trouble}") from None
    return np.asarray(found)


def extrapolate(solve: Callable[[int], Array], cells: int) -> Array:
    """Combine `solve` on `cells` and twice as many: second order becomes fourth (Richardson)."""
    coarse, fine = solve(cells), solve(2 * cells)
    return np.asarray((4.0 * fine - coarse) / 3.0)


def from_zero(time: ArrayLike, solve: Callable[[Array], Array]) -> Array:
    """Released fraction at `time`, 0 at 0, by `solve`, which takes times from 0 on, increasing."""
    t = np.asarray(time, dtype=float)
    wanted, place = np.unique(np.append(t.ravel(), 0.0), return_inverse=True)
    return np.asarray(solve(wanted)[place[:-1]].reshape(t.shape))


def at_times(known: Array, value: Array, times: Array) -> Array:
    """Value at `times` by a cubic spline in sqrt(t), in which release curves are smooth."""
    spline = interpolate.CubicSpline(np.sqrt(known), value)
    return np.asarray(spline(np.sqrt(times)))

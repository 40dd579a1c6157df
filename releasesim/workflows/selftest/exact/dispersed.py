"""Drug loaded above its solubility: the exact moving boundary, and the closed forms beside it.

Inside the front lies the loading A, outside it c <= c_s. The front is fixed in Landau's coordinate
and its radius taken as the variable that advances, so time and profile follow from it without
iteration. When the fronts have met the rest is ordinary diffusion from the profile then. Right to
1e-5 of the dose.

Sources: D. R. Paul, S. K. McSpadden, J. Membr. Sci. 1 (1976) 33; T. Higuchi, J. Pharm. Sci. 50
(1961) 874; R. W. Baker, H. K. Lonsdale, in Controlled Release of Biologically Active Agents, Plenum
(1974) 15; J. Crank, Free and Moving Boundary Problems, Oxford (1984), ch. 5 (front fixing).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from releasesim.workflows.selftest.exact.lines import (
    Mesh,
    at_times,
    even,
    extrapolate,
    from_zero,
    march,
    outward,
)
from releasesim.workflows.selftest.exact.series import SPHERE, Array, bisect

CELLS = 20
FIRST = 1e-3
"""Depth of the front, of the radius, at which the planar short-time solution hands over."""
LAST = 0.02
"""Radius of a sphere's core, of the whole, that is left to plain diffusion: 1e-5 of its volume."""


def paul_mcspadden(loading_over_solubility: float) -> float:
    """Q/(c_s sqrt(D t)) of the planar moving front, exact (Paul & McSpadden 1976)."""
    return 2.0 / (math.sqrt(math.pi) * math.erf(front_constant(loading_over_solubility)))


def front_constant(loading_over_solubility: float) -> float:
    """Depth of the front over 2 sqrt(D t): the root of sqrt(pi) y exp(y^2) erf(y) = c_s/(A-c_s)."""
    goal = 1.0 / (loading_over_solubility - 1.0)

    def mismatch(y: Array) -> Array:
        return np.asarray(math.sqrt(math.pi) * y * np.exp(y**2) * special.erf(y) - goal)

    return float(bisect(mismatch, np.array([1e-12]), np.array([6.0]))[0])


def higuchi(loading_over_solubility: float) -> float:
    """Q/(c_s sqrt(D t)) by Higuchi (1961), the pseudo-steady approximation."""
    return math.sqrt(2.0 * loading_over_solubility - 1.0)


def baker_lonsdale(released: ArrayLike, loading_over_solubility: float) -> Array:
    """D t/R^2 at which a sphere with A >> c_s has released this, pseudo-steady (1974)."""
    f = np.asarray(released, dtype=float)
    return np.asarray((0.5 * (1.0 - (1.0 - f) ** (2.0 / 3.0)) - f / 3.0) * loading_over_solubility)


def higuchi_slab(time: ArrayLike, D: float, depth: float, loading: float) -> Array:
    """Released fraction by Paul & McSpadden until the fronts meet, NaN after.

    `depth` is half the thickness of a slab with both faces open [m]; `loading` is A/c_s.
    """
    t = np.asarray(time, dtype=float)
    front = 2.0 * front_constant(loading) * np.sqrt(D * t)
    released = paul_mcspadden(loading) * np.sqrt(D * t) / (loading * depth)
    return np.where(front <= depth, released, np.nan)


@dataclass(frozen=True)
class Dispersed:
    """A body of drug above its solubility.

    Parameters
    ----------
    n : int
        1 slab, 3 sphere.
    radius : float
        Half the thickness of a slab with both faces open [m].
    D : float
        Diffusivity [m2/s].
    loading : float
        A/c_s, above 1 [-].
    k : float
        Film coefficient over the partition, k/K [m/s].
    speed : float
        At which the surface erodes [m/s].
    """

    n: int
    radius: float
    D: float
    loading: float
    k: float = math.inf
    speed: float = 0.0

    def released(self, time: ArrayLike, cells: int = CELLS) -> Array:
        """Released fraction of dose at `time` [s]."""

        def solve(times: Array) -> Array:
            return extrapolate(lambda count: self._solve(times, count), cells)

        return from_zero(time, solve)

    def _solve(self, times: Array, cells: int) -> Array:
        xi = even(cells)
        front, moment, profile = self._until_fronts_meet(xi)
        left = np.array(
            [self._left(xi, s, t, c) for s, t, c in zip(front, moment, profile, strict=True)]
        )
        released = 1.0 - left / self._dose
        meets = moment[-1]
        result = np.zeros_like(times)
        early = times <= meets
        known, value = np.append(0.0, moment), np.append(0.0, released)
        result[early] = at_times(known, value, times[early])
        if not early.all():
            result[~early] = self._afterwards(xi, front[-1], meets, profile[-1], times[~early])
        return result

    @property
    def _dose(self) -> float:
        return self.loading * self.radius**self.n / self.n

    def _left(self, xi: Array, s: float, t: float, c: Array) -> float:
        mesh = Mesh.between(self.n, xi, s, self.radius - self.speed * t)
        return float(mesh.volume @ c) + self.loading * s**self.n / self.n

    def _until_fronts_meet(self, xi: Array) -> tuple[Array, Array, Array]:
        """Radius of the front, time and profile (c_s = 1) at a few hundred stations."""
        power = 2.0 if self.n == SPHERE else 1.0
        last = LAST * self.radius if self.n == SPHERE else 0.0
        t0, depth, c0 = self._start(xi)
        stations = depth + (self.radius - depth - last) * np.linspace(0.0, 1.0, 400) ** 2
        s = self.radius - stations
        s[-1] = last
        # in s^2 the last moments of a sphere, when the front runs, are smooth
        q = -(s**power)

        def rate(q: float, y: Array) -> Array:
            radius = max(-q, 0.0) ** (1.0 / power)
            slowness, change = self._slowness(xi, radius, y[0], y[1:])
            per_q = slowness / (power * radius ** (power - 1.0))
            return np.append(per_q, -change * per_q)

        # what is lacking to saturation is marched: near the front c itself would lose its digits
        found = march(rate, np.append(t0, 1.0 - c0), q)
        return s, found[:, 0], 1.0 - found[:, 1:]

    def _start(self, xi: Array) -> tuple[float, float, Array]:
        """Time, depth of the front and profile while the body is still flat to its drug."""
        depth = FIRST * self.radius
        x = depth * (1.0 - 0.5 * (xi[1:] + xi[:-1]))
        if math.isfinite(self.k):
            wall = 1.0 / (1.0 + self.k * depth / self.D)
            out = (self.loading - 0.5 * (1.0 + wall)) * depth
            # so early the flux has hardly changed: its mean is that at half the depth
            mean = self.k / (1.0 + 0.5 * self.k * depth / self.D)
            return out / mean, depth, wall + (1.0 - wall) * x / depth
        y = front_constant(self.loading)
        time = depth**2 / (4.0 * y**2 * self.D)
        return time, depth, special.erf(y * x / depth) / math.erf(y)

    def _slowness(self, xi: Array, s: float, t: float, lack: Array) -> tuple[float, Array]:
        """Time per inward step of the front [s/m], and dc/dt with the front moving so."""
        c = 1.0 - lack
        outer = self.radius - self.speed * t
        half = 0.5 * (outer - s) * xi[1]
        flux = self.D * lack[0] / half
        # what the front frees, A - c_s per step, is what diffuses away from it
        slowness = (self.loading - 1.0) / flux
        mesh = Mesh.between(self.n, xi, s, outer, (-1.0 / slowness, -self.speed))
        leaves = outward(c[-1], mesh.half_outer, self.D, self.k)
        inside = self.D * mesh.gradient(c)
        change = mesh.gather(-flux, inside, -leaves) + mesh.carry(c, 1.0, self._wall(leaves))
        return slowness, change

    def _wall(self, leaves: float) -> float:
        return 0.0 if math.isinf(self.k) else leaves / self.k

    def _afterwards(self, xi: Array, s: float, begun: float, c: Array, times: Array) -> Array:
        """Plain diffusion once the fronts have met; a sphere's last crumb is one more cell."""
        if s > 0.0:
            c = np.append(self.loading, c)

        def mesh(t: float) -> Mesh:
            outer = self.radius - self.speed * t
            if s == 0.0:
                return Mesh.between(self.n, xi, 0.0, outer, (0.0, -self.speed))
            whole = Mesh.between(self.n, xi, s, outer, (0.0, -self.speed))
            return Mesh(self.n, np.append(0.0, whole.face), np.append(0.0, whole.drift))

        def rate(t: float, c: Array) -> Array:
            here = mesh(t)
            leaves = outward(c[-1], here.half_outer, self.D, self.k)
            change = here.gather(0.0, self.D * here.gradient(c), -leaves)
            return change + here.carry(c, 0.0, self._wall(leaves)) if self.speed else change

        gone = math.inf if self.speed == 0.0 else 0.9995 * self.radius / self.speed
        asked = np.append(begun, np.minimum(times, gone))
        stops, place = np.unique(asked, return_inverse=True)
        found = march(rate, c, stops, band=1)
        left = [float(mesh(t).volume @ c) for t, c in zip(stops, found, strict=True)]
        return 1.0 - np.array(left)[place][1:] / self._dose

"""Water that enters and lets the drug move: Fick, Fujita, Case II, and a polymer that swells.

Water w is relative to equilibrium, 0 at the start and 1 at the surface; both fields live on the
printed configuration (PHYSICS 1). By the method of lines to 1e-5; the half-space uptake by
similarity.

Sources: H. Fujita, Fortschr. Hochpolym.-Forsch. 3 (1961) 1; J. Crank, The Mathematics of Diffusion
(1975), 7.2 (similarity); G. Astarita, G. C. Sarti, Polym. Eng. Sci. 18 (1978) 388 (Case II front);
J. S. Mackie, P. Meares, Proc. R. Soc. London A 232 (1955) 498.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, optimize

from releasesim.workflows.selftest.exact import fields
from releasesim.workflows.selftest.exact.lines import (
    Mesh,
    extrapolate,
    from_zero,
    march,
    near_surface,
    outward,
)
from releasesim.workflows.selftest.exact.series import Array

CELLS = 60

OfWater = Callable[[Array], Array]
"""Diffusivity [m2/s] at w [-]."""


def exponential(D: float, beta: float) -> OfWater:
    """Diffusivity D exp(-beta (1 - w)) of Fujita (1961); beta = 0 is Fick's."""
    return lambda w: D * np.exp(-beta * (1.0 - w))


def half_space_uptake(beta: float) -> float:
    """Uptake/(c0 sqrt(D1 t)) of a half-space, D = D1 exp(-beta (1 - w)), by shooting.

    With eta = x/(2 sqrt(D1 t)): (D/D1 w')' = -2 eta w', w(0) = 1, w(inf) = 0.
    """

    def profile(slope: float) -> tuple[float, float]:
        # unknown are w, the flux p = D/D1 w', and the uptake so far
        def change(eta: float, y: Array) -> list[float]:
            gradient = y[1] * math.exp(min(beta * (1.0 - y[0]), 700.0))
            return [gradient, -2.0 * eta * gradient, y[0]]

        found = integrate.solve_ivp(
            change, (0.0, 8.0), [1.0, slope, 0.0], rtol=1e-11, atol=1e-13, method="LSODA"
        )
        return float(found.y[0, -1]), slope

    slope = optimize.brentq(lambda p: profile(p)[0], -1.2, -0.05, xtol=1e-14)
    # what enters per time is -D1 w'/(2 sqrt(D1 t)): its integral is -p sqrt(D1 t)
    return -float(slope)


@dataclass(frozen=True)
class Wetted:
    """A body whose drug moves as the water lets it.

    Parameters
    ----------
    n : int
        1 slab, 2 long cylinder, 3 sphere.
    radius : float
        Half the thickness of a slab with both faces open [m].
    water : callable
        Diffusivity of water at w [m2/s].
    drug : callable
        Diffusivity of the drug at w [m2/s].
    swollen : float
        J_eq, volume at equilibrium over that printed [-].
    k : float
        Film coefficient over the partition [m/s].
    """

    n: int
    radius: float
    water: OfWater
    drug: OfWater
    swollen: float = 1.0
    k: float = math.inf

    def released(self, time: ArrayLike, cells: int = CELLS) -> Array:
        """Released fraction of dose at `time` [s]."""
        return fields.release(
            time,
            lambda count: fields.body(self.n, self.radius, count),
            start=lambda mesh: (0.0, 1.0),
            rate=self._change,
            left=lambda mesh, t, state: float(mesh.volume @ state[:, 1]),
            cells=cells,
        )

    def uptake(self, time: ArrayLike, cells: int = CELLS) -> Array:
        """Share of the equilibrium water that is in, at `time` [s]."""
        return fields.release(
            time,
            lambda count: fields.body(self.n, self.radius, count),
            start=lambda mesh: (0.0, 1.0),
            rate=self._change,
            left=lambda mesh, t, state: float(mesh.volume @ (1.0 - state[:, 0])),
            cells=cells,
        )

    def _change(self, mesh: Mesh, t: float, state: Array) -> Array:
        """Rates of w and of the drug per PRINTED volume, J c."""
        w, m = state.T
        J = 1.0 + w * (self.swollen - 1.0)
        c = m / J
        between = 0.5 * (w[1:] + w[:-1])
        edge = 0.5 * (w[-1:] + 1.0)
        comes = -outward(w[-1] - 1.0, mesh.half_outer, float(self.water(edge)[0]))
        wet = mesh.gather(0.0, self.water(between) * mesh.gradient(w), comes)
        D, D_edge = self._printed(between), float(self._printed(edge)[0])
        leaves = outward(c[-1], mesh.half_outer, D_edge, self.k * self.swollen ** (2.0 / 3.0))
        move = mesh.gather(0.0, D * mesh.gradient(c), -leaves)
        return np.stack([wet, move], axis=1)

    def _printed(self, w: Array) -> Array:
        """D J^(1/3): conductance of printed lengths and areas."""
        return np.asarray(self.drug(w) * np.cbrt(1.0 + w * (self.swollen - 1.0)))


def mackie_meares(D: float, swollen: float) -> OfWater:
    """Diffusivity D (phi/(2 - phi))^2, phi = 1 - 1/J the water's share of the swollen polymer."""

    def diffusivity(w: Array) -> Array:
        phi = 1.0 - 1.0 / (1.0 + w * (swollen - 1.0))
        return np.asarray(D * (phi / (2.0 - phi)) ** 2)

    return diffusivity


def swollen_at_once(D: float, k: float, ratio: float) -> tuple[float, float]:
    """D and k of the unswollen body that releases as one swollen by `ratio` from the start.

    J c_t = D J^(1/3) c_xx and a film of k J^(2/3): D J^(-2/3) and k J^(-1/3).
    """
    return D * ratio ** (-2.0 / 3.0), k * ratio ** (-1.0 / 3.0)


def case_two(
    time: ArrayLike, n: int, radius: float, D: float, speed: float, *, cells: int = CELLS
) -> Array:
    """Released fraction where drug diffuses only behind a water front of constant speed.

    The front is fixed in Landau's coordinate and brings the drug that it meets, c0, into the wet
    layer; once it has reached the centre the rest diffuses.
    """
    end = radius / speed
    # while D/(v x) is this large the wet layer is linear: c = c0 v x/D
    first = min(1e-3 * D / speed, 1e-3 * radius)

    def solve(times: Array, count: int) -> Array:
        xi = near_surface(count, 3.0)
        wet = (times > first / speed) & (times <= end)
        stops = np.concatenate(([first / speed], times[wet], [end]))
        stops, place = np.unique(stops, return_inverse=True)

        def mesh(t: float) -> Mesh:
            s = max(radius - speed * t, 0.0)
            return Mesh.between(n, xi, s, radius, (-speed if t < end else 0.0, 0.0))

        def rate(t: float, c: Array) -> Array:
            here = mesh(min(t, np.nextafter(end, 0.0)))
            leaves = outward(c[-1], here.half_outer, D)
            return here.gather(0.0, D * here.gradient(c), -leaves) + here.carry(c, 1.0, 0.0)

        begin = speed / D * (radius - mesh(stops[0]).centre)
        found = march(rate, begin, stops, band=1)
        left = np.full(times.size, radius**n / n)
        for at, t, c in zip(np.flatnonzero(wet), times[wet], found[place[1:-1]], strict=True):
            left[at] = mesh(t).volume @ c + (radius - speed * t) ** n / n
        left[times > end] = _dry_no_more(mesh(end), D, end, found[-1], times[times > end])
        return np.asarray(1.0 - left * n / radius**n)

    return from_zero(time, lambda times: extrapolate(lambda count: solve(times, count), cells))


def _dry_no_more(mesh: Mesh, D: float, begun: float, c: Array, times: Array) -> Array:
    """Drug left by plain diffusion from the profile `c` at `begun`."""
    if times.size == 0:
        return np.zeros(0)

    def rate(t: float, c: Array) -> Array:
        leaves = outward(c[-1], mesh.half_outer, D)
        return mesh.gather(0.0, D * mesh.gradient(c), -leaves)

    found = march(rate, c, np.append(begun, times), band=1)[1:]
    return np.asarray(found @ mesh.volume)

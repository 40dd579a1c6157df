"""Solid drug that dissolves at a finite rate while it diffuses out (Noyes & Whitney 1897).

With solid everywhere and exponent 0 the problem is linear and has an exact transform. Depletion,
and the exponent 2/3 of shrinking particles, are done by the method of lines to 1e-5: 2/3 in
particle size y = (s/s0)^(1/3), in which particles vanish smoothly.

Sources: A. A. Noyes, W. R. Whitney, J. Am. Chem. Soc. 19 (1897) 930; A. W. Hixson, J. H. Crowell,
Ind. Eng. Chem. 23 (1931) 923; P. V. Danckwerts, Trans. Faraday Soc. 46 (1950) 300 (diffusion with
a first-order source).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from releasesim.workflows.selftest.exact import fields
from releasesim.workflows.selftest.exact.lines import Mesh, from_zero, outward
from releasesim.workflows.selftest.exact.series import SLAB, Array, Complex, invert_laplace

CELLS = 40
FADE = 0.03
"""Share of the solid over which its end is smoothed, exponent 0; it enters squared."""


def dissolving_slab_flux(D: float, rate: float, solubility: float, half_thickness: float) -> float:
    """Steady flux out of one face while solid drug dissolves at first order [kg/m2/s]."""
    return solubility * math.sqrt(D * rate) * math.tanh(half_thickness * math.sqrt(rate / D))


@dataclass(frozen=True)
class Dissolving:
    """A body of solid drug in wet pores.

    Parameters
    ----------
    n : int
        1 slab, 2 long cylinder, 3 sphere.
    radius : float
        Half the thickness of a slab with both faces open [m].
    D : float
        Diffusivity [m2/s].
    rate : float
        r of -ds/dt = r (s/s0)^n (c_s - c) [1/s].
    loading : float
        Total drug over c_s [-].
    exponent : float
        0 or 2/3.
    saturated : bool
        Whether the pores hold c_s at t = 0; they are dry otherwise.
    k : float
        Film coefficient over the partition [m/s].
    solubility : sequence of (float, float)
        Times from which c_s is another multiple of that at t = 0 [s, -].
    opening : float
        Growth of D where all drug has left, as through the pores that it leaves: D is
        D (1 + opening x), x the share of all drug of a place that is no longer solid there [-].
    """

    n: int
    radius: float
    D: float
    rate: float
    loading: float
    exponent: float = 0.0
    saturated: bool = False
    k: float = math.inf
    solubility: Sequence[tuple[float, float]] = ()
    opening: float = 0.0

    def with_excess(self, time: ArrayLike) -> Array:
        """Released fraction while solid is left everywhere, exponent 0; exact transform."""

        def transform(s: Complex) -> Complex:
            pore = 1.0 if self.saturated else 0.0
            ahead = (self.rate / s + pore) / (s + self.rate)
            z = np.sqrt((s + self.rate) / self.D)
            resistance = 1.0 / (self.D * self._steepness(z)) + 1.0 / self.k
            return np.asarray(ahead / resistance / s)

        def solve(times: Array) -> Array:
            released = np.zeros_like(times)
            later = times > 0.0
            released[later] = invert_laplace(transform, times[later])
            return released * self.n / (self.radius * self.loading)

        return from_zero(time, solve)

    def _steepness(self, z: Complex) -> Complex:
        """Slope over lack at the surface of a slab or a sphere [1/m]."""
        x = z * self.radius
        return z * np.tanh(x) if self.n == SLAB else z / np.tanh(x) - 1.0 / self.radius

    def outlasts(self, time: float) -> bool:
        """Whether solid surely is left everywhere at `time`, exponent 0."""
        start = self.loading - (1.0 if self.saturated else 0.0)
        return self.rate * time < start

    def released(self, time: ArrayLike, cells: int = CELLS) -> Array:
        """Released fraction of dose at `time` [s], with depletion."""
        solid = self.loading - (1.0 if self.saturated else 0.0)
        shrinks = self.exponent > 0.0

        def standing(y: Array) -> Array:
            share = np.maximum(y, 0.0) ** 3 if shrinks else _rest(y / solid)
            return np.asarray(solid * share)

        def change(mesh: Mesh, t: float, state: Array) -> Array:
            c, y = state.T
            lack = np.maximum(self._solubility(t) - c, 0.0)
            D = self.D * (1.0 + self.opening * (1.0 - standing(y) / self.loading))
            leaves = outward(c[-1], mesh.half_outer, 1.5 * D[-1] - 0.5 * D[-2], self.k)
            spread = mesh.gather(0.0, 0.5 * (D[1:] + D[:-1]) * mesh.gradient(c), -leaves)
            # y runs on below 0, where it stands for nothing: so its law has no corner
            if shrinks:
                dissolves = self.rate * np.maximum(y, 0.0) ** 2 * lack
                return np.stack([spread + dissolves, -self.rate * lack / (3.0 * solid)], axis=1)
            dissolves = self.rate * lack * _present(y / solid)
            return np.stack([spread + dissolves, -self.rate * lack], axis=1)

        def left(mesh: Mesh, t: float, state: Array) -> float:
            c, y = state.T
            return float(mesh.volume @ (c + standing(y)))

        return fields.release(
            time,
            lambda count: fields.body(self.n, self.radius, count),
            start=lambda mesh: (1.0 if self.saturated else 0.0, 1.0 if shrinks else solid),
            rate=change,
            left=left,
            cells=cells,
            switches=[when for when, _ in self.solubility],
            tolerance=1e-8,
        )

    def _solubility(self, time: float) -> float:
        now = 1.0
        for when, value in self.solubility:
            now = value if time >= when else now
        return now


def _present(y: Array) -> Array:
    """Step at y = 0, smoothed over FADE: 0 below, 1 above."""
    x = np.clip(y / FADE + 0.5, 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x))


def _rest(y: Array) -> Array:
    """Integral of `_present` from below: y itself once above the step."""
    x = np.clip(y / FADE + 0.5, 0.0, 1.0)
    return np.asarray(np.maximum(y - 0.5 * FADE, 0.0) + FADE * x**3 * (1.0 - 0.5 * x))

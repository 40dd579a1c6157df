"""Manufactured solutions: a field and a diffusivity D(x, c) are chosen, the source follows.

For solvers that take a source. Everything is in closed form and dimensionless, on 0 <= x <= 1 with
c = 0 at x = 1 and no flux at x = 0.

Source: P. J. Roache, J. Fluids Eng. 124 (2002) 4 (the method of manufactured solutions).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from releasesim.workflows.selftest.exact.series import Array

HALF_PI = 0.5 * math.pi


@dataclass(frozen=True)
class Manufactured:
    """c = exp(-t) cos(pi x/2) under D = (1 + a x^2) exp(beta c).

    Parameters
    ----------
    n : int
        1 slab, 2 long cylinder, 3 sphere.
    a : float
        How much D changes in space [-].
    beta : float
        How much D changes with c [-].
    """

    n: int = 1
    a: float = 0.5
    beta: float = 1.0

    def concentration(self, x: Array, t: float) -> Array:
        """Field c [-]."""
        return np.asarray(math.exp(-t) * np.cos(HALF_PI * x))

    def diffusivity(self, x: Array, c: Array) -> Array:
        """Diffusivity D(x, c) [-]."""
        return np.asarray((1.0 + self.a * x**2) * np.exp(self.beta * c))

    def source(self, x: Array, t: float) -> Array:
        """What must be added: c_t - x^(1-n) (x^(n-1) D c_x)_x, at x > 0."""
        c = self.concentration(x, t)
        slope = -HALF_PI * math.exp(-t) * np.sin(HALF_PI * x)
        bend = -(HALF_PI**2) * c
        D = self.diffusivity(x, c)
        D_x = 2.0 * self.a * x * np.exp(self.beta * c) + self.beta * slope * D
        return np.asarray(-c - D * bend - D_x * slope - (self.n - 1) / x * D * slope)

    def outflow(self, t: float) -> float:
        """Flux out of the surface x = 1 per area [-]."""
        return (1.0 + self.a) * HALF_PI * math.exp(-t)

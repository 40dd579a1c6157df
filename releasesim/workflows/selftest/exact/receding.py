"""A surface that erodes at constant speed while dissolved drug diffuses ahead of it.

Sources: for the half-space, H. S. Carslaw, J. C. Jaeger, Conduction of Heat in Solids (1959), 15.2
(a medium that moves towards the plane x = 0); for slab and sphere the wall is fixed in Landau's
coordinate, 1e-6.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from releasesim.workflows.selftest.exact.lines import (
    Mesh,
    extrapolate,
    from_zero,
    march,
    near_surface,
    outward,
)
from releasesim.workflows.selftest.exact.series import Array

CELLS = 80


def erode_and_diffuse(time: ArrayLike, speed: float, D: float) -> Array:
    """Release per area and c0 of a half-space that recedes at `speed` while drug diffuses [m].

    c_t = D c_xx + B c_x with c(0) = 0 in the frame of the surface; the integral of D c_x(0). With
    y = B sqrt(t/D)/2 it is (D/B) [(y^2 + 1/2) erf y + y^2 + y exp(-y^2)/sqrt(pi)] 2, which tends to
    B t + D/B (PHYSICS 7).
    """
    y = 0.5 * speed * np.sqrt(np.asarray(time, dtype=float) / D)
    bell = y * np.exp(-(y**2)) / math.sqrt(math.pi)
    return np.asarray(2.0 * D / speed * ((y**2 + 0.5) * special.erf(y) + y**2 + bell))


def erode_and_diffuse_body(
    time: ArrayLike, n: int, radius: float, D: float, speed: float, *, cells: int = CELLS
) -> Array:
    """Released fraction of a slab (half-thickness `radius`) or sphere into a sink."""
    xi: dict[int, Array] = {}
    end = 0.9995 * radius / speed

    def mesh(t: float, count: int) -> Mesh:
        faces = xi.setdefault(count, near_surface(count))
        return Mesh.between(n, faces, 0.0, radius - speed * t, (0.0, -speed))

    def solve(times: Array, count: int) -> Array:
        def rate(t: float, c: Array) -> Array:
            here = mesh(t, count)
            leaves = outward(c[-1], here.half_outer, D)
            return here.gather(0.0, D * here.gradient(c), -leaves) + here.carry(c, 0.0, 0.0)

        # in the last 5e-4 of its life nothing worth counting is left
        stops, place = np.unique(np.minimum(times, end), return_inverse=True)
        found = march(rate, np.ones(count), stops, band=1)
        left = [float(mesh(t, count).volume @ c) for t, c in zip(stops, found, strict=True)]
        return np.asarray(1.0 - np.array(left)[place] * n / radius**n)

    return from_zero(time, lambda times: extrapolate(lambda count: solve(times, count), cells))

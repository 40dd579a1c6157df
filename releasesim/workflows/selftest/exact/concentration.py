"""Diffusivity that changes with the drug's own concentration or, behind a film, with time.

By the method of lines with the exact (Kirchhoff) mean of D between cells, to 1e-5; the half-space
by similarity is its check.

Source: J. Crank, The Mathematics of Diffusion, 2nd ed., Oxford (1975), 7.2 and ch. 9.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate, optimize

from releasesim.workflows.selftest.exact import fields
from releasesim.workflows.selftest.exact.lines import Mesh, outward
from releasesim.workflows.selftest.exact.series import Array

CELLS = 60


def kirchhoff(D0: float, beta: float, c: ArrayLike) -> Array:
    """Integral of D0 exp(beta c) from 0 to c [m2/s]."""
    c = np.asarray(c, dtype=float)
    return np.asarray(D0 * (c if beta == 0.0 else np.expm1(beta * c) / beta))


def plasticised(
    time: ArrayLike, n: int, radius: float, D0: float, beta: float, *, cells: int = CELLS
) -> Array:
    """Released fraction of a slab (half-thickness `radius`), cylinder or sphere into a sink."""

    def change(mesh: Mesh, t: float, state: Array) -> Array:
        potential = kirchhoff(D0, beta, state[:, 0])
        leaves = potential[-1] / mesh.half_outer
        return mesh.gather(0.0, mesh.gradient(potential), -leaves)[:, None]

    return fields.release(
        time,
        lambda count: fields.body(n, radius, count),
        start=lambda mesh: (1.0,),
        rate=change,
        left=lambda mesh, t, state: float(mesh.volume @ state[:, 0]),
        cells=cells,
    )


def half_space_release(beta: float) -> float:
    """Released per area/(c0 sqrt(D0 t)) of a half-space with D0 exp(beta c/c0), by shooting.

    With eta = x/(2 sqrt(D0 t)): (D/D0 c')' = -2 eta c', c(0) = 0, c(inf) = 1.
    """

    def far(flux: float) -> float:
        def change(eta: float, y: Array) -> list[float]:
            gradient = y[1] * math.exp(-beta * min(y[0], 1.5))
            return [gradient, -2.0 * eta * gradient]

        reach = 8.0 * math.exp(0.5 * max(beta, 0.0))
        found = integrate.solve_ivp(
            change, (0.0, reach), [0.0, flux], rtol=1e-11, atol=1e-14, method="LSODA"
        )
        return float(found.y[0, -1]) - 1.0

    return float(optimize.brentq(far, 0.05, 30.0, xtol=1e-13))


def aging(time: ArrayLike, n: int, radius: float, D0: float, *, rate: float, k: float) -> Array:
    """Released fraction with D0 exp(rate t) behind a film of k/K [m/s], whose clock is its own."""

    def change(mesh: Mesh, t: float, state: Array) -> Array:
        D = D0 * math.exp(rate * t)
        c = state[:, 0]
        leaves = outward(c[-1], mesh.half_outer, D, k)
        return mesh.gather(0.0, D * mesh.gradient(c), -leaves)[:, None]

    return fields.release(
        time,
        lambda count: fields.body(n, radius, count),
        start=lambda mesh: (1.0,),
        rate=change,
        left=lambda mesh, t, state: float(mesh.volume @ state[:, 0]),
        cells=CELLS,
    )

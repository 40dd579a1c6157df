"""Products of two fields at every face and cell of a diffusion problem, summed over their modes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from releasesim.numerics.operator import DiffusionProblem
from releasesim.numerics.unknowns import SUMS, Unknowns

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Derivatives of J = sum_i w_i held(t_i), all images, by every coefficient of a problem.

    Parameters
    ----------
    capacity : (nx, ny, nz) ndarray
        By the capacity of each cell, u(0) held fixed and not its drug [kg/m3].
    conductance : three (nx, ny, nz) ndarrays
        By the conductance between each cell and its next neighbour [kg s/m3].
    outlet : (nx, ny, nz) ndarray
        By the conductance between each cell and the bath [kg s/m3].
    initial : (nx, ny, nz) ndarray
        By u of each cell at time 0 [m3].
    bath, bath_initial : float
        By the bath's capacity [kg/m3] and by its u at time 0 [m3]; 0 for a perfect sink.
    """

    capacity: Array
    conductance: tuple[Array, Array, Array]
    outlet: Array
    initial: Array
    bath: float
    bath_initial: float

    def change(self, before: DiffusionProblem, after: DiffusionProblem) -> float:
        """First-order change of J from one problem to another on the same cells [kg]."""
        pairs = [
            (self.capacity, before.capacity, after.capacity),
            (self.outlet, before.outlet, after.outlet),
            (self.initial, before.initial, after.initial),
            *zip(self.conductance, before.conductance, after.conductance, strict=True),
        ]
        total = sum(float(np.vdot(own, new - old)) for own, old, new in pairs)
        if np.isfinite(before.bath):
            total += self.bath * (after.bath - before.bath)
            total += self.bath_initial * (after.bath_initial - before.bath_initial)
        return total


def contracted(here: Unknowns, sizes: Array, psi: Array, u: Array) -> Sensitivity:
    """Sum over pairs of fields (r + 1, unknowns) of their products at every face and cell."""
    images = here.problem.images
    sums = np.zeros((5, here.size))
    for factor, one, other in zip(images * sizes, psi, u, strict=False):
        _add_products(
            factor,
            *(_spread(here, field) for field in (one, other)),
            *here.conductance,
            here.outlet,
            *here.strides,
            *sums,
        )
    x, y, z, outlet, capacity = sums
    capacity *= here.inverse**2
    solid = here.problem.capacity > 0
    held = here.grid(_spread(here, u[-1]))
    adjoint = _spread(here, psi[-1])
    faces = [
        here.grid(sum_) * (solid & np.roll(solid, -1, axis)) for axis, sum_ in enumerate((x, y, z))
    ]
    bath = here.problem.bath if here.bathed else 0.0
    return Sensitivity(
        capacity=here.grid(capacity) + images * held,
        conductance=(faces[0], faces[1], faces[2]),
        outlet=here.grid(outlet) * solid,
        initial=images * here.problem.capacity * here.grid(adjoint),
        bath=float(capacity[-1]),
        bath_initial=images * bath * float(adjoint[-1]),
    )


def _spread(here: Unknowns, field: Array) -> Array:
    """A field in u, flat and padded, from its values in w = sqrt(C) u at the unknowns."""
    out = np.zeros(here.size)
    out[here.cells] = field * here.inverse[here.cells]
    return out


@njit(cache=True, nogil=True, fastmath=SUMS)
def _add_products(factor, p, u, tx, ty, tz, outlet, sx, sy, gx, gy, gz, go, gc):  # type: ignore[no-untyped-def]
    """Take factor times the product of both fields' differences from every face's sum.

    `gc` gains factor p times the flux that leaves the cell; all arrays flat and padded, (n,), the
    bath in the last place.
    """
    n = p.size - 1
    lo, hi = sx, n - sx
    bath_p, bath_u = p[n], u[n]
    pc, uc, o = p[lo:hi], u[lo:hi], outlet[lo:hi]
    pe, pn, pu = p[lo + sx : hi + sx], p[lo + sy : hi + sy], p[lo + 1 : hi + 1]
    ue, un, uu = u[lo + sx : hi + sx], u[lo + sy : hi + sy], u[lo + 1 : hi + 1]
    uw, us, ud = u[lo - sx : hi - sx], u[lo - sy : hi - sy], u[lo - 1 : hi - 1]
    te, tn, tu = tx[lo:hi], ty[lo:hi], tz[lo:hi]
    tw, ts, td = tx[lo - sx : hi - sx], ty[lo - sy : hi - sy], tz[lo - 1 : hi - 1]
    ge, gn, gu, gb, g = gx[lo:hi], gy[lo:hi], gz[lo:hi], go[lo:hi], gc[lo:hi]
    into = 0.0
    for i in range(hi - lo):
        here, value = factor * pc[i], uc[i]
        east, north, up = value - ue[i], value - un[i], value - uu[i]
        ge[i] -= (here - factor * pe[i]) * east
        gn[i] -= (here - factor * pn[i]) * north
        gu[i] -= (here - factor * pu[i]) * up
        gb[i] -= (here - factor * bath_p) * (value - bath_u)
        flux = te[i] * east + tn[i] * north + tu[i] * up + o[i] * (value - bath_u)
        flux += tw[i] * (value - uw[i]) + ts[i] * (value - us[i]) + td[i] * (value - ud[i])
        g[i] += here * flux
        into += o[i] * (bath_u - value)
    gc[n] += factor * bath_p * into

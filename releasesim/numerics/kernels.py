"""The few compiled loops (NUMERICS 4): flat padded arrays, shifted slices, serial, nogil."""

from __future__ import annotations

import numpy as np
from numba import njit

# sums may be reordered, or they would not vectorise; NaN and infinity keep their meaning
_SUMS = {"reassoc", "contract", "nsz"}


@njit(cache=True, nogil=True, fastmath=_SUMS)
def lanczos_multiply(diagonal, tx, ty, tz, sx, sy, x, scale, old, beta_scale):  # type: ignore[no-untyped-def]
    """Put M v - beta v_old into `old` and return v^T M v - beta v^T v_old, with v = scale x.

    M has the given diagonal and minus `tx`, `ty`, `tz` between a cell and its next neighbour along
    an axis; `sx`, `sy` are the strides of the flat arrays and `beta_scale` is beta times the scale
    of `old`. All arrays flat (n,).
    """
    n = x.size
    lo, hi = sx, n - sx
    m = hi - lo
    d, c, o = diagonal[lo:hi], x[lo:hi], old[lo:hi]
    east, west = x[lo + sx : hi + sx], x[lo - sx : hi - sx]
    north, south = x[lo + sy : hi + sy], x[lo - sy : hi - sy]
    up, down = x[lo + 1 : hi + 1], x[lo - 1 : hi - 1]
    te, tw = tx[lo:hi], tx[lo - sx : hi - sx]
    tn, ts = ty[lo:hi], ty[lo - sy : hi - sy]
    tu, td = tz[lo:hi], tz[lo - 1 : hi - 1]
    total = 0.0
    for i in range(m):
        y = (
            d[i] * c[i]
            - te[i] * east[i]
            - tw[i] * west[i]
            - tn[i] * north[i]
            - ts[i] * south[i]
            - tu[i] * up[i]
            - td[i] * down[i]
        )
        value = scale * y - beta_scale * o[i]
        o[i] = value
        total += np.float64(c[i]) * np.float64(value)
    return scale * total


@njit(cache=True, nogil=True, fastmath=_SUMS)
def lanczos_subtract(new, x, factor, first, second):  # type: ignore[no-untyped-def]
    """Subtract factor x from `new`; return its square and its products with two vectors."""
    square, along, counted = 0.0, 0.0, 0.0
    for i in range(new.size):
        value = new[i] - factor * x[i]
        new[i] = value
        square += np.float64(value) * np.float64(value)
        along += np.float64(first[i]) * np.float64(value)
        counted += np.float64(second[i]) * np.float64(value)
    return square, along, counted


@njit(cache=True, nogil=True)
def lanczos_purge(new, x, factor, values, index, sparse_factor):  # type: ignore[no-untyped-def]
    """Subtract factor x, and at `index` sparse_factor `values`, from `new`."""
    for i in range(new.size):
        new[i] -= factor * x[i]
    for i in range(index.size):
        new[index[i]] -= sparse_factor * values[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def gathered_dot(a, b, index):  # type: ignore[no-untyped-def]
    """Sum of a[i] b[index[i]] in float64."""
    total = 0.0
    for i in range(a.size):
        total += np.float64(a[i]) * np.float64(b[index[i]])
    return total


@njit(cache=True, nogil=True, fastmath=_SUMS)
def dot(a, b):  # type: ignore[no-untyped-def]
    """Inner product in float64 of two flat arrays of either precision."""
    total = 0.0
    for i in range(a.size):
        total += np.float64(a[i]) * np.float64(b[i])
    return total


@njit(cache=True, nogil=True)
def join_cells(solid, region, permeability, ratios, tx, ty, tz):  # type: ignore[no-untyped-def]
    """Set the conductance between each solid cell and its next solid neighbour along x, y, z.

    `permeability` (regions,) times `ratios` (3,) = area over distance; all else (nx, ny, nz).
    """
    nx, ny, nz = solid.shape
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if not solid[i, j, k]:
                    continue
                here = permeability[region[i, j, k]]
                if i + 1 < nx and solid[i + 1, j, k]:
                    tx[i, j, k] = ratios[0] * here
                if j + 1 < ny and solid[i, j + 1, k]:
                    ty[i, j, k] = ratios[1] * here
                if k + 1 < nz and solid[i, j, k + 1]:
                    tz[i, j, k] = ratios[2] * here


@njit(cache=True, nogil=True)
def mirrored_planes(a, count, last):  # type: ignore[no-untyped-def]
    """Whether the first `count` planes of `a` (n, m) equal those from plane `last` back down.

    Up to rounding: 1e-9 of the largest value.
    """
    scale = 0.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            scale = max(scale, abs(a[i, j]))
    scale *= 1e-9
    for i in range(count - 1, -1, -1):
        for j in range(a.shape[1]):
            if abs(a[i, j] - a[last - i, j]) > scale:
                return False
    return True

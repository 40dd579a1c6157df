"""Compiled loops over the cells of a problem (NUMERICS 4): plain arrays, serial, nogil."""

from __future__ import annotations

import numpy as np
from numba import njit


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


@njit(cache=True, nogil=True)
def joined_alike(capacity, face, stride):  # type: ignore[no-untyped-def]
    """The one conductance between all neighbours with a capacity along an axis; -1 if they differ.

    To rounding; flat arrays (cells,), neighbours `stride` apart. 0 where there are no neighbours.
    """
    pairs = max(face.size - stride, 0)
    here, there, joining = capacity[:pairs], capacity[stride:], face[:pairs]
    value = 0.0
    for i in range(pairs):
        if here[i] > 0.0 and there[i] > 0.0:
            value = joining[i]
            break
    close, others = 1e-14 * abs(value), 0
    for i in range(pairs):  # without a branch, or it would not vectorise
        joined = (here[i] > 0.0) & (there[i] > 0.0)
        others += abs(joining[i] - (value if joined else 0.0)) > (close if joined else 0.0)
    for i in range(pairs, face.size):
        others += face[i] != 0.0
    return value if others == 0 else -1.0


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})
def drug_held(capacity, initial):  # type: ignore[no-untyped-def]
    """Sum of C u(0) over flat arrays (cells,), in float64 whatever they are in."""
    total = 0.0
    for i in range(capacity.size):
        total += np.float64(capacity[i]) * np.float64(initial[i])
    return total


@njit(cache=True, nogil=True)
def stiffness(capacity, gx, gy, gz, outlet, diagonal, inverse):  # type: ignore[no-untyped-def]
    """Fill diagonal of A and 1/C, (nx, ny, nz); the largest of their products [1/s]."""
    nx, ny, nz = capacity.shape
    fastest = 0.0
    for i in range(nx):
        for j in range(ny):
            for k in range(nz):
                if not capacity[i, j, k] > 0.0:
                    continue
                total = outlet[i, j, k] + gx[i, j, k] + gy[i, j, k] + gz[i, j, k]
                if i > 0:
                    total += gx[i - 1, j, k]
                if j > 0:
                    total += gy[i, j - 1, k]
                if k > 0:
                    total += gz[i, j, k - 1]
                diagonal[i, j, k] = total
                inverse[i, j, k] = 1.0 / capacity[i, j, k]
                fastest = max(fastest, total * inverse[i, j, k])
    return fastest


@njit(cache=True, nogil=True)
def runs_of(capacity, gap, longest):  # type: ignore[no-untyped-def]
    """Stretches of cells with a capacity, gaps shorter than `gap` included: begins and ends."""
    begins, ends = [0], [0]
    last = -1
    for i in range(capacity.size):
        if not capacity[i] > 0.0:
            continue
        if last < 0 or i - last > gap or i - begins[-1] >= longest:
            begins.append(i)
            ends.append(i)
        last = i
        ends[-1] = i + 1
    return np.array(begins[1:]), np.array(ends[1:])


@njit(cache=True, nogil=True)
def differing(capacity, values, common):  # type: ignore[no-untyped-def]
    """Cells with a capacity whose value is not the common one, to rounding."""
    close = 1e-14 * abs(common)
    count = 0
    for i in range(values.size):  # without a branch, or it would not vectorise
        count += (capacity[i] > 0.0) & (abs(values[i] - common) > close)
    found = np.empty(count, np.int64)
    count = 0
    for i in range(values.size):
        if capacity[i] > 0.0 and abs(values[i] - common) > close:
            found[count] = i
            count += 1
    return found

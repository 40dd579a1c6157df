"""Compiled ray casting: what an eye far away sees of a body given by its share of every cell.

Plain arrays in, plain arrays out; all lengths in one unit.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def share_at(share, x, y, z):  # type: ignore[no-untyped-def]
    """Solid share at a point given in cells, linear between the centres of `share` (nx, ny, nz)."""
    nx, ny, nz = share.shape
    if x < 0.0 or y < 0.0 or z < 0.0 or x > nx - 1 or y > ny - 1 or z > nz - 1:
        return 0.0
    i, j, k = min(int(x), nx - 2), min(int(y), ny - 2), min(int(z), nz - 2)
    a, b, c = x - i, y - j, z - k
    low = (1.0 - b) * ((1.0 - a) * share[i, j, k] + a * share[i + 1, j, k]) + b * (
        (1.0 - a) * share[i, j + 1, k] + a * share[i + 1, j + 1, k]
    )
    high = (1.0 - b) * ((1.0 - a) * share[i, j, k + 1] + a * share[i + 1, j, k + 1]) + b * (
        (1.0 - a) * share[i, j + 1, k + 1] + a * share[i + 1, j + 1, k + 1]
    )
    return (1.0 - c) * low + c * high


@njit(cache=True, nogil=True)
def cast(share, starts, forward, cut, box, step, depth, hit, normal, kind):  # type: ignore[no-untyped-def]
    """Follow parallel rays until they meet the body, or the faces of the quarter cut out of it.

    Parameters
    ----------
    share : (nx, ny, nz)
        Solid share of every cell; positions below are in cells, centres at whole numbers.
    starts : (m, 3)
        Where rays begin.
    forward : (3,)
        Their common direction, of length 1 in the units of `step`.
    cut : (2,)
        The quarter x > cut[0], y < cut[1] is taken away; infinite for none.
    box : (2, 3)
        Corners of what holds solid.
    step : float
        Between two looks along a ray.
    depth : (m,), hit : (m, 3), normal : (m, 3), kind : (m,) int
        Filled: way to the surface, point and outward normal there; 0 nothing, 1 surface, 2 a face
        of the cut.
    """
    for r in range(starts.shape[0]):
        kind[r] = 0
        enters, leaves = 0.0, 1e30
        for a in range(3):
            if abs(forward[a]) < 1e-12:
                if starts[r, a] < box[0, a] or starts[r, a] > box[1, a]:
                    leaves = -1.0
                continue
            first = (box[0, a] - starts[r, a]) / forward[a]
            last = (box[1, a] - starts[r, a]) / forward[a]
            enters, leaves = max(enters, min(first, last)), min(leaves, max(first, last))
        if leaves < enters:
            continue
        was = enters
        for n in range(int(np.ceil((leaves - enters) / step)) + 1):
            t = enters + n * step
            x = starts[r, 0] + t * forward[0]
            y = starts[r, 1] + t * forward[1]
            z = starts[r, 2] + t * forward[2]
            if x > cut[0] and y < cut[1]:
                continue
            if share_at(share, x, y, z) <= 0.5:
                was = t
                continue
            # the surface lies between the last point outside and this one
            low, high = max(t - step, was), t
            for _ in range(12):
                middle = 0.5 * (low + high)
                x = starts[r, 0] + middle * forward[0]
                y = starts[r, 1] + middle * forward[1]
                z = starts[r, 2] + middle * forward[2]
                away = x > cut[0] and y < cut[1]
                if not away and share_at(share, x, y, z) > 0.5:
                    high = middle
                else:
                    low = middle
            x = starts[r, 0] + high * forward[0]
            y = starts[r, 1] + high * forward[1]
            z = starts[r, 2] + high * forward[2]
            depth[r] = high
            hit[r, 0], hit[r, 1], hit[r, 2] = x, y, z
            _face(share, x, y, z, cut, step * forward, normal, kind, r)
            break


@njit(cache=True, nogil=True)
def _face(share, x, y, z, cut, stride, normal, kind, r):  # type: ignore[no-untyped-def]
    """Tell a face of the cut from the body's own surface, and set the outward normal."""
    # some eight times what is left of a step, `stride` (3,) in cells, when it has been halved
    near_x, near_y = 2e-3 * abs(stride[0]), 2e-3 * abs(stride[1])
    if share_at(share, x, y, z) > 0.5 + 1e-3 and (
        (abs(x - cut[0]) < near_x and y < cut[1] + near_y)
        or (abs(y - cut[1]) < near_y and x > cut[0] - near_x)
    ):
        kind[r] = 2
        normal[r, 2] = 0.0
        if abs(x - cut[0]) < near_x and y < cut[1]:
            normal[r, 0], normal[r, 1] = 1.0, 0.0
        else:
            normal[r, 0], normal[r, 1] = 0.0, -1.0
        return
    kind[r] = 1
    d = 0.75
    a = share_at(share, x - d, y, z) - share_at(share, x + d, y, z)
    b = share_at(share, x, y - d, z) - share_at(share, x, y + d, z)
    c = share_at(share, x, y, z - d) - share_at(share, x, y, z + d)
    normal[r, 0], normal[r, 1], normal[r, 2] = a, b, c

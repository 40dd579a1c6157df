"""Arrival times of a front that waits: |grad T| >= slowness, and no cell before its own time.

Fast marching (Sethian 1999) by upwind differences of second order; a cell is accepted no earlier
than a time of its own. Where nothing on the way has waited, the times of the free front stand.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from releasesim.numerics.eikonal import _arrive, _offer, _sink

_FAR = 1e300
#: A front is late where it comes this much later than a free one, relative [-].
_LATE = 1e-9


@njit(cache=True, nogil=True)
def march_held(shape, spacing, slowness, free, earliest, cell, time):  # type: ignore[no-untyped-def]
    """Fill `time` (n,) with arrival times at cell centres (flat) of a front that waits.

    Parameters
    ----------
    shape, spacing : (3,)
        Cells and cell edges along the axes.
    slowness : (n,)
        1/speed of each cell; 0 where there is no solid, huge where nothing erodes.
    free : (n,)
        Arrival times of a front that does not wait.
    earliest : (n,)
        Time before which no front passes a cell.
    cell : (m,)
        Cells that the front starts from.
    """
    n = slowness.size
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    done = np.zeros(n, dtype=np.bool_)
    late = np.zeros(n, dtype=np.bool_)
    where = np.full(n, -1)
    heap = np.empty(n, dtype=np.int64)
    index = np.empty(3, dtype=np.int64)
    near = np.empty(3, dtype=np.int64)
    size = 0
    for p in range(n):
        time[p] = _FAR
    for row in range(cell.size):
        p = cell[row]
        t = max(free[p], earliest[p])
        if 0.0 < slowness[p] < _FAR and free[p] < _FAR and t < time[p]:
            late[p] = t > free[p] * (1.0 + _LATE)
            size = _offer(p, t, time, heap, where, size)
    while size > 0:
        p = heap[0]
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            _sink(heap, where, time, size)
        where[p] = -2
        done[p] = True
        rest = p
        for axis in range(3):
            index[axis] = rest // strides[axis]
            rest -= index[axis] * strides[axis]
        for axis in range(3):
            for side in (-1, 1):
                for k in range(3):
                    near[k] = index[k]
                near[axis] += side
                if not 0 <= near[axis] < shape[axis]:
                    continue
                q = p + side * strides[axis]
                if done[q] or not 0.0 < slowness[q] < _FAR:
                    continue
                waited = _any_late(q, near, shape, strides, done, late)
                t = free[q]
                if waited or t >= _FAR:
                    t = _arrive(q, near, shape, strides, spacing, slowness, time, done)
                t = max(t, earliest[q], time[p])
                if t < time[q]:
                    late[q] = t > free[q] * (1.0 + _LATE)
                    size = _offer(q, t, time, heap, where, size)


@njit(cache=True, nogil=True)
def _any_late(q, near, shape, strides, done, late):  # type: ignore[no-untyped-def]
    """Whether a front waited at one of the accepted neighbours of a cell."""
    for axis in range(3):
        for side in (-1, 1):
            if 0 <= near[axis] + side < shape[axis]:
                r = q + side * strides[axis]
                if done[r] and late[r]:
                    return True
    return False

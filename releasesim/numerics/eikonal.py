"""Arrival times of an eroding front: |grad T| = slowness, second order, sealed voids flood at once.

Cells are visited in the order of their times (fast marching, Sethian 1999). Within one material
each carries the piece of surface that its front came from, so that straight distances stay exact
and no error builds up; beyond an interface between materials second-order upwind differences take
over. Where the way around something that does not erode is longer than the straight one, the
straight one is taken.
A closed void is one node of the march: the first cell to give way beside it floods it, and from
then on its walls erode.
"""

from __future__ import annotations

import itertools

import numpy as np
from numba import njit

_FAR = 1e300
#: Neighbours of a cell: by faces only (twice as fast, arrival a few percent of a cell later on
#: curved bodies), or all of them.
ALL = np.array([step for step in itertools.product((-1, 0, 1), repeat=3) if any(step)])
NEAREST = ALL[np.abs(ALL).sum(axis=1) == 1]


@njit(cache=True, nogil=True)
def _rise(heap, where, time, slot):  # type: ignore[no-untyped-def]
    node = heap[slot]
    while slot > 0:
        parent = (slot - 1) // 2
        if time[heap[parent]] <= time[node]:
            break
        heap[slot] = heap[parent]
        where[heap[slot]] = slot
        slot = parent
    heap[slot] = node
    where[node] = slot


@njit(cache=True, nogil=True)
def _sink(heap, where, time, size):  # type: ignore[no-untyped-def]
    slot, node = 0, heap[0]
    while True:
        child = 2 * slot + 1
        if child >= size:
            break
        if child + 1 < size and time[heap[child + 1]] < time[heap[child]]:
            child += 1
        if time[node] <= time[heap[child]]:
            break
        heap[slot] = heap[child]
        where[heap[slot]] = slot
        slot = child
    heap[slot] = node
    where[node] = slot


@njit(cache=True, nogil=True)
def _arrive(p, index, shape, strides, spacing, slow, time, done):  # type: ignore[no-untyped-def]
    """Earliest time at cell `p` that its accepted neighbours allow; `slow` (n,) is 1/speed."""
    slowness = slow[p]
    known = np.empty(3)
    weight = np.empty(3)
    count = 0
    for axis in range(3):
        best, second = _FAR, _FAR
        for side in (-1, 1):
            i = index[axis] + side
            if i < 0 or i >= shape[axis]:
                continue
            q = p + side * strides[axis]
            if not done[q] or time[q] >= best:
                continue
            best, second = time[q], _FAR
            i += side
            if slow[q] != slowness:  # the front changes pace halfway between the two cells
                best += 0.5 * spacing[axis] * (slow[q] - slowness)
            elif 0 <= i < shape[axis]:
                r = q + side * strides[axis]
                if done[r] and slow[r] == slowness and time[r] <= time[q]:
                    second = time[r]
        if best >= _FAR:
            continue
        h = spacing[axis]
        if second < _FAR:
            known[count], weight[count] = (4.0 * best - second) / 3.0, 2.25 / (h * h)
        else:
            known[count], weight[count] = best, 1.0 / (h * h)
        count += 1
    # drop the latest neighbour until the front comes from all that are left
    while count > 0:
        a, b, c = 0.0, 0.0, -slowness * slowness
        latest = 0
        for n in range(count):
            a += weight[n]
            b += weight[n] * known[n]
            c += weight[n] * known[n] * known[n]
            if known[n] > known[latest]:
                latest = n
        square = b * b - a * c
        if square >= 0.0:
            t = (b + np.sqrt(square)) / a
            if t >= known[latest] or count == 1:
                return t
        count -= 1
        known[latest], weight[latest] = known[count], weight[count]
    return _FAR


@njit(cache=True, nogil=True)
def _to_patch(x, y, z, point, normal, radius):  # type: ignore[no-untyped-def]
    """Distance from a place in the solid to a small disc of its surface."""
    dx, dy, dz = point[0] - x, point[1] - y, point[2] - z
    along = dx * normal[0] + dy * normal[1] + dz * normal[2]
    square = max(dx * dx + dy * dy + dz * dz - along * along, 0.0)
    across = max(np.sqrt(square) - radius, 0.0)
    along = abs(along)  # a surface does not reach across the gap behind it
    return np.sqrt(along * along + across * across)


@njit(cache=True, nogil=True)
def _offer(node, t, time, heap, where, size):  # type: ignore[no-untyped-def]
    """Lower the time of a node to `t` and keep the heap in order; return the heap's size."""
    time[node] = t
    if where[node] < 0:
        heap[size] = node
        where[node] = size
        size += 1
    _rise(heap, where, time, where[node])
    return size


@njit(cache=True, nogil=True)
def march(  # type: ignore[no-untyped-def]
    shape, spacing, steps, slowness, cell, point, normal, void, wet, void_first, void_rows, time
):
    """Fill `time` (n + voids,) with arrival times at cell centres (flat), then of voids.

    Parameters
    ----------
    shape, spacing : (3,)
        Cells and cell edges along the axes.
    steps : (k, 3)
        Neighbours that a cell hands its piece of surface to, see `NEAREST` and `ALL`.
    slowness : (n,)
        1/speed of each cell; 0 where there is no solid, huge where nothing erodes.
    cell, point, normal : (m,), (m, 3), (m, 3)
        Pieces of surface: the cell that each belongs to, where it is (in the frame in which the
        first cell's centre is the origin), and its outward normal.
    void : (m,)
        Number of the closed void behind a piece, from 0; -1 elsewhere.
    wet : (m,) bool
        Pieces that the medium touches from the start.
    void_first, void_rows : (voids + 1,), (k,)
        Pieces sorted by void, and where each void's pieces begin.
    """
    # in units of the fastest cell, so that a common speed decides no tie that rounding would
    unit = _smallest(slowness)
    slowness = _in_units(slowness, unit)
    n = slowness.size
    voids = void_first.size - 1
    strides = np.array([shape[1] * shape[2], shape[2], 1])
    radius = 0.8 * min(spacing[0], spacing[1], spacing[2])
    done = np.zeros(n + voids, dtype=np.bool_)
    where = np.full(n + voids, -1)
    heap = np.empty(n + voids, dtype=np.int64)
    source = np.full(n, -1)
    begun = np.zeros(cell.size)
    first_wall = np.full(n, -1)
    next_wall = np.full(cell.size, -1)
    size = 0
    for p in range(n + voids):
        time[p] = _FAR
    index = np.empty(3, dtype=np.int64)
    near = np.empty(3, dtype=np.int64)
    for row in range(cell.size):
        p = cell[row]
        if void[row] >= 0:
            next_wall[row] = first_wall[p]
            first_wall[p] = row
        elif wet[row] and slowness[p] < _FAR:
            i, rest = p // strides[0], p % strides[0]
            x, y = i * spacing[0], rest // strides[1] * spacing[1]
            z = rest % strides[1] * spacing[2]
            t = slowness[p] * _to_patch(x, y, z, point[row], normal[row], radius)
            if t < time[p]:
                source[p] = row
                size = _offer(p, t, time, heap, where, size)
    while size > 0:
        p = heap[0]
        size -= 1
        if size > 0:
            heap[0] = heap[size]
            _sink(heap, where, time, size)
        where[p] = -2
        done[p] = True
        if p >= n:  # a void is flooded: its walls begin to erode
            for k in range(void_first[p - n], void_first[p - n + 1]):
                row = void_rows[k]
                q = cell[row]
                begun[row] = time[p]
                i, rest = q // strides[0], q % strides[0]
                x, y = i * spacing[0], rest // strides[1] * spacing[1]
                z = rest % strides[1] * spacing[2]
                t = time[p] + slowness[q] * _to_patch(x, y, z, point[row], normal[row], radius)
                if not done[q] and t < time[q]:
                    source[q] = row
                    size = _offer(q, t, time, heap, where, size)
            continue
        rest = p
        for axis in range(3):
            index[axis] = rest // strides[axis]
            rest -= index[axis] * strides[axis]
        x, y, z = index[0] * spacing[0], index[1] * spacing[1], index[2] * spacing[2]
        row = first_wall[p]
        while row >= 0:  # the front goes on to the void behind this cell
            q = n + void[row]
            to_wall = slowness[p] * _to_patch(x, y, z, point[row], normal[row], radius)
            if source[p] >= 0:  # straight from the surface to the wall, not by way of the centre
                wall = point[row]
                t = begun[source[p]] + slowness[p] * _to_patch(
                    wall[0], wall[1], wall[2], point[source[p]], normal[source[p]], radius
                )
                t = max(t, time[p])
            else:
                t = time[p] + to_wall
            if not done[q] and t < time[q]:
                size = _offer(q, t, time, heap, where, size)
            row = next_wall[row]
        s = source[p]
        for row in range(steps.shape[0]):
            near[0] = index[0] + steps[row, 0]
            near[1] = index[1] + steps[row, 1]
            near[2] = index[2] + steps[row, 2]
            if not (
                0 <= near[0] < shape[0] and 0 <= near[1] < shape[1] and 0 <= near[2] < shape[2]
            ):
                continue
            q = near[0] * strides[0] + near[1] * strides[1] + near[2]
            if done[q] or not 0.0 < slowness[q] < _FAR:
                continue
            if s >= 0 and slowness[q] == slowness[cell[s]]:
                away = _to_patch(
                    near[0] * spacing[0],
                    near[1] * spacing[1],
                    near[2] * spacing[2],
                    point[s],
                    normal[s],
                    radius,
                )
                t = begun[s] + slowness[q] * away
                if t < time[q]:
                    source[q] = s
                    size = _offer(q, t, time, heap, where, size)
            elif abs(steps[row, 0]) + abs(steps[row, 1]) + abs(steps[row, 2]) == 1:
                t = _arrive(q, near, shape, strides, spacing, slowness, time, done)
                if t < time[q]:
                    source[q] = -1
                    size = _offer(q, t, time, heap, where, size)
    for p in range(n + voids):
        if time[p] < _FAR:
            time[p] = min(unit * time[p], _FAR)


@njit(cache=True, nogil=True)
def _smallest(slowness):  # type: ignore[no-untyped-def]
    """Of the cells that erode; 1 where none does."""
    found = _FAR
    for p in range(slowness.size):
        if 0.0 < slowness[p] < found:
            found = slowness[p]
    return found if found < _FAR else 1.0


@njit(cache=True, nogil=True)
def _in_units(slowness, unit):  # type: ignore[no-untyped-def]
    found = np.empty(slowness.size)
    for p in range(slowness.size):
        found[p] = min(slowness[p] / unit, _FAR)
    return found


@njit(cache=True, nogil=True)
def _below(x, a, b, c):  # type: ignore[no-untyped-def]
    """Share of a box whose values lie below `x`, its centre at 0, spans `a`, `b`, `c` along it.

    See `releasesim.geometry.cut.cut_fraction`, of which this is the scalar form.
    """
    widest = max(a, b, c)
    if widest < 1e-90:
        return 1.0 if x > 0.0 else 0.0
    floor = 1e-4 * widest
    a, b, c = max(a, floor), max(b, floor), max(c, floor)
    depth = 0.5 * (a + b + c) - abs(x)
    if depth <= 0.0:
        return 1.0 if x > 0.0 else 0.0
    total = depth**3
    for cut in (a, b, c):
        total -= max(depth - cut, 0.0) ** 3
    for cut in (a + b, a + c, b + c):
        total += max(depth - cut, 0.0) ** 3
    small = min(max(total / (6.0 * a * b * c), 0.0), 0.5)
    return small if x <= 0.0 else 1.0 - small


@njit(cache=True, nogil=True)
def passed(centre, spans, opened, weight, times, out):  # type: ignore[no-untyped-def]
    """Add up in `out` (n,) the weight of all cells that a front has passed by each of `times`.

    Parameters
    ----------
    centre : (m,)
        Arrival time at each cell's centre.
    spans : (m, 3)
        Change of the arrival time across the cell along each axis, absolute.
    opened : (m,)
        Time before which the cell holds no solid (the surface itself); very negative inside.
    weight : (m,)
        Drug in the cell.
    times : (n,)
        Increasing.
    """
    n = times.size
    whole = np.zeros(n + 1)
    for i in range(centre.size):
        a, b, c = spans[i]
        half = 0.5 * (a + b + c) * 1.001 + 1e-300
        if centre[i] >= _FAR:
            continue
        hidden = _below(opened[i] - centre[i], a, b, c)
        if hidden >= 1.0:
            hidden = 1.0 - 1e-12
        first = np.searchsorted(times, max(centre[i] - half, opened[i]))
        last = np.searchsorted(times, centre[i] + half)
        for k in range(first, last):
            share = (_below(times[k] - centre[i], a, b, c) - hidden) / (1.0 - hidden)
            if share > 0.0:
                out[k] += weight[i] * share
        whole[last] += weight[i]
    total = 0.0
    for k in range(n):
        total += whole[k]
        out[k] += total

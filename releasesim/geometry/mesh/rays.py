"""Compiled: where upright lines on a lattice meet a mesh, and which side they come from.

Plain arrays in, plain arrays out. A triangle claims a line by the signs of three edge functions.
Each edge is evaluated from its lower to its higher vertex, so that the two triangles beside it
see the very same number, and a line on an edge belongs to one of them: none slips through between
them, and none is counted twice. Vertices are the caller's to avoid, by a shift that is no round
number.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, inline="always")
def _edge(points, a, b, u, v, p, q):  # type: ignore[no-untyped-def]
    """Twice the area of edge a-b, a < b, and the point (p, q)."""
    ax, ay, bx, by = points[a, u], points[a, v], points[b, u], points[b, v]
    return (bx - ax) * (q - ay) - (by - ay) * (p - ax)


@njit(cache=True, nogil=True, inline="always")
def meet_line(points, triangle, axis, u, v, p, q):  # type: ignore[no-untyped-def]
    """Where a line along `axis` at (p, q) meets a triangle, and +1 where it enters; 0 for not."""
    a, b, c = triangle
    e0 = _edge(points, min(b, c), max(b, c), u, v, p, q)
    e1 = _edge(points, min(c, a), max(c, a), u, v, p, q)
    e2 = _edge(points, min(a, b), max(a, b), u, v, p, q)
    left = (e0 >= 0.0) == (b < c)
    if ((e1 >= 0.0) == (c < a)) != left or ((e2 >= 0.0) == (a < b)) != left:
        return 0.0, 0
    e0, e1, e2 = abs(e0), abs(e1), abs(e2)
    total = e0 + e1 + e2
    if total == 0.0:
        return 0.0, 0
    place = (e0 * points[a, axis] + e1 * points[b, axis] + e2 * points[c, axis]) / total
    # one that turns left, seen against the line, is where the line leaves
    return place, -1 if left else 1


@njit(cache=True, nogil=True)
def count_hits(points, triangles, axis, u0, v0, du, dv, counts):  # type: ignore[no-untyped-def]
    """Add to `counts` (nu, nv) how many triangles each line along `axis` meets.

    Lines stand at u0 + i du, v0 + j dv on the two other axes, in their order.
    """
    u, v = (axis + 1) % 3, (axis + 2) % 3
    none = np.zeros(0)
    _visit(points, triangles, axis, u, v, u0, v0, du, dv, counts, counts, none, none, none, False)


@njit(cache=True, nogil=True)
def list_hits(  # type: ignore[no-untyped-def]
    points, triangles, axis, u0, v0, du, dv, counts, starts, places, which, signs
):
    """Write place along the line, triangle and sign of every hit, from `starts` (nu, nv) on.

    The sign is +1 where a line that comes from below enters the body. `counts` starts at 0.
    """
    u, v = (axis + 1) % 3, (axis + 2) % 3
    _visit(
        points, triangles, axis, u, v, u0, v0, du, dv, counts, starts, places, which, signs, True
    )


@njit(cache=True, nogil=True)
def _visit(  # type: ignore[no-untyped-def]
    points, triangles, axis, u, v, u0, v0, du, dv, counts, starts, places, which, signs, write
):
    nu, nv = counts.shape
    for n in range(triangles.shape[0]):
        a, b, c = triangles[n]
        low_u = min(points[a, u], points[b, u], points[c, u])
        high_u = max(points[a, u], points[b, u], points[c, u])
        low_v = min(points[a, v], points[b, v], points[c, v])
        high_v = max(points[a, v], points[b, v], points[c, v])
        i0 = max(0, int(np.ceil((low_u - u0) / du)))
        i1 = min(nu - 1, int(np.floor((high_u - u0) / du)))
        j0 = max(0, int(np.ceil((low_v - v0) / dv)))
        j1 = min(nv - 1, int(np.floor((high_v - v0) / dv)))
        for i in range(i0, i1 + 1):
            p = u0 + i * du
            for j in range(j0, j1 + 1):
                q = v0 + j * dv
                place, sign = meet_line(points, triangles[n], axis, u, v, p, q)
                if sign == 0:
                    continue
                if write:
                    here = starts[i, j] + counts[i, j]
                    places[here], which[here], signs[here] = place, n, sign
                counts[i, j] += 1


@njit(cache=True, nogil=True)
def sort_hits(starts, counts, places, which, signs):  # type: ignore[no-untyped-def]
    """Sort the hits of every line by place, entries before exits where they coincide."""
    nu, nv = counts.shape
    for i in range(nu):
        for j in range(nv):
            first = starts[i, j]
            for m in range(first + 1, first + counts[i, j]):
                place, triangle, sign = places[m], which[m], signs[m]
                k = m - 1
                while k >= first and (
                    places[k] > place or (places[k] == place and signs[k] < sign)
                ):
                    places[k + 1], which[k + 1], signs[k + 1] = places[k], which[k], signs[k]
                    k -= 1
                places[k + 1], which[k + 1], signs[k + 1] = place, triangle, sign


@njit(cache=True, nogil=True)
def fill_columns(starts, counts, places, signs, w0, dw, share, filled):  # type: ignore[no-untyped-def]
    """Add to `filled` (nu // s, nv // s, nw) the share of each cell's height that lies inside.

    `share` lines a side stand over each cell; cells along the lines begin at `w0` with steps `dw`.
    """
    nu, nv = counts.shape
    nw = filled.shape[2]
    weight = 1.0 / (share * share)
    for i in range(nu):
        for j in range(nv):
            depth, begun = 0, 0.0
            for m in range(starts[i, j], starts[i, j] + counts[i, j]):
                depth += signs[m]
                if depth == 1 and signs[m] == 1:
                    begun = places[m]
                elif depth == 0 and signs[m] == -1:
                    low, high = (begun - w0) / dw, (places[m] - w0) / dw
                    k0, k1 = max(0, int(np.floor(low))), min(nw - 1, int(np.floor(high)))
                    for k in range(k0, k1 + 1):
                        inside = min(high, k + 1.0) - max(low, float(k))
                        if inside > 0.0:
                            filled[i // share, j // share, k] += weight * inside


@njit(cache=True, nogil=True)
def mark_inside(starts, counts, places, signs, w0, dw, inside):  # type: ignore[no-untyped-def]
    """Set `inside` (nu, nv, nw) where the centre w0 + k dw of a cell on a line lies inside."""
    nu, nv, nw = inside.shape
    for i in range(nu):
        for j in range(nv):
            depth, m, end = 0, starts[i, j], starts[i, j] + counts[i, j]
            for k in range(nw):
                w = w0 + k * dw
                while m < end and places[m] < w:
                    depth += signs[m]
                    m += 1
                inside[i, j, k] = depth > 0


@njit(cache=True, nogil=True)
def first_hits(rows, columns, froms, tos, starts, counts, places, which, found, triangle):  # type: ignore[no-untyped-def]
    """First place where each of m lines is met on the way from `froms` to `tos`; else unchanged."""
    for n in range(rows.size):
        i, j = rows[n], columns[n]
        low, high = min(froms[n], tos[n]), max(froms[n], tos[n])
        up = tos[n] > froms[n]
        for m in range(starts[i, j], starts[i, j] + counts[i, j]):
            if low <= places[m] <= high:
                found[n], triangle[n] = places[m], which[m]
                if up:
                    break


@njit(cache=True, nogil=True)
def worst_winding(starts, counts, signs):  # type: ignore[no-untyped-def]
    """Lowest and highest number of times that any line is inside, and how many end inside."""
    lowest, highest, left = 0, 0, 0
    nu, nv = counts.shape
    for i in range(nu):
        for j in range(nv):
            depth = 0
            for m in range(starts[i, j], starts[i, j] + counts[i, j]):
                depth += signs[m]
                lowest, highest = min(lowest, depth), max(highest, depth)
            left += depth != 0
    return lowest, highest, left

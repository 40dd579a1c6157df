"""Compiled: distance of points to a mesh, by a tree of boxes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from releasesim.geometry.mesh.rays import meet_line

_LEAF = 8


def build_tree(points: NDArray[np.float64], triangles: NDArray[np.int64]):  # type: ignore[no-untyped-def]
    """Boxes (n, 6), children or first triangle (n, 2), and the order of triangles (m,).

    A node with children names them; a leaf names minus its first triangle less one, and its count.
    """
    corners = points[triangles]
    low, high = corners.min(axis=1), corners.max(axis=1)
    order = np.arange(len(triangles))
    boxes: list[NDArray[np.float64]] = []
    links: list[tuple[int, int]] = []
    waiting = [(0, len(triangles), -1, 0)]
    while waiting:
        first, last, parent, side = waiting.pop()
        node, own = len(boxes), order[first:last]
        boxes.append(np.concatenate([low[own].min(axis=0), high[own].max(axis=0)]))
        links.append((-first - 1, last - first))
        if parent >= 0:
            pair = list(links[parent])
            pair[side] = node
            links[parent] = (pair[0], pair[1])
        if last - first <= _LEAF:
            continue
        middle = 0.5 * (low[own] + high[own])
        axis = int(np.ptp(middle, axis=0).argmax())
        half = (last - first) // 2
        order[first:last] = own[np.argpartition(middle[:, axis], half)]
        waiting += [(first, first + half, node, 0), (first + half, last, node, 1)]
    return np.array(boxes), np.array(links), order


@njit(cache=True, nogil=True, inline="always")
def _to_box(boxes, n, x, y, z):  # type: ignore[no-untyped-def]
    dx = max(boxes[n, 0] - x, x - boxes[n, 3], 0.0)
    dy = max(boxes[n, 1] - y, y - boxes[n, 4], 0.0)
    dz = max(boxes[n, 2] - z, z - boxes[n, 5], 0.0)
    return dx * dx + dy * dy + dz * dz


@njit(cache=True, nogil=True, inline="always")
def _dot(ax, ay, az, bx, by, bz):  # type: ignore[no-untyped-def]
    return ax * bx + ay * by + az * bz


@njit(cache=True, nogil=True)
def _to_triangle(points, a, b, c, x, y, z):  # type: ignore[no-untyped-def]
    """Squared distance of a point to a triangle (Ericson, Real-Time Collision Detection, 5.1.5)."""
    ax, ay, az = points[a, 0], points[a, 1], points[a, 2]
    px, py, pz = x - ax, y - ay, z - az
    ux, uy, uz = points[b, 0] - ax, points[b, 1] - ay, points[b, 2] - az
    vx, vy, vz = points[c, 0] - ax, points[c, 1] - ay, points[c, 2] - az
    d1, d2 = _dot(ux, uy, uz, px, py, pz), _dot(vx, vy, vz, px, py, pz)
    uu, vv, uv = (
        _dot(ux, uy, uz, ux, uy, uz),
        _dot(vx, vy, vz, vx, vy, vz),
        _dot(ux, uy, uz, vx, vy, vz),
    )
    # d3..d6 are the same products seen from the two other corners
    d3, d4, d5, d6 = d1 - uu, d2 - uv, d1 - uv, d2 - vv
    vc, vb, va = d1 * d4 - d3 * d2, d5 * d2 - d1 * d6, d3 * d6 - d5 * d4
    if d1 <= 0.0 and d2 <= 0.0:
        s, t = 0.0, 0.0
    elif d3 >= 0.0 and d4 <= d3:
        s, t = 1.0, 0.0
    elif d6 >= 0.0 and d5 <= d6:
        s, t = 0.0, 1.0
    elif vc <= 0.0 and d1 >= 0.0 and d3 <= 0.0:
        s, t = d1 / (d1 - d3), 0.0
    elif vb <= 0.0 and d2 >= 0.0 and d6 <= 0.0:
        s, t = 0.0, d2 / (d2 - d6)
    elif va <= 0.0 and d4 - d3 >= 0.0 and d5 - d6 >= 0.0:
        t = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        s = 1.0 - t
    else:
        total = va + vb + vc
        s, t = vb / total, vc / total
    rx, ry, rz = px - s * ux - t * vx, py - s * uy - t * vy, pz - s * uz - t * vz
    return _dot(rx, ry, rz, rx, ry, rz)


@njit(cache=True, nogil=True)
def nearest(points, triangles, boxes, links, order, at, out):  # type: ignore[no-untyped-def]
    """Write the distance of each point `at` (k, 3) to the nearest triangle into `out` (k,)."""
    stack = np.empty(128, dtype=np.int64)
    for n in range(at.shape[0]):
        x, y, z = at[n]
        best = np.inf
        stack[0], height = 0, 1
        while height:
            height -= 1
            node = stack[height]
            if _to_box(boxes, node, x, y, z) >= best:
                continue
            if links[node, 0] < 0:
                first = -links[node, 0] - 1
                for m in range(first, first + links[node, 1]):
                    t = triangles[order[m]]
                    best = min(best, _to_triangle(points, t[0], t[1], t[2], x, y, z))
                continue
            one, two = links[node]
            if _to_box(boxes, one, x, y, z) < _to_box(boxes, two, x, y, z):
                one, two = two, one
            stack[height], stack[height + 1] = one, two
            height += 2
        out[n] = np.sqrt(best)


@njit(cache=True, nogil=True)
def inside(points, triangles, boxes, links, order, at, out):  # type: ignore[no-untyped-def]
    """Write whether each point `at` (k, 3) is inside into `out` (k,), by a line up from it."""
    stack = np.empty(128, dtype=np.int64)
    for n in range(at.shape[0]):
        x, y, z = at[n]
        # no round number, so that no line meets a corner
        x += 1.37e-13
        y += 2.11e-13
        winding = 0
        stack[0], height = 0, 1
        while height:
            height -= 1
            node = stack[height]
            if (
                x < boxes[node, 0]
                or x > boxes[node, 3]
                or y < boxes[node, 1]
                or y > boxes[node, 4]
                or z > boxes[node, 5]
            ):
                continue
            if links[node, 0] >= 0:
                stack[height], stack[height + 1] = links[node, 0], links[node, 1]
                height += 2
                continue
            first = -links[node, 0] - 1
            for m in range(first, first + links[node, 1]):
                place, sign = meet_line(points, triangles[order[m]], 2, 0, 1, x, y)
                if sign != 0 and place > z:
                    winding -= sign
        out[n] = winding > 0

"""Compiled rasterising: signed distances to printed roads on a lattice of points.

Plain arrays in, plain arrays out. Distances are exact within `reach` of an edge and clipped beyond.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def stroke_roads(segments, ends, half_width, x0, y0, dx, dy, reach, phi):  # type: ignore[no-untyped-def]
    """Lower `phi` (nx, ny) to the distance from roads of 2 `half_width` along `segments` (m, 4).

    `ends` (m, 2) tells where a road begins and ends: there it is cut straight (butt), joints are
    round. The lattice starts at `x0`, `y0` with steps `dx`, `dy`; all lengths in one unit.
    """
    nx, ny = phi.shape
    far = half_width + reach
    for n in range(segments.shape[0]):
        ax, ay, bx, by = segments[n]
        ux, uy = bx - ax, by - ay
        length = np.sqrt(ux * ux + uy * uy)
        if length == 0.0:
            continue
        ux, uy = ux / length, uy / length
        i0 = max(0, int(np.ceil((min(ax, bx) - far - x0) / dx)))
        i1 = min(nx - 1, int(np.floor((max(ax, bx) + far - x0) / dx)))
        j0 = max(0, int(np.ceil((min(ay, by) - far - y0) / dy)))
        j1 = min(ny - 1, int(np.floor((max(ay, by) + far - y0) / dy)))
        for i in range(i0, i1 + 1):
            px = x0 + i * dx - ax
            for j in range(j0, j1 + 1):
                py = y0 + j * dy - ay
                along = px * ux + py * uy
                across = abs(py * ux - px * uy)
                beyond = max(-along, along - length)
                if beyond <= 0.0:
                    distance = across - half_width
                    if ends[n, 0]:
                        distance = max(distance, -along)
                    if ends[n, 1]:
                        distance = max(distance, along - length)
                elif (along < 0.0 and ends[n, 0]) or (along > length and ends[n, 1]):
                    side = across - half_width
                    side = max(side, 0.0)
                    distance = np.sqrt(side * side + beyond * beyond)
                else:
                    distance = np.sqrt(across * across + beyond * beyond) - half_width
                phi[i, j] = min(phi[i, j], distance)


@njit(cache=True, nogil=True)
def fill_rings(segments, x0, y0, dx, dy, reach, phi):  # type: ignore[no-untyped-def]
    """Lower `phi` (nx, ny) to the signed distance from the area that closed rings bound.

    `segments` (m, 4) are the edges of all rings, holes included, in any order: a point is inside
    where a line from it crosses an odd number of them.
    """
    nx, ny = phi.shape
    edge = np.full((nx, ny), reach)
    odd = np.zeros((nx, ny), dtype=np.uint8)
    for n in range(segments.shape[0]):
        ax, ay, bx, by = segments[n]
        ux, uy = bx - ax, by - ay
        square = ux * ux + uy * uy
        if square == 0.0:
            continue
        i0 = max(0, int(np.ceil((min(ax, bx) - reach - x0) / dx)))
        i1 = min(nx - 1, int(np.floor((max(ax, bx) + reach - x0) / dx)))
        j0 = max(0, int(np.ceil((min(ay, by) - reach - y0) / dy)))
        j1 = min(ny - 1, int(np.floor((max(ay, by) + reach - y0) / dy)))
        for i in range(i0, i1 + 1):
            px = x0 + i * dx - ax
            for j in range(j0, j1 + 1):
                py = y0 + j * dy - ay
                t = min(1.0, max(0.0, (px * ux + py * uy) / square))
                rx, ry = px - t * ux, py - t * uy
                distance = rx * rx + ry * ry
                if distance < edge[i, j] * edge[i, j]:
                    edge[i, j] = np.sqrt(distance)
        # lines of constant x that this edge crosses, half open so that vertices count once
        low, high = min(ax, bx), max(ax, bx)
        for i in range(max(0, int(np.ceil((low - x0) / dx))), nx):
            x = x0 + i * dx
            if x >= high:
                break
            if x < low:
                continue
            y = ay + (x - ax) * uy / ux
            j = max(0, int(np.ceil((y - y0) / dy)))
            if j < ny:
                odd[i, j] ^= 1
    for i in range(nx):
        inside = 0
        for j in range(ny):
            inside ^= odd[i, j]
            distance = -edge[i, j] if inside else edge[i, j]
            phi[i, j] = min(phi[i, j], distance)


@njit(cache=True, nogil=True)
def polygon_distance(segments, x, y, distance):  # type: ignore[no-untyped-def]
    """Write the signed distance of points (n,) from the area that closed rings bound.

    `segments` (m, 4) are the edges of all rings, holes included, in any order; negative is inside.
    """
    for k in range(x.size):
        px, py = x[k], y[k]
        best, inside = np.inf, False
        for n in range(segments.shape[0]):
            ax, ay, bx, by = segments[n]
            ux, uy = bx - ax, by - ay
            square = ux * ux + uy * uy
            if square == 0.0:
                continue
            t = min(1.0, max(0.0, ((px - ax) * ux + (py - ay) * uy) / square))
            rx, ry = px - ax - t * ux, py - ay - t * uy
            best = min(best, rx * rx + ry * ry)
            if (ay > py) != (by > py) and px < ax + (py - ay) * ux / uy:
                inside = not inside
        distance[k] = -np.sqrt(best) if inside else np.sqrt(best)


@njit(cache=True, nogil=True)
def covered_share(phi, share):  # type: ignore[no-untyped-def]
    """Share of every cell where `phi` < 0, by marching squares on its four quarters.

    `phi` (2 nx + 1, 2 ny + 1) on the lattice of cell corners, edge middles and centres; `share`
    (nx, ny) is written.
    """
    nx, ny = share.shape
    for i in range(nx):
        for j in range(ny):
            total = 0.0
            for a in range(2):
                for b in range(2):
                    p, q = 2 * i + a, 2 * j + b
                    total += _square_share(
                        phi[p, q], phi[p + 1, q], phi[p + 1, q + 1], phi[p, q + 1]
                    )
            share[i, j] = 0.25 * total


@njit(cache=True, nogil=True, inline="always")
def _square_share(a, b, c, d):  # type: ignore[no-untyped-def]
    """Share of a square with corner values a, b, c, d (in a ring) where the value is negative."""
    if a < 0.0 and b < 0.0 and c < 0.0 and d < 0.0:
        return 1.0
    if a >= 0.0 and b >= 0.0 and c >= 0.0 and d >= 0.0:
        return 0.0
    # twice the area of the polygon of negative corners and edge crossings (shoelace)
    xs = (0.0, 1.0, 1.0, 0.0)
    ys = (0.0, 0.0, 1.0, 1.0)
    v = (a, b, c, d)
    first_x, first_y, last_x, last_y, started, area = 0.0, 0.0, 0.0, 0.0, False, 0.0
    for n in range(4):
        m = (n + 1) % 4
        for part in range(2):
            if part == 0:
                if v[n] >= 0.0:
                    continue
                x, y = xs[n], ys[n]
            else:
                if (v[n] < 0.0) == (v[m] < 0.0):
                    continue
                t = v[n] / (v[n] - v[m])
                x, y = xs[n] + t * (xs[m] - xs[n]), ys[n] + t * (ys[m] - ys[n])
            if started:
                area += last_x * y - x * last_y
            else:
                first_x, first_y, started = x, y, True
            last_x, last_y = x, y
    area += last_x * first_y - first_x * last_y
    return 0.5 * area

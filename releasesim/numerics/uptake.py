"""Rates of a drug and of the water that carries it, in one sweep over the cells.

What `flow` does law by law and field by field, for the most usual pair of fields: dryness, whose
diffusivity follows water, and dissolved drug, whose diffusivity follows water too. Flat arrays,
shifted slices, serial, nogil (NUMERICS 4).
"""

from __future__ import annotations

import numpy as np
from numba import njit

from releasesim.numerics.flow import _CLOSE


@njit(cache=True, nogil=True)
def uptake_advance(y, rate, weights, dt, cells, tables, ends, faces, rows, bath, work):  # type: ignore[no-untyped-def]
    """One step of RKL2, as `rkl.advance` takes it; the state at its end, (2 n + 2,).

    Parameters
    ----------
    y, rate : (2 n + 2,) ndarray
        State and dy/dt at the start of the step.
    weights : (stages + 1, 5) ndarray
        Of every stage, as `rkl.coefficients` gives them.
    dt : float
        Step.
    bath : (2,) ndarray
        One over the capacity of the bath, 0 of a perfect sink, and the most that u can be in it.
    """
    before, last = y.copy(), y + weights[1, 3] * dt * rate
    change = np.empty_like(y)
    for j in range(2, weights.shape[0]):
        mu, nu, rest = weights[j, 0], weights[j, 1], weights[j, 2]
        step, first = dt * weights[j, 3], dt * weights[j, 4]
        uptake_rates(last, cells, tables, ends, faces, rows, bath, work, change)
        for i in range(y.size):
            before[i] = (
                mu * last[i] + nu * before[i] + rest * y[i] + step * change[i] + first * rate[i]
            )
        before, last = last, before
    return last


@njit(cache=True, nogil=True)
def uptake_rates(y, cells, tables, ends, faces, rows, bath, work, rate):  # type: ignore[no-untyped-def]
    """Put dy/dt into `rate`.

    Parameters
    ----------
    y, rate : (2 n + 2,) ndarray
        Drug and dryness of every cell, drug in the bath, and drug that left.
    cells : (per_drug, per_dry, weight, region, instant)
        One over the volumes by which drug and dryness make their values, K there; what multiplies
        D of the drug; region; which cells are wet from the start; (n,) each.
    tables : (regions, m, 6) ndarray
        Over water, in m intervals from 0 to 1: D of the drug where each begins, what it gains over
        it, and the integral of D up to there; the same of water.
    ends : (regions, 2) ndarray
        Integrals of D up to 1, of drug and of water.
    faces : (strides, areas)
        How far the next cell is, (f,) int, and area over distance, (f, n) [m].
    rows : (cell, area, reach, film)
        Where the surface is, as `flow.flow_out` takes it, (r,) each.
    bath : (2,) ndarray
        One over the capacity of the bath, 0 of a perfect sink, and the most that u can be in it.
    work : (8, n) ndarray
        Room for the work.
    """
    per_drug, per_dry, weight, region, instant = cells
    strides, areas = faces
    n = per_drug.size
    drug, dry = rate[:n], rate[n : 2 * n]
    drug[:], dry[:] = 0.0, 0.0
    u, water, wetness = work[0], work[1], work[2]
    D, whole, pace, water_whole = work[3], work[4], work[5], work[6]
    for i in range(n):
        u[i] = y[i] * per_drug[i]
        wetness[i] = 1.0 - y[n + i] * per_dry[i]
        water[i] = min(max(wetness[i], 0.0), 1.0)
    _look_up(tables, region, water, wetness, D, whole, pace, water_whole, work[7])
    for f in range(strides.size):
        args = strides[f], areas[f], weight, water, u, D, whole, water_whole, work[7]
        _flows(*args, drug, dry)
    outside = min(y[2 * n] * bath[0], bath[1]) if bath[0] > 0.0 else 0.0
    out = _leaving(rows, region, ends, weight, water, wetness, u, outside, work, drug, dry)
    for i in range(n):
        if instant[i]:
            dry[i] = 0.0
    rate[2 * n] = out if bath[0] > 0.0 else 0.0
    rate[2 * n + 1] = out


@njit(cache=True, nogil=True)
def _look_up(tables, region, water, wetness, D, whole, pace, water_whole, place):  # type: ignore[no-untyped-def]
    """D of drug and water and their integrals, at states of 0 to 1 and a little beyond."""
    m = tables.shape[1]
    scale, step, top = float(m), 1.0 / m, float(m - 1)
    for i in range(water.size):
        place[i] = np.floor(min(max(wetness[i] * scale, 0.0), top))
    for i in range(water.size):
        # unsigned, or every index would be asked whether it counts from the end
        row = tables[np.uint64(region[i]), np.uint64(place[i])]
        x = wetness[i] * scale - place[i]
        pace[i] = max(row[3] + row[4] * x, 0.0)
        water_whole[i] = row[5] + (row[3] + 0.5 * row[4] * x) * (x * step)
        # the same place, but that no material is wetter than wet
        x = water[i] * scale - place[i]
        D[i] = max(row[0] + row[1] * x, 0.0)
        whole[i] = row[2] + (row[0] + 0.5 * row[1] * x) * (x * step)


@njit(cache=True, nogil=True, error_model="numpy")
def _flows(stride, area, weight, water, u, D, whole, water_whole, flux, drug, dry):  # type: ignore[no-untyped-def]
    """Add what flows between each cell and its next one along an axis.

    Water flows by the difference of its integral: that is its mean D times its own difference.
    """
    n = u.size - stride
    k0, k1, s0, s1 = weight[:n], weight[stride:], water[:n], water[stride:]
    u0, u1, d0, d1 = u[:n], u[stride:], D[:n], D[stride:]
    i0, i1, w0, w1 = whole[:n], whole[stride:], water_whole[:n], water_whole[stride:]
    for i in range(n):
        gap = s1[i] - s0[i]
        near = abs(gap) < _CLOSE
        mean = 0.5 * (d0[i] + d1[i]) if near else (i1[i] - i0[i]) / (1.0 if near else gap)
        flux[i] = area[i] * 0.5 * (k0[i] + k1[i]) * mean * (u1[i] - u0[i])
    _exchange(stride, flux, drug)
    for i in range(n):
        flux[i] = area[i] * (w0[i] - w1[i])
    _exchange(stride, flux, dry)


@njit(cache=True, nogil=True)
def _exchange(stride, flux, rate):  # type: ignore[no-untyped-def]
    """Give `flux` to each cell and take it from its next one."""
    n = rate.size - stride
    r0, r1 = rate[:n], rate[stride:]
    for i in range(n):
        r0[i] += flux[i]
    for i in range(n):
        r1[i] -= flux[i]


@njit(cache=True, nogil=True)
def _leaving(rows, region, ends, weight, water, wetness, u, outside, work, drug, dry):  # type: ignore[no-untyped-def]
    """Take what crosses the surface, wet all over; the drug that does in a second."""
    cell, area, reach, film = rows
    D, whole, pace, water_whole = work[3], work[4], work[5], work[6]
    out = 0.0
    for k in range(cell.size):
        i = cell[k]
        r = region[i]
        gap = 1.0 - water[i]
        mean = D[i] if abs(gap) < _CLOSE else (ends[r, 0] - whole[i]) / gap
        P = weight[i] * mean
        if P > 0.0 and film[k] > 0.0:
            flux = area[k] / (1.0 / film[k] + reach[k] / P) * (u[i] - outside)
            drug[i] -= flux
            out += flux
        gap = 1.0 - wetness[i]
        mean = pace[i] if abs(gap) < _CLOSE else (ends[r, 1] - water_whole[i]) / gap
        if mean > 0.0:
            dry[i] -= area[k] * mean / reach[k] * gap
    return out


@njit(cache=True, nogil=True)
def uptake_fastest(cells, faces, rows, most, work):  # type: ignore[no-untyped-def]
    """Upper bound (Gershgorin) of the rates of change where `uptake_rates` was last asked [1/s].

    `most` (2, r): largest permeability of drug and water between the surface and each row's cell;
    the rest as `uptake_rates` takes it.
    """
    per_drug, per_dry, weight = cells[0], cells[1], cells[2]
    cell, area, reach, film = rows
    P, total = work[0], work[7]
    for i in range(weight.size):
        P[i] = weight[i] * work[3, i]
    drug = _fastest(P, per_drug, faces, cell, area, reach, film, most[0], total)
    open_ = np.full(cell.size, np.inf)
    return max(drug, _fastest(work[5], per_dry, faces, cell, area, reach, open_, most[1], total))


@njit(cache=True, nogil=True)
def _fastest(P, per, faces, cell, area, reach, film, most, total):  # type: ignore[no-untyped-def]
    """The bound of one field; `total` (n,) is room for the conductances of every cell."""
    strides, areas = faces
    total[:] = 0.0
    for f in range(strides.size):
        stride = strides[f]
        n = P.size - stride
        p0, p1, t0, t1, face = P[:n], P[stride:], total[:n], total[stride:], areas[f]
        for i in range(n):
            t0[i] += face[i] * max(p0[i], p1[i])
        for i in range(n):
            t1[i] += face[i] * max(p0[i], p1[i])
    for k in range(cell.size):
        P_row = max(P[cell[k]], most[k], 1e-300)
        total[cell[k]] += 0.5 * area[k] / (1.0 / film[k] + reach[k] / P_row)
    largest = 0.0
    for i in range(P.size):
        largest = max(largest, 2.0 * total[i] * per[i])
    return largest

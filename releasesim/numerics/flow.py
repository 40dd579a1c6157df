"""Flows between cells whose diffusivity depends on a state: face means, surfaces, lookups.

A law comes as a table of D over its state and of its integral: the mean of D between two states is
the difference of the integrals over that of the states (the Kirchhoff mean, NUMERICS 1), so that no
kernel knows a law. Flat arrays, shifted slices, serial, nogil (NUMERICS 4).
"""

from __future__ import annotations

from numba import njit

#: States nearer to each other than this take the mean of the two diffusivities.
_CLOSE = 1e-7


@njit(cache=True, nogil=True)
def look_up(D_table, I_table, region, state, D, integral):  # type: ignore[no-untyped-def]
    """Put D and its integral at every cell's `state` there, (n,).

    Tables (regions, m) over the state from 0 to 1, linear in between and beyond.
    """
    m = D_table.shape[1]
    for i in range(state.size):
        D[i], integral[i] = _at(D_table[region[i]], I_table[region[i]], m, state[i])


@njit(cache=True, nogil=True, inline="always")
def _at(D_row, I_row, m, state):  # type: ignore[no-untyped-def]
    place = state * (m - 1)
    k = min(max(int(place), 0), m - 2)
    x = place - k
    slope = D_row[k + 1] - D_row[k]
    value = D_row[k] + slope * x
    whole = I_row[k] + (D_row[k] * x + 0.5 * slope * x * x) / (m - 1)
    return max(value, 0.0), whole


@njit(cache=True, nogil=True)
def flow_by_state(stride, face, weight, D, integral, state, u, flux, rate):  # type: ignore[no-untyped-def]
    """Add to `rate` what flows between each cell and its next one, D between two states.

    `face` [m] area over distance, `weight` what multiplies D on either side (mean of both), u the
    unknown that is continuous; `flux` (n,) is room for the work.
    """
    n = u.size - stride
    w0, w1, d0, d1 = weight[:n], weight[stride:], D[:n], D[stride:]
    i0, i1, s0, s1 = integral[:n], integral[stride:], state[:n], state[stride:]
    u0, u1, r0, r1 = u[:n], u[stride:], rate[:n], rate[stride:]
    for i in range(n):
        gap = s1[i] - s0[i]
        near = abs(gap) < _CLOSE
        mean = 0.5 * (d0[i] + d1[i]) if near else (i1[i] - i0[i]) / (1.0 if near else gap)
        flux[i] = face[i] * 0.5 * (w0[i] + w1[i]) * mean * (u1[i] - u0[i])
    for i in range(n):
        r0[i] += flux[i]
    for i in range(n):
        r1[i] -= flux[i]


@njit(cache=True, nogil=True)
def flow(stride, face, P, u, flux, rate):  # type: ignore[no-untyped-def]
    """Add to `rate` what flows between cells of permeability `P` (n,), mean of both sides."""
    n = u.size - stride
    p0, p1, u0, u1, r0, r1 = P[:n], P[stride:], u[:n], u[stride:], rate[:n], rate[stride:]
    for i in range(n):
        flux[i] = face[i] * 0.5 * (p0[i] + p1[i]) * (u1[i] - u0[i])
    for i in range(n):
        r0[i] += flux[i]
    for i in range(n):
        r1[i] -= flux[i]


@njit(cache=True, nogil=True)
def flow_at_joints(first, second, face, theta, P, u, rate):  # type: ignore[no-untyped-def]
    """Add to `rate` what flows where two regions meet: their resistances in series."""
    for k in range(first.size):
        i, j = first[k], second[k]
        if P[i] > 0.0 and P[j] > 0.0:
            flux = face[k] / (theta[k] / P[i] + (1.0 - theta[k]) / P[j]) * (u[j] - u[i])
            rate[i] += flux
            rate[j] -= flux


@njit(cache=True, nogil=True)
def flow_out(cell, area, reach, film, P, u, outside, rate):  # type: ignore[no-untyped-def]
    """Take from `rate` what crosses the surface, and return its sum.

    `film` (m,) mass-transfer coefficient [m/s], `P` (m,) permeability between the cell's centre and
    the surface, `outside` the value of u in the bath.
    """
    total = 0.0
    for k in range(cell.size):
        if P[k] <= 0.0 or film[k] <= 0.0:
            continue
        flux = area[k] / (1.0 / film[k] + reach[k] / P[k]) * (u[cell[k]] - outside)
        rate[cell[k]] -= flux
        total += flux
    return total


@njit(cache=True, nogil=True)
def surface_mean(D_table, I_table, region, cell, D, integral, state, at_surface, out):  # type: ignore[no-untyped-def]
    """Put the mean of D between each row's cell and the state `at_surface` (m,) there, (m,)."""
    m = D_table.shape[1]
    for k in range(cell.size):
        i = cell[k]
        gap = at_surface[k] - state[i]
        if abs(gap) < _CLOSE:
            out[k] = D[i]
        else:
            _, whole = _at(D_table[region[i]], I_table[region[i]], m, at_surface[k])
            out[k] = (whole - integral[i]) / gap


@njit(cache=True, nogil=True)
def add_conductance(stride, face, P, total):  # type: ignore[no-untyped-def]
    """Add to `total` (n,) the conductance of every cell's faces along an axis, as in `flow`."""
    n = total.size - stride
    p0, p1, t0, t1 = P[:n], P[stride:], total[:n], total[stride:]
    for i in range(n):
        t0[i] += face[i] * max(p0[i], p1[i])
    for i in range(n):
        t1[i] += face[i] * max(p0[i], p1[i])


@njit(cache=True, nogil=True)
def flow_in_series(stride, face, P, u, flux, rate):  # type: ignore[no-untyped-def]
    """As `flow`, with the resistances of both sides in series: nothing enters what is closed."""
    n = u.size - stride
    p0, p1, u0, u1, r0, r1 = P[:n], P[stride:], u[:n], u[stride:], rate[:n], rate[stride:]
    for i in range(n):
        total = p0[i] + p1[i]
        mean = 2.0 * p0[i] * p1[i] / (total if total > 0.0 else 1.0)
        flux[i] = face[i] * mean * (u1[i] - u0[i])
    for i in range(n):
        r0[i] += flux[i]
    for i in range(n):
        r1[i] -= flux[i]

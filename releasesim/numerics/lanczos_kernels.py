"""The compiled Lanczos recurrence (NUMERICS 4): flat arrays, shifted slices, serial, nogil.

Cells lie flat, the outermost of them without an unknown. Runs are the stretches of cells worth
visiting. Vectors in float64 or float32, sums in float64.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# sums may be reordered, or they would not vectorise; NaN and infinity keep their meaning
_SUMS = {"reassoc", "contract", "nsz"}


@njit(cache=True, nogil=True)
def lanczos_steps(runs, matrix, pair, outlets, start, fixed, numbers, filled):  # type: ignore[no-untyped-def]
    """Go on with v' = (M v - alpha v - beta v_old)/beta', M = C^-1 A, C-orthogonal vectors.

    One sweep a step: the second vector of `pair` holds what M made of the last one; subtracting
    the first from it gives the present one, and M times that replaces the first, some planes
    behind. So the two change places with every step. Nothing is normalised but by a scale.

    Parameters
    ----------
    runs : (begins, ends, sx, sy)
        Stretches of cells in order, (runs,) int each; strides along x and y.
    matrix : (even, gx, gy, gz, diagonal, leak, inverse, capacity)
        The one conductance between neighbours along each axis, (3,), or (0,) where they differ;
        conductance between each cell and its next one [m3/s], of no use where they are alike;
        diagonal of A, of no use where they differ [m3/s]; outlets [m3/s]; 1/C; C [m3].
    pair : two (n,) ndarrays
        The vector before the present one, and what will be the present one. Updated.
    outlets : (wet, within, outlet, lifted)
        Cells with an outlet, (w,) int in order; where those of each run begin, (runs + 1,) int;
        their outlets again [m3/s], and that over C [1/s].
    start : (index, excess)
        Cells whose u(0) is not the common one, (e,) int, and their drug beyond that [kg].
    fixed : (9,) ndarray
        Sum of all outlets; bath; inverse of the Gram matrix of b and M b, three entries; common
        u(0); drug in the bath; the beta at which nothing is left; sum of C.
    numbers : (8,) ndarray
        Scale of the present vector; beta times the last scale; what remains to be subtracted of
        the last vector, of b and of M b; bath entries of the present and the last vector; beta.
        Updated.
    filled : (4, steps) ndarray
        Filled: diagonal and off-diagonal of T, drug and surface flux that each vector stands for.

    Returns
    -------
    int
        Steps done: fewer than asked for where nothing is left.
    """
    lost, bath, inverse_a, inverse_b, inverse_c = fixed[0], fixed[1], fixed[2], fixed[3], fixed[4]
    common, bath_drug, exhausted = fixed[5], fixed[6], fixed[7]
    scale, beta_scale, factor, share, flux_share = (
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        numbers[4],
    )
    bath_new, bath_x, beta = numbers[5], numbers[6], numbers[7]
    x, new = pair
    capacity = matrix[7]
    index, excess = start
    for step in range(filled.shape[1]):
        product, size, square, along_w, along, flow, across = _sweep(
            runs, matrix, outlets, x, new, factor, share, flux_share, scale, beta_scale, bath_new
        )
        x, new = new, x
        bath_w = 0.0
        if bath > 0.0:
            bath_w = scale * (lost * bath_new - flow) / bath - beta_scale * bath_x
            product += bath * bath_new * bath_w
            square += bath * bath_w * bath_w
            size += bath * bath_new * bath_new
        bath_x = bath_new
        alpha = scale * product
        flux = flow - lost * bath_x
        filled[0, step] = alpha
        drug = common * along + _gather(excess, x, index) + bath_drug * bath_x
        filled[2, step] = scale * drug
        filled[3, step] = scale * flux
        factor = alpha * scale
        # take out what rounding put back along b and M b; M b is part of the second vector
        along = along_w - factor * along
        across -= lost * bath_w + factor * flux
        share, flux_share = along * inverse_a, 0.0
        if beta != 0.0:
            share = inverse_a * along + inverse_b * across
            flux_share = inverse_b * along + inverse_c * across
            if bath > 0.0:
                bath_w += flux_share * lost / bath
        else:
            share = along / fixed[8]
        bath_new = bath_w - factor * bath_x
        whole = square
        # |w - alpha v|^2, the square of v as it came out and not as 1: errors would grow
        square -= alpha * alpha * (2.0 - scale * scale * size)
        square -= share * along + flux_share * across
        if square < 1e-3 * whole:  # too little is left to be had by difference
            square = bath * bath_new * bath_new
            square += _finish(runs, outlets, capacity, new, x, factor, share, flux_share)
            factor, share, flux_share = 0.0, 0.0, 0.0
        beta_scale = np.sqrt(square) * scale
        beta = np.sqrt(square)
        filled[1, step] = beta
        scale = 1.0 / beta if beta > 0.0 else 0.0
        numbers[:] = (scale, beta_scale, factor, share, flux_share, bath_new, bath_x, beta)
        if beta <= exhausted:
            return step + 1
    return filled.shape[1]


@njit(cache=True, nogil=True)
def _sweep(runs, matrix, outlets, x, new, factor, share, flux_share, scale, beta, bath):  # type: ignore[no-untyped-def]
    """Finish the present vector v in `new` and put w, what M makes of it, into `x`.

    Returns the sums of C v w, C v v, C w w, C w, C v, and outlet v, outlet w; `bath` is the bath
    entry of v. What concerns a cell is done while it is in the cache.
    """
    begins, ends, sx, sy = runs
    even, gx, gy, gz, diagonal, leak, inverse, capacity = matrix
    wet, within, outlet, lifted = outlets
    real = x.dtype.type
    fed = scale * bath
    sums = np.zeros(7)
    ready = 0
    for run in range(begins.size):
        lo, hi = begins[run], ends[run]
        while ready < begins.size and begins[ready] < hi + sx:
            a, b = begins[ready], ends[ready]
            _subtract(new[a:b], x[a:b], real(factor), capacity[a:b], real(share))
            for k in range(within[ready], within[ready + 1]):
                new[wet[k]] -= flux_share * lifted[k]
            ready += 1
        first, last = within[run], within[run + 1]
        if even.size == 3:
            parts = _multiply_even(
                lo, hi, sx, sy, even, diagonal, leak, inverse, capacity, new, x,
                real(scale), real(beta),
            )  # fmt: skip
        else:
            parts = _multiply(
                lo, hi, sx, sy, gx, gy, gz, leak, inverse, capacity, new, x,
                real(scale), real(beta),
            )  # fmt: skip
        for part in range(7):
            sums[part] += parts[part]
        if fed != 0.0:
            _feed(first, last, wet, outlet, lifted, capacity, new, x, fed, sums)
    return sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _multiply(lo, hi, sx, sy, gx, gy, gz, leak, inverse, capacity, x, old, scale, beta):  # type: ignore[no-untyped-def]
    """Put w = scale C^-1 A x - beta old into `old`.

    Returns the sums of C x w, C x x, C w w, C w, C x, leak x, leak w.
    """
    g, q, m = leak[lo:hi], inverse[lo:hi], capacity[lo:hi]
    c, o = x[lo:hi], old[lo:hi]
    east, west = x[lo + sx : hi + sx], x[lo - sx : hi - sx]
    north, south = x[lo + sy : hi + sy], x[lo - sy : hi - sy]
    up, down = x[lo + 1 : hi + 1], x[lo - 1 : hi - 1]
    ge, gw = gx[lo:hi], gx[lo - sx : hi - sx]
    gn, gs = gy[lo:hi], gy[lo - sy : hi - sy]
    gu, gd = gz[lo:hi], gz[lo - 1 : hi - 1]
    product, size, square, along_w, along = 0.0, 0.0, 0.0, 0.0, 0.0
    flow, across = 0.0, 0.0
    for i in range(hi - lo):
        v = c[i]
        y = (
            g[i] * v
            + ge[i] * (v - east[i])
            + gw[i] * (v - west[i])
            + gn[i] * (v - north[i])
            + gs[i] * (v - south[i])
            + gu[i] * (v - up[i])
            + gd[i] * (v - down[i])
        )
        w = scale * (q[i] * y) - beta * o[i]
        o[i] = w
        of_w, of_x = np.float64(m[i]) * np.float64(w), np.float64(m[i]) * np.float64(v)
        product += of_x * np.float64(w)
        size += of_x * np.float64(v)
        square += of_w * np.float64(w)
        along_w += of_w
        along += of_x
        flow += np.float64(g[i]) * np.float64(v)
        across += np.float64(g[i]) * np.float64(w)
    return product, size, square, along_w, along, flow, across


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _multiply_even(  # type: ignore[no-untyped-def]
    lo, hi, sx, sy, even, diagonal, leak, inverse, capacity, x, old, scale, beta
):
    """The same where all neighbours along an axis are joined by one conductance.

    It reaches into cells without an unknown too, which is harmless: `x` and 1/C are 0 there.
    """
    gx, gy, gz = even[0], even[1], even[2]
    d, g, q, m = diagonal[lo:hi], leak[lo:hi], inverse[lo:hi], capacity[lo:hi]
    c, o = x[lo:hi], old[lo:hi]
    east, west = x[lo + sx : hi + sx], x[lo - sx : hi - sx]
    north, south = x[lo + sy : hi + sy], x[lo - sy : hi - sy]
    up, down = x[lo + 1 : hi + 1], x[lo - 1 : hi - 1]
    product, size, square, along_w, along = 0.0, 0.0, 0.0, 0.0, 0.0
    flow, across = 0.0, 0.0
    for i in range(hi - lo):
        y = (
            d[i] * c[i]
            - gx * (east[i] + west[i])
            - gy * (north[i] + south[i])
            - gz * (up[i] + down[i])
        )
        w = scale * (q[i] * y) - beta * o[i]
        o[i] = w
        of_w, of_x = np.float64(m[i]) * np.float64(w), np.float64(m[i]) * np.float64(c[i])
        product += of_x * np.float64(w)
        size += of_x * np.float64(c[i])
        square += of_w * np.float64(w)
        along_w += of_w
        along += of_x
        flow += np.float64(g[i]) * np.float64(c[i])
        across += np.float64(g[i]) * np.float64(w)
    return product, size, square, along_w, along, flow, across


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _subtract(new, x, factor, capacity, share):  # type: ignore[no-untyped-def]
    """Subtract factor x, and `share` wherever there is an unknown, from `new`."""
    zero = share - share
    for i in range(new.size):
        new[i] -= factor * x[i] + (share if capacity[i] > zero else zero)


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _finish(runs, outlets, capacity, new, x, factor, share, flux_share):  # type: ignore[no-untyped-def]
    """Subtract right away; the sum of C new new."""
    begins, ends = runs[0], runs[1]
    wet, _, _, lifted = outlets
    real = x.dtype.type
    for k in range(wet.size):
        new[wet[k]] -= flux_share * lifted[k]
    square = 0.0
    for run in range(begins.size):
        a, b = begins[run], ends[run]
        _subtract(new[a:b], x[a:b], real(factor), capacity[a:b], real(share))
        for i in range(a, b):
            square += np.float64(capacity[i]) * np.float64(new[i]) * np.float64(new[i])
    return square


@njit(cache=True, nogil=True)
def _feed(first, last, wet, outlet, lifted, capacity, v, w, amount, sums):  # type: ignore[no-untyped-def]
    """Subtract from w what the bath feeds to some of the wet cells, and follow the sums."""
    for k in range(first, last):
        i = wet[k]
        before = np.float64(w[i])
        w[i] -= lifted[k] * amount
        after = np.float64(w[i])
        change = np.float64(capacity[i]) * (after - before)
        sums[0] += change * np.float64(v[i])
        sums[2] += change * (after + before)
        sums[3] += change
        sums[6] += outlet[k] * (after - before)


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _gather(values, x, index):  # type: ignore[no-untyped-def]
    """Sum of values[i] x[index[i]] in float64."""
    total = 0.0
    for k in range(index.size):
        total += values[k] * np.float64(x[index[k]])
    return total


@njit(cache=True, nogil=True)
def tridiagonal_modes(diagonal, off, rows):  # type: ignore[no-untyped-def]
    """Eigenvalues of a symmetric tridiagonal matrix, and `rows` times its eigenvectors.

    Implicit QL, as in Golub & Welsch (1969): only the rows asked for are turned along.

    Parameters
    ----------
    diagonal : (m,) ndarray
        Replaced by the eigenvalues.
    off : (m,) ndarray
        Off-diagonal, one entry to spare at the end; destroyed.
    rows : (m, r) ndarray
        Each column is a row vector; replaced by its products with the eigenvectors.

    Returns
    -------
    bool
        Whether it converged.
    """
    m, r = rows.shape
    off[m - 1] = 0.0
    for low in range(m):
        for _ in range(60):
            high = low
            while high < m - 1:
                if abs(off[high]) <= 2.3e-16 * (abs(diagonal[high]) + abs(diagonal[high + 1])):
                    break
                high += 1
            if high == low:
                break
            # shift by the eigenvalue of the leading 2 x 2 block nearer to its corner
            g = (diagonal[low + 1] - diagonal[low]) / (2.0 * off[low])
            g = diagonal[high] - diagonal[low] + off[low] / (g + np.copysign(np.hypot(g, 1.0), g))
            sine, cosine, shift = 1.0, 1.0, 0.0
            split = False
            for i in range(high - 1, low - 1, -1):
                f, b = sine * off[i], cosine * off[i]
                length = np.sqrt(f * f + g * g)
                off[i + 1] = length
                if length == 0.0:
                    diagonal[i + 1] -= shift
                    off[high] = 0.0
                    split = True
                    break
                sine, cosine = f / length, g / length
                g = diagonal[i + 1] - shift
                turned = (diagonal[i] - g) * sine + 2.0 * cosine * b
                shift = sine * turned
                diagonal[i + 1] = g + shift
                g = cosine * turned - b
                for k in range(r):
                    above, here = rows[i + 1, k], rows[i, k]
                    rows[i + 1, k] = sine * here + cosine * above
                    rows[i, k] = cosine * here - sine * above
            if split:
                continue
            diagonal[low] -= shift
            off[low] = g
            off[high] = 0.0
        else:
            return False
    return True

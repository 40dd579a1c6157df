"""Compiled loops of the multigrid solver: flat padded arrays, shifted slices, serial, nogil.

Every level works with its operator scaled to a unit diagonal, I - N: N has positive entries
`tx`, `ty`, `tz` between a cell and its next neighbour along an axis. Flat arrays carry a margin of
at least one stride `sx` at both ends, where they are 0.
"""

from __future__ import annotations

import numpy as np
from numba import njit

# sums may be reordered, or they would not vectorise; NaN and infinity keep their meaning
_SUMS = {"reassoc", "contract", "nsz"}
#: Cells whose products with the operator stay in cache while all basis vectors pass by.
_BLOCK = 2048
#: Root of the diagonal where there is no unknown; float32 holds it.
_NOTHING = 1e-30


@njit(cache=True, nogil=True, fastmath=_SUMS)
def combine(tx, ty, tz, sx, sy, x, b, own, near, given, out):  # type: ignore[no-untyped-def]
    """Put own x + near N x + given b into `out`: a smoothing step or a residual. All flat (n,)."""
    lo, hi = sx, x.size - sx
    c, source, o = x[lo:hi], b[lo:hi], out[lo:hi]
    east, west = x[lo + sx : hi + sx], x[lo - sx : hi - sx]
    north, south = x[lo + sy : hi + sy], x[lo - sy : hi - sy]
    up, down = x[lo + 1 : hi + 1], x[lo - 1 : hi - 1]
    te, tw = tx[lo:hi], tx[lo - sx : hi - sx]
    tn, ts = ty[lo:hi], ty[lo - sy : hi - sy]
    tu, td = tz[lo:hi], tz[lo - 1 : hi - 1]
    for i in range(hi - lo):
        around = (
            te[i] * east[i]
            + tw[i] * west[i]
            + tn[i] * north[i]
            + ts[i] * south[i]
            + tu[i] * up[i]
            + td[i] * down[i]
        )
        o[i] = own * c[i] + near * around + given * source[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def multiply(tx, ty, tz, sx, sy, x, out):  # type: ignore[no-untyped-def]
    """Put x - N x into `out` and return its product with x. All flat (n,)."""
    lo, hi = sx, x.size - sx
    c, o = x[lo:hi], out[lo:hi]
    east, west = x[lo + sx : hi + sx], x[lo - sx : hi - sx]
    north, south = x[lo + sy : hi + sy], x[lo - sy : hi - sy]
    up, down = x[lo + 1 : hi + 1], x[lo - 1 : hi - 1]
    te, tw = tx[lo:hi], tx[lo - sx : hi - sx]
    tn, ts = ty[lo:hi], ty[lo - sy : hi - sy]
    tu, td = tz[lo:hi], tz[lo - 1 : hi - 1]
    total = 0.0
    for i in range(hi - lo):
        value = c[i] - (
            te[i] * east[i]
            + tw[i] * west[i]
            + tn[i] * north[i]
            + ts[i] * south[i]
            + tu[i] * up[i]
            + td[i] * down[i]
        )
        o[i] = value
        total += np.float64(c[i]) * np.float64(value)
    return total


@njit(cache=True, nogil=True, fastmath=_SUMS)
def prepare(capacity, content, root, residual, guess):  # type: ignore[no-untyped-def]
    """Put the scaled right-hand side of C times `content` into `residual`, and scale `guess`.

    `capacity` (n,) in float64, all else (n,) without margins.
    """
    for i in range(capacity.size):
        scale = np.float64(root[i])
        residual[i] = capacity[i] * np.float64(content[i]) / scale
        guess[i] *= root[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def descend(x, r, step, p, q):  # type: ignore[no-untyped-def]
    """One step of conjugate gradients: x + step p, r - step q."""
    for i in range(x.size):
        x[i] += step * p[i]
        r[i] -= step * q[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def turn(p, z, factor):  # type: ignore[no-untyped-def]
    """The next direction of conjugate gradients: p = z + factor p."""
    for i in range(p.size):
        p[i] = z[i] + factor * p[i]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def inner(a, b):  # type: ignore[no-untyped-def]
    """Inner product in float64 of two flat arrays of either precision."""
    total = 0.0
    for i in range(a.size):
        total += np.float64(a[i]) * np.float64(b[i])
    return total


@njit(cache=True, nogil=True, fastmath=_SUMS)
def gather(values, index, x):  # type: ignore[no-untyped-def]
    """Sum of values[i] x[index[i]] in float64."""
    total = 0.0
    for i in range(index.size):
        total += np.float64(values[i]) * np.float64(x[index[i]])
    return total


@njit(cache=True, nogil=True)
def scatter(x, factor, values, index):  # type: ignore[no-untyped-def]
    """Add factor values[i] to x[index[i]]."""
    for i in range(index.size):
        x[index[i]] += factor * values[i]


@njit(cache=True, nogil=True)
def scale_level(capacity, fx, fy, fz, outlet, shift, sx, sy, margin, root, tx, ty, tz):  # type: ignore[no-untyped-def]
    """Set the root of the diagonal of shift C + A, and the entries of N.

    `capacity`, `outlet` and the conductances `fx`, `fy`, `fz` are flat without margin (n,); `root`
    and the entries `tx`, `ty`, `tz` have one. Where there is no unknown the root is so small that
    no correction reaches it.
    """
    n = capacity.size
    inside = root[margin : margin + n]
    for i in range(n):
        total = shift * capacity[i] + outlet[i] + fx[i] + fy[i] + fz[i]
        if i >= 1:
            total += fz[i - 1]
        if i >= sy:
            total += fy[i - sy]
        if i >= sx:
            total += fx[i - sx]
        inside[i] = np.sqrt(total) if total > 0.0 else _NOTHING
    east, north, up = root[margin + sx :], root[margin + sy :], root[margin + 1 :]
    x, y, z = tx[margin : margin + n], ty[margin : margin + n], tz[margin : margin + n]
    for i in range(n):
        x[i] = fx[i] / (inside[i] * east[i]) if fx[i] > 0.0 else 0.0
    for i in range(n):
        y[i] = fy[i] / (inside[i] * north[i]) if fy[i] > 0.0 else 0.0
    for i in range(n):
        z[i] = fz[i] / (inside[i] * up[i]) if fz[i] > 0.0 else 0.0


@njit(cache=True, nogil=True)
def add_up(a, origin, size, block, out):  # type: ignore[no-untyped-def]
    """Sum blocks of cells of `a` into `out`, both three-dimensional."""
    for i in range(size[0]):
        for j in range(size[1]):
            row = out[i // block[0], j // block[1]]
            given = a[origin[0] + i, origin[1] + j, origin[2] : origin[2] + size[2]]
            if block[2] == 1:
                for k in range(size[2]):
                    row[k] += given[k]
                continue
            for k in range(size[2] // 2):
                row[k] += given[2 * k] + given[2 * k + 1]
            if size[2] % 2:
                row[size[2] // 2] += given[size[2] - 1]


@njit(cache=True, nogil=True)
def join_blocks(face, axis, origin, size, block, out):  # type: ignore[no-untyped-def]
    """Conductance between neighbouring blocks of cells along one axis.

    Along the axis half of what lies inside either block is in series with the face between them;
    across it, paths are side by side.
    """
    step, first = np.zeros(3, np.int64), np.zeros(3, np.int64)
    stride = np.ones(3, np.int64)
    width = block[axis]
    step[axis], first[axis], stride[axis] = 1, width - 1, width
    dx, dy, dz = step
    ends = size - step
    for i in range(first[0], ends[0], stride[0]):
        for j in range(first[1], ends[1], stride[1]):
            for k in range(first[2], ends[2], stride[2]):
                along = (i, j, k)[axis]
                p, q, r = origin[0] + i, origin[1] + j, origin[2] + k
                here = face[p, q, r]
                if here <= 0.0:
                    continue
                resistance = 1.0 / here
                if width == 2:
                    before = face[p - dx, q - dy, r - dz]
                    if before > 0.0:
                        resistance += 0.5 / before
                    if along + 2 < size[axis]:
                        after = face[p + dx, q + dy, r + dz]
                        if after > 0.0:
                            resistance += 0.5 / after
                out[i // block[0], j // block[1], k // block[2]] += 1.0 / resistance


@njit(cache=True, nogil=True, fastmath=_SUMS)
def restrict(r, root, margin, sx, sy, origin, size, block, coarse_root, coarse_margin, shape, out):  # type: ignore[no-untyped-def]
    """Sum the residual `r` over blocks of cells, out of one level's scaling into the next one's."""
    ni, nj, nk = shape
    whole = size[2] // block[2]
    for i in range(ni):
        for j in range(nj):
            first = coarse_margin + (i * nj + j) * nk
            row = out[first : first + nk]
            row[:] = 0.0
            for p in range(i * block[0], min((i + 1) * block[0], size[0])):
                for q in range(j * block[1], min((j + 1) * block[1], size[1])):
                    start = margin + (origin[0] + p) * sx + (origin[1] + q) * sy + origin[2]
                    value, scale = r[start : start + size[2]], root[start : start + size[2]]
                    if block[2] == 1:
                        for k in range(nk):
                            row[k] += value[k] * scale[k]
                        continue
                    for k in range(whole):
                        row[k] += value[2 * k] * scale[2 * k] + value[2 * k + 1] * scale[2 * k + 1]
                    if whole < nk:
                        row[whole] += value[2 * whole] * scale[2 * whole]
            scale = coarse_root[first : first + nk]
            for k in range(nk):
                row[k] /= scale[k]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def prolong(e, coarse_root, coarse_margin, shape, origin, size, block, root, margin, sx, sy, x):  # type: ignore[no-untyped-def]
    """Add the coarse correction `e`, constant over each block of cells, to `x`."""
    ni, nj, nk = shape
    whole = size[2] // block[2]
    value = np.empty(nk, e.dtype)
    for i in range(ni):
        for j in range(nj):
            first = coarse_margin + (i * nj + j) * nk
            given, scale = e[first : first + nk], coarse_root[first : first + nk]
            for k in range(nk):
                value[k] = given[k] / scale[k]
            for p in range(i * block[0], min((i + 1) * block[0], size[0])):
                for q in range(j * block[1], min((j + 1) * block[1], size[1])):
                    start = margin + (origin[0] + p) * sx + (origin[1] + q) * sy + origin[2]
                    to, own = x[start : start + size[2]], root[start : start + size[2]]
                    if block[2] == 1:
                        for k in range(nk):
                            to[k] += value[k] * own[k]
                        continue
                    for k in range(whole):
                        to[2 * k] += value[k] * own[2 * k]
                        to[2 * k + 1] += value[k] * own[2 * k + 1]
                    if whole < nk:
                        to[2 * whole] += value[whole] * own[2 * whole]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def project(capacity, fx, fy, fz, outlet, sx, sy, margin, bath, basis, count):  # type: ignore[no-untyped-def]
    """Products of basis vector `count` - 1 with all before it and itself, by C and by A.

    Summed in float64 from the vectors as they are stored, so that they are exact for these. Also
    its flux across the surface. `basis` (m, n) and the coefficients have margins; `bath` (m,) are
    the entries at the bath.

    Returns
    -------
    by_capacity, by_exchange : (count,) ndarrays
    flux, row : float
        Drug leaving, and the bath's row of A times the vector; the bath's capacity is not in.
    """
    by_capacity, by_exchange = np.zeros(count), np.zeros(count)
    held, leaving = np.empty(_BLOCK), np.empty(_BLOCK)
    u = basis[count - 1]
    outside = bath[count - 1]
    flux = 0.0
    end = u.size - margin
    for lo in range(margin, end, _BLOCK):
        hi = min(lo + _BLOCK, end)
        m = hi - lo
        c = u[lo:hi]
        east, west = u[lo + sx : hi + sx], u[lo - sx : hi - sx]
        north, south = u[lo + sy : hi + sy], u[lo - sy : hi - sy]
        up, down = u[lo + 1 : hi + 1], u[lo - 1 : hi - 1]
        # coefficients carry no margin: they are the problem's own arrays
        a, b = lo - margin, hi - margin
        te, tn, tu = fx[a:b], fy[a:b], fz[a:b]
        volume, out = capacity[a:b], outlet[a:b]
        for i in range(m):
            here = np.float64(c[i])
            lost = out[i] * (here - outside)
            flux += lost
            held[i] = volume[i] * here
            leaving[i] = (
                te[i] * (here - np.float64(east[i]))
                + tn[i] * (here - np.float64(north[i]))
                + tu[i] * (here - np.float64(up[i]))
                + lost
            )
        if a >= sx:
            back = fx[a - sx : b - sx]
            for i in range(m):
                leaving[i] += back[i] * (np.float64(c[i]) - np.float64(west[i]))
        else:
            for i in range(max(sx - a, 0), m):
                leaving[i] += fx[a + i - sx] * (np.float64(c[i]) - np.float64(west[i]))
        if a >= sy:
            back = fy[a - sy : b - sy]
            for i in range(m):
                leaving[i] += back[i] * (np.float64(c[i]) - np.float64(south[i]))
        else:
            for i in range(max(sy - a, 0), m):
                leaving[i] += fy[a + i - sy] * (np.float64(c[i]) - np.float64(south[i]))
        for i in range(1 if a == 0 else 0, m):
            leaving[i] += fz[a + i - 1] * (np.float64(c[i]) - np.float64(down[i]))
        for j in range(count):
            other = basis[j, lo:hi]
            first, second = 0.0, 0.0
            for i in range(m):
                value = np.float64(other[i])
                first += held[i] * value
                second += leaving[i] * value
            by_capacity[j] += first
            by_exchange[j] += second
    return by_capacity, by_exchange, flux


@njit(cache=True, nogil=True, fastmath=_SUMS)
def blend(basis, weights, out):  # type: ignore[no-untyped-def]
    """Put the sum of basis vectors (m, n) times weights (m,) into `out` (n,)."""
    for lo in range(0, out.size, _BLOCK):
        hi = min(lo + _BLOCK, out.size)
        o = out[lo:hi]
        o[:] = 0.0
        for j in range(weights.size):
            v = basis[j, lo:hi]
            w = weights[j]
            for i in range(hi - lo):
                o[i] += w * v[i]

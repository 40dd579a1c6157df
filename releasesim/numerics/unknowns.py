"""The unknowns of a diffusion problem on flat padded arrays, and Lanczos's products of them."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

#: Stretches without cells longer than this are left out of the loops.
_GAP = 32
SUMS = {"reassoc", "contract", "nsz"}


class Unknowns:
    """The operator M = C^-1/2 A C^-1/2 on flat padded arrays, the bath as their last entry."""

    def __init__(self, problem: DiffusionProblem) -> None:
        self.problem = problem
        _, ny, nz = problem.capacity.shape
        self.strides = ny * nz, nz
        #: a one-dimensional grid has no padding along x and y: lend it some
        self.margin = ny * nz
        self.size = problem.capacity.size + 2 * self.margin + 1
        capacity = self.flat(problem.capacity)
        capacity[-1] = problem.bath if np.isfinite(problem.bath) else 0.0
        self.bathed = bool(capacity[-1] > 0.0)
        #: places of the unknowns in the flat arrays, the bath's the last
        self.cells = np.flatnonzero(capacity)
        self.runs = _runs(self.cells[: self.cells.size - self.bathed])
        self.inverse = np.zeros(self.size)
        self.inverse[self.cells] = 1.0 / np.sqrt(capacity[self.cells])
        self.conductance = [self.flat(face) for face in problem.conductance]
        self.outlet = self.flat(problem.outlet)
        self.wet = np.flatnonzero(self.outlet)
        root = np.sqrt(capacity)
        #: b, which counts drug, and w(0), of the unknowns only
        self.weight = root[self.cells]
        self.start = self.weight * self.flat(problem.initial)[self.cells]
        if self.bathed:
            self.weight[-1] = 0.0
            self.start[-1] = root[-1] * problem.bath_initial
        self.flat_start = np.zeros(self.size)
        self.flat_start[self.cells] = self.start
        self.products = 0
        self._scale()

    def _scale(self) -> None:
        problem, inverse = self.problem, self.inverse
        self.diagonal = self.flat(problem.diagonal()) * inverse**2
        self.faces = [
            face * inverse * np.roll(inverse, -stride)
            for face, stride in zip(self.conductance, (*self.strides, 1), strict=True)
        ]
        self.coupling = (self.outlet * inverse)[self.wet] * inverse[-1]
        self.diagonal[-1] = problem.outlet.sum() * inverse[-1] ** 2

    def flat(self, a: Array) -> Array:
        """A field of cells as a padded flat array, 0 for the bath."""
        out = np.zeros(self.size)
        out[self.margin : self.margin + a.size] = a.ravel()
        return out

    def grid(self, flat: Array) -> Array:
        """The cells of a flat array, (nx, ny, nz)."""
        shape = self.problem.capacity.shape
        return flat[self.margin : -self.margin - 1].reshape(shape).copy()

    def apply(self, x: Array, out: Array) -> float:
        """Write M x and return x^T M x."""
        self.products += 1
        total = float(_multiply(*self.runs, self.diagonal, *self.faces, *self.strides, x, out))
        if self.bathed:
            exchanged = float(self.coupling @ x[self.wet])
            out[self.wet] -= x[-1] * self.coupling
            out[-1] = self.diagonal[-1] * x[-1] - exchanged
            total += float(x[-1]) * (float(out[-1]) - exchanged)
        return total


def _runs(cells: Integers) -> tuple[Integers, Integers]:
    """First cell and end of each run of cells; short gaps are not worth leaving out."""
    gaps = np.flatnonzero(np.diff(cells) > _GAP)
    return cells[np.append(0, gaps + 1)], cells[np.append(gaps, cells.size - 1)] + 1


@njit(cache=True, nogil=True, fastmath=SUMS)
def _multiply(begins, ends, diagonal, tx, ty, tz, sx, sy, x, out):  # type: ignore[no-untyped-def]
    """Write M x into `out` on the runs of cells and return x^T M x; arrays flat, padded, (n,)."""
    total = 0.0
    for r in range(begins.size):
        lo, hi = begins[r], ends[r]
        d, c, o = diagonal[lo:hi], x[lo:hi], out[lo:hi]
        east, west = x[lo + sx : hi + sx], x[lo - sx : hi - sx]
        north, south = x[lo + sy : hi + sy], x[lo - sy : hi - sy]
        up, down = x[lo + 1 : hi + 1], x[lo - 1 : hi - 1]
        te, tw = tx[lo:hi], tx[lo - sx : hi - sx]
        tn, ts = ty[lo:hi], ty[lo - sy : hi - sy]
        tu, td = tz[lo:hi], tz[lo - 1 : hi - 1]
        for i in range(hi - lo):
            y = d[i] * c[i] - te[i] * east[i] - tw[i] * west[i] - tn[i] * north[i]
            y -= ts[i] * south[i] + tu[i] * up[i] + td[i] * down[i]
            o[i] = y
            total += c[i] * y
    return total


@njit(cache=True, nogil=True, fastmath=SUMS)
def subtract(begins, ends, y, scale, x, along, old, back):  # type: ignore[no-untyped-def]
    """Make y scale y - along x - back old on the runs and for the bath; return its square."""
    last = y.size - 1
    y[last] = scale * y[last] - along * x[last] - back * old[last]
    square = y[last] * y[last]
    for r in range(begins.size):
        lo, hi = begins[r], ends[r]
        new, a, b = y[lo:hi], x[lo:hi], old[lo:hi]
        for i in range(hi - lo):
            value = scale * new[i] - along * a[i] - back * b[i]
            new[i] = value
            square += value * value
    return square


@njit(cache=True, nogil=True)
def gather(x, scale, cells, row):  # type: ignore[no-untyped-def]
    """Write scale x at the unknowns into `row`, of either precision."""
    for i in range(cells.size):
        row[i] = scale * x[cells[i]]


@njit(cache=True, nogil=True, fastmath=SUMS)
def product(begins, ends, x, y):  # type: ignore[no-untyped-def]
    """Sum of x y on the runs of cells and for the bath; arrays flat, padded, (n,)."""
    total = x[-1] * y[-1]
    for r in range(begins.size):
        a, b = x[begins[r] : ends[r]], y[begins[r] : ends[r]]
        for i in range(a.size):
            total += a[i] * b[i]
    return total

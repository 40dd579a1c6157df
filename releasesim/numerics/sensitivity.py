r"""Derivatives of drug held with respect to every coefficient of a diffusion problem (NUMERICS 5).

For C du/dt = -A u and J = sum_i w_i held(t_i), held = e^T C u with e = 1 in the cells:

.. math::

    \delta\,\mathrm{held}(t) = e^T \delta C\, u(t) + \psi(t)^T C\,\delta u(0)
        - \int_0^t \psi(t-s)^T (\delta A\, u(s) + \delta C\, \dot u(s))\, ds

where the adjoint psi obeys the same equation from psi(0) = e, for A is symmetric. Lanczos runs from
sqrt(C) e and from sqrt(C) u(0) give psi and u at all times at once. The integral is then a matrix
of divided differences of exp(-rate t) (Najfeld & Havel, Adv. Appl. Math. 16 (1995) 321), summed
over the times before any cell is looked at; the few singular vectors that matter make the bases
into a few pairs of fields, which are contracted face by face.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics.lanczos import tridiagonal
from releasesim.numerics.modes import FEW
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

#: Basis vectors kept in memory, at most [bytes]; beyond that a second pass makes them again.
MEMORY = 1.0e9
#: Basis vectors that are combined at once.
_BLOCK = 128
#: They are kept in float32 where the fields need not be closer than this.
_SINGLE = 1e-7
_MOST_STEPS = 6000
_CHECK_GROWTH = 1.15
#: Stretches without cells longer than this are left out of the loops.
_GAP = 32
#: Singular values below this share of the largest are left out.
_CUT = 1e-11
#: Rates closer to each other than this share are differenced by a Taylor series.
_CLOSE = 1e-3

_SUMS = {"reassoc", "contract", "nsz"}


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Derivatives of J = sum_i w_i held(t_i), all images, by every coefficient of a problem.

    Parameters
    ----------
    capacity : (nx, ny, nz) ndarray
        By the capacity of each cell, u(0) held fixed and not its drug [kg/m3].
    conductance : three (nx, ny, nz) ndarrays
        By the conductance between each cell and its next neighbour [kg s/m3].
    outlet : (nx, ny, nz) ndarray
        By the conductance between each cell and the bath [kg s/m3].
    initial : (nx, ny, nz) ndarray
        By u of each cell at time 0 [m3].
    bath, bath_initial : float
        By the bath's capacity [kg/m3] and by its u at time 0 [m3]; 0 for a perfect sink.
    """

    capacity: Array
    conductance: tuple[Array, Array, Array]
    outlet: Array
    initial: Array
    bath: float
    bath_initial: float

    def change(self, before: DiffusionProblem, after: DiffusionProblem) -> float:
        """First-order change of J from one problem to another on the same cells [kg]."""
        pairs = [
            (self.capacity, before.capacity, after.capacity),
            (self.outlet, before.outlet, after.outlet),
            (self.initial, before.initial, after.initial),
            *zip(self.conductance, before.conductance, after.conductance, strict=True),
        ]
        total = sum(float(np.vdot(own, new - old)) for own, old, new in pairs)
        if np.isfinite(before.bath):
            total += self.bath * (after.bath - before.bath)
            total += self.bath_initial * (after.bath_initial - before.bath_initial)
        return total


class Course:
    """Drug held over time, and its derivatives by every coefficient once they are asked for.

    Parameters
    ----------
    problem : DiffusionProblem
        Fold it first: mirror planes make it up to eight times smaller.
    times : (n,) ndarray
        Increasing, one of them above 0 [s].
    tolerance : float
        Of the fields u and psi, relative to their size at the start [-]; their products, summed
        over all cells, come out a hundred times closer.
    memory : float
        For basis vectors [bytes].

    Raises
    ------
    ConvergenceError
        If the fields have not settled after thousands of steps.
    """

    def __init__(
        self,
        problem: DiffusionProblem,
        times: Array,
        *,
        tolerance: float = 2e-5,
        memory: float = MEMORY,
    ) -> None:
        self.problem, self.times = problem, times
        self.tolerance, self.memory = tolerance, memory
        self._unknowns = _Unknowns(problem)

    @property
    def matvecs(self) -> int:
        """Products with the operator so far."""
        return self._unknowns.products

    @cached_property
    def held(self) -> Array:
        """Drug in the cells at each time, all images, (n,) [kg]."""
        return np.asarray(self._decays @ self._drug)

    @cached_property
    def slope(self) -> Array:
        """Derivative of `held` by time, (n,) [kg/s]."""
        return np.asarray(self._decays @ (-self._adjoint.rates * self._drug))

    def sensitivity(self, weights: Array) -> Sensitivity:
        """Derivatives of J = sum_i weights_i held(t_i) by every coefficient of the problem."""
        adjoint, state = self._adjoint, self._state
        table = divided_differences(adjoint.rates, state.rates, self.times, weights)
        table *= np.outer(adjoint.amounts, state.amounts)
        alike = state.basis is adjoint.basis and self._even is not None
        left, sizes, right = _factors(table, alike)
        psi = adjoint.fields(left, self.times, weights)
        u = psi if alike else state.fields(right, self.times, weights)
        if alike:
            u = np.vstack([psi[:-1], (self._even or 0.0) * psi[-1:]])
        return _contract(self._unknowns, sizes, psi, u)

    def forget(self) -> None:
        """Give back the memory of the basis vectors; they are made again if they are needed."""
        for name in ("_adjoint", "_state"):
            if isinstance(basis := getattr(self.__dict__.get(name), "basis", None), _Lanczos):
                basis.forget()

    # --- parts -----------------------------------------------------------------------------

    @cached_property
    def _even(self) -> float | None:
        """The value of u(0) where it is one in all cells, and the bath is empty or a sink."""
        u = self.problem.initial[self.problem.capacity > 0]
        loaded = self._unknowns.bathed and self.problem.bath_initial != 0.0
        even = np.ptp(u) <= 1e-14 * np.abs(u).max() and not loaded
        return float(u[0]) if even else None

    @cached_property
    def _adjoint(self) -> _Modes:
        return self._modes(self._unknowns.weight)

    @cached_property
    def _state(self) -> _Modes:
        adjoint, start = self._adjoint, self._unknowns.start
        if self._even is not None:
            return replace(adjoint, amounts=self._even * adjoint.amounts)
        if isinstance(adjoint.basis, _AllModes):
            return replace(adjoint, amounts=adjoint.basis.amounts(start))
        return self._modes(start)

    def _modes(self, start: Array) -> _Modes:
        if self._unknowns.cells.size <= FEW:
            basis = _AllModes(self._unknowns)
            return _Modes(basis.rates, np.eye(basis.rates.size), basis.amounts(start), basis)
        run = _Lanczos(self._unknowns, start, self.memory / 2)
        return run.modes(self.times[self.times > 0.0], self.tolerance)

    @cached_property
    def _drug(self) -> Array:
        """Drug of the modes of the curve, all images, (m,) [kg]."""
        modes = self._adjoint
        return self.problem.images * modes.amounts * (modes.basis.counts @ modes.vectors)

    @cached_property
    def _decays(self) -> Array:
        return np.exp(-np.outer(self.times, self._adjoint.rates))


def divided_differences(first: Array, second: Array, times: Array, weights: Array) -> Array:
    """Sum over the times of w (e^(-a t) - e^(-b t))/(b - a) for all rates a, b, (m, n) [s]."""

    def total(rates: Array, power: int = 0) -> Array:
        return np.asarray(np.exp(-np.multiply.outer(rates, times)) @ (weights * times**power))

    gap = second - first[:, None]
    middle = 0.5 * (second + first[:, None])
    close = np.abs(gap) <= _CLOSE * np.maximum(middle, 1.0 / times[-1])
    out = (total(first)[:, None] - total(second)) / np.where(close, 1.0, gap)
    # t e^(-rt) sinh(x)/x with x = t gap/2
    near, half = middle[close], 0.5 * gap[close]
    out[close] = total(near, 1) + half**2 / 6.0 * total(near, 3) + half**4 / 120.0 * total(near, 5)
    return np.asarray(out)


def _factors(table: Array, symmetric: bool) -> tuple[Array, Array, Array]:
    """The table as left diag(sizes) right^T, without what is lost in rounding."""
    if symmetric:
        sizes, left = np.linalg.eigh(0.5 * (table + table.T))
        right = left
    else:
        left, sizes, transposed = np.linalg.svd(table, full_matrices=False)
        right = transposed.T
    kept = np.abs(sizes) > _CUT * np.abs(sizes).max()
    return left[:, kept], sizes[kept], right[:, kept]


# --- unknowns ------------------------------------------------------------------------------


class _Unknowns:
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


@njit(cache=True, nogil=True, fastmath=_SUMS)
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


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _subtract(begins, ends, y, scale, x, along, old, back):  # type: ignore[no-untyped-def]
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
def _gather(x, scale, cells, row):  # type: ignore[no-untyped-def]
    """Write scale x at the unknowns into `row`, of either precision."""
    for i in range(cells.size):
        row[i] = scale * x[cells[i]]


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _product(begins, ends, x, y):  # type: ignore[no-untyped-def]
    """Sum of x y on the runs of cells and for the bath; arrays flat, padded, (n,)."""
    total = x[-1] * y[-1]
    for r in range(begins.size):
        a, b = x[begins[r] : ends[r]], y[begins[r] : ends[r]]
        for i in range(a.size):
            total += a[i] * b[i]
    return total


# --- modes ---------------------------------------------------------------------------------


class _Basis(Protocol):
    """Orthonormal vectors that span the fields."""

    @property
    def counts(self) -> Array:
        """Product of each vector with w(0), (m,)."""

    def mix(self, shares: Array) -> Array:
        """Combine the vectors, (m, r) -> (r, unknowns)."""


@dataclass(frozen=True, eq=False)
class _Modes:
    """exp(-t M) start = sum over k of amounts_k e^(-rates_k t) basis vectors_k."""

    rates: Array
    vectors: Array
    amounts: Array
    basis: _Basis

    def fields(self, shares: Array, times: Array, weights: Array) -> Array:
        """Combinations of modes, and last the weighted sum over the times of the field itself."""
        decays = weights @ np.exp(-np.outer(times, self.rates))
        return self.basis.mix(self.vectors @ np.column_stack([shares, self.amounts * decays]))


class _AllModes:
    """Eigenvectors of a few hundred unknowns, from the singular vectors of A's face by face root.

    See `numerics.modes.decay_of_few`.
    """

    def __init__(self, unknowns: _Unknowns) -> None:
        self.unknowns = unknowns
        cells, inverse = unknowns.cells, unknowns.inverse
        number = np.zeros(unknowns.size, dtype=np.intp)
        number[cells] = np.arange(cells.size)
        rows = []
        for conductance, first, second in self._pairs():
            block = np.zeros((first.size, cells.size))
            at, root = np.arange(first.size), np.sqrt(conductance)
            block[at, number[first]] = root * inverse[first]
            if second is not None:
                block[at, number[second]] = -root * inverse[second]
            rows.append(block)
        rows.append(np.zeros((max(0, cells.size - sum(map(len, rows))), cells.size)))
        _, values, self.vectors = np.linalg.svd(np.concatenate(rows), full_matrices=False)
        self.rates = values**2

    def _pairs(self) -> Iterator[tuple[Array, Integers, Integers | None]]:
        """Conductance of faces and the places of the unknowns on either side; None for a sink."""
        here = self.unknowns
        for face, stride in zip(here.conductance, (*here.strides, 1), strict=True):
            at = np.flatnonzero(face)
            yield face[at], at, at + stride
        bath = np.full(here.wet.size, here.size - 1) if here.bathed else None
        yield here.outlet[here.wet], here.wet, bath

    @property
    def counts(self) -> Array:
        """See `_Basis`."""
        return self.amounts(self.unknowns.start)

    def amounts(self, start: Array) -> Array:
        """Share of each mode in a start vector, (m,)."""
        return np.asarray(self.vectors @ start)

    def mix(self, shares: Array) -> Array:
        """See `_Basis`."""
        return np.asarray(shares.T @ self.vectors)


class _Lanczos:
    """Three-term recurrence from one start vector; its vectors are kept, or made a second time."""

    def __init__(self, unknowns: _Unknowns, start: Array, memory: float) -> None:
        self.unknowns, self.memory = unknowns, memory
        self.norm, self.start = float(np.linalg.norm(start)), start
        self.alphas: list[float] = []
        self.betas: list[float] = []
        self._counts: list[float] = []
        self._kept: list[NDArray[np.floating]] | None = []
        self._spare = np.empty(start.size)
        self.precision: np.dtype[Any] = np.dtype(np.float64)
        #: largest eigenvalue, at most (Gershgorin)
        self.fastest = 2.0 * float(unknowns.diagonal.max())

    @property
    def counts(self) -> Array:
        """See `_Basis`."""
        return np.array(self._counts)

    def _walk(self) -> Iterator[tuple[Array, float, float, float]]:
        """Each vector, flat and not scaled, its scale, its diagonal entry of T and the next beside.

        The array is overwritten two steps later.
        """
        here = self.unknowns
        x, y, old = np.zeros(here.size), np.zeros(here.size), np.zeros(here.size)
        x[here.cells] = self.start
        scale, old_scale, beta = 1.0 / self.norm, 0.0, 0.0
        while True:
            alpha = scale * scale * here.apply(x, y)
            square = _subtract(*here.runs, y, scale, x, alpha * scale, old, beta * old_scale)
            beta = float(np.sqrt(square))
            yield x, scale, alpha, beta
            x, y, old = y, old, x
            scale, old_scale = 1.0 / beta, scale

    def modes(self, times: Array, tolerance: float) -> _Modes:
        """Run until the field has settled at all times."""
        next_check = max(8, int(0.4 * np.sqrt(self.fastest * times[-1])))
        single = tolerance >= _SINGLE
        self.precision = np.dtype(np.float32 if single else np.float64)
        for vector, scale, alpha, beta in self._walk():
            self.alphas.append(alpha)
            self.betas.append(beta)
            self._counts.append(self._keep(vector, scale))
            spent = beta <= 1e-14 * self.fastest
            if not spent and len(self.alphas) < min(next_check, _MOST_STEPS):
                continue
            if spent or self._error(times[-1]) < tolerance:
                break
            if len(self.alphas) >= _MOST_STEPS:
                raise ConvergenceError(
                    f"the gradient had not settled after {_MOST_STEPS} Lanczos steps: "
                    "use a wider run.spacing or a shorter run.until"
                )
            next_check = max(len(self.alphas) + 4, int(_CHECK_GROWTH * len(self.alphas)))
        rates, vectors = self._tridiagonal()
        return _Modes(np.maximum(rates, 0.0), vectors, self.norm * vectors[0], self)

    def _tridiagonal(self) -> tuple[Array, Array]:
        from scipy.linalg import eigh_tridiagonal

        rates, vectors = eigh_tridiagonal(np.array(self.alphas), np.array(self.betas[:-1]))
        return np.asarray(rates, dtype=float), np.asarray(vectors, dtype=float)

    def _error(self, end: float) -> float:
        """Error of the field up to `end`, at most: what the last vector passes on (Saad 1992)."""
        ends = np.eye(len(self.alphas))[[0, -1]]
        rates, (first, last) = tridiagonal(self.alphas, self.betas[:-1], ends)
        times = np.concatenate([[0.0], end * np.geomspace(1e-6, 1.0, 80)])
        passed = np.abs(np.exp(-np.outer(times, rates)) @ (first * last))
        return self.betas[-1] * float(np.trapezoid(passed, times))

    def _keep(self, vector: Array, scale: float) -> float:
        """Keep a vector, as long as there is room; returns its product with w(0)."""
        at = len(self._counts) % _BLOCK
        row = self._room(at)
        here = self.unknowns
        _gather(vector, scale, here.cells, row)
        return scale * float(_product(*here.runs, vector, here.flat_start))

    def _room(self, at: int) -> NDArray[np.floating]:
        """Where the next vector goes: a new block for every 32."""
        if self._kept is None:
            return self._spare
        if at == 0:
            size = self._spare.size * self.precision.itemsize
            if (len(self._kept) + 1) * _BLOCK * size > self.memory:
                self._kept = None
                return self._spare
            self._kept.append(np.empty((_BLOCK, self._spare.size), self.precision))
        return np.asarray(self._kept[-1][at])

    def forget(self) -> None:
        """Let go of the vectors."""
        self._kept = None

    def mix(self, shares: Array) -> Array:
        """See `_Basis`."""
        out = np.zeros((shares.shape[1], self._spare.size))
        for at, block in zip(range(0, len(shares), _BLOCK), self._blocks(), strict=True):
            some = shares[at : at + _BLOCK].astype(block.dtype)
            out += some.T @ block[: len(some)]
        return out

    def _blocks(self) -> Iterator[NDArray[np.floating]]:
        """The basis in pieces, (32, unknowns); the last may have rows to spare."""
        if self._kept is not None:
            yield from self._kept
            return
        here = self.unknowns
        block = np.empty((_BLOCK, self._spare.size), self.precision)
        last = len(self.alphas) - 1
        for n, (vector, scale, *_) in enumerate(islice(self._walk(), last + 1)):
            _gather(vector, scale, here.cells, block[n % _BLOCK])
            if n == last or n % _BLOCK == _BLOCK - 1:
                yield block


# --- contraction ---------------------------------------------------------------------------


def _contract(here: _Unknowns, sizes: Array, psi: Array, u: Array) -> Sensitivity:
    """Sum over pairs of fields (r + 1, unknowns) of their products at every face and cell."""
    images = here.problem.images
    sums = np.zeros((5, here.size))
    for factor, one, other in zip(images * sizes, psi, u, strict=False):
        _add_products(
            factor,
            *(_spread(here, field) for field in (one, other)),
            *here.conductance,
            here.outlet,
            *here.strides,
            *sums,
        )
    x, y, z, outlet, capacity = sums
    capacity *= here.inverse**2
    solid = here.problem.capacity > 0
    held = here.grid(_spread(here, u[-1]))
    adjoint = _spread(here, psi[-1])
    faces = [
        here.grid(sum_) * (solid & np.roll(solid, -1, axis)) for axis, sum_ in enumerate((x, y, z))
    ]
    bath = here.problem.bath if here.bathed else 0.0
    return Sensitivity(
        capacity=here.grid(capacity) + images * held,
        conductance=(faces[0], faces[1], faces[2]),
        outlet=here.grid(outlet) * solid,
        initial=images * here.problem.capacity * here.grid(adjoint),
        bath=float(capacity[-1]),
        bath_initial=images * bath * float(adjoint[-1]),
    )


def _spread(here: _Unknowns, field: Array) -> Array:
    """A field in u, flat and padded, from its values in w = sqrt(C) u at the unknowns."""
    out = np.zeros(here.size)
    out[here.cells] = field * here.inverse[here.cells]
    return out


@njit(cache=True, nogil=True, fastmath=_SUMS)
def _add_products(factor, p, u, tx, ty, tz, outlet, sx, sy, gx, gy, gz, go, gc):  # type: ignore[no-untyped-def]
    """Take factor times the product of both fields' differences from every face's sum.

    `gc` gains factor p times the flux that leaves the cell; all arrays flat and padded, (n,), the
    bath in the last place.
    """
    n = p.size - 1
    lo, hi = sx, n - sx
    bath_p, bath_u = p[n], u[n]
    pc, uc, o = p[lo:hi], u[lo:hi], outlet[lo:hi]
    pe, pn, pu = p[lo + sx : hi + sx], p[lo + sy : hi + sy], p[lo + 1 : hi + 1]
    ue, un, uu = u[lo + sx : hi + sx], u[lo + sy : hi + sy], u[lo + 1 : hi + 1]
    uw, us, ud = u[lo - sx : hi - sx], u[lo - sy : hi - sy], u[lo - 1 : hi - 1]
    te, tn, tu = tx[lo:hi], ty[lo:hi], tz[lo:hi]
    tw, ts, td = tx[lo - sx : hi - sx], ty[lo - sy : hi - sy], tz[lo - 1 : hi - 1]
    ge, gn, gu, gb, g = gx[lo:hi], gy[lo:hi], gz[lo:hi], go[lo:hi], gc[lo:hi]
    into = 0.0
    for i in range(hi - lo):
        here, value = factor * pc[i], uc[i]
        east, north, up = value - ue[i], value - un[i], value - uu[i]
        ge[i] -= (here - factor * pe[i]) * east
        gn[i] -= (here - factor * pn[i]) * north
        gu[i] -= (here - factor * pu[i]) * up
        gb[i] -= (here - factor * bath_p) * (value - bath_u)
        flux = te[i] * east + tn[i] * north + tu[i] * up + o[i] * (value - bath_u)
        flux += tw[i] * (value - uw[i]) + ts[i] * (value - us[i]) + td[i] * (value - ud[i])
        g[i] += here * flux
        into += o[i] * (bath_u - value)
    gc[n] += factor * bath_p * into

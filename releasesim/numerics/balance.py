"""Implicit balances (C + span A) v = b on a line, a plane or a block of cells.

A is symmetric: conductances between neighbours and outlets to a sink. On a line it is eliminated,
on a plane factorised by bands, elsewhere left to conjugate gradients with multigrid.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError

Array = NDArray[np.float64]
Face = tuple[int, Array]

#: Widest band that is factorised: beyond it multigrid takes less.
WIDEST = 128
#: Error of a solve by multigrid, in the energy norm, relative to the solution.
_ACCURACY = 1e-8


@lru_cache(maxsize=32)
def _places(shape: tuple[int, int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of cells when the longest axis comes first, and the cells in that order, (n,)."""
    order = np.argsort([-m for m in shape], kind="stable")
    index = np.arange(int(np.prod(shape))).reshape(shape).transpose(order).ravel()
    place = np.empty(index.size, dtype=np.int64)
    place[index] = np.arange(index.size)
    return place, index


class NotDefiniteError(ArithmeticError):
    """The balance has no unique solution: the step is too long for what grows in it."""


def bandwidth(shape: tuple[int, int, int]) -> int:
    """Cells between neighbours when the longest axis comes first."""
    return int(np.prod(sorted(shape)[:2]))


class Balance:
    """One balance, ready to be solved.

    Parameters
    ----------
    shape : (3,)
        Cells along the axes; arrays are flat over them in C order, (n,).
    capacity : ndarray
        C, positive; infinite where v is 0.
    faces : sequence of (stride, ndarray)
        Conductance between each cell and the one `stride` further, 0 where there is no such.
    outlet : ndarray
        Conductance to the sink.
    span : float
        Positive.

    Raises
    ------
    NotDefiniteError
        If the matrix is not positive definite.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        capacity: Array,
        faces: Sequence[Face],
        outlet: Array,
        span: float,
    ) -> None:
        self.shape, self.faces, self.outlet, self.span = shape, faces, outlet, span
        self.held = ~np.isfinite(capacity)
        self.diagonal = np.where(self.held, 1.0, capacity) + span * outlet
        self.free = []
        for stride, face in faces:
            size = face.size - stride
            low, high = self.held[:size], self.held[stride:]
            own = span * face[:size]
            # a cell that is held is a sink to its neighbours
            self.diagonal[:size] += np.where(low, 0.0, own)
            self.diagonal[stride:] += np.where(high, 0.0, own)
            self.free.append((stride, np.where(low | high, 0.0, own)))
        if not (self.diagonal > 0.0).all():
            raise NotDefiniteError("a cell gains faster than it can give")
        self._prepare(capacity)

    def _prepare(self, capacity: Array) -> None:
        across = bandwidth(self.shape)
        if across == 1:
            self.kind = "line"
        elif across <= WIDEST:
            self.kind = "plane"
            self._factorise(across)
        else:
            self.kind = "block"
            self._build(capacity)

    def solve(self, b: Array) -> Array:
        """Return v for one right-hand side, (n,).

        Raises
        ------
        NotDefiniteError
            If iterations stand still, or cells hold nothing beside what passes them.
        """
        b = np.where(self.held, 0.0, b)
        if self.kind == "line":
            coupling = self.free[0][1] if self.free else np.zeros(0)
            try:
                return np.asarray(_eliminate(self.diagonal, coupling, b))
            except ZeroDivisionError:  # rounding has eaten a cell's own share: a shorter step
                raise NotDefiniteError("a cell holds nothing beside what passes it") from None
        if self.kind == "plane":
            return self._substitute(b)
        try:
            v, _ = self.solver.solve(b / self.span, _ACCURACY)
        except ConvergenceError as error:  # a shorter step is better conditioned
            raise NotDefiniteError("the solve of the step stands still") from error
        # coarse corrections reach into blocks that are partly held
        return np.where(self.held, 0.0, v)

    def flow(self, v: Array) -> Array:
        """Return span A v, (n,): what every cell loses to the others and to the sink."""
        out = self.span * self.outlet * v
        for stride, face in self.faces:
            passing = self.span * face[: face.size - stride] * (v[:-stride] - v[stride:])
            out[:-stride] += passing
            out[stride:] -= passing
        return np.asarray(out)

    # --- planes ------------------------------------------------------------------------------

    def _factorise(self, across: int) -> None:
        n = self.diagonal.size
        self.place, self.index = _places(self.shape)
        bands = np.zeros((n, across + 1))
        bands[:, 0] = self.diagonal[self.index]
        for stride, face in self.free:
            first, second = self.place[: face.size], self.place[stride:]
            # neighbours along an axis are as far apart here as there everywhere
            bands[np.minimum(first, second), abs(int(second[0] - first[0]))] -= face
        self.factor = bands
        if not _factorise_bands(bands):
            raise NotDefiniteError("the matrix of the step is not positive definite")

    def _substitute(self, b: Array) -> Array:
        v = b[self.index]
        _substitute_bands(self.factor, v)
        return np.asarray(v[self.place])

    # --- blocks ------------------------------------------------------------------------------

    def _build(self, capacity: Array) -> None:
        from releasesim.numerics.multigrid import ShiftedSolver
        from releasesim.numerics.operator import DiffusionProblem

        outlet = self.outlet.copy()
        conductance = [np.zeros(self.shape) for _ in range(3)]
        axis_of = {int(np.prod(self.shape[a + 1 :])): a for a in (2, 1, 0) if self.shape[a] > 1}
        for (stride, face), (_, free) in zip(self.faces, self.free, strict=True):
            size = face.size - stride
            lost = face[:size] - free / self.span
            outlet[:size] += np.where(self.held[:size], 0.0, lost)
            outlet[stride:] += np.where(self.held[stride:], 0.0, lost)
            conductance[axis_of[stride]].ravel()[:size] += free / self.span
        problem = DiffusionProblem(
            capacity=np.where(self.held, 0.0, capacity).reshape(self.shape),
            conductance=(conductance[0], conductance[1], conductance[2]),
            outlet=np.where(self.held, 0.0, outlet).reshape(self.shape),
            initial=np.zeros(self.shape),
        )
        self.solver = ShiftedSolver(problem, 1.0 / self.span)


@njit(cache=True, nogil=True)
def _eliminate(diagonal, coupling, b):  # type: ignore[no-untyped-def]
    """Solve the symmetric tridiagonal system with off-diagonals -coupling (n - 1,), (n,)."""
    n = b.size
    v, pivot = b.copy(), diagonal.copy()
    for i in range(1, n):
        share = coupling[i - 1] / pivot[i - 1]
        pivot[i] -= share * coupling[i - 1]
        v[i] += share * v[i - 1]
    v[n - 1] /= pivot[n - 1]
    for i in range(n - 2, -1, -1):
        v[i] = (v[i] + coupling[i] * v[i + 1]) / pivot[i]
    return v


@njit(cache=True, nogil=True)
def _factorise_bands(bands):  # type: ignore[no-untyped-def]
    """Factorise L D L' in place; row j of `bands` (n, w) holds column j from its diagonal down.

    Returns whether all pivots are positive.
    """
    n, w = bands.shape
    scaled = np.empty(w)
    for j in range(n):
        pivot = bands[j, 0]
        if not pivot > 0.0:
            return False
        last = min(w, n - j)
        for k in range(1, last):
            scaled[k] = bands[j, k] / pivot
        for k in range(1, last):
            share = scaled[k]
            if share != 0.0:
                target, column = bands[j + k], bands[j, k:last]
                for m in range(last - k):
                    target[m] -= share * column[m]
        for k in range(1, last):
            bands[j, k] = scaled[k]
    return True


@njit(cache=True, nogil=True)
def _substitute_bands(factor, v):  # type: ignore[no-untyped-def]
    """Solve with a factor of `_factorise_bands`, in place, (n,)."""
    n, w = factor.shape
    for j in range(n):
        own, last = v[j], min(w, n - j)
        below, column = v[j:], factor[j]
        for k in range(1, last):
            below[k] -= column[k] * own
    for j in range(n - 1, -1, -1):
        last, own = min(w, n - j), v[j] / factor[j, 0]
        below, column = v[j:], factor[j]
        for k in range(1, last):
            own -= column[k] * below[k]
        v[j] = own

"""Solve (shift C + A) x = b on irregular grids: conjugate gradients with a multigrid V-cycle.

Corrections are constant over a block of cells (multigrid_levels); the smoother is a Chebyshev
polynomial of the operator scaled to a unit diagonal, the same before and after, so the cycle is
symmetric. Trottenberg, Oosterlee & Schueller, Multigrid (2001); Braess, Computing 55 (1995)
379-393, for constant corrections.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics import multigrid_kernels as kernels
from releasesim.numerics.multigrid_levels import (
    SMALLEST,
    Level,
    Vector,
    dominant,
    hierarchy,
    invert,
)
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]

#: Eigenvalues of the scaled operator that smoothing is for; the largest is below 2.
_SMOOTHED = (0.3, 2.0)
_SWEEPS = 2
_MOST_STEPS = 500
#: Iterations without getting nearer after which conjugate gradients give up.
_STALL = 30
#: Accuracies asked for below so many roundings are checked by the true residual.
_TRUSTED = 1e3
#: Accuracy of the response to a unit of u in the bath, part of the preconditioner.
_BATH_TOLERANCE = 0.1


def _sweep_factors(count: int) -> list[float]:
    """Relaxation factors of the Chebyshev polynomial on the smoothed interval."""
    low, high = _SMOOTHED
    nodes = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    return [float(2.0 / (high + low + (high - low) * node)) for node in nodes]


class ShiftedSolver:
    """Solver of (shift C + A) x = b for the operator of a diffusion problem.

    Vectors are flat over the problem's cells, (cells,), with the bath's entry behind them where it
    is finite, (cells + 1,).

    Parameters
    ----------
    problem : DiffusionProblem
        Folded or not.
    shift : float
        Not negative [1/s]; the reciprocal of the time step for implicit Euler.
    dtype : float32 or float64
        Of all vectors; inner products are in float64.
    """

    def __init__(
        self, problem: DiffusionProblem, shift: float, *, dtype: DTypeLike = np.float64
    ) -> None:
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        #: Products with the operator of the finest grid so far, smoothing included.
        self.products = 0
        self.update(problem, shift)

    def update(self, problem: DiffusionProblem, shift: float | None = None) -> None:
        """Take new coefficients, and a new shift if one is given."""
        self.problem = problem
        self.levels = hierarchy(problem, self.dtype)
        fine = self.levels[0]
        self.wet = np.flatnonzero(fine.outlet) + fine.margin
        self.bathed = bool(np.isfinite(problem.bath))
        self.direction, self.residual = fine.vector(), fine.vector()
        self.set_shift(self.shift if shift is None else shift)

    def set_shift(self, shift: float) -> None:
        """Keep the coefficients, change the shift: costs about one cycle.

        Raises
        ------
        ValueError
            If it is negative.
        """
        if not shift >= 0.0:
            raise ValueError(f"shift must not be negative: {shift!r}")
        self.shift = float(shift)
        for number, level in enumerate(self.levels):
            level.scale(self.shift)
            self.depth = number
            if number and dominant(level):
                break
        last = self.levels[self.depth]
        last.inverse = None
        if np.count_nonzero(last.capacity) <= SMALLEST:
            invert(last, self.shift)
        if self.bathed:
            self._respond_to_bath()

    def solve(
        self, rhs: Array, tolerance: float, guess: Array | None = None
    ) -> tuple[NDArray[np.floating], int]:
        """Solve for one right-hand side.

        Parameters
        ----------
        rhs : (cells,) or, with a bath, (cells + 1,) ndarray
            0 where there is no unknown.
        tolerance : float
            Error in the energy norm, relative to that of the solution, as the cycle measures it.
        guess : ndarray, optional
            Of the shape of `rhs`.

        Returns
        -------
        x : ndarray
            Of the shape of `rhs`.
        iterations : int

        Raises
        ------
        ConvergenceError
            If hundreds of iterations do not suffice, or rounding stops them short.
        """
        fine, cells = self.levels[0], self.levels[0].capacity.size
        inside, root = fine.inside, fine.root[fine.inside]
        x, bath, size = fine.vector(), 0.0, 0.0
        if guess is not None:
            size = self._size(self._start(rhs, x, 0.0))
            x[inside] = guess[:cells] * root
            bath = float(guess[cells]) if self.bathed else 0.0
        # without a guess the first error is the solution itself
        goal = {"enough": tolerance * size} if size else {"accuracy": tolerance}
        iterations, left = 0, np.inf
        while True:
            outside = self._start(rhs, x, bath)
            bath, taken = self.descend(x, bath, outside, **goal)
            iterations += taken
            if tolerance >= _TRUSTED * float(np.finfo(self.dtype).eps):
                break
            # so near to rounding the recurrence's residual is no proof
            goal, old = {"enough": self.goal}, left
            left = self._size(self._start(rhs, x, bath))
            if left <= 2.0 * self.goal:
                break
            if not left < 0.5 * old:
                raise ConvergenceError(_advice(left / max(self.goal, 1e-300) * tolerance))
        x[inside] /= root
        found = x[inside]
        return (np.append(found, self.dtype.type(bath)) if self.bathed else found), iterations

    def _start(self, rhs: Array, x: Vector, bath: float) -> float:
        """Put the residual of (x, bath) where `descend` wants it; the bath's is returned."""
        fine = self.levels[0]
        cells = fine.capacity.size
        self.residual[fine.inside] = rhs[:cells] / fine.root[fine.inside]
        outside = float(rhs[cells]) if self.bathed else 0.0
        return self._subtract_product(x, bath, outside) if x.any() or bath else outside

    def correct(
        self,
        content: Vector,
        content_bath: float,
        guess: Vector,
        guess_bath: float,
        accuracy: float,
        out: Vector,
    ) -> float:
        """What `guess` lacks of the solution for C times `content`.

        Parameters
        ----------
        content : (cells,) ndarray
        content_bath : float
        guess : ndarray
            With margins; overwritten. It may be `self.direction`.
        guess_bath : float
        accuracy : float
            Error of the correction in the energy norm, relative to the correction.
        out : ndarray
            With margins; receives the correction.

        Returns
        -------
        bath : float
            The correction at the bath.
        """
        fine = self.levels[0]
        inside = fine.inside
        root = fine.root[inside]
        kernels.prepare(fine.capacity, content, root, self.residual[inside], guess[inside])
        outside = content_bath * self.problem.bath if self.bathed else 0.0
        outside = self._subtract_product(guess, guess_bath, outside)
        out[:] = 0.0
        bath, _ = self.descend(out, 0.0, outside, accuracy=accuracy)
        out[inside] /= root
        return bath

    def descend(
        self,
        x: Vector,
        bath: float,
        outside: float,
        *,
        accuracy: float = 0.0,
        enough: float = 0.0,
    ) -> tuple[float, int]:
        """Conjugate gradients on the scaled system, from the residual kept in `self.residual`.

        Parameters
        ----------
        x : ndarray
            Scaled unknowns with margins, changed in place.
        bath, outside : float
            The bath's unknown and its residual.
        accuracy, enough : float
            Stop when the energy norm of the error is down to the one, of what it was, or to the
            other.

        Returns
        -------
        bath : float
        iterations : int
        """
        fine, real = self.levels[0], self.dtype.type
        z, z_bath = self._precondition(outside)
        square = kernels.inner(self.residual, z) + outside * z_bath
        first = square
        goal = max(accuracy * accuracy * square, enough * enough)
        self.goal = float(np.sqrt(max(goal, 0.0)))
        p, p_bath = self.direction, z_bath
        p[:] = z
        best, stalled = square, 0
        for iteration in range(_MOST_STEPS + 1):
            if 0.0 <= square <= goal:
                return bath, iteration
            if iteration == _MOST_STEPS or stalled > _STALL or not square >= 0.0:
                break
            # the product goes where the cycle will work next
            q = fine.scratch
            curvature = kernels.multiply(*fine.entries, fine.sx, fine.sy, p, q)
            self.products += 1
            q_bath = 0.0
            if self.bathed:
                felt = kernels.gather(self.wet_outlet, self.wet, p)
                kernels.scatter(q, real(-p_bath), self.wet_outlet, self.wet)
                q_bath = self.bath_diagonal * p_bath - felt
                curvature += p_bath * (q_bath - felt)
            step = square / curvature
            kernels.descend(x, self.residual, real(step), p, q)
            bath += step * p_bath
            outside -= step * q_bath
            z, z_bath = self._precondition(outside)
            old, square = square, kernels.inner(self.residual, z) + outside * z_bath
            kernels.turn(p, z, real(square / old))
            p_bath = z_bath + square / old * p_bath
            stalled = 0 if square < 0.9 * best else stalled + 1
            best = min(best, square)
        raise ConvergenceError(_advice(float(np.sqrt(abs(square) / max(first, 1e-300)))))

    def _size(self, outside: float) -> float:
        """Energy norm of the solution for the residual at hand, as the cycle measures it."""
        z, z_bath = self._precondition(outside)
        square = kernels.inner(self.residual, z) + outside * z_bath
        return float(np.sqrt(max(square, 0.0)))

    def _subtract_product(self, x: Vector, bath: float, outside: float) -> float:
        """Take the product with (x, bath) out of the residual; the bath's residual is returned."""
        fine = self.levels[0]
        q = fine.scratch
        kernels.multiply(*fine.entries, fine.sx, fine.sy, x, q)
        self.products += 1
        self.residual -= q
        if not self.bathed:
            return outside
        kernels.scatter(self.residual, self.dtype.type(bath), self.wet_outlet, self.wet)
        felt = kernels.gather(self.wet_outlet, self.wet, x)
        return float(outside - (self.bath_diagonal * bath - felt))

    def _respond_to_bath(self) -> None:
        """What cells hold when the bath has u = 1, and the bath's own equation then.

        With it the cycle and the bath precondition the bordered system as a factorisation does.
        """
        fine, problem = self.levels[0], self.problem
        outlet = fine.outlet[self.wet - fine.margin]
        root = fine.root[fine.inside]
        self.wet_outlet = (outlet / fine.root[self.wet]).astype(self.dtype)
        self.bath_diagonal = self.shift * problem.bath + float(outlet.sum())
        self.bathed = False
        self.residual[:] = 0.0
        self.residual[self.wet] = self.wet_outlet
        response = fine.vector()
        self.descend(response, 0.0, 0.0, accuracy=_BATH_TOLERANCE)
        self.bathed = True
        self.response = response
        reached = float((fine.capacity * (response[fine.inside] / root)).sum())
        self.bath_pivot = self.shift * (problem.bath + max(reached, 0.0))
        if self.bath_pivot == 0.0:
            self.bath_pivot = self.bath_diagonal or 1.0

    def _precondition(self, outside: float) -> tuple[Vector, float]:
        """Symmetric approximation of the solution for the residual at hand."""
        z = self._cycle(0, self.residual)
        self.products += 2 * len(self.factors)
        if not self.bathed:
            return z, 0.0
        given = outside + kernels.inner(self.response, self.residual)
        bath = given / self.bath_pivot
        z += self.dtype.type(bath) * self.response
        return z, bath

    def _cycle(self, number: int, b: Vector) -> Vector:
        """One V-cycle from zero for the scaled system of one level."""
        level = self.levels[number]
        if number == self.depth:
            return _solve_coarsest(level, b)
        first, *rest = self.factors
        x = b
        if rest:
            # two sweeps from zero in one pass
            second = rest[0]
            both = first * second
            x = level.combine(b, b, first + second - both, both, 0.0)
            for factor in rest[1:]:
                x = level.combine(x, b, 1.0 - factor, factor, factor)
            r = level.combine(x, b, -1.0, 1.0, 1.0)
        else:
            r = level.combine(b, b, 1.0 - first, first, 0.0)
            x = level.x if r is level.scratch else level.scratch
            np.multiply(b, level.dtype.type(first), out=x)
        coarse = self.levels[number + 1]
        where = (level.margin, level.sx, level.sy, level.origin, level.size, level.block)
        kernels.restrict(r, level.root, *where, coarse.root, coarse.margin, coarse.shape, coarse.b)
        e = self._cycle(number + 1, coarse.b)
        kernels.prolong(
            e,
            coarse.root,
            coarse.margin,
            coarse.shape,
            level.origin,
            level.size,
            level.block,
            level.root,
            level.margin,
            level.sx,
            level.sy,
            x,
        )
        for factor in reversed(self.factors):
            x = level.combine(x, b, 1.0 - factor, factor, factor)
        return x

    factors = tuple(_sweep_factors(_SWEEPS))


def _advice(reached: float) -> str:
    return (
        f"an implicit solve stood still at {reached:.1e} of what it started from: "
        "ask for less accuracy, solve in double precision, or use a wider run.spacing"
    )


def _solve_coarsest(level: Level, b: Vector) -> Vector:
    """Exactly where cells are few, by sweeps where the diagonal dominates."""
    if level.inverse is not None and level.cells is not None:
        level.x[level.cells] = level.inverse @ b[level.cells]
        return level.x
    x = level.combine(b, b, 1.0, 1.0, 0.0)
    for _ in range(2):
        x = level.combine(x, b, 0.0, 1.0, 1.0)
    return x

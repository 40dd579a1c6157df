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

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics.bases import AllModes, LanczosBasis, Modes
from releasesim.numerics.contraction import Sensitivity, contracted
from releasesim.numerics.modes import FEW
from releasesim.numerics.operator import DiffusionProblem
from releasesim.numerics.unknowns import Unknowns

__all__ = ["MEMORY", "Course", "Sensitivity", "divided_differences"]

Array = NDArray[np.float64]

#: Basis vectors kept in memory, at most [bytes]; beyond that a second pass makes them again.
MEMORY = 1.0e9
#: Singular values below this share of the largest are left out.
_CUT = 1e-11
#: Rates closer to each other than this share are differenced by a Taylor series.
_CLOSE = 1e-3


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
        self._unknowns = Unknowns(problem)

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
        return contracted(self._unknowns, sizes, psi, u)

    def forget(self) -> None:
        """Give back the memory of the basis vectors; they are made again if they are needed."""
        for name in ("_adjoint", "_state"):
            if isinstance(basis := getattr(self.__dict__.get(name), "basis", None), LanczosBasis):
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
    def _adjoint(self) -> Modes:
        return self._modes(self._unknowns.weight)

    @cached_property
    def _state(self) -> Modes:
        adjoint, start = self._adjoint, self._unknowns.start
        if self._even is not None:
            return replace(adjoint, amounts=self._even * adjoint.amounts)
        if isinstance(adjoint.basis, AllModes):
            return replace(adjoint, amounts=adjoint.basis.amounts(start))
        return self._modes(start)

    def _modes(self, start: Array) -> Modes:
        if self._unknowns.cells.size <= FEW:
            basis = AllModes(self._unknowns)
            return Modes(basis.rates, np.eye(basis.rates.size), basis.amounts(start), basis)
        run = LanczosBasis(self._unknowns, start, self.memory / 2)
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

"""The whole release curve from one Krylov space: Lanczos on the functional b^T exp(-tM) v.

With w = sqrt(C) u the problem C du/dt = -A u becomes dw/dt = -M w, M = C^-1/2 A C^-1/2. One short
recurrence from w(0) gives a tridiagonal T; drug left and drug that crossed the surface follow for
every time at once. Golub & Meurant, Matrices, Moments and Quadrature (2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]

_CHECK_GROWTH = 1.12
_CHECK_TIMES = 24
_MOST_STEPS = 6000


@dataclass(frozen=True, eq=False)
class Decay:
    """What a Lanczos run found.

    Parameters
    ----------
    held : (n,) ndarray
        Drug still in the cells at each time, all images [kg].
    crossed : (n,) ndarray
        Drug that crossed the surface by each time, from the boundary fluxes [kg].
    matvecs : int
        Products with the operator.
    """

    held: Array
    crossed: Array
    matvecs: int


@dataclass
class _Recurrence:
    """State of the three-term recurrence on flat arrays, the bath as one scalar beside them."""

    problem: DiffusionProblem
    dtype: np.dtype

    def __post_init__(self) -> None:
        problem = self.problem
        root = np.sqrt(problem.capacity)
        inverse = np.where(root > 0, 1.0 / np.where(root > 0, root, 1.0), 0.0)
        shape = problem.capacity.shape
        self.strides = shape[1] * shape[2], shape[2]
        self.diagonal = self._flat(problem.diagonal() * inverse * inverse)
        self.faces = [
            self._flat(face * inverse * _shifted(inverse, axis))
            for axis, face in enumerate(problem.conductance)
        ]
        start = root * problem.initial
        #: the functional that counts drug, and the one that counts what crosses the surface
        self.weight = self._flat(root)
        self.outlet = self._flat(problem.outlet * inverse)
        self.wet = np.flatnonzero(self.outlet)
        self.wet_outlet = self.outlet[self.wet]
        self.bathed = bool(np.isfinite(problem.bath))
        self.root_bath = float(np.sqrt(problem.bath)) if self.bathed else 1.0
        self.bath_diagonal = float(problem.outlet.sum()) / problem.bath
        self.x, self.old = self._flat(start), np.zeros_like(self.diagonal)
        self.bath_x, self.bath_old = self.root_bath * problem.bath_initial, 0.0
        self.norm = float(np.sqrt((start * start).sum() + self.bath_x**2))
        self.scale, self.old_scale, self.beta = 1.0 / self.norm, 1.0, 0.0
        self.counted = float((root * start).sum())
        #: largest eigenvalue, at most (Gershgorin)
        self.fastest = 2.0 * float(self.diagonal.max())

    @property
    def _margin(self) -> int:
        """A one-dimensional grid has no padding along x and y: lend it some."""
        return int(self.strides[0])

    def _flat(self, a: Array) -> NDArray[np.floating]:
        flat = np.zeros(a.size + 2 * self._margin, self.dtype)
        flat[self._margin : self._margin + a.size] = a.ravel()
        return flat

    def counts(self) -> tuple[float, float]:
        """Drug and surface flux that the present basis vector stands for."""
        from releasesim.numerics.kernels import gathered_dot

        flux = self.scale * gathered_dot(self.wet_outlet, self.x, self.wet)
        if self.bathed:
            flux -= self.bath_diagonal * self.root_bath * self.scale * self.bath_x
        return self.scale * self.counted, flux

    def advance(self) -> tuple[float, float]:
        """One step: the next diagonal and off-diagonal entry of T."""
        from releasesim.numerics.kernels import dot, lanczos_multiply, lanczos_subtract

        sx, sy = self.strides
        real = self.dtype.type
        beta_scale = self.beta * self.old_scale
        alpha = lanczos_multiply(
            self.diagonal, *self.faces, sx, sy, self.x, real(self.scale), self.old, real(beta_scale)
        )
        if self.bathed:
            alpha += self._couple(beta_scale, dot)
        square, counted = lanczos_subtract(self.old, self.x, real(alpha * self.scale), self.weight)
        if self.bathed:
            self.bath_old -= alpha * self.scale * self.bath_x
            square += self.bath_old**2
        self.counted = counted
        self.x, self.old = self.old, self.x
        self.bath_x, self.bath_old = self.bath_old, self.bath_x
        self.old_scale, self.beta = self.scale, float(np.sqrt(square))
        self.scale = 1.0 / self.beta if self.beta > 0 else 0.0
        return float(alpha), self.beta

    def _couple(self, beta_scale: float, dot) -> float:  # type: ignore[no-untyped-def]
        """The bath's row and column of M; returns what they add to v^T M v."""
        exchanged = dot(self.outlet, self.x) / self.root_bath
        bath = self.scale * self.bath_x / self.root_bath
        # column: cells feel the bath
        if bath != 0.0:
            self.old -= self.dtype.type(bath) * self.outlet
        row = self.bath_diagonal * self.bath_x - exchanged
        self.bath_old = self.scale * row - beta_scale * self.bath_old
        return float(self.scale * (self.bath_x * self.bath_old - bath * self.root_bath * exchanged))


def _shifted(a: Array, axis: int) -> Array:
    """Each cell's next neighbour along an axis; 0 beyond the last."""
    out = np.zeros_like(a)
    low, high = [slice(None)] * 3, [slice(None)] * 3
    low[axis], high[axis] = slice(None, -1), slice(1, None)
    out[tuple(low)] = a[tuple(high)]
    return out


def decay(
    problem: DiffusionProblem,
    times: Array,
    *,
    tolerance: float = 1e-5,
    ledger: float = 1e-11,
    single: bool = False,
) -> Decay:
    """Drug held and drug released at each time.

    Parameters
    ----------
    problem : DiffusionProblem
        Fold it first: mirror planes make it up to eight times smaller.
    times : (n,) ndarray
        Output times, increasing [s].
    tolerance : float
        Accuracy of the time integration, as a fraction of the drug [-].
    ledger : float
        Largest disagreement allowed between drug held and drug crossed, of the drug [-]; only
        reachable in double precision.
    single : bool
        Keep the vectors in float32 (dot products stay in float64): half the memory traffic.

    Raises
    ------
    ConvergenceError
        If the curve has not settled after thousands of steps.
    """
    run = _Recurrence(problem, np.dtype(np.float32 if single else np.float64))
    total = float((problem.capacity * problem.initial).sum())
    check_at = _check_times(times)
    alphas: list[float] = []
    betas: list[float] = []
    counts = [run.counts()]
    previous, quiet = None, 0
    next_check = _first_check(run.fastest * times[-1])
    while True:
        alpha, beta = run.advance()
        alphas.append(alpha)
        exhausted = beta <= 1e-14 * run.fastest
        if exhausted or len(alphas) >= next_check:
            held, crossed = _evaluate(alphas, betas, counts, run.norm, check_at)
            change = np.inf if previous is None else np.abs(held - previous).max() / total
            gap = 0.0 if single else np.abs(total - held - crossed).max() / total
            quiet = quiet + 1 if change < tolerance / 5 else 0
            if exhausted or (quiet >= 2 and gap < ledger):
                break
            previous = held
            next_check = max(len(alphas) + 4, int(len(alphas) * _CHECK_GROWTH))
        if len(alphas) >= _MOST_STEPS:
            raise ConvergenceError(
                f"the release curve had not settled after {_MOST_STEPS} Lanczos steps: "
                "use a wider run.spacing or a shorter run.until"
            )
        betas.append(beta)
        counts.append(run.counts())
    held, crossed = _evaluate(alphas, betas, counts, run.norm, times)
    return Decay(problem.images * held, problem.images * crossed, len(alphas))


def _first_check(reach: float) -> int:
    """When to look first: steps grow like sqrt(largest rate x time), and looking costs too."""
    return max(12, int(0.35 * np.sqrt(reach)))


def _check_times(times: Array) -> Array:
    """A few times spread over the outputs, the earliest and the last among them."""
    positive = times[times > 0]
    picks = np.unique(np.geomspace(1, positive.size, _CHECK_TIMES).astype(int)) - 1
    return np.asarray(positive[picks])


def _evaluate(
    alphas: list[float],
    betas: list[float],
    counts: list[tuple[float, float]],
    norm: float,
    times: Array,
) -> tuple[Array, Array]:
    """Drug held and drug crossed at each time from T and the counts of its basis."""
    from scipy.linalg import eigh_tridiagonal

    m = len(alphas)
    rates, vectors = eigh_tridiagonal(np.array(alphas), np.array(betas[: m - 1]))
    rates = np.maximum(rates, 0.0)
    mass, flux = (norm * (np.array(counts[:m]).T @ vectors)) * vectors[0]
    exponent = np.outer(times, rates)
    # (1 - exp(-rt))/r, which is t where r vanishes
    integral = -np.expm1(-exponent) / np.where(rates > 0, rates, 1.0)
    integral = np.where(rates * times[:, None] > 1e-12, integral, times[:, None])
    return np.exp(-exponent) @ mass, integral @ flux

"""The whole release curve from one Krylov space: Lanczos on the functional b^T exp(-tM) w(0).

With w = sqrt(C) u the problem C du/dt = -A u becomes dw/dt = -M w, M = C^-1/2 A C^-1/2. One short
recurrence from b = sqrt(C), the functional that counts drug, gives a tridiagonal T; the drug left
and the drug that crossed the surface follow for every time at once. Golub & Meurant, Matrices,
Moments and Quadrature (2010).

Every new vector is kept orthogonal to b and to M b, which counts what crosses the surface: then
the ledger closes to rounding however early the recurrence stops.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics.modes import Decay, course
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]

#: Steps between two looks at the curve grow by this factor: looking costs m^2.
_CHECK_GROWTH = 1.2
#: A new vector's component along b above which it is taken out.
_DRIFT = 1e-13
_LATEST_FIRST = 150
_CHECK_TIMES = 24
_MOST_STEPS = 6000


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
        self.bathed = bool(np.isfinite(problem.bath))
        self.root_bath = float(np.sqrt(problem.bath)) if self.bathed else 1.0
        self.bath_diagonal = float(problem.outlet.sum()) / problem.bath
        #: b, which counts drug; w(0); and the rows that count what crosses the surface
        self.weight = self._flat(root)
        self.start = self._flat(root * problem.initial)
        self.bath_start = self.root_bath * problem.bath_initial if self.bathed else 0.0
        self.outlet = self._flat(problem.outlet * inverse)
        self.wet = np.flatnonzero(self.outlet)
        self.wet_outlet = self.outlet[self.wet]
        self.x, self.old = self.weight.copy(), np.zeros_like(self.diagonal)
        self.bath_x, self.bath_old = 0.0, 0.0
        self.square = float((root * root).sum())
        self.total = float((problem.capacity * problem.initial).sum())
        self.norm = float(np.sqrt(self.square))
        self.scale, self.old_scale, self.beta = 1.0 / self.norm, 1.0, 0.0
        self.counted = self.total
        self.bath_outlet = -self.bath_diagonal * self.root_bath if self.bathed else 0.0
        lost = float((problem.outlet * (root > 0)).sum())  # b . M b
        flux_square = float((self.wet_outlet.astype(float) ** 2).sum()) + self.bath_outlet**2
        self.flux_norm = float(np.sqrt(flux_square))
        self.gram_inverse = _inverse(self.square, lost, flux_square)
        self.flux_of_start = float((problem.outlet * problem.initial).sum())
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
        """Share of w(0), and surface flux, that the present basis vector stands for."""
        from releasesim.numerics.kernels import gathered_dot

        flux = self.scale * gathered_dot(self.wet_outlet, self.x, self.wet)
        if self.bathed:
            flux += self.bath_outlet * self.scale * self.bath_x
        return self.scale * (self.counted + self.bath_start * self.bath_x), flux

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
        square, along, counted = lanczos_subtract(
            self.old, self.x, real(alpha * self.scale), self.weight, self.start
        )
        if self.bathed:
            self.bath_old -= alpha * self.scale * self.bath_x
            square += self.bath_old**2
        square, counted = self._purge(square, along, counted)
        self.counted = counted
        self.x, self.old = self.old, self.x
        self.bath_x, self.bath_old = self.bath_old, self.bath_x
        self.old_scale, self.beta = self.scale, float(np.sqrt(max(square, 0.0)))
        self.scale = 1.0 / self.beta if self.beta > 0 else 0.0
        return float(alpha), self.beta

    def _purge(self, square: float, along: float, counted: float) -> tuple[float, float]:
        """Take out of the new vector what rounding put back along b and along M b.

        In exact arithmetic nothing is there from the third vector on (of the second, M b is part).
        """
        from releasesim.numerics.kernels import gathered_dot, lanczos_purge

        across = gathered_dot(self.wet_outlet, self.old, self.wet)
        across += self.bath_outlet * self.bath_old
        size = np.sqrt(max(square, 0.0))
        if self.beta == 0.0:
            share, flux_share = along / self.square, 0.0
        else:
            share, flux_share = self.gram_inverse @ (along, across)
        drift = abs(share) * self.norm + abs(flux_share) * self.flux_norm
        if drift <= _DRIFT * size:
            return square, counted
        real = self.dtype.type
        lanczos_purge(
            self.old, self.weight, real(share), self.wet_outlet, self.wet, real(flux_share)
        )
        self.bath_old -= flux_share * self.bath_outlet
        square -= share * along + flux_share * across
        return square, counted - share * self.total - flux_share * self.flux_of_start

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


def _inverse(a: float, b: float, c: float) -> Array:
    """Inverse of the symmetric matrix [[a, b], [b, c]]; where it is singular, of its a alone."""
    determinant = a * c - b * b
    if determinant <= 1e-12 * a * c:
        return np.array([[1.0 / a, 0.0], [0.0, 0.0]])
    return np.array([[c, -b], [-b, a]]) / determinant


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
    tolerance: float = 5e-5,
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
    single : bool
        Keep the vectors in float32 (dot products stay in float64): half the memory traffic.

    Raises
    ------
    ConvergenceError
        If the curve has not settled after thousands of steps.
    """
    run = _Recurrence(problem, np.dtype(np.float32 if single else np.float64))
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
            held, _ = _evaluate(alphas, betas, counts, run.norm, check_at)
            change = np.inf if previous is None else np.abs(held - previous).max() / run.total
            # it settles faster and faster: one small change says as much as two larger ones
            quiet = quiet + 1 + (change < tolerance / 50) if change < tolerance / 5 else 0
            if exhausted or quiet >= 2:
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
    return max(12, min(_LATEST_FIRST, int(0.23 * np.sqrt(reach))))


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
    started, flux = np.array(counts[:m]).T @ vectors
    return course(np.maximum(rates, 0.0), norm * vectors[0] * started, flux * started, times)

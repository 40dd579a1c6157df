"""The whole release curve from one Krylov space: Lanczos on the functional b^T exp(-tM) w(0).

The problem C du/dt = -A u is du/dt = -M u, M = C^-1 A, symmetric in the inner product weighted by
C. One short recurrence from b = 1 in the cells, the functional that counts drug, gives a
tridiagonal T; the drug left and the drug that crossed the surface follow for every time at once.
Golub & Meurant, Matrices, Moments and Quadrature (2010).

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
Integers = NDArray[np.int64]

#: Gaps between cells shorter than this are not worth skipping; longer runs would leave the cache.
_GAP, _RUN = 32, 16384
#: Steps between two looks at the curve grow by this factor at least, and at most.
_LEAST_GROWTH, _MOST_GROWTH = 1.06, 1.35
#: Two curves are compared only where they are this factor apart in steps.
_APART = 1.2
_LATEST_FIRST = 110
#: A look costs about this many visits to a cell for each step squared, ten times over.
_LOOK = 350
_CHECK_TIMES = 24
_MOST_STEPS = 6000
#: Cells looked at for the value of u(0) that most of them have.
_SAMPLE = 2000
#: Part of the tolerance that the error estimate has to stay under.
_SHARE = 0.2
#: Coefficients are kept in float32 down to this tolerance: rounding moves the curve by 3e-8.
_ROUNDED = 2e-7


class _Recurrence:
    """The recurrence on flat arrays, the bath as one scalar beside them.

    Parameters
    ----------
    problem : DiffusionProblem
    dtype : np.dtype
        Of the vectors.
    rounded : bool
        Keep C and the conductances in float32, half the memory traffic: the problem
        solved is one of rounded coefficients, whose own ledger closes as ever.
    """

    def __init__(
        self, problem: DiffusionProblem, dtype: np.dtype, *, rounded: bool = False
    ) -> None:
        from releasesim.numerics.kernels import differing, runs_of, stiffness

        kept = np.dtype(np.float32) if rounded else dtype
        capacity, outlet = (a.astype(kept, copy=False) for a in (problem.capacity, problem.outlet))
        shape = capacity.shape
        self.strides = shape[1] * shape[2], shape[2]
        diagonal, inverse = np.zeros(shape), np.zeros(shape)
        even = _even(problem)
        faces: tuple[NDArray[np.floating], ...] = problem.conductance
        if rounded and not even.size:
            faces = tuple(face.astype(kept) for face in faces)
        self.fastest = 2.0 * stiffness(capacity, *faces, outlet, diagonal, inverse)
        self.margin = 0
        self.runs = runs_of(capacity.ravel(), _GAP, _RUN)
        begins, ends = self.runs
        if begins[0] < self.strides[0] or ends[-1] > diagonal.size - self.strides[0]:
            # a one-dimensional grid has no padding along x and y: lend it some
            self.margin = int(self.strides[0])
            self.runs = begins + self.margin, ends + self.margin
        self.even = even.astype(dtype)
        self.leak = self._flat(outlet, kept)
        self.faces = [self.leak if even.size else self._flat(face, kept) for face in faces]
        self.diagonal, self.inverse = self._flat(diagonal, dtype), self._flat(inverse, dtype)
        self.capacity = self._flat(capacity, kept)
        self.wet = differing(capacity.ravel(), outlet.ravel(), 0.0)
        self.outlet = outlet.ravel()[self.wet].astype(float)
        self.lifted = self.outlet * inverse.ravel()[self.wet]
        self.total, self.common, self.index, self.excess = _split(problem, capacity)
        self.wet += self.margin
        self.index += self.margin
        # every wet cell lies in a run
        self.within = np.append(np.searchsorted(self.wet, self.runs[0]), self.wet.size)
        self._scalars(problem, float(capacity.sum(dtype=float)))
        self.new = (self.capacity > 0).astype(dtype)
        self.x = np.zeros_like(self.new)
        self.alphas: list[float] = []
        self.betas: list[float] = []
        self.counts: list[float] = []
        self.fluxes: list[float] = []
        self._modes = np.zeros(0), np.zeros((3, 0))

    def _scalars(self, problem: DiffusionProblem, size: float) -> None:
        """What the kernel needs beside the arrays; its docstring says in which order."""
        lost = float(self.outlet.sum())
        bathed = bool(np.isfinite(problem.bath))
        bath = problem.bath if bathed else 0.0
        flux_square = float(self.outlet @ self.lifted) + (lost * lost / bath if bathed else 0.0)
        bath_drug = bath * problem.bath_initial if bathed else 0.0
        gram = _inverse(size, lost, flux_square)
        self.norm = float(np.sqrt(size))
        self.fixed = np.array(
            [lost, bath, *gram, self.common, bath_drug, 1e-14 * self.fastest, size]
        )
        self.numbers = np.array([1.0 / self.norm, *[0.0] * 7])

    def _flat(self, a: NDArray[np.floating], dtype: np.dtype) -> NDArray[np.floating]:
        """The array itself where it can be, flat and in some precision."""
        if not self.margin:
            return np.ascontiguousarray(a, dtype).reshape(-1)
        flat = np.zeros(a.size + 2 * self.margin, dtype)
        flat[self.margin : self.margin + a.size] = a.ravel()
        return flat

    @property
    def steps(self) -> int:
        """Steps so far, and the size of T."""
        return len(self.alphas)

    def advance(self, steps: int) -> bool:
        """Go on by some steps; whether there is anything left to find."""
        from releasesim.numerics.lanczos_kernels import lanczos_steps

        filled = np.zeros((4, steps))
        done = lanczos_steps(
            (*self.runs, *self.strides),
            (self.even, *self.faces, self.diagonal, self.leak, self.inverse, self.capacity),
            (self.x, self.new),
            (self.wet, self.within, self.outlet, self.lifted),
            (self.index, self.excess),
            self.fixed,
            self.numbers,
            filled,
        )
        if done % 2:
            self.x, self.new = self.new, self.x
        for kept, row in zip(
            (self.alphas, self.betas, self.counts, self.fluxes), filled, strict=True
        ):
            kept.extend(row[:done])
        return bool(self.betas[-1] > self.fixed[7])

    # --- what the tridiagonal matrix says --------------------------------------------------

    def modes(self) -> tuple[Array, Array]:
        """Rates of decay, (m,), and the start, drug and flux that each stands for, (3, m)."""
        if self._modes[0].size != self.steps:
            first = np.eye(1, self.steps)[0]
            rows = np.array([first, self.counts, self.fluxes])
            self._modes = tridiagonal(self.alphas, self.betas[:-1], rows)
        return self._modes

    def curve(self, times: Array) -> tuple[Array, Array]:
        """Drug held and drug crossed at each time, one image."""
        rates, (first, counts, fluxes) = self.modes()
        return course(rates, self.norm * first * counts, fluxes * counts, times)

    def look(self, times: Array) -> tuple[Array, Array, float]:
        """Drug held, its part due to uneven drug, and a bound on the error of the other part.

        For even drug the curve is a Gauss rule of exp(-rate t), too low; with one more node at
        rate 0 it is a Gauss-Radau rule, too high (Golub & Meurant, chapter 6).
        """
        rates, (first, counts, _) = self.modes()
        decays = np.exp(-np.outer(times, rates))
        held = decays @ (self.norm * first * counts)
        low = decays @ (self.common * (self.norm * first) ** 2)
        last = self.betas[-1] ** 2 / max(self._pivot(), 1e-14 * self.fastest)
        start = np.eye(1, self.steps + 1)
        rates, rows = tridiagonal([*self.alphas, last], self.betas, start)
        high = np.exp(-np.outer(times, rates)) @ (self.common * (self.norm * rows[0]) ** 2)
        return held, held - low, float(np.abs(high - low).max())

    def _pivot(self) -> float:
        """Last pivot of T."""
        pivot = self.alphas[0]
        for alpha, beta in zip(self.alphas[1:], self.betas, strict=False):
            if pivot <= 0.0:
                return 0.0
            pivot = alpha - beta * beta / pivot
        return pivot


def _even(problem: DiffusionProblem) -> Array:
    """The one conductance between neighbours along each axis, (3,); (0,) where they differ."""
    from releasesim.numerics.kernels import joined_alike

    capacity, shape = problem.capacity.ravel(), problem.capacity.shape
    found = []
    for face, stride in zip(problem.conductance, (shape[1] * shape[2], shape[2], 1), strict=True):
        found.append(joined_alike(capacity, face.ravel(), stride))
        if found[-1] < 0.0:
            return np.zeros(0)
    return np.array(found)


def _split(
    problem: DiffusionProblem, kept: NDArray[np.floating]
) -> tuple[float, float, Integers, Array]:
    """Drug in all; u(0) that most cells have, which cells have another, and their drug beyond that.

    Of capacities as they are kept, u(0) so that there is as much drug as before.
    """
    from releasesim.numerics.kernels import differing, drug_held

    capacity, initial = kept.ravel(), problem.initial.ravel()
    total, held = drug_held(problem.capacity.ravel(), initial), drug_held(capacity, initial)
    scale = total / held if held > 0.0 else 1.0
    sample = slice(None, None, max(1, capacity.size // _SAMPLE))
    here = np.sort(initial[sample][capacity[sample] > 0.0])
    common = float(here[here.size // 2]) if here.size else float(initial.max())
    index = differing(capacity, initial, common)
    excess = capacity[index] * (initial[index] - common)
    return total, scale * common, index, scale * excess


def tridiagonal(alphas: list[float], betas: list[float], rows: Array) -> tuple[Array, Array]:
    """Eigenvalues of T, at least 0, and rows (r, m) times its eigenvectors."""
    from releasesim.numerics.lanczos_kernels import tridiagonal_modes

    rates, off = np.array(alphas), np.append(betas, 0.0)
    turned = np.ascontiguousarray(rows.T)
    if not tridiagonal_modes(rates, off, turned):
        raise ConvergenceError("eigenvalues of the Lanczos matrix did not converge")
    return np.maximum(rates, 0.0), turned.T


def _inverse(a: float, b: float, c: float) -> tuple[float, float, float]:
    """Inverse of the symmetric matrix [[a, b], [b, c]]; where it is singular, of its a alone."""
    determinant = a * c - b * b
    if determinant <= 1e-12 * a * c:
        return 1.0 / a, 0.0, 0.0
    return c / determinant, -b / determinant, a / determinant


@dataclass
class _Stop:
    """When the curve is good enough (NUMERICS 6), and when to look again.

    The error is taken as the last change times what the bound on the error left of it: both fall
    together, like exp(-steps^2), the bound far above the error. Where there is no such bound, or
    drug lies unevenly, two looks a good deal apart have to agree.
    """

    limit: float
    cells: int
    steps: int = 0
    held: Array | None = None
    bound: float = np.inf

    def __post_init__(self) -> None:
        self._whole, self._uneven = _Quiet(self.limit), _Quiet(self.limit)

    def settled(self, steps: int, held: Array, uneven: Array, bound: float) -> bool:
        """Whether the curve after so many steps is good enough."""
        quiet = [self._whole.settled(steps, held), self._uneven.settled(steps, uneven)]
        left = bound / self.bound if bound < self.bound else np.inf
        change = np.inf if self.held is None else float(np.abs(held - self.held).max())
        error = change * left / (1.0 - left) if left < 1.0 else np.inf
        self._plan(steps, left, min(error, bound))
        self.steps, self.held, self.bound = steps, held, bound
        return quiet[0] or (quiet[1] and min(error, bound) < self.limit)

    def _plan(self, steps: int, left: float, error: float) -> None:
        """Where the error will be small enough, if it goes on falling as fast."""
        furthest = int(steps * _MOST_GROWTH)
        self.next = min(furthest, steps + int(_LOOK * steps**2 / self.cells))
        if 0.0 < left < 1.0 and np.isfinite(error):
            slope = -np.log(left) / (steps**2 - self.steps**2)
            wanted = steps**2 + np.log(max(error, self.limit) / self.limit) / slope
            self.next = min(furthest, int(np.sqrt(wanted)))
        self.next = max(self.next, int(steps * _LEAST_GROWTH), steps + 4)


@dataclass
class _Quiet:
    """Whether a curve has stopped to change from one look to one a good deal later."""

    limit: float
    steps: int = 0
    last: Array | None = None
    times: int = 0

    def settled(self, steps: int, now: Array) -> bool:
        """Whether it has by now."""
        if self.last is not None and steps >= _APART * self.steps:
            change = float(np.abs(now - self.last).max())
            # it settles faster and faster: one small change says as much as two larger ones
            self.times += 1 + (change < self.limit / 10)
            self.times *= change < self.limit
        if self.last is None or steps >= _APART * self.steps:
            self.steps, self.last = steps, now
        return self.times >= 2


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
        Keep the vectors in float32 (sums stay in float64): half the memory traffic.

    Raises
    ------
    ConvergenceError
        If the curve has not settled after thousands of steps.
    """
    dtype = np.dtype(np.float32 if single else np.float64)
    run = _Recurrence(problem, dtype, rounded=not single and tolerance >= _ROUNDED)
    check_at = _check_times(times)
    stop = _Stop(max(_SHARE * tolerance * run.total, 1e-300), run.x.size)
    target = _first_check(run.fastest * times[-1])
    while run.advance(target - run.steps):
        if stop.settled(run.steps, *run.look(check_at)):
            break
        if run.steps >= _MOST_STEPS:
            raise ConvergenceError(
                f"the release curve had not settled after {_MOST_STEPS} Lanczos steps: "
                "use a wider run.spacing or a shorter run.until"
            )
        target = min(stop.next, _MOST_STEPS)
    held, crossed = run.curve(times)
    return Decay(problem.images * held, problem.images * crossed, run.steps)


def _first_check(reach: float) -> int:
    """When to look first: steps grow like sqrt(largest rate x time), and looking costs too."""
    return max(12, min(_LATEST_FIRST, int(0.3 * np.sqrt(reach))))


def _check_times(times: Array) -> Array:
    """A few times spread over the outputs, the earliest and the last among them."""
    positive = times[times > 0]
    picks = np.unique(np.geomspace(1, positive.size, _CHECK_TIMES).astype(int)) - 1
    return np.asarray(positive[picks])

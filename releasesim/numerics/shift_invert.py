"""The whole release curve from a few implicit solves: rational Krylov on the functional.

Drug held is b^T C exp(-t C^-1 A) u(0) with b = 1 in the cells. Its Laplace transform at s needs
(s C + A)^-1 C b: such solutions at a few s, together with b and u(0) themselves, span a space in
which the problem is solved exactly (Galerkin). How many it takes does not depend on the grid. The
next s is where the error of the transform is bounded worst: Druskin & Simoncini, Systems & Control
Letters 60 (2011) 546-560. Each solve only adds what the space lacks, so it may be a rough one.

Products of basis vectors by C and by A are summed in float64 from the vectors as stored: the small
problem conserves drug to rounding, whatever the precision and accuracy of the solves.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics.modes import FEW, Decay, Modes, course, decay_of_few
from releasesim.numerics.multigrid import ShiftedSolver
from releasesim.numerics.multigrid_levels import Vector, coarsest_problem
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]

#: Accuracy of each solve, relative to what it adds to the space.
_ACCURACY = 0.02
_MOST_SOLVES = 60
_CHECK_TIMES = 48
#: The least s is one over the end; the largest is this over the earliest output.
_LATEST_POLE = 1.0
_POLES = 300
#: Share of the drug about whose whereabouts no solve is spent.
_NEGLIGIBLE = 1e-6
#: How far u(0) may be from even, as the sine of an angle, for one solve at each s to do.
_UNEVEN = 0.3
#: Directions of the basis with less of their own than this are left out.
_DEPENDENT = 1e-13
#: Lanczos steps per root of the largest rate times the release time, where cells start alike and
#: where they do not. Measured on tablets of 10 x 4 mm, solid or with 0.4 mm strands, on grids of
#: 0.2 to 0.06 mm: 0.6 to 1.0, and 2.0 to 3.6.
_PER_ROOT, _PER_ROOT_UNEVEN = 0.8, 2.3
#: Share of the drug that may lie unevenly, as it does in cells that the surface cuts.
_MOSTLY_EVEN = 0.1
#: Where conductances differ so much there are this many times more steps (1.7 to 2.1, 2.5 to 4.9).
_CONTRAST, _MORE = 300.0, 1.8
#: Beyond so many Lanczos steps shifts are cheaper: a step takes 1.0 to 1.6 ns a cell, all solves
#: 1.0 to 2.9 us a cell (same tablets; 730 ms and 720 at 1036 steps, 314 and 1105 at 426).
_MANY_MATVECS = 1000.0
#: Of conductances, beyond what was measured: strands that release long after all around them.
_STRONG_CONTRAST = 1e5
#: Share of the drug whose release ends the release time.
_LEFT = 2e-3


@dataclass(eq=False)
class _Space:
    """Basis vectors, their products by C and by A, and their flux across the surface."""

    solver: ShiftedSolver
    count: int = 0
    mass: Array = field(init=False)
    exchange: Array = field(init=False)
    flux: Array = field(init=False)
    bath: Array = field(init=False)

    def __post_init__(self) -> None:
        most = _MOST_SOLVES + 3
        # pages of vectors that are never reached are never touched
        self.vectors = np.zeros((most, self.solver.levels[0].length), self.solver.dtype)
        self.mass, self.exchange = np.zeros((most, most)), np.zeros((most, most))
        self.flux, self.bath = np.zeros(most), np.zeros(most)
        self.start = self._seed()
        self.alike = self._nearly_even()

    def _seed(self) -> Array:
        """Put in b, the bath and u(0); return u(0) in this basis."""
        problem, fine = self.solver.problem, self.solver.levels[0]
        solid, initial = fine.capacity > 0, problem.initial.ravel()
        self.free[fine.inside] = solid
        self.add(0.0)
        start = [0.0]
        if self.solver.bathed:
            # with it, equilibrium is in the space
            self.add(1.0)
            start.append(problem.bath_initial)
        inside = initial[solid]
        #: which vector u(0) is in the cells, up to a factor
        self.loaded = 0
        if _even(inside):
            start[0] = float(inside[0])
        else:
            self.loaded = self.count
            self.free[fine.inside] = np.where(solid, initial, 0.0)
            self.add(0.0)
            start.append(1.0)
        return np.array(start)

    def _nearly_even(self) -> bool:
        """Whether solutions for b serve for u(0) as well.

        What starts in the bath is no matter: b and the bath's entry together solve themselves.
        """
        k = self.loaded
        aligned = self.mass[0, k] ** 2 / (self.mass[0, 0] * self.mass[k, k])
        return bool(aligned > 1.0 - _UNEVEN**2)

    @property
    def scale(self) -> float:
        """Drug at time 0 over what this space says of it: float32 rounds what each cell has [-]."""
        problem, k = self.solver.problem, self.start.size
        total = float((problem.capacity * problem.initial).sum())
        return total / float(self.start @ self.mass[:k, 0])

    @property
    def free(self) -> Vector:
        """The next vector's place."""
        return np.asarray(self.vectors[self.count])

    def add(self, bath: float) -> None:
        """Count the vector in the next place in, with its entry at the bath."""
        from releasesim.numerics.multigrid_kernels import project

        fine, n = self.solver.levels[0], self.count
        self.bath[n] = bath
        self.count = m = n + 1
        mass, exchange, flux = project(
            fine.capacity,
            *fine.conductance,
            fine.outlet,
            fine.sx,
            fine.sy,
            fine.margin,
            self.bath,
            self.vectors,
            m,
        )
        if self.solver.bathed:
            mass += self.solver.problem.bath * bath * self.bath[:m]
            exchange -= flux * self.bath[:m]
        self.mass[n, :m] = self.mass[:m, n] = mass
        self.exchange[n, :m] = self.exchange[:m, n] = exchange
        self.flux[n] = flux

    def modes(self) -> tuple[Array, Array]:
        """Rates (k,) and modes (m, k), orthonormal by C."""
        m = self.count
        size = np.sqrt(np.diag(self.mass[:m, :m]))
        scale = 1.0 / np.where(size > 0, size, 1.0)
        own, vectors = np.linalg.eigh(self.mass[:m, :m] * np.outer(scale, scale))
        kept = own > _DEPENDENT * own[-1]
        basis = scale[:, None] * vectors[:, kept] / np.sqrt(own[kept])
        rates, turned = np.linalg.eigh(basis.T @ self.exchange[:m, :m] @ basis)
        return np.maximum(rates, 0.0), basis @ turned

    def evaluate(self, times: Array) -> tuple[Array, Array, Array]:
        """Rates, and drug held and crossed at each time."""
        rates, modes = self.modes()
        k = self.start.size
        started = self.start @ self.mass[:k, : self.count] @ modes
        counted = self.mass[0, : self.count] @ modes
        flux = self.flux[: self.count] @ modes
        held, crossed = course(rates, counted * started, flux * started, times)
        return rates, held, crossed

    def extend(self, pole: float) -> int:
        """Add what the space lacks of the solutions at one s; return how many they are."""
        self.solver.set_shift(pole)
        self._add_solution(pole, np.ones(1), 0)
        if self.alike:
            return 1
        self._add_solution(pole, self.start, self.loaded)
        return 2

    def _add_solution(self, pole: float, content: Array, cells: int) -> None:
        """Add what the space lacks of (s C + A)^-1 C times `content`.

        Parameters
        ----------
        pole : float
            s [1/s].
        content : (k,) ndarray
            In the basis.
        cells : int
            Which basis vector it is in the cells.
        """
        from releasesim.numerics.multigrid_kernels import blend

        solver, m, k = self.solver, self.count, content.size
        reduced = self.exchange[:m, :m] + pole * self.mass[:m, :m]
        weights = _solve_scaled(reduced, self.mass[:m, :k] @ content)
        blend(self.vectors[:m], weights.astype(solver.dtype), solver.direction)
        bath = solver.correct(
            self.vectors[cells, solver.levels[0].inside],
            float(content @ self.bath[:k]),
            solver.direction,
            float(weights @ self.bath[:m]),
            _ACCURACY,
            self.free,
        )
        self.add(bath)


def _solve_scaled(matrix: Array, rhs: Array) -> Array:
    """Solve a small symmetric positive system, equilibrated."""
    size = np.sqrt(np.diag(matrix))
    scale = 1.0 / np.where(size > 0, size, 1.0)
    scaled = matrix * np.outer(scale, scale)
    return np.asarray(scale * (np.linalg.pinv(scaled, rcond=1e-13, hermitian=True) @ (scale * rhs)))


def decay_by_shifts(
    problem: DiffusionProblem,
    times: Array,
    *,
    tolerance: float = 5e-5,
    single: bool = False,
) -> Decay:
    """Drug held and drug released at each time, as `lanczos.decay`, at a cost like the grid's.

    Parameters
    ----------
    problem : DiffusionProblem
        Fold it first: mirror planes make it up to eight times smaller.
    times : (n,) ndarray
        Output times, increasing [s].
    tolerance : float
        Accuracy of the time integration, as a fraction of the drug [-].
    single : bool
        Keep vectors in float32; what they say of the drug is summed in float64.

    Raises
    ------
    ConvergenceError
        If the curve has not settled after dozens of solves.
    """
    space = _settled(problem, times, tolerance, single)
    _, held, crossed = space.evaluate(times)
    scale = problem.images * space.scale
    return Decay(scale * held, scale * crossed, space.solver.products + space.count)


def modes_by_shifts(problem: DiffusionProblem, times: Array, *, tolerance: float = 1e-5) -> Modes:
    """The whole state at any time, whose drug is that of `decay_by_shifts`.

    Parameters
    ----------
    problem : DiffusionProblem
        Fold it first.
    times : (n,) ndarray
        Times of interest, increasing [s].
    tolerance : float
        Accuracy of the time integration, as a fraction of the drug [-]. Single cells are less
        accurate than their sum: about as the root of it.

    Raises
    ------
    ConvergenceError
        If the curve has not settled after dozens of solves.
    """
    space = _settled(problem, times, tolerance, single=False)
    rates, shapes = space.modes()
    k, inside = space.start.size, space.solver.levels[0].inside
    started = space.start @ space.mass[:k, : space.count] @ shapes
    _, held, crossed = space.evaluate(times)
    basis = space.vectors[: space.count, inside]
    return Modes(rates, started, shapes, basis, problem.images * held, problem.images * crossed)


def _settled(problem: DiffusionProblem, times: Array, tolerance: float, single: bool) -> _Space:
    """A space large enough for the curve."""
    check_at = _check_times(times)
    poles = _candidates(problem, check_at)
    dtype = np.float32 if single else np.float64
    space = _Space(ShiftedSolver(problem, poles[-1], dtype=dtype))
    total = float((problem.capacity * problem.initial).sum())
    used: list[float] = []
    previous, quiet = None, 0
    while True:
        rates, held, _ = space.evaluate(check_at)
        change = np.inf if previous is None else np.abs(held - previous).max() / total
        # it settles faster and faster: one small change says as much as two larger ones
        quiet = quiet + 1 + (change < tolerance / 80) if change < tolerance / 8 else 0
        if quiet >= 2:
            return space
        previous = held
        if len(used) >= _MOST_SOLVES:
            raise ConvergenceError(
                f"the release curve had not settled after {_MOST_SOLVES} implicit solves: "
                "use a wider run.spacing or a shorter run.until"
            )
        pole = _next_pole(poles, rates, used, space.evaluate(1.0 / poles)[1] / total)
        used += space.extend(pole) * [pole]


def predicted_matvecs(problem: DiffusionProblem, t_end: float) -> float:
    """Products with the operator that `lanczos.decay` will take, within a factor of two or so.

    They grow like the square root of the largest rate times the time that release takes, which a
    grid of a few hundred cells tells.

    Parameters
    ----------
    problem : DiffusionProblem
        Folded or not.
    t_end : float
        Last output [s].
    """
    per_root = _per_root(problem, _contrast(problem))
    return per_root * float(np.sqrt(_fastest(problem) * _release_time(problem, t_end)))


def why_shifts(problem: DiffusionProblem, t_end: float) -> str:
    """Say why `decay_by_shifts` is expected to be faster than `lanczos.decay`; "" where it is not.

    Parameters
    ----------
    problem : DiffusionProblem
        Folded or not.
    t_end : float
        Last output [s].
    """
    contrast = _contrast(problem)
    if contrast > _STRONG_CONTRAST:
        return f"conductances differ {contrast:.2g}-fold, more than {_STRONG_CONTRAST:.0f}-fold"
    # no release takes longer than all of the time: most problems need no coarse grid
    most = _per_root(problem, contrast) * float(np.sqrt(_fastest(problem) * t_end))
    if not most > _MANY_MATVECS:
        return ""
    predicted = predicted_matvecs(problem, t_end)
    if not predicted > _MANY_MATVECS:
        return ""
    return f"{predicted:.0f} products of Lanczos predicted, above {_MANY_MATVECS:.0f}"


def _per_root(problem: DiffusionProblem, contrast: float) -> float:
    mostly_even = _uneven_share(problem) < _MOSTLY_EVEN
    steps = _PER_ROOT if mostly_even else _PER_ROOT_UNEVEN
    return steps * (_MORE if contrast > _CONTRAST else 1.0)


def _even(initial: Array) -> bool:
    """Whether all cells start alike."""
    return bool(np.ptp(initial) <= 1e-14 * np.abs(initial).max()) if initial.size else True


def _uneven_share(problem: DiffusionProblem) -> float:
    """Drug beyond what every cell would hold alike, of all drug [-]."""
    capacity = problem.capacity[problem.capacity > 0]
    initial = problem.initial[problem.capacity > 0]
    common = np.median(initial) if initial.size else 0.0
    drug = max(float((capacity * np.abs(initial)).sum()), 1e-300)
    return float((capacity * np.abs(initial - common)).sum()) / drug


def _contrast(problem: DiffusionProblem) -> float:
    """Largest over smallest conductance along one axis."""
    ratios = [1.0]
    for face in problem.conductance:
        some = face[face > 0]
        if some.size:
            ratios.append(float(some.max() / some.min()))
    return max(ratios)


def _release_time(problem: DiffusionProblem, t_end: float) -> float:
    """When next to nothing is left, on a grid coarse enough for all its modes; `t_end` if later."""
    coarse = coarsest_problem(problem)
    if not 0 < coarse.unknowns <= FEW:
        return t_end
    times = t_end * np.geomspace(1e-6, 1.0, 121)
    held = decay_of_few(coarse, times).held
    left = (held - held[-1]) > _LEFT * coarse.mass
    return float(times[min(int(left.sum()), times.size - 1)])


def _fastest(problem: DiffusionProblem) -> float:
    """Largest rate, at most (Gershgorin) [1/s]."""
    capacity = np.where(problem.capacity > 0, problem.capacity, 1.0)
    return 2.0 * float((problem.diagonal() / capacity).max())


def _candidates(problem: DiffusionProblem, times: Array) -> Array:
    """Values of s among which poles are chosen, increasing."""
    first = 1.0 / times[-1]
    last = max(min(_LATEST_POLE / times[0], _fastest(problem)), 10.0 * first)
    return np.geomspace(first, last, _POLES)


def _next_pole(candidates: Array, rates: Array, used: list[float], left: Array) -> float:
    """Where the error of the transform of drug held is bounded worst.

    The residual's bound prod |s - s_j| / prod (s + rate_k) enters twice, once for each side. By
    the time 1/s the error is neither above what was released nor above what is still to come.

    Parameters
    ----------
    candidates : (n,) ndarray
        Increasing [1/s].
    rates : (m,) ndarray
        Of the present space [1/s].
    used : list of float
        Poles so far.
    left : (n,) ndarray
        Drug held at the times 1/s, of the drug [-].
    """
    if not used:
        return float(np.sqrt(candidates[0] * candidates[-1]))
    bound = -np.log(candidates[:, None] + rates).sum(axis=1)
    here, there = candidates[:, None], np.array(used)
    # a rough solve leaves its share of the residual behind
    bound += np.log(np.maximum(np.abs(here - there), _ACCURACY * (here + there))).sum(axis=1)
    weight = np.maximum(1.0 - left, 0.0) * np.maximum(left - left[0], 0.0)
    bound += 0.5 * np.log(np.maximum(weight, _NEGLIGIBLE))
    return float(candidates[np.argmax(bound)])


def _check_times(times: Array) -> Array:
    """A few times spread over the outputs, the earliest and the last among them."""
    positive = times[times > 0]
    picks = np.unique(np.geomspace(1, positive.size, _CHECK_TIMES).astype(int)) - 1
    return np.asarray(positive[picks])

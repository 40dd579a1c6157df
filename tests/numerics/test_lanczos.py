"""Lanczos on the functional against dense matrix exponentials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numerics.problems import dense, matrix, mirrored, random_problem
from scipy.linalg import eigh_tridiagonal

from releasesim.numerics.kernels import differing, runs_of, stiffness
from releasesim.numerics.lanczos import _check_times, _Recurrence, decay
from releasesim.numerics.lanczos_kernels import tridiagonal_modes
from releasesim.numerics.operator import DiffusionProblem

TIMES = np.concatenate([[0.0], np.geomspace(1e-4, 60.0, 25)])
TIGHT = 1e-12
BATHS = {
    "sink": {},
    "bath": {"bath": 60.0},
    "small bath": {"bath": 3.0},
    "bath that holds drug": {"bath": 25.0, "bath_initial": 0.7},
}


def errors(problem, times=TIMES, **how):
    """Largest errors of drug held and drug crossed, and gap of the ledger, of the drug."""
    found = decay(problem, times, **how)
    held, crossed = dense(problem, times)
    return [
        float(np.abs(gap).max()) / problem.mass
        for gap in (
            found.held - held,
            found.crossed - crossed,
            problem.mass - found.held - found.crossed,
        )
    ]


@pytest.mark.parametrize("bath", BATHS)
@pytest.mark.parametrize("uniform", [True, False])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_matches_the_dense_exponential(bath, uniform, seed):
    """To 1e-9 when asked for; to the stated tolerance as it comes; the ledger to rounding."""
    problem = random_problem(seed, uniform=uniform, **BATHS[bath])
    held, crossed, ledger = errors(problem, tolerance=TIGHT)
    assert max(held, crossed) < 1e-9
    assert ledger < 1e-10
    held, crossed, ledger = errors(problem)
    assert max(held, crossed) < 5e-5
    assert ledger < 1e-10


@pytest.mark.parametrize("bath", BATHS)
def test_float32_is_right_to_1e_5(bath):
    problem = random_problem(4, (6, 7, 6), **BATHS[bath])
    assert max(errors(problem, tolerance=1e-7, single=True)[:2]) < 1e-5


@pytest.mark.parametrize("bath", BATHS)
def test_folded_problem_gives_the_same_curve(bath):
    whole = mirrored(mirrored(random_problem(6, (5, 5, 5), **BATHS[bath]), 0), 2)
    folded = whole.fold()
    assert folded.images == 4
    a, b = decay(whole, TIMES, tolerance=TIGHT), decay(folded, TIMES, tolerance=TIGHT)
    np.testing.assert_allclose(b.held, a.held, atol=1e-9 * whole.mass)
    np.testing.assert_allclose(b.crossed, a.crossed, atol=1e-9 * whole.mass)


def test_equilibrium_with_a_closed_bath():
    """In the end u is the same everywhere: drug over all capacities."""
    problem = random_problem(1, bath=20.0, bath_initial=0.4)
    # an islet of cells without any way out keeps its own drug
    problem = replace(problem, outlet=np.where(problem.capacity > 0, 1.0, 0.0))
    found = decay(problem, np.array([0.0, 1e5]), tolerance=TIGHT)
    everything = problem.mass + 20.0 * 0.4
    capacity = problem.capacity.sum()
    assert found.held[-1] == pytest.approx(everything * capacity / (capacity + 20.0), rel=1e-9)


def test_without_outlets_nothing_leaves():
    problem = replace(random_problem(2), outlet=np.zeros((7, 6, 5)))
    found = decay(problem, TIMES)
    np.testing.assert_allclose(found.held, problem.mass, rtol=1e-12)
    np.testing.assert_allclose(found.crossed, 0.0, atol=1e-12 * problem.mass)


def test_single_cell():
    """exp(-g t/C)."""
    shape = (3, 3, 3)
    fields = [np.zeros(shape) for _ in range(3)]
    for field, value in zip(fields, (2.0, 0.5, 1.5), strict=True):
        field[1, 1, 1] = value
    capacity, outlet, initial = fields
    problem = replace(
        random_problem(0, shape),
        capacity=capacity,
        conductance=(np.zeros(shape),) * 3,
        outlet=outlet,
        initial=initial,
    )
    found = decay(problem, TIMES)
    np.testing.assert_allclose(found.held, 3.0 * np.exp(-TIMES / 4.0), rtol=1e-12)


@pytest.mark.parametrize("until", [1.0, 30.0, 1e4])
def test_four_decades_of_coefficients(until):
    """Stiff cells at a thin film beside slow ones: the curve to 1e-6, the ledger closed."""
    problem = random_problem(10)
    draw = np.random.default_rng(11)
    stiff = tuple(face * 10.0 ** draw.uniform(-4, 0, face.shape) for face in problem.conductance)
    problem = replace(problem, conductance=stiff, outlet=50.0 * problem.outlet)
    held, crossed, ledger = errors(problem, np.geomspace(1e-4, until, 20), tolerance=1e-8)
    assert max(held, crossed) < 1e-6
    assert ledger < 1e-10


def test_everything_released_long_before_the_end_is_no_reason_to_give_up():
    problem = random_problem(1)
    times = np.geomspace(1e-4, 1e9, 20)
    assert decay(problem, times).held[-1] == pytest.approx(0.0, abs=1e-9 * problem.mass)


@pytest.mark.parametrize("seed", [1, 2])
def test_drug_in_one_cell_only(seed):
    """Far from uniform: the start has little in common with what counts drug."""
    problem = random_problem(seed)
    initial = np.zeros(problem.initial.shape)
    initial[tuple(np.argwhere(problem.capacity > 0)[17])] = 5.0
    held, crossed, ledger = errors(replace(problem, initial=initial), tolerance=1e-10)
    assert max(held, crossed) < 1e-7
    assert ledger < 1e-10


def test_crossed_never_shrinks_in_a_sink_and_starts_at_nothing():
    found = decay(random_problem(11), TIMES)
    assert found.crossed[0] == 0.0
    assert (np.diff(found.crossed) > -1e-12 * found.held[0]).all()


# --- cells joined alike ---------------------------------------------------------------------------


def evened(problem, values=(0.3, 0.7, 0.2)):
    """The problem with one conductance along each axis."""
    faces = [np.where(f > 0, g, 0.0) for f, g in zip(problem.conductance, values, strict=True)]
    return replace(problem, conductance=tuple(faces))


@pytest.mark.parametrize("bath", BATHS)
@pytest.mark.parametrize("single", [True, False])
def test_one_conductance_along_each_axis(bath, single):
    """The shorter kernel against the dense exponential; holes among the cells."""
    problem = evened(random_problem(5, (8, 7, 9), **BATHS[bath]))
    assert _Recurrence(problem, np.dtype(float)).even.size == 3
    held, crossed, ledger = errors(problem, tolerance=1e-7 if single else TIGHT, single=single)
    assert max(held, crossed) < (1e-5 if single else 1e-9)
    assert single or ledger < 1e-10


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_face_that_differs_is_noticed(axis):
    problem = evened(random_problem(5))
    faces = [face.copy() for face in problem.conductance]
    faces[axis][tuple(np.argwhere(faces[axis] > 0)[-1])] *= 0.9
    problem = replace(problem, conductance=tuple(faces))
    assert _Recurrence(problem, np.dtype(float)).even.size == 0
    assert max(errors(problem, tolerance=TIGHT)) < 1e-9


@pytest.mark.parametrize("uniform", [True, False])
@pytest.mark.parametrize("shape", [(1, 1, 400), (24, 22, 1)])
def test_film_and_plane_grids(shape, uniform):
    """Grids without padding along an axis."""
    draw = np.random.default_rng(3)
    inside = np.zeros(shape, dtype=bool)
    inside[tuple(slice(1, -1) if n > 1 else slice(None) for n in shape)] = True
    faces = []
    for axis in range(3):
        both = inside & np.roll(inside, -1, axis) if shape[axis] > 1 else np.zeros(shape, bool)
        faces.append(np.where(both, 1.0 if uniform else draw.uniform(0.5, 2.0, shape), 0.0))
    x, y, z = faces
    outlet = inside * (draw.random(shape) < 0.1) * 3.0
    capacity = inside * draw.uniform(0.5, 2.0, shape)
    problem = DiffusionProblem(capacity, (x, y, z), outlet, inside * 1.0)
    held, crossed, ledger = errors(problem, tolerance=TIGHT)
    assert max(held, crossed) < 1e-9
    assert ledger < 1e-10


# --- what the stop rests on -----------------------------------------------------------------------


@pytest.mark.parametrize("bath", ["sink", "bath", "small bath"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_bound_on_the_error_of_even_drug(bath, seed):
    """Gauss below, Gauss-Radau above: the true curve lies between them after any step."""
    problem = random_problem(seed, uniform=True, **BATHS[bath])
    at = _check_times(TIMES)
    true = dense(problem, at)[0]
    run = _Recurrence(problem, np.dtype(float))
    for _ in range(6):
        run.advance(3)
        held, uneven, bound = run.look(at)
        error = true - held
        assert error.min() > -1e-12 * problem.mass
        assert error.max() < bound + 1e-12 * problem.mass
        assert np.abs(uneven).max() < 1e-12 * problem.mass


@pytest.mark.parametrize("tolerance", [2e-3, 5e-5, 1e-8])
@pytest.mark.parametrize("seed", range(4))
def test_error_is_below_what_was_asked_for(tolerance, seed):
    """Larger problems with coefficients over three decades, against the recurrence run on."""
    problem = random_problem(seed, (14, 13, 12), uniform=seed % 2 == 0)
    draw = np.random.default_rng(seed)
    faces = tuple(face * 10.0 ** draw.uniform(-3, 0, face.shape) for face in problem.conductance)
    problem = replace(problem, conductance=faces, outlet=30.0 * problem.outlet)
    times = np.geomspace(1e-3, 100.0, 40)
    run = _Recurrence(problem, np.dtype(float))
    run.advance(500)
    gap = np.abs(decay(problem, times, tolerance=tolerance).held - run.curve(times)[0])
    assert gap.max() < tolerance * problem.mass


# --- pieces ---------------------------------------------------------------------------------------


def test_eigenvalues_and_rows_are_those_of_lapack():
    draw = np.random.default_rng(2)
    diagonal, off, rows = draw.uniform(0, 2, 40), draw.uniform(0, 1, 40), draw.normal(size=(40, 3))
    values, vectors = eigh_tridiagonal(diagonal, off[:-1])
    found, turned = diagonal.copy(), rows.copy()
    assert tridiagonal_modes(found, off.copy(), turned)
    order = np.argsort(found)
    np.testing.assert_allclose(found[order], values, atol=1e-13)
    # eigenvectors have no sign: compare what does not depend on it
    np.testing.assert_allclose(
        turned[order][:, :1] * turned[order],
        (rows.T @ vectors)[0][:, None] * (vectors.T @ rows),
        atol=1e-12,
    )


def test_stiffness_is_the_diagonal_of_the_dense_matrix():
    problem = random_problem(4, bath=12.0)
    inside = problem.capacity > 0
    diagonal, inverse = np.zeros(inside.shape), np.zeros(inside.shape)
    stiffness(problem.capacity, *problem.conductance, problem.outlet, diagonal, inverse)
    np.testing.assert_allclose(diagonal[inside], np.diag(matrix(problem))[:-1], rtol=1e-13)
    np.testing.assert_allclose(diagonal, problem.diagonal() * inside, rtol=1e-13)
    np.testing.assert_allclose(inverse[inside] * problem.capacity[inside], 1.0, rtol=1e-15)


def test_runs_cover_every_cell_once():
    cells = (np.random.default_rng(1).random(3000) < 0.05).astype(float)
    begins, ends = runs_of(cells, 8, 100)
    assert (begins[1:] >= ends[:-1]).all()
    assert (ends - begins).max() <= 100
    covered = np.zeros(3000)
    for begin, end in zip(begins, ends, strict=True):
        covered[begin:end] = 1.0
        assert cells[begin] == cells[end - 1] == 1.0
    assert covered[cells > 0].all()


def test_cells_that_differ():
    values = np.array([2.0, 2.0 + 1e-15, 3.0, 0.0, 5.0])
    capacity = np.array([1.0, 1.0, 1.0, 1.0, 0.0])
    np.testing.assert_array_equal(differing(capacity, values, 2.0), [2, 3])

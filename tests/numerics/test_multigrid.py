"""The multigrid solver against scipy's direct solver."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numerics.infilled import infilled
from numerics.problems import random_problem
from scipy import sparse
from scipy.sparse.linalg import spsolve

from releasesim.errors import ConvergenceError
from releasesim.numerics.multigrid import ShiftedSolver


def system(problem, shift):
    """The sparse matrix of shift C + A, bath last, and where its unknowns are in a vector."""
    here = np.flatnonzero(problem.capacity)
    number = np.full(problem.capacity.size, -1)
    number[here] = np.arange(here.size)
    _, ny, nz = problem.capacity.shape
    diagonal = shift * problem.capacity.ravel()[here] + problem.diagonal().ravel()[here]
    matrix = sparse.diags(diagonal).tocsr()
    for face, stride in zip(problem.conductance, (ny * nz, nz, 1), strict=True):
        cell = np.flatnonzero(face)
        place = (number[cell], number[cell + stride])
        half = sparse.coo_matrix((-face.ravel()[cell], place), matrix.shape)
        matrix = matrix + half + half.T
    if np.isfinite(problem.bath):
        out = problem.outlet.ravel()[here]
        bath = np.array([[shift * problem.bath + out.sum()]])
        matrix = sparse.bmat([[matrix, -out[:, None]], [-out[None, :], bath]])
        here = np.append(here, problem.capacity.size)
    return matrix.tocsc(), here


def contrasting(seed, shape, decades=4.0, **bath):
    """Random cells with holes; conductances of neighbouring cells over four decades."""
    problem = random_problem(seed, shape, **bath)
    draw = np.random.default_rng(seed + 100)
    D = 10.0 ** draw.uniform(-decades, 0.0, shape)
    faces = []
    for axis, face in enumerate(problem.conductance):
        beyond = np.roll(D, -1, axis)
        faces.append(np.where(face > 0, 2.0 * D * beyond / (D + beyond), 0.0))
    return replace(problem, conductance=tuple(faces), outlet=problem.outlet * D)


def film(n, seed=0):
    """A row of cells, with no padding across it, coefficients over two decades."""
    draw = np.random.default_rng(seed)
    inside = np.zeros((1, 1, n), dtype=bool)
    inside[0, 0, 1:-1] = True
    none = np.zeros((1, 1, n))
    face = np.where(inside & np.roll(inside, -1, 2), 10.0 ** draw.uniform(-2, 0, (1, 1, n)), 0.0)
    outlet = none.copy()
    outlet[0, 0, [1, -2]] = 3.0
    capacity = np.where(inside, 1.0, 0.0)
    return replace(
        random_problem(0),
        capacity=capacity,
        conductance=(none, none, face),
        outlet=outlet,
        initial=capacity,
    )


PROBLEMS = {
    "contrast 1e4": lambda: contrasting(1, (14, 12, 16)),
    "contrast 1e4, bath": lambda: contrasting(2, (12, 15, 9), bath=300.0),
    "small bath": lambda: contrasting(3, (12, 12, 12), bath=2.0),
    "film": lambda: film(400),
    "film in a bath": lambda: replace(film(300, 1), bath=50.0),
    "plane": lambda: contrasting(4, (40, 33, 3)),
    "plane in a bath": lambda: contrasting(5, (3, 40, 33), bath=100.0),
    "few cells": lambda: contrasting(6, (5, 5, 5)),
    "infilled": lambda: infilled(2e-4),
    "infilled, bath": lambda: infilled(2e-4, bath=1e-5),
}


@pytest.mark.parametrize("part", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("name", PROBLEMS)
def test_matches_the_direct_solver(name, part):
    """To 1e-7 of the largest in double precision, to 1e-3 in single; in few iterations."""
    problem = PROBLEMS[name]()
    inside = problem.capacity > 0
    shift = part * float(
        np.median((problem.diagonal() / np.where(inside, problem.capacity, 1))[inside])
    )
    matrix, here = system(problem, shift)
    rhs = np.zeros(problem.capacity.size + np.isfinite(problem.bath))
    rhs[here] = np.random.default_rng(7).standard_normal(here.size) * shift * problem.capacity.max()
    exact = spsolve(matrix, rhs[here])
    for dtype, tolerance, accuracy in ((np.float64, 1e-10, 1e-7), (np.float32, 1e-4, 1e-3)):
        solver = ShiftedSolver(problem, shift, dtype=dtype)
        found, iterations = solver.solve(rhs, tolerance)
        assert found.dtype == dtype
        assert np.abs(found[here] - exact).max() < accuracy * np.abs(exact).max()
        assert iterations <= 60


@pytest.mark.parametrize("bath", [np.inf, 1e-5])
@pytest.mark.parametrize("step", [100.0, 3000.0])
def test_iterations_hardly_depend_on_the_grid(step, bath):
    """Infilled tablet, contrast 70, implicit steps [s]; 16 times the cells at most 1.6 times."""
    counts = []
    for spacing in (4e-4, 2e-4, 1e-4):
        problem = infilled(spacing, bath=bath)
        rhs = problem.capacity.ravel()
        rhs = np.append(rhs, 0.0) if np.isfinite(bath) else rhs
        _, iterations = ShiftedSolver(problem, 1.0 / step).solve(rhs, 1e-6)
        counts.append(iterations)
    assert max(counts) <= 14
    assert counts[2] <= 1.6 * counts[1]


def test_cycle_is_symmetric_and_positive():
    """Or conjugate gradients would not be entitled to it."""
    problem = contrasting(8, (9, 8, 10))
    solver = ShiftedSolver(problem, 0.01)
    fine = solver.levels[0]
    assert len(solver.levels) > 1
    cells = np.flatnonzero(problem.capacity) + fine.margin
    columns = []
    for cell in cells:
        unit = fine.vector()
        unit[cell] = 1.0
        columns.append(solver._cycle(0, unit)[cells].copy())
    matrix = np.array(columns)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)
    assert np.linalg.eigvalsh(matrix).min() > 0.0


@pytest.mark.parametrize("bath", [np.inf, 40.0])
def test_a_guess_saves_iterations_and_changes_nothing(bath):
    problem = contrasting(9, (12, 12, 12), bath=bath)
    rhs = problem.capacity.ravel()
    rhs = np.append(rhs, 1.0) if np.isfinite(bath) else rhs
    solver = ShiftedSolver(problem, 0.1)
    cold, many = solver.solve(rhs, 1e-10)
    warm, few = solver.solve(rhs, 1e-10, guess=cold * (1.0 + 1e-5))
    assert few < many
    np.testing.assert_allclose(warm, cold, atol=1e-8 * np.abs(cold).max())
    assert solver.solve(rhs, 1e-6, guess=cold)[1] == 0


def test_new_shift_and_new_coefficients():
    """As a solver made afresh."""
    first, second = contrasting(1, (10, 10, 10), bath=9.0), contrasting(2, (10, 10, 10), bath=9.0)
    rhs = np.append(first.capacity.ravel() * second.capacity.ravel(), 0.0)
    solver = ShiftedSolver(first, 1.0)
    solver.set_shift(0.02)
    a, _ = solver.solve(rhs, 1e-11)
    b, _ = ShiftedSolver(first, 0.02).solve(rhs, 1e-11)
    np.testing.assert_allclose(a, b, atol=1e-9 * np.abs(b).max())
    solver.update(second, 0.3)
    a, _ = solver.solve(rhs, 1e-11)
    b, _ = ShiftedSolver(second, 0.3).solve(rhs, 1e-11)
    np.testing.assert_allclose(a, b, atol=1e-9 * np.abs(b).max())


def test_zero_in_zero_out():
    solver = ShiftedSolver(random_problem(1), 0.5)
    found, iterations = solver.solve(np.zeros(7 * 6 * 5), 1e-8)
    assert iterations == 0
    assert not found.any()


def test_what_cannot_be_solved_says_what_to_change():
    """More digits than float32 has; and a shift that makes no sense."""
    solver = ShiftedSolver(contrasting(1, (12, 12, 12)), 1e-4, dtype=np.float32)
    with pytest.raises(ConvergenceError, match="ask for less accuracy"):
        solver.solve(solver.problem.capacity.ravel(), 1e-30)
    rhs = np.full(12**3, np.nan)
    with pytest.raises(ConvergenceError):
        solver.solve(rhs, 1e-3)
    with pytest.raises(ValueError, match="negative"):
        solver.set_shift(-1.0)

"""The assembled operator against a dense matrix, and the search for mirror planes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numerics.problems import dense, matrix, mirrored, random_problem

from releasesim.numerics.operator import DiffusionProblem

TIMES = np.array([0.0, 0.05, 0.3, 1.0, 4.0])


def test_diagonal_is_that_of_the_dense_matrix():
    problem = random_problem(1)
    inside = problem.capacity > 0
    np.testing.assert_allclose(problem.diagonal()[inside], np.diag(matrix(problem)), rtol=1e-13)


@pytest.mark.parametrize("axes", [(0,), (1,), (2,), (0, 1), (1, 2), (0, 1, 2)])
@pytest.mark.parametrize("bath", [np.inf, 40.0])
def test_folding_finds_every_mirror_plane_and_changes_nothing(axes, bath):
    problem = random_problem(3, (5, 4, 5), bath=bath, bath_initial=0.0 if np.isinf(bath) else 0.3)
    for axis in axes:
        problem = mirrored(problem, axis)
    folded = problem.fold()
    assert folded.images == 2 ** len(axes)
    assert folded.unknowns * folded.images == problem.unknowns
    assert folded.mass == pytest.approx(problem.mass, rel=1e-13)
    for whole, part in zip(dense(problem, TIMES), dense(folded, TIMES), strict=True):
        np.testing.assert_allclose(part, whole, rtol=1e-10, atol=1e-12)


FIELDS = ("capacity", "outlet", "initial", "x", "y", "z")


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_one_entry_that_differs_by_a_millionth_is_not_a_mirror_plane(name, axis):
    problem = mirrored(random_problem(5, (5, 5, 5)), axis)
    assert problem.fold().images == 2
    assert spoilt(problem, name, 1e-6).fold().images == 1


def spoilt(problem: DiffusionProblem, name: str, share: float) -> DiffusionProblem:
    """The problem with one positive entry of a field changed by a share of the field's largest."""
    face = "xyz".find(name)
    field = problem.conductance[face] if face >= 0 else getattr(problem, name)
    field = field.copy()
    entry = tuple(np.argwhere(field > 0)[0])  # not on the middle plane, where it is its own image
    field[entry] += share * field.max()
    if face < 0:
        return replace(problem, **{name: field})
    faces = list(problem.conductance)
    faces[face] = field
    return replace(problem, conductance=tuple(faces))


def test_a_small_entry_may_not_hide_behind_a_large_one():
    """A weak link on one side only: 1e-6 of the largest, but it is all there is."""
    problem = mirrored(random_problem(5, (5, 5, 5)), 0)
    strong = problem.outlet * 0.0
    strong[2, 2, 2] = strong[-3, 2, 2] = 1.0
    weak = strong.copy()
    weak[1, 1, 1] = 1e-6
    assert replace(problem, outlet=strong).fold().images == 2
    assert replace(problem, outlet=weak).fold().images == 1


def test_rounding_does_not_hide_a_mirror_plane():
    problem = mirrored(random_problem(5, (5, 5, 5)), 1)
    assert spoilt(problem, "capacity", 1e-13).fold().images == 2


def test_a_plane_through_the_middle_of_cells_is_left_alone():
    """An odd number of cells is mirrored at a cell, which cannot be halved."""
    problem = random_problem(2, (5, 7, 6), uniform=True)
    symmetric = replace(
        problem,
        capacity=problem.capacity + np.flip(problem.capacity, 0),
    )
    assert symmetric.fold().images == 1

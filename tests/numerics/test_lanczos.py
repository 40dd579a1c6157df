"""Lanczos on the functional against dense matrix exponentials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numerics.problems import dense, mirrored, random_problem

from releasesim.numerics.lanczos import decay

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

"""Derivatives of drug held by every coefficient, against differences of dense exponentials."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numerics.problems import dense, mirrored, random_problem

from releasesim.errors import ConvergenceError
from releasesim.numerics import bases, sensitivity
from releasesim.numerics.sensitivity import Course, divided_differences

TIMES = np.concatenate([[0.0], np.geomspace(1e-2, 20.0, 12)])
WEIGHTS = np.random.default_rng(0).normal(size=TIMES.size)
BATHS = {
    "sink": {},
    "bath": {"bath": 60.0},
    "small bath": {"bath": 3.0},
    "bath that holds drug": {"bath": 25.0, "bath_initial": 0.7},
}
WAYS = {"all modes": 300, "Lanczos": 0}


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Both ways to expand the fields, whatever the size of the problem."""
    monkeypatch.setattr(sensitivity, "FEW", WAYS[request.param])
    return request.param


def altered(problem, what, share, seed=5):
    """The problem with one kind of coefficient changed by a share of a random pattern."""
    draw = np.random.default_rng(seed)
    if what in ("bath", "bath_initial"):
        return replace(problem, **{what: getattr(problem, what) + share})
    if what == "conductance":
        faces = (
            face * (1.0 + share * draw.normal(size=face.shape)) for face in problem.conductance
        )
        return replace(problem, conductance=tuple(faces))
    old = getattr(problem, what)
    return replace(problem, **{what: old * (1.0 + share * draw.normal(size=old.shape))})


def difference(problem, what, step=2e-4):
    """Derivative by the share, by differences of fourth order, and the goal's own size."""

    def central(h):
        ends = [WEIGHTS @ dense(altered(problem, what, s), TIMES)[0] for s in (-h, h)]
        return (ends[1] - ends[0]) / (2.0 * h)

    return (4.0 * central(step) - central(2.0 * step)) / 3.0


@pytest.mark.parametrize("bath", BATHS)
@pytest.mark.parametrize("uniform", [True, False])
@pytest.mark.parametrize("seed", [1, 2])
def test_matches_differences_of_the_dense_exponential(way, bath, uniform, seed):
    problem = random_problem(seed, (6, 6, 5), uniform=uniform, **BATHS[bath])
    course = Course(problem, TIMES, tolerance=1e-9)
    found = course.sensitivity(WEIGHTS)
    kinds = ["capacity", "conductance", "outlet", "initial"]
    for what in kinds + (["bath", "bath_initial"] if "bath" in BATHS[bath] else []):
        wanted = difference(problem, what)
        got = found.change(problem, altered(problem, what, 1.0))
        assert got == pytest.approx(wanted, rel=1e-6, abs=1e-8 * problem.mass), what
    np.testing.assert_allclose(course.held, dense(problem, TIMES)[0], atol=1e-9 * problem.mass)


@pytest.mark.parametrize("bath", BATHS)
def test_slope_is_the_derivative_by_time(way, bath):
    problem = random_problem(3, (6, 6, 5), **BATHS[bath])
    times, step = TIMES[1:], 1e-5
    ahead, behind = (dense(problem, times * (1.0 + s))[0] for s in (step, -step))
    slope = (ahead - behind) / (2.0 * step * times)
    found = Course(problem, times, tolerance=1e-9).slope
    np.testing.assert_allclose(found * times, slope * times, atol=1e-7 * problem.mass)


def test_as_it_comes_it_is_right_to_1e_4(monkeypatch):
    """On random patterns; sums over whole bodies come out far closer."""
    monkeypatch.setattr(sensitivity, "FEW", 0)
    problem = random_problem(2, (12, 11, 10))
    tight = Course(problem, TIMES, tolerance=1e-11).sensitivity(WEIGHTS)
    usual = Course(problem, TIMES).sensitivity(WEIGHTS)
    for what in ("capacity", "conductance", "outlet", "initial"):
        after = altered(problem, what, 1.0)
        expected = pytest.approx(tight.change(problem, after), rel=1e-4)
        assert usual.change(problem, after) == expected, what


def test_scaling_all_conductances_is_a_change_of_clock(way):
    problem = random_problem(4, (6, 6, 5), bath=20.0)
    course = Course(problem, TIMES, tolerance=1e-9)
    doubled = replace(
        problem,
        conductance=tuple(2.0 * face for face in problem.conductance),
        outlet=2.0 * problem.outlet,
    )
    found = course.sensitivity(WEIGHTS).change(problem, doubled)
    assert found == pytest.approx(WEIGHTS @ (TIMES * course.slope), rel=1e-7)


def test_folded_problem_has_the_same_derivatives(way):
    whole = mirrored(random_problem(6, (5, 5, 5), bath=30.0), 0)
    folded = whole.fold()
    assert folded.images == 2
    wide, half = (Course(p, TIMES, tolerance=1e-10).sensitivity(WEIGHTS) for p in (whole, folded))
    for share in ("outlet", "capacity", "initial"):
        doubled = [replace(p, **{share: 2.0 * getattr(p, share)}) for p in (whole, folded)]
        assert half.change(folded, doubled[1]) == pytest.approx(
            wide.change(whole, doubled[0]), rel=1e-8
        )
    assert half.bath == pytest.approx(2.0 * wide.bath, rel=1e-8)


def test_second_pass_gives_what_kept_vectors_give(monkeypatch):
    monkeypatch.setattr(sensitivity, "FEW", 0)
    problem = random_problem(7, (8, 7, 6))
    kept = Course(problem, TIMES)
    first = kept.sensitivity(WEIGHTS)
    again = Course(problem, TIMES, memory=0.0)
    second = again.sensitivity(WEIGHTS)
    np.testing.assert_allclose(second.outlet, first.outlet, rtol=1e-10, atol=1e-14)
    assert again.matvecs == 2 * kept.matvecs
    kept.forget()
    np.testing.assert_allclose(kept.sensitivity(WEIGHTS).outlet, first.outlet, rtol=1e-10)


def test_one_run_serves_where_the_drug_is_uniform(monkeypatch):
    monkeypatch.setattr(sensitivity, "FEW", 0)
    even, uneven = (random_problem(1, uniform=u, bath=40.0) for u in (True, False))
    once, twice = Course(even, TIMES), Course(uneven, TIMES)
    for course in (once, twice):
        course.sensitivity(WEIGHTS)
    assert once.matvecs < 0.7 * twice.matvecs


def test_one_dimension(way):
    problem = random_problem(1, (3, 3, 40))
    line = replace(
        problem,
        capacity=problem.capacity[1:2, 1:2],
        conductance=tuple(
            face[1:2, 1:2] * (axis == 2) for axis, face in enumerate(problem.conductance)
        ),
        outlet=problem.outlet[1:2, 1:2],
        initial=problem.initial[1:2, 1:2],
    )
    found = Course(line, TIMES, tolerance=1e-10).sensitivity(WEIGHTS)
    for what in ("capacity", "conductance", "outlet"):
        got = found.change(line, altered(line, what, 1.0))
        assert got == pytest.approx(difference(line, what), rel=1e-6), what


def test_divided_differences_near_and_far():
    """Against quadruple steps: t e^(-mt) sinh(x)/x, summed; equal rates, close ones, and 0."""
    rates = np.array([0.0, 1e-9, 0.3, 0.3 + 1e-7, 0.30001, 0.301, 5.0, 4e3])
    found = divided_differences(rates, rates, TIMES, np.ones(TIMES.size))
    a, b = np.meshgrid(rates, rates, indexing="ij")
    middle, half = 0.5 * (a + b), 0.5 * np.abs(a - b)
    wanted = np.zeros(a.shape)
    for t in TIMES:
        x = half * t
        sinhc = np.where(
            x > 1e-3, np.sinh(np.minimum(x, 300.0)) / np.maximum(x, 1e-3), 1 + x**2 / 6
        )
        # beyond that one exponential is nothing
        far = (np.exp(-t * np.minimum(a, b)) - np.exp(-t * np.maximum(a, b))) / np.maximum(
            2.0 * half, 1e-3
        )
        wanted += np.where(x > 1.0, far, t * np.exp(-t * middle) * sinhc)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_gives_up_with_what_to_change(monkeypatch):
    monkeypatch.setattr(sensitivity, "FEW", 0)
    monkeypatch.setattr(bases, "_MOST_STEPS", 5)
    with pytest.raises(ConvergenceError, match="wider"):
        Course(random_problem(1), TIMES).sensitivity(WEIGHTS)

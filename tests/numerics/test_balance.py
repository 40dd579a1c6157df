"""Implicit balances against dense matrices, on lines, planes and blocks, with cells held."""

import numpy as np
import pytest

from releasesim.numerics.balance import WIDEST, Balance, NotDefiniteError, bandwidth


def faces_of(shape, rng):
    n, found = int(np.prod(shape)), []
    for axis in range(3):
        if shape[axis] > 1:
            face = rng.uniform(0.1, 2.0, shape)
            np.moveaxis(face, axis, 0)[-1] = 0.0
            found.append((int(np.prod(shape[axis + 1 :])), face.reshape(n)))
    return found


def dense(capacity, faces, outlet, span):
    matrix = np.diag(capacity + span * outlet)
    for stride, face in faces:
        for i in np.flatnonzero(face):
            j, g = i + stride, span * face[i]
            matrix[i, i] += g
            matrix[j, j] += g
            matrix[i, j] -= g
            matrix[j, i] -= g
    return matrix


@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((1, 1, 40), "line"),
        ((30, 1, 1), "line"),
        ((9, 1, 5), "plane"),
        ((4, 1, 11), "plane"),
        ((6, 5, 4), "plane"),
        ((12, 12, 11), "block"),
    ],
)
def test_solution_and_flow(shape, kind):
    rng = np.random.default_rng(3)
    n = int(np.prod(shape))
    faces, outlet = faces_of(shape, rng), rng.uniform(0.0, 0.5, n)
    capacity, b = rng.uniform(0.5, 2.0, n), rng.normal(size=n)
    held = rng.random(n) < 0.15
    balance = Balance(shape, np.where(held, np.inf, capacity), faces, outlet, 3.0)
    assert balance.kind == kind
    v = balance.solve(b)
    assert (v[held] == 0.0).all()
    matrix = dense(capacity, faces, outlet, 3.0)
    free = ~held
    exact = np.linalg.solve(matrix[np.ix_(free, free)], b[free])
    assert v[free] == pytest.approx(exact, abs=1e-7 if kind == "block" else 1e-12)
    # what leaves all cells leaves by the outlets
    assert balance.flow(v).sum() == pytest.approx(3.0 * (outlet * v).sum(), rel=1e-10)
    assert balance.flow(v) + capacity * v == pytest.approx(matrix @ v, abs=1e-12)


def test_widest_band():
    assert bandwidth((1, 1, 300)) == 1
    assert bandwidth((50, 1, 300)) == 50
    assert bandwidth((12, 12, 11)) == 132 > WIDEST


@pytest.mark.parametrize("shape", [(1, 1, 5), (5, 1, 3)])
def test_cells_that_gain_without_end_are_refused(shape):
    n = int(np.prod(shape))
    faces = faces_of(shape, np.random.default_rng(1))
    with pytest.raises(NotDefiniteError):
        Balance(shape, np.full(n, -50.0), faces, np.zeros(n), 1.0)

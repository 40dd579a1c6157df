"""Small random diffusion problems, and their dense solution by `scipy.linalg.expm`."""

from __future__ import annotations

import numpy as np
from scipy.linalg import expm

from releasesim.numerics.operator import DiffusionProblem


def random_problem(seed, shape=(7, 6, 5), *, bath=np.inf, bath_initial=0.0, uniform=False):
    """Cells with holes among them; every coefficient drawn over a decade, the rim empty."""
    draw = np.random.default_rng(seed)
    solid = np.zeros(shape, dtype=bool)
    solid[1:-1, 1:-1, 1:-1] = draw.random([n - 2 for n in shape]) < 0.85
    capacity = np.where(solid, draw.uniform(0.5, 3.0, shape), 0.0)
    faces = []
    for axis in range(3):
        face = 10.0 ** draw.uniform(-1.0, 0.0, shape)
        both = solid & np.roll(solid, -1, axis)
        faces.append(np.where(both, face, 0.0))
    outlet = np.where(solid & (draw.random(shape) < 0.4), draw.uniform(0.1, 2.0, shape), 0.0)
    initial = np.where(solid, 1.0 if uniform else draw.uniform(0.2, 2.0, shape), 0.0)
    return DiffusionProblem(capacity, tuple(faces), outlet, initial, bath, bath_initial)


def matrix(problem):
    """Dense A of the cells that carry an unknown, and of the bath where it is finite."""
    index = -np.ones(problem.capacity.shape, dtype=int)
    where = np.argwhere(problem.capacity > 0)
    index[tuple(where.T)] = np.arange(len(where))
    closed = np.isfinite(problem.bath)
    A = np.zeros((len(where) + closed, len(where) + closed))

    def couple(p, q, g):
        A[p, p] += g
        if q is not None:
            A[q, q] += g
            A[p, q] -= g
            A[q, p] -= g

    for cell in where:
        p = index[tuple(cell)]
        for axis in range(3):
            g = problem.conductance[axis][tuple(cell)]
            if g > 0:
                couple(p, index[tuple(cell + np.eye(3, dtype=int)[axis])], g)
        couple(p, len(where) if closed else None, problem.outlet[tuple(cell)])
    return A


def dense(problem, times):
    """Drug held and drug crossed at each time, all images."""
    A = matrix(problem)
    inside = problem.capacity > 0
    C, u0 = problem.capacity[inside], problem.initial[inside]
    g = problem.outlet[inside]
    n = C.size
    if np.isfinite(problem.bath):
        C = np.append(C, problem.bath)
        u0 = np.append(u0, problem.bath_initial)
        g = np.append(g, -g.sum())
    # one more unknown adds up what crosses the surface
    B = np.zeros((C.size + 1, C.size + 1))
    B[:-1, :-1] = -A / C[:, None]
    B[-1, :-1] = g
    states = np.array([expm(t * B) @ np.append(u0, 0.0) for t in times])
    return problem.images * states[:, :n] @ C[:n], problem.images * states[:, -1]


def mirrored(problem, axis):
    """The problem joined to its own mirror image along an axis, from its last solid plane on."""

    def double(a):
        half = np.take(a, range(a.shape[axis] - 1), axis)
        return np.concatenate([half, np.flip(half, axis)], axis)

    n = 2 * (problem.capacity.shape[axis] - 1)
    faces = []
    for a, face in enumerate(problem.conductance):
        if a != axis:
            faces.append(double(face))
            continue
        # faces between planes 0..h-1, the one in the middle, and the same backwards
        half = np.take(face, range(face.shape[axis] - 2), axis)
        middle = np.take(face, [face.shape[axis] - 2], axis) * 0.0
        last = np.take(problem.capacity, [face.shape[axis] - 2], axis)
        middle = np.where(last > 0, 0.7, middle)
        rim = np.zeros_like(middle)
        faces.append(np.concatenate([half, middle, np.flip(half, axis), rim], axis))
        assert faces[-1].shape[axis] == n
    return DiffusionProblem(
        double(problem.capacity),
        tuple(faces),
        double(problem.outlet),
        double(problem.initial),
        problem.bath,
        problem.bath_initial,
    )

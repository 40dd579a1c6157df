"""A body in a bath that is sampled or changed, and laws that switch: linear, piecewise in time.

Slab, long cylinder or sphere and its bath are one linear system, expanded in even Legendre
polynomials of r (Galerkin) and solved exactly in time by its eigenvectors. At each event the state,
body and bath together, is projected on the new system. No time step, no grid: 1e-7 once the
boundary layer is thicker than R/DEGREE^2, a few thousandths of R after the start and each event.

Sources: J. Crank, The Mathematics of Diffusion (1975), 4.3.5 (the limited bath); D. Gottlieb, S. A.
Orszag, Numerical Analysis of Spectral Methods, SIAM (1977).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from releasesim.workflows.selftest.exact.lines import from_zero
from releasesim.workflows.selftest.exact.series import Array

DEGREE = 140
"""Highest power of r."""


@dataclass(frozen=True)
class State:
    """What holds between two events.

    Parameters
    ----------
    D : float
        Diffusivity of the drug [m2/s].
    k : float
        Film coefficient [m/s], infinite for none.
    bath : float
        V_bath/V_body [-], infinite for a sink.
    partition : float
        K = c_device/c_medium [-].
    """

    D: float
    k: float = math.inf
    bath: float = math.inf
    partition: float = 1.0


@dataclass(frozen=True)
class Change:
    """An event: at this time [s] a share of the bath is exchanged or drawn, then `then` holds.

    Parameters
    ----------
    at : float
        [s].
    then : State
        From now on; its bath is what is left after the event.
    fresh : float
        Share of the bath's drug that leaves with what is drawn or discarded [-].
    """

    at: float
    then: State
    fresh: float = 0.0


def sampled(
    state: State, every: float, volume: float, until: float, replaced: bool
) -> list[Change]:
    """List the samples of `volume` (of V_body) drawn each `every` [s] up to `until`."""
    changes = []
    for count in range(1, int(until / every * (1.0 + 1e-12)) + 1):
        after = state if replaced else replace(state, bath=state.bath - volume)
        changes.append(Change(count * every, after, volume / state.bath))
        state = after
    return changes


def eventful(
    time: ArrayLike, n: int, radius: float, state: State, changes: Sequence[Change] = ()
) -> Array:
    """Released fraction of dose: in the bath, in samples and in what was discarded.

    Parameters
    ----------
    time : array_like
        [s].
    n : int
        1 slab of half-thickness `radius` with two open faces, 2 long cylinder, 3 sphere.
    radius : float
        [m].
    state : State
        Before the first event.
    changes : sequence of Change
        In the order of time.
    """
    return from_zero(time, lambda times: _run(times, n, radius, state, changes))


def _run(times: Array, n: int, radius: float, state: State, changes: Sequence[Change]) -> Array:
    released = np.empty_like(times)
    body, bath, begun = _unit_load(n), 0.0, 0.0
    for change in (*changes, Change(math.inf, state)):
        system = _system(n, radius, state)
        here = (times >= begun) & (times < change.at)
        # the space holds constants, so what left the body is what the bath and the samples got
        released[here] = [
            1.0 - system.total @ _advance(system, body, bath, state, t - begun) for t in times[here]
        ]
        if math.isinf(change.at):
            break
        u = _advance(system, body, bath, state, change.at - begun)
        body, begun = system.body @ u, change.at
        bath, state = _after(system, state, u, change), change.then
    released[times == 0.0] = 0.0
    return released


def _after(system: _System, state: State, u: Array, change: Change) -> float:
    """Concentration of the bath after an event; a sink's is 0."""
    if math.isinf(state.bath) or math.isinf(change.then.bath):
        return 0.0
    drug = state.bath * float(system.bath @ u)
    return drug * (1.0 - change.fresh) / change.then.bath


@dataclass(frozen=True)
class _System:
    """Eigenvectors of one linear system; unknown are the coefficients of u = c/K."""

    rate: Array
    vectors: Array
    body: Array
    bath: Array
    """Row that gives u of the bath."""
    total: Array
    """Row that gives what is left in the body, of the dose."""


@lru_cache(maxsize=64)
def _system(n: int, radius: float, state: State) -> _System:
    mass, stiffness, wall = _matrices(n)
    K = state.partition
    # with u = c/K both share one unknown; per dose (body volume 1, c0 = 1)
    body, spread = K * mass, state.D * K / radius**2 * stiffness
    is_film, is_bath = math.isfinite(state.k), math.isfinite(state.bath)
    size = body.shape[0] + (1 if is_film and is_bath else 0)
    M, A = np.zeros((size, size)), np.zeros((size, size))
    inside = slice(0, body.shape[0])
    M[inside, inside], A[inside, inside] = body, spread
    surface, basis = np.zeros(size), np.eye(size)
    surface[inside] = wall
    bath = surface
    if is_film:
        film = surface.copy()
        if is_bath:
            film[-1] = -1.0
            bath = np.eye(size)[-1]
        A += state.k * n / radius * np.outer(film, film)
    elif not is_bath:
        # only what vanishes at the wall: phi_j - phi_0
        basis = np.eye(size)[:, 1:]
        basis[0] = -1.0
    if is_bath:
        M += state.bath * np.outer(bath, bath)
    rate, vectors = linalg.eigh(basis.T @ A @ basis, basis.T @ M @ basis)
    vectors = basis @ vectors
    load = np.zeros((body.shape[0], size))
    load[:, inside] = body
    total = np.zeros(size)
    total[inside] = K * _unit_load(n)
    return _System(np.maximum(rate, 0.0), vectors, load, bath, total)


@lru_cache(maxsize=4)
def _matrices(n: int) -> tuple[Array, Array, Array]:
    """Mass and stiffness in P_0, P_2, ... of r, weight n r^(n-1), and values at the wall."""
    x, w = np.polynomial.legendre.leggauss(DEGREE + 4)
    r, weight = 0.5 * (x + 1.0), 0.5 * w
    weight = weight * n * r ** (n - 1)
    powers = range(0, DEGREE + 1, 2)
    basis = [np.polynomial.legendre.Legendre.basis(power) for power in powers]
    value = np.array([p(r) for p in basis])
    slope = np.array([p.deriv()(r) if p.degree() else np.zeros_like(r) for p in basis])
    return (value * weight) @ value.T, (slope * weight) @ slope.T, np.ones(len(basis))


def _unit_load(n: int) -> Array:
    """Moments of c = 1."""
    return np.asarray(_matrices(n)[0][0])


def _advance(system: _System, body: Array, bath: float, state: State, after: float) -> Array:
    """Coefficients of u, `after` [s] a state with these moments and this bath."""
    load = np.zeros(system.vectors.shape[0])
    load[: body.size] = body
    if math.isfinite(state.bath):
        load = load + state.bath * bath * system.bath
    modes = np.exp(-system.rate * after) * (system.vectors.T @ load)
    return np.asarray(system.vectors @ modes)

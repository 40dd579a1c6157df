"""Bases in which fields of a diffusion problem are known at all times at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics.lanczos import tridiagonal
from releasesim.numerics.unknowns import Unknowns, gather, product, subtract

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

#: Basis vectors that are combined at once.
_BLOCK = 128
#: They are kept in float32 where the fields need not be closer than this.
_SINGLE = 1e-7
_MOST_STEPS = 6000
_CHECK_GROWTH = 1.15


class Basis(Protocol):
    """Orthonormal vectors that span the fields."""

    @property
    def counts(self) -> Array:
        """Product of each vector with w(0), (m,)."""

    def mix(self, shares: Array) -> Array:
        """Combine the vectors, (m, r) -> (r, unknowns)."""


@dataclass(frozen=True, eq=False)
class Modes:
    """exp(-t M) start = sum over k of amounts_k e^(-rates_k t) basis vectors_k."""

    rates: Array
    vectors: Array
    amounts: Array
    basis: Basis

    def fields(self, shares: Array, times: Array, weights: Array) -> Array:
        """Combinations of modes, and last the weighted sum over the times of the field itself."""
        decays = weights @ np.exp(-np.outer(times, self.rates))
        return self.basis.mix(self.vectors @ np.column_stack([shares, self.amounts * decays]))


class AllModes:
    """Eigenvectors of a few hundred unknowns, from the singular vectors of A's face by face root.

    See `numerics.modes.decay_of_few`.
    """

    def __init__(self, unknowns: Unknowns) -> None:
        self.unknowns = unknowns
        cells, inverse = unknowns.cells, unknowns.inverse
        number = np.zeros(unknowns.size, dtype=np.intp)
        number[cells] = np.arange(cells.size)
        rows = []
        for conductance, first, second in self._pairs():
            block = np.zeros((first.size, cells.size))
            at, root = np.arange(first.size), np.sqrt(conductance)
            block[at, number[first]] = root * inverse[first]
            if second is not None:
                block[at, number[second]] = -root * inverse[second]
            rows.append(block)
        rows.append(np.zeros((max(0, cells.size - sum(map(len, rows))), cells.size)))
        _, values, self.vectors = np.linalg.svd(np.concatenate(rows), full_matrices=False)
        self.rates = values**2

    def _pairs(self) -> Iterator[tuple[Array, Integers, Integers | None]]:
        """Conductance of faces and the places of the unknowns on either side; None for a sink."""
        here = self.unknowns
        for face, stride in zip(here.conductance, (*here.strides, 1), strict=True):
            at = np.flatnonzero(face)
            yield face[at], at, at + stride
        bath = np.full(here.wet.size, here.size - 1) if here.bathed else None
        yield here.outlet[here.wet], here.wet, bath

    @property
    def counts(self) -> Array:
        """See `Basis`."""
        return self.amounts(self.unknowns.start)

    def amounts(self, start: Array) -> Array:
        """Share of each mode in a start vector, (m,)."""
        return np.asarray(self.vectors @ start)

    def mix(self, shares: Array) -> Array:
        """See `Basis`."""
        return np.asarray(shares.T @ self.vectors)


class LanczosBasis:
    """Three-term recurrence from one start vector; its vectors are kept, or made a second time."""

    def __init__(self, unknowns: Unknowns, start: Array, memory: float) -> None:
        self.unknowns, self.memory = unknowns, memory
        self.norm, self.start = float(np.linalg.norm(start)), start
        self.alphas: list[float] = []
        self.betas: list[float] = []
        self._counts: list[float] = []
        self._kept: list[NDArray[np.floating]] | None = []
        self._spare = np.empty(start.size)
        self.precision: np.dtype[Any] = np.dtype(np.float64)
        #: largest eigenvalue, at most (Gershgorin)
        self.fastest = 2.0 * float(unknowns.diagonal.max())

    @property
    def counts(self) -> Array:
        """See `Basis`."""
        return np.array(self._counts)

    def _walk(self) -> Iterator[tuple[Array, float, float, float]]:
        """Each vector, flat and not scaled, its scale, its diagonal entry of T and the next beside.

        The array is overwritten two steps later.
        """
        here = self.unknowns
        x, y, old = np.zeros(here.size), np.zeros(here.size), np.zeros(here.size)
        x[here.cells] = self.start
        scale, old_scale, beta = 1.0 / self.norm, 0.0, 0.0
        while True:
            alpha = scale * scale * here.apply(x, y)
            square = subtract(*here.runs, y, scale, x, alpha * scale, old, beta * old_scale)
            beta = float(np.sqrt(square))
            yield x, scale, alpha, beta
            x, y, old = y, old, x
            scale, old_scale = 1.0 / beta, scale

    def modes(self, times: Array, tolerance: float) -> Modes:
        """Run until the field has settled at all times."""
        next_check = max(8, int(0.4 * np.sqrt(self.fastest * times[-1])))
        single = tolerance >= _SINGLE
        self.precision = np.dtype(np.float32 if single else np.float64)
        for vector, scale, alpha, beta in self._walk():
            self.alphas.append(alpha)
            self.betas.append(beta)
            self._counts.append(self._keep(vector, scale))
            spent = beta <= 1e-14 * self.fastest
            if not spent and len(self.alphas) < min(next_check, _MOST_STEPS):
                continue
            if spent or self._error(times[-1]) < tolerance:
                break
            if len(self.alphas) >= _MOST_STEPS:
                raise ConvergenceError(
                    f"the gradient had not settled after {_MOST_STEPS} Lanczos steps: "
                    "use a wider run.spacing or a shorter run.until"
                )
            next_check = max(len(self.alphas) + 4, int(_CHECK_GROWTH * len(self.alphas)))
        rates, vectors = self._tridiagonal()
        return Modes(np.maximum(rates, 0.0), vectors, self.norm * vectors[0], self)

    def _tridiagonal(self) -> tuple[Array, Array]:
        from scipy.linalg import eigh_tridiagonal

        rates, vectors = eigh_tridiagonal(np.array(self.alphas), np.array(self.betas[:-1]))
        return np.asarray(rates, dtype=float), np.asarray(vectors, dtype=float)

    def _error(self, end: float) -> float:
        """Error of the field up to `end`, at most: what the last vector passes on (Saad 1992)."""
        ends = np.eye(len(self.alphas))[[0, -1]]
        rates, (first, last) = tridiagonal(self.alphas, self.betas[:-1], ends)
        times = np.concatenate([[0.0], end * np.geomspace(1e-6, 1.0, 80)])
        passed = np.abs(np.exp(-np.outer(times, rates)) @ (first * last))
        return self.betas[-1] * float(np.trapezoid(passed, times))

    def _keep(self, vector: Array, scale: float) -> float:
        """Keep a vector, as long as there is room; returns its product with w(0)."""
        at = len(self._counts) % _BLOCK
        row = self._room(at)
        here = self.unknowns
        gather(vector, scale, here.cells, row)
        return scale * float(product(*here.runs, vector, here.flat_start))

    def _room(self, at: int) -> NDArray[np.floating]:
        """Where the next vector goes: a new block for every `_BLOCK`."""
        if self._kept is None:
            return self._spare
        if at == 0:
            size = self._spare.size * self.precision.itemsize
            if (len(self._kept) + 1) * _BLOCK * size > self.memory:
                self._kept = None
                return self._spare
            self._kept.append(np.empty((_BLOCK, self._spare.size), self.precision))
        return np.asarray(self._kept[-1][at])

    def forget(self) -> None:
        """Let go of the vectors."""
        self._kept = None

    def mix(self, shares: Array) -> Array:
        """See `Basis`."""
        out = np.zeros((shares.shape[1], self._spare.size))
        for at, block in zip(range(0, len(shares), _BLOCK), self._blocks(), strict=True):
            some = shares[at : at + _BLOCK].astype(block.dtype)
            out += some.T @ block[: len(some)]
        return out

    def _blocks(self) -> Iterator[NDArray[np.floating]]:
        """The basis in pieces, (_BLOCK, unknowns); the last may have rows to spare."""
        if self._kept is not None:
            yield from self._kept
            return
        here = self.unknowns
        block = np.empty((_BLOCK, self._spare.size), self.precision)
        last = len(self.alphas) - 1
        for n, (vector, scale, *_) in enumerate(islice(self._walk(), last + 1)):
            gather(vector, scale, here.cells, block[n % _BLOCK])
            if n == last or n % _BLOCK == _BLOCK - 1:
                yield block

"""Decaying modes: how drug held and drug released follow from rates and weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]
Integers = NDArray[np.intp]

#: Problems of so few unknowns are solved by all their modes at once.
FEW = 300


@dataclass(frozen=True, eq=False)
class Decay:
    """What a Lanczos run found.

    Parameters
    ----------
    held : (n,) ndarray
        Drug still in the cells at each time, all images [kg].
    crossed : (n,) ndarray
        Drug that crossed the surface by each time, from the boundary fluxes [kg].
    matvecs : int
        Products with the operator.
    """

    held: Array
    crossed: Array
    matvecs: int


@dataclass(frozen=True, eq=False)
class Modes:
    """The whole state as decaying modes.

    Parameters
    ----------
    rates : (k,) ndarray
        [1/s].
    started : (k,) ndarray
        How much of each mode there is at time 0.
    shapes : (m, k) ndarray
        Modes in the basis.
    basis : (m, cells) ndarray
        u of the problem's cells, flat.
    held, crossed : (n,) ndarray
        Drug left in the cells and drug that crossed the surface at the times asked for, all images.
    """

    rates: Array
    started: Array
    shapes: Array
    basis: NDArray[np.floating]
    held: Array
    crossed: Array

    def at(self, t: float) -> Array:
        """State u of every cell at t [s], flat, (cells,) [kg/m3]."""
        weights = self.shapes @ (np.exp(-t * self.rates) * self.started)
        return np.asarray(weights @ self.basis)


def course(rates: Array, mass: Array, flux: Array, times: Array) -> tuple[Array, Array]:
    """Drug held and crossed from decaying modes: sum mass e^(-rt), sum flux (1 - e^(-rt))/r."""
    # what is below 1e-304 is nothing, and numbers smaller than normal ones are slow
    exponent = np.minimum(np.outer(times, rates), 700.0)
    # (1 - exp(-rt))/r, which is t where r vanishes
    integral = -np.expm1(-exponent) / np.where(rates > 0, rates, 1.0)
    integral = np.where(exponent > 1e-12, integral, times[:, None])
    return np.exp(-exponent) @ mass, integral @ flux


def decay_of_few(problem: DiffusionProblem, times: Array) -> Decay:
    """Drug held and released from all modes, for a few hundred cells at most.

    A = B^T B with one row of B for each face between two unknowns: singular values of B keep slow
    modes exact that eigenvalues of A would lose in rounding, by the square root of their ratio.

    Parameters
    ----------
    problem : DiffusionProblem
    times : (n,) ndarray
        Increasing [s].
    """
    found = modes_of_few(problem, times)
    return Decay(found.held, found.crossed, 0)


def modes_of_few(problem: DiffusionProblem, times: Array) -> Modes:
    """All modes of a few hundred cells at most; parameters as of `decay_of_few`.

    Raises
    ------
    ConvergenceError
        If rates differ by more than floating point can hold.
    """
    here = problem.capacity.ravel() > 0
    root = np.sqrt(problem.capacity.ravel()[here])
    outlet = problem.outlet.ravel()[here]
    count, start = root, root * problem.initial.ravel()[here]
    if np.isfinite(problem.bath):
        root_bath = np.sqrt(problem.bath)
        count, start = np.append(count, 0.0), np.append(start, root_bath * problem.bath_initial)
        root = np.append(root, root_bath)
    leaving, (first, second, conductance) = np.flatnonzero(outlet), _faces(problem, here)
    rows = np.zeros((max(first.size + leaving.size, root.size), root.size))
    row = np.arange(first.size)
    rows[row, first] = np.sqrt(conductance) / root[first]
    rows[row, second] = -np.sqrt(conductance) / root[second]
    last = first.size + np.arange(leaving.size)
    rows[last, leaving] = np.sqrt(outlet[leaving]) / root[leaving]
    if np.isfinite(problem.bath):
        rows[last, -1] = -np.sqrt(outlet[leaving]) / root[-1]
    try:
        left, values, vectors = np.linalg.svd(rows, full_matrices=False)
    except np.linalg.LinAlgError:
        raise ConvergenceError(
            "rates differ by more powers of ten than numbers hold: look for a volume, diffusivity, "
            "mass-transfer coefficient or partition that is far too small or large"
        ) from None
    started = vectors @ start
    flux = (np.sqrt(outlet[leaving]) @ left[last]) * values
    held, crossed = course(values**2, (vectors @ count) * started, flux * started, times)
    basis = np.zeros((values.size, here.size))
    cells = int(np.count_nonzero(here))
    basis[:, here] = (vectors / root)[:, :cells]
    shapes, images = np.eye(values.size), problem.images
    return Modes(values**2, started, shapes, basis, images * held, images * crossed)


def _faces(problem: DiffusionProblem, here: NDArray[np.bool_]) -> tuple[Integers, Integers, Array]:
    """Numbers of the two unknowns at every face, and its conductance, (faces,) each."""
    number = np.cumsum(here) - 1
    strides = (problem.capacity[0].size, problem.capacity.shape[2], 1)
    cells = [np.flatnonzero(face) for face in problem.conductance]
    first = [number[c] for c in cells]
    second = [number[c + stride] for c, stride in zip(cells, strides, strict=True)]
    values = [face.ravel()[c] for face, c in zip(problem.conductance, cells, strict=True)]
    return np.concatenate(first), np.concatenate(second), np.concatenate(values)

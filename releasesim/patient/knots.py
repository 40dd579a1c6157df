"""Release curves as increments between knots, which every wish for them acts on linearly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.patient.convolution import doses_to_steady_state
from releasesim.patient.disposition import Disposition

Array = NDArray[np.float64]

#: Weight of what must hold exactly against what may be missed.
_HARD = 1e4


def root_knots(until: float, count: int) -> Array:
    """Knots evenly in the root of time, dense early where release is steep, (count + 1,) [s]."""
    return np.asarray(until * np.linspace(0.0, 1.0, count + 1) ** 2)


def response(
    knots: Array,
    body: Disposition,
    times: Array,
    every: float | None = None,
    doses: int | None = None,
) -> Array:
    """Plasma concentration at `times` by release of one dose unit in each interval, (m, k) [1/m3].

    Parameters
    ----------
    knots : (k + 1,) ndarray
        [s].
    body : Disposition
        Of one person.
    times : (m,) ndarray
        After the last dose [s].
    every : float, optional
        Dosing interval [s]; absent = one dose.
    doses : int, optional
        How many; absent = steady state.
    """
    before = [0.0]
    if every is not None:
        last = ReleaseCurve(np.array([0.0, knots[-1]]), np.array([0.0, 1.0]))
        before = [n * every for n in range(doses or doses_to_steady_state(last, body, every))]
    total = np.zeros((times.size, knots.size))
    for passed in before:
        total += body.step_response(times[:, None] + passed - knots[None, :])
    return np.asarray((total[:, :-1] - total[:, 1:]) / np.diff(knots))


def roughness(knots: Array, power: float) -> Array:
    """Second differences of the curve against (t/T)^power, scaled as an integral, (k - 1, k) [-].

    Parameters
    ----------
    knots : (k + 1,) ndarray
        [s].
    power : float
        1 lets straight release go unpunished, 1/2 release by diffusion.
    """
    place = (knots / knots[-1]) ** power
    step, middle = np.diff(place), (place[1:] + place[:-1]) / 2.0
    apart = np.diff(middle)
    rows = np.arange(apart.size)
    matrix = np.zeros((apart.size, step.size))
    matrix[rows, rows] = -1.0 / (step[:-1] * np.sqrt(apart))
    matrix[rows, rows + 1] = 1.0 / (step[1:] * np.sqrt(apart))
    return matrix


def fit_increments(
    matrix: Array, wanted: Array, penalty: Array, *, complete: bool = False
) -> Array:
    """Least squares over increments that are 0 or more and add up to at most 1, (k,) [-].

    Parameters
    ----------
    matrix : (m, k) ndarray
        Rows weighted.
    wanted : (m,) ndarray
        Likewise.
    penalty : (p, k) ndarray
        Roughness, weighted.
    complete : bool
        Increments add up to 1.
    """
    from scipy.optimize import nnls

    count = matrix.shape[1]
    slack = np.zeros((matrix.shape[0] + penalty.shape[0], 1))
    total = np.append(np.ones(count), 0.0 if complete else 1.0)
    rows = np.vstack([np.hstack([np.vstack([matrix, penalty]), slack]), _HARD * total])
    goal = np.concatenate([wanted, np.zeros(penalty.shape[0]), [_HARD]])
    found, _ = nnls(rows, goal, maxiter=100 * count)
    return np.asarray(found[:count])


def curve_of(knots: Array, increments: Array, name: str) -> ReleaseCurve:
    """Sum the increments to a curve."""
    fraction = np.append(0.0, np.minimum(np.cumsum(increments), 1.0))
    return ReleaseCurve(knots, fraction, name=name, simulated=True)

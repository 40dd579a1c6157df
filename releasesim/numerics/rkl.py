"""RKL2: explicit super-time-stepping for stiff diffusion, with an embedded error estimate.

s stages advance by about s^2/4 explicit steps, second order, stable on the negative real axis
(Meyer, Balsara & Aslam, J. Comput. Phys. 257 (2014) 594-626). It is not positive in three
dimensions: nothing here clips, errors are controlled instead.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rates = Callable[[float, Array], Array]

#: Stages beyond this gain little: rounding in the recurrence grows with their square.
MOST_STAGES = 401


def stages_for(reach: float) -> int:
    """Odd number of stages that is stable for the largest rate times the step, `reach` [-]."""
    # stable while reach <= (s^2 + s - 2)/2
    needed = int(np.ceil(0.5 * (np.sqrt(9.0 + 8.0 * reach) - 1.0)))
    return max(3, needed + 1 - needed % 2)


@lru_cache(maxsize=512)
def coefficients(s: int) -> tuple[Array, Array]:
    """Weights of every stage, (s + 1, 5), and its time as a share of the step, (s + 1,)."""
    b = np.array([1 / 3, 1 / 3] + [(j * j + j - 2) / (2 * j * (j + 1)) for j in range(2, s + 1)])
    w = 4.0 / (s * s + s - 2)
    rows, when = np.zeros((s + 1, 5)), np.zeros(s + 1)
    rows[1, 3] = when[1] = b[1] * w
    for j in range(2, s + 1):
        mu = (2 * j - 1) / j * b[j] / b[j - 1]
        nu = -(j - 1) / j * b[j] / b[j - 2]
        rows[j] = mu, nu, 1.0 - mu - nu, mu * w, -(1.0 - b[j - 1]) * mu * w
        when[j] = (j * j + j - 2) / (s * s + s - 2)
    return rows, when


@njit(cache=True, nogil=True)
def _combine(mu, last, nu, before, rest, start, step, rate, first, start_rate):  # type: ignore[no-untyped-def]
    """Put the next stage, mu last + nu before + rest start + step rate + first start_rate, there.

    All arrays flat (n,); the result overwrites `before`.
    """
    for i in range(last.size):
        before[i] = (
            mu * last[i] + nu * before[i] + rest * start[i] + step * rate[i] + first * start_rate[i]
        )


def advance(rates: Rates, t: float, y: Array, rate: Array, dt: float, stages: int) -> Array:
    """One step of RKL2.

    Parameters
    ----------
    rates : callable
        (t, y) -> dy/dt, both (n,); what it returns may be overwritten by its next call.
    t, y, rate : float, (n,) ndarray, (n,) ndarray
        Time, state and dy/dt at the start of the step.
    dt : float
        Step; `stages_for(largest rate x dt)` stages are stable.
    stages : int
        Odd, at least 3.

    Returns
    -------
    (n,) ndarray
        The state at t + dt.
    """
    rows, when = coefficients(stages)
    before, last = y.copy(), y + rows[1, 3] * dt * rate
    for j in range(2, stages + 1):
        mu, nu, rest, step, first = rows[j]
        change = rates(t + when[j - 1] * dt, last)
        _combine(mu, last, nu, before, rest, y, step * dt, change, first * dt, rate)
        before, last = last, before
    return np.asarray(last)


def local_error(y: Array, new: Array, rate: Array, new_rate: Array, dt: float) -> Array:
    """Estimated error of one step, (n,), from the states and rates at both ends.

    Third-order quadrature of the rates beside the step itself (Sommeijer, Shampine & Verwer,
    J. Comput. Appl. Math. 88 (1998) 315-326).
    """
    return np.asarray(0.8 * (y - new) + 0.4 * dt * (rate + new_rate))

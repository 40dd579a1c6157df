"""TR-BDF2: an implicit step of second order for rates that differ by any factor.

A trapezoidal rule over the share 2 - sqrt(2) of the step, then backward differences over the whole:
both ask for the same matrix, fast modes are damped, and a third-order rule over the three rates
tells the error (Bank et al., IEEE Trans. Electron Devices 32 (1985) 1992-2007; Hosea & Shampine,
Appl. Numer. Math. 20 (1996) 21-37).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: (t, base, guess, span) -> y with y = base + span f(t, y).
Settle = Callable[[float, Array, Array, float], Array]

#: Where the first stage ends, as a share of the step.
MIDDLE = 2.0 - np.sqrt(2.0)
#: Share of the step that both stages take implicitly.
IMPLICIT = 0.5 * MIDDLE
#: Weights of the three rates in the step, and in a rule of third order.
_STEP = (np.sqrt(2.0) / 4.0, np.sqrt(2.0) / 4.0, IMPLICIT)
_THIRD = ((1.0 - _STEP[0]) / 3.0, (3.0 * _STEP[0] + 1.0) / 3.0, IMPLICIT / 3.0)


def advance(
    settle: Settle, t: float, y: Array, rate: Array, dt: float
) -> tuple[Array, Array, Array]:
    """One step.

    Parameters
    ----------
    settle : callable
        Solves y = base + span f(t, y) for y, from a guess.
    t, y, rate : float, (n,) ndarray, (n,) ndarray
        Time, state and dy/dt at the start of the step.
    dt : float
        Step.

    Returns
    -------
    new : (n,) ndarray
        The state at t + dt.
    new_rate : (n,) ndarray
        dy/dt there.
    wrong : (n,) ndarray
        The error of `new`, true for slow modes; divide fast ones by 1 + rate x span before use.
    """
    span = IMPLICIT * dt
    base = y + span * rate
    middle = settle(t + MIDDLE * dt, base, y + MIDDLE * dt * rate, span)
    middle_rate = (middle - base) / span
    base = y + dt * (_STEP[0] * rate + _STEP[1] * middle_rate)
    guess = middle + (1.0 - MIDDLE) * dt * middle_rate
    new = settle(t + dt, base, guess, span)
    new_rate = (new - base) / span
    rates = (rate, middle_rate, new_rate)
    wrong = np.zeros_like(y)
    for step, third, one in zip(_STEP, _THIRD, rates, strict=True):
        wrong += dt * (step - third) * one
    return np.asarray(new), np.asarray(new_rate), wrong

"""Times at which rates have a kink: a front comes to many cells at once, or leaves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from releasesim.simulation.coupled.vessel import Vessel

Array = NDArray[np.float64]

#: Share of the dose in cells that a front comes to at once, beyond which a step ends there [-].
_MANY = 1e-3


def turns_of(vessel: Vessel, lasting: float) -> Array:
    """All of them in the time `lasting`, increasing [s]."""
    solid, found = vessel.cells.solid, []
    weight = [vessel.model.loaded[solid] / vessel.model.loaded.sum()]
    if vessel.water_front is not None:
        arrival, half = vessel.water_front.arrival[solid], 0.5 * vessel.water_front.span[solid]
        found += [arrival - half, arrival + half]
    if vessel.front is not None:
        found.append(vessel.front.arrival[solid])
    if not found:
        return np.zeros(0)
    when = np.concatenate(found) / lasting
    ahead = when < 1.0
    # to a billionth of the whole time they are one
    times, number = np.unique(np.round(when[ahead], 9), return_inverse=True)
    shares = np.bincount(number, np.concatenate(weight * len(found))[ahead], times.size)
    return np.asarray(lasting * times[shares > _MANY])


def to_turn(turns: Array, t: float, lasting: float) -> float:
    """Time from t up to just before the next turn [s]."""
    ahead = turns[np.searchsorted(turns, t * (1.0 + 1e-9) + 1e-8 * lasting) :]
    return float(ahead[0] - t - 2e-9 * lasting) if ahead.size else np.inf

"""Arrival times of a front that waits for water, cell by cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.cells import NEVER, Cells, Integers, Mask, Rows

Array = NDArray[np.float64]


def held_times(
    cells: Cells, slowness: Array, free: Array, earliest: Array, start: Integers
) -> Array:
    """When a front comes to cells that it may not pass before their time, (n,) [s].

    Parameters
    ----------
    cells : Cells
    slowness : (n,) ndarray
        1/speed of each cell [s/m].
    free : (n,) ndarray
        When it would come without waiting [s].
    earliest : (n,) ndarray
        Time before which a cell does not erode [s].
    start : (m,) ndarray of int
        Cells that it sets out from.
    """
    from releasesim.numerics.held_front import march_held

    time = np.empty(free.size)
    march_held(
        np.array(cells.shape), np.array(cells.spacing), slowness, free, earliest, start, time
    )
    return time


def flood_times(rows: Rows, wet: Mask, arrival: Array, slowness: Array, voids: int) -> Array:
    """When a front breaks through to closed voids that are not wet, (voids,) [s]."""
    found = np.full(voids, NEVER)
    behind = (rows.exposure > 0) & ~wet
    cell = rows.cell[behind]
    through = arrival[cell] + np.minimum(slowness[cell] * rows.reach[behind], NEVER)
    np.minimum.at(found, rows.exposure[behind] - 1, np.minimum(through, NEVER))
    return found


def slowed(gradient: Array, slowness: Array, arrival: Array, since: float, width: float) -> Array:
    """1/speed of a front that waits, (n,) [s/m]: that of its arrival times, where it is late.

    `gradient` (n,) is theirs; no cell begins to go before `since`, across a `width`.
    """
    late = (arrival < NEVER) & (slowness < NEVER)
    most = 2.0 * (arrival - since) / width
    return np.where(late, np.maximum(slowness, np.minimum(gradient, most)), slowness)

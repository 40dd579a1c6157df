"""Arrival times of a front where nothing is in its way: distances to flat faces.

Films, spheres, cylinders and rings are blocks of cells in the dimensions that they have. A front of
one speed that starts from whole faces of a block comes straight, and needs no sweep (NUMERICS 7).
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.cells import NEVER, Cells, Mask, Rows

Array = NDArray[np.float64]


def straight_times(cells: Cells, slowness: Array, rows: Rows, wet: Mask) -> Array | None:
    """When a front comes to the cells of a block, (n,) [s]; None where it may have to turn.

    Parameters
    ----------
    slowness : (n,) ndarray
        1/speed of each cell [s/m].
    rows, wet : Rows, (m,) ndarray of bool
        Surface, and what of it the front starts from.
    """
    pace = float(slowness[0])
    if not (cells.solid.all() and (slowness == pace).all() and pace < NEVER and wet.any()):
        return None
    if cells.voids.any() or (rows.exposure > 0).any():
        return None
    started, nearest = 0, np.full(cells.shape, np.inf)
    for axis, side in product(range(3), (-1.0, 1.0)):
        at = np.flatnonzero(wet & (rows.normals[:, axis] == side))
        if not at.size:
            continue
        face = _face_of(cells, axis, side)
        if not np.array_equal(np.sort(rows.cell[at]), face):
            return None
        started += at.size
        _draw_near(nearest, cells, axis, rows.points[at, axis])
    return None if started < np.count_nonzero(wet) else pace * nearest.ravel()


def _face_of(cells: Cells, axis: int, side: float) -> NDArray[np.int64]:
    """Flat indices of the cells at one end of the block, increasing."""
    number = np.arange(cells.volume.size).reshape(cells.shape)
    return np.asarray(np.take(number, 0 if side < 0.0 else -1, axis=axis).ravel())


def _draw_near(nearest: Array, cells: Cells, axis: int, where: Array) -> None:
    """Lower distances to those of a face, which stands at `where` along its axis."""
    centres = cells.spacing[axis] * np.arange(cells.shape[axis])
    shape = [1, 1, 1]
    shape[axis] = -1
    np.minimum(nearest, np.abs(where[0] - centres).reshape(shape), out=nearest)

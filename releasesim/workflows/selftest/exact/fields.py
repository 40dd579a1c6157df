"""Several fields in one body that does not move: the frame of the coupled references."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from releasesim.workflows.selftest.exact.lines import (
    TOLERANCE,
    Mesh,
    extrapolate,
    from_zero,
    march,
    near_surface,
)
from releasesim.workflows.selftest.exact.series import Array

Fields = Array
"""(cells, fields)"""

Rates = Callable[[Mesh, float, Fields], Fields]
Content = Callable[[Mesh, float, Fields], float]


def body(n: int, radius: float, cells: int) -> Mesh:
    """Slab (half-thickness), cylinder or sphere with cells finer towards its surface."""
    return Mesh(n, radius * near_surface(cells))


def release(
    time: ArrayLike,
    mesh: Callable[[int], Mesh],
    *,
    start: Callable[[Mesh], Sequence[ArrayLike]],
    rate: Rates,
    left: Content,
    cells: int,
    switches: Sequence[float] = (),
    tolerance: float = TOLERANCE,
) -> Array:
    """Released fraction of what `left` finds at the start, extrapolated from two grids.

    Parameters
    ----------
    time : array_like
        [s].
    mesh : callable
        Takes the number of cells.
    start : callable
        Takes the mesh, gives each field at t = 0, a number or one per cell.
    rate : callable
        Takes mesh, time, fields (cells, fields); gives their rates, reaching one cell either way.
    left : callable
        Takes the same; gives the drug left.
    cells : int
        Of the coarser grid.
    switches : sequence of float
        Times at which `rate` jumps: the steps end there and begin anew [s].
    tolerance : float
        Of the time steps.
    """

    def solve(times: Array, count: int) -> Array:
        here = mesh(count)
        begin = np.stack([np.broadcast_to(f, (count,)) for f in start(here)], axis=1)
        dose = left(here, 0.0, begin.astype(float))
        history = _march(
            here, begin.astype(float), rate, times, switches=switches, tolerance=tolerance
        )
        rest = [left(here, t, fields) for t, fields in zip(times, history, strict=True)]
        return np.asarray(1.0 - np.array(rest) / dose)

    return from_zero(time, lambda times: extrapolate(lambda count: solve(times, count), cells))


def _march(
    mesh: Mesh,
    begin: Fields,
    rate: Rates,
    times: Array,
    *,
    switches: Sequence[float],
    tolerance: float,
) -> Array:
    shape = begin.shape
    history = np.empty((times.size, *shape))
    history[times == 0.0] = begin
    since = 0.0
    for until in (*switches, np.inf):
        here = (times > since) & (times <= until)
        stops = np.concatenate(([since], times[here], [until] if np.isfinite(until) else []))
        stops, place = np.unique(stops, return_inverse=True)
        if stops.size == 1:
            break

        def flat(t: float, y: Array, since: float = since, until: float = until) -> Array:
            # LSODA looks past its last stop: the law that holds up to the switch is meant
            inside = min(max(t, since), np.nextafter(until, since))
            return rate(mesh, inside, y.reshape(shape)).ravel()

        found = march(flat, begin.ravel(), stops, 2 * shape[1] - 1, tolerance)
        history[here] = found[place[1 : 1 + here.sum()]].reshape(-1, *shape)
        begin, since = found[-1].reshape(shape), until
    return history

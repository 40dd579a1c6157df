"""Lines on a lattice through a mesh, sorted: what voxels and checks are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.mesh.soup import Points, Triangles

Integers = NDArray[np.int64]

#: Lines stand off round numbers by these shares of a step: vertices like to lie on those.
_ASIDE = (1.37e-7, 2.11e-7)


@dataclass(frozen=True, eq=False)
class Lines:
    """Where lines along one axis meet a mesh.

    Parameters
    ----------
    counts, starts : (nu, nv) int
        How many hits each line has, and where they begin in the arrays below.
    places : (m,) float
        Along the axis, increasing within a line [m].
    which : (m,) int
        The triangle.
    signs : (m,) int
        +1 where the line enters the body, -1 where it leaves.
    """

    counts: Integers
    starts: Integers
    places: Points
    which: Integers
    signs: Integers


def cast_lines(
    points: Points,
    triangles: Triangles,
    axis: int,
    *,
    begin: tuple[float, float],
    step: tuple[float, float],
    shape: tuple[int, int],
) -> Lines:
    """Cast lines along an axis.

    Parameters
    ----------
    points, triangles : (n, 3), (m, 3) ndarray
        The mesh [m].
    axis : int
        0, 1 or 2.
    begin, step : (float, float)
        First line and distance of lines along the two other axes, in the order that follows the
        axis (y, z for x) [m].
    shape : (int, int)
        How many.
    """
    from releasesim.geometry.mesh.rays import count_hits, list_hits, sort_hits

    place = [b + aside * s for b, aside, s in zip(begin, _ASIDE, step, strict=True)]
    lattice = (axis, *place, *step)
    counts = np.zeros(shape, dtype=np.int64)
    count_hits(points, triangles, *lattice, counts)
    starts = (np.cumsum(counts.ravel()) - counts.ravel()).reshape(shape)
    total = int(counts.sum())
    lines = Lines(
        np.zeros(shape, dtype=np.int64),
        starts,
        np.empty(total),
        np.empty(total, dtype=np.int64),
        np.empty(total, dtype=np.int64),
    )
    list_hits(
        points, triangles, *lattice, lines.counts, starts, lines.places, lines.which, lines.signs
    )
    sort_hits(starts, lines.counts, lines.places, lines.which, lines.signs)
    return lines

"""What a mesh file holds, before anything is made of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError

Points = NDArray[np.float64]
Triangles = NDArray[np.int64]

MOST_TRIANGLES = 1_000_000


@dataclass(frozen=True, eq=False)
class Soup:
    """Triangles of one or several bodies, in no order.

    Parameters
    ----------
    points : (n, 3) ndarray
        In the unit of the file.
    triangles : (m, 3) ndarray
        Numbers of their corners, counter-clockwise from outside where the file is right.
    metres : float, optional
        Length of the unit [m], where the file says it.
    """

    points: Points
    triangles: Triangles
    metres: float | None = None

    @classmethod
    def of_corners(cls, corners: Points) -> Soup:
        """Triangles that share no corners yet, (m, 3, 3)."""
        count = check_count(len(corners))
        return cls(corners.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3))

    @classmethod
    def joined(cls, soups: list[Soup]) -> Soup:
        """Several as one; the unit is that of the first."""
        starts = np.cumsum([0, *(len(soup.points) for soup in soups[:-1])])
        return cls(
            np.concatenate([soup.points for soup in soups]),
            np.concatenate([s.triangles + n for s, n in zip(soups, starts, strict=True)]),
            soups[0].metres,
        )


def check_count(triangles: int) -> int:
    """Refuse a mesh of no or too many triangles."""
    if triangles < 1:
        raise GeometryError("holds no triangles")
    if triangles > MOST_TRIANGLES:
        raise GeometryError(
            f"has {triangles} triangles, at most {MOST_TRIANGLES}: simplify it before"
        )
    return triangles

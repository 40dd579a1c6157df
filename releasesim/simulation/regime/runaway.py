"""Whether acid leaves a degrading polymer faster than it is made (PHYSICS 8)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, pi

import numpy as np

from releasesim.geometry.grid import MEDIUM, VoxelGrid
from releasesim.geometry.shapes import Block, Cylinder, Film, Shape, Sphere
from releasesim.simulation.regime.phase import Phase

#: First root of the Bessel function J0.
_J0 = 2.404825557695773


@dataclass(frozen=True)
class Runaway:
    """phi^2 = k2 E0 a^2/D_acid of the thickest piece, and above what acid runs away.

    Parameters
    ----------
    phi2, critical : float
        [-].
    radius : float
        a [m].
    piece : str
        What it is, in words.
    """

    phi2: float
    critical: float
    radius: float
    piece: str


def runaway_of(phase: Phase) -> Runaway | None:
    """Thiele number of the part's acid; None where acid stays or none is made."""
    law = phase.acid
    if law is None:
        return None
    radius, critical, piece = _thickest(phase)
    return Runaway(law.k2 * law.ester0 * radius**2 / law.D_acid, critical, radius, piece)


def _thickest(phase: Phase) -> tuple[float, float, str]:
    """Length a [m] and critical phi^2 of the thickest piece that is printed, and its name.

    The critical phi^2 is a^2 times the smallest eigenvalue of -laplace with no acid at the surface:
    pi^2/4 of a slab of half-thickness a, 5.783 of a cylinder, pi^2 of a sphere.
    """
    tablet, grid = phase.study.tablet, phase.solid.grid
    if tablet.is_solid and not tablet.sealed:
        return _body(tablet.body)
    if tablet.is_solid or grid is None:
        # volume over wetted area of a slab is its half-thickness, sealed on one side or not
        return phase.solid.length, pi**2 / 4, "a slab"
    # what is printed of roads is walls and strands that touch: sheets, not round rods
    return deepest(grid), pi**2 / 4, "walls and strands"


def deepest(grid: VoxelGrid) -> float:
    """Farthest that any solid lies from a surface that the medium wets, to a cell [m]."""
    from scipy.ndimage import distance_transform_edt

    surface, beside = grid.surface, grid.solid.copy().ravel()
    wet = surface.exposure == MEDIUM
    if not wet.any():
        return inf
    beside[surface.outside[~wet]] = True  # nothing leaves there: as far from it as from itself
    beside[surface.outside[wet]] = False
    distance = distance_transform_edt(beside.reshape(grid.shape), sampling=grid.spacing)
    # the surface lies about halfway to the centre of the first cell outside
    return float(np.max(distance[grid.solid])) - 0.5 * min(grid.spacing)


def _body(body: Shape) -> tuple[float, float, str]:
    x, y, z = (0.5 * size for size in body.size)
    if isinstance(body, Film):
        return z, pi**2 / 4, "a slab"
    if isinstance(body, Sphere):
        return x, pi**2, "a sphere"
    if isinstance(body, Cylinder):
        least = min(x, z)
        return least, least**2 * ((_J0 / x) ** 2 + (pi / (2 * z)) ** 2), "a cylinder of this height"
    least = min(x, y, z)
    if isinstance(body, Block):
        return least, least**2 * pi**2 / 4 * (x**-2 + y**-2 + z**-2), "a block"
    return least, pi**2 / 4, "a slab"

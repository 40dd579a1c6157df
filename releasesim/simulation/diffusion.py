"""Release by diffusion: grids, one or several, and what extrapolation over two of them gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.geometry.shapes import Block, Film, Shape
from releasesim.geometry.solid import voxelize_solid
from releasesim.numerics.modes import FEW, decay_of_few
from releasesim.simulation.assemble import Material, assemble, dose
from releasesim.tablet import Tablet

Array = NDArray[np.float64]
Voxelizer = Callable[[float], VoxelGrid]


@dataclass(frozen=True, eq=False)
class Diffusion:
    """What a solve of diffusion found.

    Parameters
    ----------
    fraction : (n,) ndarray
        Drug in the bath by each time, of the dose [-].
    ledger_error : float
        Largest gap between what left the cells and what crossed their surface, of the dose [-].
    matvecs, cells : int
        Products with the operator; unknowns of the largest grid.
    images : int
        Mirror images that make the whole.
    """

    fraction: Array
    ledger_error: float
    matvecs: int
    cells: int
    images: int


def diffuse(
    grid: VoxelGrid,
    materials: tuple[Material, ...],
    times: Array,
    *,
    film: float = np.inf,
    bath: float = np.inf,
    single: bool = False,
    quick: bool = False,
) -> Diffusion:
    """Solve diffusion out of one voxelised body.

    Parameters
    ----------
    grid : VoxelGrid
    materials : tuple of Material
        One for each region.
    times : (n,) ndarray
        Increasing, the first may be 0 [s].
    film : float
        Mass-transfer coefficient [m/s]; infinite for none.
    bath : float
        Volume [m3]; infinite for a perfect sink.
    single : bool
        Vectors in float32.
    quick : bool
        For a search: time integration to 2e-3 instead of 5e-5.
    """
    problem = assemble(grid, materials, film, bath)
    folded = problem.fold()
    if folded.unknowns <= FEW:
        solution = decay_of_few(folded, times)
    else:
        from releasesim.numerics.lanczos import decay

        accuracy = {"tolerance": 2e-3} if quick else {}
        solution = decay(folded, times, single=single, **accuracy)
    total = dose(grid, materials)
    # a bath holds its own share of what left; at the surface some stays in the device
    share = bath / problem.bath if np.isfinite(bath) else 1.0
    # the body's true volume and the sum of its cells differ in the last digits
    fraction = np.clip((1.0 - solution.held / total) * share, 0.0, 1.0)
    fraction[times <= 0.0] = 0.0
    gap = np.abs(problem.mass - solution.held - solution.crossed).max() / total
    return Diffusion(fraction, float(gap), solution.matvecs, folded.unknowns, folded.images)


def factors(tablet: Tablet) -> Sequence[Voxelizer] | None:
    """Grids of lower dimension whose drug left, multiplied, is the body's; None if it has none.

    Into a sink or through a film, an extruded body of one material is outline times height: the
    share left is the product (Fu, Hagemeir & Moyer 1976 for the cylinder). A block is three films.
    """
    shape, sealed = tablet.body, tablet.sealed
    if tablet.infill is not None or len(tablet.parts) > 1 or not shape.extruded:
        return None
    if isinstance(shape, Film):
        return [lambda h: voxelize_solid(shape, h, sealed=sealed)]
    height = _sheet(shape.size[2], [f for f in sealed if f in ("top", "bottom", "z-", "z+")])
    if isinstance(shape, Block):
        sides = ("x-", "x+", "y-", "y+") if "side" in sealed else sealed
        along = [
            _sheet(shape.size[a], [_END[f[1]] for f in sides if f[0] == name and len(f) == 2])
            for a, name in enumerate("xy")
        ]
        return [*along, height]
    lateral = [f for f in sealed if f in ("side", "inner")]
    tall = shape.with_height(max(shape.size))
    finest = _outline_length(shape) / _PER_LENGTH
    return [
        lambda h: voxelize_solid(tall, min(h, finest * h / _USUAL), sealed=lateral, plane=True),
        height,
    ]


def _outline_length(shape: Shape) -> float:
    """Area over perimeter of the outline of an extruded body [m]."""
    area = shape.volume / shape.size[2]
    return area * shape.size[2] / (shape.surface - 2.0 * area)


#: Cells of a plane grid are this much smaller than area over perimeter, where the spacing asked
#: for is the usual one [m], and in proportion where it is another.
_PER_LENGTH, _USUAL = 8.0, 1e-4
_END = {"-": "bottom", "+": "top"}


def _sheet(thickness: float, sealed: Sequence[str]) -> Voxelizer:
    film = Film(thickness, 1e-6)
    return lambda h: voxelize_solid(film, h, sealed=sealed)


def multiply(parts: Sequence[Diffusion]) -> Diffusion:
    """Join solutions of the factors of a body."""
    left = np.prod([1.0 - part.fraction for part in parts], axis=0)
    return Diffusion(
        fraction=1.0 - left,
        ledger_error=max(part.ledger_error for part in parts),
        matvecs=sum(part.matvecs for part in parts),
        cells=max(part.cells for part in parts),
        images=max(part.images for part in parts),
    )


def extrapolate(fine: Array, coarse: Array) -> Array:
    """Richardson's f(h) + (f(h) - f(2h))/3 for a second-order method, within 0 and 1."""
    return np.clip(fine + (fine - coarse) / 3.0, 0.0, 1.0)


def error_of(fine: Array, coarse: Array, *, order: int = 2, since: float = 0.1) -> float:
    """Estimated error of f(h), |f(h) - f(2h)|/(2^order - 1); extrapolation does better in practice.

    The largest beyond `since` released, where a curve is judged; the whole curve where it never
    comes that far.
    """
    gap = np.abs(fine - coarse) / (2.0**order - 1.0)
    judged = gap[fine > since]
    return float(judged.max() if judged.size else gap.max())

"""Release by diffusion: grids, one or several, and what extrapolation over two of them gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.geometry.shapes import Block, Film, Shape
from releasesim.geometry.solid import voxelize_solid
from releasesim.numerics.modes import Decay
from releasesim.numerics.operator import DiffusionProblem
from releasesim.simulation.assemble import Material, assemble, dose
from releasesim.simulation.method import Picked, method_of
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
    method : str
        What solved it, and why that was picked.
    """

    fraction: Array
    ledger_error: float
    matvecs: int
    cells: int
    images: int
    method: str


def diffuse(
    grid: VoxelGrid,
    materials: tuple[Material, ...],
    times: Array,
    *,
    film: float = np.inf,
    bath: float = np.inf,
    single: bool = False,
    tolerance: float = 5e-5,
    quick: bool = False,
    gpu_from: float = np.inf,
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
    tolerance : float
        Of the time integration, as a fraction of the drug [-].
    quick : bool
        For a search: time integration to 2e-3.
    gpu_from : float
        Unknowns from which on Lanczos runs on a GPU, which must be there.
    """
    posed = pose(grid, materials, film=film, bath=bath)
    picked = posed.picked(float(times[-1]), gpu_from)
    settled = 2e-3 if quick else tolerance
    solved = picked.method(posed.problem, times, tolerance=settled, single=single)
    return posed.answer(solved, times, picked)


@dataclass(frozen=True, eq=False)
class Posed:
    """Diffusion out of one voxelised body, ready to be solved.

    Parameters
    ----------
    problem : DiffusionProblem
        One of its mirror images.
    mass, total : float
        Drug in its cells, by their sum and by the body's true volume [kg].
    share : float
        Of what left, the part that is in the bath; the rest stays at the device's surface [-].
    """

    problem: DiffusionProblem
    mass: float
    total: float
    share: float

    def picked(self, end: float, gpu_from: float) -> Picked:
        """The cheapest method up to `end` [s]; see `method_of`."""
        return method_of(self.problem, end, gpu_from)

    def answer(self, solved: Decay, times: Array, picked: Picked) -> Diffusion:
        """What a solution says of the body."""
        # the body's true volume and the sum of its cells differ in the last digits
        fraction = np.clip((1.0 - solved.held / self.total) * self.share, 0.0, 1.0)
        fraction[times <= 0.0] = 0.0
        gap = float(np.abs(self.mass - solved.held - solved.crossed).max() / self.total)
        cells, images = self.problem.unknowns, self.problem.images
        return Diffusion(fraction, gap, solved.matvecs, cells, images, picked.words)


def pose(
    grid: VoxelGrid, materials: tuple[Material, ...], *, film: float = np.inf, bath: float = np.inf
) -> Posed:
    """Diffusion out of one voxelised body; parameters as of `diffuse`."""
    problem = assemble(grid, materials, film, bath)
    # a bath holds its own share of what left; at the surface some stays in the device
    share = bath / problem.bath if np.isfinite(bath) else 1.0
    return Posed(problem.fold(), problem.mass, dose(grid, materials), share)


def factors(tablet: Tablet) -> Sequence[Voxelizer] | None:
    """Grids of lower dimension whose drug left, multiplied, is the body's; None if it has none.

    Into a sink or through a film, an extruded body of one material is outline times height: the
    share left is the product (Fu, Hagemeir & Moyer 1976 for the cylinder). A block is three films.
    """
    shape, sealed = tablet.body, tablet.sealed
    if tablet.has_plain_gaps and not set(sealed) & {"side", "inner"}:
        return [lambda h: _plane_with_gaps(tablet, h), _sheet(shape.size[2], sealed)]
    if not tablet.is_solid or len(tablet.parts) > 1 or not shape.extruded:
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


def _plane_with_gaps(tablet: Tablet, spacing: float) -> VoxelGrid:
    """The outline of a flat print of ink whose gaps go through all layers."""
    area, length = tablet.gap_outline
    wanted = area / length / _PER_LENGTH * spacing / _USUAL
    x, y, _ = tablet.body.size
    return tablet.voxelize_plane(max(min(spacing, wanted), float(np.sqrt(x * y / _MOST_IN_PLANE))))


def _outline_length(shape: Shape) -> float:
    """Area over perimeter of the outline of an extruded body [m]."""
    area = shape.volume / shape.size[2]
    return area * shape.size[2] / (shape.surface - 2.0 * area)


#: Cells of a plane grid are this much smaller than area over perimeter, where the spacing asked
#: for is the usual one [m], and in proportion where it is another.
_PER_LENGTH, _USUAL = 8.0, 1e-4
_MOST_IN_PLANE = 4e6
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
        method="; ".join(dict.fromkeys(part.method for part in parts)),
    )


@dataclass(frozen=True, eq=False)
class Judged:
    """The best curve of several grids, (n,) [-], and the error that is left in it."""

    fraction: Array
    error: float
    extrapolated: bool


def judge(coarse: Array | None, middle: Array | None, fine: Array, *, order: int) -> Judged:
    """What three grids of spacings 4h, 2h and h say together.

    A method of second order is extrapolated, f(h) + (f(h) - f(2h))/3, and the difference between
    what two pairs of grids extrapolate to is what is left to doubt. Of another one f(h) stands, and
    the way in which its changes shrink says how far they go on.
    """
    if middle is None:
        return Judged(fine, float("nan"), extrapolated=False)
    if coarse is None:
        return Judged(fine, error_of(fine, middle, order=order), extrapolated=False)
    last, before = fine - middle, middle - coarse
    if order == 2:
        doubt = _largest(fine + last / 3.0 - middle - before / 3.0, fine)
        return Judged(extrapolate(fine, middle), doubt / _EXTRAPOLATED, extrapolated=True)
    change = _largest(last, fine)
    shrink = _largest(before, fine) / max(change, 1e-300)
    return Judged(fine, change / (float(np.clip(shrink, 1.5, 4.0)) - 1.0), extrapolated=False)


#: What is left in a curve extrapolated from h and 2h is this much less than what changed since the
#: one from 2h and 4h (at fourth order it would be 15).
_EXTRAPOLATED = 3.0


def _largest(gap: Array, fraction: Array, since: float = 0.1) -> float:
    """Largest gap beyond `since` released; of the whole curve where it never comes that far."""
    judged = np.abs(gap)[fraction > since]
    return float(judged.max() if judged.size else np.abs(gap).max())


def extrapolate(fine: Array, coarse: Array) -> Array:
    """Richardson's f(h) + (f(h) - f(2h))/3 for a second-order method, within 0 and 1."""
    return np.clip(fine + (fine - coarse) / 3.0, 0.0, 1.0)


def error_of(fine: Array, coarse: Array, *, order: int = 2, since: float = 0.1) -> float:
    """Estimated error of f(h), |f(h) - f(2h)|/(2^order - 1); extrapolation does better in practice.

    The largest beyond `since` released, where a curve is judged; the whole curve where it never
    comes that far.
    """
    return _largest(fine - coarse, fine, since) / (2.0**order - 1.0)

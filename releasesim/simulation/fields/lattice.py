"""The cells that fields live on, in the body's own frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import VoxelGrid
from releasesim.geometry.shapes import Film, Shape, Sphere

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

BOX, TUBE, BALL = "box", "tube", "ball"


@dataclass(frozen=True)
class Lattice:
    """Regular cells, in space, around an axis, or around a point.

    Parameters
    ----------
    kind : str
        "box": along x, y and z. "tube": along the radius (first axis) and z (third). "ball": along
        the radius (first axis) only.
    shape : (int, int, int)
        Cells along the axes.
    start : (float, float, float)
        Where the first cell begins along each axis [m].
    spacing : (float, float, float)
        Cell edges [m].
    centre : float
        Height of the point that a ball's radius is measured from [m].
    """

    kind: str
    shape: tuple[int, int, int]
    start: tuple[float, float, float]
    spacing: tuple[float, float, float]
    centre: float = 0.0

    def cell_at(self, x: Array, y: Array, z: Array) -> Integers:
        """Flat index of the cell that holds each point [m]; the nearest one outside of all."""
        if self.kind == TUBE:
            x, y = np.hypot(x, y), np.zeros(1)
        if self.kind == BALL:
            x, y, z = np.sqrt(x * x + y * y + (z - self.centre) ** 2), np.zeros(1), np.zeros(1)
        flat: Integers = np.zeros(1, dtype=np.int64)
        for at, low, h, n in zip((x, y, z), self.start, self.spacing, self.shape, strict=True):
            place = np.clip(np.floor((at - low) / h), 0, n - 1).astype(np.int64)
            flat = flat * n + (place if n > 1 else 0 * place)
        return flat


def of_grid(grid: VoxelGrid) -> Lattice:
    """The cells of a voxel grid."""
    x, y, z = (o - 0.5 * h for o, h in zip(grid.origin, grid.spacing, strict=True))
    return Lattice(BOX, grid.shape, (x, y, z), grid.spacing)


def of_revolution(
    body: Shape, shape: tuple[int, int, int], spacing: tuple[float, float, float]
) -> Lattice:
    """The cells of a film, a ball, or a body around the z axis."""
    if isinstance(body, Film):
        return Lattice(BOX, shape, (-0.5 * body.size[0], -0.5 * body.size[1], 0.0), spacing)
    if isinstance(body, Sphere):
        return Lattice(BALL, shape, (0.0, 0.0, 0.0), spacing, 0.5 * body.diameter)
    inner = 0.5 * float(getattr(body, "inner_diameter", 0.0))
    return Lattice(TUBE, shape, (inner, 0.0, 0.0), spacing)


def unfolded(half: Array, shape: tuple[int, int, int]) -> Array:
    """All cells from one side of every mirror plane; a closing plane of empty cells is dropped."""
    whole = half
    for axis, n in enumerate(shape):
        if whole.shape[axis] != n:
            own = np.take(whole, range(n // 2), axis=axis)
            whole = np.concatenate([own, np.flip(own, axis=axis)], axis=axis)
    return whole

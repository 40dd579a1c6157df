"""The voxel grid: what geometry hands to simulation, without any material."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Integers = NDArray[np.int64]

#: `Surface.exposure` of a face that meets the medium, and of one that exchanges nothing.
MEDIUM, SEALED = 0, -1


@dataclass(frozen=True, eq=False)
class Surface:
    """Every place where a grid line leaves the solid, one row each (NUMERICS 2).

    Parameters
    ----------
    cell, outside : (m,) int
        Flat index of the solid cell and of its neighbour outside.
    axis : (m,) int
        0, 1 or 2.
    theta : (m,) float
        Distance from the cell centre to the surface along the axis, in spacings [-], 0 to 1.
    normals : (m, 3) float
        Unit normal of the surface there, outward [-].
    exposure : (m,) int
        `MEDIUM`, `SEALED`, or the number (1, 2, ...) of the closed void behind the face.
    """

    cell: Integers
    outside: Integers
    axis: Integers
    theta: Array
    normals: Array
    exposure: Integers

    @property
    def normal(self) -> Array:
        """Absolute component of the normal along the crossing's axis, (m,) [-]."""
        return np.asarray(np.abs(self.normals[np.arange(self.axis.size), self.axis]))

    def points(self, grid: VoxelGrid) -> Array:
        """Where the crossings are, (m, 3) [m]."""
        inside = np.array(np.unravel_index(self.cell, grid.shape)).T
        outside = np.array(np.unravel_index(self.outside, grid.shape)).T
        place = inside + self.theta[:, None] * (outside - inside)
        return np.asarray(np.array(grid.origin) + np.array(grid.spacing) * place)

    def area(self, spacing: tuple[float, float, float]) -> Array:
        """Share of the true area that each crossing stands for, (m,) [m2]."""
        hx, hy, hz = spacing
        face = np.array([hy * hz, hx * hz, hx * hy])
        return np.asarray(face[self.axis] * self.normal)


@dataclass(frozen=True, eq=False)
class Interface:
    """Faces between two regions: where on the way from cell to next cell they meet.

    Parameters
    ----------
    cell, axis : (m,) int
        The lower cell's flat index and the axis that leads to its neighbour.
    theta : (m,) float
        Distance of the interface from the lower cell's centre, in spacings [-].
    """

    cell: Integers
    axis: Integers
    theta: Array


@dataclass(frozen=True, eq=False)
class VoxelGrid:
    """A printed body on a regular grid, one layer of outside cells around it.

    Parameters
    ----------
    spacing : (float, float, float)
        Cell edges [m].
    origin : (float, float, float)
        Centre of the first cell [m].
    fraction : (nx, ny, nz) ndarray
        Solid share of every cell's volume [-].
    solid : (nx, ny, nz) bool
        Cells whose centre lies in the solid; the others carry no unknown.
    depth : (nx, ny, nz) ndarray
        Signed distance to the nearest surface, positive inside [m].
    surface : Surface
    voids : (nx, ny, nz) int
        Number of the closed void a cell belongs to, 0 elsewhere.
    region : (nx, ny, nz) int
        Region that holds the cell's centre; 0 is the tablet's own formulation.
    shares : tuple of (nx, ny, nz) ndarrays
        Each region's share of a cell's solid [-]; empty when there is one region.
    interface : Interface
    volume : float
        True solid volume [m3].
    exact_depth : bool
        True where `depth` is the true distance everywhere, not only near the surface.
    """

    spacing: tuple[float, float, float]
    origin: tuple[float, float, float]
    fraction: Array
    solid: NDArray[np.bool_]
    depth: Array
    surface: Surface
    voids: NDArray[np.int32]
    region: NDArray[np.int16]
    shares: tuple[Array, ...]
    interface: Interface
    volume: float
    exact_depth: bool

    @property
    def shape(self) -> tuple[int, int, int]:
        """Cells along x, y and z."""
        nx, ny, nz = self.solid.shape
        return nx, ny, nz

    @property
    def cell_volume(self) -> float:
        """[m3]."""
        hx, hy, hz = self.spacing
        return hx * hy * hz

    @property
    def wetted_area(self) -> float:
        """True area that meets the medium [m2]."""
        open_to_medium = self.surface.exposure == MEDIUM
        return float(self.surface.area(self.spacing)[open_to_medium].sum())

    @property
    def closed_void_volume(self) -> float:
        """Volume of the voids that the medium cannot reach [m3]."""
        return float(((1.0 - self.fraction) * (self.voids > 0)).sum() * self.cell_volume)

    def centres(self, axis: int) -> Array:
        """Cell centres along an axis, (n,) [m]."""
        return np.asarray(self.origin[axis] + self.spacing[axis] * np.arange(self.shape[axis]))

    def scaled(self, factor: float) -> VoxelGrid:
        """The same cells, every length times `factor` [-]."""
        hx, hy, hz = (factor * h for h in self.spacing)
        x, y, z = (factor * o for o in self.origin)
        return replace(
            self,
            spacing=(hx, hy, hz),
            origin=(x, y, z),
            depth=factor * self.depth,
            volume=factor**3 * self.volume,
        )

    def __repr__(self) -> str:
        nx, ny, nz = self.shape
        steps = " x ".join(f"{h * 1e6:.4g}" for h in self.spacing)
        return (
            f"VoxelGrid {nx} x {ny} x {nz} cells of {steps} um: solid {self.volume * 1e9:.4g} mm3, "
            f"wetted area {self.wetted_area * 1e6:.4g} mm2, "
            f"closed voids {self.closed_void_volume * 1e9:.4g} mm3"
        )


def axis_cells(
    length: float, spacing: float, offset: float | None = None
) -> tuple[int, float, float]:
    """Cells along one axis: how many, how wide [m], and the first centre from the body's start [m].

    Without an `offset` the faces of the body lie on cell faces and the number is even, so that
    mirror planes are kept; with one (in cells) the grid is laid anywhere, as a test of placement.
    """
    if offset is None:
        n = max(2, 2 * int(np.ceil(length / (2 * spacing) - 1e-6)))
        return n + 2, length / n, -0.5 * length / n
    n = int(np.ceil(length / spacing)) + 3
    return n, spacing, (offset - 1.5) * spacing


def label_voids(solid: NDArray[np.bool_]) -> NDArray[np.int32]:
    """Number the voids that no path of open cells joins to the grid's edge, (nx, ny, nz) [-]."""
    from scipy import ndimage

    labels, count = ndimage.label(~solid)
    edge = np.unique(
        np.concatenate(
            [labels[i].ravel() for i in (0, -1)]
            + [labels[:, i].ravel() for i in (0, -1)]
            + [labels[:, :, i].ravel() for i in (0, -1)]
        )
    )
    renumber = np.zeros(count + 1, dtype=np.int32)
    closed = np.setdiff1d(np.arange(1, count + 1), edge)
    renumber[closed] = np.arange(1, closed.size + 1)
    return np.asarray(renumber[labels])


def crossing_pairs(
    solid: NDArray[np.bool_],
) -> tuple[Integers, Integers, Integers]:
    """Flat index of the solid cell, of its non-solid neighbour, and the axis between them."""
    cells, outsides, axes = [], [], []
    strides = (solid.shape[1] * solid.shape[2], solid.shape[2], 1)
    for axis, stride in enumerate(strides):
        lower = [slice(None)] * 3
        upper = [slice(None)] * 3
        lower[axis], upper[axis] = slice(None, -1), slice(1, None)
        low, high = solid[tuple(lower)], solid[tuple(upper)]
        changes = np.argwhere(low != high)
        if not changes.size:
            continue
        below = np.ravel_multi_index(tuple(changes.T), solid.shape)
        inside_is_below = low[low != high]
        cells.append(np.where(inside_is_below, below, below + stride))
        outsides.append(np.where(inside_is_below, below + stride, below))
        axes.append(np.full(below.size, axis))
    if not cells:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty
    return np.concatenate(cells), np.concatenate(outsides), np.concatenate(axes)

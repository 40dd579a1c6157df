"""From a body on voxels to what an eye sees of it: where, which way it faces, and its shading."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

NOTHING, SURFACE, CUT = 0, 1, 2
#: Light falls from the upper left, towards the body.
_LIGHT = np.array([-0.1, -0.7, 0.8]) / math.sqrt(0.1**2 + 0.7**2 + 0.8**2)
_AMBIENT = 0.58
_INWARD = 0.8  # from the surface to the cell whose material shows, in cells
_STEP = 0.9  # of the smallest cell edge
_BEAD = 1.1  # how much the side of a road looks round


@dataclass(frozen=True)
class Camera:
    """An eye far away: parallel lines stay parallel, and one scale holds for the whole picture.

    Parameters
    ----------
    azimuth, elevation : float
        Where it stands: from x towards y, and above the horizon [rad].
    """

    azimuth: float = math.radians(-52.0)
    elevation: float = math.radians(27.0)

    @property
    def right(self) -> Array:
        """Direction of the picture's rows."""
        return np.array([-math.sin(self.azimuth), math.cos(self.azimuth), 0.0])

    @property
    def forward(self) -> Array:
        """Direction from the eye to the body."""
        across = math.cos(self.elevation)
        return -np.array(
            [
                across * math.cos(self.azimuth),
                across * math.sin(self.azimuth),
                math.sin(self.elevation),
            ]
        )

    @property
    def up(self) -> Array:
        """Direction of the picture's columns."""
        return np.cross(self.right, self.forward)

    def project(self, points: Array) -> Array:
        """Place of points (n, 3) in the picture, (n, 2), in their unit."""
        return np.asarray(points @ np.column_stack([self.right, self.up]))


@dataclass(frozen=True, eq=False)
class Body:
    """A body on voxels, as it is shown.

    Parameters
    ----------
    share : (nx, ny, nz) ndarray
        Solid share of every cell [-], with a rim of empty cells around.
    start, spacing : (3,) ndarray
        Centre of the first cell and cell edges, as shown [mm].
    layer : float
        Height of a printed layer as shown [mm]; 0 where none show.
    """

    share: NDArray[np.float32]
    start: Array
    spacing: Array
    layer: float = 0.0

    @property
    def box(self) -> tuple[Array, Array]:
        """Lowest and highest corner of what is solid, (3,) each [mm]."""
        low, high = np.zeros(3), np.zeros(3)
        for axis in range(3):
            others = tuple(a for a in range(3) if a != axis)
            found = np.flatnonzero((self.share > 0.5).any(axis=others))
            low[axis] = self.start[axis] + (found[0] - 0.5) * self.spacing[axis]
            high[axis] = self.start[axis] + (found[-1] + 0.5) * self.spacing[axis]
        return low, high


@dataclass(frozen=True, eq=False)
class View:
    """What is seen: one row per pixel that shows the body.

    Parameters
    ----------
    shape : (int, int)
        Rows, from the bottom up, and columns of the picture.
    pixel : (m,) int
        Which pixels.
    cell : (m,) int
        Flat index of the cell whose material shows.
    light : (m,) ndarray
        How bright, 0 to 1 [-].
    sliced : (m,) bool
        Which of them show a face of the cut.
    edge : (rows, columns) ndarray
        Share of black line in each pixel [-].
    """

    shape: tuple[int, int]
    pixel: NDArray[np.int64]
    cell: NDArray[np.int64]
    light: Array
    sliced: NDArray[np.bool_]
    edge: Array

    def paint(self, colours: Array) -> Array:
        """The picture, (rows, columns, 4), from the colour (m, 3) of what each pixel shows."""
        flat = np.ones((self.shape[0] * self.shape[1], 4))
        flat[:, 3] = 0.0
        flat[self.pixel, :3] = colours * self.light[:, None]
        flat[self.pixel, 3] = 1.0
        image = flat.reshape(*self.shape, 4)
        image[..., :3] *= 1.0 - self.edge[..., None]
        image[..., 3] = np.maximum(image[..., 3], self.edge)
        return image


def look(
    body: Body, camera: Camera, extent: tuple[float, float, float, float], rows: int, cut: bool
) -> View:
    """See a body.

    Parameters
    ----------
    body : Body
    camera : Camera
    extent : (left, right, bottom, top)
        Of the picture, as `Camera.project` gives it [mm].
    rows : int
        Pixels from bottom to top.
    cut : bool
        Whether the quarter that faces the eye, x > 0 and y < 0, is taken away.
    """
    columns = round(rows * (extent[1] - extent[0]) / (extent[3] - extent[2]))
    depth, hit, normal, kind = _cast(body, camera, _grid(extent, rows, columns), cut)
    seen = np.flatnonzero(kind)
    facing = normal[seen] / body.spacing
    facing /= np.maximum(np.linalg.norm(facing, axis=1), 1e-12)[:, None]
    inward = hit[seen] - _INWARD * facing * (body.spacing.min() / body.spacing)
    return View(
        shape=(rows, columns),
        pixel=seen,
        cell=_cells(inward, body.share.shape),
        light=_light(facing, hit[seen], kind[seen], body),
        sliced=kind[seen] == CUT,
        edge=_edges(depth.reshape(rows, columns), kind.reshape(rows, columns), body),
    )


def _grid(extent: tuple[float, float, float, float], rows: int, columns: int) -> Array:
    """Centres of all pixels, row by row from the bottom, (rows columns, 2) [mm]."""
    left, right, bottom, top = extent
    u = left + (np.arange(columns) + 0.5) * (right - left) / columns
    v = bottom + (np.arange(rows) + 0.5) * (top - bottom) / rows
    return np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)


def _cast(
    body: Body, camera: Camera, pixels: Array, cut: bool
) -> tuple[Array, Array, Array, NDArray[np.int8]]:
    """Depth [mm], point and normal in cells, and kind of what each pixel (m, 2) shows."""
    from releasesim.plotting.raycast import cast

    low, high = body.box
    reach = float(np.linalg.norm(high - low)) + 4.0 * float(body.spacing.max())
    aside = camera.forward * (0.5 * (low + high) @ camera.forward - 0.5 * reach)
    starts = pixels @ np.array([camera.right, camera.up]) + aside
    m = len(pixels)
    depth, hit, normal = np.full(m, np.inf), np.zeros((m, 3)), np.zeros((m, 3))
    kind = np.zeros(m, dtype=np.int8)
    cast(
        body.share,
        (starts - body.start) / body.spacing,
        camera.forward / body.spacing,
        -body.start[:2] / body.spacing[:2] if cut else np.full(2, np.inf),
        # a cell more on every side
        (np.array([low, high]) - body.start) / body.spacing + np.array([[-1.0], [1.0]]),
        _STEP * float(body.spacing.min()),
        depth,
        hit,
        normal,
        kind,
    )
    return depth, hit, normal, kind


def _cells(at: Array, shape: tuple[int, ...]) -> NDArray[np.int64]:
    place = [np.clip(np.rint(at[:, a]), 0, shape[a] - 1).astype(np.int64) for a in range(3)]
    return np.asarray(np.ravel_multi_index(tuple(place), shape))


def _light(facing: Array, hit: Array, kind: NDArray[np.int8], body: Body) -> Array:
    """Brightness of what is seen; the sides of roads look round, cuts flat."""
    lit = facing.copy()
    dark = np.ones(len(hit))
    if body.layer > 0.0:
        height = (body.start[2] + hit[:, 2] * body.spacing[2]) / body.layer
        place = 2.0 * (height - np.floor(height)) - 1.0
        side = (np.abs(facing[:, 2]) < 0.5) & (kind == SURFACE)
        lit[side, 2] += _BEAD * place[side] ** 3
        lit /= np.linalg.norm(lit, axis=1)[:, None]
        sliced = kind == CUT
        dark[sliced] -= 0.1 * np.abs(place[sliced]) ** 16
    shade = _AMBIENT + (1.0 - _AMBIENT) * np.clip(lit @ _LIGHT, 0.0, 1.0)
    shade = np.where(kind == CUT, 0.94 - 0.06 * (np.abs(facing[:, 0]) > 0.5), shade)
    return np.asarray(shade * dark)


def _edges(depth: Array, kind: NDArray[np.int8], body: Body) -> Array:
    """Dark lines where one thing ends before another, and around cuts."""
    far = np.where(np.isfinite(depth), depth, 1e6)
    jump = 3.0 * float(body.spacing.max())
    edge = np.zeros(depth.shape)
    for axis in (0, 1):
        ahead, here = _pair(axis)
        differ = (np.abs(far[ahead] - far[here]) > jump) | (
            (kind[ahead] != kind[here]) & ((kind[ahead] == CUT) | (kind[here] == CUT))
        )
        edge[here] = np.maximum(edge[here], 0.75 * differ)
    return edge


def _pair(axis: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    ahead: list[slice] = [slice(None)] * 2
    here: list[slice] = [slice(None)] * 2
    ahead[axis], here[axis] = slice(1, None), slice(None, -1)
    return tuple(ahead), tuple(here)


def smaller(image: Array, factor: int) -> Array:
    """Mean over squares of `factor` pixels a side, (rows / factor, columns / factor, channels)."""
    rows, columns = (n // factor * factor for n in image.shape[:2])
    whole = image[:rows, :columns]
    blocks = whole.reshape(rows // factor, factor, columns // factor, factor, -1)
    return np.asarray(blocks.mean(axis=(1, 3)))

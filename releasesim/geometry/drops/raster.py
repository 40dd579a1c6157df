"""A raster of places for drops, and what drops wet.

A drop spreads to a spot. A place is wet where a spot reaches its middle: then neighbouring drops
run together and level, long before they dry, into one film. Gaps that spots bridge close; wider
ones stay open. The outer edge stays where the outermost drops are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.roads import as_multipolygon

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Places = NDArray[np.bool_]

_MOST_PLACES = 100_000_000
_MOST_RUNS = 50_000
"""Of drops side by side in one layer: the union of more takes minutes."""


@dataclass(frozen=True)
class Raster:
    """Places for drops, centred on x = y = 0.

    Parameters
    ----------
    shape : (int, int)
        Places along x and y.
    pitch : (float, float)
        Distance of places along x and y [m].
    """

    shape: tuple[int, int]
    pitch: tuple[float, float]

    @classmethod
    def over(cls, size: tuple[float, float], pitch: tuple[float, float]) -> Raster:
        """A raster over a box of `size` [m].

        Raises
        ------
        GeometryError
            More places than memory is for.
        """
        nx, ny = (max(1, round(length / step)) for length, step in zip(size, pitch, strict=True))
        if nx * ny > _MOST_PLACES:
            raise GeometryError(
                f"{nx} x {ny} places for drops in a layer, at most {_MOST_PLACES:.0e}"
            )
        return cls((nx, ny), pitch)

    @property
    def size(self) -> tuple[float, float]:
        """Length along x and y [m]."""
        return self.shape[0] * self.pitch[0], self.shape[1] * self.pitch[1]

    @property
    def place_area(self) -> float:
        """Area of one place [m2]."""
        return self.pitch[0] * self.pitch[1]

    def inside(self, outline: BaseGeometry) -> Places:
        """Places whose middle lies in an outline [m], (nx, ny)."""
        from releasesim.geometry.plane import ring_segments
        from releasesim.geometry.raster import fill_rings

        (nx, ny), (dx, dy) = self.shape, self.pitch
        reach = max(dx, dy)
        phi = np.full((nx, ny), reach)
        lattice = (-0.5 * (nx - 1) * dx, -0.5 * (ny - 1) * dy, dx, dy)
        fill_rings(ring_segments(as_multipolygon(outline)), *lattice, reach, phi)
        return np.asarray(phi < 0.0)

    def outline(self, places: Places) -> shapely.MultiPolygon:
        """Area that places cover [m], its edges without the steps of the raster.

        Surface tension knows no raster: an edge runs through the middles of its steps, which for a
        straight or round edge is where it was drawn. Gaps of few places stay as they are.
        """
        (nx, ny), (dx, dy) = self.shape, self.pitch
        x0, y0 = -0.5 * nx * dx, -0.5 * ny * dy
        padded = np.zeros((nx + 2, ny), dtype=np.int8)
        padded[1:-1] = places
        i, j = np.nonzero(np.diff(padded, axis=0).T[:, :])[::-1]
        begin, end = i[::2], i[1::2]  # runs of places along x
        rows = j[::2]
        if rows.size > _MOST_RUNS:
            raise GeometryError(
                f"{rows.size} separate runs of drops in a layer, at most {_MOST_RUNS}: drops that "
                "spread run together, is the spot missing?"
            )
        boxes = shapely.box(x0 + begin * dx, y0 + rows * dy, x0 + end * dx, y0 + (rows + 1) * dy)
        return self.smoothed(as_multipolygon(shapely.union_all(boxes)))

    def smoothed(self, whole: shapely.MultiPolygon) -> shapely.MultiPolygon:
        """An area with the steps of its edges cut, a pitch high or wide [m]."""
        return shapely.MultiPolygon([self._smooth(part) for part in whole.geoms])

    def _smooth(self, part: shapely.Polygon) -> shapely.Polygon:
        """A part with the steps of its edges cut."""
        holes = [self._cut(hole) if self.is_wide(hole) else hole for hole in part.interiors]
        cut = shapely.Polygon(self._cut(part.exterior), holes)
        return cut if cut.is_valid else part

    def is_wide(self, ring: shapely.LinearRing) -> bool:
        """Whether a ring is more than a gap between drops: drawn, and large in both directions."""
        low_x, low_y, high_x, high_y = ring.bounds
        (dx, dy), few = self.pitch, _WIDE - 1e-6
        return bool((high_x - low_x) > few * dx and (high_y - low_y) > few * dy)

    def filled(self, outline: shapely.MultiPolygon) -> shapely.MultiPolygon:
        """An outline without the gaps between its drops [m]."""
        parts = [
            shapely.Polygon(part.exterior, [hole for hole in part.interiors if self.is_wide(hole)])
            for part in outline.geoms
        ]
        return as_multipolygon(shapely.union_all(parts))

    def _cut(self, ring: shapely.LinearRing) -> shapely.LinearRing:
        """A ring through the middles of its steps, of the same area; long sides keep corners."""
        corners = np.asarray(ring.simplify(1e-6 * min(self.pitch)).coords)[:-1]
        corners = np.roll(corners, -int(_turns(corners).argmax()), axis=0)
        if len(corners) <= _FEWEST_CORNERS:
            return ring
        after = np.roll(corners, -1, axis=0)
        steps = np.abs((after - corners) / np.array(self.pitch)).sum(axis=1)
        kept = np.minimum(steps, np.roll(steps, 1)) > _LONG
        points = np.stack([corners, 0.5 * (corners + after)], axis=1).reshape(-1, 2)
        cut = points[np.stack([kept, np.ones_like(kept)], axis=1).ravel()]
        area = shapely.Polygon(ring).area / shapely.Polygon(cut).area
        middle = np.asarray(shapely.Polygon(cut).centroid.coords)
        return shapely.LinearRing(middle + np.sqrt(area) * (cut - middle))


#: Rings of no more corners have no steps; sides longer than this end in true corners; holes from
#: this width on are drawn, not gaps between drops [places].
_FEWEST_CORNERS, _LONG, _WIDE = 4, 1.5, 8


def _turns(ring: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether a ring turns at each of its points."""
    before, after = np.roll(ring, 1, axis=0) - ring, np.roll(ring, -1, axis=0) - ring
    turn = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return np.asarray(np.abs(turn) > 1e-6 * np.abs(turn).max())


def wetted(
    drops: Places, pitch: tuple[float, float], spot: float | None, *, endless: bool = False
) -> Places:
    """Places that drops wet, (nx, ny).

    Parameters
    ----------
    drops : (nx, ny) ndarray
        Places with a drop.
    pitch : (float, float)
        Of places [m].
    spot : float or None
        Across a drop that has spread [m]; None where each wets its own place only.
    endless : bool
        The raster repeats.
    """
    from scipy.ndimage import binary_closing

    if spot is None:
        return drops
    reach = [int(0.5 * spot / step + 1e-9) for step in pitch]
    i, j = (np.arange(-n, n + 1) * step for n, step in zip(reach, pitch, strict=True))
    disc = i[:, None] ** 2 + j**2 <= (0.5 * spot) ** 2 * (1.0 + 1e-9)
    if disc.size <= 1 or drops.all():
        return drops
    room = [(2 * n, 2 * n) for n in reach]
    around = np.pad(drops, room, mode="wrap" if endless else "constant")
    closed = binary_closing(around, disc)
    return np.asarray(
        closed[room[0][0] : closed.shape[0] - room[0][0], room[1][0] : closed.shape[1] - room[1][0]]
    )

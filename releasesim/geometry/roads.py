"""Roads: the extruded strands of a printer, and the walls and solid areas made of them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Array = NDArray[np.float64]

#: Measured with PrusaSlicer 2.5.0, classic perimeters, `infill_overlap = 25%`; in spacings.
OVERLAP = 0.25  # infill reaches this far into the innermost wall
OUTER_INSET = 0.05  # ends of straight single lines keep this from the edge of the fill zone
INNER_INSET = 0.5  # the inner contour: lines that never enter it are dropped
NARROWEST_FILL = 0.6  # infill is laid where it finds this share of its spacing
WIDEST_SOLID = 1.2  # solid fill is spread to whole lines by at most this factor
#: An opening by this share of the spacing removes slivers that no road can fill: wider than what
#: the round end of a road leaves free in a square corner (0.086).
SLIVER = 0.15
#: Gaps between walls up to twice this close: beads give way to their neighbours [spacings].
CLOSING = 0.25
#: Loops end short of their start: 0.15 nozzle diameters, as a share of a usual road width.
SEAM = 0.15 / 1.125


@dataclass(frozen=True)
class RoadModel:
    """Cross-section of an extruded road: a rectangle with half-round sides.

    Parameters
    ----------
    width : float
        Full width of the road [m].
    layer_height : float
        Height of the layer [m].

    Raises
    ------
    GeometryError
        Not finite, not positive, or narrower than its rounded sides.

    Examples
    --------
    >>> round(RoadModel(0.45e-3, 0.2e-3).spacing * 1e3, 4)
    0.4071
    """

    width: float
    layer_height: float

    def __post_init__(self) -> None:
        sizes = (self.width, self.layer_height)
        if not all(math.isfinite(size) and size > 0.0 for size in sizes):
            raise GeometryError(
                f"road width = {self.width * 1e3:g} mm, layer height = "
                f"{self.layer_height * 1e3:g} mm: both must be finite and above 0 mm"
            )
        if self.spacing <= 0.0:
            least = self.layer_height * (1.0 - math.pi / 4.0)
            raise GeometryError(
                f"road width = {self.width * 1e3:g} mm: must be above {least * 1e3:.3g} mm "
                f"in layers of {self.layer_height * 1e3:g} mm"
            )

    @property
    def spacing(self) -> float:
        """Distance of touching roads, s = w - h (1 - pi/4) [m]."""
        return self.width - self.layer_height * (1.0 - math.pi / 4.0)

    @property
    def area(self) -> float:
        """Cross-section, h (w - h (1 - pi/4)) [m2]."""
        return self.layer_height * self.spacing

    @property
    def seam(self) -> float:
        """Length that a closed loop falls short of its start [m]."""
        return SEAM * self.width


def inset(zone: BaseGeometry, distance: float) -> BaseGeometry:
    """`zone` without what lies within `distance` [m] of its edge, corners kept sharp."""
    return zone.buffer(-distance, join_style="mitre", mitre_limit=3.0) if distance else zone


def opened(zone: BaseGeometry, distance: float) -> BaseGeometry:
    """`zone` without the parts narrower than twice `distance` [m]."""
    return inset(inset(zone, distance), -distance)


def as_multipolygon(zone: BaseGeometry) -> shapely.MultiPolygon:
    """Keep the polygons of any geometry."""
    parts = shapely.get_parts(zone)
    polygons = [p for p in parts if p.geom_type == "Polygon" and p.area > 0.0]
    return shapely.MultiPolygon(polygons)


@dataclass(frozen=True, eq=False)
class FillZone:
    """Where infill or solid fill lies, with the two contours that end its roads.

    Parameters
    ----------
    shape : geometry
        The zone, with its overlap into the walls [m].
    spacing : float
        Of the roads [m].
    """

    shape: BaseGeometry
    spacing: float

    @cached_property
    def outer(self) -> BaseGeometry:
        """Straight single lines end here [m]."""
        return inset(self.shape, OUTER_INSET * self.spacing)

    @cached_property
    def inner(self) -> BaseGeometry:
        """All other lines end here, and lines that never enter it are dropped [m]."""
        return inset(self.shape, INNER_INSET * self.spacing)

    def within(self, area: BaseGeometry | None) -> FillZone:
        """What of it lies in an area; all of it for None."""
        return self if area is None else FillZone(self.shape.intersection(area), self.spacing)

    def without(self, other: FillZone) -> FillZone:
        """What of it lies outside of another zone."""
        return FillZone(self.shape.difference(other.shape), self.spacing)

    @cached_property
    def parts(self) -> list[FillZone]:
        """Zones of one polygon each."""
        parts = as_multipolygon(self.shape).geoms
        return [self] if len(parts) == 1 else [FillZone(p, self.spacing) for p in parts]


@dataclass(frozen=True, eq=False)
class Walls:
    """The walls inside one outline, and the zone they leave to the infill.

    Parameters
    ----------
    outline : geometry
        Cross-section to print [m].
    count : int
        Walls asked for; as many as fit are printed.
    road : RoadModel
        The road.
    """

    outline: BaseGeometry
    count: int
    road: RoadModel

    @cached_property
    def paths(self) -> list[BaseGeometry]:
        """Areas inside the centre line of each wall, outermost first [m]."""
        s, areas, last = self.road.spacing, [], self.outline
        for n in range(self.count):
            # without `thin_walls` a wall is printed wherever its line fits, however narrow the rest
            last = inset(last, s if n else self.road.width / 2.0)
            if last.is_empty:
                break
            areas.append(last)
        return areas

    @cached_property
    def fill_zone(self) -> FillZone:
        """Zone of infill and solid fill; it overlaps the innermost wall by a quarter spacing."""
        s = self.road.spacing
        if self.count == 0:
            return FillZone(self.outline, s)
        if len(self.paths) < self.count:
            return FillZone(shapely.Polygon(), s)
        spare = NARROWEST_FILL * s / 2.0
        return FillZone(inset(inset(self.paths[-1], OVERLAP * s + spare), -spare), s)

    @cached_property
    def reach(self) -> BaseGeometry:
        """All that roads can cover: the outermost wall's outer edge, corners rounded [m]."""
        if self.count == 0:
            return self.outline
        if not self.paths:
            return shapely.Polygon()  # narrower than a road: nothing is printed
        return self.paths[0].buffer(self.road.spacing / 2.0, quad_segs=4)

    @cached_property
    def core(self) -> BaseGeometry:
        """What the walls leave to infill and solid fill [m]; nothing where neither fits."""
        if self.count == 0:
            return self.outline
        if len(self.paths) < self.count or self.fill_zone.inner.is_empty:
            return shapely.Polygon()
        spare = SLIVER * self.road.spacing
        return inset(inset(self.paths[-1], self.road.spacing / 2.0 + spare), -spare)

    @cached_property
    def band(self) -> BaseGeometry:
        """Zone covered by the walls [m]."""
        return self.whole.difference(self.core) if self.count else shapely.Polygon()

    @cached_property
    def whole(self) -> BaseGeometry:
        """Zone covered by the walls and by solid fill between them [m]."""
        return self.reach.difference(self.gaps) if self.paths else self.reach

    @cached_property
    def gaps(self) -> BaseGeometry:
        """Room between walls that is too narrow for another or for infill, and stays open [m]."""
        half = self.road.spacing / 2.0
        free = [inset(path, half) for path in self.paths]
        taken = [path.buffer(half, quad_segs=4) for path in self.paths[1:]] + [self.core]
        return shapely.union_all(list(map(self._left, free, taken)))

    def _left(self, outer: BaseGeometry, inner: BaseGeometry) -> BaseGeometry:
        # less than the corners of a wall leave: spare the overlay
        if outer.area - inner.area < self.road.spacing**2:
            return shapely.Polygon()
        return opened(outer.difference(inner), CLOSING * self.road.spacing)

    @cached_property
    def deposited_area(self) -> float:
        """Length of the walls times spacing [m2]."""
        length = sum(float(p.length) for p in self.paths)
        loops = sum(len(_rings(p)) for p in self.paths)
        return (length - loops * self.road.seam) * self.road.spacing


def solid_area(zone: FillZone, direction: float) -> float:
    """Deposited area of solid fill in `zone`: road length times its spread spacing [m2].

    Parameters
    ----------
    zone : FillZone
        The zone.
    direction : float
        Direction of the lines [rad].

    Returns
    -------
    float
        Sum over the zone's parts [m2]; the spacing is spread so that whole lines fill each.
    """
    return sum(_solid_part(part, direction) for part in zone.parts)


def _solid_part(part: FillZone, direction: float) -> float:
    """Deposited area of one polygon's solid fill [m2]: lines joined by turns along the edge."""
    lines = solid_lines(part, direction)
    if lines is None:
        return 0.0  # too narrow for a line: walls on both sides close it, as far as they do
    positions, chords, spread = lines
    ends = positions[[0, -1]]
    # the two loose ends run on to the outer edge
    loose = _chords(_edges(part.outer, direction), ends) - chords[[0, -1]]
    # each turn follows the inner contour on one side, so together they pass over half of it
    turns = 0.5 * _length_between(_edges(part.inner, direction), *ends)
    return (float(chords.sum()) + turns + 0.5 * float(loose.sum())) * spread


def solid_lines(part: FillZone, direction: float) -> tuple[Array, Array, float] | None:
    """Positions across [m] of the solid lines that enter the inner contour, chords, spacing [m]."""
    across = _edges(part.shape, direction)[:, :, 1]
    low, high = float(across.min()), float(across.max())
    count = math.floor((high - low) / part.spacing)
    if count == 0:
        return None
    spread = min((high - low) / count, WIDEST_SOLID * part.spacing)
    positions = np.arange(low + spread / 2.0, high, spread)
    chords = _chords(_edges(part.inner, direction), positions)
    crossed = chords > 0.0
    return (positions[crossed], chords[crossed], spread) if crossed.any() else None


def _edges(zone: BaseGeometry, direction: float) -> Array:
    """Edges of all rings, (n, 2 ends, 2), in coordinates along and across `direction` [m]."""
    # normalised rings have the body on one side, holes included
    rings = [shapely.get_coordinates(ring) for ring in _rings(shapely.normalize(zone))]
    if not rings:
        return np.empty((0, 2, 2))
    edges = np.concatenate([np.stack([ring[:-1], ring[1:]], axis=1) for ring in rings])
    cosine, sine = math.cos(direction), math.sin(direction)
    return np.asarray(edges @ np.array([[cosine, -sine], [sine, cosine]]))


def _rings(zone: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.get_rings(shapely.get_parts(zone)))


def _chords(edges: Array, positions: Array) -> Array:
    """Length inside the rings of the line across each of `positions` (m,) [m]."""
    (x0, y0), (x1, y1) = edges[:, 0].T, edges[:, 1].T
    crosses = (y0 <= positions[:, None]) != (y1 <= positions[:, None])
    rise = np.where(y1 == y0, 1.0, y1 - y0)
    x = x0 + (positions[:, None] - y0) / rise * (x1 - x0)
    return np.asarray(np.abs(np.where(crosses, np.sign(rise) * x, 0.0).sum(axis=1)))


def _length_between(edges: Array, low: float, high: float) -> float:
    """Length of the rings between two positions across [m]."""
    y = np.sort(edges[:, :, 1], axis=1)
    height = y[:, 1] - y[:, 0]
    inside = np.clip(np.minimum(y[:, 1], high) - np.maximum(y[:, 0], low), 0.0, None)
    level = (y[:, 0] >= low) & (y[:, 1] <= high)
    share = np.where(height > 0.0, inside / np.where(height > 0.0, height, 1.0), level)
    lengths = np.hypot(*(edges[:, 1] - edges[:, 0]).T)
    return float((share * lengths).sum())

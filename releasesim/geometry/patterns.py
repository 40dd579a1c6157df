"""Centre lines of the infill patterns, as PrusaSlicer 2.5 lays them (found by slicing).

The lines are anchored to the tablet's axis (x = y = 0), so that they repeat from layer to layer.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.geometry.infill import GYROID_WAVE, Infill
from releasesim.geometry.roads import FillZone, RoadModel, inset, solid_lines

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Array = NDArray[np.float64]
Lines = tuple[Array, ...]

#: Shorter pieces of a wave are not printed [spacings].
_SHORTEST_WAVE = 0.8
#: Side of the square that the triangle between a chord of a gyroid wave and its bend may fill,
#: twice over [m]; and a bound on the points of a period.
_WAVE_COARSENESS = 0.2e-3
_MOST_POINTS = 256
#: Closer than this is touching [m].
_TOUCH = 1e-9
#: Honeycomb turns by 60 degrees from layer to layer, so every third layer repeats.
_HONEYCOMB_TURNS = 3


def phase(infill: Infill, layer: int, top: float) -> float:
    """Return what tells layers of one pattern apart: turn number, or height for gyroid [m]."""
    if infill.pattern == "rectilinear":
        return layer % 2
    if infill.pattern == "honeycomb":
        return layer % _HONEYCOMB_TURNS
    return top if infill.pattern == "gyroid" else 0


def centre_lines(zone: FillZone, infill: Infill, road: RoadModel, phase: float) -> Lines:
    """Centre lines of the sparse infill roads of one layer.

    Parameters
    ----------
    zone : FillZone
        Where the infill lies [m].
    infill : Infill
        The pattern.
    road : RoadModel
        The road.
    phase : float
        Of the layer, from `phase`.

    Returns
    -------
    tuple of (n, 2) ndarray
        Points of each road's centre line [m].
    """
    if zone.inner.is_empty:
        return ()
    lines = _PATTERNS[infill.pattern](zone, infill, road, phase)
    return tuple(line for line in lines if len(line) > 1)  # a clip may leave a point or nothing


def _rectilinear(zone: FillZone, infill: Infill, road: RoadModel, phase: float) -> Lines:
    angle, distance = infill.angle + phase * math.pi / 2.0, infill.line_distance(road)
    return _loose(zone, _parallels(zone.shape, distance, angle), distance, angle)


def full_lines(zone: FillZone, direction: float) -> Lines:
    """Centre lines of infill of 100 % in a zone of one polygon, along `direction` [rad]."""
    found = solid_lines(zone, direction)
    if found is None:
        return ()
    positions, _, spread = found
    reach = float(np.abs(shapely.get_coordinates(zone.shape)).sum(axis=1).max())
    ends = np.stack(np.broadcast_arrays([[-reach, reach]], positions[:, None]), axis=-1)
    return _loose(zone, ends @ _rotation(direction).T, spread, direction)


def _loose(zone: FillZone, lines: Array, distance: float, angle: float) -> Lines:
    """Parallel lines, (n, 2, 2), as loose pieces inside a zone."""
    pieces = _clip(lines, zone.outer)
    shapely.prepare(zone.inner)
    pieces = pieces[shapely.intersects(zone.inner, pieces)]
    frame = _rotation(angle)
    ends = np.array([shapely.get_coordinates(p)[[0, -1]] for p in pieces]).reshape(-1, 2, 2) @ frame
    ends = np.sort(ends, axis=1)  # along the line; across it both are equal
    _end_at_islands(ends, zone.inner, distance, frame)
    return tuple(ends @ frame.T)


def _end_at_islands(ends: Array, inner: BaseGeometry, distance: float, frame: Array) -> None:
    """Draw `ends` (n, 2, 2) back to the inner contour where they face each other across an island.

    An island is a hole or notch of the zone that the next line on one side passes: slicers link the
    two lines around it, and a link starts at the inner contour.
    """
    if not len(ends):
        return
    numbers = np.rint((ends[:, 0, 1] - ends[0, 0, 1]) / distance)
    order = np.lexsort((ends[:, 0, 0], numbers))
    for i, j in itertools.pairwise(order):
        if numbers[i] != numbers[j]:
            continue
        facing = shapely.intersection(shapely.linestrings(ends[[i, j]] @ frame.T), inner)
        first, second = (shapely.get_coordinates(line) @ frame for line in facing)
        start, end, line = first[:, 0].max(), second[:, 0].min(), ends[i, 0, 1]
        corners = [[start, line], [end, line], [end, line + distance], [start, line + distance]]
        for side in (1.0, -1.0):
            strip = np.array(corners) * (1.0, side) + (0.0, (1.0 - side) * line)
            island = shapely.polygons(strip @ frame.T).difference(inner)
            base = shapely.linestrings(strip[:2] @ frame.T)
            parts = [p for p in shapely.get_parts(island) if shapely.distance(p, base) < _TOUCH]
            heights = np.abs((shapely.get_coordinates(parts) @ frame)[:, 1] - line)
            if heights.max(initial=0.0) < distance - _TOUCH:
                ends[i, 1, 0], ends[j, 0, 0] = start, end


def _crossing(zone: FillZone, infill: Infill, road: RoadModel, phase: float) -> Lines:
    distance, k = infill.line_distance(road), infill.directions
    angles = [infill.angle + n * math.pi / k for n in range(k)]
    # one overlay per direction: lines that cross within an overlay would be cut at the crossings
    edge = road.spacing  # lines this near to a tangent of the zone are left to the walls
    pieces = [_clip(_parallels(zone.shape, distance, angle, edge), zone.inner) for angle in angles]
    return _arrays(np.concatenate(pieces))


def _parallels(zone: BaseGeometry, distance: float, angle: float, edge: float = 0.0) -> Array:
    """Lines through `zone`, `edge` inside its extremes, at multiples of `distance` from the axis.

    Lengths [m]; shape (n, 2, 2).
    """
    along = np.array([math.cos(angle), math.sin(angle)])
    across = np.array([-along[1], along[0]])
    low, high, reach = _extent(zone, across)
    first, last = math.ceil((low + edge) / distance), math.floor((high - edge) / distance)
    offsets = distance * np.arange(first, last + 1)
    centres = offsets[:, None] * across
    return np.stack([centres - reach * along, centres + reach * along], axis=1)


def _extent(zone: BaseGeometry, across: Array) -> tuple[float, float, float]:
    """Least and greatest position of `zone` along `across`, and its reach from the axis [m]."""
    points = shapely.get_coordinates(zone)
    positions = points @ across
    return float(positions.min()), float(positions.max()), float(np.abs(points).sum(axis=1).max())


def _honeycomb(zone: FillZone, infill: Infill, road: RoadModel, phase: float) -> Lines:
    lines = _zigzags(zone.inner, infill.line_distance(road), road.spacing, infill.angle, phase)
    return _arrays(_clip(lines, zone.inner))


def _zigzags(
    zone: BaseGeometry, distance: float, spacing: float, angle: float, turn: float
) -> Array:
    """Zigzag columns whose straight parts lie side by side in pairs: hexagons, (n, m, 2)."""
    side = 2.0 * distance / math.sqrt(3.0)
    period, slant = 3.0 * side, side / 2.0
    inward, rise = spacing / 2.0, spacing / (2.0 * math.sqrt(3.0))
    centre = np.array([distance, side])  # the hexagon that stays in place as layers turn
    reach = _extent(zone, centre)[2] + 2.0 * period
    rows = np.arange(-math.ceil(reach / period), math.ceil(reach / period)) * period
    column_x = np.array([inward, inward, distance - inward, distance - inward])
    column_y = np.array(
        [slant - rise, slant + side + rise, 2 * slant + side - rise, 4 * slant + side + rise]
    )
    y = (rows[:, None] + column_y).ravel()
    x = np.tile(column_x, len(rows))
    columns = np.arange(-math.ceil(reach / distance), math.ceil(reach / distance))
    left = columns[:, None] * distance
    mirrored = np.where(columns[:, None] % 2 == 0, x, distance - x)
    points = np.stack([left + mirrored, np.broadcast_to(y, mirrored.shape)], axis=-1) - centre
    return np.asarray(points @ _rotation(angle - turn * math.pi / 3.0).T + centre)


def _gyroid(zone: FillZone, infill: Infill, road: RoadModel, phase: float) -> Lines:
    scale = road.spacing / (GYROID_WAVE * infill.density)
    turn = _rotation(infill.angle - math.pi / 4.0)
    reach = _extent(zone.inner, turn[0])[2] / scale
    coarseness = (min(_WAVE_COARSENESS, road.spacing / 2.0) / scale) ** 2
    top = _cut(zone.inner, turn, scale) / scale
    waves = _waves(reach, phase / scale, coarseness)
    lines = np.concatenate([_linestrings(scale * np.minimum(w, top) @ turn.T) for w in waves])
    pieces = _inside(lines, zone.inner)
    return _arrays(pieces[shapely.length(pieces) > _SHORTEST_WAVE * road.spacing])


def _cut(zone: BaseGeometry, turn: Array, scale: float) -> Array:
    """Where slicers flatten the waves [m]: a whole number of `scale` above a whole period."""
    points = shapely.get_coordinates(zone) @ turn
    period = 2.0 * math.pi * scale
    low = np.floor(points.min(axis=0) / period) * period
    return np.asarray(low + np.ceil((points.max(axis=0) - low) / scale) * scale)


def _waves(reach: float, z: float, coarseness: float) -> list[Array]:
    """Lines of sin y cos x + sin x cos z + sin z cos y = 0 at height `z`, |x|, |y| <= reach.

    Solved for the coordinate u across the waves: a cos u + b sin u + c = 0, where a or b keeps
    its sign along the wave, so each of the two roots is a smooth family. Shapes (n, m, 2).
    """
    sine, cosine = math.sin(z), math.cos(z)
    along_y = abs(sine) <= abs(cosine)
    families = []
    for side in (1.0, -1.0):
        root = partial(_root, sine=sine, cosine=cosine, side=side)
        families.append(_family(root, reach, coarseness))
    return [f[..., ::-1] for f in families] if along_y else families


def _root(v: Array, *, sine: float, cosine: float, side: float) -> Array:
    """One solution u of a cos u + b sin u + c = 0 at positions `v` along the waves."""
    if abs(sine) <= abs(cosine):
        a, b, c = np.sin(v), np.full_like(v, cosine), sine * np.cos(v)
    else:
        # a kept positive, so that the direction of (a, b) never passes the cut at 180 degrees
        sign = math.copysign(1.0, sine)
        a, b, c = np.full_like(v, abs(sine)), sign * np.cos(v), sign * np.sin(v) * cosine
    spread = np.arccos(np.clip(-c / np.hypot(a, b), -1.0, 1.0))
    return np.arctan2(b, a) + side * spread


def _family(root: Callable[[Array], Array], reach: float, coarseness: float) -> Array:
    """All waves u = root(v) + 2 pi n of one family, points (v, u), (n, m, 2)."""
    period = 2.0 * math.pi
    v = np.linspace(0.0, period, 5)
    coarse = np.ones(4, dtype=bool)
    while coarse.any() and len(v) < _MOST_POINTS:
        middle = 0.5 * (v[1:] + v[:-1])
        u, bend = root(v), root(middle)
        # slicers split a chord where twice the area between it and the midpoint is too large
        coarse = np.abs((bend - u[:-1]) * np.diff(v) - (middle - v[:-1]) * np.diff(u)) > coarseness
        v = np.insert(v, np.flatnonzero(coarse) + 1, middle[coarse])
    count = math.ceil(reach / period)
    shifts = period * np.arange(-count - 1, count + 2)
    along = np.append((np.arange(-count, count)[:, None] * period + v[:-1]).ravel(), count * period)
    u = root(v)
    across = np.append(np.tile(u[:-1], 2 * count), u[-1])
    return np.stack(np.broadcast_arrays(along, across + shifts[:, None]), axis=-1)


def _concentric(zone: FillZone, infill: Infill, road: RoadModel, phase: float) -> Lines:
    distance, spare = infill.line_distance(road), road.spacing / 2.0
    loops, last = [], zone.inner
    while not last.is_empty:
        loops.append(last)
        last = inset(inset(last, distance + spare), -spare)
    return _arrays(shapely.get_rings(np.concatenate([shapely.get_parts(p) for p in loops])))


def _rotation(angle: float) -> Array:
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def _clip(lines: Array, zone: BaseGeometry) -> NDArray[np.object_]:
    """Pieces of `lines` (n, m, 2) inside `zone`, in one overlay."""
    return _inside(_linestrings(lines), zone)


def _linestrings(lines: Array) -> NDArray[np.object_]:
    return np.asarray(shapely.linestrings(lines), dtype=object).reshape(-1)


def _inside(lines: NDArray[np.object_], zone: BaseGeometry) -> NDArray[np.object_]:
    if not len(lines):
        return lines
    inside = shapely.intersection(shapely.multilinestrings(lines), zone)
    pieces = shapely.get_parts(inside)
    return np.asarray(pieces[shapely.get_type_id(pieces) == 1])


def _arrays(pieces: NDArray[np.object_]) -> Lines:
    return tuple(shapely.get_coordinates(piece) for piece in pieces)


_PATTERNS: dict[str, Callable[[FillZone, Infill, RoadModel, float], Lines]] = {
    "rectilinear": _rectilinear,
    "grid": _crossing,
    "triangles": _crossing,
    "honeycomb": _honeycomb,
    "gyroid": _gyroid,
    "concentric": _concentric,
}

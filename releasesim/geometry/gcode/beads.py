"""Beads: what the roads of a toolpath cover, layer by layer.

A bead is as wide as its material needs at its height (rectangular section), with round joints and
butt ends. Loops end a little short of their start, and the slicer leaves that seam to be filled.
Walls and solid fill are laid to touch, and overlap by some 4 % of their material so that it fills
what their ends and turns leave open: gaps between such roads, up to half a road wide, are closed
here; where there is less material than room, it is the room that is less filled (`Tablet.packing`).
Roads of sparse infill stay as they are laid.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.gcode.features import FEATURES
from releasesim.geometry.gcode.toolpath import Toolpath
from releasesim.geometry.roads import as_multipolygon
from releasesim.geometry.slicing import PrintedLayer

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Array = NDArray[np.float64]
Rows = NDArray[np.int64]

SEAL = 5e-6
"""Gaps narrower than twice this are digits of the file, not gaps [m]."""
TOUCHING = 0.25
"""Gaps between roads that should touch are closed up to twice this, in widths of a road [-]."""
_DIGITS = 1e-6
"""Points of a road that lie nearer to a line than this are left out [m]: the file's own digits."""
_SEAM = 0.5
"""A loop that ends nearer to its start than so many widths is closed [-]."""
_SAME_WIDTH = 0.05
"""Widths of a path that differ less are one [-]: short pieces carry the digits of the file."""
_LEVEL = 1e-6
"""Heights are read to this [m]; what is closer than two of them is one level."""
_QUARTER = 4
"""Chords in a quarter of a round joint: they stray 4 um from one of 0.2 mm."""
_INFILL = FEATURES.index("infill")
_MOST_LAYERS = 20_000
_MOST_TIMES, _MOST_BEADS = 8.0, 100_000
"""Roads of one level that lie more often over their own box, or are more, are no print's: their
union would take hours."""


def bead_layers(
    path: Toolpath, parts: Sequence[Sequence[int]]
) -> tuple[tuple[PrintedLayer, ...], ...]:
    """Layers of beads of each part, all with the same heights, from the bottom up.

    Parameters
    ----------
    path : Toolpath
        Of the tablet alone; it is centred: its box on 0, 0, its bottom on 0.
    parts : sequence of sequences of int
        Tools that print each part.

    Raises
    ------
    GeometryError
        Roads that climb while they are laid, or too many levels.
    """
    stack = BeadStack(path)
    return tuple(stack.layers(np.isin(path.tool, tools)) for tools in parts)


class BeadStack:
    """All beads of a tablet, and the levels between which they lie.

    Parameters
    ----------
    path : Toolpath
        Of the tablet alone.
    """

    def __init__(self, path: Toolpath) -> None:
        self.path = path
        low, high = path.box
        self.centre = 0.5 * (low + high)[:2]
        flat = path.end[:, :2] - path.start[:, :2]
        self.moves = np.asarray(np.hypot(*flat.T) > 0.0)
        self._check_level()
        top = np.round((path.end[:, 2] - low[2]) / _LEVEL).astype(np.int64)
        bottom = np.round((path.end[:, 2] - path.height - low[2]) / _LEVEL).astype(np.int64)
        self.faces = _levels(np.concatenate([bottom[self.moves], top[self.moves]]))
        if self.faces.size > _MOST_LAYERS:
            raise GeometryError(f"has more than {_MOST_LAYERS} levels of roads", path.path)
        count = self.faces.size - 1
        self.first = np.clip(_nearest(self.faces, bottom), 0, count - 1)
        self.last = np.clip(_nearest(self.faces, top) - 1, self.first, count - 1)
        self.covers: dict[bytes, shapely.MultiPolygon] = {}

    def _check_level(self) -> None:
        rise = np.abs(self.path.end[:, 2] - self.path.start[:, 2])
        climbing = np.flatnonzero(self.moves & (rise > 2.0 * _LEVEL))
        if climbing.size:
            raise GeometryError(
                "a road that climbs while it is laid (spiral vase?): only level roads can be "
                "made into layers",
                self.path.path,
                int(self.path.line[climbing[0]]),
            )

    def layers(self, own: NDArray[np.bool_]) -> tuple[PrintedLayer, ...]:
        """Layers of some of the beads."""
        chosen = np.flatnonzero(own)
        spread = self.last[chosen] - self.first[chosen] + 1
        row = np.repeat(chosen, spread)
        within = np.arange(row.size) - np.repeat(np.cumsum(spread) - spread, spread)
        slab = self.first[row] + within
        order = np.argsort(slab, kind="stable")
        cuts = np.searchsorted(slab[order], np.arange(self.faces.size))
        heights = self.faces * _LEVEL
        return tuple(
            self._layer(row[order[cuts[n] : cuts[n + 1]]], heights[n], heights[n + 1])
            for n in range(self.faces.size - 1)
        )

    def _layer(self, rows: Rows, bottom: float, top: float) -> PrintedLayer:
        path = self.path
        # of beads in several slabs each gets its share by height
        span = self.faces[self.last[rows] + 1] - self.faces[self.first[rows]]
        area = path.volume[rows] / (span * _LEVEL)
        beads = rows[self.moves[rows]]
        key = self._key(beads)
        if key not in self.covers:
            self.covers[key] = self._cover(beads)
        sparse = float(area[path.feature[rows] == _INFILL].sum())
        deposited = float(area.sum())
        return PrintedLayer(float(bottom), float(top), self.covers[key], (), deposited, key, sparse)

    def _key(self, beads: Rows) -> bytes:
        path = self.path
        what = np.column_stack([path.start[beads, :2], path.end[beads, :2], path.width[beads]])
        digits = np.round(what / 1e-7).astype(np.int64)
        return hashlib.blake2b(digits.tobytes(), digest_size=16).digest()

    def _check_crowd(self, beads: Rows) -> None:
        """Refuse levels in which roads lie on each other again and again."""
        path = self.path
        ends = np.concatenate([path.start[beads, :2], path.end[beads, :2]])
        box = float(np.prod(np.ptp(ends, axis=0) + path.width[beads].max()))
        times = float(path.width[beads] @ path.length[beads]) / box
        if times <= _MOST_TIMES and beads.size <= _MOST_BEADS:
            return
        raise GeometryError(
            f"lays {beads.size} pieces of road on one level, {times:.3g} times over the box that "
            f"they span: at most {_MOST_BEADS} and {_MOST_TIMES:g} times are taken for a print",
            path.path,
            int(path.line[beads[0]]),
        )

    def _cover(self, beads: Rows) -> shapely.MultiPolygon:
        path = self.path
        if beads.size:
            self._check_crowd(beads)
        loose = path.features_named & (path.feature[beads] == _INFILL)
        close, single = beads[~loose], beads[loose]
        area = (path.width[close] * path.length[close]).sum()
        width = area / max(path.length[close].sum(), _DIGITS)
        reach = max(SEAL, TOUCHING * width)
        grown = shapely.union_all(self._areas(close, reach))
        if single.size:
            closed = shapely.buffer(grown, SEAL - reach, quad_segs=2)
            grown, reach = shapely.union_all([closed, *self._areas(single, SEAL)]), SEAL
        return as_multipolygon(shapely.buffer(grown, -reach, quad_segs=2))

    def _areas(self, beads: Rows, reach: float) -> list[BaseGeometry]:
        """What each of some beads covers, `reach` further out [m]."""
        path = self.path
        if not beads.size:
            return []
        start, end = path.start[beads, :2] - self.centre, path.end[beads, :2] - self.centre
        strokes = list(_strokes(start, end, path.width[beads], reach))
        lines = shapely.linestrings(
            np.concatenate([stroke.points for stroke in strokes]),
            indices=np.repeat(np.arange(len(strokes)), [len(s.points) for s in strokes]),
        )
        half = 0.5 * np.array([stroke.width for stroke in strokes])
        lines = shapely.simplify(lines, _DIGITS, preserve_topology=False)
        areas = shapely.buffer(lines, half + reach, quad_segs=_QUARTER, cap_style="flat")
        joints = [p for s in strokes for p in s.joints]
        discs = [shapely.Point(x, y).buffer(r + reach, quad_segs=_QUARTER) for x, y, r in joints]
        return [*areas, *discs]


def _levels(heights: Rows) -> Rows:
    """Different heights, ascending; what is closer than two units is one."""
    found = np.unique(heights)
    return np.asarray(found[np.concatenate([[True], np.diff(found) > 2])])


def _nearest(levels: Rows, heights: Rows) -> Rows:
    """Index of the level next to each height."""
    above = np.clip(np.searchsorted(levels, heights), 1, levels.size - 1)
    lower = heights - levels[above - 1] < levels[above] - heights
    return np.asarray(above - lower)


@dataclass(frozen=True, eq=False)
class _Stroke:
    """Centre line (n, 2), width, and discs (x, y, radius) where it meets one of another width."""

    points: Array
    width: float
    joints: tuple[tuple[float, float, float], ...] = ()


def _strokes(start: Array, end: Array, width: Array, reach: float) -> Iterator[_Stroke]:
    """Pieces of road joined to strokes of one width each, free ends longer by `reach` [m]."""
    joined = (start[1:] == end[:-1]).all(axis=1)
    cuts = [0, *(np.flatnonzero(~joined) + 1), len(start)]
    for first, last in itertools.pairwise(cuts):
        points = np.vstack([start[first : first + 1], end[first:last]])
        yield from _path_strokes(points, width[first:last], reach)


def _path_strokes(points: Array, width: Array, reach: float) -> Iterator[_Stroke]:
    """Strokes of one unbroken path; a loop is closed."""
    gap = float(np.hypot(*(points[-1] - points[0])))
    length = np.hypot(*np.diff(points, axis=0).T)
    closed = len(width) > 2 and gap < _SEAM * width[0] and length.sum() > 4.0 * width[0]
    if closed and gap > 0.0:
        points = np.vstack([points, points[:1]])
        width, length = np.append(width, width[0]), np.append(length, gap)
    low, high = float(width.min()), float(width.max())
    if high <= low * (1.0 + _SAME_WIDTH):
        mean = float(width @ length / length.sum())
        yield _Stroke(points if closed else _extended(points, reach), mean)
        return
    free = points if closed else _extended(points, reach)
    yield from _pieces(free, width, closed)


def _pieces(points: Array, width: Array, closed: bool) -> Iterator[_Stroke]:
    """Strokes of a path whose width changes, with discs where they meet."""
    step = np.round(np.log(width / width.min()) / np.log1p(_SAME_WIDTH))
    cuts = [0, *(np.flatnonzero(np.diff(step)) + 1), len(width)]
    for first, last in itertools.pairwise(cuts):
        ends = [n for n in (first, last) if closed or 0 < n < len(width)]
        discs = tuple(
            (
                float(points[n, 0]),
                float(points[n, 1]),
                0.5 * min(width[n % len(width)], width[n - 1]),
            )
            for n in ends
        )
        yield _Stroke(points[first : last + 1], float(width[first:last].mean()), discs)


def _extended(points: Array, reach: float) -> Array:
    """A line longer by `reach` at both ends: as long again when that is taken back."""
    points = points.copy()
    for tip, behind in ((0, 1), (-1, -2)):
        along = points[tip] - points[behind]
        points[tip] = points[tip] + reach * along / np.hypot(*along)
    return points

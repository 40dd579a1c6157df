"""Slicing: a body's outlines cut into layers of walls, solid fill and sparse infill roads."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.grading import filled_by, graded_steps
from releasesim.geometry.infill import Infill
from releasesim.geometry.patterns import centre_lines, full_lines, phase
from releasesim.geometry.roads import (
    FillZone,
    RoadModel,
    Walls,
    as_multipolygon,
    inset,
    solid_area,
)

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

#: PrusaSlicer 2.5.0 grows outer faces by this much into sparse infill [m].
FACE_MARGIN = 3e-3
#: Faces narrower than twice this are rounding of the outlines [m].
FACE_OPENING = 1e-5

Lines = tuple[NDArray[np.float64], ...]
Outline = Callable[[float], "BaseGeometry"]
_Roads = tuple[shapely.MultiPolygon, Lines, float, float]
_Fill = tuple[Infill, "BaseGeometry | None"]

# Solid fill at steps of the body, measured on a sphere with PrusaSlicer 2.5.0: a step is widened
# by 1.05 spacings, then opened by half and grown by 0.8 of that.
SHELL_SPACING = 1.05
SHELL_OPENING = 0.5
SHELL_GROWTH = 0.8


@dataclass(frozen=True, eq=False)
class PrintedLayer:
    """One printed layer: what its roads cover, and how much they deposit.

    Parameters
    ----------
    bottom, top : float
        Heights of its faces [m].
    bands : shapely.MultiPolygon
        Zones covered wholly: walls and solid fill [m].
    lines : tuple of (n, 2) ndarray
        Centre lines of the sparse infill roads [m]; each is `RoadModel.spacing` wide, with butt
        ends and round joints. Layers that repeat share the same object.
    deposited_area : float
        Road length times spacing, over walls, solid fill and sparse infill [m2].
    key : hashable
        Equal for layers of equal roads, whatever their height.
    sparse_area : float
        What sparse infill has of the deposited area [m2].
    """

    bottom: float
    top: float
    bands: shapely.MultiPolygon
    lines: Lines
    deposited_area: float
    key: Hashable
    sparse_area: float = 0.0

    @property
    def thickness(self) -> float:
        """Layer height [m]."""
        return self.top - self.bottom

    @property
    def deposited_volume(self) -> float:
        """Extruded volume, overlaps of roads counted twice [m3]."""
        return self.deposited_area * self.thickness


def deposited_volume(layers: list[PrintedLayer]) -> float:
    """Extruded volume of all `layers` [m3]: what E counts, so mass and dose follow from it."""
    return math.fsum(layer.deposited_volume for layer in layers)


def slice_outline(
    outline: Outline,
    height: float,
    *,
    infill: Infill,
    walls: int,
    roofs: int,
    floors: int,
    layer_height: float,
    road_width: float,
    widest: BaseGeometry | None = None,
) -> list[PrintedLayer]:
    """Cut a body into printed layers, as a slicer does.

    Parameters
    ----------
    outline : callable
        Cross-section at a height [m], a shapely geometry [m]; asked at the middle of each layer.
    height : float
        Of the body [m]; rounded to whole layers, at least one.
    infill : Infill
        Pattern between the walls.
    walls, roofs, floors : int
        Number of perimeters, and of solid layers above and below every part of the body.
    layer_height, road_width : float
        Of the printer's roads [m].
    widest : geometry, optional
        Widest area inside the walls, which the rings of a graded infill divide [m]; that at half
        the height where absent.

    Returns
    -------
    list of PrintedLayer
        From the bottom up. Layers of equal roads share bands, lines and key.

    Raises
    ------
    GeometryError
        A road that cannot exist, a height or a count that is not one.

    Examples
    --------
    >>> disc = shapely.Point(0.0, 0.0).buffer(5e-3)
    >>> layers = slice_outline(lambda z: disc, 4e-3, infill=Infill("grid", 0.3), walls=2,
    ...                        roofs=3, floors=3, layer_height=0.2e-3, road_width=0.45e-3)
    >>> len(layers), len({layer.key for layer in layers})
    (20, 2)
    """
    road = RoadModel(road_width, layer_height)
    _check(height, walls, roofs, floors)
    count = max(1, round(height / layer_height))
    sections = _sections(outline, count, walls, road)
    widest = inset(outline(0.5 * height), walls * road.spacing) if widest is None else widest
    steps = graded_steps(infill, widest, count, road.spacing)
    job = _Job(infill, road, roofs, floors, sections, [filled_by(steps, n) for n in range(count)])
    return [job.layer(n) for n in range(count)]


def _check(height: float, walls: int, roofs: int, floors: int) -> None:
    if not (math.isfinite(height) and height > 0.0):
        raise GeometryError(f"height to print = {height * 1e3:g} mm: must be above 0 mm")
    for name, value in (("walls", walls), ("roofs", roofs), ("floors", floors)):
        if value != int(value) or value < 0:
            raise GeometryError(f"{name} = {value}: must be 0 or a whole number above")


@dataclass(frozen=True, eq=False)
class _Section:
    """One distinct outline of the body: `digest` tells it from the others."""

    digest: bytes
    walls: Walls
    opened: dict[_Section, BaseGeometry] = field(default_factory=dict)

    @cached_property
    def bands(self) -> shapely.MultiPolygon:
        return as_multipolygon(self.walls.band)

    @cached_property
    def whole(self) -> shapely.MultiPolygon:
        return as_multipolygon(self.walls.whole)

    def open_to(self, beyond: _Section, reach: float) -> BaseGeometry:
        """Fill zone further than `reach` [m] from where the outline of `beyond` leaves a step."""
        if beyond not in self.opened:
            step = self.walls.outline.difference(beyond.walls.outline)
            zone = self.walls.fill_zone.shape
            self.opened[beyond] = zone.difference(inset(step, -reach)) if step.area else zone
        return self.opened[beyond]


def _sections(outline: Outline, count: int, walls: int, road: RoadModel) -> list[_Section]:
    """Section of each layer; equal outlines give the same object, so work is done once."""
    known: dict[bytes, _Section] = {}
    sections = []
    for n in range(count):
        shape = outline((n + 0.5) * road.layer_height)
        digest = hashlib.blake2b(shapely.to_wkb(shape), digest_size=16).digest()
        if digest not in known:
            known[digest] = _Section(digest, Walls(shape, walls, road))
        sections.append(known[digest])
    return sections


@dataclass(eq=False)
class _Job:
    """All that layers of one body have in common, and those computed so far."""

    infill: Infill
    road: RoadModel
    roofs: int
    floors: int
    sections: list[_Section]
    fills: list[list[_Fill]]
    done: dict[Hashable, _Roads] = field(default_factory=dict)

    def layer(self, n: int) -> PrintedLayer:
        """Layer `n` from the bottom."""
        h = self.road.layer_height
        bottom, top = n * h, (n + 1) * h
        section, steps = self.sections[n], self._steps(n)
        key: tuple[Hashable, ...] = (section.digest, self.road, section.walls.count)
        turn = phase(self.infill, n, top)
        if steps is not None and not self.infill.solid:
            names = frozenset((near.digest, beyond.digest) for near, beyond in steps)
            key = (*key, self.infill, self.fills[n][0][0], names, turn)
        # what solid fill deposits, not what it covers, depends on direction and on closing
        parity = 0 if steps == [] and not self.infill.solid else n % 2
        made = (*key, steps is None, parity)
        if made not in self.done:
            self.done[made] = self._roads(section, steps, turn, n)
        bands, lines, area, sparse = self.done[made]
        return PrintedLayer(bottom, top, bands, lines, area, key, sparse)

    def _steps(self, n: int) -> list[tuple[_Section, _Section]] | None:
        """Neighbours that may leave a part of layer `n` to solid fill; None: all of it.

        Each with the section beyond it, upwards for the roofs and downwards for the floors.
        """
        first, last = n - self.floors, n + self.roofs
        if first < 0 or last >= len(self.sections):
            return None
        own, s = self.sections[n], self.sections
        below = [(s[j], s[j - 1]) for j in range(first + 1, n + 1)]
        above = [(s[j], s[j + 1]) for j in range(n, last)]
        pairs = [pair for pair in dict.fromkeys(below + above) if pair != (own, own)]
        if any(beyond.walls.outline.is_empty for _, beyond in pairs):
            return None  # a part that ends inside the body is closed there
        return pairs

    def _roads(
        self, section: _Section, steps: list[tuple[_Section, _Section]] | None, turn: float, n: int
    ) -> _Roads:
        walls, direction = section.walls, self.infill.angle + (n % 2) * math.pi / 2.0
        zone, area = walls.fill_zone, walls.deposited_area
        if steps is None:
            return section.whole, (), area + solid_area(zone, direction), 0.0
        if self.infill.solid:
            return section.whole, (), area + self._full_area(zone, direction), 0.0
        zones = [(infill, zone.within(own)) for infill, own in self.fills[n]]
        bands = section.bands
        lines: Lines = ()
        if steps:
            closed = [_exposed(part, steps).shape for _, part in zones]
            solid = FillZone(shapely.union_all(closed), zone.spacing)
            zones = [(infill, part.without(solid)) for infill, part in zones]
            bands = as_multipolygon(shapely.union(walls.band, solid.shape))
            area += solid_area(solid, direction)
        for infill, part in zones:
            if infill.solid:
                bands = as_multipolygon(shapely.union(bands, part.shape))
                area += self._full_area(part, direction)
            else:
                lines += centre_lines(part, infill, self.road, turn)
        loose = sum(map(self._length, lines)) * self.road.spacing
        return bands, lines, area + loose, loose

    def _full_area(self, zone: FillZone, direction: float) -> float:
        """Deposited area of infill of 100 %: loose lines of the nominal spacing's flow [m2]."""
        lines = [line for part in zone.parts for line in full_lines(part, direction)]
        return sum(map(self._length, lines)) * self.road.spacing

    def _length(self, line: NDArray[np.float64]) -> float:
        closed = len(line) > 2 and bool((line[0] == line[-1]).all())
        length = float(np.hypot(*np.diff(line, axis=0).T).sum())
        return max(0.0, length - closed * self.road.seam)


def _grown_face(near: _Section, beyond: _Section) -> BaseGeometry:
    """Top or bottom face of a layer, grown into the sparse infill as PrusaSlicer 2.5.0 does it."""
    zone = near.walls.fill_zone.shape
    face = near.walls.outline.difference(beyond.walls.outline).intersection(zone)
    face = inset(inset(face, FACE_OPENING), -FACE_OPENING)
    return face if face.is_empty else face.buffer(FACE_MARGIN).intersection(zone)


def _exposed(zone: FillZone, steps: list[tuple[_Section, _Section]]) -> FillZone:
    """Part of `zone` that closes the steps of the body: not over, or not under, other infill.

    Steps and the walls of the neighbours widened as PrusaSlicer 2.5.0 does it
    (`ensure_vertical_shell_thickness = 1`); what no road fits into stays sparse.
    """
    reach = SHELL_SPACING * zone.spacing
    open_zone = zone.shape
    for near, beyond in steps:
        open_zone = open_zone.intersection(near.open_to(beyond, reach))
        open_zone = open_zone.difference(_grown_face(near, beyond))
    shell = zone.shape.difference(open_zone)
    kept = inset(inset(shell, SHELL_OPENING * reach), -SHELL_GROWTH * reach)
    return FillZone(shapely.intersection(kept, zone.shape), zone.spacing)

"""Roads as a mesh: every layer's roads as bodies, for slicers that lack a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.roads import inset
from releasesim.printing.mesh import extrude, triangles
from releasesim.units import mm

if TYPE_CHECKING:
    from collections.abc import Hashable

    from manifold3d import Manifold
    from shapely.geometry.base import BaseGeometry

    from releasesim.geometry.slicing import PrintedLayer
    from releasesim.tablet import Tablet

#: Areas are laid on points of this distance [m].
_RASTER = 2e-8
#: And end so far inside, by turns [m]; the next pair where roads still touch.
_INSETS = ((1e-7, 3e-7), (2e-7, 5e-7), (4e-7, 12e-7), (9e-7, 23e-7))


def roads_mesh(tablet: Tablet) -> Manifold:
    """Mesh of all roads of a tablet: walls and solid layers as areas, infill as strands [mm].

    Strands are as wide as a road covers, with butt ends and round joints, and overlap into one
    body. A slicer that prints this with 100 % infill adds roads of its own: choose its patterns
    where it has them.

    Roads that only touch, along an edge or in a corner, and edges of two layers that nearly fall
    together, make no watertight mesh. So all end a little inside, by turns less and more.

    Raises
    ------
    GeometryError
        Nothing is printed, or roads touch whatever is tried.
    """
    runs = _runs(_areas(tablet))
    if not runs:
        raise GeometryError("no road is left: the body is too small for its walls and infill")
    for insets in _INSETS:
        made = _stacked(runs, insets, tablet.layer_height / mm)
        if _is_closed(made):
            return made
    raise GeometryError(
        "roads touch along edges, so no mesh of them is watertight: change the density or the "
        "angle of the infill a little, or leave roads.stl out"
    )


def _stacked(
    runs: list[tuple[int, int, BaseGeometry]], insets: tuple[float, float], thickness: float
) -> Manifold:
    """One body of all runs of layers [mm]."""
    from manifold3d import Manifold, OpType

    slabs = [
        _slab(_smaller(area, insets[number % 2]), start * thickness, stop * thickness)
        for number, (start, stop, area) in enumerate(runs)
    ]
    return Manifold.batch_boolean(slabs, OpType.Add)


def _is_closed(mesh: Manifold) -> bool:
    """Whether two triangles meet at each edge, by the digits that an STL keeps."""
    vertices, faces = triangles(mesh)
    _, points = np.unique(vertices.astype(np.float32), axis=0, return_inverse=True)
    a, b, c = points.reshape(-1)[faces].T
    ends = np.concatenate([np.stack([a, b]), np.stack([b, c]), np.stack([c, a])], axis=1)
    edges = ends.min(axis=0) * len(vertices) + ends.max(axis=0)
    return bool((np.unique(edges, return_counts=True)[1] == 2).all())


def _slab(area: BaseGeometry, bottom: float, top: float) -> Manifold:
    """Body of one area [m] between two heights [mm], to the last bit: slabs that meet merge."""

    def place(points: NDArray[np.float64]) -> NDArray[np.float64]:
        points[:, 2] = np.where(points[:, 2] > 0.5, top, bottom)
        return points

    return extrude(area, 1.0 * mm).warp_batch(place)


def _areas(tablet: Tablet) -> list[BaseGeometry]:
    """Area that the roads of each layer cover [m]; layers of equal roads share it."""
    known: dict[Hashable, BaseGeometry] = {}
    areas = []
    for parts in zip(*tablet.printed, strict=True):
        key = tuple(part.key for part in parts)
        if key not in known:
            covered = [_covered(part, tablet.road_spacing) for part in parts]
            known[key] = shapely.set_precision(shapely.union_all(covered), _RASTER)
        areas.append(known[key])
    return areas


def _smaller(area: BaseGeometry, distance: float) -> BaseGeometry:
    free = shapely.set_precision(area, 0.0)  # else what is made of it is snapped on the way too
    return shapely.set_precision(inset(free, distance), _RASTER)


def _covered(layer: PrintedLayer, spacing: float) -> BaseGeometry:
    lines = [_centre_line(line) for line in layer.lines]
    strands = shapely.buffer(np.array(lines), spacing / 2.0, cap_style="flat", quad_segs=4)
    return shapely.union_all([layer.bands, *strands])


def _centre_line(line: NDArray[np.float64]) -> BaseGeometry:
    closed = len(line) > 2 and bool((line[0] == line[-1]).all())
    return shapely.LinearRing(line) if closed else shapely.LineString(line)


def _runs(areas: list[BaseGeometry]) -> list[tuple[int, int, BaseGeometry]]:
    """First layer and layer after the last of each run of equal areas."""
    starts = [n for n, area in enumerate(areas) if n == 0 or area is not areas[n - 1]]
    ends = [*starts[1:], len(areas)]
    return [(a, b, areas[a]) for a, b in zip(starts, ends, strict=True) if not areas[a].is_empty]

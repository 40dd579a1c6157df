"""Meshes: shapes as closed triangle bodies in millimetres."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.mesh import Mesh
from releasesim.geometry.shapes import Capsule, Shape, Sphere
from releasesim.units import mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from manifold3d import CrossSection, Manifold
    from shapely.geometry.base import BaseGeometry

    from releasesim.geometry.grading import Step
    from releasesim.tablet import Part, Placed, Tablet

Vertices = NDArray[np.float64]
Triangles = NDArray[np.int64]

CHORD_ERROR = 5e-6
"""Most that a chord may leave the circle it stands for [m]."""
_FEWEST_SEGMENTS = 128
#: Flat faces at the middle of a layer are put so much lower: the layer is then above them, as in
#: the simulated tablet [m].
_NUDGE = 1e-6
#: Bodies round both ways are grown to their true volume, which takes part of the error allowed.
_ROUND_SHARE = 0.4


@singledispatch
def shape_mesh(shape: Shape) -> Manifold:
    """Mesh of a shape, closed and of the shape's own volume [mm].

    Raises
    ------
    GeometryError
        A shape that is no extrusion and has no mesh of its own yet.
    """
    if not shape.extruded:
        raise GeometryError(f"a {shape.kind} cannot be exported: it has no mesh")
    return extrude(shape.outline(0.5 * shape.size[2]), shape.size[2])


@shape_mesh.register(Sphere)
def _sphere(shape: Sphere) -> Manifold:
    return shape_mesh(Capsule(shape.diameter, shape.diameter))


@shape_mesh.register(Mesh)
def _from_file(shape: Mesh) -> Manifold:
    return shape.body.manifold


@shape_mesh.register(Capsule)
def _capsule(shape: Capsule) -> Manifold:
    from manifold3d import Manifold

    radius, straight = 0.5 * shape.diameter, shape.length - shape.diameter
    n = circle_segments(radius, _ROUND_SHARE * CHORD_ERROR)
    angle = np.linspace(0.0, 0.5 * math.pi, n // 4 + 1)
    across, along = radius * np.cos(angle), radius * np.sin(angle) + 0.5 * straight
    across[-1] = 0.0  # the pole, on the axis to the last digit
    half = np.stack([across, along], axis=-1)
    profile = np.concatenate([half, half[::-1] * [1.0, -1.0]])
    lying = Manifold.revolve(_cross_section([profile]), n).rotate([0.0, 90.0, 0.0])
    # chords lie inside: grow to the true volume, by a few micrometres
    growth = (shape.volume / mm**3 / lying.volume()) ** (1.0 / 3.0)
    return lying.scale([growth] * 3).translate([0.0, 0.0, growth * radius / mm])


def circle_segments(radius: float, error: float = CHORD_ERROR) -> int:
    """Segments of a circle of `radius` whose chords stay within `error` [m]; a multiple of four.

    Examples
    --------
    >>> circle_segments(5e-3), circle_segments(0.1)
    (128, 316)
    """
    enough = math.pi / math.acos(1.0 - min(1.0, error / radius))
    return max(_FEWEST_SEGMENTS, 4 * math.ceil(enough / 4.0))


def extrude(outline: BaseGeometry, height: float) -> Manifold:
    """Body of one outline [m] from 0 to `height` [m], in mm."""
    from manifold3d import Manifold

    rings = shapely.get_rings(shapely.get_parts(outline))
    return Manifold.extrude(
        _cross_section([shapely.get_coordinates(r) for r in rings]), height / mm
    )


def _cross_section(rings: Sequence[Vertices]) -> CrossSection:
    """Area within an odd number of closed `rings`, each (n, 2) [m], in mm."""
    from manifold3d import CrossSection, FillRule

    return CrossSection([np.asarray(ring) / mm for ring in rings], FillRule.EvenOdd)


def part_meshes(tablet: Tablet) -> list[Manifold]:
    """Mesh of each part of a tablet [mm]: inside the body, outside all later parts.

    Parameters
    ----------
    tablet : Tablet
        Of roads; its body is that of whole layers.

    Returns
    -------
    list of Manifold
        One for each of `tablet.parts`, in their order; empty for a part that others cover.
    """
    rest, meshes = shape_mesh(tablet.body), []
    for part in reversed(tablet.parts):
        own = rest if part.place is None else rest ^ _placed(part.place, tablet.layer_height)
        rest = rest - own
        meshes.append(own)
    return meshes[::-1]


def step_mesh(tablet: Tablet, part: Part, step: Step) -> Manifold:
    """Body in which one step of a part's infill overrules the steps before it [mm].

    It reaches beyond the tablet, where nothing is printed, but not into other parts.
    """
    room = 2.0 * max(tablet.body.size)
    area = shapely.box(-room, -room, room, room) if step.within is None else step.within
    above = extrude(area, room).translate([0.0, 0.0, step.first_layer * tablet.layer_height / mm])
    if len(tablet.parts) == 1:
        return above if step.first_layer else above.translate([0.0, 0.0, -0.5 * room / mm])
    own = part_meshes(tablet)[tablet.parts.index(part)]
    return above ^ own


def _placed(place: Placed, layer_height: float) -> Manifold:
    shape = place.shape
    if place.endless:  # the top slab reaches the last whole layer; later slabs cut the others
        shape = shape.with_height(shape.size[2] + layer_height)
    x, y, z = (float(length) / mm for length in place.at)
    faces = (place.at[2], place.at[2] + place.shape.size[2])
    if any(_at_mid_layer(face, layer_height) for face in faces):
        z -= _NUDGE / mm
    return shape_mesh(shape).translate([x, y, z])


def _at_mid_layer(z: float, layer_height: float) -> bool:
    """Whether a height lies where a layer is cut, so that rounding decides what it belongs to."""
    layers = z / layer_height - 0.5
    return abs(layers - round(layers)) * layer_height < _NUDGE


def triangles(mesh: Manifold) -> tuple[Vertices, Triangles]:
    """Vertices (n, 3) [mm] and triangles (m, 3) of a mesh, counter-clockwise from outside."""
    made: Any = mesh.to_mesh64()
    vertices = np.asarray(made.vert_properties, dtype=np.float64)[:, :3]
    return vertices, np.asarray(made.tri_verts, dtype=np.int64)

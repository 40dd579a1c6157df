"""Films, spheres, cylinders and rings of one axis, in the one or two dimensions that they have.

All their faces are faces of cells: no surface is cut, and a body costs a thousandth of its voxels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import MEDIUM, SEALED
from releasesim.geometry.shapes import Cylinder, Film, Ring, Shape, Sphere
from releasesim.geometry.solid import face_mask
from releasesim.simulation.coupled.cells import Cells, Joints, Rows
from releasesim.tablet import Tablet

Array = NDArray[np.float64]

#: Cells across a film or a sphere, and from the axis of a cylinder out, where the spacing asked
#: for is the usual one [m]; in proportion where it is another.
_ACROSS, _ALONG, _USUAL = 256, 96, 1e-4
_FEWEST = 12


def revolves(tablet: Tablet) -> bool:
    """Whether a tablet is the same all around its axis, or a film."""
    if not tablet.is_solid:
        return False
    if isinstance(tablet.body, Film):
        return True
    if not isinstance(tablet.body, Cylinder | Ring | Sphere):
        return False
    if isinstance(tablet.body, Sphere) and len(tablet.parts) > 1:
        return all(_concentric(tablet, part.place) for part in tablet.parts[1:])
    return all(_on_axis(part.place) for part in tablet.parts[1:])


def _on_axis(place: object) -> bool:
    if place is None or getattr(place, "endless", False):
        return True
    shape, at = place.shape, place.at  # type: ignore[attr-defined]
    return isinstance(shape, Cylinder | Ring | Sphere) and at[0] == 0.0 and at[1] == 0.0


def _concentric(tablet: Tablet, place: object) -> bool:
    if place is None or getattr(place, "endless", False):
        return False
    shape, at = place.shape, place.at  # type: ignore[attr-defined]
    centre = at[2] + 0.5 * shape.size[2] - 0.5 * tablet.drawn.size[2]
    return isinstance(shape, Sphere) and max(abs(at[0]), abs(at[1]), abs(centre)) < 1e-9


def cells_of_revolution(tablet: Tablet, spacing: float) -> Cells:
    """Cells of a film, sphere, cylinder or ring.

    Parameters
    ----------
    tablet : Tablet
        One that `revolves`.
    spacing : float
        As for voxels [m]; what is used is finer, in proportion.
    """
    body = tablet.body
    if isinstance(body, Film):
        return _film(tablet, body, spacing)
    if isinstance(body, Sphere):
        return _sphere(tablet, body, spacing)
    return _tube(tablet, body, spacing)


def _cells_across(most: int, spacing: float) -> int:
    """An even number, so that a mirror plane is a face."""
    return max(_FEWEST, 2 * round(0.5 * most * _USUAL / spacing))


def _film(tablet: Tablet, body: Film, spacing: float) -> Cells:
    n = _cells_across(_ACROSS, spacing)
    h, area = body.thickness / n, body.size[0] * body.size[1]
    edges = np.linspace(0.0, body.thickness, n + 1)
    face = np.full(n, area / h)
    face[-1] = 0.0
    rows = _Ends()
    rows.add(np.array([0]), area, h, 2, -1.0)
    rows.add(np.array([n - 1]), area, h, 2, +1.0)
    side = body.size[0]
    made = Cells(
        (1, 1, n),
        (side, side, h),
        np.full(n, area * h),
        np.zeros(n, np.int16),
        (),
        ((1, 2, face),),
        _no_joints(),
        rows.rows((1, 1, n), (side, side, h)),
        np.zeros(n, np.int32),
    )
    made = _seal(made, tablet, lambda at: (at[:, 0], at[:, 1], at[:, 2] + 0.5 * h))
    return _with_regions(made, tablet, (np.zeros(2), np.zeros(2), edges))


def _sphere(tablet: Tablet, body: Sphere, spacing: float) -> Cells:
    n = _cells_across(_ACROSS, spacing) // 2
    r = np.linspace(0.0, 0.5 * body.diameter, n + 1)
    h = r[1]
    volume = 4.0 / 3.0 * np.pi * np.diff(r**3)
    face = 4.0 * np.pi * r[1:] ** 2 / h
    face[-1] = 0.0
    rows = _Ends()
    rows.add(np.array([n - 1]), 4.0 * np.pi * r[-1] ** 2, h, 0, +1.0)
    shape, edges = (n, 1, 1), (h, h, h)
    made = Cells(
        shape,
        edges,
        volume,
        np.zeros(n, np.int16),
        (),
        ((1, 0, face),),
        _no_joints(),
        rows.rows(shape, edges),
        np.zeros(n, np.int32),
    )
    middle = np.full(2, 0.5 * body.diameter)
    return _with_regions(made, tablet, (r, np.zeros(2), middle))


def _tube(tablet: Tablet, body: Shape, spacing: float) -> Cells:
    inner = 0.5 * float(getattr(body, "inner_diameter", 0.0))
    outer, height = 0.5 * body.size[0], body.size[2]
    fine = min(spacing / _USUAL * min(outer - inner, 0.5 * height) / _ALONG * 2.0, 0.5 * spacing)
    fine = max(fine, np.sqrt((outer - inner) * height * spacing**2 / (_MOST_PLANE * _USUAL**2)))
    nr = max(_FEWEST, round((outer - inner) / fine))
    nz = max(_FEWEST, 2 * round(0.5 * height / fine))
    r, z = np.linspace(inner, outer, nr + 1), np.linspace(0.0, height, nz + 1)
    hr, hz = r[1] - r[0], z[1] - z[0]
    rings = np.pi * np.diff(r**2)
    shape, edges = (nr, 1, nz), (hr, hr, hz)
    out = np.broadcast_to((2.0 * np.pi * r[1:] * hz / hr)[:, None], (nr, nz)).copy()
    up = np.broadcast_to((rings / hz)[:, None], (nr, nz)).copy()
    out[-1], up[:, -1] = 0.0, 0.0
    number = np.arange(nr * nz).reshape(nr, nz)
    rows = _Ends()
    rows.add(number[-1], 2.0 * np.pi * outer * hz, hr, 0, +1.0)
    if inner > 0.0:
        rows.add(number[0], 2.0 * np.pi * inner * hz, hr, 0, -1.0)
    rows.add(number[:, 0], rings, hz, 2, -1.0)
    rows.add(number[:, -1], rings, hz, 2, +1.0)
    made = Cells(
        shape,
        edges,
        np.repeat(rings * hz, nz),
        np.zeros(nr * nz, np.int16),
        (),
        ((nz, 0, out.ravel()), (1, 2, up.ravel())),
        _no_joints(),
        rows.rows(shape, edges),
        np.zeros(nr * nz, np.int32),
    )
    made = _seal(
        made, tablet, lambda at: (at[:, 0] + inner + 0.5 * hr, at[:, 1], at[:, 2] + 0.5 * hz)
    )
    return _with_regions(made, tablet, (r, np.zeros(2), z))


#: Cells of a plane through the axis, at most, where the spacing asked for is the usual one.
_MOST_PLANE = 12_000


def _no_joints() -> Joints:
    none = np.zeros(0, dtype=np.int64)
    return Joints(none, none, np.zeros(0), np.zeros(0))


class _Ends:
    """Collects surface rows that lie on faces of cells."""

    def __init__(self) -> None:
        self.parts: list[tuple[NDArray[np.int64], Array, float, int, float]] = []

    def add(
        self, cells: NDArray[np.int64], area: Array | float, h: float, axis: int, side: float
    ) -> None:
        whole = np.broadcast_to(np.asarray(area, dtype=float), cells.shape)
        self.parts.append((cells, whole, h, axis, side))

    def rows(self, shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> Rows:
        cell = np.concatenate([part[0] for part in self.parts])
        steps = np.concatenate([np.full(part[0].size, part[2]) for part in self.parts])
        normals = np.zeros((cell.size, 3))
        begin = 0
        for cells, _, _, axis, side in self.parts:
            normals[begin : begin + cells.size, axis] = side
            begin += cells.size
        centres = np.array(np.unravel_index(cell, shape)).T * np.array(spacing)
        return Rows(
            cell=cell,
            outside=np.full(cell.size, -1),
            area=np.concatenate([part[1] for part in self.parts]),
            reach=0.5 * steps,
            step=steps,
            given=np.zeros(cell.size),
            exposure=np.full(cell.size, MEDIUM),
            points=centres + 0.5 * steps[:, None] * normals,
            normals=normals,
        )


def _seal(cells: Cells, tablet: Tablet, frame: Callable[[Array], tuple[Array, ...]]) -> Cells:
    """Close the faces that the tablet seals."""
    rows = cells.rows
    axis = np.abs(rows.normals).argmax(axis=1)
    direction = rows.normals[np.arange(axis.size), axis]
    at = np.array(frame(rows.points))
    for face in tablet.sealed:
        rows.exposure[face_mask(tablet.body, face, at, axis, direction)] = SEALED
    return cells


def _with_regions(cells: Cells, tablet: Tablet, edges: tuple[Array, Array, Array]) -> Cells:
    """Give every cell its region, shares by 8 x 8 points, and its joints with other regions."""
    places = [part.place for part in tablet.parts[1:] if part.place is not None]
    if not places:
        return cells
    inside = [tablet.as_made(place).distance for place in places]
    x, z = _points(edges[0]), _points(edges[2])
    which = _last_region(inside, np.array([p.mean() for p in x]), np.array([p.mean() for p in z]))
    fine = _last_region(inside, np.concatenate(x), np.concatenate(z))
    weight = (
        np.concatenate(x) if isinstance(tablet.body, Cylinder | Ring) else np.ones(fine.shape[0])
    )
    if isinstance(tablet.body, Sphere):
        weight = np.concatenate(x) ** 2
    shares = tuple(
        _shares((fine == number).astype(float), weight, len(x), len(z))
        for number in range(len(places) + 1)
    )
    region = which.ravel().astype(np.int16)
    found = replace(cells, region=region, shares=shares)
    return _with_joints(found, inside, edges)


_POINTS = 8


def _points(edges: Array) -> list[Array]:
    """Points inside every interval; one interval of no width is one point."""
    if edges[-1] == edges[0]:
        return [edges[:1]]
    share = (np.arange(_POINTS) + 0.5) / _POINTS
    return [low + share * (high - low) for low, high in pairwise(edges)]


def _last_region(inside: list, x: Array, z: Array) -> Array:  # type: ignore[type-arg]
    which = np.zeros((x.size, z.size))
    for number, distance in enumerate(inside, start=1):
        which[distance(x[:, None], np.zeros((1, 1)), z[None, :]) < 0.0] = number
    return which


def _shares(inside: Array, weight: Array, nx: int, nz: int) -> Array:
    """Mean over the points of each cell, by weight along the radius."""
    w = weight.reshape(nx, -1)
    block = inside.reshape(nx, w.shape[1], nz, -1).mean(axis=3)
    return np.asarray(((block * w[:, :, None]).sum(axis=1) / w.sum(axis=1)[:, None]).ravel())


def _with_joints(cells: Cells, inside: list, edges: tuple[Array, Array, Array]) -> Cells:  # type: ignore[type-arg]
    """Take faces between regions out of the plain ones; where on the way they meet."""
    x = np.array([p.mean() for p in _points(edges[0])])
    z = np.array([p.mean() for p in _points(edges[2])])
    distances = [
        np.broadcast_to(f(x[:, None], np.zeros((1, 1)), z[None, :]), (x.size, z.size)).ravel()
        for f in inside
    ]
    faces, parts = [], []
    for stride, axis, face in cells.faces:
        own = face.copy()
        here = np.flatnonzero(
            (face[:-stride] > 0) & (cells.region[:-stride] != cells.region[stride:])
        )
        winner = np.maximum(cells.region[here], cells.region[here + stride]) - 1
        stacked = np.array(distances)
        first, second = stacked[winner, here], stacked[winner, here + stride]
        theta = np.clip(first / np.where(first == second, 1.0, first - second), 0.0, 1.0)
        parts.append((here, here + stride, face[here], theta))
        own[here] = 0.0
        faces.append((stride, axis, own))
    joints = Joints(*(np.concatenate([part[i] for part in parts]) for i in range(4)))
    return replace(cells, faces=tuple(faces), joints=joints)

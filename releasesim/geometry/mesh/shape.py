"""A body from a mesh file, as a shape."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, final

import numpy as np

from releasesim.errors import GeometryError
from releasesim.geometry.foreign import MEGA, foreign_bytes
from releasesim.geometry.mesh.bodies import close_bodies
from releasesim.geometry.mesh.polygons import read_obj, read_ply
from releasesim.geometry.mesh.soup import Points, Soup, Triangles
from releasesim.geometry.mesh.stl import read_stl
from releasesim.geometry.mesh.threemf import read_threemf
from releasesim.geometry.shape import Array, FileShape, nothing

if TYPE_CHECKING:
    from manifold3d import Manifold
    from shapely.geometry.base import BaseGeometry

UNITS = {"um": 1e-6, "mm": 1e-3, "cm": 1e-2, "in": 0.0254, "m": 1.0}
_WORDS = {
    "um": "micrometres",
    "mm": "millimetres",
    "cm": "centimetres",
    "in": "inches",
    "m": "metres",
}
READERS: dict[str, Callable[[bytes], Soup]] = {
    ".stl": read_stl,
    ".3mf": read_threemf,
    ".obj": read_obj,
    ".ply": read_ply,
}
MOST_BYTES = 200 * MEGA
SMALLEST, LARGEST = 1e-3, 50e-3
"""Between which the longest side of a tablet lies [m]."""
_THINNEST = 1e-5  # [m]


class Body:
    """A closed mesh, its bottom centre at the origin [m].

    Parameters
    ----------
    points : (n, 3) ndarray
        Corners [m].
    triangles : (m, 3) ndarray
        Counter-clockwise from outside.
    """

    def __init__(self, points: Points, triangles: Triangles) -> None:
        self.points, self.triangles = points, triangles

    @classmethod
    def of(cls, made: Manifold, metres: float) -> Body:
        """A closed body [of `metres`] put where shapes stand."""
        mesh: Any = made.to_mesh64()
        points = np.ascontiguousarray(mesh.vert_properties, dtype=float)[:, :3] * metres
        low, high = points.min(axis=0), points.max(axis=0)
        points -= [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1]), low[2]]
        return cls(points, np.ascontiguousarray(mesh.tri_verts, dtype=np.int64))

    def __getstate__(self) -> dict[str, Any]:
        return {"points": self.points, "triangles": self.triangles}

    @cached_property
    def size(self) -> tuple[float, float, float]:
        """Length along x, y and z [m]."""
        x, y, z = np.ptp(self.points, axis=0)
        return float(x), float(y), float(z)

    @cached_property
    def manifold(self) -> Manifold:
        """The body for booleans and slices [mm]."""
        from manifold3d import Manifold, Mesh64

        points = np.ascontiguousarray(self.points * 1e3)
        return Manifold(Mesh64(points, self.triangles.astype(np.uint64)))

    @cached_property
    def _tree(self) -> tuple[Any, Any, Any]:
        from releasesim.geometry.mesh.nearest import build_tree

        boxes, links, order = build_tree(self.points, self.triangles)
        return boxes, links, order

    def distance(self, at: Points) -> Array:
        """Signed distance of points (k, 3), negative inside (k,) [m]."""
        from releasesim.geometry.mesh.nearest import inside, nearest

        at = np.ascontiguousarray(at, dtype=float)
        out, within = np.empty(len(at)), np.empty(len(at), dtype=bool)
        nearest(self.points, self.triangles, *self._tree, at, out)
        inside(self.points, self.triangles, *self._tree, at, within)
        return np.where(within, -out, out)

    def scaled(self, factor: float) -> Body:
        """The same, every length times `factor` [-]."""
        return Body(self.points * factor, self.triangles)


@final
@dataclass(frozen=True)
class Mesh(FileShape):
    """A body from an STL, 3MF, OBJ or PLY file, standing on z = 0.

    Parameters
    ----------
    file, sha256, path : str
        See `FileShape`.
    unit : str
        Unit of the file's numbers; a 3MF says its own.
    body : Body
        The closed mesh.
    """

    kind: ClassVar[str] = "mesh"
    extruded: ClassVar[bool] = False
    unit: str
    body: Body = field(compare=False, repr=False)

    @classmethod
    def read(cls, file: str, folder: Path, unit: str = "mm") -> Mesh:
        """Read a mesh file.

        Parameters
        ----------
        file : str
            As the study names it.
        folder : Path
            Where relative names start from.
        unit : str
            Of files that do not say their own.

        Raises
        ------
        GeometryError
            No such file, no mesh, or one that encloses no body of a tablet's size.
        MissingExtraError
            An OBJ or PLY file without trimesh.
        """
        path = folder / file
        reader = READERS.get(path.suffix.lower())
        if reader is None:
            raise GeometryError(f"{file!r} is no mesh by its name: there are {', '.join(READERS)}")
        data = foreign_bytes(path, MOST_BYTES, "a mesh")
        try:
            soup = reader(data)
            made = close_bodies(soup)
        except GeometryError as error:
            raise GeometryError(error.message, path) from None
        body = Body.of(made, soup.metres or UNITS[unit])
        said = (
            unit
            if soup.metres is None
            else next((name for name, metres in UNITS.items() if metres == soup.metres), unit)
        )
        _check_size(body, said, path)
        digest = hashlib.sha256(data).hexdigest()
        return cls(file, digest, str(path.absolute()), unit, body)

    def written(self) -> dict[str, str]:
        """See `FileShape.written`."""
        return {"unit": self.unit}

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        return self.body.size

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        return float(self.body.manifold.volume()) * 1e-9

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        return float(self.body.manifold.surface_area()) * 1e-6

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`."""
        x, y, z = np.broadcast_arrays(x, y, z)
        at = np.stack([x.ravel(), y.ravel(), z.ravel()], axis=1)
        return self.body.distance(at).reshape(x.shape)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        from shapely import Polygon
        from shapely.ops import unary_union

        if not 0.0 <= z <= self.size[2]:
            return nothing()
        whole: BaseGeometry = nothing()
        rings = [Polygon(1e-3 * ring) for ring in self.body.manifold.slice(z * 1e3).to_polygons()]
        for ring in sorted(rings, key=lambda ring: -ring.area):  # holes come after what holds them
            whole = whole.symmetric_difference(ring.buffer(0))
        return unary_union(whole)

    def scaled(self, factor: float) -> Self:
        """See `Shape.scaled`."""
        return self if factor == 1.0 else replace(self, body=self.body.scaled(factor))


def _check_size(body: Body, unit: str, path: Path) -> None:
    """Refuse what is no tablet by its size, with the unit that would make it one."""
    longest = max(body.size)
    box = " x ".join(f"{length * 1e3:.4g}" for length in body.size)
    if not SMALLEST <= longest <= LARGEST:
        fitting = [
            name
            for name, metres in UNITS.items()
            if SMALLEST <= longest * metres / UNITS[unit] <= LARGEST
        ]
        guess = f": is this in {' or '.join(_WORDS[name] for name in fitting)}?" if fitting else ""
        raise GeometryError(f"is {box} mm, a tablet is 1 to 50 mm long{guess}", path)
    if min(body.size) < _THINNEST:
        raise GeometryError(f"is {box} mm: too thin for a body", path)

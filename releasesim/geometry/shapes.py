"""The shapes. A new one is a class here and a table in the study schema."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from releasesim.errors import GeometryError
from releasesim.geometry.shape import Array, Shape, disc, extrude, height_left, left, nothing

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["Array", "Block", "Caplet", "Capsule", "Cylinder", "Film", "Ring", "Shape", "Sphere"]


@final
@dataclass(frozen=True)
class Cylinder(Shape):
    """A flat round tablet.

    Parameters
    ----------
    diameter, height : float
        [m].

    Examples
    --------
    >>> round(Cylinder(diameter=10e-3, height=4e-3).volume * 1e9, 3)  # mm3
    314.159
    """

    kind: ClassVar[str] = "cylinder"
    diameter: float
    height: float

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        return self.diameter, self.diameter, self.height

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        return math.pi / 4 * self.diameter**2 * self.height

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        return math.pi * self.diameter * (self.height + self.diameter / 2)

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`."""
        across = left(self.diameter, depth, 0 if "side" in sealed else 2)
        return np.pi / 4 * across**2 * height_left(self.height, depth, sealed)

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`."""
        return extrude(np.hypot(x, y) - self.diameter / 2, z, self.height)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        return disc(self.diameter / 2) if 0 <= z <= self.height else nothing()


@final
@dataclass(frozen=True)
class Sphere(Shape):
    """A ball resting on the bed.

    Parameters
    ----------
    diameter : float
        [m].
    """

    kind: ClassVar[str] = "sphere"
    extruded: ClassVar[bool] = False
    diameter: float

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        return self.diameter, self.diameter, self.diameter

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        return math.pi / 6 * self.diameter**3

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        return math.pi * self.diameter**2

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`."""
        return np.pi / 6 * left(self.diameter, depth, 2) ** 3

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`."""
        r = self.diameter / 2
        return np.asarray(np.sqrt(x * x + y * y + (z - r) ** 2) - r)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        r = self.diameter / 2
        inside = r * r - (z - r) ** 2
        return disc(math.sqrt(inside)) if inside > 0 else nothing()


@final
@dataclass(frozen=True)
class Block(Shape):
    """A rectangular block.

    Parameters
    ----------
    length, width, height : float
        Along x, y and z [m].
    """

    kind: ClassVar[str] = "block"
    length: float
    width: float
    height: float

    def face_names(self) -> tuple[str, ...]:
        """See `Shape.face_names`."""
        return (*super().face_names(), "x-", "x+", "y-", "y+")

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        return self.length, self.width, self.height

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        return self.length * self.width * self.height

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        a, b, c = self.size
        return 2 * (a * b + b * c + a * c)

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`."""
        closed = {"x-", "x+", "y-", "y+"} if "side" in sealed else set(sealed)
        length = left(self.length, depth, 2 - len({"x-", "x+"} & closed))
        width = left(self.width, depth, 2 - len({"y-", "y+"} & closed))
        return length * width * height_left(self.height, depth, sealed)

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`."""
        dx, dy = np.abs(x) - self.length / 2, np.abs(y) - self.width / 2
        outside = np.hypot(np.maximum(dx, 0.0), np.maximum(dy, 0.0))
        return extrude(np.minimum(np.maximum(dx, dy), 0.0) + outside, z, self.height)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        from shapely import box

        a, b = self.length / 2, self.width / 2
        return box(-a, -b, a, b) if 0 <= z <= self.height else nothing()


@final
@dataclass(frozen=True)
class Caplet(Shape):
    """A flat tablet whose outline is a rectangle with half-round ends.

    Parameters
    ----------
    length, width, height : float
        Along x (ends included), y and z [m].
    """

    kind: ClassVar[str] = "caplet"
    length: float
    width: float
    height: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.length < self.width:
            raise GeometryError(
                f"caplet length {self.length * 1e3:.4g} mm is below its width "
                f"{self.width * 1e3:.4g} mm: the length includes both round ends"
            )

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        return self.length, self.width, self.height

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        straight = self.length - self.width
        return (straight * self.width + math.pi / 4 * self.width**2) * self.height

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        side = (2 * (self.length - self.width) + math.pi * self.width) * self.height
        return side + 2 * self.volume / self.height

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`."""
        width = left(self.width, depth, 0 if "side" in sealed else 2)
        area = np.where(width > 0, (self.length - self.width) * width + np.pi / 4 * width**2, 0.0)
        return np.asarray(area * height_left(self.height, depth, sealed))

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`."""
        beyond = np.maximum(np.abs(x) - (self.length - self.width) / 2, 0.0)
        return extrude(np.hypot(beyond, y) - self.width / 2, z, self.height)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        from shapely.affinity import translate
        from shapely.ops import unary_union

        if not 0 <= z <= self.height:
            return nothing()
        end, straight = disc(self.width / 2), self.length - self.width
        ends = [translate(end, side * straight / 2) for side in (-1, 1)]
        return unary_union(ends).convex_hull


@final
@dataclass(frozen=True)
class Capsule(Shape):
    """A cylinder with hemispherical ends, lying along x.

    Parameters
    ----------
    length, diameter : float
        Length includes both ends [m].
    """

    kind: ClassVar[str] = "capsule"
    extruded: ClassVar[bool] = False
    length: float
    diameter: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.length < self.diameter:
            raise GeometryError(
                f"capsule length {self.length * 1e3:.4g} mm is below its diameter "
                f"{self.diameter * 1e3:.4g} mm: the length includes both round ends"
            )

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        return self.length, self.diameter, self.diameter

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        d = self.diameter
        return math.pi / 4 * d**2 * (self.length - d) + math.pi / 6 * d**3

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        return math.pi * self.diameter * self.length

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`."""
        across = left(self.diameter, depth, 2)
        straight = self.length - self.diameter
        return np.asarray(np.pi / 4 * across**2 * straight + np.pi / 6 * across**3)

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`."""
        r = self.diameter / 2
        beyond = np.maximum(np.abs(x) - (self.length / 2 - r), 0.0)
        return np.asarray(np.sqrt(beyond**2 + y * y + (z - r) ** 2) - r)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        r = self.diameter / 2
        inside = r * r - (z - r) ** 2
        if inside <= 0:
            return nothing()
        width = 2 * math.sqrt(inside)
        return Caplet(self.length - self.diameter + width, width, self.diameter).outline(z)


@final
@dataclass(frozen=True)
class Ring(Shape):
    """A flat ring.

    Parameters
    ----------
    outer_diameter, inner_diameter, height : float
        [m].
    """

    kind: ClassVar[str] = "ring"
    outer_diameter: float
    inner_diameter: float
    height: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.inner_diameter >= self.outer_diameter:
            raise GeometryError(
                f"ring inner_diameter {self.inner_diameter * 1e3:.4g} mm must be below "
                f"outer_diameter {self.outer_diameter * 1e3:.4g} mm"
            )

    def face_names(self) -> tuple[str, ...]:
        """See `Shape.face_names`."""
        return (*super().face_names(), "inner")

    def mean_radius(self) -> float:
        """Radius halfway between hole and rim [m]."""
        return (self.outer_diameter + self.inner_diameter) / 4

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        return self.outer_diameter, self.outer_diameter, self.height

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        return math.pi / 4 * (self.outer_diameter**2 - self.inner_diameter**2) * self.height

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        sides = math.pi * (self.outer_diameter + self.inner_diameter) * self.height
        return sides + 2 * self.volume / self.height

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`."""
        outer = self.outer_diameter - (0.0 if "side" in sealed else 2.0) * depth
        inner = self.inner_diameter + (0.0 if "inner" in sealed else 2.0) * depth
        area = np.where(outer > inner, np.pi / 4 * (outer**2 - inner**2), 0.0)
        return np.asarray(area * height_left(self.height, depth, sealed))

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`."""
        half = (self.outer_diameter - self.inner_diameter) / 4
        return extrude(np.abs(np.hypot(x, y) - self.mean_radius()) - half, z, self.height)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        if not 0 <= z <= self.height:
            return nothing()
        return disc(self.outer_diameter / 2).difference(disc(self.inner_diameter / 2))


@final
@dataclass(frozen=True)
class Film(Shape):
    """A film open on both faces, its edges sealed: one-dimensional.

    Parameters
    ----------
    thickness : float
        [m].
    area : float
        Of one face [m2].
    """

    kind: ClassVar[str] = "film"
    thickness: float
    area: float

    def face_names(self) -> tuple[str, ...]:
        """See `Shape.face_names`: the edges are sealed already."""
        return ("top", "bottom", "z-", "z+")

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`: a square of the same face area."""
        side = math.sqrt(self.area)
        return side, side, self.thickness

    @property
    def volume(self) -> float:
        """See `Shape.volume`."""
        return self.area * self.thickness

    @property
    def surface(self) -> float:
        """See `Shape.surface`: the two open faces."""
        return 2 * self.area

    def with_height(self, height: float) -> Film:
        """See `Shape.with_height`: a film's thickness."""
        return replace(self, thickness=height)

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`."""
        return self.area * height_left(self.thickness, depth, sealed)

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`: the edges count as being far away."""
        far = np.full(np.broadcast_shapes(np.shape(x), np.shape(y)), -1.0)
        return extrude(far, z, self.thickness)

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        from shapely import box

        half = math.sqrt(self.area) / 2
        return box(-half, -half, half, half) if 0 <= z <= self.thickness else nothing()

    def describe(self) -> str:
        """See `Shape.describe`."""
        return f"film {self.thickness * 1e3:.4g} mm thick, {self.area * 1e6:.4g} mm2 a face"

"""What every shape is: a body without material, a signed distance.

Frame of a shape: x and y centred on 0, z from 0 at the bottom up; metres. Distances are negative
inside.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Array = NDArray[np.float64]

_LARGEST = {"area": 1.0}  # [m2]; lengths [m] below
_LARGEST_LENGTH, _SMALLEST = 0.2, 1e-12
_SEGMENTS_PER_QUARTER = 64  # a chord of a 10 mm circle stays within 0.4 um of it


@dataclass(frozen=True)
class Shape(ABC):
    """A body to print, its bottom centre at the origin."""

    kind: ClassVar[str]
    #: True where every height has the same outline.
    extruded: ClassVar[bool] = True
    #: True where `eroded_volume` knows the body that a front leaves.
    erodes_exactly: ClassVar[bool] = True
    #: True where the shape is printed roads: nothing is left to fill with them.
    of_roads: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for size in fields(self):
            value, largest = getattr(self, size.name), _LARGEST.get(size.name, _LARGEST_LENGTH)
            if not (math.isfinite(value) and _SMALLEST < value <= largest):
                unit, factor = ("mm2", 1e6) if size.name == "area" else ("mm", 1e3)
                raise GeometryError(
                    f"{self.kind} {size.name} = {value * factor:.6g} {unit}: "
                    f"must be above 0 and at most {largest * factor:g} {unit}"
                )

    @property
    @abstractmethod
    def size(self) -> tuple[float, float, float]:
        """Length along x, y and z [m]."""

    @property
    @abstractmethod
    def volume(self) -> float:
        """Enclosed volume [m3]."""

    @property
    @abstractmethod
    def surface(self) -> float:
        """Whole surface [m2]."""

    @abstractmethod
    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """Volume left when a front has come `depth` [m] from every face that is not sealed, (n,).

        Exact [m3]: the inner parallel body of each shape is a shape of the same kind
        (Hopfenberg 1976 for slab, cylinder and sphere).
        """

    @abstractmethod
    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """Signed distance to the surface at broadcastable points, negative inside [m]."""

    @abstractmethod
    def outline(self, z: float) -> BaseGeometry:
        """Cross-section at height `z` as a shapely geometry [m]; empty outside the body."""

    def scaled(self, factor: float) -> Self:
        """The same shape, every length times `factor` [-]."""
        return replace(
            self,
            **{
                f.name: getattr(self, f.name) * factor ** (2 if f.name == "area" else 1)
                for f in fields(self)
            },
        )

    def with_height(self, height: float) -> Shape:
        """The same outline at another height [m]."""
        if not any(f.name == "height" for f in fields(self)):
            raise GeometryError(f"a {self.kind} has no height of its own to change")
        return replace(self, **{"height": height})

    def face_names(self) -> tuple[str, ...]:
        """Names of the faces that `sealed` may give."""
        return ("top", "bottom", "side", "z-", "z+") if self.extruded else ()

    def face_depth(self, name: str, x: Array, y: Array, z: Array) -> Array:
        """Distance of points inside from one face of an extruded shape alone [m]."""
        if name in ("top", "z+"):
            return np.asarray(self.size[2] - z)
        if name in ("bottom", "z-"):
            return np.asarray(z)
        if name[0] in "xy" and len(name) == 2:
            axis = "xy".index(name[0])
            return np.asarray(self.size[axis] / 2 - (1 if name[1] == "+" else -1) * (x, y)[axis])
        tall = self.with_height(_LARGEST_LENGTH)  # far from top and bottom the sides are nearest
        return -tall.distance(x, y, np.full_like(z, _LARGEST_LENGTH / 2))

    def describe(self) -> str:
        """Kind and sizes, as a formulator writes them."""
        sizes = " x ".join(f"{getattr(self, f.name) * 1e3:.4g}" for f in fields(self))
        return f"{self.kind} {sizes} mm"


@dataclass(frozen=True)
class FileShape(Shape):
    """A body that stands in a file.

    Parameters
    ----------
    file : str
        As a study names it.
    sha256 : str
        Of all that was read, hex: the file may change under the same name.
    path : str
        Where it was found.
    """

    erodes_exactly: ClassVar[bool] = False
    file: str
    sha256: str
    path: str = field(compare=False)

    def __post_init__(self) -> None:
        """Sizes are checked by what read the file."""

    def eroded_volume(self, depth: Array, sealed: Collection[str] = ()) -> Array:
        """See `Shape.eroded_volume`; there is no closed form."""
        raise GeometryError(f"a {self.kind} has no closed form of a front")

    def with_height(self, height: float) -> Shape:
        """See `Shape.with_height`; what stands in a file has one height."""
        raise GeometryError(f"a {self.kind} has the height that its file gives it")

    def written(self) -> dict[str, Any]:
        """What its table in a study file says beside kind and file."""
        return {}

    def describe(self) -> str:
        """Kind, file and box."""
        box = " x ".join(f"{length * 1e3:.4g}" for length in self.size)
        return f"{self.kind} {self.file}, {box} mm"


def extrude(plane: Array, z: Array, height: float) -> Array:
    """Exact distance to an outline of distance `plane` [m] extruded from 0 to `height` [m]."""
    axial = np.abs(z - 0.5 * height) - 0.5 * height
    outside = np.hypot(np.maximum(plane, 0.0), np.maximum(axial, 0.0))
    return np.asarray(np.minimum(np.maximum(plane, axial), 0.0) + outside)


def left(length: float, depth: Array, open_ends: int) -> Array:
    """What is left of a length eroded from `open_ends` of its two ends [m]."""
    return np.maximum(length - open_ends * depth, 0.0)


def height_left(height: float, depth: Array, sealed: Collection[str]) -> Array:
    """What is left of a height eroded from the ends that are not sealed [m]."""
    ends = (not {"top", "z+"} & set(sealed)) + (not {"bottom", "z-"} & set(sealed))
    return left(height, depth, ends)


def disc(radius: float) -> BaseGeometry:
    """A regular polygon with the circle's own area, so that deposited volumes stay right."""
    from shapely import Point

    n = 4 * _SEGMENTS_PER_QUARTER
    same_area = math.sqrt(2 * math.pi / (n * math.sin(2 * math.pi / n)))
    return Point(0.0, 0.0).buffer(radius * same_area, quad_segs=_SEGMENTS_PER_QUARTER)


def nothing() -> BaseGeometry:
    """An empty outline."""
    from shapely import Polygon

    return Polygon()

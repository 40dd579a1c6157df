"""Regions and layers: parts of a tablet with a material, infill or physics of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.infill import Infill
from releasesim.geometry.shapes import Array, Shape
from releasesim.geometry.solid import Slab
from releasesim.tablet.formulation import Formulation

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from releasesim.physics import Law
    from releasesim.tablet.inkjet import Ink


@dataclass(frozen=True)
class Region:
    """A part of the tablet with a material or infill of its own; the last to hold a point wins.

    Parameters
    ----------
    name : str
    shape : Shape
    at : (float, float, float), optional
        Its bottom centre from the tablet's [m]; centred in the tablet when absent.
    infill, formulation : optional
        The tablet's own when absent.
    extruder : int
    partition : float
        K = c_region/c_medium at equilibrium [-].
    physics : mapping of slot to law
        Overrides, slot by slot.
    ink : Ink, optional
        Of an inkjet print; the tablet's own when absent.
    """

    name: str
    shape: Shape
    at: tuple[float, float, float] | None = None
    infill: Infill | None = None
    extruder: int = 1
    partition: float | None = None
    formulation: Formulation | None = None
    physics: Mapping[str, Law] = field(default_factory=dict, hash=False)
    ink: Ink | None = None

    def __post_init__(self) -> None:
        _check_partition(self.name, self.partition)

    def centred_in(self, body: Shape) -> tuple[float, float, float]:
        """Its bottom centre [m]."""
        if self.at is not None:
            return self.at
        return 0.0, 0.0, 0.5 * (body.size[2] - self.shape.size[2])


@dataclass(frozen=True)
class Layer:
    """A slab of the tablet with a material of its own, stacked from the bottom up.

    Parameters
    ----------
    name : str
    thickness : float
        [m].
    infill, formulation : optional
        The tablet's own when absent.
    extruder : int
    partition : float
        K = c_layer/c_medium at equilibrium [-].
    physics : mapping of slot to law
        Overrides, slot by slot.
    ink : Ink, optional
        Of an inkjet print; the tablet's own when absent.
    """

    name: str
    thickness: float
    infill: Infill | None = None
    extruder: int = 1
    partition: float | None = None
    formulation: Formulation | None = None
    physics: Mapping[str, Law] = field(default_factory=dict, hash=False)
    ink: Ink | None = None

    def __post_init__(self) -> None:
        if not (math.isfinite(self.thickness) and self.thickness > 0):
            raise GeometryError(f"layer {self.name}: thickness must be above 0 mm")
        _check_partition(self.name, self.partition)


def _check_partition(name: str, partition: float | None) -> None:
    if partition is not None and not 0.0 < partition < math.inf:
        raise InputError(f"{name}: partition = {partition:g}: must be above 0")


@dataclass(frozen=True)
class Placed:
    """A shape somewhere in the tablet.

    Parameters
    ----------
    shape : Shape
    at : (float, float, float)
        Its bottom centre from the tablet's [m].
    endless : bool
        True for a slab that reaches across the whole tablet.
    """

    shape: Shape
    at: tuple[float, float, float]
    endless: bool = False

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """Signed distance in the tablet's frame [m]."""
        return self.shape.distance(x - self.at[0], y - self.at[1], z - self.at[2])

    def region(self) -> Slab | Callable[[Array, Array, Array], Array]:
        """Signed distance in the form that the voxeliser takes."""
        if self.endless:
            return Slab(self.at[2], self.at[2] + self.shape.size[2])
        return self.distance

    def lies_in(self, body: Shape) -> bool:
        """Whether all of it lies in a body."""
        heights = self.at[2] + self.shape.size[2] * np.linspace(1e-6, 1.0 - 1e-6, 65)
        points = [
            np.column_stack([*np.asarray(part.exterior.coords).T[:2], np.full(n, z)])
            for z in heights
            for part in getattr(self.outline(float(z)), "geoms", [self.outline(float(z))])
            if (n := len(part.exterior.coords))
        ]
        return bool(points) and bool((body.distance(*np.concatenate(points).T) <= 1e-9).all())

    def outline(self, z: float) -> BaseGeometry:
        """Cross-section at a height of the tablet [m]."""
        from shapely.affinity import translate

        height = z - self.at[2]
        # half open: an edge exactly at mid-layer belongs to one layer only
        if height >= self.shape.size[2] * (1.0 - 1e-9):
            height = 2.0 * self.shape.size[2]
        return translate(self.shape.outline(height), self.at[0], self.at[1])

    def scaled(self, factor: float) -> Placed:
        """The same, every length times `factor` [-]."""
        x, y, z = self.at
        return Placed(self.shape.scaled(factor), (x * factor, y * factor, z * factor), self.endless)

    def stretched(self, factor: float) -> Placed:
        """The same, heights times `factor` [-].

        Raises
        ------
        GeometryError
            A shape that has no height of its own.
        """
        if factor == 1.0:
            return self
        x, y, z = self.at
        shape = self.shape.with_height(factor * self.shape.size[2])
        return Placed(shape, (x, y, factor * z), self.endless)


@dataclass(frozen=True)
class Part:
    """One material of the tablet: its own, a region's or a layer's."""

    name: str
    place: Placed | None
    formulation: Formulation
    infill: Infill | None
    extruder: int
    partition: float | None
    physics: Mapping[str, Law]
    ink: Ink | None

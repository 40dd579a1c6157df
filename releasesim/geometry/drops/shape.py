"""What an inkjet printer laid, as a shape: from the images of its layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self, final

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.drops.laid import Laid
from releasesim.geometry.drops.manifest import Manifest, read_manifest
from releasesim.geometry.drops.raster import Raster, wetted
from releasesim.geometry.drops.tiff import read_tiff
from releasesim.geometry.plane import ring_segments
from releasesim.geometry.roads import as_multipolygon
from releasesim.geometry.shape import Array, FileShape, Shape, extrude, nothing
from releasesim.geometry.shapes import Film
from releasesim.geometry.slicing import PrintedLayer

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

Places = NDArray[np.bool_]


class Stack:
    """Layers of drops as they lie, equal ones the same object.

    Parameters
    ----------
    manifest : Manifest
    layers : list of (nx, ny) ndarray
        Places that hold a drop, from the bottom up.
    """

    def __init__(self, manifest: Manifest, layers: list[Places]) -> None:
        self.manifest, self.layers = manifest, layers
        self.raster = Raster(manifest.pixels, manifest.pitch)

    @cached_property
    def drops(self) -> int:
        """Drops in all layers."""
        counts = {id(layer): int(layer.sum()) for layer in self.layers}
        return sum(counts[id(layer)] for layer in self.layers)

    @cached_property
    def deposited(self) -> float:
        """Dried volume, pores included [m3]."""
        made = self.manifest
        return self.drops * made.drop_volume * made.dried / (1.0 - made.porosity)

    @cached_property
    def outlines(self) -> list[shapely.MultiPolygon]:
        """Area that each layer wets [m]."""
        known: dict[int, shapely.MultiPolygon] = {}
        for layer in self.layers:
            if id(layer) not in known:
                wet = wetted(layer, self.manifest.pitch, self.manifest.spot)
                known[id(layer)] = self.raster.outline(wet)
        return [known[id(layer)] for layer in self.layers]

    @cached_property
    def envelopes(self) -> list[shapely.MultiPolygon]:
        """The same without the gaps inside [m]."""
        known = {id(one): self.raster.filled(one) for one in self.outlines}
        return [known[id(one)] for one in self.outlines]

    @property
    def height(self) -> float:
        """Of all layers [m]."""
        return len(self.layers) * self.manifest.thickness

    @property
    def uniform(self) -> bool:
        """Whether all layers wet the same area."""
        return all(outline is self.outlines[0] for outline in self.outlines)


@final
@dataclass(frozen=True)
class Drops(FileShape):
    """The layers of an inkjet print, from its manifest and the images that it names.

    Parameters
    ----------
    file, sha256, path : str
        See `FileShape`.
    stack : Stack
        The layers.
    scale, stretch : float
        Lengths over those of the file, and heights beyond that [-].
    """

    kind: ClassVar[str] = "drops"
    stack: Stack = field(compare=False, repr=False)
    scale: float = 1.0
    stretch: float = 1.0

    @classmethod
    def read(cls, file: str, folder: Path) -> Drops:
        """Read a manifest and its images.

        Raises
        ------
        GeometryError
            Anything missing, altered, or other than the manifest says.
        """
        path = folder / file
        try:
            made = read_manifest(path)
            stack = Stack(made, _layers(made, path.parent))
        except GeometryError as error:
            raise GeometryError(error.message, path) from None
        if not stack.drops:
            raise GeometryError("no layer holds a drop", path)
        return cls(file, made.sha256, str(path.absolute()), stack)

    @property
    def is_solid(self) -> bool:
        """Whether it is one outline, all the way up, and without gaps between its drops."""
        made, first = self.stack, self.stack.outlines[0]
        holes = [hole for part in first.geoms for hole in part.interiors]
        return made.uniform and len(first.geoms) == 1 and all(map(made.raster.is_wide, holes))

    def solid_body(self) -> Shape:
        """The plain film that it is but for gaps, where it is one; else itself."""
        if not (self.stack.manifest.edges_sealed and self.stack.uniform):
            return self
        area = float(self.stack.envelopes[0].area) * self.scale**2
        return Film(thickness=self.size[2], area=area)

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        x, y = (length * self.scale for length in self.stack.raster.size)
        return x, y, self.stack.height * self.scale * self.stretch

    @property
    def deposited(self) -> float:
        """Dried volume of all drops, pores included [m3]."""
        return self.stack.deposited * self.scale**3 * self.stretch

    @property
    def thickness(self) -> float:
        """Of one layer [m]."""
        return self.size[2] / len(self.stack.layers)

    @property
    def volume(self) -> float:
        """See `Shape.volume`; gaps inside are part of the body."""
        return math.fsum(o.area for o in self.stack.envelopes) * self.thickness * self.scale**2

    @property
    def surface(self) -> float:
        """See `Shape.surface`."""
        outlines = self.stack.envelopes
        sides = math.fsum(outline.length for outline in outlines) * self.thickness * self.scale
        steps = sum(
            one.symmetric_difference(two).area
            for one, two in itertools.pairwise(outlines)
            if one is not two
        )
        return float(sides + (outlines[0].area + outlines[-1].area + steps) * self.scale**2)

    def distance(self, x: Array, y: Array, z: Array) -> Array:
        """See `Shape.distance`: to the outline of the middle layer, all the way up."""
        from releasesim.geometry.raster import polygon_distance

        middle = self.stack.envelopes[len(self.stack.envelopes) // 2]
        x, y = np.broadcast_arrays(x / self.scale, y / self.scale)
        plane = np.empty(x.size)
        polygon_distance(ring_segments(middle), x.ravel(), y.ravel(), plane)
        return extrude(self.scale * plane.reshape(x.shape), np.asarray(z), self.size[2])

    def outline(self, z: float) -> BaseGeometry:
        """See `Shape.outline`."""
        layer = math.floor(z / self.thickness + 1e-9)
        if not 0 <= layer < len(self.stack.outlines):
            return nothing()
        return _scaled(self.stack.outlines[layer], self.scale)

    @property
    def laid(self) -> Laid:
        """The layers with their gaps."""
        size, outlines = self.size, self.stack.outlines

        def layer(_part: int, number: int, bottom: float, top: float) -> PrintedLayer:
            outline = as_multipolygon(_scaled(outlines[number], self.scale))
            key = ("drops", id(outlines[number]))
            return PrintedLayer(bottom, top, outline, (), float(outline.area), key)

        made = self.stack.manifest
        return Laid(
            keys=[id(outline) for outline in outlines],
            thickness=self.thickness,
            layer=layer,
            parts=1,
            size=(size[0], size[1]),
            width=1.0,
            edge=max(made.pitch) * self.scale,
            film=made.edges_sealed,
        )

    def scaled(self, factor: float) -> Self:
        """See `Shape.scaled`."""
        return replace(self, scale=self.scale * factor)

    def face_names(self) -> tuple[str, ...]:
        """See `Shape.face_names`."""
        return ("top", "bottom", "z-", "z+")

    def with_height(self, height: float) -> Shape:
        """See `Shape.with_height`: every layer is so much thicker."""
        return replace(self, stretch=self.stretch * height / self.size[2])

    def describe(self) -> str:
        """See `Shape.describe`."""
        layers = len(self.stack.layers)
        return f"{super().describe()}, {self.stack.drops} drops in {layers} layers"


def _scaled(outline: shapely.MultiPolygon, factor: float) -> BaseGeometry:
    from shapely.affinity import scale

    return scale(outline, factor, factor, origin=(0.0, 0.0)) if factor != 1.0 else outline


def _layers(made: Manifest, folder: Path) -> list[Places]:
    """Drops of every layer, counted against the manifest; equal images are read once."""
    known: dict[Hashable, Places] = {}
    layers = []
    for number, image in enumerate(made.layers, 1):
        data = made.image_bytes(image, folder)
        if image.sha256 not in known:
            try:
                known[image.sha256] = read_tiff(data, made.pixels, black=made.black)
            except GeometryError as error:
                raise GeometryError(f"{image.file} {error.message}") from None
        drops = known[image.sha256]
        if int(drops.sum()) != image.drops:
            raise GeometryError(
                f"layer {number}: {image.file} holds {int(drops.sum())} drops, the manifest says "
                f"{image.drops}"
            )
        layers.append(drops)
    return layers

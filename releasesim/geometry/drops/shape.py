"""What an inkjet printer laid, as a shape: from the images or the lines of its layers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, final

import numpy as np
import shapely

from releasesim.errors import GeometryError
from releasesim.geometry.drops.laid import Laid
from releasesim.geometry.drops.manifest import DropFacts, read_manifest
from releasesim.geometry.drops.stack import Stack, read_stack
from releasesim.geometry.plane import ring_segments
from releasesim.geometry.roads import as_multipolygon
from releasesim.geometry.shape import Array, FileShape, Shape, extrude, nothing
from releasesim.geometry.shapes import Film
from releasesim.geometry.slicing import PrintedLayer

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry


@final
@dataclass(frozen=True)
class Drops(FileShape):
    """The layers of an inkjet print, from its manifest and the images that it names.

    Parameters
    ----------
    file, sha256, path : str
        See `FileShape`.
    inks : tuple of (int, str)
        Channels and the regions that they print; what other channels print is the tablet's own.
    stack : Stack
        The layers.
    scale, stretch : float
        Lengths over those of the file, and heights beyond that [-].
    """

    kind: ClassVar[str] = "drops"
    inks: tuple[tuple[int, str], ...] = ()
    stack: Stack = field(compare=False, repr=False, kw_only=True)
    scale: float = 1.0
    stretch: float = 1.0

    @classmethod
    def read(cls, file: str, folder: Path, inks: Mapping[str, str] | None = None) -> Drops:
        """Read a manifest and its images, or its lines.

        Parameters
        ----------
        file : str
            As the study names it.
        folder : Path
            Where relative names start from.
        inks : mapping of str to str
            Number of a channel, and the name of the region that it prints.

        Raises
        ------
        GeometryError
            Anything missing, altered, or other than the manifest says; several inks that are not
            told apart.
        """
        path = folder / file
        try:
            made = read_manifest(path)
            stack = read_stack(made, path.parent)
        except GeometryError as error:
            raise GeometryError(error.message, path) from None
        if not any(stack.amounts):
            raise GeometryError("no layer holds a drop or a line", path)
        named = tuple(sorted((int(channel), name) for channel, name in (inks or {}).items()))
        read = cls(file, made.sha256, str(path.absolute()), named, stack=stack)
        read._check_inks()
        return read

    def _check_inks(self) -> None:
        used = [channel.number for channel in self.stack.manifest.channels]
        words = ", ".join(map(str, used))
        for channel, _ in self.inks:
            if channel not in used:
                raise GeometryError(f"has no ink {channel}: there are {words}", self.path)
        if len(used) > 1 and not self.inks:
            raise GeometryError(
                f'is printed with inks {words}: say what they print, inks = {{ "{used[-1]}" = '
                '"name of a region" }; what is not named prints the tablet\'s own material',
                self.path,
            )

    def inks_of(self, region: str) -> tuple[int, ...]:
        """Places among the channels of those that print a region; "" for the tablet's own."""
        named = dict(self.inks)
        channels = enumerate(self.stack.manifest.channels)
        return tuple(n for n, channel in channels if named.get(channel.number, "") == region)

    def slab_of(self, region: str) -> tuple[float, float] | None:
        """Bottom and top of a region that is a slab of the whole [m]; None where it is not."""
        slabs, own = self.stack.slabs, self.inks_of(region)
        if slabs is None or len(own) != 1:
            return None
        return slabs[own[0]][0] * self.thickness, slabs[own[0]][1] * self.thickness

    def written(self) -> dict[str, Any]:
        """See `FileShape.written`."""
        return {"inks": {str(number): name for number, name in self.inks}} if self.inks else {}

    @property
    def is_solid(self) -> bool:
        """Whether it is one outline all the way up without gaps, of one ink or of slabs of them."""
        made = self.stack
        names = {name for _, name in self.inks} | {""}
        slabs = [self.slab_of(name) for name in names if self.inks_of(name)]
        if made.slabs is not None and None not in slabs:
            return True
        return len(made.marks) == 1 and made.uniform and made.gapless

    def solid_body(self) -> Shape:
        """The plain film that it is but for gaps, where it is one; else itself."""
        if not (self.stack.manifest.edges_sealed and (self.stack.uniform or self.is_solid)):
            return self
        area = float(self.stack.envelopes[0].area) * self.scale**2
        return Film(thickness=self.size[2], area=area)

    @property
    def size(self) -> tuple[float, float, float]:
        """See `Shape.size`."""
        x, y = (length * self.scale for length in self.stack.size)
        return x, y, self.stack.height * self.scale * self.stretch

    def deposited(self, region: str) -> float:
        """Dried volume of a region's inks, pores included [m3]."""
        own = math.fsum(self.stack.deposited[n] for n in self.inks_of(region))
        return own * self.scale**3 * self.stretch

    @property
    def thickness(self) -> float:
        """Of one layer [m]."""
        return self.size[2] / self.stack.count

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
        if not 0 <= layer < self.stack.count:
            return nothing()
        wet = [layers[layer] for layers in self.stack.outlines]
        return _scaled(wet[0] if len(wet) == 1 else shapely.union_all(wet), self.scale)

    def laid(self, regions: Sequence[str]) -> Laid:
        """The layers of each region with their gaps; "" is the tablet's own material."""
        stack, inks = self.stack, [self.inks_of(region) for region in regions]
        gaps = stack.line_width

        def layer(part: int, number: int, bottom: float, top: float) -> PrintedLayer:
            own = [stack.marks[n][number] for n in inks[part]]
            key = ("drops", part, *(id(marks) for marks in own))
            if gaps is not None:
                lines = tuple(line * self.scale for marks in own for line in marks)
                length = sum(float(np.hypot(*(line[1] - line[0]))) for line in lines)
                area = length * gaps * self.scale
                return PrintedLayer(bottom, top, as_multipolygon(nothing()), lines, area, key)
            wet = [stack.outlines[n][number] for n in inks[part]]
            whole = as_multipolygon(_scaled(shapely.union_all(wet), self.scale))
            return PrintedLayer(bottom, top, whole, (), float(whole.area), key)

        keys = [tuple(id(layers[k]) for layers in stack.outlines) for k in range(stack.count)]
        return Laid(
            keys=keys,
            thickness=self.thickness,
            layer=layer,
            parts=len(inks),
            size=self.size[:2],
            width=self.scale * (gaps or 1.0),
            edge=max(stack.raster.pitch) * self.scale,
            film=stack.manifest.edges_sealed,
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
        laid, amount = self.stack.manifest.laid, sum(self.stack.amounts)
        words = f"{amount:.0f} drops" if isinstance(laid, DropFacts) else f"{amount:.4g} m of lines"
        return f"{super().describe()}, {words} in {self.stack.count} layers"


def _scaled(outline: shapely.MultiPolygon, factor: float) -> BaseGeometry:
    from shapely.affinity import scale

    return scale(outline, factor, factor, origin=(0.0, 0.0)) if factor != 1.0 else outline

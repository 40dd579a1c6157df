"""What stands in the files of an inkjet print: drops or lines of every ink, layer by layer."""

from __future__ import annotations

import io
import itertools
import math
from collections.abc import Hashable
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.drops.manifest import (
    DropFacts,
    LineFacts,
    Manifest,
    Named,
    named_bytes,
)
from releasesim.geometry.drops.raster import Raster, wetted
from releasesim.geometry.drops.tiff import read_tiff
from releasesim.geometry.roads import as_multipolygon

Array = NDArray[np.float64]
Places = NDArray[np.bool_]
#: One layer of one ink: places that hold a drop (nx, ny), or lines (n, 2, 2) [m].
Marks = Places | Array

#: Lengths of lines are written in 9 digits.
_SAME_LENGTH = 1e-6
_MOST_LINES = 2_000_000
_MOST_READ = 1_000_000_000
"""Places of all different images together: a byte each while they are looked at."""


class Stack:
    """Layers of ink as they lie, equal ones the same object.

    Parameters
    ----------
    manifest : Manifest
    marks : list of lists
        Of each ink, in the order of the manifest's channels: its layers from the bottom up.
    """

    def __init__(self, manifest: Manifest, marks: list[list[Marks]]) -> None:
        self.manifest, self.marks = manifest, marks
        self.raster = _raster(manifest.laid)

    @property
    def count(self) -> int:
        """How many layers."""
        return len(self.marks[0])

    @property
    def size(self) -> tuple[float, float]:
        """Along x and y [m]."""
        laid = self.manifest.laid
        return self.raster.size if isinstance(laid, DropFacts) else laid.size

    @property
    def height(self) -> float:
        """Of all layers [m]."""
        return self.count * self.manifest.thickness

    @property
    def line_width(self) -> float | None:
        """Of lines that leave gaps [m]; None where there are none."""
        laid = self.manifest.laid
        if isinstance(laid, DropFacts) or laid.width is None or laid.width >= laid.pitch:
            return None
        return laid.width

    @cached_property
    def amounts(self) -> tuple[float, ...]:
        """Of each ink: drops, or length of its lines [m]."""
        return tuple(_total(layers) for layers in self.marks)

    @cached_property
    def ink_volumes(self) -> tuple[float, ...]:
        """Of each ink [m3]."""
        laid = self.manifest.laid
        per = laid.volume if isinstance(laid, DropFacts) else laid.per_length
        return tuple(amount * per for amount in self.amounts)

    @cached_property
    def deposited(self) -> tuple[float, ...]:
        """Dried volume of each ink, pores included [m3]."""
        solid = 1.0 - self.manifest.porosity
        both = zip(self.ink_volumes, self.manifest.channels, strict=True)
        return tuple(volume * channel.dried / solid for volume, channel in both)

    @cached_property
    def outlines(self) -> list[list[shapely.MultiPolygon]]:
        """Area that each ink wets in each of its layers [m], gaps left out."""
        known: dict[int, shapely.MultiPolygon] = {}
        for marks in (one for layers in self.marks for one in layers):
            if id(marks) not in known:
                known[id(marks)] = self._wet(marks)
        return [[known[id(marks)] for marks in layers] for layers in self.marks]

    def _wet(self, marks: Marks) -> shapely.MultiPolygon:
        laid = self.manifest.laid
        if isinstance(laid, DropFacts):
            return self.raster.outline(wetted(marks.astype(bool), laid.pitch, laid.spot))
        width = self.line_width
        lines = shapely.linestrings(marks)
        if width is not None:
            each = shapely.buffer(lines, 0.5 * width, cap_style="flat")
            return as_multipolygon(shapely.union_all(each))
        each = shapely.buffer(lines, 0.5 * laid.pitch * (1.0 + 1e-9), cap_style="flat")
        return self.raster.smoothed(as_multipolygon(shapely.union_all(each)))

    @cached_property
    def envelopes(self) -> list[shapely.MultiPolygon]:
        """Area of all inks of each layer, without the gaps inside [m]."""
        known: dict[tuple[int, ...], shapely.MultiPolygon] = {}
        found = []
        for layer in zip(*self.outlines, strict=True):
            key = tuple(id(outline) for outline in layer)
            if key not in known:
                known[key] = self._envelope(list(layer))
            found.append(known[key])
        return found

    def _envelope(self, outlines: list[shapely.MultiPolygon]) -> shapely.MultiPolygon:
        if self.line_width is not None:
            gap = 0.5 * (self.raster.pitch[0] - self.line_width) * (1.0 + 1e-6)
            wide = shapely.union_all(outlines).buffer(gap, cap_style="flat", join_style="mitre")
            return as_multipolygon(wide.buffer(-gap, join_style="mitre"))
        one = outlines[0] if len(outlines) == 1 else as_multipolygon(shapely.union_all(outlines))
        return self.raster.filled(one)

    @property
    def uniform(self) -> bool:
        """Whether all layers are alike."""
        return all(one is layers[0] for layers in self.outlines for one in layers)

    @property
    def gapless(self) -> bool:
        """Whether no gaps are left between drops or lines of any one ink."""
        if self.line_width is not None:
            return False
        outlines = {id(one): one for layers in self.outlines for one in layers}.values()
        parts = [part for one in outlines for part in one.geoms]
        return all(len(one.geoms) <= 1 for one in outlines) and all(
            self.raster.is_wide(hole) for part in parts for hole in part.interiors
        )

    @cached_property
    def slabs(self) -> list[tuple[int, int]] | None:
        """First and last layer + 1 of each ink; None where they are not slabs of the whole.

        They are where every layer is of one ink and covers the same area, and no ink comes back.
        """
        filled = [np.array([not one.is_empty for one in layers]) for layers in self.outlines]
        if len(filled) == 1 or (np.sum(filled, axis=0) != 1).any() or not self.gapless:
            return None
        areas = {round(o.area, 15): o for layers in self.outlines for o in layers if not o.is_empty}
        first, *rest = areas.values()
        if any(first.symmetric_difference(o).area > 1e-9 * first.area for o in rest):
            return None
        spans = [(int(f.argmax()), f.size - int(f[::-1].argmax())) for f in filled]
        whole = all(f[a:b].all() for f, (a, b) in zip(filled, spans, strict=True))
        return spans if whole else None


def read_stack(made: Manifest, folder: Path) -> Stack:
    """Read the images, or the lines, that a manifest names.

    Raises
    ------
    GeometryError
        Anything missing, altered, or other than the manifest says.
    """
    if isinstance(made.laid, DropFacts):
        return Stack(made, _drops(made.laid, folder))
    return Stack(made, _lines(made, made.laid, folder))


def _raster(laid: DropFacts | LineFacts) -> Raster:
    if isinstance(laid, DropFacts):
        return Raster(laid.pixels, laid.pitch)
    return Raster((1, max(1, round(laid.size[1] / laid.pitch))), (laid.pitch, laid.pitch))


def _total(layers: list[Marks]) -> float:
    """Drops, or length of lines [m], of all layers."""
    known = {id(one): _amount(one) for one in layers}
    return math.fsum(known[id(one)] for one in layers)


def _amount(marks: Marks) -> float:
    if marks.dtype == bool:
        return float(marks.sum())
    return float(np.hypot(*(marks[:, 1] - marks[:, 0]).T).sum())


def _drops(laid: DropFacts, folder: Path) -> list[list[Marks]]:
    """Drops of every ink and layer, counted against the manifest; equal images are read once."""
    known: dict[Hashable, Places] = {}
    return [
        [_drops_of(laid, layer[ink], number, folder, known) for number, layer in numbered]
        for ink in range(len(laid.layers[0]))
        if (numbered := list(enumerate(laid.layers, 1)))
    ]


def _drops_of(
    laid: DropFacts, image: Named, number: int, folder: Path, known: dict[Hashable, Places]
) -> Places:
    data = named_bytes(image, folder)
    if image.sha256 not in known:
        if (len(known) + 1) * laid.pixels[0] * laid.pixels[1] > _MOST_READ:
            words = f"{len(known) + 1} different images of {laid.pixels[0]} x {laid.pixels[1]}"
            raise GeometryError(f"layer {number}: {words} pixels are more than {_MOST_READ:.0e}")
        try:
            known[image.sha256] = read_tiff(data, laid.pixels, black=laid.black, pitch=laid.pitch)
        except GeometryError as error:
            raise GeometryError(f"{image.file} {error.message}") from None
    drops = known[image.sha256]
    if int(drops.sum()) != image.drops:
        raise GeometryError(
            f"layer {number}: {image.file} holds {int(drops.sum())} drops, the manifest says "
            f"{image.drops}"
        )
    return drops


def _lines(made: Manifest, laid: LineFacts, folder: Path) -> list[list[Marks]]:
    """Lines of every ink and layer; their length is that of the manifest."""
    rows = _rows(named_bytes(laid.file, folder), laid.file.file)
    _check_rows(rows, made, laid)
    ends = rows[:, 2:].reshape(-1, 2, 2) * 1e-3
    known: dict[Hashable, Array] = {}
    marks: list[list[Marks]] = []
    for channel in made.channels:
        own = rows[:, 1] == channel.number
        layers, lines = rows[own, 0].astype(int), ends[own]
        order = np.argsort(layers, kind="stable")
        cuts = np.searchsorted(layers[order], np.arange(1, laid.layers + 2))
        each = [lines[order[a:b]] for a, b in itertools.pairwise(cuts)]
        marks.append([known.setdefault(one.tobytes(), one) for one in each])
    length = sum(_total(layers) for layers in marks)
    if abs(length - laid.length) > _SAME_LENGTH * laid.length:
        raise GeometryError(
            f"{laid.file.file} holds {length * 1e3:.6g} mm of lines, the manifest says "
            f"{laid.length * 1e3:.6g} mm"
        )
    return marks


def _rows(data: bytes, name: str) -> Array:
    """Rows of a table of lines, (n, 6): layer, ink and both ends [mm]."""
    text = data.decode("utf-8", "replace")
    count = len(text.splitlines())
    if not 1 < count <= _MOST_LINES:
        raise GeometryError(f"{name} is no table of lines: it has {count} rows")
    try:
        rows = np.loadtxt(io.StringIO(text), delimiter=",", skiprows=1, ndmin=2, comments=None)
    except (ValueError, OverflowError) as error:
        words = "".join(c for c in str(error) if c.isprintable())[:120]
        raise GeometryError(f"{name} is no table of lines: {words}") from None
    if rows.shape[1] != 6 or not len(rows):
        raise GeometryError(f"{name} is no table of lines: layer, ink, x0, y0, x1, y1 [mm]")
    return rows


def _check_rows(rows: Array, made: Manifest, laid: LineFacts) -> None:
    """Refuse what lies in no layer, is of no ink, or reaches out of what is printed."""
    inks = [channel.number for channel in made.channels]
    most = 0.5 * np.array([*laid.size, *laid.size]) * 1e3 * (1.0 + 1e-6)
    wrong = {
        "is in no layer": ~np.isin(rows[:, 0], np.arange(1, laid.layers + 1)),
        "is of no ink": ~np.isin(rows[:, 1], inks),
        "reaches out of what is printed": ~(np.abs(rows[:, 2:]) <= most).all(axis=1),
    }
    for words, which in wrong.items():
        if which.any():
            raise GeometryError(f"{laid.file.file} line {int(which.argmax()) + 2} {words}")

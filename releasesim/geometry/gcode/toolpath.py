"""The toolpath: every piece of road that a G-code lays, in SI units."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.gcode.features import FEATURES, FIRST_BESIDE, UNNAMED

Array = NDArray[np.float64]
Codes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Toolpath:
    """All straight pieces that extrude, in the order of printing (n of them).

    Parameters
    ----------
    start, end : (n, 3) ndarray
        Of each piece, nozzle positions: z is the top of the road [m]. Where both are equal the
        nozzle stood still.
    volume : (n,) ndarray
        Extruded on it [m3].
    width : (n,) ndarray
        Of a road of rectangular section, volume / (length height) [m]; 0 where the nozzle stood.
    height : (n,) ndarray
        From the top of the road down [m].
    tool : (n,) int
        Number of the tool, T0 is 0.
    feature : (n,) int
        What it is for, a code of `FEATURES`.
    line : (n,) int
        In the file, counted from 1.
    filament : mapping of int to float
        Filament that the G-code feeds to each tool, retractions cancelled [m].
    declared_filament : mapping of int to (float or None)
        What the slicer itself says that each tool uses [m]; None where it does not.
    filament_diameter : mapping of int to float
        By which filament becomes volume [m].
    slicer : str
        Name and version, "unknown" where the file does not say.
    path : Path
    digest : str
        SHA-256 of the file, hex.
    features_named : bool
        Whether the file says what its roads are for. If not, all count as the tablet.
    notices : tuple of str
        What a user has to know.
    """

    start: Array
    end: Array
    volume: Array
    width: Array
    height: Array
    tool: Codes
    feature: Codes
    line: NDArray[np.int32]
    filament: Mapping[int, float]
    declared_filament: Mapping[int, float | None]
    filament_diameter: Mapping[int, float]
    slicer: str
    path: Path
    digest: str
    features_named: bool
    notices: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.volume.size)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Name of each code in `feature`."""
        return FEATURES

    @property
    def features(self) -> dict[str, float]:
        """Volume of each feature there is [m3]."""
        sums = np.bincount(self.feature, self.volume, len(FEATURES))
        present = np.bincount(self.feature, minlength=len(FEATURES)) > 0
        return {FEATURES[code]: float(sums[code]) for code in np.flatnonzero(present)}

    @property
    def of_tablet(self) -> NDArray[np.bool_]:
        """Which pieces become the tablet: no skirt, brim, support, prime tower or purge line."""
        beside = self.feature >= FIRST_BESIDE
        return ~(beside | (self.feature == UNNAMED)) if self.features_named else ~beside

    @cached_property
    def tablet(self) -> Toolpath:
        """The pieces that become the tablet."""
        return self.only(self.of_tablet)

    def only(self, chosen: NDArray[np.bool_]) -> Toolpath:
        """Some of the pieces, (n,) bool; what is said of the whole file stays."""
        if chosen.all():
            return self
        of_piece = (f.name for f in fields(self) if f.name in _OF_PIECE)
        return replace(self, **{name: getattr(self, name)[chosen] for name in of_piece})

    @cached_property
    def length(self) -> Array:
        """Of each piece in the plane, (n,) [m]; 0 where the nozzle stood or only rose."""
        found = np.empty(len(self))
        for n in range(0, len(self), _BLOCK):
            way = self.end[n : n + _BLOCK, :2] - self.start[n : n + _BLOCK, :2]
            np.hypot(way[:, 0], way[:, 1], out=found[n : n + _BLOCK])
        return found

    @property
    def tools(self) -> tuple[int, ...]:
        """Numbers of the tools that extrude."""
        return tuple(int(number) for number in np.unique(self.tool))

    def volume_of(self, tool: int) -> float:
        """Extruded by one tool [m3]."""
        return math.fsum(self.volume[self.tool == tool])

    @cached_property
    def layer_heights(self) -> tuple[float, ...]:
        """Different heights of the tablet's roads, to 1 um, ascending [m]."""
        roads = self.height[self.of_tablet & (self.length > 0)]
        return tuple(round(float(h) * 1e-6, 6) for h in np.unique(np.round(roads * 1e6)))

    @cached_property
    def box(self) -> tuple[Array, Array]:
        """Lowest and highest corner of the roads, their width counted [m]."""
        moving = np.flatnonzero(self.length > 0)
        # in blocks, each with the piece before it and behind it, whose joints are its own
        blocks = [moving[max(0, n - 1) : n + _BLOCK + 1] for n in range(0, moving.size, _BLOCK)]
        lows, highs = zip(*(self._box_of(block) for block in blocks), strict=True)
        return np.min(lows, axis=0), np.max(highs, axis=0)

    def _box_of(self, rows: NDArray[np.int64]) -> tuple[Array, Array]:
        """Box of moving pieces that follow each other: butt ends, round joints."""
        start, end, half = self.start[rows].T, self.end[rows].T, 0.5 * self.width[rows]
        butt = half * np.abs((end - start)[1::-1]) / self.length[rows]
        joined = np.flatnonzero((start[:, 1:] == end[:, :-1]).all(axis=0))
        before, behind = butt.copy(), butt
        before[:, joined + 1] = half[joined + 1]
        behind[:, joined] = half[joined]
        both = ((start[:2], before), (end[:2], behind))
        low = np.min([(at - reach).min(axis=1) for at, reach in both], axis=0)
        high = np.max([(at + reach).max(axis=1) for at, reach in both], axis=0)
        bottom = (np.minimum(start[2], end[2]) - self.height[rows]).min()
        top = np.maximum(start[2], end[2]).max()
        low, high = np.append(low, bottom), np.append(high, top)
        return low, high

    def __repr__(self) -> str:
        return (
            f"Toolpath of {self.path.name}: {len(self)} pieces of road, "
            f"{self.volume.sum() * 1e9:.4g} mm3 by {len(self.tools)} tools, {self.slicer}"
        )


_OF_PIECE = ("start", "end", "volume", "width", "height", "tool", "feature", "line")
_BLOCK = 200_000
"""Pieces that are looked at together, where memory counts."""

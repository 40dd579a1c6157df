"""Layers of ink with their gaps: laid on a grid, or looked at as one plane."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from releasesim.geometry.drops.slabs import slabs
from releasesim.geometry.grid import Integers, VoxelGrid
from releasesim.geometry.printed import SealedMask, voxelize_layers
from releasesim.geometry.slicing import PrintedLayer

Array = NDArray[np.float64]

#: Thickness of the one layer of a plane [m].
_SLICE = 1e-6


@dataclass(frozen=True, eq=False)
class Laid:
    """Layers of ink, much thinner than they are wide.

    Parameters
    ----------
    keys : sequence
        One for each layer, equal for layers that are alike.
    thickness : float
        Of a layer [m].
    layer : callable
        (part, layer, bottom [m], top [m]) -> PrintedLayer.
    parts : int
        How many inks.
    size : (float, float)
        Extent along x and y [m].
    width : float
        Of lines [m].
    edge : float
        What lies within this of an outer face belongs to it, twice over [m].
    film : bool
        Edges are sealed.
    """

    keys: Sequence[Hashable]
    thickness: float
    layer: Callable[[int, int, float, float], PrintedLayer]
    parts: int
    size: tuple[float, float]
    width: float
    edge: float
    film: bool

    @property
    def plain(self) -> bool:
        """Whether all layers are alike, and of one ink."""
        return self.parts == 1 and len(set(self.keys)) == 1

    def outline_sizes(self) -> tuple[float, float]:
        """Area [m2] and length of the edge [m] of the first layer."""
        one = self.layer(0, 0, 0.0, self.thickness)
        lines = shapely.MultiLineString(list(one.lines))
        length = one.bands.length + 2.0 * lines.length
        return float(one.bands.area + self.width * lines.length), float(length)

    def voxelize(
        self,
        spacing: float,
        sealed: SealedMask | None,
        offset: tuple[float, float, float] | None = None,
    ) -> VoxelGrid:
        """All layers on a grid; see `voxelize_layers`."""
        found = slabs(self.keys, self.thickness, spacing)
        layers = [[self.layer(part, *slab) for slab in found] for part in range(self.parts)]
        return self._on_grid(layers, spacing, sealed, offset)

    def voxelize_plane(self, spacing: float) -> VoxelGrid:
        """The first layer on a grid; nothing passes top and bottom."""

        def flat(at: Array, axis: Integers, direction: Array) -> NDArray[np.bool_]:
            return np.asarray(axis == 2)

        return self._on_grid([[self.layer(0, 0, 0.0, _SLICE)]], spacing, flat, None)

    def _on_grid(
        self,
        layers: Sequence[Sequence[PrintedLayer]],
        spacing: float,
        sealed: SealedMask | None,
        offset: tuple[float, float, float] | None,
    ) -> VoxelGrid:
        def closed(at: Array, axis: Integers, direction: Array) -> NDArray[np.bool_]:
            mask = np.zeros(axis.size, bool) if sealed is None else sealed(at, axis, direction)
            for n in (0, 1) if self.film else ():
                out = np.abs(at[n]) > 0.5 * self.size[n] - 0.5 * self.edge
                mask = mask | (axis == n) & out & (np.sign(at[n]) == direction)
            return np.asarray(mask)

        mask = closed if sealed is not None or self.film else None
        return voxelize_layers(
            layers, spacing, self.width, size=self.size, sealed=mask, offset=offset
        )

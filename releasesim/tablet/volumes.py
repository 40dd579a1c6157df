"""Volumes of the parts of an exact solid."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from releasesim.tablet.parts import Part
from releasesim.tablet.voxels import voxelize_body

if TYPE_CHECKING:
    from releasesim.tablet.tablet import Tablet

#: Cells by which volumes of odd regions are measured.
_MEASURED_CELLS = 2e6


def solid_volumes(tablet: Tablet) -> tuple[float, ...]:
    """Volume of each part of an exact solid [m3]."""
    if len(tablet.parts) == 1:
        return (tablet.body.volume,)
    if tablet.layers:
        return (0.0, *(_volume_between(tablet, part) for part in tablet.parts[1:]))
    inner = tablet.parts[1].place
    if len(tablet.parts) == 2 and inner is not None and inner.lies_in(tablet.drawn):
        volume = tablet.as_made(inner).shape.volume
        return (tablet.body.volume - volume, volume)
    return _measured_volumes(tablet)


def _volume_between(tablet: Tablet, part: Part) -> float:
    """Volume of a layer of an exact solid [m3]: outline area over its height, by Simpson."""
    if part.place is None:
        return 0.0
    bottom, thickness = part.place.at[2], part.place.shape.size[2]
    if tablet.drawn.extruded:
        area = tablet.drawn.volume / tablet.drawn.size[2]
        return float(area * thickness * tablet.stretch * (1.0 + tablet.oversize) ** 3)
    heights = np.linspace(bottom, bottom + thickness, 101)
    areas = np.array([tablet.drawn.outline(float(z)).area for z in heights])
    weights = np.ones(101)
    weights[1:-1:2], weights[2:-1:2] = 4.0, 2.0
    mean = float(weights @ areas) / weights.sum()
    return float(mean * thickness * (1.0 + tablet.oversize) ** 3)


def _measured_volumes(tablet: Tablet) -> tuple[float, ...]:
    """Volumes of regions that cut each other or the surface [m3], from a grid."""
    finest = (math.prod(tablet.body.size) / _MEASURED_CELLS) ** (1 / 3)
    grid = voxelize_body(tablet, max(finest, min(1e-4, min(tablet.body.size) / 20)), None)
    shares = [float((grid.fraction * share).sum()) for share in grid.shares]
    return tuple(tablet.body.volume * share / sum(shares) for share in shares)

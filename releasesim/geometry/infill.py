"""Infill: the pattern that fills a printed body between its walls."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from releasesim.errors import InputError

if TYPE_CHECKING:
    from releasesim.geometry.roads import RoadModel

#: Directions printed in one layer by the patterns made of straight lines.
DIRECTIONS = {"rectilinear": 1, "grid": 2, "triangles": 3}
#: From this density up slicers fill wholly (PrusaSlicer 2.5).
SOLID_DENSITY = 0.9999
#: Wave number of the gyroid: field argument = GYROID_WAVE density / spacing (PRINTING.md).
GYROID_WAVE = 2.44


@dataclass(frozen=True)
class Infill:
    """Pattern, nominal density and direction of an infill.

    Parameters
    ----------
    pattern : str
        One of `PATTERNS`.
    density : float
        Nominal density, above 0 and up to 1 [-]. Not the solid fraction of a small tablet.
    angle : float
        Direction of the lines in even layers, from x towards y [rad].

    Raises
    ------
    InputError
        Unknown pattern, density outside (0, 1], angle not finite.

    Examples
    --------
    >>> Infill("grid", 0.3).directions
    2
    """

    pattern: str
    density: float
    angle: float = math.pi / 4

    PATTERNS: ClassVar[tuple[str, ...]] = (
        "rectilinear",
        "grid",
        "triangles",
        "honeycomb",
        "gyroid",
        "concentric",
    )

    def __post_init__(self) -> None:
        if self.pattern not in self.PATTERNS:
            close = difflib.get_close_matches(str(self.pattern), self.PATTERNS, n=1)
            hint = f", did you mean {close[0]!r}?" if close else ""
            known = " ".join(self.PATTERNS)
            raise InputError(f"infill pattern {self.pattern!r}: there are {known}{hint}")
        if not 0.0 < self.density <= 1.0:
            raise InputError(
                f"infill density = {100.0 * self.density:g} %: must be above 0 and at most 100 %"
            )
        if not math.isfinite(self.angle):
            raise InputError(f"infill angle = {self.angle}: must be a finite angle")

    @property
    def solid(self) -> bool:
        """True where the density leaves no gaps at all."""
        return self.density >= SOLID_DENSITY

    @property
    def directions(self) -> int:
        """Number of line directions printed in one layer."""
        return DIRECTIONS.get(self.pattern, 1)

    def line_distance(self, road: RoadModel) -> float:
        """Distance of neighbouring roads of one direction [m]; of the waves' mean for gyroid."""
        waves = math.pi / GYROID_WAVE if self.pattern == "gyroid" else 1.0
        return waves * self.directions * road.spacing / self.density


def narrowest_gap(infill: Infill, road: RoadModel) -> float:
    """Clear distance between neighbouring infill roads [m]; 0 where they touch.

    Line distance less the spacing; across the flats of a cell for honeycomb. For gyroid it is the
    mean of a layer: its waves touch in the layers where they change direction.
    """
    if infill.solid:
        return 0.0
    distance = infill.line_distance(road)
    if infill.pattern == "honeycomb":
        # cells are two line distances wide and every second pair of walls is a double road
        return max(0.0, 2.0 * (distance - road.spacing))
    return max(0.0, distance - road.spacing)

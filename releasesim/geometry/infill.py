"""Infill: the pattern that fills a printed body between its walls."""

from __future__ import annotations

import difflib
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from releasesim.errors import InputError

if TYPE_CHECKING:
    from releasesim.geometry.grading import Grading
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
    graded : Grading, optional
        How the density changes with height or from the middle out; `density` is then the first.

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
    graded: Grading | None = None

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
    def densities(self) -> tuple[float, ...]:
        """Nominal density of each step [-]; one where it is not graded."""
        return (self.density,) if self.graded is None else self.graded.densities(self.density)

    @property
    def solid(self) -> bool:
        """True where the density leaves no gaps at all."""
        return min(self.densities) >= SOLID_DENSITY

    def describe(self) -> str:
        """Density, pattern and grading, in a few words."""
        if self.graded is None:
            return f"{100.0 * self.density:.4g} % {self.pattern}"
        ends = ("bottom", "top") if self.graded.along == "height" else ("middle", "edge")
        return (
            f"{100.0 * self.density:.4g} % {self.pattern} at the {ends[0]} to "
            f"{100.0 * self.graded.to:.4g} % at the {ends[1]} in {self.graded.steps} steps"
        )

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
    open_steps = [density for density in infill.densities if density < SOLID_DENSITY]
    if not open_steps:
        return 0.0
    distance = replace(infill, density=max(open_steps), graded=None).line_distance(road)
    if infill.pattern == "honeycomb":
        # cells are two line distances wide and every second pair of walls is a double road
        return max(0.0, 2.0 * (distance - road.spacing))
    return max(0.0, distance - road.spacing)

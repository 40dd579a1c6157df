"""Graded infill: a density that changes in steps with height, or in rings from the middle out."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import shapely

from releasesim.errors import GeometryError, InputError
from releasesim.geometry.roads import inset

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

    from releasesim.geometry.infill import Infill

MOST_STEPS = 20
#: Rings narrower than this are filled otherwise than drawn: slicers drop strips of solid layers
#: there and most lines of the infill [road spacings].
NARROWEST_RING = 2.0


@dataclass(frozen=True)
class Grading:
    """How the density of an infill changes from its first step to its last.

    Parameters
    ----------
    along : str
        "height": from the bottom up, in whole layers. "rings": from the middle out to the
        walls, in rings of equal width that stand upright.
    to : float
        Density of the last step, at the top or the edge [-]; the first has the infill's own.
    steps : int
        Number of steps, 2 or more; densities are evenly spaced.

    Raises
    ------
    InputError
        A word, density or number that cannot be.
    """

    along: str
    to: float
    steps: int = 4

    WAYS: ClassVar[tuple[str, ...]] = ("height", "rings")

    def __post_init__(self) -> None:
        if self.along not in self.WAYS:
            raise InputError(f"graded along {self.along!r}: there are {', '.join(self.WAYS)}")
        if not 0.0 < self.to <= 1.0:
            raise InputError(f"graded to {100.0 * self.to:g} %: must be above 0 and at most 100 %")
        if self.steps != int(self.steps) or not 2 <= self.steps <= MOST_STEPS:
            raise InputError(f"graded in {self.steps} steps: must be 2 to {MOST_STEPS}")

    def densities(self, first: float) -> tuple[float, ...]:
        """Density of each step [-], the infill's own first.

        Examples
        --------
        >>> [round(density, 3) for density in Grading("height", 0.6, 3).densities(0.2)]
        [0.2, 0.4, 0.6]
        """
        share = [n / (self.steps - 1) for n in range(self.steps)]
        return tuple((1.0 - s) * first + s * self.to for s in share)


@dataclass(frozen=True, eq=False)
class Step:
    """Infill of one density and where it begins; the last step that holds a point wins.

    Parameters
    ----------
    infill : Infill
        Of one density.
    first_layer : int
        Lowest layer that it fills.
    within : geometry, optional
        Outline that it fills [m]; everywhere where absent.
    """

    infill: Infill
    first_layer: int = 0
    within: BaseGeometry | None = None


def graded_steps(
    infill: Infill, widest: BaseGeometry, layers: int, road_spacing: float
) -> tuple[Step, ...]:
    """Steps of an infill, one for an infill that is not graded.

    Parameters
    ----------
    infill : Infill
        As the study has it.
    widest : geometry
        Widest cross-section of what it fills, inside the walls [m].
    layers : int
        Number of printed layers.
    road_spacing : float
        Distance of touching roads [m].

    Raises
    ------
    GeometryError
        More steps than layers, or rings narrower than two roads.
    """
    grading = infill.graded
    if grading is None:
        return (Step(infill),)
    fills = [
        replace(infill, density=density, graded=None)
        for density in grading.densities(infill.density)
    ]
    if grading.along == "height":
        if layers < grading.steps:
            raise GeometryError(f"graded in {grading.steps} steps: there are {layers} layers")
        starts = [round(n * layers / grading.steps) for n in range(grading.steps)]
        return tuple(Step(fill, start) for fill, start in zip(fills, starts, strict=True))
    ring = _depth(widest) / grading.steps
    if ring < NARROWEST_RING * road_spacing:
        raise GeometryError(
            f"graded in {grading.steps} rings of {1e3 * ring:.3g} mm: each needs room for two "
            f"roads, {NARROWEST_RING * road_spacing * 1e3:.3g} mm"
        )
    insides = [inset(widest, n * ring) for n in range(1, grading.steps)]
    pairs = zip(fills[::-1], (None, *insides), strict=True)  # the edge first, the middle last
    return tuple(Step(fill, within=within) for fill, within in pairs)


def filled_by(steps: tuple[Step, ...], layer: int) -> list[tuple[Infill, BaseGeometry | None]]:
    """Infills of one layer, each with the area that is its own [m]; None is all of it."""
    here = [step for step in steps if step.first_layer <= layer]
    if here[-1].within is None:
        return [(here[-1].infill, None)]
    everywhere = shapely.box(-1.0, -1.0, 1.0, 1.0)  # a metre each way: larger than any tablet
    areas = [everywhere if step.within is None else step.within for step in here]
    own = [area.difference(inner) for area, inner in itertools.pairwise(areas)]
    return list(zip([step.infill for step in here], [*own, areas[-1]], strict=True))


def _depth(outline: BaseGeometry) -> float:
    """How far the middle of an outline lies from its edge [m]."""
    parts = [part for part in shapely.get_parts(outline) if part.area > 0.0]
    size = math.sqrt(outline.area)
    radii = [shapely.maximum_inscribed_circle(part, tolerance=1e-5 * size) for part in parts]
    return max((float(line.length) for line in radii), default=0.0)

"""Shape, infill, regions and layers of the tablet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import model_validator

from releasesim.geometry.grading import MOST_STEPS, Grading
from releasesim.study.fields import (
    Name,
    OneOf,
    Quantity,
    Whole,
    WrongKeyError,
    did_you_mean,
)
from releasesim.study.schema.base import (
    Length,
    Mass,
    Partition,
    PositiveShare,
    Table,
    check_names,
)
from releasesim.study.schema.formulation import Formulation
from releasesim.study.schema.inkjet import Ink, Inkjet
from releasesim.study.schema.physics import Physics
from releasesim.study.schema.shapes import Gcode, Shape

FACES = ("top", "bottom", "side", "inner", "x-", "x+", "y-", "y+", "z-", "z+")
PATTERNS = ("rectilinear", "grid", "triangles", "honeycomb", "gyroid", "concentric")


ROADS = (
    *("infill", "walls", "roofs", "floors", "layer_height", "road_width"),
    *("oversize", "flow", "gap_porosity", "measured_height"),
)


class Graded(Table):
    """A density that changes in equal steps, bottom to top or middle to edge."""

    along: Annotated[str, OneOf(Grading.WAYS)]
    to: PositiveShare
    steps: Annotated[int, Whole(2, MOST_STEPS)] = 4


class Infill(Table):
    """Roads inside the walls."""

    pattern: Annotated[str, OneOf(PATTERNS)]
    density: PositiveShare
    angle: Annotated[float, Quantity("deg", low=-360, high=360)] | None = None
    graded: Graded | None = None


class Part(Table):
    """What regions and layers share."""

    name: Annotated[str, Name("a name")]
    infill: Infill | None = None
    extruder: Annotated[int, Whole(1, 16)] = 1
    partition: Partition | None = None
    formulation: Formulation | None = None
    ink: Ink | None = None
    physics: Physics | None = None


class Region(Part):
    """A part of a multi-material tablet; the last region that contains a point wins."""

    shape: Shape | None = None  # needed unless the tools of a G-code print it

    @model_validator(mode="after")
    def _has_height(self) -> Self:
        if self.shape is not None:
            _check_height(self.shape, "height of a region's shape")
        return self


class Layer(Part):
    """One of a stack, from the bottom up."""

    thickness: Length


class Tablet(Table):
    """Shape, infill and printing of the tablet."""

    shape: Shape
    infill: Infill | None = None
    walls: Annotated[int, Whole(0, 50)] = 2
    roofs: Annotated[int, Whole(0, 200)] = 3
    floors: Annotated[int, Whole(0, 200)] = 3
    layer_height: Annotated[float, Quantity("mm", low=0.01, high=2)] = 0.2e-3
    road_width: Annotated[float, Quantity("mm", low=0.02, high=5)] = 0.45e-3
    oversize: Annotated[float, Quantity("%", low=-20, high=20)] = 0.0
    porosity: Annotated[float, Quantity("%", low=0, high=95)] = 0.0
    gap_porosity: Annotated[float, Quantity("%", low=0, high=50)] = 0.0
    flow: Annotated[float, Quantity("%", low=50, high=150)] = 1.0
    mass_spread: Annotated[float, Quantity("%", low=0, high=30)] = 0.0
    sealed: tuple[Annotated[str, OneOf(FACES)], ...] = ()
    mass: Mass | None = None
    measured_height: Length | None = None
    inkjet: Inkjet | None = None
    region: tuple[Region, ...] = ()
    layer: tuple[Layer, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.region and self.layer:
            raise WrongKeyError(
                "cannot stand beside tablet.region: give regions or layers", "layer"
            )
        if self.shape.at is not None:
            raise WrongKeyError(
                "is for regions: the tablet itself stands at 0, 0, 0", "shape", "at"
            )
        if self.inkjet is not None:
            self._check_inkjet()
        if not self.layer and (self.inkjet is None or self.inkjet.layers is None):
            _check_height(self.shape, "needed unless there are layers", "shape")
        if self.shape.kind == "gcode":
            self._check_gcode(self.shape)
        elif self.shape.kind == "drops":
            self._check_named("inks", self.shape.inks, "the stack, whose inks name this region")
        else:
            _check_shapes(self.region)
        for key in ("region", "layer"):
            check_names(key, [part.name for part in getattr(self, key)])
            if self.inkjet is None:
                _check_no_ink(key, getattr(self, key))
        return self

    def _check_gcode(self, shape: Gcode) -> None:
        for key in (*ROADS, "measured_height", "layer"):
            if key in self.model_fields_set:
                raise WrongKeyError("cannot stand beside a G-code, which is printed roads", key)
        self._check_named("tools", shape.tools, "the G-code, whose tools name this region")

    def _check_named(self, key: str, named: Mapping[str, str], what: str) -> None:
        """Regions are those that tools or inks of a file name, and say nothing that it says."""
        for place, part in enumerate(self.region):
            for said in ("shape", "infill", "extruder"):
                if said in part.model_fields_set:
                    raise WrongKeyError(f"is said by {what}", "region", place, said)
            if part.name not in named.values():
                message = f"is printed by no {key[:-1]}: name it in shape.{key}"
                raise WrongKeyError(message, "region", place, "name")
        names = [part.name for part in self.region]
        for one, name in named.items():
            if name not in names:
                message = f"there is no [[tablet.region]] of this name{did_you_mean(name, names)}"
                raise WrongKeyError(message, "shape", key, one)

    def _check_inkjet(self) -> None:
        for key in ROADS:
            if key in self.model_fields_set:
                raise WrongKeyError("cannot stand beside tablet.inkjet, which has no roads", key)
        if self.shape.kind in ("drops", "gcode"):
            raise WrongKeyError(f"cannot stand beside a {self.shape.kind} shape", "inkjet")
        if self.layer and self.inkjet is not None and self.inkjet.layers is not None:
            message = "cannot stand beside tablet.layer, whose thicknesses say how many"
            raise WrongKeyError(message, "inkjet", "layers")


def _check_shapes(regions: tuple[Region, ...]) -> None:
    for place, region in enumerate(regions):
        if region.shape is None:
            raise WrongKeyError("is missing", "region", place, "shape")
        if region.shape.kind in ("gcode", "drops"):
            message = "is for the tablet itself; its tools or inks name regions"
            raise WrongKeyError(message, "region", place, "shape", "kind")


def _check_no_ink(key: str, parts: tuple[Part, ...]) -> None:
    for place, part in enumerate(parts):
        if part.ink is not None:
            raise WrongKeyError("is for a tablet with [tablet.inkjet]", key, place, "ink")


def _check_height(shape: Any, why: str, *keys: str) -> None:
    for key in ("height", "thickness"):
        if key in type(shape).model_fields and getattr(shape, key) is None:
            raise WrongKeyError(f"is missing: {why}", *(keys or ("shape",)), key)

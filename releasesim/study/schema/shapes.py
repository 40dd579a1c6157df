"""Shapes of bodies and regions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Key

from releasesim.study.fields import (
    Name,
    OneOf,
    Quantity,
)
from releasesim.study.schema.base import (
    FileName,
    Length,
    Position,
    Table,
)


class ShapeTable(Table):
    """What all shapes share; `at` is for regions."""

    at: tuple[Position, Position, Position] | None = None


class Cylinder(ShapeTable):
    """A flat round tablet."""

    kind: Literal["cylinder"]
    diameter: Length
    height: Length | None = None


class Sphere(ShapeTable):
    """A ball."""

    kind: Literal["sphere"]
    diameter: Length


class Block(ShapeTable):
    """A rectangular block."""

    kind: Literal["block"]
    length: Length
    width: Length
    height: Length | None = None


class Caplet(ShapeTable):
    """A rectangle with half-round ends, flat top."""

    kind: Literal["caplet"]
    length: Length
    width: Length
    height: Length | None = None


class Capsule(ShapeTable):
    """A cylinder with hemispherical ends, lying."""

    kind: Literal["capsule"]
    length: Length
    diameter: Length


class Ring(ShapeTable):
    """A flat ring."""

    kind: Literal["ring"]
    outer_diameter: Length
    inner_diameter: Length
    height: Length | None = None


class Film(ShapeTable):
    """Both faces open, edges sealed, one-dimensional."""

    kind: Literal["film"]
    thickness: Length | None = None
    area: Annotated[float, Quantity("cm2", above=0, high=10000)]


class Mesh(ShapeTable):
    """A mesh from a file."""

    kind: Literal["mesh"]
    file: FileName
    unit: Annotated[str, OneOf(("mm", "cm", "m", "um", "in"))] = "mm"


ANY_INK = tuple(str(number) for number in range(1, 17))
InkName = Annotated[str, OneOf(ANY_INK)]


class Drops(ShapeTable):
    """The layers of an inkjet print: a manifest and the files that it names; inks name regions."""

    kind: Literal["drops"]
    file: FileName
    inks: dict[InkName, Annotated[str, Name("the name of a region")]] = Key(default_factory=dict)


ANY_TOOL = tuple(f"T{number}" for number in range(16))
ToolName = Annotated[str, OneOf(ANY_TOOL)]


class Gcode(ShapeTable):
    """The printed roads themselves, from a G-code file; tools name regions."""

    kind: Literal["gcode"]
    file: FileName
    tools: dict[ToolName, Annotated[str, Name("the name of a region")]] = Key(default_factory=dict)
    filament_diameter: Annotated[float, Quantity("mm", low=0.1, high=20)] | None = None


Shape = Annotated[
    Cylinder | Sphere | Block | Caplet | Capsule | Ring | Film | Mesh | Drops | Gcode,
    Key(discriminator="kind"),
]

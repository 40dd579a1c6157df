"""Target, design and patient."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Key

from releasesim.study.fields import (
    Flag,
    Number,
    OneOf,
    Quantity,
    Raw,
    Span,
    Text,
    WrongKeyError,
)
from releasesim.study.schema.base import (
    CardName,
    FileName,
    Mass,
    PositiveShare,
    Table,
    Time,
)


class Accept(Table):
    """When a curve is near enough."""

    f2: Annotated[float, Number(0, 100)] | None = None
    largest_difference: PositiveShare | None = None


class Plasma(Table):
    """A wanted window of plasma concentration, for [patient]."""

    low: Annotated[float, Quantity("mg/L", low=0, high=1e6)]
    high: Annotated[float, Quantity("mg/L", above=0, high=1e6)]
    dose_every: Time

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low >= self.high:
            raise WrongKeyError("must be below high", "low")
        return self


class ShapeOfCurve(BaseModel):
    """A drawn target; its parameters are checked against the kind."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[str | float, Raw()]]

    kind: Annotated[str, Text("the kind of a curve")]


class Target(Table):
    """The wanted curve: measured, drawn, or derived from a plasma window."""

    curve: FileName | None = None
    shape: ShapeOfCurve | None = None
    plasma: Plasma | None = None
    accept: Accept | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = ("curve", "shape", "plasma")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise WrongKeyError(
                f"needs exactly one of {', '.join(ways)}; there is {found}", *given[1:2]
            )
        return self


class Design(Table):
    """What a design may change, and for which dose."""

    dose: Mass | None = None
    dose_tolerance: Annotated[float, Quantity("%", above=0, high=50)] = 0.02
    absorbs_dose: Annotated[str, OneOf(("drug_loading", "size"))] = "drug_loading"
    polymers: tuple[CardName, ...] = ()
    vary: dict[str, Annotated[Any, Span()]] = Key(default_factory=dict)


class Patient(Table):
    """One person, as far as release and dose need."""

    weight: Annotated[float, Quantity("kg", above=0, high=500)] | None = None
    age: Annotated[float, Quantity("y", low=0, high=130)] | None = None
    sex: Annotated[str, OneOf(("female", "male"))] | None = None
    creatinine_clearance: Annotated[float, Quantity("mL/min", low=0, high=400)] | None = None
    genotype: dict[str, Annotated[str, Text("a diplotype")]] = Key(default_factory=dict)
    biomarkers: dict[str, Annotated[str, Text("a result")]] = Key(default_factory=dict)
    smoking: Annotated[bool, Flag()] | None = None
    comedication: tuple[Annotated[str, Text("a drug")], ...] = ()

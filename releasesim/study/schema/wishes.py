"""Target, design and patient."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Key

from releasesim.errors import UnitError
from releasesim.study.fields import (
    Flag,
    Number,
    OneOf,
    Quantity,
    Raw,
    Span,
    Text,
    Whole,
    WrongKeyError,
    did_you_mean,
)
from releasesim.study.schema.base import (
    CardName,
    FileName,
    Instant,
    Mass,
    PositiveShare,
    Share,
    Table,
    Time,
)
from releasesim.study.schema.sweep import Robust
from releasesim.units import format_quantity, parse_quantity

Concentration = Annotated[float, Quantity("mg/L", above=0, high=1e6)]
Clearance = Annotated[float, Quantity("mL/min", low=0, high=400)]
Strength = Annotated[str, OneOf(("strong", "moderate", "weak"))]


class Creatinine(Quantity):
    """Creatinine in serum, by mass or by amount; what no adult has is a slip of the unit."""

    #: Of C4H7N3O [kg/mol].
    molar_mass = 113.12e-3

    def read(self, value: object) -> float:
        """Return the concentration [kg/m3]."""
        try:
            number = self.molar_mass * parse_quantity(value, "mol/m3")  # type: ignore[arg-type]
        except UnitError:
            number = Quantity("mg/dL").read(value)
        if self._allows(number):
            return number
        meant = "mg/dL" if number < (self._si(self.low) or 0.0) else "umol/L"
        is_ = format_quantity(number, self.unit, 3)
        raise ValueError(f"is {is_}, and must be {self._range()}: was {meant} meant?")


class Stage(Table):
    """One time of a dissolution test by USP stages: <724> gives low and high, <711> gives Q."""

    at: Time
    low: Share | None = None
    high: PositiveShare | None = None
    Q: PositiveShare | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        bounds = self.low is not None or self.high is not None
        if bounds == (self.Q is not None):
            raise WrongKeyError("needs low, high or both, or Q alone", "at")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise WrongKeyError("must be below high", "low")
        return self


class Accept(Table):
    """When a curve is near enough."""

    f2: Annotated[float, Number(0, 100)] | None = None
    largest_difference: PositiveShare | None = None
    time_in_window: PositiveShare | None = None
    cmax: Concentration | None = None
    stages: tuple[Stage, ...] = ()


class Plasma(Table):
    """A wanted window or course of plasma concentration, for [patient]."""

    low: Annotated[float, Quantity("mg/L", low=0, high=1e6)] | None = None
    high: Concentration | None = None
    curve: FileName | None = None
    dose_every: Time | None = None
    doses: Annotated[int, Whole(1, 1000)] | None = None
    auc: Annotated[float, Quantity("mg*h/L", above=0, high=1e7)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.curve is None) == (self.low is None and self.high is None):
            raise WrongKeyError("needs a window, low and high, or a curve")
        if self.doses is not None and self.dose_every is None:
            raise WrongKeyError("needs dose_every beside it", "doses")
        return self if self.curve is not None else self._window()

    def _window(self) -> Self:
        for key in ("low", "high", "dose_every"):
            if getattr(self, key) is None:
                raise WrongKeyError("is missing", key)
        if (self.low or 0.0) >= (self.high or 0.0):
            raise WrongKeyError("must be below high", "low")
        return self


WAYS = ("curve", "points", "shape", "plasma")
"""Keys of a target that say what is wanted."""


class ShapeOfCurve(BaseModel):
    """A drawn target; its parameters are checked against the kind."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Annotated[str | float, Raw()]]

    kind: Annotated[str, Text("the kind of a curve")]


class DrugTarget(Table):
    """The wanted curve: measured, tabulated, drawn, or derived from plasma concentrations."""

    curve: FileName | None = None
    points: tuple[tuple[Instant, Share], ...] | None = None
    shape: ShapeOfCurve | None = None
    plasma: Plasma | None = None
    accept: Accept | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        return self._checked()

    def _checked(self) -> Self:
        given = [way for way in WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise WrongKeyError(
                f"needs exactly one of {', '.join(WAYS)}; there is {found}", *given[1:2]
            )
        return self._by_plasma()

    def _by_plasma(self) -> Self:
        """Rules on plasma concentration need a wish for it."""
        for key in ("time_in_window", "cmax"):
            if self.plasma is None and self.accept and getattr(self.accept, key) is not None:
                raise WrongKeyError("needs target.plasma", "accept", key)
        window = self.plasma is not None and self.plasma.curve is None
        if self.accept and self.accept.time_in_window is not None and not window:
            raise WrongKeyError("needs a window: target.plasma.low", "accept", "time_in_window")
        return self


class Target(DrugTarget):
    """The wanted curve; for a polypill a table of the same kind for each drug, by its name."""

    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, DrugTarget]

    @model_validator(mode="before")
    @classmethod
    def _drugs_hold_targets(cls, table: Any) -> Any:
        """Take an unknown key for a drug only where it holds a target, else for a typing slip."""
        for key, value in table.items() if isinstance(table, dict) else ():
            if key in (*WAYS, "accept"):
                continue
            if not isinstance(value, dict) or not {*WAYS, "accept"} & set(value):
                known = f"there are {', '.join(WAYS)}, accept, and a table for each drug"
                raise WrongKeyError(f"unknown key; {known}{did_you_mean(key, WAYS)}", key)
        return table

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if not self.model_extra:
            return self._checked()
        for key in (*WAYS, "accept"):
            if getattr(self, key) is not None:
                raise WrongKeyError("cannot stand beside targets of drugs, by their names", key)
        return self


class Design(Table):
    """What a design may change, and for which dose."""

    dose: Mass | None = None
    doses: dict[str, Mass] = Key(default_factory=dict)
    dose_tolerance: Annotated[float, Quantity("%", above=0, high=50)] = 0.02
    absorbs_dose: Annotated[str, OneOf(("drug_loading", "size"))] = "drug_loading"
    polymers: tuple[CardName, ...] = ()
    max_print_time: Time | None = None
    max_mass: Mass | None = None
    robust: Robust | None = None
    vary: dict[str, Annotated[Any, Span()]] = Key(default_factory=dict)

    @model_validator(mode="after")
    def _one_dose(self) -> Self:
        if self.dose is not None and self.doses:
            raise WrongKeyError("cannot stand beside doses of drugs, by their names", "dose")
        return self


class Patient(Table):
    """One person, as far as release and dose need."""

    weight: Annotated[float, Quantity("kg", above=0, high=500)] | None = None
    age: Annotated[float, Quantity("y", low=0, high=130)] | None = None
    height: Annotated[float, Quantity("cm", above=0, high=300)] | None = None
    sex: Annotated[str, OneOf(("female", "male"))] | None = None
    creatinine_clearance: Clearance | None = None
    egfr: Clearance | None = None
    serum_creatinine: Annotated[float, Creatinine("mg/dL", low=0.2, high=30)] | None = None
    genotype: dict[str, Annotated[str, Text("a diplotype")]] = Key(default_factory=dict)
    biomarkers: dict[str, Annotated[str, Text("a result")]] = Key(default_factory=dict)
    smoking: Annotated[bool, Flag()] | None = None
    comedication: tuple[Annotated[str, Text("a drug")], ...] = ()
    inhibitors: dict[str, Strength] = Key(default_factory=dict)
    inducers: dict[str, Strength] = Key(default_factory=dict)

    @model_validator(mode="after")
    def _one_kidney(self) -> Self:
        ways = ("creatinine_clearance", "egfr", "serum_creatinine")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) > 1:
            raise WrongKeyError(f"is given beside {given[0]}: keep one", given[1])
        lacking = [key for key in ("age", "weight", "sex") if getattr(self, key) is None]
        if given == ["serum_creatinine"] and lacking:
            raise WrongKeyError(f"needs {' and '.join(lacking)} too", given[0])
        return self

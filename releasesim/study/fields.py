"""Kinds of value in a study file: each reads one TOML value, or says in words what is allowed.

They stand in pydantic models as `Annotated[float, Quantity("m")]`.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic_core import core_schema

from releasesim.errors import UnitError
from releasesim.units import (
    convert,
    describe_unit,
    format_quantity,
    parse_quantity,
    show_value,
    si_unit,
)

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

QUANTITY_PATTERN = r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s+\S.*$"
_CARD_NAME = re.compile(r"[A-Za-z0-9_.+-]+")


class WrongKeyError(ValueError):
    """Something wrong with one key of a table, found only when the table is whole.

    Parameters
    ----------
    message : str
        What is allowed.
    keys : str or int
        Path of the key inside the table.
    """

    def __init__(self, message: str, *keys: str | int) -> None:
        self.message, self.keys = message, keys
        super().__init__(message)


class WrongUnitError(ValueError):
    """A quantity that cannot be read or has the wrong dimension."""


class Field(ABC):
    """Base: subclasses say how to read a value and what an editor may know about it."""

    @abstractmethod
    def read(self, value: object) -> Any:
        """Return the value as Python holds it; ValueError says what is allowed."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """JSON Schema of the value."""

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return self.describe()


@dataclass(frozen=True)
class Quantity(Field):
    """A quantity with a unit, in SI once read.

    Parameters
    ----------
    unit : str
        Unit in which the bounds are given and said: "mm", "%".
    low, high : float, optional
        Bounds in that unit, both allowed.
    above : float, optional
        Lower bound in that unit that is not allowed itself.
    """

    unit: str
    low: float | None = None
    high: float | None = None
    above: float | None = None

    def read(self, value: object) -> float:
        """Return the quantity in SI."""
        try:
            number = parse_quantity(value, si_unit(self.unit))  # type: ignore[arg-type]
        except UnitError as error:
            reason = error.message.removeprefix(f"{show_value(value)}: ")
            raise WrongUnitError(reason) from None
        if not self._allows(number):
            raise ValueError(f"must be {self._range()}")
        return number

    def describe(self) -> dict[str, Any]:
        """JSON Schema: text with a unit; a bare number too where it is a pure ratio."""
        words, example = describe_unit(self.unit)
        text = {"type": "string", "pattern": QUANTITY_PATTERN}
        note = f'{words} such as "{example}"' + (f"; {self._range()}" if self._bounded() else "")
        if si_unit(self.unit) == "1":
            return {"anyOf": [{"type": "number"}, text], "description": note}
        return {**text, "description": note}

    def _allows(self, number: float) -> bool:
        low, high, above = (self._si(bound) for bound in (self.low, self.high, self.above))
        return (
            (low is None or number >= low)
            and (high is None or number <= high)
            and (above is None or number > above)
        )

    def _si(self, bound: float | None) -> float | None:
        return None if bound is None else convert(bound, self.unit, si_unit(self.unit))

    def _bounded(self) -> bool:
        return any(bound is not None for bound in (self.low, self.high, self.above))

    def _range(self) -> str:
        low = self.low if self.above is None else self.above
        excluded = "" if self.above is None else f", {self.above:g} excluded"
        if low is not None and self.high is not None:
            return f"{low:g} to {self._say(self.high)}{excluded}"
        if self.high is not None:
            return f"at most {self._say(self.high)}"
        return f"above {self._say(low or 0.0)}" if excluded else f"{self._say(low or 0.0)} or more"

    def _say(self, bound: float) -> str:
        return format_quantity(convert(bound, self.unit, si_unit(self.unit)), self.unit)


@dataclass(frozen=True)
class Whole(Field):
    """A whole number between two bounds."""

    low: int
    high: int

    def read(self, value: object) -> int:
        """Return the number."""
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole or not self.low <= value <= self.high:  # type: ignore[operator]
            raise ValueError(f"must be a whole number, {self.low} to {self.high}")
        return int(value)  # type: ignore[call-overload, no-any-return]

    def describe(self) -> dict[str, Any]:
        """JSON Schema: an integer."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Number(Field):
    """A bare number between two bounds."""

    low: float
    high: float

    def read(self, value: object) -> float:
        """Return the number."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not self.low <= value <= self.high:  # type: ignore[operator]
            raise ValueError(f"must be a number, {self.low:g} to {self.high:g}")
        return float(value)  # type: ignore[arg-type]

    def describe(self) -> dict[str, Any]:
        """JSON Schema: a number."""
        return {"type": "number", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Several(Field):
    """Words, as a dotted name holds them: one alone, or a list of none, one or more.

    Parameters
    ----------
    one : Field
        Reads each.
    """

    one: Field

    def read(self, value: object) -> tuple[str, ...]:
        """Return the words."""
        words = value if isinstance(value, list | tuple) else (value,)
        return tuple(self.one.read(word) for word in words)

    def describe(self) -> dict[str, Any]:
        """JSON Schema: a word, or a list of them."""
        return {"anyOf": [self.one.describe(), {"type": "array", "items": self.one.describe()}]}


@dataclass(frozen=True)
class Text(Field):
    """Text on one line.

    Parameters
    ----------
    what : str
        What it is, for messages.
    empty : bool
        Whether it may be empty.
    """

    what: str = "text"
    empty: bool = False

    def read(self, value: object) -> str:
        """Return the text."""
        if not isinstance(value, str):
            raise ValueError(f'must be {self.what} in quotes: "..."')  # noqa: TRY004  pydantic's rule
        if not (self.empty or value.strip()):
            raise ValueError(f"must not be empty: {self.what} is needed")
        return value

    def describe(self) -> dict[str, Any]:
        """JSON Schema: a string."""
        return {"type": "string"} if self.empty else {"type": "string", "minLength": 1}


@dataclass(frozen=True)
class Name(Text):
    """A name that dotted names can hold: letters, digits, _ and -."""

    def read(self, value: object) -> str:
        """Return the name."""
        name = super().read(value)
        if not _CARD_NAME.fullmatch(name):
            raise ValueError(f"must be {self.what}: letters, digits, _ and - only")
        return name


@dataclass(frozen=True)
class OneOf(Field):
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: object) -> str:
        """Return the word."""
        if not isinstance(value, str) or value not in self.words:
            raise ValueError(
                f"must be one of {', '.join(self.words)}{did_you_mean(value, self.words)}"
            )
        return value

    def describe(self) -> dict[str, Any]:
        """JSON Schema: an enumeration."""
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Flag(Field):
    """true or false."""

    def read(self, value: object) -> bool:
        """Return the flag."""
        if not isinstance(value, bool):
            raise ValueError("must be true or false")  # noqa: TRY004  pydantic's rule
        return value

    def describe(self) -> dict[str, Any]:
        """JSON Schema: a boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Raw(Field):
    """A quantity, number or word whose unit another part of the study decides."""

    def read(self, value: object) -> str | float:
        """Return the value as written."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            message = 'must be a quantity such as "5e-6 m/s", a number or a word'
            raise ValueError(message)  # noqa: TRY004  pydantic's rule
        return value

    def describe(self) -> dict[str, Any]:
        """JSON Schema: a string or a number."""
        return {"type": ["string", "number"]}


@dataclass(frozen=True)
class Span(Field):
    """What a design may vary: { min, max } or a list of choices."""

    def read(self, value: object) -> dict[str, Any] | list[Any]:
        """Return the table or list as written, its values not yet read."""
        if isinstance(value, list) and value and all(map(_is_scalar, value)):
            return value
        ends = isinstance(value, Mapping) and set(value) == {"min", "max"}
        if ends and all(map(_is_scalar, value.values())):  # type: ignore[attr-defined]
            return dict(value)  # type: ignore[call-overload,no-any-return]
        raise ValueError('must be { min = "...", max = "..." } or a list of choices')

    def describe(self) -> dict[str, Any]:
        """JSON Schema: a range or a list."""
        one = {"type": ["string", "number"]}
        span = {
            "type": "object",
            "properties": {"min": one, "max": one},
            "required": ["min", "max"],
            "additionalProperties": False,
        }
        return {"anyOf": [span, {"type": "array", "items": one, "minItems": 1}]}


def did_you_mean(word: object, known: tuple[str, ...] | list[str]) -> str:
    """Return ', did you mean "x"?' for the nearest known word, or nothing."""
    import difflib

    near = difflib.get_close_matches(str(word), known, 1, 0.5)
    return f', did you mean "{near[0]}"?' if near else ""


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)

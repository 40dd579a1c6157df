"""What every law shares: parameters that know their SI unit and bounds, and the table of laws.

A law is one frozen dataclass, named after its paper where it has one, in one slot. It knows
chemistry and no grids: its methods take and return floats or arrays of any shape.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
from abc import ABC
from collections.abc import Iterable
from dataclasses import MISSING, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from releasesim.errors import InputError

Array = npt.NDArray[np.float64]

TEXT = "text"
"""Stands in place of a unit for parameters that are words."""

LAWS: dict[str, dict[str, type[Law]]] = {}
"""Every law by slot and name: ``LAWS["diffusion"]["Fujita1961"]``."""


@dataclass(frozen=True)
class Bounds:
    """Interval that a parameter must lie in, said in words."""

    low: float = -math.inf
    high: float = math.inf
    low_included: bool = True
    words: str = "must be a finite number"

    def contains(self, value: float) -> bool:
        """Whether `value` is allowed."""
        above = value >= self.low if self.low_included else value > self.low
        return math.isfinite(value) and above and value <= self.high


FINITE = Bounds()
POSITIVE = Bounds(0.0, low_included=False, words="must be positive")
NOT_NEGATIVE = Bounds(0.0, words="must be 0 or more")
AT_LEAST_ONE = Bounds(1.0, words="must be 1 or more")
FRACTION = Bounds(0.0, 1.0, words="must be 0 to 1")
POSITIVE_FRACTION = Bounds(0.0, 1.0, low_included=False, words="must be above 0 and at most 1")


def parameter(
    unit: str, bounds: Bounds = POSITIVE, *, default: Any = MISSING, choices: Iterable[float] = ()
) -> Any:
    """Declare a law's numeric parameter with its SI unit and what it may be.

    Parameters
    ----------
    unit : str
        SI unit ("m2/s"), or "1" for a pure number.
    bounds : Bounds
        Interval allowed.
    default : float or None, optional
        Value when none is given. None: to be taken from the cards, the shape or the apparatus.
    choices : iterable of float, optional
        The only values allowed; a value within 0.001 of one is read as it (0.667 is 2/3).
    """
    facts = {"unit": unit, "bounds": bounds, "choices": tuple(choices)}
    return dataclasses.field(default=default, metadata=facts)


def text_parameter(choices: Iterable[str], *, default: Any = MISSING) -> Any:
    """Declare a law's parameter that is one of a few words."""
    facts = {"unit": TEXT, "choices": tuple(choices)}
    return dataclasses.field(default=default, metadata=facts)


class Law(ABC):
    """Base of all laws: checks its parameters, and says itself in words.

    A class that names its `slot` founds that slot; any other enters `LAWS`, unless `abstract`.
    """

    slot: ClassVar[str]
    off: ClassVar[bool] = False
    """Whether this is the slot's null law."""

    def __init_subclass__(cls, slot: str | None = None, abstract: bool = False) -> None:
        super().__init_subclass__()
        if slot is not None:
            cls.slot = slot
            LAWS[slot] = {}
        elif not abstract:
            LAWS[cls.slot][cls.__name__] = cls

    def __post_init__(self) -> None:
        for field in _fields(type(self)):
            checked = _check(type(self).__name__, field, getattr(self, field.name))
            object.__setattr__(self, field.name, checked)

    def given(self, name: str) -> float:
        """Value of a parameter that may be left to the cards [SI].

        Raises
        ------
        InputError
            When it was left and nothing filled it in.
        """
        value = getattr(self, name)
        if value is None:
            raise InputError(
                f"{type(self).__name__}.{name} is not known: give it, or a card that has it"
            )
        return float(value)

    def describe(self) -> str:
        """Name and parameters with their SI units, for people.

        Examples
        --------
        >>> from releasesim.physics import ConstantDiffusivity
        >>> ConstantDiffusivity(D=1e-10).describe()
        'ConstantDiffusivity(D = 1e-10 m2/s)'
        """
        parts = [
            f"{field.name} = {_say(getattr(self, field.name), field.metadata['unit'])}"
            for field in _fields(type(self))
            if getattr(self, field.name) is not None
        ]
        return f"{type(self).__name__}({', '.join(parts)})"


def law(slot: str, name: str, **parameters: float | str) -> Law:
    """Make a law from its slot, its name and its parameters in SI.

    Raises
    ------
    InputError
        Unknown slot, law or parameter, one that is missing, or one out of bounds.

    Examples
    --------
    >>> law("erosion", "ConstantFront", speed=1e-7)
    ConstantFront(speed=1e-07)
    """
    cls = law_class(slot, name)
    units = parameter_units(cls)
    for given in parameters:
        if given not in units:
            raise InputError(_unknown(f"parameter of {name}", given, units))
    missing = [key for key in _required(cls) if key not in parameters]
    if missing:
        wanted = ", ".join(f"{key} [{units[key]}]" for key in missing)
        raise InputError(f"{name} needs {wanted}")
    return cls(**parameters)


def law_class(slot: str, name: str) -> type[Law]:
    """Class of the law called `name` in `slot`; an error lists what there is."""
    if slot not in LAWS:
        raise InputError(_unknown("physics slot", slot, LAWS))
    if name in LAWS[slot]:
        return LAWS[slot][name]
    for other, laws in LAWS.items():
        if name in laws:
            raise InputError(f'{name} is no {slot} law: it belongs in the slot "{other}"')
    raise InputError(_unknown(f"{slot} law", name, LAWS[slot]))


def parameter_units(cls: type[Law]) -> dict[str, str]:
    """SI unit of every parameter of a law, "text" for words.

    Examples
    --------
    >>> parameter_units(LAWS["diffusion"]["Fujita1961"])
    {'D_gel': 'm2/s', 'beta': '1', 'w_gel': '1'}
    """
    return {field.name: str(field.metadata["unit"]) for field in _fields(cls)}


def array(values: npt.ArrayLike) -> Array:
    """Read numbers as a float64 array of the same shape."""
    return np.asarray(values, dtype=np.float64)


def _fields(cls: type[Law]) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)  # type: ignore[arg-type]  # every concrete law is a dataclass


def _required(cls: type[Law]) -> list[str]:
    return [field.name for field in _fields(cls) if field.default is MISSING]


def _check(owner: str, field: dataclasses.Field[Any], value: object) -> float | str | None:
    where = f"{owner}.{field.name}"
    if value is None and field.default is None:
        return None
    if field.metadata["unit"] == TEXT:
        return _check_word(where, field.metadata["choices"], value)
    return _check_number(where, field, value)


def _check_word(where: str, choices: tuple[str, ...], value: object) -> str:
    if value not in choices:
        allowed = " or ".join(f'"{choice}"' for choice in choices)
        raise InputError(f'{where} = "{value}": must be {allowed}')
    return str(value)


def _check_number(where: str, field: dataclasses.Field[Any], value: object) -> float:
    unit, bounds, choices = (field.metadata[key] for key in ("unit", "bounds", "choices"))
    if isinstance(value, bool) or not isinstance(value, int | float | np.integer | np.floating):
        of_unit = "" if unit == "1" else f" in {unit}"
        raise InputError(f"{where} = {value!r}: must be one number{of_unit}")
    number = float(value)
    if choices:
        return _nearest_choice(where, choices, number)
    if not bounds.contains(number):
        raise InputError(f"{where} = {_say(number, unit)}: {bounds.words}")
    return number


def _nearest_choice(where: str, choices: tuple[float, ...], number: float) -> float:
    for choice in choices:
        if abs(number - choice) < 1e-3:
            return float(choice)
    allowed = " or ".join(f"{choice:.4g}" for choice in choices)
    raise InputError(f"{where} = {number:.6g}: must be {allowed}")


def _say(value: float | str, unit: str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.6g}" if unit == "1" else f"{value:.6g} {unit}"


def _unknown(kind: str, given: str, known: Iterable[str]) -> str:
    names = sorted(known)
    by_lower = {name.lower(): name for name in names}
    near = difflib.get_close_matches(given.lower(), by_lower, n=1, cutoff=0.5)
    hint = f'; did you mean "{by_lower[near[0]]}"?' if near else ""
    there = f"there are {', '.join(names)}" if names else "there are none"
    return f'no {kind} "{given}"; {there}{hint}'

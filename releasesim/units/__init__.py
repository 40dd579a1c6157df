"""Quantities at the border: text such as "4 mm" in, SI floats out; nothing inside carries units.

The grammar is ours: one finite decimal number with a point, a space, a unit. pint supplies only
the size of each named unit, because alone it reads "10,5 mm" as 105 mm.
"""

from __future__ import annotations

import math
import re
from fractions import Fraction
from numbers import Real

from releasesim.errors import UnitError
from releasesim.units.expression import (
    describe_dimension,
    describe_unit,
    parse_unit,
    prefer,
    show_value,
    si_unit,
)

__all__ = [
    "ZERO_CELSIUS",
    "L",
    "cm",
    "convert",
    "day",
    "degree",
    "describe_unit",
    "exact_quantity",
    "format_quantity",
    "g",
    "hour",
    "kg",
    "m",
    "mL",
    "mg",
    "minute",
    "mm",
    "ng",
    "nm",
    "pL",
    "parse_quantity",
    "parse_unit",
    "percent",
    "rpm",
    "second",
    "show_value",
    "si_unit",
    "uL",
    "ug",
    "um",
]

second = 1.0
minute = 60.0
hour = 3600.0
day = 86400.0
m = 1.0
cm = 1e-2
mm = 1e-3
um = 1e-6
nm = 1e-9
L = 1e-3
mL = 1e-6  # noqa: N816  the laboratory's symbol
uL = 1e-9  # noqa: N816  the laboratory's symbol
pL = 1e-15  # noqa: N816  the laboratory's symbol
kg = 1.0
g = 1e-3
mg = 1e-6
ug = 1e-9
ng = 1e-12
percent = 1e-2
degree = math.pi / 180.0
rpm = 2.0 * math.pi / 60.0
ZERO_CELSIUS = 273.15

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def parse_quantity(text: str | float, unit: str) -> float:
    """Read a quantity such as "4 mm" and return it in `unit`.

    Parameters
    ----------
    text : str, int or float
        One finite decimal number, a space, a unit. A bare number only when `unit` is "1".
    unit : str
        The unit whose dimension is required and in which the value is returned, usually SI:
        "m", "m2/s", "kg/m3", "1", "K".

    Returns
    -------
    float
        The value in `unit`.

    Raises
    ------
    UnitError
        The text is not such a quantity, or has another dimension.

    Examples
    --------
    >>> parse_quantity("4 mm", "m")
    0.004
    >>> parse_quantity("37 degC", "K")
    310.15
    >>> parse_quantity("130 %", "1")
    1.3
    """
    if not isinstance(text, str):
        return _bare_number(text, unit)
    number, name = _split(text)
    if name == "degC":
        return _from_celsius(text, number, unit)
    return _finite(text, number, _ratio(text, name, unit))


def format_quantity(value: float, unit: str, digits: int = 4) -> str:
    """Write an SI value as text in `unit`.

    Examples
    --------
    >>> format_quantity(0.004, "mm")
    '4 mm'
    >>> format_quantity(310.15, "degC")
    '37 degC'
    """
    number = _digits(_in_unit(value, unit), digits)
    return number if unit in ("1", "-") else f"{number} {unit}"


def exact_quantity(value: float, unit: str) -> str:
    """Write an SI value as text that `parse_quantity` reads back to the same float.

    Falls back on the SI unit where `unit` cannot carry the last bit.

    Examples
    --------
    >>> exact_quantity(0.0083124, "mm")
    '8.3124 mm'
    """
    si = si_unit(unit)
    for digits in range(4, 18):
        text = _with_unit(_digits(_in_unit(value, unit), digits), unit)
        if parse_quantity(text, si) == value:
            return text
    return _with_unit(repr(float(value)), si)


def convert(value: float, from_unit: str, to_unit: str) -> float:
    """Convert a value from one unit to another.

    Examples
    --------
    >>> convert(1.0, "cm2/s", "m2/s")
    0.0001
    """
    return parse_quantity(_with_unit(repr(float(value)), from_unit), to_unit)


def _bare_number(value: object, unit: str) -> float:
    shown = show_value(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UnitError(f"{shown}: must be {_wanted(unit)}")
    if parse_unit(unit).dimension:
        raise UnitError(f"{shown}: has no unit, needs {_wanted(unit)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UnitError(f"{shown}: must be a finite number")
    return number


def _split(text: str) -> tuple[str, str]:
    """Return the number and the unit of a quantity, both as text."""
    words = text.strip().split(None, 1)
    if len(words) == 2 and _NUMBER.fullmatch(words[0]):
        return words[0], words[1].strip()
    raise UnitError(f"{show_value(text)}: {_what_is_wrong(text.strip(), words)}")


def _what_is_wrong(text: str, words: list[str]) -> str:
    if not text:
        return 'is empty; write a number, a space and a unit, such as "10 mm"'
    if re.match(r"[+-]?(nan|inf(inity)?)\b", text, re.IGNORECASE):
        return "must be a finite number"
    if re.search(r"[0-9],[0-9]|^,[0-9]", words[0]):
        return _comma(text, words[0])
    return _wrong_number(text, words)


def _comma(text: str, number: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9]*,[0-9]+", re.sub(r"[A-Za-z%].*", "", number)):
        return "has commas in its number; write it with one point at most"
    point, none = text.replace(",", ".", 1), text.replace(",", "", 1)
    if re.match(r"[+-]?[1-9][0-9]{0,2},[0-9]{3}(?![0-9])", number):
        return f'has a comma, write "{point}" or "{none}"'  # decimal or thousands: not ours to say
    return f'has a decimal comma, write "{point}"'


def _wrong_number(text: str, words: list[str]) -> str:
    number = _NUMBER.match(text)
    if number is None:
        if not text.isascii() and any(c.isdigit() and not c.isascii() for c in text):
            return "write the digits 0 to 9"
        return (
            f'{show_value(words[0])} is not a number; write a number, a space and a unit: "10 mm"'
        )
    rest = text[number.end() :]
    if not rest:
        return f'has no unit; write one after a space, such as "{text} mm" or "{text} %"'
    if rest[0] == "_" or rest[0].isdigit() or len(words) == 2:
        return f'{show_value(words[0])} is not a decimal number; write such as "1000" or "1.5e-3"'
    return f"put a space between number and unit: {show_value(f'{number.group()} {rest}')}"


def _from_celsius(text: str, number: str, unit: str) -> float:
    if unit == "degC":
        return _finite(text, number, Fraction(1))
    _ratio(text, "K", unit)
    return round(_finite(text, number, Fraction(1)) + ZERO_CELSIUS, 10)


def _ratio(text: str, name: str, unit: str) -> Fraction:
    """Return the factor from unit `name` to `unit`, whose dimensions must agree."""
    if unit == "degC":
        raise UnitError(f"{show_value(text)}: write a temperature in degC")
    wanted = parse_unit(unit)
    try:
        read = parse_unit(name)
    except UnitError as error:
        message = prefer(error.message, name, wanted.dimension)
        raise UnitError(f"{show_value(text)}: {message}") from None
    if read.dimension != wanted.dimension:
        raise UnitError(
            f"{show_value(text)}: is {describe_dimension(read.dimension)[0]}, needs {_wanted(unit)}"
        )
    return read.factor / wanted.factor


def _finite(text: str, number: str, ratio: Fraction) -> float:
    """Multiply exactly, so that "0.45 mm" is the float 0.00045 and not its neighbour."""
    value = float(number)
    if value == 0.0:
        return 0.0  # also keeps 1e-999999999 from becoming a giant fraction
    try:
        value = float(Fraction(number) * ratio) if math.isfinite(value) else value
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise UnitError(f"{show_value(text)}: must be a finite number")
    return value


def _wanted(unit: str) -> str:
    words, example = describe_unit(unit)
    return f'{words} such as "{example}"'


def _in_unit(value: float, unit: str) -> float:
    if unit == "degC":
        return round(value - ZERO_CELSIUS, 10)
    ratio = parse_unit(unit).factor
    return float(Fraction(value) / ratio) if math.isfinite(value) else value


def _digits(value: float, digits: int) -> str:
    text = f"{value:.{digits}g}"
    if "e" in text and 1e-4 <= abs(value) < 1e7:
        return f"{float(text):.0f}"  # 12350 rather than 1.235e+04
    return text


def _with_unit(number: str, unit: str) -> str:
    return f"{number} {unit}"

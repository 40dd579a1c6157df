"""Quantities at the border: text such as "4 mm" in, SI floats out; nothing inside carries units.

The grammar is ours: one finite decimal number with a point, a space, a unit. pint supplies only
the size of each named unit, because alone it reads "10,5 mm" as 105 mm.
"""

from __future__ import annotations

import difflib
import math
import re
from fractions import Fraction
from functools import lru_cache
from numbers import Real
from typing import TYPE_CHECKING, NamedTuple

from releasesim.errors import UnitError

if TYPE_CHECKING:
    import pint

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

Dimension = tuple[tuple[str, Fraction], ...]
"""Exponents of the SI base units, sorted by name: (("m", 2), ("s", -1)) is m2/s."""


class Unit(NamedTuple):
    """Size of a unit in SI and its dimension."""

    factor: Fraction
    dimension: Dimension


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_FACTOR = re.compile(
    r"(?P<name>[A-Za-zµμ°%Ω]+|1|-)(?:\^?(?P<plain>[0-9]+)|\^(?P<signed>[+-]?[0-9]+(?:\.[0-9]+)?))?"
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_BRACKETS = re.compile(r"/\s*\(([^()/]*)\)")
_SUPERSCRIPTS = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+")

_ONE: Dimension = ()
_OWN = {
    "1": Unit(Fraction(1), _ONE),
    "-": Unit(Fraction(1), _ONE),
    "%": Unit(Fraction(1, 100), _ONE),
    "rad": Unit(Fraction(1), (("rad", Fraction(1)),)),
    "deg": Unit(Fraction(degree), (("rad", Fraction(1)),)),
    "rpm": Unit(Fraction(rpm), (("rad", Fraction(1)), ("s", Fraction(-1)))),
    "pH": Unit(Fraction(1), (("pH", Fraction(1)),)),  # pint reads picohenry
    "IU": Unit(Fraction(1), (("IU", Fraction(1)),)),  # each substance has its own
    "Da": Unit(Fraction(1, 1000), (("kg", Fraction(1)), ("mol", Fraction(-1)))),
    "kDa": Unit(Fraction(1), (("kg", Fraction(1)), ("mol", Fraction(-1)))),
    "MDa": Unit(Fraction(1000), (("kg", Fraction(1)), ("mol", Fraction(-1)))),
    "dpi": Unit(Fraction(10000, 254), (("m", Fraction(-1)),)),  # pint reads deci-pi
    "°": Unit(Fraction(degree), (("rad", Fraction(1)),)),
    "y": Unit(Fraction(31557600), (("s", Fraction(1)),)),  # Julian year, for ages
}
_BASE = {
    "[length]": "m",
    "[mass]": "kg",
    "[time]": "s",
    "[temperature]": "K",
    "[substance]": "mol",
    "[current]": "A",
    "[luminosity]": "cd",
}
_COMMON = (  # noqa: SIM905  read at a glance, not as 70 quoted words
    "m cm mm um nm m2 cm2 mm2 m3 cm3 mm3 L mL uL pL kg g mg ug ng s min h d y K degC % - pH rpm "
    "deg rad dpi Pa kPa MPa cP Pa*s mPa*s Da kDa IU mol mmol umol m/s mm/s mm/h cm/h m2/s cm2/s "
    "mm2/s kg/m3 g/cm3 g/mL mg/mL ug/mL mg/L g/L 1/s 1/min 1/h 1/d mL/min L/h g/mol N J kJ/mol"
).split()
_SLIPS = {
    "C": "degC",
    "°C": "degC",
    "mcg": "ug",
    "sec": "s",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "gm": "g",
    "mins": "min",
    "minutes": "min",
    "days": "d",
    "day": "d",
    "millimeter": "mm",
    "millimetre": "mm",
    "cc": "mL",
    "percent": "%",
}

# dimension of: words for it, and an example that the grammar reads
_WORDS = {
    "m": ("a length", "10 mm"),
    "m2": ("an area", "2 cm2"),
    "m3": ("a volume", "900 mL"),
    "kg": ("a mass", "100 mg"),
    "s": ("a time", "8 h"),
    "K": ("a temperature", "37 degC"),
    "1": ("a pure ratio", "20 %"),
    "rad": ("an angle", "45 deg"),
    "rad/s": ("a rotation speed", "50 rpm"),
    "m/s": ("a speed", "0.3 mm/h"),
    "m2/s": ("a diffusivity", "1e-10 m2/s"),
    "m3/s": ("a flow", "64 mL/min"),
    "kg/m3": ("a density or concentration", "1.25 g/cm3"),
    "1/s": ("a rate", "0.1 1/h"),
    "1/m": ("a number per length", "600 dpi"),
    "Pa": ("a pressure", "1 MPa"),
    "Pa*s": ("a viscosity", "0.7 cP"),
    "kg/mol": ("a molar mass", "180 g/mol"),
    "pH": ("a pH", "6.8 pH"),
    "kg/m2/s": ("a mass flux", "1e-6 g/cm2/s"),
    "N/m": ("a surface tension", "50 mN/m"),
    "A*s": ("an electric charge", "1 C"),
}


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


def si_unit(unit: str) -> str:
    """Return the SI unit of the same dimension: "mm/h" gives "m/s".

    Examples
    --------
    >>> si_unit("g/cm3")
    'kg/m3'
    """
    return "K" if unit == "degC" else _name_of(parse_unit(unit).dimension)


def describe_unit(unit: str) -> tuple[str, str]:
    """Return what `unit` measures, in words, and an example quantity.

    Examples
    --------
    >>> describe_unit("m")
    ('a length', '10 mm')
    """
    return _describe(parse_unit(si_unit(unit)).dimension)


@lru_cache(maxsize=1024)
def parse_unit(expression: str) -> Unit:
    """Read a unit expression such as "g/cm3".

    Raises
    ------
    UnitError
        It is not a product or quotient of known units.
    """
    text = _SUPERSCRIPTS.sub(
        lambda found: "^" + found.group().translate(_SUPERSCRIPT), expression.strip()
    )
    text = _BRACKETS.sub(lambda found: "/" + found[1].replace("*", "/"), text)  # a/(b*c) = a/b/c
    unit, sign = Unit(Fraction(1), _ONE), 1
    for part in re.split(r"\s*([*/])\s*", text):
        if part in ("*", "/"):
            sign = 1 if part == "*" else -1
            continue
        name, exponent = _read_factor(part, expression)
        unit = _times(unit, _named(name, expression), exponent * sign)
    return unit


def show_value(value: object) -> str:
    """Show a value as the study file would, on one line and cut short.

    Examples
    --------
    >>> show_value("10 mm"), show_value(True)
    ('"10 mm"', 'true')
    """
    if isinstance(value, str):
        short = value if len(value) <= 60 else value[:57] + "..."
        plain = "".join(c if c.isprintable() else repr(c)[1:-1] for c in short)
        return '"' + plain.replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if hasattr(value, "isoformat") else f"{value!r:.60}"


def _bare_number(value: object, unit: str) -> float:
    shown = show_value(value)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UnitError(f"{shown}: must be {_wanted(unit)}")
    if parse_unit(unit).dimension != _ONE:
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
        message = _prefer(error.message, name, wanted.dimension)
        raise UnitError(f"{show_value(text)}: {message}") from None
    if read.dimension != wanted.dimension:
        raise UnitError(
            f"{show_value(text)}: is {_describe(read.dimension)[0]}, needs {_wanted(unit)}"
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


def _read_factor(part: str, expression: str) -> tuple[str, Fraction]:
    found = _FACTOR.fullmatch(part)
    if found is None:
        raise UnitError(_bad_unit(part, expression))
    exponent = found["plain"] or found["signed"] or "1"
    if len(exponent) > 6 or abs(float(exponent)) > 9:
        raise UnitError(f"unit {show_value(expression)} has an exponent beyond 9")
    return found["name"], Fraction(exponent)


def _bad_unit(part: str, expression: str) -> str:
    if re.search(r"\s", part):
        return f"unit {show_value(expression)} has a space; write one unit, products with *"
    if "(" in expression:
        return f"unit {show_value(expression)} has brackets; write a/b/c for a/(b*c)"
    if re.fullmatch(r"[A-Za-z]+-[0-9]+", part):
        return f'unit "{expression}": write "{part.replace("-", "^-")}" or 1/ before it'
    if not part:
        return f"unit {show_value(expression)} ends or begins with * or /"
    return f"unknown unit {show_value(part)}{_did_you_mean(part)}"


@lru_cache(maxsize=512)
def _named(name: str, expression: str) -> Unit:
    if name in ("degC", "degF", "°C"):
        raise UnitError(_no_celsius(name, expression))
    if name in _OWN:
        return _OWN[name]
    try:
        quantity = _registry().Quantity(1.0, name).to_base_units()
        dimension = {_BASE[key]: power for key, power in quantity.dimensionality.items()}
    except Exception:  # pint raises tokenizer, attribute and its own errors alike
        raise UnitError(f"unknown unit {show_value(name)}{_did_you_mean(name)}") from None
    # 15 digits: drops the rounding that pint leaves in 1 mL = 1.0000000000000002e-06 m3
    factor = Fraction(f"{quantity.magnitude:.15g}")
    return Unit(factor, _sorted({key: Fraction(power) for key, power in dimension.items()}))


def _no_celsius(name: str, expression: str) -> str:
    if name == "degC":
        return f'unit "{expression}": degC stands alone; a difference is in K'
    return f'unknown unit "{name}", write temperatures in degC'


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[float]:
    import pint

    return pint.UnitRegistry(cache_folder=None)


def _times(one: Unit, other: Unit, exponent: Fraction) -> Unit:
    if exponent.denominator == 1:
        factor = one.factor * other.factor ** int(exponent)
    else:
        factor = one.factor * Fraction(float(other.factor) ** float(exponent))
    powers = dict(one.dimension)
    for name, power in other.dimension:
        powers[name] = powers.get(name, Fraction(0)) + power * exponent
    return Unit(factor, _sorted(powers))


def _sorted(powers: dict[str, Fraction]) -> Dimension:
    return tuple(sorted((name, power) for name, power in powers.items() if power))


def _describe(dimension: Dimension) -> tuple[str, str]:
    name = _name_of(dimension)
    return _WORDS.get(name, (f"in {name}", f"1 {name}"))


@lru_cache(maxsize=256)
def _name_of(dimension: Dimension) -> str:
    for name in _WORDS:
        if parse_unit(name).dimension == dimension:
            return name
    above = "*".join(_power(name, power) for name, power in dimension if power > 0)
    below = "".join("/" + _power(name, -power) for name, power in dimension if power < 0)
    return (above or "1") + below


def _power(name: str, power: Fraction) -> str:
    if power == 1:
        return name
    return f"{name}{power}" if power.denominator == 1 else f"{name}^{float(power):g}"


def _wanted(unit: str) -> str:
    words, example = describe_unit(unit)
    return f'{words} such as "{example}"'


def _prefer(message: str, name: str, dimension: Dimension) -> str:
    """Where a unit is unknown, suggest one of the dimension that is needed."""
    if not message.startswith("unknown unit") or name in _SLIPS:
        return message
    fitting = [unit for unit in _COMMON if unit != "degC" and _has(unit, dimension)]
    close = difflib.get_close_matches(name, fitting, 5, 0.5)
    if not close:
        return message
    best = min(close, key=lambda unit: (unit[0] != name[0], abs(len(unit) - len(name))))
    return f'{message.split(", did", 1)[0]}, did you mean "{best}"?'


def _has(unit: str, dimension: Dimension) -> bool:
    return parse_unit(unit).dimension == dimension


def _did_you_mean(name: str) -> str:
    close = [_SLIPS[name]] if name in _SLIPS else difflib.get_close_matches(name, _COMMON, 1, 0.5)
    return f', did you mean "{close[0]}"?' if close else ""


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

"""Unit expressions such as "g/cm3": their size in SI, their dimension, and words for both.

The grammar is ours; pint, imported when first needed, supplies the size of each named unit.
"""

from __future__ import annotations

import difflib
import math
import re
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from releasesim.errors import UnitError

if TYPE_CHECKING:
    import pint

_DEGREE = Fraction(math.pi / 180.0)
_RPM = Fraction(2.0 * math.pi / 60.0)

Dimension = tuple[tuple[str, Fraction], ...]
"""Exponents of the SI base units, sorted by name: (("m", 2), ("s", -1)) is m2/s."""


class Unit(NamedTuple):
    """Size of a unit in SI and its dimension."""

    factor: Fraction
    dimension: Dimension


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
    "deg": Unit(_DEGREE, (("rad", Fraction(1)),)),
    "rpm": Unit(_RPM, (("rad", Fraction(1)), ("s", Fraction(-1)))),
    "pH": Unit(Fraction(1), (("pH", Fraction(1)),)),  # pint reads picohenry
    "IU": Unit(Fraction(1), (("IU", Fraction(1)),)),  # each substance has its own
    "Da": Unit(Fraction(1, 1000), (("kg", Fraction(1)), ("mol", Fraction(-1)))),
    "kDa": Unit(Fraction(1), (("kg", Fraction(1)), ("mol", Fraction(-1)))),
    "MDa": Unit(Fraction(1000), (("kg", Fraction(1)), ("mol", Fraction(-1)))),
    "dpi": Unit(Fraction(10000, 254), (("m", Fraction(-1)),)),  # pint reads deci-pi
    "°": Unit(_DEGREE, (("rad", Fraction(1)),)),
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
    return describe_dimension(parse_unit(si_unit(unit)).dimension)


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


def describe_dimension(dimension: Dimension) -> tuple[str, str]:
    """Return words for a dimension, and an example quantity."""
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


def prefer(message: str, name: str, dimension: Dimension) -> str:
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

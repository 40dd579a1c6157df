"""Headers of a release table: which column is what, in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from releasesim.curve.conditions import Conditions
from releasesim.curve.sheet import Row, Sheet
from releasesim.errors import InputError, UnitError
from releasesim.units import parse_unit

#: Seconds in one of each.
TIME_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_TIME_WORDS = {
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("day", "days"), "d"),
}
#: How many of each make the whole dose.
RELEASE_UNITS = {"%": 100.0, "-": 1.0}
_RELEASE_WORDS = {
    **dict.fromkeys(("% of dose", "% dose", "% lc", "% label claim", "percent", "% released"), "%"),
    **dict.fromkeys(("fraction", "1"), "-"),
}
MEAN_NAMES = {
    "released",
    "release",
    "released fraction",
    "dissolved",
    "mean",
    "concentration",
    "drug released",
    "cumulative release",
    "amount",
    "amount released",
}
SD_NAMES = {"sd", "std", "standard deviation", "st dev", "std dev", "stdev"}
WHICH_NAMES = {"vessel", "unit", "tablet", "replicate", "sample", "vessel no", "tablet no"}

TIME_NAMES = {"time", "zeit", "temps", "tiempo", "tempo", "elapsed time", "sampling time"}
_PERCENT = re.compile(r"%\s*(?P<after>\S.*)|(?P<before>.*\S)\s*%", re.ASCII)
"""A sign that says it as plainly as brackets do: "% dissolved", "Released %"."""
_HEADER = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]$")
_VESSEL = re.compile(r"(vessel|unit|tablet|sample|replicate|v|t|rep|#)?\s*[_#-]?\s*\d+", re.ASCII)
EXAMPLE = 'write for example "Time [min],Released [%]"'


class Kind(StrEnum):
    """What release is given in."""

    FRACTION = "fraction"
    MASS = "mass"
    CONCENTRATION = "concentration"


@dataclass(frozen=True)
class Column:
    """One column: where it stands, its header as written, its name; SI = cell * multiply / divide.

    Both are kept because 35 / 100 is 0.35 to the last digit and 35 * 0.01 is not.
    """

    index: int
    header: str
    name: str
    kind: Kind = Kind.FRACTION
    unit: str = ""
    multiply: float = 1.0
    divide: float = 1.0

    @property
    def is_vessel(self) -> bool:
        """Whether it is one unit of several."""
        return _VESSEL.fullmatch(self.name) is not None


def is_header(row: Row) -> bool:
    """Whether a row is the header: it begins with the time."""
    first = row.text(0).casefold()
    found = _HEADER.match(first)
    return (found["name"].strip() if found else first) in TIME_NAMES or first == "time_s"


def time_column(sheet: Sheet, row: Row, index: int, said: Conditions) -> Column:
    """Read the header of the times."""
    header = row.text(index)
    name, unit = split_header(sheet, row, index, said.time_unit)
    if name not in TIME_NAMES:
        message = f'first column "{header}": the times must come first, {EXAMPLE}'
        raise sheet.refuse(message, row)
    unit = _TIME_WORDS.get(unit.casefold(), unit)
    if unit not in TIME_UNITS:
        raise unknown_unit(sheet, row, index, ", ".join(TIME_UNITS))
    return Column(index, header, name, unit=unit, multiply=TIME_UNITS[unit])


def other_column(sheet: Sheet, row: Row, index: int, said: Conditions) -> Column:
    """Read the header of a column of release, its spread, or a count."""
    header = row.text(index)
    plain = header.casefold()
    if plain in ("n", "n [-]", "n (-)"):
        return Column(index, header, "n")
    if plain.rstrip(". ") in WHICH_NAMES:
        return Column(index, header, "which")
    name, unit = split_header(sheet, row, index, said.unit)
    unit = _RELEASE_WORDS.get(unit.casefold(), unit)
    if unit in RELEASE_UNITS:
        return Column(index, header, name, unit=unit, divide=RELEASE_UNITS[unit])
    kind, factor = _measure(sheet, row, index, unit)
    return Column(index, header, name, kind, unit, multiply=factor)


def split_header(
    sheet: Sheet, row: Row, index: int, otherwise: str | None = None
) -> tuple[str, str]:
    """Split 'Released [%]' into ('released', '%')."""
    header = row.text(index)
    found = _HEADER.match(header)
    if found is not None:
        return found["name"].strip().casefold(), found["unit"].strip()
    signed = _PERCENT.fullmatch(header)
    if signed is not None:
        return (signed["after"] or signed["before"]).strip().casefold(), "%"
    if otherwise is not None and header:
        return header.casefold(), otherwise
    if not header:
        raise sheet.refuse(f"{_without(sheet, row, index)}: {EXAMPLE}", row, index)
    raise sheet.refuse(f'column "{header}" has no unit in its header: {EXAMPLE}', row, index)


def _without(sheet: Sheet, row: Row, index: int) -> str:
    """Say why a header is missing; merged headers are the usual reason."""
    for top, left, bottom, right in sheet.merged:
        if top <= row.line <= bottom and left <= index + 1 <= right:
            return "lies under a merged header, give every column one of its own"
    return "column without a header"


def _measure(sheet: Sheet, row: Row, index: int, unit: str) -> tuple[Kind, float]:
    """Kind and size [SI] of a unit of mass or of concentration."""
    plain = unit.replace("µ", "u").replace("μ", "u").replace("ml", "mL")
    try:
        found = parse_unit(plain)
    except UnitError:
        found = None
    for kind, like in ((Kind.MASS, "kg"), (Kind.CONCENTRATION, "kg/m3")):
        model = parse_unit(like)
        if found is not None and found.dimension == model.dimension:
            return kind, float(found.factor / model.factor)
    known = f"{', '.join(RELEASE_UNITS)}, a mass or a mass per volume"
    raise unknown_unit(sheet, row, index, known)


def unknown_unit(sheet: Sheet, row: Row, index: int, known: str) -> InputError:
    """Make the error about the unit in a header."""
    unit = split_header(sheet, row, index, "")[1]
    header = row.text(index)
    return sheet.refuse(f'column "{header}": unit "{unit}" must be one of {known}', row, index)

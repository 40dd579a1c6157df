"""Headers of a release table: which column is what, in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from releasesim.curve.clock import CLOCKS, clock_of
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

    Both are kept because 35 / 100 is 0.35 to the last digit and 35 * 0.01 is not. Cells of a
    `clock` are hours, minutes and seconds.
    """

    index: int
    header: str
    name: str
    kind: Kind = Kind.FRACTION
    unit: str = ""
    multiply: float = 1.0
    divide: float = 1.0
    clock: bool = False

    @property
    def is_vessel(self) -> bool:
        """Whether it is one unit of several."""
        return _VESSEL.fullmatch(self.name) is not None


def is_header(row: Row) -> bool:
    """Whether a row is the header: it begins with the time."""
    first = row.text(0).casefold()
    found = _HEADER.match(first)
    return (found["name"].strip() if found else first) in TIME_NAMES or first == "time_s"


def time_column(sheet: Sheet, row: Row, index: int, otherwise: str | None = None) -> Column:
    """Read the header of the times; `otherwise` is their unit where it names none."""
    header = row.text(index)
    name, unit = split_header(sheet, row, index, otherwise)
    if name not in TIME_NAMES:
        message = f'first column "{header}": the times must come first, {EXAMPLE}'
        raise sheet.refuse(message, row)
    unit = _TIME_WORDS.get(unit.casefold(), unit)
    clock = clock_of(unit)
    if clock is not None:
        return Column(index, header, name, unit=clock, clock=True)
    if unit not in TIME_UNITS:
        raise unknown_unit(sheet, row, index, ", ".join((*TIME_UNITS, *CLOCKS)))
    return Column(index, header, name, unit=unit, multiply=TIME_UNITS[unit])


def other_column(sheet: Sheet, row: Row, index: int, otherwise: str | None = None) -> Column:
    """Read the header of a column of release, its spread, or a count; `otherwise` as for times."""
    header = row.text(index)
    plain = header.casefold()
    if plain in ("n", "n [-]", "n (-)"):
        return Column(index, header, "n")
    if plain.rstrip(". ") in WHICH_NAMES:
        return Column(index, header, "which")
    name, unit = split_header(sheet, row, index, otherwise)
    unit = _RELEASE_WORDS.get(unit.casefold(), unit)
    if unit in RELEASE_UNITS:
        return Column(index, header, name, unit=unit, divide=RELEASE_UNITS[unit])
    kind, factor = _measure(sheet, row, index, unit)
    return Column(index, header, name, kind, unit, multiply=factor)


def parts_of(header: str) -> tuple[str, str | None]:
    """Name in small letters and unit that a header says; None where it says none.

    Examples
    --------
    >>> [parts_of(text) for text in ("Released [%]", "% dissolved", "Vessel 1")]
    [('released', '%'), ('dissolved', '%'), ('vessel 1', None)]
    """
    found = _HEADER.match(header)
    if found is not None:
        return found["name"].strip().casefold(), found["unit"].strip()
    signed = _PERCENT.fullmatch(header)
    if signed is not None:
        return (signed["after"] or signed["before"]).strip().casefold(), "%"
    return header.casefold(), None


def split_header(
    sheet: Sheet, row: Row, index: int, otherwise: str | None = None
) -> tuple[str, str]:
    """Split 'Released [%]' into ('released', '%')."""
    header = row.text(index)
    name, unit = parts_of(header)
    if unit is not None:
        return name, unit
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


def is_unit(text: str) -> bool:
    """Whether a text, in brackets or not, is a unit of time or of release and nothing else."""
    plain = text.strip().strip("[]()").strip()
    if not plain or plain.isdecimal():
        return False
    times = plain.casefold() in (*TIME_UNITS, *_TIME_WORDS) or clock_of(plain) is not None
    shares = plain in RELEASE_UNITS or plain.casefold() in _RELEASE_WORDS
    return times or shares or _kind_of(plain) is not None


def _kind_of(unit: str) -> tuple[Kind, float] | None:
    """Kind and size [SI] of a unit of mass or of concentration."""
    plain = unit.replace("µ", "u").replace("μ", "u").replace("ml", "mL")
    try:
        found = parse_unit(plain)
    except UnitError:
        return None
    for kind, like in ((Kind.MASS, "kg"), (Kind.CONCENTRATION, "kg/m3")):
        model = parse_unit(like)
        if found.dimension == model.dimension:
            return kind, float(found.factor / model.factor)
    return None


def _measure(sheet: Sheet, row: Row, index: int, unit: str) -> tuple[Kind, float]:
    found = _kind_of(unit)
    if found is not None:
        return found
    known = f"{', '.join(RELEASE_UNITS)}, a mass or a mass per volume"
    raise unknown_unit(sheet, row, index, known)


def unknown_unit(sheet: Sheet, row: Row, index: int, known: str) -> InputError:
    """Make the error about the unit in a header."""
    unit = split_header(sheet, row, index, "")[1]
    header = row.text(index)
    return sheet.refuse(f'column "{header}": unit "{unit}" must be one of {known}', row, index)

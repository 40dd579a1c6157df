"""Release tables in CSV: from the laboratory, with units in their headers, or our own release.csv.

Nothing is guessed: a header without a unit, a decimal comma or an empty cell is refused with its
line and column.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError
from releasesim.files import read_at_most

#: A release table is a few rows [bytes].
_LARGEST = 20_000_000
Floats = NDArray[np.float64]

#: Seconds in one of each, and how many of each make the whole dose.
TIME_UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
RELEASE_UNITS = {"%": 100.0, "-": 1.0}
MEAN_NAMES = {"released", "release", "released fraction", "dissolved", "mean"}
SD_NAMES = {"sd", "std", "standard deviation"}
OWN_TIME, OWN_FRACTION = "time_s", "released_fraction"

_HEADER = re.compile(r"^(?P<name>.*?)\s*[\[(](?P<unit>[^\])]*)[\])]$")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_VESSEL = re.compile(r"(vessel|unit|tablet)\s*_?\d+", re.ASCII)
_EXAMPLE = 'write for example "Time [min],Released [%]"'


class CurveTable(NamedTuple):
    """What a release table says, in SI: time (m,) [s], the rest as fractions [-]."""

    time: Floats
    fraction: Floats
    sd: Floats | None
    n: int | None
    vessels: Floats | None
    simulated: bool


class Row(NamedTuple):
    """The cells of one line and its number in the file, from 1."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Column:
    """One column: where it stands, its header as written, its name; SI = cell * multiply / divide.

    Both are kept because 35 / 100 is 0.35 to the last digit and 35 * 0.01 is not.
    """

    index: int
    header: str
    name: str
    multiply: float = 1.0
    divide: float = 1.0


def read_table(path: Path, column: str | None = None) -> CurveTable:
    """Read a release table.

    Parameters
    ----------
    path : Path
        CSV file in UTF-8; lines that start with # and empty lines are skipped.
    column : str, optional
        Column of released drug to take, by header or name, where the file holds several.

    Raises
    ------
    InputError
        Anything that is not a release table, with file, line and column.
    """
    header, *rows = read_rows(path)
    names = [cell.strip() for cell in header.cells]
    check_shape(path, header.line, names, rows)
    read_kind = _read_own if names[0] == OWN_TIME else _read_laboratory
    return read_kind(path, header.line, names, rows, column)


def _read_own(
    path: Path, line: int, names: list[str], rows: list[Row], column: str | None
) -> CurveTable:
    """Read release.csv as `simulate` writes it: SI, one fraction column per drug."""
    index = _own_column(path, line, names, column)
    time = read_times(path, Column(0, OWN_TIME, "time"), rows)
    fraction = read_numbers(path, Column(index, names[index], names[index]), rows)
    return CurveTable(time, fraction, None, None, None, simulated=True)


def _own_column(path: Path, line: int, names: list[str], column: str | None) -> int:
    offered = [name for name in names if name.startswith(OWN_FRACTION)]
    if not offered:
        raise InputError(f"no column {OWN_FRACTION} beside {OWN_TIME}", path, line)
    if column is None:
        column = OWN_FRACTION if OWN_FRACTION in offered or len(offered) > 1 else offered[0]
    for name in offered:
        if column in (name, name.removeprefix(OWN_FRACTION).lstrip("_.")):
            return names.index(name)
    raise InputError(f"choose one of the columns {', '.join(offered)}", path, line)


def _read_laboratory(
    path: Path, line: int, names: list[str], rows: list[Row], column: str | None
) -> CurveTable:
    """Read a table with units in its headers: mean with optional SD and n, or vessels."""
    time_column = _time_column(path, line, names[0])
    columns = [_release_column(path, line, i, name) for i, name in enumerate(names) if i > 0]
    time = read_times(path, time_column, rows)
    vessels = [c for c in columns if _VESSEL.fullmatch(c.name)]
    if vessels and column is None:
        _refuse_others(path, line, columns, vessels)
        return _from_vessels(time, _stack(path, vessels, rows))
    mean = _mean_column(path, line, columns, column)
    sd = next((read_numbers(path, c, rows) for c in columns if c.name in SD_NAMES), None)
    n = next((_count(path, c, rows) for c in columns if c.name == "n"), None)
    fraction = read_numbers(path, mean, rows)
    if column is not None and mean.name not in MEAN_NAMES:
        sd = n = None  # they belong to the column of means
    return CurveTable(time, fraction, sd, n, None, simulated=False)


def _from_vessels(time: Floats, vessels: Floats) -> CurveTable:
    """Mean and sample standard deviation (n - 1) over the vessels (m, v)."""
    n = vessels.shape[1]
    sd = vessels.std(axis=1, ddof=1) if n > 1 else None
    return CurveTable(time, vessels.mean(axis=1), sd, n, vessels, simulated=False)


def _stack(path: Path, columns: list[Column], rows: list[Row]) -> Floats:
    return np.column_stack([read_numbers(path, column, rows) for column in columns])


# --- headers ---------------------------------------------------------------------------------


def _time_column(path: Path, line: int, header: str) -> Column:
    name, unit = split_header(path, line, header)
    if name != "time":
        message = f'first column "{header}": the times must come first, {_EXAMPLE}'
        raise InputError(message, path, line)
    return Column(0, header, name, multiply=header_factor(path, line, header, unit, TIME_UNITS))


def _release_column(path: Path, line: int, index: int, header: str) -> Column:
    if header.casefold() in ("n", "n [-]", "n (-)"):
        return Column(index, header, "n")
    name, unit = split_header(path, line, header)
    return Column(
        index, header, name, divide=header_factor(path, line, header, unit, RELEASE_UNITS)
    )


def split_header(path: Path, line: int, header: str) -> tuple[str, str]:
    """Split 'Released [%]' into ('released', '%')."""
    found = _HEADER.match(header)
    if found is None:
        raise InputError(f'column "{header}" has no unit in its header: {_EXAMPLE}', path, line)
    return found["name"].casefold(), found["unit"].strip()


def header_factor(path: Path, line: int, header: str, unit: str, known: dict[str, float]) -> float:
    """Return the factor of a header's unit, out of those that are known."""
    if unit not in known:
        message = f'column "{header}": unit "{unit}" must be one of {", ".join(known)}'
        raise InputError(message, path, line)
    return known[unit]


def _mean_column(path: Path, line: int, columns: list[Column], wanted: str | None) -> Column:
    if wanted is None:
        found = [c for c in columns if c.name in MEAN_NAMES]
    else:
        found = [c for c in columns if wanted == c.header or wanted.casefold() == c.name]
    if len(found) == 1:
        return found[0]
    offered = ", ".join(f'"{c.header}"' for c in columns if c.name != "n") or "none"
    raise InputError(
        f"{'no' if not found else 'more than one'} column "
        f"{repr(wanted) if wanted else 'of released drug'}; there are {offered}; "
        f'name it "Released [%]", or choose one by column=...',
        path,
        line,
    )


def _refuse_others(path: Path, line: int, columns: list[Column], vessels: list[Column]) -> None:
    others = [c.header for c in columns if c not in vessels]
    if others:
        message = f'column "{others[0]}" beside vessels: mean, SD and n follow from the vessels'
        raise InputError(f"{message}, leave it out", path, line)


# --- cells -----------------------------------------------------------------------------------


def read_times(path: Path, column: Column, rows: list[Row]) -> Floats:
    """Read the column of times in SI, (m,); refuse times that do not increase."""
    time = read_numbers(path, column, rows)
    for i in np.flatnonzero(np.diff(time) <= 0.0):
        now, before = rows[i + 1], rows[i]
        raise InputError(
            f'column "{column.header}": {now.cells[0].strip()} after {before.cells[0].strip()}, '
            f"times must increase",
            path,
            now.line,
        )
    return time


def _count(path: Path, column: Column, rows: list[Row]) -> int:
    """Read the one number of units that all rows must share."""
    counts = read_numbers(path, column, rows)
    for count, row in zip(counts, rows, strict=True):
        if count != counts[0] or count < 1 or count != round(count):
            message = f'column "{column.header}": n must be one whole number, the same in all rows'
            raise InputError(f"{message} (the smallest if units were lost)", path, row.line)
    return int(counts[0])


def read_numbers(path: Path, column: Column, rows: list[Row]) -> Floats:
    """Read a column in SI, (m,); refuse what is not a number >= 0."""
    values = [_number(path, row.line, column, row.cells[column.index].strip()) for row in rows]
    return np.array(values) * column.multiply / column.divide


def _number(path: Path, line: int, column: Column, text: str) -> float:
    value = float(text) if _NUMBER.fullmatch(text) else np.nan
    if np.isfinite(value) and value >= 0.0:
        return value
    raise InputError(f'column "{column.header}": {_complaint(text)}', path, line)


def _complaint(text: str) -> str:
    if not text:
        return "empty cell, a number is needed"
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        return f'"{text}" has a decimal comma, write {text.replace(",", ".")}'
    if re.fullmatch(r"-[\d.eE+-]+", text):
        return f"{text} is negative, must be 0 or more"
    return f'"{text}" is not a finite number'


# --- lines -----------------------------------------------------------------------------------


def read_rows(path: Path) -> list[Row]:
    """Split into lines of cells, the header first; skip comments and empty lines."""
    lines = enumerate(_text(path).split("\n"), start=1)
    kept = [(i, line) for i, line in lines if line.strip() and not line.lstrip().startswith("#")]
    rows = [
        Row(i, next(csv.reader([line.rstrip("\r")], skipinitialspace=True))) for i, line in kept
    ]
    if not rows:
        raise InputError(f"empty file, a release table is needed: {_EXAMPLE}", path)
    if len(rows) == 1:
        raise InputError("a header and no rows: at least one time is needed", path, rows[0].line)
    return rows


def _text(path: Path) -> str:
    try:
        data = read_at_most(path, _LARGEST)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    if data is None:
        raise InputError(f"has more than {_LARGEST} bytes: too large for a release table", path)
    if b"\0" in data:
        raise InputError("is a binary file, a CSV text file is needed", path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("is not text in UTF-8: save it as CSV UTF-8", path, line) from None


def check_shape(path: Path, line: int, names: list[str], rows: list[Row]) -> None:
    """Refuse a table whose rows and header do not fit."""
    if len(names) == 1 and re.search(r"[;\t]", names[0]):
        message = "columns are not separated by commas: save it with commas and decimal points"
        raise InputError(message, path, line)
    if len(names) < 2:
        raise InputError(f"one column only, times and release are needed: {_EXAMPLE}", path, line)
    for name in names:
        if names.count(name) > 1:
            raise InputError(f'column "{name}" appears more than once', path, line)
    for row in rows:
        if len(row.cells) != len(names):
            message = f"{len(row.cells)} cells where the header has {len(names)} columns"
            raise InputError(f"{message} (decimal commas? write 10.5)", path, row.line)

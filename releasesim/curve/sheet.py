"""A sheet of cells, whatever file it came from, and errors that name the cell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from releasesim.curve.clock import AS_ELAPSED, CLOCKS, Elapsed, is_clock, seconds_of
from releasesim.errors import InputError

#: A release table is a few rows and columns; what is larger is another kind of file.
MOST_ROWS, MOST_COLUMNS = 10_000, 1_000

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
_MEASURE = re.compile(r"([+-]?[\d.,]*\d[.,]?(?:[eE][+-]?\d+)?)\s*([%A-Za-zµμ][^\d]*)?", re.ASCII)


class Odd(NamedTuple):
    """A cell that is no number, and what to say about it: a date, a time of day, TRUE."""

    words: str

    def __str__(self) -> str:
        return self.words.partition(" ")[0]


class Row(NamedTuple):
    """The cells of one row, as text or as a workbook has them, and its number from 1."""

    line: int
    cells: list[Any]

    def text(self, column: int) -> str:
        """Text of a cell; empty beyond the end."""
        if column >= len(self.cells):
            return ""
        value = self.cells[column]
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        return " ".join(str(value).split())


@dataclass(frozen=True)
class Sheet:
    """Rows that are not empty, in order.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Name of the sheet; empty in a text file.
    rows : tuple of Row
        Without the empty ones.
    decimal : str
        Decimal sign of numbers written as text.
    merged : tuple of (row, column, last row, last column)
        Merged cells, counted from 1.
    """

    path: Path
    name: str
    rows: tuple[Row, ...]
    decimal: str = "."
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def address(self, row: Row, column: int) -> str:
        """Address of a cell: Sheet1!C7, or C7 in a text file."""
        cell = f"{letters(column)}{row.line}"
        return f"{self.name}!{cell}" if self.name else cell

    def refuse(self, message: str, row: Row | None = None, column: int | None = None) -> InputError:
        """Make the error about a cell, a row or the whole sheet."""
        if row is not None and column is not None:
            message = f"{self.address(row, column)}: {message}"
        elif self.name:
            message = f"{self.name}!{row.line}: {message}" if row else f"{self.name}: {message}"
        line = None if self.name or row is None else row.line
        return InputError(printable(message), self.path, line)

    def number(self, row: Row, column: int, header: str, unit: str = "") -> float:
        """Read a cell as a finite number of 0 or more, which `unit` may follow.

        Raises
        ------
        InputError
            It is anything else; the message names the cell.
        """
        value = self._value(self.cell(row, column), unit)
        if math.isfinite(value) and value >= 0.0:
            return value
        complaint = self._complaint(row, column, unit)
        raise self.refuse(f'column "{header}": {complaint}', row, column)

    def elapsed(self, row: Row, column: int, header: str, clock: str) -> float:
        """Read a cell of hours, minutes and seconds, of a form of `CLOCKS` [s].

        Raises
        ------
        InputError
            It is anything else; the message names the cell.
        """
        cell = self.cell(row, column)
        if isinstance(cell, Elapsed) and clock != "mm:ss":
            return cell.seconds
        found = seconds_of(cell.strip(), clock) if isinstance(cell, str) else None
        if found is None:
            shown = cell.words if isinstance(cell, Odd) else f'"{row.text(column)[:60]}"'
            message = f'column "{header}": {shown}: write such as {CLOCKS[clock]}'
            raise self.refuse(message, row, column)
        return found

    def cell(self, row: Row, column: int) -> Any:
        """What a cell holds; an empty text beyond the end."""
        return row.cells[column] if column < len(row.cells) else ""

    def _value(self, cell: Any, unit: str) -> float:
        if isinstance(cell, int | float):
            return float(cell)
        text, own = split_measure(cell.strip()) if isinstance(cell, str) else ("", "")
        if self.decimal == "," and _WITH_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        right = not own or own.casefold() == unit.casefold()
        return float(text) if right and _NUMBER.fullmatch(text) else math.nan

    def _complaint(self, row: Row, column: int, unit: str) -> str:
        value = self.cell(row, column)
        if isinstance(value, Odd):
            return value.words
        if isinstance(value, Elapsed):
            return f"{value} is no number: {AS_ELAPSED}"
        return _about_text(row.text(column), unit, bool(self.name))


def split_measure(text: str) -> tuple[str, str]:
    """Split a number from the unit behind it; text that is neither stays whole.

    Examples
    --------
    >>> [split_measure(text) for text in ("12,5 %", "30min", "1e3", "lost")]
    [('12,5', '%'), ('30', 'min'), ('1e3', ''), ('lost', '')]
    """
    found = _MEASURE.fullmatch(text)
    return (found[1], (found[2] or "").strip()) if found else (text, "")


def _about_text(text: str, unit: str, workbook: bool) -> str:
    if not text:
        formula = " (a formula whose result is an error or was not saved?)" if workbook else ""
        return f"empty cell, a number is needed{formula}"
    shown = f'"{text[:60]}"'
    if text.startswith(("<", ">")):
        return f"{shown} is a limit: write what to take for it, or leave the row out"
    if is_clock(text):
        return f"{shown} is no number: {AS_ELAPSED}"
    return _about_number(text, shown, unit)


def _about_number(text: str, shown: str, unit: str) -> str:
    own = split_measure(text)[1]
    if own and unit:
        return f"{shown} is in {own[:40]}, the column in {unit}: write all in one unit"
    if _EITHER.fullmatch(text):
        plain = text.replace(",", "")
        return f"{shown} may be {text.replace(',', '.')} or {plain}: write it without a comma"
    if _WITH_COMMA.fullmatch(text):
        return f"{shown} has a decimal comma, write {text.replace(',', '.')}"
    if re.fullmatch(r"-[\d.,eE+-]+", text):
        return f"{text} is negative, must be 0 or more"
    return f"{shown} is not a finite number"


def decimal_of(texts: Iterable[str]) -> str:
    """Decimal sign of numbers that a workbook holds as text: a comma where it can be no other.

    Examples
    --------
    >>> [decimal_of(texts) for texts in (["12,5 %", "60"], ["1,200"], ["12,5", "0.3"])]
    [',', '.', '.']
    """
    words = [split_measure(text.strip())[0] for text in texts]
    comma = any(_WITH_COMMA.fullmatch(w) and not _EITHER.fullmatch(w) for w in words)
    point = any("." in w and _NUMBER.fullmatch(w) for w in words)
    return "," if comma and not point else "."


def printable(text: str) -> str:
    """Text of a file for a message, whatever bytes it holds."""
    return "".join(c if c.isprintable() else "?" for c in text)


def letters(column: int) -> str:
    """Letters of a column that is counted from 0.

    Examples
    --------
    >>> [letters(i) for i in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name

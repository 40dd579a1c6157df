"""A sheet of cells, whatever file it came from, and errors that name the cell."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from releasesim.errors import InputError

#: A release table is a few rows and columns; what is larger is another kind of file.
MOST_ROWS, MOST_COLUMNS = 10_000, 1_000

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
_WITH_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)


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

    def number(self, row: Row, column: int, header: str) -> float:
        """Read a cell as a finite number of 0 or more.

        Raises
        ------
        InputError
            It is anything else; the message names the cell.
        """
        value = self._value(row.cells[column] if column < len(row.cells) else "")
        if math.isfinite(value) and value >= 0.0:
            return value
        complaint = self._complaint(row, column)
        raise self.refuse(f'column "{header}": {complaint}', row, column)

    def _value(self, cell: Any) -> float:
        if isinstance(cell, int | float):
            return float(cell)
        text = str(cell).strip() if isinstance(cell, str) else ""
        if self.decimal == "," and _WITH_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        return float(text) if _NUMBER.fullmatch(text) else math.nan

    def _complaint(self, row: Row, column: int) -> str:
        value = row.cells[column] if column < len(row.cells) else ""
        if isinstance(value, Odd):
            return value.words
        return _about_text(row.text(column), bool(self.name))


def _about_text(text: str, workbook: bool) -> str:
    if not text:
        formula = " (a formula whose result is an error or was not saved?)" if workbook else ""
        return f"empty cell, a number is needed{formula}"
    if _EITHER.fullmatch(text):
        plain = text.replace(",", "")
        return f'"{text}" may be {text.replace(",", ".")} or {plain}: write it without a comma'
    if _WITH_COMMA.fullmatch(text):
        return f'"{text}" has a decimal comma, write {text.replace(",", ".")}'
    if re.fullmatch(r"-[\d.,eE+-]+", text):
        return f"{text} is negative, must be 0 or more"
    return f'"{text[:60]}" is not a finite number'


def decimal_of(texts: Iterable[str]) -> str:
    """Decimal sign of numbers that a workbook holds as text: a comma where it can be no other.

    Examples
    --------
    >>> [decimal_of(texts) for texts in (["12,5", "60"], ["1,200"], ["12,5", "0.3"])]
    [',', '.', '.']
    """
    words = [text.strip() for text in texts]
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

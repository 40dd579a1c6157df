"""Sheets from text: CSV and TSV with commas, semicolons or tabs, decimal points or commas."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from pathlib import Path

from releasesim.curve.header import TIME_NAMES
from releasesim.curve.sheet import MOST_COLUMNS, MOST_ROWS, Row, Sheet, split_measure
from releasesim.errors import InputError

_POINT = re.compile(r"[+-]?\d*\.\d+([eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?", re.ASCII)
_BEGINS = re.compile(rf'\s*"?\s*({"|".join(sorted(TIME_NAMES))})', re.IGNORECASE)
_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: Path, data: bytes) -> Sheet:
    """Read text into a sheet.

    Fields are separated by the one of tab, semicolon and comma that the header row has. Between
    commas numbers have decimal points; otherwise they have all points or all commas.

    Raises
    ------
    InputError
        It is no text, has mixed signs, or more rows than a release table.
    """
    text = _decoded(path, data)
    if text.count("\n") > 20 * MOST_ROWS or text.count("\r") > 20 * MOST_ROWS:
        raise InputError(f"has more than {MOST_ROWS} rows: too many for a release table", path)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    separator = _separator(path, lines)
    rows = tuple(_rows(path, lines, separator))
    if len(rows) > MOST_ROWS:
        raise InputError(f"has more than {MOST_ROWS} rows: too many for a release table", path)
    sheet = Sheet(path, "", rows)
    return sheet if separator == "," else Sheet(path, "", rows, _decimal(sheet))


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith(_UTF32):
        raise InputError("is UTF-32 text: save it as CSV UTF-8", path)
    if data.startswith(_UTF16):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise InputError("is cut off UTF-16 text: save it as CSV UTF-8", path) from None
    if b"\0" in data:
        words = "is a binary file, or UTF-16 text without its mark"
        raise InputError(f"{words}: save it as CSV UTF-8, or as XLSX", path)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("is not text in UTF-8: save it as CSV UTF-8", path, line) from None


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _separator(path: Path, lines: list[str]) -> str:
    """Separator of the row that begins with the time, or of the first row."""
    kept = [line for line in lines if line.strip() and not _is_comment(line)]
    header = next((line for line in kept if _BEGINS.match(line)), None)
    for sign in ("\t", ";"):
        if sign in (header if header is not None else next(iter(kept), "")):
            return sign
    return ","


def _rows(path: Path, lines: list[str], separator: str) -> Iterator[Row]:
    plain = ("\n" if _is_comment(line) else f"{line}\n" for line in lines)
    reader = csv.reader(plain, delimiter=separator, skipinitialspace=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            message = "a field is too long: is a quotation mark not closed?"
            raise InputError(message, path, before + 1) from None
        line, before = before + 1, reader.line_num
        if any(cell.strip() for cell in cells):
            yield _row(path, line, cells)


def _row(path: Path, line: int, cells: list[str]) -> Row:
    if len(cells) > MOST_COLUMNS:
        raise InputError(f"has more than {MOST_COLUMNS} columns", path, line)
    if sum(cell.count("\n") for cell in cells) > 3:
        raise InputError("a field goes over lines: is a quotation mark not closed?", path, line)
    return Row(line, [cell.strip() for cell in cells])


def _decimal(sheet: Sheet) -> str:
    """Decimal sign that all numbers of a sheet share."""
    found: dict[str, str] = {}
    for row in sheet.rows:
        for column, cell in enumerate(row.cells):
            for sign, pattern in ((".", _POINT), (",", _COMMA)):
                if not pattern.fullmatch(split_measure(cell)[0]):
                    continue
                if found and sign not in found:
                    first = next(iter(found.values()))
                    message = f'"{cell}" and {first} have different decimal signs: write one'
                    raise sheet.refuse(message, row, column)
                found.setdefault(sign, f'"{cell}" in {sheet.address(row, column)}')
    return next(iter(found), ".")

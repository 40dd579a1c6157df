"""Sheets from workbooks: XLSX, XLS and ODS, by python-calamine, with their size known before."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

from releasesim.curve.loading import RawSheet, load_apart, load_sheets
from releasesim.curve.sheet import MOST_ROWS, Row, Sheet, decimal_of, letters, printable
from releasesim.errors import InputError
from releasesim.extras import load_extra

#: What a workbook may unpack to [bytes], and the cells it may spread over.
_LARGEST, _MOST_CELLS = 100_000_000, 1_000_000
_MOST_PARTS = 2_000
_CELL = re.compile(rb"<(?:\w+:)?c\s(?:[^>]*?\s)?r=\"([A-Z]{1,3})([0-9]{1,7})\"[^>]*?(/?)>")
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"


def read_workbook(path: Path, data: bytes, wanted: str | None) -> Sheet:
    """Read a sheet of a workbook.

    XLSX and ODS are measured before they are unpacked. XLS cannot be, and a damaged one may take
    its reader down: it is read in a process of its own.

    Parameters
    ----------
    path : Path
        Where it came from.
    data : bytes
        All of it.
    wanted : str, optional
        Name of the sheet, where several hold something.

    Raises
    ------
    InputError
        It is locked or broken, too large when unpacked, or the sheet is not clear.
    MissingExtraError
        python-calamine is not installed.
    """
    load_extra("python_calamine", "excel")
    if data.startswith(b"PK"):
        _check_size(path, data)
        found = load_sheets(data)
    else:
        found = load_apart(data)
    if isinstance(found, str):
        raise InputError(printable(found), path)
    return _chosen(path, [_sheet(path, raw) for raw in found], wanted)


def _sheet(path: Path, raw: RawSheet) -> Sheet:
    rows = tuple(Row(line, cells) for line, cells in raw.rows)
    decimal = decimal_of(cell for row in rows for cell in row.cells if isinstance(cell, str))
    return Sheet(path, printable(raw.name), rows, decimal, merged=raw.merged)


def _chosen(path: Path, sheets: list[Sheet], wanted: str | None) -> Sheet:
    filled = [sheet for sheet in sheets if sheet.rows]
    names = ", ".join(f'"{sheet.name}"' for sheet in filled)
    if not filled:
        raise InputError("all sheets are empty, a release table is needed", path)
    if wanted is None and len(filled) > 1:
        said = f'name one, as in "{path.name}#{filled[0].name}"'
        raise InputError(f"has several sheets, {names}: {said}", path)
    for sheet in filled:
        if wanted in (None, sheet.name):
            return sheet
    raise InputError(f'has no sheet "{wanted}" with anything in it; there are {names}', path)


# --- what a workbook would take, before anything is unpacked into cells --------------------------


def _check_size(path: Path, data: bytes) -> None:
    """Refuse archives that unpack to more than a release table, whatever their headers say."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise InputError("is a damaged workbook: open and save it again", path) from None
    left = _LARGEST
    if len(parts) > _MOST_PARTS:
        raise InputError(f"has {len(parts)} parts: no workbook of a release table", path)
    for part in parts:
        if part.flag_bits & 1:
            raise InputError("is locked with a password: save it without", path)
        content = _unpacked(path, data, part, left)
        left -= len(content)
        if part.filename.endswith(".bin") and "sheet" in part.filename.lower():
            raise InputError("is a binary workbook (XLSB): save it as XLSX", path)
        _check_spread(path, part.filename, content)


def _unpacked(path: Path, data: bytes, part: zipfile.ZipInfo, left: int) -> bytes:
    """Unpack a part, at most `left` bytes of it."""
    at = part.header_offset
    names = int.from_bytes(data[at + 26 : at + 28], "little")
    extra = int.from_bytes(data[at + 28 : at + 30], "little")
    start = at + 30 + names + extra
    raw = data[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        content = raw
    else:
        try:
            content = zlib.decompressobj(-15).decompress(raw, left + 1)
        except zlib.error:
            raise InputError("is a damaged workbook: open and save it again", path) from None
    if len(content) > left:
        size = f"{_LARGEST // 1_000_000} MB"
        raise InputError(f"unpacks to more than {size}: too large for a release table", path)
    return content


def _check_spread(path: Path, name: str, content: bytes) -> None:
    """Refuse sheets whose cells lie so far apart that the area between them fills the memory."""
    if name.startswith("xl/worksheets/"):
        filled = [m.groups() for m in _CELL.finditer(content) if not m[3]]
        height = max((int(row) for _, row, _ in filled), default=0)
        width = max((_column(word) for word, _, _ in filled), default=0)
        if height * width > _MOST_CELLS:
            last = f"{letters(width - 1)}{height}"
            message = f"{name}: cells as far as {last}: too many rows for a release table"
            raise InputError(f"{message} (at most {MOST_ROWS})", path)
    elif name == "content.xml" and _repeated(path, content) > _MOST_CELLS:
        raise InputError("repeats cells without end: too large for a release table", path)


def _column(word: bytes) -> int:
    number = 0
    for letter in word:
        number = 26 * number + letter - 64
    return number


def _repeated(path: Path, content: bytes) -> int:
    """Cells of an ODS when its repetitions are written out, empty ones left out."""
    total, in_row = 0, 0
    try:
        for _, element in ElementTree.iterparse(io.BytesIO(content)):  # noqa: S314 - expat bounds entities
            if element.tag == f"{_TABLE}table-cell":
                filled = len(element) > 0 or len(element.attrib) > 2
                in_row += int(element.get(f"{_TABLE}number-columns-repeated", "1")) * filled
            elif element.tag == f"{_TABLE}table-row":
                total += in_row * int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                in_row = 0
                element.clear()
    except (ElementTree.ParseError, ValueError, LookupError):
        raise InputError("is a damaged workbook: open and save it again", path) from None
    return total

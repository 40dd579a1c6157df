"""Cells out of a workbook by python-calamine, here or in a process of its own.

In that process `main` reads a workbook from standard input and writes its cells as JSON.
"""

from __future__ import annotations

import datetime
import io
import json
import os
import subprocess
import sys
from typing import Any, NamedTuple

from releasesim.curve.clock import Elapsed
from releasesim.curve.sheet import MOST_COLUMNS, MOST_ROWS, Odd
from releasesim.extras import load_extra

#: Of the process: addresses [bytes] and time [s].
_MEMORY, _SECONDS = 2_000_000_000, 60
_DAY, _MIDNIGHT = datetime.date(2000, 1, 1), datetime.time()
_FIRST_YEAR = 1900  # of a workbook's days, in which cells of hours end that went beyond 24


class RawSheet(NamedTuple):
    """Name, merged cells (row, column, last row, last column, from 1), and rows by number."""

    name: str
    merged: tuple[tuple[int, int, int, int], ...]
    rows: list[tuple[int, list[Any]]]


def load_sheets(data: bytes) -> list[RawSheet] | str:
    """Load the sheets that hold something, or say in words why that cannot be."""
    calamine = load_extra("python_calamine", "excel")
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        sheets = [book.get_sheet_by_name(name) for name in _tables(book)]
        return next(filter(None, map(_too_large, sheets)), None) or [_raw(one) for one in sheets]
    except calamine.PasswordError:
        return "is locked with a password: save it without"
    except Exception as error:
        return _unreadable(data, error)
    except BaseException as error:  # a panic of the reader's own language
        if type(error).__name__ != "PanicException":
            raise
        return _unreadable(data, error)


def _unreadable(data: bytes, error: BaseException) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "is locked with a password: save it without"
    said = " ".join(str(error).split())[:120]
    return f"is no readable XLSX, XLS or ODS workbook ({said})"


def _tables(book: Any) -> list[str]:
    """Names of the sheets of cells; charts and macros are no tables."""
    return [one.name for one in book.sheets_metadata if "WorkSheet" in str(one.typ)]


def _too_large(sheet: Any) -> str:
    if sheet.total_height <= MOST_ROWS and sheet.total_width <= MOST_COLUMNS:
        return ""
    size = f"{sheet.total_height} rows and {sheet.total_width} columns"
    return f"{sheet.name}: {size}: a release table has at most {MOST_ROWS} and {MOST_COLUMNS}"


def _raw(sheet: Any) -> RawSheet:
    filled = enumerate(sheet.to_python(skip_empty_area=False), start=1)
    rows = [(line, [_cell(cell) for cell in cells]) for line, cells in filled if any_filled(cells)]
    ranges = getattr(sheet, "merged_cell_ranges", None) or ()
    merged = tuple((r0 + 1, c0 + 1, r1 + 1, c1 + 1) for (r0, c0), (r1, c1) in ranges)
    return RawSheet(sheet.name, merged, rows)


def any_filled(cells: list[Any]) -> bool:
    """Whether a row holds anything."""
    return any(cell != "" and str(cell).strip() for cell in cells)


def _cell(value: Any) -> Any:
    """Keep numbers, text and elapsed time; say what everything else is."""
    if isinstance(value, bool):
        return Odd(f"{str(value).upper()} is not a number")
    if isinstance(value, datetime.time):
        value = datetime.datetime.combine(_DAY, value) - datetime.datetime.combine(_DAY, _MIDNIGHT)
    if isinstance(value, datetime.timedelta):
        return Elapsed(value.total_seconds())
    if isinstance(value, datetime.date):
        more = ": beyond 24 h, give cells the format [h]:mm" if value.year <= _FIRST_YEAR else ""
        return Odd(f"{value.isoformat()} is a date, not a number{more}")
    return value


# --- in a process of its own ---------------------------------------------------------------------


def load_apart(data: bytes) -> list[RawSheet] | str:
    """Load as `load_sheets` in another process, which may break without us."""
    program = [sys.executable, "-c", "from releasesim.curve.loading import main; main()"]
    paths = os.pathsep.join(path for path in sys.path if path)
    try:
        ran = subprocess.run(  # noqa: S603 - our own module
            program,
            input=data,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
            env={**os.environ, "PYTHONPATH": paths},
        )
    except subprocess.TimeoutExpired:
        return f"takes more than {_SECONDS} s to read: no workbook of a release table"
    if ran.returncode != 0:
        return "is a damaged workbook: open and save it again"
    found = json.loads(ran.stdout)
    if isinstance(found, str):
        return found
    return [RawSheet(name, _tuples(merged), _decoded(rows)) for name, merged, rows in found]


def _tuples(merged: list[list[int]]) -> tuple[tuple[int, int, int, int], ...]:
    return tuple((a, b, c, d) for a, b, c, d in merged)


def _decoded(rows: list[tuple[int, list[Any]]]) -> list[tuple[int, list[Any]]]:
    """Take lists back to odd cells and elapsed times."""
    return [(n, [_again(c[0]) if isinstance(c, list) else c for c in cells]) for n, cells in rows]


def _again(inside: str | float) -> Odd | Elapsed:
    return Odd(inside) if isinstance(inside, str) else Elapsed(inside)


def main() -> None:
    """Read a workbook from standard input and write its cells."""
    try:
        import resource
    except ImportError:  # not on Windows, where memory is not bounded
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    found = load_sheets(sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(found))

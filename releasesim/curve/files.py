"""From a file to a sheet, by what it holds and not by what it is called."""

from __future__ import annotations

from pathlib import Path

from releasesim.curve.sheet import Sheet
from releasesim.curve.text import read_text
from releasesim.curve.workbook import read_workbook
from releasesim.errors import InputError
from releasesim.files import read_at_most

#: A release table is a few rows [bytes].
_LARGEST = 20_000_000
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
_TEXTS = (".csv", ".tsv", ".txt", ".tab")


def split_sheet(path: Path) -> tuple[Path, str | None]:
    """Split "lab.xlsx#Lot A" into file and sheet; a file that is called so stays whole.

    Examples
    --------
    >>> split_sheet(Path("lab.xlsx#Lot A"))  # doctest: +ELLIPSIS
    (...Path('lab.xlsx'), 'Lot A')
    """
    file, mark, sheet = str(path).rpartition("#")
    if not mark or not file or path.exists():
        return path, None
    return Path(file), sheet


def read_sheet(path: Path, wanted: str | None = None) -> Sheet:
    """Read the sheet of a CSV, TSV, XLSX, XLS or ODS file.

    Parameters
    ----------
    path : Path
        The file, or "FILE#SHEET".
    wanted : str, optional
        Name of a workbook's sheet.

    Raises
    ------
    InputError
        It cannot be read, is too large, or its name says something else than its content.
    """
    path, named = split_sheet(path)
    wanted = wanted if named is None else named
    try:
        data = read_at_most(path, _LARGEST)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    if data is None:
        raise InputError(f"has more than {_LARGEST} bytes: too large for a release table", path)
    suffix, workbook = path.suffix.lower(), data.startswith((_ZIP, _OLE))
    if workbook and suffix in _TEXTS:
        raise InputError("is a workbook and not text: name it .xlsx, .xls or .ods", path)
    if workbook:
        return read_workbook(path, data, wanted)
    if suffix in _WORKBOOKS:
        what = "is empty" if not data.strip() else f"is no workbook, in spite of {suffix}"
        raise InputError(f"{what}: save it as XLSX, or name it .csv if it is text", path)
    if wanted is not None:
        raise InputError(f'is text and has no sheets: there is no "{wanted}"', path)
    return read_text(path, data)

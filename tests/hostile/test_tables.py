"""Hostile tables: each ends in one line with its file and cell, soon and in little memory.

Workbooks that no program writes, such as archives that unpack without end, are made here; files
of formats that cannot be written here lie in `workbooks`.
"""

from __future__ import annotations

import datetime
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest
import workbooks

from releasesim.curve import read_table
from releasesim.errors import InputError

HERE = Path(__file__).parent
XLS, LOCKED = HERE / "workbooks/text_in_a_cell.xls", HERE / "workbooks/encrypted.xlsx"
HEAD = ["Time [min]", "Vessel 1 [%]", "Vessel 2 [%]"]
TEXT = "Time [min],Vessel 1 [%],Vessel 2 [%]\n"
GOOD = [HEAD, [30, 35, 34], [60, 60, 62]]


def book(*rows, **options):
    return workbooks.xlsx(*rows, **options)


def _write(row, column, value, form=None):
    """Change a cell of a good workbook, in a number format."""

    def change(made, sheet):
        style = made.add_format({"num_format": form}) if form else None
        sheet.write(row, column, value, style)

    return book(*GOOD, change=change)


def _merged(made, sheet):
    sheet.merge_range("B1:C1", "Vessel 1 [%]", made.add_format({"bold": True}))


def _error(_made, sheet):
    sheet.write_formula("C3", "=1/0", None, "#DIV/0!")


def _lost(_made, sheet):
    sheet.write_formula("C3", "=NA()", None, "#N/A")


_ENTITY = '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r>&e;</r>'


def _chart(made, sheet):
    chart = made.add_chart({"type": "scatter"})
    chart.add_series({"categories": "=Sheet1!$A$2:$A$3", "values": "=Sheet1!$B$2:$B$3"})
    sheet.insert_chart("E2", chart)


# name, how the file is made, and what its one line has to say
TABLES = {
    # numbers
    "text_in_number.xlsx": (lambda: _write(2, 1, "lots"), 'Sheet1!B3: column "Vessel 1'),
    "text_in_number.xls": (XLS.read_bytes, "Run 1!B3"),
    "comma_in_text.xlsx": (lambda: _write(2, 1, "60,525"), "Sheet1!B3: "),
    "thousands.csv": (lambda: TEXT.replace(",", ";") + "30;1.035,5;34\n", "B2: "),
    "negative.xlsx": (lambda: _write(2, 2, -62), "Sheet1!C3: "),
    "negative.csv": (lambda: TEXT + "30,35,34\n60,60,-62\n", "C3: "),
    "not_a_number.csv": (lambda: TEXT + "30,NaN,34\n", "B2: "),
    "infinite.csv": (lambda: TEXT + "30,35,1e400\n", "C2: "),
    "other_unit.csv": (lambda: TEXT + "30,35 mg,34\n", 'B2: column "Vessel 1 [%]": "35 mg" is in'),
    "below_detection.csv": (lambda: TEXT + "30,<0.5,34\n", "B2: "),
    "empty_cell.xlsx": (lambda: book(HEAD, [30, 35, 34], [60, None, 62]), "Sheet1!B3: "),
    "formula_error.xlsx": (lambda: book(*GOOD, change=_error), "a formula whose result is"),
    "not_available.xlsx": (lambda: book(*GOOD, change=_lost), "Sheet1!C3: "),
    "apostrophe.csv": (lambda: TEXT + "30,1'035,34\n", "B2: "),
    "hexadecimal.csv": (lambda: TEXT + "30,0x23,34\n", '"0x23" is not a finite number'),
    "arabic.csv": (lambda: TEXT + "30,٣٥,34\n", "B2: "),
    "minus_sign.csv": (lambda: TEXT + "30,−35,34\n", "B2: "),
    "formula.csv": (lambda: TEXT + "30,=1+1,34\n", '"=1+1" is not a finite number'),
    "limit.xlsx": (lambda: _write(1, 1, "< 2,5"), "is a limit: write what to take"),
    "true.xlsx": (lambda: _write(2, 1, True), "TRUE is not a number"),
    # times
    "date_as_time.xlsx": (
        lambda: _write(1, 0, datetime.date(2024, 3, 1), "yyyy-mm-dd"),
        'Sheet1!A2: column "Time [min]": 2024-03-01 is a date',
    ),
    "clock_as_time.xlsx": (lambda: _write(1, 0, 0.5, "hh:mm"), "Sheet1!A2: "),
    "date_and_time.xlsx": (lambda: _write(1, 0, 45000.5, "dd.mm.yyyy hh:mm"), "is a date"),
    "time_of_day.csv": (
        lambda: "Time [h:mm],Mean [%]\n9:00,0\n9:30,20\n",
        "A2: column",
    ),
    "repeated_time.xlsx": (lambda: book(HEAD, [30, 1, 1], [30, 2, 2]), "Sheet1!A3: "),
    "decreasing_time.ods": (
        lambda: workbooks.ods(
            "".join(workbooks.ods_row(*row) for row in ([*HEAD], [60, 1, 1], [30, 2, 2]))
        ),
        "Run!A3: ",
    ),
    "negative_time.csv": (lambda: TEXT + "-30,1,1\n", "A2: "),
    # headers
    "merged_header.xlsx": (lambda: book(*GOOD, change=_merged), "Sheet1!C1: lies under a merged"),
    "no_unit.xlsx": (lambda: book(["Time [min]", "Released"], [30, 35]), "Sheet1!B1: "),
    "no_header.xlsx": (lambda: book([30, 35, 34], [60, 60, 62]), "Sheet1!A1: "),
    "two_headers.csv": (lambda: TEXT + TEXT + "30,35,34\n", "A2: "),
    "same_header.xlsx": (lambda: book(["Time [min]", "A [%]", "A [%]"], [30, 1, 2]), "than once"),
    "mixed_units.csv": (
        lambda: "Time [min],Vessel 1 [%],Vessel 2 [mg]\n30,35,34\n",
        ":1 vessels in different units",
    ),
    "sd_in_mg.csv": (lambda: "Time [min],Mean [%],SD [mg]\n30,35,3\n", ':1 C1: "SD [mg]"'),
    # shape
    "summary_below.xlsx": (lambda: book(*GOOD, ["Mean", 47, 48]), "Sheet1!A4: "),
    "beside_the_table.xlsx": (lambda: book(HEAD, [30, 35, 34, None, "ok?"]), 'Sheet1!E2: "ok?"'),
    "missing_vessel.csv": (
        lambda: "Time [min],Vessel,Released [%]\n30,A,35\n30,B,34\n60,A,60\n",
        "vessel B has no value at 60 min",
    ),
    "twice_in_long_form.csv": (
        lambda: "Time [min],Vessel,Released [%]\n30,A,35\n30,A,36\n",
        "A3: 30 min of vessel A was in A2",
    ),
    "empty_sheets.xlsx": (lambda: book(more={"Second": []}), "all sheets are empty"),
    "two_sheets.xlsx": (lambda: book(*GOOD, more={"Second": GOOD}), "name one, as in"),
    "header_only.xlsx": (lambda: book(HEAD), "Sheet1!1: a header and no rows"),
    # separators and encodings
    "mixed_separators.csv": (lambda: TEXT + "30,35,34\n60;60;62\n", ":3 1 cells where"),
    "mixed_decimals.csv": (lambda: TEXT.replace(",", ";") + "30;35,5;34.5\n", "C2: "),
    "open_quote.csv": (lambda: TEXT + '30,"35,34\n' + "60,60,62\n" * 50, "mark not closed"),
    "huge_field.csv": (lambda: TEXT + "30," + "9" * 200_000 + ",34\n", "a field is too long"),
    "latin1.csv": (lambda: TEXT.encode() + b"30,35\xb5,34\n", ":2 is not text in UTF-8"),
    "utf16_cut.csv": (lambda: TEXT.encode("utf-16")[:-1], "is cut off UTF-16 text"),
    "utf32.csv": (lambda: TEXT.encode("utf-32"), "is UTF-32 text"),
    "utf16_unmarked.csv": (lambda: TEXT.encode("utf-16-le"), "UTF-16 text without its mark"),
    "marked_twice.csv": (
        lambda: b"\xef\xbb\xbf" * 2 + f"{TEXT}30,35,34\n".encode(),
        "times must come first",
    ),
    "bars.csv": (lambda: TEXT.replace(",", "|") + "30|35|34\n", "one column only"),
    "nul_bytes.csv": (lambda: TEXT.encode() + b"\0\0\0\0", "is a binary file"),
    "only_mark.csv": (lambda: b"\xef\xbb\xbf", "empty file"),
    # files that are something else
    "text_called.xlsx": (lambda: TEXT + "30,35,34\n", "is no workbook, in spite of .xlsx"),
    "workbook_called.csv": (lambda: book(*GOOD), "is a workbook and not text"),
    "empty.xlsx": (lambda: b"", "is empty"),
    "picture.xlsx": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "is no workbook, in spite of .xlsx"),
    "page.xls": (lambda: b"<html><table><tr><td>Time", "is no workbook, in spite of .xls"),
    "document.csv": (lambda: b"%PDF-1.7\n1 0 obj\n", "one column only"),
    "zip_in_zip.xlsx": (lambda: _zip({"xl/sheet1.xml": _zip({"a": bytes(9)})}), "no readable XLSX"),
    "entity.ods": (lambda: _zip({"content.xml": _ENTITY}), "damaged workbook"),
    "cut_off.xlsx": (lambda: book(*GOOD)[:-200], "damaged workbook"),
    "other_zip.xlsx": (lambda: _zip({"readme.txt": b"hello"}), "is no readable XLSX"),
    "encrypted.xlsx": (LOCKED.read_bytes, "locked with a"),
    # a changed byte makes the reader ask for 687 GB and abort its process
    "aborts.xls": ((HERE / "workbooks/aborts.xls").read_bytes, "is a damaged workbook"),
    "encoding.ods": (
        lambda: _zip({"content.xml": '<?xml version="1.0" encoding="UTU-8"?><x/>'}),
        "damaged workbook",
    ),
    "control.csv": (lambda: "Time [h],V\x031 [K]\n1,2\n", ':1 B1: column "V?1 [K]"'),
    "cut_off.xls": (
        lambda: XLS.read_bytes()[:700],
        "is no readable XLSX, XLS or ODS workbook",
    ),
}


def _zip(parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_there_are_many():
    assert len(TABLES) + len(BOMBS) >= 78


@pytest.mark.parametrize("name", TABLES)
def test_table(tmp_path, name):
    make, message = TABLES[name]
    content, path = make(), tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_table(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(str(path))
    assert str(caught.value).isprintable()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", [_chart], ids=["chart"])
def test_what_does_no_harm(tmp_path, change):
    path = tmp_path / "lab.xlsx"
    path.write_bytes(book(*GOOD, change=change))
    assert read_table(path).n == 2


# --- files that would fill the memory ------------------------------------------------------------


def _row(number, *values):
    cells = zip("ABCDEFG", values, strict=False)
    inside = "".join(f'<c r="{letter}{number}"><v>{value}</v></c>' for letter, value in cells)
    return f'<row r="{number}">{inside}</row>'


def _million_rows():
    """Rows and cells without addresses but the last, as some programs write them."""
    return workbooks.raw_xlsx("<row><c><v>1</v></c></row>" * 1_000_000 + _row(1_000_001, 1))


def _far_cell():
    """Two cells, with 17 thousand million empty ones between them."""
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return workbooks.raw_xlsx(_row(1, 1, 2) + far)


def _unpacks():
    """Archive of 0.2 MB that unpacks to 120 MB."""
    return workbooks.raw_xlsx("<row/>" * 20_000_000)


def _lies():
    """Archive whose headers say 10 bytes where 150 MB come out."""
    honest = _zip({"xl/worksheets/sheet1.xml": b"\0" * 150_000_000})
    size = struct.pack("<I", 150_000_000)
    return honest.replace(size, struct.pack("<I", 10))


def _repeats():
    """ODS of one row, a million times, of sixteen thousand cells."""
    cell = '<table:table-cell office:value-type="float" office:value="1" '
    cell += 'table:number-columns-repeated="16384"/>'
    return workbooks.ods(
        f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    )


def _entities():
    """Entities that contain entities: a thousand million laughs in an ODS."""
    inner = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "ha">{inner}]>'
    content = f'<?xml version="1.0"?>{doctype}<x>&l9;</x>'
    return _zip(
        {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content}
    )


def _many_columns():
    return ("Time [min]," + ",".join(f"V{i} [%]" for i in range(5000)) + "\n").encode()


BOMBS = {
    "million_rows.xlsx": (_million_rows, "too many rows for a release table"),
    "million_rows.csv": (lambda: TEXT.encode() + b"1,2,3\n" * 1_000_000, "more than 10000 rows"),
    # all that XLS can hold, 65,536 rows of 256: 1.1 GB where the size is known too late
    "far_cell.xls": ((HERE / "workbooks/far_cell.xls").read_bytes, "65535 rows and 255 columns"),
    "far_cell.xlsx": (_far_cell, "cells as far as XFD1048576"),
    "unpacks.xlsx": (_unpacks, "unpacks to more than 100 MB"),
    "lies.xlsx": (_lies, "unpacks to more than 100 MB"),
    "repeats.ods": (_repeats, "repeats cells without end"),
    "entities.ods": (_entities, "damaged workbook"),
    "many_columns.csv": (_many_columns, "more than 1000 columns"),
    "large.csv": (lambda: b"#" * 20_000_001, "more than 20000000 bytes"),
}

_READ_ALL = """
import resource, sys, time
from pathlib import Path
from releasesim.curve import read_table
from releasesim.errors import InputError
import python_calamine
resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000,) * 2)
for path in sorted(Path(sys.argv[1]).iterdir()):
    start = time.process_time()
    try:
        read_table(path)
        print(path.name, "was read")
    except InputError as error:
        print(path.name, f"{time.process_time() - start:.2f}", str(error).replace(str(path), ""))
"""


def test_no_file_fills_the_memory_or_takes_long(tmp_path):
    """All in one process of at most 2 GB of addresses, each within 15 s of processor time."""
    for name, (make, _) in BOMBS.items():
        (tmp_path / name).write_bytes(make())
    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", _READ_ALL, str(tmp_path)],
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    said = {line.split(" ", 2)[0]: line.split(" ", 2)[1:] for line in ran.stdout.splitlines()}
    for name, (_, message) in BOMBS.items():
        seconds, words = said[name]
        assert message in words, name
        assert float(seconds) < 15.0, name


def test_deflate_is_what_the_lie_is_told_in():
    """The archive of `lies` is what it says: its stream is longer than its header."""
    data = _lies()
    part = zipfile.ZipFile(io.BytesIO(data)).infolist()[0]
    assert part.file_size == 10
    start = part.header_offset + 30 + len(part.filename)
    raw = data[start : start + part.compress_size]
    assert len(zlib.decompressobj(-15).decompress(raw, 1000)) == 1000

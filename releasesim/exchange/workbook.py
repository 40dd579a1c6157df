"""XLSX with the curve, charts of Excel's own, a summary and where it comes from."""

from __future__ import annotations

import datetime
import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from releasesim.curve import ReleaseCurve
from releasesim.curve.sheet import letters
from releasesim.exchange.course import Course
from releasesim.extras import load_extra
from releasesim.similarity import moments

_HOUR = 3600.0
#: Workbooks carry a date of creation; a fixed one makes equal curves equal files.
_DATE = datetime.datetime(2000, 1, 1)
#: How numbers are shown; cells hold all digits. Charts end at 100 % where no curve goes beyond.
_SHOWN, _FULL = "0.000", 100.0
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def workbook(course: Course) -> bytes:
    """Write the workbook.

    Raises
    ------
    MissingExtraError
        XlsxWriter is not installed.
    """
    writer = load_extra("xlsxwriter", "excel")
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with writer.Workbook(out, options) as book:
        book.set_properties({"title": course.curve.name, "created": _DATE})
        bold = book.add_format({"bold": True, "text_wrap": True})
        columns = _columns(course)
        sheet = book.add_worksheet("Release")
        _fill(sheet, columns, bold, book.add_format({"num_format": _SHOWN}))
        sheet.insert_chart(1, len(columns) + 1, _chart(book, course, columns))
        summary = book.add_worksheet("Summary")
        _write_summary(
            summary, course, bold, book.add_format({"align": "left", "num_format": _SHOWN})
        )
        for one in (sheet, summary):  # a page each when it is printed
            one.set_landscape()
            one.fit_to_pages(1, 0)
    return out.getvalue()


def _columns(course: Course) -> dict[str, np.ndarray]:
    """Headers and numbers, as `data check` reads them back."""
    curve = course.curve
    columns = {"Time [h]": curve.time / _HOUR, "Released [%]": 100.0 * curve.fraction}
    if curve.sd is not None:
        columns["SD [%]"] = 100.0 * curve.sd
    if curve.n is not None:
        columns["n"] = np.full(curve.time.size, float(curve.n))
    return columns | {f"{name} [%]": 100.0 * one.fraction for name, one in course.drugs.items()}


def _fill(sheet: Any, columns: Mapping[str, np.ndarray], bold: Any, shown: Any) -> None:
    for place, (header, values) in enumerate(columns.items()):
        sheet.write_string(0, place, header, bold)
        sheet.write_column(1, place, values.tolist(), None if header == "n" else shown)
        sheet.set_column(place, place, 13)
    sheet.freeze_panes(1, 1)


def _chart(book: Any, course: Course, columns: Mapping[str, np.ndarray]) -> Any:
    """Scatter with a line for a dense curve, points with error bars for a measured one."""
    curve, last, headers = course.curve, course.curve.time.size, list(columns)
    chart = book.add_chart({"type": "scatter", "subtype": "straight" if curve.simulated else None})
    drawn = [h for h in headers[1:] if h not in ("SD [%]", "n")]
    for number, header in enumerate(drawn):
        place = headers.index(header)
        series: dict[str, Any] = {
            "name": ["Release", 0, place],
            "categories": ["Release", 1, 0, last, 0],
            "values": ["Release", 1, place, last, place],
            **_look(curve, _COLOURS[number % len(_COLOURS)]),
        }
        if header == "Released [%]" and curve.sd is not None:
            series["y_error_bars"] = _bars(headers.index("SD [%]"), last)
        chart.add_series(series)
    chart.set_title({"name": curve.name, "overlay": False})
    most = max(float(columns[header].max()) for header in drawn)
    full = {"max": 100} if most <= _FULL else {}
    chart.set_x_axis(_axis("time [h]"))
    chart.set_y_axis({**_axis("released [% of the dose]"), **full})
    chart.set_legend({"none": True} if len(drawn) == 1 else {"position": "bottom"})
    chart.set_size({"width": 640, "height": 400})
    return chart


def _look(curve: ReleaseCurve, colour: str) -> dict[str, Any]:
    if curve.simulated:
        return {"line": {"color": colour, "width": 2}, "marker": {"type": "none"}}
    fill = {"color": colour}
    return {"marker": {"type": "circle", "size": 6, "fill": fill, "border": fill}}


def _bars(place: int, last: int) -> dict[str, Any]:
    """Error bars of one standard deviation, out of its column."""
    cells = f"=Release!${letters(place)}$2:${letters(place)}${last + 1}"
    return {"type": "custom", "plus_values": cells, "minus_values": cells}


def _axis(name: str) -> dict[str, Any]:
    lines = {"visible": True, "line": {"color": "#D9D9D9"}}
    return {"name": name, "min": 0, "major_gridlines": lines}


def _write_summary(sheet: Any, course: Course, bold: Any, left: Any) -> None:
    rows: list[tuple[str, Any]] = [("Curve", course.curve.name)]
    rows += [("Dose [mg]", 1e6 * course.dose)] if course.dose is not None else []
    rows += _moments(course.curve)
    rows += [(key, value) for key, value in course.origin.items()]
    rows += [("Use", "Research use only: not for clinical decisions.")]
    for line, (label, value) in enumerate(rows):
        sheet.write_string(line, 0, label, bold)
        sheet.write(line, 1, value, left)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, 1, 70)


def _moments(curve: ReleaseCurve) -> list[tuple[str, Any]]:
    found = moments(curve)
    hours = {
        "Mean dissolution time [h]": found.mdt,
        "Time of 50 % [h]": found.t50,
        "Time of 80 % [h]": found.t80,
        "Time of 90 % [h]": found.t90,
    }
    rows = [(k, v / _HOUR if math.isfinite(v) else "not reached") for k, v in hours.items()]
    return [*rows, ("Dissolution efficiency [%]", 100.0 * found.de)]

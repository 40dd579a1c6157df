"""Headers over two rows: units under names, or vessels under one title that all of them share."""

from __future__ import annotations

from typing import NamedTuple

from releasesim.curve.header import MEAN_NAMES, WHICH_NAMES, is_unit, parts_of
from releasesim.curve.sheet import Row, Sheet

_PLAIN = {*MEAN_NAMES, *WHICH_NAMES, *(f"{name}s" for name in WHICH_NAMES), ""}
"""Titles that say no more than "released": what stands under them is a vessel, a mean or an SD."""
_COUNT = "n"


class Heading(NamedTuple):
    """The header in one row, and the first and last row of the sheet that it stands in."""

    row: Row
    first: int
    last: int


class Title(NamedTuple):
    """What stands in the upper row over a column, and whether it stands over others too."""

    text: str
    shared: bool


def read_heading(sheet: Sheet, at: int) -> Heading:
    """Read the header that begins with the time in row `at`, with a row under or above it.

    Two rows are taken together only where nothing else can be meant; otherwise row `at` alone is
    the header, and whatever it lacks is refused there.
    """
    rows = sheet.rows
    below = _joined(sheet, rows[at], rows[at + 1]) if _next_to(rows, at) else None
    if below is not None:
        return Heading(Row(rows[at + 1].line, below), at, at + 1)
    above = _under_titles(sheet, rows[at - 1], rows[at]) if _next_to(rows, at - 1) else None
    if above is not None:
        return Heading(Row(rows[at].line, above), at - 1, at)
    return Heading(rows[at], at, at)


def _next_to(rows: tuple[Row, ...], upper: int) -> bool:
    return 0 <= upper < len(rows) - 1 and rows[upper + 1].line == rows[upper].line + 1


def _joined(sheet: Sheet, upper: Row, lower: Row) -> list[str] | None:
    """Times in the upper row; in the lower units, or what stands under titles."""
    if lower.text(0) and not is_unit(lower.text(0)):
        return None
    return _columns(_titles(sheet, upper, lower), lower)


def _under_titles(sheet: Sheet, upper: Row, lower: Row) -> list[str] | None:
    """Times in the lower row, the upper one holding nothing but titles with units."""
    filled = [upper.text(i) for i in range(len(upper.cells)) if upper.text(i)]
    if upper.text(0) or not filled or any(parts_of(text)[1] is None for text in filled):
        return None
    titles = _titles(sheet, upper, lower)
    return _columns([Title("", shared=False), *titles[1:]], lower)


def _titles(sheet: Sheet, upper: Row, lower: Row) -> list[Title]:
    """The upper row, what is merged or left empty behind a title filled with it."""
    width = max(len(upper.cells), len(lower.cells))
    merged = {
        i: left for i in range(width) for left in [_left_of(sheet, upper.line, i)] if left >= 0
    }
    starts, last = [], 0
    for i in range(width):
        alone = i == 0 or upper.text(i) or not lower.text(i) or last in merged
        last = merged.get(i, i if alone else last)
        starts.append(last)
    return [Title(upper.text(s), starts.count(s) > 1) for s in starts]


def _left_of(sheet: Sheet, line: int, column: int) -> int:
    """First column of the cells merged along a row that a cell is one of; -1 for none."""
    for top, left, bottom, right in sheet.merged:
        if top <= line <= bottom and left <= column + 1 <= right and right > left:
            return left - 1
    return -1


def _columns(titles: list[Title], lower: Row) -> list[str] | None:
    found = [_column(title, lower.text(i)) for i, title in enumerate(titles)]
    return None if any(one is None for one in found) else [one or "" for one in found]


def _column(title: Title, below: str) -> str | None:
    """One header of a title and what stands below; None where it is not clear what is meant."""
    name, unit = parts_of(title.text)
    if not below or not title.text:
        return title.text or below
    if is_unit(below):
        return f"{title.text} [{below.strip('[]() ')}]" if unit is None else None
    if not title.shared:
        return None
    begin = title.text.casefold().find(name)
    more = "" if name in _PLAIN else f"{title.text[begin : begin + len(name)]} "
    return f"{more}{below}" if _says_all(below) or unit is None else f"{more}{below} [{unit}]"


def _says_all(below: str) -> bool:
    return below.casefold() == _COUNT or parts_of(below)[1] is not None

"""A table in a sheet: what stands above it, its header and its rows."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from releasesim.curve.conditions import Conditions, read_conditions
from releasesim.curve.files import read_sheet
from releasesim.curve.header import EXAMPLE, Column, is_header
from releasesim.curve.heading import read_heading
from releasesim.curve.sheet import Row, Sheet, split_measure
from releasesim.errors import InputError

Floats = NDArray[np.float64]

_ELAPSED = "time since the start is needed"


class Grid(NamedTuple):
    """Header and rows of a table, what was said about it, and rows that mean nothing to us."""

    sheet: Sheet
    header: Row
    rows: tuple[Row, ...]
    said: Conditions
    remarks: tuple[str, ...]

    @property
    def width(self) -> int:
        """Number of columns, up to the last with a header or under a merged one."""
        line = self.header.line
        merged = [right for top, _, low, right in self.sheet.merged if top <= line <= low]
        return max(_width(self.header), *merged, 0)

    def refuse(self, message: str, column: int | None = None) -> InputError:
        """Make the error about the header, or about one cell of it."""
        return self.sheet.refuse(message, self.header, column)

    def shared_unit(self, column: int) -> str | None:
        """The unit that stands behind the number in every cell of a column, if there is one."""
        units = {split_measure(row.text(column))[1] for row in self.rows}
        return units.pop() or None if len(units) == 1 else None

    def number(self, row: Row, column: Column) -> float:
        """Read a cell of a column as it stands there; refuse what is not a number >= 0."""
        if column.clock:
            return self.sheet.elapsed(row, column.index, column.header, column.unit)
        return self.sheet.number(row, column.index, column.header, column.unit)

    def numbers(self, column: Column) -> Floats:
        """Read a column in SI, (m,); refuse what is not a number >= 0."""
        found = [self.number(row, column) for row in self.rows]
        return np.array(found) * column.multiply / column.divide

    def times(self, column: Column) -> Floats:
        """Read times that increase, (m,) [s]."""
        time = self.numbers(column)
        for i in np.flatnonzero(np.diff(time) <= 0.0):
            now, before = (self.rows[j].text(column.index) for j in (i + 1, i))
            message = f'column "{column.header}": {now} after {before}, times must increase'
            raise self.sheet.refuse(message, self.rows[i + 1], column.index)
        if column.clock and time[0] > time[-1] - time[0] > 0.0:
            begin = self.rows[0].text(column.index)
            message = f'column "{column.header}": {begin} seems to be the time of day: {_ELAPSED}'
            raise self.sheet.refuse(message, self.rows[0], column.index)
        return time


def read_grid(path: Path, sheet: str | None = None, said: Conditions | None = None) -> Grid:
    """Read a file as a table whose header begins with the time.

    Parameters
    ----------
    path : Path
        CSV, TSV, XLSX, XLS or ODS; lines of text that start with # and empty rows are skipped.
    sheet : str, optional
        Sheet of a workbook, where several hold something.
    said : Conditions, optional
        What the reader declares; it goes before what the file says.

    Raises
    ------
    InputError
        It is no table, by file and cell.
    """
    source = read_sheet(path, sheet)
    if not source.rows:
        raise source.refuse(f"empty file, a release table is needed: {EXAMPLE}")
    at = next((i for i, row in enumerate(source.rows) if is_header(row)), 0)
    heading = read_heading(source, at)
    conditions, remarks = read_conditions(source, source.rows[: heading.first])
    conditions = (said or Conditions()).over(conditions)
    below = source.rows[heading.last + 1 :]
    grid = Grid(source, heading.row, below, conditions, tuple(remarks))
    _check_shape(grid)
    return grid


def _check_shape(grid: Grid) -> None:
    names = [grid.header.text(i) for i in range(grid.width)]
    if not grid.rows:
        raise grid.refuse("a header and no rows: at least one time is needed")
    if len(names) < 2:
        words = "one column only, times and release are needed"
        raise grid.refuse(f"{words}: {EXAMPLE}")
    for name in filter(None, names):
        if names.count(name) > 1:
            raise grid.refuse(f'column "{name}" appears more than once')
    check = _check_beside if grid.sheet.name else _check_count
    for row in grid.rows:
        check(grid, row)


def _check_count(grid: Grid, row: Row) -> None:
    """Refuse a line of text with more or fewer cells than the header."""
    here, there = len(row.cells), len(grid.header.cells)
    if here != there:
        message = f"{here} cells where the header has {there} columns (decimal commas? write 10.5)"
        raise grid.sheet.refuse(message, row)


def _check_beside(grid: Grid, row: Row) -> None:
    """Refuse cells of a workbook beside the table."""
    last = _width(row) - 1
    if last >= grid.width:
        message = f'"{row.text(last)[:40]}" stands in no column of the table'
        raise grid.sheet.refuse(message, row, last)


def _width(row: Row) -> int:
    """Number of cells up to the last that is not empty."""
    return max((i + 1 for i in range(len(row.cells)) if row.text(i)), default=0)

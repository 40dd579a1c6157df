"""What is kept as measured and looks odd: by cell, for a person to judge."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from releasesim.curve.grid import Grid
from releasesim.curve.share import Measured, Values
from releasesim.curve.sheet import Sheet

#: A fall by less than this is noise of the assay [-].
_FALL = 0.01
_ROUND_OFF = 1e-9
#: A whole curve below this, or above that, has more likely another unit than such a release [-].
_LOW, _HIGH = 0.015, 2.0
#: Units among which one stands out, and what counts as a hundredth, as a logarithm [-].
_OTHERS, _ABOUT = 3, 0.4


class Flag(NamedTuple):
    """A cell and what is odd about it."""

    cell: str
    words: str

    def __str__(self) -> str:
        return f"{self.cell}: {self.words}"


def flags_of(grid: Grid, values: Values, measured: Measured) -> list[Flag]:
    """Flag values that fall, exceed the dose, begin above nothing, were text, or lie by 100."""
    sheet = grid.sheet
    shares = measured.vessels if measured.vessels is not None else measured.fraction[:, None]
    found = [*_scale(grid, values, float(shares.max())), *_flags(sheet, values, shares)]
    found += _hundredths(sheet, values, shares)
    if values.rows_of is None:
        found += _texts(sheet, values)
    return found


def _scale(grid: Grid, values: Values, highest: float) -> Iterator[Flag]:
    """Suspect fractions under percent, as cells in Excel's percent format are, and the reverse."""
    column = values.columns[0]
    cell = grid.sheet.address(grid.header, column.index)
    if column.unit == "%" and values.time.size > 1 and 0.0 < highest <= _LOW:
        told = f"no value is above {100 * highest:.3g} %: are these fractions, or cells in percent?"
        yield Flag(cell, told)
    if values.time.size > 1 and highest == 0.0:
        yield Flag(cell, "every value is 0: formulas that were saved before they were worked out?")
    if column.unit == "-" and highest > _HIGH:
        yield Flag(cell, f"values up to {100 * highest:.4g} % of the dose: are these percent?")


def _flags(sheet: Sheet, values: Values, shares: np.ndarray) -> Iterator[Flag]:
    for point, unit in np.argwhere(shares > 1.0 + _ROUND_OFF):
        percent = 100.0 * shares[point, unit]
        yield Flag(values.cell(sheet, point, unit), f"{percent:.4g} % is above 100 %, kept")
    for point, unit in np.argwhere(np.diff(shares, axis=0) < -_FALL + _ROUND_OFF):
        fall = 100.0 * (shares[point, unit] - shares[point + 1, unit])
        yield Flag(values.cell(sheet, point + 1, unit), f"decreases by {fall:.3g} %")
    if values.time[0] == 0.0:
        for unit in np.flatnonzero(shares[0] > _FALL):
            percent = 100.0 * shares[0, unit]
            yield Flag(values.cell(sheet, 0, int(unit)), f"{percent:.3g} % at time 0")


def _hundredths(sheet: Sheet, values: Values, shares: np.ndarray) -> Iterator[Flag]:
    """Units that lie at a hundredth of the others, as 0.35 does that is shown as 35 %."""
    if shares.shape[1] < _OTHERS:
        return
    middle = np.broadcast_to(np.median(shares, axis=1)[:, None], shares.shape)
    ratio = 100.0 * shares / np.maximum(middle, _LOW)
    near = (ratio > np.exp(-_ABOUT)) & (ratio < np.exp(_ABOUT)) & (middle > _LOW)
    for point, unit in np.argwhere(near):
        told = "a hundredth of the other units: a cell in percent?"
        yield Flag(values.cell(sheet, point, unit), told)


def _texts(sheet: Sheet, values: Values) -> Iterator[Flag]:
    """Numbers that a workbook holds as text."""
    if not sheet.name:
        return
    for row in values.rows:
        for column in values.columns:
            if isinstance(row.cells[column.index], str):
                yield Flag(sheet.address(row, column.index), "a number stored as text")

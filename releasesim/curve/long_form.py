"""Long form: one row for each time and vessel."""

from __future__ import annotations

import numpy as np

from releasesim.curve.grid import Grid
from releasesim.curve.header import Column
from releasesim.curve.share import Values
from releasesim.curve.sheet import Row, Sheet


def read_long(grid: Grid, times: Column, which: Column, columns: list[Column]) -> Values:
    """Read rows of time, vessel and value into one column per vessel.

    Raises
    ------
    InputError
        A vessel has a time twice, or lacks one that another has.
    """
    others = [c for c in columns if c.name not in ("which", "n")]
    if len(others) != 1:
        names = ", ".join(f'"{c.header}"' for c in others) or "none"
        message = f'beside "{which.header}" one column of release is needed; there are {names}'
        raise grid.refuse(message, which.index)
    sheet = grid.sheet
    table: dict[tuple[float, str], tuple[float, Row]] = {}
    vessels: dict[str, None] = {}
    for row in grid.rows:
        vessel = row.text(which.index)
        if not vessel:
            raise sheet.refuse(f'column "{which.header}": empty cell', row, which.index)
        time = grid.number(row, times) * times.multiply
        if (time, vessel) in table:
            before = sheet.address(table[time, vessel][1], times.index)
            now = f"{row.text(times.index)} {'' if times.clock else times.unit}".strip()
            message = f"{now} of vessel {vessel} was in {before}"
            raise sheet.refuse(message, row, times.index)
        table[time, vessel] = grid.number(row, others[0]), row
        vessels[vessel] = None
    return _arranged(sheet, table, list(vessels), times, others[0])


def _arranged(
    sheet: Sheet,
    table: dict[tuple[float, str], tuple[float, Row]],
    vessels: list[str],
    times: Column,
    column: Column,
) -> Values:
    found = sorted({time for time, _ in table})
    for time in found:
        for vessel in vessels:
            if (time, vessel) not in table:
                at = f"{time / times.multiply:g} {'s' if times.clock else times.unit}"
                raise sheet.refuse(f"vessel {vessel} has no value at {at}, where others have one")
    values = np.array([[table[time, v][0] for v in vessels] for time in found])
    places = tuple(tuple(table[time, v][1] for v in vessels) for time in found)
    layout = f"{len(vessels)} vessels in long form, in {column.unit}, time in {times.unit}"
    return Values(
        np.array(found),
        values * column.multiply / column.divide,
        None,
        len(vessels),
        True,
        tuple(row[0] for row in places),
        (column,),
        layout,
        places,
    )

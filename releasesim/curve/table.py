"""Release tables: from the laboratory, with units in their headers, or our own release.csv.

Nothing is guessed: a header without a unit, a number that is none, or a mass without a dose is
refused with its cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.curve.conditions import Conditions
from releasesim.curve.flags import Flag, flags_of
from releasesim.curve.grid import Grid, read_grid
from releasesim.curve.header import (
    MEAN_NAMES,
    RELEASE_UNITS,
    SD_NAMES,
    TIME_UNITS,
    Column,
    other_column,
    time_column,
)
from releasesim.curve.long_form import read_long
from releasesim.curve.share import Values, as_fractions

__all__ = ["OWN_FRACTION", "OWN_TIME", "RELEASE_UNITS", "TIME_UNITS", "ReleaseTable", "read_table"]

Floats = NDArray[np.float64]

OWN_TIME, OWN_FRACTION = "time_s", "released_fraction"


@dataclass(frozen=True, eq=False)
class ReleaseTable:
    """What a release table says, in SI: time (m,) [s], the rest as fractions [-].

    Parameters
    ----------
    time, fraction : ndarray, (m,)
        [s], [-].
    sd : ndarray, (m,), optional
        Between units [-].
    n : int, optional
        Units behind the means.
    vessels : ndarray, (m, v), optional
        [-].
    simulated : bool
        Whether it is our own release.csv.
    sheet : str
        Name of the workbook's sheet; empty for text.
    layout : str
        What was understood, in words.
    conditions : Conditions
        What was said above the table or declared.
    notes : tuple of str
        What was done to the numbers.
    remarks : tuple of str
        Rows above the table that mean nothing to us.
    flags : tuple of Flag
        What is kept and looks odd, by cell.
    """

    time: Floats
    fraction: Floats
    sd: Floats | None
    n: int | None
    vessels: Floats | None
    simulated: bool
    sheet: str = ""
    layout: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()


def read_table(
    path: Path,
    column: str | None = None,
    *,
    sheet: str | None = None,
    said: Conditions | None = None,
) -> ReleaseTable:
    """Read a release table.

    Parameters
    ----------
    path : Path
        CSV, TSV, XLSX, XLS or ODS; lines of text that start with # and empty rows are skipped.
    column : str, optional
        Column of released drug to take, by header or name, where the file holds several.
    sheet : str, optional
        Sheet of a workbook, where several hold something.
    said : Conditions, optional
        What the reader declares; it goes before what the file says.

    Raises
    ------
    InputError
        Anything that is not a release table, with file and cell.
    """
    grid = read_grid(path, sheet, said)
    return (_read_own if grid.header.text(0) == OWN_TIME else _read_laboratory)(grid, column)


# --- our own files -------------------------------------------------------------------------------


def _read_own(grid: Grid, column: str | None) -> ReleaseTable:
    """Read release.csv as `simulate` writes it: SI, one fraction column per drug."""
    index = _own_column(grid, column)
    name = grid.header.text(index)
    return ReleaseTable(
        grid.times(Column(0, OWN_TIME, "time")),
        grid.numbers(Column(index, name, name)),
        None,
        None,
        None,
        simulated=True,
        layout="simulated by releasesim",
    )


def _own_column(grid: Grid, column: str | None) -> int:
    names = [grid.header.text(i) for i in range(grid.width)]
    offered = [name for name in names if name.startswith(OWN_FRACTION)]
    if not offered:
        raise grid.refuse(f"no column {OWN_FRACTION} beside {OWN_TIME}")
    if column is None:
        column = OWN_FRACTION if OWN_FRACTION in offered or len(offered) > 1 else offered[0]
    for name in offered:
        if column in (name, name.removeprefix(OWN_FRACTION).lstrip("_.")):
            return names.index(name)
    raise grid.refuse(f"choose one of the columns {', '.join(offered)}")


# --- the laboratory's ----------------------------------------------------------------------------


def _read_laboratory(grid: Grid, column: str | None) -> ReleaseTable:
    """Read a table with units in its headers: mean with SD and n, vessels, or long form."""
    sheet, header, said = grid.sheet, grid.header, grid.said
    times = time_column(sheet, header, 0, said.time_unit or grid.shared_unit(0))
    columns = [
        other_column(sheet, header, i, said.unit or grid.shared_unit(i))
        for i in range(1, grid.width)
    ]
    values = _values(grid, times, columns, column)
    measured, notes = as_fractions(grid, values)
    return ReleaseTable(
        values.time,
        measured.fraction,
        measured.sd,
        values.n,
        measured.vessels,
        simulated=False,
        sheet=grid.sheet.name,
        layout=values.layout,
        conditions=grid.said,
        notes=(*notes, *_unused(grid, columns, values)),
        remarks=grid.remarks,
        flags=tuple(flags_of(grid, values, measured)),
    )


def _values(grid: Grid, times: Column, columns: list[Column], wanted: str | None) -> Values:
    which = next((c for c in columns if c.name == "which"), None)
    if which is not None:
        return read_long(grid, times, which, columns)
    vessels = [c for c in columns if c.is_vessel]
    if vessels and wanted is None:
        return _read_vessels(grid, times, vessels, columns)
    return _read_mean(grid, times, columns, wanted)


def _read_vessels(
    grid: Grid, times: Column, vessels: list[Column], columns: list[Column]
) -> Values:
    others = [c.header for c in columns if c not in vessels]
    if others:
        message = f'column "{others[0]}" beside vessels: mean, SD and n follow from the vessels'
        raise grid.refuse(f"{message}, leave it out")
    if len({(c.kind, c.unit) for c in vessels}) > 1:
        raise grid.refuse("vessels in different units: give all of them the same")
    time = grid.times(times)
    values = np.column_stack([grid.numbers(c) for c in vessels])
    layout = f"{len(vessels)} vessels in {_in(vessels[0])}, time in {times.unit}"
    n = len(vessels)
    return Values(time, values, None, n, True, grid.rows, tuple(vessels), layout)


def _read_mean(grid: Grid, times: Column, columns: list[Column], wanted: str | None) -> Values:
    mean = _mean_column(grid, columns, wanted)
    spread = next((c for c in columns if c.name in SD_NAMES), None)
    count = next((c for c in columns if c.name == "n"), None)
    if wanted is not None and mean.name not in MEAN_NAMES:
        spread = count = None  # they belong to the column of means
    if spread is not None and (spread.kind, spread.unit) != (mean.kind, mean.unit):
        message = f'"{spread.header}" and "{mean.header}" are in different units'
        raise grid.refuse(message, spread.index)
    time, values = grid.times(times), grid.numbers(mean)[:, None]
    sd = None if spread is None else grid.numbers(spread)
    n = None if count is None else _count(grid, count)
    with_sd, with_n = "" if sd is None else ", SD", "" if n is None else f", n = {n}"
    layout = f"means{with_sd}{with_n} in {_in(mean)}, time in {times.unit}"
    used = (mean,) if spread is None else (mean, spread)
    return Values(time, values, sd, n, False, grid.rows, used, layout)


def _in(column: Column) -> str:
    return {"%": "percent", "-": "fractions of the dose"}.get(column.unit, column.unit)


def _unused(grid: Grid, columns: list[Column], values: Values) -> list[str]:
    """Name columns that were passed over."""
    used = {c.index for c in values.columns}
    used |= {c.index for c in columns if c.name in ("n", "which")}
    names = [c.header for c in columns if c.index not in used]
    return [f"not used: {', '.join(names)}"] if names else []


def _mean_column(grid: Grid, columns: list[Column], wanted: str | None) -> Column:
    if wanted is None:
        found = [c for c in columns if c.name in MEAN_NAMES]
    else:
        found = [c for c in columns if wanted.casefold() in (c.header.casefold(), c.name)]
    if len(found) == 1:
        return found[0]
    offered = ", ".join(f'"{c.header}"' for c in columns if c.name != "n") or "none"
    raise grid.refuse(
        f"{'no' if not found else 'more than one'} column "
        f"{repr(wanted) if wanted else 'of released drug'}; there are {offered}; "
        f'name it "Released [%]", or choose one by column=...'
    )


def _count(grid: Grid, column: Column) -> int:
    """Read the one number of units that all rows must share."""
    counts = grid.numbers(column)
    for count, row in zip(counts, grid.rows, strict=True):
        if count != counts[0] or count < 1 or count != round(count):
            message = f'column "{column.header}": n must be one whole number, the same in all rows'
            lost = "(the smallest if units were lost)"
            raise grid.sheet.refuse(f"{message} {lost}", row, column.index)
    return int(counts[0])

"""From what was measured to fractions of the dose: percent, mass, or concentration."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from releasesim.curve.grid import Grid
from releasesim.curve.header import Column, Kind
from releasesim.curve.sheet import Row, Sheet
from releasesim.curve.withdrawal import released_amounts

Floats = NDArray[np.float64]


class Values(NamedTuple):
    """Numbers of a table as they stand, in SI.

    time (m,) [s]; values (m, v) of units, or (m, 1) of means; sd (m,) or None; the rows they came
    from, and their columns; `rows_of` names the row of each value in long form.
    """

    time: Floats
    values: Floats
    sd: Floats | None
    n: int | None
    of_units: bool
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    layout: str
    rows_of: tuple[tuple[Row, ...], ...] | None = None

    def cell(self, sheet: Sheet, point: int, unit: int) -> str:
        """Address of a value."""
        if self.rows_of is not None:
            return sheet.address(self.rows_of[point][unit], self.columns[0].index)
        return sheet.address(self.rows[point], self.columns[unit].index)


class Measured(NamedTuple):
    """Fractions of the dose: mean (m,), sd (m,), units (m, v) [-]."""

    fraction: Floats
    sd: Floats | None
    vessels: Floats | None


def as_fractions(grid: Grid, values: Values) -> tuple[Measured, list[str]]:
    """Turn values into fractions of the dose, and say what was done to them.

    Raises
    ------
    InputError
        A mass without a dose, a concentration without dose or volume, samples of unknown fate.
    """
    column, said = values.columns[0], grid.said
    if column.kind is Kind.FRACTION:
        shares, notes, scale = _corrected(grid, values)
    else:
        dose = _needed(grid, column, "dose", "Dose [mg]", said.dose)
        if column.kind is Kind.MASS:
            shares, notes, scale = values.values / dose, [], 1.0 / dose
        else:
            shares, notes, scale = _from_concentration(grid, values, dose)
        notes = [f"dose {1e6 * dose:g} mg taken as 100 %", *notes]
    if values.of_units:
        sd = shares.std(axis=1, ddof=1) if shares.shape[1] > 1 else None
        return Measured(shares.mean(axis=1), sd, shares), notes
    return Measured(shares[:, 0], None if values.sd is None else values.sd * scale, None), notes


def _needed(grid: Grid, column: Column, name: str, example: str, value: float | None) -> float:
    if value is not None:
        return value
    what = f'column "{column.header}" is a {column.kind.value}'
    message = f"{what} and needs the {name}: write a row {example} above the table, or declare it"
    raise grid.refuse(message, column.index)


def _from_concentration(grid: Grid, values: Values, dose: float) -> tuple[Floats, list[str], float]:
    column, said = values.columns[0], grid.said
    volume = _needed(grid, column, "volume", "Volume [mL]", said.volume)
    if said.sample_volume is None:
        amounts = released_amounts(values.time, values.values, volume=volume)
        note = "samples count as nothing: no sampling volume is given"
        return amounts / dose, [f"volume {1e6 * volume:g} mL; {note}"], volume / dose
    replaced = _known_fate(grid)
    _check_left(grid, values, volume)
    amounts = released_amounts(
        values.time,
        values.values,
        volume=volume,
        sample_volume=said.sample_volume,
        replaced=replaced,
    )
    return amounts / dose, [_words(volume, said.sample_volume, replaced)], volume / dose


def _corrected(grid: Grid, values: Values) -> tuple[Floats, list[str], float]:
    """Percent of the dose; corrected for samples only where the file says that it is not yet."""
    said = grid.said
    if said.corrected is not False:
        taken = said.sample_volume is not None and said.corrected is None
        note = "taken as corrected for samples: say Corrected: no where it is not"
        return values.values, [note] if taken else [], 1.0
    column = values.columns[0]
    volume = _needed(grid, column, "volume", "Volume [mL]", said.volume)
    sample = _needed(grid, column, "sampling volume", "Sampling volume [mL]", said.sample_volume)
    replaced = _known_fate(grid)
    _check_left(grid, values, volume)
    shares = released_amounts(
        values.time,
        values.values / volume,  # percent of the dose as concentration times the first volume
        volume=volume,
        sample_volume=sample,
        replaced=replaced,
    )
    return shares, [_words(volume, sample, replaced)], 1.0


def _known_fate(grid: Grid) -> bool:
    said = grid.said
    if said.replaced is None:
        message = "samples were taken: say whether they were replaced (a row Replaced: yes or no)"
        raise grid.refuse(message)
    return said.replaced


def _check_left(grid: Grid, values: Values, volume: float) -> None:
    said = grid.said
    taken = float(np.count_nonzero(values.time > 0.0)) * (said.sample_volume or 0.0)
    if (said.sample_volume or 0.0) >= volume or (said.replaced is False and taken >= volume):
        message = f"samples of {1e6 * (said.sample_volume or 0.0):g} mL empty {1e6 * volume:g} mL"
        raise grid.refuse(message)


def _words(volume: float, sample: float, replaced: bool) -> str:
    how = "replaced" if replaced else "not replaced"
    return f"corrected for samples of {1e6 * sample:g} mL from {1e6 * volume:g} mL, {how}"

"""Plasma concentration against time: measured, wanted or predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.curve.table import (
    TIME_UNITS,
    Column,
    check_shape,
    header_factor,
    read_numbers,
    read_rows,
    read_times,
    split_header,
)
from releasesim.errors import InputError
from releasesim.files import write_atomic

Floats = NDArray[np.float64]

CONCENTRATION_UNITS = {
    "kg/m3": 1.0,
    "g/L": 1.0,
    "mg/mL": 1.0,
    "mg/L": 1e-3,
    "ug/mL": 1e-3,
    "µg/mL": 1e-3,
    "ug/L": 1e-6,
    "µg/L": 1e-6,
    "ng/mL": 1e-6,
}
"""Unit in a header, and what one of it is in kg/m3."""


@dataclass(frozen=True, eq=False)
class ConcentrationCurve:
    """Concentration of drug in plasma against time after the dose.

    Parameters
    ----------
    time : array_like, (m,)
        Increasing [s].
    concentration : array_like, (m,)
        [kg/m3].
    name : str
        What the curve is called.

    Raises
    ------
    InputError
        Lengths differ, times do not increase, a value is negative or not finite.

    Examples
    --------
    >>> curve = ConcentrationCurve([0.0, 3600.0, 7200.0], [0.0, 2e-3, 1e-3])
    >>> curve.peak, curve.auc / 3600
    (0.002, 0.0025)
    """

    time: Floats
    concentration: Floats
    name: str = "plasma"

    def __post_init__(self) -> None:
        for field in ("time", "concentration"):
            object.__setattr__(self, field, np.array(getattr(self, field), dtype=float))
        same = self.time.ndim == 1 and self.time.shape == self.concentration.shape
        if not same or self.time.size == 0:
            raise InputError(f"curve '{self.name}': as many concentrations as times are needed")
        finite = np.isfinite(self.time).all() and np.isfinite(self.concentration).all()
        if not finite or self.time[0] < 0.0 or (np.diff(self.time) <= 0.0).any():
            raise InputError(f"curve '{self.name}': times must be 0 or more and increase")
        if self.concentration.min() < 0.0:
            raise InputError(f"curve '{self.name}': a concentration is negative")

    @classmethod
    def read(cls, path: str | Path, *, name: str | None = None) -> ConcentrationCurve:
        """Read a CSV table `Time [h],Concentration [mg/L]`; other columns are left alone.

        Raises
        ------
        InputError
            The file is not such a table; the message names file, line and column.
        """
        path = Path(path)
        header, *rows = read_rows(path)
        names = [cell.strip() for cell in header.cells]
        check_shape(path, header.line, names, rows)
        first, unit = split_header(path, header.line, names[0])
        if first != "time":
            message = f'first column "{names[0]}": the times must come first'
            raise InputError(message, path, header.line)
        seconds = header_factor(path, header.line, names[0], unit, TIME_UNITS)
        times = read_times(path, Column(0, names[0], "time", multiply=seconds), rows)
        column = _concentration_column(path, header.line, names)
        return cls(times, read_numbers(path, column, rows), name=name or path.stem)

    def write(self, path: str | Path) -> None:
        """Write the curve as CSV that `read` takes back, whole or not at all."""
        rows = zip(self.time.tolist(), self.concentration.tolist(), strict=True)
        lines = [f"{time!r},{value!r}" for time, value in rows]
        write_atomic(path, "\n".join(["Time [s],Concentration [kg/m3]", *lines]) + "\n")

    @property
    def peak(self) -> float:
        """Highest concentration, Cmax [kg/m3]."""
        return float(self.concentration.max())

    @property
    def peak_time(self) -> float:
        """When it is highest, tmax [s]."""
        return float(self.time[self.concentration.argmax()])

    @property
    def auc(self) -> float:
        """Area under the curve to its last time, by trapezoids [kg s/m3]."""
        middle = (self.concentration[1:] + self.concentration[:-1]) / 2.0
        return float(middle @ np.diff(self.time))

    def share_within(self, low: float, high: float) -> float:
        """Share of the time that the curve, straight between its points, lies in a window [-].

        Parameters
        ----------
        low, high : float
            [kg/m3].
        """
        start, end = self.concentration[:-1], self.concentration[1:]
        rise = np.where(end == start, 1.0, end - start)
        enter = np.clip(np.stack([(low - start) / rise, (high - start) / rise]), 0.0, 1.0)
        level = ((start >= low) & (start <= high)).astype(float)
        inside = np.where(end == start, level, np.abs(enter[1] - enter[0]))
        steps = np.diff(self.time)
        return float(inside @ steps / steps.sum()) if steps.size else 0.0


def _concentration_column(path: Path, line: int, names: list[str]) -> Column:
    for index, header in enumerate(names[1:], start=1):
        name, unit = split_header(path, line, header)
        if name in ("concentration", "plasma", "plasma concentration", "c"):
            factor = header_factor(path, line, header, unit, CONCENTRATION_UNITS)
            return Column(index, header, name, multiply=factor)
    raise InputError('no column of concentration: write "Concentration [mg/L]"', path, line)

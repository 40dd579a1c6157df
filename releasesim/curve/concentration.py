"""Plasma concentration against time: measured, wanted or predicted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.curve.grid import Grid, read_grid
from releasesim.curve.header import Column, split_header, time_column, unknown_unit
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
        """Read a table `Time [h],Concentration [mg/L]`; other columns are left alone.

        Raises
        ------
        InputError
            The file is not such a table; the message names file, line and column.
        """
        path = Path(path)
        grid = read_grid(path)
        times = time_column(grid.sheet, grid.header, 0)
        column = _concentration_column(grid)
        return cls(grid.times(times), grid.numbers(column), name=name or path.stem)

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


def _concentration_column(grid: Grid) -> Column:
    for index in range(1, grid.width):
        name, unit = split_header(grid.sheet, grid.header, index)
        if name not in ("concentration", "plasma", "plasma concentration", "c"):
            continue
        if unit not in CONCENTRATION_UNITS:
            known = ", ".join(CONCENTRATION_UNITS)
            raise unknown_unit(grid.sheet, grid.header, index, known)
        factor = CONCENTRATION_UNITS[unit]
        return Column(index, grid.header.text(index), name, multiply=factor)
    raise grid.refuse('no column of concentration: write "Concentration [mg/L]"')

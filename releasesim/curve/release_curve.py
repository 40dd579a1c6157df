"""The noun that simulations make, laboratories measure and comparisons take."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.curve.conditions import Conditions
from releasesim.curve.files import split_sheet
from releasesim.curve.flags import Flag
from releasesim.curve.table import OWN_FRACTION, OWN_TIME, TIME_UNITS, ReleaseTable, read_table
from releasesim.errors import InputError
from releasesim.files import write_atomic

Floats = NDArray[np.float64]

#: A solver's last digits may dip below zero by this much [-]; a measured value may not.
_ROUND_OFF = 1e-9
_MOST_FLAGS = 2


@dataclass(frozen=True, eq=False)
class ReleaseCurve:
    r"""Released fraction against time: measured, drawn or simulated.

    Release starts from nothing: where time 0 is absent, moments and interpolation take (0, 0) as
    the first point. Moments take the last observed value as the amount that will ever come out,

    .. math:: \mathrm{MDT} = \frac{\sum_i \bar t_i \Delta M_i}{\sum_i \Delta M_i}, \qquad
              \mathrm{VDT} = \frac{\sum_i (\bar t_i - \mathrm{MDT})^2 \Delta M_i}{\sum_i \Delta M_i}

    with :math:`\bar t_i` the midpoint of interval i and :math:`\Delta M_i` what came out in it.

    Parameters
    ----------
    time : array_like, (m,)
        Times from the start, increasing [s].
    fraction : array_like, (m,)
        Released fraction of the dose [-]; above 1 is kept as measured.
    sd : array_like, (m,), optional
        Standard deviation between units [-].
    n : int, optional
        Number of units behind each mean.
    vessels : array_like, (m, v), optional
        Released fraction of each unit [-].
    name : str
        What the curve is called in tables and plots.
    simulated : bool
        True for a dense curve that may be evaluated between its times.
    notes : tuple of str
        What was done to the numbers when they were read, and what looked odd, by cell.

    Raises
    ------
    InputError
        Lengths differ, times do not increase, a value is negative or not finite.

    Examples
    --------
    >>> curve = ReleaseCurve([1800, 3600, 5400, 10800], [0.349, 0.595, 0.793, 0.951], n=12)
    >>> curve
    ReleaseCurve 'release': 4 points, 30 min to 3 h, 34.9 % to 95.1 %, n = 12, MDT 55.2 min
    >>> float(curve.time_to(0.595)) / 3600
    1.0
    """

    time: Floats
    fraction: Floats
    sd: Floats | None = None
    n: int | None = None
    vessels: Floats | None = None
    name: str = "release"
    simulated: bool = False
    notes: tuple[str, ...] = ()

    #: Rows that a notebook shows before it leaves some out.
    table_rows: ClassVar[int] = 12

    def __post_init__(self) -> None:
        for field, dimensions in (("time", 1), ("fraction", 1), ("sd", 1), ("vessels", 2)):
            values = getattr(self, field)
            if values is not None:
                object.__setattr__(self, field, _fixed(values, field, dimensions))
        self._check()

    def _check(self) -> None:
        m = self.time.size
        if m == 0:
            raise InputError(f"curve '{self.name}': at least one time is needed")
        for field in ("fraction", "sd", "vessels"):
            values = getattr(self, field)
            if values is not None and len(values) != m:
                raise InputError(f"curve '{self.name}': {m} times but {len(values)} of {field}")
        if self.time[0] < 0.0 or np.any(np.diff(self.time) <= 0.0):
            raise InputError(f"curve '{self.name}': times must be 0 or more and increase")
        if self.fraction.min() < (-_ROUND_OFF if self.simulated else 0.0):
            lowest = 100.0 * self.fraction.min()
            raise InputError(f"curve '{self.name}': released {lowest:.4g} % is negative")
        if self.sd is not None and self.sd.min() < 0.0:
            raise InputError(f"curve '{self.name}': a standard deviation is negative")
        if self.n is not None and self.n < 1:
            raise InputError(f"curve '{self.name}': n = {self.n}, must be 1 or more")

    # --- reading and writing ---------------------------------------------------------------

    @classmethod
    def read(
        cls,
        path: str | Path,
        *,
        column: str | None = None,
        name: str | None = None,
        sheet: str | None = None,
        said: Conditions | None = None,
    ) -> ReleaseCurve:
        """Read a curve from CSV, TSV, XLSX, XLS or ODS.

        Two kinds are known. Our own release.csv, ``time_s,released_fraction,...``, which is a
        simulated curve; and laboratory tables with units in every header, times first:
        ``Time [min],Released [%]`` with ``SD [%]`` and ``n`` where known, one column per vessel,
        ``Vessel 1 [%],Vessel 2 [%],...``, or long, ``Time [min],Vessel,Released [%]``. Release is
        in [%] or [-] of the dose, or a mass or concentration where the dose and the volume are
        said; time in [s], [min], [h] or [d]. Rows above the header may say them: ``Dose [mg]``,
        ``Volume [mL]``, ``Sampling volume [mL]``, ``Replaced``. Lines that start with # are
        comments. Text is separated by commas, semicolons or tabs.

        Parameters
        ----------
        path : str or Path
            The file; "lab.xlsx#Lot A" names a sheet of it too.
        column : str, optional
            Which column of released drug to take, where there are several: its header, or in
            release.csv the name of the drug; the total where none is named.
        name : str, optional
            Name of the curve; default the file's name.
        sheet : str, optional
            Sheet of a workbook, where several hold something.
        said : Conditions, optional
            Dose, volumes or units that the file does not say, see `declared`; they go before what
            it says.

        Raises
        ------
        InputError
            The file is not such a table; the message names file and cell.
        MissingExtraError
            A workbook, without the extra that reads it.
        """
        table = read_table(Path(path), column, sheet=sheet, said=said)
        file, named = split_sheet(Path(path))
        own = file.stem if named is None else f"{file.stem} {named}"
        return cls.of_table(table, name or own)

    @classmethod
    def of_table(cls, table: ReleaseTable, name: str) -> ReleaseCurve:
        """Make the curve of a table that was read."""
        return cls(
            table.time,
            table.fraction,
            sd=table.sd,
            n=table.n,
            vessels=table.vessels,
            name=name,
            simulated=table.simulated,
            notes=(*table.notes, *_told(table.flags)),
        )

    def write(self, path: str | Path, drugs: Mapping[str, ReleaseCurve] | None = None) -> None:
        """Write the curve as CSV that `read` takes back exactly, whole or not at all.

        Parameters
        ----------
        path : str or Path
            The file.
        drugs : mapping of str to ReleaseCurve, optional
            Of a simulated tablet of several drugs, whose total this curve is: one more column for
            each, ``released_fraction_NAME`` of the drug's own dose, which `read` takes as `column`.

        Raises
        ------
        InputError
            A drug's curve has other times.
        """
        columns = self._columns() | self._drug_columns(drugs or {})
        rows = np.column_stack(list(columns.values())).tolist()
        lines = [",".join(columns)] + [",".join(map(_digits, row)) for row in rows]
        write_atomic(path, "\n".join(lines) + "\n")

    def _columns(self) -> dict[str, Floats]:
        """Headers and columns as `write` puts them."""
        if self.simulated:
            return {OWN_TIME: self.time, OWN_FRACTION: self.fraction}
        columns = {"Time [s]": self.time}
        if self.vessels is not None:
            return columns | {f"Vessel {i} [-]": v for i, v in enumerate(self.vessels.T, start=1)}
        columns["Released [-]"] = self.fraction
        if self.sd is not None:
            columns["SD [-]"] = self.sd
        if self.n is not None:
            columns["n"] = np.full(self.time.size, float(self.n))
        return columns

    def _drug_columns(self, drugs: Mapping[str, ReleaseCurve]) -> dict[str, Floats]:
        for name, curve in drugs.items():
            if not np.array_equal(curve.time, self.time):
                raise InputError(f"curve '{name}' has other times than curve '{self.name}'")
        return {f"{OWN_FRACTION}_{name}": curve.fraction for name, curve in drugs.items()}

    # --- what the curve says ---------------------------------------------------------------

    def at(self, times: ArrayLike) -> Floats:
        """Released fraction at `times` [s], linear between the points, (k,) [-].

        Raises
        ------
        InputError
            A time lies before 0 or after the curve's last time.
        """
        wanted = np.asarray(times, dtype=float)
        last = self.time[-1]
        if wanted.size and not (wanted.min() >= 0.0 and wanted.max() <= last * (1.0 + 1e-12)):
            worst = wanted.min() if wanted.min() < 0.0 else wanted.max()
            raise InputError(
                f"curve '{self.name}' ends at {time_text(last)}: nothing is known at "
                f"{time_text(worst)}"
            )
        time, released = self._from_origin
        return np.asarray(np.interp(wanted, time, released))

    def time_to(self, fraction: float) -> float:
        """First time at which `fraction` [-] is out [s]; nan where the curve never gets there."""
        time, released = self._from_origin
        reached = np.flatnonzero(released >= fraction)
        if reached.size == 0:
            return float("nan")
        i = int(reached[0])
        if i == 0 or released[i] == fraction:
            return float(time[i])
        share = (fraction - released[i - 1]) / (released[i] - released[i - 1])
        return float(time[i - 1] + share * (time[i] - time[i - 1]))

    @property
    def mdt(self) -> float:
        """Mean dissolution time, with the last observed value as the total [s]; nan if it is 0."""
        middle, increments, total = self._increments
        return float(middle @ increments / total) if total > 0.0 else float("nan")

    @property
    def vdt(self) -> float:
        """Variance of dissolution time about the MDT [s2]; nan where nothing came out."""
        middle, increments, total = self._increments
        if total <= 0.0:
            return float("nan")
        return float((middle - self.mdt) ** 2 @ increments / total)

    @property
    def relative_dispersion(self) -> float:
        """Relative dispersion of dissolution times, VDT/MDT^2 [-]: 1 for first order."""
        return self.vdt / self.mdt**2 if self.mdt > 0.0 else float("nan")

    def dissolution_efficiency(self, until: float | None = None) -> float:
        """Area under the curve up to `until` [s] as a share of 100 % from the start [-].

        Trapezoids, time 0 included. `until` defaults to the last time.

        Raises
        ------
        InputError
            `until` is not inside the curve.
        """
        end = float(self.time[-1]) if until is None else float(until)
        if end <= 0.0:
            raise InputError(f"dissolution efficiency until {end:g} s: must be after 0")
        time, _ = self._from_origin
        nodes = np.append(time[time < end], end)
        released = self.at(nodes)
        area = np.diff(nodes) @ (released[1:] + released[:-1]) / 2.0
        return float(area / end)

    @property
    def _from_origin(self) -> tuple[Floats, Floats]:
        """Times and fractions with (0, 0) put first where time 0 is absent."""
        if self.time[0] == 0.0:
            return self.time, self.fraction
        return np.append(0.0, self.time), np.append(0.0, self.fraction)

    @property
    def _increments(self) -> tuple[Floats, Floats, float]:
        """Midpoints [s] and increments [-] of all intervals, and the total released [-].

        What a curve already shows at time 0 counts as an increment at time 0.
        """
        time, released = np.append(0.0, self.time), np.append(0.0, self.fraction)
        return (time[1:] + time[:-1]) / 2.0, np.diff(released), float(released[-1])

    # --- showing itself --------------------------------------------------------------------

    def __repr__(self) -> str:
        count = "1 point" if self.time.size == 1 else f"{self.time.size} points"
        first, last = (100.0 * self.fraction[[0, -1]]).round(1)
        parts = [
            f"ReleaseCurve {self.name!r}: {count}",
            f"{time_text(self.time[0])} to {time_text(self.time[-1])}",
            f"{first:g} % to {last:g} %",
        ]
        parts += [f"n = {self.n}"] if self.n is not None else []
        parts += [f"MDT {time_text(self.mdt)}"] + (["simulated"] if self.simulated else [])
        return ", ".join(parts)

    def _repr_html_(self) -> str:
        m = self.time.size
        shown = np.unique(np.linspace(0, m - 1, min(m, self.table_rows)).round().astype(int))
        rows = "".join(
            f"<tr><td>{time_text(self.time[i])}</td><td>{100.0 * self.fraction[i]:.1f} %</td>"
            f"<td>{'' if self.sd is None else f'{100.0 * self.sd[i]:.1f} %'}</td></tr>"
            for i in shown
        )
        head = "<tr><th>time</th><th>released</th><th>sd</th></tr>"
        return f"<p>{html.escape(repr(self))}</p><table>{head}{rows}</table>"


def time_text(seconds: float) -> str:
    """Write a time in the unit a formulation scientist would use.

    Examples
    --------
    >>> [time_text(t) for t in (45, 1800, 10800, 7 * 86400)]
    ['45 s', '30 min', '3 h', '7 d']
    """
    if not np.isfinite(seconds):
        return "unknown"
    starts = {"s": 0.0, "min": 90.0, "h": 7200.0, "d": 4.0 * 86400.0}
    unit = max((u for u in starts if seconds >= starts[u]), key=TIME_UNITS.__getitem__, default="s")
    return f"{seconds / TIME_UNITS[unit]:.3g} {unit}"


def _told(flags: tuple[Flag, ...]) -> list[str]:
    """Flags in one note each, or the first of many."""
    told = [str(flag) for flag in flags[:_MOST_FLAGS]]
    more = len(flags) - len(told)
    return [*told, f"{more} more cells look odd: data check lists them"] if more > 0 else told


def _digits(value: float) -> str:
    """Write a number with the fewest digits that read back the same."""
    return repr(value).removesuffix(".0")


def _fixed(values: ArrayLike, field: str, dimensions: int) -> Floats:
    """Copy into a read-only array of floats, so that a frozen curve stays as it is."""
    array = np.array(values, dtype=float)
    if array.ndim != dimensions:
        raise InputError(f"{field} has {array.ndim} dimensions, must have {dimensions}")
    if not np.all(np.isfinite(array)):
        raise InputError(f"{field} holds a value that is not finite")
    array.setflags(write=False)
    return array

"""Data of which only summaries were published: times, moments, constants of fitted equations."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.cards.reading import CardSource, TableReader
from releasesim.empirical import Weibull
from releasesim.errors import CardError, InputError
from releasesim.files import read_at_most

Array = NDArray[np.float64]

_LARGEST = 1_000_000
_QUANTILE = re.compile(r"t([1-9][0-9]?)")
_DRAWN = 8
"""Points that stand for a printed equation."""
_MOST_OF_WEIBULL, _MOST_OF_POWER = 0.95, 0.6


@dataclass(frozen=True, eq=False)
class Summary:
    """What a paper printed in place of a curve.

    Parameters
    ----------
    name : str
        What the data are called.
    time, fraction : (n,) ndarray
        Points that the summaries are worth: times at which a fraction was out [s], [-].
    sd : (n,) ndarray, optional
        Standard deviations of the fractions [-]; None where any is unknown.
    mean_time : float, optional
        Mean dissolution time of all drug [s].
    mean_time_sd : float, optional
        Its standard deviation [s].
    notes : tuple of str
        What a reader must know of how points came about.
    """

    name: str
    time: Array
    fraction: Array
    sd: Array | None = None
    mean_time: float | None = None
    mean_time_sd: float | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: str | Path) -> Summary:
        """Read a summary file (TOML).

        Its keys: `tX`, the time at which X % of the dose were out, such as `t50 = "34 min"`;
        `MDT`; `released`, a list of `{ at, value }`; `weibull = { Td, b, lag, until }`, the
        fraction 1 - exp(-((t - lag)/Td)^b); `korsmeyer = { k, n, per, until }`, the fraction
        k (t/per)^n. Times, MDT and released take `{ value, sd }` too. `title` and `source` say
        where it is from.

        Raises
        ------
        InputError
            There is no such file, or something in it cannot be, with file and line.
        """
        path = Path(path)
        reader = _reader(path)
        reader.choice("kind", ("summary",))
        title = reader.text("title", optional=True) or path.stem
        reader.text("source", optional=True)
        points = [*_quantiles(reader), *_released(reader)]
        drawn = [*_weibull(reader), *_korsmeyer(reader)]
        notes = tuple(_DRAWN_NOTE.format(equation=name, n=_DRAWN) for name, _ in drawn)
        points += [point for _, found in drawn for point in found]
        mean = _measured(reader, "MDT", "s")
        reader.finish()
        if not points and mean is None:
            raise InputError("says nothing that could be fitted: give tX, MDT, released, ...", path)
        time, fraction, sd = _columns(points)
        mean_time, mean_sd = mean or (None, None)
        return cls(title, time, fraction, sd, mean_time, mean_sd, notes)


_Point = tuple[float, float, float | None]
_DRAWN_NOTE = (
    "the {equation} equation stands for its data as {n} points on it: they are no observations, "
    "so intervals say less than they seem to"
)


def _reader(path: Path) -> TableReader:
    try:
        data = read_at_most(path, _LARGEST)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    if data is None:
        raise InputError(f"has more than {_LARGEST} bytes: too large for a summary", path)
    source = CardSource(path, data.decode("utf-8", "replace"))
    try:
        return TableReader(tomllib.loads(source.text), source)
    except (ValueError, RecursionError) as error:
        raise CardError(f"is no valid TOML: {error}", path) from None


def _columns(points: list[_Point]) -> tuple[Array, Array, Array | None]:
    ordered = sorted(points, key=lambda point: point[0])
    time, fraction = (np.array([p[i] for p in ordered], dtype=float) for i in (0, 1))
    known = bool(ordered) and all(p[2] for p in ordered)
    return time, fraction, np.array([p[2] for p in ordered], dtype=float) if known else None


def _measured(reader: TableReader, key: str, unit: str) -> tuple[float, float | None] | None:
    """Read a quantity, or a table of value and sd; above 0 both."""
    if key not in reader.table:
        return None
    if not isinstance(reader.table[key], dict):
        value, sd = reader.number(key, unit), None
    else:
        table = reader.sub(key)
        assert table is not None  # noqa: S101  it is there
        value = table.number("value", unit)
        sd = table.number("sd", unit) if "sd" in table.table else None
        table.finish()
    if not value > 0.0 or (sd is not None and not sd > 0.0):
        raise reader.error(key, "must be above 0")
    return value, sd


def _quantiles(reader: TableReader) -> list[_Point]:
    """Times at which a share of the dose was out; an sd of time becomes one of the fraction.

    By the slope of first-order release there, (1 - q) ln(1/(1 - q))/t.
    """
    found: list[_Point] = []
    for key in reader.table:
        named = _QUANTILE.fullmatch(key)
        read = _measured(reader, key, "s") if named else None
        if named is None or read is None:
            continue
        (time, sd), q = read, int(named[1]) / 100.0
        slope = (1.0 - q) * -math.log1p(-q) / time
        found.append((time, q, None if sd is None else sd * slope))
    return found


def _released(reader: TableReader) -> list[_Point]:
    found: list[_Point] = []
    for one in reader.subs("released"):
        at, read = one.number("at", "s"), one.number("value", "1")
        sd = one.number("sd", "1") if "sd" in one.table else None
        one.finish()
        if not at > 0.0 or not 0.0 <= read <= 2.0:
            raise one.error("value", "must be 0 to 200 % at a time above 0")
        found.append((at, read, sd))
    return found


def _weibull(reader: TableReader) -> list[tuple[str, list[_Point]]]:
    table = reader.sub("weibull", optional=True)
    if table is None:
        return []
    scale, shape = table.number("Td", "s"), table.number("b", "1")
    lag = table.number("lag", "s") if "lag" in table.table else 0.0
    law = Weibull(scale, shape, lag)
    until = lag + scale * (-math.log1p(-_MOST_OF_WEIBULL)) ** (1.0 / shape)
    times = _drawn_times(table, until)
    return [("Weibull", [(t, float(law.fraction(t)), None) for t in times])]


def _korsmeyer(reader: TableReader) -> list[tuple[str, list[_Point]]]:
    table = reader.sub("korsmeyer", optional=True)
    if table is None:
        return []
    k, n = table.number("k", "1"), table.number("n", "1")
    per = table.number("per", "s")
    if not (k > 0.0 and n > 0.0 and per > 0.0):
        raise reader.error("korsmeyer", "k, n and per must be above 0")
    times = _drawn_times(table, per * (_MOST_OF_POWER / k) ** (1.0 / n))
    return [("Korsmeyer", [(t, k * (t / per) ** n, None) for t in times])]


def _drawn_times(table: TableReader, most: float) -> list[float]:
    until = table.number("until", "s") if "until" in table.table else most
    table.finish()
    if not 0.0 < until < math.inf:
        raise table.error("until", "must be above 0")
    return [float(t) for t in min(until, most) * (np.arange(1, _DRAWN + 1) / _DRAWN) ** 2]

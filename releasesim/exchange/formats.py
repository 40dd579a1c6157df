"""The formats by name, and the verb that writes them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from releasesim.errors import InputError
from releasesim.exchange import netcdf, nonmem, pksim
from releasesim.exchange.course import Course
from releasesim.exchange.workbook import workbook

Written = tuple[dict[str, bytes], list[str]]


@dataclass(frozen=True)
class Format:
    """One format.

    Parameters
    ----------
    name : str
        What it is called.
    words : str
        What it writes and for whom.
    write : callable
        From a Course, files by name and notes.
    """

    name: str
    words: str
    write: Callable[[Course], Written]


def _pksim(course: Course) -> Written:
    text, notes = pksim.table(course)
    return {"pksim_table.csv": text.encode()}, notes


def _fitted(name: str, make: Callable[[Course], dict[str, object]]) -> Callable[[Course], Written]:
    """Write parameters and where they come from, beside the table they were fitted to."""

    def write(course: Course) -> Written:
        found = {**make(course), "origin": dict(course.origin)}
        text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
        table, notes = pksim.table(course)
        error = found["fit error, largest [%]"]
        notes.append(f"{name} is off by up to {error:.2g} %: the table is the curve itself")
        return {f"pksim_{name}.json": text.encode(), "pksim_table.csv": table.encode()}, notes

    return write


def _nonmem(course: Course) -> Written:
    text, notes = nonmem.records(course)
    return {"nonmem_infusions.csv": text.encode()}, notes


def _xlsx(course: Course) -> Written:
    return {"release.xlsx": workbook(course)}, []


def _netcdf(course: Course) -> Written:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "release.nc"
        netcdf.write_netcdf(course, path)
        return {path.name: path.read_bytes()}, []


_FORMATS = (
    Format("pksim", "PK-Sim (OSP): a Table formulation", _pksim),
    Format("weibull", "PK-Sim: a Weibull formulation", _fitted("weibull", pksim.weibull)),
    Format("lint80", "PK-Sim: a Lint80 formulation", _fitted("lint80", pksim.lint80)),
    Format("nonmem", "NONMEM: infusion records", _nonmem),
    Format("xlsx", "Excel: the curve with charts", _xlsx),
    Format("netcdf", "NetCDF with CF attributes", _netcdf),
)

#: The formats by name.
FORMATS: dict[str, Format] = {one.name: one for one in _FORMATS}


def convert(course: Course, formats: Iterable[str]) -> Written:
    """Convert a curve to formats.

    Parameters
    ----------
    course : Course
        The curve, its dose and its origin.
    formats : iterable of str
        Names of `FORMATS`.

    Returns
    -------
    dict of str to bytes, list of str
        Content of each file by its name, and what a reader must know.

    Raises
    ------
    InputError
        No such format, or the curve lacks what it needs.
    MissingExtraError
        A library for it is not installed.
    """
    files: dict[str, bytes] = {}
    notes: dict[str, None] = {}
    for name in formats:
        if name not in FORMATS:
            close = get_close_matches(name, FORMATS, n=1)
            hint = f", did you mean '{close[0]}'?" if close else ""
            raise InputError(f"no format '{name}'; there are {', '.join(FORMATS)}, rocrate{hint}")
        written, said = FORMATS[name].write(course)
        files |= written
        notes |= dict.fromkeys(said)
    return files, list(notes)

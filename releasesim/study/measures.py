"""What is kept of one run: a number, named by a few words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from releasesim.errors import InputError
from releasesim.study.fields import did_you_mean
from releasesim.units import parse_quantity

COLUMNS = {
    "mdt": "mdt_s",
    "dose": "dose_kg",
    "f2": "f2",
    "largest_difference": "largest_difference",
    "cmax": "cmax_kg_m3",
    "tmax": "tmax_s",
    "auc": "auc_kg_s_m3",
    "time_in_window": "time_in_window",
}
"""Measures of one word, and the column in which each stands, with its unit."""

OF_TARGET = ("f2", "largest_difference")
OF_PATIENT = ("cmax", "tmax", "auc", "time_in_window")

_TIME_TO = re.compile(r"t([1-9][0-9]?)")
_AT = re.compile(r"released (.+)")


@dataclass(frozen=True)
class Measure:
    """One number of a run.

    Parameters
    ----------
    words : str
        "t50": time to 50 % released; "released 8 h": released fraction at a time; "mdt"; "dose";
        "f2" and "largest_difference" against the target; "cmax", "tmax", "auc" and
        "time_in_window" of the patient's plasma.

    Raises
    ------
    InputError
        None of these.

    Examples
    --------
    >>> Measure("released 8 h").time, Measure("t80").fraction
    (28800.0, 0.8)
    """

    words: str

    def __post_init__(self) -> None:
        if self.words in COLUMNS or self.fraction or self.time is not None:
            return
        known = ["t50", "released 8 h", *COLUMNS]
        hint = did_you_mean(self.words, known)
        raise InputError(f'no measure "{self.words}"; there are {", ".join(known)}{hint}')

    @cached_property
    def fraction(self) -> float:
        """Released fraction whose time is asked for [-]; 0 where it is something else."""
        match = _TIME_TO.fullmatch(self.words)
        return int(match[1]) / 100 if match else 0.0

    @cached_property
    def time(self) -> float | None:
        """Time whose released fraction is asked for [s]."""
        match = _AT.fullmatch(self.words)
        return parse_quantity(match[1], "s") if match else None

    @property
    def column(self) -> str:
        """Name of its column in tables, with the unit."""
        return COLUMNS.get(self.words) or (f"{self.words}_s" if self.fraction else self.words)

"""Elapsed time as hours, minutes and seconds: "1:30" under a header that says which these are."""

from __future__ import annotations

import re
from typing import NamedTuple

_PARTS = re.compile(r"(\d{1,5}):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?", re.ASCII)
#: What a header may say, and how a cell under it looks.
CLOCKS = {"h:mm": "1:30", "h:mm:ss": "1:30:00", "mm:ss": "90:00 in a cell of text"}
_WORDS = re.compile(r"\[?(h{1,3}|m{1,3})\]?(:mm|:ss)(:ss)?", re.IGNORECASE)

AS_ELAPSED = 'head it "Time [h:mm]" if it is time since the start, or write a number'


class Elapsed(NamedTuple):
    """A cell in a workbook's format of hours and minutes, [s]."""

    seconds: float

    def __str__(self) -> str:
        minutes, seconds = divmod(self.seconds, 60.0)
        hours, minutes = divmod(int(minutes), 60)
        return f"{hours}:{minutes:02d}:{seconds:02.0f}"


def clock_of(unit: str) -> str | None:
    """Form that a header asks for; None where it is a unit.

    Examples
    --------
    >>> [clock_of(unit) for unit in ("hh:mm", "[h]:mm:ss", "mm:ss", "min")]
    ['h:mm', 'h:mm:ss', 'mm:ss', None]
    """
    if _WORDS.fullmatch(unit) is None:
        return None
    plain = unit.casefold().replace("[", "").replace("]", "").lstrip("hm")
    first = "mm" if "h" not in unit.casefold() else "h"
    found = f"{first}{plain}"
    return found if found in CLOCKS else None


def is_clock(text: str) -> bool:
    """Whether a text is hours and minutes, or minutes and seconds."""
    return _PARTS.fullmatch(text) is not None


def seconds_of(text: str, clock: str) -> float | None:
    """Seconds that a text is in one of the forms of `CLOCKS`; None where it is another.

    Examples
    --------
    >>> [seconds_of("1:30", clock) for clock in CLOCKS]
    [5400.0, None, 90.0]
    """
    found = _PARTS.fullmatch(text)
    if found is None or (found[3] is None and clock == "h:mm:ss"):
        return None
    minutes = 60.0 * int(found[1]) + float(found[2])
    if found[3] is None and clock == "mm:ss":
        return minutes
    return 60.0 * minutes + float((found[3] or "0").replace(",", "."))

"""What a pharmacopoeia's monograph asks of a product, and whether its units meet it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve, time_text
from releasesim.errors import InputError, UnitError
from releasesim.similarity.stages import (
    Acceptance,
    acid_stage,
    buffer_stage,
    extended_release,
    immediate_release,
)
from releasesim.units import parse_quantity

Floats = NDArray[np.float64]

_AT = re.compile(r"^(?:(?P<low>\S+ ?%) *(?:to *(?P<high>\S+ ?%) *)?at +)?(?P<time>.+)$")
_SAME_TIME = 1e-9


@dataclass(frozen=True)
class Criterion:
    """An amount at a time.

    Parameters
    ----------
    time : float
        [s].
    low : float
        Q or the lower end of a range [% of the label]; 0 where only a time was said.
    high : float, optional
        Upper end of a range [% of the label].
    """

    time: float
    low: float = 0.0
    high: float | None = None


def criterion(text: str) -> Criterion:
    """Read "80 % at 30 min", "20 % to 40 % at 1 h" or "2 h".

    Raises
    ------
    InputError
        It says something else.

    Examples
    --------
    >>> criterion("20 % to 40 % at 1 h")
    Criterion(time=3600.0, low=20.0, high=40.0)
    """
    found = _AT.match(text.strip())
    low, high, time = found.group("low", "high", "time") if found else (None, None, "")
    try:
        ends = [_percent(end) if end else 0.0 for end in (low, high)]
        return Criterion(parse_quantity(time.strip(), "s"), ends[0], ends[1] or None)
    except UnitError:
        example = '"80 % at 30 min" or "20 % to 40 % at 1 h"'
        raise InputError(f'"{text}" is no criterion: write for example {example}') from None


def _percent(text: str) -> float:
    # 100 x 0.8 is not 80 to the last digit, and Q + 5 must be what it says
    return round(100.0 * parse_quantity(f"{text.rstrip('% ')} %", "1"), 9)


@dataclass(frozen=True)
class Specification:
    """Criteria of USP <711> as far as a monograph gives them.

    Parameters
    ----------
    immediate : Criterion, optional
        Q at its time, S1 to S3.
    ranges : tuple of Criterion
        Of extended release, L1 to L3; the last one without an upper end.
    acid, buffer : Criterion, optional
        Time of the acid stage, A1 to A3; Q and time of the buffer stage, B1 to B3.
    """

    immediate: Criterion | None = None
    ranges: tuple[Criterion, ...] = ()
    acid: Criterion | None = None
    buffer: Criterion | None = None

    def judge(self, curve: ReleaseCurve) -> tuple[Acceptance, ...]:
        """Judge the units of a curve, in the order of its columns.

        Raises
        ------
        InputError
            Units are not known, are not 6, 12 or 24, or were not measured at a time.
        """
        found = []
        if self.immediate is not None:
            found.append(immediate_release(_at(curve, self.immediate), self.immediate.low))
        if self.ranges:
            amounts = np.stack([_at(curve, one) for one in self.ranges])
            found.append(extended_release(amounts, [(c.low, c.high) for c in self.ranges]))
        if self.acid is not None:
            found.append(acid_stage(_at(curve, self.acid)))
        if self.buffer is not None:
            found.append(buffer_stage(_at(curve, self.buffer), self.buffer.low))
        return tuple(found)


def _at(curve: ReleaseCurve, wanted: Criterion) -> Floats:
    """Units at a time that was measured, (n,) [%]."""
    if curve.vessels is None:
        raise InputError(f"'{curve.name}' has no values of single units")
    near = np.flatnonzero(np.abs(curve.time - wanted.time) <= _SAME_TIME * wanted.time)
    if near.size == 0:
        raise InputError(f"'{curve.name}' was not measured at {time_text(wanted.time)}")
    return np.asarray(100.0 * curve.vessels[near[0]])

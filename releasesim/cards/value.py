"""A number of a card with everything that makes it trustworthy, and a law a card proposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

GRADES = ("measured", "literature", "estimate")


@dataclass(frozen=True, eq=False, repr=False)
class Value(float):
    """A number in SI with its range, grade and source; it calculates as a plain float.

    Parameters
    ----------
    value : float
        The number in SI.
    low, high : float or None
        Its range in SI; None where the number is exact.
    unit : str
        The unit the card is written in, for showing it again.
    grade : str
        measured, literature or estimate.
    source : str
        A key of models/references.bib, or "estimate: how it was arrived at".
    note : str
        Conditions and doubts.
    si_unit : str
        The SI unit of `value`.

    Examples
    --------
    >>> density = Value(1300.0, 1260.0, 1330.0, unit="g/cm3", si_unit="kg/m3")
    >>> density / 2, density.high
    (650.0, 1330.0)
    >>> density
    Value(1300 kg/m3, 1260 to 1330, estimate)
    """

    value: float
    low: float | None = None
    high: float | None = None
    unit: str = "1"
    grade: str = "estimate"
    source: str = ""
    note: str = ""
    si_unit: str = "1"

    def __new__(cls, value: float, *_: object, **__: object) -> Self:
        """Be the float that `value` is."""
        return float.__new__(cls, value)

    def __repr__(self) -> str:
        span = "" if self.low is None else f", {self.low:.6g} to {self.high:.6g}"
        return f"Value({self.value:.6g} {self.si_unit}{span}, {self.grade})"

    @property
    def range(self) -> tuple[float, float]:
        """Low and high in SI; the value twice where it is exact."""
        if self.low is None or self.high is None:
            return self.value, self.value
        return self.low, self.high

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON, numbers in SI."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.si_unit,
            "written_unit": self.unit,
            "grade": self.grade,
            "source": self.source,
            "note": self.note,
        }


@dataclass(frozen=True)
class LawSpec:
    """A law by name with the card's values for its parameters: cards know no physics classes.

    Parameters
    ----------
    law : str
        Class name, as in the study file.
    parameters : mapping of str to Value
        Numbers, in SI.
    options : mapping of str to str
        Words, such as ``dissolves = "above"``.
    note : str
        What the law stands for on this card.
    """

    law: str
    parameters: Mapping[str, Value] = field(default_factory=dict, hash=False)
    options: Mapping[str, str] = field(default_factory=dict, hash=False)
    note: str = ""

    @property
    def arguments(self) -> dict[str, float | str]:
        """Keyword arguments for the law: plain SI floats and words."""
        numbers = {name: value.value for name, value in self.parameters.items()}
        return {**numbers, **self.options}

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON."""
        parameters = {name: value.to_dict() for name, value in self.parameters.items()}
        words = {"options": dict(self.options), "note": self.note}
        return {"law": self.law, "parameters": parameters, **words}

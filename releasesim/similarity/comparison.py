"""What a comparison of two release curves found, and how it shows itself."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import time_text

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comparison:
    """Similarity of a test curve to a reference, and which points it rests on.

    f1 and f2 rest on the counted points alone; everything else on all common times after 0.
    MDT and DE are of both curves at these common times, so like is set against like; the MDT
    takes the last common value as the total.

    Parameters
    ----------
    reference_name, test_name : str
        Names of the curves.
    rule, rule_words : str
        The point rule, by name and as a sentence.
    times : ndarray, (p,)
        Times of the counted points [s].
    reference, test : ndarray, (p,)
        Means of the two curves there [-].
    common_points : int
        Number of common times after 0.
    f1, f2 : float
        Difference and similarity factor, on their usual scale of 0 to 100; nan where refused.
    reason : str
        Why f1 and f2 are nan; empty where they are given.
    rmse, largest_difference : float
        Root mean square and largest absolute difference [-].
    mdt_reference, mdt_test : float
        Mean dissolution times [s].
    de_reference, de_test : float
        Dissolution efficiencies up to the last common time [-].
    notes : tuple of str
        What a reader must know: interpolation, variability, few units.
    """

    reference_name: str
    test_name: str
    rule: str
    rule_words: str
    times: Floats
    reference: Floats
    test: Floats
    common_points: int
    f1: float
    f2: float
    reason: str
    rmse: float
    largest_difference: float
    mdt_reference: float
    mdt_test: float
    de_reference: float
    de_test: float
    notes: tuple[str, ...] = ()

    @property
    def similar(self) -> bool | None:
        """Whether f2 is 50 or more; None where f2 could not be given."""
        return None if math.isnan(self.f2) else self.f2 >= 50.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON; what is not known is None."""
        return {
            "reference": self.reference_name,
            "test": self.test_name,
            "rule": self.rule,
            "rule_words": self.rule_words,
            "points": {
                "time_s": self.times.tolist(),
                "reference": self.reference.tolist(),
                "test": self.test.tolist(),
            },
            "common_points": self.common_points,
            "f1": _known(self.f1),
            "f2": _known(self.f2),
            "similar": self.similar,
            "reason": self.reason,
            "rmse": self.rmse,
            "largest_difference": self.largest_difference,
            "mdt_s": {"reference": _known(self.mdt_reference), "test": _known(self.mdt_test)},
            "dissolution_efficiency": {"reference": self.de_reference, "test": self.de_test},
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        title = f"Comparison of {self.test_name!r} with reference {self.reference_name!r}"
        lines = [f"  {label}: {value}" for label, value in self._rows()]
        return "\n".join([title, *lines])

    def _repr_html_(self) -> str:
        title = f"{self.test_name} compared with reference {self.reference_name}"
        rows = "".join(
            f"<tr><th>{html.escape(label)}</th><td>{html.escape(value)}</td></tr>"
            for label, value in self._rows()
        )
        return f"<p>{html.escape(title)}</p><table>{rows}</table>"

    def _rows(self) -> list[tuple[str, str]]:
        """Label and value of each line that is shown."""
        rows = [("f1, f2", f"not given: {self.reason}")]
        if not self.reason:
            verdict = "similar" if self.similar else "not similar"
            rows = [("f2", f"{self.f2:.2f} ({verdict}: the limit is 50)"), ("f1", f"{self.f1:.2f}")]
        both = "{} against {} of the reference"
        rows += [
            ("points", f"{self.times.size} of {self.common_points}, {self._span()}"),
            ("rule", self.rule_words),
            ("RMSE", f"{100.0 * self.rmse:.2f} %"),
            ("largest difference", f"{100.0 * self.largest_difference:.2f} %"),
            ("MDT", both.format(time_text(self.mdt_test), time_text(self.mdt_reference))),
            ("DE", both.format(f"{100 * self.de_test:.1f} %", f"{100 * self.de_reference:.1f} %")),
        ]
        return rows + [("note", note) for note in self.notes]

    def _span(self) -> str:
        first, last = time_text(self.times[0]), time_text(self.times[-1])
        return first if self.times.size == 1 else f"{first} to {last}"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

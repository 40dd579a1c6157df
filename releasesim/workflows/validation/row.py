"""One row of the validation table, and the data that it stands on."""

from __future__ import annotations

import csv
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.similarity.compare import similarity_factor

Array = NDArray[np.float64]

DATA_VARIABLE = "RELEASESIM_DATA"
WITHIN = 0.05
"""Root mean square error that a prediction may have and count as met [-]."""
CLOSE = 0.15
"""Relative error that a predicted number may have and count as met [-]."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What was measured and what was predicted of it, to be drawn.

    Parameters
    ----------
    measured, predicted : (n,) ndarray
    x : (n,) ndarray, optional
        Mostly time [h]; without it they are drawn against each other.
    baseline : (n,) ndarray, optional
        The SA/V law.
    band : (n,) ndarray, optional
        Half width of the 95 % band; of one number, what counts as met.
    labels : (str, str)
        Of the axes, with units.
    span : (float, float), optional
        Ends of what was measured, where no more is known.
    """

    measured: Array
    predicted: Array
    x: Array | None = None
    baseline: Array | None = None
    band: Array | None = None
    labels: tuple[str, str] = ("time [h]", "released [%]")
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Row:
    """One prediction beside what was measured.

    Parameters
    ----------
    study, calibrated, predicted : str
        What it is about, what was fitted on what, and what was predicted.
    verdict : str
        Met or missed, and why.
    rmse, f2, coverage, baseline : float
        Of the prediction [-], [0 to 100], of its 95 % band [-]; RMSE of the SA/V law [-]; nan
        where there is none.
    seen : Seen, optional
        What a picture shows of it.
    """

    study: str
    calibrated: str
    predicted: str
    verdict: str
    rmse: float = math.nan
    f2: float = math.nan
    coverage: float = math.nan
    baseline: float = math.nan
    seen: Seen | None = None

    @property
    def missed(self) -> bool:
        """Whether the prediction is not good enough."""
        return "MISSED" in self.verdict

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {key: value for key, value in vars(self).items() if key != "seen"}

    def cells(self) -> list[str]:
        """What stands in each of `COLUMNS`."""
        return [
            self.study,
            self.calibrated,
            self.predicted,
            _percent(self.rmse),
            f"{self.f2:.0f}" if math.isfinite(self.f2) else "-",
            _percent(self.coverage, 0),
            _percent(self.baseline),
            self.verdict,
        ]

    def text(self) -> str:
        """One row of a Markdown table."""
        return f"| {' | '.join(self.cells())} |"


COLUMNS = (
    "study", "calibrated", "predicted", "RMSE", "f2", "in 95 % band", "SA/V law", "verdict",
)  # fmt: skip
HEAD = f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}"


def _percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f} %" if math.isfinite(value) else "-"


def curve_row(
    study: str,
    calibrated: str,
    predicted: str,
    *,
    observed: Array,
    fitted: Array,
    baseline: Array,
    coverage: float = math.nan,
    why: str,
    time: Array,
    band: Array | None = None,
) -> Row:
    """Judge a predicted curve, beside that of the SA/V law; times in seconds."""
    rmse = root_mean_square(fitted - observed)
    beside = root_mean_square(baseline - observed)
    said, f2 = judged(rmse, beside, why), similarity_factor(observed, fitted)
    seen = seen_curve(time, observed, fitted, baseline, band)
    return Row(study, calibrated, predicted, said, rmse, f2, coverage, beside, seen)


def seen_curve(
    time: Array,
    observed: Array,
    fitted: Array,
    baseline: Array | None = None,
    band: Array | None = None,
) -> Seen:
    """Curves of released fractions against times [s], in percent and hours."""
    beside = None if baseline is None else 100.0 * baseline
    around = None if band is None else 100.0 * band
    return Seen(100.0 * observed, 100.0 * fitted, time / 3600.0, beside, around)


def number_row(
    study: str,
    calibrated: str,
    predicted: str,
    *,
    value: float,
    measured: float,
    unit: str,
    why: str,
) -> Row:
    """Judge one predicted number by its relative error; within 15 % counts as met."""
    gap = value / measured - 1.0
    met = "met" if abs(gap) <= CLOSE else f"MISSED: {why}"
    said = f"{value:.4g} {unit} predicted, {measured:.4g} measured ({100 * gap:+.0f} %): {met}"
    allowed = np.array([CLOSE * measured])
    seen = Seen(np.array([measured]), np.array([value]), band=allowed, labels=("", f"[{unit}]"))
    return Row(study, calibrated, predicted, said, seen=seen)


def judged(rmse: float, beside: float, why: str) -> str:
    """Say whether a prediction is good enough, and which of two is better."""
    met = "met" if rmse <= WITHIN else f"MISSED: {why}"
    return f"{met}; {'beats the SA/V law' if rmse < beside else 'the SA/V law wins'}"


def root_mean_square(gap: Array) -> float:
    """Root mean square [-]."""
    return float(np.sqrt(np.mean(gap**2)))


def data_folder() -> Path | None:
    """Where published data lie: RELEASESIM_DATA, else ../shared/data beside the checkout."""
    named = os.environ.get(DATA_VARIABLE)
    folder = Path(named) if named else Path(__file__).parents[3].parent / "shared" / "data"
    return folder if folder.is_dir() else None


def read_rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, by header."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))

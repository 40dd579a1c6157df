"""One row of the validation table, and the data that it stands on."""

from __future__ import annotations

import csv
import math
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from releasesim.similarity.compare import similarity_factor

Array = NDArray[np.float64]

DATA_VARIABLE = "RELEASESIM_DATA"
WITHIN = 0.05
"""Root mean square error that a prediction may have and count as met [-]."""
CLOSE = 0.15
"""Relative error that a predicted number may have and count as met [-]."""


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
    """

    study: str
    calibrated: str
    predicted: str
    verdict: str
    rmse: float = math.nan
    f2: float = math.nan
    coverage: float = math.nan
    baseline: float = math.nan

    def text(self) -> str:
        """One row of a Markdown table."""
        cells = [
            self.study,
            self.calibrated,
            self.predicted,
            _percent(self.rmse),
            f"{self.f2:.0f}" if math.isfinite(self.f2) else "-",
            _percent(self.coverage, 0),
            _percent(self.baseline),
            self.verdict,
        ]
        return f"| {' | '.join(cells)} |"


HEAD = (
    "| study | calibrated | predicted | RMSE | f2 | in 95 % band | SA/V law | verdict |\n"
    "|---|---|---|---|---|---|---|---|"
)


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
) -> Row:
    """Judge a predicted curve, beside that of the SA/V law."""
    rmse = root_mean_square(fitted - observed)
    beside = root_mean_square(baseline - observed)
    said, f2 = judged(rmse, beside, why), similarity_factor(observed, fitted)
    return Row(study, calibrated, predicted, said, rmse, f2, coverage, beside)


def judged(rmse: float, beside: float, why: str) -> str:
    """Say whether a prediction is good enough, and which of two is better."""
    met = "met" if rmse <= WITHIN else f"MISSED: {why}"
    return f"{met}; {'beats the SA/V law' if rmse < beside else 'the SA/V law wins'}"


def number_words(value: float, measured: float, unit: str, why: str) -> str:
    """Judge one predicted number by its relative error; within 15 % counts as met."""
    gap = value / measured - 1.0
    met = "met" if abs(gap) <= CLOSE else f"MISSED: {why}"
    return f"{value:.4g} {unit} predicted, {measured:.4g} measured ({100 * gap:+.0f} %): {met}"


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

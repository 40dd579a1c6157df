"""The released curve, from what every step knows at its end."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(eq=False)
class Record:
    """Released fraction of the dose [-] and its pace [1/s] at the times that were noted [s]."""

    rows: list[tuple[float, float, float]] = field(default_factory=list)

    def note(self, t: float, fraction: float, pace: float) -> None:
        """Remember what is released at t, and how fast."""
        self.rows.append((t, fraction, pace))

    def at(self, times: Array) -> Array:
        """Released fraction at times between the steps: cubic Hermite, never beyond its ends."""
        t, f, pace = np.array(self.rows).T
        k = np.clip(np.searchsorted(t, times, side="right") - 1, 0, t.size - 2)
        h = t[k + 1] - t[k]
        x = np.where(h > 0, (times - t[k]) / np.where(h > 0, h, 1.0), 1.0)
        rise = f[k + 1] - f[k]
        # slopes that would overshoot are cut (Fritsch & Carlson 1980): released drug stays out
        first = np.clip(pace[k] * h, np.minimum(0, 3 * rise), np.maximum(0, 3 * rise))
        last = np.clip(pace[k + 1] * h, np.minimum(0, 3 * rise), np.maximum(0, 3 * rise))
        curve = f[k] + first * x + (3 * rise - 2 * first - last) * x**2
        curve += (first + last - 2 * rise) * x**3
        curve = np.clip(curve, 0.0, 1.0)
        curve[times <= 0.0] = 0.0
        return np.asarray(curve)

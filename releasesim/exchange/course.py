"""What is converted: a release curve, its dose, and where both come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Course:
    """A release curve on its way to another program.

    Parameters
    ----------
    curve : ReleaseCurve
        Simulated or measured.
    dose : float, optional
        What 100 % is [kg]; not known without.
    drugs : mapping of str to ReleaseCurve
        Curves of each drug of several, at the same times.
    doses : mapping of str to float
        Their doses [kg].
    origin : mapping of str to str
        Version, study hash and source, as they go into every file that has room for them.
    """

    curve: ReleaseCurve
    dose: float | None = None
    drugs: Mapping[str, ReleaseCurve] = field(default_factory=dict)
    doses: Mapping[str, float] = field(default_factory=dict)
    origin: Mapping[str, str] = field(default_factory=dict)

    def needed_dose(self, what: str) -> float:
        """Return the dose [kg], which `what` cannot do without."""
        if self.dose is None or not self.dose > 0.0:
            raise InputError(f"{what} needs the dose: say it by dose=...")
        return self.dose

    @property
    def from_start(self) -> tuple[Floats, Floats]:
        """Times [s] and fractions [-] with the row 0, 0 put first where time 0 is absent."""
        if self.curve.time[0] == 0.0:
            return self.curve.time, self.curve.fraction
        return np.append(0.0, self.curve.time), np.append(0.0, self.curve.fraction)


def rising(fraction: Floats, most: float | None = None) -> tuple[Floats, list[str]]:
    """Make a fraction that never falls and never exceeds `most`, and say what was changed."""
    held = np.maximum.accumulate(fraction)
    notes = []
    fall = float((held - fraction).max())
    if fall > 1e-9:
        notes.append(f"falls of up to {100 * fall:.3g} % are held level")
    if most is not None and held[-1] > most + 1e-9:
        notes.append(f"values up to {100 * held[-1]:.4g} % are cut off at {100 * most:g} %")
    return np.minimum(held, np.inf if most is None else most), notes


def thinned(time: Floats, fraction: Floats, tolerance: float) -> NDArray[np.intp]:
    """Choose points between which straight lines stay within `tolerance` of all others.

    The ends are kept; a stretch is split at its farthest point until none is too far (Ramer 1972,
    with distance taken along the fraction).

    Returns
    -------
    ndarray of int, (k,)
        Indices in order.

    Examples
    --------
    >>> t = np.arange(5.0)
    >>> thinned(t, np.array([0.0, 0.1, 0.2, 0.5, 0.8]), 1e-6).tolist()
    [0, 2, 4]
    """
    kept, stretches = {0, time.size - 1}, [(0, time.size - 1)]
    while stretches:
        first, last = stretches.pop()
        if last - first < 2:
            continue
        inside = np.arange(first + 1, last)
        line = np.interp(time[inside], time[[first, last]], fraction[[first, last]])
        off = np.abs(fraction[inside] - line)
        worst = int(inside[off.argmax()])
        if off.max() > tolerance:
            kept.add(worst)
            stretches += [(first, worst), (worst, last)]
    return np.array(sorted(kept), dtype=np.intp)

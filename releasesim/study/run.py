"""How long to simulate, at which times to report, and how exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError

#: What a study may ask to be solved on.
DEVICES = ("cpu", "gpu", "auto")


@dataclass(frozen=True)
class Run:
    """Time span, output times and accuracy.

    Parameters
    ----------
    until : float
        End [s].
    samples : int
        Output times, evenly in sqrt(t), 0 included.
    times : tuple of float or None
        Output times instead [s].
    tolerance : float
        Absolute, of the released fraction [-]; the engine picks grid, boundary and steps.
    spacing : float or None
        Fixes the grid instead [m].
    seed : int
        Of everything random.
    device : str
        What solves linear diffusion: "cpu"; "gpu", which asks for one; "auto", a GPU where there is
        one and the grid is large enough.

    Examples
    --------
    >>> Run(until=400.0, samples=3).output_times()
    array([  0., 100., 400.])
    """

    until: float = 86400.0
    samples: int = 97
    times: tuple[float, ...] | None = None
    tolerance: float = 1e-3
    spacing: float | None = None
    seed: int = 1
    device: str = "cpu"

    def __post_init__(self) -> None:
        if not 0.0 < self.until < np.inf:
            raise InputError(f"run.until = {self.until:g} s: must be above 0")
        if self.times is not None and not (
            all(0.0 <= time < np.inf for time in self.times) and max(self.times, default=0.0) > 0.0
        ):
            raise InputError("run.times: must be finite, from 0 on, one of them above 0")
        if self.samples < 2:
            raise InputError(f"run.samples = {self.samples}: must be 2 or more")
        if self.device not in DEVICES:
            raise InputError(f'run.device = "{self.device}": must be one of {", ".join(DEVICES)}')

    def output_times(self) -> NDArray[np.float64]:
        """Return the times at which release is reported, 0 included, (n,) [s]."""
        if self.times is not None:
            return np.unique(np.array([0.0, *self.times]))
        steps = np.arange(self.samples) / (self.samples - 1)
        return np.asarray(self.until * steps**2)

"""Tablets on a grid half as wide as that of the search, by which they are ranked."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError, InputError
from releasesim.optimization.curves import Geometry
from releasesim.optimization.search import SEARCH_SPACING, Search, Trial

Array = NDArray[np.float64]

_THREADS = 2


@dataclass(eq=False)
class FinerGrid:
    """Curves of trials on a finer grid, each computed once.

    Parameters
    ----------
    search : Search
    """

    search: Search
    _curves: dict[Hashable, Array] = field(default_factory=dict, init=False)

    def curves(self, trials: Sequence[Trial]) -> list[Array]:
        """Released fractions at the judged times, (n,) each [-]."""
        new = list({trial.key: trial for trial in trials if not self.knows(trial)}.values())
        with ThreadPoolExecutor(_THREADS) as pool:
            for trial, curve in zip(new, pool.map(self._solve, new), strict=True):
                self._curves[trial.key] = curve
        return [self._curves[trial.key] for trial in trials]

    def curve(self, trial: Trial) -> Array:
        """Released fraction at the judged times, (n,) [-]."""
        if not self.knows(trial):
            self._curves[trial.key] = self._solve(trial)
        return self._curves[trial.key]

    @property
    def count(self) -> int:
        """Tablets looked at so far."""
        return len(self._curves)

    def knows(self, trial: Trial) -> bool:
        """Whether a trial was looked at."""
        return trial.key in self._curves

    def learn(self, trial: Trial, fraction: Array) -> None:
        """Take over what a still finer grid says of a trial, (n,) [-]."""
        self._curves[trial.key] = fraction

    def best(self, trial: Trial) -> Array:
        """A trial's curve as well as it is known, (n,) [-]."""
        return self._curves.get(trial.key, trial.fraction)

    def _solve(self, trial: Trial) -> Array:
        """The finer grid's curve; of diffusion extrapolated from both grids.

        Errors of diffusion go with the square of the spacing. Those of fronts in thin roads fall
        without rule and are smaller as they stand.
        """
        made = dataclasses.replace(trial.material.study, tablet=trial.tablet)
        spacing, times = SEARCH_SPACING / 2.0, self.search.wanted.times
        half = Geometry(trial.tablet, spacing, times, [], self.search.store, trial.key)
        try:
            fraction = self.search.fraction(half, made)
        except (GeometryError, InputError):  # what is too fine there is judged as it stands
            return trial.fraction
        if trial.material.mechanism.kind == "erosion":
            return fraction
        return np.clip(fraction + (fraction - trial.fraction) / 3.0, 0.0, 1.0)

"""A shortlist: what a grid finer than that of the search makes of the tablets that it found."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from releasesim.optimization.explore import Explorer
from releasesim.optimization.finer import FinerGrid
from releasesim.optimization.search import Progress, Search, Trial

#: Misfit below which nothing need be looked for [-].
CLOSE = 0.007
#: Kinds of tablets looked at, and by how much the search grid may be wrong about one of them [-].
_KINDS, _MISLED = 16, 0.05
#: Looks at tablets that are expected at the target, tablets in each, and kinds polished in each.
_LOOKS, _LOOKED, _POLISHED = 4, 8, 2
#: Where one passes already and a look leaves more than this of its misfit, it is the last [-].
_GAIN = 0.8


@dataclass(eq=False)
class Shortlist:
    """Trials by what the finer grid says of them.

    The search grid is wrong by some percent, by more with some walls, roofs and patterns than with
    others, and differently from point to point. Beside those that it likes the best of every kind
    is looked at; where none is near enough, those that an emulator of both grids expects to be, and
    the best kinds go down by least squares on the finer grid.

    Parameters
    ----------
    explorer : Explorer
    tell : callable
        As `design` takes it.
    """

    explorer: Explorer
    tell: Progress
    _pool: list[Trial] = field(default_factory=list, init=False)
    _polished: set[tuple[Any, ...]] = field(default_factory=set, init=False)

    @property
    def search(self) -> Search:
        """All that was tried."""
        return self.explorer.search

    @property
    def finer(self) -> FinerGrid:
        """The finer grid."""
        return self.explorer.finer

    def of(self, refined: Sequence[Trial], count: int) -> list[Trial]:
        """So many that differ, of several polymers: the best of those refined and their kin."""
        self._pool = [*refined, *(trial for trial in self._kinds() if trial not in refined)]
        return diverse(apart(self.search, self.looked()), count)

    def looked(self) -> list[Trial]:
        """All of the list, the best first, and more of them until looking on is of no use."""
        last, looks = np.inf, _LOOKS if self.search.space.dimension else 0
        for turn in range(looks + 1):
            pool = self._ranked(self._pool)
            self.tell("checking on the fine grid", turn / (looks + 1))
            passes, misfit = self.lacks(pool[0]) <= 0.0, self._misfit(pool[0])
            if turn == looks or (passes and (misfit <= CLOSE or misfit > _GAIN * last)):
                break
            last = misfit
            pool = self._ranked([*pool, *self.explorer.look(_LOOKED, _MISLED)])
            self._pool = [*pool, *self._polish(pool)]
        return pool

    def lacks(self, trial: Trial) -> float:
        """How far a trial is from meeting every rule, as well as it is known [-]."""
        return self.search.wanted.lacks(self.finer.best(trial))

    def _misfit(self, trial: Trial) -> float:
        return self.search.wanted.misfit(self.finer.best(trial))

    def _ranked(self, pool: Sequence[Trial]) -> list[Trial]:
        self.finer.curves(pool)
        return sorted(pool, key=lambda t: (self.lacks(t), self._misfit(t), t.misfit, t.point))

    def _polish(self, ranked: Sequence[Trial]) -> list[Trial]:
        """The best of the best kinds, unless it is polished, by least squares on the finer grid."""
        kinds: dict[tuple[Any, ...], Trial] = {}
        for trial in ranked:
            kinds.setdefault(trial.kind, trial)
        starts = [trial for trial in kinds.values() if trial.key not in self._polished]
        with ThreadPoolExecutor(2) as pool:
            found = list(pool.map(self._downhill, starts[:_POLISHED]))
        self._polished.update(trial.key for trial in (*starts[:_POLISHED], *found))
        return found

    def _downhill(self, trial: Trial) -> Trial:
        return self.search.refine(trial, None, self.finer.curve)

    def _kinds(self) -> list[Trial]:
        """The best of each polymer with each choice of whole numbers and words."""
        best: dict[tuple[Any, ...], Trial] = {}
        for trial in sorted(self.search.tried, key=lambda t: (t.misfit, *t.pair, t.point)):
            best.setdefault(trial.kind, trial)
        trials = list(best.values())
        most = trials[0].misfit + _MISLED
        return [trial for trial in trials[:_KINDS] if trial.misfit <= most]


def apart(search: Search, ranked: Sequence[Trial]) -> list[Trial]:
    """Those that differ from all before them."""
    chosen: list[Trial] = []
    for trial in ranked:
        if all(search.differ(trial, other) for other in chosen):
            chosen.append(trial)
    return chosen


def diverse(ranked: Sequence[Trial], count: int) -> list[Trial]:
    """The best two, then the best of other polymers, then whoever is next."""
    chosen = list(ranked[:2])
    for trial in ranked[2:]:
        if len(chosen) < count and trial.material not in [t.material for t in chosen]:
            chosen.append(trial)
    return [*chosen, *(t for t in ranked if t not in chosen)][:count]

"""Finalists: tablets on fine grids, led to the target there, and held against what is not known."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.optimization.acceptance import Wanted
from releasesim.optimization.finer import FinerGrid
from releasesim.optimization.robust import Chance, chance_of, climb, most_likely
from releasesim.optimization.search import Progress, Search, Trial
from releasesim.optimization.shortlist import CLOSE, Shortlist
from releasesim.simulation import Release, simulate
from releasesim.study import RobustSpec, Study

Array = NDArray[np.float64]

#: Finalists, some of them corrected by what the fine grid says.
FINALISTS, CORRECTED = 4, 2
#: Trials whose chance is looked at, and those from which it is climbed.
SCREENED, CLIMBERS = 24, 2
#: By so much must the chance of another be better to be preferred to the best fit [-].
BETTER = 0.01
#: Misfit up to which a tablet is near enough to be chosen for its other merits [-].
NEAR = 0.08
#: Corrections of a finalist, and tablets tried in each.
_CORRECTIONS, _TRIED = 3, 6
#: More tablets looked at to the study's own tolerance where none passes.
_CHANCES = 2
#: What a finalist may lack on a fine grid and still pass on a finer one [-].
_DOUBT = 0.03
#: Output times of a candidate, at least: curves are judged between them.
_SAMPLES = 97
#: Grids are not refined any further for a finalist.
_FINALIST_TOLERANCE = 0.5


@dataclass(frozen=True, eq=False)
class Final:
    """A finalist on the fine grid.

    Parameters
    ----------
    trial : Trial
        The same on the search grid.
    study : Study
        Its own, run long enough for the target.
    release : Release
    fraction : (n,) ndarray
        At the judged times [-].
    f2, gap : float
        Similarity factor and largest difference [-].
    rank : tuple of float
        What it lacks, and its misfit: lower is better [-].
    chance : Chance, optional
        Where that was counted.
    """

    trial: Trial
    study: Study
    release: Release
    fraction: Array
    f2: float
    gap: float
    rank: tuple[float, float]
    chance: Chance | None = None

    @property
    def probability(self) -> float:
        """Share of draws that meet the target [-]; nan where not counted."""
        return float("nan") if self.chance is None else self.chance.probability


@dataclass(eq=False)
class Finalists:
    """The end of a design: what the search found, on the grid of the answer.

    Parameters
    ----------
    shortlist : Shortlist
    seed : int
    tell : callable
        As `design` takes it.
    """

    shortlist: Shortlist
    seed: int
    tell: Progress
    nominal: Chance | None = field(default=None, init=False)

    @property
    def search(self) -> Search:
        """All that was tried."""
        return self.shortlist.search

    @property
    def finer(self) -> FinerGrid:
        """The grid of the shortlist."""
        return self.shortlist.finer

    @property
    def wanted(self) -> Wanted:
        """The target."""
        return self.search.wanted

    def of(self, refined: list[Trial]) -> list[Final]:
        """Finalists on a fine grid, the best of them led to where that grid meets the target."""
        chosen = self.shortlist.of(refined, FINALISTS)
        with ThreadPoolExecutor(2) as pool:
            finals = sorted(pool.map(self.final, chosen), key=_by_rank)
        for n in range(min(CORRECTED, len(finals))):
            finals[n] = self._correct(finals[n], _FINALIST_TOLERANCE)
            self.tell("checking on the fine grid", (n + 1) / (CORRECTED + 1))
            if self.wanted.meets(finals[n].fraction):
                break
        finals.sort(key=_by_rank)
        judged = self._judged(finals)
        for _ in range(_CHANCES):
            another = self._another(judged)
            if another is None:
                break
            judged.append(another)
        winner = min(judged, key=_by_rank)
        known = {final.trial.key for final in judged}
        others = [*judged, *(final for final in finals if final.trial.key not in known)]
        return [winner, *sorted((final for final in others if final is not winner), key=_by_rank)]

    def _judged(self, finals: list[Final]) -> list[Final]:
        """The winner to the study's own tolerance; who no longer passes there makes room."""
        judged: list[Final] = []
        for final in finals:
            if judged and final.rank[0] > _DOUBT:
                break
            exact = self.final(final.trial, tolerance=0.0)
            if not self.wanted.meets(exact.fraction) and final.rank[0] <= _DOUBT:
                exact = self._correct(exact, tolerance=0.0)
            judged.append(exact)
            if self.wanted.meets(exact.fraction):
                break
        return judged

    def _another(self, judged: list[Final]) -> Final | None:
        """One more to the study's own tolerance, where none passes: what that taught is known."""
        if any(self.wanted.meets(final.fraction) for final in judged):
            return None
        for final in judged:
            self.finer.learn(final.trial, final.fraction)
        looked = self.shortlist.looked()
        known = {final.trial.key for final in judged}
        best = next((trial for trial in looked if trial.key not in known), None)
        if best is None or self.shortlist.lacks(best) > _DOUBT:
            return None
        exact = self.final(best, tolerance=0.0)
        return exact if self.wanted.meets(exact.fraction) else self._correct(exact, tolerance=0.0)

    # --- one finalist ----------------------------------------------------------------------

    def final(self, trial: Trial, tolerance: float = _FINALIST_TOLERANCE) -> Final:
        """A trial on two fine grids; the winner once more, to the study's own tolerance."""
        study = self._study_of(trial)
        run = dataclasses.replace(study.run, tolerance=max(tolerance, study.run.tolerance))
        release = simulate(dataclasses.replace(study, run=run))
        fraction = self.wanted.read(release)
        f2, gap = self.wanted.similarity(fraction), self.wanted.difference(fraction)
        rank = (self.wanted.lacks(fraction), self.wanted.misfit(fraction))
        return Final(trial, study, release, fraction, f2, gap, rank)

    def _study_of(self, trial: Trial) -> Study:
        """The candidate as a study of its own, run long enough for the target."""
        study = dataclasses.replace(trial.material.study, tablet=trial.tablet)
        run = study.run
        if run.times is not None:
            times = tuple(np.union1d(run.times, self.wanted.times).tolist())
            run = dataclasses.replace(run, times=times)
        until = max(run.until, float(self.wanted.times[-1]))
        run = dataclasses.replace(run, until=until, samples=max(run.samples, _SAMPLES))
        return dataclasses.replace(study, run=run)

    def _correct(self, best: Final, tolerance: float) -> Final:
        """Aim both search grids at the target less their own error there, and look again."""
        for _ in range(_CORRECTIONS if self.search.space.dimension else 0):
            if best.rank[0] <= 0.0 and best.rank[1] <= CLOSE:
                break
            goal = self.wanted.goal - (best.fraction - self.finer.curves([best.trial])[0])
            moved = self._aimed(best.trial, goal)
            if moved.key == best.trial.key:
                break
            final = self.final(moved, tolerance)
            if final.rank >= best.rank:
                break
            best = final
        return best

    def _aimed(self, trial: Trial, goal: Array) -> Trial:
        """The trial like one that comes nearest to a goal, by emulator and downhill."""
        self.finer.curves(self.shortlist.explorer.towards(goal, trial, _TRIED))
        nearest = self._nearest(self.shortlist.explorer.like(trial), goal)
        refined = self.search.refine(nearest, goal, self.finer.curve)
        return self._nearest([nearest, refined], goal)

    def _nearest(self, trials: list[Trial], goal: Array) -> Trial:
        """Of those known on the finer grid."""
        known = [trial for trial in trials if self.finer.knows(trial)]
        return min(known, key=lambda t: float(np.mean((self.finer.best(t) - goal) ** 2)))

    # --- what is not known -----------------------------------------------------------------

    def withstanding(self, finals: list[Final], spec: RobustSpec) -> list[Final]:
        """The same and those uphill in chance from them, the best chance first."""
        climbed = []
        starts = self._able(finals[0].trial, spec)
        for done, start in enumerate(starts):
            top = climb(start, self.search, spec, self.seed)
            if top is not finals[0].trial:
                climbed.append(self.final(top, tolerance=0.0))
            self.tell("making it robust", (done + 1) / len(starts))
        counted = []
        for final in (*finals, *climbed):
            chance = chance_of(final.trial, self.search, spec, self.seed, final.fraction)
            counted.append(dataclasses.replace(final, chance=chance))
        self.nominal = counted[0].chance
        # a chance that is hardly better among so many counted is no better among others
        first = counted[0]
        others = sorted(counted[1:], key=lambda final: (-final.probability, final.rank))
        if others and others[0].probability >= first.probability + BETTER:
            at = sum(final.probability > first.probability for final in others)
            return [*others[:at], first, *others[at:]]
        return [first, *others]

    def _able(self, winner: Trial, spec: RobustSpec) -> list[Trial]:
        """The trials, of all polymers and whole numbers, whose chance to climb from is best."""
        near = [t for t in self.search.tried if t.misfit <= max(NEAR, 2.0 * winner.misfit)]
        near.sort(key=lambda t: (t.misfit, *t.pair, t.point))
        pool = [winner]
        for trial in near:
            if len(pool) < SCREENED and all(self.search.differ(trial, other) for other in pool):
                pool.append(trial)
        return most_likely(pool, self.search, spec, self.seed)[:CLIMBERS]


def _by_rank(final: Final) -> tuple[float, float]:
    return final.rank

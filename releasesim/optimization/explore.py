"""Exploring: an emulator of every polymer and pattern says where to look next, and learns."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.optimization.emulator import Emulator, Kriging, as_outputs
from releasesim.optimization.finer import FinerGrid
from releasesim.optimization.materials import Material
from releasesim.optimization.pool import Shop, joined
from releasesim.optimization.search import Job, Progress, Search, Trial
from releasesim.optimization.space import Space

Array = NDArray[np.float64]
Key = tuple[str, Hashable]

#: Rounds of looking, and tablets looked at in each.
ROUNDS, BATCH = 5, 10
#: Tablets guessed for each emulator: anywhere, then about the best of those, ever nearer.
_GUESSES, _PARENTS = 1200, 24
_NEARER = (0.12, 0.04, 0.012)
#: Tablets that an emulator is made of, those nearest to what is wanted.
_LEARNT_FROM = 90
#: Its kernel is fitted again when it has so many times the tablets.
_AGAIN = 1.5
#: Tablets nearer than this in the unit cube are one and the same.
_SAME, _APART = 0.01, 0.06
#: Pairs whose best misses by this much more than the best of all are left alone [-].
_HOPELESS = 0.12
_PAIRS = 6
#: Tablets known on the finer grid from which an emulator learns what that grid adds.
_ADDED_FROM = 4


@dataclass(frozen=True, eq=False)
class Guess:
    """A tablet not computed yet.

    Parameters
    ----------
    material : Material
    job : Job
    features : (d,) ndarray
    expected, least : float
        Misfit that the emulator expects, and one that it would not wonder at [-].
    """

    material: Material
    job: Job
    features: Array
    expected: float
    least: float


@dataclass(eq=False)
class Explorer:
    """What has been learnt of every polymer with every pattern.

    Parameters
    ----------
    search : Search
    finer : FinerGrid
        What is known there counts more than what the search grid says.
    seed : int
    """

    search: Search
    finer: FinerGrid
    seed: int

    _hyper: dict[Key, tuple[int, Array]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    def run(self, progress: Progress) -> None:
        """Look where the emulators expect the target, and where they are not sure, in turn."""
        if self.search.space.dimension == 0:
            return  # all there is has been tried
        for turn in range(ROUNDS):
            if not self.look(BATCH, _HOPELESS):
                return
            progress("refining", (turn + 1) / ROUNDS)

    def look(self, count: int, hopeless: float) -> list[Trial]:
        """Trials, at most so many, of pairs that miss by no more than the best and so much [-]."""
        return self._tried(self._batch(count, hopeless))

    def towards(self, goal: Array, near: Trial, count: int) -> list[Trial]:
        """Trials of the pair of a trial that are expected at a goal, each computed."""
        guesses = self._guesses(self.like(near), goal)
        return self._tried(_apart(sorted(guesses, key=lambda guess: guess.expected), [], count))

    def like(self, trial: Trial) -> list[Trial]:
        """All trials of the pair of one."""
        return self._pairs()[_key(trial, self.search.space)]

    def _tried(self, guesses: Sequence[Guess]) -> list[Trial]:
        return self.search.try_all([(guess.material, guess.job) for guess in guesses])

    # --- which pairs -----------------------------------------------------------------------

    def _pairs(self) -> dict[Key, list[Trial]]:
        pairs: dict[Key, list[Trial]] = {}
        for trial in self.search.tried:
            pairs.setdefault(_key(trial, self.search.space), []).append(trial)
        return pairs

    def _batch(self, count: int, hopeless: float) -> list[Guess]:
        """The best guess of every promising pair, then the best of all."""
        goal = self.search.wanted.goal
        least = {key: min(map(self._misfit, ts)) for key, ts in self._pairs().items()}
        if not least:
            return []
        limit = min(least.values()) + hopeless
        hopeful = [key for key in sorted(least, key=lambda k: least[k]) if least[key] <= limit]
        pairs = self._pairs()
        ranked = [self._guesses(pairs[key], goal) for key in hopeful[:_PAIRS]]
        for guesses in ranked:
            guesses.sort(key=lambda guess: guess.least)
        chosen: list[Guess] = []
        for guesses in ranked:
            chosen = _apart(guesses, chosen, len(chosen) + 1)
        every = sorted((g for guesses in ranked for g in guesses), key=lambda g: g.expected)
        return _apart(every, chosen, count)

    def _misfit(self, trial: Trial) -> float:
        return self.search.wanted.misfit(self.finer.best(trial))

    # --- guesses of one pair ---------------------------------------------------------------

    def _guesses(self, trials: Sequence[Trial], goal: Array) -> list[Guess]:
        """Tablets of a pair that might be nearest to a goal, those tried already left out."""
        emulator = self._emulator(trials, goal)
        if emulator is None:
            return []
        shop = Shop(self.search.space, trials[0], self._rng)
        best = self._nearest(trials, goal)[:_PARENTS]
        kept = shop.of([trial.point for trial in best], [trial.choice for trial in best])
        pool = joined(shop.anywhere(_GUESSES), shop.beside(kept, _NEARER[0]))
        for reach in _NEARER[1:]:
            expected, _ = _judged(emulator, shop.features(pool), goal)
            pool = joined(pool, shop.beside(pool.picked(np.argsort(expected)[:_PARENTS]), reach))
        features = shop.features(pool)
        expected, least = _judged(emulator, features, goal)
        order = np.argsort(expected)[: 4 * _PARENTS]
        known = np.array([shop.place(trial) for trial in trials])
        return [
            Guess(trials[0].material, shop.job(pool, n), features[n], expected[n], least[n])
            for n in order
            if np.abs(known - features[n]).max(axis=1).min() > _SAME
        ]

    def _emulator(self, trials: Sequence[Trial], goal: Array) -> Emulator | None:
        """From the trials nearest to a goal; None where there are too few."""
        space = self.search.space
        chosen: dict[tuple[float, ...], Trial] = {}
        for trial in self._nearest(trials, goal):
            chosen.setdefault(space.features(trial.choice, trial.point), trial)
        points = list(chosen)[:_LEARNT_FROM]
        if len(points) < 3:
            return None
        curves = np.array([chosen[point].fraction for point in points])
        key = _key(trials[0], space)
        count, hyper = self._hyper.get(key, (0, None))
        known = hyper if len(points) < _AGAIN * count else None
        coarse = Kriging(np.array(points), as_outputs(curves), known)
        if known is None:
            self._hyper[key] = len(points), coarse.likeliest
        return Emulator(coarse, self._change(trials))

    def _change(self, trials: Sequence[Trial]) -> Kriging | None:
        """What the finer grid adds to a pair's curves; None where too few are known there."""
        space = self.search.space
        known = {space.features(t.choice, t.point): t for t in trials if self.finer.knows(t)}
        if len(known) < _ADDED_FROM:
            return None
        points = sorted(known)  # trials of two threads come in any order
        coarse = as_outputs(np.array([known[point].fraction for point in points]))
        finer = as_outputs(np.array([self.finer.best(known[point]) for point in points]))
        return Kriging(np.array(points), finer - coarse)

    def _nearest(self, trials: Sequence[Trial], goal: Array) -> list[Trial]:
        """Trials by their distance from a goal, as well as each is known."""
        best = self.finer.best
        return sorted(trials, key=lambda t: (float(np.mean((best(t) - goal) ** 2)), t.key))


def _key(trial: Trial, space: Space) -> Key:
    return trial.material.name, space.family(trial.choice, trial.point)


def _judged(emulator: Emulator, features: Array, goal: Array) -> tuple[Array, Array]:
    """Misfits expected, doubt counted as misfit; and those that doubt allows, (k,) each [-]."""
    curves, doubt = emulator.predict(features)
    squares = np.mean((curves - goal) ** 2, axis=1)
    return np.sqrt(squares + doubt**2), np.maximum(np.sqrt(squares) - doubt, 0.0)


def _apart(guesses: Sequence[Guess], chosen: Sequence[Guess], count: int) -> list[Guess]:
    """More guesses for those chosen, in their order, none of them close to another."""
    out = list(chosen)
    for guess in guesses:
        if len(out) >= count:
            break
        like = [o for o in out if o.material is guess.material and o.job[0] == guess.job[0]]
        if all(np.abs(o.features - guess.features).max() > _APART for o in like):
            out.append(guess)
    return out

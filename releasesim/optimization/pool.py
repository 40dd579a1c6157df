"""Pools: many tablets of one polymer and pattern as numbers, for an emulator to judge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.optimization.search import Job, Trial
from releasesim.optimization.space import Space

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

#: Guesses made of each that is varied.
_CHILDREN = 32
#: Chance that a whole number moves by one where a guess is varied.
_MOVES = 0.25


@dataclass(frozen=True, eq=False)
class Pool:
    """Tablets as numbers: continuous (k, c) in the unit cube, and places in choices (k, w)."""

    units: Array
    places: Whole

    def picked(self, rows: Whole) -> Pool:
        """Some of them."""
        return Pool(self.units[rows], self.places[rows])


@dataclass(frozen=True, eq=False)
class Shop:
    """Makes tablets of one pair as numbers.

    Parameters
    ----------
    space : Space
    like : Trial
        Of the pair: what is no number is taken from it.
    rng : numpy.random.Generator
    """

    space: Space
    like: Trial
    rng: np.random.Generator

    def _held(self, units: Array) -> Array:
        """Keep an end that is a case of its own; put heights where layers end."""
        for n in self.space.pinned(self.like.point):
            units[:, n] = self.like.point[n]
        for n in self.space.stepped:
            units[:, n] = self._stepped(units[:, n], n)
        return units

    def _stepped(self, units: Array, n: int) -> Array:
        item, layer = self.space.continuous[n], self.space.tablet.layer_height
        heights = item.minimum + units * (item.maximum - item.minimum)
        least, most = np.ceil(item.minimum / layer - 1e-9), np.floor(item.maximum / layer + 1e-9)
        whole = np.clip(np.round(heights / layer), least, max(least, most)) * layer
        return np.asarray(np.clip((whole - item.minimum) / (item.maximum - item.minimum), 0, 1))

    def of(self, points: Sequence[Sequence[float]], choices: Sequence[dict[str, Any]]) -> Pool:
        """Tablets that there are already."""
        places = [[opts.index(c[name]) for name, opts in self.space.counted] for c in choices]
        shape = (len(points), len(self.space.counted))
        return Pool(np.array(points, float), np.array(places, dtype=np.int64).reshape(shape))

    def anywhere(self, count: int) -> Pool:
        """So many tablets, drawn evenly."""
        units = self._held(self.rng.random((count, self.space.dimension)))
        places = [self.rng.integers(len(opts), size=count) for _, opts in self.space.counted]
        return Pool(units, np.array(places, dtype=np.int64).reshape(len(places), count).T)

    def beside(self, pool: Pool, reach: float) -> Pool:
        """Children of each tablet, by so much of the unit cube away from it."""
        units = np.repeat(pool.units, _CHILDREN, axis=0)
        units = np.clip(units + reach * self.rng.standard_normal(units.shape), 0.0, 1.0)
        places = np.repeat(pool.places, _CHILDREN, axis=0)
        moved = self.rng.random(places.shape) < _MOVES
        places = places + moved * self.rng.choice([-1, 1], places.shape)
        most = np.array([len(opts) - 1 for _, opts in self.space.counted], dtype=np.int64)
        return Pool(self._held(units), np.clip(places, 0, most))

    def features(self, pool: Pool) -> Array:
        """Everything that is a number, in a unit cube, (k, d)."""
        whole = [np.array(opts, float) for _, opts in self.space.counted]
        columns = [
            (opts[pool.places[:, n]] - opts[0]) / (opts[-1] - opts[0])
            for n, opts in enumerate(whole)
        ]
        return np.column_stack([pool.units, *columns])

    def place(self, trial: Trial) -> tuple[float, ...]:
        """The same of a trial, (d,)."""
        return self.space.features(trial.choice, trial.point)

    def job(self, pool: Pool, n: int) -> Job:
        """The n-th as the search takes it."""
        own = {name: opts[pool.places[n, k]] for k, (name, opts) in enumerate(self.space.counted)}
        point = tuple(round(float(x), 6) for x in pool.units[n])
        return self.like.pattern, {**self.like.choice, **own}, point


def joined(*pools: Pool) -> Pool:
    """One pool of several."""
    return Pool(np.vstack([p.units for p in pools]), np.vstack([p.places for p in pools]))

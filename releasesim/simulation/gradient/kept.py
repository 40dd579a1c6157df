"""A course that keeps of its steps what those of others near it have in common with them.

Where the surface is at every step, and what it leaves of the cells there at every stage, is the
same for all parameters that move no front. Implicit steps are solved once: from the states that
they end with, and with one factorisation, all others need a correction or two.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics.balance import WIDEST, bandwidth
from releasesim.numerics.tr_bdf2 import Settle
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.front import FrontStep
from releasesim.simulation.coupled.implicit import Correction, Implicit
from releasesim.simulation.coupled.matter import Matter
from releasesim.simulation.coupled.vessel import Vessel

Array = NDArray[np.float64]

#: For what is kept, at most [bytes]; the others find what is beyond that themselves.
MEMORY = 5e8
#: Numbers for each front cell, beside those of stages; for each unknown of a factorisation by
#: multigrid.
_PER_FRONT_CELL, _PER_BLOCK_CELL = 24, 60


@dataclass(frozen=True, eq=False)
class SeenStep(FrontStep):
    """A step of a front that remembers what it leaves of its cells, by time."""

    seen: dict[tuple[str, float], Array] = field(default_factory=dict)

    def volume(self, t: float) -> Array:
        """See `FrontStep`."""
        return self._once("volume", t)

    def loss(self, t: float) -> Array:
        """See `FrontStep`."""
        return self._once("loss", t)

    def depth(self, t: float) -> Array:
        """See `FrontStep`."""
        return self._once("depth", t)

    def _once(self, name: str, t: float) -> Array:
        if (name, t) not in self.seen:
            self.seen[name, t] = getattr(FrontStep, name)(self, t)
        return self.seen[name, t]


def seen_step(step: FrontStep) -> SeenStep:
    """The same step, remembering."""
    return SeenStep(**{part.name: getattr(step, part.name) for part in fields(FrontStep)})


@dataclass(eq=False)
class Stage:
    """One implicit stage: the state it ended with, and what that still lacks, (size,) each.

    `corrections` are those of the first who needed some there.
    """

    y: Array
    wrong: Array
    corrections: list[Correction] = field(default_factory=list)


@dataclass(eq=False)
class KeptStep:
    """What is kept of one step: where the front was, and its implicit stages.

    None stands for those that are quickly done again.
    """

    front: SeenStep | None
    stages: list[Stage | None]


@dataclass(eq=False)
class Kept(Course):
    """A course whose steps others are going to take; see `Course`.

    `kept` has one entry for every step that was taken, None where there was no room.
    """

    kept: list[KeptStep | None] = field(default_factory=list)
    memory: float = field(default_factory=lambda: MEMORY)

    def begin(self) -> None:
        """See `Vessel`."""
        self.at_first, self.first_wetted = self.matter, self.wetted
        self.stages: list[Stage | None] = []
        super().begin()
        self.first_front, self.first_water = self.front, self.water_front
        self.waits = self._waits()

    def _waits(self) -> bool:
        """Whether a front has to wait for water, or may have to from some moment on."""
        if any(moment.wetted is not None for moment in self.moments):
            return True
        if self.wetted is None or self.front is None:
            return False
        wetted, self.wetted = self.wetted, None
        free = self._first_front()
        self.wetted = wetted
        return free is None or not np.array_equal(free.arrival, self.front.arrival)

    def front_step(self, dt: float) -> FrontStep:
        """See `Vessel`."""
        return seen_step(super().front_step(dt))

    def _settle(self, solver: Implicit) -> Settle:
        self.stages = []

        def settle(t: float, base: Array, guess: Array, span: float) -> Array:
            y = solver.settle(t, base, guess, span)
            # one iteration is done again in less time
            if len(solver.script[-1]) > 1 or solver.dear:
                self.products += 1
                self.stages.append(Stage(y, base + span * self.model.rates(t, y) - y))
            else:
                self.stages.append(None)
            return y

        return settle

    def _take(self, new: Array, new_rate: Array, dt: float, wrong: Array, share: float) -> None:
        front = None if self.front is None else self.step
        stages = [] if self.taken[-1].stages else self.stages
        self.memory -= self._bytes(front, sum(stage is not None for stage in stages))
        while len(self.kept) < len(self.taken) - 1:
            self.kept.append(None)
        there = isinstance(front, SeenStep | None) and self.memory > 0.0
        self.kept.append(KeptStep(front, stages) if there else None)  # type: ignore[arg-type]
        super()._take(new, new_rate, dt, wrong, share)

    def _bytes(self, front: FrontStep | None, stages: int) -> float:
        """Of a step that is kept, with the factorisations that others may add."""
        numbers = 0.0
        if isinstance(front, SeenStep):
            at_stages = sum(part.size for part in front.seen.values())
            numbers += at_stages + _PER_FRONT_CELL * front.cell.size + 0.125 * self.model.n
        across = bandwidth(self.cells.shape)
        factor = 6.0 if across == 1 else across if across <= WIDEST else _PER_BLOCK_CELL
        return 8.0 * (numbers + stages * self.model.size * (2.0 + factor))


def same_front(one: Kept, other: Vessel) -> bool:
    """Whether fronts go the same way at the same times in two courses on the same cells.

    The second has just begun.
    """
    if [m.at for m in one.moments] != [m.at for m in other.moments]:
        return False
    pairs = [
        (one.cells.volume, other.cells.volume),
        (one.at_first.speed, other.matter.speed),
        *zip((f for *_, f in one.cells.faces), (f for *_, f in other.cells.faces), strict=True),
    ]
    for a, b in zip(one.moments, other.moments, strict=True):
        if a.matter is not None and b.matter is not None:
            pairs += [(a.matter.speed, b.matter.speed), _waters(a.matter, b.matter)]
        if a.wetted is not None and b.wetted is not None:
            pairs.append((a.wetted, b.wetted))
    if one.wet_from is not None and other.wet_from is not None:
        pairs.append((one.wet_from, other.wet_from))
    if one.first_front is not None and other.front is not None:
        here, there = one.first_front, other.front
        pairs += [(getattr(here, n), getattr(there, n)) for n in ("arrival", "slowness", "flooded")]
        pairs += [(getattr(here.pieces, n), getattr(there.pieces, n)) for n in ("volume", "span")]
    if one.first_water is not None and other.water_front is not None:
        water = one.first_water, other.water_front
        pairs += [(getattr(water[0], n), getattr(water[1], n)) for n in ("arrival", "span")]
    return all(np.array_equal(a, b) for a, b in pairs)


def _waters(one: Matter, other: Matter) -> tuple[Array, Array]:
    """Speeds of sharp water fronts in every part of both, (parts,) each [m/s]."""
    return np.array(one.water_speeds), np.array(other.water_speeds)

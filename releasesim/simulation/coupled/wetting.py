"""When every cell is wet enough to erode (PHYSICS 1): the onset that holds a front up.

The water is that of the body as it was printed: what has eroded is taken to have held water back as
it did before, so that a front which is faster than water follows the line of equal water. Were the
medium itself at the front, its surface would always be wet, and no onset would ever act.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import MEDIUM
from releasesim.physics import Physics
from releasesim.simulation.coupled.cells import NEVER, Cells, over
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.front import arrival_times, wet_rows
from releasesim.simulation.coupled.matter import Matter
from releasesim.simulation.coupled.moment import Moment

Array = NDArray[np.float64]

#: Water is followed for so many times the run, so that a front knows where it goes next [-].
_BEYOND = 4.0
#: Tolerance of its steps over that of the answer [-].
_FINER = 0.3
_BISECTIONS = 50
#: Rounds in which water and the voids that fronts open to it settle, one void after the other, and
#: the change of their times that is none [-].
_ROUNDS, _SETTLED = 4, 1e-3


def may_wait(laws: Physics, speed: float, depth: float, *, thick: bool = False) -> bool:
    """Whether water may hold a front up before it has gone a depth.

    Parameters
    ----------
    laws : Physics
    speed : float
        Of the front [m/s].
    depth : float
        [m].
    thick : bool
        Whether water comes from one side only.

    Notes
    -----
    A body that is wet all around is wetter than a slab that it lies in, of thickness twice the
    depth, and that is wetter than a half-space; D is taken as that of dry polymer.
    """
    onset = laws.erosion.onset_water()
    if not laws.hydration.diffuses or not speed > 0.0 or not onset > 0.0:
        return False
    D = float(laws.hydration.diffusivity(0.0))
    x = depth * np.linspace(0.01, 1.0, 100)
    water = _slab_water(x, D * x / speed, np.inf if thick else 2.0 * depth)
    return bool((water < onset).any())


def _slab_water(x: Array, Dt: Array, thickness: float) -> Array:
    """Water at depths x of a slab [-] after Dt [m2], (m,) each (Crank 1975, 2.45 and 4.17)."""
    from scipy.special import erfc

    root = 2.0 * np.sqrt(Dt)
    early = np.asarray(erfc(x / root))
    if np.isinf(thickness):
        return early
    early += erfc((thickness - x) / root)
    odd = np.pi * (2.0 * np.arange(20) + 1.0)[:, None]
    late = 4.0 / odd * np.exp(-(odd**2) * Dt / thickness**2) * np.sin(odd * x / thickness)
    return np.asarray(np.where(Dt < 0.05 * thickness**2, early, 1.0 - late.sum(axis=0)))


def wetted(
    cells: Cells,
    matter: Matter,
    moments: Sequence[Moment],
    wet_from: Array | None,
    end: float,
    tolerance: float,
) -> tuple[Array | None, tuple[Moment, ...]]:
    """When every cell is wet enough to erode, (n,) [s], at first and after each moment.

    Parameters
    ----------
    cells, matter, moments, wet_from
        Of the course that waits for it.
    end, tolerance : float
        Of its run [s], and of its released fraction [-].

    Returns
    -------
    Those times at first, and the moments with those that hold from each on; None and the moments as
    they are where no front can have to wait.
    """
    states = [matter, *(m.matter for m in moments if m.matter is not None)]
    if not any(state.erodes and state.water_diffuses for state in states):
        return None, tuple(moments)
    depth = _depth(cells, wet_from)
    if not any(
        may_wait(laws, float(v), depth, thick=True)
        for state in states
        for laws, v in zip(state.laws, state.speed, strict=True)
    ):
        return None, tuple(moments)
    onsets = [_onset(state)[cells.region] for state in states]
    flooded = np.full(int(cells.voids.max(initial=0)), NEVER)
    for _ in range(_ROUNDS):
        opened, opens = _opened(cells, wet_from, flooded)
        stops = [*_water_moments(moments), *(Moment(float(t), 0.0, np.nan) for t in opens)]
        stops.sort(key=lambda moment: moment.at)
        wetting = Wetting(opened.cells, _only_water(matter), np.inf, stops, opened.wet_from)
        wetting.onsets = [np.array(o) for o in {o.tobytes(): o for o in onsets}.values()]
        wetting.run(np.array([0.0, _BEYOND * end]), _FINER * tolerance)
        found = {o.tobytes(): t for o, t in zip(wetting.onsets, wetting.crossed, strict=True)}
        crossed = [np.minimum(found[o.tobytes()], _BEYOND * end) for o in onsets]
        before, flooded = flooded, _flooded(cells, matter, wet_from, crossed[0], end)
        if np.allclose(before, flooded, rtol=_SETTLED):
            break
    times = iter(crossed)
    first = next(times)
    return first, tuple(m if m.matter is None else replace(m, wetted=next(times)) for m in moments)


@dataclass(frozen=True, eq=False)
class _Opened:
    """Cells whose voids are open from a time on, and that time for every row of their surface."""

    cells: Cells
    wet_from: Array | None


def _opened(cells: Cells, wet_from: Array | None, flooded: Array) -> tuple[_Opened, Array]:
    """Cells with voids as they flood, and the times at which that is."""
    opens = np.unique(flooded[flooded < NEVER])
    if not opens.size:
        return _Opened(cells, wet_from), opens
    rows, since = cells.rows, np.zeros(cells.rows.cell.size) if wet_from is None else wet_from
    behind = rows.exposure > 0
    since = np.where(behind, flooded[np.maximum(rows.exposure, 1) - 1], since)
    open_rows = replace(rows, exposure=np.where(behind, MEDIUM, rows.exposure))
    return _Opened(replace(cells, rows=open_rows), since), opens


def _flooded(
    cells: Cells, matter: Matter, wet_from: Array | None, crossed: Array, end: float
) -> Array:
    """When closed voids flood behind a front that waits, (voids,) [s]."""
    voids = int(cells.voids.max(initial=0))
    if not voids:
        return np.zeros(0)
    wet = wet_rows(cells, np.full(voids, NEVER), 0.0, wet_from)
    speed = matter.speed[cells.region]
    found = arrival_times(cells, speed, cells.rows, wet, 0.0, crossed)[1]
    return np.where(found < end, found, NEVER)


def _depth(cells: Cells, wet_from: Array | None) -> float:
    """How far a front goes at most [m]."""
    wet = (
        wet_rows(cells, np.zeros(0), np.inf, wet_from)
        if not cells.voids.any()
        else (cells.rows.exposure == MEDIUM)
    )
    way, _ = arrival_times(cells, np.ones(cells.volume.size), cells.rows, wet, 0.0)
    return float(way[cells.solid & (way < NEVER)].max(initial=0.0))


def _onset(matter: Matter) -> Array:
    """Water at which each part erodes, (parts,) [-]; 0 of what is wet from the start."""
    return np.array([p.erosion.onset_water() if p.hydration.diffuses else 0.0 for p in matter.laws])


def _only_water(matter: Matter) -> Matter:
    """The same parts with nothing but water that moves in them."""
    ones = np.ones(len(matter.laws))
    return replace(
        matter,
        laws=tuple(Physics(hydration=laws.hydration) for laws in matter.laws),
        partition=ones,
        concentration=ones,
        solubility=np.inf * ones,
        speed=0.0 * ones,
        film=np.inf,
        acid_resolved=False,
    )


def _water_moments(moments: Sequence[Moment]) -> tuple[Moment, ...]:
    """Moments at which the way of water changes."""
    return tuple(
        replace(m, drawn=0.0, volume=np.inf, matter=_only_water(m.matter))
        if m.matter is not None
        else m
        for m in moments
        if m.matter is not None or (np.isnan(m.volume) and not m.look)
    )


@dataclass(eq=False)
class Wetting(Course):
    """Water on its way into a body that does not erode.

    Parameters
    ----------
    onsets : list of (n,) ndarray
        Water of each cell [-] whose times are wanted.
    """

    onsets: list[Array] = field(default_factory=list)

    def begin(self) -> None:
        """Put the dry body in."""
        super().begin()
        never = np.full(self.model.n, np.inf)
        self.crossed = [np.where(onset <= 0.0, 0.0, never) for onset in self.onsets]
        self.was = self._water(), np.zeros(self.model.n)

    def _water(self) -> Array:
        dry = self.model.field(self.y, "dry")
        return np.asarray(1.0 - over(dry, self.model.sink_room))

    def _take(self, new: Array, new_rate: Array, dt: float, wrong: Array, share: float) -> None:
        begin = self.t
        super()._take(new, new_rate, dt, wrong, share)
        water = self._water()
        pace = -over(self.model.field(new_rate, "dry"), self.model.sink_room)
        for onset, crossed in zip(self.onsets, self.crossed, strict=True):
            at = np.flatnonzero((water >= onset) & np.isinf(crossed))
            ends = [values[at] for values in (*self.was, water, pace)]
            crossed[at] = begin + dt * _share(ends, dt, onset[at])
        self.was = water, pace


def _share(ends: list[Array], dt: float, wanted: Array) -> Array:
    """Share of a step at which a cubic through values and slopes at its ends is `wanted`, (k,)."""
    first, slope, last, final = ends
    low, high = np.zeros(wanted.size), np.ones(wanted.size)
    for _ in range(_BISECTIONS):
        x = 0.5 * (low + high)
        value = (
            (1.0 + 2.0 * x) * (1.0 - x) ** 2 * first
            + x * (1.0 - x) ** 2 * dt * slope
            + x**2 * (3.0 - 2.0 * x) * last
            + x**2 * (x - 1.0) * dt * final
        )
        below = value < wanted
        low, high = np.where(below, x, low), np.where(below, high, x)
    return 0.5 * (low + high)

"""A surface that recedes: which cells still stand, and what the cells at the front are.

Cells are taken out whole when the front reaches their centre; what is left of them is taken care of
by the neighbour behind, so that the front passes smoothly and no cell becomes small. In the cells
at the front the profile of a dissolved quantity is that of steady recession,
c_inf - (c_inf - c_front) exp(-v x/D), which is linear where diffusion is fast and flat where the
front is: one formula for both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import MEDIUM, SEALED
from releasesim.simulation.coupled.cells import NEVER, Cells, Integers, Mask, Rows, strides_of
from releasesim.simulation.coupled.held import flood_times, held_times, slowed
from releasesim.simulation.coupled.straight import straight_times

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Solid that thins out as the front passes: linearly from `arrival` - span/2 to + span/2.

    `owner` (k,) is the cell that takes care of it, `volume` [m3], `arrival` and `span` [s].
    """

    owner: Integers
    volume: Array
    arrival: Array
    span: Array

    def left(self, t: float) -> Array:
        """Volume still standing at time t, (k,) [m3]."""
        with np.errstate(over="ignore"):  # clipped
            return self.volume * np.clip(0.5 + (self.arrival - t) / self.span, 0.0, 1.0)

    def loss(self, t: float) -> Array:
        """Volume lost per time at t, (k,) [m3/s]."""
        passing = np.abs(self.arrival - t) < 0.5 * self.span
        return np.where(passing, self.volume / self.span, 0.0)

    def only(self, which: Mask) -> Pieces:
        """Those of a mask (k,)."""
        return Pieces(self.owner[which], self.volume[which], self.arrival[which], self.span[which])

    def joined(self, other: Pieces) -> Pieces:
        """These and others."""
        return Pieces(
            *(np.concatenate([getattr(self, n), getattr(other, n)]) for n in _PIECE_FIELDS)
        )

    def at_other_pace(self, t: float, ratio: Array) -> Pieces:
        """The same pieces when the front's speed changes at t by 1/ratio (k,)."""
        arrival = np.where(ratio < NEVER, t + (self.arrival - t) * ratio, NEVER)
        return replace(self, arrival=arrival, span=np.minimum(self.span * ratio, NEVER))


_PIECE_FIELDS = ("owner", "volume", "arrival", "span")
NO_PIECES = Pieces(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), np.zeros(0))


@dataclass(frozen=True, eq=False)
class Front:
    """Arrival times of a front, and what it has left standing.

    Parameters
    ----------
    arrival : (n,) ndarray
        Time at which the front reaches each cell's centre [s].
    slowness : (n,) ndarray
        1/speed of each cell [s/m]; huge where nothing erodes.
    flooded : (voids,) ndarray
        Time at which each closed void floods [s].
    pieces : Pieces
        What is left of cells that are gone, and of solid beyond the first surface.
    since : float
        Time from which these arrival times hold [s].
    """

    arrival: Array
    slowness: Array
    flooded: Array
    pieces: Pieces
    since: float


@dataclass(frozen=True, eq=False)
class FrontStep:
    """The front over one time step: the same cells stand from its beginning to its end.

    Parameters
    ----------
    active : (n,) bool
        Cells that stand through the step.
    gone : (g,) int
        Cells taken out at its beginning.
    heirs : (from, to, weight)
        Who takes over what they hold, (k,) each; a cell without an heir gives all to the bath.
    cell : (m,) int
        Cells at an eroding front.
    area, step : (m,)
        Area of the front [m2], and distance between centres along its normal [m].
    speed, arrival : (m,)
        Of the front in these cells.
    pieces : Pieces
        All solid at the front, the cells' own included; `owner` counts within `cell`.
    still : Rows
        Surface that does not recede: (cell, area, reach) as `Rows`.
    left : Pieces
        What is left of cells that are gone, by the cell of the grid that takes care of it.
    """

    active: Mask
    gone: Integers
    heirs: tuple[Integers, Integers, Array]
    cell: Integers
    area: Array
    step: Array
    speed: Array
    arrival: Array
    pieces: Pieces
    still: Rows
    left: Pieces

    def volume(self, t: float) -> Array:
        """Solid that each front cell takes care of at t, (m,) [m3]."""
        total = np.bincount(self.pieces.owner, self.pieces.left(t), self.cell.size)
        return np.asarray(np.maximum(total, 1e-40))

    def loss(self, t: float) -> Array:
        """Solid lost per time, (m,) [m3/s]."""
        lost = np.bincount(self.pieces.owner, self.pieces.loss(t), self.cell.size)
        return np.asarray(lost.astype(float))

    def depth(self, t: float) -> Array:
        """Distance from the front to each cell's centre, (m,) [m]."""
        with np.errstate(over="ignore"):  # deeper than any body, where it comes after all time
            return np.asarray(np.maximum(self.speed * (self.arrival - t), 0.0))


def wet_rows(cells: Cells, flooded: Array, t: float, wet_from: Array | None = None) -> Mask:
    """Rows of the first surface that the medium touches at t, (m,)."""
    exposure = cells.rows.exposure
    opens = np.where(exposure == MEDIUM, 0.0, NEVER)
    behind = exposure > 0
    if behind.any():
        opens[behind] = flooded[exposure[behind] - 1]
    if wet_from is not None:
        opens = np.maximum(opens, wet_from)
    return np.asarray((opens <= t) & (exposure != SEALED))


def arrival_times(
    cells: Cells,
    speed: Array,
    rows: Rows,
    wet: Mask,
    since: float,
    earliest: Array | None = None,
) -> tuple[Array, Array]:
    """When a front that starts from wet rows at `since` reaches cells, (n,), and voids, (voids,).

    `speed` (n,) is that of each cell [m/s]; rows of voids that are not wet flood on arrival. No
    cell is passed before `earliest` (n,) [s].
    """
    slowness = np.where(cells.solid, 1.0 / np.maximum(speed, 1.0 / NEVER), 0.0)
    straight = straight_times(cells, slowness, rows, wet)
    if straight is None:
        free, flooded = _swept_times(cells, slowness, rows, wet, since)
    else:
        free, flooded = straight + since, np.zeros(0)
    if earliest is None or not (free < earliest)[cells.solid & (free < NEVER)].any():
        return free, flooded
    return _held_times(cells, slowness, rows, wet, since, earliest)


def _held_times(
    cells: Cells, slowness: Array, rows: Rows, wet: Mask, since: float, earliest: Array
) -> tuple[Array, Array]:
    """Times of a front that waits; voids that it floods one after the other are its start too."""
    voids = int(cells.voids.max(initial=0))
    opened, found = np.full(voids, NEVER), wet.copy()
    closed = (rows.exposure > 0) & ~wet
    free = _open_times(cells, slowness, rows, wet, since)
    while True:
        arrival = held_times(cells, slowness, free, earliest, rows.cell[found])
        flooded = flood_times(rows, found, arrival, slowness, voids)
        if not (flooded < NEVER).any():
            return arrival, opened
        first = int(np.argmin(flooded))
        opened[first] = flooded[first]
        walls = closed & (rows.exposure == first + 1)
        found |= walls
        from_void = _open_times(cells, slowness, rows, walls, float(flooded[first]))
        free = np.minimum(free, from_void)


def _open_times(cells: Cells, slowness: Array, rows: Rows, wet: Mask, since: float) -> Array:
    """Times of a front that starts from some rows and floods nothing."""
    closed = replace(rows, exposure=np.where(wet, rows.exposure, SEALED))
    return _swept_times(cells, slowness, closed, wet, since)[0]


def _swept_times(
    cells: Cells, slowness: Array, rows: Rows, wet: Mask, since: float
) -> tuple[Array, Array]:
    from releasesim.numerics.eikonal import ALL, march

    voids = int(cells.voids.max(initial=0))
    void = np.where((rows.exposure > 0) & ~wet, rows.exposure - 1, -1)
    behind = np.flatnonzero(void >= 0)
    order = behind[np.argsort(void[behind], kind="stable")]
    time = np.empty(cells.volume.size + voids)
    march(
        np.array(cells.shape),
        np.array(cells.spacing),
        ALL,
        slowness,
        rows.cell,
        rows.points,
        rows.normals,
        void,
        wet,
        np.searchsorted(void[order], np.arange(voids + 1)),
        order,
        time,
    )
    time = np.where(time < NEVER, time + since, NEVER)
    n = cells.volume.size
    return time[:n], time[n:]


def first_front(
    cells: Cells, speed: Array, wet: Mask, since: float, earliest: Array | None = None
) -> Front:
    """The front that starts from the first surface at `since`, and passes no cell too early."""
    arrival, flooded = arrival_times(cells, speed, cells.rows, wet, since, earliest)
    slowness = _slowness(cells, speed, arrival, since, earliest)
    rows = cells.rows
    # solid beyond the last centres begins to go at once
    pace = np.minimum(slowness[rows.cell], 1e200)
    last = arrival[rows.cell] - 0.5 * rows.step * pace
    goes = (rows.given > 0) & (slowness[rows.cell] < NEVER) & (last > since) & (last < NEVER)
    span = np.maximum(last - since, 1e-12)
    pieces = Pieces(rows.cell, rows.given, since + 0.5 * span, span).only(goes)
    return Front(arrival, slowness, flooded, pieces, since)


def _slowness(
    cells: Cells, speed: Array, arrival: Array, since: float, earliest: Array | None
) -> Array:
    """1/speed of the front in every cell, (n,) [s/m]; huge where nothing erodes."""
    slowness = np.where(speed > 0, 1.0 / np.maximum(speed, 1.0 / NEVER), NEVER)
    if earliest is None:
        return slowness
    at = np.arange(arrival.size)
    gradient = np.sqrt(sum(_slope(cells, np.minimum(arrival, 1e140), at, a) ** 2 for a in range(3)))
    width = max(h for h, n in zip(cells.spacing, cells.shape, strict=True) if n > 1)
    return slowed(gradient, slowness, arrival, since, width)


def resumed(
    cells: Cells,
    front: Front,
    standing: Mask,
    speed: Array,
    wet_from: Array | None,
    t: float,
    earliest: Array | None = None,
) -> Front:
    """The front at other speeds, from where it stands at t (PHYSICS 7: sweep again)."""
    slowness = np.where(speed > 0, 1.0 / np.maximum(speed, 1.0 / NEVER), NEVER)
    pace = _common_pace(front, slowness, cells.solid) if earliest is None else None
    if pace is not None and wet_from is None:
        return _at_other_pace(front, slowness, standing, pace, t)
    moving = _moving_rows(cells, front, wet_from, t)
    rows, wet = rows_at(cells, front, standing, moving, wet_from, t)
    left = replace(cells, volume=np.where(standing, cells.volume, 0.0))
    arrival, flooded = arrival_times(left, speed, rows, wet, t, earliest)
    arrival = np.where(standing, arrival, front.arrival)
    slowness = np.where(standing, _slowness(left, speed, arrival, t, earliest), slowness)
    ratio = np.where(
        slowness >= NEVER,
        NEVER,
        np.where(front.slowness >= NEVER, 1.0, slowness / np.minimum(front.slowness, 1e200)),
    )
    pieces = front.pieces.at_other_pace(t, ratio[front.pieces.owner])
    still = replace(cells, rows=cells.rows.only(front.slowness[cells.rows.cell] >= NEVER))
    fresh = first_front(still, speed, wet_rows(still, front.flooded, t), t, earliest).pieces
    return Front(arrival, slowness, np.minimum(front.flooded, flooded), pieces.joined(fresh), t)


def _common_pace(front: Front, slowness: Array, solid: Mask) -> float | None:
    """By what factor the front is slower everywhere; None where parts change differently."""
    eroding = solid & (front.slowness < NEVER)
    if not eroding.any() or not np.array_equal(eroding, solid & (slowness < NEVER)):
        return None
    ratio = slowness[eroding] / front.slowness[eroding]
    return float(ratio[0]) if np.ptp(ratio) <= 1e-12 * ratio[0] else None


def _at_other_pace(front: Front, slowness: Array, standing: Mask, pace: float, t: float) -> Front:
    """The same front with another clock from t on."""

    def later(times: Array, which: Mask) -> Array:
        return np.where(which & (times < NEVER), t + (times - t) * pace, times)

    return Front(
        later(front.arrival, standing),
        slowness,
        later(front.flooded, front.flooded > t),
        front.pieces.at_other_pace(t, np.full(front.pieces.owner.size, pace)),
        t,
    )


def _moving_rows(cells: Cells, front: Front, wet_from: Array | None, t: float) -> Mask:
    """Rows of the first surface from which the front has set out, (m,)."""
    moving = wet_rows(cells, front.flooded, t)
    if wet_from is not None:
        moving &= wet_from <= front.since
    cell = cells.rows.cell
    return np.asarray(moving & (front.slowness[cell] < NEVER) & (front.arrival[cell] < NEVER))


def rows_at(
    cells: Cells,
    front: Front,
    standing: Mask,
    moving: Mask,
    wet_from: Array | None,
    t: float,
) -> tuple[Rows, Mask]:
    """Surface of what stands at t, and which rows of it are wet.

    It is the first surface where nothing has moved, elsewhere the front's.
    """
    kept = standing[cells.rows.cell] & ~moving
    first = cells.rows.only(kept)
    wet = wet_rows(cells, front.flooded, t, wet_from)[kept]
    eaten = cells.solid & ~standing
    at_front = np.zeros(cells.volume.size, dtype=bool)
    at_front[cells.rows.cell[moving]] = True
    for stride, _, face in cells.faces:
        pair = face[:-stride] > 0
        at_front[:-stride] |= pair & eaten[stride:]
        at_front[stride:] |= pair & eaten[:-stride]
    cell = np.flatnonzero(at_front & standing & (front.arrival < NEVER))
    normals = _outward(cells, front.arrival, cell)
    pace = np.minimum(front.slowness[cell], 1e200)
    depth = np.where(front.slowness[cell] < NEVER, (front.arrival[cell] - t) / pace, 0.0)
    depth = np.maximum(depth, 0.0)  # of a cell kept for a moment longer
    centre = np.array(np.unravel_index(cell, cells.shape)).T * np.array(cells.spacing)
    new = Rows(
        cell=cell,
        outside=np.full(cell.size, -1),
        area=np.ones(cell.size),
        reach=depth,
        step=depth,
        given=np.zeros(cell.size),
        exposure=np.full(cell.size, MEDIUM),
        points=centre + depth[:, None] * normals,
        normals=normals,
    )
    names = Rows.__dataclass_fields__
    rows = Rows(*(np.concatenate([getattr(first, n), getattr(new, n)]) for n in names))
    return rows, np.concatenate([wet, np.ones(cell.size, dtype=bool)])


def _outward(cells: Cells, arrival: Array, at: Integers) -> Array:
    """Unit vectors against the gradient of the arrival time, (m, 3)."""
    parts = [_slope(cells, arrival, at, axis) for axis in range(3)]
    gradient = -np.array(parts).T
    # times of a front that hardly moves are too long to be squared
    most = np.abs(gradient).max(axis=1, initial=0.0)
    gradient = gradient / np.where(most > 0, most, 1.0)[:, None]
    length = np.sqrt((gradient**2).sum(axis=1))
    return np.asarray(gradient / np.where(length > 0, length, 1.0)[:, None])


def _slope(cells: Cells, arrival: Array, at: Integers, axis: int) -> Array:
    """Change of the arrival time along an axis, from the sides where there is one, (m,) [s/m]."""
    n, stride = cells.shape[axis], strides_of(cells.shape)[axis]
    if n < 2:
        return np.zeros(at.size)
    place = at // stride % n
    here = _known(cells, arrival, at)
    ahead, behind = np.full(at.size, np.nan), np.full(at.size, np.nan)
    up, down = place < n - 1, place > 0
    ahead[up] = _known(cells, arrival, at[up] + stride)
    behind[down] = _known(cells, arrival, at[down] - stride)
    first, second = ahead - here, here - behind
    both = np.where(
        np.isnan(first), second, np.where(np.isnan(second), first, 0.5 * (first + second))
    )
    return np.asarray(np.nan_to_num(both) / cells.spacing[axis])


def _known(cells: Cells, arrival: Array, at: Integers) -> Array:
    """Arrival times of cells that a front comes to; nan elsewhere."""
    times = arrival[at]
    return np.where((times < NEVER) & (cells.volume[at] > 0.0), times, np.nan)


def step_of(
    cells: Cells, front: Front, standing: Mask, active: Mask, wet: Mask, t: float
) -> FrontStep:
    """What the front does from t on, until it comes to the next cell.

    Parameters
    ----------
    cells, front : Cells, Front
    standing, active : (n,) ndarray of bool
        Cells that stood before, and that stand through the step.
    wet : (m,) ndarray of bool
        Rows of the first surface that the medium touches.
    t : float
        Beginning of the step [s].
    """
    gone = np.flatnonzero(standing & ~active)
    area = np.zeros(cells.volume.size)
    across = np.zeros(cells.volume.size)
    heir_from, heir_to, heir_weight = [], [], []
    still: list[tuple[Integers, Array, Array]] = []
    leaves = np.zeros(cells.volume.size, dtype=bool)
    leaves[gone] = True
    for (stride, axis, face), low in zip(cells.faces, cells.linked, strict=True):
        h = cells.spacing[axis]
        for first, second in ((low, low + stride), (low + stride, low)):
            here = active[first] & ~active[second]
            p, q, a = first[here], second[here], face[low[here]] * h
            eats = front.slowness[p] < NEVER
            pace = 0.5 * h * (front.slowness[p] + np.minimum(front.slowness[q], front.slowness[p]))
            gap = front.arrival[p] - front.arrival[q]
            with np.errstate(over="ignore"):  # of a front that hardly moves: clipped
                along = np.where(eats, np.clip(gap / np.where(eats, pace, 1.0), 0.0, 1.0), 1.0)
            area += np.bincount(p[eats], (a * along)[eats], area.size)
            across += np.bincount(p[eats], (a * along * along * h)[eats], area.size)
            still.append((p[~eats], a[~eats], np.full(int((~eats).sum()), 0.5 * h)))
            taken = leaves[q]
            heir_from.append(q[taken])
            heir_to.append(p[taken])
            heir_weight.append((a * np.maximum(along, 1e-6))[taken])
    rows = cells.rows
    wet = wet & active[rows.cell]
    eats = front.slowness[rows.cell] < NEVER
    moving = wet & eats
    area += np.bincount(rows.cell[moving], rows.area[moving], area.size)
    across += np.bincount(rows.cell[moving], (rows.area * rows.step)[moving], area.size)
    cell = np.flatnonzero(area > 0)
    source, to, weight = _shares(heir_from, heir_to, heir_weight, cells.volume.size)
    left = _inherited(cells, front, active, (source, to, weight), t)
    pieces = _own(cells, front, cell).joined(_counted(left, cell, cells.volume.size))
    return FrontStep(
        active=active,
        gone=gone,
        heirs=(source, to, weight),
        cell=cell,
        area=area[cell],
        step=across[cell] / area[cell],
        speed=1.0 / front.slowness[cell],
        arrival=front.arrival[cell],
        pieces=pieces,
        still=_still_rows(cells, wet & ~eats, still),
        left=left,
    )


def _shares(
    source: list[Integers], to: list[Integers], weight: list[Array], n: int
) -> tuple[Integers, Integers, Array]:
    a, b, w = np.concatenate(source), np.concatenate(to), np.concatenate(weight)
    total = np.bincount(a, w, n)
    return a, b, w / total[a]


def _inherited(
    cells: Cells,
    front: Front,
    active: Mask,
    heirs: tuple[Integers, Integers, Array],
    t: float,
) -> Pieces:
    """Pieces that cells still standing take care of: their own, and those of cells now gone."""
    kept = front.pieces.only(active[front.pieces.owner] & (front.pieces.left(t) > 0))
    source, to, weight = heirs
    span = _span(cells, front, source)
    new = Pieces(to, weight * cells.volume[source], front.arrival[source], span)
    # what a cell that goes had inherited goes on with it
    orphan = front.pieces.only(~active[front.pieces.owner] & (front.pieces.left(t) > 0))
    if orphan.owner.size and source.size:
        order = np.argsort(source, kind="stable")
        begin = np.searchsorted(source[order], orphan.owner)
        found = (begin < source.size) & (
            source[order][np.minimum(begin, source.size - 1)] == orphan.owner
        )
        orphan = orphan.only(found)
        new = new.joined(replace(orphan, owner=to[order][begin[found]]))
    return kept.joined(new)


def _own(cells: Cells, front: Front, cell: Integers) -> Pieces:
    span = _span(cells, front, cell)
    return Pieces(np.arange(cell.size), cells.volume[cell], front.arrival[cell], span)


def _counted(pieces: Pieces, cell: Integers, n: int) -> Pieces:
    number = np.full(n, -1)
    number[cell] = np.arange(cell.size)
    there = number[pieces.owner] >= 0
    pieces = pieces.only(there)
    return replace(pieces, owner=number[pieces.owner])


def _span(cells: Cells, front: Front, cell: Integers) -> Array:
    """Time that the front takes to cross cells, (k,) [s]."""
    normals = np.abs(_outward(cells, front.arrival, cell))
    width = normals @ np.array(
        [h if n > 1 else 0.0 for h, n in zip(cells.spacing, cells.shape, strict=True)]
    )
    width = np.where(width > 0, width, min(cells.spacing))
    return np.asarray(np.maximum(width * np.minimum(front.slowness[cell], 1e200), 1e-12))


def _still_rows(cells: Cells, which: Mask, parts: list[tuple[Integers, Array, Array]]) -> Rows:
    first = cells.rows.only(which)
    cell, area, reach = (np.concatenate([part[i] for part in parts]) for i in range(3))
    none = np.zeros((cell.size, 3))
    new = Rows(
        cell.astype(np.int64),
        np.full(cell.size, -1),
        area,
        reach,
        2.0 * reach,
        np.zeros(cell.size),
        np.full(cell.size, MEDIUM),
        none,
        none,
    )
    return Rows(
        *(np.concatenate([getattr(first, n), getattr(new, n)]) for n in Rows.__dataclass_fields__)
    )

"""Where the steps of a course end whose fronts move a little otherwise than those of another one.

A step between two moments ends where the front is as far as it was in the other course, on the
average of the cells that go there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.coupled.cells import NEVER

if TYPE_CHECKING:
    from releasesim.simulation.gradient.again import Again

Array = NDArray[np.float64]

#: Share of the way that fronts move which others near them do not, at most, by the cells across
#: [-]; and, behind a water front, whose passing has kinks in time as well, for each cell across.
#: Measured on films, layers and cylinders of 16 to 1280 cells across: derivatives err by up to 1.1
#: of that share over the square of the cells; behind water by 0.15 of it over the cells.
_TORN, _TORN_BEHIND_WATER = 7e-4, 7e-3
#: Steps over which fronts are near each other.
_NEAR = 9
#: Of the whole time: fronts that come sooner come at once [-].
_AT_ONCE = 1e-9
#: A front that takes so much longer to a cell than it did has come by another way [-].
_OTHER_WAY = 1e-3
#: So many cells around those that go feel it.
_NEXT = 3


class TornError(ArithmeticError):
    """A course cannot take the steps of another one; says why, in a few words."""


def moved_places(course: Again, begin: float, ends: Array, end: float) -> Array:
    """Ends of steps, moved as the fronts moved, (n,) [s].

    A step in which a cell goes begins as long before as it did. The first course took the steps
    from `begin` to `ends` (n,), the last of which becomes `end`.
    """
    stretch = (end - course.t) / (ends[-1] - begin)
    usual: Array = course.t + stretch * (ends - begin)
    was, becomes = _passages(course, begin, ends[-1])
    if not was.size:
        return usual
    then, now = course.since
    pace = (becomes - now) / (was - then)
    _hold_together(course, begin, ends)
    course.parted |= _parts(course)
    step = np.searchsorted(ends, was)
    number = np.bincount(step, minlength=ends.size)
    there = number > 0
    mean = np.bincount(step, pace, ends.size)[there] / number[there]
    begins = np.append(begin, ends[:-1])[there]
    moved = now + np.interp(ends, begins, mean) * (ends - then)
    # half to twice as far from a moment as they were
    gone, left = usual - course.t, end - usual
    low = np.maximum(course.t + 0.5 * gone, end - 2.0 * left)
    high = np.minimum(course.t + 2.0 * gone, end - 0.5 * left)
    return np.array(np.maximum.accumulate(np.clip(moved, low, high)))


def _hold_together(course: Again, begin: float, ends: Array) -> None:
    """Raise where parts of the eroding front move otherwise than others near them."""
    was, becomes = _passages(course, begin, ends[-1], wetted=False)
    if not was.size:
        return
    since = was - course.since[0]
    pace = (becomes - course.since[1]) / since
    step, near = np.searchsorted(ends, was), np.ones(_NEAR)
    number = np.convolve(np.bincount(step, minlength=_NEAR), near, "same")
    mean = np.convolve(np.bincount(step, pace, _NEAR), near, "same") / np.maximum(number, 1)
    torn, moved = since @ np.abs(pace - mean[step]), since @ np.abs(pace - 1.0)
    across = min(n for n in course.cells.shape if n > 1)
    allowed = _TORN * across**2 if course.water_front is None else _TORN_BEHIND_WATER * across
    if torn > allowed * moved:
        raise TornError("parts of the front no longer come to cells in the order they did")


def _parts(course: Again) -> bool:
    """Whether a front comes at two times to neighbours that it came to at once."""
    first, own, cells = course.first.front, course.front, course.cells
    if first is None or own is None:
        return False
    close = _AT_ONCE * course.lasting
    for (stride, *_), low in zip(cells.faces, cells.linked, strict=True):
        then, now = (
            np.abs(arrival[low] - arrival[low + stride]) < close
            for arrival in (first.arrival, own.arrival)
        )
        if (then & ~now & (first.arrival[low] < course.lasting)).any():
            return True
    return False


def _passages(
    course: Again, begin: float, end: float, *, wetted: bool = True
) -> tuple[Array, Array]:
    """When fronts came to cells between two times in the first course, and do now, (k,) [s].

    Those of water count where they begin to wet a cell and where they are through.
    """
    solid, pairs = course.cells.solid, []
    first = course.first
    if first.front is not None and course.front is not None:
        pairs.append((first.front.arrival[solid], course.front.arrival[solid]))
    if wetted and first.water_front is not None and course.water_front is not None:
        for side in (-0.5, 0.5):
            before, after = (
                (front.arrival + side * front.span)[solid]
                for front in (first.water_front, course.water_front)
            )
            pairs.append((before, after))
    if not pairs:
        return np.zeros(0), np.zeros(0)
    was, becomes = (np.concatenate(times) for times in zip(*pairs, strict=True))
    at_once = course.since[0] + _AT_ONCE * course.lasting
    inside = (was > max(begin, at_once)) & (was < end) & (becomes < NEVER)
    inside[inside] = _same_way(becomes[inside] - course.since[1], was[inside] - course.since[0])
    return was[inside], becomes[inside]


def lateness(course: Again) -> Array:
    """How much later than now cells should go to go as long before the front as they did, (n,) [s].

    Of the cells that go now, and of those around them, which feel it.
    """
    first, own = course.first.front, course.front
    assert first is not None  # noqa: S101
    assert own is not None  # noqa: S101
    then, now = course.since
    at = course.step.gone
    begin = max(course.now, then + _AT_ONCE * course.lasting)
    at = at[(first.arrival[at] > begin) & (first.arrival[at] < NEVER)]
    was, becomes = first.arrival[at] - then, own.arrival[at] - now
    same = _same_way(becomes, was)
    late = becomes[same] / was[same] * (course.now - then) - (course.t - now)
    return _around(course, at[same], late)


def _around(course: Again, at: NDArray[np.intp], values: Array) -> Array:
    """Values at cells `at`, and their means in those near them, (n,)."""
    known, out = np.zeros(course.model.n, dtype=bool), np.zeros(course.model.n)
    known[at], out[at] = True, values
    for _ in range(_NEXT):
        total, number = np.zeros(out.size), np.zeros(out.size)
        for (stride, *_), low in zip(course.cells.faces, course.cells.linked, strict=True):
            for source, to in ((low, low + stride), (low + stride, low)):
                there = known[source] & ~known[to]
                total += np.bincount(to[there], out[source[there]], out.size)
                number += np.bincount(to[there], minlength=out.size)
        new = number > 0
        out[new] = total[new] / number[new]
        known |= new
    return out


def _same_way(becomes: Array, was: Array) -> NDArray[np.bool_]:
    """Whether fronts came to cells by the way that they come by now, by their times (k,) [s]."""
    return np.asarray(np.abs(becomes - was) < _OTHER_WAY * was)

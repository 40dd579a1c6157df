"""What happens to the bath on the way, as moments between which nothing jumps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from releasesim.errors import InputError
from releasesim.physics import AutocatalyticScission
from releasesim.simulation.coupled.changes import after
from releasesim.simulation.coupled.history import History
from releasesim.simulation.coupled.matter import Matter, matter_of, physics_of_parts
from releasesim.simulation.coupled.moment import Moment
from releasesim.simulation.coupled.pursuit import ahead_of_erosion, pursuing
from releasesim.study import Study
from releasesim.study.bath import Event

Extend = Callable[[Study, Matter], Matter]


@dataclass(frozen=True, eq=False)
class Schedule:
    """Moments of a test in the order of time, what the tablet is before them, and a delay.

    Parameters
    ----------
    matter : Matter
        What the tablet is at the beginning.
    moments : tuple of Moment
    delay : float
        When the channels of a tablet are wetted [s].
    """

    matter: Matter
    moments: tuple[Moment, ...]
    delay: float


def schedule_of(study: Study, matter: Matter, images: int, extend: Extend) -> Schedule:
    """Samples and events of a study up to its end.

    Parameters
    ----------
    study : Study
    matter : Matter
        What the tablet is at the beginning.
    images : int
        Mirror images that share the bath.
    extend : callable
        Adds what is no part of the tablet, such as the medium in its channels.

    Raises
    ------
    InputError
        If samples that are not replaced would empty the bath.
    UnsupportedLawError
        If an event sets what can only be given for the whole run.
    """
    volume = np.inf if study.bath.volume is None else float(study.bath.volume)
    media, found = media_of(study), []
    matters = _matters(media, matter, extend)
    later = iter(matters[1:])
    for at, event in _calendar(study):
        if isinstance(event, Event):
            found.append(Moment(at, event.replace, volume / images, next(later)))
            continue
        drawn = event / volume
        volume -= 0.0 if study.bath.sampling and study.bath.sampling.replaced else event
        if not volume > 1e-6 * event:
            raise InputError(
                f"medium.sampling: samples of {event * 1e6:.4g} mL that are not replaced have "
                f"emptied the bath by {at / 3600:.4g} h"
            )
        found.append(Moment(at, drawn, volume / images))
    begins = [at for at, _ in media]
    found += _falls(list(zip(begins, matters, strict=True)), float(study.run.output_times()[-1]))
    found.sort(key=lambda moment: moment.at)
    delay = media[-1][1].physics.channels.wetting_delay()
    return _alike(Schedule(matters[0], tuple(found), delay))


def _matters(media: Sequence[tuple[float, Study]], matter: Matter, extend: Extend) -> list[Matter]:
    """What the tablet is in each of `media`, at first `matter`."""
    found: list[Matter] = []
    behind = chases = False
    for at, now in media:
        lags, presses = ahead_of_erosion(now)
        behind |= lags
        chases |= behind and presses
        made = extend(now, matter_of(now)) if found else matter
        if found:
            made = replace(made, history=found[-1].history.gone_on(found[-1].laws, at))
        found.append(pursuing(made, now) if chases else made)
    return found


def _alike(schedule: Schedule) -> Schedule:
    """The same with one set of fields from the beginning to the end."""
    changes = [m.matter for m in schedule.moments if m.matter is not None]
    if not any(matter.acid_diffuses for matter in (schedule.matter, *changes)):
        return schedule
    moments = [
        m if m.matter is None else replace(m, matter=replace(m.matter, acid_resolved=True))
        for m in schedule.moments
    ]
    first = replace(schedule.matter, acid_resolved=True)
    return replace(schedule, matter=first, moments=tuple(moments))


def _falls(held: Sequence[tuple[float, Matter]], until: float) -> list[Moment]:
    """When polymers that degrade evenly fall apart, unless it is when they begin to be `held`."""
    from scipy.optimize import brentq

    found = []
    ends = [*(begin for begin, _ in held[1:]), until]
    acid = any(matter.acid_diffuses for _, matter in held)
    for (begin, matter), end in zip(held, ends, strict=True):
        for part, laws in enumerate(matter.laws):
            if acid and isinstance(laws.hydrolysis, AutocatalyticScission):
                continue

            def beyond(t: float, matter: Matter = matter, part: int = part) -> float:
                critical = matter.laws[part].hydrolysis.critical_molar_mass()
                return matter.molar_mass(part, t) - critical

            if beyond(begin) > 0.0 > beyond(end):
                at = float(brentq(beyond, begin, end))
                found.append(Moment(at * (1.0 + 1e-9), 0.0, np.nan))
    return found


def _calendar(study: Study) -> list[tuple[float, Event | float]]:
    """Times with an event, or with the volume of a sample [m3]."""
    bath, until = study.bath, float(study.run.output_times()[-1])
    calendar: list[tuple[float, Event | float]] = [
        (event.at, event) for event in bath.events if event.at < until
    ]
    if bath.sampling is not None and bath.volume is not None:
        number = int(np.ceil(until / bath.sampling.every - 1e-9))
        times = bath.sampling.every * np.arange(1, number)
        calendar += [(float(t), float(bath.sampling.volume)) for t in times]
    # a sample due at an event is drawn before the medium changes
    return sorted(calendar, key=lambda item: (item[0], isinstance(item[1], Event)))


def media_of(study: Study) -> tuple[tuple[float, Study], ...]:
    """The study in every medium that its tablet comes into, and from when on [s]."""
    found = [(0.0, study)]
    for at, event in _calendar(study):
        if isinstance(event, Event):
            found.append((at, after(found[-1][1], event)))
    return tuple(found)


def histories_of(study: Study) -> tuple[History, ...]:
    """What laws of the time have done to the parts when each of `media_of` begins."""
    media, found = media_of(study), [History()]
    for (_, before), (at, _) in pairwise(media):
        found.append(found[-1].gone_on(physics_of_parts(before), at))
    return tuple(found)

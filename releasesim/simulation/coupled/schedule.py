"""What happens to the bath on the way, as moments between which nothing jumps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.physics import CaseII
from releasesim.simulation.coupled.matter import Matter, matter_of, physics_of_parts
from releasesim.simulation.coupled.moment import Moment
from releasesim.study import Study
from releasesim.study.bath import Event


def moments_of(
    study: Study, images: int, extend: Callable[[Matter], Matter] = lambda matter: matter
) -> tuple[Moment, ...]:
    """Samples and events of a study up to its end, in the order of time.

    Parameters
    ----------
    study : Study
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
    found, now = [], study
    for at, event in _calendar(study):
        if isinstance(event, Event):
            now = _after(now, event)
            found.append(Moment(at, event.replace, volume / images, extend(matter_of(now))))
            continue
        drawn = event / volume
        volume -= 0.0 if study.bath.sampling and study.bath.sampling.replaced else event
        if not volume > 1e-6 * event:
            raise InputError(
                f"medium.sampling: samples of {event * 1e6:.4g} mL that are not replaced have "
                f"emptied the bath by {at / 3600:.4g} h"
            )
        found.append(Moment(at, drawn, volume / images))
    return tuple(sorted([*found, *_falls(study, volume / images)], key=lambda moment: moment.at))


def _falls(study: Study, bath: float) -> list[Moment]:
    """When polymers that degrade evenly fall apart."""
    from scipy.optimize import brentq

    until, found = float(study.run.output_times()[-1]), []
    for laws in set(physics_of_parts(study)):
        law, critical = laws.hydrolysis, laws.hydrolysis.critical_molar_mass()
        if getattr(law, "D_acid", 0.0) > 0.0 or not critical > float(law.molar_mass(until)):
            continue
        at = float(brentq(lambda t, law=law, m=critical: float(law.molar_mass(t)) - m, 0.0, until))
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
            found.append((at, _after(found[-1][1], event)))
    return tuple(found)


def _after(study: Study, event: Event) -> Study:
    """The study in the medium, and with the parameters, that hold after an event."""
    if event.medium is not None:
        study = replace(study, bath=replace(study.bath, medium=event.medium))
    for name, value in event.set:
        fault = _cannot_change(study, name)
        if fault:
            raise UnsupportedLawError(f"an event sets {name}: {fault}")
        study = study.replace(name, value)
    return study


def _cannot_change(study: Study, name: str) -> str:
    """Why a parameter cannot change on the way; empty where it can."""
    path, _, parameter = name.rpartition(".")
    slot, law = path.rpartition(".")[2], study.get(path)
    if slot == "channels":
        return "what channels hold and when they are wetted is laid down at the beginning"
    if slot == "hydration" and isinstance(law, CaseII):
        return "the front of the water is followed from the beginning at one speed"
    if slot != "hydrolysis":
        return ""
    if parameter in ("Mn_critical", "acid0", "ester0"):
        return "it says how the polymer is at the beginning, and when it falls apart"
    if getattr(law, "D_acid", 0.0) > 0.0:
        return ""
    return (
        "the molar mass follows its law from the beginning, and another rate would act on what has "
        "been already; AutocatalyticScission with D_acid above 0 keeps account of the chains"
    )

"""A study after an event, and what an event cannot set."""

from __future__ import annotations

from dataclasses import replace

from releasesim.errors import UnsupportedLawError
from releasesim.study import Study
from releasesim.study.bath import Event

#: What is only asked for at the beginning, by the end of its name, and what it is.
_BEGINNINGS = {
    "hydrolysis.acid0": "it is the polymer's acid at the beginning",
    "hydrolysis.ester0": "it is the polymer's ester at the beginning",
    "dissolution.initially": "it says what pores hold at the beginning",
}


def after(study: Study, event: Event) -> Study:
    """The study in the medium, and with the parameters, that hold after an event.

    Raises
    ------
    UnsupportedLawError
        If the event sets what can only be given for the whole run.
    """
    changed = study
    if event.medium is not None:
        changed = replace(study, bath=replace(study.bath, medium=event.medium))
    for name, value in event.set:
        fault = _fault(study, name, event.at)
        if fault:
            raise UnsupportedLawError(f"an event sets {name}: {fault}")
        # what is to be wet by a time that has been is wet at once
        wets = name.endswith("channels.delay")
        changed = changed.replace(name, max(float(value), event.at) if wets else value)
    return changed


def _fault(study: Study, name: str, at: float) -> str:
    """Why a parameter cannot change on the way; empty where it can."""
    if name.endswith("channels.delay") and 0.0 < study.physics.channels.wetting_delay() <= at:
        return "the channels have been wet since before, and stay so"
    return next((why for what, why in _BEGINNINGS.items() if name.endswith(what)), "")

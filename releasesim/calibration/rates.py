"""Which parameters are rates, so that scaling all of them together only changes the clock.

A curve of an autonomous system obeys f(t; s r) = f(s t; r) where r are all its rates:
diffusivities, film coefficients, front speeds, rate constants. That is exact for any laws and any
tablet, as long as nothing else keeps a time of its own: no event, no sample, no flow by a
correlation.
"""

from __future__ import annotations

from collections.abc import Sequence

from releasesim.geometry.shapes import Shape
from releasesim.physics import Correlation, Physics, parameter_units
from releasesim.study import Study

_PER_TIME = {"m2/s": 2, "m/s": 1, "1/s": 0, "kg/m2/s": 1, "m3/mol/s": 0}
"""Units of rates, and the power of length in them."""
_TIMES = ("s",)
_IN_SERIES = ("film", "hydration", "dissolution")
"""Slots that hold release up; the others let it go on beside each other."""
_UNKNOWN_DENSITY = 1e3


def plain(name: str) -> str:
    """Dotted name without the word physics where it says nothing: "diffusion.D"."""
    return name.removeprefix("physics.")


def only_rates(study: Study, names: Sequence[str]) -> bool:
    """Whether `names` are all the rates there are, and nothing keeps another time."""
    if study.bath.events or study.bath.sampling is not None or not study.one_drug:
        return False
    laws = [study.physics, *study.region_physics.values()]
    if any(isinstance(one.film, Correlation) or _keeps_time(one) for one in laws):
        return False
    free = {plain(name) for name in names}
    return free == set(rates_of(study))


def rates_of(study: Study) -> dict[str, float]:
    """Every rate of the laws that are switched on, by dotted name, in SI."""
    found = _rates(study.physics)
    for name, physics in study.region_physics.items():
        own = study.physics.laws()
        inside = {slot for slot, law in physics.laws().items() if law != own[slot]}
        rates = {k: v for k, v in _rates(physics).items() if k.partition(".")[0] in inside}
        found |= {f"region.{name}.{key}": value for key, value in rates.items()}
    return found


def _rates(physics: Physics) -> dict[str, float]:
    return {
        f"{slot}.{name}": float(getattr(law, name))
        for slot, law in physics.laws().items()
        for name, unit in parameter_units(type(law)).items()
        if unit in _PER_TIME and getattr(law, name) is not None and getattr(law, name) > 0.0
    }


def _keeps_time(physics: Physics) -> bool:
    return any(
        unit in _TIMES and getattr(law, name)
        for law in physics.laws().values()
        for name, unit in parameter_units(type(law)).items()
    )


def usual_time(study: Study) -> float:
    """About how long the release takes, from its rates and size alone [s]."""
    length = characteristic_length(study.tablet.body)
    beside, series = 0.0, 0.0
    for name, value in rates_of(study).items():
        slot, unit = _slot_and_unit(study, name)
        rate = value / length ** _PER_TIME[unit]
        if unit == "kg/m2/s":
            rate /= _UNKNOWN_DENSITY
        if slot in _IN_SERIES:
            series += 1.0 / rate
        elif slot in ("diffusion", "erosion", "hydrolysis"):
            beside += rate
    return (1.0 / beside if beside > 0.0 else 0.0) + series


def power_of_length(study: Study, name: str) -> int:
    """Power of length in the unit of a rate."""
    return _PER_TIME[_slot_and_unit(study, plain(name))[1]]


def _slot_and_unit(study: Study, name: str) -> tuple[str, str]:
    words = name.split(".")
    physics = study.region_physics[words[1]] if words[0] == "region" else study.physics
    slot, parameter = words[-2:]
    return slot, parameter_units(type(physics.laws()[slot]))[parameter]


def characteristic_length(body: Shape) -> float:
    """Volume over surface [m]."""
    return body.volume / body.surface

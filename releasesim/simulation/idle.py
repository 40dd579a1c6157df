"""What a study says that cannot act: whole laws, single parameters, samples and events.

A law acts if something reads what it provides. A parameter acts if its law's answer changes with it
anywhere among the states that this study comes to: that is asked of the law itself, so that a new
one is judged without a word about it here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import time_text
from releasesim.errors import InputError
from releasesim.physics import CaseII, Law, LocalEquilibrium, Physics
from releasesim.physics.law import TEXT
from releasesim.simulation.coupled.matter import (
    film_conditions,
    front_speed,
    physics_of_parts,
    solubility_in,
)
from releasesim.simulation.coupled.schedule import media_of
from releasesim.study import Study

Array = NDArray[np.float64]

#: How much more, or else less, of a parameter is tried [-]; a change that is rounding [-].
_TRIED, _ROUNDING = (1.01, 0.99), 1e-13


@dataclass(frozen=True)
class Place:
    """One part of a tablet in one medium."""

    study: Study
    part: int

    @property
    def laws(self) -> Physics:
        """Of the part."""
        return physics_of_parts(self.study)[self.part]

    @property
    def times(self) -> Array:
        """From the beginning to the end of the run, (m,) [s]."""
        return np.linspace(0.0, float(self.study.run.output_times()[-1]), 65)


def idle_notices(study: Study) -> Iterator[str]:
    """Say what acts on nothing in a study, from its beginning to its end.

    Parameters
    ----------
    study : Study
        With one drug.
    """
    first = 1 if study.tablet.own_is_unused else 0
    judged: dict[str, list[str]] = {}
    for _, now in media_of(study):
        for part in range(first, len(study.tablet.parts)):
            for name, why in _judge(Place(now, part)):
                judged.setdefault(name, []).append(why)
    idle = {name: found[0] for name, found in judged.items() if all(found)}
    for name, why in idle.items():
        slot, _, parameter = name.partition(".")
        if not parameter or slot not in idle:
            yield f"physics.{name} does nothing in this study: {why}"
    yield from _idle_bath(study)


def _judge(place: Place) -> Iterator[tuple[str, str]]:
    """Every law and parameter of a place by its dotted name, and why it is idle; empty if not."""
    for slot, law in place.laws.laws().items():
        if law.off:
            continue
        why = _UNREAD[slot](place) if slot in _UNREAD else ""
        yield slot, why
        for field in dataclasses.fields(law):  # type: ignore[arg-type]  # laws are dataclasses
            if _number(law, field):
                same = _unfelt(place, slot, law, field.name)
                yield f"{slot}.{field.name}", _SAME[slot](place) if same else ""


def _number(law: Law, field: dataclasses.Field[object]) -> bool:
    """Whether a parameter is a number that can be a little larger."""
    words = field.metadata["unit"] == TEXT or field.metadata["choices"]
    return not words and bool(getattr(law, field.name))


def _unfelt(place: Place, slot: str, law: Law, name: str) -> bool:
    """Whether nothing that a law answers changes with a parameter."""
    if slot not in _ANSWERS:
        return False
    answer = _ANSWERS[slot]
    for factor in _TRIED:
        try:
            other = replace(law, **{name: factor * getattr(law, name)})  # type: ignore[type-var]
        except InputError:
            continue  # beyond its bounds: the other way
        own = answer(place, place.laws)
        moved = answer(place, replace(place.laws, **{slot: other}))  # type: ignore[arg-type]
        return bool(np.allclose(own, moved, rtol=_ROUNDING, atol=0.0))
    return False


# --- who reads a law ----------------------------------------------------------------------------


def _diffuses(place: Place) -> bool:
    return any(not laws.is_off("diffusion") for laws in physics_of_parts(place.study))


def _no_diffusion(place: Place) -> str:
    return "" if _diffuses(place) else "the drug does not diffuse, it leaves with the polymer"


def _undissolved(place: Place) -> str:
    """Why solid drug need not dissolve."""
    if not _diffuses(place):
        return _no_diffusion(place)
    study, law = place.study, place.laws.dissolution
    if not isinstance(law, LocalEquilibrium) or len(study.tablet.parts) > 1:
        return ""
    held, soluble = max(study.tablet.concentrations), solubility_in(study, place.part)
    return "all of the drug dissolves at once" if held <= soluble else ""


def _unread_water(place: Place) -> str:
    laws = place.laws
    if isinstance(laws.hydration, CaseII) and _diffuses(place):
        return ""
    reads = str(laws.diffusion.varies_with).startswith("water")
    waits = not all(laws.is_off(slot) for slot in ("dissolution", "swelling", "erosion"))
    hydrolysed = not laws.is_off("hydrolysis")
    return "" if reads or waits or hydrolysed else "no other law here depends on water"


def _unread_swelling(place: Place) -> str:
    moves = _diffuses(place) or not place.laws.is_off("erosion")
    return "" if moves else "neither diffusion nor erosion goes through swollen material"


def _unread_chains(place: Place) -> str:
    laws = place.laws
    reads = laws.diffusion.varies_with == "molar_mass"
    falls = laws.hydrolysis.critical_molar_mass() > 0.0
    return "" if reads or falls else "no diffusivity follows the chains, and Mn_critical is 0"


def _no_channels(place: Place) -> str:
    return "the tablet is solid and has no channels" if place.study.tablet.is_solid else ""


def _still(place: Place) -> str:
    speed = front_speed(place.study, place.study.tablet.parts[place.part].name, place.laws)
    medium = place.study.bath.medium
    at = "" if medium is None else f" at pH {float(medium.pH):.3g}"
    return "" if speed > 0.0 else f"its front does not move{at}"


_UNREAD: Mapping[str, Callable[[Place], str]] = {
    "film": _no_diffusion,
    "dissolution": _undissolved,
    "hydration": _unread_water,
    "swelling": _unread_swelling,
    "erosion": _still,
    "hydrolysis": _unread_chains,
    "channels": _no_channels,
}

# --- what a law answers -------------------------------------------------------------------------


def _diffusion_answers(place: Place, laws: Physics) -> Array:
    kind = str(laws.diffusion.varies_with)
    some = np.linspace(0.0, 1.0, 65)
    wet = some if laws.hydration.diffuses else np.ones(1)
    states = {
        "water": wet,
        "water_volume_fraction": wet,
        "time": place.times,
        "molar_mass": laws.hydrolysis.molar_mass(place.times),
    }
    return np.asarray(laws.diffusion.diffusivity(states.get(kind, some)), dtype=float)


def _erosion_answers(place: Place, laws: Physics) -> Array:
    speed = front_speed(place.study, place.study.tablet.parts[place.part].name, laws)
    onset = laws.erosion.onset_water() if laws.hydration.diffuses else 0.0
    return np.array([speed, onset])


def _film_answers(place: Place, laws: Physics) -> Array:
    return np.array([laws.film.coefficient(film_conditions(place.study))])


_ANSWERS: Mapping[str, Callable[[Place, Physics], Array]] = {
    "diffusion": _diffusion_answers,
    "erosion": _erosion_answers,
    "film": _film_answers,
}


def _same_diffusion(place: Place) -> str:
    if str(place.laws.diffusion.varies_with).startswith("water"):
        return "all of it is wet from the start (w = 1): name a hydration law"
    return "its diffusivity is the same without it"


def _same_erosion(place: Place) -> str:
    if isinstance(place.laws.hydration, CaseII):
        return "the water front is slower and sets the pace, and behind it all is wet"
    if not place.laws.hydration.diffuses:
        return "all of it is wet from the start (w = 1)"
    return "the front is as fast without it"


_SAME: Mapping[str, Callable[[Place], str]] = {
    "diffusion": _same_diffusion,
    "erosion": _same_erosion,
    "film": lambda _: "the coefficient is the same without it",
}

# --- the bath -----------------------------------------------------------------------------------


def _idle_bath(study: Study) -> Iterator[str]:
    """Say which samples and events change nothing."""
    bath, sink = study.bath, study.bath.perfect_sink
    if bath.sampling is not None and sink:
        yield "medium.sampling does nothing: the bath is a perfect sink, give medium.volume"
    felt = [_felt(now) for _, now in media_of(study)]
    moments = [at for at, _ in media_of(study)]
    events = [event for event in bath.events if event.at in moments]
    for event, before, after in zip(events, felt[:-1], felt[1:], strict=True):
        if before == after and (sink or not event.replace):
            why = "the bath is a perfect sink" if event.replace else "no law here feels the change"
            yield f"the event at {time_text(event.at)} does nothing: {why}"


def _felt(study: Study) -> tuple[object, ...]:
    """All that a tablet feels of its medium and its laws."""
    parts = zip(study.tablet.parts, physics_of_parts(study), strict=True)
    film = study.physics.film.coefficient(film_conditions(study))
    return (
        physics_of_parts(study),
        film,
        *(front_speed(study, part.name, laws) for part, laws in parts),
        *(solubility_in(study, k) for k in range(len(study.tablet.parts))),
    )

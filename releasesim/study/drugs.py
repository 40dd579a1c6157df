"""Several drugs in one tablet: the study as one of them sees it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from releasesim.errors import UnsupportedLawError
from releasesim.study.inputs import densities
from releasesim.study.laws import parts_of
from releasesim.study.routes import USER, with_physics, with_region_physics
from releasesim.study.words import joined

if TYPE_CHECKING:
    from releasesim.physics import Law
    from releasesim.study.bath import Bath, Event
    from releasesim.study.study import Study
    from releasesim.study.wishes import DesignSpec, Target

AnyStudy = TypeVar("AnyStudy", bound="Study")


def for_drug(study: AnyStudy, name: str) -> AnyStudy:
    """Return the study as one drug of the tablet sees it; see `Study.for_drug`."""
    tablet = study.tablet.for_drug(name)
    if study.one_drug and tablet == study.tablet:
        return study
    own, of_regions = _own_laws(study, name)
    changed = dataclasses.replace(
        study,
        tablet=tablet,
        bath=_bath_of(study.bath, name, own, of_regions),
        drug_physics={},
        region_drug_physics={},
        target=_target_of(study, name),
        design=_design_of(study, name),
        inputs=_inputs_of(study, tablet, own, of_regions),
    )
    if own:
        laws: dict[str, Any] = dict(own)
        changed = with_physics(changed, dataclasses.replace(study.physics, **laws))
    for region, mine in of_regions.items():
        laws = dict(mine)
        around = changed.region_physics.get(region, changed.physics)
        changed = with_region_physics(changed, region, dataclasses.replace(around, **laws))
    made = changed.tablet
    print_of = study.tablet.with_materials(
        formulation=made.formulation, regions=made.regions, layers=made.layers
    )
    return dataclasses.replace(changed, tablet=print_of)


def _target_of(study: Study, name: str) -> Target | None:
    """What is wanted of one drug; a target of all together is nobody's."""
    if study.target is None or not study.target.drugs:
        return study.target
    return study.target.drugs.get(name)


def _design_of(study: Study, name: str) -> DesignSpec | None:
    if study.design is None or not study.design.doses:
        return study.design
    return dataclasses.replace(study.design, dose=study.design.doses.get(name), doses={})


def refuse_several(study: Study, verb: str) -> None:
    """Refuse a study of several drugs where a verb takes one, and say how to get one.

    Raises
    ------
    UnsupportedLawError
        The tablet holds several drugs, or one that has laws of its own.
    """
    if study.one_drug:
        return
    names = joined(study.drugs)
    raise UnsupportedLawError(
        f"the tablet holds {names}: {verb} takes one drug at a time, "
        f'study.for_drug("{study.drugs[0]}") has the others as mass'
    )


def _own_laws(study: Study, name: str) -> tuple[Mapping[str, Law], dict[str, Mapping[str, Law]]]:
    """Laws of a drug in the tablet, and in each part whose laws they change."""
    own = study.drug_physics.get(name, {})
    parts: dict[str, Mapping[str, Law]] = {}
    for part in parts_of(study.tablet):
        here = study.region_drug_physics.get(part.name, {}).get(name, {})
        # what a drug has of its own holds in every part, before what the part says of all drugs
        mine = {**own, **here} if here or part.name in study.region_physics else {}
        if mine:
            parts[part.name] = mine
    return own, parts


def _bath_of(
    bath: Bath, name: str, own: Mapping[str, Law], parts: Mapping[str, Mapping[str, Law]]
) -> Bath:
    events = tuple(dataclasses.replace(e, set=_set_of(e, name, own, parts)) for e in bath.events)
    return dataclasses.replace(bath, events=events)


def _set_of(
    event: Event, name: str, own: Mapping[str, Law], parts: Mapping[str, Mapping[str, Law]]
) -> tuple[tuple[str, Any], ...]:
    """What an event changes for one drug, under the names of a study of one drug."""
    start = f"physics.{name}."
    mine = {key[len(start) :]: value for key, value in event.set if key.startswith(start)}
    # what a drug has of its own holds in parts too, but where it has another there
    for key, value in tuple(mine.items()):
        slot = key.partition(".")[0]
        mine |= {
            f"region.{part}.{key}": value
            for part, laws in parts.items()
            if slot in own and laws[slot] is own[slot]
        }
    shared = {
        key: value
        for key, value in event.set
        if not key.startswith("physics.") and _slot(key) not in _taken(key, own, parts)
    }
    return tuple((shared | mine).items())


def _slot(key: str) -> str:
    """Slot of a law's parameter by its dotted name: "diffusion" of "region.core.diffusion.D"."""
    return key.split(".")[-2]


def _taken(
    key: str, own: Mapping[str, Law], parts: Mapping[str, Mapping[str, Law]]
) -> Mapping[str, Law]:
    """Laws that a drug has of its own where a dotted name is."""
    first, *rest = key.split(".")
    return {**own, **parts.get(rest[0], {})} if first == "region" else own


def _inputs_of(
    study: Study, tablet: Any, own: Mapping[str, Law], parts: Mapping[str, Mapping[str, Law]]
) -> dict[str, Any]:
    """Card values that the curve of one drug depends on: laws of its own replace a card's."""
    replaced = [f"{slot}." for slot in own]
    replaced += [f"region.{part}.{slot}." for part, laws in parts.items() for slot in laws]
    old = dict(densities(study.tablet))
    kept = {
        key: value
        for key, value in study.inputs.items()
        if key not in old and not key.startswith(tuple(replaced))
    }
    return kept | {key: value for key, value in densities(tablet) if value.source != USER}

"""A study by its polymers' mechanisms, or by the one law that lumps each of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeVar

from releasesim.cards import Polymer
from releasesim.physics import Physics, StagnantChannels
from releasesim.study.laws import (
    DEFAULT,
    EFFECTIVE,
    MECHANISM,
    Setting,
    card_material,
    lacking,
    mechanism,
    parts_of,
)

if TYPE_CHECKING:
    from releasesim.study.study import Study

AnyStudy = TypeVar("AnyStudy", bound="Study")


def setting_of(study: Study, part: str = "") -> Setting:
    """Return what a card's mechanism may lean on in a study, or in one part of its tablet."""
    formulations = {p.name: p.formulation for p in parts_of(study.tablet)}
    made = formulations.get(part) or study.tablet.formulation
    physics = study.region_physics.get(part, study.physics)
    return Setting(
        pH=study.bath.medium is not None,
        drug=made.drug is not None,
        stagnant=isinstance(physics.channels, StagnantChannels),
    )


def with_effective_laws(study: AnyStudy) -> AnyStudy:
    """Return the study with the effective law of the card wherever a card's mechanism stands.

    Laws that the user named, and mechanisms of which the user changed a number, stay.
    """
    return _with_card_laws(study, DEFAULT, EFFECTIVE)


def as_designed(study: AnyStudy, name: str) -> AnyStudy:
    """Return the study in which a name is to be looked up that `design` may know.

    `design` ranks by effective laws: a name that only they have is as good as the study's own.
    """
    effective = with_effective_laws(study)
    return effective if name in effective.names() and name not in study.names() else study


def with_mechanisms(study: AnyStudy) -> AnyStudy:
    """Return the study with the card's mechanism wherever its effective law stands.

    Where the study lacks what the mechanism needs, the effective law stays.
    """
    return _with_card_laws(study, EFFECTIVE, DEFAULT)


def _with_card_laws(study: AnyStudy, old: str, new: str) -> AnyStudy:
    from releasesim.study.routes import with_physics, with_region_physics

    polymer = study.tablet.formulation.polymer
    if polymer is not None and _may_exchange(study, "", polymer, old, new):
        changed = with_physics(study, _exchanged(study.physics, polymer, new))
        study = _with_inputs(changed, "", polymer, new)
    for part in parts_of(study.tablet):
        polymer = part.formulation.polymer if part.formulation else None
        physics = study.region_physics.get(part.name)
        if polymer is None or physics is None:
            continue
        if _may_exchange(study, part.name, polymer, old, new):
            changed = with_region_physics(study, part.name, _exchanged(physics, polymer, new))
            study = _with_inputs(changed, f"region.{part.name}.", polymer, new)
    return study


def _may_exchange(study: Study, part: str, polymer: Polymer, old: str, new: str) -> bool:
    """Whether a material follows the card's `old` laws to the number, and may follow `new`."""
    start = f"region.{part}." if part else ""
    named = any(key.startswith(f"{start}{slot}.") for key in study.inputs for slot in MECHANISM)
    if not named or (new == DEFAULT and lacking(polymer, setting_of(study, part))):
        return False
    physics = study.region_physics.get(part, study.physics)
    before, after = (mechanism(card_material(polymer, t).physics) for t in (old, new))
    return before != after and mechanism(physics) == before


def _exchanged(physics: Physics, polymer: Polymer, title: str) -> Physics:
    laws = card_material(polymer, title).physics.laws()
    return dataclasses.replace(physics, **{slot: laws[slot] for slot in MECHANISM})  # type: ignore[arg-type]


def _with_inputs(study: AnyStudy, start: str, polymer: Polymer, title: str) -> AnyStudy:
    """Exchange the card values among the inputs of one material."""
    slots = tuple(f"{start}{slot}." for slot in MECHANISM)
    values = {f"{start}{key}": v for key, v in card_material(polymer, title).values.items()}
    others = {key: value for key, value in study.inputs.items() if not key.startswith(slots)}
    return dataclasses.replace(study, inputs={**values, **others})

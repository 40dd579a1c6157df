"""The tables of laws and of the medium, whose events change laws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from releasesim.physics import Law, parameter_units
from releasesim.study.calibrated import calibrated_physics
from releasesim.study.card_laws import setting_of
from releasesim.study.laws import MECHANISM, card_physics
from releasesim.study.written.text import changed, field_text, parameter_text

if TYPE_CHECKING:
    from releasesim.study.bath import Bath, Event
    from releasesim.study.study import Study

Data = dict[str, Any]


def _law(law: Law) -> Data:
    units = parameter_units(type(law))
    values = {name: getattr(law, name) for name in units if getattr(law, name) is not None}
    texts = {name: parameter_text(name, value, units[name]) for name, value in values.items()}
    return {"law": type(law).__name__, **texts}


def physics_data(study: Study) -> Data:
    """Laws that the polymer's card would not give by itself."""
    laws = {slot: law for slot, law in study.physics.laws().items() if not law.off}
    mechanism = {slot: law for slot, law in laws.items() if slot in MECHANISM}
    if study.calibration is not None:
        return laws_data(_uncalibrated(study, laws)) | _drug_laws(study)
    if _from_card(study, mechanism):
        laws = {slot: law for slot, law in laws.items() if slot not in MECHANISM}
    elif not mechanism:
        laws["diffusion"] = study.physics.diffusion  # said, or the card's mechanism would come
    return laws_data(laws) | _drug_laws(study)


def _drug_laws(study: Study) -> Data:
    return {drug: laws_data(of_drug) for drug, of_drug in study.drug_physics.items()}


def _uncalibrated(study: Study, laws: Mapping[str, Law]) -> Mapping[str, Law]:
    """Laws that the study's calibration would not give by itself."""
    assert study.calibration is not None  # noqa: S101  the caller has looked
    given = calibrated_physics(study.calibration).laws()
    named = {slot: law for slot, law in study.physics.laws().items() if law != given[slot]}
    return {slot: law for slot, law in named.items() if slot in laws or not given[slot].off}


def laws_data(laws: Mapping[str, Law]) -> Data:
    """Law and parameters of each slot given."""
    return {slot: _law(law) for slot, law in laws.items()}


def _from_card(study: Study, mechanism: Mapping[str, Law]) -> bool:
    polymer = study.tablet.formulation.polymer
    named = any(name.split(".")[0] in MECHANISM for name in study.inputs)
    if polymer is None or not named:
        return False
    card = card_physics(polymer, setting_of(study)).laws()
    return all(mechanism.get(slot, card[slot]) == card[slot] for slot in MECHANISM) and len(
        mechanism
    ) == sum(not card[slot].off for slot in MECHANISM)


def bath_data(bath: Bath, laws: Mapping[str, Law]) -> Data:
    """Medium, apparatus, sampling and events; `laws` by slot are what the events may set."""
    data: Data = {} if bath.medium is None else {"name": bath.medium.name}
    data |= changed(bath, ["volume", "partition"])
    if bath.apparatus is not None:
        data["apparatus"] = bath.apparatus.name
    data |= changed(bath, ["speed", "temperature"])
    if bath.sampling is not None:
        data["sampling"] = {name: field_text(name, x) for name, x in vars(bath.sampling).items()}
    if bath.events:
        data["event"] = [_event(event, laws) for event in bath.events]
    return data


def _event(event: Event, laws: Mapping[str, Law]) -> Data:
    data: Data = {"at": field_text("at", event.at), **changed(event, ["replace"])}
    if event.medium is not None:
        data["medium"] = event.medium.name
    if event.set:
        data["set"] = {name: _event_text(laws, name, value) for name, value in event.set}
    return data


def _event_text(laws: Mapping[str, Law], name: str, value: float | str) -> float | str:
    slot, _, parameter = name.rpartition(".")
    unit = parameter_units(type(laws[slot]))[parameter]
    return parameter_text(parameter, value, unit)

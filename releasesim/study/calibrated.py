"""Laws and numbers that a study takes from the card of a fit."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, TypeVar

from releasesim.cards import Calibration, Value
from releasesim.errors import CardError, InputError
from releasesim.physics import Law, Physics, law, law_class, parameter_units
from releasesim.study import schema
from releasesim.study.laws import Material, read_laws
from releasesim.study.locate import Keys
from releasesim.study.source import Source
from releasesim.units import si_unit

if TYPE_CHECKING:
    from releasesim.study.study import Study

AnyStudy = TypeVar("AnyStudy", bound="Study")


def read_calibration(source: Source, name: str) -> Calibration:
    """Read the card that lies beside a study.

    Raises
    ------
    InputError
        There is no such file, or it is no calibration.
    """
    path = source.folder / name
    if not path.is_file():
        message = "there is no such file beside the study: `fit --out` writes one"
        raise source.error(("calibration",), message)
    return Calibration.read(path)


def calibrated_physics(card: Calibration) -> Physics:
    """Laws of a calibration, null laws in the slots that it does not name.

    Raises
    ------
    CardError
        A law or parameter that there is not, or a unit that is not the parameter's.
    """
    return Physics(**{slot: _law(card, slot) for slot in card.physics})  # type: ignore[arg-type]


def _law(card: Calibration, slot: str) -> Law:
    spec = card.physics[slot]
    try:
        units = _units(slot, spec.law)
        wrong = [n for n, v in spec.parameters.items() if n in units and v.si_unit != units[n]]
        if not wrong:
            return law(slot, spec.law, **spec.arguments)
    except InputError as error:
        raise CardError(f"physics.{slot}: {error.message}", card.path) from None
    unit, given = units[wrong[0]], spec.parameters[wrong[0]].unit
    raise CardError(f"physics.{slot}.{wrong[0]}: must be in {unit}, not {given}", card.path)


def _units(slot: str, name: str) -> dict[str, str]:
    return {key: si_unit(unit) for key, unit in parameter_units(law_class(slot, name)).items()}


def calibrated_material(source: Source, card: Calibration, slots: schema.Slots | None) -> Material:
    """Laws of a calibration, with those that the study names itself in their place.

    Only numbers that are still the card's are as sure as it says.
    """
    given = read_laws(source, ("physics",), slots)
    physics = dataclasses.replace(calibrated_physics(card), **given)  # type: ignore[arg-type]
    laws = physics.laws()
    kept = {
        f"{slot}.{name}": value
        for slot, spec in card.physics.items()
        for name, value in spec.parameters.items()
        if getattr(laws[slot], name, None) == value.value
    }
    return Material(physics, kept, named=True)


def with_settings(source: Source, study: AnyStudy) -> AnyStudy:
    """Put estimates that belong to no law into a study that does not say others itself."""
    settings = {} if study.calibration is None else study.calibration.settings
    for name, value in settings.items():
        with source.at("calibration"):
            said = source.value(_keys(name)) is not None
            if not said or study.get(name) == value.value:
                study = _with_setting(study, name, value)
    return study


def _with_setting(study: AnyStudy, name: str, value: Value) -> AnyStudy:
    changed = study.replace(name, value.value)
    return dataclasses.replace(changed, inputs={**changed.inputs, name: value})


def _keys(name: str) -> Keys:
    """Where a study file would say a dotted name."""
    words = name.split(".")
    start: Keys = () if words[0] in ("medium", "formulation", "physics") else ("tablet",)
    return (*start, *words)

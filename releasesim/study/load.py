"""Reading a study: tables to nouns, in the order in which they need each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from releasesim.cards import Calibration, Card, Printer, Value
from releasesim.physics import Law, Physics
from releasesim.study import schema
from releasesim.study.bath import Bath
from releasesim.study.build import (
    build_bath,
    build_patient,
    build_run,
    build_tablet,
    load_card,
)
from releasesim.study.calibrated import calibrated_material, read_calibration, with_settings
from releasesim.study.design import build_design
from releasesim.study.inputs import densities
from releasesim.study.laws import (
    SURROUNDINGS,
    DrugPhysics,
    Material,
    Setting,
    laws_by_name,
    parts_of,
    read_drug_laws,
    resolve,
)
from releasesim.study.locate import Keys
from releasesim.study.source import Source
from releasesim.study.sweep import build_sweep
from releasesim.study.target import build_target
from releasesim.tablet import Formulation, Tablet

if TYPE_CHECKING:
    from releasesim.study.study import Study

AnyStudy = TypeVar("AnyStudy", bound="Study")


def make_study(cls: type[AnyStudy], source: Source) -> AnyStudy:
    """Make a study from what was written.

    Raises
    ------
    InputError
        The first thing that cannot be, with file, line and key.
    """
    file = read_tables(source)
    study = with_settings(source, cls(**_nouns(source, file)))
    design = build_design(source, file.design, study)
    sweep = build_sweep(source, file.sweep, study)
    return dataclasses.replace(study, design=design, sweep=sweep)


def _nouns(source: Source, file: schema.StudyFile) -> dict[str, Any]:
    """Make everything but design and sweep, whose names only a whole study knows."""
    tablet = build_tablet(source, file)
    calibration = file.calibration and read_calibration(source, file.calibration)
    own, parts = _materials(source, file, tablet, calibration or None)
    drugs = read_drug_laws(source, ("physics",), file.physics, tablet.drugs)
    inside = dict(_drug_laws_of_parts(source, file, tablet))
    of_parts = {name: part.physics for name, part in parts.items()}
    laws = laws_by_name(tablet, own.physics, of_parts, drugs)
    bath = build_bath(source, file.medium, laws)
    inputs = dict(_inputs(tablet, own, parts))
    _check_temperature(
        source, bath, [own, *parts.values(), *_materials_of_drugs(drugs, *inside.values())]
    )
    run = build_run(file.run)
    printer = file.printer and load_card(source, ("printer",), Printer, file.printer)
    return {
        "title": file.title,
        "process": file.process,
        "printer": printer or None,
        "calibration": calibration or None,
        "tablet": tablet,
        "bath": bath,
        "physics": own.physics,
        "region_physics": of_parts,
        "drug_physics": drugs,
        "region_drug_physics": inside,
        "run": run,
        "target": build_target(source, file.target, run, tablet.drugs),
        "patient": build_patient(file.patient),
        "inputs": inputs,
        "path": source.path,
    }


def read_tables(source: Source) -> schema.StudyFile:
    """Check every table and key of a study."""
    try:
        return schema.StudyFile.model_validate(source.data)
    except ValidationError as error:
        raise source.refuse(error, schema.StudyFile) from None


def _materials(
    source: Source, file: schema.StudyFile, tablet: Tablet, calibration: Calibration | None
) -> tuple[Material, dict[str, Material]]:
    """Choose the laws of the tablet's own material and of each region and layer.

    A region of the tablet's polymer has the tablet's laws, overridden slot by slot; one of another
    polymer has its own, and only film and channels, the surroundings', from the tablet.
    """
    setting = _setting(file, tablet.formulation)
    if calibration is not None:
        own = calibrated_material(source, calibration, file.physics)
    else:
        own = resolve(source, ("physics",), file.physics, tablet.formulation.polymer, setting)
    kind, tables = "region" if file.tablet.region else "layer", _part_tables(file)
    parts = {}
    for place, (table, part) in enumerate(zip(tables, parts_of(tablet), strict=True)):
        same = part.formulation is None or (
            _name(part.formulation.polymer) == _name(tablet.formulation.polymer)
        )
        polymer = (tablet.formulation if same else part.formulation or tablet.formulation).polymer
        keys: Keys = ("tablet", kind, place, "physics")
        if same and any(getattr(table.physics, slot, None) for slot in schema.SLOTS):
            parts[table.name] = resolve(
                source, keys, table.physics, polymer, setting, inherited=own.physics
            )
        elif not same:
            inside = _setting(file, part.formulation or tablet.formulation)
            found = resolve(source, keys, table.physics, polymer, inside)
            surrounded = _surrounded(found.physics, own.physics, table.physics)
            parts[table.name] = Material(surrounded, found.values)
    return own, parts


def _setting(file: schema.StudyFile, made: Formulation) -> Setting:
    medium = file.medium is not None and file.medium.name is not None
    return Setting(pH=medium, drug=made.drug is not None)


def _part_tables(file: schema.StudyFile) -> tuple[schema.Part, ...]:
    return file.tablet.region or file.tablet.layer


def _surrounded(physics: Physics, around: Physics, named: schema.Slots | None) -> Physics:
    laws: dict[str, Law] = physics.laws()
    for slot in SURROUNDINGS:
        if getattr(named, slot, None) is None:
            laws[slot] = around.laws()[slot]
    return Physics(**laws)  # type: ignore[arg-type]


def _name(card: Card | None) -> str | None:
    return None if card is None else card.name


def _inputs(
    tablet: Tablet, own: Material, parts: Mapping[str, Material]
) -> Iterator[tuple[str, Value]]:
    """Name every card value that the result depends on."""
    yield from own.values.items()
    for name, material in parts.items():
        yield from ((f"region.{name}.{key}", value) for key, value in material.values.items())
    yield from densities(tablet)


def _drug_laws_of_parts(
    source: Source, file: schema.StudyFile, tablet: Tablet
) -> Iterator[tuple[str, DrugPhysics]]:
    """Read the laws that single drugs have of their own in one region or layer."""
    kind = "region" if file.tablet.region else "layer"
    for place, table in enumerate(_part_tables(file)):
        keys: Keys = ("tablet", kind, place, "physics")
        found = read_drug_laws(source, keys, table.physics, tablet.drugs)
        if found:
            yield table.name, found


def _materials_of_drugs(*drugs: DrugPhysics) -> list[Material]:
    return [
        Material(Physics(**laws))  # type: ignore[arg-type]
        for of_part in drugs
        for laws in of_part.values()
    ]


def _check_temperature(source: Source, bath: Bath, materials: Iterable[Material]) -> None:
    """Card values hold at 37 degC (PHYSICS 1)."""
    if bath.at_body_temperature:
        return
    if any((m.values and not m.named) or _open_parameters(m.physics) for m in materials):
        raise source.error(
            ("medium", "temperature"),
            "cards hold values at 37 degC; name every law with its parameters in [physics]",
        )


def _open_parameters(physics: Physics) -> bool:
    """Whether a law leaves a parameter to the cards."""
    return any(None in vars(law).values() for law in physics.laws().values())

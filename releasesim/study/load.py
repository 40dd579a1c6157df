"""Reading a study: tables to nouns, in the order in which they need each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from releasesim.cards import Card, Printer, Value
from releasesim.physics import Law, Physics
from releasesim.study import schema
from releasesim.study.bath import Bath
from releasesim.study.build import (
    build_bath,
    build_patient,
    build_run,
    build_tablet,
    build_target,
    load_card,
    reject_polypill,
)
from releasesim.study.design import build_design
from releasesim.study.laws import SURROUNDINGS, Material, parts_of, resolve
from releasesim.study.locate import Keys
from releasesim.study.source import Source
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
    study = cls(**_nouns(source, file))
    design = build_design(source, file.design, study)
    return study if design is None else dataclasses.replace(study, design=design)


def _nouns(source: Source, file: schema.StudyFile) -> dict[str, Any]:
    """Make everything but the design, whose names only a whole study knows."""
    tablet = build_tablet(source, file)
    own, parts = _materials(source, file, tablet)
    bath = build_bath(source, file.medium, own.physics)
    inputs = dict(_inputs(tablet, own, parts))
    _check_temperature(source, bath, {"": own, **parts})
    run = build_run(file.run)
    printer = file.printer and load_card(source, ("printer",), Printer, file.printer)
    return {
        "title": file.title,
        "process": file.process,
        "printer": printer or None,
        "tablet": tablet,
        "bath": bath,
        "physics": own.physics,
        "region_physics": {name: part.physics for name, part in parts.items()},
        "run": run,
        "target": build_target(source, file.target, run),
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
    source: Source, file: schema.StudyFile, tablet: Tablet
) -> tuple[Material, dict[str, Material]]:
    """Choose the laws of the tablet's own material and of each region and layer.

    A region of the tablet's polymer has the tablet's laws, overridden slot by slot; one of another
    polymer has its own, and only film and channels, the surroundings', from the tablet.
    """
    reject_polypill(source, file.physics.model_extra if file.physics else None)
    own = resolve(source, ("physics",), file.physics, tablet.formulation.polymer)
    kind, tables = "region" if file.tablet.region else "layer", _part_tables(file)
    parts = {}
    for place, (table, part) in enumerate(zip(tables, parts_of(tablet), strict=True)):
        same = part.formulation is None or (
            _name(part.formulation.polymer) == _name(tablet.formulation.polymer)
        )
        polymer = (tablet.formulation if same else part.formulation or tablet.formulation).polymer
        keys: Keys = ("tablet", kind, place, "physics")
        if same and table.physics is not None:
            parts[table.name] = resolve(source, keys, table.physics, polymer, own.physics)
        elif not same:
            found = resolve(source, keys, table.physics, polymer)
            surrounded = _surrounded(found.physics, own.physics, table.physics)
            parts[table.name] = Material(surrounded, found.values)
    return own, parts


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
    yield from _densities("formulation", tablet.formulation)
    for name, material in parts.items():
        yield from ((f"region.{name}.{key}", value) for key, value in material.values.items())
    for part in parts_of(tablet):
        if part.formulation is not None:
            yield from _densities(f"region.{part.name}.formulation", part.formulation)


def _densities(name: str, formulation: Formulation) -> Iterator[tuple[str, Value]]:
    if formulation.density_given is not None or formulation.concentration_given is not None:
        return
    for what in ("drug", "polymer"):
        card = getattr(formulation, what)
        if card is not None:
            yield f"{name}.{what}.density", card.density
    for card, _ in formulation.excipients:
        yield f"{name}.excipient.{card.name}.density", card.density


def _check_temperature(source: Source, bath: Bath, materials: Mapping[str, Material]) -> None:
    """Card values hold at 37 degC (PHYSICS 1)."""
    if bath.at_body_temperature:
        return
    from_cards = any(material.values for material in materials.values())
    if from_cards or any(_open_parameters(material.physics) for material in materials.values()):
        raise source.error(
            ("medium", "temperature"),
            "cards hold values at 37 degC; name every law with its parameters in [physics]",
        )


def _open_parameters(physics: Physics) -> bool:
    """Whether a law leaves a parameter to the cards."""
    return any(None in vars(law).values() for law in physics.laws().values())

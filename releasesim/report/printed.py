"""What to print: shape, roads, materials, doses."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields

from releasesim.cards import Value
from releasesim.errors import InputError
from releasesim.geometry.gcode.shape import Gcode
from releasesim.geometry.infill import Infill
from releasesim.geometry.shape import FileShape, Shape
from releasesim.physics import Law, Physics, parameter_units
from releasesim.report.page import Table
from releasesim.report.words import card_value, count, percent, quantity, span
from releasesim.study import Study, describe
from releasesim.tablet import Part, Tablet
from releasesim.tablet.deviations import deviations
from releasesim.units import degree, mg, mm

_NEAR = 1e-9
"""Lengths closer than this are equal [m]."""


def printing_rows(study: Study) -> list[tuple[str, str]]:
    """Label and value of everything that a person at the printer sets or weighs."""
    tablet = study.tablet
    return [
        ("Shape", shape_words(tablet.drawn)),
        *_height(tablet),
        *_laid(tablet),
        *([("Infill", infill_words(tablet.infill))] if _one_fill(tablet) else []),
        *(_roads(tablet) if tablet.infill is not None else []),
        *_deviations(tablet),
        *_materials(tablet),
        ("Dose of free drug", _dose(study)),
        ("Deposited volume", f"{tablet.deposited_volume / mm**3:.4g} mm³"),
        *_mass(tablet),
        *_machine(study),
    ]


def bath_rows(study: Study) -> list[tuple[str, str]]:
    """Label and value of what the tablet releases into, and of the laws it follows."""
    regions = study.region_physics.items()
    return [
        ("Dissolution test", describe.bath(study.bath)),
        ("Laws", laws_words(study.physics, study.inputs)),
        *((f"Laws of {n}", laws_words(p, study.inputs, f"region.{n}.")) for n, p in regions),
        *((f"Laws of {n} alone", describe.named_laws(laws)) for n, laws in study.drug_laws()),
        ("Run", describe.run(study.run)),
    ]


def parts_table(tablet: Tablet) -> Table | None:
    """Tabulate regions or layers with the tablet's own material; None where it is of one piece."""
    if len(tablet.parts) == 1:
        return None
    head = ("part", "extruder", "material", "shape", "infill", "volume", "drug")
    rows = [
        _part_row(part, volume, volume * concentration)
        for part, volume, concentration in zip(
            tablet.parts, tablet.part_volumes, tablet.deposited_concentrations, strict=True
        )
        if volume > 0
    ]
    return Table(head, rows, words=frozenset({0, 2, 3, 4}))


def shape_words(shape: Shape) -> str:
    """Kind and sizes with their names.

    Examples
    --------
    >>> from releasesim.geometry.shapes import Cylinder
    >>> shape_words(Cylinder(diameter=0.01, height=0.004))
    'cylinder, diameter 10 mm, height 4 mm'
    """
    if isinstance(shape, FileShape):
        return shape.describe()
    sizes = [_size(field.name, getattr(shape, field.name)) for field in fields(shape)]
    return ", ".join([shape.kind, *sizes])


def infill_words(infill: Infill | None) -> str:
    """Pattern, density and direction."""
    if infill is None:
        return "none: a solid body"
    if infill.solid:
        return "100 %, straight lines, crossed every layer"
    angle = f"lines at {infill.angle / degree:.4g}°"
    if infill.graded is not None:
        return f"{infill.describe()}, {angle}"
    return f"{infill.pattern}, {quantity(infill.density, '%')}, {angle}"


def laws_words(physics: Physics, inputs: Mapping[str, Value], start: str = "") -> str:
    """Laws that are on, with their parameters in the units of the cards."""
    on = {slot: law for slot, law in physics.laws().items() if not law.off}
    return "; ".join(_law_words(law, slot, inputs, start) for slot, law in on.items()) or "none"


def _law_words(law: Law, slot: str, inputs: Mapping[str, Value], start: str) -> str:
    """Say a law; one whose numbers are not all from a card says itself, in SI."""
    cards = {name: inputs.get(f"{start}{slot}.{name}") for name in parameter_units(type(law))}
    known = [f"{n} {card_value(v)}" for n, v in cards.items() if v is not None]
    if len(known) < len(cards):
        return law.describe()
    return f"{type(law).__name__}: {', '.join(known)}"


def _size(name: str, value: float) -> str:
    if name == "area":
        return f"area {value / mm**2:.4g} mm² a face"
    return f"{name.replace('_', ' ')} {quantity(value, 'mm')}"


def _height(tablet: Tablet) -> Iterator[tuple[str, str]]:
    printed, drawn = tablet.printed_height, tablet.drawn.size[2]
    if tablet.drawn.extruded and abs(printed - drawn) > _NEAR:
        yield "Printed height", f"{quantity(printed, 'mm')} in whole layers"


def _roads(tablet: Tablet) -> list[tuple[str, str]]:
    walls, roofs, floors = (
        count(number, noun)
        for number, noun in (
            (tablet.walls, "wall"),
            (tablet.roofs, "roof"),
            (tablet.floors, "floor"),
        )
    )
    return [
        ("Walls, roofs, floors", f"{walls}, {roofs}, {floors}"),
        ("Layer height", quantity(tablet.layer_height, "mm")),
        ("Road width", quantity(tablet.road_width, "mm")),
    ]


def _one_fill(tablet: Tablet) -> bool:
    return len(tablet.parts) == 1 and not tablet.shape.of_roads


def _laid(tablet: Tablet) -> Iterator[tuple[str, str]]:
    """What a G-code lays, of what its slicer calls the roads."""
    if not isinstance(tablet.shape, Gcode):
        return
    path = tablet.shape.toolpath
    by_volume = sorted(path.features.items(), key=lambda one: -one[1])
    each = ", ".join(f"{name} {volume / mm**3:.3g} mm³" for name, volume in by_volume)
    yield "Roads", each if path.features_named else "of unknown use"
    heights = " and ".join(quantity(height, "mm") for height in path.layer_heights)
    yield "Layer height", heights
    yield "Road width", f"{quantity(tablet.road_spacing, 'mm')}, mean of a rectangular section"


def _deviations(tablet: Tablet) -> Iterator[tuple[str, str]]:
    yield from deviations(tablet)
    if tablet.sealed:
        yield "Sealed faces", ", ".join(tablet.sealed)


def _materials(tablet: Tablet) -> Iterator[tuple[str, str]]:
    made = tablet.formulation
    if len(tablet.parts) > 1:
        yield "Materials and infill", "different in each part: see below"
        return
    if made.drug is None or made.polymer is None:
        yield "Material", describe.formulation(made)
        return
    yield "Polymer", f"{made.polymer.title} (card {made.polymer.name})"
    for drug, loading in made.drug_loadings:
        yield f"Loading of {drug.name}", f"{quantity(loading, '%')} of the mass"
    for excipient, share in made.excipients:
        yield f"Excipient {excipient.name}", f"{quantity(share, '%')} of the mass"
    for drug, loading in made.inert_drugs:
        yield f"{drug.name}, as mass only", f"{quantity(loading, '%')} of the mass"
    yield f"{made.polymer.name} (the rest)", f"{quantity(made.polymer_fraction, '%')} of the mass"
    if made.assay != 1.0:
        yield "Measured content", f"{percent(made.assay)} of the nominal"


def _dose(study: Study) -> str:
    dose = quantity(study.tablet.dose(), "mg")
    if study.tablet.mass_spread:
        dose += f" ± {quantity(study.tablet.mass_spread * study.tablet.dose(), 'mg')}"
    if len(study.drugs) > 1:
        each = (f"{name} {quantity(one, 'mg')}" for name, one in study.tablet.doses.items())
        dose += f": {', '.join(each)}"
    asked = study.design.dose if study.design else None
    if asked is None:
        return dose
    tolerance = study.design.dose_tolerance if study.design else 0.0
    return f"{dose} ({quantity(asked, 'mg')} ± {quantity(tolerance, '%')} asked for)"


def _mass(tablet: Tablet) -> Iterator[tuple[str, str]]:
    try:
        mass = tablet.total_mass()
    except InputError:
        return  # a material given by its concentration has no density
    kind = "calculated"
    if tablet.mass is not None:
        kind = f"measured: {tablet.material_scale:.4g} times the expected, material rescaled to it"
    spread = f" ± {quantity(tablet.mass_spread * mass, 'mg')}" if tablet.mass_spread else ""
    yield "Mass of the tablet", f"{quantity(mass, 'mg')}{spread}, {kind}"


def _machine(study: Study) -> Iterator[tuple[str, str]]:
    process = {"fdm": "fused filament", "powder_extrusion": "direct powder extrusion"}
    yield "Process", process.get(study.process, study.process)
    if study.printer is not None:
        yield "Printer", f"{study.printer.title} (card {study.printer.name})"
    polymer = study.tablet.formulation.polymer
    if polymer is not None and study.process == "fdm":
        value = polymer.nozzle_temperature
        low, high = value.range
        words = f"{card_value(value)} ({span(low, high, value.unit)}; card, {value.grade})"
        yield "Nozzle temperature", words


def _part_row(part: Part, volume: float, drug: float) -> tuple[str, ...]:
    return (
        part.name or "tablet",
        str(part.extruder),
        describe.formulation(part.formulation),
        _place_words(part),
        infill_words(part.infill),
        f"{volume / mm**3:.4g} mm³",
        f"{drug / mg:.4g} mg" if math.isfinite(drug) else "",
    )


def _place_words(part: Part) -> str:
    if part.place is None:
        return "all the rest"
    bottom = quantity(part.place.at[2], "mm")
    if part.place.endless:
        return f"{quantity(part.place.shape.size[2], 'mm')} thick, from {bottom} up"
    return f"{shape_words(part.place.shape)}, from {bottom} up"

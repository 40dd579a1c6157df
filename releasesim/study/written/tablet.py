"""The tables of a tablet and of what it is made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from releasesim.geometry.drops.shape import Drops
from releasesim.geometry.shape import FileShape
from releasesim.study.laws import DrugPhysics
from releasesim.study.routes import USER
from releasesim.study.written.laws import laws_data
from releasesim.study.written.text import changed, field_text
from releasesim.units import exact_quantity

if TYPE_CHECKING:
    from releasesim.cards import Card
    from releasesim.geometry.infill import Infill
    from releasesim.geometry.shapes import Shape
    from releasesim.tablet import Formulation, Ink, Inkjet, Layer, Region, Tablet

Data = dict[str, Any]


def tablet_data(tablet: Tablet, drugs: Mapping[str, DrugPhysics]) -> Data:
    """Shape, infill, inkjet, regions and layers; `drugs`: own laws by region and drug."""
    data: Data = {"shape": _shape(tablet.shape)}
    if tablet.layers:
        data["shape"].pop("height", None)
        data["shape"].pop("thickness", None)
    if tablet.infill is not None:
        data["infill"] = _infill(tablet.infill)
    if tablet.inkjet is not None:
        if tablet.inkjet.layers is not None:
            data["shape"].pop("height", None)
            data["shape"].pop("thickness", None)
        data["inkjet"] = _inkjet(tablet.inkjet)
    made_of = ["shape", "formulation", "infill", "inkjet", "regions", "layers"]
    if tablet.shape.of_roads:  # which say their own
        made_of += ["layer_height", "road_width"]
    rest = [f.name for f in dataclasses.fields(tablet) if f.name not in made_of]
    data |= changed(tablet, rest)
    for key, parts in (("region", tablet.regions), ("layer", tablet.layers)):
        if parts:
            data[key] = [_part(part, drugs.get(part.name, {})) for part in parts]
    return data


def _shape(shape: Shape) -> Data:
    if isinstance(shape, FileShape):
        return {"kind": shape.kind, "file": shape.file, **shape.written()}
    sizes = {f.name: field_text(f.name, getattr(shape, f.name)) for f in dataclasses.fields(shape)}
    return {"kind": shape.kind, **sizes}


def _infill(infill: Infill) -> Data:
    density = exact_quantity(infill.density, "%")
    data = {"pattern": infill.pattern, "density": density, **changed(infill, ["angle"])}
    if infill.graded is None:
        return data
    to = exact_quantity(infill.graded.to, "%")
    return data | {"graded": {"along": infill.graded.along, "to": to, "steps": infill.graded.steps}}


_INK_UNITS = {"concentration": "mg/mL", "solids": "%", "density": "g/cm3", "viscosity": "cP"}


_INKJET_UNITS = {
    **dict.fromkeys(("pitch", "pitch_y", "spot", "line_pitch", "line_width"), "um"),
    "drop_volume": "pL",
    "volume_per_length": "nL/mm",
    "coverage": "%",
    "drying": "min",
}


def _inkjet(inkjet: Inkjet) -> Data:
    defaults = {field.name: field.default for field in dataclasses.fields(inkjet)}
    said = {name: value for name, value in vars(inkjet).items() if value != defaults[name]}
    data = {
        name: exact_quantity(value, _INKJET_UNITS[name]) if name in _INKJET_UNITS else value
        for name, value in said.items()
    }
    return data | {"ink": _ink(inkjet.ink)}


def _ink(ink: Ink) -> Data:
    said = {name: value for name, value in vars(ink).items() if value is not None}
    return {name: exact_quantity(value, _INK_UNITS[name]) for name, value in said.items()}


def _part(part: Region | Layer, drugs: DrugPhysics) -> Data:
    data: Data = {"name": part.name}
    shape, at = getattr(part, "shape", None), getattr(part, "at", None)
    if shape is not None and not (shape.of_roads or isinstance(shape, Drops)):
        place = {} if at is None else {"at": [exact_quantity(x, "mm") for x in at]}
        data["shape"] = _shape(shape) | place
    data |= changed(part, [f.name for f in dataclasses.fields(part) if f.name == "thickness"])
    if part.infill is not None:
        data["infill"] = _infill(part.infill)
    data |= changed(part, ["extruder", "partition"])
    if part.formulation is not None:
        data["formulation"] = formulation_data(part.formulation)
    if part.ink is not None:
        data["ink"] = _ink(part.ink)
    if part.physics or drugs:
        own = {drug: laws_data(laws) for drug, laws in drugs.items()}
        data["physics"] = laws_data(part.physics) | own
    return data


def formulation_data(made: Formulation) -> Data:
    """Drug, polymer and how much of each; the density where it was given."""
    data = _contents(made)
    density = made.density_given
    others = (*made.further_drugs, *made.inert_drugs, *made.excipients)
    cards = (made.drug, made.polymer, *(card for card, _ in others))
    if density is None and any(map(_replaced, cards)):
        density = made.density  # what the replaced card number made of it
    if density is not None:
        data["density"] = exact_quantity(density, "g/cm3")
    if made.assay != 1.0:
        data["assay"] = exact_quantity(made.assay, "%")
    return data


def _contents(made: Formulation) -> Data:
    names = {"drug": made.drug and made.drug.name, "polymer": made.polymer and made.polymer.name}
    data: Data = {key: name for key, name in names.items() if name}
    if made.concentration_given is not None:
        return data | {"concentration": exact_quantity(made.concentration_given, "mg/mL")}
    if made.further_drugs or made.inert_drugs or not made.drug_loading:
        return {"components": _components(made, data)}
    data["drug_loading"] = exact_quantity(made.drug_loading, "%")
    if made.excipients:
        data["excipients"] = [
            {"name": card.name, "fraction": exact_quantity(share, "%")}
            for card, share in made.excipients
        ]
    return data


def _components(made: Formulation, names: Data) -> list[Data]:
    drugs = [("drug", card.name, share) for card, share in made.drug_loadings]
    inert = [("drug", card.name, share) for card, share in made.inert_drugs]
    rest = [("polymer", names["polymer"], made.polymer_fraction)]
    rest += [("excipient", card.name, share) for card, share in made.excipients]
    return [
        *(_component(*part) for part in drugs),
        *(_component(*part) | {"inert": True} for part in inert),
        *(_component(*part) for part in rest),
    ]


def _component(what: str, name: str, share: float) -> Data:
    return {what: name, "fraction": exact_quantity(share, "%")}


def _replaced(card: Card | None) -> bool:
    density = getattr(card, "density", None)
    return getattr(density, "source", None) == USER

"""Where a dotted name leads in a study: to its tablet, physics, bath or run."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from releasesim.cards import Card, Value
from releasesim.errors import InputError, UnitError
from releasesim.geometry.shape import FileShape
from releasesim.parameters import (
    get_parameter,
    parameter_names,
    replace_parameter,
    unknown_name,
)
from releasesim.physics import Law, Physics, parameter_units
from releasesim.study.card_laws import with_effective_laws, with_mechanisms
from releasesim.study.fields import Quantity
from releasesim.study.laws import MECHANISM, SURROUNDINGS, parts_of
from releasesim.study.names import field_of, read_value
from releasesim.study.schema import DRUG_SLOTS, SLOTS
from releasesim.units import exact_quantity, parse_quantity

if TYPE_CHECKING:
    from releasesim.study.study import Study
    from releasesim.tablet import Tablet

AnyStudy = TypeVar("AnyStudy", bound="Study")

_CARD_WORDS = ("drug.", "polymer.", "excipient.", "density_given", "concentration_given")
_LAWS = ("physics", "region_physics", "drug_physics")
"""Fields that hold laws."""


class Route(NamedTuple):
    """A field of the study, the region or drug where it is a mapping, the rest of the name."""

    field: str
    region: str | None
    rest: str


def route(name: str) -> Route:
    """Find where a dotted name leads.

    Examples
    --------
    >>> route("region.core.diffusion.D")
    Route(field='region_physics', region='core', rest='diffusion.D')
    >>> route("physics.caffeine.diffusion.D").field
    'drug_physics'
    >>> route("infill.density").field
    'tablet'
    """
    first, *rest = name.split(".")
    if first == "physics" and len(rest) > 1 and rest[0] not in SLOTS and rest[1] in SLOTS:
        return Route("drug_physics", rest[0], ".".join(rest[1:]))
    words = [word for word in name.split(".") if word != "physics"]
    if words and words[0] in SLOTS:
        return Route("physics", None, ".".join(words))
    if words and words[0] in ("run", "medium", "bath", "patient"):
        field = "bath" if words[0] == "medium" else words[0]
        return Route(field, None, ".".join(words[1:]))
    if len(words) > 2 and words[0] in ("region", "layer") and words[2] in SLOTS:
        return Route("region_physics", words[1], ".".join(words[2:]))
    return Route("tablet", None, ".".join(words).replace("formulation.density", _DENSITY))


_DENSITY = "formulation.density_given"

USER = "set by the user"
"""Source of a card's number that a study has replaced."""


def names(study: Study) -> list[str]:
    """List the dotted names of a study that a fit or a design would use."""
    physics = [name for name in parameter_names(study.physics) if "." in name]
    regions = [
        f"region.{region}.{name}"
        for region, laws in study.region_physics.items()
        for name in parameter_names(laws)
    ]
    tablet = [name for name in parameter_names(study.tablet) if _is_free(name)]
    drugs = [
        f"physics.{drug}.{name}"
        for drug in (study.drugs if not study.one_drug else ())
        for name in parameter_names(_laws_of_drug(study, drug))
        if name.partition(".")[0] in DRUG_SLOTS
    ]
    medium = [f"medium.{name}" for name in ("volume", "partition", "speed", "temperature")]
    run = [f"run.{name}" for name in parameter_names(study.run)]
    person = [f"patient.{name}" for name in parameter_names(study.patient)]
    return [*tablet, *physics, *regions, *drugs, *medium, *run, *person]


def _is_free(name: str) -> bool:
    """Whether a name is no card's, and nothing that stands in a file."""
    if ".toolpath." in name or name.endswith((".sha256", ".path", "shape.factor")):
        return False
    return not any(word in f"{name}." for word in _CARD_WORDS) or name.endswith(".fraction")


def get_value(study: Study, name: str) -> Any:
    """Return what stands under a dotted name, in SI."""
    way = route(name)
    try:
        if way.field == "drug_physics":
            _check_drug(study, way)
        return get_parameter(_holder(study, way), way.rest)
    except InputError:
        raise unknown_name(name, study.names()) from None


def _check_drug(study: Study, way: Route) -> None:
    if way.region not in study.drugs or way.rest.partition(".")[0] not in DRUG_SLOTS:
        raise InputError("no drug of the tablet, or no law that a drug has of its own")


def replace_value(study: AnyStudy, name: str, value: Any) -> AnyStudy:
    """Return a copy of the study with the value under one dotted name replaced."""
    old = get_value(study, name)
    if isinstance(value, str) and name.rpartition(".")[2] in ("drug", "polymer"):
        return _with_card(study, name, value)
    way = route(name)
    new = _read(study, name, way, value)
    if isinstance(old, Value):
        changed = _with_card_number(study, way, old, new)
    else:
        changed = _with(study, way, replace_parameter(_holder(study, way), way.rest, new))
    inputs = {key: kept for key, kept in study.inputs.items() if not _settles(name, key)}
    return dataclasses.replace(changed, inputs=inputs)


def _settles(name: str, card_value: str) -> bool:
    """Whether giving `name` makes a card value unused: a density replaces those of all parts."""
    whole = name.endswith("formulation.density")
    return card_value == name or (whole and card_value.startswith(name.removesuffix("density")))


def _holder(study: Study, way: Route) -> Any:
    if way.field == "drug_physics":
        return _laws_of_drug(study, str(way.region))
    if way.region is not None:
        return study.region_physics.get(way.region, study.physics)
    return getattr(study, way.field)


def _laws_of_drug(study: Study, drug: str) -> Physics:
    """Laws of one drug in the tablet's own material."""
    own: dict[str, Any] = dict(study.drug_physics.get(drug, {}))
    return dataclasses.replace(study.physics, **own)


def _with(study: AnyStudy, way: Route, holder: Any) -> AnyStudy:
    if way.field == "tablet":
        if holder.layers:
            holder = dataclasses.replace(holder, shape=holder.drawn)  # as tall as its layers
        return dataclasses.replace(study, tablet=holder)
    if way.field == "drug_physics":
        return _with_drug_laws(study, str(way.region), holder)
    if way.region is not None:
        return with_region_physics(study, way.region, holder)
    if way.field == "physics":
        return with_physics(study, holder)
    changes: dict[str, Any] = {way.field: holder}
    return dataclasses.replace(study, **changes)


def with_physics(study: AnyStudy, physics: Physics) -> AnyStudy:
    """Change the tablet's laws, and with them those that regions take from the tablet."""
    own = study.tablet.formulation.polymer
    regions = dict(study.region_physics)
    for part in parts_of(study.tablet):
        if part.name in regions:
            polymer = part.formulation.polymer if part.formulation else own
            shared = SLOTS if polymer == own else SURROUNDINGS
            taken = {s: physics.laws()[s] for s in shared if s not in part.physics}
            regions[part.name] = dataclasses.replace(regions[part.name], **taken)  # type: ignore[arg-type]
    return dataclasses.replace(study, physics=physics, region_physics=regions)


def _with_drug_laws(study: AnyStudy, drug: str, physics: Physics) -> AnyStudy:
    """Give a drug laws of its own where they differ from the tablet's, or did before."""
    shared, old = study.physics.laws(), study.drug_physics.get(drug, {})
    own = {s: law for s, law in physics.laws().items() if s in old or law != shared[s]}
    drugs = {**study.drug_physics, drug: own}
    return dataclasses.replace(study, drug_physics={d: laws for d, laws in drugs.items() if laws})


def with_region_physics(study: AnyStudy, name: str, physics: Physics) -> AnyStudy:
    """Change a region's laws: in the study, and as the overrides that the region itself names."""
    parts = "regions" if study.tablet.regions else "layers"
    old = next(part for part in getattr(study.tablet, parts) if part.name == name)
    around = study.region_physics.get(name, study.physics)
    changed = {slot for slot, law in physics.laws().items() if law != around.laws()[slot]}
    if changed & set(MECHANISM):
        changed |= {slot for slot in MECHANISM if not physics.is_off(slot)}
    named = {slot: physics.laws()[slot] for slot in SLOTS if slot in {*old.physics, *changed}}
    tablet = replace_parameter(study.tablet, f"{parts[:-1]}.{name}.physics", named)
    laws = {**study.region_physics, name: physics}
    return dataclasses.replace(study, tablet=tablet, region_physics=laws)


def read_for(study: Study, name: str, value: Any) -> Any:
    """Read what a dotted name shall hold: SI, or text with a unit; checks the bounds."""
    return _read(study, name, route(name), value)


def _read(study: Study, name: str, way: Route, value: Any) -> Any:
    old = get_value(study, name)
    if isinstance(value, Law) or dataclasses.is_dataclass(value):
        return value  # a law or a part of a tablet, checked by what holds it
    if way.field in _LAWS:
        slot, _, parameter = way.rest.partition(".")
        law = getattr(_holder(study, way), slot)
        return _in_unit(name, value, parameter_units(type(law)).get(parameter, "1"))
    if isinstance(old, Value):
        return _in_unit(name, value, old.si_unit)
    field = field_of(name, _kinds(study))
    return value if field is None else read_value(name, value, field)


def read_width(study: Study, name: str, value: Any) -> float:
    """Read how far a dotted name is spread: in its unit, but the bounds are the value's.

    Raises
    ------
    InputError
        It is no number of that unit, or one of degC, whose 0 is no zero.
    """
    field = field_of(name, _kinds(study))
    if isinstance(field, Quantity) and route(name).field not in _LAWS:
        field = dataclasses.replace(field, low=None, high=None, above=None)
        if field.unit == "degC" and isinstance(value, str) and value.strip().endswith("degC"):
            raise InputError(f'must be a difference of temperatures, in K: "{value[:-4]}K"')
        read = read_value(name, value, field)
    else:
        read = read_for(study, name, value)
    if isinstance(read, str):
        raise InputError("is a word: give a list of choices, or shares")
    return float(read)


def text_for(study: Study, name: str, value: Any) -> Any:
    """Write what a dotted name holds as a study file does."""
    way = route(name)
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return value[0] if len(value) == 1 else list(value)
    if way.field in _LAWS:
        slot, _, parameter = way.rest.partition(".")
        unit = parameter_units(type(getattr(_holder(study, way), slot))).get(parameter, "1")
        return value if unit == "1" else exact_quantity(value, unit)
    field = field_of(name, _kinds(study))
    return exact_quantity(value, field.unit) if isinstance(field, Quantity) else value


def _in_unit(name: str, value: Any, unit: str) -> Any:
    if not isinstance(value, str) or unit == "text":
        return value
    try:
        return parse_quantity(value, unit)
    except UnitError as error:
        raise UnitError(f"{name} = {error.message}") from None


def _kinds(study: Study) -> dict[str, str]:
    regions = {region.name: region.shape.kind for region in study.tablet.regions}
    return {"": study.tablet.shape.kind, **regions}


def _with_card(study: AnyStudy, name: str, card: str) -> AnyStudy:
    """Exchange a card by its name; laws that came from the old card come from the new one."""
    full = with_mechanisms(study)
    data = full.to_data()
    table: Any = data
    words = name.split(".")
    if words[0] in ("region", "layer"):
        table = next(part for part in data["tablet"][words[0]] if part["name"] == words[1])
        words = words[2:]
    for word in words[:-1]:
        table = table[word]
    table[words[-1]] = card
    data.pop("target", None)  # stays as it is: its curve's file need not be read again
    _find_shapes(study.tablet, data["tablet"])
    made = _with_shapes(type(study).from_dict(data), study.tablet)
    if full is not study:  # one effective law takes the place of another
        made = with_effective_laws(made)
    return dataclasses.replace(made, path=study.path, target=study.target)


def _find_shapes(tablet: Tablet, table: dict[str, Any]) -> None:
    """Write shapes that stand in files with the places where they were found."""
    shapes = [tablet.shape, *(region.shape for region in tablet.regions)]
    for shape, part in zip(shapes, (table, *table.get("region", ())), strict=True):
        if isinstance(shape, FileShape) and "shape" in part:
            part["shape"]["file"] = shape.path


def _with_shapes(study: AnyStudy, tablet: Tablet) -> AnyStudy:
    """Give a study the very shapes of a tablet, with the names that their files had."""
    pairs = zip(study.tablet.regions, tablet.regions, strict=True)
    regions = tuple(dataclasses.replace(own, shape=like.shape) for own, like in pairs)
    changed = study.tablet.replace(shape=tablet.shape, regions=regions)
    return dataclasses.replace(study, tablet=changed)


def _with_card_number(study: AnyStudy, way: Route, old: Value, new: float) -> AnyStudy:
    """Change a number of a card; the card's hash then says that it is no longer the file's."""
    holder = _holder(study, way)
    at, _, last = way.rest.rpartition(".")
    found = get_parameter(holder, at)
    card, share = found if isinstance(found, tuple) else (found, None)
    value = dataclasses.replace(old, value=float(new), low=None, high=None, source=USER)
    changes: dict[str, Any] = {last: value}
    if isinstance(card, Card):
        mark = f"{card.hash} with {last} {float(new)!r}"
        changes["hash"] = hashlib.sha256(mark.encode()).hexdigest()
    changed: Any = dataclasses.replace(card, **changes)
    if share is not None:
        changed = (changed, share)  # an excipient stands with its mass fraction
    return _with(study, way, replace_parameter(holder, at, changed))

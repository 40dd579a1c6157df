"""Which laws a material follows: the user's, else those of the polymer's card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from releasesim.cards import Polymer, Value
from releasesim.errors import InputError, UnitError
from releasesim.physics import Law, Physics, law, law_class, parameter_units
from releasesim.study import schema
from releasesim.study.fields import did_you_mean
from releasesim.study.locate import Keys
from releasesim.study.source import Source
from releasesim.tablet import Layer, Region, Tablet
from releasesim.units import format_quantity, parse_quantity, show_value

MECHANISM = ("diffusion", "erosion", "hydration", "swelling", "hydrolysis", "dissolution")
"""Slots that are the material's; film and channels are the surroundings'."""

SURROUNDINGS = ("film", "channels")
"""Slots that regions take from the tablet unless they name them."""

DrugPhysics = Mapping[str, Mapping[str, Law]]
"""Laws by slot, by name of the drug whose own they are."""

_GRADES = ("measured", "literature", "estimate")


@dataclass(frozen=True)
class Material:
    """The physics of one material and where it comes from.

    Parameters
    ----------
    physics : Physics
        One law in each slot.
    values : mapping of str to Value
        Card values among its parameters, by dotted name.
    """

    physics: Physics
    values: Mapping[str, Value] = field(default_factory=dict)


def resolve(
    source: Source,
    keys: Keys,
    slots: schema.Slots | None,
    polymer: Polymer | None,
    inherited: Physics | None = None,
) -> Material:
    """Choose a law for every slot of one material.

    A mechanism slot named by the user makes the whole mechanism the user's: the other mechanism
    slots then hold their null laws, or those of `inherited`.

    Parameters
    ----------
    source : Source
        For messages.
    keys : tuple
        Where the slots stand.
    slots : schema.Slots or None
        Laws the user names.
    polymer : Polymer or None
        Whose card gives a mechanism when the user names none.
    inherited : Physics, optional
        Of the tablet, for a region of the same polymer: overridden slot by slot.

    Raises
    ------
    InputError
        A law cannot be read, or nobody gives a mechanism.
    """
    given = read_laws(source, keys, slots)
    if inherited is not None:
        return Material(Physics(**{**inherited.laws(), **given}))  # type: ignore[arg-type]
    if set(given) & set(MECHANISM):
        return Material(Physics(**given))  # type: ignore[arg-type]
    if polymer is None:
        raise source.error(
            keys,
            f"no polymer card gives a mechanism: name at least one of {', '.join(MECHANISM)}",
        )
    return _from_card(polymer, given)


def parts_of(tablet: Tablet) -> tuple[Region | Layer, ...]:
    """Regions or layers of a tablet."""
    return tablet.regions or tablet.layers


def card_physics(polymer: Polymer, given: Mapping[str, Law] | None = None) -> Physics:
    """Return the effective physics of a polymer's card, with laws given for other slots."""
    return _from_card(polymer, given or {}).physics


def read_laws(
    source: Source, keys: Keys, slots: schema.Slots | schema.DrugSlots | None
) -> dict[str, Law]:
    """Read the laws a user names, by slot."""
    tables = {slot: getattr(slots, slot, None) for slot in schema.SLOTS}
    return {
        slot: _read_law(source, (*keys, slot), slot, table)
        for slot, table in tables.items()
        if table is not None
    }


def read_drug_laws(
    source: Source, keys: Keys, table: schema.Physics | None, drugs: Sequence[str]
) -> DrugPhysics:
    """Read the laws that single drugs of several have of their own, by drug and slot.

    Parameters
    ----------
    source : Source
        For messages.
    keys : tuple
        Where the slots stand.
    table : schema.Physics or None
        Its unknown keys are names of drugs.
    drugs : sequence of str
        Names of the drugs in the tablet.

    Raises
    ------
    InputError
        A drug that is not in the tablet.
    """
    found = {}
    own = (table.model_extra if table is not None else None) or {}
    for name, slots in own.items():
        if name not in drugs:
            hint = did_you_mean(name, list(drugs))
            known = f"there {'are' if len(drugs) > 1 else 'is'} {', '.join(drugs)}"
            raise source.error((*keys, name), f"no drug of this tablet; {known}{hint}")
        found[name] = read_laws(source, (*keys, name), slots)
    return {name: laws for name, laws in found.items() if laws}


def laws_by_name(physics: Physics, own: DrugPhysics, drugs: Sequence[str]) -> dict[str, Law]:
    """Laws under their dotted names: "film", and "physics.caffeine.film" of one drug of several."""
    shared = physics.laws()
    single = {
        f"physics.{drug}.{slot}": own.get(drug, {}).get(slot, shared[slot])
        for drug in drugs
        for slot in schema.DRUG_SLOTS
        if len(drugs) > 1 or drug in own
    }
    return {**shared, **single}


def _read_law(source: Source, keys: Keys, slot: str, table: schema.Law) -> Law:
    with source.at(*keys, "law"):
        cls = law_class(slot, table.law)
    units = parameter_units(cls)
    parameters = {
        name: read_parameter(source, (*keys, name), table.law, units, raw)
        for name, raw in (table.model_extra or {}).items()
    }
    with source.at(*keys):
        return law(slot, table.law, **parameters)


def read_parameter(
    source: Source, keys: Keys, owner: str, units: Mapping[str, str], raw: Any
) -> float | str:
    """Read one parameter of a law, whose name is the last key, in its SI unit."""
    name = str(keys[-1])
    if name not in units:
        known = ", ".join(units) or "none"
        hint = did_you_mean(name, list(units))
        raise source.error(keys, f"no parameter of {owner}; there are {known}{hint}")
    if units[name] == "text":
        if not isinstance(raw, str):
            raise source.error(keys, 'must be a word in quotes: "..."')
        return raw
    try:
        return parse_quantity(raw, units[name])
    except UnitError as error:
        message = error.message.removeprefix(f"{show_value(raw)}: ")
        raise source.error(keys, message, UnitError) from None


def _from_card(polymer: Polymer, given: Mapping[str, Law]) -> Material:
    laws: dict[str, Law] = {}
    values: dict[str, Value] = {}
    for slot, spec in polymer.effective_physics.items():
        try:
            laws[slot] = law(slot, spec.law, **spec.arguments)
        except InputError as error:
            raise type(error)(f"effective_physics.{slot}: {error.message}", polymer.path) from None
        values.update({f"{slot}.{name}": value for name, value in spec.parameters.items()})
    physics = Physics(**{**laws, **given})  # type: ignore[arg-type]
    return Material(physics, values)


def fallback_notice(polymer: Polymer) -> str:
    """Say which laws of the card were taken, and how sure they are."""
    default = [spec.law for spec in polymer.default_physics.values()]
    taken = ", ".join(_describe(spec) for spec in polymer.effective_physics.values())
    grades = [
        v.grade for spec in polymer.effective_physics.values() for v in spec.parameters.values()
    ]
    grade = max(grades, key=_GRADES.index, default="estimate")
    sure = {"estimate": "an estimate", "literature": "from the literature"}.get(grade, grade)
    effective = [spec.law for spec in polymer.effective_physics.values()]
    if not default or default == effective:
        return f"polymer '{polymer.name}': simulated with its card's {taken}, {sure}"
    return (
        f"polymer '{polymer.name}': its card's mechanism ({', '.join(default)}) is not coupled in "
        f"this version; simulated with its effective fallback {taken}, {sure}"
    )


def _describe(spec: Any) -> str:
    numbers = [f"{name} = {format_quantity(v, v.unit)}" for name, v in spec.parameters.items()]
    words = [f"{name} = {word}" for name, word in spec.options.items()]
    return f"{spec.law}({', '.join(numbers + words)})"

"""Which laws a material follows: the user's, else those of the polymer's card."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from releasesim.cards import Polymer, Value
from releasesim.errors import InputError, UnitError
from releasesim.physics import (
    EntericFront,
    Law,
    LocalEquilibrium,
    NoyesWhitney1897,
    Physics,
    StagnantChannels,
    law,
    law_class,
    parameter_units,
)
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

DEFAULT, EFFECTIVE = "default_physics", "effective_physics"
"""The two mechanisms of a polymer's card: the literature's, and one law that lumps it."""

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
    named : bool
        Whether the user wrote the numbers, be they the card's own.
    """

    physics: Physics
    values: Mapping[str, Value] = field(default_factory=dict)
    named: bool = False


@dataclass(frozen=True)
class Setting:
    """What of a study a card's mechanism may lean on.

    Parameters
    ----------
    pH : bool
        Whether a medium is named.
    drug : bool
        Whether the drug has a card.
    stagnant : bool
        Whether the liquid in the channels stands, which no engine couples with erosion.
    """

    pH: bool
    drug: bool
    stagnant: bool = False


def resolve(
    source: Source,
    keys: Keys,
    slots: schema.Slots | None,
    polymer: Polymer | None,
    setting: Setting,
    *,
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
    setting : Setting
        What the card's mechanism may lean on.
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
        return _named(Physics(**given), polymer)  # type: ignore[arg-type]
    if polymer is None:
        raise source.error(
            keys,
            f"no polymer card gives a mechanism: name at least one of {', '.join(MECHANISM)}",
        )
    stagnant = isinstance(given.get("channels"), StagnantChannels)
    return _from_card(polymer, dataclasses.replace(setting, stagnant=stagnant), given)


def parts_of(tablet: Tablet) -> tuple[Region | Layer, ...]:
    """Regions or layers of a tablet."""
    return tablet.regions or tablet.layers


def card_physics(polymer: Polymer, setting: Setting) -> Physics:
    """Return the physics that a polymer's card gives where the user names no mechanism."""
    return _from_card(polymer, setting, {}).physics


def card_material(polymer: Polymer, title: str) -> Material:
    """Return the "default_physics" or "effective_physics" of a card.

    Raises
    ------
    InputError
        The card names a law or a parameter that there is not.
    """
    laws: dict[str, Law] = {}
    values: dict[str, Value] = {}
    for slot, spec in _specs(polymer, title).items():
        try:
            laws[slot] = law(slot, spec.law, **spec.arguments)
        except InputError as error:
            raise type(error)(f"{title}.{slot}: {error.message}", polymer.path) from None
        values.update({f"{slot}.{name}": value for name, value in spec.parameters.items()})
    return Material(Physics(**laws), values)  # type: ignore[arg-type]


def mechanism(physics: Physics) -> dict[str, Law]:
    """Laws of the material that are not switched off, by slot."""
    laws = physics.laws()
    return {slot: laws[slot] for slot in MECHANISM if not laws[slot].off}


def lacking(polymer: Polymer, setting: Setting) -> str:
    """Say what the mechanism of a card needs and a study lacks; empty where nothing is missing."""
    if not polymer.default_physics:
        return "no mechanism on its card"
    laws = card_material(polymer, DEFAULT).physics
    if isinstance(laws.erosion, EntericFront) and not setting.pH:
        return "a medium with a pH"
    saturating = isinstance(laws.dissolution, LocalEquilibrium | NoyesWhitney1897)
    if saturating and getattr(laws.dissolution, "solubility", None) is None:
        if not setting.drug:
            return "a drug card with a solubility"
        if not setting.pH:
            return "a medium with a pH"
    if setting.stagnant and not laws.is_off("erosion"):
        return "channels that are stirred"
    return ""


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


def laws_by_name(
    tablet: Tablet, physics: Physics, parts: Mapping[str, Physics], own: DrugPhysics
) -> dict[str, Law]:
    """Laws under their dotted names.

    "film", "physics.caffeine.film" of one drug of several, "region.core.diffusion" of a region or a
    layer, which has the tablet's where it is not in `parts`.
    """
    shared = physics.laws()
    single = {
        f"physics.{drug}.{slot}": own.get(drug, {}).get(slot, shared[slot])
        for drug in tablet.drugs
        for slot in schema.DRUG_SLOTS
        if len(tablet.drugs) > 1 or drug in own
    }
    inside = {
        f"region.{part.name}.{slot}": parts.get(part.name, physics).laws()[slot]
        for part in parts_of(tablet)
        for slot in MECHANISM
    }
    return {**shared, **single, **inside}


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


def _from_card(polymer: Polymer, setting: Setting, given: Mapping[str, Law]) -> Material:
    """Take the card's mechanism, or its effective law where the study lacks what that needs."""
    found = card_material(polymer, EFFECTIVE if lacking(polymer, setting) else DEFAULT)
    return Material(dataclasses.replace(found.physics, **given), found.values)  # type: ignore[arg-type]


def _named(physics: Physics, polymer: Polymer | None) -> Material:
    """Take the user's laws; where they are the card's, its numbers stay as sure as it says."""
    if polymer is None:
        return Material(physics, named=True)
    laws = mechanism(physics)
    for title in (DEFAULT, EFFECTIVE):
        card = card_material(polymer, title)
        theirs = mechanism(card.physics)
        if {slot: type(law) for slot, law in laws.items()} != {s: type(theirs[s]) for s in theirs}:
            continue
        same = {name: v for name, v in card.values.items() if _number(laws, name) == float(v)}
        if same:
            return Material(physics, same, named=True)
    return Material(physics, named=True)


def _number(laws: Mapping[str, Law], name: str) -> float | None:
    slot, _, parameter = name.partition(".")
    value: float | None = getattr(laws[slot], parameter)
    return value


def card_notice(polymer: Polymer, physics: Physics, values: Mapping[str, Value], lacks: str) -> str:
    """Say which laws of the card were taken, and how sure they are.

    Parameters
    ----------
    polymer : Polymer
    physics : Physics
        Of the material, as it will be simulated.
    values : mapping of str to Value
        Card values that are still among its parameters.
    lacks : str
        What the card's mechanism needs and the study does not have; empty for nothing.
    """
    laws = mechanism(physics)
    default = {slot: spec.law for slot, spec in _specs(polymer, DEFAULT).items()}
    taken = ", ".join(_describe(polymer, slot, law, values) for slot, law in laws.items())
    grade = max((v.grade for v in values.values()), key=_GRADES.index, default="estimate")
    sure = {"estimate": "an estimate", "literature": "from the literature"}.get(grade, grade)
    start, end = f"polymer '{polymer.name}': ", f"{taken}, {sure}"
    if {slot: type(law).__name__ for slot, law in laws.items()} == default:
        return f"{start}simulated with its card's mechanism {end}"
    others = ", ".join(default.values())
    if lacks and default:
        return (
            f"{start}its card's mechanism ({others}) needs {lacks}; simulated with its effective "
            f"law {end}"
        )
    instead = f", in place of its card's mechanism ({others})" if default else ""
    return f"{start}simulated with its effective law {end}{instead}"


def _specs(polymer: Polymer, title: str) -> Mapping[str, Any]:
    specs: Mapping[str, Any] = getattr(polymer, title)
    return specs


def _describe(polymer: Polymer, slot: str, law: Law, values: Mapping[str, Value]) -> str:
    """Write a law with its numbers in the units of the card; says which are the user's."""
    name = type(law).__name__
    specs = (_specs(polymer, title).get(slot) for title in (DEFAULT, EFFECTIVE))
    spec = next((spec for spec in specs if spec is not None and spec.law == name), None)
    units = {} if spec is None else {key: value.unit for key, value in spec.parameters.items()}
    numbers = [
        f"{key} = {format_quantity(getattr(law, key), unit)}"
        + ("" if f"{slot}.{key}" in values else " as set")
        for key, unit in units.items()
    ]
    words = [] if spec is None else [f"{key} = {getattr(law, key)}" for key in spec.options]
    return f"{name}({', '.join(numbers + words)})"

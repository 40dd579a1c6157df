"""What a card could get wrong and still load: bands, sources, formulas, lumped laws."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from releasesim.cards.bands import find_band
from releasesim.cards.bibliography import Reference, read_bibliography
from releasesim.cards.card import Card
from releasesim.cards.drug import Drug
from releasesim.cards.folder import FOLDERS, list_cards, models_folder
from releasesim.cards.formula import molar_mass
from releasesim.cards.gene import Gene
from releasesim.cards.library import load_card
from releasesim.cards.polymer import Polymer
from releasesim.cards.reading import CardSource, did_you_mean
from releasesim.cards.value import Value
from releasesim.errors import CardError, InputError
from releasesim.units import format_quantity

LUMPED = {"diffusion": "ConstantDiffusivity", "erosion": "ConstantFront"}
"""What an effective mechanism may be."""


def lint_cards(folder: Path | str | None = None) -> list[str]:
    """Return every problem of the cards in a folder, one line each; empty where all is well.

    Parameters
    ----------
    folder : Path, optional
        Laid out like `models/`; absent = the cards that ship.

    Returns
    -------
    list of str
        `file:line name: what is wrong`, in the order of kinds and names.
    """
    root = Path(folder) if folder else models_folder()
    problems: list[str] = []
    cards: list[Card] = []
    for kind in FOLDERS:
        for name in list_cards(kind, root):
            try:
                cards.append(load_card(kind, name, root))
            except CardError as error:
                problems.append(str(error))
    problems += [str(error) for card in cards for error in _card_problems(card)]
    return problems + [str(error) for error in _source_problems(cards, root)]


def _card_problems(card: Card) -> Iterator[CardError]:
    source = CardSource(card.path, card.path.read_text(encoding="utf-8"))
    for name, value in card.values().items():
        for message in _value_problems(card.kind, name, value):
            yield source.error(name, message)
    special = {Drug: _drug_problems, Polymer: _polymer_problems, Gene: _gene_problems}.get(
        type(card)
    )
    for name, message in special(card) if special else ():
        yield source.error(name, message)


def _value_problems(kind: str, name: str, value: Value) -> Iterator[str]:
    band = find_band(kind, name)
    numbers = dict.fromkeys((value.value, *value.range))
    for number in numbers if band else ():
        if complaint := band.complaint(number, format_quantity(number, value.unit)) if band else "":
            yield complaint
    if value.grade == "estimate" and value.low is None:
        yield "an estimate needs a range"


def _drug_problems(card: Card) -> Iterator[tuple[str, str]]:
    if not isinstance(card, Drug):
        return
    try:
        expected = molar_mass(card.formula)
    except CardError as error:
        yield "formula", error.message
        return
    if abs(card.molar_mass.value / expected - 1) > 1e-3:
        yield "molar_mass", f"{card.formula} weighs {expected * 1000:.2f} g/mol"
    yield from _kinetics_problems(card)
    highest = float(np.max(card.solubility(np.linspace(1.0, 8.0, 15))))
    if highest > 2000.0:
        yield "intrinsic_solubility", f"rises to {highest:.0f} mg/mL between pH 1 and 8: add a salt"


def _kinetics_problems(card: Drug) -> Iterator[tuple[str, str]]:
    """Enzymes and diplotypes of a drug must be those of the gene cards."""
    kinetics, root = card.pharmacokinetics, card.path.parent.parent
    for enzyme in kinetics.fm:
        if enzyme.lower() not in list_cards("gene", root):
            yield f"pharmacokinetics.fm.{enzyme}", "there is no gene card of this name"
    for number, measured in enumerate(kinetics.genotypes, 1):
        where = f"pharmacokinetics.genotypes.{number}"
        try:
            gene = Gene.load(measured.gene.lower(), root)
            if measured.diplotype:
                gene.genotype(measured.diplotype)
        except InputError as error:
            yield where, error.message
            continue
        known = [phenotype.name for phenotype in gene.phenotypes]
        if measured.phenotype and measured.phenotype not in known:
            yield where, f"{measured.phenotype}: must be one of {', '.join(known)}"


def _gene_problems(card: Card) -> Iterator[tuple[str, str]]:
    """Every diplotype of known alleles must have one phenotype."""
    if not isinstance(card, Gene) or card.scheme == "none":
        return
    if len(card.phenotypes) != len({phenotype.name for phenotype in card.phenotypes}):
        yield "phenotypes", "one name stands for two rules"
    alleles = {value: name for name, value in card.alleles.items()}
    for first, second in itertools.combinations_with_replacement(alleles.values(), 2):
        try:
            card.genotype(f"{first}/{second}")
        except InputError as error:
            yield "phenotypes", error.message
    for name in set(card.uncertain) & set(card.alleles):
        yield "uncertain", f"{name} has a function as well"


def _polymer_problems(card: Card) -> Iterator[tuple[str, str]]:
    if not isinstance(card, Polymer):
        return
    lumped = {slot: law.law for slot, law in card.effective_physics.items()}
    if len(lumped) != 1 or not lumped.items() <= LUMPED.items():
        yield "effective_physics", "must be one ConstantDiffusivity or one ConstantFront"
    for slot, law in card.effective_physics.items():
        if not law.note.startswith("effective:"):
            yield (
                f"effective_physics.{slot}",
                'its note must begin "effective:" and say what it lumps',
            )


def _source_problems(cards: list[Card], root: Path) -> Iterator[CardError]:
    path = root / "references.bib"
    try:
        references = read_bibliography(path)
    except (CardError, OSError) as error:
        yield CardError(f"cannot be read: {error}", path)
        return
    yield from _missing_sources(cards, references)
    yield from _unused_sources(cards, references, path)


def _missing_sources(cards: list[Card], references: dict[str, Reference]) -> Iterator[CardError]:
    for card in cards:
        for name, key in card.cited().items():
            if key not in references:
                source = CardSource(card.path, card.path.read_text(encoding="utf-8"))
                hint = did_you_mean(key, references)
                yield source.error(name, f"no {key} in references.bib{hint}")


def _unused_sources(
    cards: list[Card], references: dict[str, Reference], path: Path
) -> Iterator[CardError]:
    words = {word for card in cards for word in re.findall(r"\w+", card.path.read_text("utf-8"))}
    for key, reference in references.items():
        if key not in words:
            yield CardError(f"{key}: no card uses it", path, reference.line)

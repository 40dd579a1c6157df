"""From what is known of a person to the activity of each enzyme, relative to the reference."""

from __future__ import annotations

from dataclasses import dataclass, field

from releasesim.cards import Body, Gene, Genotype, list_cards
from releasesim.errors import CardError, InputError
from releasesim.study import PatientSpec
from releasesim.study.biomarkers import plain_name

_ORDER = {"strong": 0, "moderate": 1, "weak": 2}


@dataclass(frozen=True)
class Enzymes:
    """What genes and other drugs do to a person's enzymes.

    Parameters
    ----------
    genotypes : dict of str to Genotype
        By gene.
    modified : dict of str to float
        Factor on an enzyme's activity by inhibitors and inducers [-].
    words : tuple of str
        Where each comes from.
    unknown : tuple of str
        Comedication of which no card says what it does to enzymes.
    """

    genotypes: dict[str, Genotype] = field(default_factory=dict)
    modified: dict[str, float] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def load_gene(name: str) -> Gene:
    """Return the card of a gene, whose name may be written as geneticists do.

    Raises
    ------
    InputError
        There is no card of this gene; the message names those there are.
    """
    known = list_cards("gene")
    if name.lower() not in known:
        there = ", ".join(card.upper() for card in known)
        raise InputError(f"gene {name} has no card with accepted functions; there are {there}")
    return Gene.load(name.lower())


def enzymes_of(spec: PatientSpec, body: Body) -> Enzymes:
    """Read diplotypes, comedication, inhibitors and inducers of a person.

    Raises
    ------
    InputError
        A gene without accepted functions, or an allele that is unknown: never a default.
    """
    genotypes: dict[str, Genotype] = {}
    for name, text in spec.genotype.items():
        gene = load_gene(name)
        if gene.title in genotypes:
            raise InputError(f"patient.genotype: {gene.title} is given twice, as {name} too")
        genotypes[gene.title] = gene.genotype(text)
    inhibitors, inducers, unknown = _comedication(spec)
    factors = {enzyme: float(body.inhibited[word]) for enzyme, (word, _) in inhibitors.items()}
    for enzyme, (word, _) in inducers.items():
        factors[enzyme] = factors.get(enzyme, 1.0) * float(body.induced[word])
    words = [
        f"{enzyme} is inhibited ({word}, {why}): its activity x {float(body.inhibited[word]):g}"
        for enzyme, (word, why) in inhibitors.items()
    ]
    words += [
        f"{enzyme} is induced ({word}, {why}): its activity x {float(body.induced[word]):g}"
        for enzyme, (word, why) in inducers.items()
    ]
    return Enzymes(genotypes, factors, tuple(words), tuple(unknown))


Modifiers = dict[str, tuple[str, str]]


def _comedication(spec: PatientSpec) -> tuple[Modifiers, Modifiers, list[str]]:
    """Strongest inhibitor and inducer of each enzyme, with who it is; and who was not found."""
    genes = [Gene.load(name) for name in list_cards("gene")] if spec.comedication else []
    found: tuple[Modifiers, Modifiers] = ({}, {})
    unknown = []
    for drug in map(plain_name, spec.comedication):
        hits = [
            (modifiers, gene.title, table[drug])
            for gene in genes
            for modifiers, table in zip(found, (gene.inhibitors, gene.inducers), strict=True)
            if drug in table
        ]
        for modifiers, enzyme, word in hits:
            _keep(modifiers, enzyme, word, drug)
        if not hits and drug not in list_cards("therapy"):
            unknown.append(drug)
    for modifiers, given in zip(found, (spec.inhibitors, spec.inducers), strict=True):
        for enzyme, word in given.items():
            _keep(modifiers, load_gene(enzyme).title, word, "as given")
    return *found, unknown


def _keep(modifiers: Modifiers, enzyme: str, word: str, why: str) -> None:
    """Keep the strongest of each enzyme: classes of two do not multiply."""
    old = modifiers.get(enzyme)
    if old is None or _ORDER[word] < _ORDER[old[0]]:
        modifiers[enzyme] = (word, why)


def reference_body() -> Body:
    """Return the body that drug cards are scaled from."""
    try:
        return Body.load("adult")
    except CardError as error:
        raise InputError(f"the reference body is missing: {error.message}") from None

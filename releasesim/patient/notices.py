"""What a prediction takes for granted of a person, and what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator

from releasesim.cards import Drug, Gene, list_cards
from releasesim.patient.genotype import Enzymes
from releasesim.study import PatientSpec

#: Share of clearance by the kidney from which its function ought to be known [-].
_RENAL = 0.1


def person_notices(drug: Drug, spec: PatientSpec, enzymes: Enzymes) -> Iterator[str]:
    """Say what is taken from the card because the study does not say it, and what is left out.

    Parameters
    ----------
    drug : Drug
        Its card.
    spec : PatientSpec
        What the study says of the person.
    enzymes : Enzymes
        Of this person.
    """
    yield from _unknown_genes(drug, enzymes)
    yield from _other_cards(drug, enzymes)
    for name in enzymes.unknown:
        yield (
            f"comedication {name} is NOT in the prediction: no gene card lists it as inhibitor or "
            f"inducer. If it is one, such as an inducer that lowers plasma, say so in "
            f"patient.inhibitors or patient.inducers"
        )
    yield from _kidney(drug, spec)


def _unknown_genes(drug: Drug, enzymes: Enzymes) -> Iterator[str]:
    """Genes that the drug's clearance depends on, and that the study does not give."""
    kinetics = drug.pharmacokinetics
    genes = dict.fromkeys([*kinetics.fm, *(one.gene for one in kinetics.genotypes)])
    for gene in genes:
        if gene in enzymes.genotypes or not _readable(gene):
            continue
        share = kinetics.fm.get(gene)
        why = "it was measured by genotype" if share is None else f"{gene} makes {share:.0%} of it"
        yield (
            f"no genotype of {gene} is given: clearance as on the card of {drug.name}, though {why}"
        )


def _readable(gene: str) -> bool:
    """Whether a genotype of a gene could be given at all."""
    return gene.lower() in list_cards("gene") and Gene.load(gene.lower()).scheme != "none"


def _other_cards(drug: Drug, enzymes: Enzymes) -> Iterator[str]:
    """Point to the card of an enantiomer that has the share of clearance this one lacks."""
    own = drug.pharmacokinetics
    for name in list_cards("drug"):
        if not name.endswith(f"_{drug.name}"):
            continue
        card = Drug.load(name)
        for gene in enzymes.genotypes:
            if gene in card.pharmacokinetics.fm and gene not in own.fm:
                yield (
                    f"{gene} acts on {card.title}, and not on the card of {drug.name}: take "
                    f'drug = "{name}" ({card.note})'
                )


def _kidney(drug: Drug, spec: PatientSpec) -> Iterator[str]:
    """Say how a filtration rate was read, and that there is none where it matters."""
    ways = (spec.creatinine_clearance, spec.egfr, spec.serum_creatinine)
    share = drug.pharmacokinetics.renal_share
    if all(way is None for way in ways) and share is not None and float(share) >= _RENAL:
        yield (
            f"the kidney's function is not given: renal clearance as on the card of {drug.name}, "
            f"though it is {float(share):.0%} of the whole"
        )
    absent = [key for key in ("height", "weight") if getattr(spec, key) is None]
    if spec.egfr is not None and spec.creatinine_clearance is None and absent:
        yield (
            f"egfr is taken as the person's own mL/min: without {' and '.join(absent)} it cannot "
            "be scaled from 1.73 m2 of body surface"
        )

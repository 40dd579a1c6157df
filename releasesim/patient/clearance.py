r"""The clearance of one person, and the share of an oral dose that reaches the blood.

Intrinsic clearance follows the activity of the enzymes,

.. math:: CL_{int} = CL_{int,ref} \Big(1 - \sum_g f_{m,g}
          + \sum_g f_{m,g}\,\frac{a_g}{a_{g,ref}}\Big)

and, where the liver takes out much of what passes it, the well-stirred model makes clearance and
first pass of it, :math:`CL_h = Q\,CL_{int}/(Q + CL_{int})` and :math:`F \propto 1 - CL_h/Q`. A
clearance that was measured for the diplotype or the phenotype goes before the formula.
"""

from __future__ import annotations

from dataclasses import dataclass

from releasesim.cards import Body, Drug, Genotype, GenotypeClearance, Pharmacokinetics
from releasesim.errors import InputError
from releasesim.patient.genotype import Enzymes
from releasesim.study import PatientSpec
from releasesim.units import format_quantity

YEAR = 365.25 * 86400.0
#: Of the liver's blood flow: above it a drug without an extraction ratio is told of [-].
_HIGH_EXTRACTION = 0.3
_LEAST_AGE_FACTOR = 0.2


@dataclass(frozen=True)
class Elimination:
    """What is left of a card's clearance and bioavailability for one person.

    Parameters
    ----------
    clearance : float
        [m3/s].
    bioavailability : float
        [-].
    words : tuple of str
        Every step from the card's value to this one.
    """

    clearance: float
    bioavailability: float
    words: tuple[str, ...]


def eliminate(
    drug: Drug, spec: PatientSpec, enzymes: Enzymes, body: Body, kidney: float | None
) -> Elimination:
    """Return clearance and bioavailability of one person.

    Parameters
    ----------
    drug : Drug
        Its card.
    spec : PatientSpec
        Weight, age, smoking.
    enzymes : Enzymes
        Of this person.
    body : Body
        What the card is scaled from.
    kidney : float or None
        Creatinine clearance [m3/s].

    Raises
    ------
    InputError
        A genotype that the card has a share of clearance for, and no value.
    """
    kinetics = drug.pharmacokinetics
    words: list[str] = []
    card = float(kinetics.clearance)  # type: ignore[arg-type]
    measured = _measured(drug, enzymes, words)
    renal = card * float(kinetics.renal_share or 0.0)
    base = float(measured.clearance) if measured is not None else card
    liver = max(base - renal, 0.0)
    known = "" if measured is None else measured.gene
    ratio = (card - renal) / liver if liver > 0.0 else 0.0
    factor = _intrinsic_factor(drug, enzymes, known, ratio, words)
    factor *= _habits(drug, spec, words)
    size = _size(kinetics, spec, body)
    liver, share = _through_liver(kinetics, liver, factor, body, words)
    if kidney is not None and renal == 0.0:
        words.append(f"the kidney is left out: the card of {drug.name} has no renal share")
    if kidney is not None and renal > 0.0:
        renal_factor = kidney / float(body.creatinine_clearance)
        words.append(f"renal clearance x {renal_factor:.2g} by creatinine clearance")
    else:
        renal_factor = size
    if size != 1.0:
        words.append(f"clearance x {size:.3g} by weight")
    bioavailability = min(float(kinetics.bioavailability or 1.0) * share, 1.0)
    return Elimination(liver * size + renal * renal_factor, bioavailability, tuple(words))


def _measured(drug: Drug, enzymes: Enzymes, words: list[str]) -> GenotypeClearance | None:
    """Find a clearance that was measured for one of the person's genotypes."""
    for gene, genotype in enzymes.genotypes.items():
        known = [one for one in drug.pharmacokinetics.genotypes if one.gene == gene]
        for one in known:
            if _same(one, genotype):
                rate = format_quantity(float(one.clearance), "L/h", 3)
                words.append(
                    f"{gene} {genotype.diplotype} ({genotype.phenotype}): measured clearance "
                    f"{rate} ({one.clearance.source})"
                )
                return one
    return None


def _same(measured: GenotypeClearance, genotype: Genotype) -> bool:
    if measured.phenotype:
        return measured.phenotype == genotype.phenotype
    return sorted(measured.diplotype.split("/")) == sorted(genotype.diplotype.split("/"))


def _intrinsic_factor(
    drug: Drug,
    enzymes: Enzymes,
    already: str,
    ratio: float,
    words: list[str],
) -> float:
    """Intrinsic clearance over that of the base [-].

    `already` is the gene whose measured clearance is the base, `ratio` the card's own hepatic
    clearance over the base.
    """
    kinetics, factor = drug.pharmacokinetics, 1.0
    for gene, genotype in enzymes.genotypes.items():
        if gene == already:
            continue
        relative = _relative(drug, genotype, words)
        if relative is not None:
            share = float(kinetics.fm[gene]) * ratio
            change = relative * enzymes.modified.get(gene, 1.0)
            factor += share * (change - 1.0)
            words.append(_formula_words(genotype, float(kinetics.fm[gene]), relative))
    for enzyme, change in enzymes.modified.items():
        if enzyme in enzymes.genotypes and enzyme != already:
            continue  # counted with the genotype
        if enzyme not in kinetics.fm:
            words.append(f"{enzyme}: the card of {drug.name} has no share of clearance by it")
            continue
        share = float(kinetics.fm[enzyme]) * ratio
        if enzyme == already:  # what its diplotype leaves of it
            share = max(1.0 - (1.0 - float(kinetics.fm[enzyme])) * ratio, 0.0)
        factor += share * (change - 1.0)
    if factor != 1.0:
        words.append(f"intrinsic clearance x {max(factor, 0.0):.3g}")
    return max(factor, 0.0)


def _relative(drug: Drug, genotype: Genotype, words: list[str]) -> float | None:
    """Activity relative to the reference; None where the drug does not care."""
    kinetics, gene = drug.pharmacokinetics, genotype.gene
    measured = any(one.gene == gene for one in kinetics.genotypes)
    if gene not in kinetics.fm:
        if measured:
            raise InputError(
                f"{drug.name}: no clearance is known for {gene} {genotype.diplotype} "
                f"({genotype.phenotype}); there are "
                f"{', '.join(one.diplotype or one.phenotype for one in kinetics.genotypes)}"
            )
        words.append(
            f"{gene} {genotype.diplotype} ({genotype.phenotype}) is left out: the card of "
            f"{drug.name} has no share of clearance by {gene}"
        )
        return None
    if genotype.relative is None:
        raise InputError(
            f"{drug.name}: {gene} has functions in words and no accepted activity, and the card "
            f"has no clearance for {genotype.phenotype}"
        )
    return genotype.relative


def _formula_words(genotype: Genotype, fm: float, relative: float) -> str:
    return (
        f"{genotype.gene} {genotype.diplotype}: {genotype.phenotype}, activity "
        f"{genotype.activity:g} of {genotype.reference:g}; makes {fm:.0%} of the intrinsic "
        f"clearance, x {relative:g}"
    )


def _habits(drug: Drug, spec: PatientSpec, words: list[str]) -> float:
    """Factors by smoking and age [-]."""
    kinetics, factor = drug.pharmacokinetics, 1.0
    if spec.smoking and kinetics.smoking is None:
        words.append(f"smoking is left out: the card of {drug.name} has no factor for it")
    if spec.smoking and kinetics.smoking is not None:
        factor *= float(kinetics.smoking)
        words.append(f"smoking: hepatic clearance x {float(kinetics.smoking):g}")
    if spec.age is not None and kinetics.clearance_per_year is not None:
        years = (spec.age - float(kinetics.age or 0.0)) / YEAR
        change = max(1.0 + float(kinetics.clearance_per_year) * YEAR * years, _LEAST_AGE_FACTOR)
        if abs(change - 1.0) > 1e-4:
            words.append(f"age {spec.age / YEAR:.3g} y: clearance x {change:.3g}")
            factor *= change
    return factor


def _size(kinetics: Pharmacokinetics, spec: PatientSpec, body: Body) -> float:
    """Factor on clearance by weight [-]."""
    if spec.weight is None:
        return 1.0
    return float((spec.weight / weight_of(kinetics, body)) ** float(body.clearance_exponent))


def weight_of(kinetics: Pharmacokinetics, body: Body) -> float:
    """Weight of the people that a card's numbers hold for [kg]."""
    return float(kinetics.weight if kinetics.weight is not None else body.weight)


def _through_liver(
    kinetics: Pharmacokinetics, liver: float, factor: float, body: Body, words: list[str]
) -> tuple[float, float]:
    """Hepatic clearance [m3/s], and the first pass relative to the card's [-]."""
    if kinetics.extraction is None:
        if liver > _HIGH_EXTRACTION * float(body.liver_blood_flow) and factor != 1.0:
            words.append(
                "clearance is near the liver's blood flow and the card has no extraction ratio: "
                "changes of intrinsic clearance are taken over whole"
            )
        return liver * factor, 1.0
    before = float(kinetics.extraction)
    flow = liver / before
    intrinsic = liver / (1.0 - before) * factor
    after = intrinsic / (flow + intrinsic)
    if factor != 1.0:
        words.append(f"extraction by the liver {before:.0%} -> {after:.0%} (well-stirred)")
    return flow * after, (1.0 - after) / (1.0 - before)

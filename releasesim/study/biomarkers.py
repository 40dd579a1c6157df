"""The gate: a drug that a patient must not have is refused before anything is computed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from releasesim.cards import BiomarkerRule, Drug, Therapy, list_cards
from releasesim.errors import RefusedError
from releasesim.study.wishes import PatientSpec

if TYPE_CHECKING:
    from releasesim.study.study import Study

_SAME = {
    "wild type": "wild-type",
    "wildtype": "wild-type",
    "wt": "wild-type",
    "mutant": "mutated",
    "neg": "negative",
    "pos": "positive",
}


def refuse_forbidden(study: Study) -> None:
    """Refuse a study whose patient breaks a rule of a drug or of a therapy taken beside it.

    Raises
    ------
    RefusedError
        With the drug, the biomarker, what it must be and why, and the source. A biomarker that was
        not tested is refused as well, and one whose results contradict each other.
    """
    if study.patient is None:  # a tablet for nobody in particular
        return
    try:
        _refuse(study.patient, _cards(study))
    except RefusedError as error:
        raise RefusedError(error.message, *study.where("patient")) from None


def _refuse(patient: PatientSpec, drugs: Iterable[Drug]) -> None:
    _refuse_twice(patient)
    for drug in drugs:
        check(drug.title, drug.biomarkers, patient)
    for name in map(plain_name, patient.comedication):
        if name in list_cards("therapy"):
            therapy = Therapy.load(name)
            check(f"comedication {therapy.title}", therapy.biomarkers, patient)


def check(title: str, rules: Iterable[BiomarkerRule], patient: PatientSpec) -> None:
    """Hold a patient against the rules of one drug or therapy."""
    for rule in rules:
        told = list(_told(rule.name, patient))
        results = {_plain(result) for _, result in told}
        if len(results) > 1:
            raise RefusedError(
                f"{title} is refused: what is said of {rule.name} contradicts itself: "
                f"{' and '.join(words for words, _ in told)}"
            )
        if results != {rule.must_be}:
            said = f"is {told[0][1].strip()}" if told else "is not known"
            raise RefusedError(
                f"{title} is refused: {rule.name} {said} and must be {rule.must_be}: {rule.why} "
                f"({rule.source})"
            )


def plain_name(drug: str) -> str:
    """A drug's name as cards write it, whoever wrote it how: "St John's wort " has no capitals."""
    return "_".join(drug.strip().lower().split())


def _refuse_twice(patient: PatientSpec) -> None:
    """Two results of one biomarker are none, whichever of them stands last."""
    seen: dict[str, str] = {}
    for name in patient.biomarkers:
        if (first := seen.setdefault(_bare(name), name)) != name:
            raise RefusedError(f"patient.biomarkers: {first} is given twice, as {name} too")


def _told(name: str, patient: PatientSpec) -> Iterator[tuple[str, str]]:
    """All that is said of a biomarker, by tests and by genotype: in which words, and the result.

    A genotype without the allele is no test: it may have been read too coarsely to show it.
    """
    gene, _, allele = map(_bare, name.partition("*"))
    for table in ("biomarkers", "genotype"):
        for key, value in getattr(patient, table).items():
            words = f'{table} "{key}" = "{value}"'
            finer = bool(allele) and _bare(key).startswith(gene + allele)
            if _bare(key) == gene + allele or (finer and _plain(value) == "positive"):
                yield words, value
            elif allele and _bare(key) == gene and _carries(value, gene, allele):
                yield words, "positive"


def _carries(genotype: str, gene: str, allele: str) -> bool:
    """Whether an allele stands in a genotype: "*57:01:01/*07:02", "HLA-B*5701"."""
    parts = map(_bare, re.split(r"[^\w:*-]+", genotype))
    return any(part.removeprefix(gene).startswith(allele) for part in parts)


def _bare(name: str) -> str:
    """Letters and digits of a name: HLA-B*57:01 and hla-b*5701 are one."""
    plain = unicodedata.normalize("NFKC", name).lower()
    return "".join(letter for letter in plain if letter.isalnum())


def _plain(result: str) -> str:
    words = result.strip().lower()
    return _SAME.get(words, words)


def _cards(study: Study) -> list[Drug]:
    tablet = study.tablet
    found = [tablet.drug_card(name) for name in tablet.drugs]
    return [card for card in found if card is not None]

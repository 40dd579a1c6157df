"""The gate: a drug that a patient must not have is refused before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable

from releasesim.cards import BiomarkerRule, Drug, Therapy, list_cards
from releasesim.errors import RefusedError
from releasesim.patient.genotype import plain_name
from releasesim.study import PatientSpec, Study

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
        not tested is refused as well.
    """
    if study.patient is None:  # a tablet for nobody in particular
        return
    for drug in _cards(study):
        check(drug.title, drug.biomarkers, study.patient)
    for name in map(plain_name, study.patient.comedication):
        if name in list_cards("therapy"):
            therapy = Therapy.load(name)
            check(f"comedication {therapy.title}", therapy.biomarkers, study.patient)


def check(title: str, rules: Iterable[BiomarkerRule], patient: PatientSpec) -> None:
    """Hold a patient against the rules of one drug or therapy."""
    found = {name.strip().lower(): result for name, result in patient.biomarkers.items()}
    for rule in rules:
        result = found.get(rule.name.lower())
        said = "is not known" if result is None else f"is {result}"
        plain = "" if result is None else result.strip().lower()
        if _SAME.get(plain, plain) != rule.must_be:
            raise RefusedError(
                f"{title} is refused: {rule.name} {said} and must be {rule.must_be}: {rule.why} "
                f"({rule.source})"
            )


def _cards(study: Study) -> list[Drug]:
    tablet = study.tablet
    found = [tablet.drug_card(name) for name in tablet.drugs]
    return [card for card in found if card is not None]

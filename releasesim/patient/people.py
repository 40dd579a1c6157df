"""The person of a study as each drug of the tablet finds it, and where nothing can be said."""

from __future__ import annotations

from collections.abc import Mapping

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.patient.person import Patient, lacking_kinetics
from releasesim.patient.prediction import PlasmaPrediction, predict
from releasesim.study import Study


def people_of(study: Study) -> dict[str, Patient]:
    """Return the patient of each drug whose pharmacokinetics are known, by drug.

    Empty without [patient]; what is left out for want of pharmacokinetics, `unpredicted` names.

    Raises
    ------
    InputError
        What is said of the person cannot be read, or does not say what the drug does in it; with
        the place in the study.
    """
    if study.patient is None:
        return {}
    found = {}
    for name in study.drugs:
        drug = study.tablet.drug_card(name)
        if drug is not None and not lacking_kinetics(drug):
            try:
                found[name] = Patient.of(study.patient, drug)
            except InputError as error:
                raise InputError(error.message, *study.where("patient")) from None
    return found


def unpredicted(study: Study) -> tuple[str, ...]:
    """Say for which drugs the study's [patient] changes nothing, and why."""
    if study.patient is None:
        return ()
    cards = {name: study.tablet.drug_card(name) for name in study.drugs}
    return tuple(
        f"[patient] changes nothing for {name}: {_why_not(name, lacking)}; no plasma is predicted, "
        "and what is said of the person (genotype, comedication, kidney) is not read"
        for name, card in cards.items()
        if (lacking := ["card"] if card is None else lacking_kinetics(card))
    )


def _why_not(name: str, lacking: list[str]) -> str:
    if lacking == ["card"]:
        return "it has no drug card"
    return f"the card of {name} has no {', '.join(lacking)}"


def predict_each(
    study: Study, curves: Mapping[str, ReleaseCurve], doses: Mapping[str, float]
) -> dict[str, PlasmaPrediction]:
    """Predict the plasma of each drug whose pharmacokinetics are known.

    Parameters
    ----------
    study : Study
        Without [patient] there is nothing to predict.
    curves : mapping of str to ReleaseCurve
        By drug.
    doses : mapping of str to float
        By drug [kg].
    """
    return {
        name: predict(study.for_drug(name), curves[name], doses[name], person)
        for name, person in people_of(study).items()
    }

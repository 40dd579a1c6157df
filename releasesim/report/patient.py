"""The patient's part of a report: who, why this dose, what it does in plasma."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from releasesim.patient import PlasmaPrediction, WantedRelease
from releasesim.patient.prediction import PEOPLE
from releasesim.report.words import quantity, sentence
from releasesim.study import PatientSpec
from releasesim.units import format_quantity


@dataclass(frozen=True)
class PatientPart:
    """What a page says of one drug in the patient.

    Parameters
    ----------
    drug : str
        Its name; empty where it is the only one.
    picture : str
        Name of the picture of its plasma.
    rows : list of (str, str)
    """

    drug: str
    picture: str
    rows: list[tuple[str, str]]


def patient_parts(
    plasma: Mapping[str, PlasmaPrediction], wanted: Mapping[str, WantedRelease] | None = None
) -> list[PatientPart]:
    """What a page says of the patient, drug by drug; the only drug of a tablet has the name ""."""
    wishes = wanted or {}
    return [
        PatientPart(name, plasma_picture(name), patient_rows(one, wishes.get(name)))
        for name, one in plasma.items()
    ]


def plasma_picture(drug: str) -> str:
    """Name of the picture of a drug's plasma; of the only drug, which has the name "", "plasma"."""
    return f"plasma_{drug}" if drug else "plasma"


def patient_rows(
    plasma: PlasmaPrediction, wanted: WantedRelease | None = None
) -> list[tuple[str, str]]:
    """Label and value of what a patient changes.

    Parameters
    ----------
    plasma : PlasmaPrediction
    wanted : WantedRelease, optional
        The release that a wish for plasma came down to.
    """
    person = plasma.patient
    rows = [("Person", person_words(person.spec))]
    rows += [("Why", sentence(words)) for words in person.words]
    for label, name, unit in (
        ("Clearance", "clearance", "L/h"),
        ("Volume", "volume", "L"),
        ("Bioavailability", "bioavailability", "%"),
    ):
        value, low, high = (format_quantity(end, unit, 3) for end in person.band(name))
        rows.append((label, f"{value}; 90 % of such people {low} to {high}"))
    rows.append(("Dose", quantity(plasma.dose, "mg", 4)))
    if wanted is not None:
        rows.append(("Target", sentence(wanted.words)))
    rows.append(("Plasma", plasma.describe()))
    if plasma.chance is not None:
        label = f"P({plasma.asked:.0%} of the time in the window)"
        rows.append((label, f"{plasma.chance:.0%} of {PEOPLE} people like this one"))
    return rows + [("Note", notice) for notice in plasma.notices]


def person_words(spec: PatientSpec) -> str:
    """Say what a study says of a person."""
    parts = [
        _measured(spec.weight, "kg"),
        _measured(spec.height, "cm"),
        _measured(spec.age, "y"),
        spec.sex or "",
        _measured(spec.creatinine_clearance, "mL/min", " of creatinine clearance"),
        _measured(spec.egfr, "mL/min", " per 1.73 m2 (eGFR)"),
        _measured(spec.serum_creatinine, "mg/L", " of creatinine in serum"),
        "" if spec.smoking is None else "smokes" if spec.smoking else "does not smoke",
        *(f"{gene} {diplotype}" for gene, diplotype in spec.genotype.items()),
        *(f"{name} {result}" for name, result in spec.biomarkers.items()),
        *(f"takes {name}" for name in spec.comedication),
        *(f"{strength} inhibitor of {enzyme}" for enzyme, strength in spec.inhibitors.items()),
        *(f"{strength} inducer of {enzyme}" for enzyme, strength in spec.inducers.items()),
    ]
    return ", ".join(filter(None, parts)) or "nothing is known"


def _measured(value: float | None, unit: str, what: str = "") -> str:
    return "" if value is None else format_quantity(value, unit, 3) + what

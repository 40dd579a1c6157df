"""The patient's part of a report: who, why this dose, what it does in plasma."""

from __future__ import annotations

from releasesim.patient import PlasmaPrediction, WantedRelease
from releasesim.patient.clearance import YEAR
from releasesim.report.words import quantity, sentence
from releasesim.units import format_quantity


def patient_rows(
    plasma: PlasmaPrediction | None, wanted: WantedRelease | None = None
) -> list[tuple[str, str]]:
    """Label and value of what a patient changes; nothing without one.

    Parameters
    ----------
    plasma : PlasmaPrediction or None
    wanted : WantedRelease, optional
        The release that a wish for plasma came down to.
    """
    if plasma is None:
        return []
    person = plasma.patient
    rows = [("Person", _person(plasma))]
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
    return rows + [("Note", notice) for notice in plasma.notices]


def _person(plasma: PlasmaPrediction) -> str:
    spec = plasma.patient.spec
    parts = [] if spec.weight is None else [f"{spec.weight:.3g} kg"]
    parts += [] if spec.age is None else [f"{spec.age / YEAR:.3g} y"]
    parts += [spec.sex] if spec.sex else []
    parts += [f"{gene} {diplotype}" for gene, diplotype in spec.genotype.items()]
    parts += [f"{name} {result}" for name, result in spec.biomarkers.items()]
    return ", ".join(parts) or "nothing is known"

"""Cards that a study leans on: those it names or offers, and those its patient brings along."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from releasesim.cards import Body, Card, Drug, Gene, Polymer, list_cards
from releasesim.study.laws import parts_of
from releasesim.study.spreads import Levels, Shares
from releasesim.study.wishes import Choice

if TYPE_CHECKING:
    from releasesim.study.study import Study

_OFFERED: dict[str, type[Card]] = {"polymer": Polymer, "drug": Drug}


def cards_used(study: Study) -> list[Card]:
    """Return every card that a result of the study as it stands depends on, some of them twice."""
    named: list[Card | None] = [study.printer, study.calibration]
    named += [study.bath.medium, study.bath.apparatus]
    named += [event.medium for event in study.bath.events]
    for made in (
        study.tablet.formulation,
        *(part.formulation for part in parts_of(study.tablet)),
    ):
        if made is not None:
            named += [made.drug, made.polymer]
            others = (*made.further_drugs, *made.inert_drugs, *made.excipients)
            named += [card for card, _ in others]
    return [*filter(None, named), *_of_patient(study)]


def cards_offered(study: Study) -> Iterator[Card]:
    """Yield the polymers and drugs that a design or a sweep may take instead."""
    design, sweep = study.design, study.sweep
    yield from map(Polymer.load, design.polymers if design else ())
    wishes = (*(design.vary if design else ()), *(sweep.vary if sweep else ()))
    for wish in wishes:
        kind = _OFFERED.get(wish.name.rpartition(".")[2])
        if kind is not None and isinstance(wish, Choice | Levels | Shares):
            yield from (kind.load(name) for name in wish.values if isinstance(name, str))


def _of_patient(study: Study) -> Iterator[Card]:
    """The body that clearances are scaled from, and the genes whose activities count."""
    patient = study.patient
    varied = study.sweep is not None and any(
        spread.name.startswith("patient.") for spread in study.sweep.vary
    )
    if patient is None and not varied:
        return
    yield Body.load("adult")
    every = list_cards("gene")
    if varied or patient is None or patient.comedication or patient.inhibitors or patient.inducers:
        genes = set(every)
    else:
        genes = {name.lower() for name in patient.genotype}
        genes |= {enzyme.lower() for drug in _drugs(study) for enzyme in drug.pharmacokinetics.fm}
    yield from (Gene.load(name) for name in every if name in genes)


def _drugs(study: Study) -> Iterator[Drug]:
    for made in (study.tablet.formulation, *(p.formulation for p in parts_of(study.tablet))):
        if made is not None:
            yield from (drug for drug, _ in made.drug_loadings if drug.pharmacokinetics is not None)

"""Densities of cards among the values that a result depends on."""

from __future__ import annotations

from collections.abc import Iterator

from releasesim.cards import Value
from releasesim.study.laws import parts_of
from releasesim.tablet import Formulation, Tablet


def densities(tablet: Tablet) -> Iterator[tuple[str, Value]]:
    """Name every density of a card that sets the density of a material of the tablet."""
    yield from _densities("formulation", tablet.formulation)
    for part in parts_of(tablet):
        if part.formulation is not None:
            yield from _densities(f"region.{part.name}.formulation", part.formulation)


def _densities(name: str, made: Formulation) -> Iterator[tuple[str, Value]]:
    if made.density_given is not None or made.concentration_given is not None:
        return
    if made.drug is not None and made.drug_loading > 0.0:
        yield f"{name}.drug.density", made.drug.density
    if made.polymer is not None:
        yield f"{name}.polymer.density", made.polymer.density
    for kind, drugs in (("further_drug", made.further_drugs), ("inert_drug", made.inert_drugs)):
        for card, _ in drugs:
            yield f"{name}.{kind}.{card.name}.density", card.density
    for excipient, _ in made.excipients:
        yield f"{name}.excipient.{excipient.name}.density", excipient.density

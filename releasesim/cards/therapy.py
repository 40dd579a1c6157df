"""Therapies that no tablet can carry, but whose rules on biomarkers a patient has to meet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from releasesim.cards.biomarker import BiomarkerRule, read_rules, rule_words
from releasesim.cards.card import Card
from releasesim.cards.reading import TableReader


@dataclass(frozen=True, kw_only=True, repr=False)
class Therapy(Card):
    """A therapy that is not printed.

    Parameters
    ----------
    form : str
        What it is and how it is given.
    biomarkers : tuple of BiomarkerRule
        What it requires.
    """

    kind: ClassVar[str] = "therapy"

    form: str
    biomarkers: tuple[BiomarkerRule, ...] = ()

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        return {"form": reader.text("form"), "biomarkers": read_rules(reader)}

    def cited(self) -> dict[str, str]:
        """Source of every rule."""
        return {f"biomarkers.{n}": rule.source for n, rule in enumerate(self.biomarkers, 1)}

    def _words(self) -> list[str]:
        return [f"  not printed: {self.form}", *map(rule_words, self.biomarkers)]

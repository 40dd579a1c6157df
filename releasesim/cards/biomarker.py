"""What a drug or a therapy requires of a patient before it may be given at all."""

from __future__ import annotations

from dataclasses import dataclass

from releasesim.cards.reading import TableReader


@dataclass(frozen=True)
class BiomarkerRule:
    """One test that has to have one result.

    Parameters
    ----------
    name : str
        Such as HLA-B*57:01.
    must_be : str
        The only result with which the drug may be given: negative, positive, wild-type.
    why : str
        What happens otherwise.
    source : str
        A key of models/references.bib.
    """

    name: str
    must_be: str
    why: str
    source: str


def read_rules(reader: TableReader) -> tuple[BiomarkerRule, ...]:
    """Read [[biomarkers]] of a card."""
    return tuple(_rule(part) for part in reader.subs("biomarkers"))


def _rule(reader: TableReader) -> BiomarkerRule:
    must_be = reader.choice("must_be", ("negative", "positive", "wild-type"))
    rule = BiomarkerRule(reader.text("name"), must_be, reader.text("why"), reader.text("source"))
    reader.finish()
    return rule


def rule_words(rule: BiomarkerRule) -> str:
    """Line of `describe`."""
    return f"  requires {rule.name} {rule.must_be}: {rule.why} [{rule.source}]"

"""Genes: which allele does what, by which table of which date, and what follows for a person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from releasesim.cards.body import STRENGTHS
from releasesim.cards.card import Card
from releasesim.cards.reading import TableReader
from releasesim.errors import InputError

FUNCTIONS = ("no", "decreased", "normal", "increased")
_COPIES = re.compile(r"(\*\w+?)[xX×](\d+)")
_SOME_COPIES = re.compile(r"(\*\w+?)[xX×](N|n|≥\d+|>=\d+)")
_SHOWN = 12
"""Alleles that a message names before it counts the rest."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Phenotype:
    """A class of metabolisers.

    Parameters
    ----------
    name : str
        As the consortium words it.
    low, high : float
        Activity scores that belong to it, ends included [-]; 0 and -1 where `pairs` decide.
    pairs : tuple of str
        Functions of the two alleles, sorted: "no/normal".
    """

    name: str
    low: float = 0.0
    high: float = -1.0
    pairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Genotype:
    """What a diplotype means.

    Parameters
    ----------
    gene, diplotype : str
    phenotype : str
        Class of metaboliser.
    activity : float or None
        Activity score; None where the gene's alleles have functions in words [-].
    reference : float or None
        Activity score that counts as 1 [-].
    """

    gene: str
    diplotype: str
    phenotype: str
    activity: float | None
    reference: float | None

    @property
    def relative(self) -> float | None:
        """Activity over that of the reference [-]; None where there is no number."""
        if self.activity is None or self.reference is None:
            return None
        return self.activity / self.reference


@dataclass(frozen=True, kw_only=True, repr=False)
class Gene(Card):
    """A gene of drug metabolism or transport.

    Parameters
    ----------
    scheme : str
        "activity": alleles have values that add up; "function": they have words; "none": there is
        no accepted function, and `reason` says so.
    date : str
        Of the table, year-month-day; empty for "none".
    source : str
        A key of models/references.bib; empty for "none".
    reason : str
        Why genotypes of this gene are refused.
    reference : float or None
        Activity score of the people whose clearance the drug cards hold [-].
    alleles : mapping of str to float or str
        Allele to activity or function.
    uncertain : tuple of str
        Alleles that are known, and whose function is not.
    phenotypes : tuple of Phenotype
        Rules.
    inhibitors, inducers : mapping of str to str
        Other drugs and their strength.
    modifier_source : str
        Where these come from.
    """

    kind: ClassVar[str] = "gene"

    scheme: str
    date: str = ""
    source: str = ""
    reason: str = ""
    reference: float | None = None
    alleles: Mapping[str, float | str] = field(default_factory=dict, hash=False)
    uncertain: tuple[str, ...] = ()
    phenotypes: tuple[Phenotype, ...] = ()
    inhibitors: Mapping[str, str] = field(default_factory=dict, hash=False)
    inducers: Mapping[str, str] = field(default_factory=dict, hash=False)
    modifier_source: str = ""

    def genotype(self, diplotype: str) -> Genotype:
        """Read a diplotype such as "*1/*4" or "*1/*2x2".

        Raises
        ------
        InputError
            The gene has no accepted function, an allele is unknown or indeterminate: never a
            default.
        """
        if self.scheme == "none":
            raise InputError(f"{self.title}: {self.reason}")
        parts = [part.strip() for part in diplotype.split("/")]
        diplotype = "/".join(parts)
        if len(parts) != 2 or not all(parts):
            raise InputError(f'{self.title} "{diplotype}": write two alleles, such as "*1/*1"')
        values = [self._allele(part, diplotype) for part in parts]
        if self.scheme == "activity":
            score = float(sum(values))  # type: ignore[arg-type]
            found = [p.name for p in self.phenotypes if p.low <= score <= p.high]
            return self._found(diplotype, found, score)
        pair = "/".join(sorted(map(str, values)))
        return self._found(diplotype, [p.name for p in self.phenotypes if pair in p.pairs], None)

    def _allele(self, written: str, diplotype: str) -> float | str:
        """Activity or function of one allele, copies counted."""
        where = f'{self.title} "{diplotype}"'
        if written in self.alleles:
            return self.alleles[written]
        copies = _COPIES.fullmatch(written)
        if copies and copies[1] in self.alleles:
            value = self.alleles[copies[1]]
            if isinstance(value, str):
                raise InputError(f"{where}: copies of {copies[1]} have no accepted function")
            if int(copies[2]) == 0:
                raise InputError(f"{where}: no copy at all is an allele of its own, such as *5")
            return value * int(copies[2])
        if _SOME_COPIES.fullmatch(written):
            raise InputError(
                f"{where} is indeterminate: how many copies? write their number, such as *2x2"
            )
        if "+" in written:
            raise InputError(
                f"{where} is indeterminate: the table of {self.date} has single alleles, and no "
                f"tandem such as {written}"
            )
        if written in self.uncertain:
            raise InputError(
                f"{where} is indeterminate: the function of {written} is not known ({self.date})"
            )
        known = ", ".join(list(self.alleles)[:_SHOWN])
        more = len(self.alleles) - _SHOWN
        known += f" and {more} more" if more > 0 else ""
        raise InputError(
            f"{where} is indeterminate: there is no allele {written} in the table of {self.date}; "
            f"there are {known}"
        )

    def _found(self, diplotype: str, names: list[str], score: float | None) -> Genotype:
        if not names:
            raise InputError(f'{self.title} "{diplotype}" is indeterminate: no rule covers it')
        return Genotype(self.title, diplotype, names[0], score, self.reference)

    def cited(self) -> dict[str, str]:
        """Sources of the table and of the inhibitors."""
        named = {"source": self.source, "modifier_source": self.modifier_source}
        known = named.items()
        return {key: name for key, name in known if name and not name.startswith("estimate:")}

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        scheme = reader.choice("scheme", ("activity", "function", "none"))
        modifiers = {
            "inhibitors": _strengths(reader.sub("inhibitors", optional=True)),
            "inducers": _strengths(reader.sub("inducers", optional=True)),
        }
        source = reader.text("modifier_source", optional=True)
        if any(modifiers.values()) and not source:
            raise reader.error("modifier_source", "missing")
        rest = {"scheme": scheme, "modifier_source": source, **modifiers}
        if scheme == "none":
            return {**rest, "reason": reader.text("reason")}
        return {**rest, **_table(reader, scheme)}

    def _words(self) -> list[str]:
        if self.scheme == "none":
            return [f"  refused: {self.reason}"]
        alleles = ", ".join(f"{name} {value}" for name, value in self.alleles.items())
        rules = ", ".join(phenotype.name for phenotype in self.phenotypes)
        lines = [f"  alleles ({self.source}, {self.date}): {alleles}", f"  phenotypes: {rules}"]
        lines += [f"  indeterminate: {', '.join(self.uncertain)}"] if self.uncertain else []
        for title, drugs in (("inhibitors", self.inhibitors), ("inducers", self.inducers)):
            words = ", ".join(f"{drug} {strength}" for drug, strength in drugs.items())
            lines += [f"  {title} ({self.modifier_source}): {words}"] if drugs else []
        return lines


def _table(reader: TableReader, scheme: str) -> dict[str, Any]:
    """Read the alleles and the rules."""
    date = reader.text("date")
    if not _DATE.fullmatch(date):
        raise reader.error("date", "must be written 2025-01-31")
    table = reader.get("alleles", dict)
    for name, value in table.items():
        good = value in FUNCTIONS if scheme == "function" else isinstance(value, float | int)
        if not good or isinstance(value, bool):
            allowed = ", ".join(FUNCTIONS) if scheme == "function" else "a number"
            raise reader.error("alleles", f"{name} = {value!r}: must be {allowed}")
    reference = reader.get("reference", (float, int), optional=scheme == "function")
    phenotypes = tuple(_phenotype(part, scheme) for part in reader.subs("phenotypes"))
    return {
        "date": date,
        "source": reader.text("source"),
        "alleles": {k: v if isinstance(v, str) else float(v) for k, v in table.items()},
        "uncertain": reader.words("uncertain"),
        "reference": None if reference is None else float(reference),
        "phenotypes": phenotypes,
    }


def _phenotype(reader: TableReader, scheme: str) -> Phenotype:
    name = reader.text("name")
    if scheme == "activity":
        low, high = reader.number("low", "1"), reader.number("high", "1")
        reader.finish()
        return Phenotype(name, low, high)
    pairs = tuple("/".join(sorted(pair.split("/"))) for pair in reader.words("pairs"))
    reader.finish()
    return Phenotype(name, pairs=pairs)


def _strengths(reader: TableReader | None) -> dict[str, str]:
    if reader is None:
        return {}
    return {name: reader.choice(name, STRENGTHS) for name in reader.table}

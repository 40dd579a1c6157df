"""How a body handles a drug: what the card of a drug says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from releasesim.cards.card import read_quantities, si
from releasesim.cards.reading import TableReader
from releasesim.cards.value import Value

SPREADS = ("clearance", "volume_of_distribution", "absorption_rate", "bioavailability")
"""Quantities that may carry a spread between subjects."""


@dataclass(frozen=True)
class GenotypeClearance:
    """A measured clearance for one diplotype or phenotype, which goes before any formula.

    Parameters
    ----------
    gene : str
        Such as CYP2C9.
    diplotype, phenotype : str
        One of the two; the other is empty.
    clearance : Value
        Of an adult of the card's weight and age [m3/s].
    """

    gene: str
    diplotype: str
    phenotype: str
    clearance: Value = field(metadata=si("m3/s"))


@dataclass(frozen=True)
class Pharmacokinetics:
    """Disposition in an adult of 70 kg unless `weight` says otherwise.

    Parameters
    ----------
    clearance : Value or None
        Total, of the reference genotype [m3/s].
    volume_of_distribution : Value or None
        Of the whole adult; of the central compartment where there is a second [m3].
    bioavailability : Value or None
        Oral [-].
    absorption_rate : Value or None
        First order [1/s].
    peripheral_volume, exchange : Value or None
        Second compartment [m3] and clearance into it [m3/s].
    lag : Value or None
        Before uptake begins [s].
    renal_share : Value or None
        Share of the clearance that the kidney makes [-].
    extraction : Value or None
        Share of drug that the liver takes out in one passage [-]; where it is given, clearance and
        first pass follow the well-stirred model.
    smoking : Value or None
        Factor on the hepatic clearance of smokers [-].
    clearance_per_year : Value or None
        Relative change of clearance with age, about `age` [1/s].
    age, weight : Value or None
        Of the people it was measured in [s], [kg].
    fm : mapping of str to Value
        Share of the intrinsic clearance that each enzyme makes [-].
    spread : mapping of str to Value
        Log-normal coefficient of variation between subjects [-].
    genotypes : tuple of GenotypeClearance
        Measured clearances.
    """

    clearance: Value | None = field(default=None, metadata=si("m3/s"))
    volume_of_distribution: Value | None = field(default=None, metadata=si("m3"))
    bioavailability: Value | None = field(default=None, metadata=si("1"))
    absorption_rate: Value | None = field(default=None, metadata=si("1/s"))
    peripheral_volume: Value | None = field(default=None, metadata=si("m3"))
    exchange: Value | None = field(default=None, metadata=si("m3/s"))
    lag: Value | None = field(default=None, metadata=si("s"))
    renal_share: Value | None = field(default=None, metadata=si("1"))
    extraction: Value | None = field(default=None, metadata=si("1"))
    smoking: Value | None = field(default=None, metadata=si("1"))
    clearance_per_year: Value | None = field(default=None, metadata=si("1/s"))
    age: Value | None = field(default=None, metadata=si("s"))
    weight: Value | None = field(default=None, metadata=si("kg"))
    fm: Mapping[str, Value] = field(default_factory=dict, hash=False)
    spread: Mapping[str, Value] = field(default_factory=dict, hash=False)
    genotypes: tuple[GenotypeClearance, ...] = ()

    def values(self) -> dict[str, Value]:
        """Every number that there is, by its name in the card."""
        single = {name: value for name, value in vars(self).items() if isinstance(value, Value)}
        enzymes = {f"fm.{enzyme}": value for enzyme, value in self.fm.items()}
        spreads = {f"spread.{name}": value for name, value in self.spread.items()}
        measured = {
            f"clearance with {one.gene} {one.diplotype or one.phenotype}": one.clearance
            for one in self.genotypes
        }
        return {**single, **enzymes, **spreads, **measured}


def read_pharmacokinetics(reader: TableReader | None) -> Pharmacokinetics:
    """Read [pharmacokinetics]; empty where there is none."""
    if reader is None:
        return Pharmacokinetics()
    genotypes = tuple(_genotype(part) for part in reader.subs("genotypes"))
    kinetics = Pharmacokinetics(
        **read_quantities(Pharmacokinetics, reader),
        fm=_named(reader.sub("fm", optional=True)),
        spread=_named(reader.sub("spread", optional=True), SPREADS),
        genotypes=genotypes,
    )
    reader.finish()
    if (kinetics.peripheral_volume is None) != (kinetics.exchange is None):
        raise reader.error("", "a second compartment needs peripheral_volume and exchange")
    if sum(kinetics.fm.values()) > 1.0 + 1e-9:
        raise reader.error("fm", "shares of clearance add up to more than 1")
    return kinetics


def _named(reader: TableReader | None, known: tuple[str, ...] = ()) -> dict[str, Value]:
    """Read a table of pure numbers under free names, or under known ones."""
    if reader is None:
        return {}
    names = known or tuple(reader.table)
    found = {name: reader.value(name, "1", optional=True) for name in names}
    reader.finish()
    return {name: value for name, value in found.items() if value is not None}


def _genotype(reader: TableReader) -> GenotypeClearance:
    gene = reader.text("gene")
    words = [reader.text(key, optional=True) for key in ("diplotype", "phenotype")]
    if bool(words[0]) == bool(words[1]):
        raise reader.error("", "needs a diplotype or a phenotype, and not both")
    clearance = reader.value("clearance", "m3/s")
    assert clearance is not None  # noqa: S101 - not optional
    reader.finish()
    return GenotypeClearance(gene, words[0], words[1], clearance)

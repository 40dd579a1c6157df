"""What a tablet is made of."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import model_validator

from releasesim.study.fields import (
    Flag,
    Quantity,
    WrongKeyError,
)
from releasesim.study.schema.base import (
    CardName,
    PositiveShare,
    Share,
    Table,
    check_names,
)


class Excipient(Table):
    """Plasticiser, filler or pore former."""

    name: CardName
    fraction: PositiveShare


class Component(Table):
    """One part of a formulation: a drug, a polymer or an excipient.

    An inert drug counts as mass only: its release is not asked for.
    """

    drug: CardName | None = None
    polymer: CardName | None = None
    excipient: CardName | None = None
    fraction: Share
    inert: Annotated[bool, Flag()] = False

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if sum(name is not None for name in (self.drug, self.polymer, self.excipient)) != 1:
            raise WrongKeyError("needs exactly one of drug, polymer, excipient")
        if self.inert and self.drug is None:
            raise WrongKeyError("is for drugs: the others are inert anyway", "inert")
        if self.drug is None and self.fraction == 0.0:
            raise WrongKeyError("must be above 0 %: leave it out", "fraction")
        return self


class Formulation(Table):
    """What the tablet is made of: drug_loading, components or concentration."""

    drug: CardName | None = None
    polymer: CardName | None = None
    drug_loading: PositiveShare | None = None
    assay: Annotated[float, Quantity("%", above=0, high=150)] | None = None
    excipients: tuple[Excipient, ...] = ()
    components: tuple[Component, ...] | None = None
    concentration: Annotated[float, Quantity("mg/mL", low=0, high=25000)] | None = None
    density: Annotated[float, Quantity("g/cm3", above=0, high=25)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = ("drug_loading", "components", "concentration")
        given = [way for way in ways if getattr(self, way) is not None]
        if len(given) != 1:
            found = " and ".join(given) or "none of them"
            raise WrongKeyError(
                f"needs exactly one of {', '.join(ways)}; there is {found}", *given[1:2]
            )
        _check_way[given[0]](self)
        return self


def _check_loading(table: Formulation) -> None:
    for key in ("drug", "polymer"):
        if getattr(table, key) is None:
            raise WrongKeyError("is missing: drug_loading needs drug and polymer", key)
    check_names("excipients", [excipient.name for excipient in table.excipients])
    total = (table.drug_loading or 0.0) + sum(part.fraction for part in table.excipients)
    if total > 1.0 + 1e-9:
        key = "excipients" if table.excipients else "drug_loading"
        raise WrongKeyError(f"drug and excipients make {100 * total:.4g} %, at most 100 %", key)


def _check_components(table: Formulation) -> None:
    parts = table.components or ()
    for key in ("drug", "polymer", "excipients"):
        if getattr(table, key):
            raise WrongKeyError("cannot stand beside components, which name everything", key)
    check_names("components", [p.drug or p.polymer or p.excipient or "" for p in parts])
    total = sum(part.fraction for part in parts)
    if abs(total - 1.0) > 1e-6:
        raise WrongKeyError(f"fractions make {100 * total:.6g} %, must make 100 %", "components")


def _check_concentration(table: Formulation) -> None:
    for key in ("excipients", "assay"):
        if getattr(table, key):
            raise WrongKeyError(
                "cannot stand beside concentration, which is already per volume", key
            )


_check_way = {
    "drug_loading": _check_loading,
    "components": _check_components,
    "concentration": _check_concentration,
}

"""What a part of the tablet is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from releasesim.errors import InputError

if TYPE_CHECKING:
    from releasesim.cards import Drug, Excipient, Polymer

UNNAMED = "drug"
"""What a drug without a card is called."""


@dataclass(frozen=True)
class Formulation:
    """Drug in polymer at a loading, or simply a drug concentration.

    Parameters
    ----------
    drug : Drug, optional
    polymer : Polymer, optional
        The remainder of the mass.
    drug_loading : float
        Mass fraction of free drug [-].
    excipients : tuple of (Excipient, float)
        With their mass fractions [-].
    further_drugs : tuple of (Drug, float)
        Other drugs of a polypill, with their mass fractions [-].
    inert_drugs : tuple of (Drug, float)
        Drugs that count as mass only, with their mass fractions [-]: what `for_drug` makes of the
        others.
    assay : float
        Measured content over nominal [-], of every drug.
    concentration_given : float, optional
        Drug in the device instead of all the above [kg/m3]; `drug` is then only its name.
    density_given : float, optional
        Measured density [kg/m3]; otherwise 1/rho = sum(w_i/rho_i).

    Raises
    ------
    InputError
        Fractions that sum to more than the whole, a drug named twice, or nothing to make a
        concentration from.
    """

    drug: Drug | None = None
    polymer: Polymer | None = None
    drug_loading: float = 0.0
    excipients: tuple[tuple[Excipient, float], ...] = ()
    further_drugs: tuple[tuple[Drug, float], ...] = ()
    inert_drugs: tuple[tuple[Drug, float], ...] = ()
    assay: float = 1.0
    concentration_given: float | None = None
    density_given: float | None = None

    def __post_init__(self) -> None:
        for name in ("concentration_given", "density_given", "assay"):
            value = getattr(self, name)
            lowest = 0.0 if name == "concentration_given" else 1e-12
            if value is not None and not lowest <= value < math.inf:
                raise InputError(f"{name.removesuffix('_given')} = {value:g}: must be above 0")
        if self.concentration_given is not None:
            return
        if self.polymer is None or (self.drug is None and not self.inert_drugs):
            raise InputError("a formulation needs a drug and a polymer, or a concentration")
        self._check_names()
        if not 0.0 <= self.drug_loading <= 1.0:
            raise InputError(f"drug_loading = {self.drug_loading:.4g}: must be 0 to 100 %")
        if self.polymer_fraction < -1e-9:
            total = 1.0 - self.polymer_fraction
            raise InputError(
                f"drugs and excipients make up {total:.4%} of the mass: at most 100 %, "
                "the polymer is the remainder"
            )

    def _check_names(self) -> None:
        if self.drug is None and (self.drug_loading > 0.0 or self.further_drugs):
            raise InputError("drug_loading needs a drug")
        cards = [card for card, _ in (*self.further_drugs, *self.inert_drugs)]
        names = [card.name for card in (self.drug, *cards) if card is not None]
        for name in names:
            if names.count(name) > 1:
                raise InputError(f"drug {name} is named twice")

    @property
    def drug_name(self) -> str:
        """Name of the drug, "drug" where it has no card."""
        return UNNAMED if self.drug is None else self.drug.name

    @property
    def drug_loadings(self) -> tuple[tuple[Drug, float], ...]:
        """Cards and mass fractions [-] of the drugs that it releases, in the order of the file."""
        own = () if self.drug is None else ((self.drug, self.drug_loading),)
        return (*own, *self.further_drugs)

    @property
    def drugs(self) -> tuple[str, ...]:
        """Names of the drugs that it holds and releases."""
        if self.concentration_given is not None:
            return (self.drug_name,) if self.concentration_given > 0.0 else ()
        return tuple(card.name for card, share in self.drug_loadings if share > 0.0)

    def for_drug(self, name: str, card: Drug | None = None) -> Formulation:
        """The same material as one drug sees it: the others are mass, and do not dissolve.

        Parameters
        ----------
        name : str
            Of the drug; one that is not in here has a concentration of 0.
        card : Drug, optional
            Its card; None for the drug without a card.

        Returns
        -------
        Formulation
            Density and polymer fraction are those of the whole.
        """
        if self.concentration_given is not None:
            held = self.concentration_given if self.drug_name == name else 0.0
            return replace(self, drug=card, concentration_given=held)
        held = {c.name: share for c, share in self.drug_loadings}.get(name, 0.0)
        others = [(c, share) for c, share in self.drug_loadings if c.name != name and share > 0.0]
        return replace(
            self,
            drug=card,
            drug_loading=held,
            further_drugs=(),
            inert_drugs=(*others, *(pair for pair in self.inert_drugs if pair[0].name != name)),
        )

    @property
    def loading(self) -> float:
        """Mass fraction of all drugs together [-]."""
        others = (*self.further_drugs, *self.inert_drugs)
        return self.drug_loading + sum(share for _, share in others)

    @property
    def polymer_fraction(self) -> float:
        """Mass fraction left to the polymer [-]."""
        return 1.0 - self.loading - sum(share for _, share in self.excipients)

    @property
    def density(self) -> float:
        """Of the printed material without pores [kg/m3]."""
        if self.density_given is not None:
            return self.density_given
        if self.polymer is None or (self.drug is None and not self.inert_drugs):
            raise InputError("a formulation given by concentration has no density: give one")
        volume = 0.0 if self.drug is None else self.drug_loading / float(self.drug.density)
        volume += self.polymer_fraction / float(self.polymer.density)
        return 1.0 / (volume + self._others_volume())

    @property
    def concentration(self) -> float:
        """Drug per volume of printed material without pores, all drugs together [kg/m3]."""
        if self.concentration_given is not None:
            return self.concentration_given
        return self.density * sum(share for _, share in self.drug_loadings) * self.assay

    def _others_volume(self) -> float:
        """Of excipients and other drugs, per mass of formulation [m3/kg]."""
        volume = sum(w / float(card.density) for card, w in self.excipients)
        drugs = (*self.further_drugs, *self.inert_drugs)
        return volume + sum(w / float(card.density) for card, w in drugs)

    def loading_for(self, concentration: float) -> float:
        """Drug loading [-] that gives `drug` a concentration [kg/m3]; the polymer makes room.

        Raises
        ------
        InputError
            For a formulation given by concentration, or when even pure drug does not reach it.
        """
        if self.drug is None or self.polymer is None:
            raise InputError("only a formulation of cards has a loading to choose")
        if self.density_given is not None:
            return concentration / (self.density_given * self.assay)
        drug, polymer = float(self.drug.density), float(self.polymer.density)
        fixed = self._others_volume()
        rest = self.polymer_fraction + self.drug_loading
        # c = assay w / (w/drug + (rest - w)/polymer + fixed), solved for w
        wanted = concentration / self.assay
        below = 1.0 - wanted * (1.0 / drug - 1.0 / polymer)
        loading = wanted * (rest / polymer + fixed) / below if below > 0 else math.inf
        if not loading <= rest:
            raise InputError(
                f"a concentration of {concentration:.4g} kg/m3 is more than pure "
                f"{self.drug.name} holds"
            )
        return loading

    def describe(self) -> str:
        """One line: what it is made of."""
        if self.concentration_given is not None or self.polymer is None:
            return f"drug at {self.concentration:.4g} mg/mL"
        parts = (*self.drug_loadings, *self.inert_drugs, *self.excipients)
        return " + ".join([*(f"{w:.3%} {card.name}" for card, w in parts), self.polymer.name])

"""What a part of the tablet is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from releasesim.errors import InputError

if TYPE_CHECKING:
    from releasesim.cards import Drug, Excipient, Polymer


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
    assay : float
        Measured content over nominal [-].
    concentration_given : float, optional
        Drug in the device instead of all the above [kg/m3].
    density_given : float, optional
        Measured density [kg/m3]; otherwise 1/rho = sum(w_i/rho_i).

    Raises
    ------
    InputError
        Fractions that sum to more than the whole, or nothing to make a concentration from.
    """

    drug: Drug | None = None
    polymer: Polymer | None = None
    drug_loading: float = 0.0
    excipients: tuple[tuple[Excipient, float], ...] = ()
    further_drugs: tuple[tuple[Drug, float], ...] = ()
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
        if self.polymer is None or self.drug is None:
            raise InputError("a formulation needs a drug and a polymer, or a concentration")
        if not 0.0 <= self.drug_loading <= 1.0:
            raise InputError(f"drug_loading = {self.drug_loading:.4g}: must be 0 to 100 %")
        if self.polymer_fraction < -1e-9:
            total = 1.0 - self.polymer_fraction
            raise InputError(
                f"drugs and excipients make up {total:.4%} of the mass: at most 100 %, "
                "the polymer is the remainder"
            )

    @property
    def polymer_fraction(self) -> float:
        """Mass fraction left to the polymer [-]."""
        others = sum(w for _, w in self.excipients) + sum(w for _, w in self.further_drugs)
        return 1.0 - self.drug_loading - others

    @property
    def density(self) -> float:
        """Of the printed material without pores [kg/m3]."""
        if self.density_given is not None:
            return self.density_given
        if self.drug is None or self.polymer is None:
            raise InputError("a formulation given by concentration has no density: give one")
        volume = self.drug_loading / float(self.drug.density)
        volume += self.polymer_fraction / float(self.polymer.density)
        return 1.0 / (volume + self._others_volume())

    @property
    def concentration(self) -> float:
        """Drug per volume of printed material without pores [kg/m3]."""
        if self.concentration_given is not None:
            return self.concentration_given
        return self.density * self.drug_loading * self.assay

    def _others_volume(self) -> float:
        """Of excipients and further drugs, per mass of formulation [m3/kg]."""
        volume = sum(w / float(card.density) for card, w in self.excipients)
        return volume + sum(w / float(card.density) for card, w in self.further_drugs)

    def loading_for(self, concentration: float) -> float:
        """Drug loading [-] that gives a drug concentration [kg/m3], other excipients unchanged.

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
        if self.drug is None or self.polymer is None:
            return f"drug at {self.concentration:.4g} mg/mL"
        drugs = [(self.drug.name, self.drug_loading)]
        drugs += [(card.name, w) for card, w in self.further_drugs]
        extra = [f"{w:.3%} {card.name}" for card, w in self.excipients]
        return " + ".join([*(f"{w:.3%} {n}" for n, w in drugs), *extra, self.polymer.name])

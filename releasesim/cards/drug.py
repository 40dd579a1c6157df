"""The drug: physical chemistry, solubility against pH, and how a body handles it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from releasesim.cards.biomarker import BiomarkerRule, read_rules, rule_words
from releasesim.cards.card import Card, si
from releasesim.cards.pharmacokinetics import Pharmacokinetics, read_pharmacokinetics
from releasesim.cards.reading import TableReader
from releasesim.cards.value import Value


@dataclass(frozen=True)
class Ionisation:
    """One step of ionisation away from the least soluble form.

    Parameters
    ----------
    type : str
        "acid": loses a proton, more soluble above pKa; "base": takes one up, more soluble below.
    pKa : Value
        At 37 degC where known [-].
    """

    type: str
    pKa: Value


@dataclass(frozen=True)
class SaltLimit:
    """Solubility of a salt, which no pH can exceed.

    Parameters
    ----------
    counterion : str
        Which salt.
    solubility : Value
        As free drug [kg/m3].
    pH_below : float
        The limit acts below this pH, such as chloride in gastric media; infinite = always.
    """

    counterion: str
    solubility: Value
    pH_below: float = math.inf


@dataclass(frozen=True, kw_only=True, repr=False)
class Drug(Card):
    """A drug.

    Parameters
    ----------
    formula : str
        Of the free drug; `molar_mass` is checked against it.
    molar_mass : Value
        [kg/mol].
    density : Value
        True density of the solid [kg/m3].
    diffusivity_water : Value
        In water at 37 degC [m2/s].
    intrinsic_solubility : Value
        Of the least soluble form in water at 37 degC [kg/m3].
    degradation_temperature : Value or None
        Where printing begins to harm it [K].
    melting_point : Value or None
        [K].
    single_dose : Value or None
        Usual adult single dose and its range [kg].
    ionisations : tuple of Ionisation
        None for a neutral drug.
    salts : tuple of SaltLimit
        Upper limits of solubility.
    pharmacokinetics : Pharmacokinetics
        Empty where the card has none.
    biomarkers : tuple of BiomarkerRule
        What it requires of a patient.

    Examples
    --------
    >>> drug = Drug.load("theophylline")
    >>> round(drug.molar_mass * 1000, 2)
    180.17
    """

    kind: ClassVar[str] = "drug"

    formula: str
    molar_mass: Value = field(metadata=si("kg/mol"))
    density: Value = field(metadata=si("kg/m3"))
    diffusivity_water: Value = field(metadata=si("m2/s"))
    intrinsic_solubility: Value = field(metadata=si("kg/m3"))
    degradation_temperature: Value | None = field(default=None, metadata=si("K"))
    melting_point: Value | None = field(default=None, metadata=si("K"))
    single_dose: Value | None = field(default=None, metadata=si("kg"))
    ionisations: tuple[Ionisation, ...] = ()
    salts: tuple[SaltLimit, ...] = ()
    pharmacokinetics: Pharmacokinetics = field(default_factory=Pharmacokinetics)
    biomarkers: tuple[BiomarkerRule, ...] = ()

    def cited(self) -> dict[str, str]:
        """Sources of numbers and rules."""
        rules = {f"biomarkers.{n}": rule.source for n, rule in enumerate(self.biomarkers, 1)}
        return super().cited() | rules

    def solubility(self, pH: npt.ArrayLike) -> Any:
        r"""Equilibrium solubility at a pH, 37 degC, in simple buffer.

        .. math:: S = S_0 \Big(1 + \sum_k 10^{\sum_{i \le k}(pH - pK_{a,i})}
                                + \sum_k 10^{\sum_{i \le k}(pK_{b,i} - pH)}\Big)

        over the steps of acids (upwards in pKa) and of bases (downwards), capped by the salts.
        For one acid or one base this is PHYSICS section 5; micelles and complexes are not in it.

        Parameters
        ----------
        pH : float or array_like, (n,)
            Of the medium [-].

        Returns
        -------
        float or ndarray, (n,)
            Solubility as free drug [kg/m3].
        """
        acidity = np.asarray(pH, dtype=float)
        uncapped = self.intrinsic_solubility.value * self._dissolved_forms(acidity)
        capped = np.minimum(uncapped, self._salt_limit(acidity))
        return float(capped) if capped.ndim == 0 else capped

    def _dissolved_forms(self, pH: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """All dissolved forms relative to the least soluble one."""
        acids = sorted(step.pKa.value for step in self.ionisations if step.type == "acid")
        bases = sorted(step.pKa.value for step in self.ionisations if step.type == "base")[::-1]
        forms = np.ones_like(pH)
        for count in range(1, len(acids) + 1):
            forms = forms + 10.0 ** (count * pH - sum(acids[:count]))
        for count in range(1, len(bases) + 1):
            forms = forms + 10.0 ** (sum(bases[:count]) - count * pH)
        return forms

    def _salt_limit(self, pH: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Lowest salt solubility that acts at each pH; infinite where none does."""
        limit = np.full_like(pH, np.inf)
        for salt in self.salts:
            acts = pH < salt.pH_below
            limit = np.where(acts, np.minimum(limit, salt.solubility.value), limit)
        return limit

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        kinetics = reader.sub("pharmacokinetics", optional=True)
        return {
            "formula": reader.text("formula"),
            "ionisations": tuple(_ionisation(step) for step in reader.subs("ionisations")),
            "salts": tuple(_salt(salt) for salt in reader.subs("salts")),
            "biomarkers": read_rules(reader),
            "pharmacokinetics": read_pharmacokinetics(kinetics),
        }

    def _plain(self) -> dict[str, object]:
        return {
            "ionisations": [step.type for step in self.ionisations],
            "salts": [salt.counterion for salt in self.salts],
        }

    def _words(self) -> list[str]:
        types = ", ".join(f"{step.type} {step.pKa.value:g}" for step in self.ionisations)
        salts = ", ".join(salt.counterion for salt in self.salts)
        lines = [f"  formula {self.formula}", f"  ionisation: {types or 'none'}"]
        lines += [f"  salts that limit solubility: {salts}"] if salts else []
        return lines + [rule_words(rule) for rule in self.biomarkers]


def _ionisation(reader: TableReader) -> Ionisation:
    kind = reader.choice("type", ("acid", "base"))
    return Ionisation(kind, reader.as_value("1"))


def _salt(reader: TableReader) -> SaltLimit:
    counterion = reader.text("counterion")
    below = reader.number("pH_below", "1") if "pH_below" in reader.table else math.inf
    reader.known.add("pH_below")
    return SaltLimit(counterion, reader.as_value("kg/m3"), below)

"""One person: what is known, what follows for a drug, and how far it may be from that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.cards import Body, Drug, Value
from releasesim.errors import InputError
from releasesim.patient.clearance import YEAR, eliminate, weight_of
from releasesim.patient.disposition import Disposition
from releasesim.patient.genotype import enzymes_of, reference_body
from releasesim.patient.notices import person_notices
from releasesim.study import PatientSpec

Array = NDArray[np.float64]

#: Ends of every band: 5 to 95 % of people like this one.
BAND = (0.05, 0.95)
_NORMAL_95 = 1.6448536269514722
#: A card's range is taken as 95 % of what its value might be: this many SD from end to end.
_RANGE_SD = 3.92
#: Ages below which enzymes mature and above which Cockcroft and Gault holds [s]; weight below
#: which a person of unknown age is taken for the former [kg].
_MATURE, _ADULT, _INFANT = 2 * YEAR, 18 * YEAR, 12.0
#: Highest creatinine clearance, as a study may give it [mL/min].
_MOST_FILTERED = 400.0
_QUANTITIES = {
    "clearance": "clearance",
    "volume": "volume_of_distribution",
    "absorption_rate": "absorption_rate",
    "bioavailability": "bioavailability",
}


@dataclass(frozen=True, eq=False)
class Patient:
    """A person and one drug.

    Parameters
    ----------
    drug : Drug
        Its card.
    spec : PatientSpec
        What the study says of the person.
    body : Disposition
        Of the typical person like this one.
    sd : mapping of str to float
        Standard deviation of the logarithm of clearance, volume, absorption_rate, bioavailability:
        spread between subjects and range of the card together [-].
    words : tuple of str
        Steps from the card's clearance to this person's.
    notices : tuple of str
        What is taken for granted, and what is left out.
    """

    drug: Drug
    spec: PatientSpec
    body: Disposition
    sd: Mapping[str, float]
    words: tuple[str, ...]
    notices: tuple[str, ...] = ()

    @classmethod
    def of(cls, spec: PatientSpec, drug: Drug) -> Patient:
        """Work out what a drug does in a person.

        Raises
        ------
        InputError
            The card lacks what is needed, or a genotype cannot be read; each by name.
        """
        reference = reference_body()
        if lacking := lacking_kinetics(drug):
            raise InputError(f"the card of {drug.name} has no {', '.join(lacking)}: no plasma")
        enzymes = enzymes_of(spec, reference)
        found = eliminate(drug, spec, enzymes, reference, creatinine_clearance(spec))
        unknown = [] if spec.weight is not None else ["weight is not given: that of the card"]
        unknown += _beyond(spec)
        body = _disposition(drug, spec, reference, found.clearance, found.bioavailability)
        return cls(
            drug,
            spec,
            body,
            _deviations(drug),
            (*enzymes.words, *found.words, *unknown),
            tuple(person_notices(drug, spec, enzymes)),
        )

    def draw(self, count: int, seed: int) -> Disposition:
        """Draw people like this one, log-normal about the typical, (d, 1) each.

        Parameters
        ----------
        count : int
            How many.
        seed : int
            Of the random numbers.
        """
        normal = np.random.default_rng(seed).standard_normal((len(_QUANTITIES), count, 1))
        factors = {name: np.exp(self.sd[name] * normal[n]) for n, name in enumerate(_QUANTITIES)}
        body = self.body
        return Disposition(
            clearance=body.clearance * factors["clearance"],
            volume=body.volume * factors["volume"],
            absorption_rate=body.absorption_rate * factors["absorption_rate"],
            bioavailability=np.minimum(body.bioavailability * factors["bioavailability"], 1.0),
            peripheral_volume=body.peripheral_volume,
            exchange=body.exchange,
            lag=body.lag,
        )

    def band(self, name: str) -> tuple[float, float, float]:
        """Value and ends of the band of a quantity, in SI."""
        value = float(getattr(self.body, name))
        factor = float(np.exp(_NORMAL_95 * self.sd[name]))
        top = value * factor
        return value, value / factor, min(top, 1.0) if name == "bioavailability" else top

    def dose_for(self, auc: float) -> float:
        """Dose that gives an area under the plasma curve, CL AUC / F [kg].

        Parameters
        ----------
        auc : float
            [kg s/m3].
        """
        return float(self.body.clearance * auc / self.body.bioavailability)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON, in SI."""
        bands = {
            name: dict(zip(("value", "low", "high"), self.band(name), strict=True))
            for name in _QUANTITIES
        }
        return {
            "drug": self.drug.name,
            **bands,
            "half_life_s": float(self.body.half_life),
            "steps": list(self.words),
            "genotype": dict(self.spec.genotype),
        }


def lacking_kinetics(drug: Drug) -> list[str]:
    """Name the numbers that a drug's card lacks for a prediction of plasma; mostly none."""
    kinetics = drug.pharmacokinetics
    return [name for name in _QUANTITIES.values() if getattr(kinetics, name) is None]


def _beyond(spec: PatientSpec) -> list[str]:
    """Say where a person lies outside of what the scaling was made for."""
    found = []
    young = spec.age is not None and spec.age < _MATURE
    if young or (spec.age is None and spec.weight is not None and spec.weight < _INFANT):
        found.append(
            "enzymes and kidneys mature until two years of age, which scaling by weight leaves "
            "out: clearance is less than this"
        )
    if spec.serum_creatinine is not None and spec.age is not None and spec.age < _ADULT:
        found.append("Cockcroft and Gault is for adults: give creatinine_clearance or egfr")
    return found


def creatinine_clearance(spec: PatientSpec) -> float | None:
    """Creatinine clearance as given, from eGFR, or by Cockcroft and Gault [m3/s]."""
    if spec.creatinine_clearance is not None:
        return spec.creatinine_clearance
    if spec.egfr is not None:
        if spec.height is None or spec.weight is None:
            return spec.egfr
        surface = np.sqrt(100.0 * spec.height * spec.weight / 3600.0)  # Mosteller 1987 [m2]
        return float(spec.egfr * surface / 1.73)
    if spec.serum_creatinine is None or spec.age is None or spec.weight is None:
        return None
    milligrams = spec.serum_creatinine * 100.0  # per dL
    rate = (140.0 - spec.age / YEAR) * spec.weight / (72.0 * milligrams)  # mL/min
    rate = max(rate, 1.0) * (0.85 if spec.sex == "female" else 1.0)
    if rate > _MOST_FILTERED:
        raise InputError(
            f"patient.serum_creatinine = {milligrams:.3g} mg/dL makes a creatinine clearance of "
            f"{rate:.0f} mL/min by Cockcroft and Gault, and people have {_MOST_FILTERED:g} at most"
        )
    return rate * 1e-6 / 60.0


def _disposition(
    drug: Drug, spec: PatientSpec, reference: Body, clearance: float, bioavailability: float
) -> Disposition:
    """Volumes by weight to the first power; the exchange as a clearance."""
    kinetics = drug.pharmacokinetics
    ratio = 1.0 if spec.weight is None else spec.weight / weight_of(kinetics, reference)
    large = ratio ** float(reference.volume_exponent)
    return Disposition(
        clearance=clearance,
        volume=float(kinetics.volume_of_distribution or 0.0) * large,
        absorption_rate=float(kinetics.absorption_rate or 0.0),
        bioavailability=bioavailability,
        peripheral_volume=float(kinetics.peripheral_volume or 0.0) * large,
        exchange=float(kinetics.exchange or 0.0) * ratio ** float(reference.clearance_exponent),
        lag=float(kinetics.lag or 0.0),
    )


def _deviations(drug: Drug) -> dict[str, float]:
    """SD of the logarithms: between subjects, and of the card's own value."""
    kinetics = drug.pharmacokinetics
    found = {}
    for name, key in _QUANTITIES.items():
        between = float(np.sqrt(np.log1p(float(kinetics.spread.get(key, 0.0)) ** 2)))
        found[name] = float(np.hypot(between, _card_deviation(getattr(kinetics, key))))
    return found


def _card_deviation(value: Value | None) -> float:
    if value is None or value.low is None or value.high is None or value.low <= 0.0:
        return 0.0
    return float(np.log(value.high / value.low) / _RANGE_SD)

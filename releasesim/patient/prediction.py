"""The plasma curve of a patient under a tablet, with the band of people like this one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ConcentrationCurve, ReleaseCurve, time_text
from releasesim.errors import InputError
from releasesim.patient.convolution import convolve, superpose
from releasesim.patient.person import BAND, Patient
from releasesim.patient.recursion import course
from releasesim.study import Plasma, Study, Target

Array = NDArray[np.float64]

PEOPLE = 200
"""How many people the band is drawn from."""

LEAST_SHARE = 0.95
"""Share of the interval inside the window that is asked for where nothing else is [-]."""

_TIMES, _HALF_LIVES, _LONGEST = 121, 5.0, 14 * 86400.0


@dataclass(frozen=True, eq=False)
class PlasmaPrediction:
    """What a tablet does in the blood of one patient.

    Parameters
    ----------
    curve : ConcentrationCurve
        Of the typical person like this one, after the last dose.
    low, high : (m,) ndarray
        5 and 95 % of people like this one at the curve's times [kg/m3].
    patient : Patient
    dose : float
        [kg].
    every : float or None
        Dosing interval [s].
    doses : int or None
        How many; None for the steady state, and for a single dose without interval.
    window : tuple of float or None
        Wanted [kg/m3].
    time_in_window : float or None
        Share of the interval, typical person [-].
    people_in_window : float or None
        Mean of that share over people like this one [-].
    asked : float
        Share of the interval that is asked for in the window [-].
    chance : float or None
        Share of people like this one who are in the window for so long: P(plasma in window) [-].
    notices : tuple of str
        What a user has to know.
    """

    curve: ConcentrationCurve
    low: Array
    high: Array
    patient: Patient
    dose: float
    every: float | None
    doses: int | None
    window: tuple[float, float] | None = None
    time_in_window: float | None = None
    people_in_window: float | None = None
    asked: float = LEAST_SHARE
    chance: float | None = None
    notices: tuple[str, ...] = field(default=())

    def describe(self) -> str:
        """Peak, trough and time in the window, in one line."""
        level = self.curve.concentration
        words = f"{1e3 * level.min():.3g} to {1e3 * level.max():.3g} mg/L"
        if self.window is None or self.time_in_window is None:
            return f"{words}, peak after {time_text(self.curve.peak_time)}"
        low, high = (1e3 * end for end in self.window)
        return (
            f"{words}; {self.time_in_window:.0%} of the time within {low:.3g} to {high:.3g} mg/L, "
            f"{self.people_in_window:.0%} on average over people like this one"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for release.json and plasma.json, in SI."""
        return {
            "time_s": self.curve.time.tolist(),
            "concentration_kg_m3": self.curve.concentration.tolist(),
            "low_kg_m3": self.low.tolist(),
            "high_kg_m3": self.high.tolist(),
            "band": list(BAND),
            "cmax_kg_m3": self.curve.peak,
            "tmax_s": self.curve.peak_time,
            "auc_kg_s_m3": self.curve.auc,
            "dose_kg": self.dose,
            "dose_every_s": self.every,
            "doses": self.doses,
            "window_kg_m3": None if self.window is None else list(self.window),
            "time_in_window": self.time_in_window,
            "people_in_window": self.people_in_window,
            "asked_in_window": self.asked,
            "chance_in_window": self.chance,
            "patient": self.patient.to_dict(),
            "notices": list(self.notices),
        }


def patient_of(study: Study) -> Patient:
    """Return the patient of a study and its one drug.

    Raises
    ------
    InputError
        No [patient], no drug card, or several drugs.
    """
    if study.patient is None:
        raise InputError("there is no [patient] in this study: whose plasma?")
    if len(study.drugs) > 1:
        raise InputError(
            f"the tablet holds {' and '.join(study.drugs)}: whose pharmacokinetics? "
            f'study.for_drug("{study.drugs[0]}") is the study of one of them'
        )
    drug = study.tablet.drug_card(study.drugs[0])
    if drug is None:
        raise InputError("plasma needs a drug by its card: [formulation] drug = ...")
    return Patient.of(study.patient, drug)


def predict(
    study: Study, curve: ReleaseCurve, dose: float, patient: Patient | None = None
) -> PlasmaPrediction:
    """Predict the plasma of a study's patient.

    Parameters
    ----------
    study : Study
        With [patient]; [target] plasma says interval and window.
    curve : ReleaseCurve
        Of its tablet.
    dose : float
        [kg].
    patient : Patient, optional
        That of the study, where it is known already.
    """
    return predict_plasma(
        patient or patient_of(study),
        curve,
        dose,
        study.target.plasma if study.target else None,
        asked=asked_share(study.target),
        seed=study.run.seed,
    )


def asked_share(target: Target | None) -> float:
    """Share of the dosing interval that a target asks for in its window [-]."""
    if target is None or target.accept_time_in_window is None:
        return LEAST_SHARE
    return target.accept_time_in_window


def typical_plasma(
    patient: Patient, curve: ReleaseCurve, dose: float, wish: Plasma | None
) -> ConcentrationCurve:
    """Plasma of a typical person like this one after the last dose, without the band.

    Parameters are those of `predict_plasma`.
    """
    every = None if wish is None else wish.dose_every
    times = np.linspace(0.0, every or _single_end(patient, curve), _TIMES)
    if wish is None or every is None:
        level = convolve(curve, patient.body, dose, times)
    else:
        level = superpose(curve, patient.body, dose, times, every=every, doses=wish.doses)
    return ConcentrationCurve(times, level, name=f"{patient.drug.name} in plasma")


def predict_plasma(
    patient: Patient,
    curve: ReleaseCurve,
    dose: float,
    wish: Plasma | None,
    *,
    asked: float = LEAST_SHARE,
    seed: int = 1,
) -> PlasmaPrediction:
    """Predict the plasma of a patient from a release curve.

    Parameters
    ----------
    patient : Patient
    curve : ReleaseCurve
        Released fraction [-]; after its end nothing more comes.
    dose : float
        [kg].
    wish : Plasma or None
        Interval, doses and window; None: one dose.
    asked : float
        Share of the interval in the window whose chance is counted [-].
    seed : int
        Of the people drawn.
    """
    every = None if wish is None else wish.dose_every
    doses = None if wish is None else wish.doses
    typical = typical_plasma(patient, curve, dose, wish)
    times = typical.time
    people = dose * course(curve, patient.draw(PEOPLE, seed), times, every, doses)
    low, high = np.quantile(people, BAND, axis=0)
    window, inside, of_people, chance = None, None, None, None
    if wish is not None and wish.low is not None and wish.high is not None:
        window = (wish.low, wish.high)
        inside = typical.share_within(*window)
        shares = [ConcentrationCurve(times, one).share_within(*window) for one in people]
        of_people = float(np.mean(shares))
        chance = float(np.mean(np.array(shares) >= asked))
    return PlasmaPrediction(
        curve=typical,
        low=low,
        high=high,
        patient=patient,
        dose=dose,
        every=every,
        doses=doses,
        window=window,
        time_in_window=inside,
        people_in_window=of_people,
        asked=asked,
        chance=chance,
        notices=tuple(_notices(patient, curve, every)),
    )


def _single_end(patient: Patient, curve: ReleaseCurve) -> float:
    """Until most of a single dose is gone again [s]."""
    return min(float(curve.time[-1]) + _HALF_LIVES * float(patient.body.half_life), _LONGEST)


def _notices(patient: Patient, curve: ReleaseCurve, every: float | None) -> list[str]:
    """What a user has to know before trusting a band."""
    found = list(patient.notices)
    left = 1.0 - float(curve.fraction[-1])
    if left > 0.02:
        found.append(f"{left:.0%} of the dose is not out by the end of the run, and counts as lost")
    if every is not None and curve.time_to(0.9 * float(curve.fraction[-1])) > every:
        found.append(
            "release goes on beyond the dosing interval: how long a tablet stays in the gut is "
            "not in it"
        )
    if not patient.drug.pharmacokinetics.spread:
        found.append(
            f"the card of {patient.drug.name} has no spread between subjects: the band shows the "
            "ranges of the card only"
        )
    return found

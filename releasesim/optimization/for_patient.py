"""A design for one person: refused where it must be, its dose and its target worked out first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError, RefusedError
from releasesim.optimization.acceptance import People
from releasesim.optimization.obstacle import Attempt, Obstacle, obstacle_of
from releasesim.optimization.rules import Rule, plasma_rules
from releasesim.patient import (
    Patient,
    WantedRelease,
    patient_of,
    people_of,
    unpredicted,
    wanted_auc,
    wanted_release,
)
from releasesim.patient.disposition import Disposition
from releasesim.patient.prediction import LEAST_SHARE
from releasesim.study import Plasma, Study, Target, refuse_forbidden

Array = NDArray[np.float64]

#: What differs from person to person.
_DRAWN = ("clearance", "volume", "absorption_rate", "bioavailability")
#: Points of the target within one dosing interval, and beyond it in intervals.
_POINTS, _BEYOND = 24, (1.25, 1.5, 2.0)
#: Points after nearly all is out, and what is nearly all [-].
_AFTER, _TRACE = 6, 0.995


@dataclass(frozen=True, eq=False)
class Wish:
    """What is wanted for a person.

    Parameters
    ----------
    patient : Patient
    wanted : WantedRelease
        The release it comes down to.
    rules : tuple of Rule
        On plasma.
    people : callable or None
        The same of people like the patient; None where no spread is known.
    obstacle : Obstacle or None
        Why no release meets them; None where one may.
    """

    patient: Patient
    wanted: WantedRelease
    rules: tuple[Rule, ...]
    people: People | None
    obstacle: Obstacle | None


def for_patient(study: Study) -> tuple[Study, Wish | None]:
    """Refuse what is forbidden, and turn a wish for plasma into dose and release target.

    Parameters
    ----------
    study : Study
        With [target] plasma, or any other target, which comes back as it is.

    Returns
    -------
    tuple
        The study with its dose and target, and what is wanted; None without a plasma target.

    Raises
    ------
    RefusedError
        A biomarker forbids the drug; a genotype cannot be read; pharmacokinetics are missing for a
        wish for plasma.
    """
    refuse_forbidden(study)
    with _of_patient(study):
        people_of(study)  # a person of whom no plasma can be told is refused for any target
    target, spec = study.target, study.design
    if target is None or target.plasma is None or spec is None:
        return study, None
    with _of_patient(study):
        patient, wish = patient_of(study), target.plasma
    dose = spec.dose or patient.dose_for(wanted_auc(wish, patient.body))
    curve, asked, here = _attempt(study, target, patient, dose)
    people = asked.people(patient) if any(patient.sd.values()) else None
    implied = _implied(wish, patient) if here.missed and (spec.dose or wish.auc) else None
    other = None if implied is None else _attempt(study, target, patient, implied)[-1]
    made = dataclasses.replace(
        study,
        target=dataclasses.replace(target, curve=curve),
        design=dataclasses.replace(spec, dose=dose),
    )
    stop = obstacle_of(here, other, wish, patient)
    return made, Wish(patient, here.wanted, here.rules, people, stop)


def _attempt(
    study: Study, target: Target, patient: Patient, dose: float
) -> tuple[ReleaseCurve, _Asked, Attempt]:
    """The release that a dose needs, at the times where it is judged, and its rules."""
    wish = target.plasma or Plasma()
    wanted = wanted_release(wish, patient.body, dose, study.run.seed)
    curve = _judged(wanted, wish, patient.body)
    asked = _Asked(wish, dose, curve.time, _share(target), target.accept_cmax)
    return curve, asked, Attempt(wanted, curve.fraction, asked.rules(patient.body))


def _implied(wish: Plasma, patient: Patient) -> float | None:
    """The dose that a wish's window or course implies by itself [kg]; None where it does not."""
    try:
        return patient.dose_for(wanted_auc(dataclasses.replace(wish, auc=None), patient.body))
    except InputError:  # a course that does not say it
        return None


@dataclass(frozen=True, eq=False)
class _Asked:
    """What is asked of plasma, whoever it is whose."""

    wish: Plasma
    dose: float
    times: Array
    share: float | None
    highest: float | None

    def rules(self, body: Disposition) -> tuple[Rule, ...]:
        """The same of one person."""
        return plasma_rules(
            self.wish, body, self.dose, self.times, share=self.share, highest=self.highest
        )

    def people(self, patient: Patient) -> People:
        """The same of people like a patient, each draw kept."""

        @cache
        def of(count: int, seed: int) -> Sequence[tuple[Rule, ...]]:
            bodies = patient.draw(count, seed)
            return [self.rules(_one_of(bodies, n)) for n in range(count)]

        return of


def _one_of(bodies: Disposition, n: int) -> Disposition:
    drawn = {name: getattr(bodies, name) for name in _DRAWN}
    return dataclasses.replace(bodies, **{name: float(own[n, 0]) for name, own in drawn.items()})


def for_patient_by_drug(study: Study) -> tuple[Study, dict[str, Wish]]:
    """The same for a tablet of several drugs, each with a target of its own.

    Returns
    -------
    tuple
        The study with doses and targets, and what is wanted of the drugs whose plasma it is.
    """
    refuse_forbidden(study)
    target, spec = study.target, study.design
    if target is None or spec is None:
        return study, {}
    targets, doses, wishes = dict(target.drugs), dict(spec.doses), {}
    for name in study.drugs:
        made, wish = for_patient(study.for_drug(name))
        if wish is not None and made.target is not None and made.design is not None:
            targets[name], wishes[name] = made.target, wish
            doses[name] = made.design.dose or 0.0
    return (
        dataclasses.replace(
            study,
            target=dataclasses.replace(target, drugs=targets),
            design=dataclasses.replace(spec, doses=doses),
        ),
        wishes,
    )


def patient_notices(study: Study, wishes: Iterable[str]) -> tuple[str, ...]:
    """Say what of a design was not made for the patient.

    Parameters
    ----------
    study : Study
    wishes : iterable of str
        Drugs whose plasma is the target.
    """
    if study.patient is None:
        return ()
    others = [name for name in study.drugs if name not in set(wishes)]
    if not others:
        return ()
    whose = f" of {' and '.join(others)}" if len(study.drugs) > 1 else ""
    return (
        f"dose and target{whose} stand as the study gives them and are not worked out for "
        "[patient]: a [target] plasma would do that",
        *unpredicted(study),
    )


@contextmanager
def _of_patient(study: Study) -> Iterator[None]:
    """Refuse what cannot be said of the patient, with the place in the study where that stands."""
    try:
        yield
    except InputError as error:
        raise RefusedError(error.message, *study.where("patient")) from None


def _share(target: Target) -> float | None:
    """What is asked of the window: what the study says, and something where it says nothing."""
    asked = (
        target.accept_f2,
        target.accept_largest_difference,
        target.accept_cmax,
        *target.accept_stages,
    )
    if target.accept_time_in_window is None and all(rule is None for rule in asked):
        return LEAST_SHARE
    return target.accept_time_in_window


def _judged(wanted: WantedRelease, wish: Plasma, body: Disposition) -> ReleaseCurve:
    """Points where curves are judged: what comes after the interval meets the next dose.

    A course may need its release early: most points lie where that goes on, but no closer than
    plasma tells of, since uptake hides what is faster.
    """
    curve, every = wanted.curve, wish.dose_every
    end = float(curve.time[-1])
    if end <= 0.0:
        raise InputError("the wanted release has no length")
    last = every or end
    if wish.times:
        last = min(last, max(_nearly_out(curve), 1.0 / float(body.absorption_rate)))
    inside = last * np.linspace(0.0, 1.0, _POINTS + 1)[1:]
    after = np.linspace(last, every or end, _AFTER + 1)[1:]
    beyond = (every or 0.0) * np.array(_BEYOND if every else ())
    times = np.unique(np.concatenate([inside, after, beyond]))
    return ReleaseCurve(times, curve.at(np.minimum(times, end)), name=curve.name)


def _nearly_out(curve: ReleaseCurve) -> float:
    """When all but a trace of what comes at all is out [s]."""
    rising = int((curve.fraction <= _TRACE * curve.fraction[-1]).sum())
    return float(curve.time[min(rising, curve.time.size - 1)])

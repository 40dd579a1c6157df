"""Several drugs in one tablet: one solve for each, and one account of them all.

Drugs do not see each other: each diffuses and dissolves by its own laws in the same tablet, of
which the others are inert mass.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import numpy as np

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.simulation.release import Release
from releasesim.study import Study

T = TypeVar("T")

_NOTHING = 1e-9
"""A drug of which there is less is not in the tablet: volumes are differences of bodies [-]."""


def simulate_drugs(study: Study, simulate_one: Callable[[Study], Release]) -> Release:
    """Simulate each drug of a tablet, and join the results.

    Parameters
    ----------
    study : Study
        Of one or several drugs.
    simulate_one : callable
        Simulates a study of one drug.

    Returns
    -------
    Release
        `curves` and `doses` hold one entry for each drug. `curve` is the total of all drugs by
        mass, sum(m_i f_i)/sum(m_i). Ledger error and error estimate are the worst of all drugs, so
        that they bound those of the total too; steps and seconds are sums; grid and cells are those
        of the finest grid; numbers and words that differ between drugs carry the drug's name.

    Raises
    ------
    InputError
        There is no drug.
    """
    doses = study.tablet.doses
    total = sum(doses.values())
    if not total > 0.0:
        raise InputError("the tablet holds no drug: there is nothing to release")
    held = {name: dose for name, dose in doses.items() if dose > _NOTHING * total}
    views = {name: study.for_drug(name) for name in held}
    found = {name: simulate_one(view) for name, view in views.items()}
    said = [
        f"{name}: {notice}"
        for name, view in views.items()
        for notice in found[name].notices
        if notice not in view.notices  # the study's own, said once for all drugs
    ]
    said += [
        f"{name}: the parts made with it have no volume, it has no curve"
        for name in doses
        if name not in held
    ]
    return _joined(study, held, found, tuple(said))


def _joined(
    study: Study, doses: Mapping[str, float], found: Mapping[str, Release], said: tuple[str, ...]
) -> Release:
    releases = list(found.values())
    finest = max(releases, key=lambda release: release.cells)
    return Release(
        curve=_total(study, doses, found),
        dose=sum(doses.values()),
        ledger_error=_worst(release.ledger_error for release in releases),
        error_estimate=_worst(release.error_estimate for release in releases),
        regime=_numbers({name: release.regime for name, release in found.items()}),
        regime_words=_words({name: release.regime_words for name, release in found.items()}),
        method=_words({name: release.method for name, release in found.items()}),
        steps=sum(release.steps for release in releases),
        cells=finest.cells,
        spacing=finest.spacing,
        flooded=finest.flooded,
        swollen=finest.swollen,
        seconds=_sum(release.seconds for release in releases),
        estimates_used=_estimates(study, releases),
        notices=(*study.notices, *said),
        study_hash=study.hash,
        version=finest.version,
        cards=study.cards,
        seed=study.run.seed,
        curves={name: dataclasses.replace(r.curve, name=name) for name, r in found.items()},
        doses=dict(doses),
    )


def _total(study: Study, doses: Mapping[str, float], found: Mapping[str, Release]) -> ReleaseCurve:
    """Released mass of all drugs over their dose."""
    weights = np.array(list(doses.values())) / sum(doses.values())
    curves = [release.curve for release in found.values()]
    fraction = sum(w * curve.fraction for w, curve in zip(weights, curves, strict=True))
    return ReleaseCurve(curves[0].time, fraction, name=study.title or "simulated", simulated=True)


def _estimates(study: Study, releases: Iterable[Release]) -> tuple[str, ...]:
    """Estimates among the laws of every drug, and among the densities of the whole."""
    used = (name for release in releases for name in release.estimates_used)
    laws = (name for name in used if "formulation." not in name)
    own = (name for name, value in study.inputs.items() if value.grade == "estimate")
    return _once((*laws, *(name for name in own if "formulation." in name)))


def _worst(errors: Iterable[float]) -> float:
    """The largest; nan where one of them is unknown."""
    return float(np.max(list(errors)))


def _numbers(numbers: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Numbers that all drugs share once, the others as "caffeine.Bi"."""
    names = _once(name for of_drug in numbers.values() for name in of_drug)
    out: dict[str, float] = {}
    for name in names:
        values = {drug: n[name] for drug, n in numbers.items() if name in n}
        if len(values) == len(numbers) and len(set(values.values())) == 1:
            out[name] = next(iter(values.values()))
        else:
            out |= {f"{drug}.{name}": value for drug, value in values.items()}
    return out


def _words(words: Mapping[str, str]) -> str:
    """What all drugs share once, else drug by drug."""
    different = _once(words.values())
    if len(different) == 1:
        return different[0]
    return "; ".join(f"{name}: {said}" for name, said in words.items())


def _sum(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for part in parts:
        for stage, seconds in part.items():
            total[stage] = total.get(stage, 0.0) + seconds
    return total


def _once(items: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(items))

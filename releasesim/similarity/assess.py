"""The verb `assess`: everything a guideline or a referee may ask of two release curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.similarity.assessment import Assessment
from releasesim.similarity.bootstrap import BootstrapF2, Units, bootstrap_f2
from releasesim.similarity.compare import Common, bring_together, compare_common
from releasesim.similarity.comparison import Comparison
from releasesim.similarity.distance import Distance, distance
from releasesim.similarity.estimators import ESTIMATORS, Batch, batch
from releasesim.similarity.moments import moments
from releasesim.similarity.prediction import PredictionErrors
from releasesim.similarity.rules import PointRule, find_rule
from releasesim.similarity.specification import Specification
from releasesim.similarity.stages import Acceptance
from releasesim.similarity.tolerance import ToleranceIntervals, tolerance_intervals

Floats = NDArray[np.float64]

_NO_UNITS = "the values of single units are needed of both curves: one column per vessel"
_BOOTSTRAPPED = ("est", "exp", "bc")


@dataclass(frozen=True)
class Settings:
    """Choices that move the figures of an assessment, all of them reported with it.

    Parameters
    ----------
    rule : str
        Which points count, see `compare`.
    interpolate : bool
        Bring a measured test to the reference's times by straight lines.
    level : float
        Two-sided level of bootstrap intervals.
    resamples, seed : int
        Of the bootstrap.
    points, jackknife : str
        See `bootstrap_f2`.
    mtad : float
        Tolerated difference of the multivariate distance at every point [%].
    alpha : float
        Level of the tests on distance.
    share, confidence : float
        Of tolerance intervals.
    """

    rule: str = "fda"
    interpolate: bool = False
    level: float = 0.9
    resamples: int = 10_000
    seed: int = 1998
    points: str = "resampled"
    jackknife: str = "nt+nr"
    mtad: float = 10.0
    alpha: float = 0.05
    share: float = 0.99
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if not 100 <= self.resamples <= 1_000_000:
            raise InputError(f"resamples = {self.resamples}, must be 100 to 1,000,000")
        for name in ("level", "alpha", "share", "confidence"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise InputError(f"{name} = {getattr(self, name):g}, must be between 0 and 1")
        if not self.mtad > 0.0:
            raise InputError(f"mtad = {self.mtad:g} %, must be greater than 0")


def assess(
    reference: ReleaseCurve,
    test: ReleaseCurve,
    settings: Settings | None = None,
    *,
    specification: Specification | None = None,
    predictions: PredictionErrors | None = None,
) -> Assessment:
    """Compare two curves by all methods that their data allow.

    What cannot be given is named with its reason in `Assessment.missing`.

    Parameters
    ----------
    reference, test : ReleaseCurve
        The curves; bootstrap, distance and tolerance intervals need the units of both.
    settings : Settings, optional
        Choices; the defaults of `Settings`.
    specification : Specification, optional
        What a monograph asks of both products.
    predictions : PredictionErrors, optional
        Of a correlation with plasma, to stand in the same account.

    Raises
    ------
    InputError
        As `compare`.
    """
    chosen = settings or Settings()
    rule = find_rule(chosen.rule)
    common = bring_together(reference, test, chosen.interpolate)
    comparison = compare_common(common, rule)
    missing: dict[str, str] = {}
    return Assessment(
        comparison=comparison,
        settings=vars(chosen),
        reference=moments(reference),
        test=moments(test),
        estimates=_estimates(common, comparison, missing),
        bootstraps=_bootstraps(common, rule, chosen, missing),
        distance=_distance(common, comparison, chosen, missing),
        tolerance=_tolerance(reference, chosen, missing),
        acceptance=_acceptance((reference, test), specification, missing),
        predictions=predictions,
        missing=missing,
    )


def _acceptance(
    curves: tuple[ReleaseCurve, ReleaseCurve],
    specification: Specification | None,
    missing: dict[str, str],
) -> dict[str, tuple[Acceptance, ...]]:
    """Judge both products, where a specification is given."""
    found = {}
    for role, curve in zip(("reference", "test"), curves, strict=True):
        try:
            found[role] = specification.judge(curve) if specification else ()
        except InputError as error:
            missing[f"acceptance of the {role}"] = str(error)
    return {role: judged for role, judged in found.items() if judged}


def _estimates(common: Common, comparison: Comparison, missing: dict[str, str]) -> dict[str, float]:
    """All estimators of f2 on the counted points."""
    batches = [_batch(curve) for curve in common[:2]]
    if comparison.reason:
        missing["estimates"] = comparison.reason
        return {}
    if batches[0] is None or batches[1] is None:
        missing["estimates"] = "standard deviations and n are needed of both curves"
        return {"est": comparison.f2}
    counted = np.arange(batches[0].mean.size) < comparison.times.size
    return {
        name: float(one.f2(batches[0], batches[1], counted)) for name, one in ESTIMATORS.items()
    }


def _batch(curve: ReleaseCurve) -> Batch | None:
    if curve.vessels is not None and curve.vessels.shape[1] > 1:
        return batch(100.0 * curve.vessels)
    if curve.sd is None or curve.n is None:
        return None
    return Batch(100.0 * curve.fraction, (100.0 * curve.sd) ** 2, curve.n)


def _units(common: Common) -> tuple[Floats, Floats] | None:
    reference, test = common.reference.vessels, common.test.vessels
    return None if reference is None or test is None else (100.0 * reference, 100.0 * test)


def _bootstraps(
    common: Common, rule: PointRule, chosen: Settings, missing: dict[str, str]
) -> dict[str, BootstrapF2]:
    units = _units(common)
    if units is None:
        missing["bootstrap"] = _NO_UNITS
        return {}
    found = {}
    for name in _BOOTSTRAPPED:
        try:
            found[name] = bootstrap_f2(
                Units(*units, rule),
                name,
                level=chosen.level,
                resamples=chosen.resamples,
                seed=chosen.seed,
                points=chosen.points,
                jackknife=chosen.jackknife,
            )
        except InputError as error:
            missing[f"bootstrap of {name}"] = str(error)
    return found


def _distance(
    common: Common, comparison: Comparison, chosen: Settings, missing: dict[str, str]
) -> Distance | None:
    """Distance over the points that count for f2."""
    units = _units(common)
    if units is None:
        missing["distance"] = _NO_UNITS
        return None
    P = comparison.times.size
    try:
        return distance(units[0][:P], units[1][:P], mtad=chosen.mtad, alpha=chosen.alpha)
    except InputError as error:
        missing["distance"] = str(error)
        return None


def _tolerance(
    reference: ReleaseCurve, chosen: Settings, missing: dict[str, str]
) -> ToleranceIntervals | None:
    """Of the reference at all its times after 0."""
    vessels = None if reference.vessels is None else reference.vessels[reference.time > 0.0]
    if vessels is None or vessels.shape[1] < 2:
        missing["tolerance"] = "the values of single units of the reference are needed"
        return None
    share, confidence = chosen.share, chosen.confidence
    return tolerance_intervals(100.0 * vessels, share=share, confidence=confidence)

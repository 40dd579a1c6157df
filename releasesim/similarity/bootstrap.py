"""Bootstrap of f2: whole units are resampled within each product."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import InputError
from releasesim.similarity import intervals
from releasesim.similarity.estimators import ESTIMATORS, Batch, Estimator, batch
from releasesim.similarity.rules import MINIMUM_POINTS, PointRule

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_AT_ONCE = 20_000  # resamples in memory
JACKKNIVES = {
    "boot": "regression of the replicates on the units' shares, as R's boot",
    "nt+nr": "one unit left out at a time, of either product",
    "nt*nr": "every pair of one unit of each product left out",
    "nt=nr": "the i-th unit of both products left out together",
}


@dataclass(frozen=True, eq=False)
class BootstrapF2:
    """Bootstrap of one estimator of f2.

    Parameters
    ----------
    estimator : str
        Name in `ESTIMATORS`.
    estimate : float
        From the data themselves.
    mean, median, se : float
        Of the replicates.
    level : float
        Of the intervals, two-sided: 0.9 tests at 5 % from below.
    intervals : dict of str to (low, high)
        normal, basic, percentile (type 7), percentile (boot), BCa by each jackknife, and
        BCa (boot) with the acceleration of R's boot.
    decision : str
        The interval whose lower end decides.
    points : str
        "resampled": the rule is applied to each resample; "observed": once, to the data's means.
    resamples, dropped, seed : int
        How many were drawn, how many had fewer than three points or no estimate and were left
        out, and from which seed.
    """

    estimator: str
    estimate: float
    mean: float
    median: float
    se: float
    level: float
    intervals: dict[str, intervals.Interval]
    decision: str
    points: str
    resamples: int
    dropped: int
    seed: int

    @property
    def lower(self) -> float:
        """Lower end of the interval that decides."""
        return self.intervals[self.decision][0]

    @property
    def similar(self) -> bool:
        """Whether the lower end of the interval is 50 or more."""
        return self.lower >= 50.0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; an interval that is not defined is None."""
        ends = {k: None if math.isnan(v[0]) else list(v) for k, v in self.intervals.items()}
        return {**vars(self), "intervals": ends, "similar": self.similar}


class Draws(NamedTuple):
    """Which units each resample holds: (B, nR) and (B, nT), counted from 0."""

    reference: NDArray[np.int64]
    test: NDArray[np.int64]

    def shares(self) -> Floats:
        """Share that each unit has of its product in each resample, (B, nR + nT)."""
        return np.hstack([_shares(index) for index in self])


class Units(NamedTuple):
    """Units of both products at their common times after 0, (m, n) each [%], and the rule."""

    reference: Floats
    test: Floats
    rule: PointRule

    def counted(self, reference: Floats, test: Floats) -> Flags:
        """Which points count, (..., m), by the rule on means (..., m) [%]."""
        ended = self.rule.ends(reference / 100.0, test / 100.0)
        before: NDArray[np.int64] = np.cumsum(ended, axis=-1) - ended
        return np.asarray(before == 0)


def bootstrap_f2(
    units: Units,
    estimator: str = "est",
    *,
    level: float = 0.9,
    resamples: int = 10_000,
    seed: int = 1998,
    points: str = "resampled",
    jackknife: str = "nt+nr",
    draws: Draws | None = None,
) -> BootstrapF2:
    """Bootstrap f2 by resampling whole units within each product.

    Parameters
    ----------
    units : Units
        The data.
    estimator : str
        est, exp, bc, vc_exp or vc_bc.
    level : float
        Two-sided level of the intervals.
    resamples : int
        Number of resamples.
    seed : int
        Of numpy's PCG64.
    points : str
        "resampled" or "observed", see `BootstrapF2`.
    jackknife : str
        Whose acceleration decides: nt+nr, nt*nr, nt=nr (equal numbers of units only) or boot. They
        differ by about 0.5 in the lower end on Shah's test 1, so the choice can turn a verdict.
    draws : Draws, optional
        Units drawn elsewhere, such as by another program that is to be repeated; `resamples` and
        `seed` then say nothing.

    Raises
    ------
    InputError
        Fewer than three units of a product, or fewer than three points.

    References
    ----------
    .. [1] V.P. Shah et al., Pharm. Res. 15 (1998) 889-896.
    .. [2] B. Efron, J. Am. Stat. Assoc. 82 (1987) 171-185.
    """
    if estimator not in ESTIMATORS or jackknife not in JACKKNIVES:
        known = f"{', '.join(ESTIMATORS)}; jackknives {', '.join(JACKKNIVES)}"
        raise InputError(f"no bootstrap of {estimator} by {jackknife}; there are {known}")
    if jackknife == "nt=nr" and units.reference.shape[1] != units.test.shape[1]:
        raise InputError("jackknife nt=nr needs as many units of one product as of the other")
    chosen = ESTIMATORS[estimator]
    fixed = _checked(units, points)
    estimate = float(_f2(chosen, units, units.reference, units.test, fixed))
    if draws is None:
        draws = drawn_units(units, resamples, seed)
    drawn, resamples = _replicates(chosen, units, fixed, draws), len(draws.reference)
    finite = np.isfinite(drawn)
    kept = drawn[finite]
    if math.isnan(estimate) or kept.size < 0.5 * resamples:
        raise InputError(f"f2 ({estimator}) is not defined for these data: no bootstrap of it")
    influences = _jackknives(chosen, units, fixed)
    influences["boot"] = _regressed(kept, draws.shares()[finite], units.reference.shape[1])
    return BootstrapF2(
        estimator=estimator,
        estimate=estimate,
        mean=float(kept.mean()),
        median=float(np.median(kept)),
        se=float(kept.std(ddof=1)),
        level=level,
        intervals=_intervals(estimate, kept, level, influences),
        decision=f"BCa ({jackknife})",
        points=points,
        resamples=resamples,
        dropped=resamples - kept.size,
        seed=seed,
    )


def _checked(units: Units, points: str) -> Flags | None:
    """Points that count in every resample; None where each resample chooses its own."""
    if min(units.reference.shape[1], units.test.shape[1]) < 3:
        raise InputError("a bootstrap needs three units or more of each product")
    counted = units.counted(units.reference.mean(axis=1), units.test.mean(axis=1))
    if counted.sum() < MINIMUM_POINTS:
        raise InputError(f"{counted.sum()} points count, at least {MINIMUM_POINTS} are needed")
    if points not in ("resampled", "observed"):
        raise InputError(f"points = '{points}', must be resampled or observed")
    return counted if points == "observed" else None


def _f2(
    estimator: Estimator, units: Units, reference: Floats, test: Floats, fixed: Flags | None
) -> Floats:
    """Estimate f2 of units (..., m, n); nan with fewer than three points."""
    R, T = batch(reference), batch(test)
    return _of_batches(estimator, units, R, T, fixed)


def _of_batches(
    estimator: Estimator, units: Units, R: Batch, T: Batch, fixed: Flags | None
) -> Floats:
    counted = units.counted(R.mean, T.mean) if fixed is None else fixed
    enough = counted.sum(axis=-1) >= MINIMUM_POINTS
    return np.where(enough, estimator.f2(R, T, counted), np.nan)


def _intervals(
    estimate: float, kept: Floats, level: float, influences: dict[str, Floats]
) -> dict[str, intervals.Interval]:
    found = {
        "normal": intervals.normal(estimate, kept, level),
        "basic": intervals.basic(estimate, kept, level),
        "percentile": intervals.percentile(kept, level),
        "percentile (boot)": intervals.boot_percentile(kept, level),
    }
    for name, influence in influences.items():
        a = intervals.acceleration(influence)
        found[f"BCa ({name})"] = intervals.bca(estimate, kept, level, a)
    return found


def drawn_units(units: Units, resamples: int, seed: int) -> Draws:
    """Draw whole units with replacement, each product from its own."""
    random = np.random.default_rng(seed)
    sizes = [vessels.shape[1] for vessels in units[:2]]
    return Draws(*(random.integers(0, n, (resamples, n)) for n in sizes))


def replicates(
    estimator: Estimator, units: Units, draws: Draws, points: str = "resampled"
) -> Floats:
    """Estimates of f2 of all resamples (B,); nan where one has fewer than three points."""
    return _replicates(estimator, units, _checked(units, points), draws)


def left_out_together(estimator: Estimator, units: Units, points: str = "resampled") -> Floats:
    """Estimates without the i-th unit of both products, (n,)."""
    fixed = _checked(units, points)
    R, T = _left_out(units.reference), _left_out(units.test)
    return _f2(estimator, units, R, T, fixed)


def _replicates(estimator: Estimator, units: Units, fixed: Flags | None, draws: Draws) -> Floats:
    """Estimates of all resamples, (B,)."""
    found = []
    for start in range(0, len(draws.reference), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        drawn = [
            np.moveaxis(vessels[:, index[part]], 0, 1)
            for vessels, index in zip(units[:2], draws, strict=True)
        ]
        found.append(_f2(estimator, units, drawn[0], drawn[1], fixed))
    return np.concatenate(found)


def _shares(index: NDArray[np.int64]) -> Floats:
    """Share of each of n units in resamples (B, n), (B, n)."""
    count, n = index.shape
    places = index + n * np.arange(count)[:, None]
    counts = np.bincount(places.ravel(), minlength=count * n)
    return np.asarray(counts.reshape(count, n) / n)


def _regressed(replicates: Floats, shares: Floats, first: int) -> Floats:
    """Influence values by regression of the replicates on the shares, as R's boot does.

    One unit of each product is left out of the regression, as shares of a product sum to 1; the
    values are centred within each product.
    """
    kept = np.delete(shares, [0, first], axis=1)
    centred = kept - kept.mean(axis=0)
    # counts of draws are far from collinear: their normal equations are well conditioned
    slopes = np.linalg.solve(centred.T @ centred, centred.T @ (replicates - replicates.mean()))
    values = np.insert(slopes, [0, first - 1], 0.0)
    parts = values[:first], values[first:]
    return np.concatenate([part - part.mean() for part in parts])


def _jackknives(estimator: Estimator, units: Units, fixed: Flags | None) -> dict[str, Floats]:
    """Influence values by each convention: mean of the left-out estimates less each of them."""
    R, T = units.reference, units.test
    without_r, without_t = _left_out(R), _left_out(T)

    def f2(reference: Floats, test: Floats) -> Floats:
        return _f2(estimator, units, reference, test, fixed)

    ones = np.concatenate([f2(R, without_t), f2(without_r, T)])
    found = {"nt+nr": ones, "nt*nr": f2(without_r[:, None], without_t[None]).ravel()}
    if R.shape[1] == T.shape[1]:
        found["nt=nr"] = f2(without_r, without_t)
    return {name: _influence(values) for name, values in found.items()}


def _left_out(vessels: Floats) -> Floats:
    """All sets of units without one, (n, m, n - 1)."""
    return np.stack([np.delete(vessels, i, axis=1) for i in range(vessels.shape[1])])


def _influence(values: Floats) -> Floats:
    known = values[np.isfinite(values)]
    return known.mean() - known if known.size else np.zeros(1)

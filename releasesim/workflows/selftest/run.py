"""Running cases: the engine against the exact curve, one by one or on two processors."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from os import cpu_count
from typing import Any

import numpy as np

from releasesim.errors import ReleaseSimError, UnsupportedLawError
from releasesim.simulation import Release, simulate
from releasesim.study import Study
from releasesim.workflows.selftest.cases import Case, all_cases
from releasesim.workflows.selftest.exact import Array

TOLERANCE = 1e-3
"""Largest error allowed, of the dose: what the engine is asked for."""
LEDGER = 1e-10
"""Largest error of the ledger allowed, of the dose."""
BEYOND = 0.1
"""Released fraction from which the error counts."""
SHARE = 0.95
"""Of the cases must have an error below twice its estimate."""
FAT = 5.0
"""Median of estimate over error at most: no hiding behind a fat estimate."""

FEW = 8
"""Cases up to which a second process costs more than it saves."""
ROUNDING = 1e-9
"""Errors below are rounding, and have no order; estimates below need not be right."""
COARSE = 8
"""Cells through a thin body on the coarser of the two grids that show the order."""

OK, WRONG, REFUSED, FAILED = "ok", "wrong", "not simulated", "failed"


@dataclass(frozen=True)
class Outcome:
    """What came of one case.

    Parameters
    ----------
    case, source : str
        What was compared with what.
    verdict : str
        "ok", "wrong", "not simulated" or "failed".
    error : float
        Largest, of the released fraction where more than 10 % is out; NaN where there is none.
    estimate : float
        The engine's own.
    order : float
        Observed, of two fixed grids; NaN where it was not cheap, or the error rounding.
    ledger : float
        Error of the engine's ledger, of the dose.
    seconds : float
        Of the default answer; the first case may hold compilation.
    words : str
        Method, or why there is no answer.
    """

    case: str
    source: str
    verdict: str
    error: float = math.nan
    estimate: float = math.nan
    order: float = math.nan
    ledger: float = math.nan
    seconds: float = math.nan
    words: str = ""

    @property
    def ratio(self) -> float:
        """Estimate over error; NaN where either is rounding."""
        if not self.error > ROUNDING:
            return math.nan
        return self.estimate / self.error

    @property
    def trusted(self) -> bool:
        """Whether the error is below twice its estimate, or both are rounding."""
        return self.error < 2.0 * max(self.estimate, ROUNDING)


@dataclass(frozen=True)
class Summary:
    """What came of all cases that were run.

    Parameters
    ----------
    outcomes : tuple of Outcome
        In the order of the report.
    seconds : float
        Wall time of everything, references included.
    whole : bool
        Whether the suite was run, whose figures are judged too, or single cases.
    """

    outcomes: tuple[Outcome, ...]
    seconds: float
    whole: bool = True

    @property
    def simulated(self) -> tuple[Outcome, ...]:
        """Cases with an answer."""
        return tuple(one for one in self.outcomes if math.isfinite(one.error))

    @property
    def worst(self) -> float:
        """Largest error; NaN without an answer."""
        return max((one.error for one in self.simulated), default=math.nan)

    @property
    def share(self) -> float:
        """Share of the answers whose error is below twice the estimate."""
        answers = self.simulated
        return sum(one.trusted for one in answers) / len(answers) if answers else math.nan

    @property
    def median_ratio(self) -> float:
        """Median of estimate over error, where the error is more than rounding."""
        ratios = [one.ratio for one in self.simulated if math.isfinite(one.ratio)]
        return statistics.median(ratios) if ratios else math.nan

    @property
    def failures(self) -> list[str]:
        """Everything that did not come out as it should."""
        bad = [one for one in self.outcomes if one.verdict != OK]
        said = [f"{one.case}: {one.verdict}" for one in bad]
        if self.whole and self.share < SHARE:
            said.append(f"errors below twice the estimate: {self.share:.0%}, not {SHARE:.0%}")
        if self.whole and self.median_ratio > FAT:
            said.append(f"median of estimate/error: {self.median_ratio:.1f}, above {FAT:g}")
        return said

    def describe(self) -> str:
        """Say it in one line."""
        fine = sum(one.verdict == OK for one in self.outcomes)
        return (
            f"{fine} of {len(self.outcomes)} cases right to {TOLERANCE:.1%}; "
            f"largest error {_percent(self.worst)}; "
            f"error below twice its estimate in {_percent(self.share, 0)} of the "
            f"{len(self.simulated)} simulated; "
            f"median of estimate/error {self.median_ratio:.2g}; {self.seconds:.0f} s in all"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data for --json."""
        return {
            "ok": not self.failures,
            "cases": len(self.outcomes),
            "worst_error": self.worst,
            "share_below_twice_estimate": self.share,
            "median_estimate_over_error": self.median_ratio,
            "seconds": self.seconds,
            "failures": self.failures,
            "outcomes": [asdict(one) | {"ratio": one.ratio} for one in self.outcomes],
        }


def _percent(share: float, digits: int = 3) -> str:
    return f"{100.0 * share:.{digits}f} %" if math.isfinite(share) else "not known"


def run_all(
    cases: Sequence[Case],
    *,
    whole: bool = True,
    report: Callable[[str, float], None] = lambda stage, share: None,
) -> Summary:
    """Run cases, on two processors where there are many.

    Parameters
    ----------
    cases : sequence of Case
        Of `all_cases`.
    whole : bool
        Whether to judge the figures of the suite as well.
    report : callable
        Told the stage and the share done, 0 to 1.
    """
    begun = time.perf_counter()
    outcomes: list[Outcome] = []
    for outcome in _each(cases):
        outcomes.append(outcome)
        report("comparing with exact curves", len(outcomes) / len(cases))
    return Summary(tuple(outcomes), time.perf_counter() - begun, whole)


def _each(cases: Sequence[Case]) -> Iterator[Outcome]:
    processors = cpu_count() or 1
    if len(cases) <= FEW or processors == 1:
        yield from map(run_case, cases)
        return
    # a fresh process each: one forked beside running threads may never wake
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run_named, [case.name for case in cases])


def run_named(name: str) -> Outcome:
    """Run the case of this name: what another process is asked for."""
    return run_case(next(case for case in all_cases() if case.name == name))


def run_case(case: Case) -> Outcome:
    """Simulate a case and compare it with its exact curve; whatever goes wrong is its outcome."""
    try:
        return _compare(case)
    except UnsupportedLawError as error:
        return Outcome(case.name, case.source, REFUSED, words=str(error))
    except ReleaseSimError as error:
        return Outcome(case.name, case.source, FAILED, words=str(error))
    except Exception as error:  # a bug in one case leaves the others worth knowing
        return Outcome(case.name, case.source, FAILED, words=f"{type(error).__name__}: {error}")


def _compare(case: Case) -> Outcome:
    begun = time.perf_counter()
    release = simulate(Study.from_dict(case.study))
    seconds = time.perf_counter() - begun
    error = _largest_error(release, case.exact)
    ledger = float(release.ledger_error)
    right = error <= TOLERANCE and ledger <= LEDGER
    return Outcome(
        case.name,
        case.source,
        OK if right else WRONG,
        error,
        float(release.error_estimate),
        _order(case) if case.thin and error > ROUNDING else math.nan,
        ledger,
        seconds,
        release.method,
    )


def _largest_error(release: Release, exact: Callable[[Array], Array]) -> float:
    gap, judged = _gap(release, exact)
    return float(gap[judged].max())


def _gap(release: Release, exact: Callable[[Array], Array]) -> tuple[Array, Any]:
    truth = exact(release.curve.time)
    gap = np.abs(release.curve.fraction - truth)
    # a curve of holes is wrong by everything
    return np.where(np.isfinite(gap), gap, 1.0), truth > BEYOND


def _order(case: Case) -> float:
    """Observed order of the error on two grids, in the mean square where more than 10 % is out."""
    errors = []
    for cells in (COARSE, 2 * COARSE):
        study = Study.from_dict(_on_grid(case, cells))
        gap, judged = _gap(simulate(study), case.exact)
        errors.append(float(np.sqrt(np.mean(gap[judged] ** 2))))
    if min(errors) < ROUNDING:
        return math.nan
    return math.log2(errors[0] / errors[1])


def _on_grid(case: Case, cells: int) -> Mapping[str, Any]:
    thickness = Study.from_dict(case.study).tablet.drawn.size[2]
    run = dict(case.study["run"]) | {"spacing": f"{thickness / cells!r} m"}
    return {**case.study, "run": run}

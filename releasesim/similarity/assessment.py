"""What an assessment of two release curves found, and how it shows itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from releasesim.curve import time_text
from releasesim.similarity.bootstrap import BootstrapF2
from releasesim.similarity.comparison import Comparison
from releasesim.similarity.distance import Distance
from releasesim.similarity.estimators import ESTIMATORS
from releasesim.similarity.moments import Moments
from releasesim.similarity.prediction import PredictionErrors
from releasesim.similarity.stages import Acceptance
from releasesim.similarity.tolerance import ToleranceIntervals

Rows = list[tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Assessment:
    """Two curves compared by all methods that their data allow.

    Parameters
    ----------
    comparison : Comparison
        f1, f2, RMSE and the counted points.
    settings : dict
        Choices that moved the figures.
    reference, test : Moments
        Of each curve, over all its own points.
    estimates : dict of str to float
        f2 by estimator; nan where undefined.
    bootstraps : dict of str to BootstrapF2
        By estimator.
    distance : Distance, optional
        Over the counted points.
    tolerance : ToleranceIntervals, optional
        Of the reference's units, at all its times after 0.
    acceptance : dict of str to tuple of Acceptance
        Of "reference" and "test", by each table of the specification that was given.
    predictions : PredictionErrors, optional
        Of a correlation with plasma.
    missing : dict of str to str
        What could not be given, and why.
    """

    comparison: Comparison
    settings: dict[str, Any]
    reference: Moments
    test: Moments
    estimates: dict[str, float]
    bootstraps: dict[str, BootstrapF2]
    distance: Distance | None
    tolerance: ToleranceIntervals | None
    acceptance: dict[str, tuple[Acceptance, ...]]
    predictions: PredictionErrors | None
    missing: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values in SI for JSON, those of the comparison first."""
        return {
            **self.comparison.to_dict(),
            "settings": self.settings,
            "moments": {"reference": self.reference.to_dict(), "test": self.test.to_dict()},
            "f2_estimates": {k: _known(v) for k, v in self.estimates.items()},
            "bootstrap": {k: v.to_dict() for k, v in self.bootstraps.items()},
            "distance": None if self.distance is None else self.distance.to_dict(),
            "tolerance": None if self.tolerance is None else self.tolerance.to_dict(),
            "acceptance": {k: [one.to_dict() for one in v] for k, v in self.acceptance.items()},
            "predictions": None if self.predictions is None else self.predictions.to_dict(),
            "missing": self.missing,
        }

    def __repr__(self) -> str:
        lines = [f"  {label}: {value}" for label, value in self.rows()]
        return "\n".join([repr(self.comparison), *lines])

    def rows(self) -> Rows:
        """Label and value of what goes beyond the comparison."""
        rows = [*self.moment_rows(), *self.estimate_rows(), *self.bootstrap_rows()]
        rows += [*self.distance_rows(), *self.acceptance_rows()]
        return rows + [(f"no {what}", why) for what, why in self.missing.items()]

    def moment_rows(self) -> Rows:
        """Times of both curves."""
        both: tuple[tuple[str, str, Callable[[float], str]], ...] = (
            ("t50", "t50", time_text),
            ("t80", "t80", time_text),
            ("t90", "t90", time_text),
            ("RD (VDT/MDT^2)", "rd", lambda value: f"{value:.3g}"),
        )
        return [
            (
                label,
                f"{words(getattr(self.test, key))} against {words(getattr(self.reference, key))}",
            )
            for label, key, words in both
        ]

    def estimate_rows(self) -> Rows:
        """Estimators of f2 beside that of the means."""
        return [
            (f"f2 {name}", f"{_number(value)} ({ESTIMATORS[name].words})")
            for name, value in self.estimates.items()
            if name != "est"
        ]

    def bootstrap_rows(self) -> Rows:
        """The interval of each estimator that decides."""
        rows = []
        for name, found in self.bootstraps.items():
            low, high = found.intervals[found.decision]
            verdict = "similar" if found.similar else "similarity not shown"
            rows.append(
                (
                    f"bootstrap of f2 {name}",
                    f"{found.level:.0%} {found.decision} {_number(low)} to {_number(high)}: "
                    f"{verdict} (lower end against 50; {found.resamples} resamples, seed "
                    f"{found.seed})",
                )
            )
        return rows

    def distance_rows(self) -> Rows:
        """Both decisions on the multivariate distance."""
        if self.distance is None:
            return []
        d = self.distance
        tsong = "similar" if d.similar else "similarity not shown"
        t2eq = "equivalent" if d.equivalent else "equivalence not shown"
        return [
            (
                "distance (Tsong)",
                f"D_M {d.distance:.3f}, region up to {d.upper:.3f}, limit {d.limit:.3f}: {tsong}",
            ),
            (
                "distance (T2EQ)",
                f"F {d.f:.3f}, critical {d.f_equivalence:.3f}, p {d.p_equivalence:.3g}: {t2eq}",
            ),
        ]

    def acceptance_rows(self) -> Rows:
        """Verdicts of the pharmacopoeia's tables, and of the correlation with plasma."""
        rows = [
            (f"{one.table} of the {role}", one.verdict)
            for role, judged in self.acceptance.items()
            for one in judged
        ]
        if self.predictions is not None:
            rows.append(("prediction of plasma", self.predictions.verdict))
        return rows


def _number(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.2f}"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value

"""What a choice among mechanisms found: one ranking, what could not be tried, and the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from releasesim.calibration.choice.criteria import Criteria, akaike_weights
from releasesim.calibration.choice.equations import EquationSet
from releasesim.calibration.choice.left_out import NO_TABLET, LeftOut
from releasesim.calibration.choice.rivals import Telling
from releasesim.calibration.choice.trial import Trial, total_rmse
from releasesim.study import Study
from releasesim.version import __version__

MECHANISM, EQUATION = "mechanism", "equation"
CLOSE = 2.0
"""Difference of AICc below which data do not tell two candidates apart (Burnham & Anderson)."""


@dataclass(frozen=True)
class Untried:
    """A candidate that could not be fitted.

    Parameters
    ----------
    name, title, kind : str
    reason : str
        What it lacks.
    """

    name: str
    title: str
    kind: str
    reason: str


@dataclass(frozen=True, eq=False)
class Ranked:
    """One row of the ranking.

    Parameters
    ----------
    name, title, kind : str
        Kind is "mechanism" or "equation".
    criteria : Criteria
    above : float
        AICc above that of the best row, whatever its kind [-].
    weight : float
        Akaike weight among the rows of its kind [-].
    rmse : float
        Root mean square of unweighted residuals [-].
    left_out : LeftOut
    parameters : tuple of str
        Every parameter with its value, in words.
    remarks : tuple of str
    """

    name: str
    title: str
    kind: str
    criteria: Criteria
    above: float
    weight: float
    rmse: float
    left_out: LeftOut
    parameters: tuple[str, ...]
    remarks: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            **self.criteria.to_dict(),
            "delta_aicc": self.above,
            "weight": self.weight,
            "rmse": self.rmse,
            "left_out": self.left_out.to_dict(),
            "parameters": list(self.parameters),
            "remarks": list(self.remarks),
        }


@dataclass(frozen=True, eq=False, repr=False)
class Choice:
    """Mechanisms and empirical equations, ranked on the same points by the same likelihood.

    Parameters
    ----------
    trials : tuple of Trial
        Mechanisms that were fitted, the best AICc first.
    equations : tuple of EquationSet
        Equations that were fitted, the best AICc first.
    left_out : mapping of str to LeftOut
        Of every mechanism, by name.
    studies : tuple of Study
        Of every experiment, with the best mechanism and its parameters put in.
    untried : tuple of Untried
    weighting : str
        How points were weighted.
    notes : tuple of str
        What a reader must know.
    telling : Telling, optional
        Which experiment would set rival mechanisms apart.
    verdict : str
    """

    trials: tuple[Trial, ...]
    equations: tuple[EquationSet, ...]
    left_out: Mapping[str, LeftOut]
    studies: tuple[Study, ...]
    untried: tuple[Untried, ...]
    weighting: str
    notes: tuple[str, ...]
    telling: Telling | None
    verdict: str

    @property
    def best(self) -> Trial:
        """The mechanism of lowest AICc."""
        return self.trials[0]

    @property
    def names(self) -> tuple[str, ...]:
        """What the data of each experiment are called."""
        return tuple(one.name for one in self.best.fit.experiments)

    def __getitem__(self, name: str) -> Trial:
        return next(one for one in self.trials if one.candidate.name == name)

    @cached_property
    def rows(self) -> tuple[Ranked, ...]:
        """All that was fitted, the lowest AICc first."""
        judged = [one.criteria for one in self.trials]
        lowest = min(one.aicc for one in [*judged, *(e.criteria for e in self.equations)])
        weights = akaike_weights([one.criteria.aicc for one in self.trials])
        shares = akaike_weights([one.criteria.aicc for one in self.equations])
        rows = [self._mechanism(*pair, lowest) for pair in zip(self.trials, weights, strict=True)]
        rows += [_equation(*pair, lowest) for pair in zip(self.equations, shares, strict=True)]
        return tuple(sorted(rows, key=lambda row: row.above))

    def _mechanism(self, one: Trial, weight: float, lowest: float) -> Ranked:
        said = [f"{e.name} {e.describe()}" for e in one.fit.estimates.values()]
        return Ranked(
            name=one.candidate.name,
            title=one.candidate.title,
            kind=MECHANISM,
            criteria=one.criteria,
            above=one.criteria.aicc - lowest,
            weight=weight,
            rmse=total_rmse(one.fit),
            left_out=self.left_out[one.candidate.name],
            parameters=tuple(said),
            remarks=one.remarks,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; what is not known is None."""
        return {
            "verdict": self.verdict,
            "best": self.best.candidate.name,
            "experiments": [
                {"data": one.name, "points": part.points.rows, "study_hash": one.study.hash}
                for one, part in zip(
                    self.best.fit.experiments, self.best.problem.parts, strict=True
                )
            ],
            "weighting": self.weighting,
            "ranking": [row.to_dict() for row in self.rows],
            "not_tried": [vars(one) for one in self.untried],
            "fits": {one.candidate.name: _fit(one) for one in self.trials},
            "next_experiments": [] if self.telling is None else self.telling.to_list(),
            "notes": list(self.notes),
            "version": __version__,
            "cards": self.best.fit.study.cards,
        }

    def __repr__(self) -> str:
        whose = ", ".join(repr(name) for name in self.names)
        lines = [f"Mechanisms behind {whose}, {self.best.criteria.n} points"]
        lines += [
            f"  {row.title}: AICc {row.criteria.aicc:.1f}, {row.above:.1f} above the best"
            for row in self.rows
            if row.kind == MECHANISM
        ]
        return "\n".join([*lines, f"  verdict: {self.verdict}"])


def _equation(one: EquationSet, weight: float, lowest: float) -> Ranked:
    several = len(one.fits) > 1
    said = []
    for place, found in enumerate(one.fits, 1):
        values = ", ".join(f"{name} = {value:.4g}" for name, value in found.parameters.items())
        said.append(f"experiment {place}: {values}" if several else values)
    return Ranked(
        name=one.equation.name,
        title=one.equation.title,
        kind=EQUATION,
        criteria=one.criteria,
        above=one.criteria.aicc - lowest,
        weight=weight,
        rmse=one.rmse,
        left_out=LeftOut(reason=NO_TABLET),
        parameters=tuple(said),
        remarks=one.remarks,
    )


def _fit(one: Trial) -> dict[str, Any]:
    """A mechanism's estimates with where they started, and what its fit had to say."""
    estimates = {
        p.name: {
            **one.fit[p.name].to_dict(),
            "lowest": p.low,
            "highest": p.high,
            "start_from": one.sources[p.name],
        }
        for p in one.problem.parameters
    }
    curves = [
        {"time_s": e.curve.time.tolist(), "released_fraction": e.curve.fraction.tolist()}
        for e in one.fit.experiments
    ]
    return {
        "estimates": estimates,
        "laws": one.fit.study.physics.describe().splitlines(),
        "curves": curves,
        "verdict": one.fit.verdict,
        "notes": list(one.fit.notes),
        "evaluations": one.fit.evaluations,
    }


def close(trials: Sequence[Trial]) -> list[Trial]:
    """Mechanisms that the data do not tell from the best, which comes first."""
    if not trials:
        return []
    lowest = trials[0].criteria.aicc
    return [one for one in trials if one.criteria.aicc - lowest < CLOSE]


__all__ = ["CLOSE", "EQUATION", "MECHANISM", "Choice", "Ranked", "Untried", "close"]

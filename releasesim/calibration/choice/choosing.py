"""The verb: which mechanism is behind measured release."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from releasesim.calibration.choice.candidates import CANDIDATES, Candidate
from releasesim.calibration.choice.criteria import refuse_few
from releasesim.calibration.choice.equations import EquationSet, try_equation
from releasesim.calibration.choice.left_out import leave_out
from releasesim.calibration.choice.result import EQUATION, MECHANISM, Choice, Untried, close
from releasesim.calibration.choice.rivals import telling
from releasesim.calibration.choice.trial import Trial, total_rmse, try_candidate
from releasesim.calibration.choice.words import verdict
from releasesim.calibration.experiment import Experiment, Measured, Studies, experiments_of
from releasesim.calibration.points import Points, points_of, weighting
from releasesim.calibration.summary import Summary
from releasesim.curve import ReleaseCurve
from releasesim.empirical import EQUATIONS, Equation
from releasesim.errors import InputError
from releasesim.study import Study
from releasesim.study.laws import MECHANISM as MATERIAL
from releasesim.study.laws import parts_of
from releasesim.study.words import joined

T = TypeVar("T")
Progress = Callable[[str, float], None]

_DEPENDENT = (
    "the points of one curve are taken as independent, which those of one vessel are not: "
    "differences of AICc say more than the data do"
)


_OF_SCATTER, _LOOSEST = 0.2, 0.005
"""Numerical error of curves: a fifth of the data's scatter is 4 % of its variance; at most [-]."""


def choose_mechanism(
    study: Studies,
    data: Measured,
    *,
    candidates: Sequence[str] | None = None,
    equations: Sequence[str] | None = None,
    progress: Progress | None = None,
) -> Choice:
    """Fit candidate mechanisms and empirical equations, and rank them by AICc.

    Every candidate puts its laws into the tablets of the studies, and is fitted to all experiments
    at once by weighted least squares. Every equation is fitted to each experiment by itself. Curves
    are solved to a fifth of the scatter of the data about the best equation, where that is coarser
    than the study's own tolerance, and to 0.5 % of the dose at worst.

    Parameters
    ----------
    study : Study or sequence of Study
        One for all data, or one for each.
    data : ReleaseCurve or sequence of ReleaseCurve
        Observations; time 0 does not count. A Summary is refused.
    candidates : sequence of str, optional
        Names of mechanisms to try; all without.
    equations : sequence of str, optional
        Names of `releasesim.empirical.EQUATIONS`; all without.
    progress : callable, optional
        Told a stage and the share that is done.

    Returns
    -------
    Choice

    Raises
    ------
    InputError
        Unknown names, summaries instead of curves, several drugs or polymers, or data on which no
        mechanism can be tried.

    Examples
    --------
    >>> from releasesim.study import Study
    >>> study = Study.from_dict({
    ...     "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
    ...     "formulation": {"concentration": "100 mg/mL"},
    ...     "physics": {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
    ... })
    >>> hours = [1, 2, 3, 4, 5, 6, 7]
    >>> data = ReleaseCurve([3600 * t for t in hours], [0.33, 0.57, 0.76, 0.87, 0.95, 0.98, 1.0])
    >>> found = choose_mechanism(study, data, candidates=["diffusion", "erosion"])
    >>> found.best.candidate.title
    'erosion'
    """
    chosen = _named(candidates, {one.name: one for one in CANDIDATES}, "candidate mechanism")
    beside = _named(equations, EQUATIONS, "empirical equation")
    experiments = _experiments(study, data)
    points = [points_of(one.data) for one in experiments]
    if not all(one.weighted for one in points):  # as a fit does: else scales would be guessed
        points = [one.unweighted() for one in points]
    refuse_few(sum(one.rows for one in points), 1)
    run = _Run(experiments, points, progress or _silent)
    return run.choice(chosen, beside)


def _silent(stage: str, share: float) -> None:
    """Tell nobody."""


def _named(names: Sequence[str] | None, known: Mapping[str, T], what: str) -> list[T]:
    """Those asked for in the order of all, or all."""
    for name in names or ():
        if name not in known:
            raise InputError(f"no {what} '{name}'; there are {', '.join(known)}")
    return [one for name, one in known.items() if names is None or name in names]


def _experiments(study: Studies, data: Measured) -> list[Experiment]:
    found = experiments_of(study, data, "a choice of mechanism")
    for one in found:
        if isinstance(one.data, Summary):
            raise InputError(
                f"'{one.name}' is a summary: mechanisms are told apart on whole curves"
            )
        if _nothing_left(one.study):
            raise InputError("every layer has laws of its own: no mechanism is left to choose")
    polymers = [one.study.tablet.formulation.polymer for one in found]
    names = list(dict.fromkeys(p.name for p in polymers if p is not None))
    if len(names) > 1:
        raise InputError(
            f"the studies are of {joined(names)}: a mechanism is chosen for one polymer"
        )
    return found


class _Run:
    """One choice under way."""

    def __init__(
        self, experiments: list[Experiment], points: list[Points], progress: Progress
    ) -> None:
        self.experiments, self.points, self.progress = experiments, points, progress
        self.runs = [one.study.run for one in experiments]
        self.untried: list[Untried] = []

    def choice(self, chosen: Sequence[Candidate], beside: Sequence[Equation]) -> Choice:
        """Fit everything and say what came of it."""
        equations = self._equations(beside)
        self._loosen(equations)
        trials = self._trials(chosen)
        left_out = {}
        for place, one in enumerate(trials):
            self.progress("leaving experiments out", place / len(trials))
            left_out[one.candidate.name] = leave_out(one)
        self.progress("looking for an experiment that tells", 0.0)
        told = telling(close(trials))
        chi_square = trials[0].criteria.wss / max(
            trials[0].criteria.n - trials[0].criteria.k + 1, 1
        )
        return Choice(
            trials=tuple(trials),
            equations=tuple(equations),
            left_out=left_out,
            studies=tuple(self._studies(trials[0])),
            untried=tuple(self.untried),
            weighting=weighting(self.points[0].weighted, chi_square),
            notes=tuple(self._notes(trials[0])),
            telling=told,
            verdict=verdict(trials, equations, left_out, told),
        )

    def _studies(self, best: Trial) -> list[Study]:
        """The best mechanism in the studies as they came, which may ask for a finer solve."""
        pairs = zip(best.fit.experiments, self.runs, strict=True)
        return [dataclasses.replace(one.study, run=run) for one, run in pairs]

    def _loosen(self, equations: Sequence[EquationSet]) -> None:
        """Solve no finer than the scatter of the data is worth."""
        scatter = min((one.scatter for one in equations), default=0.0)
        loose = min(_OF_SCATTER * scatter, _LOOSEST)
        self.experiments = [
            Experiment(_loosened(one.study, loose), one.data) for one in self.experiments
        ]

    def _trials(self, chosen: Sequence[Candidate]) -> list[Trial]:
        found: dict[str, Trial] = {}
        for place, one in enumerate(chosen):
            self.progress(f"fitting {one.title}", place / len(chosen))
            simpler = [found[name] for name in one.nests if name in found]
            try:
                found[one.name] = try_candidate(one, self.experiments, self.points, simpler)
            except InputError as error:
                self.untried.append(Untried(one.name, one.title, MECHANISM, error.message))
        if not found:
            lost = [one for one in self.untried if one.kind == MECHANISM]
            why = "; ".join(f"{one.title}: {one.reason}" for one in lost)
            raise InputError(f"no mechanism could be tried: {why}")
        return sorted(found.values(), key=lambda one: one.criteria.aicc)

    def _equations(self, beside: Sequence[Equation]) -> list[EquationSet]:
        curves = [one.data for one in self.experiments if isinstance(one.data, ReleaseCurve)]
        found = []
        for place, one in enumerate(beside):
            self.progress("fitting equations", place / len(beside))
            try:
                found.append(try_equation(one, curves, self.points))
            except InputError as error:
                self.untried.append(Untried(one.name, one.title, EQUATION, error.message))
        return sorted(found, key=lambda one: one.criteria.aicc)

    def _notes(self, best: Trial) -> list[str]:
        several = len(self.experiments) > 1
        found = [
            f"{one.name}: {note}" if several else note
            for one, its in zip(self.experiments, self.points, strict=True)
            for note in its.notes
        ]
        found += _regions(self.experiments)
        tolerance = max(one.study.run.tolerance for one in self.experiments)
        if total_rmse(best.fit) < tolerance:
            found.append(
                f"the best curve meets the data within what it was solved to, {tolerance:.2%} of "
                "the dose: smaller misfits than that rank nothing"
            )
        return [*found, *(n for n in best.fit.notes if "show a lag" in n), _DEPENDENT]


def _loosened(study: Study, tolerance: float) -> Study:
    run = dataclasses.replace(study.run, tolerance=max(study.run.tolerance, tolerance))
    return dataclasses.replace(study, run=run)


def _regions(experiments: Sequence[Experiment]) -> list[str]:
    """Parts that candidates do not reach."""
    names = {name for one in experiments for name in _own_laws(one)}
    if not names:
        return []
    return [f"{joined(sorted(names))}: laws of its own, which all candidates keep"]


def _nothing_left(study: Study) -> bool:
    """Whether no part of the tablet takes the laws that a candidate would bring."""
    own = [set(part.physics) & set(MATERIAL) for part in parts_of(study.tablet)]
    return study.tablet.own_is_unused and all(own)


def _own_laws(experiment: Experiment) -> list[str]:
    return [part.name for part in parts_of(experiment.study.tablet) if part.physics]

"""One candidate mechanism fitted to all experiments, from the ends of simpler ones."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.choice.candidates import Candidate, band, with_laws
from releasesim.calibration.choice.criteria import Criteria, criteria, refuse_few
from releasesim.calibration.choice.ground import Ground
from releasesim.calibration.choice.starts import starts
from releasesim.calibration.experiment import Experiment
from releasesim.calibration.fitting import fit_found
from releasesim.calibration.parameters import Parameter, free_parameters
from releasesim.calibration.points import Points
from releasesim.calibration.problem import Problem, problem_of
from releasesim.calibration.result import Fit
from releasesim.calibration.search import POOR, search
from releasesim.simulation import mechanism_of
from releasesim.units import format_quantity

Array = NDArray[np.float64]

_AT_BOUND = 1e-3
"""Distance of logarithms within which a value lies at its bound [-]."""
_NO_BETTER = 1e-6
"""Share by which squares must fall for a further parameter to have done anything [-]."""


@dataclass(frozen=True, eq=False)
class Trial:
    """A candidate and its best fit.

    Parameters
    ----------
    candidate : Candidate
    fit : Fit
    problem : Problem
        What the fit solved: with other points it tells what the others predict.
    criteria : Criteria
    sources : mapping of str to str
        Where start values came from, by dotted name.
    remarks : tuple of str
        What a reader must know of the parameters.
    """

    candidate: Candidate
    fit: Fit
    problem: Problem
    criteria: Criteria
    sources: Mapping[str, str]
    remarks: tuple[str, ...]

    @property
    def x(self) -> Array:
        """Logarithms of the best parameters over their start values, (p,)."""
        values = np.array([one.value for one in self.fit.estimates.values()])
        return np.asarray(np.log(values / self.problem.start))

    @property
    def values(self) -> dict[str, float]:
        """Best parameters in SI, by dotted name."""
        return {name: one.value for name, one in self.fit.estimates.items()}


def try_candidate(
    candidate: Candidate,
    experiments: Sequence[Experiment],
    points: Sequence[Points],
    simpler: Sequence[Trial],
) -> Trial:
    """Fit a candidate.

    Parameters
    ----------
    points : sequence of Points
        Of every experiment.
    simpler : sequence of Trial
        Those that the candidate nests, as far as they were tried: the search starts from each.

    Raises
    ------
    InputError
        The study lacks something that the mechanism needs, there are too few points, or a
        parameter moves nothing.
    """
    half = half_time(points[0])
    grounds = [Ground(one.study, half) for one in experiments]
    laws = [candidate.laws(ground) for ground in grounds]
    names = candidate.vary(laws[0])
    refuse_few(sum(one.rows for one in points), len(names))
    studies = [with_laws(e.study, own) for e, own in zip(experiments, laws, strict=True)]
    for study in studies:
        mechanism_of(study)  # refuses by name what cannot be
    put = [Experiment(s, e.data) for s, e in zip(studies, experiments, strict=True)]
    problem = problem_of(put, _bounded(put, names), points)
    found = search(problem, [x for one in simpler for x in starts(problem, grounds[0], one.values)])
    fit = fit_found(put, problem, found)
    judged = criteria(fit.wss, problem.weight, len(names))
    said = {name: grounds[0].said[name] for name in names}
    return Trial(candidate, fit, problem, judged, said, tuple(_remarks(problem, fit, simpler)))


def total_rmse(fit: Fit) -> float:
    """Root mean square of all unweighted residuals [-]."""
    sizes = [np.count_nonzero(one.data.time > 0.0) for one in fit.experiments]
    squares = sum(n * one.rmse**2 for n, one in zip(sizes, fit.experiments, strict=True))
    return math.sqrt(squares / sum(sizes))


def half_time(points: Points) -> float:
    """When half of the dose was out, or the last point where it never was [s]."""
    late = points.time[points.fraction >= 0.5]
    return float(late[0] if late.size else points.time[-1])


def _bounded(experiments: Sequence[Experiment], names: Sequence[str]) -> list[Parameter]:
    """Free parameters within what physics allows, the start among it."""
    found = []
    for one in free_parameters([e.study for e in experiments], names):
        ends = [band(one.name, e.study) for e in experiments]
        low, high = max(low for low, _ in ends), min(high for _, high in ends)
        start = min(max(one.start, 2.0 * low), 0.5 * high)
        found.append(dataclasses.replace(one, start=start, low=low, high=high))
    return found


def _remarks(problem: Problem, fit: Fit, simpler: Sequence[Trial]) -> list[str]:
    found = []
    for parameter, estimate in zip(problem.parameters, fit.estimates.values(), strict=True):
        for end, word in ((parameter.low, "lowest"), (parameter.high, "highest")):
            if abs(math.log(estimate.value / end)) < _AT_BOUND:
                bound = format_quantity(end, parameter.unit, 3)
                found.append(f"{parameter.name} at the {word} that physics allows, {bound}")
        if not estimate.determined:
            found.append(f"{parameter.name} not determined")
    found += [
        f"no better than {one.candidate.title} alone"
        for one in simpler
        if fit.wss > one.fit.wss * (1.0 - _NO_BETTER)
    ]
    misfit = total_rmse(fit)
    if misfit > POOR:
        found.append(f"misses the data by {100.0 * misfit:.2g} %")
    return found

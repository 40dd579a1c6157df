"""The verb `fit`: parameters of a study from measured release."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration import notes
from releasesim.calibration.bootstrap import resample_vessels
from releasesim.calibration.experiment import Experiment, Measured, Studies, experiments_of
from releasesim.calibration.identifiability import verdict
from releasesim.calibration.next_experiment import NextExperiments, next_experiments
from releasesim.calibration.parameters import Parameter, free_parameters
from releasesim.calibration.points import points_of, weighting
from releasesim.calibration.problem import Part, Problem, problem_of
from releasesim.calibration.profile import profile_interval
from releasesim.calibration.result import Estimate, Fit, FittedExperiment
from releasesim.calibration.rough import rough_answer
from releasesim.calibration.sampling import require_sampler, sample_posterior
from releasesim.calibration.search import Found, descend, search
from releasesim.calibration.statistics import Uncertainty, quality, uncertainty
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.similarity import compare

Array = NDArray[np.float64]

INTERVALS = ("auto", "profile", "wald")
PRIORS = ("none", "cards")
_LOST = 1.0
"""Standard error of a logarithm beyond which a dear profile is not followed [-]."""
_ENDLESS = 20.0
"""Reach of an interval in the logarithm that is no bound any more [-]."""
_AGAIN = 2
"""How often a search starts anew from a better point that a profile came across."""


def fit(
    study: Studies,
    data: Measured,
    *,
    vary: Sequence[str],
    intervals: str = "auto",
    priors: str = "none",
    bootstrap: int = 0,
    advise: bool = False,
    sample: int = 0,
    seed: int = 1,
) -> Fit:
    """Estimate parameters of a study from measured curves or summaries of them.

    Weighted least squares of the simulated on the observed mean fractions at the observed times,
    in the logarithms of the parameters. Weights are 1/sd of the mean, sd/sqrt(n), where every
    observation of every experiment has a standard deviation above 0; otherwise all points weigh
    the same. Standard errors come from s^2 (J^T J)^-1 with s^2 = WSS/(n - p), in weighted fits
    too. Experiments share every parameter that their studies have.

    Parameters
    ----------
    study : Study or sequence of Study
        One for all data, or one for each. Its own values are the start.
    data : ReleaseCurve or Summary, or a sequence of them
        Observations; time 0 does not count.
    vary : sequence of str
        Dotted names, such as "diffusion.D", "film.k", "erosion.speed".
    intervals : str
        "profile" follows the profile likelihood, "wald" is symmetric in the logarithm, "auto"
        takes profiles where curves come from shapes that were solved before.
    priors : str
        "cards" holds parameters near the values of their cards, whose ranges count as 95 %;
        "none" does not.
    bootstrap : int
        Resamples of the vessels, for intervals that hold their scatter; 0 for none.
    advise : bool
        Rank experiments that would tell more. It is done all the same where a parameter is not
        determined and curves cost nothing.
    sample : int
        Steps of a Markov chain (emcee, extra "bayes") over the posterior, at most; 0 for none. It
        ends as soon as it has converged; see `Fit.posterior`.
    seed : int
        Of bootstrap and chain.

    Returns
    -------
    Fit
        Estimates with 95 % intervals, their covariance, and what the data cannot tell.

    Raises
    ------
    InputError
        Unknown names, fewer points than parameters, a parameter that does not move the curve.
    UnsupportedLawError
        For laws that cannot be combined, or that lack what they need, by name.

    Examples
    --------
    >>> from releasesim.study import Study
    >>> study = Study.from_dict({
    ...     "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
    ...     "formulation": {"concentration": "100 mg/mL"},
    ...     "physics": {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
    ... })
    >>> data = ReleaseCurve([3600, 7200, 14400, 21600], [0.33, 0.57, 0.88, 0.98])
    >>> fit(study, data, vary=["erosion.speed"])["erosion.speed"].describe()
    '0.4974 mm/h, standard error 0.88 %, 95 % interval 0.4837 mm/h to 0.5117 mm/h'
    """
    _check_word("intervals", intervals, INTERVALS)
    _check_word("priors", priors, PRIORS)
    if sample:
        require_sampler(sample)
    experiments = experiments_of(study, data)
    parameters = free_parameters([e.study for e in experiments], vary, priors=priors == "cards")
    points = [points_of(one.data) for one in experiments]
    first = rough_answer(experiments, parameters, points)
    problem = problem_of(experiments, parameters, points, first)
    answer = _Answer.of(problem, search(problem), intervals)
    found = _Report(experiments, answer, advise).fit(bootstrap, seed)
    if not sample:
        return found
    chain = sample_posterior(problem, answer.found.x, answer.sure.log_error, sample, seed)
    return dataclasses.replace(found, posterior=chain)


def fit_found(experiments: Sequence[Experiment], problem: Problem, found: Found) -> Fit:
    """Say what a search that is done has found, with intervals symmetric in the logarithm."""
    return _Report(experiments, _Answer.of(problem, found, "wald"), False).fit(0, 1)


def _check_word(key: str, word: str, known: Sequence[str]) -> None:
    if word not in known:
        raise InputError(f"{key} = {word!r}: must be one of {', '.join(known)}")


@dataclasses.dataclass(frozen=True, eq=False)
class _Answer:
    """The best parameters, how sure, and the problem that they solve."""

    problem: Problem
    found: Found
    sure: Uncertainty
    jacobian: Array
    scale: float
    ends: list[tuple[float, float]] | None

    @classmethod
    def of(cls, problem: Problem, found: Found, intervals: str) -> _Answer:
        """Find out how sure the parameters are; go on from a better point that turns up."""
        profiled = intervals == "profile" or (intervals == "auto" and problem.shaped)
        for _ in range(_AGAIN):
            J = problem.jacobian(found.x, back=1.0)
            n = problem.observed.size
            residuals = problem.data_residuals(found.x)
            sure = uncertainty(J[:n], problem.weight, residuals, J[n:] if len(J) > n else None)
            freedom = n - found.x.size
            scale = math.sqrt(float(residuals @ residuals) / freedom) if freedom else math.nan
            if not (profiled and scale > 0.0):
                return cls(problem, found, sure, J, scale, None)
            better, ends = _profiles(problem, found.x, sure, scale)
            if better is None:
                break
            found = descend(problem, better)
        return cls(problem, found, sure, J, scale, ends)

    @property
    def values(self) -> Array:
        """The best parameters in SI, (p,)."""
        return self.problem.values(self.found.x)

    def estimates(self) -> list[Estimate]:
        """The parameters with their intervals."""
        values = self.values
        low, high = self.sure.interval(values)
        if self.ends is not None:
            low, high = (self.problem.start * np.exp(side) for side in np.array(self.ends).T)
        return [
            Estimate(
                name=p.name,
                value=float(values[i]),
                standard_error=float(values[i] * self.sure.log_error[i]),
                low=float(low[i]),
                high=float(high[i]),
                unit=p.unit,
                start=p.start,
                interval="wald" if self.ends is None else "profile",
            )
            for i, p in enumerate(self.problem.parameters)
        ]


def _profiles(
    problem: Problem, x: Array, sure: Uncertainty, scale: float
) -> tuple[Array | None, list[tuple[float, float]]]:
    ends: list[tuple[float, float]] = []
    for i in range(x.size):
        error = float(sure.log_error[i])
        if not problem.cheap and not error < _LOST:  # far from here every curve has its price
            reach = sure.quantile * error
            reach = reach if reach < _ENDLESS else math.inf
            ends.append((float(x[i] - reach), float(x[i] + reach)))
            continue
        found = profile_interval(problem, x, i, scale=scale, quantile=sure.quantile, error=error)
        if found.better is not None:
            return found.better, ends
        ends.append((found.low, found.high))
    return None, ends


@dataclasses.dataclass(frozen=True, eq=False)
class _Report:
    """Everything that a user is told of an answer."""

    experiments: Sequence[Experiment]
    answer: _Answer
    advise: bool

    def fit(self, bootstrap: int, seed: int) -> Fit:
        """Put the result together."""
        answer, problem = self.answer, self.answer.problem
        estimates = answer.estimates()
        further: list[str] = []
        if bootstrap:
            scattered = resample_vessels(self.experiments, problem, answer.found.x, bootstrap, seed)
            estimates = scattered.onto(estimates)
            further = list(scattered.notes)
        good = quality(
            problem.observed, problem.fitted(answer.found.x), problem.weight, len(estimates)
        )
        advice = self._advice(estimates)
        return Fit(
            estimates={estimate.name: estimate for estimate in estimates},
            covariance=answer.sure.covariance,
            correlation=answer.sure.correlation,
            points=problem.observed.size,
            rmse=good.rmse,
            r2_adjusted=good.r2_adjusted,
            aic=good.aic,
            wss=good.wss,
            evaluations=problem.evaluations,
            weighting=weighting(problem.parts[0].points.weighted, good.chi_square),
            scale=answer.scale,
            verdict=self._verdict(estimates, advice),
            notes=(*self._notes(estimates), *further),
            experiments=tuple(self._fitted()),
            next=advice,
        )

    def _advice(self, estimates: Sequence[Estimate]) -> NextExperiments | None:
        problem, answer = self.answer.problem, self.answer
        lost = any(not one.determined for one in estimates) and len(estimates) > 1
        if not (self.advise or (lost and problem.cheap)) or not answer.scale > 0.0:
            return None
        studies = [one.study for one in self.experiments]
        return next_experiments(problem, studies, answer.found.x, answer.scale)

    def _verdict(self, estimates: Sequence[Estimate], advice: NextExperiments | None) -> str:
        answer = self.answer
        words = "" if self.advise else "ask for advice on which experiment would separate them"
        if advice is not None:
            words = f"{advice.candidates[0].words} would separate them best"
        return verdict(estimates, answer.jacobian, answer.scale, answer.sure.quantile, words)

    def _notes(self, estimates: Sequence[Estimate]) -> list[str]:
        answer, problem = self.answer, self.answer.problem
        x, several = answer.found.x, len(self.experiments) > 1
        said = []
        parts = zip(self.experiments, problem.parts, problem.fitted_parts(x), strict=True)
        for experiment, part, fitted in parts:
            whose = f" of {experiment.name}" if several else ""
            own = experiment.data.notes if isinstance(experiment.data, ReleaseCurve) else ()
            told = dict.fromkeys([*own, *part.points.notes])
            said += [f"{experiment.name}: {n}" if several else n for n in told]
            said += notes.about_lag(part.points, fitted, whose)
        said += notes.about_copies(self.experiments)
        said += notes.about_estimates(problem.parameters, estimates, answer.sure.correlation)
        return said + notes.about_search(problem.misfit(x), answer.found.stopped)

    def _fitted(self) -> list[FittedExperiment]:
        problem, x = self.answer.problem, self.answer.found.x
        parts = zip(self.experiments, problem.parts, problem.fitted_parts(x), strict=True)
        return [self._experiment(*one) for one in parts]

    def _experiment(self, one: Experiment, part: Part, fitted: Array) -> FittedExperiment:
        values = self.answer.values[part.columns]
        curve = _curve(part, values)
        compared = compare(one.data, curve) if isinstance(one.data, ReleaseCurve) else None
        rmse = float(np.sqrt(np.mean((fitted - part.observed) ** 2)))
        return FittedExperiment(part.model.with_values(values), one.data, curve, compared, rmse)


def _curve(part: Part, values: Array) -> ReleaseCurve:
    """Return the fitted curve at the study's own times and at those observed."""
    model = part.model
    times = np.union1d(model.study.run.output_times(), part.points.time)
    released = np.zeros(times.size)
    after = times > 0.0
    released[after] = np.maximum(model.fraction(values, times[after]), 0.0)
    name = model.study.title or "fitted"
    return ReleaseCurve(times, released, name=name, simulated=True)


__all__ = ["INTERVALS", "PRIORS", "Parameter", "fit", "fit_found"]

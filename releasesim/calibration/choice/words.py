"""The verdict on a choice of mechanism, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from releasesim.calibration.choice.criteria import akaike_weights
from releasesim.calibration.choice.equations import EquationSet
from releasesim.calibration.choice.left_out import LeftOut
from releasesim.calibration.choice.result import CLOSE, close
from releasesim.calibration.choice.rivals import Telling
from releasesim.calibration.choice.trial import Trial, total_rmse
from releasesim.calibration.search import POOR
from releasesim.study.words import joined

_AS_FAR = 0.7
"""Share of a mechanism's misfit that is the data's own if no equation comes closer [-]."""
_CLOSER = 0.8
"""Share of the best mechanism's error of prediction below which another is named [-]."""


def verdict(
    trials: Sequence[Trial],
    equations: Sequence[EquationSet],
    left_out: Mapping[str, LeftOut],
    telling: Telling | None,
) -> str:
    """Say which mechanism the data favour, what they leave open, and what would tell.

    Parameters
    ----------
    trials, equations : sequences
        The lowest AICc first; there is a trial at least.
    """
    said = [
        _best(trials),
        *_misfit(trials[0], equations),
        *_undetermined(trials[0]),
        *_rivals(trials),
    ]
    said += [telling.describe()] if telling is not None else []
    said += [*_prediction(trials, left_out), *_equations(trials, equations)]
    return "; ".join(said)


def _best(trials: Sequence[Trial]) -> str:
    first = trials[0].candidate.title
    if len(trials) == 1:
        return f"{first} is the only mechanism that could be tried"
    share = akaike_weights([one.criteria.aicc for one in trials])[0]
    return (
        f"of {len(trials)} mechanisms {first} explains these data best (Akaike weight {share:.2f})"
    )


def _misfit(best: Trial, equations: Sequence[EquationSet]) -> list[str]:
    rmse = total_rmse(best.fit)
    if rmse <= POOR:
        return []
    missed = f"but it misses them by {100.0 * rmse:.2g} % of the dose (root mean square)"
    if min((one.rmse for one in equations), default=0.0) > _AS_FAR * rmse:
        return [f"{missed}, as every equation does: that much they scatter"]
    return [f"{missed}: none of these mechanisms, or not this tablet, is what was measured"]


def _undetermined(best: Trial) -> list[str]:
    free = [one.name for one in best.fit.estimates.values() if not one.determined]
    return [f"but they do not determine its {joined(free)}"] if free else []


def _rivals(trials: Sequence[Trial]) -> list[str]:
    near = close(trials)[1:]
    if near:
        return [
            f"these data do not tell it from {joined([_beside(trials[0], one) for one in near])} "
            f"(difference of AICc below {CLOSE:g})"
        ]
    if len(trials) < 2:
        return []
    second = trials[1]
    gap = second.criteria.aicc - trials[0].criteria.aicc
    return [f"next is {second.candidate.title}, AICc {gap:.1f} higher"]


def _beside(best: Trial, rival: Trial) -> str:
    """A rival, and whether it is the best one with an addition that does nothing."""
    title = rival.candidate.title
    free = [one.name for one in rival.fit.estimates.values() if not one.determined]
    if free and best.candidate.name in rival.candidate.nests:
        return f"{title} ({joined(free)} not determined: it comes down to {best.candidate.title})"
    return title


def _prediction(trials: Sequence[Trial], left_out: Mapping[str, LeftOut]) -> list[str]:
    errors = {one.candidate.name: left_out[one.candidate.name] for one in trials}
    known = {name: one.total for name, one in errors.items() if not one.reason}
    best = trials[0].candidate
    if best.name not in known:
        return []
    said = [
        f"each experiment is predicted from the others within {100.0 * known[best.name]:.2g} % "
        "(root mean square)"
    ]
    nearest = min(trials, key=lambda one: known.get(one.candidate.name, float("inf"))).candidate
    if known[nearest.name] < _CLOSER * known[best.name]:
        said.append(
            f"{nearest.title} predicts better, within {100.0 * known[nearest.name]:.2g} %: trust "
            "the prediction more than the fit"
        )
    return said


def _equations(trials: Sequence[Trial], equations: Sequence[EquationSet]) -> list[str]:
    if not equations:
        return []
    first = equations[0]
    gap = first.criteria.aicc - trials[0].criteria.aicc
    where = f"{abs(gap):.1f} {'below' if gap < 0.0 else 'above'} it"
    return [
        f"the best of {len(equations)} empirical equations, {first.equation.title}, has an AICc "
        f"{where}, and predicts no other tablet"
    ]

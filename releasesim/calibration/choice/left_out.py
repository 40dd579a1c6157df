"""Leave one experiment out: what the others say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.choice.trial import Trial
from releasesim.calibration.problem import Part, Problem
from releasesim.calibration.search import descend

Array = NDArray[np.float64]

ONE_EXPERIMENT = "needs a second experiment"
NO_TABLET = "n/a: an equation is fitted to each curve by itself and knows no other tablet"


@dataclass(frozen=True)
class LeftOut:
    """Predictions of each experiment from all others.

    Parameters
    ----------
    rmse : tuple of float
        Root mean square error of each experiment's prediction [-].
    total : float
        Of all points together [-].
    reason : str
        Why there are none.
    """

    rmse: tuple[float, ...] = ()
    total: float = float("nan")
    reason: str = ""

    def describe(self) -> str:
        """Error in percent, or why there is none."""
        return self.reason or f"{100.0 * self.total:.2g} %"

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {"rmse": list(self.rmse), "total": self.total, "reason": self.reason}


def leave_out(trial: Trial) -> LeftOut:
    """Predict every experiment by parameters fitted to the others.

    Each search begins at the parameters of all experiments together.
    """
    problem = trial.problem
    if len(problem.parts) < 2:
        return LeftOut(reason=ONE_EXPERIMENT)
    errors = []
    for place, part in enumerate(problem.parts):
        others = [one for i, one in enumerate(problem.parts) if i != place]
        if sum(one.observed.size for one in others) < len(problem.parameters):
            name = trial.fit.experiments[place].name
            return LeftOut(reason=f"n/a: too few points without {name}")
        errors.append(_predicted(problem, trial.x, others, part) - part.observed)
    return LeftOut(tuple(_rms(one) for one in errors), _rms(np.concatenate(errors)))


def _predicted(problem: Problem, x: Array, others: Sequence[Part], part: Part) -> Array:
    found = descend(Problem(problem.parameters, others), x)
    return part.fitted(problem.values(found.x))


def _rms(errors: Array) -> float:
    return float(np.sqrt(np.mean(errors**2)))

"""What each input that is only an estimate could move."""

from __future__ import annotations

import numpy as np

from releasesim.cards import Value
from releasesim.curve import ReleaseCurve
from releasesim.errors import ReleaseSimError
from releasesim.optimization.result import Sensitivity
from releasesim.optimization.search import SEARCH_SPACING, Progress
from releasesim.simulation import Release, simulate
from releasesim.study import Study

_LARGE = 0.1


def sensitivities(study: Study, release: Release, tell: Progress) -> tuple[Sensitivity, ...]:
    """Both ends of every estimate's range, on the search grid; the one that moves most first."""
    coarse = study.replace("run.spacing", SEARCH_SPACING)
    middle = simulate(coarse).curve
    estimates = {
        name: value
        for name, value in study.inputs.items()
        if value.grade == "estimate" and value.low is not None and value.high is not None
    }
    out = []
    for done, (name, value) in enumerate(estimates.items()):
        out.append(_sensitivity(coarse, name, value, middle, release))
        tell("estimates", (done + 1) / len(estimates))
    return tuple(sorted(out, key=lambda s: -s.moves if s.moves == s.moves else 1.0))


def _sensitivity(
    study: Study, name: str, value: Value, middle: ReleaseCurve, release: Release
) -> Sensitivity:
    low, high = value.range
    at_low, at_high = _curve(study, name, low), _curve(study, name, high)
    moves = [float(np.abs(c.fraction - middle.fraction).max()) for c in (at_low, at_high) if c]
    return Sensitivity(
        name=name,
        value=float(value),
        low=low,
        high=high,
        unit=value.unit,
        source=value.source,
        at_low=shifted(at_low, middle, release),
        at_high=shifted(at_high, middle, release),
        moves=max(moves, default=float("nan")),
    )


def _curve(study: Study, name: str, value: float) -> ReleaseCurve | None:
    try:
        return simulate(study.replace(name, value)).curve
    except ReleaseSimError:  # an end of the range at which no such tablet exists
        return None


def shifted(
    curve: ReleaseCurve | None, middle: ReleaseCurve, release: Release
) -> ReleaseCurve | None:
    """The fine prediction moved by what the estimate moves on the search grid.

    Where that is far more than the grid's own error, the search grid's curve says it better.
    """
    if curve is None or np.abs(curve.fraction - middle.fraction).max() > _LARGE:
        return curve
    fraction = np.clip(release.curve.fraction + curve.fraction - middle.fraction, 0.0, 1.0)
    return ReleaseCurve(release.curve.time, fraction, name=release.curve.name, simulated=True)

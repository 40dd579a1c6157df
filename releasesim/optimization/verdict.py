"""Accepted, or what stands in the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from releasesim.optimization.acceptance import Wanted, f2_words
from releasesim.optimization.finalists import Final
from releasesim.optimization.polypill import WantedOfDrugs
from releasesim.optimization.search import Trial
from releasesim.simulation import Release

Array = NDArray[np.float64]

_AT_BOUND = 0.02
#: Numerical error of the chosen curve from which on the verdict tells of it [-].
_WRONG = 0.02
_STRAIGHTER = {
    "diffusion": "a target straighter than that needs an eroding polymer or a coat",
    "erosion": "a target later than that needs a thicker shell or a second material",
}
_MORE_BENT = {
    "diffusion": "a target faster than that at first needs a layer of quick release",
    "erosion": "a target more bent than that needs a polymer that lets the drug diffuse",
}


def verdict(wanted: Wanted, final: Final) -> str:
    """One sentence: accepted with figures, or not reachable with the mechanism that limits."""
    figures = f"{f2_words(final.f2)}, largest difference {final.gap:.1%}"
    if isinstance(wanted, WantedOfDrugs):  # each has an f2 of its own
        figures = f"largest difference {final.gap:.1%}"
    figures += wanted.figures(final.fraction) + _doubt(final.release)
    if wanted.meets(final.fraction):
        return f"accepted ({wanted.rules()}): {figures}"
    why = limit(wanted, final.fraction, final.trial)
    return f"not reachable ({wanted.rules()}): the best has {figures}; {why}"


def _doubt(release: Release) -> str:
    """What the figures are worth where the curve itself is not solved well."""
    error = release.error_estimate
    return f" (the curve itself may be wrong by {error:.0%})" if error > _WRONG else ""


def limit(wanted: Wanted, fraction: Array, trial: Trial) -> str:
    """What stands in the way of all, or which mechanism limits the best candidate, and where."""
    if wanted.obstacle is not None:
        return wanted.obstacle.words
    kind, of_drug = trial.material.mechanism.kind, ""
    if isinstance(wanted, WantedOfDrugs):
        name, wanted, fraction = wanted.worst(fraction)
        of_drug = f" of {name}"
    excess = fraction - wanted.goal
    several = ", " in trial.material.name
    release = f"{trial.material.name}'s {kind}{of_drug}"
    if several:  # of its layers or regions
        release = f"{kind}{of_drug} from {trial.material.name}"
    early, late = excess[: max(1, excess.size // 2)].mean(), excess[excess.size // 2 :].mean()
    if min(early, late) > 0:
        words = f"{release} is too fast throughout: nothing allowed slows it enough"
    elif max(early, late) < 0:
        words = f"{release} is too slow throughout: nothing allowed speeds it up enough"
    elif early > 0:
        words = f"{release} gives too much early and too little late: {_STRAIGHTER[kind]}"
    else:
        words = f"{release} gives too little early and too much late: {_MORE_BENT[kind]}"
    stuck = [
        f"{name} at its {'lower' if x < 0.5 else 'upper'} end"
        for name, x in zip(_names(trial), trial.point, strict=True)
        if x < _AT_BOUND or x > 1 - _AT_BOUND
    ]
    return words + (f" ({', '.join(stuck)})" if stuck else "")


def _names(trial: Trial) -> tuple[str, ...]:
    spec = trial.material.study.design
    vary = () if spec is None else spec.vary
    return tuple(v.name for v in vary if hasattr(v, "minimum") and v.name not in trial.choice)

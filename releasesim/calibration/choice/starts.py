"""Where the search for a mechanism begins: where those that it nests have ended.

What is new begins so weak that the curve hardly moves, so that no mechanism fits worse than one it
nests; a film and autocatalysis, which bend a curve otherwise, also as strong as they may matter.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.choice.ground import Ground
from releasesim.calibration.problem import Problem

Array = NDArray[np.float64]

_FAST_WATER = 1e-9
_FREER = 10.0
"""How much faster drug diffuses where the film is what holds it up [-]."""


def starts(problem: Problem, ground: Ground, simpler: Mapping[str, float]) -> list[Array]:
    """Points to begin from, x (p,) each.

    Parameters
    ----------
    simpler : mapping of str to float
        Best parameters of a mechanism that this one nests [SI].
    """
    names = [one.name for one in problem.parameters]
    own = {one.name: one.start for one in problem.parameters}
    slots = {name.partition(".")[0]: value for name, value in simpler.items()}
    known = {
        name: slots[name.partition(".")[0]] for name in names if name.partition(".")[0] in slots
    }
    known |= {name: simpler[name] for name in names if name in simpler}
    weak = own | _weak(ground, slots.get("diffusion", 0.0)) | known
    found = [weak]
    if "film.k" in own:
        k = ground.length / ground.half_time
        found.append({**weak, "film.k": k, names[0]: _FREER * weak[names[0]]})
    if "hydrolysis.feedback" in own:
        weak["hydrolysis.feedback"] = 0.02
        found.append({**weak, "hydrolysis.feedback": own["hydrolysis.feedback"]})
    return [_x(problem, [values[name] for name in names]) for values in found]


def _weak(ground: Ground, D: float) -> dict[str, float]:
    """Values at which a law adds next to nothing, by the size of the tablet and its half time."""
    speed = ground.length / ground.half_time
    found = {
        "erosion.speed": 0.02 * speed,
        "diffusion.D": 0.005 * speed * ground.length,
        "hydration.D": _FAST_WATER,
        "hydrolysis.rate": 0.05 / ground.half_time,
    }
    return found | ({"film.k": 50.0 * D / ground.length} if D else {})


def _x(problem: Problem, values: list[float]) -> Array:
    return np.asarray(np.clip(np.log(values / problem.start), problem.low, problem.high))

"""Fronts that erode wet polymer behind a sharp front of water, and may come up with it.

From the beginning both set out together: the slower speed is that of both. Once a front has fallen
behind it goes at its own speed, and waits where it has come up with the water.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from releasesim.physics import CaseII, InstantlyWet
from releasesim.simulation.coupled.matter import Matter, front_speed, physics_of_parts
from releasesim.study import Study

Array = NDArray[np.float64]


def own_speeds(study: Study) -> Array:
    """Speeds at which fronts erode wet polymer in the present medium, (parts,) [m/s]."""
    return np.array(
        [
            front_speed(study, part.name, replace(laws, hydration=InstantlyWet()))
            for part, laws in zip(study.tablet.parts, physics_of_parts(study), strict=True)
        ]
    )


def ahead_of_erosion(study: Study) -> tuple[bool, bool]:
    """Whether water comes faster than polymer erodes in some part, and slower in some part."""
    both = [
        (own, laws.hydration.speed)
        for own, laws in zip(own_speeds(study), physics_of_parts(study), strict=True)
        if isinstance(laws.hydration, CaseII) and not laws.is_off("erosion")
    ]
    return any(own < water for own, water in both), any(own > water for own, water in both)


def pursuing(matter: Matter, study: Study) -> Matter:
    """The same with fronts at their own speeds, which wait for water."""
    speed, own = matter.speed.copy(), own_speeds(study)
    speed[: own.size] = own
    return replace(matter, speed=speed, pursues=True)

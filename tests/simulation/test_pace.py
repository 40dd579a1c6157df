"""Fronts at another pace: the same way through the body, at other times."""

import numpy as np
import pytest

from releasesim.simulation.coupled.solve import course_of
from releasesim.study import Study


@pytest.mark.parametrize("factor", [1.0 + 1e-5, 0.3, 7.0])
def test_arrival_times_follow_the_speed(factor):
    """Rounding once decided between two ways to eight cells here, half an hour apart."""
    times = arrival(1.0)
    reached = times < 1e200
    assert reached.sum() > 1000
    np.testing.assert_allclose(arrival(factor)[reached] * factor, times[reached], rtol=1e-12)


def arrival(factor):
    """When a front of `factor` times 0.02 mm/h comes to the cells of a print [s]."""
    study = {
        "tablet": {
            "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"},
            "infill": {"pattern": "rectilinear", "density": "30 %"},
        },
        "formulation": {"concentration": "100 mg/mL"},
        "physics": {
            "diffusion": {"law": "ConstantDiffusivity", "D": "1e-12 m2/s"},
            "erosion": {"law": "ConstantFront", "speed": f"{0.02 * factor!r} mm/h"},
        },
        "run": {"until": "6 h", "spacing": "0.15 mm"},
    }
    course = course_of(Study.from_dict(study), 0.15e-3).course
    course.begin()
    return course.front.arrival

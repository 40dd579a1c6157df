"""Derivatives of curves whose laws change on the way."""

from __future__ import annotations

import numpy as np
import pytest
from events import FILM, SCISSION, event, study

from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.gradient import gradient


@pytest.mark.parametrize(
    ("laws", "change", "names"),
    [
        (
            {
                "hydration": {"law": "CaseII", "speed": "0.06 mm/h"},
                "diffusion": {"law": "ConstantDiffusivity", "D": "2e-11 m2/s"},
            },
            {"hydration__speed": "0.02 mm/h"},
            ["hydration.speed"],
        ),
        (
            {
                "hydrolysis": SCISSION,
                "diffusion": {"law": "PowerInMolarMass", "D0": "1e-12 m2/s", "exponent": 1.0},
            },
            {"hydrolysis__rate": "0.4 1/h"},
            ["hydrolysis.rate"],
        ),
    ],
)
def test_gradients_follow_laws_that_change(laws, change, names):
    """By the steps of one course, against differences of whole ones."""
    run = {"until": "12 h", "samples": 13, "spacing": "0.3 mm"}
    own = study(FILM, laws, [event(5, **change)], run=run)
    weights = np.linspace(1.0, 2.0, 13)
    found = gradient(own, names, weights=weights)

    def goal(name, value):
        return float(weights @ solve_coupled(own.replace(name, value), 3e-4, 1e-3).fraction)

    for name in names:
        value = own.get(name)
        true = (goal(name, 1.01 * value) - goal(name, 0.99 * value)) / (0.02 * value)
        assert found[name] == pytest.approx(true, rel=2e-3)
        assert found.methods[name] == "steps"

"""Diffusivities that follow the time, and rates that all change together: changes of clock."""

from __future__ import annotations

import numpy as np
import pytest
from events import HOUR, PRINTED, RADIUS, SCISSION, SPHERE, clock, curve_of, event, near, study

from releasesim.simulation.coupled import solve_coupled
from releasesim.workflows.selftest import exact


def test_a_diffusivity_goes_on_growing_at_another_rate():
    """D(t1) exp(r' (t - t1)), and then no more."""
    laws = {"diffusion": {"law": "ExponentialInTime", "D0": "3e-12 m2/s", "rate": "0.1 1/h"}}
    changes = [event(5, diffusion__rate="0.4 1/h"), event(9, diffusion__rate="0 1/s")]
    t, f = curve_of(SPHERE, laws, changes)

    def growing(s):
        grown = np.minimum(s, 5 * HOUR) * 0.1 + np.clip(s - 5 * HOUR, 0.0, 4 * HOUR) * 0.4
        return 3e-12 * np.exp(grown / HOUR)

    near(f, exact.sphere(clock(t, growing), 1.0, RADIUS))


def test_another_first_diffusivity_leaves_what_has_grown():
    """As D0 Mn0/Mn under first-order scission, which is the same law."""
    changes = [event(3, diffusion__D0="1e-12 m2/s")]
    pairs = (
        (
            {"diffusion": {"law": "ExponentialInTime", "D0": "3e-12 m2/s", "rate": "0.2 1/h"}},
            event(6, diffusion__rate="0.05 1/h"),
        ),
        (
            {
                "hydrolysis": {**SCISSION, "rate": "0.2 1/h"},
                "diffusion": {"law": "PowerInMolarMass", "D0": "3e-12 m2/s", "exponent": 1.0},
            },
            event(6, hydrolysis__rate="0.05 1/h"),
        ),
    )
    one, two = (curve_of(SPHERE, laws, [*changes, last]) for laws, last in pairs)
    np.testing.assert_allclose(one[1], two[1], atol=1e-9)

    def growing(s):
        grown = 0.2 * np.minimum(s, 6 * HOUR) + 0.05 * np.maximum(s - 6 * HOUR, 0.0)
        return np.where(s < 3 * HOUR, 3e-12, 1e-12) * np.exp(grown / HOUR)

    near(one[1], exact.sphere(clock(one[0], growing), 1.0, RADIUS))


@pytest.mark.parametrize(
    ("laws", "names"),
    [
        (
            {
                "hydration": {"law": "CaseII", "speed": "3e-8 m/s"},
                "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
            },
            {"hydration__speed": ("3e-8", "m/s"), "diffusion__D": ("1e-11", "m2/s")},
        ),
        (
            {
                "hydrolysis": {"law": "FirstOrderScission", "rate": "2e-4 1/s", "feedback": 1.0},
                "diffusion": {"law": "PowerInMolarMass", "D0": "2e-12 m2/s", "exponent": 1.0},
            },
            {"hydrolysis__rate": ("2e-4", "1/s"), "diffusion__D0": ("2e-12", "m2/s")},
        ),
        (
            {
                "channels": {"law": "StagnantChannels", "D": "1e-10 m2/s"},
                "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
            },
            {"channels__D": ("1e-10", "m2/s"), "diffusion__D": ("1e-11", "m2/s")},
        ),
    ],
)
def test_all_rates_together_are_a_change_of_clock(laws, names):
    """f(t) after t1 is f(t1 + 2.5 (t - t1)) of the run without the event, on any geometry."""
    faster = {name: f"{2.5 * float(value)!r} {unit}" for name, (value, unit) in names.items()}
    hours = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 1.4])
    later = np.where(hours > 0.5, 0.5 + 2.5 * (hours - 0.5), hours)
    changed, plain = (
        solve_coupled(
            study(PRINTED, laws, changes, run={"times": [f"{h!r} h" for h in at.tolist()]}),
            2e-4,
            2e-4,
        )
        for changes, at in (([event(0.5, **faster)], hours), ([], later))
    )
    near(changed.fraction, plain.fraction, 5e-4)
    assert changed.ledger_error < 1e-10
    assert plain.fraction[-1] - plain.fraction[2] > 0.1

"""Laws coupled on voxels against exact curves of cylinders: rods that walls fill to their axis.

`releasesim selftest` has the rods that take a few seconds; here are those that take longer.
"""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.simulation import simulate
from releasesim.simulation.regime.runaway import deepest
from releasesim.study import Study
from releasesim.workflows.selftest import exact
from releasesim.workflows.selftest.cases.case import D, boundary, constant, law, study
from releasesim.workflows.selftest.cases.fields import fujita
from releasesim.workflows.selftest.cases.printed import OUTER, UNIT, printed
from releasesim.workflows.selftest.cases.solid import LOAD, saturating

WET = law("FickianHydration", D=f"{D!r} m2/s")
SWOLLEN = 3.0
FRONT, RECEDING, FILM = 2.0 * D / OUTER, D / OUTER, 5.0 * D / OUTER


def swelling(t):
    body = exact.Wetted(
        2, OUTER, exact.exponential(D, 0.0), exact.exponential(D, 2.0), swollen=SWOLLEN
    )
    return body.released(t)


CASES = {
    "D exp(2 c)": (
        {"diffusion": law("ExponentialInConcentration", D0=f"{D!r} m2/s", beta=2.0)},
        0.25,
        lambda t: exact.plasticised(t, 2, OUTER, D, 2.0),
    ),
    "swells as it wets": (
        {
            "diffusion": fujita(D, 2.0),
            "hydration": WET,
            "swelling": law("VolumeAdditive", equilibrium_volume_ratio=SWOLLEN),
        },
        1.5,
        swelling,
    ),
    "Case II front, v R/D 2": (
        {"diffusion": constant(), "hydration": law("CaseII", speed=f"{FRONT!r} m/s")},
        0.9,
        lambda t: exact.case_two(t, 2, OUTER, D, FRONT),
    ),
    "dispersed A/c_s 2": (
        {"diffusion": constant(), "dissolution": saturating(LOAD / 2.0)},
        0.6,
        exact.Dispersed(2, OUTER, D, 2.0).released,
    ),
    "dispersed A/c_s 3, film Bi 5": (
        {
            "diffusion": constant(),
            "dissolution": saturating(LOAD / 3.0),
            "film": boundary(FILM),
        },
        1.2,
        exact.Dispersed(2, OUTER, D, 3.0, k=FILM).released,
    ),
    "erodes and diffuses, B R/D 1": (
        {
            "diffusion": constant(),
            "erosion": law("ConstantFront", speed=f"{RECEDING!r} m/s"),
        },
        0.5,
        lambda t: exact.erode_and_diffuse_body(t, 2, OUTER, D, RECEDING),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_printed_rod_is_a_cylinder(name):
    """0.1 % asked for: right to that beyond 10 %, or the release says that it is not.

    Measured: 5e-5 to 7e-4; 1.04e-3, and said so, for dispersed drug of twice the solubility.
    """
    laws, span, curve = CASES[name]
    release = simulate(Study.from_dict(study(printed(), span * UNIT, concentration=LOAD, **laws)))
    truth = curve(release.curve.time)
    error = np.abs(release.curve.fraction - truth)[truth > 0.1].max()
    assert "on voxels" in release.method
    assert error < 2.0 * release.error_estimate
    assert error < 1e-3 or any("is above run.tolerance" in said for said in release.notices)
    assert release.ledger_error < 1e-10


def test_axis_of_a_printed_rod_is_its_radius_from_the_medium():
    """Sealed ends wet nothing."""
    body = Study.from_dict(study(printed(), UNIT, diffusion=constant())).tablet
    assert deepest(body.voxelize(1e-4)) == pytest.approx(OUTER, abs=1e-4)

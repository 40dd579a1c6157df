"""Stagnant and late channels of printed tubes against eigenvectors of their shells."""

import math

import numpy as np
import pytest

from releasesim.simulation import simulate
from releasesim.study import Study
from releasesim.workflows.selftest import exact

D, MEDIUM = 1e-10, 7e-10
WIDTH, LAYER = 0.45e-3, 0.25e-3
COVERED = WIDTH - LAYER * (1.0 - math.pi / 4.0)
OUTER = 2e-3 - 0.5 * (WIDTH - COVERED)
INNER, HEIGHT = OUTER - 2.0 * COVERED, 1e-3


def tube(channels, sealed=(), K=1.0, spacing="0.1 mm"):
    """Release of a printed tube; its one cell of honeycomb is too wide to have a road."""
    return simulate(
        Study.from_dict(
            {
                "tablet": {
                    "shape": {"kind": "cylinder", "diameter": "4 mm", "height": "1 mm"},
                    "infill": {"pattern": "honeycomb", "density": "1 %"},
                    "walls": 2,
                    "roofs": 0,
                    "floors": 0,
                    "road_width": "0.45 mm",
                    "layer_height": "0.25 mm",
                    "sealed": list(sealed),
                },
                "formulation": {"concentration": "100 mg/mL"},
                "physics": {
                    "diffusion": {"law": "ConstantDiffusivity", "D": f"{D!r} m2/s"},
                    "channels": channels,
                },
                "medium": {"partition": K},
                "run": {"until": "48 min", "samples": 21, "spacing": spacing},
            }
        )
    )


STAGNANT = {"law": "StagnantChannels", "D": f"{MEDIUM!r} m2/s"}
LATE = {"law": "WettedChannels", "delay": "15 min"}
ENDS = ("top", "bottom")


def stagnant_tube(t, K, height=math.inf):
    shells = [exact.Shell(INNER, MEDIUM, c=0.0), exact.Shell(OUTER, D, K)]
    return exact.composite_tube(t, shells, height=height)


def late_tube(t, height=math.inf):
    walls = exact.late_bore(t, D, OUTER, INNER, 900.0)
    ends = 0.0 if math.isinf(height) else exact.slab(t, D, height)
    return 1.0 - (1.0 - ends) * (1.0 - walls)


CASES = {
    "stagnant, ends sealed": ((STAGNANT, ENDS, 1.0), lambda t: stagnant_tube(t, 1.0), 2e-3),
    "stagnant, K 3": ((STAGNANT, ENDS, 3.0), lambda t: stagnant_tube(t, 3.0), 2e-3),
    "stagnant, ends open": ((STAGNANT, (), 1.0), lambda t: stagnant_tube(t, 1.0, HEIGHT), 5.5e-3),
    "late, ends sealed": ((LATE, ENDS, 1.0), late_tube, 4.5e-3),
    "late, ends open": ((LATE, (), 1.0), lambda t: late_tube(t, HEIGHT), 3e-3),
}


@pytest.mark.parametrize("name", CASES)
def test_bore_of_a_printed_tube(name):
    """Right to `worst` beyond half of the dose; on half the spacing to a third, or to 0.02 %."""
    study, curve, worst = CASES[name]
    errors = []
    for spacing in ("0.1 mm", "0.05 mm"):
        found = tube(*study, spacing=spacing).curve
        truth = curve(found.time)
        errors.append(np.abs(found.fraction - truth)[truth > 0.5].max())
    assert errors[0] < worst
    assert errors[1] < max(errors[0] / 2.8, 2e-4)


def test_sealed_ends_keep_what_stands_in_the_bore():
    """Drug leaves by the rim alone: less than through open ends."""
    sealed, open_ = (tube(STAGNANT, faces).curve.fraction for faces in (ENDS, ()))
    assert (sealed[1:] < open_[1:] - 1e-4).all()

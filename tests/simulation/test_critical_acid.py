"""The critical Thiele number (PHYSICS 8) with the engine on both sides of it.

Ester is so abundant that acid grows in proportion to itself: its mean is that of diffusion times
exp(phi^2 T), and what matters is whether phi^2 is above the smallest eigenvalue of the body.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse import linalg

from releasesim.simulation.coupled.solve import course_of
from releasesim.study import Study
from releasesim.workflows.selftest import exact

D, ACID0, ESTER0 = 1e-10, 1.0, 1e9
RADIUS = 1e-3
BODIES = {
    "slab": ({"kind": "film", "thickness": "2 mm", "area": "1 cm2"}, [], exact.SLAB, math.pi / 2),
    "cylinder": (
        {"kind": "cylinder", "diameter": "2 mm", "height": "1 mm"},
        ["top", "bottom"],
        exact.CYLINDER,
        2.404825557695773,
    ),
    "sphere": ({"kind": "sphere", "diameter": "2 mm"}, [], exact.SPHERE, math.pi),
}
"""Shape, sealed faces, family of series, critical phi."""


def acid_of(tablet, k, times, spacing):
    """Mean acid over that at the start, at `times` [s], made at the rate `k` [1/s] of itself."""
    found = []
    for time in times.tolist():
        study = Study.from_dict(
            {
                "tablet": tablet,
                "formulation": {"concentration": "100 kg/m3"},
                "physics": {
                    "diffusion": {"law": "PowerInMolarMass", "D0": "1e-14 m2/s", "exponent": 0.0},
                    "hydrolysis": {
                        "law": "AutocatalyticScission",
                        "k1": "0 1/s",
                        "k2": f"{k / ESTER0!r} m3/mol/s",
                        "acid0": f"{ACID0!r} mol/m3",
                        "ester0": f"{ESTER0!r} mol/m3",
                        "D_acid": f"{D!r} m2/s",
                    },
                },
                "run": {"until": f"{time!r} s"},
            }
        )
        course = course_of(study, spacing).course
        course.run(np.array([0.0, time]), 1e-5)
        model = course.model
        found.append(model.field(course.y, "acid").sum() / model.whole.sum() / ACID0)
    return np.array(found)


@pytest.mark.parametrize("name", BODIES)
def test_acid_is_washed_out_below_the_critical_number_and_runs_away_above(name):
    """A twentieth on either side of pi/2, 2.4048 and pi: PHYSICS 8, and its series to 0.1 %."""
    shape, sealed, family, critical = BODIES[name]
    times = np.array([0.5, 1.0, 2.0])
    for factor, runs_away in ((0.95, False), (1.05, True)):
        phi2 = (factor * critical) ** 2
        unit = RADIUS**2 / D
        found = acid_of({"shape": shape, "sealed": sealed}, phi2 / unit, times * unit, 1e-4)
        series = (1.0 - exact.one_direction(times, family)) * np.exp(phi2 * times)
        assert bool(found[2] > found[1]) is runs_away
        np.testing.assert_allclose(found, series, rtol=1e-3)


# --- printed infill -----------------------------------------------------------------------------


def least_eigenvalue(solid, spacing):
    """Of -laplace in cells with nothing at the faces of their outside, (nx, ny, nz) [1/m2]."""
    number = np.where(solid, np.cumsum(solid).reshape(solid.shape) - 1, -1)
    n = int(solid.sum())
    diagonal, sides = np.zeros(n), []
    for axis, h in enumerate(spacing):
        low, high = (np.moveaxis(number, axis, 0)[at] for at in (np.s_[:-1], np.s_[1:]))
        both = (low >= 0) & (high >= 0)
        a, b = low[both], high[both]
        sides += [(a, b, h), (b, a, h)]
        for here, there in ((low, high), (high, low)):
            np.add.at(diagonal, here[(here >= 0) & (there < 0)], 2.0 / h**2)
    for a, _, h in sides:
        np.add.at(diagonal, a, 1.0 / h**2)
    rows, columns = (np.concatenate([side[i] for side in sides]) for i in (0, 1))
    values = np.concatenate([np.full(side[0].size, -1.0 / side[2] ** 2) for side in sides])
    matrix = sparse.csc_matrix((values, (rows, columns)), (n, n)) + sparse.diags(diagonal)
    return float(linalg.eigsh(matrix.tocsc(), 1, sigma=0.0, return_eigenvectors=False)[0])


def infill(pattern, density, width, size=8.0):
    """Table of an infill without walls, `size` widths across and four layers high, all open."""
    return {
        "shape": {
            "kind": "block",
            "length": f"{size * width!r} m",
            "width": f"{size * width!r} m",
            "height": f"{4.0 * 0.7 * width!r} m",
        },
        "infill": {"pattern": pattern, "density": f"{density!r} %"},
        "walls": 0,
        "roofs": 0,
        "floors": 0,
        "road_width": f"{width!r} m",
        "layer_height": f"{0.7 * width!r} m",
    }


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    pattern=st.sampled_from(["rectilinear", "grid", "honeycomb", "concentric"]),
    density=st.sampled_from([25.0, 40.0, 60.0]),
    thin=st.floats(0.2e-3, 0.8e-3),
)
def test_thin_struts_wash_acid_out_and_thick_ones_run_away(pattern, density, thin):
    """One polymer, printed in struts a quarter below and above the width that is critical."""
    tablet = infill(pattern, density, thin)
    grid = Study.from_dict(
        {
            "tablet": tablet,
            "formulation": {"concentration": "100 kg/m3"},
            "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
            "run": {"until": "1 h"},
        }
    ).tablet.voxelize(thin / 4.0)
    least = least_eigenvalue(grid.solid, grid.spacing)
    k = 0.64 * least * D
    unit = 1.0 / (least * D)
    washed = acid_of(tablet, k, np.array([3.0, 6.0]) * unit, thin / 4.0)
    assert washed[1] < washed[0] < 1.0
    wide = 1.5625 * thin
    runs = acid_of(
        infill(pattern, density, wide), k, 1.5625**2 * np.array([6.0, 9.0]) * unit, wide / 4.0
    )
    assert runs[1] > runs[0]

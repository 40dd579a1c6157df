"""Which studies share solved shapes: scaled copies do, others do not."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.calibration import shapes
from releasesim.simulation import simulate
from releasesim.study import Study
from releasesim.units import hour

NAMES = ["diffusion.D", "film.k"]
TIMES = np.array([0.5, 1.0, 2.0, 4.0, 8.0]) * hour


def block(scale, **more):
    sides = {"length": f"{2 * scale} mm", "width": f"{2 * scale} mm", "height": f"{scale} mm"}
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "block", **sides}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": {"law": "ConstantDiffusivity", "D": "5e-11 m2/s"},
                "film": {"law": "FilmTransfer", "k": "1e-7 m/s"},
            },
            "run": {"until": "40 h"},
            **more,
        }
    )


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(shapes, "_REMEMBERED", shapes.OrderedDict())


def curve(study):
    return shapes.shaped_curve(study, NAMES, TIMES)


def test_a_scaled_copy_takes_the_shapes_of_the_other():
    """D t/l^2 and k l/D: against a solve of its own, to the default tolerance of 0.1 %."""
    small, large = curve(block(1)), curve(block(2.5))
    values = np.array([8e-11, 2e-7])
    small.fraction(values * [1.0, 2.5], TIMES)  # where both have the same k l/D
    solved = small.simulations
    own = block(2.5).replace("diffusion.D", values[0]).replace("film.k", values[1])
    expected = simulate(own.replace("run.until", TIMES[-1])).curve.at(TIMES)
    assert large.fraction(values, TIMES) == pytest.approx(expected, abs=1e-3)
    assert large.family is small.family
    assert large.simulations == solved


def test_slopes_of_a_scaled_copy_are_those_of_its_curve():
    curve(block(1))
    large, values, step = curve(block(2.5)), np.array([8e-11, 2e-7]), 1e-4
    slopes = large.slopes(values, TIMES)
    for i in range(2):
        ahead, behind = (values * np.exp(sign * step * np.eye(2)[i]) for sign in (1.0, -1.0))
        gap = large.fraction(ahead, TIMES) - large.fraction(behind, TIMES)
        assert slopes[:, i] == pytest.approx(gap / (2 * step), abs=1e-5)


@pytest.mark.parametrize(
    "other",
    [
        Study.from_dict(block(1).to_data() | {"medium": {"volume": "5 mL"}}),
        block(2.5, run={"until": "40 h", "spacing": "0.1 mm"}),
        block(1).replace("shape.height", 0.9e-3),
    ],
    ids=["in a small bath", "on cells of its own", "of other proportions"],
)
def test_what_has_another_length_keeps_its_own_shapes(other):
    assert curve(other).family is not curve(block(1)).family

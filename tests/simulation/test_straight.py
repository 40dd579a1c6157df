"""Straight ways of a front are those that the sweep finds (Sethian 1999), to the last bit."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.simulation.coupled import front
from releasesim.simulation.coupled.solve import course_of
from releasesim.simulation.coupled.straight import straight_times
from releasesim.study import Study

SHAPES = {
    "film": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"},
    "sphere": {"kind": "sphere", "diameter": "5 mm"},
    "cylinder": {"kind": "cylinder", "diameter": "6 mm", "height": "2.5 mm"},
    "ring": {
        "kind": "ring",
        "outer_diameter": "9 mm",
        "inner_diameter": "4 mm",
        "height": "3 mm",
    },
}


def cells_of(shape, sealed=(), spacing=4e-4):
    tablet = {"shape": SHAPES[shape]} | ({"sealed": list(sealed)} if sealed else {})
    study = Study.from_dict(
        {
            "tablet": tablet,
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": {"law": "ConstantDiffusivity", "D": "2e-11 m2/s"},
                "erosion": {"law": "ConstantFront", "speed": "0.25 mm/h"},
            },
            "run": {"until": "12 h"},
        }
    )
    made = course_of(study, spacing).course
    speed = made.matter.speed[made.cells.region]
    return made.cells, speed, front.wet_rows(made.cells, np.zeros(0), 0.0)


@pytest.mark.parametrize(
    ("shape", "sealed"),
    [
        *((shape, ()) for shape in SHAPES),
        ("film", ("bottom",)),
        ("cylinder", ("top",)),
        ("cylinder", ("side",)),
        ("ring", ("top", "bottom")),
    ],
)
def test_straight_ways_are_those_of_the_sweep(shape, sealed):
    cells, speed, wet = cells_of(shape, sealed)
    straight = straight_times(cells, 1.0 / speed, cells.rows, wet)
    swept, _ = front._swept_times(cells, 1.0 / speed, cells.rows, wet, 0.0)
    assert straight.tolist() == swept.tolist()


def test_a_front_that_may_have_to_turn_is_swept():
    cells, speed, wet = cells_of("cylinder")
    slowness = 1.0 / speed
    part = wet.copy()
    part[np.flatnonzero(wet)[0]] = False  # the medium is not at one cell of a face
    two_paces = np.where(np.arange(slowness.size) < 30, 2.0, 1.0) * slowness
    assert straight_times(cells, slowness, cells.rows, part) is None
    assert straight_times(cells, two_paces, cells.rows, wet) is None
    assert straight_times(cells, slowness, cells.rows, np.zeros_like(wet)) is None

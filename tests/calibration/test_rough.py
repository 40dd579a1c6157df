"""A first look at coarse curves says where fine ones have to be solved, and changes no answer."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.calibration import fit
from releasesim.calibration.experiment import experiments_of
from releasesim.calibration.parameters import free_parameters
from releasesim.calibration.points import points_of
from releasesim.calibration.rough import rough_answer
from releasesim.curve import ReleaseCurve
from releasesim.study import Study
from releasesim.units import hour
from releasesim.workflows.selftest import exact

THICKNESS, D, SPEED = 1e-3, 1.5e-11, 0.2e-3 / 3600
TIMES = np.array([0.1, 0.2, 0.4, 0.7, 1.0, 1.4, 1.8, 2.2]) * hour
NAMES = ["diffusion.D", "erosion.speed"]


def film(how=("tolerance", "0.5 %"), **physics):
    laws = {
        "diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"},
        "erosion": {"law": "ConstantFront", "speed": "0.03 mm/h"},
    }
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": laws | physics,
            "run": dict([("until", "4 h"), how]),
        }
    )


def eroding_film():
    """A film whose two faces recede while drug diffuses out of what is left."""
    released = exact.erode_and_diffuse_body(TIMES, 1, 0.5 * THICKNESS, D, SPEED, cells=40)
    return ReleaseCurve(TIMES, released, name="film")


def asked(study, data, names):
    experiments = experiments_of(study, data)
    return rough_answer(
        experiments, free_parameters([e.study for e in experiments], names), [points_of(data)]
    )


def test_the_first_look_is_near_and_the_answer_is_the_true_one():
    """Crank (1975) in Landau's coordinate; from starts 7 times too high and too low."""
    data = eroding_film()
    near = asked(film(), data, NAMES)
    assert np.exp(near) * [1e-10, 0.03e-3 / 3600] == pytest.approx([D, SPEED], rel=0.3)
    found = fit(film(), data, vary=NAMES)
    assert found["diffusion.D"].value == pytest.approx(D, rel=0.05)
    assert found["erosion.speed"].value == pytest.approx(SPEED, rel=0.02)


@pytest.mark.parametrize(
    ("study", "names"),
    [
        (film(("spacing", "0.02 mm")), NAMES),  # whoever fixes the grid wants that grid
        (film(erosion={"law": "NoErosion"}), NAMES[:1]),  # one shape on a clock
    ],
    ids=["a grid of one's own", "one clock"],
)
def test_no_look_where_there_is_nothing_to_spare(study, names):
    assert asked(study, eroding_film(), names) is None

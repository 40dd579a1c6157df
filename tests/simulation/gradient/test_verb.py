"""The verb `gradient`: what it is of, what it refuses, and its result."""

from __future__ import annotations

import numpy as np
import pytest
from gradients import CYLINDER, FILM, SPHERE, D, differences, study, weights_of

import releasesim as rs
from releasesim.errors import InputError
from releasesim.simulation import simulate
from releasesim.simulation.gradient import gradient

pytestmark = pytest.mark.usefixtures("exact_in_time")


def test_misfit_is_a_sum_of_squares_at_the_observed_times():
    given = study(SPHERE, {**D, **FILM})
    data = rs.ReleaseCurve([1800.0, 7200.0, 20000.0], [0.1, 0.3, 0.4])
    found = gradient(given, ["film.k"], misfit=data)

    def misfit(k):
        moved = given.replace("film.k", k).replace("run.times", None)
        run = rs.Run(times=tuple(data.time), until=20000.0, spacing=given.run.spacing)
        curve = simulate(rs.Study(tablet=moved.tablet, physics=moved.physics, run=run)).curve
        return float(((curve.fraction[1:] - data.fraction) ** 2).sum())

    k, step = 2e-7, 2e-3
    assert found.value == pytest.approx(misfit(k), rel=1e-5)
    wanted = (misfit(k * (1 + step)) - misfit(k * (1 - step))) / (2 * step * k)
    assert found["film.k"] == pytest.approx(wanted, rel=1e-5)


def test_without_a_spacing_it_is_that_of_the_extrapolated_curve():
    given = study(CYLINDER, {**D, **FILM}, run={"until": "10 h", "samples": 21})
    weights = weights_of(given)
    found = gradient(given, ["diffusion.D", "shape.height"], weights=weights)
    assert found.value == pytest.approx(weights @ simulate(given).curve.fraction, abs=1e-4)
    wanted = differences(given, "diffusion.D", weights)
    assert found["diffusion.D"] == pytest.approx(wanted, rel=1e-4)
    assert found.solves == 1


def test_several_drugs_are_differenced():
    parts = [
        {"drug": "theophylline", "fraction": "10 %"},
        {"drug": "caffeine", "fraction": "5 %"},
        {"polymer": "pva", "fraction": "85 %"},
    ]
    given = study(SPHERE, {**D, **FILM}, formulation={"components": parts})
    weights = weights_of(given)
    found = gradient(given, ["film.k"], weights=weights)
    assert found.methods["film.k"] == "difference"
    assert found["film.k"] == pytest.approx(differences(given, "film.k", weights), rel=1e-3)


@pytest.mark.parametrize(
    ("names", "goal", "words"),
    [
        (["diffusion.E"], {}, "no parameter"),
        (["walls"], {}, "continuous"),
        (["medium.volume"], {}, "continuous"),
        (["run.until"], {}, "how a study is solved"),
        (["diffusion.D"], {"weights": [1.0, 2.0]}, "21 output times"),
        (["diffusion.D"], {"weights": None}, "either weights or a misfit"),
    ],
)
def test_refusals(names, goal, words):
    with pytest.raises(InputError, match=words):
        gradient(study(CYLINDER, D), names, **{"weights": np.ones(21), **goal})


def test_empty_tablet_is_refused():
    empty = study(CYLINDER, D, formulation={"concentration": "0 mg/mL"})
    with pytest.raises(InputError, match="no drug"):
        gradient(empty, ["diffusion.D"], weights=np.ones(21))


def test_plain_data():
    given = study(CYLINDER, D)
    plain = gradient(given, "diffusion.D", weights=np.ones(21)).to_dict()
    assert plain["methods"] == {"diffusion.D": "clock"}
    assert plain["spacing_m"] == pytest.approx(0.21e-3)

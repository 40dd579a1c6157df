"""Fits recover what curves were made with, and say what a curve cannot tell.

Curves to fit come from `workflows.selftest.exact`, never from the simulation that is fitted.
"""

from __future__ import annotations

import functools
import json
import math

import numpy as np
import pytest

from releasesim.calibration import Fit, fit
from releasesim.calibration.statistics import quality, uncertainty
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.simulation import simulate
from releasesim.study import Study
from releasesim.units import hour
from releasesim.workflows.selftest import exact

D, SPEED = 2.3e-10, 1.7e-7
R, H = 4.7e-3, 3.7e-3
TIMES = np.array([0.25, 0.5, 1, 2, 3, 4, 6, 8, 10]) * hour
DIFFUSING = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}}
ERODING = {"erosion": {"law": "ConstantFront", "speed": "0.2 mm/h"}}
CYLINDER = {"kind": "cylinder", "diameter": "9.4 mm", "height": "3.7 mm"}
SPHERE = {"kind": "sphere", "diameter": "4.2 mm"}
FILM_SHAPE = {"kind": "film", "thickness": "1.37 mm", "area": "1 cm2"}


def study(physics=DIFFUSING, shape=CYLINDER, run=None, **more):
    data = {
        "tablet": {"shape": shape},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": physics,
        "run": run or {"until": "10 h"},
    }
    return Study.from_dict(data | more)


def cylinder_curve(k=math.inf, D_true=D):
    return exact.finite_cylinder(TIMES, D_true, R, H, k=k)


def noisy(fraction, sd, seed):
    noise = np.random.default_rng(seed).normal(0.0, sd, fraction.size)
    return np.maximum(fraction + noise, 0.0)


@functools.cache
def fitted_cylinder() -> Fit:
    data = ReleaseCurve(TIMES, noisy(cylinder_curve(), 0.02, 7), name="batch A")
    return fit(study(), data, vary=["diffusion.D"])


# --- recovery -------------------------------------------------------------------------------------


def test_diffusivity_comes_back_from_a_noisy_cylinder():
    """2 % of the dose as noise; Fu, Hagemeir & Moyer (1976)."""
    found = fitted_cylinder()["diffusion.D"]
    assert found.low < D < found.high
    assert found.value == pytest.approx(D, rel=0.05)
    assert found.unit == "m2/s"
    assert 0.0 < found.standard_error < 0.05 * D


def test_diffusivity_comes_back_exactly_without_noise():
    found = fit(study(), ReleaseCurve(TIMES, cylinder_curve()), vary=["diffusion.D"])
    assert found["diffusion.D"].value == pytest.approx(D, rel=1e-4)
    assert found.rmse < 1e-4
    assert found.r2_adjusted > 1 - 1e-6
    assert found.f2 == pytest.approx(100.0, abs=0.01)


@pytest.mark.parametrize("start", [1e-13, 3e-8])
def test_a_start_decades_away_finds_the_same(start):
    far = study().replace("diffusion.D", start)
    found = fit(far, ReleaseCurve(TIMES, cylinder_curve()), vary=["diffusion.D"])
    assert found["diffusion.D"].value == pytest.approx(D, rel=1e-4)


@pytest.mark.parametrize("start", ["0.2 mm/h", "20 mm/h", "0.002 mm/h"])
def test_erosion_speed_comes_back(start):
    """Hopfenberg (1976)."""
    law = {"erosion": {"law": "ConstantFront", "speed": start}}
    curve = exact.erode_finite_cylinder(TIMES, SPEED, R, H)
    found = fit(study(law), ReleaseCurve(TIMES, curve), vary=["erosion.speed"])
    assert found["erosion.speed"].value == pytest.approx(SPEED, rel=1e-4)
    data = ReleaseCurve(TIMES, noisy(curve, 0.02, 3))
    again = fit(study(law), data, vary=["erosion.speed"])["erosion.speed"]
    assert again.low < SPEED < again.high
    assert again.value == pytest.approx(SPEED, rel=0.05)


def film_study(k="4e-7 m/s", **more):
    physics = DIFFUSING | {"film": {"law": "FilmTransfer", "k": k}}
    return study(physics, SPHERE, run={"until": "10 h", "spacing": "0.1 mm"} | more)


def sphere_curve(k, sd=0.0, seed=0):
    curve = exact.sphere(TIMES, D, 2.1e-3, k=k)
    return noisy(curve, sd, seed) if sd else curve


def test_diffusivity_and_film_come_back_together():
    """Bi = 3, where both matter: of ten 95 % intervals at least eight hold the truth."""
    k = 3.0 * D / 2.1e-3
    inside = {"diffusion.D": 0, "film.k": 0}
    for seed in range(10):
        data = ReleaseCurve(TIMES, sphere_curve(k, 0.005, seed))
        found = fit(film_study(), data, vary=["diffusion.D", "film.k"])
        for name, true in (("diffusion.D", D), ("film.k", k)):
            inside[name] += found[name].low < true < found[name].high
            assert found[name].value == pytest.approx(true, rel=0.3)
    assert min(inside.values()) >= 8
    assert found["film.k"].unit == "m/s"
    assert found.correlation[0, 1] == found.correlation[1, 0] < 0.0


def test_both_come_back_exactly_without_noise():
    """What is left is the error of one grid of 0.1 mm: fit a curve of that grid."""
    from releasesim.simulation import simulate

    k = 3.0 * D / 2.1e-3
    truth = film_study().replace("diffusion.D", D).replace("film.k", k)
    curve = simulate(truth).curve
    late = curve.time > 0.1 * hour
    data = ReleaseCurve(curve.time[late][::8], curve.fraction[late][::8])
    found = fit(film_study(), data, vary=["diffusion.D", "film.k"])
    assert found["diffusion.D"].value == pytest.approx(D, rel=1e-4)
    assert found["film.k"].value == pytest.approx(k, rel=1e-4)


def test_a_diffusivity_of_one_layer_comes_back():
    """Exact transform of a laminate; the model has no clock to scale."""
    layers = [exact.Layer(0.73e-3, 4e-11), exact.Layer(0.61e-3, 1e-10)]
    curve = exact.laminate(TIMES, layers, first_face_open=True)
    parts = [
        {"name": name, "thickness": thickness, "physics": DIFFUSING}
        for name, thickness in (("slow", "0.73 mm"), ("fast", "0.61 mm"))
    ]
    film = {"kind": "film", "area": "1 cm2"}
    tablet = {"tablet": {"shape": film, "layer": parts}, "run": {"until": "10 h"}}
    name = "region.slow.diffusion.D"
    found = fit(study(**tablet), ReleaseCurve(TIMES, curve), vary=[name])
    assert found[name].value == pytest.approx(4e-11, rel=2e-3)


# --- how sure -------------------------------------------------------------------------------------


def test_standard_errors_agree_with_the_scatter_over_thirty_seeds():
    """A sphere of known front: sd of 30 estimates against the mean stated error, within 30 %."""
    eroding = study(ERODING, SPHERE)
    curve = exact.erode_sphere(TIMES, SPEED, 2.1e-3)[:5]
    found = [
        fit(eroding, ReleaseCurve(TIMES[:5], noisy(curve, 0.01, seed)), vary=["erosion.speed"])
        for seed in range(30)
    ]
    values = np.array([one["erosion.speed"].value for one in found])
    errors = np.array([one["erosion.speed"].standard_error for one in found])
    stated = math.sqrt(np.mean(errors**2))
    assert stated == pytest.approx(values.std(ddof=1), rel=0.3)
    inside = sum(one["erosion.speed"].low < SPEED < one["erosion.speed"].high for one in found)
    assert inside >= 25


def test_uncertainty_matches_linear_regression():
    """s^2 (X^T X)^-1 of a straight line, by hand."""
    x = np.arange(8.0)
    design = np.stack([np.ones(8), x], axis=1)
    residuals = np.array([0.1, -0.2, 0.05, 0.1, -0.05, -0.1, 0.2, -0.1])
    sure = uncertainty(design, np.ones(8), residuals)
    covariance = np.linalg.inv(design.T @ design) * (residuals @ residuals) / 6
    assert sure.log_error == pytest.approx(np.sqrt(np.diag(covariance)), rel=1e-12)
    expected = covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1])
    assert sure.correlation[0, 1] == pytest.approx(expected, rel=1e-12)
    assert sure.quantile == pytest.approx(2.446912, abs=1e-6)


def test_quality_follows_its_formulas():
    """R2adj = 1 - (1 - R2)(n - 1)/(n - p), AIC = n ln(WSS) + 2p (METRICS)."""
    observed, fitted = np.array([0.1, 0.4, 0.6, 0.9]), np.array([0.12, 0.38, 0.63, 0.88])
    good = quality(observed, fitted, np.full(4, 10.0), 1)
    ss = 0.0004 + 0.0004 + 0.0009 + 0.0004
    assert good.rmse == pytest.approx(math.sqrt(ss / 3))
    assert good.r2_adjusted == pytest.approx(1 - ss / 0.34 * 3 / 3)
    assert good.aic == pytest.approx(4 * math.log(100 * ss) + 2)
    assert good.chi_square == pytest.approx(100 * ss / 3)


def test_weights_follow_the_sd_of_the_mean():
    """A wild point with a large sd hardly counts; the scale of all sd does not matter."""
    curve = cylinder_curve()
    wild = curve.copy()
    wild[3] += 0.2
    sd = np.full(curve.size, 0.01)
    sd[3] = 1.0
    found = [
        fit(study(), ReleaseCurve(TIMES, wild, **known), vary=["diffusion.D"])["diffusion.D"]
        for known in ({}, {"sd": sd}, {"sd": 3 * sd, "n": 9})
    ]
    assert abs(found[0].value / D - 1) > 0.02
    assert found[1].value == pytest.approx(D, rel=1e-3)
    assert found[2].value == pytest.approx(found[1].value, rel=1e-6)
    assert found[2].standard_error == pytest.approx(found[1].standard_error, rel=1e-4)


# --- the result -----------------------------------------------------------------------------------


def test_a_fit_carries_its_study_and_curve():
    found = fitted_cylinder()
    assert found["diffusion.D"].value == found.study.physics.diffusion.D
    assert found.study.tablet == study().tablet
    assert found.curve.at(TIMES) == pytest.approx(cylinder_curve(), abs=0.03)
    assert found.curve.fraction[0] == 0.0
    assert found.points == TIMES.size
    assert found.f2 > 70.0


def test_the_scaled_curve_is_the_simulated_one():
    from releasesim.simulation import simulate

    found = fitted_cylinder()
    curve = simulate(found.study).curve
    beyond = curve.fraction > 0.1
    gap = found.curve.at(curve.time) - curve.fraction
    assert np.abs(gap[beyond]).max() < 2e-4


def test_a_fit_shows_itself():
    found = fitted_cylinder()
    text = repr(found)
    assert text.startswith("Fit of diffusion.D to 'batch A', 9 points\n  diffusion.D: 2.")
    assert "m2/s, standard error" in text
    assert "95 % interval" in text
    assert "n - p = 8" in text
    assert "<table>" in found._repr_html_()
    data = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert data["estimates"]["diffusion.D"]["value"] == found["diffusion.D"].value
    assert data["degrees_of_freedom"] == 8


# --- what cannot be ------------------------------------------------------------------------------

WHOLE = ReleaseCurve(TIMES, cylinder_curve())


@pytest.mark.parametrize(
    ("vary", "message"),
    [
        (["diffusion.d"], 'did you mean "diffusion.D"'),
        (["film.k"], "film is PerfectSink, which has none"),
        ([], "vary is empty"),
        (["diffusion.D", "diffusion.D"], "twice"),
        (["run.tolerance"], "cannot be estimated"),
        (["walls"], "only continuous numbers"),
        (["medium.volume"], "has no value"),
        (["oversize"], "start value above 0"),
    ],
)
def test_names_that_cannot_be_varied(vary, message):
    with pytest.raises(InputError, match=message):
        fit(study(), WHOLE, vary=vary)


def test_a_parameter_that_moves_nothing_is_refused():
    """A front frees the drug whatever the film."""
    film = {"film": {"law": "FilmTransfer", "k": "1e-6 m/s"}}
    with pytest.raises(InputError, match=r"the curve does not depend on film\.k"):
        fit(study(ERODING | film, SPHERE), WHOLE, vary=["film.k"])


@pytest.mark.parametrize(
    ("time", "fraction", "message"),
    [
        ([0.0], [0.0], "0 points after time 0: too few"),
        ([0.0, 3600.0], [0.0, 0.0], "releases nothing"),
        ([3600.0, 7200.0], [40.0, 60.0], "reaches 6000 % released"),
    ],
)
def test_curves_that_cannot_be_fitted(time, fraction, message):
    with pytest.raises(InputError, match=message):
        fit(study(), ReleaseCurve(time, fraction), vary=["diffusion.D"])


def test_fewer_points_than_parameters_are_refused():
    with pytest.raises(InputError, match="1 point after time 0: too few for 2 parameters"):
        fit(film_study(), ReleaseCurve([0, 3600], [0, 0.4]), vary=["diffusion.D", "film.k"])


def test_one_point_gives_a_value_and_no_error():
    curve = float(exact.erode_sphere(TIMES, SPEED, 2.1e-3)[2])
    data = ReleaseCurve([0.0, TIMES[2]], [0.0, curve])
    found = fit(study(ERODING, SPHERE), data, vary="erosion.speed")
    assert found["erosion.speed"].value == pytest.approx(SPEED, rel=1e-4)
    assert math.isnan(found["erosion.speed"].standard_error)
    assert any("as many parameters as points" in note for note in found.notes)
    assert "no degree of freedom" in repr(found)
    json.dumps(found.to_dict(), allow_nan=False)


def test_twins_are_named():
    """Into a vast film resistance only k/K matters."""
    k = 0.02 * D / 2.1e-3
    slow = TIMES * 40
    curve = exact.sphere(slow, D, 2.1e-3, k=k, partition=2.0)
    physics = DIFFUSING | {"film": {"law": "FilmTransfer", "k": f"{2 * k!r} m/s"}}
    run = {"until": "400 h", "spacing": "0.2 mm"}
    both = study(physics, SPHERE, run, medium={"partition": 1.5})
    found = fit(both, ReleaseCurve(slow, curve), vary=["film.k", "medium.partition"])
    assert any("does not separate film.k and medium.partition" in note for note in found.notes)


def test_what_no_longer_limits_is_not_determined():
    """A curve into a perfect sink only bounds k from below."""
    data = ReleaseCurve(TIMES, sphere_curve(math.inf, 0.01, 2))
    found = fit(film_study(), data, vary=["diffusion.D", "film.k"])
    assert any("does not determine film.k" in note for note in found.notes)
    json.dumps(found.to_dict(), allow_nan=False)
    repr(found)


def test_a_bound_that_is_reached_is_named():
    far = study(ERODING, SPHERE).replace("erosion.speed", SPEED * 1e5)
    data = ReleaseCurve(TIMES, exact.erode_sphere(TIMES, SPEED, 2.1e-3))
    found = fit(far, data, vary=["erosion.speed"])
    assert any("lower bound of the search" in note for note in found.notes)


def test_a_start_beyond_reach_is_told():
    far = study(ERODING, SPHERE).replace("erosion.speed", SPEED * 1e7)
    with pytest.raises(InputError, match="all drug is out before the first observation"):
        fit(far, WHOLE, vary=["erosion.speed"])


def test_rounding_lag_and_overshoot_are_told_and_do_not_stop_a_fit():
    curve = np.round(1.04 * exact.erode_sphere(TIMES, SPEED, 2.1e-3), 2)
    curve[:3] = 0.0
    sd = np.where(curve > 0, 0.02, 0.0)
    found = fit(study(ERODING, SPHERE), ReleaseCurve(TIMES, curve, sd=sd), vary=["erosion.speed"])
    told = " ".join(found.notes)
    assert "above 100 %" in told
    assert "a lag, to 60 min at least" in told
    assert "standard deviation of 0" in told
    assert found.weighting == "every point the same"


def test_a_law_that_cannot_make_the_curve_is_doubted():
    """An S-shaped curve from a constant front."""
    S = 1 / (1 + np.exp(-(TIMES - 5 * hour) / (0.3 * hour)))
    found = fit(study(ERODING, SPHERE), ReleaseCurve(TIMES, S), vary=["erosion.speed"])
    assert any("are not what was measured" in note for note in found.notes)


def test_a_plateau_far_below_the_dose_is_doubted():
    data = ReleaseCurve(TIMES, np.full(TIMES.size, 0.3))
    found = fit(study(ERODING, SPHERE), data, vary=["erosion.speed"])
    assert any("are not what was measured" in note for note in found.notes)
    json.dumps(found.to_dict(), allow_nan=False)


def test_coupled_laws_are_fitted_as_they_are_simulated():
    """A front and diffusion together: the speed that drew the curve is found again."""
    drawn = Study.from_dict(
        {
            "tablet": {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": {"law": "ConstantDiffusivity", "D": "2e-12 m2/s"},
                "erosion": {"law": "ConstantFront", "speed": "0.05 mm/h"},
            },
            "run": {"until": "8 h", "samples": 12},
        }
    )
    data = simulate(drawn).curve
    found = fit(drawn.replace("erosion.speed", "0.08 mm/h"), data, vary=["erosion.speed"])
    assert found["erosion.speed"].value == pytest.approx(0.05e-3 / 3600, rel=2e-3)

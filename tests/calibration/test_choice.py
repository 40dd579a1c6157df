"""The choice among mechanisms finds what curves were made with, and says what it cannot tell.

Curves come from `workflows.selftest.exact`, never from the simulation that is fitted.
"""

from __future__ import annotations

import functools
import json
import math

import numpy as np
import pytest
from scipy.stats import norm

from releasesim.calibration import Summary
from releasesim.calibration.choice import CANDIDATES, akaike_weights, choose_mechanism, criteria
from releasesim.calibration.choice.rivals import Difference, Telling, telling
from releasesim.calibration.model import SolvedCurve
from releasesim.calibration.shapes import model_of
from releasesim.curve import ReleaseCurve
from releasesim.empirical import EQUATIONS
from releasesim.errors import InputError
from releasesim.simulation import simulate
from releasesim.study import Study
from releasesim.units import hour
from releasesim.workflows.selftest import exact

D, SPEED, K = 2.3e-10, 1.7e-7, 1.2e-7
TIMES = np.array([0.25, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 10]) * hour
FEW = ["weibull", "higuchi"]
THREE = ["diffusion", "erosion", "diffusion_film"]


def sphere(radius=2.1e-3, **more):
    data = {
        "tablet": {"shape": {"kind": "sphere", "diameter": f"{2e3 * radius} mm"}},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
        "run": {"until": "10 h", "spacing": f"{radius / 21e-3} mm"},
    }
    return Study.from_dict(data | more)


def planted(mechanism, radius=2.1e-3):
    times = TIMES * radius / 2.1e-3
    if mechanism == "erosion":
        return times, exact.erode_sphere(times, 0.3 * SPEED, radius)
    k = K if mechanism == "diffusion_film" else math.inf
    return times, exact.sphere(times, D, radius, k=k)


def curve(mechanism, seed, radius=2.1e-3, sd=0.01):
    times, released = planted(mechanism, radius)
    noisy = released + np.random.default_rng(seed).normal(0.0, sd, times.size)
    return ReleaseCurve(times, np.maximum(noisy, 0.0), name=f"{2e3 * radius:.3g} mm")


@functools.cache
def two_spheres(mechanism):
    radii = (2.1e-3, 4.2e-3)
    data = [curve(mechanism, 30 + place, radius) for place, radius in enumerate(radii)]
    return choose_mechanism(
        [sphere(radius) for radius in radii], data, candidates=THREE, equations=FEW
    )


# --- the criteria ---------------------------------------------------------------------------------


def test_criteria_of_a_straight_line_by_hand():
    """Likelihood by the normal density itself; a line through the origin, y = b x."""
    x = np.arange(1.0, 13.0)
    y = 0.07 * x + np.random.default_rng(2).normal(0.0, 0.02, x.size)
    slope = (x @ y) / (x @ x)
    residual = y - slope * x
    sigma = math.sqrt(residual @ residual / 12)
    lnL = norm.logpdf(residual, scale=sigma).sum()
    found = criteria(float(residual @ residual), np.ones(12), 1)
    assert (found.n, found.k) == (12, 2)
    assert found.log_likelihood == pytest.approx(lnL, rel=1e-12)
    assert found.aicc == pytest.approx(-2 * lnL + 4 + 2 * 2 * 3 / (12 - 2 - 1), rel=1e-12)
    assert found.bic == pytest.approx(-2 * lnL + 2 * math.log(12), rel=1e-12)


def test_weights_stand_for_standard_deviations():
    sd = np.array([0.01, 0.02, 0.01, 0.04, 0.02, 0.01])
    residual = np.array([0.012, -0.018, -0.004, 0.05, 0.01, -0.013])
    wss = float(np.sum((residual / sd) ** 2))
    lnL = norm.logpdf(residual, scale=sd * math.sqrt(wss / 6)).sum()
    assert criteria(wss, 1 / sd, 2).log_likelihood == pytest.approx(lnL, rel=1e-12)


def test_weights_of_evidence_by_hand():
    """exp(-d/2): a difference of 2 is worth a factor of e."""
    found = akaike_weights([10.0, 12.0])
    assert found[0] / found[1] == pytest.approx(math.e)
    assert sum(found) == pytest.approx(1.0)


@pytest.mark.parametrize("points", [2, 3, 4])
def test_too_few_points_are_refused_by_name(points):
    with pytest.raises(InputError, match=rf"{points} points: AICc of 2 parameters .* needs 5"):
        criteria(0.1, np.ones(points), 2)
    assert math.isfinite(criteria(0.1, np.ones(5), 2).aicc)


# --- planted mechanisms -----------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", THREE)
@pytest.mark.parametrize("seed", [1, *(pytest.param(n, marks=pytest.mark.slow) for n in (2, 3))])
def test_one_curve_leads_to_its_mechanism(mechanism, seed):
    """1 % of the dose as noise; a film that is nothing may stay beside diffusion within 2."""
    found = choose_mechanism(sphere(), curve(mechanism, seed), candidates=THREE, equations=FEW)
    judged = {one.candidate.name: one.criteria.aicc for one in found.trials}
    assert judged[mechanism] - min(judged.values()) < 2.0
    wrong = {"erosion": "diffusion"}.get(mechanism, "erosion")
    assert judged[wrong] - judged[mechanism] > 10.0
    assert found.left_out[mechanism].reason == "needs a second experiment"
    true = {"diffusion.D": D, "erosion.speed": 0.3 * SPEED, "film.k": K}
    for name, one in found[mechanism].fit.estimates.items():
        assert one.low < true[name] < one.high


def test_a_film_that_does_nothing_is_called_so():
    found = choose_mechanism(sphere(), curve("diffusion", 1), candidates=THREE, equations=FEW)
    remarks = found["diffusion_film"].remarks
    assert any("film.k not determined" in one for one in remarks)
    assert found.best.candidate.name == "diffusion"


def test_equations_are_judged_on_the_same_points():
    found = choose_mechanism(sphere(), curve("diffusion", 1), candidates=["diffusion"])
    rows = [row for row in found.rows if row.kind == "equation"]
    assert {row.name for row in rows} == set(EQUATIONS)
    assert {row.criteria.n for row in found.rows} == {10}
    higuchi = next(one for one in found.equations if one.equation.name == "higuchi")
    residual = higuchi.fits[0].fitted - higuchi.fits[0].observed
    sigma = math.sqrt(float(residual @ residual) / 10)
    lnL = norm.logpdf(residual, scale=sigma).sum()
    assert higuchi.criteria.log_likelihood == pytest.approx(lnL, rel=1e-9)
    assert higuchi.criteria.k == 2
    for kind in ("mechanism", "equation"):
        assert sum(r.weight for r in found.rows if r.kind == kind) == pytest.approx(1.0)
    json.dumps(found.to_dict(), default=float)


# --- leaving out ----------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", THREE)
def test_what_was_left_out_is_predicted_by_the_true_mechanism(mechanism):
    found = two_spheres(mechanism)
    errors = {name: one.total for name, one in found.left_out.items()}
    assert errors[mechanism] < 0.02
    wrong = {"erosion": "diffusion"}.get(mechanism, "erosion")
    assert errors[wrong] > 3 * errors[mechanism]
    assert len(found.left_out[mechanism].rmse) == 2
    assert found.best.candidate.name == mechanism
    assert "each experiment is predicted from the others" in found.verdict


def test_equations_predict_no_other_tablet():
    found = two_spheres("erosion")
    rows = [row for row in found.rows if row.kind == "equation"]
    assert all("knows no other tablet" in row.left_out.reason for row in rows)
    weibull = next(row for row in rows if row.name == "weibull")
    assert weibull.criteria.k == 2 * 2 + 1
    assert weibull.criteria.n == 20


# --- what is not tried, and what cannot be ----------------------------------------------------


def test_reasons_for_what_was_not_tried():
    names = [one.name for one in CANDIDATES if one.name != "diffusion_erosion"]  # which is slow
    data = curve("diffusion", 1)
    found = choose_mechanism(sphere(), data, candidates=names, equations=FEW)
    reasons = {one.name: one.reason for one in found.untried}
    assert "no solubility" in reasons["diffusion_solubility"]
    assert "names no polymer" in reasons["hydration"]
    assert "no hydrolysis" in reasons["hydrolysis"]
    assert len(found.trials) + len(found.untried) == len(names)


def test_points_that_are_too_few_say_so():
    few = ReleaseCurve(TIMES[1:5], [0.3, 0.4, 0.5, 0.6], name="four")
    found = choose_mechanism(sphere(), few, candidates=THREE[::2], equations=FEW)
    reasons = {one.name: one.reason for one in found.untried}
    assert reasons["diffusion_film"].startswith("4 points: AICc of 2 parameters")
    assert [one.candidate.name for one in found.trials] == ["diffusion"]
    three = ReleaseCurve(TIMES[1:4], [0.3, 0.4, 0.5], name="three")
    with pytest.raises(
        InputError, match=r"^3 points: AICc of 1 parameter and the variance needs 4"
    ):
        choose_mechanism(sphere(), three, candidates=["diffusion"])
    with pytest.raises(InputError, match="no mechanism could be tried: diffusion, hydrolysis: no"):
        choose_mechanism(sphere(), few, candidates=["hydrolysis"], equations=FEW)


def test_what_cannot_be_is_refused(tmp_path):
    data = curve("diffusion", 1)
    with pytest.raises(InputError, match="no candidate mechanism 'magic'; there are diffusion"):
        choose_mechanism(sphere(), data, candidates=["magic"])
    (tmp_path / "paper.toml").write_text('kind = "summary"\nt50 = "3 h"\n')
    with pytest.raises(InputError, match="'paper' is a summary"):
        choose_mechanism(sphere(), Summary.read(tmp_path / "paper.toml"))
    with pytest.raises(InputError, match="there are no data"):
        choose_mechanism(sphere(), [])
    front = {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}}
    layer = {"name": "fast", "thickness": "1 mm", "physics": front}
    film = {"shape": {"kind": "film", "area": "1 cm2"}, "layer": [layer]}
    with pytest.raises(InputError, match="every layer has laws of its own"):
        choose_mechanism(sphere(tablet=film), data)
    made = {"drug": "caffeine", "drug_loading": "10 %"}
    of_two = [sphere(formulation=made | {"polymer": name}) for name in ("pva", "pcl")]
    with pytest.raises(InputError, match="of pva and pcl: a mechanism is chosen for one polymer"):
        choose_mechanism(of_two, [data, data])


# --- what would tell ----------------------------------------------------------------------------


def test_a_larger_sphere_tells_diffusion_from_erosion():
    """Mean times go with R^2 (Crank 1975) and with R (Hopfenberg 1976)."""
    found = choose_mechanism(sphere(), curve("diffusion", 1), candidates=THREE[:2], equations=FEW)
    assert found.telling is None  # told apart as it is
    told = telling(found.trials)
    ranked = {one.words: one.rms for one in told.differences}
    assert set(ranked) == {"a tablet of twice the size", "a tablet of half the size"}
    assert list(ranked.values()) == sorted(ranked.values(), reverse=True)
    times = np.array([e.data.time for e in found.best.fit.experiments])[0]
    curves = [one.fit.curve.at(times) for one in found.trials]
    assert told.now == pytest.approx(float(np.sqrt(np.mean((curves[0] - curves[1]) ** 2))))
    assert max(ranked.values()) > told.now
    assert "would tell diffusion and erosion apart best" in told.describe()


def test_an_experiment_that_tells_no_more_is_not_advised():
    options = (Difference("a tablet of twice the size", 0.003),)
    told = Telling(("diffusion", "erosion"), options, now=0.0039).describe()
    assert told.startswith("no other size, infill or stirring would tell diffusion and erosion")
    more = Telling(("diffusion", "erosion"), options, now=0.001).describe()
    assert more.startswith("a tablet of twice the size would tell diffusion and erosion apart best")


def test_rivals_are_named_in_the_verdict():
    """A curve halfway between the two, 4 % of the dose as noise: neither is nearer."""
    times = np.array([0.5, 1, 1.5, 2, 3, 4]) * hour
    front = 2.4e-7  # half of the dose is out when it is by diffusion
    halfway = (exact.sphere(times, D, 2.1e-3) + exact.erode_sphere(times, front, 2.1e-3)) / 2
    noise = np.random.default_rng(1).normal(0.0, 0.04, times.size)
    data = ReleaseCurve(times, halfway + noise, name="short")
    found = choose_mechanism(sphere(), data, candidates=THREE[:2], equations=FEW)
    assert found.trials[1].criteria.aicc - found.best.criteria.aicc < 2.0
    assert set(found.telling.names) == {"diffusion", "erosion"}
    assert "these data do not tell it from" in found.verdict
    assert found.telling.describe() in found.verdict


def test_a_tablet_that_was_not_measured_is_suspected():
    """All of a sphere of 8 mm within minutes: no drug diffuses so fast, and no curve bends so."""
    data = ReleaseCurve(TIMES, [0.0, 0.0, 0.0, 0.0, 0.1, 0.5, 0.9, 1.0, 1.0, 1.0], name="late")
    found = choose_mechanism(sphere(), data, candidates=THREE[:2], equations=["logistic_3"])
    assert "or not this tablet, is what was measured" in found.verdict
    assert any("show a lag" in note for note in found.notes)


# --- water and degradation ------------------------------------------------------------------------


def film_of(polymer, hours):
    """A film 0.5 mm thick: one dimension, solved at once."""
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "film", "thickness": "0.5 mm", "area": "1 cm2"}},
            "formulation": {"drug": "caffeine", "polymer": polymer, "drug_loading": "10 %"},
            "run": {"until": f"{hours} h", "spacing": "0.025 mm"},
        }
    )


def simulated(study, laws, seed, sd=0.01):
    """A curve of these laws with noise."""
    made = Study.from_dict(study.to_data() | {"physics": laws})
    release = simulate(made).curve
    kept = (np.arange(release.time.size) % 6 == 0) & (release.time > 0.0)
    noise = np.random.default_rng(seed).normal(0.0, sd, int(kept.sum()))
    return ReleaseCurve(release.time[kept], np.maximum(release.fraction[kept] + noise, 0.0))


@pytest.mark.slow
def test_autocatalysis_is_found_in_a_polyester():
    """Feedback 20, slow at first and then at once; 0.3 % of the dose as noise, for 1 % hides it."""
    study = film_of("plga_5050", 24 * 40)
    laws = {
        "hydrolysis": {
            "law": "FirstOrderScission",
            "rate": "0.01 1/d",
            "feedback": 20.0,
            "Mn_critical": 0.15,
        },
        "diffusion": {"law": "PowerInMolarMass", "D0": "5e-16 m2/s", "exponent": 1.0},
    }
    names = ["diffusion", "hydrolysis", "autocatalysis"]
    data = simulated(study, laws, 3, sd=0.003)
    found = choose_mechanism(study, data, candidates=names, equations=FEW)
    judged = {one.candidate.name: one.criteria.aicc for one in found.trials}
    assert judged["autocatalysis"] - min(judged.values()) < 2.0
    assert judged["diffusion"] - judged["autocatalysis"] > 10.0
    trial = found["autocatalysis"]
    assert trial.fit.wss <= found["hydrolysis"].fit.wss * (1.0 + 1e-6)
    assert trial.sources["hydrolysis.rate"] == "the card of plga_5050"
    assert trial.problem.parameters[0].high == pytest.approx(
        float(study.tablet.formulation.drug.diffusivity_water)
    )


def test_a_burst_is_not_drawn_through_shapes():
    """Below its critical molar mass all polymer goes at once: curves between shapes would swing."""
    study = film_of("plga_5050", 24 * 40)  # follows its card
    days = np.linspace(2.0, 60.0, 30) * 24 * hour
    model = model_of(study, ["diffusion.D0", "hydrolysis.rate"], days)
    assert isinstance(model, SolvedCurve)
    curve = model.fraction(np.array([8.6e-15, 9.2e-7]), days)
    assert np.diff(curve).min() > -1e-6
    assert np.diff(curve).max() > 0.2


def test_water_that_comes_slowly_is_found():
    """Fujita (1961) with the beta of the card; water enters as slowly as drug would leave."""
    study = film_of("hpmc_k4m", 6)
    laws = {
        "hydration": {"law": "FujitaHydration", "D": "2e-11 m2/s", "beta": 2.5},
        "diffusion": {"law": "Fujita1961", "D_gel": "4e-11 m2/s", "beta": 9.5},
    }
    data = simulated(study, laws, 5)
    found = choose_mechanism(study, data, candidates=["diffusion", "hydration"], equations=FEW)
    assert found.best.candidate.name == "hydration"
    assert found["hydration"].values["hydration.D"] == pytest.approx(2e-11, rel=0.2)

"""Several experiments at once, summaries, and the card that a fit leaves."""

import json

import numpy as np
import pytest

from releasesim.calibration import Summary, fit
from releasesim.calibration.card import write_card
from releasesim.curve import ReleaseCurve
from releasesim.errors import InputError
from releasesim.study import Study
from releasesim.units import hour
from releasesim.workflows.selftest import exact

D, K = 2.3e-11, 1e-8
TIMES = np.array([0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.5, 6.0, 8.0, 10.0]) * hour


def sphere(diameter, **physics):
    laws = {
        "diffusion": {"law": "ConstantDiffusivity", "D": "5e-11 m2/s"},
        "film": {"law": "FilmTransfer", "k": "1e-7 m/s"},
    }
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "sphere", "diameter": f"{diameter} mm"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": laws | physics,
            "run": {"until": "40 h", "spacing": f"{diameter / 24} mm"},
        }
    )


def curve(diameter, k, sd=0.0, seed=0, times=TIMES):
    released = exact.sphere(times, D, 0.5e-3 * diameter, k=k)
    noise = np.random.default_rng(seed).normal(0.0, sd, times.size) if sd else 0.0
    return ReleaseCurve(times, np.maximum(released + noise, 0.0), name=f"{diameter} mm")


def test_two_sizes_tell_what_one_does_not():
    """Where the film holds the drug up, one curve fixes only k: D comes from the larger sphere."""
    small = fit(sphere(1), curve(1, K, 0.01), vary=["diffusion.D", "film.k"])
    both = fit(
        [sphere(1), sphere(8)],
        [curve(1, K, 0.01), curve(8, K, 0.01, 1, 4 * TIMES)],
        vary=["diffusion.D", "film.k"],
    )
    assert not small["diffusion.D"].determined
    assert both["diffusion.D"].determined
    assert both["diffusion.D"].value == pytest.approx(D, rel=0.25)
    assert both["film.k"].value == pytest.approx(K, rel=0.05)
    assert both.points == 20
    assert [one.name for one in both.experiments] == ["1 mm", "8 mm"]
    assert "diffusion.D is not separable" in small.verdict
    assert "film.k (within" in small.verdict
    assert "the data fix diffusion.D" in both.verdict
    json.dumps(both.to_dict(), allow_nan=False)
    assert "f2 8 mm" in repr(both)


def test_the_next_experiment_separates_what_was_not():
    """D-optimal: of the sizes, the one of twice the size is the larger sphere above."""
    found = fit(sphere(1), curve(1, K, 0.01), vary=["diffusion.D", "film.k"], advise=True)
    ranked = [one.words for one in found.next.candidates]
    assert ranked.index("a tablet of twice the size") < ranked.index("a tablet of half the size")
    assert found.next.candidates[0].errors["diffusion.D"] < 0.5 * found.next.now["diffusion.D"]
    assert f"{ranked[0]} would separate them" in found.verdict


def test_the_curve_fixes_a_product_and_says_which():
    """Through a thick film only k/K is seen: -D dc/dn = k (c/K - c_b)."""
    study = Study.from_dict(sphere(2).to_data() | {"medium": {"partition": 1.5}})
    found = fit(study, curve(2, 1e-9, 0.002, 3, 40 * TIMES), vary=["film.k", "medium.partition"])
    assert "film.k is not separable" in found.verdict
    assert "what they fix is film.k/medium.partition (within" in found.verdict


# --- summaries ------------------------------------------------------------------------------------


def summary(tmp_path, text):
    path = tmp_path / "paper.toml"
    path.write_text('kind = "summary"\n' + text)
    return Summary.read(path)


def eroding():
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
            "run": {"until": "12 h"},
        }
    )


SPEED = 0.4e-3 / 3600
AFTER = 4e-3 / SPEED  # all of a sphere of 4 mm radius


@pytest.mark.parametrize(
    "text",
    [
        f't50 = "{(1 - 0.5 ** (1 / 3)) * AFTER / 60!r} min"',
        f't80 = {{ value = "{(1 - 0.2 ** (1 / 3)) * AFTER!r} s", sd = "1 min" }}',
        f'MDT = "{AFTER / 4 / 3600!r} h"',
        'released = [{ at = "5 h", value = "87.5 %" }]',
    ],
)
def test_a_speed_comes_from_one_published_number(tmp_path, text):
    """Hopfenberg (1976): f = 1 - (1 - v t/a)^3, mean time a/(4 v)."""
    found = fit(eroding(), summary(tmp_path, text), vary=["erosion.speed"])
    assert found["erosion.speed"].value == pytest.approx(SPEED, rel=1e-3)
    assert found.comparison is None


def test_printed_equations_stand_for_their_points(tmp_path):
    text = 'weibull = { Td = "2 h", b = 1.3 }\n'
    data = summary(tmp_path, text)
    assert data.fraction[-1] == pytest.approx(0.95)
    assert data.time[-1] == pytest.approx(2 * hour * 2.9957 ** (1 / 1.3), rel=1e-4)
    found = fit(eroding(), data, vary=["erosion.speed"])
    assert any("no observations" in note for note in found.notes)
    power = summary(tmp_path, 'korsmeyer = { k = "30 %", n = 0.5, per = "1 h" }\n')
    assert power.time[-1] == pytest.approx(4 * hour)
    assert power.fraction[-1] == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "says nothing that could be fitted"),
        ('t50 = "5 mm"', r"paper\.toml:2 t50"),
        ('t50 = "-5 min"', "must be above 0"),
        ('t150 = "5 min"', "unknown key"),
        ('weibull = { Td = "1 h" }', r"weibull.b: missing"),
        ("t50 = [", "no valid TOML"),
    ],
)
def test_summaries_that_cannot_be_are_refused(tmp_path, text, message):
    with pytest.raises(InputError, match=message) as error:
        summary(tmp_path, text)
    assert "\n" not in str(error.value)


# --- what cannot be, and what is left ---------------------------------------------------------


def test_studies_and_data_must_pair():
    with pytest.raises(InputError, match="2 sets of data but 3 studies"):
        fit([eroding()] * 3, [curve(2, K)] * 2, vary=["erosion.speed"])
    with pytest.raises(InputError, match=r"study 2 has none of erosion\.speed"):
        fit([eroding(), sphere(2)], [curve(2, K)] * 2, vary=["erosion.speed"])
    with pytest.raises(InputError, match="intervals = 'exact': must be one of"):
        fit(eroding(), curve(2, K), vary=["erosion.speed"], intervals="exact")


def test_a_fit_becomes_a_card_that_studies_name(tmp_path):
    found = fit(
        [sphere(2), sphere(8)],
        [curve(2, K, 0.01), curve(8, K, 0.01, 1)],
        vary=["diffusion.D", "film.k"],
    )
    write_card(found, tmp_path / "batch.toml")
    data = {k: v for k, v in sphere(5).to_data().items() if k != "physics"}
    study = Study.from_dict(data | {"calibration": "batch.toml"}, folder=tmp_path)
    assert study.physics == found.study.physics
    assert study.inputs["film.k"].range == (found["film.k"].low, found["film.k"].high)
    assert study.calibration.covariance == pytest.approx(found.covariance)


def test_a_prior_holds_what_the_data_leave_open(tmp_path):
    """A card's range counts as 95 %; where the data are mute, it is what comes out."""
    write_card(fit(sphere(8), curve(8, 3e-6, 0.01), vary=["diffusion.D"]), tmp_path / "card.toml")
    text = (tmp_path / "card.toml").read_text()
    held = text.replace(
        'value = "1e-07 m/s"', 'value = "3e-06 m/s"\nrange = ["1e-06 m/s", "9e-06 m/s"]'
    )
    assert held != text
    (tmp_path / "card.toml").write_text(held)
    data = {k: v for k, v in sphere(8).to_data().items() if k != "physics"}
    study = Study.from_dict(data | {"calibration": "card.toml"}, folder=tmp_path)
    found = fit(study, curve(8, 1e-3, 0.01, 2), vary=["diffusion.D", "film.k"], priors="cards")
    free = fit(study, curve(8, 1e-3, 0.01, 2), vary=["diffusion.D", "film.k"])
    assert not free["film.k"].determined
    assert found["film.k"].determined
    assert 1e-6 < found["film.k"].value < 3e-5
    assert any("was held near 3e-06 m/s" in note for note in found.notes)


def test_the_bootstrap_over_vessels_holds_their_scatter():
    """Vessels of a sphere whose fronts differ by 5 %: the interval is theirs, over sqrt(6)."""
    speeds = SPEED * (1 + 0.05 * np.random.default_rng(5).standard_normal(6))
    times = np.array([0.5, 1, 2, 3, 4, 6]) * hour
    vessels = np.stack([exact.erode_sphere(times, v, 4e-3) for v in speeds], axis=1)
    data = ReleaseCurve(times, vessels.mean(axis=1), vessels=vessels, n=6)
    found = fit(eroding(), data, vary=["erosion.speed"], bootstrap=400)["erosion.speed"]
    spread = speeds.std() / np.sqrt(6)
    assert found.boot_high - found.boot_low == pytest.approx(2 * 1.96 * spread, rel=0.2)
    assert found.boot_low < speeds.mean() < found.boot_high
    again = fit(eroding(), data, vary=["erosion.speed"], bootstrap=400)["erosion.speed"]
    assert again == found
    with pytest.raises(InputError, match="has no single vessels"):
        fit(eroding(), curve(2, K), vary=["erosion.speed"], bootstrap=100)

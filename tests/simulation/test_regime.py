"""Regime numbers against hand-computed ones, and words against what the curves do."""

import numpy as np
import pytest

from releasesim.simulation import simulate
from releasesim.simulation.regime import Solid, regime_of
from releasesim.study import Study

FILM = {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}
#: Half the thickness of that film, V/A [m].
L = 0.5e-3
RUN = {"until": "24 h", "samples": 25, "spacing": "0.8 mm"}


def study(shape=FILM, medium=None, run=RUN, **physics):
    return Study.from_dict(
        {
            "tablet": {"shape": shape},
            "formulation": {"concentration": "100 mg/mL"},
            "medium": medium or {},
            "physics": physics,
            "run": run,
        }
    )


def constant(D):
    return {"law": "ConstantDiffusivity", "D": f"{D} m2/s"}


def front(v):
    return {"law": "ConstantFront", "speed": f"{v} m/s"}


def film(k):
    return {"law": "FilmTransfer", "k": f"{k} m/s"}


def scission(**more):
    return {"law": "FirstOrderScission", "rate": "0.1 1/h", **more}


def acid(k2, D_acid, **more):
    law = {"law": "AutocatalyticScission", "k1": "1e-7 1/s", "k2": f"{k2} m3/mol/s"}
    bonds = {"acid0": "50 mol/m3", "ester0": "10000 mol/m3", "D_acid": f"{D_acid} m2/s"}
    return law | bonds | more


OPENED = {"law": "PowerInMolarMass", "D0": "5e-13 m2/s", "exponent": 2.0}
ENTERIC = {"law": "EntericFront", "speed": "0.1 mm/h", "pH_threshold": 5.5}
ACID_THEN_BUFFER = {
    "name": "hcl_0_1n",
    "event": [{"at": "2 h", "replace": "100 %", "medium": "phosphate_ph6_8"}],
}


def regime(made):
    """Regime of a study whose drug leaves evenly; what is not said by the curve needs no solve."""
    times = made.run.output_times()
    body = made.tablet.body
    return regime_of(made, Solid(body.volume, body.surface), times, times / times[-1])


# --- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("physics", "name", "value"),
    [
        ({"diffusion": constant(1e-12)}, "diffusion_time_s", L**2 / 1e-12),
        ({"diffusion": constant(1e-12), "film": film(5e-9)}, "Bi", 5e-9 * L / 1e-12),
        (
            {"diffusion": constant(1e-12), "erosion": front(3e-8)},
            "erosion_over_diffusion",
            3e-8 * L / 1e-12,
        ),
        ({"erosion": front(3e-8)}, "erosion_time_s", L / 3e-8),
        (
            {
                "diffusion": constant(1e-11),
                "dissolution": {"law": "LocalEquilibrium", "solubility": "5 mg/mL"},
            },
            "loading_over_solubility",
            20.0,
        ),
        (
            {
                "diffusion": constant(1e-10),
                "dissolution": {
                    "law": "NoyesWhitney1897",
                    "rate": "1e-5 1/s",
                    "solubility": "50 mg/mL",
                },
            },
            "dissolution_over_diffusion",
            1e-5 * L**2 / 1e-10,
        ),
        (
            {
                "diffusion": constant(1e-12),
                "hydration": {"law": "FickianHydration", "D": "3e-11 m2/s"},
            },
            "water_over_drug",
            30.0,
        ),
        (
            {
                "diffusion": constant(1e-12),
                "hydration": {"law": "FickianHydration", "D": "3e-11 m2/s"},
            },
            "hydration_time_s",
            L**2 / 3e-11,
        ),
        (
            {"diffusion": constant(1e-12), "hydration": {"law": "CaseII", "speed": "1e-8 m/s"}},
            "water_front_over_diffusion",
            1e-8 * L / 1e-12,
        ),
        # Mn = exp(-r t)
        ({"hydrolysis": scission(Mn_critical=0.3)}, "falls_apart_s", 36000.0 * np.log(1 / 0.3)),
        # D0 / Mn^2 at 24 h
        ({"diffusion": OPENED, "hydrolysis": scission()}, "diffusivity_growth", np.exp(4.8)),
        # its mean over the run is that of exp(0.2 t/h) over 24 h
        (
            {"diffusion": OPENED, "hydrolysis": scission()},
            "diffusion_time_s",
            L**2 / (5e-13 * np.expm1(4.8) / 4.8),
        ),
        (
            {
                "diffusion": constant(1e-12),
                "swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 3.0},
            },
            "swollen_volume_ratio",
            3.0,
        ),
    ],
)
def test_numbers_by_hand(physics, name, value):
    assert regime(study(**physics)).numbers[name] == pytest.approx(value, rel=1e-4)


def test_bath_by_hand():
    """0.2 mL of medium for 0.1 mL of tablet that takes up twice as much: V_b/(K V) = 1."""
    medium = {"volume": "0.2 mL", "partition": 2.0}
    found = regime(study(medium=medium, diffusion=constant(1e-11)))
    assert found.numbers["bath"] == pytest.approx(1.0)
    assert "takes up 50% of it at most" in found.words


@pytest.mark.parametrize(
    ("shape", "length", "critical"),
    [
        # roots of PHYSICS 8: pi/2, 2.4048, pi
        (FILM, L, np.pi**2 / 4),
        ({"kind": "sphere", "diameter": "2 mm"}, 1e-3, np.pi**2),
        ({"kind": "cylinder", "diameter": "2 mm", "height": "200 mm"}, 1e-3, 2.4048255577**2),
    ],
    ids=["slab", "sphere", "long cylinder"],
)
@pytest.mark.parametrize("above", [True, False])
def test_acid_runs_away_above_its_critical_number(shape, length, critical, above):
    phi2 = critical * (1.05 if above else 0.95)
    k2 = phi2 * 1e-12 / (10000.0 * length**2)
    found = regime(study(shape, diffusion=OPENED, hydrolysis=acid(k2, 1e-12)))
    assert found.numbers["phi2"] == pytest.approx(phi2, rel=1e-9)
    assert found.numbers["phi2_critical"] == pytest.approx(critical, rel=1e-4)
    assert ("acid stays in" in found.words) == above


# --- words --------------------------------------------------------------------------------------

DISPERSED = {"law": "LocalEquilibrium", "solubility": "5 mg/mL"}
WATER = "hydration.D"
CASES = {
    "erosion": (
        {"diffusion": constant(1e-12), "erosion": front(2.8e-8)},
        "erosion-controlled (v L/D = 14)",
        ["erosion.speed"],
        ["diffusion.D"],
    ),
    "slow erosion": (
        {"diffusion": constant(1e-12), "erosion": front(1e-10)},
        "diffusion-controlled (v L/D = 0.05)",
        ["diffusion.D"],
        ["erosion.speed"],
    ),
    "both": (
        {"diffusion": constant(1e-12), "erosion": front(3e-9)},
        "diffusion and erosion together",
        ["diffusion.D", "erosion.speed"],
        [],
    ),
    "film": (
        {"diffusion": constant(1e-10), "film": film(1e-8)},
        "film-controlled (Bi = 0.05)",
        ["film.k"],
        ["diffusion.D"],
    ),
    "no film": (
        {"diffusion": constant(1e-12), "film": film(1e-6)},
        "diffusion-controlled (Bi = 500)",
        ["diffusion.D"],
        ["film.k"],
    ),
    "film and diffusion": (
        {"diffusion": constant(1e-12), "film": film(5e-9)},
        "film and diffusion together",
        ["diffusion.D", "film.k"],
        [],
    ),
    "dispersed and eroding": (
        {"diffusion": constant(1e-11), "erosion": front(1e-7), "dissolution": DISPERSED},
        "erosion-controlled (v L/D = 5)",
        ["erosion.speed"],
        ["diffusion.D"],
    ),
    "dispersed": (
        {"diffusion": constant(1e-11), "dissolution": DISPERSED},
        "drug at 20 times its solubility: loading and solubility move it",
        ["dissolution.solubility"],
        [],
    ),
    "dissolution": (
        {
            "diffusion": constant(1e-10),
            "dissolution": {
                "law": "NoyesWhitney1897",
                "rate": "1e-5 1/s",
                "solubility": "50 mg/mL",
            },
        },
        "dissolution-controlled",
        ["dissolution.rate"],
        ["diffusion.D"],
    ),
    "quick dissolution": (
        {
            "diffusion": constant(1e-11),
            "dissolution": {"law": "NoyesWhitney1897", "rate": "0.1 1/s", "solubility": "50 mg/mL"},
        },
        "particle size hardly does",
        ["diffusion.D"],
        ["dissolution.rate"],
    ),
    "wetting": (
        {
            "diffusion": {"law": "Fujita1961", "D_gel": "1e-8 m2/s", "beta": 12.0},
            "hydration": {"law": "FickianHydration", "D": "3e-12 m2/s"},
        },
        "controlled by water uptake",
        [WATER],
        ["diffusion.D_gel"],
    ),
    "through dry polymer": (
        {
            "diffusion": {"law": "Fujita1961", "D_gel": "1e-10 m2/s", "beta": 3.0},
            "hydration": {"law": "FickianHydration", "D": "3e-13 m2/s"},
        },
        "diffusion-controlled: the drug's",
        ["diffusion.D_gel"],
        [WATER],
    ),
    "wetting and diffusion": (
        {
            "diffusion": {"law": "Fujita1961", "D_gel": "1e-10 m2/s", "beta": 6.0},
            "hydration": {"law": "FickianHydration", "D": "3e-12 m2/s"},
        },
        "water uptake and diffusion together",
        [WATER, "diffusion.D_gel"],
        [],
    ),
    "quick wetting": (
        {
            "diffusion": {"law": "Fujita1961", "D_gel": "1e-12 m2/s", "beta": 6.0},
            "hydration": {"law": "FickianHydration", "D": "3e-10 m2/s"},
        },
        "water uptake hardly does",
        ["diffusion.D_gel"],
        [WATER],
    ),
    "Case II": (
        {"diffusion": constant(1e-10), "hydration": {"law": "CaseII", "speed": "1e-8 m/s"}},
        "controlled by water uptake",
        ["hydration.speed"],
        ["diffusion.D"],
    ),
    "erosion behind Case II": (
        {"erosion": front(1e-7), "hydration": {"law": "CaseII", "speed": "1e-8 m/s"}},
        "controlled by water uptake",
        ["hydration.speed"],
        ["erosion.speed"],
    ),
    "opened by hydrolysis": (
        {"diffusion": OPENED, "hydrolysis": scission()},
        "hydrolysis moves it",
        ["hydrolysis.rate"],
        [],
    ),
    "falls apart": (
        {"diffusion": constant(1e-15), "hydrolysis": scission(Mn_critical=0.3)},
        "held until the polymer falls apart at 12 h",
        ["hydrolysis.rate"],
        ["diffusion.D"],
    ),
    "never falls apart": (
        {"diffusion": constant(1e-12), "hydrolysis": scission(Mn_critical=0.01)},
        "would fall apart at 46.1 h",
        ["diffusion.D"],
        ["hydrolysis.rate"],
    ),
}


def moved(made, released, name):
    """Largest change of the curve for 20 % more of a parameter."""
    more = simulate(made.replace(name, 1.2 * getattr(*_law(made, name)))).curve.fraction
    return np.abs(more - released).max()


def _law(made, name):
    slot, parameter = name.split(".")
    return getattr(made.physics, slot), parameter


LONG = ("dispersed and eroding",)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in CASES]
)
def test_knobs_that_are_named_move_the_curve(name):
    physics, words, strong, weak = CASES[name]
    made = study(**physics)
    release = simulate(made)
    assert words in release.regime_words
    by_strong = [moved(made, release.curve.fraction, knob) for knob in strong]
    by_weak = [moved(made, release.curve.fraction, knob) for knob in weak]
    assert min(by_strong) > 0.015
    assert 3.0 * max(by_weak, default=0.0) < min(by_strong)


def test_enteric_front_is_told_medium_by_medium():
    made = study(medium=ACID_THEN_BUFFER, diffusion=constant(1e-14), erosion=ENTERIC)
    words = simulate(made).regime_words
    first, then = words.split("; from 2 h (pH 6.8) ")
    assert first.startswith("until 2 h (pH 1.1) less than")
    assert "does not dissolve" in first
    assert then.startswith("erosion-controlled (v L/D = 1400)")


def test_enteric_front_in_acid_for_good():
    made = study(medium={"name": "hcl_0_1n"}, erosion=ENTERIC)
    words = simulate(made).regime_words
    assert words.startswith("nothing leaves: pH 1.1 is below the 5.5 from which")


def test_a_medium_that_changes_nothing_is_not_told():
    medium = {"event": [{"at": "2 h", "replace": "100 %"}]}
    words = regime(study(medium=medium, diffusion=constant(1e-12))).words
    assert words.startswith("diffusion-controlled:")
    assert "2 h" not in words


def test_parts_that_differ_are_told_apart():
    layers = [
        {"name": "fast", "thickness": "0.5 mm", "physics": {"diffusion": constant(1e-10)}},
        {"name": "slow", "thickness": "0.5 mm", "physics": {"erosion": front(1e-6)}},
    ]
    made = Study.from_dict(
        {
            "tablet": {"shape": {"kind": "film", "area": "1 cm2"}, "layer": layers},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"diffusion": constant(1e-11)},
            "run": RUN,
        }
    )
    words = regime(made).words
    assert "fast: diffusion-controlled" in words
    assert "slow: erosion-controlled" in words


def test_coat_that_holds_drug_back_is_named():
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "4 mm", "height": "2 mm"},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": {"diffusion": constant(1e-10)},
    }
    made = Study.from_dict(
        {
            "tablet": {
                "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "4 mm"},
                "region": [core],
            },
            "formulation": {"concentration": "0 mg/mL"},
            "physics": {"diffusion": constant(1e-12)},
            "run": RUN,
        }
    )
    words = regime(made).words
    assert "the tablet's own material is 100 times slower: its thickness moves" in words


def test_polymer_that_an_event_quickens_falls_apart_in_time():
    """The logarithm of Mn is -0.1 t/h to 4 h and falls by 0.3 an hour from there: 0.3 at 6.68 h."""
    medium = {"event": [{"at": "4 h", "set": {"hydrolysis.rate": "0.3 1/h"}}]}
    made = study(medium=medium, hydrolysis=scission(Mn_critical=0.3))
    release = simulate(made)
    assert release.regime["falls_apart_s"] == pytest.approx(
        3600.0 * (4.0 + (np.log(1.0 / 0.3) - 0.4) / 0.3), rel=1e-6
    )
    assert "held until the polymer falls apart at 6.68 h" in release.regime_words


def test_enteric_coat_over_a_core_is_named():
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "4 mm", "height": "2 mm"},
        "formulation": {"concentration": "100 mg/mL"},
        "physics": {"diffusion": constant(1e-10), "erosion": front(1e-8)},
    }
    made = Study.from_dict(
        {
            "tablet": {
                "shape": {"kind": "cylinder", "diameter": "4.6 mm", "height": "2.6 mm"},
                "region": [core],
            },
            "formulation": {"concentration": "0 mg/mL"},
            "medium": ACID_THEN_BUFFER,
            "physics": {"diffusion": constant(1e-14), "erosion": ENTERIC | {"speed": "0.5 mm/h"}},
            "run": {"until": "6 h", "samples": 13, "spacing": "0.8 mm"},
        }
    )
    words = simulate(made).regime_words
    assert words.startswith("until 2 h (pH 1.1) hardly anything leaves, as the tablet's own mat")
    assert "; from 2 h (pH 6.8) " in words

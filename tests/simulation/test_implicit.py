"""Implicit steps of coupled laws: the curves of explicit ones, no drug lost, far less work."""

import numpy as np
import pytest

from releasesim.simulation import simulate
from releasesim.simulation.coupled import course, solve_coupled
from releasesim.simulation.coupled.implicit import Implicit
from releasesim.simulation.coupled.matter import matter_of
from releasesim.study import Study

FILM = {"kind": "film", "thickness": "0.2 mm", "area": "4 cm2"}
BLOCK = {"kind": "block", "length": "4 mm", "width": "4 mm", "height": "3 mm"}
CYLINDER = {"kind": "cylinder", "diameter": "4 mm", "height": "2 mm"}
FUJITA = {
    "hydration": {"law": "FujitaHydration", "D": "5e-10 m2/s", "beta": 2.5},
    "diffusion": {"law": "Fujita1961", "D_gel": "5e-11 m2/s", "beta": 5.0},
    "swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 2.0},
}
CONSTANT = {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}
FILMED = {"law": "FilmTransfer", "k": "1e-6 m/s"}
CASES = {
    "water, swelling, film and bath": (FILM, {**FUJITA, "film": FILMED}, "1 h", "0.3 mL"),
    "two layers of cells": (CYLINDER, FUJITA, "6 h", None),
    "voxels": (BLOCK, FUJITA, "6 h", None),
    "D of the concentration": (
        FILM,
        {"diffusion": {"law": "ExponentialInConcentration", "D0": "1e-11 m2/s", "beta": 2.0}},
        "2 h",
        None,
    ),
    "D of the concentration, bath": (
        FILM,
        {"diffusion": {"law": "ExponentialInConcentration", "D0": "1e-11 m2/s", "beta": 2.0}},
        "2 h",
        "0.3 mL",
    ),
    "D of the concentration, film and bath": (
        FILM,
        {
            "diffusion": {"law": "ExponentialInConcentration", "D0": "1e-11 m2/s", "beta": 2.0},
            "film": FILMED,
        },
        "2 h",
        "0.3 mL",
    ),
    "local equilibrium": (
        FILM,
        {"dissolution": {"law": "LocalEquilibrium", "solubility": "20 mg/mL"}}
        | {"diffusion": CONSTANT},
        "2 h",
        "20 mL",
    ),
    "solid that dissolves": (
        FILM,
        {
            "dissolution": {
                "law": "NoyesWhitney1897",
                "rate": "1e-2 1/s",
                "solubility": "20 mg/mL",
                "exponent": 2.0 / 3.0,
            },
            "diffusion": CONSTANT,
        },
        "2 h",
        None,
    ),
    "a front that erodes": (
        FILM,
        {"erosion": {"law": "ConstantFront", "speed": "1e-8 m/s"}, "diffusion": CONSTANT},
        "2 h",
        None,
    ),
    "a front of water": (
        FILM,
        {
            "hydration": {"law": "CaseII", "speed": "2e-8 m/s"},
            "diffusion": {"law": "ConstantDiffusivity", "D": "5e-10 m2/s"},
        },
        "2 h",
        None,
    ),
    "acid that leaves": (
        FILM,
        {
            "hydrolysis": {
                "law": "AutocatalyticScission",
                "k1": "1e-8 1/s",
                "k2": "1e-10 m3/mol/s",
                "acid0": "300 mol/m3",
                "ester0": "10000 mol/m3",
                "D_acid": "1e-13 m2/s",
            },
            "diffusion": {"law": "ExponentialInMolarMass", "D0": "1e-15 m2/s", "a": 3.0},
        },
        "200 h",
        None,
    ),
}


def study(shape, physics, until, volume):
    return Study.from_dict(
        {
            "tablet": {"shape": shape},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": physics,
            "medium": {"volume": volume} if volume else {},
            "run": {"until": until, "samples": 25},
        }
    )


@pytest.mark.parametrize("name", CASES)
def test_explicit_and_implicit_agree(monkeypatch, name):
    """Two methods that share the rates and nothing else."""
    found = []
    for implicit in (False, True):
        monkeypatch.setattr(course, "implicit_pays", lambda *_, which=implicit, **__: which)
        found.append(solve_coupled(study(*CASES[name]), 8e-4, 1e-3))
    explicit, implicit = found
    assert explicit.implicit == 0.0
    assert implicit.implicit > 0.7
    assert implicit.ledger_error < 1e-13
    assert np.abs(implicit.fraction - explicit.fraction).max() < 4e-4
    assert implicit.steps < explicit.steps


def cored():
    """A core of more drug and a constant D, in a shell whose D follows the drug."""
    core = {
        "name": "core",
        "shape": {"kind": "sphere", "diameter": "2.4 mm"},
        "formulation": {"concentration": "65 mg/mL"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1.7e-12 m2/s"}},
    }
    shell = {"law": "ExponentialInConcentration", "D0": "4e-12 m2/s", "beta": 1.4}
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "sphere", "diameter": "3.8 mm"}, "region": [core]},
            "formulation": {"concentration": "25 mg/mL"},
            "physics": {"diffusion": shell},
            "run": {"until": "32 h", "samples": 25, "tolerance": "1 %"},
        }
    )


def test_regions_of_other_laws(monkeypatch):
    """Their potentials differ by ten decades; the states that steps settle on must not."""
    found = []
    for implicit in (False, True):
        monkeypatch.setattr(course, "implicit_pays", lambda *_, which=implicit, **__: which)
        found.append(solve_coupled(cored(), 1e-4, 1e-2))
    assert np.abs(found[0].fraction - found[1].fraction).max() < 1e-3
    assert found[1].steps < found[0].steps


def test_diffusivity_follows_drug_from_a_fuller_part():
    """Table of the shell: D0 exp(beta c/c0) up to the 65 mg/mL of its core, 2.6 times its own."""
    value, _ = matter_of(cored()).drug_tables
    state = np.linspace(0.0, 65.0 / 25.0, value.shape[1])
    np.testing.assert_allclose(value[0], 4e-12 * np.exp(1.4 * state), rtol=1e-12)
    assert (value[1] == 1.7e-12).all()


def test_channels_of_medium(monkeypatch):
    """Regions that meet, and a contrast of 70, by multigrid."""
    printed = Study.from_dict(
        {
            "tablet": {
                "shape": {"kind": "cylinder", "diameter": "4 mm", "height": "2 mm"},
                "infill": {"pattern": "rectilinear", "density": "40 %"},
                "walls": 0,
                "roofs": 0,
                "floors": 0,
                "road_width": "0.8 mm",
                "layer_height": "0.4 mm",
            },
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": CONSTANT,
                "channels": {"law": "StagnantChannels", "D": "7e-10 m2/s"},
            },
            "run": {"until": "6 h", "samples": 9},
        }
    )
    found = []
    for implicit in (False, True):
        monkeypatch.setattr(course, "implicit_pays", lambda *_, which=implicit, **__: which)
        found.append(solve_coupled(printed, 2e-4, 1e-3))
    assert np.abs(found[0].fraction - found[1].fraction).max() < 4e-4
    assert found[1].ledger_error < 1e-13


def test_stiff_problems_are_stepped_implicitly_and_say_so():
    release = simulate(study(*CASES["a front of water"]))
    assert "TR-BDF2" in release.method
    assert release.steps < 20_000


def test_corrections_that_are_too_small_change_no_curve(monkeypatch):
    """They look settled; the rates say that they are not, and steps become shorter."""
    monkeypatch.setattr(course, "implicit_pays", lambda *_, **__: True)
    thin = study(FILM, CASES["local equilibrium"][1], "10 min", None)
    truth = solve_coupled(thin, 8e-4, 1e-3).fraction
    correct = Implicit.correct
    monkeypatch.setattr(Implicit, "correct", lambda self, wrong: 1e-6 * correct(self, wrong))
    apart = {}
    for every in (1, 1_000_000):
        monkeypatch.setattr(course, "_CHECKED", every)
        monkeypatch.setattr(course, "_LONGER", every)
        apart[every] = np.abs(solve_coupled(thin, 8e-4, 1e-3).fraction - truth).max()
    assert apart[1] < 1e-3
    assert apart[1_000_000] > 1e-2


def test_explicit_steps_take_over_where_iterations_keep_failing():
    """Solid that runs out while D follows c: Newton fails at any step that implicit ones are for.

    Trying again and again at shorter steps took 32,148 evaluations of rates for this film.
    """
    tables = {
        "tablet": {"shape": {"kind": "film", "thickness": "3 mm", "area": "1.6 cm2"}},
        "formulation": {"concentration": "13 mg/mL"},
        "physics": {
            "hydration": {"law": "CaseII", "speed": "1.9e-7 m/s"},
            "dissolution": {
                "law": "NoyesWhitney1897",
                "rate": "4.6e-4 1/s",
                "exponent": 2 / 3,
                "solubility": "21 mg/mL",
            },
            "diffusion": {
                "law": "ExponentialInConcentration",
                "D0": "1.34e-10 m2/s",
                "beta": -1.7,
            },
            "film": {"law": "FilmTransfer", "k": "1e-5 m/s"},
        },
        "run": {"until": "31400 s", "samples": 25, "tolerance": "1 %"},
    }
    release = solve_coupled(Study.from_dict(tables), 2e-4, 1e-2)
    assert release.ledger_error < 1e-12
    assert release.steps < 15_000

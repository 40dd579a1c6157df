"""Gradients of coupled laws: the time steps of the study, taken again."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from gradients import BATH, FILM, FILM_SHEET, FRONT, SLOW, SPHERE, D, differences, study, weights_of

from releasesim.simulation.coupled.solve import course_of
from releasesim.simulation.gradient import gradient
from releasesim.simulation.gradient import kept as kept_of
from releasesim.simulation.gradient.again import again, kept


@pytest.mark.parametrize("name", ["diffusion.D", "medium.volume"])
def test_coupled_engine_is_differenced(name):
    """Samples drawn from a small bath: to the accuracy of an engine that chooses its own steps."""
    sampled = {"volume": "1 mL", "sampling": {"every": "1 h", "volume": "0.1 mL"}}
    given = study(
        SPHERE, D, medium=sampled, run={"until": "8 h", "spacing": "0.4 mm", "samples": 21}
    )
    weights = weights_of(given)
    found = gradient(given, [name], weights=weights)
    assert found.methods[name] == "steps"
    assert found.solves == 2
    assert found[name] == pytest.approx(differences(given, name, weights, step=2e-2), rel=1e-3)


UPTAKE = {
    "hydration": {"law": "FujitaHydration", "D": "2e-10 m2/s", "beta": 2.5},
    "diffusion": {"law": "Fujita1961", "D_gel": "1e-10 m2/s", "beta": 3.0},
}
SWELLING = {"swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 2.0}}
DISSOLVING = {
    "law": "NoyesWhitney1897",
    "rate": "1e-3 1/s",
    "solubility": "30 mg/mL",
    "exponent": 2.0 / 3.0,
}
SCISSION = {
    "law": "AutocatalyticScission",
    "k1": "1e-5 1/s",
    "k2": "2e-8 m3/mol/s",
    "acid0": "300 mol/m3",
    "ester0": "10000 mol/m3",
    "D_acid": "5e-12 m2/s",
}
MOLAR = {"law": "PowerInMolarMass", "D0": "1e-11 m2/s", "exponent": 1.5}
PLASTICISED = {"law": "ExponentialInConcentration", "D0": "5e-11 m2/s", "beta": 2.0}
COUPLED = {
    "water": (UPTAKE, {}, ["hydration.beta"]),
    "swelling in a bath": (
        {**UPTAKE, **SWELLING, **FILM},
        BATH,
        ["shape.thickness"],
    ),
    "solid": ({**D, "dissolution": DISSOLVING}, {}, ["dissolution.rate"]),
    "acid": ({"hydrolysis": SCISSION, "diffusion": MOLAR}, {}, ["hydrolysis.k2"]),
    "D of c": ({"diffusion": PLASTICISED}, {}, ["diffusion.beta"]),
}


@pytest.mark.parametrize("case", COUPLED)
def test_coupled_laws_to_1e_3(case):
    """One more solve for each name, by the same time steps."""
    physics, tables, names = COUPLED[case]
    run = {"until": "4 h", "spacing": "0.8 mm", "samples": 21}
    given = study(FILM_SHEET, physics, **tables, run=run)
    weights = weights_of(given)
    found = gradient(given, names, weights=weights)
    assert set(found.methods.values()) == {"steps"}
    assert found.solves == 1 + len(names)
    tight = dataclasses.replace(given, run=dataclasses.replace(given.run, tolerance=1e-5))
    for name in names:
        assert found[name] == pytest.approx(differences(tight, name, weights, 2e-2), rel=1e-3)


HALF = {**FRONT, "erosion": {"law": "ConstantFront", "speed": "0.05 mm/h"}}
GASTRIC = {
    "medium": {
        "name": "hcl_0_1n",
        "volume": "1 mL",
        "event": [{"at": "1 h", "replace": "100 %", "medium": "phosphate_ph6_8"}],
    }
}
SAMPLES = {"medium": {"volume": "1 mL", "sampling": {"every": "1 h", "volume": "0.1 mL"}}}
CHANGED = {
    "medium": {"volume": "1 mL", "event": [{"at": "1 h", "set": {"diffusion.D": "3e-11 m2/s"}}]}
}
LAYERS = {
    "shape": {"kind": "film", "area": "1 cm2"},
    "layer": [
        {"name": "fast", "thickness": "0.3 mm"},
        {
            "name": "slow",
            "thickness": "0.3 mm",
            "physics": {"erosion": {"law": "ConstantFront", "speed": "0.023 mm/h"}},
        },
    ],
}
ENTERIC = {"erosion": {"law": "EntericFront", "speed": "0.08 mm/h", "pH_threshold": 6.0}}
MASS = {"erosion": {"law": "MassErosion", "k0": "2e-5 kg/m2/s", "density": "1.2 g/cm3"}}
CASE_TWO = {"hydration": {"law": "CaseII", "speed": "0.061 mm/h"}}
LOCAL = {"dissolution": {"law": "LocalEquilibrium", "solubility": "20 mg/mL"}}
FRONTS = {
    "front": (FILM_SHEET, {**SLOW, **HALF, **FILM}, BATH, ["erosion.speed", "shape.thickness"]),
    "samples": (FILM_SHEET, {**SLOW, **HALF}, SAMPLES, ["erosion.speed"]),
    "pH event": (FILM_SHEET, {**SLOW, **ENTERIC}, GASTRIC, ["erosion.speed"]),
    "two fronts": (LAYERS, {**SLOW, **HALF}, BATH, ["layer.slow.diffusion.D"]),
    "wet and swollen": (FILM_SHEET, {**UPTAKE, **SWELLING, **MASS}, BATH, ["erosion.k0"]),
    "water": (FILM_SHEET, {**SLOW, **CASE_TWO}, {}, ["hydration.speed"]),
    "water and front": (FILM_SHEET, {**SLOW, **CASE_TWO, **HALF}, {}, ["erosion.speed"]),
    "law that changes": (FILM_SHEET, {**SLOW, **HALF, **FILM}, CHANGED, ["diffusion.D"]),
    "undissolved": (FILM_SHEET, {**D, **LOCAL}, {}, ["dissolution.solubility"]),
    "undissolved, front": (FILM_SHEET, {**SLOW, **LOCAL, **HALF}, {}, ["erosion.speed"]),
}


@pytest.mark.parametrize("case", FRONTS)
def test_fronts_to_1e_3(case):
    """Steps that move as the front does, one more run for each name."""
    tablet, physics, tables, names = FRONTS[case]
    fine = case in ("pH event", "water and front")
    run = {"until": "4 h", "spacing": "0.4 mm" if fine else "0.8 mm", "samples": 21}
    given = study(tablet, physics, **tables, run=run)
    weights = weights_of(given)
    found = gradient(given, names, weights=weights)
    assert set(found.methods.values()) == {"steps"}
    assert found.solves == 1 + len(names)
    tight = dataclasses.replace(given, run=dataclasses.replace(given.run, tolerance=1e-4))
    for name in names:
        assert found[name] == pytest.approx(differences(tight, name, weights), rel=1e-3)


def test_replay_of_itself_is_itself():
    """Same parameters, same steps, same cells taken out: same curve, samples and events and all."""
    given = study(
        FILM_SHEET,
        {**SLOW, **ENTERIC},
        **GASTRIC,
        run={"until": "4 h", "spacing": "0.4 mm", "samples": 21},
    )
    times = given.run.output_times()
    first = kept(course_of(given, given.run.spacing).course)
    other = course_of(given, given.run.spacing).course
    curve, _ = first.run(times, 1e-3)
    repeated, ledger = again(first, other).run(times, 1e-3)
    np.testing.assert_allclose(repeated, curve, rtol=0.0, atol=1e-12)
    assert ledger < 1e-12


ROUND = {"shape": {"kind": "cylinder", "diameter": "4 mm", "height": "4 mm"}}


def test_fronts_that_part_are_replayed_where_cells_are_small():
    """From the side and from the top they come in one order, until a length changes."""
    run = {"until": "4 h", "spacing": "0.1002 mm", "samples": 21}
    given = study(ROUND, {**SLOW, **HALF}, run=run)
    weights = weights_of(given)
    found = gradient(given, ["shape.height"], weights=weights)
    assert found.methods["shape.height"] == "steps"
    tight = dataclasses.replace(given, run=dataclasses.replace(given.run, tolerance=1e-4))
    wanted = differences(tight, "shape.height", weights, 2e-3)
    assert found["shape.height"] == pytest.approx(wanted, rel=1e-3)


def test_fronts_that_part_are_differenced_where_cells_are_few():
    run = {"until": "4 h", "spacing": "0.3 mm", "samples": 21}
    given = study(ROUND, {**SLOW, **HALF}, run=run)
    found = gradient(given, ["shape.height"], weights=weights_of(given))
    assert found.methods["shape.height"] == "difference"
    assert found.solves == 3
    assert "order they did" in found.notices[0]


@pytest.mark.parametrize("case", ["front", "undissolved", "undissolved, front"])
def test_what_is_kept_of_a_run_only_saves_time(case, monkeypatch):
    """Where nothing is kept, each run finds its fronts and solves its stages as the first did."""
    tablet, physics, tables, _ = FRONTS[case]
    run = {"until": "4 h", "spacing": "0.8 mm", "samples": 21}
    given = study(tablet, physics, **tables, run=run)
    names, weights = ["diffusion.D", "medium.partition"], weights_of(given)
    kept_all = gradient(given, names, weights=weights)
    monkeypatch.setattr(kept_of, "MEMORY", 0.0)
    kept_none = gradient(given, names, weights=weights)
    for name in names:
        assert kept_all[name] == pytest.approx(kept_none[name], rel=3e-4, abs=1e-6), name


def test_front_that_waits_for_water_is_differenced_by_its_diffusivity():
    """When water comes is found by steps of its own, whose last digits jump."""
    slow = {**UPTAKE, "hydration": {"law": "FujitaHydration", "D": "3e-12 m2/s", "beta": 1.0}}
    waits = {"erosion": {"law": "HydratedFront", "speed": "0.2 mm/h"}}
    run = {"until": "4 h", "spacing": "0.8 mm", "samples": 21}
    given = study(FILM_SHEET, {**slow, **waits}, run=run)
    found = gradient(given, ["hydration.D", "diffusion.D_gel"], weights=weights_of(given))
    assert found.methods == {"hydration.D": "difference", "diffusion.D_gel": "steps"}
    assert "waits for water" in found.notices[0]


def test_polymer_that_falls_apart_is_differenced():
    falls = {**SCISSION, "Mn_critical": 0.9}
    run = {"until": "4 h", "spacing": "0.8 mm", "samples": 21}
    given = study(FILM_SHEET, {**SLOW, "hydrolysis": falls}, run=run)
    found = gradient(given, ["diffusion.D"], weights=weights_of(given))
    assert found.methods["diffusion.D"] == "difference"
    assert "chains" in found.notices[0]

"""Gradients against central differences of `simulate` on the same grid."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import releasesim as rs
from releasesim.errors import InputError
from releasesim.numerics import lanczos
from releasesim.simulation import simulate
from releasesim.simulation.coupled.again import again
from releasesim.simulation.coupled.solve import course_of
from releasesim.simulation.gradient import gradient
from releasesim.study import Study

CYLINDER = {"shape": {"kind": "cylinder", "diameter": "8.1 mm", "height": "4.1 mm"}}
SPHERE = {"shape": {"kind": "sphere", "diameter": "6.1 mm"}}
CAPLET = {"shape": {"kind": "caplet", "length": "9.1 mm", "width": "5.3 mm", "height": "3.3 mm"}}
CAPSULE = {"shape": {"kind": "capsule", "length": "9.1 mm", "diameter": "4.3 mm"}}
BLOCK = {
    "shape": {"kind": "block", "length": "8.1 mm", "width": "5.3 mm", "height": "3.3 mm"},
    "sealed": ["top"],
}
FILM_SHEET = {"shape": {"kind": "film", "thickness": "0.5 mm", "area": "1 cm2"}}
PRINTED = {**CYLINDER, "infill": {"pattern": "rectilinear", "density": "30 %"}}
CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "5 mm", "height": "2.2 mm"},
    "partition": 2.0,
    "formulation": {"concentration": "200 mg/mL"},
    "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "3e-11 m2/s"}},
}
D = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}}
SLOW = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}}
FILM = {"film": {"law": "FilmTransfer", "k": "2e-7 m/s"}}
GROWING = {"diffusion": {"law": "ExponentialInTime", "D0": "5e-11 m2/s", "rate": "2e-5 1/s"}}
FRONT = {"erosion": {"law": "ConstantFront", "speed": "0.2 mm/h"}}
BATH = {"medium": {"volume": "0.5 mL"}}


@pytest.fixture(autouse=True)
def exact_in_time(monkeypatch):
    """Differences divide the error of a curve by the step: let `simulate` have none in time."""
    usual = lanczos.decay

    def decay(problem, times, **how):
        return usual(problem, times, **{**how, "tolerance": 1e-10})

    monkeypatch.setattr(lanczos, "decay", decay)


def study(tablet, physics, **tables):
    plain = {"tablet": tablet, "formulation": {"concentration": "100 mg/mL"}, "physics": physics}
    run = {"until": "10 h", "spacing": "0.21 mm", "samples": 21}
    return Study.from_dict({**plain, "run": run, **tables})


def weights_of(case):
    return np.random.default_rng(1).uniform(0.2, 1.0, case.run.output_times().size)


def differences(case, name, weights, step=4e-3):
    """Central differences of fourth order."""

    def central(h):
        ends = [case.replace(name, float(case.get(name)) * (1.0 + s)) for s in (-h, h)]
        low, high = (weights @ simulate(end).curve.fraction for end in ends)
        return (high - low) / (2.0 * h * float(case.get(name)))

    return (4.0 * central(step) - central(2.0 * step)) / 3.0


# tablet, physics, further tables; names with how they are found
LINEAR = {
    "cylinder, sink": (CYLINDER, D, {}, {"diffusion.D": "clock"}),
    "cylinder, bath": (
        CYLINDER,
        D,
        BATH,
        {"diffusion.D": "clock", "medium.volume": "adjoint", "medium.partition": "adjoint"},
    ),
    "cylinder, film": (
        CYLINDER,
        {**D, **FILM},
        {},
        {"diffusion.D": "adjoint", "film.k": "adjoint"},
    ),
    "capsule, film and bath": (
        CAPSULE,
        {**D, **FILM},
        BATH,
        {"diffusion.D": "adjoint", "film.k": "adjoint", "medium.partition": "adjoint"},
    ),
    "block, one face sealed": (BLOCK, {**D, **FILM}, {}, {"film.k": "adjoint"}),
    "film": (FILM_SHEET, {**D, **FILM}, {}, {"diffusion.D": "adjoint", "film.k": "adjoint"}),
    "growing diffusivity": (
        SPHERE,
        GROWING,
        {},
        {"diffusion.D0": "clock", "diffusion.rate": "clock"},
    ),
    "core": (
        {**CYLINDER, "region": [CORE]},
        {**D, **FILM},
        {},
        {"diffusion.D": "adjoint", "region.core.diffusion.D": "adjoint", "film.k": "adjoint"},
    ),
    "printed, film": (
        PRINTED,
        {**SLOW, **FILM},
        {},
        {"diffusion.D": "adjoint", "film.k": "adjoint"},
    ),
    "solid front": (CYLINDER, FRONT, {}, {"erosion.speed": "clock"}),
}
SIZES = {
    "cylinder": (
        CYLINDER,
        {**D, **FILM},
        {},
        {"shape.diameter": "adjoint", "shape.height": "adjoint"},
    ),
    "cylinder, bath": (CYLINDER, D, BATH, {"shape.diameter": "adjoint", "shape.height": "adjoint"}),
    "sphere": (SPHERE, D, {}, {"shape.diameter": "adjoint"}),
    "caplet": (CAPLET, D, BATH, {"shape.length": "adjoint", "shape.width": "adjoint"}),
    "block": (BLOCK, D, {}, {"shape.length": "adjoint", "shape.height": "adjoint"}),
    "film": (FILM_SHEET, D, {}, {"shape.thickness": "adjoint"}),
    "solid front": (CYLINDER, FRONT, {}, {"shape.diameter": "difference"}),
}


@pytest.mark.parametrize("case", LINEAR)
def test_physics_to_1e_5(case):
    tablet, physics, tables, names = LINEAR[case]
    given = study(tablet, physics, **tables)
    weights = weights_of(given)
    found = gradient(given, list(names), weights=weights)
    assert found.methods == names
    assert found.value == pytest.approx(weights @ simulate(given).curve.fraction, abs=1e-6)
    for name in names:
        assert found[name] == pytest.approx(differences(given, name, weights), rel=1e-5), name


@pytest.mark.parametrize("case", SIZES)
def test_sizes_to_1e_3(case):
    tablet, physics, tables, names = SIZES[case]
    given = study(tablet, physics, **tables)
    weights = weights_of(given)
    found = gradient(given, list(names), weights=weights)
    assert found.methods == names
    for name in names:
        wanted = differences(given, name, weights, step=1e-3)
        assert found[name] == pytest.approx(wanted, rel=1e-3), name


@pytest.mark.parametrize("name", ["infill.density", "road_width", "oversize"])
def test_printed_sizes_while_cells_stay(name):
    given = study({**PRINTED, "oversize": "1 %"}, {**SLOW, **FILM})
    weights = weights_of(given)
    found = gradient(given, [name], weights=weights)
    assert found.methods[name] == "adjoint"
    assert found[name] == pytest.approx(differences(given, name, weights, step=5e-4), rel=2e-3)


@pytest.mark.parametrize("name", ["road_width", "infill.density"])
def test_printed_sizes_where_cells_come_and_go(name):
    """A gyroid crosses the grid everywhere: a mean over a step, and it is said."""
    gyroid = {**CYLINDER, "infill": {"pattern": "gyroid", "density": "20 %"}}
    given = study(gyroid, {**SLOW, **FILM})
    weights = weights_of(given)
    found = gradient(given, [name], weights=weights)
    assert found.methods[name] == "difference"
    assert "come and go" in found.notices[0]
    value = float(given.get(name))
    low, high = (simulate(given.replace(name, value * s)).curve.fraction for s in (0.98, 1.02))
    assert found[name] == pytest.approx(weights @ (high - low) / (0.04 * value), rel=1e-9)


def test_printed_front_speed():
    """Second differences of piecewise quadratics: the differences are no better than 1e-4."""
    # at 30 % a curve has a step of 1e-5 just at this speed, where no difference is a derivative
    given = study({**CYLINDER, "infill": {"pattern": "rectilinear", "density": "33 %"}}, FRONT)
    weights = weights_of(given)
    found = gradient(given, ["erosion.speed"], weights=weights)
    assert found.methods["erosion.speed"] == "clock"
    assert found.solves == 1
    wanted = differences(given, "erosion.speed", weights, step=1e-4)
    assert found["erosion.speed"] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(
    "name", ["formulation.drug_loading", "region.core.formulation.drug_loading"]
)
def test_loading(name):
    """With a core of another loading; a loading that is the same everywhere moves nothing."""
    parts = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
    core = {**CORE, "formulation": {**parts, "drug_loading": "30 %"}}
    given = study({**CYLINDER, "region": [core]}, D, formulation=parts)
    weights = weights_of(given)
    found = gradient(given, [name], weights=weights)
    assert found[name] == pytest.approx(differences(given, name, weights), rel=1e-4)
    alone = gradient(study(CYLINDER, D, formulation=parts), [parts_name(name)], weights=weights)
    assert alone[parts_name(name)] == pytest.approx(0.0, abs=1e-8)


def parts_name(name):
    return name.removeprefix("region.core.")


def test_loading_sets_the_pace_of_erosion_by_mass():
    parts = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
    given = study(
        CYLINDER, {"erosion": {"law": "MassErosion", "k0": "1e-5 kg/m2/s"}}, formulation=parts
    )
    weights = weights_of(given)
    names = ["formulation.drug_loading", "erosion.k0"]
    found = gradient(given, names, weights=weights)
    assert set(found.methods.values()) == {"clock"}
    for name in names:
        assert found[name] == pytest.approx(differences(given, name, weights), rel=1e-5), name


def test_fronts_of_two_speeds_are_differenced():
    core = {**CORE, "physics": {"erosion": {"law": "ConstantFront", "speed": "0.5 mm/h"}}}
    given = study({**CYLINDER, "region": [core]}, FRONT)
    weights = weights_of(given)
    found = gradient(given, ["erosion.speed"], weights=weights)
    assert found.methods["erosion.speed"] == "difference"
    wanted = differences(given, "erosion.speed", weights, step=1e-3)
    assert found["erosion.speed"] == pytest.approx(wanted, rel=1e-3)


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


def test_cells_stay_where_a_length_is_a_whole_number_of_them():
    """8 mm in cells of 0.2 mm: a little more would take two cells more."""
    round_numbers = {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "4 mm"}}
    given = study(
        round_numbers, D, run={"until": "10 h", "spacing": "0.2 mm", "samples": 21}, **BATH
    )
    weights = weights_of(given)
    found = gradient(given, ["shape.diameter", "shape.height"], weights=weights)
    assert set(found.methods.values()) == {"adjoint"}
    wider = given.replace("run.spacing", 0.2005e-3)  # the same cells, with room on either side
    for name in found.methods:
        wanted = differences(wider, name, weights, step=1e-3)
        assert found[name] == pytest.approx(wanted, rel=1e-3), name


def test_roads_that_come_or_go_are_said():
    """4.1 mm are 20.5 layers of 0.2 mm: the number of layers jumps there."""
    given = study(PRINTED, SLOW)
    found = gradient(given, ["layer_height"], weights=weights_of(given))
    assert found.methods["layer_height"] == "difference"
    assert "roads come or go" in " ".join(found.notices)
    assert "roads come or go" in repr(found)


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
    first, other = (course_of(given, given.run.spacing).course for _ in range(2))
    curve, _ = first.run(times, 1e-3)
    repeated, ledger = again(first, other).run(times, 1e-3)
    np.testing.assert_allclose(repeated, curve, rtol=0.0, atol=1e-12)
    assert ledger < 1e-12


def test_fronts_that_part_are_differenced():
    """From the side and from the top they come in one order, until a length changes."""
    given = study(
        {"shape": {"kind": "cylinder", "diameter": "4 mm", "height": "4 mm"}},
        {**SLOW, **HALF},
        run={"until": "4 h", "spacing": "0.3 mm", "samples": 21},
    )
    found = gradient(given, ["shape.height"], weights=weights_of(given))
    assert found.methods["shape.height"] == "difference"
    assert found.solves == 3
    assert "order they did" in found.notices[0]


def test_polymer_that_falls_apart_is_differenced():
    falls = {**SCISSION, "Mn_critical": 0.9}
    run = {"until": "4 h", "spacing": "0.8 mm", "samples": 21}
    given = study(FILM_SHEET, {**SLOW, "hydrolysis": falls}, run=run)
    found = gradient(given, ["diffusion.D"], weights=weights_of(given))
    assert found.methods["diffusion.D"] == "difference"
    assert "chains" in found.notices[0]


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


def test_bound_is_approached_from_within():
    given = study({**CYLINDER, "porosity": 0.0}, D, **BATH)
    found = gradient(given, ["porosity"], weights=weights_of(given))
    assert found["porosity"] == pytest.approx(0.0, abs=1e-6)


def test_cost_of_physics_is_a_few_solves():
    """Products with the operator, two runs for the fields against one for the curve."""
    given = study(PRINTED, {**SLOW, **FILM})
    found = gradient(given, ["diffusion.D", "film.k"], weights=weights_of(given))
    assert found.solves == 0
    assert found.products <= 6 * simulate(given).steps


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

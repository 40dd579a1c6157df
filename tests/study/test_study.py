"""A study file becomes nouns, and nouns become the same file again."""

from __future__ import annotations

import dataclasses
import re
import tomllib

import numpy as np
import pytest

from releasesim.errors import InputError
from releasesim.physics import (
    ConstantDiffusivity,
    ConstantFront,
    EntericFront,
    FilmTransfer,
    HydratedFront,
    NoErosion,
)
from releasesim.study import Choice, Stage, Study, Vary, with_effective_laws, with_mechanisms
from releasesim.study.laws import mechanism
from releasesim.units import hour, mL, mm, rpm

SPHERE = {"shape": {"kind": "sphere", "diameter": "8 mm"}}
LAW = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}}
BARE = {"tablet": SPHERE, "formulation": {"concentration": "100 mg/mL"}, "physics": LAW}


def test_full_study_says_what_its_comments_say(full):
    assert full.title.startswith("Theophylline 100 mg")
    assert full.printer.name == "generic_fdm"
    assert (full.tablet.shape.diameter, full.tablet.shape.height) == (10 * mm, 4 * mm)
    assert full.tablet.infill.density == 0.3
    core = full.tablet.regions[0]
    assert (core.name, core.at, core.extruder) == ("core", (0.0, 0.0, 1 * mm), 2)
    assert core.formulation.polymer.name == "hpmc_k4m"
    assert full.physics.erosion.speed == pytest.approx(0.3 * mm / hour, rel=1e-15)
    assert full.physics.film == FilmTransfer(k=5e-6)
    assert full.bath.volume == 900 * mL
    assert full.bath.speed == 50 * rpm
    assert full.bath.sampling.volume == 5e-6
    event = full.bath.events[0]
    assert (event.at, event.replace, event.medium.name) == (2 * hour, 1.0, "phosphate_ph6_8")
    assert event.set == (("film.k", 2e-6),)
    assert full.run.tolerance == 0.001
    assert full.target.curve.fraction[-1] == 0.8
    assert (full.target.accept_f2, full.target.accept_largest_difference) == (50, 0.05)
    assert full.design.dose == 1e-4
    assert full.design.vary == (
        Vary("shape.diameter", 6 * mm, 12 * mm),
        Choice("infill.pattern", ("grid", "gyroid", "honeycomb")),
        Vary("infill.density", 0.1, 1.0),
        Vary("walls", 1, 4),
    )
    assert full.patient.weight == 82.0
    assert full.patient.genotype["CYP2D6"] == "*1/*4"


def test_a_region_of_another_polymer_has_its_own_mechanism_and_the_tablets_film(full):
    core = full.region_physics["core"]
    assert core.diffusion == ConstantDiffusivity(D=5e-11)
    assert core.erosion == NoErosion()
    assert core.film == full.physics.film


def test_a_region_of_the_same_polymer_overrides_slot_by_slot():
    region = {"name": "core", "shape": SPHERE["shape"] | {"diameter": "3 mm"}}
    faster = {"diffusion": LAW["diffusion"] | {"D": "1e-9 m2/s"}}
    erosion = {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}}
    data = BARE | {"physics": LAW | erosion}
    study = Study.from_dict(data | {"tablet": SPHERE | {"region": [region | {"physics": faster}]}})
    core = study.region_physics["core"]
    assert core == dataclasses.replace(study.physics, diffusion=ConstantDiffusivity(D=1e-9))
    plain = Study.from_dict(data | {"tablet": SPHERE | {"region": [region]}})
    assert plain.region_physics == {}


@pytest.mark.parametrize("name", ["full", "short"])
def test_round_trip(name, request, tmp_path):
    study = request.getfixturevalue(name)
    again = Study.from_dict(study.to_data(), study.path.parent)
    assert again == study
    assert again.hash == study.hash
    study.write(tmp_path / "again.toml")
    if study.target is None:
        assert Study.load(tmp_path / "again.toml") == study


def test_written_elsewhere_a_study_still_finds_its_curve(full, tmp_path):
    (tmp_path / "sub").mkdir()
    full.write(tmp_path / "sub" / "study.toml")
    moved = Study.load(tmp_path / "sub" / "study.toml")
    assert moved.target.curve_file == "../reference.csv"
    assert moved.tablet == full.tablet
    assert tomllib.loads((tmp_path / "sub" / "study.toml").read_text())["schema"] == "releasesim/1"


def test_shortest_study_takes_the_rest_from_cards(short):
    assert isinstance(short.physics.erosion, HydratedFront)
    assert short.physics.erosion.speed == short.inputs["erosion.speed"]
    assert not short.physics.is_off("swelling")
    assert set(short.inputs) == {
        "hydration.D",
        "diffusion.D0",
        "swelling.equilibrium_volume_ratio",
        "erosion.speed",
        "erosion.onset",
        "formulation.drug.density",
        "formulation.polymer.density",
    }
    assert short.notices[0].startswith("polymer 'pva': simulated with its card's mechanism ")
    assert "HydratedFront(speed = 0.3 mm/h, onset = 0.5)" in short.notices[0]
    assert short.notices[0].endswith(", an estimate")
    assert short.run.until == 24 * hour
    assert short.bath.perfect_sink
    assert set(short.cards) == {"drug theophylline", "polymer pva", "medium hcl_0_1n"}


def test_a_mechanism_slot_of_the_user_makes_the_mechanism_the_users(short):
    data = short.to_data() | {"physics": LAW}
    study = Study.from_dict(data)
    assert study.physics.is_off("erosion")
    assert study.notices == ()
    film = {"film": {"law": "FilmTransfer", "k": "5e-6 m/s"}}
    kept = Study.from_dict(short.to_data() | {"physics": film})
    assert kept.physics.erosion == short.physics.erosion


def test_effective_law_stands_in_where_the_mechanism_needs_a_ph():
    data = {
        "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
        "formulation": {"drug": "theophylline", "polymer": "hpmcas", "drug_loading": "20 %"},
    }
    bare = Study.from_dict(data)
    assert isinstance(bare.physics.erosion, ConstantFront)
    assert (
        "(EntericFront) needs a medium with a pH; simulated with its effective law"
        in (bare.notices[0])
    )
    bathed = Study.from_dict(data | {"medium": {"name": "phosphate_ph6_8"}})
    assert isinstance(bathed.physics.erosion, EntericFront)
    for study in (bare, bathed):
        assert Study.from_dict(study.to_data()) == study


@pytest.mark.parametrize("polymer", ["pva", "hpmc_k4m", "soluplus", "pla"])
def test_effective_law_for_a_mechanism_and_back(polymer, short):
    study = short.replace("formulation.polymer", polymer)
    lumped = with_effective_laws(study)
    assert len(mechanism(lumped.physics)) == 1
    assert lumped.to_data()["physics"]
    assert Study.from_dict(lumped.to_data()) == lumped  # named, and still as sure as the card
    assert "in place of its card's mechanism (" in lumped.notices[0]
    assert with_mechanisms(lumped) == study
    other = lumped.replace("formulation.polymer", "hpc")
    assert other == with_effective_laws(study.replace("formulation.polymer", "hpc"))


def test_a_mechanism_with_a_number_of_the_users_stays(short):
    changed = short.replace("erosion.speed", "0.2 mm/h")
    assert with_effective_laws(changed) is changed
    assert "HydratedFront(speed = 0.2 mm/h as set, onset = 0.5)" in changed.notices[0]


def test_switched_off_stays_off_on_the_way_through_a_file(short):
    off = Study.from_dict(short.to_data() | {"physics": {"diffusion": {"law": "NoDiffusion"}}})
    assert off.physics.is_off("erosion")
    assert Study.from_dict(off.to_data()) == off


@pytest.mark.parametrize(
    ("name", "value", "si"),
    [
        ("infill.density", 0.5, 0.5),
        ("infill.density", "50 %", 0.5),
        ("shape.diameter", "12 mm", 12 * mm),
        ("region.core.infill.density", 0.7, 0.7),
        ("region.core.diffusion.D", "1e-11 m2/s", 1e-11),
        ("diffusion.D", 2e-10, 2e-10),
        ("physics.film.k", "1e-6 m/s", 1e-6),
        ("formulation.drug_loading", "30 %", 0.3),
        ("formulation.excipient.sorbitol.fraction", 0.2, 0.2),
        ("formulation.density", "1.3 g/cm3", 1300.0),
        ("medium.volume", "500 mL", 500 * mL),
        ("bath.speed", "75 rpm", 75 * rpm),
        ("run.until", "12 h", 12 * hour),
        ("walls", 3.0, 3),
        ("infill.pattern", "gyroid", "gyroid"),
    ],
)
def test_replace_reaches_every_room_and_survives_the_file(full, name, value, si):
    changed = full.replace(name, value)
    assert changed.get(name) == si
    assert changed != full
    assert changed.hash != full.hash
    assert Study.from_dict(changed.to_data(), full.path.parent) == changed


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("infill.density", 1.3, 'infill.density = "130 %": must be 0 to 100 %'),
        ("infil.density", 0.3, 'did you mean "infill.density"'),
        ("walls", 2.5, "whole number"),
        ("walls", 30, "thicker than the cylinder"),
        ("shape.diameter", "10 mg", "is a mass, needs a length"),
        ("shape.diameter", float("nan"), "finite"),
        ("infill.pattern", "gird", 'did you mean "grid"'),
        ("diffusion.D", "1 mm", 'diffusion.D = "1 mm": is a length'),
        ("diffusion.D", -1.0, "must be positive"),
        ("formulation.polymer", "pvaa", "did you mean 'pva'"),
        ("", 1.0, "there are shape.diameter"),
    ],
)
def test_replace_refuses_in_words(full, name, value, words):
    with pytest.raises(InputError) as caught:
        full.replace(name, value)
    assert words in str(caught.value)


def test_another_polymer_brings_its_own_mechanism(short):
    changed = short.replace("formulation.polymer", "hpmc_k4m")
    assert changed.tablet.formulation.polymer.name == "hpmc_k4m"
    assert changed.physics != short.physics
    assert "'hpmc_k4m'" in changed.notices[0]
    assert changed.path == short.path


def test_a_number_given_by_the_user_is_no_card_value_any_more(short):
    changed = short.replace("erosion.speed", "0.5 mm/h")
    assert "erosion.speed" not in changed.inputs
    assert "speed = 0.5 mm/h as set, onset = 0.5)" in changed.notices[0]
    assert with_effective_laws(short).replace("erosion.speed", "0.5 mm/h").notices == ()
    assert Study.from_dict(changed.to_data()) == changed


def test_a_replaced_card_number_shows_in_hashes_and_keeps_its_effect_in_the_file(short):
    changed = short.replace("formulation.polymer.density", "1.2 g/cm3")
    assert changed.cards["polymer pva"] != short.cards["polymer pva"]
    again = Study.from_dict(changed.to_data())
    assert again.tablet.formulation.concentration == pytest.approx(
        changed.tablet.formulation.concentration, rel=1e-12
    )


def test_the_hash_does_not_depend_on_how_a_number_is_written(short):
    data = short.to_data()
    data["tablet"]["shape"]["diameter"] = "1 cm"
    assert Study.from_dict(data).hash == short.hash


def test_output_times_are_even_in_the_root_of_time(full):
    times = full.run.output_times()
    assert times.shape == (97,)
    assert times[0] == 0.0
    assert times[-1] == 24 * hour
    np.testing.assert_allclose(np.diff(np.sqrt(times)), np.sqrt(24 * hour) / 96, rtol=1e-12)
    listed = Study.from_dict(BARE | {"run": {"times": ["15 min", "1 h"]}})
    np.testing.assert_array_equal(listed.run.output_times(), [0.0, 900.0, 3600.0])
    assert listed.run.until == 3600.0
    assert Study.from_dict(listed.to_data()) == listed


@pytest.mark.parametrize(
    "shape",
    [
        {"kind": "zero_order", "duration": "12 h", "lag": "0 h"},
        {"kind": "first_order", "rate": "0.2 1/h"},
        {"kind": "weibull", "scale": "4 h", "shape": 0.8},
        {"kind": "pulse", "at": "4 h", "width": "30 min"},
        {"kind": "biphasic", "fast_fraction": "40 %", "fast_rate": "2 1/h", "slow_rate": "0.1 1/h"},
        {"kind": "delayed", "lag": "2 h", "duration": "4 h"},
    ],
)
def test_drawn_targets(shape):
    study = Study.from_dict(BARE | {"target": {"shape": shape}})
    times = np.array([1.0, 3.9, 4.0, 6.0, 11.0]) * hour
    exact = study.target.law.fraction(times)
    np.testing.assert_allclose(study.target.curve.at(times), exact, atol=2e-4)
    assert Study.from_dict(study.to_data()) == study


def test_plasma_window_waits_for_the_patient():
    plasma = {"plasma": {"low": "5 mg/L", "high": "15 mg/L", "dose_every": "12 h"}}
    study = Study.from_dict(BARE | {"target": plasma, "patient": {"age": "61 y"}})
    assert study.target.plasma.high == pytest.approx(0.015)
    assert Study.from_dict(study.to_data()) == study


def test_a_tabulated_target_is_straight_between_its_points():
    points = [["0 h", "0 %"], ["2 h", "30 %"], ["8 h", "100 %"]]
    study = Study.from_dict(BARE | {"target": {"points": points}})
    assert study.target.curve.at(5 * hour) == pytest.approx(0.65)
    assert Study.from_dict(study.to_data()) == study


def test_rules_on_stages_and_plasma_are_kept():
    stages = [{"at": "1 h", "low": "20 %", "high": "40 %"}, {"at": "0.75 h", "Q": "80 %"}]
    accept = {"stages": stages, "time_in_window": "95 %", "cmax": "16 mg/L"}
    plasma = {"low": "5 mg/L", "high": "15 mg/L", "dose_every": "12 h", "auc": "120 mg*h/L"}
    data = BARE | {"target": {"plasma": plasma, "accept": accept}, "patient": {"age": "61 y"}}
    study = Study.from_dict(data)
    assert study.target.accept_stages[1] == Stage(at=2700.0, Q=0.8)
    assert study.target.plasma.auc == pytest.approx(120e-3 * 3600)
    assert study.to_data()["target"]["accept"]["stages"] == stages
    assert Study.from_dict(study.to_data()) == study


def test_a_wanted_plasma_course_is_read_and_counts_by_its_points(tmp_path):
    table = "Time [h],Concentration [mg/L]\n1,2.0\n4,3.5\n"
    (tmp_path / "p.csv").write_text(table, encoding="utf-8")
    data = BARE | {"target": {"plasma": {"curve": "p.csv"}}, "patient": {"weight": "70 kg"}}
    study = Study.from_dict(data, tmp_path)
    assert study.target.plasma.times == (3600.0, 14400.0)
    assert study.target.plasma.concentrations == pytest.approx((2e-3, 3.5e-3))
    (tmp_path / "q.csv").write_text(table, encoding="utf-8")
    data["target"] = {"plasma": {"curve": "q.csv"}}
    assert Study.from_dict(data, tmp_path).hash == study.hash


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"target": {"points": [["0 h", "0 %"], ["2 h", "30 %"], ["3 h", "20 %"]]}}, "not fall"),
        ({"target": {"points": [["2 h", "0 %"], ["1 h", "30 %"]]}}, "increase"),
        ({"target": {"plasma": {"low": "5 mg/L"}}}, "plasma.high: is missing"),
        ({"target": {"plasma": {"dose_every": "8 h"}}}, "a window, low and high, or a curve"),
        ({"target": {"plasma": {"curve": "no.csv"}}}, "no such file beside the study"),
        (
            {"target": {"shape": {"kind": "pulse"}, "accept": {"cmax": "1 mg/L"}}},
            "needs target.plasma",
        ),
        (
            {"target": {"points": [["1 h", "9 %"]], "accept": {"stages": [{"at": "1 h"}]}}},
            "Q alone",
        ),
        ({"patient": {"egfr": "60 mL/min", "creatinine_clearance": "60 mL/min"}}, "keep one"),
        ({"patient": {"serum_creatinine": "1 mg/dL", "age": "61 y"}}, "needs weight and sex"),
        ({"patient": {"inhibitors": {"CYP3A4": "string"}}}, 'did you mean "strong"?'),
    ],
)
def test_wishes_that_cannot_be(tables, message):
    with pytest.raises(InputError, match=re.escape(message)):
        Study.from_dict(BARE | {"patient": {"weight": "70 kg"}} | tables)


def test_layers_stack_to_the_height():
    layers = [{"name": "fast", "thickness": "1.6 mm"}, {"name": "slow", "thickness": "2 mm"}]
    shape = {"kind": "cylinder", "diameter": "10 mm"}
    study = Study.from_dict(BARE | {"tablet": {"shape": shape, "layer": layers}})
    assert study.tablet.drawn.height == pytest.approx(3.6 * mm)
    changed = study.replace("layer.slow.thickness", "3 mm")
    assert Study.from_dict(changed.to_data()) == changed
    assert changed.tablet.drawn.height == pytest.approx(4.6 * mm)


def test_components_name_drug_polymer_and_excipients(short):
    components = [
        {"drug": "theophylline", "fraction": "20 %"},
        {"polymer": "pva", "fraction": "70 %"},
        {"excipient": "sorbitol", "fraction": "10 %"},
    ]
    study = Study.from_dict(short.to_data() | {"formulation": {"components": components}})
    made = study.tablet.formulation
    assert (made.drug.name, made.drug_loading) == ("theophylline", 0.2)
    assert [(card.name, share) for card, share in made.excipients] == [("sorbitol", 0.1)]


def test_a_polypill_is_read_and_written(short):
    components = [
        {"drug": "theophylline", "fraction": "10 %"},
        {"drug": "caffeine", "fraction": "5 %"},
        {"polymer": "pva", "fraction": "85 %"},
    ]
    data = short.to_data() | {"formulation": {"components": components}}
    study = Study.from_dict(data)
    assert [card.name for card, _ in study.tablet.formulation.further_drugs] == ["caffeine"]
    assert Study.from_dict(study.to_data()) == study
    assert study.drugs == ("theophylline", "caffeine")


def test_another_temperature_needs_every_law_from_the_user(short):
    warm = {"temperature": "25 degC"}
    with pytest.raises(InputError, match="cards hold values at 37 degC"):
        Study.from_dict(short.to_data() | {"medium": warm})
    assert Study.from_dict(BARE | {"medium": warm}).bath.temperature == 298.15


def test_notices_of_a_formulator(short):
    data = short.to_data()
    data["medium"] = {"name": "hcl_0_1n", "volume": "20 mL"}
    data["tablet"]["shape"]["height"] = "4.1 mm"
    data["formulation"]["drug_loading"] = "70 %"
    data["tablet"]["region"] = [
        {"name": "core", "shape": {"kind": "sphere", "diameter": "6 mm"}},
    ]
    said = "\n".join(Study.from_dict(data).notices)
    assert "not a sink: " in said
    assert "drug_loading 70 % is outside what 'pva' is known to print with" in said
    assert "printed height is 4 mm, not 4.1 mm: whole layers of 0.2 mm" in said
    assert "region 'core' reaches out of the tablet" in said


def test_a_drug_that_does_not_bear_the_nozzle_is_named(short):
    polymer = short.tablet.formulation.polymer
    drug = short.tablet.formulation.drug
    weak = dataclasses.replace(drug, degradation_temperature=polymer.nozzle_temperature)
    made = dataclasses.replace(short.tablet.formulation, drug=weak)
    study = dataclasses.replace(short, tablet=dataclasses.replace(short.tablet, formulation=made))
    assert any("degrades from" in notice for notice in study.notices)


def test_it_reads_well_in_a_notebook(full):
    assert "cylinder 10 x 4 mm, 30 % grid, 2 walls" in repr(full)
    assert "20 % theophylline in pva, 10 % sorbitol" in repr(full)
    assert full._repr_html_().startswith("<table>")


def test_unknown_keys_without_a_file_are_told_too():
    with pytest.raises(InputError, match=r'^tablet\.shap: unknown key, did you mean "shape"'):
        Study.from_dict({"tablet": {"shap": {}}, "formulation": {"concentration": "1 mg/mL"}})

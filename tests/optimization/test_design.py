"""The inverse problem: planted tablets are found again, the impossible is called so."""

import dataclasses
import json

import numpy as np
import pytest

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.optimization import design
from releasesim.simulation import simulate
from releasesim.study import Study, with_effective_laws

PLANTED = {
    "tablet": {
        "shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3.2 mm"},
        "infill": {"pattern": "grid", "density": "40 %"},
        "walls": 2,
        "roofs": 0,
        "floors": 0,
    },
    "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"},
    "run": {"until": "3 h"},
}
FREE = {
    "shape.diameter": {"min": "7 mm", "max": "9 mm"},
    "infill.density": {"min": "25 %", "max": "70 %"},
}


def wanted(tmp_path, curve, spec, accept, **changes):
    """A study whose target is `curve` and whose design is `spec`."""
    times = np.linspace(0.0, 3 * 3600.0, 13)[1:]
    rows = [f"{t / 60},{100 * f}" for t, f in zip(times, curve(times), strict=True)]
    (tmp_path / "t.csv").write_text("\n".join(["Time [min],Released [%]", *rows]) + "\n")
    target = {"curve": "t.csv", "accept": accept}
    return Study.from_dict({**PLANTED, **changes, "target": target, "design": spec}, tmp_path)


@pytest.fixture(scope="module")
def planted():
    """By the law that a design takes PVA with."""
    return simulate(with_effective_laws(Study.from_dict(PLANTED)))


def test_planted_tablet_is_found_again(tmp_path, planted):
    spec = {"dose": f"{planted.dose * 1e6} mg", "polymers": ["pva", "hpc"], "vary": FREE}
    found = design(wanted(tmp_path, planted.curve.at, spec, {"f2": 50}))
    assert found.accepted
    assert found.chosen.polymer == "pva"
    assert found.comparison.f2 > 80
    assert found.release.dose == pytest.approx(planted.dose, rel=0.02)
    assert {c.polymer for c in found.candidates} == {"pva", "hpc"}
    assert all(c.reason for c in found.candidates)

    full = found.full_mechanism
    assert "HydratedFront" in full.laws
    assert 0.0 < full.largest_difference <= 1.0
    assert full.words in found.release.notices
    assert found.to_dict()["full_mechanism"]["words"] == full.words
    data = found.study.to_data()
    assert data["physics"]["erosion"]["law"] == "ConstantFront"
    again = Study.from_dict(data, tmp_path)
    np.testing.assert_array_equal(simulate(again).curve.fraction, found.release.curve.fraction)


def test_laws_that_the_study_couples_are_refused(tmp_path, planted):
    coupled = {
        "diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"},
        "erosion": {"law": "ConstantFront", "speed": "0.2 mm/h"},
    }
    study = wanted(tmp_path, planted.curve.at, {"vary": FREE}, {"f2": 50}, physics=coupled)
    with pytest.raises(UnsupportedLawError, match="diffusion alone or by erosion alone"):
        design(study)


def test_same_seed_gives_the_same_design(tmp_path, planted):
    spec = {"dose": f"{planted.dose * 1e6} mg", "vary": {"shape.diameter": FREE["shape.diameter"]}}
    study = wanted(tmp_path, planted.curve.at, spec, {"f2": 50})
    first, second = (json.loads(json.dumps(design(study).to_dict())) for _ in range(2))
    for found in (first, second):
        del found["seconds"], found["release"]["seconds"]
    assert first == second


def test_what_cannot_be_reached_is_said(tmp_path):
    spec = {"dose": "30 mg", "vary": {"shape.diameter": FREE["shape.diameter"]}}

    def slow(times):
        return 0.1 * times / times[-1]

    found = design(wanted(tmp_path, slow, spec, {"largest_difference": "5 %"}))
    assert not found.accepted
    assert "not reachable" in found.verdict
    assert "too fast" in found.verdict
    assert found.release.curve.fraction[-1] > 0.5


def test_size_meets_the_dose(tmp_path, planted):
    spec = {
        "dose": "50 mg",
        "absorbs_dose": "size",
        "vary": {"infill.density": FREE["infill.density"]},
    }
    found = design(wanted(tmp_path, planted.curve.at, spec, {"f2": 30}))
    assert found.release.dose == pytest.approx(50e-6, rel=0.02)
    assert found.study.tablet.formulation.drug_loading == pytest.approx(0.2)


def test_drug_that_no_polymer_can_be_printed_with_is_refused(tmp_path, planted):
    spec = {"dose": "30 mg", "polymers": ["pla"], "vary": FREE}
    hot = {"drug": "aminosalicylic_acid", "polymer": "pla", "drug_loading": "10 %"}
    with pytest.raises(InputError, match="degrades"):
        design(wanted(tmp_path, planted.curve.at, spec, {"f2": 50}, formulation=hot))


def test_physics_is_not_varied(tmp_path, planted):
    spec = {"dose": "30 mg", "vary": {"erosion.speed": {"min": "0.1 mm/h", "max": "1 mm/h"}}}
    with pytest.raises(InputError, match="fit"):
        design(wanted(tmp_path, planted.curve.at, spec, {"f2": 50}))


def test_robust_design_counts_its_chance(tmp_path, planted):
    """The front speed is log-normal about the card's: the chance is at least the nominal one's."""
    speed = with_effective_laws(Study.from_dict(PLANTED)).get("erosion.speed")
    uncertain = {"erosion.speed": {"mean": f"{speed!r} m/s", "cv": "25 %"}}
    spec = {
        "dose": f"{planted.dose * 1e6} mg",
        "polymers": ["pva"],
        "vary": {"infill.density": FREE["infill.density"]},
        "robust": {"samples": 16, "uncertain": uncertain},
    }
    found = design(wanted(tmp_path, planted.curve.at, spec, {"f2": 60}))
    assert found.chance.inputs == ("erosion.speed",)
    assert found.nominal_chance.probability <= found.chance.probability <= 1.0
    assert found.chance.probability > 0.0
    assert (found.chance.low <= found.chance.middle).all()
    assert (found.chance.middle <= found.chance.high).all()
    assert found.chosen.chance == found.chance.probability
    assert found.to_dict()["chance"]["samples"] == 16
    fits, holds = zip(*((one.rmse, one.chance) for one in found.front), strict=True)
    assert list(fits) == sorted(fits)
    assert all(0.0 <= chance <= 1.0 for chance in holds)
    assert max(holds) >= holds[0]


def of_diffusivity(polymers):
    """A design that calls the diffusivity uncertain, which is that of an effective law."""
    uncertain = {"diffusion.D": {"mean": "6e-11 m2/s", "cv": "20 %"}}
    return {
        "dose": "20 mg",
        "polymers": polymers,
        "vary": {"infill.density": FREE["infill.density"]},
        "robust": {"samples": 16, "uncertain": uncertain},
    }


HPMC = {"drug": "theophylline", "polymer": "hpmc_k4m", "drug_loading": "15 %"}


def test_uncertain_may_be_what_a_polymer_is_ranked_by(tmp_path, planted):
    """Written and read again it is the same study."""
    spec = of_diffusivity(["hpmc_k4m"])
    study = wanted(tmp_path, planted.curve.at, spec, {"f2": 50}, formulation=HPMC)
    assert "diffusion.D" not in study.names()
    assert Study.from_dict(study.to_data(), tmp_path).design == study.design
    assert [one.name for one in study.design.robust.uncertain] == ["diffusion.D"]


def test_uncertain_must_be_known_of_every_polymer(tmp_path, planted):
    spec = of_diffusivity(["hpmc_k4m", "pva"])
    study = wanted(tmp_path, planted.curve.at, spec, {"f2": 50}, formulation=HPMC)
    with pytest.raises(InputError, match=r"no such number is known of pva \(ConstantFront\)"):
        design(study)


def test_what_would_make_a_target_reachable_is_said(tmp_path, planted):
    """A front a third as fast releases the same curve three times as slowly."""
    spec = {"polymers": ["pva"], "vary": {"shape.diameter": {"min": "7.9 mm", "max": "8.1 mm"}}}

    def slower(times):
        return planted.curve.at(times / 3.0)

    found = design(wanted(tmp_path, slower, spec, {"f2": 60}))
    assert not found.accepted
    material = next(r for r in found.remedies if "front speed" in r.words)
    assert np.exp(-material.change) == pytest.approx(
        1.0 / 3.0, rel=0.25
    )  # the nearest at which f2 is 60
    assert list(found.remedies) == sorted(found.remedies, key=lambda r: r.change)


def test_limits_of_mass_and_time_are_kept(tmp_path, planted):
    spec = {"polymers": ["pva"], "vary": FREE, "max_mass": "100 mg", "max_print_time": "1 min"}
    study = wanted(tmp_path, planted.curve.at, spec, {"f2": 1}, printer="generic_fdm")
    found = design(study)
    assert found.chosen.mass <= 100e-6
    assert found.chosen.print_time <= 60.0
    for one in found.front:
        beaten = [
            other
            for other in found.front
            if other.rmse < one.rmse and other.mass < one.mass and other.print_time < one.print_time
        ]
        assert not beaten


def test_inkjet_prints_are_not_searched(tmp_path, planted):
    study = wanted(tmp_path, planted.curve.at, {"polymers": ["pva"], "vary": FREE}, {"f2": 50})
    with pytest.raises(InputError, match="roads only"):
        design(dataclasses.replace(study, process="inkjet"))


def test_two_materials_on_one_extruder_are_refused_before_the_search(tmp_path, planted):
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "4 mm", "height": "2 mm"},
        "formulation": {"drug": "theophylline", "polymer": "hpc", "drug_loading": "10 %"},
    }
    spec = {"vary": FREE}
    tablet = {**PLANTED["tablet"], "region": [core]}
    study = wanted(tmp_path, planted.curve.at, spec, {"f2": 50}, tablet=tablet)
    with pytest.raises(InputError, match="of different materials on the same extruder 1"):
        design(study)

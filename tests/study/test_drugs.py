"""Several drugs in one tablet: read, written, named, and seen one at a time."""

from __future__ import annotations

import polypills
import pytest
from polypills import DRUGS, bilayer, diffusion, mixture

from releasesim.errors import InputError, UnsupportedLawError
from releasesim.physics import ConstantDiffusivity
from releasesim.study import Study, refuse_several

FAST = diffusion("3e-10 m2/s")
FILE = """\
[tablet]
shape = { kind = "sphere", diameter = "8 mm" }
[formulation]
components = [
  { drug = "theophylline", fraction = "10 %" },
  { drug = "caffeine", fraction = "5 %" },
  { polymer = "ethylcellulose", fraction = "85 %" },
]
[physics]
diffusion = { law = "ConstantDiffusivity", D = "1e-10 m2/s" }
"""
D = '{ law = "ConstantDiffusivity", D = "1e-10 m2/s" }'


def in_layer(data, place, **physics):
    data["tablet"]["layer"][place]["physics"] = physics
    return data


def swapped(data):
    """Change D for one drug by an event, and for all by another."""
    event = [{"at": "1 h", "set": {"diffusion.D": "2e-10 m2/s"}}]
    event += [{"at": "2 h", "set": {"physics.caffeine.diffusion.D": "4e-10 m2/s"}}]
    return data | {"medium": {"event": event}}


@pytest.mark.parametrize(
    "data",
    [
        mixture(),
        mixture(caffeine=FAST),
        mixture(caffeine=FAST, theophylline={"film": {"law": "FilmTransfer", "k": "1e-6 m/s"}}),
        bilayer(),
        bilayer(caffeine=FAST),
        in_layer(bilayer(), 1, caffeine=FAST),
        in_layer(bilayer(caffeine=FAST), 1, **diffusion("7e-11 m2/s")),
        swapped(mixture()),
        swapped(mixture(caffeine=FAST)),
    ],
)
def test_it_is_written_and_read_as_it_is(data, tmp_path):
    study = Study.from_dict(data)
    study.write(tmp_path / "study.toml")
    again = Study.load(tmp_path / "study.toml")
    assert again == study
    assert again.hash == study.hash
    assert again.drugs == DRUGS
    for view in map(study.for_drug, DRUGS):
        assert Study.from_dict(view.to_data()) == view
        assert view.hash != study.hash


@pytest.mark.parametrize("data", [mixture(), bilayer()])
def test_one_drug_sees_the_same_tablet(data):
    study = Study.from_dict(data)
    doses = {}
    for name in DRUGS:
        view = study.for_drug(name)
        assert view.drugs == (name,)
        assert view.one_drug
        assert view.for_drug(name) is view
        assert view.tablet.formulation.drug.name == name
        for part, whole in zip(view.tablet.parts, study.tablet.parts, strict=True):
            assert part.formulation.density == pytest.approx(whole.formulation.density, rel=1e-14)
            assert part.formulation.polymer_fraction == pytest.approx(
                whole.formulation.polymer_fraction, rel=1e-14
            )
        assert view.tablet.part_volumes == study.tablet.part_volumes
        doses[name] = view.tablet.dose()
    assert doses == study.tablet.doses
    assert sum(doses.values()) == pytest.approx(study.tablet.dose(), rel=1e-14)


def test_assay_is_of_every_drug():
    data = mixture()
    data["formulation"]["assay"] = "96 %"
    whole, measured = (Study.from_dict(one).tablet.doses for one in (mixture(), data))
    for name in DRUGS:
        assert measured[name] == pytest.approx(0.96 * whole[name], rel=1e-14)


def test_printed_tablets_are_sliced_once_for_all_drugs():
    data = mixture(caffeine=FAST)
    data["tablet"]["infill"] = {"pattern": "grid", "density": "40 %"}
    study = Study.from_dict(data)
    printed = study.tablet.printed
    assert all(study.for_drug(name).tablet.printed is printed for name in DRUGS)


def test_a_part_without_the_drug_keeps_its_laws():
    study = Study.from_dict(in_layer(bilayer(caffeine=FAST), 0, **diffusion("5e-11 m2/s")))
    slow, fast = (study.for_drug(name) for name in DRUGS)
    assert slow.tablet.concentrations[2] == 0.0
    assert fast.tablet.concentrations[1] == 0.0
    assert slow.region_physics["lower"].diffusion == ConstantDiffusivity(D=5e-11)
    # what a drug has of its own, it has in every part
    assert fast.region_physics["lower"].diffusion == ConstantDiffusivity(D=3e-10)
    assert fast.physics.diffusion == ConstantDiffusivity(D=3e-10)


def test_a_law_of_one_drug_in_one_layer():
    study = Study.from_dict(in_layer(bilayer(), 1, caffeine=FAST))
    slow, fast = (study.for_drug(name) for name in DRUGS)
    assert slow.region_physics == {}
    assert fast.region_physics["upper"].diffusion == ConstantDiffusivity(D=3e-10)
    assert fast.physics.diffusion == ConstantDiffusivity(D=1e-10)


def test_drugs_without_cards_and_parts_without_drugs():
    shell = {"name": "core", "shape": {"kind": "sphere", "diameter": "4 mm"}}
    core = shell | {"formulation": {"drug": "caffeine", "concentration": "50 mg/mL"}}
    data = {"tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}, "region": [core]}}
    data |= {"formulation": {"concentration": "0 mg/mL"}, "physics": diffusion("1e-10 m2/s")}
    assert Study.from_dict(data).drugs == ("caffeine",)
    study = Study.from_dict(data | {"formulation": {"concentration": "10 mg/mL"}})
    assert study.drugs == ("drug", "caffeine")
    assert study.for_drug("drug").tablet.concentrations == pytest.approx((10.0, 0.0))
    assert study.for_drug("caffeine").tablet.concentrations == pytest.approx((0.0, 50.0))
    assert Study.from_dict(data | {"formulation": {"concentration": "0 mg/mL"}}).one_drug


def test_events_reach_the_drug_they_name():
    study = Study.from_dict(swapped(mixture()))
    shared, own = (study.for_drug(name).bath.events for name in DRUGS)
    assert [event.set for event in shared] == [(("diffusion.D", 2e-10),), ()]
    assert [event.set for event in own] == [(("diffusion.D", 2e-10),), (("diffusion.D", 4e-10),)]
    # what a drug has of its own, an event for all leaves alone
    alone = Study.from_dict(swapped(mixture(caffeine=FAST))).for_drug("caffeine").bath.events
    assert [event.set for event in alone] == [(), (("diffusion.D", 4e-10),)]


def test_events_name_regions_for_the_drugs_that_follow_them():
    """A drug's own law holds in every part, and so does what an event sets of it."""
    shell = {"name": "shell", "thickness": "0.5 mm", "physics": diffusion("2e-11 m2/s")}
    layers = [{"name": "core", "thickness": "0.5 mm"}, shell]
    changes = {"region.shell.diffusion.D": "3e-11 m2/s", "region.core.diffusion.D": "9e-11 m2/s"}
    changes |= {"physics.caffeine.diffusion.D": "8e-11 m2/s"}
    data = mixture(caffeine=FAST) | {"medium": {"event": [{"at": "1 h", "set": changes}]}}
    data["tablet"] = {"shape": {"kind": "film", "area": "1 cm2"}, "layer": layers}
    study = Study.from_dict(data)
    assert Study.from_dict(study.to_data()).bath == study.bath
    shared, own = (dict(study.for_drug(name).bath.events[0].set) for name in DRUGS)
    assert shared == {"region.shell.diffusion.D": 3e-11, "region.core.diffusion.D": 9e-11}
    assert own == {"diffusion.D": 8e-11, "region.shell.diffusion.D": 8e-11}
    data["medium"]["event"][0]["set"] = {"region.cor.diffusion.D": "1e-11 m2/s"}
    with pytest.raises(InputError, match=r'did you mean "region\.core\.diffusion\.D"'):
        Study.from_dict(data)


def test_laws_of_a_drug_have_dotted_names():
    name = "physics.caffeine.diffusion.D"
    study = Study.from_dict(mixture())
    assert name in study.names()
    assert study.get(name) == 1e-10  # the tablet's
    changed = study.replace(name, "3e-10 m2/s")
    assert changed == Study.from_dict(mixture(caffeine=FAST))
    assert changed.get("diffusion.D") == 1e-10
    share = study.replace("formulation.further_drug.caffeine.fraction", "6 %")
    assert share.tablet.formulation.further_drugs[0][1] == pytest.approx(0.06)
    with pytest.raises(InputError, match=r'did you mean "physics\.caffeine\.diffusion\.D"'):
        study.get("physics.cafeine.diffusion.D")
    with pytest.raises(InputError, match="no parameter"):
        study.replace("physics.caffeine.erosion.speed", 1e-7)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"cafeine.diffusion = {D}", r':11 physics\.cafeine: no drug of this tablet; there are '
         r'theophylline, caffeine, did you mean "caffeine"\?'),
        (f"caffeine.difusion = {D}", r':11 physics\.caffeine\.difusion: .* mean "diffusion"'),
        (f"difussion = {D}", r':11 physics\.difussion: unknown key.* mean "diffusion"'),
        ('caffeine.erosion = { law = "ConstantFront", speed = "1 mm/h" }',
         r":11 physics\.caffeine\.erosion: is the same for every drug"),
        ('caffeine.diffusion = { law = "ConstantDiffusivity", D = "1 mm" }', r":11 .*D = \"1 mm\""),
    ],
)  # fmt: skip
def test_bad_laws_of_a_drug_are_refused(tmp_path, line, words):
    path = tmp_path / "study.toml"
    path.write_text(f"{FILE}{line}\n")
    with pytest.raises(InputError, match=words):
        Study.load(path)


def test_no_such_drug():
    with pytest.raises(InputError, match=r'no drug "cafeine"; .* did you mean "caffeine"'):
        Study.from_dict(mixture()).for_drug("cafeine")


@pytest.mark.parametrize("verb", ["fit", "design"])
def test_verbs_of_one_drug_say_how_to_get_one(verb):
    study = Study.from_dict(mixture())
    with pytest.raises(UnsupportedLawError, match=rf'{verb} takes one .*for_drug\("theophylline"'):
        refuse_several(study, verb)
    refuse_several(study.for_drug("caffeine"), verb)


def test_notices_are_said_of_each_drug():
    data = mixture() | {"medium": {"name": "hcl_0_1n", "volume": "1 mL"}}
    said = "\n".join(Study.from_dict(data).notices)
    assert "theophylline and caffeine diffuse by the same law" in said
    assert "of theophylline in 1 mL" in said
    said = "\n".join(Study.from_dict(polypills.mixture(caffeine=FAST)).notices)
    assert "diffuse by the same law" not in said


def test_card_values_of_all_drugs_count():
    study = Study.from_dict(mixture())
    assert {"formulation.drug.density", "formulation.further_drug.caffeine.density"} <= set(
        study.inputs
    )
    assert "drug caffeine" in study.cards


def test_another_temperature_needs_every_law_of_every_drug():
    open_law = {"dissolution": {"law": "LocalEquilibrium"}}
    warm = {"medium": {"temperature": "25 degC"}}
    assert Study.from_dict(mixture(caffeine=FAST) | warm).bath.temperature == pytest.approx(298.15)
    with pytest.raises(InputError, match="cards hold values at 37 degC"):
        Study.from_dict(mixture(caffeine=open_law) | warm)


def test_a_film_and_a_dissolution_of_one_drug():
    own = {"film": {"law": "FilmTransfer", "k": "1e-6 m/s"}}
    own["dissolution"] = {"law": "LocalEquilibrium", "solubility": "4 mg/mL"}
    first, second = map(Study.from_dict(bilayer(caffeine=own)).for_drug, DRUGS)
    assert first.physics.is_off("film")
    assert first.physics.is_off("dissolution")
    assert second.physics.film.k == 1e-6
    assert second.physics.dissolution.solubility == pytest.approx(4.0)

"""The hash of a study holds every card that a result may depend on."""

import shutil
from pathlib import Path

import pytest

from releasesim.cards import models_folder
from releasesim.study import Study
from releasesim.study.cards_used import cards_offered

EXAMPLES = Path(__file__).parents[2] / "examples"
METOPROLOL = {
    "tablet": {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"}},
    "formulation": {"drug": "metoprolol", "polymer": "hpc", "drug_loading": "10 %"},
    "patient": {"weight": "70 kg"},
}


def kinds(study, kind):
    return {name.removeprefix(f"{kind} ") for name in study.cards if name.startswith(f"{kind} ")}


def test_genes_of_genotype_and_drug_count_and_so_does_the_body():
    study = Study.from_dict({**METOPROLOL, "patient": {"genotype": {"CYP2C19": "*1/*2"}}})
    assert kinds(study, "gene") == {"cyp2c19", "cyp2d6"}
    assert kinds(study, "body") == {"adult"}


def test_comedication_may_touch_any_gene():
    study = Study.from_dict({**METOPROLOL, "patient": {"comedication": ["paroxetine"]}})
    assert kinds(study, "gene") >= {"cyp2d6", "cyp2c9", "slco1b1", "tpmt"}


def test_polymers_on_offer_are_no_cards_of_the_tablet():
    study = Study.load(EXAMPLES / "match_reference.toml")
    assert kinds(study, "polymer") == {study.tablet.formulation.polymer.name}
    assert {card.name for card in cards_offered(study)} >= {"pva", "hpc", "peo"}


def test_swept_cards_are_offered_and_people_who_are_swept_may_have_any_gene():
    sweep = {"vary": {"formulation.polymer": ["pva", "hpc"], "patient.weight": ["60 kg", "80 kg"]}}
    study = Study.from_dict({**METOPROLOL, "sweep": sweep})
    assert [card.name for card in cards_offered(study)] == ["pva", "hpc"]
    assert "tpmt" in kinds(study, "gene")


@pytest.mark.parametrize("change", ["genes/cyp2d6", "bodies/adult", "polymers/pva"])
def test_another_card_is_another_hash(change, monkeypatch, tmp_path):
    """In a folder of one's own cards, of which one has another comment."""
    models = tmp_path / "models"
    shutil.copytree(models_folder(), models)
    monkeypatch.setattr("releasesim.cards.folder.models_folder", lambda: models)
    sweep = {"vary": {"formulation.polymer": ["pva", "hpc"]}}
    first = Study.from_dict({**METOPROLOL, "sweep": sweep}).hash
    card = models / f"{change}.toml"
    card.write_text(card.read_text() + "\n# looked at again\n")
    assert Study.from_dict({**METOPROLOL, "sweep": sweep}).hash != first


def test_without_a_patient_no_gene_is_read():
    assert not kinds(Study.load(EXAMPLES / "match_reference.toml"), "gene")

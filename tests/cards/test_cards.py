"""Cards load, keep their sources, and calculate solubility as by hand."""

import json
import math
import pickle

import numpy as np
import pytest

from releasesim import physics
from releasesim.cards import (
    FOLDERS,
    Apparatus,
    Drug,
    Polymer,
    Value,
    list_cards,
    load_card,
    models_folder,
    read_bibliography,
)
from releasesim.cards.laws import LAW_OPTIONS, LAW_PARAMETERS
from releasesim.cards.reading import key_lines
from releasesim.errors import CardError

CARDS = [(kind, name) for kind in FOLDERS for name in list_cards(kind)]


@pytest.mark.parametrize(("kind", "name"), CARDS)
def test_every_card_loads_describes_and_survives_json_and_pickle(kind, name):
    card = load_card(kind, name)
    assert (card.kind, card.name, len(card.hash)) == (kind, name, 64)
    text = card.describe()
    assert all(dotted in text for dotted in card.values())
    assert json.loads(json.dumps(card.to_dict()))["values"].keys() == card.values().keys()
    assert pickle.loads(pickle.dumps(card)) == card  # noqa: S301  our own bytes
    assert "\n" not in repr(card)


def test_the_cards_that_were_promised_are_there():
    assert len(list_cards("drugs")) >= 15
    assert len(list_cards("polymers")) >= 16
    assert {"water", "hcl_0_1n", "phosphate_ph6_8", "fassif"} <= set(list_cards("media"))
    assert {"usp1", "usp2", "usp4"} <= set(list_cards("apparatus"))
    assert {"generic_fdm", "generic_powder_extrusion"} <= set(list_cards("printer"))


def test_values_are_floats_in_si_that_know_their_source():
    pva = Polymer.load("pva")
    assert pva.density == pytest.approx(1250.0)
    assert 2 * pva.density == pytest.approx(2500.0)
    assert isinstance(pva.density, Value)
    assert pva.density.range == pytest.approx((1190.0, 1310.0))
    assert pva.nozzle_temperature.range == pytest.approx((443.15, 503.15))
    assert pva.loading_range == (0.01, 0.4)
    assert pva.effective_physics["erosion"].arguments["speed"] == pytest.approx(0.3e-3 / 3600)


def test_description_gives_the_full_source():
    text = Drug.load("levodopa").describe()
    assert "pharmacokinetics.clearance = 30.9 L/h (24.1 L/h to 39.7 L/h), literature" in text
    assert "doi:10.1007/s10928-005-0039-x" in text


def test_diffusivities_in_water_are_square_metres():
    """Wilke-Chang puts paracetamol near 1e-9 m2/s at 37 degC."""
    assert Drug.load("paracetamol").diffusivity_water == pytest.approx(1.03e-9, rel=0.01)


@pytest.mark.parametrize(
    ("name", "pH", "expected"),
    [
        ("prednisolone", 1.0, 0.25),  # neutral
        ("theophylline", 8.7, 20.0),  # acid at its pKa: twice the intrinsic 10
        ("ibuprofen", 5.85, 0.045 * 11),  # acid one unit above pKa 4.85
        ("haloperidol", 7.5, 0.0003 * 11),  # base one unit below pKa 8.5
        ("haloperidol", 1.0, 3.0),  # capped by the chloride
        ("mesalazine", 4.0, 1.0 + 10**-1.7 + 10**-1.7),  # zwitterion, pKa 2.3 and 5.7
        ("levodopa", 9.7, 4.0 * (1 + 10**-7.4 + 10**1.0 + 10**1.0)),  # acids 8.7 and 9.7
        ("carvedilol", 1.2, 0.1),  # chloride below pH 3
        ("carvedilol", 4.5, 1.0),  # phosphate or acetate
    ],
)
def test_solubility_by_hand(name, pH, expected):
    """PHYSICS 5: S0 (1 + 10^(pH - pKa)) for an acid, turned for a base, capped by the salt."""
    expected = min(expected, 60.0) if name == "levodopa" else expected
    assert Drug.load(name).solubility(pH) == pytest.approx(expected, rel=1e-9)


def test_solubility_of_an_array_falls_for_a_base():
    pH = np.linspace(3.5, 12, 40)
    solubility = Drug.load("carvedilol").solubility(pH)
    assert solubility.shape == pH.shape
    assert (np.diff(solubility) <= 0).all()
    assert solubility[-1] == pytest.approx(0.003, rel=1e-3)


def test_warfarin_reference_chain():
    """PHYSICS 12: clearance 0.133 L/h and volume 8.1 L, 70 kg."""
    kinetics = Drug.load("warfarin").pharmacokinetics
    half_life = math.log(2) * kinetics.volume_of_distribution / kinetics.clearance
    assert half_life / 3600 == pytest.approx(42.2, abs=0.1)


def test_a_card_without_pharmacokinetics_holds_none():
    assert Drug.load("fluorescein").pharmacokinetics.clearance is None


def test_paddle_card_carries_the_measured_film_range():
    """Langrish 2021: 0.222e-5 to 3.45e-5 m/s."""
    assert Apparatus.load("usp2").film_coefficient.range == pytest.approx((2.22e-6, 3.45e-5))
    assert Apparatus.load("usp2").speed == pytest.approx(50 * 2 * math.pi / 60)


def test_unknown_card_names_those_there_are():
    with pytest.raises(CardError) as caught:
        Polymer.load("pvaa")
    message = str(caught.value)
    assert message.startswith("no polymers card 'pvaa'; there are ethylcellulose, ")
    assert message.endswith("did you mean 'pva'?")


def test_unknown_kind_is_refused():
    with pytest.raises(CardError, match=r"no kind of card 'polymr'.*did you mean 'polymer'"):
        load_card("polymr", "pva")


@pytest.mark.parametrize("name", list_cards("polymers"))
def test_laws_of_cards_are_laws_of_physics(name):
    """Every law a card proposes can be made, with the parameters the card gives."""
    polymer = Polymer.load(name)
    for laws in (polymer.default_physics, polymer.effective_physics):
        for slot, spec in laws.items():
            made = physics.law(slot, spec.law, **spec.arguments)
            assert type(made).__name__ == spec.law


def test_law_table_agrees_with_physics():
    """Cards import no physics, so their table of laws is compared here."""
    for slot, laws in LAW_PARAMETERS.items():
        assert set(laws) == set(physics.LAWS[slot])
        for law, units in laws.items():
            theirs = dict(physics.parameter_units(physics.LAWS[slot][law]))
            for option in LAW_OPTIONS.get(law, {}):
                theirs.pop(option, None)
            assert units == theirs, law


def test_bibliography_is_read_whole():
    references = read_bibliography(models_folder() / "references.bib")
    assert references["lippold1999"].text.endswith("Eur. J. Pharm. Biopharm. 47:27-32")
    assert "Müllertz" in references["markl2017"].text
    assert not any(set("{}") & set(reference.text) for reference in references.values())


def test_key_lines_finds_tables_arrays_and_keys():
    head = 'kind = "drug"\n\n[density]  # true\nvalue = 1\n'
    text = head + "[[salts]]\nvalue = 2\n[[salts]]\nvalue = 3\n"
    lines = key_lines(text)
    assert (lines["kind"], lines["density"], lines["density.value"]) == (1, 3, 4)
    assert (lines["salts.1.value"], lines["salts.2.value"]) == (6, 8)

"""Genes, clearance, dose and the gate, against published values and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.cards import Drug, Gene, Therapy, list_cards
from releasesim.errors import CardError, InputError, RefusedError
from releasesim.patient import Patient
from releasesim.patient.person import creatinine_clearance
from releasesim.study import PatientSpec, Study, refuse_forbidden
from releasesim.study.biomarkers import check

YEAR = 365.25 * 86400.0
LITRE_HOUR = 1e-3 / 3600.0
ML_MIN = 1e-6 / 60.0

# Hamberg 2007, Table 2, 71 y [L/h]
WARFARIN = {
    "*1/*1": 0.314,
    "*1/*2": 0.215,
    "*1/*3": 0.172,
    "*2/*2": 0.087,
    "*2/*3": 0.097,
    "*3/*3": 0.046,
}


def person(drug, **what):
    return Patient.of(PatientSpec(**what), Drug.load(drug))


def rate(patient):
    return float(patient.body.clearance) / LITRE_HOUR


@pytest.mark.parametrize("diplotype", WARFARIN)
def test_warfarin_by_cyp2c9(diplotype):
    found = person("s_warfarin", age=71 * YEAR, weight=80.0, genotype={"CYP2C9": diplotype})
    assert rate(found) == pytest.approx(WARFARIN[diplotype], rel=1e-9)
    assert "hamberg2007" in found.words[0]


def test_the_order_of_alleles_does_not_matter():
    found = person("s_warfarin", age=71 * YEAR, weight=80.0, genotype={"CYP2C9": "*3/*1"})
    assert rate(found) == pytest.approx(0.172)


def test_a_diplotype_that_was_not_measured_takes_the_formula():
    """*1/*5: activity 1.5 of 2, fm 0.9: 0.314 (1 - 0.9 + 0.9 * 0.75)."""
    found = person("s_warfarin", age=71 * YEAR, weight=80.0, genotype={"CYP2C9": "*1/*5"})
    assert rate(found) == pytest.approx(0.314 * (1 - 0.9 + 0.9 * 0.75))


def test_warfarin_slows_with_age_and_grows_with_weight():
    """Hamberg 2007: 0.91 % a year; allometry to the power 3/4."""
    found = person("s_warfarin", age=81 * YEAR, weight=40.0)
    assert rate(found) == pytest.approx(0.314 * (1 - 0.091) * 0.5**0.75)
    assert found.body.volume == pytest.approx(13.8e-3 * 0.5)


def test_metoprolol_goes_through_the_well_stirred_liver():
    """By hand: E 0.5, 8 % renal, fm 0.83, activity 0: CLint x 0.17, E' = 0.17/1.17."""
    normal = person("metoprolol", weight=70.0, genotype={"CYP2D6": "*1/*1"})
    slow = person("metoprolol", weight=70.0, genotype={"CYP2D6": "*4/*4"})
    assert rate(normal) == pytest.approx(48.0)
    extraction = 0.17 / 1.17
    flow = 0.92 * 48.0 / 0.5
    assert rate(slow) == pytest.approx(flow * extraction + 0.08 * 48.0)
    assert slow.body.bioavailability == pytest.approx(0.5 * (1 - extraction) / 0.5)
    oral = [rate(one) / one.body.bioavailability for one in (normal, slow)]
    # Blake 2013: area under the curve 4.9-fold, apparent oral clearance 5.9-fold
    assert 4.4 < oral[0] / oral[1] < 6.5


def test_isoniazid_takes_the_measured_clearance_of_a_phenotype():
    """Seng 2015, 63 kg: 65, 35 and 8 L/h."""
    clearances = {"*4/*4": 65.0, "*4/*5": 35.0, "*5/*6": 8.0}
    for diplotype, clearance in clearances.items():
        found = person("isoniazid", weight=63.0, genotype={"NAT2": diplotype})
        assert rate(found) == pytest.approx(clearance)


def test_dose_is_clearance_times_area_over_bioavailability():
    """Donald 2007: 10.52 mg h/L kills nine tenths; a slow acetylator of 63 kg needs 84 mg."""
    slow = person("isoniazid", weight=63.0, genotype={"NAT2": "*5/*5"})
    assert slow.dose_for(10.52e-3 * 3600) == pytest.approx(84.16e-6, rel=1e-3)


def test_kidney_moves_the_renal_share_alone():
    healthy = person("metformin", weight=70.0, creatinine_clearance=110 * ML_MIN)
    failing = person("metformin", weight=70.0, creatinine_clearance=27.5 * ML_MIN)
    assert rate(failing) / rate(healthy) == pytest.approx(0.25 + 0.75 * 0.25)


def test_cockcroft_gault_and_the_body_surface():
    """Man of 61 y, 72 kg, 1 mg/dL: (140 - 61) 72/72 = 79 mL/min; a woman 0.85 of it."""
    man = PatientSpec(weight=72.0, age=61 * YEAR, sex="male", serum_creatinine=0.01)
    assert creatinine_clearance(man) == pytest.approx(79 * ML_MIN)
    woman = PatientSpec(weight=72.0, age=61 * YEAR, sex="female", serum_creatinine=0.01)
    assert creatinine_clearance(woman) == pytest.approx(0.85 * 79 * ML_MIN)
    # Mosteller: 180 cm, 80 kg: 2 m2
    large = PatientSpec(weight=80.0, height=1.8, egfr=90 * ML_MIN)
    assert creatinine_clearance(large) == pytest.approx(90 * 2 / 1.73 * ML_MIN)


def test_smoking_and_inhibitors_act_on_theophylline():
    plain = person("theophylline", weight=70.0)
    smoker = person("theophylline", weight=70.0, smoking=True)
    assert rate(smoker) / rate(plain) == pytest.approx(1.7)
    inhibited = person("theophylline", weight=70.0, comedication=("fluvoxamine",))
    assert rate(inhibited) / rate(plain) == pytest.approx(1 - 0.75 * 0.9)
    assert any("fluvoxamine" in words for words in inhibited.words)


def test_a_strong_inhibitor_makes_a_normal_metaboliser_nearly_a_poor_one():
    plain = person("metoprolol", weight=70.0, genotype={"CYP2D6": "*1/*1"})
    taken = person(
        "metoprolol", weight=70.0, genotype={"CYP2D6": "*1/*1"}, comedication=("paroxetine",)
    )
    poor = person("metoprolol", weight=70.0, genotype={"CYP2D6": "*4/*4"})
    assert rate(poor) < rate(taken) < 0.6 * rate(plain)


def test_people_are_spread_about_the_typical():
    found = person("metoprolol", weight=70.0)
    drawn = found.draw(20000, 3)
    value, low, high = found.band("clearance")
    inside = (drawn.clearance >= low) & (drawn.clearance <= high)
    assert inside.mean() == pytest.approx(0.9, abs=0.01)
    assert np.median(drawn.clearance) == pytest.approx(value, rel=0.02)
    assert drawn.bioavailability.max() <= 1.0
    assert (drawn.clearance == found.draw(20000, 3).clearance).all()


@pytest.mark.parametrize(
    ("genotype", "message"),
    [
        ({"CYP2D6": "*1/*22"}, "indeterminate: the function of *22 is not known"),
        ({"CYP2D6": "*1/*999"}, "there is no allele *999 in the table of 2024-03-25"),
        ({"CYP2D6": "*2xN/*1"}, "indeterminate: how many copies?"),
        ({"CYP2D6": "*1x≥3/*4"}, "indeterminate: how many copies?"),
        ({"CYP2D6": "*1/*1x0"}, "no copy at all is an allele of its own"),
        ({"CYP2D6": "*36+*10/*1"}, "no tandem such as *36+*10"),
        ({"CYP2D6": "1/4"}, "there is no allele 1 in the table"),
        ({"CYP2D6": "*1/*4.001"}, "and 53 more"),
        ({"CYP2D6": "*1"}, "write two alleles"),
        ({"CYP1A2": "*1/*1F"}, "no accepted function for its alleles"),
        ({"CYP3A4": "*1/*22"}, "no accepted function for its alleles"),
        ({"VKORC1": "GG"}, "gene VKORC1 has no card with accepted functions"),
        ({"NAT2": "*4/*10"}, "is indeterminate"),
        ({"CYP2C19": "*2x2/*1"}, "copies of *2 have no accepted function"),
    ],
)
def test_genotypes_that_are_refused(genotype, message):
    with pytest.raises(InputError) as caught:
        person("metoprolol", weight=70.0, genotype=genotype)
    assert message in str(caught.value)
    assert caught.value.exit_code == 3


def test_names_are_read_however_they_are_written():
    """What a capital or a blank hides would change nothing, in silence."""
    plain = person("metoprolol", genotype={"CYP2D6": "*1/*4"}, comedication=("paroxetine",))
    for gene, diplotype, drug in (
        ("cyp2d6", " *1 / *4 ", "Paroxetine"),
        ("Cyp2D6", "*4/*1", " PAROXETINE "),
    ):
        found = person("metoprolol", genotype={gene: diplotype}, comedication=(drug,))
        assert rate(found) == pytest.approx(rate(plain), rel=1e-12)
    named, lower = (person("metoprolol", inhibitors={g: "strong"}) for g in ("CYP2D6", "cyp2d6"))
    assert rate(lower) == rate(named) < rate(person("metoprolol"))
    with pytest.raises(InputError, match="CYP2D6 is given twice"):
        person("metoprolol", genotype={"CYP2D6": "*1/*4", "cyp2d6": "*1/*1"})


def test_copies_count_however_they_are_written():
    """*2 has activity 1: two copies and *4 make 2, as *1/*1."""
    normal = rate(person("metoprolol", genotype={"CYP2D6": "*1/*1"}))
    for diplotype in ("*2x2/*4", "*2X2/*4", "*4/*2×2"):
        assert rate(person("metoprolol", genotype={"CYP2D6": diplotype})) == normal


def test_scaling_says_where_it_ends():
    infant = person("metformin", age=0.0, weight=3.0)
    assert any("mature until two years" in words for words in infant.words)
    assert any("mature until" in words for words in person("metformin", weight=3.0).words)
    assert not any(
        "mature" in words for words in person("metformin", age=5 * YEAR, weight=18.0).words
    )
    child = person("metformin", age=9 * YEAR, weight=30.0, sex="male", serum_creatinine=6e-3)
    assert any("Cockcroft and Gault is for adults" in words for words in child.words)
    none = person("metformin", creatinine_clearance=0.0)
    card = Drug.load("metformin").pharmacokinetics
    share = 1.0 - float(card.renal_share)
    assert rate(none) == pytest.approx(float(card.clearance) * share / LITRE_HOUR)


def test_a_phenotype_without_clearance_is_refused_where_it_matters():
    with pytest.raises(InputError, match="no clearance is known for CYP2C19"):
        person("lansoprazole", weight=70.0, genotype={"CYP2C19": "*1/*17"})


def test_a_gene_that_the_drug_does_not_care_for_is_said():
    found = person("warfarin", weight=70.0, genotype={"CYP2C9": "*3/*3"})
    assert any("is left out" in words for words in found.words)
    assert any('take drug = "s_warfarin"' in words for words in found.notices)
    assert person("metoprolol", genotype={"CYP2D6": "*1/*1", "CYP2C9": "*3/*3"}).notices == ()


@pytest.mark.parametrize(
    ("drug", "said"),
    [
        ("metoprolol", "no genotype of CYP2D6 is given: clearance as on the card of metoprolol"),
        ("s_warfarin", "CYP2C9 makes 90% of it"),
        ("isoniazid", "no genotype of NAT2 is given"),
        ("metformin", "the kidney's function is not given"),
    ],
)
def test_a_person_of_whom_nothing_is_said_is_told_of(drug, said):
    assert any(said in words for words in person(drug, weight=70.0).notices)


def test_a_gene_that_no_study_can_give_is_not_asked_for():
    """CYP1A2 makes most of theophylline's clearance, and its alleles have no accepted function."""
    assert person("theophylline", weight=70.0).notices == ()


@pytest.mark.parametrize("name", ["rifampin", "Rifampicin", "carbamazepine"])
def test_comedication_that_no_card_knows_is_not_in_the_prediction(name):
    genotype = {"CYP2D6": "*1/*1"}
    (said,) = person("metoprolol", genotype=genotype, comedication=(name,)).notices
    assert f"comedication {name.lower()} is NOT in the prediction" in said
    assert "patient.inducers" in said


def test_a_filtration_rate_that_cannot_be_scaled_is_said():
    rate = 90 * ML_MIN
    whole = person("metformin", weight=80.0, height=1.8, egfr=rate)
    assert whole.notices == ()
    (said,) = person("metformin", weight=80.0, egfr=rate).notices
    assert "without height it cannot be scaled from 1.73 m2" in said


def test_a_creatinine_clearance_that_nobody_has_is_refused():
    """(140 - 20) 120/(72 * 0.3) = 667 mL/min."""
    with pytest.raises(InputError, match=r"667 mL/min .* 400 at most"):
        person("metformin", weight=120.0, age=20 * YEAR, sex="male", serum_creatinine=0.003)


ADULT = {"weight": "70 kg", "age": "60 y", "sex": "male"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1.1 mg/L", r"is 0.11 mg/dL, and must be 0.2 to 30 mg/dL: was mg/dL meant\?"),
        ("1.1 umol/L", r"is 0.0124 mg/dL.*was mg/dL meant\?"),
        ("97 mg/dL", r"is 97 mg/dL.*was umol/L meant\?"),
        ("97 mL/min", "concentration"),
        (1.1, "unit"),
    ],
)
def test_slips_in_the_unit_of_creatinine_are_refused(text, said):
    with pytest.raises(InputError, match=said):
        study("metformin", **ADULT, serum_creatinine=text)


def test_creatinine_by_amount_is_that_by_mass():
    """113.12 g/mol: 97 umol/L are 1.097 mg/dL."""
    for text in ("97 umol/L", "0.097 mmol/L", "1.097264 mg/dL"):
        made = study("metformin", **ADULT, serum_creatinine=text)
        assert made.patient.serum_creatinine == pytest.approx(1.097264e-2)
        again = Study.from_dict(made.to_data())
        assert again.patient.serum_creatinine == pytest.approx(1.097264e-2)


def test_what_a_card_has_no_number_for_is_said():
    found = person("theophylline", weight=70.0, creatinine_clearance=40 * ML_MIN)
    assert any("the kidney is left out" in words for words in found.words)
    found = person("metoprolol", weight=70.0, smoking=True)
    assert any("smoking is left out" in words for words in found.words)


def test_a_drug_without_pharmacokinetics_is_refused():
    with pytest.raises(InputError, match="the card of fluorescein has no clearance"):
        person("fluorescein", weight=70.0)


@pytest.mark.parametrize(
    ("gene", "diplotype", "phenotype"),
    [
        # PharmCAT 2025-11-05 and 2024-03-25, rows that were read
        ("cyp2d6", "*1/*4", "intermediate metaboliser"),
        ("cyp2d6", "*1/*9", "normal metaboliser"),
        ("cyp2d6", "*1/*10", "normal metaboliser"),
        ("cyp2d6", "*1/*1x2", "ultrarapid metaboliser"),
        ("cyp2c9", "*1/*2", "intermediate metaboliser"),
        ("cyp2c9", "*1/*9", "normal metaboliser"),
        ("cyp2c19", "*1/*17", "rapid metaboliser"),
        ("cyp2c19", "*2/*9", "likely poor metaboliser"),
        ("cyp3a5", "*1/*3", "intermediate metaboliser"),
        ("slco1b1", "*1/*5", "decreased function"),
        ("slco1b1", "*1/*14", "normal function"),
        ("tpmt", "*1/*3A", "intermediate metaboliser"),
        ("nat2", "*5/*6", "poor metaboliser"),
        ("ugt1a1", "*28/*36", "intermediate metaboliser"),
        ("ugt1a1", "*80+*28/*80+*37", "poor metaboliser"),
    ],
)
def test_phenotypes_of_the_consortium(gene, diplotype, phenotype):
    assert Gene.load(gene).genotype(diplotype).phenotype == phenotype


@pytest.mark.parametrize("name", list_cards("gene"))
def test_every_gene_says_its_source_and_date(name):
    gene = Gene.load(name)
    assert gene.reason if gene.scheme == "none" else gene.date >= "2024-03-25"
    assert gene.describe()


def study(drug, **patient):
    data = {
        "tablet": {"shape": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}},
        "formulation": {"drug": drug, "polymer": "pva", "drug_loading": "20 %"},
        "patient": patient,
    }
    return Study.from_dict(data)


@pytest.mark.parametrize(
    ("biomarkers", "said"),
    [({"HLA-B*57:01": "positive"}, "is positive"), ({}, "is not known")],
)
def test_abacavir_is_refused_unless_the_test_is_negative(biomarkers, said):
    with pytest.raises(InputError) as caught:
        refuse_forbidden(study("abacavir", biomarkers=biomarkers))
    assert f"HLA-B*57:01 {said} and must be negative" in str(caught.value)
    assert caught.value.exit_code == 3
    refuse_forbidden(study("abacavir", biomarkers={"HLA-B*57:01": "negative"}))


NEGATIVE = {"HLA-B*57:01": "negative"}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {"biomarkers": {"HLA-B*57:01": "positive", "hla-b*57:01": "negative"}},
            r"HLA-B\*57:01 is given twice, as hla-b\*57:01 too",
        ),
        ({"biomarkers": {**NEGATIVE, "HLA-B*5701": "neg"}}, r"given twice, as HLA-B\*5701 too"),
        ({"biomarkers": {**NEGATIVE, "HLA-B*57:01:01": "positive"}}, "contradicts itself"),
        (
            {"biomarkers": NEGATIVE, "genotype": {"HLA-B": "*57:01/*07:02"}},
            r'contradicts itself: biomarkers "HLA-B\*57:01" = "negative" and genotype "HLA-B" = ',
        ),
        ({"genotype": {"hla-b": "HLA-B*07:02/HLA-B*57:01:01"}}, "is positive and must be negative"),
        ({"genotype": {"HLA-B": "07:02 / 5701"}}, "is positive and must be negative"),
        ({"genotype": {"HLA-B": "*07:02/*08:01"}}, "is not known and must be negative"),
    ],
)
def test_contradictory_results_do_not_pass_the_gate(told, said):
    with pytest.raises(RefusedError, match=said):
        refuse_forbidden(study("abacavir", **told))


def test_a_genotype_without_the_allele_beside_a_negative_test_passes():
    refuse_forbidden(study("abacavir", biomarkers=NEGATIVE, genotype={"HLA-B": "*57:03/*07:02"}))


def test_two_results_of_one_biomarker_are_refused_whatever_the_drug():
    twice = {"KRAS": "mutated", "Kras ": "wild type"}
    with pytest.raises(RefusedError, match="KRAS is given twice"):
        refuse_forbidden(study("metoprolol", biomarkers=twice))


@pytest.mark.parametrize(
    ("name", "biomarkers", "allowed"),
    [
        ("trastuzumab", {"HER2": "positive"}, True),
        ("trastuzumab", {"HER2": "negative"}, False),
        ("cetuximab", {"KRAS": "wild type"}, True),
        ("panitumumab", {"KRAS": "mutated"}, False),
        ("panitumumab", {}, False),
    ],
)
def test_therapies_that_need_a_biomarker(name, biomarkers, allowed):
    therapy, patient = Therapy.load(name), PatientSpec(biomarkers=biomarkers)
    if allowed:
        check(therapy.title, therapy.biomarkers, patient)
        return
    with pytest.raises(InputError, match="is refused"):
        check(therapy.title, therapy.biomarkers, patient)
    taken = study("metoprolol", biomarkers=biomarkers, comedication=[name])
    with pytest.raises(InputError, match="comedication"):
        refuse_forbidden(taken)


def test_a_therapy_is_no_drug_to_print():
    with pytest.raises(CardError, match="trastuzumab cannot be printed"):
        Drug.load("trastuzumab")


def test_the_gate_knows_names_in_any_letters():
    drug = Drug.load("abacavir")
    check(drug.title, drug.biomarkers, PatientSpec(biomarkers={" hla-b*57:01": " Negative "}))
    with pytest.raises(InputError, match="is POS and must be negative"):
        check(drug.title, drug.biomarkers, PatientSpec(biomarkers={"HLA-b*57:01": "POS"}))
    study = Study.from_dict(
        {
            "tablet": {"shape": {"kind": "sphere", "diameter": "5 mm"}},
            "formulation": {"drug": "metoprolol", "polymer": "pva", "drug_loading": "10 %"},
            "patient": {"comedication": ["Trastuzumab"]},
        }
    )
    with pytest.raises(InputError, match="HER2"):
        refuse_forbidden(study)

"""Dotted names that lead to the patient."""

from __future__ import annotations

from pathlib import Path

import pytest

from releasesim.errors import InputError
from releasesim.study import Study

FULL = Path(__file__).parents[2] / "examples" / "full_study.toml"


@pytest.fixture(scope="module")
def study():
    return Study.load(FULL)


def test_patient_is_reached_by_dotted_names(study):
    assert study.get("patient.weight") == 82.0
    assert study.get("patient.genotype.CYP2D6") == "*1/*4"
    assert study.get("patient.biomarkers.HLA-B*57:01") == "negative"
    light = study.replace("patient.weight", "60 kg")
    assert light.patient.weight == 60.0
    slow = study.replace("patient.genotype.CYP2D6", "*4/*4")
    assert slow.patient.genotype == {"CYP2D6": "*4/*4", "CYP2C9": "*1/*3"}
    assert slow.hash != study.hash


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("patient.weight", "60 h", "needs a mass"),
        ("patient.genotype.CYP2D6", 3, "a diplotype in quotes"),
        ("patient.genotype.CYP9", "*1/*1", 'no parameter "patient.genotype.CYP9"'),
        ("patient.wight", "60 kg", 'did you mean "patient.weight"'),
    ],
)
def test_what_the_patient_cannot_hold_is_refused(study, name, value, words):
    with pytest.raises(InputError) as caught:
        study.replace(name, value)
    assert words in str(caught.value)

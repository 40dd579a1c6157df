"""The published JSON Schema is current, and accepts what the reader accepts."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

import releasesim.study
from releasesim.study import study_schema

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("*.toml"))
FILE = Path(releasesim.study.__file__).parent / "study.schema.json"


def test_the_file_is_current():
    assert json.loads(FILE.read_text(encoding="utf-8")) == study_schema()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_accepts_the_examples(path):
    jsonschema.validate(tomllib.loads(path.read_text(encoding="utf-8")), study_schema())


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("tablet", "walls"), "2"),
        (("tablet", "shape", "diameter"), "10mm"),
        (("tablet", "shape", "kind"), "pyramid"),
        (("run", "untill"), "1 h"),
        (("formulation", "drug"), 7),
    ],
)
def test_refuses_what_an_editor_can_see(keys, value):
    text = (EXAMPLES[0].parent / "full_study.toml").read_text(encoding="utf-8")
    data = copy.deepcopy(tomllib.loads(text))
    table = data
    for key in keys[:-1]:
        table = table[key]
    table[keys[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, study_schema())

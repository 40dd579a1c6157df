"""One run of a sweep: the study changed, simulated, measured."""

from __future__ import annotations

import csv

import pytest

from releasesim.errors import InputError
from releasesim.study import Study
from releasesim.workflows.sweeping import Runs, sweep, write_sweep
from releasesim.workflows.sweeping import runs as module

TABLET = {
    "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
    "formulation": {"drug": "metoprolol", "polymer": "hpmc_k4m", "drug_loading": "15 %"},
    "physics": {"erosion": {"law": "ConstantFront", "speed": "0.4 mm/h"}},
    "run": {"until": "12 h"},
    "patient": {"weight": "70 kg", "age": "54 y", "genotype": {"CYP2D6": "*1/*1"}},
    "target": {"plasma": {"low": "25 ng/mL", "high": "100 ng/mL", "dose_every": "12 h"}},
}
PEOPLE = {
    "plan": "population",
    "samples": 4,
    "measures": ["auc", "cmax", "tmax", "time_in_window"],
    "vary": {"patient.genotype.CYP2D6": {"shares": {"*1/*1": "50 %", "*4/*4": "50 %"}}},
}


def test_patients_share_one_simulation_and_differ_in_plasma(monkeypatch):
    """At steady state AUC over an interval is F dose/CL: the poor metaboliser has more of it."""
    runs = Runs(Study.from_dict({**TABLET, "sweep": PEOPLE}))
    counted = []
    from releasesim import simulation

    once = simulation.simulate
    monkeypatch.setattr(simulation, "simulate", lambda study: counted.append(1) or once(study))
    normal = runs({"patient.genotype.CYP2D6": "*1/*1"})
    slow = runs({"patient.genotype.CYP2D6": "*4/*4"})
    assert len(counted) == 1
    assert set(normal) == {"auc_kg_s_m3", "cmax_kg_m3", "tmax_s", "time_in_window"}
    assert slow["auc_kg_s_m3"] > 2.0 * normal["auc_kg_s_m3"]
    assert slow["cmax_kg_m3"] > normal["cmax_kg_m3"]
    assert 0.0 <= slow["time_in_window"] <= 1.0


@pytest.mark.parametrize(
    ("without", "measure", "words"),
    [
        ("patient", "cmax", r"needs a \[patient\]"),
        ("target", "f2", r"needs a \[target\]"),
        ("", "released 20 h", "the run ends before"),
    ],
)
def test_a_measure_without_what_it_needs_is_refused(without, measure, words):
    data = {key: value for key, value in TABLET.items() if key not in (without, "target")}
    vary = {"shape.diameter": ["7 mm", "8 mm"]}
    data["sweep"] = {"measures": [measure], "vary": vary}
    with pytest.raises(InputError, match=words):
        Runs(Study.from_dict(data))


def test_walls_are_set_after_what_they_must_fit():
    printed = {
        "shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"},
        "infill": {"pattern": "grid", "density": "30 %"},
        "walls": 4,
    }
    study = Study.from_dict({**TABLET, "tablet": printed})
    made = module.with_changes(study, {"walls": 1, "shape.diameter": 3e-3})
    assert made.tablet.walls == 1
    assert made.tablet.shape.diameter == 3e-3


def test_comedication_is_a_drug_or_a_list_of_drugs(tmp_path):
    """Paroxetine, a strong inhibitor of CYP2D6, was read letter by letter and changed nothing."""
    choices = [[], "aspirin", "paroxetine", ["aspirin", "paroxetine"]]
    swept = {"measures": ["cmax"], "vary": {"patient.comedication": choices}}
    study = Study.from_dict({**TABLET, "sweep": swept})
    found = sweep(study, tmp_path / "out")
    none, aspirin, strong, both = found.measures["cmax_kg_m3"]
    assert none == aspirin
    assert strong == both > 1.5 * none
    write_sweep(study, found, tmp_path / "out")
    with (tmp_path / "out" / "sweep.csv").open(newline="") as lines:
        cells = [row["patient.comedication"] for row in csv.DictReader(lines)]
    assert cells == ["none", "aspirin", "paroxetine", "aspirin + paroxetine"]
    again = Study.from_dict(study.to_data())
    assert again.sweep == study.sweep
    assert study.replace("patient.comedication", "paroxetine").patient.comedication == (
        "paroxetine",
    )


@pytest.mark.parametrize(
    ("name", "choices", "words"),
    [
        ("patient.comedication", [["paroxetine"], 3.0], 'must be a drug in quotes: "..."'),
        ("patient.comedication", ["paroxetine", ""], "must not be empty"),
        ("patient.genotype.CYP2D6", [["*1/*1", "*4/*4"]], "is a list, and .* holds one value"),
        ("erosion.speed", [["1 mm/h", "2 mm/h"]], "is a list, and .* holds one value"),
        ("patient.weight", [["50 kg"]], "is a list, and .* holds one value"),
    ],
)
def test_choices_that_a_name_cannot_hold_are_refused(name, choices, words):
    with pytest.raises(InputError, match=words):
        Study.from_dict({**TABLET, "sweep": {"vary": {name: choices}}})

"""[target.NAME] and design.doses: what is wanted of each drug of several."""

from __future__ import annotations

import copy
import dataclasses

import polypills
import pytest
import workbooks

from releasesim.errors import InputError
from releasesim.study import Study

WINDOW = {"low": "1 mg/L", "high": "2 mg/L", "dose_every": "12 h"}
TARGETS = {
    "theophylline": {"shape": {"kind": "first_order", "rate": "0.5 1/h"}, "accept": {"f2": 60}},
    "caffeine": {"points": [["0 h", "0 %"], ["4 h", "80 %"]]},
}


def data(**target):
    wanted = copy.deepcopy(TARGETS) | target
    doses = {"theophylline": "20 mg", "caffeine": "9 mg"}
    return polypills.mixture() | {"target": wanted, "design": {"doses": doses}}


def test_each_drug_has_its_own():
    study = Study.from_dict(data())
    assert set(study.target.drugs) == set(polypills.DRUGS)
    assert study.target.curve is None
    alone = study.for_drug("caffeine")
    assert alone.target.curve.at(2 * 3600.0) == pytest.approx(0.4)
    assert alone.design.dose == pytest.approx(9e-6)
    assert study.for_drug("theophylline").target.accept_f2 == 60.0


def test_what_is_written_is_read_again():
    study = Study.from_dict(data())
    again = Study.from_dict(study.to_data())
    assert again.hash == study.hash
    assert again.target == study.target
    assert again.design == study.design


def test_measured_curves_lie_beside_the_study(tmp_path):
    (tmp_path / "wanted.csv").write_text(
        "Time [h],Release [%]\n1,20\n2,40\n4,80\n", encoding="utf-8"
    )
    study = Study.from_dict(data(caffeine={"curve": "wanted.csv"}), tmp_path)
    assert study.target.drugs["caffeine"].curve.fraction.tolist() == [0.2, 0.4, 0.8]
    (tmp_path / "there").mkdir()
    study = dataclasses.replace(study, path=tmp_path / "study.toml")
    study.write(tmp_path / "there" / "study.toml")
    moved = Study.load(tmp_path / "there" / "study.toml")
    assert moved.target.drugs["caffeine"].curve_file == "../wanted.csv"


def of_one_drug(**target):
    one = polypills.mixture() | {"patient": {"weight": "70 kg"}, "target": target}
    loaded = {"drug": "theophylline", "polymer": "pva", "drug_loading": "10 %"}
    return one | {"formulation": loaded}


@pytest.mark.parametrize("drugs", [1, 2])
def test_a_course_of_plasma_moves_with_the_study(tmp_path, drugs):
    (tmp_path / "pc.csv").write_text(
        "Time [h],Concentration [mg/L]\n1,2\n4,3\n8,1\n", encoding="utf-8"
    )
    wanted = {"plasma": {"curve": "pc.csv"}}
    made = of_one_drug(**wanted) if drugs == 1 else data(theophylline=wanted)
    study = Study.from_dict(made | {"patient": {"weight": "70 kg"}}, tmp_path)
    study = dataclasses.replace(study, path=tmp_path / "study.toml")
    (tmp_path / "there").mkdir()
    study.write(tmp_path / "there" / "study.toml")
    moved = Study.load(tmp_path / "there" / "study.toml").target
    moved = moved.drugs["theophylline"] if drugs == 2 else moved
    assert moved.plasma.curve_file == "../pc.csv"
    assert moved.plasma.times == (3600.0, 4 * 3600.0, 8 * 3600.0)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"dose_every": "6 h"}, "dose_every.*goes on until 8 h, into the next interval: give one"),
        ({"doses": 3}, "doses.*needs dose_every beside it"),
    ],
)
def test_a_course_lies_within_its_interval(tmp_path, wish, words):
    text = "Time [h],Concentration [mg/L]\n1,2\n4,3\n8,1\n"
    (tmp_path / "pc.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=words):
        Study.from_dict(of_one_drug(plasma={"curve": "pc.csv"} | wish), tmp_path)


def test_a_sheet_of_a_workbook_is_named_after_its_file(tmp_path):
    lot_a = [["Time [h]", "Release [%]"], [1, 20], [2, 40], [4, 80]]
    course = [["Time [h]", "Concentration [mg/L]"], [1, 2], [4, 3], [8, 1]]
    book = workbooks.xlsx(*lot_a, name="Lot A", more={"Plasma": course})
    (tmp_path / "lab.xlsx").write_bytes(book)
    with pytest.raises(InputError, match=r'name one, as in "lab\.xlsx#Lot A"'):
        Study.from_dict(of_one_drug(curve="lab.xlsx"), tmp_path)
    study = Study.from_dict(of_one_drug(curve="lab.xlsx#Lot A"), tmp_path)
    assert study.target.curve.fraction.tolist() == pytest.approx([0.2, 0.4, 0.8])
    study = Study.from_dict(of_one_drug(plasma={"curve": "lab.xlsx#Plasma"}), tmp_path)
    assert study.target.plasma.concentrations == pytest.approx((2e-3, 3e-3, 1e-3))
    with pytest.raises(InputError, match='has no sheet "Lot B"'):
        Study.from_dict(of_one_drug(curve="lab.xlsx#Lot B"), tmp_path)
    with pytest.raises(InputError, match="there is no such file beside the study"):
        Study.from_dict(of_one_drug(curve="lob.xlsx#Lot A"), tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"accept": {"f2": 50}}, "target.accept: cannot stand beside targets of drugs"),
        ({"curvee": "x.csv"}, 'curvee = "x.csv": unknown key; .*did you mean "curve"'),
        ({"cafeine": TARGETS["caffeine"]}, 'target.cafeine: is no drug .*did you mean "caffeine"'),
        ({"caffeine": {"plasma": WINDOW}}, r"target.caffeine.plasma.*: needs a \[patient\]"),
        ({"caffeine": {"accept": {"f2": 50}}}, "target.caffeine: needs exactly one of curve"),
        ({"caffeine": {"pointss": []}}, "unknown key"),
        (
            {"caffeine": {"points": [["0 h", "9 %"], ["1 h", "1 %"]]}},
            "caffeine.points: release can",
        ),
    ],
)
def test_errors_name_the_key(change, words):
    with pytest.raises(InputError, match=words):
        Study.from_dict(data(**change))


def test_a_drug_without_a_target_is_told():
    changed = data()
    del changed["target"]["caffeine"]
    with pytest.raises(InputError, match="and none for caffeine"):
        Study.from_dict(changed)


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ({"dose": "9 mg"}, "design.dose.*is of which drug"),
        ({"dose": "9 mg", "doses": {"caffeine": "9 mg"}}, "design.dose.*cannot stand beside doses"),
        ({"doses": {"cafeine": "9 mg"}}, "design.doses.cafeine.*is no drug of the tablet"),
    ],
)
def test_doses_are_of_drugs(design, words):
    with pytest.raises(InputError, match=words):
        Study.from_dict(data() | {"design": design})


def test_a_limit_of_time_needs_a_printer():
    """Without its speed there is no time to hold against the limit."""
    made = data() | {"design": {"max_print_time": "5 min"}}
    assert Study.from_dict(made | {"printer": "generic_fdm"}).design.max_print_time == 300.0
    with pytest.raises(InputError, match=r"design\.max_print_time.*needs a printer whose card"):
        Study.from_dict(made)


def test_one_drug_has_a_dose_and_no_doses():
    one = polypills.mixture()
    one["formulation"] = {"drug": "caffeine", "polymer": "pva", "drug_loading": "10 %"}
    with pytest.raises(InputError, match=r"design\.doses: is for several drugs"):
        Study.from_dict(one | {"design": {"doses": {"caffeine": "9 mg"}}})

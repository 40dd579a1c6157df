"""Pages need no other file, escape what users write, and say the numbers."""

from __future__ import annotations

import base64
import dataclasses
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import results

from releasesim.curve import ReleaseCurve
from releasesim.report import design_report, refusal_report, release_report
from releasesim.report.account import estimates_table, input_table, origin_rows, references
from releasesim.report.curves import table_times
from releasesim.report.design import setting
from releasesim.report.patient import person_words
from releasesim.simulation import simulate
from releasesim.study import PatientSpec, Study

PNG = b"\x89PNG\r\n\x1a\n not a real one"
VOID = {"meta", "img", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Tags with their attributes, and the text outside of style sheets; checks the nesting."""

    def __init__(self, html):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(html)
        self.close()
        assert not self.open
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def check_alone(html):
    """Fail unless the page loads nothing and runs nothing."""
    page = Page(html)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "a"}
    for _, attrs in page.tags:
        assert not [name for name in attrs if name.startswith("on") or name == "href"]
        assert attrs.get("src", "data:").startswith("data:image/png;base64,") or "src" not in attrs
    assert "url(" not in html
    assert "@import" not in html
    return page


@pytest.fixture(scope="module")
def design():
    return results.design()


@pytest.fixture(scope="module")
def study():
    return results.printed().replace("run.spacing", "0.2 mm")


@pytest.fixture(scope="module")
def release(study):
    return simulate(study)


def test_design_says_everything_that_counts(design):
    pictures = dict.fromkeys(("design", "section", "candidates"), PNG)
    page = check_alone(design_report(design, pictures))
    for words in (
        "Research use only: not for clinical decisions.",
        "The target can be met",
        "A sentence that names what limits",
        f"{design.comparison.f2:.1f}",
        "sphere, diameter 8 mm",
        "Poly(vinyl alcohol)",
        "20 % of the mass",
        f"{1e6 * design.release.dose:.4g} mg",
        f"{1e9 * design.study.tablet.deposited_volume:.4g} mm³",
        "infill.density 31.23 %; shape.diameter 8.1 mm",
        "lost for reason 3",
        "erosion.speed 0.3 mm/h 0.2 to 0.6 mm/h up to 23.4 %",
        "412 tablets on 31 geometries",
        design.release.method[1:],
        design.release.version,
        design.study.hash,
        design.study.cards["polymer pva"],
        "Seed 1",
    ):
        assert words in page.text
    assert sum(tag == "img" for tag, _ in page.tags) == 3
    assert base64.b64encode(PNG).decode() in design_report(design, pictures)


def test_target_stands_beside_prediction(design):
    text = Page(design_report(design)).text
    at = 4 * 3600.0
    target, predicted = (float(c.at(at)) for c in (design.target, design.release.curve))
    row = f"{100 * target:.1f} % 2.0 % {100 * predicted:.1f} % {100 * (predicted - target):+.1f} %"
    assert f"4 {row} yes" in text
    assert "mean of 12 units" in text


def test_unreachable_target_is_said_first(design):
    html = design_report(dataclasses.replace(design, accepted=False))
    assert "The target is out of reach: this is the best there is" in Page(html).text
    assert 'class="verdict no"' in html


def test_unreachable_target_says_what_would_help_before_anything_else():
    text = Page(design_report(results.searched(accepted=False))).text
    reason, remedy, curve = (
        text.index(words)
        for words in ("Not reachable (f2 >= 50)", "Walls = 5 would reach f2 = 61", "Target and pre")
    )
    assert reason < remedy < curve
    assert "No single change" not in text
    alone = dataclasses.replace(results.searched(accepted=False), remedies=(), changes_tried=())
    assert "No change of the tablet was tried" in Page(design_report(alone)).text
    tried = dataclasses.replace(alone, changes_tried=("a wider range", "more or less drug"))
    words = "No single change that was tried: a wider range, more or less drug."
    assert words in Page(design_report(tried)).text
    assert "reachable" not in Page(design_report(results.searched())).text


def test_chance_and_tradeoffs_are_told():
    design = results.searched(0.75)
    page = check_alone(design_report(design, dict.fromkeys(("best", "design", "tradeoffs"), PNG)))
    error = 2.0 * (0.75 * 0.25 / 64) ** 0.5
    assert f"P(f2 >= 50) 75 % ± {100 * error:.0f} %" in page.text
    assert "25 %" in page.text
    assert "64, of erosion.speed" in page.text
    assert "1 pva, grid infill.density 30 % 1.0 % 80.0 300 mg 3 min 65 %" in page.text
    assert "where 90 % of the draws" in page.text
    assert sum(tag == "img" for tag, _ in page.tags) == 3
    assert "chance" not in Page(design_report(results.searched())).text


def test_refusal_gives_its_reason_first():
    bad = results.HOSTILE
    study = dataclasses.replace(
        results.sphere(patient={"weight": "70 kg", "genotype": {"CYP2D6": "*4/*4"}}), title=bad
    )
    page = check_alone(refusal_report(study, "theophylline is refused: because"))
    assert "Research use only" in page.text
    for words in (bad, "70 kg, CYP2D6 *4/*4", study.hash, "20 % theophylline in pva"):
        assert words in page.text
    assert page.text.index("Theophylline is refused: because") < page.text.index("70 kg")


def test_thirty_candidates_have_thirty_rows():
    design = results.design(30)
    text = Page(design_report(design)).text
    assert all(f"lost for reason {i}" in text for i in range(1, 30))


@pytest.mark.parametrize("make", ["release", "design"])
def test_hostile_words_are_only_words(design, make):
    bad = results.HOSTILE
    study = dataclasses.replace(design.study, title=bad)
    release = dataclasses.replace(
        design.release, notices=(bad, "one\ntwo\nthree"), method=bad, cards={bad: bad}, version=bad
    )
    lost = dataclasses.replace(design.candidates[1], reason=bad, polymer=bad, pattern=bad)
    hostile = dataclasses.replace(
        design,
        study=study,
        release=release,
        verdict=bad,
        candidates=(design.candidates[0], lost),
        target=results.measured(release.curve, bad),
    )
    pictures = {'x"><script>alert(2)</script>': PNG}
    page = check_alone(
        design_report(hostile, pictures)
        if make == "design"
        else release_report(release, study, pictures)
    )
    assert bad in page.text


def test_release_report_of_a_print(release, study):
    page = check_alone(release_report(release, study, {"release": PNG, "section": PNG}))
    for words in (
        "Half of the dose is released after",
        "grid, 30 %, lines at 45°",
        "2 walls, 3 roofs, 3 floors",
        "Layer height 0.2 mm",
        "Road width 0.45 mm",
        "ConstantFront: speed 0.3 mm/h",
        "0.2 mm cells",
        "What each could move is worked out when a tablet is designed.",
        *release.notices,
    ):
        assert words in page.text


def test_release_report_judges_by_its_target():
    near = results.sphere(
        target={
            "shape": {"kind": "zero_order", "duration": "16 h"},
            "accept": {"f2": 20, "largest_difference": "90 %"},
        }
    )
    release = simulate(near)
    assert "The target is met" in Page(release_report(release, near)).text
    strict = dataclasses.replace(near.target, accept_largest_difference=1e-6)
    html = release_report(release, dataclasses.replace(near, target=strict))
    assert "The target is missed" in Page(html).text
    assert "(0.0 % or less asked for)" in Page(html).text


def test_target_that_outlasts_the_run_is_a_notice_and_no_crash():
    study = results.sphere(run={"until": "3 h"})
    long = ReleaseCurve(3600.0 * np.array([1, 2, 6]), [0.1, 0.2, 0.9], name="long")
    target = results.sphere(
        target={"shape": {"kind": "zero_order", "duration": "1 h"}, "accept": {"f2": 50}}
    ).target
    study = dataclasses.replace(study, target=dataclasses.replace(target, curve=long))
    page = check_alone(release_report(simulate(study), study))
    assert "'Sphere' ends at 3 h" in page.text


def test_parts_have_a_table_of_their_own():
    study = results.printed(
        region=[
            results.CORE
            | {"formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "30 %"}}
        ]
    )
    release = results.design().release
    text = Page(release_report(release, study)).text
    assert "core 2 30 % theophylline in pva cylinder, diameter 4 mm, height 1.4 mm" in text
    assert "different in each part: see below" in text


def test_no_cards_no_estimates():
    study = results.film()
    page = check_alone(release_report(simulate(study), study))
    assert "None: no number from a card" in page.text
    assert "100 mg/mL" in page.text
    assert "time [d]" in page.text


def test_unknown_errors_are_not_called_small(release, study):
    unknown = dataclasses.replace(release, error_estimate=float("nan"))
    text = Page(release_report(unknown, study)).text
    assert "Numerical error estimate not known; the grid was fixed by the study" in text


@pytest.mark.parametrize("until", [20.0, 3600.0, 86400.0, 28 * 86400.0, 3.15e8])
def test_times_of_the_table_are_few_even_and_inside(until):
    curve = ReleaseCurve([0, until / 2, until], [0, 0.4, 0.9], simulated=True)
    times = table_times(curve)
    assert 2 <= len(times) <= 14
    assert times[-1] == until
    assert np.all(np.diff(times) > 0)
    assert times[0] > 0


def test_fast_release_has_many_rows_before_it_is_complete():
    curve = ReleaseCurve([0, 3600, 86400], [0, 1, 1], simulated=True)
    assert sum(t <= 3600 for t in table_times(curve)) >= 6


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("infill.density", 0.802211234567, "80.22 %"),
        ("shape.diameter", 0.0101234, "10.12 mm"),
        ("walls", 2, "2"),
        ("infill.pattern", "grid", "grid"),
        ("no.such_name", 0.5, "0.5"),
    ],
)
def test_settings_have_units(name, value, words):
    assert setting(results.printed(), name, value) == words


def test_the_same_page_twice(design):
    pictures = {"design": PNG}
    assert design_report(design, pictures) == design_report(design, pictures)
    assert not re.search(r"\bnan\b", Page(design_report(design, pictures)).text)


def test_all_that_is_known_of_a_person_is_said():
    spec = PatientSpec(
        weight=82.0,
        age=61 * 31557600.0,
        height=1.68,
        sex="female",
        creatinine_clearance=64e-6 / 60.0,
        genotype={"CYP2D6": "*1/*4"},
        biomarkers={"HER2": "positive"},
        smoking=False,
        comedication=("fluvoxamine",),
        inhibitors={"CYP3A4": "moderate"},
    )
    assert person_words(spec) == (
        "82 kg, 168 cm, 61 y, female, 64 mL/min of creatinine clearance, does not smoke, CYP2D6 "
        "*1/*4, HER2 positive, takes fluvoxamine, moderate inhibitor of CYP3A4"
    )
    assert person_words(PatientSpec()) == "nothing is known"


def test_pharmacokinetics_of_a_patient_are_named_with_their_grades():
    tables = {
        "tablet": {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"}},
        "formulation": {"drug": "metoprolol", "polymer": "hpc", "drug_loading": "10 %"},
        "physics": {"erosion": {"law": "ConstantFront", "speed": "0.3 mm/h"}},
        "run": {"until": "2 h"},
    }
    study = Study.from_dict({**tables, "patient": {"genotype": {"CYP2D6": "*1/*4"}}})
    release = simulate(study)
    guessed = {row[0] for row in estimates_table(release, study).rows}
    measured = {row[0] for row in input_table(study).rows}
    assert "metoprolol: fm.CYP2D6" in guessed
    assert "metoprolol: clearance" in measured | guessed
    assert not guessed & measured
    kinetics = study.tablet.formulation.drug.pharmacokinetics
    assert any(line.startswith(kinetics.clearance.source) for line in references(study))
    assert "numba" in dict(origin_rows(release, study))["Made with"]
    healthy = estimates_table(release, Study.from_dict(tables))
    assert healthy is None or not any("metoprolol:" in row[0] for row in healthy.rows)

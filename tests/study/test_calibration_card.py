"""A study that names the card of a fit."""

import numpy as np
import pytest

from releasesim.errors import InputError
from releasesim.study import Study

CARD = """
kind = "calibration"
name = "calibration"
title = "batch A"

[physics.diffusion]
law = "ConstantDiffusivity"
D.value = "2e-11 m2/s"
D.range = ["1.8e-11 m2/s", "2.2e-11 m2/s"]
D.grade = "measured"
D.source = "fit: a.csv"

[physics.film]
law = "FilmTransfer"
k.value = "3e-7 m/s"
k.range = ["2e-7 m/s", "5e-7 m/s"]
k.grade = "measured"
k.source = "fit: a.csv"

[set."medium.partition"]
value = 1.5
range = [1.4, 1.6]
grade = "measured"
source = "fit: a.csv"

[covariance]
of = ["diffusion.D", "film.k", "medium.partition"]
logarithms = [[1e-4, -5e-5, 0.0], [-5e-5, 9e-4, 0.0], [0.0, 0.0, 1e-4]]
"""

STUDY = """
calibration = "calibration.toml"
[tablet]
shape = { kind = "sphere", diameter = "8 mm" }
[formulation]
concentration = "100 mg/mL"
"""


def write(folder, card=CARD, study=STUDY):
    (folder / "calibration.toml").write_text(card)
    (folder / "study.toml").write_text(study)
    return folder / "study.toml"


def test_a_study_takes_laws_and_numbers_from_a_calibration(tmp_path):
    study = Study.load(write(tmp_path))
    assert study.physics.diffusion.D == 2e-11
    assert study.physics.film.k == 3e-7
    assert study.bath.partition == 1.5
    assert study.inputs["diffusion.D"].range == (1.8e-11, 2.2e-11)
    assert study.calibration.names == ("diffusion.D", "film.k", "medium.partition")
    assert np.diag(study.calibration.covariance)[1] == 9e-4
    assert "calibration calibration" in study.cards
    assert any(
        "batch A" in notice and "diffusion.D = 2e-11 m2/s" in notice for notice in study.notices
    )


def test_what_the_study_says_stands(tmp_path):
    own = STUDY + '[physics]\nfilm = { law = "FilmTransfer", k = "1e-6 m/s" }\n'
    study = Study.load(write(tmp_path, study=own))
    assert study.physics.film.k == 1e-6
    assert study.physics.diffusion.D == 2e-11
    assert "film.k" not in study.inputs
    assert any("has its own film.k" in notice for notice in study.notices)


def test_a_study_with_a_calibration_is_written_and_read_again(tmp_path):
    study = Study.load(write(tmp_path)).replace("diffusion.D", "3e-11 m2/s")
    (tmp_path / "inside").mkdir()
    study.write(tmp_path / "inside" / "again.toml")
    again = Study.load(tmp_path / "inside" / "again.toml")
    assert again.physics == study.physics
    assert again.bath == study.bath
    assert again.calibration.hash == study.calibration.hash
    assert set(again.inputs) == set(study.inputs) == {"film.k", "medium.partition"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ConstantDiffusivity", "ConstantDifusivity", "physics.diffusion: .*ConstantDiffusivity"),
        ("e-11 m2/s", "e-11 m/s", "must be in m2/s"),
        ('"film.k", "medium', '"film.kk", "medium', "no number of this card"),
        ("9e-4", "-9e-4", "is no covariance"),
        ('kind = "calibration"', 'kind = "polymer"', "is not one of calibration"),
        ('[set."medium.partition"]', '[set."medium.partitio"]', "medium.partition"),
    ],
)
def test_a_card_that_cannot_be_is_refused_in_one_line(tmp_path, old, new, message):
    assert old in CARD
    with pytest.raises(InputError, match=message) as error:
        Study.load(write(tmp_path, CARD.replace(old, new)))
    assert "\n" not in str(error.value)


def test_a_missing_card_is_named_with_its_line(tmp_path):
    path = write(tmp_path)
    (tmp_path / "calibration.toml").unlink()
    with pytest.raises(InputError, match=r"study\.toml:2 calibration = .*no such file"):
        Study.load(path)

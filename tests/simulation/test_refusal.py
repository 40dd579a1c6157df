"""Refusals with file and line, and solves that fail with the parameter to look at."""

import dataclasses

import numpy as np
import pytest

from releasesim.errors import ConvergenceError, InputError, UnsupportedLawError
from releasesim.simulation import simulate
from releasesim.simulation.refusal import suspect
from releasesim.simulation.simulate import Solve
from releasesim.study import Study

HEAD = """\
schema = "releasesim/1"
[tablet]
shape = { kind = "film", area = "1 cm2", thickness = "1 mm" }
[formulation]
concentration = "100 mg/mL"
"""
LAYERS = """\
schema = "releasesim/1"
[tablet]
shape = { kind = "film", area = "1 cm2" }
[[tablet.layer]]
name = "a"
thickness = "0.5 mm"
[[tablet.layer]]
name = "b"
thickness = "0.5 mm"
physics = { erosion = { law = "EntericFront", speed = "1 mm/h" } }
[formulation]
concentration = "100 mg/mL"
[physics]
diffusion = { law = "ConstantDiffusivity", D = "1e-11 m2/s" }
"""


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (
            HEAD + '[physics]\ndiffusion = { law = "ConstantDiffusivity", D = "1e-11 m2/s" }\n'
            'erosion = { law = "EntericFront", speed = "1 mm/h" }\n',
            8,
            "EntericFront needs a pH",
        ),
        (LAYERS, 10, "EntericFront in b needs a pH"),
        (
            HEAD + '[medium]\nvolume = "10 mL"\n'
            'sampling = { every = "30 min", volume = "5 mL", replaced = false }\n'
            '[physics]\ndiffusion = { law = "ConstantDiffusivity", D = "1e-11 m2/s" }\n',
            8,
            "medium.sampling: samples of 5 mL",
        ),
        (
            HEAD + '[physics]\ndissolution = { law = "NoyesWhitney1897", rate = "1e-3 1/s" }\n'
            'diffusion = { law = "ConstantDiffusivity", D = "1e-11 m2/s" }\n',
            7,
            "has no solubility",
        ),
    ],
    ids=["slot", "layer", "medium", "card"],
)
def test_refusals_name_file_and_line(tmp_path, text, line, words):
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        simulate(Study.load(path))
    assert (caught.value.path, caught.value.line) == (path, line)
    assert str(caught.value).startswith(f"{path}:{line} ")
    assert words in str(caught.value)


def test_refusals_without_a_file_have_no_place():
    made = Study.from_dict(
        {
            "tablet": {"shape": {"kind": "sphere", "diameter": "4 mm"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"erosion": {"law": "EntericFront", "speed": "1 mm/h"}},
        }
    )
    with pytest.raises(UnsupportedLawError, match=r"^EntericFront needs a pH"):
        simulate(made)


def steep(beta):
    law = {"law": "ExponentialInConcentration", "D0": "1e-12 m2/s", "beta": beta}
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"diffusion": law},
        }
    )


def test_solves_that_fail_name_the_parameter_to_look_at():
    with pytest.raises(ConvergenceError, match=r"look at physics.diffusion.beta = 600") as caught:
        simulate(steep(600.0))
    assert "\n" not in str(caught.value)
    assert "report" not in str(caught.value)


def test_values_that_are_no_numbers_never_reach_a_curve(monkeypatch):
    found = Solve.to_tolerance

    def broken(self):
        answer = found(self)
        return dataclasses.replace(answer, fraction=np.full_like(answer.fraction, np.nan))

    monkeypatch.setattr(Solve, "to_tolerance", broken)
    with pytest.raises(ConvergenceError, match=r"not numbers: look for a parameter .* usual are"):
        simulate(steep(-80.0))


def test_nothing_is_suspected_of_a_usual_study():
    assert suspect(steep(2.0)) == ""

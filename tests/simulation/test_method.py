"""`Release.method`: what was picked, and why."""

import pytest

from releasesim.simulation import simulate
from releasesim.study import Study

FILM = {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}
DISC = {"kind": "cylinder", "diameter": "5 mm", "height": "2 mm"}
SLOW_CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "2.4 mm", "height": "1.2 mm"},
    "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-17 m2/s"}},
}
MILD_CORE = SLOW_CORE | {
    "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-12 m2/s"}}
}


def method(tablet, medium=None, run=None, **physics):
    physics = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}} | physics
    made = {
        "tablet": tablet,
        "formulation": {"concentration": "100 mg/mL"},
        "medium": medium or {},
        "physics": physics,
        "run": run or {"until": "6 h", "samples": 7, "spacing": "0.2 mm"},
    }
    return simulate(Study.from_dict(made)).method


@pytest.mark.parametrize(
    ("tablet", "words"),
    [
        ({"shape": FILM}, "all modes of a linear problem, at most 300 unknowns; one-dimensional"),
        (
            {"shape": DISC, "region": [MILD_CORE]},
            "Lanczos on the release functional: linear and constant in time",
        ),
        (
            {"shape": DISC, "region": [SLOW_CORE]},
            "shift-invert Krylov with multigrid: conductances differ",
        ),
    ],
)
def test_linear_diffusion(tablet, words):
    assert words in method(tablet)


def test_linear_diffusion_that_an_event_interrupts():
    medium = {"volume": "5 mL", "event": [{"at": "2 h", "replace": "100 %"}]}
    words = method({"shape": FILM}, medium)
    assert words.startswith("RKL2")
    assert "; linear and yet stepped, as samples or events change the bath" in words
    assert "laws coupled" not in words


def test_steps_say_why_they_are_implicit():
    film = {"law": "ExponentialInConcentration", "D0": "1e-10 m2/s", "beta": 3.0}
    assert "where solves cost less than up to" in method({"shape": FILM}, diffusion=film)


def test_explicit_steps_and_what_is_coupled():
    slow = {"law": "ConstantDiffusivity", "D": "1e-14 m2/s"}
    eroding = {"law": "ConstantFront", "speed": "0.1 mm/h"}
    words = method({"shape": FILM}, diffusion=slow, erosion=eroding)
    assert words.startswith("RKL2 with error control, its stages cost less than solves")
    assert words.endswith("laws coupled: drug diffuses while the surface erodes")


def test_pure_erosion():
    eroding = {"erosion": {"law": "ConstantFront", "speed": "0.1 mm/h"}}
    words = method({"shape": DISC}, diffusion={"law": "NoDiffusion"}, **eroding)
    assert words == "parallel bodies, exact (Hopfenberg 1976), as one material only erodes"

"""What a study is solved on: asked for, refused in words, and the same curve."""

from __future__ import annotations

import numpy as np
import pytest

from releasesim.errors import InputError, MissingExtraError, UnsupportedLawError
from releasesim.numerics import gpu
from releasesim.numerics.lanczos import decay
from releasesim.simulation import simulate, simulate_batch
from releasesim.simulation.device import device_of
from releasesim.study import Study

DIFFUSION = {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}

LEAST = {
    "tablet": {"shape": {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"}},
    "formulation": {"concentration": "100 mg/mL"},
    "physics": {"diffusion": DIFFUSION},
}


def study(device, spacing="0.2 mm", **physics):
    """A bath, so that the body is solved on voxels."""
    return Study.from_dict(
        {
            **LEAST,
            "medium": {"volume": "50 mL"},
            "physics": {"diffusion": DIFFUSION, **physics},
            "run": {
                "until": "8 h",
                "samples": 9,
                "device": device,
                **({"spacing": spacing} if spacing else {}),
            },
        }
    )


@pytest.fixture
def no_extra(monkeypatch):
    monkeypatch.setattr("numba.config.ENABLE_CUDASIM", 0)
    monkeypatch.setattr(gpu, "installed", lambda: False)


@pytest.fixture
def pretended(monkeypatch):
    """A device that is none: problems it is given, solved on the processor."""
    given = []

    def solve(problems, times, *, tolerance):
        given.extend(problems)
        return [decay(problem, times, tolerance=tolerance) for problem in problems]

    monkeypatch.setattr(gpu, "available", lambda: (True, "pretended"))
    monkeypatch.setattr(gpu, "decay_batch_on_gpu", solve)
    return given


def test_the_processor_is_the_default():
    assert Study.from_dict(LEAST).run.device == "cpu"


@pytest.mark.usefixtures("no_extra")
def test_missing_extra_is_told_with_what_to_install():
    with pytest.raises(MissingExtraError, match=r'run.device = "gpu": .*releasesim\[gpu\]') as told:
        simulate(study("gpu"))
    assert told.value.exit_code == 2


@pytest.mark.usefixtures("no_extra")
def test_auto_takes_the_processor_where_there_is_no_device():
    release = simulate(study("auto"))
    np.testing.assert_array_equal(release.curve.fraction, simulate(study("cpu")).curve.fraction)
    assert "GPU" not in release.method


def test_missing_device_is_told(monkeypatch):
    monkeypatch.setattr(gpu, "available", lambda: (False, "the CUDA driver finds no device"))
    monkeypatch.setattr(gpu, "installed", lambda: True)
    with pytest.raises(InputError, match='finds no device; take device = "cpu"'):
        simulate(study("gpu"))


@pytest.mark.parametrize(
    ("physics", "words"),
    [
        ({"erosion": {"law": "ConstantFront", "speed": "1e-8 m/s"}}, "coupled laws"),
        (
            {
                "diffusion": {"law": "NoDiffusion"},
                "erosion": {"law": "ConstantFront", "speed": "1e-8 m/s"},
            },
            "a moving front",
        ),
    ],
)
def test_laws_that_a_gpu_does_not_solve_are_refused(physics, words):
    with pytest.raises(UnsupportedLawError, match=f"this study is one of {words}"):
        simulate(study("gpu", **physics))
    assert device_of("auto", "coupled").gpu_from == np.inf


def test_other_devices_are_refused():
    with pytest.raises(InputError, match=r'run\.device = "tpu"'):
        study("tpu")


def test_a_gpu_is_given_what_lanczos_solves_and_the_release_says_so(pretended):
    release = simulate(study("gpu"))
    expected = simulate(study("cpu"))
    np.testing.assert_allclose(release.curve.fraction, expected.curve.fraction, atol=1e-12)
    assert "on a GPU (pretended)" in release.method
    assert "GPU" not in expected.method
    # the coarser grid has so few unknowns that all its modes are had at once
    assert len(pretended) == 1


def test_auto_leaves_small_grids_to_the_processor(pretended):
    assert "GPU" not in simulate(study("auto")).method
    assert not pretended


def test_a_batch_is_solved_together_and_gives_the_same(pretended):
    """Designs of several sizes and an infill, one left to the processor, one of a front."""
    base = study("gpu")
    designs = [base.replace("shape.diameter", size) for size in ("5 mm", "6 mm", "7 mm")]
    front = {"erosion": {"law": "ConstantFront", "speed": "1e-7 m/s"}}
    others = [study("cpu"), study("auto", diffusion={"law": "NoDiffusion"}, **front)]
    found = simulate_batch([*designs, *others])
    assert len(pretended) >= 3
    for one, release in zip([*designs, *others], found, strict=True):
        expected = simulate(one)
        np.testing.assert_allclose(release.curve.fraction, expected.curve.fraction, atol=1e-7)
        assert release.error_estimate == pytest.approx(expected.error_estimate, abs=1e-7)
        assert release.study_hash == one.hash
    assert ["GPU" in release.method for release in found] == [True, True, True, False, False]


def test_a_batch_to_a_tolerance(pretended):
    """All three grids that are needed in any case are solved in one go."""
    asked = study("gpu", spacing=None)
    (found,) = simulate_batch([asked])
    expected = simulate(asked)
    assert len(pretended) >= 4
    np.testing.assert_allclose(found.curve.fraction, expected.curve.fraction, atol=1e-7)
    assert found.spacing == expected.spacing

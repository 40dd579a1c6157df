"""The GPU path against the CPU: on a device where there is one, and on the CUDA simulator."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numerics.problems import random_problem

from releasesim.errors import InputError
from releasesim.numerics import gpu
from releasesim.numerics.lanczos import decay

TIMES = np.concatenate([[0.0], np.geomspace(1e-3, 60.0, 25)])
SHAPE = (20, 18, 16)
BATHS = {
    "sink": {},
    "bath": {"bath": 500.0},
    "bath that holds drug": {"bath": 200.0, "bath_initial": 0.7},
}


@pytest.fixture
def device():
    """The name of the GPU at hand; the test is skipped, with the reason, where there is none."""
    there, words = gpu.available()
    if not there:
        pytest.skip(f"no GPU: {words}")
    return words


def largest_gap(problem, found, expected):
    """Between two solutions, as a fraction of the drug."""
    curves = np.array([found.held - expected.held, found.crossed - expected.crossed])
    return np.abs(curves).max() / problem.mass


@pytest.mark.usefixtures("device")
@pytest.mark.parametrize("bath", BATHS)
@pytest.mark.parametrize("uniform", [True, False])
def test_device_gives_the_curve_of_the_cpu(bath, uniform):
    """To 1e-6 of the drug, the ledger closed to rounding."""
    problem = random_problem(1, SHAPE, uniform=uniform, **BATHS[bath])
    found = gpu.decay_on_gpu(problem, TIMES, tolerance=1e-7)
    assert largest_gap(problem, found, decay(problem, TIMES, tolerance=1e-7)) < 1e-6
    assert np.abs(problem.mass - found.held - found.crossed).max() < 1e-10 * problem.mass


@pytest.mark.usefixtures("device")
def test_device_solves_a_batch_of_designs():
    """Of several sizes, more than there are on the device at a time, in their order."""
    problems = [random_problem(seed, (20, 9 + seed % 5, 12)) for seed in range(40)]
    found = gpu.decay_batch_on_gpu(problems, TIMES, tolerance=1e-7)
    for problem, one in zip(problems, found, strict=True):
        assert largest_gap(problem, one, decay(problem, TIMES, tolerance=1e-7)) < 1e-6


@pytest.mark.usefixtures("device")
def test_device_gives_the_same_numbers_twice():
    problem = random_problem(2, SHAPE)
    first, second = (gpu.decay_on_gpu(problem, TIMES) for _ in range(2))
    np.testing.assert_array_equal(first.held, second.held)


def test_simulated_kernels_give_the_curve_of_the_cpu():
    """The same kernels, thread by thread in Python: sink, baths, one row of cells, a batch."""
    pytest.importorskip("numba.cuda", reason="numba has no CUDA target here")
    program = Path(__file__).with_name("simulated_gpu.py")
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-W", "error", str(program)],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert result["there"]
    assert "simulator" in result["device"]
    assert len(result["gaps"]) == 4
    for curves, ledger in result["gaps"]:
        assert curves < 1e-6
        assert ledger < 1e-10
    assert result["study"]["gap"] < 1e-6
    assert result["study"]["ledger"] < 1e-10
    assert "on a GPU (the CUDA simulator" in result["study"]["method"]


def test_missing_extra_is_told_with_what_to_install(monkeypatch):
    monkeypatch.setattr("numba.config.ENABLE_CUDASIM", 0)
    monkeypatch.setattr(gpu, "find_spec", lambda _: None)
    there, reason = gpu.available()
    assert not there
    assert 'pip install "releasesim[gpu]"' in reason
    with pytest.raises(InputError, match="cannot solve on a GPU: numba-cuda is not installed"):
        gpu.decay_on_gpu(random_problem(1), TIMES)


@pytest.mark.parametrize(
    ("devices", "reason"),
    [([], "the CUDA driver finds no device"), (None, "no CUDA device to be had: no driver here")],
)
def test_missing_device_or_driver_is_told(monkeypatch, devices, reason):
    cuda = pytest.importorskip("numba.cuda", reason="numba has no CUDA target here")
    from numba.cuda.cudadrv.error import CudaSupportError

    class Devices:
        def __len__(self):
            if devices is None:
                raise CudaSupportError("Error at driver init:\nno driver here\n:")
            return 0

    monkeypatch.setattr(cuda, "gpus", Devices())
    assert gpu._device() == (False, reason)

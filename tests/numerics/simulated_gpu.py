"""The GPU path on the CUDA simulator, run as a program: NUMBA_ENABLE_CUDASIM=1 must be set.

Prints one JSON line: for each problem the largest gap to the CPU's curve, as a fraction of the
drug, and the gap of the ledger; how many steps the two took; and the same of a whole study.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from numerics.problems import random_problem

from releasesim.numerics import gpu, gpu_kernels, lanczos
from releasesim.numerics.modes import decay_of_few
from releasesim.simulation import simulate
from releasesim.study import Study

TIMES = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 10)])

# few threads, for the simulator starts every one of them; several blocks all the same
gpu_kernels.THREADS, gpu_kernels.BLOCKS = 4, 2


def gap(problem, found, reference):
    """Largest gap to another solution, and of the ledger, as a fraction of the drug."""
    curves = np.array([found.held - reference.held, found.crossed - reference.crossed])
    ledger = problem.mass - found.held - found.crossed
    return [float(np.abs(a).max()) / problem.mass for a in (curves, ledger)]


def study(device):
    """A tablet in a bath, solved on a few hundred cells: a quarter of it, for the top is sealed."""
    shape = {"kind": "cylinder", "diameter": "5 mm", "height": "2 mm"}
    return Study.from_dict(
        {
            "tablet": {"shape": shape, "sealed": ["top"]},
            "formulation": {"concentration": "100 mg/mL"},
            "medium": {"volume": "50 mL"},
            "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
            "run": {"until": "30 min", "samples": 5, "spacing": "0.25 mm", "device": device},
        }
    )


def whole_study():
    """Largest gap of the released fraction, and what the release says of its method."""
    ours, expected = simulate(study("gpu")), simulate(study("cpu"))
    gap = float(np.abs(ours.curve.fraction - expected.curve.fraction).max())
    return {"gap": gap, "ledger": ours.ledger_error, "method": ours.method}


if __name__ == "__main__":
    large = [random_problem(1, (10, 8, 6)), random_problem(2, bath=60.0, uniform=True)]
    # so few unknowns that the recurrence runs out of vectors; the second has one row of cells
    small = [
        random_problem(3, (5, 3, 4), bath=3.0, bath_initial=0.7),
        random_problem(5, (3, 3, 7)),
    ]
    expected = [lanczos.decay(problem, TIMES) for problem in large]
    expected += [decay_of_few(problem, TIMES) for problem in small]
    found = gpu.decay_batch_on_gpu(large + small, TIMES)
    gaps = [gap(*row) for row in zip(large + small, found, expected, strict=True)]
    there, device = gpu.available()
    steps = [[a.matvecs, b.matvecs] for a, b in zip(found, expected, strict=True)]
    said = {"there": there, "device": device, "gaps": gaps, "steps": steps, "study": whole_study()}
    print(json.dumps(said))

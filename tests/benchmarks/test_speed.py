"""Speed: run by name, `pytest tests/benchmarks --benchmark-enable --benchmark-only -m ""`.

Tablet of 10 x 4 mm at 0.1 mm, 24 h, 200 outputs (NUMERICS, problems P1 and P2). The same Lanczos
algorithm on a scipy CSR matrix stands beside ours, in the same run; other programs do in
`validation/performance/compare.py`.
"""

from __future__ import annotations

import subprocess
import sys
from functools import lru_cache

import numpy as np
import pytest
from scipy import sparse
from scipy.linalg import eigh_tridiagonal

from releasesim.geometry.infill import Infill
from releasesim.geometry.shapes import Cylinder
from releasesim.geometry.solid import voxelize_solid
from releasesim.numerics.lanczos import decay
from releasesim.simulation import simulate
from releasesim.simulation.assemble import Material, assemble
from releasesim.simulation.diffusion import diffuse, factors, multiply
from releasesim.simulation.gradient import gradient
from releasesim.study import Study
from releasesim.tablet import Formulation, Tablet

SHAPE = Cylinder(10e-3, 4e-3)
PLAIN = Formulation(concentration_given=100.0)
TIMES = np.linspace(0.0, 1.0, 200) ** 2 * 86400.0
OWN = (Material(100.0, 1e-10),)


def tablet(infill=None):
    return Tablet(SHAPE, PLAIN, infill=infill)


GRID = Infill("grid", 0.3)


@lru_cache(maxsize=4)
def problem(infill=None, *, folded=True):
    whole = assemble(tablet(infill).voxelize(1e-4), OWN, np.inf, np.inf)
    return whole.fold() if folded else whole


def strands(x, y, z):
    """Signed distance of strands of 0.4 mm, 30 %, crosswise layer by layer [m]."""
    across = np.where(np.floor(z / 0.4e-3).astype(int) % 2 == 0, x, y)
    return np.abs(across - 0.4e-3 / 0.3 * np.round(across / (0.4e-3 / 0.3))) - 0.2e-3


@lru_cache(maxsize=1)
def two_materials():
    """P2: 1e-11 m2/s in the strands, 7e-10 m2/s in the channels, no voids."""
    grid = voxelize_solid(SHAPE, 1e-4, regions=(strands,))
    materials = (Material(100.0, 7e-10), Material(100.0, 1e-11))
    return assemble(grid, materials, np.inf, np.inf).fold()


def csr(problem):
    """M = C^-1/2 A C^-1/2 of the cells that carry an unknown, and sqrt(C)."""
    inside = np.flatnonzero(problem.capacity)
    number = np.full(problem.capacity.size, -1)
    number[inside] = np.arange(inside.size)
    strides = (problem.capacity.shape[1] * problem.capacity.shape[2], problem.capacity.shape[2], 1)
    parts = [sparse.diags(problem.diagonal().ravel()[inside])]
    for face, stride in zip(problem.conductance, strides, strict=True):
        cell = np.flatnonzero(face)
        entries = (-face.ravel()[cell], (number[cell], number[cell + stride]))
        half = sparse.coo_matrix(entries, (inside.size, inside.size))
        parts += [half, half.T]
    root = np.sqrt(problem.capacity.ravel()[inside])
    scale = sparse.diags(1.0 / root)
    return (scale @ sum(parts) @ scale).tocsr(), root, problem.initial.ravel()[inside]


def scipy_lanczos(M, root, initial, steps):
    """Drug held at `TIMES`: the three-term recurrence from sqrt(C), numpy vectors."""
    norm = float(np.linalg.norm(root))
    v, old, beta = root / norm, np.zeros_like(root), 0.0
    start = root * initial
    alphas, betas, counts = [], [], []
    for _ in range(steps):
        counts.append(float(start @ v))
        w = M @ v
        w -= beta * old
        alpha = float(w @ v)
        w -= alpha * v
        beta = float(np.linalg.norm(w))
        alphas.append(alpha)
        betas.append(beta)
        old, v = v, w / beta
    rates, vectors = eigh_tridiagonal(np.array(alphas), np.array(betas[:-1]))
    return np.exp(-np.outer(TIMES, rates)) @ (norm * vectors[0] * (np.array(counts) @ vectors))


def run(benchmark, work, *args, rounds=15, **how):
    work(*args, **how)
    return benchmark.pedantic(work, args, how, rounds=rounds, warmup_rounds=1)


@pytest.mark.parametrize("single", [False, True])
@pytest.mark.parametrize("infill", [None, GRID], ids=["solid", "grid 30 %"])
def test_solve(benchmark, infill, single):
    """P1. Bar: 8 ms solid."""
    part = problem(infill)
    found = run(benchmark, lambda: decay(part, TIMES, single=single))
    assert found.held[0] == pytest.approx(problem(infill, folded=False).mass, rel=1e-5)
    benchmark.extra_info["matvecs"] = found.matvecs


@pytest.mark.parametrize("single", [False, True])
def test_solve_two_materials(benchmark, single):
    """P2. Bar: 25 ms."""
    part = two_materials()
    found = run(benchmark, lambda: decay(part, TIMES, single=single))
    assert found.held[0] == pytest.approx(part.mass, rel=1e-5)
    benchmark.extra_info["matvecs"] = found.matvecs


@pytest.mark.parametrize("folded", [True, False])
def test_same_algorithm_on_a_csr_matrix(benchmark, folded):
    ours = decay(problem(), TIMES)
    part = problem(folded=folded)
    matrix = csr(part)
    held = run(benchmark, scipy_lanczos, *matrix, ours.matvecs, rounds=5)
    np.testing.assert_allclose(part.images * held, ours.held, atol=1e-5 * ours.held[0])


def test_full_grid(benchmark):
    """Ours without symmetry, to stand beside the CSR matrix without it."""
    part = problem(folded=False)
    run(benchmark, lambda: decay(part, TIMES), rounds=5)


@pytest.mark.parametrize("infill", [None, GRID], ids=["solid", "grid 30 %"])
def test_voxelize(benchmark, infill):
    """Bar: 50 ms for the infilled tablet, slicing included."""
    grid = run(benchmark, lambda: tablet(infill).voxelize(1e-4))
    assert grid.solid.sum() > 1e5


def test_voxelize_what_is_sliced(benchmark):
    sliced = tablet(GRID)
    assert sliced.printed
    run(benchmark, lambda: sliced.voxelize(1e-4))


@pytest.mark.parametrize("infill", [None, GRID], ids=["solid", "grid 30 %"])
def test_assemble_and_fold(benchmark, infill):
    grid = tablet(infill).voxelize(1e-4)
    run(benchmark, lambda: assemble(grid, OWN, np.inf, np.inf).fold())


def study(infill, **tables):
    table = {"shape": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"}}
    if infill is not None:
        table["infill"] = {"pattern": infill.pattern, "density": f"{infill.density * 100:g} %"}
    return Study.from_dict(
        {
            "tablet": table,
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
            "run": {"until": "24 h", "samples": 200},
            **tables,
        }
    )


@pytest.mark.parametrize("infill", [None, GRID], ids=["solid", "grid 30 %"])
def test_simulate(benchmark, infill):
    """The whole verb: voxelise, assemble, solve two grids or more, extrapolate, account."""
    release = run(benchmark, lambda: simulate(study(infill)), rounds=5)
    assert release.ledger_error < 1e-10


def test_simulate_with_uptake_of_water(benchmark):
    """P3, on two grids. Bar: 200 ms."""
    law = {"D": "1e-10 m2/s", "beta": 2.5}
    physics = {
        "hydration": {"law": "FujitaHydration", **law},
        "diffusion": {"law": "Fujita1961", "D_gel": law["D"], "beta": 2.5, "w_gel": 1.0},
    }
    wet = study(None, physics=physics).replace("run.spacing", "0.1 mm")
    release = run(benchmark, lambda: simulate(wet), rounds=5)
    assert release.ledger_error < 1e-10


def test_gradient(benchmark):
    """Bar: 6 times `test_simulate` of the same infill."""
    given = study(GRID)
    found = run(benchmark, gradient, given, ["diffusion.D"], rounds=3, weights=np.ones(200))
    assert found.solves == 0


@pytest.mark.parametrize("module", ["numpy", "releasesim"])
def test_import(benchmark, module):
    """Bar: releasesim within 1.5 of numpy, a fresh interpreter each, its start included."""
    command = [sys.executable, "-c", f"import {module}"]
    run(benchmark, lambda: subprocess.run(command, check=True), rounds=15)  # noqa: S603  # our own


def test_solve_as_simulate_does(benchmark):
    """One grid of 0.1 mm, as the program solves an exact solid: outline times height."""
    parts = [voxelizer(1e-4) for voxelizer in factors(tablet())]
    found = benchmark(lambda: multiply([diffuse(part, OWN, TIMES) for part in parts]))
    assert found.ledger_error < 1e-10

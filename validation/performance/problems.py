"""The three problems that everyone solves (NUMERICS), as plain voxel arrays, and their references.

Tablet of 10 mm x 4 mm, perfect sink, 24 h, 200 outputs evenly in the square root of time.
P1: D 1e-10 m2/s. P2: strands of 0.4 mm, 30 %, crosswise layer by layer, D 1e-11 m2/s in them and
7e-10 m2/s in the channels between. P3: P1 with uptake of water, D = 1e-10 exp(2.5 (w - 1)) m2/s for
both water and drug.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from releasesim.geometry.grid import VoxelGrid
from releasesim.geometry.shapes import Cylinder
from releasesim.geometry.solid import voxelize_solid
from releasesim.numerics.operator import DiffusionProblem
from releasesim.simulation.assemble import Material, assemble

Array = NDArray[np.float64]

DIAMETER, HEIGHT = 10e-3, 4e-3
TIMES = np.linspace(0.0, 1.0, 201) ** 2 * 86400.0
D0, BETA = 1e-10, 2.5
STRAND, PITCH = 0.4e-3, 0.4e-3 / 0.3
CHANNEL_D, STRAND_D = 7e-10, 1e-11
NAMES = ("P1", "P2", "P3")


def strands(x: Array, y: Array, z: Array) -> Array:
    """Signed distance across the strands, along x and y in turn, negative inside [m]."""
    across = np.where(np.floor(z / STRAND).astype(int) % 2 == 0, x, y)
    return np.asarray(np.abs(across - PITCH * np.round(across / PITCH)) - STRAND / 2)


@dataclass(frozen=True)
class Problem:
    """One of P1, P2, P3 at a spacing [m]; P2 with another diffusivity in its strands, if wanted."""

    name: str
    spacing: float
    strand_D: float = STRAND_D

    @property
    def nonlinear(self) -> bool:
        """Whether D changes with water."""
        return self.name == "P3"

    @cached_property
    def grid(self) -> VoxelGrid:
        """The voxels; one layer of outside cells around."""
        regions = (strands,) if self.name == "P2" else ()
        return voxelize_solid(Cylinder(DIAMETER, HEIGHT), self.spacing, regions=regions)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Cells inside."""
        return self.grid.solid

    @property
    def diffusivity(self) -> Array:
        """D of every cell, that of P3 with all water in it [m2/s]."""
        if self.name != "P2":
            return np.full(self.mask.shape, D0)
        return np.where(self.grid.region == 1, self.strand_D, CHANNEL_D)

    def operator(self, *, folded: bool) -> DiffusionProblem:
        """What releasesim solves; P1 and P2 only."""
        channel = CHANNEL_D if self.name == "P2" else D0
        materials = (Material(1.0, channel), Material(1.0, self.strand_D))
        used = materials if self.name == "P2" else materials[:1]
        whole = assemble(self.grid, used, np.inf, np.inf)
        return whole.fold() if folded else whole

    @cached_property
    def reference(self) -> tuple[Array, str]:
        """Released fraction at TIMES, and where it comes from."""
        if self.name == "P1":
            return exact_cylinder(), "exact series (Fu, Hagemeir & Moyer 1976)"
        if self.name == "P2":
            fine, coarse = own_curve(5e-5), own_curve(1e-4)
            return fine + (fine - coarse) / 3.0, "releasesim, 50 and 100 um extrapolated"
        coarse, fine = (revolved(n) for n in (50, 100))
        return fine + (fine - coarse) / 3.0, "body-fitted r-z grids, 100 and 50 um extrapolated"


def exact_cylinder() -> Array:
    """Released fraction of P1: slab times long cylinder."""
    radius = DIAMETER / 2
    root = special.jn_zeros(0, 4000)[:, None]
    odd = 2.0 * np.arange(4000)[:, None] + 1.0
    round_ = (4.0 / root**2 * np.exp(-(root**2) * D0 * TIMES / radius**2)).sum(axis=0)
    flat = 8.0 / (np.pi * odd) ** 2 * np.exp(-((odd * np.pi / HEIGHT) ** 2) * D0 * TIMES)
    released = 1.0 - round_ * flat.sum(axis=0)
    released[0] = 0.0
    return np.asarray(released)


@lru_cache(maxsize=2)
def own_curve(spacing: float) -> Array:
    """Released fraction of P2 by releasesim, solved tightly."""
    from releasesim.numerics.lanczos import decay

    problem = Problem("P2", spacing).operator(folded=True)
    return np.asarray(1.0 - decay(problem, TIMES, tolerance=1e-7).held / problem.mass)


@lru_cache(maxsize=2)
def revolved(cells: int) -> Array:
    """Released fraction of P3 on a body-fitted grid of `cells` along the radius, explicit Euler.

    Half the height; faces of the body on cell faces, second order; D between two states is its
    mean over water, exact for the exponential law.
    """
    from numba import njit

    @njit
    def run(cells, sizes, dt, steps, every):  # type: ignore[no-untyped-def]
        n, m = cells
        dr, dz = sizes
        c, w = np.ones((n, m)), np.zeros((n, m))
        held = np.zeros(steps // every + 1)
        area = np.arange(n + 1) * dr

        def mean(a, b):  # type: ignore[no-untyped-def]
            gap = BETA * (b - a)
            first = D0 * np.exp(BETA * (a - 1.0))
            return first * (1.0 + 0.5 * gap if abs(gap) < 1e-6 else np.expm1(gap) / gap)

        rate_c, rate_w = np.zeros((n, m)), np.zeros((n, m))
        for step in range(steps + 1):
            if step % every == 0:
                for i in range(n):
                    held[step // every] += c[i].sum() * (2 * i + 1) / (n * n * m)
            rate_c[:], rate_w[:] = 0.0, 0.0
            for i in range(n):
                volume = (i + 0.5) * dr * dr
                for j in range(m):
                    outer = i == n - 1
                    w_next, c_next = (1.0, 0.0) if outer else (w[i + 1, j], c[i + 1, j])
                    g = mean(w[i, j], w_next) * area[i + 1] / (dr * (0.5 if outer else 1.0))
                    fw, fc = g * (w_next - w[i, j]), g * (c_next - c[i, j])
                    rate_w[i, j] += fw / volume
                    rate_c[i, j] += fc / volume
                    if not outer:
                        rate_w[i + 1, j] -= fw / (volume + dr * dr)
                        rate_c[i + 1, j] -= fc / (volume + dr * dr)
                    upper = j == m - 1
                    w_next, c_next = (1.0, 0.0) if upper else (w[i, j + 1], c[i, j + 1])
                    g = mean(w[i, j], w_next) / (dz * dz * (0.5 if upper else 1.0))
                    fw, fc = g * (w_next - w[i, j]), g * (c_next - c[i, j])
                    rate_w[i, j] += fw
                    rate_c[i, j] += fc
                    if not upper:
                        rate_w[i, j + 1] -= fw
                        rate_c[i, j + 1] -= fc
            w += dt * rate_w
            c += dt * rate_c
        return 1.0 - held

    m = round(0.4 * cells)
    dr, dz = DIAMETER / 2 / cells, HEIGHT / 2 / m
    end = float(TIMES[-1])
    every = 4
    steps = every * int(np.ceil(end / (0.8 / (6 * D0 / dr**2 + 6 * D0 / dz**2) * every)))
    curve = run((cells, m), (dr, dz), end / steps, steps, every)
    at = np.linspace(0.0, end, curve.size)
    # evenly in the root, or interpolation would spoil the early part
    return np.asarray(np.interp(np.sqrt(TIMES), np.sqrt(at), curve))

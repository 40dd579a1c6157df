"""Chains that are cut throughout the body, and the drug that then moves faster.

Without diffusing acid the molar mass is uniform: the release is that of a constant diffusivity at
another clock. With diffusing acid three fields go by the method of lines, to 1e-5.

Sources: C. G. Pitt et al., Biomaterials 2 (1981) 215; H. Antheunis et al., Biomacromolecules 11
(2010) 1118; A. N. Ford Versypt et al., PLoS ONE 10 (2015) e0135506; J. Crank, The Mathematics of
Diffusion (1975), 7.1 (change of clock).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from releasesim.workflows.selftest.exact import fields
from releasesim.workflows.selftest.exact.lines import Mesh, outward
from releasesim.workflows.selftest.exact.series import SPHERE, Array
from releasesim.workflows.selftest.exact.uniform import one_direction

CELLS = 50


def autocatalytic_sphere(T: ArrayLike, phi_squared: float) -> Array:
    """Mean acid in a sphere that makes acid in proportion to it; 0 at the wall, 1 at the start."""
    grown = np.exp(phi_squared * np.asarray(T, dtype=float))
    return np.asarray((1.0 - one_direction(T, SPHERE)) * grown)


def clock(time: ArrayLike, diffusivity: Callable[[Array], Array], panels: int = 64) -> Array:
    """Integral of D(t) from 0 to `time` [m2], Gauss-Legendre on 64 panels."""
    t = np.asarray(time, dtype=float)
    x, w = np.polynomial.legendre.leggauss(8)
    share = (np.arange(panels)[:, None] + 0.5 * (x + 1.0)).ravel() / panels
    weight = np.tile(0.5 * w / panels, panels)
    return np.asarray(t * (diffusivity(np.multiply.outer(t, share)) @ weight))


def exponential_clock(time: ArrayLike, D0: float, rate: float) -> Array:
    """Integral of D0 exp(rate t) from 0 to `time` [m2]."""
    t = np.asarray(time, dtype=float)
    return np.asarray(D0 * (t if rate == 0.0 else np.expm1(rate * t) / rate))


def logistic_molar_mass(time: ArrayLike, rate: float, feedback: float) -> Array:
    """Mn/Mn0 by dm/dt = -r m (1 + b (1 - m)); b = 0 is Pitt's exponential."""
    t = np.asarray(time, dtype=float)
    growth = np.exp(rate * (1.0 + feedback) * t)
    return np.asarray((1.0 + feedback) / (feedback + growth))


@dataclass(frozen=True)
class Ester:
    """A polyester by PHYSICS 8.

    Parameters
    ----------
    k1 : float
        Cut by water [1/s].
    k2 : float
        Cut by acid [m3/mol/s].
    acid0, ester0 : float
        At the start [mol/m3].
    """

    k1: float
    k2: float
    acid0: float
    ester0: float

    def ester(self, time: ArrayLike) -> Array:
        """Ester left without diffusing acid [mol/m3]: logistic."""
        t = np.asarray(time, dtype=float)
        first = self.k1 + self.k2 * self.acid0
        a = first + self.k2 * self.ester0
        return np.asarray(a * self.ester0 / (self.k2 * self.ester0 + first * np.exp(a * t)))

    def molar_mass(self, ester: ArrayLike) -> Array:
        """Mn/Mn0 where this ester is left: one new chain per cut."""
        cut = self.ester0 - np.asarray(ester, dtype=float)
        return np.asarray(self.acid0 / (self.acid0 + cut))


@dataclass(frozen=True)
class Degrading:
    """A body that degrades with diffusing acid while drug diffuses at D(Mn).

    Parameters
    ----------
    n : int
        1 slab, 2 long cylinder, 3 sphere.
    radius : float
        Half the thickness of a slab with both faces open [m].
    polymer : Ester
        Its chemistry.
    D_acid : float
        Of the acid, 0 at the surface [m2/s].
    drug : callable
        Diffusivity of the drug [m2/s] at Mn/Mn0 [-].
    """

    n: int
    radius: float
    polymer: Ester
    D_acid: float
    drug: Callable[[Array], Array]

    def released(self, time: ArrayLike, cells: int = CELLS) -> Array:
        """Released fraction of dose at `time` [s]."""
        return self._by_lines(time, cells, lambda state: state[:, 2])

    def acid(self, time: ArrayLike, cells: int = CELLS) -> Array:
        """Mean acid over that at the start."""
        return 1.0 - self._by_lines(time, cells, lambda state: state[:, 0])

    def _by_lines(self, time: ArrayLike, cells: int, counted: Callable[[Array], Array]) -> Array:
        # acid and ester in units of their initial values: all fields are of order 1
        return fields.release(
            time,
            lambda count: fields.body(self.n, self.radius, count),
            start=lambda mesh: (1.0, 1.0, 1.0),
            rate=self._change,
            left=lambda mesh, t, state: float(mesh.volume @ counted(state)),
            cells=cells,
        )

    def _change(self, mesh: Mesh, t: float, state: Array) -> Array:
        X, E, c = state.T
        p = self.polymer
        cut = (p.k1 + p.k2 * p.acid0 * X) * E
        leaves = outward(X[-1], mesh.half_outer, self.D_acid) if self.D_acid else 0.0
        acid = mesh.gather(0.0, self.D_acid * mesh.gradient(X), -leaves)
        D = self.drug(p.molar_mass(p.ester0 * E))
        out = outward(c[-1], mesh.half_outer, float(D[-1]))
        drug = mesh.gather(0.0, 0.5 * (D[1:] + D[:-1]) * mesh.gradient(c), -out)
        return np.stack([acid + cut * p.ester0 / p.acid0, -cut, drug], axis=1)


def power_law(D0: float, exponent: float) -> Callable[[Array], Array]:
    """Diffusivity D0 (Mn0/Mn)^exponent."""
    return lambda m: D0 * m**-exponent


def exponential_law(D0: float, a: float) -> Callable[[Array], Array]:
    """Diffusivity D0 exp(a (1 - Mn/Mn0))."""
    return lambda m: D0 * np.exp(a * (1.0 - m))


def wait(time: ArrayLike, until: float) -> Array:
    """Released fraction of a body that falls apart at one moment."""
    return np.where(np.asarray(time, dtype=float) >= until, 1.0, 0.0)


def pitt_time(rate: float, molar_mass: float) -> float:
    """Time at which Mn/Mn0 = exp(-r t) reaches `molar_mass` [s]."""
    return -math.log(molar_mass) / rate

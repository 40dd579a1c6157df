"""Shapes along one number: each a curve on its own clock, and a polynomial between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.model import SolvedCurve
from releasesim.calibration.rates import usual_time
from releasesim.errors import ConvergenceError
from releasesim.simulation.mechanism import mechanism_of
from releasesim.study import Study

Array = NDArray[np.float64]

_FARTHEST = 60.0
"""Mean times after which nothing comes any more."""
NODES = 3201
ROOT = np.sqrt(_FARTHEST) * np.linspace(0.0, 1.0, NODES)
"""Square roots of time over mean time at which shapes are kept."""
_SAMPLES = {"diffusion": 401, "erosion": 2001, "coupled": 161}
"""Points of a solved curve, by the engine that solves it."""
_EXTENSIONS = 7
_TAIL, _EMPTY = 1e-3, 1e-7
_ONWARDS, _RARE = 4.0, 33
"""How much farther coupled curves are followed for their tails, and at how many points [-]."""


@dataclass(frozen=True, eq=False)
class Shape:
    """One curve on its own clock.

    Parameters
    ----------
    fraction : (NODES,) ndarray
        Released at times mean_time * ROOT^2 [-].
    mean_time : float
        Of all drug, with the rates it was solved with [s].
    """

    fraction: Array
    mean_time: float


@dataclass(frozen=True, eq=False)
class Family:
    """Shapes along one number, solved when they are needed.

    Parameters
    ----------
    solve : callable
        Of that number's logarithm; the shape there.
    width : int
        Shapes of a window, through which a polynomial goes.
    apart : float
        Logarithmic distance of neighbours [-].
    """

    solve: Callable[[float], Shape]
    width: int
    apart: float
    shapes: dict[int, Shape] = field(default_factory=dict)
    windows: dict[int, tuple[Array, Array]] = field(default_factory=dict)

    def at(self, number: float) -> Shape:
        """The shape at one logarithm of the number, from the lattice."""
        place = round(number / self.apart)
        if place not in self.shapes:
            self.shapes[place] = self.solve(place * self.apart)
        return self.shapes[place]

    def window(self, number: float) -> tuple[Array, Array, Array, Array]:
        """Shapes around a logarithm, and how to go between them.

        Returns
        -------
        fractions : (width, NODES) ndarray
        means : (width,) ndarray
            Logarithms of their mean times.
        weights, slopes : (width,) ndarray
            Of value and derivative at the number.
        """
        first = int(np.floor(number / self.apart)) - self.width // 2 + 1
        if first not in self.windows:
            shapes = [self.at((first + i) * self.apart) for i in range(self.width)]
            means = np.log([shape.mean_time for shape in shapes])
            self.windows[first] = np.array([shape.fraction for shape in shapes]), means
        weights, slopes = _lagrange(number / self.apart - first, self.width)
        return *self.windows[first], weights, slopes / self.apart


@cache
def _basis(n: int) -> Array:
    """Coefficients of polynomials that are 1 at one of 0, 1, ... and 0 at the others, (n, n)."""
    return np.asarray(np.linalg.inv(np.vander(np.arange(n), increasing=True)).T)


def _lagrange(x: float, n: int) -> tuple[Array, Array]:
    """Weights of value and slope at x of the polynomial through 0, 1, ..., n - 1, (n,) each."""
    powers, basis = x ** np.arange(n), _basis(n)
    return basis @ powers, basis[:, 1:] @ (np.arange(1, n) * powers[:-1])


class EndlessError(ConvergenceError):
    """A curve that has no end to scale it by."""


def solve_shape(solver: SolvedCurve, study: Study) -> Shape:
    """Solve a study from the start until nearly all is out."""
    end, kind = 5.0 * usual_time(study), mechanism_of(study).kind
    samples = _SAMPLES[kind]
    parts = np.linspace(0.0, 1.0, samples)[1:] ** 2
    if kind == "coupled":  # to step on is cheap, to begin again is not
        parts = np.append(parts, np.geomspace(1.0, _ONWARDS, _RARE)[1:])
    for _ in range(_EXTENSIONS):
        times = end * parts
        fraction = np.append(0.0, solver.solve(study, times))
        times = np.append(0.0, times)
        if fraction[samples // 2] > 1.0 - _EMPTY:  # a thin-walled body: most points are wasted
            end /= 4.0
        elif fraction[-1] > 1.0 - _TAIL:
            return _on_own_clock(study, times, fraction)
        else:
            end *= 3.0
    raise EndlessError("the curve does not end: nearly all drug has to come out within the search")


def bursts(study: Study) -> bool:
    """Whether polymer that has degraded far enough is gone at once."""
    laws = [study.physics, *study.region_physics.values()]
    return any(one.hydrolysis.critical_molar_mass() > 0.0 for one in laws)


def _on_own_clock(study: Study, times: Array, fraction: Array) -> Shape:
    from scipy.interpolate import CubicSpline, PchipInterpolator

    bent = not study.physics.is_off("erosion") or bursts(study)
    between = (PchipInterpolator if bent else CubicSpline)(np.sqrt(times), fraction)
    left = 1.0 - fraction[[-3, -1]]
    ends = left[1] > 1e-9 and left[1] < left[0]
    slowest = np.log(left[0] / left[1]) / (times[-1] - times[-3]) if ends else 0.0
    rest = left[1] / slowest if ends else 0.0
    mean = float(np.diff(times) @ (1.0 - 0.5 * (fraction[1:] + fraction[:-1]))) + rest
    wanted = mean * ROOT**2
    beyond = np.maximum(wanted - times[-1], 0.0)
    tail = 1.0 - left[1] * np.exp(-slowest * beyond)
    inside = between(np.sqrt(np.minimum(wanted, times[-1])))
    return Shape(np.where(beyond > 0.0, tail, np.clip(inside, 0.0, 1.0)), mean)

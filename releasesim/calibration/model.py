"""The released fraction as a function of parameters, as fast as exactness allows.

Where parameters only set the clock (one material into a perfect sink: D t, or a front's v t), one
solve serves all their values (NUMERICS 8); where they leave one free number besides, solves at a
few values of it do, see `shapes`. Otherwise every value is solved anew, on the grids of the first.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.grid import VoxelGrid
from releasesim.simulation import Release, mechanism_of, simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.diffusion import diffuse, error_of, extrapolate, factors, multiply
from releasesim.simulation.erosion import erode
from releasesim.simulation.mechanism import Mechanism
from releasesim.simulation.simulate import refuse_coarse
from releasesim.study import Study
from releasesim.tablet import Tablet

Array = NDArray[np.float64]

_LONG = 12.0
"""Mean times after which what is still to come is taken to come exponentially."""
_MEAN_NODES = 160
_ALLOWED = 0.7
"""Share of the tolerance that cells may take where curves are needed by the dozen [-]."""


class Model(ABC):
    """A release curve with free parameters.

    Parameters
    ----------
    study : Study
        Gives everything that is not free.
    names : sequence of str
        Dotted names of the free parameters.
    """

    step: ClassVar[float] = 1e-2
    """Step of finite differences in the logarithms that suits its accuracy [-]."""
    cheap: bool = False
    """Whether values cost little, wherever they lie."""
    precision: ClassVar[float] = 1e-6
    """To which its curves are worth fitting, relative [-]."""

    def __init__(self, study: Study, names: Sequence[str]) -> None:
        self.study, self.names = study, tuple(names)
        self.evaluations = 0

    def fraction(self, values: Array, times: Array) -> Array:
        """Released fraction at `times` [s] for the parameters' `values` in SI, (n,) [-]."""
        self.evaluations += 1
        return self._fraction(values, times)

    @property
    def simulations(self) -> int:
        """Solves of the engine behind the curves so far."""
        return self.evaluations

    @abstractmethod
    def _fraction(self, values: Array, times: Array) -> Array:
        """See `fraction`."""

    def slopes(self, values: Array, times: Array) -> Array | None:
        """Derivatives by the logarithms of the parameters, (n, p); None if by differences only."""
        return None

    def mean_time(self, values: Array, expected: float) -> float:
        """Mean dissolution time of all drug [s]; `expected` says how far to look [s]."""
        times = _LONG * expected * np.linspace(0.0, 1.0, _MEAN_NODES) ** 2
        left = 1.0 - np.append(0.0, self.fraction(values, times[1:]))
        area = float(np.diff(times) @ (left[1:] + left[:-1])) / 2.0
        return area + _exponential_rest(times, left)

    def with_values(self, values: Array) -> Study:
        """Put parameters into the study."""
        study = self.study
        for name, value in zip(self.names, values, strict=True):
            study = study.replace(name, float(value))
        return study


def _exponential_rest(times: Array, left: Array) -> float:
    """Area under the end of a curve that goes on as it did last."""
    if left[-1] < 1e-6 or not left[-1] < left[-2]:
        return 0.0
    return float(left[-1] * (times[-1] - times[-2]) / np.log(left[-2] / left[-1]))


@final
class SolvedCurve(Model):
    """One solve for every value, at the grid that the study needs for its own values."""

    def __init__(self, study: Study, names: Sequence[str], times: Array) -> None:
        super().__init__(study, names)
        self.grids: dict[tuple[object, ...], list[VoxelGrid]] = {}
        coupled = mechanism_of(study).kind == "coupled"
        if coupled and study.run.spacing is not None:  # nothing is to be found out
            self.spacing = study.run.spacing
            refuse_coarse(study, self.spacing)
            return
        solved = _solve_at(study, times)
        self.spacing = solved.spacing
        if coupled:
            self._widen(times, solved)

    def _widen(self, times: Array, solved: Release) -> None:
        """Take the widest cells that the tolerance allows: coupled laws take a second a curve.

        One solve by itself starts with finer cells, as it has to find out how good they are.
        """
        best = solved.curve.fraction[-times.size :]
        while solved.error_estimate < _ALLOWED * self.study.run.tolerance:
            self.spacing *= 2.0
            try:
                more = error_of(best, self.solve(self.study, times), order=1)
            except GeometryError:  # no cell is left
                more = np.inf
            if not solved.error_estimate + more <= _ALLOWED * self.study.run.tolerance:
                self.spacing /= 2.0
                return

    def _fraction(self, values: Array, times: Array) -> Array:
        return self.solve(self.with_values(values), times)

    def solve(self, study: Study, times: Array) -> Array:
        """Released fraction of a study of the same tablet, (n,) [-]."""
        mechanism = mechanism_of(study)
        if self.spacing == 0.0:  # a closed form
            return _solve_at(study, times).curve.fraction[-times.size :]
        if mechanism.kind == "coupled":
            return self._coupled(study, times)
        on = self._eroded if mechanism.kind == "erosion" else self._diffused
        fine = on(study.tablet, mechanism, times, self.spacing)
        if study.run.spacing is not None or mechanism.kind == "erosion":
            return fine
        return extrapolate(fine, on(study.tablet, mechanism, times, 2.0 * self.spacing))

    def _coupled(self, study: Study, times: Array) -> Array:
        """The same grids for all values, so that they differ by the values alone."""
        timed = dataclasses.replace(study.run, times=tuple(times.tolist()), until=float(times[-1]))
        here = dataclasses.replace(study, run=timed)
        fine = solve_coupled(here, self.spacing, study.run.tolerance)
        curve = fine.fraction[-times.size :]
        if study.run.spacing is not None or fine.order < 2:
            return curve
        coarse = solve_coupled(here, 2.0 * self.spacing, study.run.tolerance)
        return extrapolate(curve, coarse.fraction[-times.size :])

    def _diffused(self, tablet: Tablet, how: Mechanism, times: Array, spacing: float) -> Array:
        factored = not np.isfinite(how.bath)
        solved = [
            diffuse(grid, how.materials, how.time(times), film=how.film, bath=how.bath)
            for grid in self._grids(tablet, spacing, factored)
        ]
        return multiply(solved).fraction

    def _eroded(self, tablet: Tablet, how: Mechanism, times: Array, spacing: float) -> Array:
        grid = self._grids(tablet, spacing, False)[0]
        return erode(grid, how.speeds, tablet.concentrations, times).fraction

    def _grids(self, tablet: Tablet, spacing: float, factored: bool) -> list[VoxelGrid]:
        key = (*_geometry(tablet), spacing, factored)
        if key not in self.grids:
            parts = factors(tablet) if factored else None
            self.grids[key] = [draw(spacing) for draw in parts or [tablet.voxelize]]
        return self.grids[key]


def _solve_at(study: Study, times: Array) -> Release:
    run = dataclasses.replace(study.run, times=tuple(times.tolist()), until=float(times[-1]))
    return simulate(dataclasses.replace(study, run=run))


def _geometry(tablet: Tablet) -> tuple[object, ...]:
    """Everything that a grid of the tablet depends on; its materials are not part of it."""
    unneeded = {"formulation", "porosity", "mass", "mass_spread", "regions", "layers"}
    own = [getattr(tablet, f.name) for f in dataclasses.fields(tablet) if f.name not in unneeded]
    regions = [(r.name, r.shape, r.at, r.infill) for r in tablet.regions]
    layers = [(layer.name, layer.thickness, layer.infill) for layer in tablet.layers]
    return (*own, *regions, *layers)

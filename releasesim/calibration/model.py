"""The released fraction as a function of parameters, as fast as exactness allows.

Where one parameter only sets the clock (one material into a perfect sink: D t, or the front's
v t), one solve serves all its values (NUMERICS 8). Otherwise every value is solved anew, on the
grids of the first solve.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, final

import numpy as np
from numpy.typing import NDArray

from releasesim.curve import ReleaseCurve
from releasesim.geometry.grid import VoxelGrid
from releasesim.simulation import Release, mechanism_of, simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.diffusion import diffuse, extrapolate, factors, multiply
from releasesim.simulation.erosion import erode
from releasesim.simulation.mechanism import Mechanism
from releasesim.study import Study
from releasesim.tablet import Tablet

Array = NDArray[np.float64]

_CLOCKS = {
    "diffusion": ("diffusion.D",),
    "erosion": ("erosion.speed", "erosion.k0"),
}
"""Parameters that only set the clock of a mechanism."""

_LOOK = 2e-4
"""Grid that is fine enough to tell volume over wetted area of a printed body [m]."""
_EXTENSIONS = 4
"""How often a curve is followed further before it is taken as it is."""
_TAIL, _NO_MORE = 1e-3, 1e-9
"""Left when diffusion has become one exponential; gain per step when a front is through [-]."""


class Model(ABC):
    """A release curve with free parameters.

    Parameters
    ----------
    study : Study
        Gives everything that is not free.
    names : sequence of str
        Dotted names of the free parameters.
    """

    step: ClassVar[float]
    """Relative step of finite differences that suits its accuracy [-]."""
    cheap: ClassVar[bool]
    """Whether a value costs microseconds."""
    precision: ClassVar[float]
    """To which its curves are worth fitting, relative [-]."""

    def __init__(self, study: Study, names: Sequence[str]) -> None:
        self.study, self.names = study, tuple(names)
        self.evaluations = 0

    def fraction(self, values: Array, times: Array) -> Array:
        """Released fraction at `times` [s] for the parameters' `values` in SI, (n,) [-]."""
        self.evaluations += 1
        return self._fraction(values, times)

    @abstractmethod
    def _fraction(self, values: Array, times: Array) -> Array:
        """See `fraction`."""

    def with_values(self, values: Array) -> Study:
        """Put parameters into the study."""
        study = self.study
        for name, value in zip(self.names, values, strict=True):
            study = study.replace(name, float(value))
        return study


def model_of(study: Study, names: Sequence[str], times: Array) -> Model:
    """Choose the fastest exact model of the free parameters.

    Parameters
    ----------
    times : (n,) ndarray
        At which the curve was observed, increasing [s].
    """
    mechanism = mechanism_of(study)
    plain = [name.removeprefix("physics.") for name in names]
    alone = len(plain) == 1 and len(study.tablet.parts) == 1 and mechanism.clock is None
    sink = not np.isfinite(mechanism.film) and not np.isfinite(mechanism.bath)
    if (
        alone
        and plain[0] in _CLOCKS.get(mechanism.kind, ())
        and (sink or mechanism.kind == "erosion")
    ):
        return ScaledCurve(study, names, mechanism)
    return SolvedCurve(study, names, times)


@final
class ScaledCurve(Model):
    """One solve, its clock scaled: f(t; v) = F(t v/v0), exact."""

    step = 1e-3
    cheap = True
    precision = 1e-9

    def __init__(self, study: Study, names: Sequence[str], mechanism: Mechanism) -> None:
        super().__init__(study, names)
        self.start = float(study.get(names[0]))
        draw = _diffusion_curve if mechanism.kind == "diffusion" else _erosion_curve
        self.curve = draw(study, mechanism)

    def _fraction(self, values: Array, times: Array) -> Array:
        return self.curve(times * float(values[0]) / self.start)


def _solve_at(study: Study, times: Array) -> Release:
    run = dataclasses.replace(study.run, times=tuple(times.tolist()), until=float(times[-1]))
    return simulate(dataclasses.replace(study, run=run))


def _solve_until(study: Study, end: float, samples: int) -> ReleaseCurve:
    run = dataclasses.replace(study.run, times=None, until=end, samples=samples)
    return simulate(dataclasses.replace(study, run=run)).curve


def _length(tablet: Tablet) -> float:
    """Volume over wetted area [m]."""
    if tablet.is_solid:
        return tablet.body.volume / tablet.body.surface
    grid = tablet.voxelize(_LOOK)
    return grid.volume / grid.wetted_area


def _diffusion_curve(study: Study, mechanism: Mechanism) -> Callable[[Array], Array]:
    """Curve of the study from the start to its exponential tail."""
    from scipy.interpolate import CubicSpline

    end = 5.0 * _length(study.tablet) ** 2 / mechanism.materials[0].diffusivity
    for _ in range(_EXTENSIONS):
        solved = _solve_until(study, end, 401)
        left = 1.0 - solved.fraction[[-2, -1]]
        if left[1] < _TAIL:
            break
        end *= 4.0
    # release begins like sqrt(t), so it is smooth in it
    between = CubicSpline(np.sqrt(solved.time), solved.fraction)
    slowest = np.log(left[0] / left[1]) / (solved.time[-1] - solved.time[-2])

    def curve(t: Array) -> Array:
        beyond = np.maximum(t - end, 0.0)
        tail = 1.0 - left[1] * np.exp(-slowest * beyond)
        return np.asarray(np.where(beyond > 0.0, tail, between(np.sqrt(np.minimum(t, end)))))

    return curve


def _erosion_curve(study: Study, mechanism: Mechanism) -> Callable[[Array], Array]:
    """Curve of the study until nothing more comes."""
    from scipy.interpolate import PchipInterpolator

    end = 3.2 * _length(study.tablet) / mechanism.speeds[0]
    for _ in range(_EXTENSIONS):
        solved = _solve_until(study, end, 2001)
        if solved.fraction[-1] - solved.fraction[-400] < _NO_MORE and solved.fraction[-1] > 0.0:
            break
        end *= 2.0
    between = PchipInterpolator(np.sqrt(solved.time), solved.fraction)
    return lambda t: np.asarray(between(np.sqrt(np.minimum(t, end))))


@final
class SolvedCurve(Model):
    """One solve for every value, at the grid that the study needed for its own values."""

    step = 1e-2
    cheap = False
    precision = 1e-6

    def __init__(self, study: Study, names: Sequence[str], times: Array) -> None:
        super().__init__(study, names)
        self.spacing = _solve_at(study, times).spacing
        self.grids: dict[tuple[object, ...], list[VoxelGrid]] = {}

    def _fraction(self, values: Array, times: Array) -> Array:
        study = self.with_values(values)
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


def _geometry(tablet: Tablet) -> tuple[object, ...]:
    """Everything that a grid of the tablet depends on; its materials are not part of it."""
    unneeded = {"formulation", "porosity", "mass", "mass_spread", "regions", "layers"}
    own = [getattr(tablet, f.name) for f in dataclasses.fields(tablet) if f.name not in unneeded]
    regions = [(r.name, r.shape, r.at, r.infill) for r in tablet.regions]
    layers = [(layer.name, layer.thickness, layer.infill) for layer in tablet.layers]
    return (*own, *regions, *layers)

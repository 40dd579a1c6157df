"""Curves of many polymers from one geometry (NUMERICS 8): release depends on D t or v t alone."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.grid import VoxelGrid
from releasesim.optimization.store import CurveStore
from releasesim.simulation.assemble import Material
from releasesim.simulation.diffusion import diffuse
from releasesim.simulation.erosion import erode
from releasesim.simulation.mechanism import Mechanism
from releasesim.tablet import Tablet

Array = NDArray[np.float64]

#: Past this many (V/A)^2/D nothing measurable is left in any printed body.
_LONGEST = 400.0
_BETWEEN = 48
#: Ratios of film to diffusivity at which curves are solved, for others to lie between.
_NODES = 9
_DENSE = 193


@dataclass(eq=False)
class Geometry:
    """One tablet on the search grid, and the curves computed from it so far.

    Parameters
    ----------
    tablet : Tablet
    spacing : float
        Of the search grid [m].
    times : (n,) ndarray
        At which curves are wanted, increasing [s].
    mechanisms : sequence of Mechanism
        Of all polymers: one solve serves those that differ only in D or in v.
    store : CurveStore, optional
        Where solved curves are kept.
    name : tuple
        What the store tells the tablet by.
    """

    tablet: Tablet
    spacing: float
    times: Array
    mechanisms: Sequence[Mechanism]
    store: CurveStore | None = None
    name: tuple[Any, ...] = ()
    _grid: VoxelGrid | None = field(default=None, init=False)
    _solved: dict[Hashable, tuple[Array, Array]] = field(default_factory=dict, init=False)

    @property
    def grid(self) -> VoxelGrid:
        """The body on the search grid."""
        if self._grid is None:
            self._grid = self.tablet.voxelize(self.spacing)
        return self._grid

    def shares(self, mechanism: Mechanism) -> bool:
        """Whether one solve serves this mechanism and others on another clock."""
        return _family(mechanism) is not None

    def has_solved(self, mechanism: Mechanism) -> bool:
        """Whether the curve of a mechanism costs no solve any more."""
        return _family(mechanism) in self._solved

    def curve(self, mechanism: Mechanism) -> Array:
        """Released fraction at the wanted times, (n,) [-]."""
        key = _family(mechanism)
        if key is None:
            return self._solve_directly(mechanism)
        if key not in self._solved:
            same = [m for m in (mechanism, *self.mechanisms) if _family(m) == key]
            clocks = np.concatenate([_rate(m) * self.times for m in same])
            # points between: a front by mass moves a little faster at another drug loading
            dense = clocks.max() * np.linspace(0.0, 1.0, _BETWEEN) ** 2
            clocks = np.unique(np.concatenate([clocks, dense]))
            self._solved[key] = clocks, self._solve_family(mechanism, clocks)
        clocks, fraction = self._solved[key]
        return np.interp(_rate(mechanism) * self.times, clocks, fraction)

    def many(self, mechanisms: Sequence[Mechanism]) -> Array:
        """Curves of many mechanisms that differ in a few numbers, (k, n) [-].

        On one clock they are one solve. Behind a film a curve depends on k/D too: it is solved at
        a few ratios and interpolated between them, smooth as it is.
        """
        families = {_family(mechanism) for mechanism in mechanisms}
        if None in families:
            return np.stack([self._solve_directly(mechanism) for mechanism in mechanisms])
        if len(families) > _NODES and _differ_in_film(mechanisms):
            return self._between_ratios(mechanisms)
        one_of_each = {_family(m): m for m in mechanisms}
        tables = {family: self._table(m, mechanisms) for family, m in one_of_each.items()}
        return np.stack([_on_clock(self.times, m, *tables[_family(m)]) for m in mechanisms])

    def _table(self, mechanism: Mechanism, others: Sequence[Mechanism]) -> tuple[Array, Array]:
        """Release against the clock of a family, as far as the fastest of it gets."""
        longest = max(_rate(m) for m in others if _family(m) == _family(mechanism))
        clocks = longest * self.times[-1] * np.linspace(0.0, 1.0, _DENSE) ** 2
        return clocks, self._solve_family(mechanism, clocks)

    def _between_ratios(self, mechanisms: Sequence[Mechanism]) -> Array:
        from scipy.interpolate import PchipInterpolator

        logs = np.log([m.film / m.materials[0].diffusivity for m in mechanisms])
        low, high = float(logs.min()), float(logs.max())
        nodes = 0.5 * (low + high - (high - low) * np.cos(np.pi * np.arange(_NODES) / (_NODES - 1)))
        clocks = max(map(_rate, mechanisms)) * self.times[-1] * np.linspace(0.0, 1.0, _DENSE) ** 2
        first = mechanisms[0]
        films = np.exp(nodes) * first.materials[0].diffusivity
        table = [self._solve_family(replace(first, film=float(film)), clocks) for film in films]
        at_ratio = PchipInterpolator(nodes, np.stack(table), axis=0)
        return np.stack(
            [
                _on_clock(self.times, mechanism, clocks, at_ratio(log))
                for mechanism, log in zip(mechanisms, logs, strict=True)
            ]
        )

    def _kept(self, mechanism: Mechanism, times: Array, solve: Callable[[], Array]) -> Array:
        """What the store has of a solve, else the solve."""
        if self.store is None:
            return solve()
        what = (self.name, self.spacing, _family(mechanism) or mechanism, times.tobytes())
        return self.store.kept(what, solve)

    def _solve_family(self, mechanism: Mechanism, clocks: Array) -> Array:
        """Release against D t [m2] or v t [m]."""
        return self._kept(mechanism, clocks, lambda: self._family_curve(mechanism, clocks))

    def _family_curve(self, mechanism: Mechanism, clocks: Array) -> Array:
        if mechanism.kind == "erosion":
            return erode(self.grid, (1.0,), (1.0,), clocks, quick=True).fraction
        material = mechanism.materials[0]
        unit = Material(1.0, 1.0, material.partition)
        if self.grid.wetted_area <= 0.0:
            raise GeometryError("no face of this tablet meets the medium")
        length = self.grid.volume / self.grid.wetted_area
        film = mechanism.film / material.diffusivity
        longest = _LONGEST * length**2 * (1.0 + material.partition / (film * length))
        capped = np.unique(np.minimum(clocks, longest))
        solved = diffuse(self.grid, (unit,), capped, film=film, bath=mechanism.bath, quick=True)
        return np.interp(clocks, capped, solved.fraction)

    def _solve_directly(self, mechanism: Mechanism) -> Array:
        """Several materials: no scaling of time serves two polymers."""
        return self._kept(mechanism, self.times, lambda: self._direct_curve(mechanism))

    def _direct_curve(self, mechanism: Mechanism) -> Array:
        if mechanism.kind == "erosion":
            c = tuple(m.concentration for m in mechanism.materials)
            return erode(self.grid, mechanism.speeds, c, self.times, quick=True).fraction
        solved = diffuse(
            self.grid,
            mechanism.materials,
            mechanism.time(self.times),
            film=mechanism.film,
            bath=mechanism.bath,
            quick=True,
        )
        return solved.fraction


def _rate(mechanism: Mechanism) -> float:
    if mechanism.kind == "erosion":
        return mechanism.speeds[0]
    return mechanism.materials[0].diffusivity


def _on_clock(times: Array, mechanism: Mechanism, clocks: Array, fraction: Array) -> Array:
    return np.interp(_rate(mechanism) * times, clocks, fraction)


def _differ_in_film(mechanisms: Sequence[Mechanism]) -> bool:
    """Whether k/D is all that families of diffusion differ in."""
    rest = {(m.kind, m.materials[0].partition, m.bath) for m in mechanisms}
    filmed = all(np.isfinite(m.film) for m in mechanisms)
    return filmed and len(rest) == 1 and mechanisms[0].kind == "diffusion"


def _family(mechanism: Mechanism) -> Hashable | None:
    """What mechanisms have in common whose curves are one curve on different clocks."""
    if len(mechanism.materials) > 1 or mechanism.clock is not None or _rate(mechanism) <= 0:
        return None
    if mechanism.kind == "erosion":
        return ("erosion",)
    material = mechanism.materials[0]
    film = mechanism.film / material.diffusivity if np.isfinite(mechanism.film) else np.inf
    return ("diffusion", film, material.partition, mechanism.bath)

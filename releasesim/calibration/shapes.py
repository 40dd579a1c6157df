"""Curves from a few solves: one shape on a clock, or a family of shapes along one number.

Parameters that are all the rates of a study set a clock and, between them, ratios. One parameter
that is no such clock is a number of its own. Where at most one number is left besides the clock,
shapes are solved at values of it that lie a quarter of a decade apart, when they are first needed,
and the curve between is a polynomial through six or eight of them, on a clock in units of each
shape's own mean dissolution time, which varies as smoothly. Its derivatives are exact ones of the
polynomial.

Bodies that are scaled copies of each other share their shapes: all that tells them apart is a
length, which enters with the rates, as in D t/l^2 and v l/D.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.family import (
    NODES,
    ROOT,
    EndlessError,
    Family,
    Shape,
    bursts,
    solve_shape,
)
from releasesim.calibration.model import Model, SolvedCurve
from releasesim.calibration.rates import (
    characteristic_length,
    only_rates,
    plain,
    power_of_length,
)
from releasesim.geometry.shape import Shape as Body
from releasesim.geometry.shapes import Block, Caplet, Capsule, Cylinder, Ring, Sphere
from releasesim.physics import parameter_units
from releasesim.simulation.diffusion import factors
from releasesim.simulation.mechanism import mechanism_of
from releasesim.study import Study

Array = NDArray[np.float64]

_APART = np.log(10.0) / 4.0
"""Logarithmic distance of neighbouring shapes [-]."""
_WINDOW = {"diffusion": 8, "erosion": 8, "coupled": 6}
"""Shapes through which the polynomial goes: curves with fronts have kinks, more tell no more."""
_ROUGH_WINDOW = 4
"""Shapes of a window, at twice the distance, of curves that only say where to begin."""
_FELT = ("tablet", "formulation", "medium", "physics")
"""Tables of a study that a shape depends on."""
_SCALABLE = (Block, Caplet, Capsule, Cylinder, Ring, Sphere)
"""Bodies of which every number is a length."""
_KEPT = 64
"""Families of shapes that are remembered."""


@dataclass(frozen=True, eq=False)
class Known:
    """A family, and whose it is.

    Parameters
    ----------
    family : Family
    start : float
        What the clock was for its shapes; 1 without one.
    length : float
        Volume over surface of the body that they were solved for [m].
    """

    family: Family
    start: float
    length: float


@final
class ShapedCurve(Model):
    """A curve from shapes that were solved before.

    Parameters
    ----------
    clock : str, optional
        Which of the names sets the clock.
    known : Known
        Its shapes, along the other name, over the clock where there is one.
    """

    step = 1e-3
    precision = 1e-9

    def __init__(self, study: Study, names: Sequence[str], clock: str | None, known: Known) -> None:
        super().__init__(study, names)
        self.family, self.start = known.family, known.start
        scale = characteristic_length(study.tablet.body) / known.length
        self.cheap = len(names) == (clock is not None) or _quick(study)
        self.clock = None if clock is None else self.names.index(clock)
        others = [i for i, name in enumerate(self.names) if name != clock]
        self.number = others[0] if others else None
        self.slower, self.ahead = 1.0, 0.0
        if scale != 1.0:
            powers = [power_of_length(study, name) for name in self.names]
            of_clock = powers[self.clock or 0]
            self.slower = scale**of_clock
            self.ahead = 0.0 if self.number is None else of_clock - powers[self.number]
            self.ahead *= float(np.log(scale))

    @property
    def simulations(self) -> int:
        """Shapes that were solved so far, in this fit or an earlier one."""
        return len(self.family.shapes)

    def _fraction(self, values: Array, times: Array) -> Array:
        combined, mean, _, _ = self._here(values)
        return np.clip(_read(combined, np.sqrt(times / mean))[0], 0.0, 1.0)

    def slopes(self, values: Array, times: Array) -> Array:
        """Derivatives by the logarithms of the parameters, (n, p)."""
        combined, mean, along, mean_along = self._here(values)
        root = np.sqrt(times / mean)
        by_time = -0.5 * root * _read(combined, root)[1]  # by ln(mean time)
        found = np.zeros((times.size, len(self.names)))
        by_number = np.zeros(times.size)
        if along is not None:
            by_number = _read(along, root)[0] + by_time * mean_along
        if self.number is not None:
            found[:, self.number] = by_number
        if self.clock is not None:
            found[:, self.clock] = -by_time - by_number
        return found

    def mean_time(self, values: Array, expected: float) -> float:
        """Mean dissolution time of all drug [s]."""
        combined, mean, _, _ = self._here(values)
        left = 1.0 - combined
        clock = ROOT**2
        return float(mean * (np.diff(clock) @ (left[1:] + left[:-1])) / 2.0)

    def _here(self, values: Array) -> tuple[Array, float, Array | None, float]:
        """Released fractions at ROOT, mean time, and the derivatives of both by the number."""
        if self.number is None:
            shape = self.family.at(0.0)
            return shape.fraction, shape.mean_time * self._pace(values), None, 0.0
        number = np.log(values[self.number])
        if self.clock is not None:
            number += self.ahead - np.log(values[self.clock])
        table, means, weights, slopes = self.family.window(float(number))
        mean = float(np.exp(weights @ means)) * self._pace(values)
        return weights @ table, mean, slopes @ table, float(slopes @ means)

    def _pace(self, values: Array) -> float:
        """Times over those that the shapes were solved with [-]."""
        return 1.0 if self.clock is None else self.slower * self.start / float(values[self.clock])


def _read(table: Array, root: Array) -> tuple[Array, Array]:
    """Cubic through four neighbours at square roots of time: value and slope, (n,) each."""
    x = np.minimum(root / ROOT[1], NODES - 1.0)
    i = np.clip(x.astype(int), 1, NODES - 3)
    t = x - i
    a, b, c, d = (table[i + k] for k in (-1, 0, 1, 2))
    p0, p1 = b, (-2.0 * a - 3.0 * b + 6.0 * c - d) / 6.0
    p2, p3 = (a - 2.0 * b + c) / 2.0, (-a + 3.0 * b - 3.0 * c + d) / 6.0
    value = ((p3 * t + p2) * t + p1) * t + p0
    slope = ((3.0 * p3 * t + 2.0 * p2) * t + p1) / ROOT[1]
    slope[root > ROOT[-1]] = 0.0
    return value, slope


# --- which studies have shapes --------------------------------------------------------------------

_REMEMBERED: OrderedDict[str, Known] = OrderedDict()


def shaped_curve(
    study: Study, names: Sequence[str], times: Array, *, rough: bool = False
) -> ShapedCurve | None:
    """Return the curve from shapes; None where too many numbers are left, or it never ends."""
    if not _has_shapes(study, names):
        return None
    clock = _clock(study, names)
    try:
        known = _family(study, names, clock, times, rough=rough)
    except EndlessError:
        return None
    return ShapedCurve(study, names, clock, known)


def _has_shapes(study: Study, names: Sequence[str]) -> bool:
    if not all(_smooth(study, name) for name in names):
        return False
    others = len(names) - (_clock(study, names) is not None)
    # two materials have two clocks, between which a curve is no shape on one of them
    if others > 1 or (others and len(study.tablet.parts) > 1):
        return False
    if others and mechanism_of(study).kind == "erosion":  # one clock is all that it has
        return False
    # a step that moves is no polynomial of a number
    return not (others and bursts(study))


def dear_shapes(study: Study, names: Sequence[str]) -> bool:
    """Whether there are shapes along a number, each of which takes a good part of a second."""
    along = len(names) > (_clock(study, names) is not None)
    return along and mechanism_of(study).kind == "coupled" and _has_shapes(study, names)


def _quick(study: Study) -> bool:
    """Whether a solve takes milliseconds: diffusion in bodies that are outline times height."""
    mechanism = mechanism_of(study)
    plain_sink = mechanism.kind == "diffusion" and not np.isfinite(mechanism.bath)
    return plain_sink and factors(study.tablet) is not None


def _clock(study: Study, names: Sequence[str]) -> str | None:
    """The name that sets the clock: the first diffusion or erosion, else the first."""
    if not only_rates(study, names):
        return None
    first = [name for name in names if plain(name).startswith(("diffusion", "erosion"))]
    return (first or list(names))[0]


def _smooth(study: Study, name: str) -> bool:
    """Whether the curve is smooth in a parameter over decades: a law's own number is."""
    words = plain(name).split(".")
    if words == ["medium", "partition"]:
        return True
    laws = study.physics.laws()
    if words[0] == "region" and len(words) == 4:
        laws, words = study.region_physics.get(words[1], study.physics).laws(), words[2:]
    return (
        len(words) == 2 and words[0] in laws and words[1] in parameter_units(type(laws[words[0]]))
    )


def _family(
    study: Study, names: Sequence[str], clock: str | None, times: Array, *, rough: bool
) -> Known:
    key = f"{rough} {_identity(study, names, clock)}"
    if key in _REMEMBERED:
        _REMEMBERED.move_to_end(key)
        return _REMEMBERED[key]
    start = float(study.get(clock)) if clock is not None else 1.0
    number = next((name for name in names if name != clock), None)
    solver = SolvedCurve(study, names, times)

    def solve(place: float) -> Shape:
        here = study if number is None else study.replace(number, float(np.exp(place)) * start)
        return solve_shape(solver, here)

    width = _ROUGH_WINDOW if rough else _WINDOW[mechanism_of(study).kind]
    family = Family(solve, width, 2.0 * _APART if rough else _APART)
    known = Known(family, start, characteristic_length(study.tablet.body))
    known.family.at(0.0 if number is None else float(np.log(study.get(number) / start)))
    _REMEMBERED[key] = known
    if len(_REMEMBERED) > _KEPT:
        _REMEMBERED.popitem(last=False)
    return known


def _identity(study: Study, names: Sequence[str], clock: str | None) -> str:
    """Hash of everything about a study that its shapes depend on; not of the free numbers."""
    fixed = study
    for name in names:
        fixed = fixed.replace(name, 1.0)
    data = fixed.to_data()
    kept: dict[str, object] = {key: data[key] for key in _FELT if key in data}
    if clock is not None and _scales(study):
        kept["tablet"] = {k: v for k, v in data["tablet"].items() if k != "shape"}
        kept["body"] = _proportions(study.tablet.body)
    run = {"spacing": study.run.spacing, "tolerance": study.run.tolerance}
    text = json.dumps([kept, run, list(names), fixed.cards], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _scales(study: Study) -> bool:
    """Whether the size of the body is the only length besides those in the rates."""
    tablet = study.tablet
    alone = tablet.is_solid and len(tablet.parts) == 1 and study.run.spacing is None
    return alone and isinstance(tablet.body, _SCALABLE) and study.bath.perfect_sink


def _proportions(body: Body) -> list[object]:
    """Kind and dimensions of a body over its own length, to nine digits."""
    sizes = [float(getattr(body, one.name)) for one in dataclasses.fields(body)]
    return [type(body).__name__, *(f"{size / characteristic_length(body):.9g}" for size in sizes)]


def model_of(study: Study, names: Sequence[str], times: Array, *, rough: bool = False) -> Model:
    """Choose the fastest exact model of the free parameters.

    Parameters
    ----------
    times : (n,) ndarray
        At which the curve was observed, increasing [s].
    rough : bool
        Whether the curve only has to say where to begin: shapes lie twice as far apart.
    """
    mechanism_of(study)  # refuses by name what cannot be
    return shaped_curve(study, names, times, rough=rough) or SolvedCurve(study, names, times)


__all__ = ["ShapedCurve", "dear_shapes", "model_of", "shaped_curve"]

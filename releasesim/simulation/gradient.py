"""The verb `gradient`: how a misfit of the released curve moves with parameters of a study.

Linear diffusion takes the adjoint of its solve (NUMERICS 5): two Lanczos runs give the derivative
by every coefficient of the grid, and each parameter only has to say how it moves the coefficients,
by two assemblies and no solve. A parameter that only sets the clock (one diffusivity into a sink,
one front speed) follows from the curve's slope. Coupled laws without fronts take the time steps of
the study once more, a little to one side of it. Everything else is differenced.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from releasesim.curve import ReleaseCurve
from releasesim.errors import GeometryError, InputError
from releasesim.geometry.grid import axis_cells
from releasesim.simulation.adjoint import Coefficients, Factor, draw, draw_like, nearby, same_body
from releasesim.simulation.coupled.again import TornError, again, repeatable
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.solve import course_of
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.simulation.release import Release
from releasesim.simulation.simulate import simulate
from releasesim.study import Study
from releasesim.tablet import Tablet

Array = NDArray[np.float64]

#: Relative steps of the parameters: coefficients of a fixed grid are smooth functions of them [-].
_STEP, _EDGE_STEP = 1e-4, 1e-6
#: Steps of sizes: a narrower one is tried where a cell came or went. A cut surface is as exact
#: after that as before it [-].
_SOLID_STEPS = (3e-5, 1e-7)
#: Layers on each other, and regions side by side, meet by whole cells: where any come or go in a
#: step like this, only means over many of them tell [-].
_CELL_STEP, _MEAN_STEP = 1e-3, 2e-2
#: Steps of whole solves: of closed forms and fronts, and of engines that choose their own steps,
#: whose last digits move with the parameters [-].
_FRONT_STEP, _SOLVE_STEP = 1e-3, 1e-2
#: Step of a study whose time steps are taken again, and of whole courses where they cannot be: on
#: the same cells, over which the latter are wide enough to even out what single cells do [-].
_AGAIN_STEP, _COURSE_STEP = 1e-5, 1.5e-2
#: Both halves of a step over coefficients agree to this and curvature, or something jumped [-].
_SMOOTH = 2e-3
_ALIKE = 1e-9
_LENGTHS = (
    "diameter",
    "inner_diameter",
    "outer_diameter",
    "length",
    "width",
    "height",
    "thickness",
)


@dataclass(frozen=True, eq=False, repr=False)
class Gradient:
    """Derivatives of one number made of a released curve.

    Parameters
    ----------
    value : float
        The misfit, or the weighted sum of released fractions [-].
    derivatives : mapping of str to float
        By dotted name, each in 1 over the SI unit of its parameter.
    methods : mapping of str to str
        How each came about: "adjoint", "clock" (from the slope of the curve), "steps" (one more
        solve by the same time steps) or "difference" (central differences of whole solves on the
        grid of the first).
    products : int
        Products with the operator for curve and derivatives.
    solves : int
        Whole simulations beside these.
    notices : tuple of str
        What to know before trusting a derivative.
    spacing : float
        Grid on which all this was done [m]; 0 where none was needed.
    curve : ReleaseCurve
        Of the study, at the times that count.
    """

    value: float
    derivatives: Mapping[str, float]
    methods: Mapping[str, str]
    products: int
    solves: int
    spacing: float
    curve: ReleaseCurve
    notices: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> float:
        return self.derivatives[name]

    def to_dict(self) -> dict[str, Any]:
        """Plain data with stable keys."""
        return {
            "value": self.value,
            "derivatives": dict(self.derivatives),
            "methods": dict(self.methods),
            "products": self.products,
            "solves": self.solves,
            "spacing_m": self.spacing,
            "notices": list(self.notices),
        }

    def __repr__(self) -> str:
        rows = [f"  {n}: {d:.6g} ({self.methods[n]})" for n, d in self.derivatives.items()]
        cost = f"  {self.products} products with the operator, {self.solves} whole solves"
        said = [f"  note: {notice}" for notice in self.notices]
        return "\n".join([f"Gradient of {self.value:.6g}", *rows, cost, *said])


def gradient(
    study: Study,
    names: Sequence[str],
    *,
    weights: ArrayLike | None = None,
    misfit: ReleaseCurve | None = None,
) -> Gradient:
    """Differentiate a number made of the released curve by parameters of a study.

    Parameters
    ----------
    study : Study
        With `run.spacing` on that grid; without, on those that `simulate` ends with.
    names : sequence of str
        Dotted names of continuous numbers: "diffusion.D", "film.k", "erosion.speed",
        "formulation.drug_loading", "medium.volume", "shape.diameter", "infill.density", ...
    weights : (n,) array_like
        The number is sum of weights_i f(t_i) over the output times of the study.
    misfit : ReleaseCurve
        Instead: the number is sum of (f(t_i) - observed_i)^2 over its times.

    Raises
    ------
    InputError
        Unknown names, names of what is not a continuous number, neither or both of `weights` and
        `misfit`.
    UnsupportedLawError
        For laws that cannot be combined, or that lack what they need, by name.

    Examples
    --------
    >>> study = Study.from_dict({
    ...     "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
    ...     "formulation": {"concentration": "100 mg/mL"},
    ...     "physics": {"erosion": {"law": "ConstantFront", "speed": "1 mm/h"}},
    ... })
    >>> data = ReleaseCurve([3600.0, 7200.0], [0.5, 0.8])
    >>> found = gradient(study, ["erosion.speed"], misfit=data)
    >>> round(found.value, 6), found.methods["erosion.speed"]
    (0.011729, 'clock')
    """
    chosen = [names] if isinstance(names, str) else list(names)
    values = {name: _value(study, name) for name in chosen}
    if misfit is not None:
        times = tuple(float(t) for t in misfit.time)
        study = _with_run(study, times=times, until=times[-1])
    if not study.tablet.dose() > 0.0:
        raise InputError("the tablet holds no drug: there is nothing to release")
    goal = _Goal.of(study.run.output_times(), weights, misfit)
    engine = _engine(study, goal)
    derivatives, methods = {}, {}
    for name, value in values.items():
        derivatives[name], methods[name] = engine.derivative(_Parameter(study, name, value))
    return Gradient(
        value=goal.value(engine.fraction),
        derivatives=derivatives,
        methods=methods,
        products=engine.products,
        solves=engine.solves,
        spacing=engine.spacing,
        curve=ReleaseCurve(
            goal.times, engine.fraction, name=study.title or "simulated", simulated=True
        ),
        notices=tuple(engine.notices),
    )


def _value(study: Study, name: str) -> float:
    if name.startswith("run."):
        raise InputError(f'no derivative by "{name}": it says how a study is solved')
    value = study.get(_path(name))
    if value is None or isinstance(value, str | bool | int):
        raise InputError(f"{name} = {value}: there is a derivative only by continuous numbers")
    return float(value)


def _path(name: str) -> str:
    """Where a formulation keeps a concentration that was given."""
    return f"{name}_given" if name.endswith("formulation.concentration") else name


def _with_run(study: Study, **changes: Any) -> Study:
    return dataclasses.replace(study, run=dataclasses.replace(study.run, **changes))


@dataclass(frozen=True, eq=False)
class _Goal:
    """The number to differentiate: w f, or |f - observed|^2 where w is 1."""

    times: Array
    weights: Array
    observed: Array | None

    @classmethod
    def of(cls, times: Array, weights: ArrayLike | None, misfit: ReleaseCurve | None) -> _Goal:
        if (weights is None) == (misfit is None):
            raise InputError("give either weights or a misfit: they make the curve one number")
        if misfit is not None:
            seen = np.isin(times, misfit.time)  # time 0 is always simulated
            observed = np.zeros(times.size)
            observed[seen] = misfit.fraction
            return cls(times, seen.astype(float), observed)
        given = np.asarray(weights, dtype=float)
        if given.shape != times.shape or not np.isfinite(given).all():
            raise InputError(
                f"weights: one finite number for each of the {times.size} output times is needed, "
                f"not an array of shape {given.shape}"
            )
        return cls(times, given, None)

    def value(self, fraction: Array) -> float:
        if self.observed is None:
            return float(self.weights @ fraction)
        return float(self.weights @ (fraction - self.observed) ** 2)

    def slopes(self, fraction: Array) -> Array:
        """Derivative by each fraction; they all begin at 0."""
        by = self.weights.copy()
        if self.observed is not None:
            by *= 2.0 * (fraction - self.observed)
        by[self.times <= 0.0] = 0.0
        return by


@dataclass(frozen=True, eq=False)
class _Parameter:
    """A number of a study, and the study with other values of it."""

    study: Study
    name: str
    value: float

    @property
    def scale(self) -> float:
        """What steps are shares of."""
        if self.value != 0.0:
            return abs(self.value)
        if self.name.endswith("rate"):
            return 1.0 / self.study.run.until
        return 1.0  # a pure number that may be 0: porosity, oversize

    def ends(self, step: float) -> tuple[Study, Study, float]:
        """Studies a step below and above, one of them this one at a bound; and their distance."""
        low, high = self._at(-step), self._at(step)
        if low is None and high is None:
            raise InputError(f"{self.name} = {self.value:g} has no room to vary")
        span = (low is not None) + (high is not None)
        return low or self.study, high or self.study, span * step * self.scale

    def stencil(self, step: float) -> tuple[tuple[float, ...], list[Study]]:
        """Shares and studies whose sum over the step is the derivative, to second order."""
        for shares, places in (
            ((-0.5, 0.5), (-1.0, 1.0)),
            ((-1.5, 2.0, -0.5), (0.0, 1.0, 2.0)),
            ((1.5, -2.0, 0.5), (0.0, -1.0, -2.0)),
        ):
            studies = [self._at(step * place) for place in places]
            if None not in studies:
                return shares, [study for study in studies if study is not None]
        raise InputError(f"{self.name} = {self.value:g} has no room to vary")

    def _at(self, step: float) -> Study | None:
        if step == 0.0:
            return self.study
        try:
            return self.study.replace(_path(self.name), self.value + step * self.scale)
        except (InputError, GeometryError):
            return None

    def beside(self, step: float) -> tuple[float, Study] | None:
        """A step to either side that can be taken, and the study there."""
        for signed in (step, -step):
            study = self._at(signed)
            if study is not None:
                return signed, study
        return None

    @property
    def moves_boundaries(self) -> bool:
        """Whether it moves what only whole cells follow: roads, and places where parts meet."""
        tablet = self.study.tablet
        near = self.beside(_STEP)
        if near is None or (tablet.is_solid and len(tablet.parts) == 1):
            return False
        return not same_body(tablet, near[1].tablet)

    def at_bound(self, step: float) -> bool:
        """Whether the value cannot be moved to both sides."""
        return self._at(-step) is None or self._at(step) is None


# --- which engine --------------------------------------------------------------------------


def _engine(study: Study, goal: _Goal) -> _Engine:
    mechanism = _linear(study)
    if mechanism is None:
        coupled = study.one_drug and mechanism_of(study).kind == "coupled"
        return (_Stepping if coupled else _Engine)(study, goal)
    return (_Eroding if mechanism.kind == "erosion" else _Diffusing)(study, goal)


def _linear(study: Study) -> Mechanism | None:
    """The mechanism of a study of plain diffusion or of plain fronts; None of any other."""
    if not study.one_drug or study.drug_physics:
        return None
    mechanism = mechanism_of(study)
    return mechanism if mechanism.kind in ("diffusion", "erosion") else None


class _Engine:
    """Any study: whole solves, differenced, all on the grid of the first."""

    #: relative step of a difference
    step = _SOLVE_STEP

    def __init__(self, study: Study, goal: _Goal) -> None:
        self.study, self.goal = study, goal
        self.solves = 0
        self.notices: list[str] = []

    @property
    def products(self) -> int:
        """Products with the operator beside whole solves."""
        return 0

    @cached_property
    def _first(self) -> Release:
        self.solves += 1
        return simulate(self.study)

    @property
    def spacing(self) -> float:
        """Grid of the first solve [m]; 0 where none was needed."""
        return self._first.spacing

    @cached_property
    def fraction(self) -> Array:
        """The released curve at the goal's times."""
        if self.study.run.spacing is None and self.spacing > 0.0:
            return self._solved(self.study, self.spacing)
        return self._first.curve.fraction

    @cached_property
    def slopes(self) -> Array:
        """Derivative of the goal by the released fraction at each time."""
        return self.goal.slopes(self.fraction)

    def derivative(self, parameter: _Parameter) -> tuple[float, str]:
        """The derivative, and how it was found."""
        return self._difference(parameter, self.step), "difference"

    def _solved(self, study: Study, spacing: float) -> Array:
        self.solves += 1
        return simulate(_with_run(study, spacing=spacing or None)).curve.fraction

    def _difference(self, parameter: _Parameter, step: float) -> float:
        """Second order: to both sides, or twice as far to the one that there is."""
        shares, studies = parameter.stencil(step)
        sizes = [study.tablet.body.size for study in (self.study, *studies)]
        spacing = _common_spacing(sizes, self.spacing, step)
        curves = [self._solved(study, spacing) for study in studies]
        if any(_roads(study.tablet) != _roads(studies[0].tablet) for study in studies[1:]):
            self.notices.append(
                f"{parameter.name}: roads come or go within {step:.2g} of its value, where the "
                "curve jumps: the derivative is a mean over the step"
            )
        change = sum(share * curve for share, curve in zip(shares, curves, strict=True))
        return float(self.slopes @ change) / (step * parameter.scale)

    def _mean_difference(self, parameter: _Parameter) -> float:
        """Over cells that come and go: at least one across, where it is a length."""
        step = _MEAN_STEP
        if parameter.name.rpartition(".")[2] in _LENGTHS:
            step = min(max(step, self.spacing / parameter.scale), 5.0 * _MEAN_STEP)
        self.notices.append(
            f"{parameter.name}: the curve of a grid jumps as cells come and go: the derivative is "
            f"a mean over {step:.1%} of its value to either side"
        )
        return self._difference(parameter, step)

    def _say_cells(self, parameter: _Parameter) -> None:
        self.notices.append(
            f"{parameter.name}: no cell changes sides so near its value; on coarse grids the "
            "derivative of the grid can be some percent off that of the body"
        )


class _Stepping(_Engine):
    """Coupled laws: the study's own time steps, taken again a little to one side of it."""

    @property
    def spacing(self) -> float:
        """See `_Engine`."""
        return self.study.run.spacing or self._first.spacing

    @cached_property
    def own(self) -> Course:
        """The study's course, which has run."""
        course = course_of(self.study, self.spacing).course
        self.own_fraction = self._run(course)
        return course

    def _run(self, course: Course) -> Array:
        fraction, _ = course.run(self.goal.times, self.study.run.tolerance)
        self.solves += 1
        return fraction

    @cached_property
    def fraction(self) -> Array:
        """See `_Engine`."""
        return self.own_fraction if self.own else np.zeros(0)

    def derivative(self, parameter: _Parameter) -> tuple[float, str]:
        """See `_Engine`."""
        side = parameter.beside(_AGAIN_STEP)
        if side is None or (parameter.moves_boundaries and not self._cells_stay(parameter)):
            return self._mean_difference(parameter), "difference"
        step, study = side
        try:
            moved = self._moved(study, abs(step))
        except TornError as reason:
            self.notices.append(
                f"{parameter.name}: {reason}: the derivative is a difference of whole solves, "
                f"{_COURSE_STEP:.1%} of its value to either side"
            )
            return self._difference(parameter, _COURSE_STEP), "difference"
        return float(self.slopes @ (moved - self.fraction)) / (step * parameter.scale), "steps"

    def _moved(self, study: Study, step: float) -> Array:
        """The curve of a study a little to one side, by the steps of this one."""
        other = self._course(study, step)
        if not repeatable(self.own):
            raise TornError("polymer leaves where its chains have become short")
        if not _alike(self.own, other) or _roads(study.tablet) != _roads(self.study.tablet):
            raise TornError("cells come and go")
        return self._run(again(self.own, other))

    def _course(self, study: Study, step: float) -> Course:
        """The course of another study, on the same cells where there are such."""
        for spacing in nearby(self.spacing, step):
            course = course_of(study, spacing).course
            if _alike(self.own, course):
                return course
        return course_of(study, self.spacing).course

    def _cells_stay(self, parameter: _Parameter) -> bool:
        """Whether no cell comes or goes so near the value that the grid is not the body."""
        if parameter.at_bound(_CELL_STEP):
            return False
        low, high, _ = parameter.ends(_CELL_STEP)
        stay = all(_alike(self.own, self._course(study, _CELL_STEP)) for study in (low, high))
        if stay:
            self._say_cells(parameter)
        return stay

    def _solved(self, study: Study, spacing: float) -> Array:
        return self._run(self._course(study, _COURSE_STEP))


def _alike(one: Course, other: Course) -> bool:
    """Whether two courses have the same cells and the same moments, if at other times."""
    shapes = [(c.cells.shape, c.cells.images, c.cells.rows.cell.size) for c in (one, other)]
    moments = [[(m.matter is None, np.isnan(m.volume)) for m in c.moments] for c in (one, other)]
    same = shapes[0] == shapes[1] and moments[0] == moments[1]
    same = same and np.array_equal(one.cells.solid, other.cells.solid)
    return same and np.array_equal(one.cells.region, other.cells.region)


def _roads(tablet: Tablet) -> list[tuple[int, ...]]:
    """How many layers, and lines and zones in each: what a small change of a size keeps."""
    return [(len(layer.lines), len(layer.bands.geoms)) for part in tablet.printed for layer in part]


def _common_spacing(sizes: Sequence[Sequence[float]], spacing: float, step: float) -> float:
    """A spacing at which bodies that differ by a step have the cells of the first, if any."""
    if spacing == 0.0:
        return spacing
    wanted = [axis_cells(length, spacing)[0] for length in sizes[0]]
    for tried in nearby(spacing, step):
        if all([axis_cells(a, tried)[0] for a in size] == wanted for size in sizes[1:]):
            return tried
    return spacing


class _Eroding(_Engine):
    """Fronts: where all speeds change alike, f(t; v) = F(v t)."""

    step = _FRONT_STEP

    @cached_property
    def fraction(self) -> Array:
        """See `_Engine`."""
        return self._at(1.0)

    @cached_property
    def _first(self) -> Release:
        """One solve: at the goal's times, a little earlier and a little later."""
        self.solves += 1
        around = [self.goal.times * factor for factor in (1.0 - _STEP, 1.0, 1.0 + _STEP)]
        times = np.unique(np.concatenate(around))
        return simulate(_with_run(self.study, times=tuple(times.tolist()), until=times[-1]))

    def _at(self, factor: float) -> Array:
        curve = self._first.curve
        return curve.fraction[np.searchsorted(curve.time, self.goal.times * factor)]

    def derivative(self, parameter: _Parameter) -> tuple[float, str]:
        """See `_Engine`."""
        step = _EDGE_STEP if parameter.at_bound(_STEP) else _STEP
        low, high, span = parameter.ends(step)
        before, after = _linear(low), _linear(high)
        if not same_body(low.tablet, high.tablet):
            return self._by_size(parameter)
        if before is None or after is None:
            return super().derivative(parameter)
        drug = _common_ratio(_concentrations(before), _concentrations(after))
        pace = _common_ratio(before.speeds, after.speeds)
        if drug is None or pace is None:
            return super().derivative(parameter)
        moved = self._at(1.0 + _STEP) - self._at(1.0 - _STEP)
        by_pace = float(self.slopes @ moved) / (2.0 * _STEP)
        return by_pace * 2.0 * (pace - 1.0) / (pace + 1.0) / span, "clock"

    def _by_size(self, parameter: _Parameter) -> tuple[float, str]:
        """Derivative by a size: exact bodies are smooth in it, voxels only on average."""
        if self.spacing == 0.0:
            return super().derivative(parameter)
        return self._mean_difference(parameter), "difference"


def _concentrations(mechanism: Mechanism) -> tuple[float, ...]:
    return tuple(m.concentration for m in mechanism.materials)


def _common_ratio(before: Sequence[float], after: Sequence[float]) -> float | None:
    """By which all numbers grew; None where they did not grow alike."""
    old, new = np.array(before), np.array(after)
    if np.array_equal(old, new):
        return 1.0
    at = int(np.argmax(old))
    ratio = float(new[at] / old[at]) if old[at] > 0 else 0.0
    return ratio if ratio > 0 and np.allclose(new, ratio * old, rtol=1e-13, atol=0.0) else None


# --- linear diffusion ----------------------------------------------------------------------


@dataclass(eq=False)
class _Grid:
    """The factors of a body on one grid, and the share of their curve in the result."""

    spacing: float
    factors: list[Factor]
    share: float = 1.0

    @property
    def fraction(self) -> Array:
        """Released by each time: what is left multiplies."""
        return np.asarray(1.0 - np.prod([1.0 - factor.fraction for factor in self.factors], axis=0))


class _Diffusing(_Engine):
    """Linear diffusion: one or two grids, each of one body or of its factors."""

    step = _FRONT_STEP

    @cached_property
    def mechanism(self) -> Mechanism:
        """Of the study."""
        return mechanism_of(self.study)

    @property
    def spacing(self) -> float:
        """See `_Engine`."""
        return self.study.run.spacing or self._first.spacing

    @cached_property
    def grids(self) -> list[_Grid]:
        """One grid, or the two that the curve is extrapolated from."""
        fine = self._grid(self.spacing)
        if self.study.run.spacing is not None:
            return [fine]
        try:
            coarse = self._grid(2.0 * self.spacing)
        except GeometryError:
            return [fine]
        # as `simulate` did it: it does not trust every pair of grids
        curve = self._first.curve.fraction
        both = fine.fraction + (fine.fraction - coarse.fraction) / 3.0
        if np.abs(fine.fraction - curve).max() < np.abs(both - curve).max():
            return [fine]
        fine.share, coarse.share = 4.0 / 3.0, -1.0 / 3.0
        return [fine, coarse]

    def _grid(self, spacing: float) -> _Grid:
        times = self.mechanism.time(self.goal.times)
        drawn = draw(self.study.tablet, self.mechanism, spacing)
        return _Grid(spacing, [Factor(grid, self.mechanism, times) for grid in drawn])

    @cached_property
    def _uncut(self) -> Array:
        """The curve before it is cut off at 0 and 1."""
        return np.asarray(sum(grid.share * grid.fraction for grid in self.grids))

    @cached_property
    def fraction(self) -> Array:
        """See `_Engine`."""
        return np.clip(self._uncut, 0.0, 1.0)

    @cached_property
    def factors(self) -> list[Factor]:
        """Of all grids, each with the slope of the goal by its own curve."""
        slopes = self.slopes * ((self._uncut > 0.0) & (self._uncut < 1.0))
        for grid in self.grids:
            for factor in grid.factors:
                left = [1.0 - other.fraction for other in grid.factors if other is not factor]
                factor.slopes = grid.share * slopes * np.prod([np.ones(slopes.size), *left], axis=0)
        return [factor for grid in self.grids for factor in grid.factors]

    @property
    def products(self) -> int:
        """See `_Engine`."""
        return sum(factor.course.matvecs for factor in self.factors)

    def derivative(self, parameter: _Parameter) -> tuple[float, str]:
        """See `_Engine`."""
        step = _EDGE_STEP if parameter.at_bound(_STEP) else _STEP
        low, high, span = parameter.ends(step)
        if not (same_body(self.study.tablet, low.tablet) and same_body(low.tablet, high.tablet)):
            return self._by_size(parameter)
        before, after = mechanism_of(low), mechanism_of(high)
        times = after.time(self.goal.times) - before.time(self.goal.times)
        pace = _pace(before, after)
        if pace is not None:
            times = times + pace * self.mechanism.time(self.goal.times)
            return sum(f.by_times(times) for f in self.factors) / span, "clock"
        total = 0.0
        for factor in self.factors:
            ends = [Coefficients.of(factor.grid, m, factor.base.axes) for m in (before, after)]
            total += factor.by_coefficients(ends[0], ends[1]) + factor.by_times(times)
        return total / span, "adjoint"

    def _by_size(self, parameter: _Parameter) -> tuple[float, str]:
        """Derivative by something that moves the surface or a boundary between regions."""
        tablet = self.study.tablet
        meeting = not tablet.is_solid or len(tablet.parts) > 1
        for step in (_CELL_STEP,) if meeting else _SOLID_STEPS:
            found = None if parameter.at_bound(step) else self._by_moved_surface(parameter, step)
            if found is not None:
                if meeting:
                    self._say_cells(parameter)
                return found, "adjoint"
        return self._mean_difference(parameter), "difference"

    def _by_moved_surface(self, parameter: _Parameter, step: float) -> float | None:
        """By the coefficients of the same cells; None where cells come or go."""
        low, high, span = parameter.ends(step)
        if _roads(low.tablet) != _roads(high.tablet):
            return None
        factors = self.factors
        halves = np.zeros(2)
        sides = [(study, mechanism_of(study)) for study in (low, high)]
        for own in self.grids:
            moved = [
                draw_like([f.grid for f in own.factors], s.tablet, m, own.spacing, step)
                for s, m in sides
            ]
            if moved[0] is None or moved[1] is None:
                return None
            for factor, below, above in zip(own.factors, moved[0], moved[1], strict=True):
                before = Coefficients.of(below, sides[0][1], factor.base.axes)
                after = Coefficients.of(above, sides[1][1], factor.base.axes)
                halves[0] += factor.by_coefficients(before, factor.base)
                halves[1] += factor.by_coefficients(factor.base, after)
        times = sides[1][1].time(self.goal.times) - sides[0][1].time(self.goal.times)
        halves += 0.5 * sum(f.by_times(times) for f in factors)
        # apart from curvature, which is of the order of the step
        allowed = max(_SMOOTH, 10.0 * step) * float(np.abs(halves).sum())
        if abs(halves[1] - halves[0]) > allowed + _ALIKE * float(np.abs(self.slopes).sum()):
            return None
        return float(halves.sum()) / span


def _pace(before: Mechanism, after: Mechanism) -> float | None:
    """Relative growth of all diffusivities where they only set the clock; None elsewhere.

    The released fraction does not depend on how much drug there is, only on where it is.
    """
    partitions = [[m.partition for m in each.materials] for each in (before, after)]
    surroundings = [(each.film, each.bath) for each in (before, after)]
    if partitions[0] != partitions[1] or surroundings[0] != surroundings[1]:
        return None
    drug = _common_ratio(_concentrations(before), _concentrations(after))
    pace = _common_ratio(*([m.diffusivity for m in each.materials] for each in (before, after)))
    if drug is None or pace is None or (np.isfinite(before.film) and pace != 1.0):
        return None
    return 2.0 * (pace - 1.0) / (pace + 1.0)

"""Gradients of any study: differences of whole solves."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.grid import axis_cells
from releasesim.simulation.adjoint import nearby
from releasesim.simulation.gradient.goal import Goal
from releasesim.simulation.gradient.parameter import Parameter
from releasesim.simulation.release import Release
from releasesim.simulation.simulate import simulate
from releasesim.study import Study
from releasesim.tablet import Tablet

Array = NDArray[np.float64]

#: Step of whole solves by engines that choose their own steps, whose last digits move with the
#: parameters; and of means over cells that come and go [-].
_SOLVE_STEP, _MEAN_STEP = 1e-2, 2e-2
_LENGTHS = (
    "diameter",
    "inner_diameter",
    "outer_diameter",
    "length",
    "width",
    "height",
    "thickness",
)


class Engine:
    """Any study: whole solves, differenced, all on the grid of the first."""

    #: relative step of a difference
    step = _SOLVE_STEP

    def __init__(self, study: Study, goal: Goal) -> None:
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

    def derivative(self, parameter: Parameter) -> tuple[float, str]:
        """The derivative, and how it was found."""
        return self._difference(parameter, self.step), "difference"

    def _solved(self, study: Study, spacing: float) -> Array:
        self.solves += 1
        return simulate(with_run(study, spacing=spacing or None)).curve.fraction

    def _difference(self, parameter: Parameter, step: float) -> float:
        """Second order: to both sides, or twice as far to the one that there is."""
        shares, studies = parameter.stencil(step)
        sizes = [study.tablet.body.size for study in (self.study, *studies)]
        spacing = _common_spacing(sizes, self.spacing, step)
        curves = [self._solved(study, spacing) for study in studies]
        if any(roads(study.tablet) != roads(studies[0].tablet) for study in studies[1:]):
            self.notices.append(
                f"{parameter.name}: roads come or go within {step:.2g} of its value, where the "
                "curve jumps: the derivative is a mean over the step"
            )
        change = sum(share * curve for share, curve in zip(shares, curves, strict=True))
        return float(self.slopes @ change) / (step * parameter.scale)

    def _mean_difference(self, parameter: Parameter) -> float:
        """Over cells that come and go: at least one across, where it is a length."""
        step = _MEAN_STEP
        if parameter.name.rpartition(".")[2] in _LENGTHS:
            step = min(max(step, self.spacing / parameter.scale), 5.0 * _MEAN_STEP)
        self.notices.append(
            f"{parameter.name}: the curve of a grid jumps as cells come and go: the derivative is "
            f"a mean over {step:.1%} of its value to either side"
        )
        return self._difference(parameter, step)

    def _say_cells(self, parameter: Parameter) -> None:
        self.notices.append(
            f"{parameter.name}: no cell changes sides so near its value; on coarse grids the "
            "derivative of the grid can be some percent off that of the body"
        )


def with_run(study: Study, **changes: Any) -> Study:
    """The study with another [run]."""
    return dataclasses.replace(study, run=dataclasses.replace(study.run, **changes))


def roads(tablet: Tablet) -> list[tuple[int, ...]]:
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

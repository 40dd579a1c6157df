"""Empirical equations beside mechanisms: each curve by itself, judged on the same points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from releasesim.calibration.choice.criteria import Criteria, criteria, refuse_few
from releasesim.calibration.points import Points
from releasesim.curve import ReleaseCurve
from releasesim.empirical import Equation, EquationFit, fit_equation


@dataclass(frozen=True, eq=False)
class EquationSet:
    """One empirical equation fitted to every experiment, with parameters of its own for each.

    Parameters
    ----------
    equation : Equation
    fits : tuple of EquationFit
        In the order of the experiments.
    criteria : Criteria
        Its parameters are those of all experiments together.
    """

    equation: Equation
    fits: tuple[EquationFit, ...]
    criteria: Criteria

    @property
    def rmse(self) -> float:
        """Root mean square of all unweighted residuals [-]."""
        return math.sqrt(
            float(np.mean(np.concatenate([f.fitted - f.observed for f in self.fits]) ** 2))
        )

    @property
    def scatter(self) -> float:
        """Standard deviation of unweighted residuals about the equation [-]."""
        n, k = self.criteria.n, self.criteria.k
        return self.rmse * math.sqrt(n / (n - k + 1))

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a reader must know of the fits, said once."""
        return tuple(dict.fromkeys(note for one in self.fits for note in one.notes))


def try_equation(
    equation: Equation, curves: Sequence[ReleaseCurve], points: Sequence[Points]
) -> EquationSet:
    """Fit an equation to the curve of every experiment.

    Raises
    ------
    InputError
        Too few points, of one experiment or of all.
    """
    parameters = len(equation.parameters) * len(curves)
    weights = np.concatenate([one.weight for one in points])
    refuse_few(weights.size, parameters)
    pairs = zip(curves, points, strict=True)
    fits = tuple(_fitted(equation, one, its) for one, its in pairs)
    wss = sum(one.goodness.wss for one in fits) / 1e4  # from percent
    return EquationSet(equation, fits, criteria(wss, weights, parameters))


def _fitted(equation: Equation, curve: ReleaseCurve, points: Points) -> EquationFit:
    squares = np.ones(curve.time.size)
    squares[curve.time > 0.0] = points.weight**2
    return fit_equation(equation, curve, weights=squares)

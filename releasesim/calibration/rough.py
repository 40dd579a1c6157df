"""Where a search begins that costs: at what coarse curves, at a tenth of the price, say."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.experiment import Experiment
from releasesim.calibration.parameters import Parameter
from releasesim.calibration.points import Points
from releasesim.calibration.problem import problem_of
from releasesim.calibration.rates import characteristic_length
from releasesim.calibration.search import search
from releasesim.calibration.shapes import dear_shapes
from releasesim.errors import ReleaseSimError
from releasesim.study import Study

Array = NDArray[np.float64]

_CELL, _TOLERANCE = 0.5, 0.02
"""Edge of a cell over volume over surface, and tolerance of the time steps [-]."""


def rough_answer(
    experiments: Sequence[Experiment], parameters: Sequence[Parameter], points: Sequence[Points]
) -> Array | None:
    """Best parameters of coarse curves, x (p,); None where fine ones cost little.

    Fine shapes are then solved about the answer only, and not all the way from the start.
    """
    if any(one.prior is not None for one in parameters):  # these hold on to the start
        return None
    for place, one in enumerate(experiments):
        names = [p.name for p in parameters if place in p.where]
        if one.study.run.spacing is not None or not dear_shapes(one.study, names):
            return None
    coarse = [Experiment(_coarse(one.study), one.data) for one in experiments]
    try:
        problem = problem_of(coarse, parameters, points, rough=True)
        return search(problem).x
    except ReleaseSimError:  # what is wrong is for the fine curves to say
        return None


def _coarse(study: Study) -> Study:
    spacing = _CELL * characteristic_length(study.tablet.body)
    tolerance = max(study.run.tolerance, _TOLERANCE)
    run = dataclasses.replace(study.run, spacing=spacing, tolerance=tolerance)
    return dataclasses.replace(study, run=run)

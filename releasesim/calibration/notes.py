"""What a reader must know about a fit, in words: above all what the data cannot tell."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from releasesim.calibration.experiment import Experiment
from releasesim.calibration.parameters import Parameter
from releasesim.calibration.points import Points
from releasesim.calibration.result import Estimate
from releasesim.calibration.search import POOR
from releasesim.curve import time_text
from releasesim.units import format_quantity

Array = NDArray[np.float64]

_TWINS = 0.98
"""Correlation beyond which two parameters are not told apart."""
_NOTHING_YET, _ALREADY = 0.02, 0.05


def about_estimates(
    parameters: Sequence[Parameter], estimates: Sequence[Estimate], correlation: Array
) -> list[str]:
    """Bounds reached, parameters not determined, parameters not told apart."""
    found = [
        note
        for parameter, estimate in zip(parameters, estimates, strict=True)
        for note in _about_one(parameter, estimate)
    ]
    for i, j in itertools.combinations(range(len(parameters)), 2):
        r = correlation[i, j]
        if abs(r) > _TWINS:
            pair = f"{parameters[i].name} and {parameters[j].name}"
            found.append(
                f"this curve does not separate {pair} (correlation {r:.3f}): fix one of them, or "
                "measure where both matter"
            )
    return found


def _about_one(parameter: Parameter, estimate: Estimate) -> list[str]:
    found = []
    for end, word in ((parameter.low, "lower"), (parameter.high, "upper")):
        if abs(math.log(estimate.value / end)) < 1e-3:
            bound = format_quantity(end, parameter.unit)
            found.append(
                f"{parameter.name} is at the {word} bound of the search, {bound}: its standard "
                "error means little; start from a better value or doubt the law"
            )
    if math.isnan(estimate.standard_error):
        found.append(
            "as many parameters as points: the curve passes through them, nothing is left "
            "to tell how sure they are"
        )
    elif not estimate.determined:
        found.append(f"this curve does not determine {parameter.name}")
    if parameter.prior is not None:
        centre = format_quantity(parameter.prior.centre, parameter.unit)
        factor = math.exp(2.0 * parameter.prior.log_sd)
        found.append(
            f"{parameter.name} was held near {centre}, within a factor of {factor:.3g}, by the "
            "range of its card"
        )
    return found


def about_copies(experiments: Sequence[Experiment]) -> list[str]:
    """Say which data are the same values under another name: they narrow intervals for nothing."""
    return [
        f"{one.name} and {other.name} hold the same values: they count twice, and the intervals "
        "are too narrow if they are one experiment"
        for one, other in itertools.combinations(experiments, 2)
        if one.data.time.size
        and np.array_equal(one.data.time, other.data.time)
        and np.array_equal(one.data.fraction, other.data.fraction)
    ]


def about_search(misfit: float, stopped: bool) -> list[str]:
    """Misfit, and a search that was cut off."""
    found = []
    if misfit > POOR:
        found.append(
            f"the best curve misses the data by {100.0 * misfit:.2g} % (root mean square): these "
            "laws or this tablet are not what was measured"
        )
    if stopped:
        found.append("the search stopped at its limit of evaluations: the estimates may still move")
    return found


def about_lag(points: Points, fitted: Array, whose: str) -> list[str]:
    """A lag that the laws do not have."""
    curve = fitted[: points.time.size]
    late = (points.fraction <= _NOTHING_YET) & (curve >= _ALREADY)
    if not late.any():
        return []
    last = time_text(float(points.time[late][-1]))
    return [f"the data{whose} show a lag, to {last} at least, that these laws do not have"]

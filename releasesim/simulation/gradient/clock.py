"""Gradients of plain fronts: where all speeds change alike, only the clock does."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from releasesim.simulation.adjoint import same_body
from releasesim.simulation.gradient.engine import Engine, with_run
from releasesim.simulation.gradient.parameter import EDGE_STEP, FRONT_STEP, STEP, Parameter
from releasesim.simulation.mechanism import Mechanism, mechanism_of
from releasesim.simulation.release import Release
from releasesim.simulation.simulate import simulate
from releasesim.study import Study

Array = NDArray[np.float64]


class Eroding(Engine):
    """Fronts: where all speeds change alike, f(t; v) = F(v t)."""

    step = FRONT_STEP

    @cached_property
    def fraction(self) -> Array:
        """See `Engine`."""
        return self._at(1.0)

    @cached_property
    def _first(self) -> Release:
        """One solve: at the goal's times, a little earlier and a little later."""
        self.solves += 1
        around = [self.goal.times * factor for factor in (1.0 - STEP, 1.0, 1.0 + STEP)]
        times = np.unique(np.concatenate(around))
        return simulate(with_run(self.study, times=tuple(times.tolist()), until=times[-1]))

    def _at(self, factor: float) -> Array:
        curve = self._first.curve
        return curve.fraction[np.searchsorted(curve.time, self.goal.times * factor)]

    def derivative(self, parameter: Parameter) -> tuple[float, str]:
        """See `Engine`."""
        step = EDGE_STEP if parameter.at_bound(STEP) else STEP
        low, high, span = parameter.ends(step)
        before, after = linear_mechanism(low), linear_mechanism(high)
        if not same_body(low.tablet, high.tablet):
            return self._by_size(parameter)
        if before is None or after is None:
            return super().derivative(parameter)
        drug = common_ratio(concentrations(before), concentrations(after))
        pace = common_ratio(before.speeds, after.speeds)
        if drug is None or pace is None:
            return super().derivative(parameter)
        moved = self._at(1.0 + STEP) - self._at(1.0 - STEP)
        by_pace = float(self.slopes @ moved) / (2.0 * STEP)
        return by_pace * 2.0 * (pace - 1.0) / (pace + 1.0) / span, "clock"

    def _by_size(self, parameter: Parameter) -> tuple[float, str]:
        """Derivative by a size: exact bodies are smooth in it, voxels only on average."""
        if self.spacing == 0.0:
            return super().derivative(parameter)
        return self._mean_difference(parameter), "difference"


def linear_mechanism(study: Study) -> Mechanism | None:
    """The mechanism of a study of plain diffusion or of plain fronts; None of any other."""
    if not study.one_drug or study.drug_physics:
        return None
    mechanism = mechanism_of(study)
    return mechanism if mechanism.kind in ("diffusion", "erosion") else None


def concentrations(mechanism: Mechanism) -> tuple[float, ...]:
    """Of all materials [kg/m3]."""
    return tuple(m.concentration for m in mechanism.materials)


def common_ratio(before: Sequence[float], after: Sequence[float]) -> float | None:
    """By which all numbers grew; None where they did not grow alike."""
    old, new = np.array(before), np.array(after)
    if np.array_equal(old, new):
        return 1.0
    at = int(np.argmax(old))
    ratio = float(new[at] / old[at]) if old[at] > 0 else 0.0
    return ratio if ratio > 0 and np.allclose(new, ratio * old, rtol=1e-13, atol=0.0) else None

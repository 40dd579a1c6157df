"""Which method solves linear diffusion, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from releasesim.numerics.modes import FEW, Decay, decay_of_few
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]


class Method(Protocol):
    """Drug held and crossed at each time."""

    def __call__(
        self, problem: DiffusionProblem, times: Array, *, tolerance: float, single: bool
    ) -> Decay:
        """Solve; parameters as of `lanczos.decay`."""


@dataclass(frozen=True)
class Picked:
    """A method, and the words that say why it was picked."""

    method: Method
    words: str

    @property
    def on_gpu(self) -> bool:
        """Whether it runs on a GPU."""
        return self.method is _on_gpu


def method_of(problem: DiffusionProblem, end: float, gpu_from: float) -> Picked:
    """All modes of a few unknowns, or else the cheaper of the two Krylov methods.

    Parameters
    ----------
    problem : DiffusionProblem
    end : float
        Last output [s].
    gpu_from : float
        Unknowns from which on Lanczos runs on a GPU, which must be there.
    """
    from releasesim.numerics.lanczos import decay
    from releasesim.numerics.shift_invert import decay_by_shifts, why_shifts

    if problem.unknowns <= FEW:
        return Picked(_of_few, f"all modes of a linear problem, at most {FEW} unknowns")
    why = why_shifts(problem, end)
    if why:
        return Picked(decay_by_shifts, f"shift-invert Krylov with multigrid: {why}")
    if problem.unknowns >= gpu_from:
        return ON_GPU
    return Picked(decay, "Lanczos on the release functional: linear and constant in time")


def _of_few(problem: DiffusionProblem, times: Array, *, tolerance: float, single: bool) -> Decay:
    return decay_of_few(problem, times)


def _on_gpu(problem: DiffusionProblem, times: Array, *, tolerance: float, single: bool) -> Decay:
    """Lanczos on a GPU, always in float64."""
    from releasesim.numerics.gpu import decay_on_gpu

    return decay_on_gpu(problem, times, tolerance=tolerance)


#: Lanczos on a GPU.
ON_GPU = Picked(_on_gpu, "Lanczos on the release functional on a GPU: linear and constant in time")

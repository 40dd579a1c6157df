"""The Lanczos recurrence of `lanczos` on a GPU: one large problem, or a batch of designs.

An optional extra, `pip install "releasesim[gpu]"`. The same flat arrays in float64, the same
tridiagonal T, the same stopping rule. The recurrence runs on the device without the host, which
fetches T when it is time to look at the curve; every problem of a batch has its own stream.

Nothing was measured on a device so far: neither that it is right there nor that it is faster.
What was: on the CUDA simulator of numba, with a sink and with baths, problems of up to 480 cells
give the curves of the CPU to 1e-6 of the drug and close their ledgers to 1e-10, and the kernels
compile for devices of compute capability 7.0 to 9.0.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import ConvergenceError, InputError
from releasesim.numerics import lanczos
from releasesim.numerics.modes import Decay
from releasesim.numerics.operator import DiffusionProblem

Array = NDArray[np.float64]

#: Problems on the device at a time: enough to keep it busy, few enough for its memory.
_TOGETHER = 32
#: Entries of the scalars on the device; `gpu_kernels` says what they are.
_STATE, _SCALE, _DONE, _STOPPED = 10, 0, 8, 9


def available() -> tuple[bool, str]:
    """Whether there is a GPU to solve on, and which one; or else why not, in words."""
    from numba import config

    if config.ENABLE_CUDASIM:
        return True, "the CUDA simulator of numba, on the CPU: slow, for tests"
    if not installed():
        return False, 'numba-cuda is not installed: pip install "releasesim[gpu]"'
    return _device()


def installed() -> bool:
    """Whether the optional extra is there."""
    return find_spec("numba_cuda") is not None


def _device() -> tuple[bool, str]:
    """The first CUDA device, or why there is none."""
    from numba import cuda
    from numba.cuda.cudadrv.error import CudaDriverError, CudaSupportError

    try:
        if not len(cuda.gpus):
            return False, "the CUDA driver finds no device"
        name = cuda.get_current_device().name
    except (CudaSupportError, CudaDriverError) as error:
        why = " ".join(str(error).split()).removeprefix("Error at driver init: ")
        return False, f"no CUDA device to be had: {why.rstrip(' .:')}"
    return True, name.decode() if isinstance(name, bytes) else str(name)


class _DeviceRecurrence(lanczos._Recurrence):
    """The recurrence with its vectors and scalars on the device; T on the host, as ever."""

    def __init__(self, problem: DiffusionProblem) -> None:
        from numba import cuda

        from releasesim.numerics.gpu_kernels import BLOCKS, SUMS, THREADS

        super().__init__(problem, np.dtype(np.float64))
        self.cells = self.new.size
        self.stream = cuda.stream()
        self.span = int(self.runs[0][0]), int(self.runs[1][-1])
        blocks = min(BLOCKS, -(-(self.span[1] - self.span[0]) // THREADS))
        self.wide, self.narrow = (blocks, THREADS, self.stream), (1, THREADS, self.stream)
        self.matrix = self._matrix(problem)
        self.vectors = [self._send(self.new), self._send(self.x)]
        state = np.zeros(_STATE)
        state[_SCALE] = self.numbers[0]
        self.state, self.constants = self._send(state), self._send(self.fixed)
        self.partial = self._send(np.zeros((blocks, SUMS)))
        self.filled: Any = None

    def _matrix(self, problem: DiffusionProblem) -> list[Any]:
        """Conductances, diagonal, C, outlets and C u(0) on the device."""
        outlet = np.where(problem.capacity > 0.0, problem.outlet, 0.0)
        cells = [*problem.conductance, outlet, problem.capacity * problem.initial]
        x, y, z, *others = (self._flat(a, np.dtype(float)) for a in cells)
        return [self._send(a) for a in (x, y, z, self.diagonal, self.capacity, *others)]

    def _send(self, a: NDArray[Any]) -> Any:
        from numba import cuda

        return cuda.to_device(a, stream=self.stream)

    def launch(self, steps: int) -> None:
        """Begin some steps; the host does not wait for them."""
        from releasesim.numerics import gpu_kernels as kernels

        self.filled = self._send(np.zeros((4, steps)))
        state, partial = self.state, self.partial
        capacity, outlet = self.matrix[4], self.matrix[5]
        with warnings.catch_warnings():
            # the sums of all blocks are added up by one block, as they should be
            warnings.filterwarnings("ignore", "Grid size")
            for step in range(steps):
                x, new = self.vectors
                settle = self.constants, partial, state, self.filled, step
                kernels.multiply[self.wide](
                    *self.span, *self.strides, *self.matrix, x, new, state, partial
                )
                kernels.settle_alpha[self.narrow](*settle)
                kernels.subtract[self.wide](*self.span, capacity, outlet, x, new, state, partial)
                kernels.settle_beta[self.narrow](*settle)
                self.vectors.reverse()

    def collect(self) -> bool:
        """Wait for the steps begun and keep their T; whether there is anything left to find."""
        state = self.state.copy_to_host(stream=self.stream)
        filled = self.filled.copy_to_host(stream=self.stream)
        self.stream.synchronize()
        done = int(state[_DONE]) - self.steps
        for kept, row in zip(
            (self.alphas, self.betas, self.counts, self.fluxes), filled, strict=True
        ):
            kept.extend(row[:done])
        return not state[_STOPPED]

    def advance(self, steps: int) -> bool:
        """Go on by some steps; whether there is anything left to find."""
        self.launch(steps)
        return self.collect()


class _Solve:
    """One problem on its way to a settled curve."""

    def __init__(self, problem: DiffusionProblem, times: Array, tolerance: float) -> None:
        self.images, self.times = problem.images, times
        self.run = _DeviceRecurrence(problem)
        self.check_at = lanczos._check_times(times)
        limit = max(lanczos._SHARE * tolerance * self.run.total, 1e-300)
        self.stop = lanczos._Stop(limit, self.run.cells)
        self.target = lanczos._first_check(self.run.fastest * times[-1])

    def launch(self) -> None:
        """Begin the steps up to the next look."""
        self.run.launch(self.target - self.run.steps)

    def unsettled(self) -> bool:
        """Whether the curve needs more steps than those begun."""
        if not self.run.collect():
            return False
        if self.stop.settled(self.run.steps, *self.run.look(self.check_at)):
            return False
        if self.run.steps >= lanczos._MOST_STEPS:
            raise ConvergenceError(
                f"the release curve had not settled after {lanczos._MOST_STEPS} Lanczos steps: "
                "use a wider run.spacing or a shorter run.until"
            )
        self.target = min(self.stop.next, lanczos._MOST_STEPS)
        return True

    def decay(self) -> Decay:
        """The curve from the steps so far."""
        held, crossed = self.run.curve(self.times)
        return Decay(self.images * held, self.images * crossed, self.run.steps)


def decay_on_gpu(problem: DiffusionProblem, times: Array, *, tolerance: float = 5e-5) -> Decay:
    """Drug held and drug released at each time, solved on the GPU.

    Parameters
    ----------
    problem : DiffusionProblem
        Fold it first: mirror planes make it up to eight times smaller.
    times : (n,) ndarray
        Output times, increasing [s].
    tolerance : float
        Accuracy of the time integration, as a fraction of the drug [-].

    Raises
    ------
    InputError
        If there is no GPU to solve on; `available` says why.
    ConvergenceError
        If the curve has not settled after thousands of steps.
    """
    return decay_batch_on_gpu([problem], times, tolerance=tolerance)[0]


def decay_batch_on_gpu(
    problems: Sequence[DiffusionProblem], times: Array, *, tolerance: float = 5e-5
) -> list[Decay]:
    """Drug held and drug released of many problems, in their order.

    All are begun before the first is looked at: while the host looks at one, the device works on.

    Parameters
    ----------
    problems : sequence of DiffusionProblem
        Of any sizes; fold them first.
    times : (n,) ndarray
        Output times of all of them, increasing [s].
    tolerance : float
        Accuracy of the time integration, as a fraction of the drug [-].

    Raises
    ------
    InputError
        If there is no GPU to solve on; `available` says why.
    ConvergenceError
        If a curve has not settled after thousands of steps.
    """
    there, reason = available()
    if not there:
        raise InputError(f"cannot solve on a GPU: {reason}")
    found: list[Decay] = []
    with _errors_in_words():
        for first in range(0, len(problems), _TOGETHER):
            found += _together(problems[first : first + _TOGETHER], times, tolerance)
    return found


@contextmanager
def _errors_in_words() -> Iterator[None]:
    """What a driver raises, such as memory that ran out, as one line."""
    from numba.cuda.cudadrv import error as errors

    try:
        yield
    # the simulator has no driver
    except getattr(errors, "CudaDriverError", ()) as error:
        why = " ".join(str(error).split())
        raise InputError(f'the GPU gave up: {why}; take run.device = "cpu"') from None


def _together(problems: Sequence[DiffusionProblem], times: Array, tolerance: float) -> list[Decay]:
    """The curves of problems that are on the device at the same time."""
    solves = [_Solve(problem, times, tolerance) for problem in problems]
    going = solves
    while going:
        for solve in going:
            solve.launch()
        going = [solve for solve in going if solve.unsettled()]
    return [solve.decay() for solve in solves]

"""In this process: one after the other, or in threads. A crash takes the whole sweep along."""

from __future__ import annotations

from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType

from releasesim.sweep.executors.base import Evaluate, Executor, Outcome, compute
from releasesim.sweep.plan import Shard


class Serial(Executor):
    """One shard after the other.

    Parameters
    ----------
    evaluate : callable
        From the changes of a run to its measures.
    """

    def __init__(self, evaluate: Evaluate) -> None:
        self.evaluate = evaluate
        self._waiting: deque[Shard] = deque()

    def submit(self, shard: Shard) -> None:
        """Queue a shard."""
        self._waiting.append(shard)

    def wait(self) -> tuple[Shard, Outcome]:
        """Compute the next."""
        shard = self._waiting.popleft()
        return shard, compute(self.evaluate, shard)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting.clear()


class Threads(Executor):
    """Threads of this process: the kernels let others run beside them.

    Parameters
    ----------
    evaluate : callable
        From the changes of a run to its measures.
    workers : int
        Threads.
    """

    def __init__(self, evaluate: Evaluate, workers: int) -> None:
        self.evaluate = evaluate
        self._pool = ThreadPoolExecutor(workers)
        self._running: dict[Future[Outcome], Shard] = {}

    def submit(self, shard: Shard) -> None:
        """Hand a shard to the pool."""
        self._running[self._pool.submit(compute, self.evaluate, shard)] = shard

    def wait(self) -> tuple[Shard, Outcome]:
        """The first that is finished."""
        done, _ = wait(self._running, return_when=FIRST_COMPLETED)
        future = next(iter(done))
        return self._running.pop(future), future.result()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

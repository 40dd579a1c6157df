"""A dask cluster: it carries shards to workers and rows back, and remembers nothing."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any

from releasesim.errors import ReleaseSimError
from releasesim.extras import load_extra
from releasesim.sweep.executors.base import Evaluate, Executor, Lost, Outcome, compute
from releasesim.sweep.plan import Shard

#: How often to see whether the cluster still has workers [s].
_STEP = 2.0


class ClusterError(ReleaseSimError):
    """A cluster that cannot be reached or has no workers left; what is done is kept."""

    exit_code = 5


class Cluster(Executor):
    """Workers of dask.distributed.

    Parameters
    ----------
    evaluate : callable
        From the changes of a run to its measures; is pickled.
    scheduler : str
        Address, such as "tcp://10.0.0.5:8786".
    patience : float
        Longest wait for a cluster that has no worker [s].

    Raises
    ------
    MissingExtraError
        dask.distributed is not installed.
    ClusterError
        No scheduler answers there.
    """

    def __init__(self, evaluate: Evaluate, scheduler: str, patience: float = 60.0) -> None:
        distributed = load_extra("distributed", "cluster")
        self.evaluate, self.scheduler, self.patience = evaluate, scheduler, patience
        try:
            self._client: Any = distributed.Client(
                scheduler, timeout=patience, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(f"no dask scheduler answers at {scheduler}: {error}") from None
        self._finished: SimpleQueue[Any] = SimpleQueue()
        self._shards: dict[str, Shard] = {}
        self._sent = 0

    def submit(self, shard: Shard) -> None:
        """Send a shard; one whose worker dies is not sent again whole for ever."""
        self._sent += 1  # a shard that is sent again must not meet its earlier self
        key = f"releasesim-{shard.name}-{self._sent}"
        future = self._client.submit(compute, self.evaluate, shard, key=key, retries=0, pure=False)
        self._shards[future.key] = shard
        future.add_done_callback(self._finished.put)

    def wait(self) -> tuple[Shard, Outcome]:
        """The next that comes back, or whose worker did not."""
        future = self._next()
        shard = self._shards.pop(future.key)
        try:
            outcome: Outcome = future.result()
        except Exception as error:  # runs that fail come back as a result: the cluster lost it
            outcome = Lost(_reason(error), sure=False)
        future.release()
        return shard, outcome

    def _next(self) -> Any:
        """Wait as long as there is anybody to wait for."""
        waited = 0.0
        while waited < self.patience:
            try:
                return self._finished.get(timeout=_STEP)
            except Empty:
                waited = 0.0 if self._client.nthreads() else waited + _STEP
        raise ClusterError(
            f"the cluster at {self.scheduler} has had no worker for {waited:.0f} s: "
            "--resume goes on when it has"
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()


def _reason(error: Exception) -> str:
    """Say in one line why a shard did not come back; all that a dead worker held is blamed."""
    if type(error).__name__ == "KilledWorker":
        return "its worker died, again and again"
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"

"""What every executor does: take shards, give outcomes back in whatever order they come."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from releasesim.errors import ReleaseSimError
from releasesim.study import Level
from releasesim.sweep.plan import Shard
from releasesim.sweep.shards import Row

Evaluate = Callable[[Mapping[str, Level]], dict[str, float]]
"""From the changes of a run to its measures; can be pickled."""


@dataclass(frozen=True)
class Done:
    """A shard that was computed.

    Parameters
    ----------
    rows : list of dict
        One a run.
    seconds : float
        Wall time [s].
    """

    rows: list[Row]
    seconds: float


@dataclass(frozen=True)
class Lost:
    """A shard whose computation did not come back.

    Parameters
    ----------
    reason : str
        Why, in a line.
    sure : bool
        Whether it was this shard's own doing: where workers hold several shards at a time, one
        that brings its worker down takes others with it.
    """

    reason: str
    sure: bool = True


Outcome = Done | Lost


class Executor(ABC):
    """Computes shards; open it with `with`."""

    @abstractmethod
    def submit(self, shard: Shard) -> None:
        """Take a shard to compute."""

    @abstractmethod
    def wait(self) -> tuple[Shard, Outcome]:
        """Give the next shard that is finished or lost; some must be under way."""

    def __enter__(self) -> Self:
        return self

    @abstractmethod
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of workers; what is under way is dropped."""


def compute(evaluate: Evaluate, shard: Shard) -> Outcome:
    """Compute the runs of a shard, one after the other.

    A run that our own errors refuse is a row that says so; any other exception loses the shard.
    """
    begun = time.perf_counter()
    try:
        rows = [_row(evaluate, job.index, job.changes) for job in shard.jobs]
    except Exception as error:
        return Lost(f"{type(error).__name__}: {error}")
    return Done(rows, time.perf_counter() - begun)


def _row(evaluate: Evaluate, index: int, changes: Mapping[str, Level]) -> Row:
    row: dict[str, Any] = {"run": index}
    try:
        row |= evaluate(changes)
    except ReleaseSimError as error:
        row["refused"] = str(error)
    return row

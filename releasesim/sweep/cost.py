"""What a sweep costs: from the measured times of its shards to any number of cores."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Cost:
    """Times of a sweep, measured, and what they let expect elsewhere.

    Parameters
    ----------
    seconds : tuple of float
        Wall time of every shard on one worker [s].
    runs : int
        Runs in all of them.
    """

    seconds: tuple[float, ...]
    runs: int

    @property
    def core_seconds(self) -> float:
        """All shards together [s]."""
        return float(np.sum(self.seconds))

    def makespan(self, workers: int, startup: float = 0.0) -> float:
        """Time until the last shard is done, each free worker taking the next in line [s].

        Parameters
        ----------
        workers : int
            Cores, of the kind that the times were measured on.
        startup : float
            Time for which every worker is busy before its first shard [s].

        Examples
        --------
        >>> Cost((3.0, 1.0, 1.0, 1.0), runs=4).makespan(2)
        3.0
        """
        free = [startup] * max(1, min(workers, len(self.seconds)))
        for seconds in self.seconds:
            heapq.heapreplace(free, free[0] + seconds)
        return max(free)

    def to_dict(self, workers: Sequence[int] = (1, 10, 100, 1000)) -> dict[str, Any]:
        """Plain data for sweep.json."""
        return {
            "runs": self.runs,
            "shards": len(self.seconds),
            "core_seconds": self.core_seconds,
            "seconds_per_run": self.core_seconds / max(1, self.runs),
            "median_shard_s": float(np.median(self.seconds)) if self.seconds else None,
            "longest_shard_s": max(self.seconds, default=None),
            "expected_s": {str(count): self.makespan(count) for count in workers},
        }

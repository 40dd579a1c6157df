"""Where shards are computed: here, in threads, in processes that may die, or on a cluster."""

from __future__ import annotations

from releasesim.sweep.executors.base import Done, Evaluate, Executor, Lost, Outcome
from releasesim.sweep.executors.cluster import Cluster
from releasesim.sweep.executors.local import Serial, Threads
from releasesim.sweep.executors.processes import Processes

__all__ = [
    "Cluster",
    "Done",
    "Evaluate",
    "Executor",
    "Lost",
    "Outcome",
    "Processes",
    "Serial",
    "Threads",
]

"""Supervised processes: one that dies or takes too long loses its shard, not the sweep."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType

from releasesim.sweep.executors.base import Evaluate, Executor, Lost, Outcome, compute
from releasesim.sweep.plan import Shard

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass
class _Worker:
    """A process, the way to it, and what it is at."""

    process: SpawnProcess
    pipe: Connection
    shard: Shard | None = None
    deadline: float = math.inf


class Processes(Executor):
    """Processes of their own, watched.

    Parameters
    ----------
    evaluate : callable
        From the changes of a run to its measures; is pickled.
    workers : int
        Processes at a time.
    limit : float
        Longest that a run may take [s]: a shard gets this for each of its runs.
    """

    def __init__(self, evaluate: Evaluate, workers: int, limit: float = math.inf) -> None:
        self.evaluate, self.most, self.limit = evaluate, workers, limit
        self._spawn = multiprocessing.get_context("spawn")
        self._waiting: deque[Shard] = deque()
        self._workers: list[_Worker] = []

    def submit(self, shard: Shard) -> None:
        """Queue a shard."""
        self._waiting.append(shard)

    def wait(self) -> tuple[Shard, Outcome]:
        """Keep all workers at work until one of them is done, dies or is too late."""
        while True:
            self._assign()
            for worker in self._ready():
                shard, outcome = worker.shard, self._outcome(worker)
                if shard is not None and outcome is not None:
                    worker.shard = None
                    return shard, outcome

    def _assign(self) -> None:
        idle = [worker for worker in self._workers if worker.shard is None]
        while self._waiting and (idle or len(self._workers) < self.most):
            worker = idle.pop() if idle else self._start()
            shard = self._waiting.popleft()
            worker.shard = shard
            worker.deadline = math.inf  # its time begins when it says so, not while it starts
            try:
                worker.pipe.send(shard)
            except OSError:  # it died while idle: nobody is to blame, another takes the shard
                self._discard(worker)
                self._waiting.appendleft(shard)

    def _start(self) -> _Worker:
        ours, theirs = self._spawn.Pipe()
        process = self._spawn.Process(target=_serve, args=(theirs, self.evaluate), daemon=True)
        with _one_thread_each():
            process.start()
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _ready(self) -> list[_Worker]:
        """Workers that have answered, died, or are past their time."""
        busy = [worker for worker in self._workers if worker.shard is not None]
        left = min(worker.deadline for worker in busy) - time.monotonic()
        patience = None if left == math.inf else max(0.0, left)
        answered = wait([worker.pipe for worker in busy], patience)  # a closed pipe answers too
        now = time.monotonic()
        return [w for w in busy if w.pipe in answered or w.deadline <= now]

    def _outcome(self, worker: _Worker) -> Outcome | None:
        """What came of a worker's shard; None where it says that it begins."""
        if not worker.pipe.poll():
            self._discard(worker)
            return Lost(f"took longer than {self.limit:.4g} s a run")
        try:
            outcome: Outcome | None = worker.pipe.recv()
        except EOFError:
            worker.process.join()
            code = worker.process.exitcode
            self._discard(worker)
            return Lost(_death(code))
        if outcome is None and worker.shard is not None:
            worker.deadline = time.monotonic() + self.limit * len(worker.shard.jobs)
        return outcome

    def _discard(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.pipe.close()
        worker.process.kill()
        worker.process.join()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._waiting.clear()
        for worker in list(self._workers):
            self._discard(worker)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that start now do their algebra on one core: there is one for each of them."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _death(code: int | None) -> str:
    """Say how a process ended."""
    if code is not None and code < 0:
        return f"its process was ended by {signal.Signals(-code).name}"
    return f"its process ended with code {code}"


def _serve(pipe: Connection, evaluate: Evaluate) -> None:
    """Compute shards until the pipe is closed; Ctrl-C is for the one who supervises."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            shard = pipe.recv()
        except EOFError:
            os._exit(0)
        pipe.send(None)
        pipe.send(compute(evaluate, shard))

"""Running a plan: what is missing is computed, what is lost is halved down to the bad run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from releasesim.sweep.executors import Done, Executor, Lost
from releasesim.sweep.plan import Plan, Shard
from releasesim.sweep.shards import Row, Store

Progress = Callable[[str, float], None]

#: Shards in the hands of an executor at a time, for each of its workers and at least.
_AHEAD = 64


@dataclass
class _Pieces:
    """What is known of a shard that is computed in parts."""

    shard: Shard
    rows: dict[int, Row] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def whole(self) -> bool:
        return len(self.rows) == len(self.shard.jobs)

    def ordered(self) -> list[Row]:
        return [self.rows[job.index] for job in self.shard.jobs]


def run_plan(
    plan: Plan,
    store: Store,
    executor: Executor,
    *,
    part: tuple[int, int] = (0, 1),
    retry: bool = False,
    progress: Progress | None = None,
) -> None:
    """Compute every shard that the store has not.

    A shard that is lost, because its worker died, took too long or met an error that is not ours,
    is computed again in halves; a single run that is lost again is quarantined, with the reason.
    Where its neighbours may have been to blame it is tried once more first, alone.

    Parameters
    ----------
    plan : Plan
    store : Store
        Opened for the plan.
    executor : Executor
        Entered.
    part : (int, int)
        Only every n-th shard, from the k-th on: (k, n), k from 0.
    retry : bool
        Compute shards again that hold a run in quarantine.
    progress : callable, optional
        Called with the stage in words and the share of shards done, 0 to 1.
    """
    mine = plan.shards[part[0] :: part[1]]
    missing = [shard for shard in mine if not _has(store, shard, retry=retry)]
    done = len(mine) - len(missing)
    tell = progress or (lambda stage, share: None)
    for count, pieces in enumerate(_computed(missing, executor), done + 1):
        store.write(pieces.shard, pieces.ordered(), pieces.seconds)
        tell("sweeping", count / len(mine))


def _has(store: Store, shard: Shard, *, retry: bool) -> bool:
    rows = store.read(shard)
    return rows is not None and not (retry and any("quarantined" in row for row in rows))


def _computed(missing: Iterable[Shard], executor: Executor) -> Iterable[_Pieces]:
    """Every missing shard, whole, in the order in which they are finished."""
    suspects: list[tuple[Shard, _Pieces]] = []
    yield from _together(missing, executor, suspects)
    for run, pieces in suspects:  # one at a time, with nothing beside it
        executor.submit(run)
        _take(pieces, *executor.wait())
        if pieces.whole:
            yield pieces


def _together(
    missing: Iterable[Shard], executor: Executor, suspects: list[tuple[Shard, _Pieces]]
) -> Iterable[_Pieces]:
    """Many shards at a time; lost ones in halves, down to a single run."""
    waiting = iter(missing)
    at_work: dict[str, _Pieces] = {}  # by the name of a shard or of a part of it
    while True:
        while len(at_work) < _AHEAD and (shard := next(waiting, None)) is not None:
            at_work[shard.name] = _Pieces(shard)
            executor.submit(shard)
        if not at_work:
            return
        shard, outcome = executor.wait()
        pieces = at_work.pop(shard.name)
        if isinstance(outcome, Lost) and len(shard.jobs) > 1:
            for half in shard.halves():
                at_work[half.name] = pieces
                executor.submit(half)
        elif isinstance(outcome, Lost) and not outcome.sure:
            suspects.append((shard, pieces))
        else:
            _take(pieces, shard, outcome)
            if pieces.whole:
                yield pieces


def _take(pieces: _Pieces, shard: Shard, outcome: Done | Lost) -> None:
    """Keep what a shard, a part of one, or a single lost run gave."""
    if isinstance(outcome, Lost):
        index = shard.jobs[0].index
        pieces.rows[index] = {"run": index, "quarantined": outcome.reason}
        return
    pieces.rows |= {row["run"]: row for row in outcome.rows}
    pieces.seconds += outcome.seconds

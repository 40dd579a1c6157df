"""The sweep of a study, from plan to table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from releasesim.files import write_atomic
from releasesim.study import Study
from releasesim.study.routes import text_for
from releasesim.sweep import Store, Sweep, plan_of, run_plan
from releasesim.workflows.output import json_text
from releasesim.workflows.sweeping.runs import Runs

if TYPE_CHECKING:
    from releasesim.sweep.executors import Evaluate, Executor

Progress = Callable[[str, float], None]


def sweep(
    study: Study,
    out: str | Path,
    *,
    executor: Callable[[Evaluate], Executor] | None = None,
    resume: bool = False,
    retry: bool = False,
    part: tuple[int, int] = (0, 1),
    progress: Progress | None = None,
) -> Sweep:
    """Simulate every variant that a study's [sweep] names, and keep what it measures.

    Finished shards lie in the folder and are never computed again: a sweep that was stopped, by
    whatever, goes on with `resume`, and ends with the same bytes as one that was not.

    Parameters
    ----------
    study : Study
        With [sweep].
    out : str or Path
        Folder, made if absent.
    executor : callable, optional
        Makes the executor from what one run is; default: one shard after the other, here.
    resume : bool
        Go on with a sweep that was begun in the folder.
    retry : bool
        Compute quarantined runs again.
    part : (int, int)
        Compute only every n-th shard, from the k-th on: (k, n).
    progress : callable, optional
        Called with the stage in words and its share done, 0 to 1.

    Returns
    -------
    Sweep
        All runs that the folder has.

    Raises
    ------
    InputError
        No [sweep], another sweep in the folder, or this one without `resume`.
    """
    from releasesim.sweep.executors import Serial

    runs, plan, store = Runs(study), plan_of(study), Store(Path(out))
    store.open(plan, resume=resume or retry)
    with (executor or Serial)(runs) as workers:
        run_plan(plan, store, workers, part=part, retry=retry, progress=progress)
    return Sweep.read(plan, store)


def write_sweep(study: Study, found: Sweep, out: Path) -> list[str]:
    """Write sweep.csv, sweep.json, cost.json and a picture of the measures; give their names.

    cost.json holds what differs from run to run of the same sweep: times.
    """
    from releasesim.plotting import sweep_figure

    texts = [
        [
            _cell(text_for(study, name, value))
            for name, value in zip(found.plan.names, row, strict=True)
        ]
        for row in found.plan.rows
    ]
    files: dict[str, str | bytes] = {
        "sweep.csv": found.csv(texts),
        "sweep.png": sweep_figure(found),
        "cost.json": json_text(found.cost.to_dict()),
        "sweep.json": json_text(found.to_dict()),
    }
    for name, content in files.items():
        write_atomic(out / name, content)
    return list(files)


def _cell(text: Any) -> str:
    """Several words in one cell: "paroxetine + quinidine"."""
    return (" + ".join(text) or "none") if isinstance(text, list) else str(text)

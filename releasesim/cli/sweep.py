"""`releasesim sweep`: many variants of a study, in shards that survive whatever happens."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from releasesim.cli.failures import QUARANTINED, complain
from releasesim.cli.options import Json, OutFolderPath, StudyFile
from releasesim.cli.screen import Screen, shown_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from releasesim.study import Study
    from releasesim.sweep import Sweep
    from releasesim.sweep.executors import Evaluate, Executor


class Where(StrEnum):
    """Where runs are computed."""

    SERIAL = "serial"
    THREADS = "threads"
    PROCESSES = "processes"
    DASK = "dask"
    SLURM = "slurm"


def sweep(
    study: StudyFile,
    out: OutFolderPath,
    *,
    executor: Annotated[
        Where,
        typer.Option(help="processes may die without harm; slurm only writes a script."),
    ] = Where.PROCESSES,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="At a time; default: one a core. For slurm: tasks of the array."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of a dask scheduler: tcp://host:8786."),
    ] = None,
    limit: Annotated[
        str | None,
        typer.Option(metavar="TIME", help='Longest that a run may take: "10 min".'),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the sweep in the folder.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Resume, and try quarantined runs again.")
    ] = False,
    part: Annotated[
        str | None,
        typer.Option(metavar="K/N", help="Only every N-th shard, from the K-th on."),
    ] = None,
    json: Json = False,
) -> None:
    """Simulate every variant that the [sweep] of a study names.

    Writes shards as they are finished, then sweep.csv (one line a run), sweep.json, sweep.png and
    cost.json. A run that kills its worker or never ends is found and put aside.

    Exit code 6 if runs are in quarantine; 130 if interrupted: --resume goes on.
    """
    from releasesim.cli.progress import Watch
    from releasesim.study import Study, refuse_forbidden
    from releasesim.workflows.sweeping import sweep as run
    from releasesim.workflows.sweeping import write_sweep

    screen = Screen(json)
    loaded, mine = Study.load(study), _part(part)
    refuse_forbidden(loaded)
    make = _executor(executor, workers, scheduler, limit)
    if make is None:
        _write_script(screen, loaded, study, out, workers)
        return
    with Watch("sweeping") as watch:
        found = run(
            loaded,
            out,
            executor=make,
            resume=resume,
            retry=retry,
            part=mine,
            progress=watch.update,
        )
    if part is not None and found.missing:
        screen.say(f"part {part} is done; {found.missing} runs of other parts are missing")
        return
    names = write_sweep(loaded, found, out)
    screen.rows(loaded.title or study.name, [*shown_rows(repr(found)), *_rows(found)])
    screen.say(f"wrote {', '.join(names)} to {out}")
    screen.data(found.to_dict())
    if found.quarantined:
        complain(f"{len(found.quarantined)} runs are in quarantine: see sweep.json; --retry")
        raise typer.Exit(QUARANTINED)


def _executor(
    where: Where, workers: int | None, scheduler: str | None, limit: str | None
) -> Callable[[Evaluate], Executor] | None:
    """How to make the executor; None where a script is all that is asked for."""
    import os

    from releasesim.sweep.executors import Cluster, Processes, Serial, Threads
    from releasesim.units import parse_quantity

    count = workers or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    if limit is not None and where is not Where.PROCESSES:
        raise typer.BadParameter("--limit needs --executor processes")
    if scheduler is not None:
        return lambda runs: Cluster(runs, scheduler)
    if where is Where.DASK:
        raise typer.BadParameter("--executor dask needs the --scheduler to send runs to")
    longest = float("inf") if limit is None else parse_quantity(limit, "s")
    made: dict[Where, Callable[[Evaluate], Executor]] = {
        Where.SERIAL: Serial,
        Where.THREADS: lambda runs: Threads(runs, count),
        Where.PROCESSES: lambda runs: Processes(runs, count, longest),
    }
    return made.get(where)


def _part(text: str | None) -> tuple[int, int]:
    """Read "3/10", counted from 1."""
    if text is None:
        return 0, 1
    match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise typer.BadParameter(f'--part "{text}": must be K/N, 1 <= K <= N')
    return int(match[1]) - 1, int(match[2])


def _write_script(screen: Screen, loaded: Study, study: Path, out: Path, tasks: int | None) -> None:
    from releasesim.files import write_atomic
    from releasesim.sweep import Store, plan_of
    from releasesim.workflows.sweeping import slurm_script

    plan = plan_of(loaded)
    Store(out).open(plan, resume=True)
    count = min(tasks or 100, len(plan.shards))
    write_atomic(out / "sweep.sbatch", slurm_script(study, out, count))
    screen.say(f"wrote sweep.sbatch to {out}: {len(plan.shards)} shards for {count} tasks")


def _rows(found: Sweep) -> list[tuple[str, str]]:
    """Median and spread of every measure, and what a larger machine would take."""
    rows = [
        (name, f"median {of['median']:.4g}, 5 to 95 %: {of['p5']:.4g} to {of['p95']:.4g}")
        for name, of in found.summary().items()
    ]
    if found.cost.seconds:
        alone, many = found.cost.makespan(1), found.cost.makespan(1000)
        rows.append(("time", f"{alone:.3g} s on one core, {many:.3g} s on 1000 like it"))
    return rows

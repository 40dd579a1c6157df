"""Kill -9 at random moments: of sweeps, of designs, and of the workers of a dask cluster.

    python validation/sweep/kills.py sweep --count 100
    python validation/sweep/kills.py design --count 100
    python validation/sweep/kills.py dask --count 10

A sweep of real simulations, or a design, runs in a process of its own that is killed at a random
moment, then started again, until it has been killed so many times; each time every file that it
left must be whole. Left alone at the end, it must give what an undisturbed one gives, bit by bit.
Moments are drawn evenly over what a run left alone takes; a sweep or a design that finishes before
its moment is thrown away and begun afresh. Needs fork, so Linux or macOS. Prints counts; kills.md
holds those of the last run.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from releasesim.optimization import CurveStore, design
from releasesim.study import Study
from releasesim.sweep import Store, Sweep, plan_of, run_plan
from releasesim.sweep.executors import Cluster, Serial
from releasesim.workflows.output import OutFolder, json_text
from releasesim.workflows.sweeping import Runs

FORK = multiprocessing.get_context("fork")  # starts in a millisecond, all compiled

TABLET = {
    "tablet": {
        "shape": {"kind": "cylinder", "diameter": "7 mm", "height": "2.4 mm"},
        "infill": {"pattern": "grid", "density": "40 %"},
    },
    "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"},
    "physics": {"erosion": {"law": "ConstantFront", "speed": "0.3 mm/h"}},
    "run": {"until": "4 h", "spacing": "0.3 mm"},
}
SWEPT = {
    "plan": "factorial",
    "shard": 2,
    "measures": ["mdt", "t80"],
    "vary": {
        "infill.density": {"min": "20 %", "max": "80 %", "steps": 25},
        "walls": {"min": 1, "max": 2, "steps": 2},
    },
}
DESIGNED = {
    "polymers": ["pva", "hpc"],
    "vary": {
        "shape.diameter": {"min": "6.5 mm", "max": "8 mm"},
        "infill.density": {"min": "25 %", "max": "70 %"},
        "walls": [1, 2],
    },
}


# --- what is killed ----------------------------------------------------------------------------


def sweep_into(folder: Path) -> None:
    """Run or resume the sweep."""
    study = Study.from_dict({**TABLET, "sweep": SWEPT})
    plan, store = plan_of(study), Store(folder)
    store.open(plan, resume=True)
    with Serial(Runs(study)) as executor:
        run_plan(plan, store, executor)
    table = Sweep.read(plan, store).csv([[str(value) for value in row] for row in plan.rows])
    with OutFolder(folder, account="sweep.csv") as out:
        out.write("sweep.csv", table)


def wish() -> Study:
    """The study of the design: a drawn curve of first order."""
    times = np.linspace(0.0, 3.0, 13)[1:]
    rows = [f"{t},{100 * (1 - np.exp(-t))}" for t in times]
    folder = Path(tempfile.mkdtemp())
    (folder / "target.csv").write_text("\n".join(["Time [h],Released [%]", *rows]) + "\n")
    body = {key: value for key, value in TABLET.items() if key != "physics"}
    target = {"curve": "target.csv", "accept": {"f2": 50}}
    run = {"until": "3 h", "tolerance": "2 %"}
    study = Study.from_dict({**body, "run": run, "target": target, "design": DESIGNED}, folder)
    shutil.rmtree(folder)
    return study


def design_into(folder: Path) -> None:
    """Run the design, or go on with it, as the command does."""
    with OutFolder(folder, account="design.json") as out:
        store = CurveStore(folder / "unfinished")
        found = design(wish(), store=store).to_dict()
        del found["seconds"], found["release"]["seconds"]  # times are all that may differ
        out.write("design.json", json_text(found))
        store.clear()


# --- killing -----------------------------------------------------------------------------------


def readable(folder: Path) -> int:
    """Number of finished files, every one of which must be whole."""
    files = [f for f in folder.rglob("*") if f.is_file() and not f.name.endswith(".part")]
    for file in files:
        if file.suffix == ".json":
            json.loads(file.read_bytes())
        elif file.suffix == ".npy":
            np.load(file, allow_pickle=False)
        elif file.suffix == ".toml":
            tomllib.loads(file.read_text())
        elif file.parent.name == "seconds":
            float(file.read_text())
    return len(files)


def results(folder: Path) -> dict[str, bytes]:
    """Bytes of all that counts, by name."""
    kept = [*folder.glob("shards/*.json"), *folder.glob("*.csv"), *folder.glob("*.json")]
    return {file.name: file.read_bytes() for file in kept}


def killed(work: Callable[[Path], None], count: int, seed: int) -> None:
    """Kill `work` so many times; see that files are whole and results the same to the last bit."""
    root = Path(tempfile.mkdtemp())
    work(root / "compiling")
    begun = time.perf_counter()
    work(root / "whole")
    whole, taken = results(root / "whole"), time.perf_counter() - begun
    moments, kills, finished, same, checked = random.Random(seed), 0, 0, 0, 0  # noqa: S311
    while kills < count:
        process = FORK.Process(target=work, args=(root / "out",))
        process.start()
        process.join(moments.uniform(0.0, taken))
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGKILL)
            process.join()
            kills += 1
            checked += readable(root / "out") if (root / "out").exists() else 0
            if kills % 10 == 0:
                ends = f"{finished} runs came to their end, {same} of them bit-identical"
                print(f"{kills} kills, {checked} files whole; {ends}", flush=True)
            continue
        finished, same = finished + 1, same + (results(root / "out") == whole)
        shutil.rmtree(root / "out")
    work(root / "out")
    finished, same = finished + 1, same + (results(root / "out") == whole)
    checked += readable(root / "out")
    print(f"{kills} kills; {checked} files read, all whole; {finished} runs came to their end,")
    print(f"{same} of them bit-identical to one left alone ({taken:.1f} s)")
    shutil.rmtree(root)
    if same != finished:
        sys.exit(5)


# --- workers of a cluster ----------------------------------------------------------------------


def clusters(count: int, seed: int) -> None:
    """Kill a worker at a random moment while another run is poison to every worker it meets."""
    import dask
    import distributed

    from releasesim.errors import ReleaseSimError

    study = Study.from_dict({**TABLET, "sweep": {**SWEPT, "shard": 5}})
    plan, moments, right = plan_of(study), random.Random(seed), 0  # noqa: S311
    poison = plan.rows[17]
    with tempfile.TemporaryDirectory() as name:
        store = Store(Path(name) / "serial")
        store.open(plan, resume=False)
        with Serial(Runs(study)) as serial:
            run_plan(plan, store, serial)
        good = {row["run"]: row for row in Sweep.read(plan, store).rows if row["run"] != 17}
        for n in range(count):
            store = Store(Path(name) / str(n))
            store.open(plan, resume=False)
            with (
                dask.config.set({"distributed.scheduler.allowed-failures": 3}),
                distributed.LocalCluster(
                    n_workers=2, threads_per_worker=1, dashboard_address=None
                ) as cluster,
                Cluster(Poisoned(study, poison), cluster.scheduler_address, 300.0) as executor,
            ):
                victim = moments.choice([w.pid for w in cluster.workers.values()])
                delay = moments.uniform(0.5, 6.0)
                killer = FORK.Process(target=_kill_later, args=(victim, delay))
                killer.start()
                try:
                    run_plan(plan, store, executor)
                except ReleaseSimError as error:
                    print(f"{n}: {error}")
                killer.join()
            found = Sweep.read(plan, store)
            done = {row["run"]: row for row in found.rows if "quarantined" not in row}
            right += done == good and [row["run"] for row in found.quarantined] == [17]
            print(
                f"{n}: killed after {delay:.1f} s: {len(done)} done, "
                f"quarantined {[row['run'] for row in found.quarantined]}",
                flush=True,
            )
    print(f"{right} of {count} sweeps: all good runs done and equal, the poison put aside, no hang")
    if right != count:
        sys.exit(5)


class Poisoned:
    """Real runs, one of which kills the process that it is in."""

    def __init__(self, study: Study, poison: tuple[float | str, ...]) -> None:
        self.runs, self.poison = Runs(study), poison

    def __call__(self, changes: dict[str, float | str]) -> dict[str, float]:
        """Simulate, or die."""
        if tuple(changes.values()) == self.poison:
            os.kill(os.getpid(), signal.SIGKILL)
        return self.runs(changes)


def _kill_later(pid: int, delay: float) -> None:
    time.sleep(delay)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # the poison was faster: dask has another in its place
        return


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("sweep", "design", "dask"))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.what == "dask":
        clusters(options.count, options.seed)
    else:
        killed(sweep_into if options.what == "sweep" else design_into, options.count, options.seed)


if __name__ == "__main__":
    main()

"""Running: the same bytes whoever computes, bad runs found, nothing computed twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sweep.runs import Sums

from releasesim.errors import InputError
from releasesim.sweep import Store, Sweep, plan_of, run_plan
from releasesim.sweep.executors import Cluster, Processes, Serial, Threads

SWEPT = """
import sys
from pathlib import Path
sys.path[:0] = {path!r}
from releasesim.study import Study
from releasesim.sweep import Store, plan_of, run_plan
from releasesim.sweep.executors import Serial
from sweep.runs import Sums
study = Study.load({study!r})
plan, store = plan_of(study), Store(Path({out!r}))
store.open(plan, resume=True)
with Serial(Sums(pause={pause})) as executor:
    run_plan(plan, store, executor)
"""


def swept(plan, folder, executor, **options):
    store = Store(folder)
    store.open(plan, resume=folder.exists())
    with executor:
        run_plan(plan, store, executor, **options)
    return Sweep.read(plan, store)


def contents(folder):
    """Bytes of every shard, by name."""
    return {file.name: file.read_bytes() for file in (folder / "shards").glob("*.json")}


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    import dask

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as made,
    ):
        yield made.scheduler_address


def test_all_executors_write_the_same_bytes(study, tmp_path, cluster):
    plan = plan_of(study())
    makers = {
        "serial": Serial(Sums()),
        "threads": Threads(Sums(), 3),
        "processes": Processes(Sums(), 2),
        "dask": Cluster(Sums(), cluster),
    }
    found = {name: swept(plan, tmp_path / name, one) for name, one in makers.items()}
    first = contents(tmp_path / "serial")
    assert len(first) == 3
    for name in makers:
        assert contents(tmp_path / name) == first, name
        assert found[name].missing == 0
    expected = [row[0] + row[1] for row in plan.rows]
    assert found["dask"].measures["mdt_s"] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("how", "words"),
    [("killed", "SIGKILL"), ("hangs", "took longer"), ("divides", "ZeroDivisionError: divides")],
)
def test_poison_is_found_and_put_aside(study, tmp_path, how, words):
    """Two bad runs of ten walls, each with two densities: four of twenty."""
    plan = plan_of(study(shard=4))
    executor = Processes(Sums(bad=(3, 9), how=how), 2, limit=0.5 if how == "hangs" else 60.0)
    found = swept(plan, tmp_path / "out", executor)
    assert {plan.rows[row["run"]][0] for row in found.quarantined} == {3, 9}
    assert len(found.quarantined) == 4
    assert all(words in row["quarantined"] for row in found.quarantined)
    assert found.missing == 0
    assert sum("mdt_s" in row for row in found.rows) == 16


def test_poison_on_a_cluster_is_found(study, tmp_path, cluster):
    plan = plan_of(study(shard=2))
    workers = Cluster(Sums(bad=(5,), how="killed"), cluster, patience=300.0)
    found = swept(plan, tmp_path / "out", workers)
    assert [plan.rows[row["run"]][0] for row in found.quarantined] == [5, 5]
    assert found.missing == 0
    assert sum("mdt_s" in row for row in found.rows) == 18


def test_retry_computes_quarantined_runs_again(study, tmp_path):
    plan, folder = plan_of(study()), tmp_path / "out"
    swept(plan, folder, Serial(Sums(bad=(3,), how="divides")))
    kept = swept(plan, folder, Serial(Sums()))
    assert len(kept.quarantined) == 2
    healed = swept(plan, folder, Serial(Sums()), retry=True)
    assert not healed.quarantined
    swept(plan, tmp_path / "clean", Serial(Sums()))
    assert contents(folder) == contents(tmp_path / "clean")


def test_refusals_are_results(study, tmp_path):
    found = swept(plan_of(study()), tmp_path / "out", Serial(Sums(bad=(2,), how="refused")))
    assert found.refused == {"walls do not fit": 2}
    assert not found.quarantined


def test_parts_together_are_the_whole(study, tmp_path):
    plan = plan_of(study(shard=3))
    for k in range(3):
        part = swept(plan, tmp_path / "parts", Serial(Sums()), part=(k, 3))
        assert bool(part.missing) == (k < 2)
    swept(plan, tmp_path / "whole", Serial(Sums()))
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_killed_at_random_it_resumes_to_the_same_bytes(study, tmp_path):
    """Three kills, between two writes and within them."""
    made = study(shard=1)
    made.write(tmp_path / "study.toml")
    plan = plan_of(made)
    swept(plan, tmp_path / "whole", Serial(Sums()))
    moments = random.Random(1)  # noqa: S311 - no secret
    out = tmp_path / "out"
    path = [str(Path(__file__).parents[1]), *[p for p in sys.path if p]]
    script = SWEPT.format(path=path, study=str(tmp_path / "study.toml"), out=str(out), pause=0.05)
    for _ in range(3):
        before = len(list(out.glob("shards/*.json")))
        process = subprocess.Popen([sys.executable, "-c", script])  # noqa: S603 - our own words
        while len(list(out.glob("shards/*.json"))) <= before and process.poll() is None:
            time.sleep(0.01)
        time.sleep(moments.uniform(0.0, 0.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert 0 < Sweep.read(plan, Store(out)).missing < 20
    found = swept(plan, out, Serial(Sums()))
    assert found.missing == 0
    assert contents(out) == contents(tmp_path / "whole")


def test_half_a_shard_counts_as_missing(study, tmp_path):
    plan, folder = plan_of(study()), tmp_path / "out"
    swept(plan, folder, Serial(Sums()))
    whole = contents(folder)
    victim = folder / "shards" / f"{plan.shards[1].name}.json"
    victim.write_bytes(victim.read_bytes()[:40])
    assert Sweep.read(plan, Store(folder)).missing == 8
    swept(plan, folder, Serial(Sums()))
    assert contents(folder) == whole


def test_what_a_killed_process_left_is_thrown_away(study, tmp_path):
    plan, folder = plan_of(study()), tmp_path / "out"
    swept(plan, folder, Serial(Sums()))
    old, new = folder / "shards" / ".a.json.x.part", folder / "seconds" / ".a.y.part"
    old.write_text("[")
    new.write_text("0.")
    os.utime(old, (0.0, 0.0))
    swept(plan, folder, Serial(Sums()))
    assert not old.exists()
    assert new.exists()


def test_another_sweep_in_the_folder_is_left_alone(study, tmp_path):
    plan = plan_of(study())
    store = Store(tmp_path)
    store.open(plan, resume=False)
    with pytest.raises(InputError, match="--resume goes on"):
        store.open(plan, resume=False)
    with pytest.raises(InputError, match="another sweep"):
        store.open(plan_of(study(shard=5)), resume=True)
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(InputError, match="no plan"):
        store.open(plan, resume=True)


def test_a_cluster_that_is_not_there_is_named():
    from releasesim.sweep.executors.cluster import ClusterError

    pytest.importorskip("distributed")
    with pytest.raises(ClusterError, match="no dask scheduler answers"):
        Cluster(Sums(), "tcp://127.0.0.1:9", patience=0.5)

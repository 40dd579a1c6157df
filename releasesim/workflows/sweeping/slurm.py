"""A sweep as an array of Slurm jobs: every task computes its own shards, the folder is shared."""

from __future__ import annotations

import shlex
from pathlib import Path

_SCRIPT = """#!/bin/bash
#SBATCH --job-name=releasesim
#SBATCH --array=1-{tasks}
#SBATCH --cpus-per-task=1
#SBATCH --output={out}/slurm-%a.log
# Submit with: sbatch {script}
# Afterwards, or after a failure of some tasks: {gather}
export OMP_NUM_THREADS=1
{command} --part "$SLURM_ARRAY_TASK_ID/{tasks}"
"""


def slurm_script(study: Path, out: Path, tasks: int) -> str:
    """Text of a batch script for an array of tasks.

    Parameters
    ----------
    study : Path
        Study file, as the tasks shall find it.
    out : Path
        Folder of the sweep, on a disk that all tasks share.
    tasks : int
        Size of the array: shards are dealt out in turn.
    """
    words = ["releasesim", "sweep", str(study.resolve()), "--out", str(out.resolve()), "--resume"]
    command = shlex.join(words)
    return _SCRIPT.format(
        tasks=tasks,
        out=out.resolve(),
        script=shlex.quote(str(out.resolve() / "sweep.sbatch")),
        gather=command,
        command=command,
    )

"""Sweeps of whole studies: what one run is, where runs go, what is written of them."""

from __future__ import annotations

from releasesim.workflows.sweeping.runs import Runs
from releasesim.workflows.sweeping.slurm import slurm_script
from releasesim.workflows.sweeping.sweep import sweep, write_sweep

__all__ = ["Runs", "slurm_script", "sweep", "write_sweep"]

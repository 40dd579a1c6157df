"""Many runs in shards: planned, computed anywhere, resumed by what is missing."""

from __future__ import annotations

from releasesim.sweep.cost import Cost
from releasesim.sweep.plan import Job, Plan, Shard, plan_of
from releasesim.sweep.result import Sweep
from releasesim.sweep.run import run_plan
from releasesim.sweep.shards import Store

__all__ = ["Cost", "Job", "Plan", "Shard", "Store", "Sweep", "plan_of", "run_plan"]

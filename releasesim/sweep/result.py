"""What a sweep gave: a table of runs, and an account of what is missing and why."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from releasesim.sweep.cost import Cost
from releasesim.sweep.indices import indices
from releasesim.sweep.plan import Plan
from releasesim.sweep.shards import Row, Store

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """All runs of a plan that are there.

    Parameters
    ----------
    plan : Plan
    rows : tuple of dict
        In the order of the plan; runs of shards that are not there yet are left out.
    cost : Cost
    """

    plan: Plan
    rows: tuple[Row, ...]
    cost: Cost

    @classmethod
    def read(cls, plan: Plan, store: Store) -> Sweep:
        """Gather what a store has of a plan."""
        rows: list[Row] = []
        seconds = []
        for shard in plan.shards:
            found = store.read(shard)
            if found is not None:
                rows += found
                seconds.append(store.seconds(shard))
        timed = tuple(value for value in seconds if math.isfinite(value))
        return cls(plan, tuple(rows), Cost(timed, len(rows)))

    @property
    def missing(self) -> int:
        """Runs that are not there yet."""
        return len(self.plan.rows) - len(self.rows)

    @property
    def quarantined(self) -> tuple[Row, ...]:
        """Runs that took their worker with them, met an unforeseen error, or never ended."""
        return tuple(row for row in self.rows if "quarantined" in row)

    @property
    def refused(self) -> Mapping[str, int]:
        """Reasons why runs cannot be, with their number, the most frequent first."""
        reasons = Counter(row["refused"] for row in self.rows if "refused" in row)
        return dict(reasons.most_common())

    @cached_property
    def measures(self) -> Mapping[str, Array]:
        """Values of every measure in the order of the plan, (n,), NaN where there is none."""
        empty = np.full(len(self.plan.rows), np.nan)
        columns = {measure.column: empty.copy() for measure in self.plan.spec.measures}
        for row in self.rows:
            for name, column in columns.items():
                value = row.get(name)
                column[row["run"]] = np.nan if value is None else value
        return columns

    @cached_property
    def indices(self) -> Mapping[str, Mapping[str, Any]]:
        """Sensitivity indices by measure; nothing for plans that are not made for them."""
        if self.plan.spec.plan not in ("sobol", "morris") or self.missing:
            return {}
        return indices(self.plan, self.measures)

    def summary(self) -> dict[str, dict[str, float]]:
        """Mean, standard deviation and quantiles of every measure over the runs that have it."""
        found = {}
        for name, values in self.measures.items():
            there = values[np.isfinite(values)]
            if there.size:
                low, median, high = np.quantile(there, (0.05, 0.5, 0.95)).tolist()
                found[name] = {
                    "runs": float(there.size),
                    "mean": float(there.mean()),
                    "sd": float(there.std(ddof=1)) if there.size > 1 else math.nan,
                    "p5": low,
                    "median": median,
                    "p95": high,
                }
        return found

    def csv(self, texts: Sequence[Sequence[str]]) -> str:
        """The table of runs.

        Parameters
        ----------
        texts : sequence of sequence of str
            Values of the varied parameters of every run in the plan, as a study file writes them.
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        names = [measure.column for measure in self.plan.spec.measures]
        writer.writerow(["run", *self.plan.names, *names, "refused", "quarantined"])
        for row in self.rows:
            values = [row.get(name) for name in names]
            cells = ["" if value is None else repr(value) for value in values]
            reasons = [row.get("refused", ""), row.get("quarantined", "")]
            writer.writerow([row["run"], *texts[row["run"]], *cells, *reasons])
        return out.getvalue()

    def to_dict(self) -> dict[str, Any]:
        """Plain data for sweep.json."""
        return {
            **{key: value for key, value in self.plan.to_dict().items() if key != "shards"},
            "missing": self.missing,
            "refused": dict(self.refused),
            "quarantined": [dict(row) for row in self.quarantined],
            "summary": self.summary(),
            "indices": {name: dict(found) for name, found in self.indices.items()},
        }

    def __repr__(self) -> str:
        rows = [f"{key}: {value}" for key, value in self._rows()]
        return "\n".join(["Sweep", *(f"  {row}" for row in rows)])

    def _rows(self) -> list[tuple[str, str]]:
        rows = [
            ("plan", f"{self.plan.spec.plan}, {len(self.plan.rows)} runs"),
            ("varied", ", ".join(self.plan.names)),
        ]
        if self.missing:
            rows.append(("missing", f"{self.missing} runs"))
        rows += [("refused", f"{count} runs: {why}") for why, count in self.refused.items()]
        rows += [
            ("quarantined", f"run {row['run']}: {row['quarantined']}") for row in self.quarantined
        ]
        return rows

"""Order in space of coupled laws: `python validation/orders/run.py`, which writes README.md here.

One curve on grids of N, 2N, 4N and 8N cells across a thin body, time steps to a tolerance of 1e-6
so that their error is far below that of space (1e-5 where a front makes that one larger); the order
of the three finest is the logarithm of how much less the curve changes from grid to grid, in the
mean square beyond 10 % released. Another N is another placement of cells against fronts. With
`--case WORDS` for some of the cases, and `--record FILE` to go on where an earlier run stopped.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.coupled.revolved import cells_of_revolution
from releasesim.simulation.simulate import SPACING
from releasesim.study import Study
from releasesim.workflows.selftest.cases import Case, all_cases

HERE = Path(__file__).parent
AGREES = 0.1
"""How near to theory a median has to be."""
CELLS = (16, 20, 28)
"""Across a film, or a sphere, on the coarsest grid, for each placement."""


@dataclass(frozen=True)
class Plan:
    """How a case is measured.

    Parameters
    ----------
    theory : int
        Order in space: dispersed drug that cells lose one by one costs one, all else is second.
    tolerance : float
        Of the time steps: far below what changes in space, and not more.
    finer : int
        How many times more cells, where steep profiles are not resolved by fewer.
    """

    theory: int = 2
    tolerance: float = 1e-6
    finer: int = 1


#: Cases of the selftest.
LAWS = {
    "slab, D exp(2 c)": Plan(),
    "slab, D exp(-2 c)": Plan(),
    "sphere, D exp(2 c)": Plan(),
    "slab, D(w), water by Fick": Plan(2, 1e-7, 8),
    "slab, D(w), water by Fujita": Plan(),
    "sphere, D(w), water by Fujita": Plan(),
    "slab, D(w) behind a film": Plan(),
    "slab, dispersed A/c_s 2": Plan(1, 1e-5),
    "slab, leached porosity at equilibrium": Plan(1, 1e-5),
    "slab, Noyes-Whitney with excess, pores dry": Plan(),
    "slab, Noyes-Whitney to the end, exponent 0": Plan(),
    "slab, Noyes-Whitney to the end, exponent 2/3": Plan(),
    "slab, leached porosity, Noyes-Whitney to the end": Plan(),
    "slab swells as it wets, D(w)": Plan(2, 1e-7, 8),
    "slab swells as it wets, Mackie-Meares": Plan(2, 1e-7, 8),
    "slab, Case II front, v l/D 0.5": Plan(2, 1e-5),
    "slab erodes and diffuses, B l/D 0.3": Plan(2, 1e-5),
    "slab erodes and diffuses, B l/D 3": Plan(2, 1e-5),
    "slab erodes with dispersed drug, B l/D 1": Plan(1, 1e-4),
    "slab, diffusing acid, phi^2 2": Plan(),
    "sphere, diffusing acid, phi^2 5": Plan(),
}


@dataclass(frozen=True)
class Row:
    """Orders of one case, one for each placement, and the changes of one of them."""

    name: str
    theory: int
    orders: tuple[float, ...]
    changes: tuple[float, ...]
    seconds: float

    @property
    def median(self) -> float:
        """Of the placements."""
        return statistics.median(self.orders)

    @property
    def verdict(self) -> str:
        """Whether the median is that of theory."""
        gap = self.median - self.theory
        return "within" if abs(gap) <= AGREES else "above" if gap > 0.0 else "below"


def measured(case: Case) -> Row:
    """Refine one case at every placement."""
    begun, plan = time.process_time(), LAWS[case.name]
    found = [_changes(case, plan.finer * cells, plan.tolerance) for cells in CELLS]
    orders = tuple(float(np.log2(c[-2] / c[-1])) for c in found)
    return Row(case.name, plan.theory, orders, found[0], time.process_time() - begun)


def _changes(case: Case, cells: int, tolerance: float) -> tuple[float, ...]:
    """How much the curve changes from each grid to the next, in the mean square."""
    study = Study.from_dict(case.study)
    curves = [
        solve_coupled(study, _spacing(study, cells * 2**level), tolerance).fraction
        for level in range(4)
    ]
    judged = curves[-1] > 0.1
    return tuple(
        float(np.sqrt(np.mean((b - a)[judged] ** 2))) for a, b in itertools.pairwise(curves)
    )


def _spacing(study: Study, cells: int) -> float:
    """Spacing at which the engine cuts the body into so many cells [m]."""
    usual = cells_of_revolution(study.tablet, SPACING).volume.size
    found = SPACING * usual / cells
    if cells_of_revolution(study.tablet, found).volume.size != cells:
        raise ValueError(f"no spacing has {cells} cells")
    return found


def row_of(row: Row) -> str:
    """Write one row of the table."""
    spread = f"{min(row.orders):.2f} to {max(row.orders):.2f}"
    changes = " ".join(f"{change:.1e}" for change in row.changes)
    return f"| {row.name} | {row.theory} | {row.median:.2f} | {spread} | {changes} |"


def page(rows: list[Row]) -> str:
    """Write the table down, in Markdown."""
    lines = "\n".join(map(row_of, rows))
    counts = collections.Counter(row.verdict for row in rows)
    left = [name for name in LAWS if name not in {row.name for row in rows}]
    missing = f"\nNot measured: {'; '.join(left)}.\n" if left else ""
    return f"""# Order in space of coupled laws

    python validation/orders/run.py --record record.jsonl

{len(rows)} of {len(LAWS)} cases: {counts["within"]} within {AGREES:g} of theory, {counts["above"]}
above, {counts["below"]} below. Curves on four grids, from {min(CELLS)} to {8 * max(CELLS)} cells,
eight times as many where profiles are steep, {len(CELLS)} placements each. The exact curves are in
the selftest. Where theory says 1 it is the least: cells lose their last solid one by one.
{missing}
| case | theory | order, median | over placements | change from grid to grid |
|---|---|---|---|---|
{lines}
"""


def _chosen(words: str) -> Iterator[Case]:
    known = {case.name: case for case in all_cases()}
    return (known[name] for name in LAWS if words in name)


def earlier(record: Path | None) -> dict[str, Row]:
    """Read what earlier runs found, by name."""
    if record is None or not record.exists():
        return {}
    lines = map(json.loads, record.read_text(encoding="utf-8").splitlines())
    return {d["name"]: Row(**d | {k: tuple(d[k]) for k in ("orders", "changes")}) for d in lines}


def main() -> int:
    """Measure, and write the table of all cases."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--case", default="")
    parser.add_argument("--record", type=Path)
    asked = parser.parse_args()
    done = earlier(asked.record)
    for case in _chosen(asked.case):
        if case.name in done:
            continue
        done[case.name] = row = measured(case)
        print(row_of(row), flush=True)
        if asked.record is not None:
            with asked.record.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(row)) + "\n")
    if asked.record is not None or not asked.case:
        rows = [done[name] for name in LAWS if name in done]
        (HERE / "README.md").write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Order in space of coupled laws: `python validation/orders/run.py`, which writes README.md here.

One curve on grids of N, 2N, 4N and 8N cells across a thin body, time steps to a tolerance of 1e-6
so that their error is far below that of space; the order of the three finest is the logarithm of
how much less the curve changes from grid to grid, in the mean square beyond 10 % released. Another
N is another placement of cells against fronts. With `--case WORDS` for some of the cases.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from releasesim.simulation.coupled import solve_coupled
from releasesim.study import Study
from releasesim.workflows.selftest.cases import Case, all_cases

HERE = Path(__file__).parent
TOLERANCE = 1e-6
CELLS = (8, 10, 14)
"""On the coarsest grid, for each placement."""

#: Cases of the selftest, and the order in space that theory gives: fronts that cells pass one by
#: one cost an order, all else is of second order.
LAWS = {
    "slab, D exp(2 c)": 2,
    "slab, D exp(-2 c)": 2,
    "sphere, D exp(2 c)": 2,
    "slab, D(w), water by Fick": 2,
    "slab, D(w), water by Fujita": 2,
    "sphere, D(w), water by Fujita": 2,
    "slab, D(w) behind a film": 2,
    "slab, dispersed A/c_s 2": 1,
    "slab, leached porosity at equilibrium": 1,
    "slab, Noyes-Whitney with excess, pores dry": 2,
    "slab, Noyes-Whitney to the end, exponent 0": 2,
    "slab, Noyes-Whitney to the end, exponent 2/3": 2,
    "slab, leached porosity, Noyes-Whitney to the end": 2,
    "slab swells as it wets, D(w)": 2,
    "slab swells as it wets, Mackie-Meares": 2,
    "slab, Case II front, v l/D 0.5": 1,
    "slab erodes and diffuses, B l/D 0.3": 2,
    "slab erodes and diffuses, B l/D 3": 2,
    "slab erodes with dispersed drug, B l/D 1": 1,
    "slab, diffusing acid, phi^2 2": 2,
    "sphere, diffusing acid, phi^2 5": 2,
}


@dataclass(frozen=True)
class Row:
    """Orders of one case, one for each placement, and the changes of one of them."""

    name: str
    theory: int
    orders: tuple[float, ...]
    changes: tuple[float, ...]

    @property
    def median(self) -> float:
        """Of the placements."""
        return statistics.median(self.orders)


def measured(case: Case) -> Row:
    """Refine one case at every placement."""
    found = [_changes(case, cells) for cells in CELLS]
    orders = tuple(float(np.log2(c[-2] / c[-1])) for c in found)
    return Row(case.name, LAWS[case.name], orders, found[0])


def _changes(case: Case, cells: int) -> tuple[float, ...]:
    """How much the curve changes from each grid to the next, in the mean square."""
    study = Study.from_dict(case.study)
    across = min(study.tablet.body.size)
    curves = [
        solve_coupled(study, across / (cells * 2**level), TOLERANCE).fraction for level in range(4)
    ]
    judged = curves[-1] > 0.1
    return tuple(
        float(np.sqrt(np.mean((b - a)[judged] ** 2))) for a, b in itertools.pairwise(curves)
    )


def row_of(row: Row) -> str:
    """Write one row of the table."""
    spread = f"{min(row.orders):.2f} to {max(row.orders):.2f}"
    changes = " ".join(f"{change:.1e}" for change in row.changes)
    return f"| {row.name} | {row.theory} | {row.median:.2f} | {spread} | {changes} |"


def page(rows: list[Row]) -> str:
    """Write the table down, in Markdown."""
    lines = "\n".join(map(row_of, rows))
    return f"""# Order in space of coupled laws

    python validation/orders/run.py

Curves on four grids, from {min(CELLS)} to {8 * max(CELLS)} cells, {len(CELLS)} placements each;
time steps to a tolerance of {TOLERANCE:g}. The exact curves of these cases are in the selftest.

| case | theory | order, median | over placements | change from grid to grid |
|---|---|---|---|---|
{lines}
"""


def _chosen(words: str) -> Iterator[Case]:
    known = {case.name: case for case in all_cases()}
    return (known[name] for name in LAWS if words in name)


def main() -> int:
    """Measure, and write the table of all cases."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--case", default="")
    asked, rows = parser.parse_args(), []
    for case in _chosen(asked.case):
        rows.append(measured(case))
        print(row_of(rows[-1]), flush=True)
    if not asked.case:
        (HERE / "README.md").write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

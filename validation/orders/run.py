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
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.coupled.revolved import cells_of_revolution
from releasesim.simulation.simulate import SPACING
from releasesim.study import Study
from releasesim.workflows.selftest.cases import Case, all_cases
from releasesim.workflows.selftest.cases.case import D, constant, law, shape, study
from releasesim.workflows.selftest.cases.fields import fujita
from releasesim.workflows.selftest.cases.printed import OUTER, UNIT, printed
from releasesim.workflows.selftest.cases.solid import saturating

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
class Body:
    """A coupled study in two or three dimensions, refined from `cells` across each placement.

    Parameters
    ----------
    study : mapping
        For `Study.from_dict`.
    across : float
        Length that `cells` divide [m].
    cells : tuple of int
        On the coarsest grid, for each placement.
    grids : int
        Each of twice as many cells as the last.
    beyond : float
        Released fraction from which the curve counts: earlier, profiles are thinner than cells.
    plan : Plan
        `finer` is not used.
    """

    study: Mapping[str, Any]
    across: float
    cells: tuple[int, ...]
    grids: int
    beyond: float
    plan: Plan


def _coupled(tablet: Mapping[str, Any], unit: float) -> dict[str, tuple[dict[str, Any], int]]:
    """Studies of one body under three laws, and the order that theory gives each."""
    wet = law("FujitaHydration", D=f"{D!r} m2/s", beta=2.5)
    plastic = law("ExponentialInConcentration", D0=f"{D!r} m2/s", beta=2.0)
    return {
        "D exp(2 c)": (study(tablet, 0.15 * unit, diffusion=plastic), 2),
        "D(w), water by Fujita": (
            study(tablet, 0.5 * unit, diffusion=fujita(D, 2.0), hydration=wet),
            2,
        ),
        "dispersed A/c_s 2": (
            study(tablet, 0.3 * unit, diffusion=constant(), dissolution=saturating(50.0)),
            1,
        ),
    }


def _bodies() -> dict[str, Body]:
    cylinder = shape("cylinder", diameter=4.0, height=3.0)
    block = shape("block", length=2.0, width=2.0, height=2.0)
    found: dict[str, Body] = {}
    for what, tablet, unit, across, cells, grids, beyond in (
        ("cylinder, r-z", cylinder, 1.5e-3**2 / D, 2e-3, (16, 20, 28), 4, 0.1),
        ("block, voxels", block, 1e-3**2 / D, 2e-3, (12, 16, 20), 3, 0.3),
        ("printed rod, voxels", printed(), UNIT, 2.0 * OUTER, (10, 11, 12, 13, 14), 4, 0.3),
    ):
        for words, (data, theory) in _coupled(tablet, unit).items():
            plan = Plan(theory, 1e-4 if theory == 1 else 1e-5)
            found[f"{what}, {words}"] = Body(data, across, cells, grids, beyond, plan)
    return found


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


def measured_body(name: str, body: Body) -> Row:
    """Refine one body at every placement."""
    begun, study = time.process_time(), Study.from_dict(body.study)
    # a cylinder has so many cells from the axis out at the usual spacing, whatever its size
    unit = 96 * SPACING if "r-z" in name else body.across
    found = []
    for cells in body.cells:
        curves = [
            solve_coupled(study, unit / (cells * 2**level), body.plan.tolerance).fraction
            for level in range(body.grids)
        ]
        judged = curves[-1] > body.beyond
        found.append(
            tuple(
                float(np.sqrt(np.mean((b - a)[judged] ** 2))) for a, b in itertools.pairwise(curves)
            )
        )
    orders = tuple(float(np.log2(c[-2] / c[-1])) for c in found)
    return Row(name, body.plan.theory, orders, found[0], time.process_time() - begun)


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


HEAD = """| case | theory | order, median | over placements | change from grid to grid |
|---|---|---|---|---|"""


def wider(rows: list[Row]) -> str:
    """Write the table of bodies in two and three dimensions."""
    lines = "\n".join(row_of(row) for row in rows if row.name not in LAWS)
    bodies = _bodies()
    left = [name for name in bodies if name not in {row.name for row in rows}]
    missing = f"\nNot measured: {'; '.join(left)}.\n" if left else ""
    return f"""
## In two and three dimensions

    python validation/orders/run.py --case voxels --record record.jsonl

Three laws in a finite cylinder (r-z), in a block of voxels whose faces lie on cell faces, and in a
printed rod whose round walls cut its voxels: there the equation at the wall is right to first order
and the curve to second (Gibou et al., J. Comput. Phys. 176 (2002) 205), as the cut cells are few.
Orders of the two finest changes; 16 to 224 cells along the radius in r-z, 12 to 80 across a block,
10 to 112 across a rod, where the curve counts from 30 % released on, as profiles are thinner than
the cells before. An enthalpy front is of first order: cells lose their last
solid one by one. In the rod the cuts of its wall are others on each grid, and placements scatter;
of its dispersed drug nothing can be said, as the last changes are those of time steps to 1e-4.
{missing}
{HEAD}
{lines}
"""


def page(rows: list[Row]) -> str:
    """Write the tables down, in Markdown."""
    return _one_dimension([row for row in rows if row.name in LAWS]) + wider(rows)


def _one_dimension(rows: list[Row]) -> str:
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
{HEAD}
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
    for name, body in _bodies().items():
        if asked.case not in name or name in done:
            continue
        done[name] = row = measured_body(name, body)
        print(row_of(row), flush=True)
        if asked.record is not None:
            with asked.record.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(row)) + "\n")
    if asked.record is not None or not asked.case:
        rows = [done[name] for name in (*LAWS, *_bodies()) if name in done]
        (HERE / "README.md").write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

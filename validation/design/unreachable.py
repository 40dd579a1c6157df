"""Targets that no tablet of a design reaches: each must be refused, with a reason.

    python validation/design/unreachable.py --count 50

Five small spaces (a polymer, infill densities, walls, diameters) are simulated all over on a grid
of 0.1 mm. Targets are curves of such a tablet made faster or slower, and steeper or flatter: every
second one only so far that the best of the brute force has an f2 of 40 to 49, the others so far
that it is below 30. f2 >= 50 is asked. Writes a line of JSON for every target to unreachable.jsonl:
a run that was stopped goes on with what is missing.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
from cases import Row, options, run
from numpy.typing import NDArray

from releasesim.optimization import design
from releasesim.optimization.acceptance import Wanted
from releasesim.simulation import simulate
from releasesim.study import Study, with_effective_laws

Array = NDArray[np.float64]

HERE = Path(__file__).parent
SPACES = (
    ("pva", "grid"),
    ("hpc", "rectilinear"),
    ("soluplus", "honeycomb"),
    ("pvp_va64", "concentric"),
    ("hpmc_k4m", "grid"),
)
DIAMETERS, DENSITIES, WALLS = (7.0, 8.0, 9.0), (25.0, 35.0, 45.0, 55.0, 65.0, 75.0), (1, 2)
NEAR, FAR = (40.0, 49.0), (5.0, 30.0)
POINTS = 12


def body(number: int) -> dict[str, object]:
    """The study that a space starts from."""
    polymer, pattern = SPACES[number]
    return {
        "tablet": {
            "shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"},
            "infill": {"pattern": pattern, "density": "40 %"},
            "walls": 1,
            "roofs": 2,
            "floors": 0,
        },
        "formulation": {"drug": "theophylline", "polymer": polymer, "drug_loading": "15 %"},
    }


@cache
def everything(number: int) -> tuple[Array, Array]:
    """Curves of all tablets of a space by brute force: times (m,) [s], fractions (n, m)."""
    study = with_effective_laws(Study.from_dict(body(number)))
    slow = study.replace("walls", max(WALLS)).replace("run.until", "3000 h")
    slow = slow.replace("infill.density", max(DENSITIES) / 100).replace("run.spacing", "0.2 mm")
    until = 2.0 * simulate(slow).curve.time_to(0.9)
    fine = study.replace("run.until", until).replace("run.spacing", "0.1 mm")
    curves = []
    for diameter, density, walls in itertools.product(DIAMETERS, DENSITIES, WALLS):
        tablet = fine.replace("shape.diameter", diameter * 1e-3).replace("walls", walls)
        release = simulate(tablet.replace("infill.density", density / 100)).curve
        curves.append(release.fraction)
    return release.time, np.array(curves)


def best_f2(times: Array, target: Array, number: int) -> float:
    """The best f2 of the brute force, by the points that the design counts."""
    grid, curves = everything(number)
    with tempfile.TemporaryDirectory() as name:
        wanted = Wanted.of(wish(number, times, target, Path(name)).target)
    found = [wanted.similarity(np.interp(times, grid, curve)) for curve in curves]
    return float(np.nanmax(found))


def wish(number: int, times: Array, target: Array, folder: Path) -> Study:
    """The design that is to refuse a target."""
    rows = [f"{t / 3600},{100 * f}" for t, f in zip(times, target, strict=True)]
    (folder / "target.csv").write_text("\n".join(["Time [h],Released [%]", *rows]) + "\n")
    spec = {
        "vary": {
            "shape.diameter": {"min": f"{DIAMETERS[0]} mm", "max": f"{DIAMETERS[-1]} mm"},
            "infill.density": {"min": f"{DENSITIES[0]} %", "max": f"{DENSITIES[-1]} %"},
            "walls": list(WALLS),
        }
    }
    target_table = {"curve": "target.csv", "accept": {"f2": 50}}
    return Study.from_dict({**body(number), "target": target_table, "design": spec}, folder)


def unreachable(seed: int) -> tuple[int, Array, Array, float]:
    """A target of that kind: space, times [s], fractions and the brute force's best f2."""
    rng = np.random.default_rng(seed)
    number = seed // 2 % len(SPACES)
    low, high = NEAR if seed % 2 else FAR
    grid, curves = everything(number)
    while True:
        curve = curves[rng.integers(len(curves))]
        pace, bend = np.exp(rng.normal(0.0, 0.9)), np.exp(rng.normal(0.0, 0.6))
        fraction = np.interp(grid * pace, grid, curve) ** bend
        if fraction[-1] < 0.5:
            continue
        end = float(np.interp(0.9 * fraction[-1], fraction, grid))
        times = np.linspace(0.0, end, POINTS + 1)[1:]
        target = np.interp(times, grid, fraction)
        f2 = best_f2(times, target, number)
        if low <= f2 <= high:
            return number, times, target, f2


def judge(seed: int) -> Row:
    """What the design says of a target that cannot be reached."""
    number, times, target, brute = unreachable(seed)
    begun = time.process_time()
    with tempfile.TemporaryDirectory() as name:
        found = design(wish(number, times, target, Path(name)))
    reason = found.verdict.partition("; ")[2]
    return {
        "seed": seed,
        "space": " ".join(SPACES[number]),
        "brute_f2": brute,
        "f2": found.comparison.f2,
        "refused": not found.accepted and found.verdict.startswith("not reachable"),
        "reason": reason,
        "remedy": found.remedies[0].words if found.remedies else "",
        "cpu_s": time.process_time() - begun,
    }


def main() -> None:
    """Run what is missing, and say how many were refused."""
    asked = options(__doc__, 50, HERE / "unreachable.jsonl")
    # by space, whose brute force is done once
    seeds = sorted(asked.seeds, key=lambda seed: (seed // 2 % len(SPACES), seed))
    rows = run(asked.out, seeds, judge, ("seed", "brute_f2", "f2", "refused"))
    near = [row for row in rows if float(str(row.get("brute_f2", 0))) >= NEAR[0]]
    refused = sum(bool(row.get("refused") and row["reason"]) for row in rows)
    print(f"{refused} of {len(rows)} refused with a reason, {len(near)} of them near misses")
    print(f"with a remedy: {sum(bool(row['remedy']) for row in rows)}")


if __name__ == "__main__":
    main()

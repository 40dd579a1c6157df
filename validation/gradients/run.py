"""Gradients of coupled laws against central differences of well-resolved solves, and their cost.

    python validation/gradients/run.py            # measures what is missing, writes the table
    python validation/gradients/run.py --costs    # measures the costs of measured cases again
    python validation/gradients/run.py --table    # only writes the table

The differences are of fourth order, from steps h and 2 h on the same cells, by courses with the
tolerance of the table whose fronts go a fifth of a cell in a step; those of twice the steps tell
how far they can be trusted. Costs are CPU times over that of a course on the same grid, the
median of three.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cases import CASES, study_of

from releasesim.simulation.coupled import course as courses
from releasesim.simulation.coupled.course import Course
from releasesim.simulation.coupled.solve import course_of
from releasesim.simulation.gradient import gradient
from releasesim.study import Study

HERE = Path(__file__).parent
ROWS, TABLE = HERE / "rows.jsonl", HERE / "README.md"
BEGIN = "<!-- table -->"
STEP, FINE, CAREFUL = 2e-3, 1e-4, 0.2
COUNTS = (1, 3, 5, 8)
REPEATS = 3
#: Names that are compared, of those that costs are counted for.
COMPARED = 4
#: Derivatives by names that change nothing.
NOTHING = 1e-8


def main() -> None:
    """Measure and tabulate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--case", action="append", choices=list(CASES))
    parser.add_argument("--costs", action="store_true")
    given = parser.parse_args()
    rows = _rows()
    if given.costs:
        for case in given.case or rows:
            rows[case] |= costs(case)
            ROWS.write_text("".join(json.dumps(row) + "\n" for row in rows.values()))
            print(case, rows[case]["costs"], flush=True)
    for case in [] if given.table or given.costs else given.case or CASES:
        if case not in rows:
            rows[case] = measured(case)
            with ROWS.open("a") as out:
                out.write(json.dumps(rows[case]) + "\n")
            print(case, flush=True)
    head = TABLE.read_text().split(BEGIN)[0] if TABLE.exists() else ""
    TABLE.write_text(f"{head}{BEGIN}\n\n{_table(rows)}\n")


def _rows() -> dict[str, dict[str, Any]]:
    lines = ROWS.read_text().splitlines() if ROWS.exists() else []
    return {row["case"]: row for row in map(json.loads, lines)}


def measured(case: str) -> dict[str, Any]:
    """Errors by name and costs by number of names."""
    study, names = study_of(case), CASES[case][4]
    weights = _weights(study)
    found = gradient(study, names, weights=weights)
    errors = {name: _error(study, name, weights, found[name]) for name in names[:COMPARED]}
    return {
        "case": case,
        "cells": _course(study).cells.count,
        **costs(case),
        "solves": found.solves,
        "methods": dict(found.methods),
        "reference_tolerance": FINE,
        "errors": errors,
    }


def costs(case: str) -> dict[str, Any]:
    """Seconds of a forward run, and CPU times by number of names over that."""
    study, names = study_of(case), CASES[case][4]
    weights, times = _weights(study), study.run.output_times()
    _course(study).run(times, study.run.tolerance)  # compiles what it needs
    forward = _time(lambda: _course(study).run(times, study.run.tolerance))
    found = {
        str(n): _once(lambda n=n: gradient(study, names[:n], weights=weights)) / forward
        for n in COUNTS
    }
    return {"forward_s": forward, "costs": found}


def _weights(study: Study) -> Any:
    return np.random.default_rng(1).uniform(0.2, 1.0, study.run.output_times().size)


def _time(work: Callable[[], object]) -> float:
    return statistics.median(_once(work) for _ in range(REPEATS))


def _once(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _course(study: Study) -> Course:
    return course_of(study, float(study.run.spacing or 0.0)).course


def _error(study: Study, name: str, weights: Any, found: float) -> tuple[float, float]:
    """Relative error, and by how much the reference changes with its step [-]."""
    value = float(study.get(_path(name)))
    scale = abs(value) or 1.0
    shape = _course(study).cells.shape
    at: dict[float, float] = {}

    def goal(step: float) -> float:
        if step not in at:
            course = _on(study.replace(_path(name), value + step * scale), shape)
            usual, courses._FRONT_STEP = courses._FRONT_STEP, CAREFUL
            try:
                at[step] = float(weights @ course.run(study.run.output_times(), FINE)[0])
            finally:
                courses._FRONT_STEP = usual
        return at[step]

    def central(h: float) -> float:
        if value == 0.0:  # bounded below
            return (-1.5 * goal(0.0) + 2.0 * goal(h) - 0.5 * goal(2.0 * h)) / (h * scale)
        return (goal(h) - goal(-h)) / (2.0 * h * scale)

    near, far, farther = central(STEP), central(2.0 * STEP), central(4.0 * STEP)
    best, other = (4.0 * near - far) / 3.0, (4.0 * far - farther) / 3.0
    if abs(best) < NOTHING / scale:
        return abs(found) * scale, abs(best) * scale
    return found / best - 1.0, other / best - 1.0


def _path(name: str) -> str:
    return f"{name}_given" if name.endswith("formulation.concentration") else name


def _on(study: Study, shape: tuple[int, ...]) -> Course:
    """The course with as many cells as the first, where a near spacing gives them."""
    spacing = float(study.run.spacing or 0.0)
    for share in (0.0, 0.01, -0.01, 0.02, -0.02):
        course = course_of(study, spacing * (1.0 + share)).course
        if course.cells.shape == shape:
            return course
    return course_of(study, spacing).course


def _table(rows: dict[str, dict[str, Any]]) -> str:
    lines = [
        "| case | cells | name | found by | error | reference uncertain by |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows.values():
        for i, (name, (error, unsure)) in enumerate(row["errors"].items()):
            head = f"{row['case']} | {row['cells']}" if i == 0 else " | "
            method = row["methods"][name]
            lines.append(f"| {head} | {name} | {method} | {abs(error):.1e} | {abs(unsure):.1e} |")
    lines += ["", "| case | forward [s] | 1 name | 3 | 5 | 8 | courses for 8 |", "|" + "---|" * 7]
    for row in rows.values():
        costs = " | ".join(f"{row['costs'][str(n)]:.1f}" for n in COUNTS)
        lines.append(f"| {row['case']} | {row['forward_s']:.2f} | {costs} | {row['solves']} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""Gradients of coupled laws against central differences of well-resolved solves, and their cost.

    python validation/gradients/run.py                 # what is missing, and writes the table
    python validation/gradients/run.py --references    # only what does not need our derivatives
    python validation/gradients/run.py --again         # our derivatives and their costs again
    python validation/gradients/run.py --table         # only writes the table

The differences are of fourth order, from steps h and 2 h on the same cells, by courses whose steps
are resolved much better; those of twice the steps tell how far they can be trusted. Costs are CPU
times over that of a course on the same grid, and over `simulate` of the study, which solves a
second grid to estimate its error; the forward runs are timed before and after, and their least
counts.
"""

from __future__ import annotations

import argparse
import json
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
from releasesim.simulation.simulate import simulate
from releasesim.study import Study

HERE = Path(__file__).parent
ROWS, REFERENCES, TABLE = HERE / "rows.jsonl", HERE / "references.jsonl", HERE / "README.md"
BEGIN = "<!-- table -->"
#: Steps of the differences, the second by numbers that move a front, which cells follow with kinks;
#: tolerance of their courses, and how far their fronts go in a step, in cells.
STEP, FRONT_STEP, FINE, CAREFUL = 5e-3, 2e-3, 3e-5, 0.1
MOVES_FRONTS = ("speed", "k0", "pH_threshold", "equilibrium_volume_ratio")
COUNTS = (1, 3, 5, 8)
#: Names that are compared, of those that costs are counted for.
COMPARED = 4
#: Derivatives by names that change nothing.
NOTHING = 1e-8


def main() -> None:
    """Measure and tabulate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--case", action="append", choices=list(CASES))
    parser.add_argument("--references", action="store_true")
    parser.add_argument("--again", action="store_true")
    given = parser.parse_args()
    rows, known = _read(ROWS, "case"), _read(REFERENCES, "key")
    for case in [] if given.table else given.case or CASES:
        for name in CASES[case][4][:COMPARED]:
            key = f"{case}: {name}"
            if key not in known and not given.again:
                known[key] = {"key": key, **reference(case, name)}
                _write(REFERENCES, known)
                print(key, known[key], flush=True)
        if not given.references and (given.again or case not in rows):
            rows[case] = measured(case)
            _write(ROWS, rows)
            print(case, rows[case]["costs"], flush=True)
    if not given.references:
        head = TABLE.read_text().split(BEGIN)[0] if TABLE.exists() else ""
        TABLE.write_text(f"{head}{BEGIN}\n\n{_table(rows, known)}\n")


def _read(path: Path, key: str) -> dict[str, dict[str, Any]]:
    lines = path.read_text().splitlines() if path.exists() else []
    return {row[key]: row for row in map(json.loads, lines)}


def _write(path: Path, rows: dict[str, dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows.values()))


def measured(case: str) -> dict[str, Any]:
    """Derivatives by name, and costs by number of names."""
    study, names = study_of(case), CASES[case][4]
    weights = _weights(study)
    found = gradient(study, names, weights=weights)
    return {
        "case": case,
        "cells": _course(study).cells.count,
        **costs(case),
        "solves": found.solves,
        "methods": dict(found.methods),
        "found": dict(found.derivatives),
    }


def costs(case: str) -> dict[str, Any]:
    """Seconds of a forward run, and CPU times by number of names over that and over `simulate`."""
    study, names = study_of(case), CASES[case][4]
    weights, times = _weights(study), study.run.output_times()

    def forward() -> None:
        _course(study).run(times, study.run.tolerance)

    forward(), simulate(study)  # compile what they need
    spent, whole, found = [_once(forward)], [_once(lambda: simulate(study))], {}
    for n in COUNTS:
        found[str(n)] = _once(lambda n=n: gradient(study, names[:n], weights=weights))
        spent.append(_once(forward))
    whole.append(_once(lambda: simulate(study)))
    return {
        "forward_s": min(spent),
        "simulate_s": min(whole),
        "costs": {n: cost / min(spent) for n, cost in found.items()},
    }


def _weights(study: Study) -> Any:
    return np.random.default_rng(1).uniform(0.2, 1.0, study.run.output_times().size)


def _once(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _course(study: Study) -> Course:
    return course_of(study, float(study.run.spacing or 0.0)).course


def reference(case: str, name: str) -> dict[str, float]:
    """The derivative of a case by differences, and by how much it changes with their step."""
    study = study_of(case)
    weights, value = _weights(study), float(study.get(_path(name)))
    scale = abs(value) or 1.0
    shape = _course(study).cells.shape
    moves_fronts = name.endswith(MOVES_FRONTS) or is_length(name)
    h = FRONT_STEP if moves_fronts else STEP
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

    near, far, farther = central(h), central(2.0 * h), central(4.0 * h)
    best, other = (4.0 * near - far) / 3.0, (4.0 * far - farther) / 3.0
    return {"value": best, "other": other, "scale": scale, "step": h, "tolerance": FINE}


def is_length(name: str) -> bool:
    """Whether a name is that of a size."""
    return name.endswith(("diameter", "height", "thickness"))


def _errors(found: float, by: dict[str, float]) -> tuple[float, float]:
    """Relative error, and by how much the reference is uncertain [-]."""
    best, other = by["value"], by["other"]
    if abs(best) < NOTHING / by["scale"]:
        return abs(found) * by["scale"], abs(best) * by["scale"]
    return abs(found / best - 1.0), abs(other / best - 1.0)


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


def _table(rows: dict[str, dict[str, Any]], known: dict[str, dict[str, Any]]) -> str:
    lines = [
        "| case | cells | name | found by | error | reference uncertain by |",
        "|---|---|---|---|---|---|",
    ]
    done = [rows[case] for case in CASES if case in rows]
    for row in done:
        for i, name in enumerate(CASES[row["case"]][4][:COMPARED]):
            head = f"{row['case']} | {row['cells']}" if i == 0 else " | "
            method, key = row["methods"][name], f"{row['case']}: {name}"
            if key not in known:
                lines.append(f"| {head} | {name} | {method} | not held | |")
                continue
            error, unsure = _errors(row["found"][name], known[key])
            lines.append(f"| {head} | {name} | {method} | {error:.1e} | {unsure:.1e} |")
    lines += [
        "",
        "| case | forward [s] | 1 name | 3 | 5 | 8 | 8, over `simulate` | runs for 8 |",
        "|" + "---|" * 8,
    ]
    for row in done:
        costs = " | ".join(f"{row['costs'][str(n)]:.1f}" for n in COUNTS)
        over = row["costs"][str(COUNTS[-1])] * row["forward_s"] / row["simulate_s"]
        lines.append(
            f"| {row['case']} | {row['forward_s']:.2f} | {costs} | {over:.1f} | {row['solves']} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()

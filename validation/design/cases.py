"""Cases of a named run, a line of JSON each: one that was stopped goes on with what is missing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from pathlib import Path

from releasesim.errors import ReleaseSimError

Row = dict[str, object]


def run(
    file: Path, seeds: Iterable[int], case: Callable[[int], Row], shown: Iterable[str]
) -> list[Row]:
    """Append the cases that the file lacks, print some of each, and give all; errors are rows."""
    done = {row["seed"] for row in rows_of(file)}
    for seed in (seed for seed in seeds if seed not in done):
        try:
            row = case(seed)
        except ReleaseSimError as error:
            row = {"seed": seed, "error": str(error)}
        with file.open("a") as lines:
            lines.write(json.dumps(row) + "\n")
        print({name: row[name] for name in (*shown, "error") if name in row}, flush=True)
    return rows_of(file)


def rows_of(file: Path) -> list[Row]:
    """What earlier runs found."""
    lines = file.read_text().splitlines() if file.exists() else []
    return [json.loads(line) for line in lines]


def options(about: str | None, count: int, out: Path) -> argparse.Namespace:
    """Read the command line: which cases, and the file of their rows."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--count", type=int, default=count)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--out", type=Path, default=out)
    asked = parser.parse_args()
    asked.seeds = range(asked.first, asked.first + asked.count)
    return asked

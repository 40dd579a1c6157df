"""Every tablet of the matrix through the slicer and back: `python validation/slicer/run.py`.

Exports each tablet of `tests/slicing/cases.py`, slices it with PrusaSlicer, checks the G-code,
lays the sliced tablet over the designed one and compares their release curves. What came out goes
into table.md beside this file. With `--only WORDS` for cases whose name holds them, `--spacing`
of the grids, `--jobs` to run several at once, `--no-curves` to leave the simulations out, and
`--keep FOLDER` to leave the files there.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from slicing.cases import Case, Figures, every_case, figures_of  # noqa: E402  beside the tests

import releasesim  # noqa: E402


def main() -> int:
    """Run what was asked for and write the table; 1 where a bar is missed."""
    asked = _asked()
    cases = [case for case in every_case() if all(w in case.name for w in asked.only)]
    begun, rows = time.perf_counter(), []
    with tempfile.TemporaryDirectory() as spare:
        place = asked.keep or Path(spare)
        for row in _run(cases, place, asked):
            rows.append(row)
            print(f"{len(rows):3} of {len(cases)}  {_line(row)}", flush=True)
    missed = [row for row in rows if row.missed]
    if not asked.only and not asked.no_curves:
        minutes = (time.perf_counter() - begun) / 60.0
        (HERE / "table.md").write_text(_page(rows, asked.spacing, minutes), encoding="utf-8")
    print(f"{len(rows) - len(missed)} of {len(rows)} cases keep every bar")
    return int(bool(missed))


def _asked() -> argparse.Namespace:
    words = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    words.add_argument("--only", nargs="*", default=[])
    words.add_argument("--spacing", default="0.15 mm")
    words.add_argument("--jobs", type=int, default=1)
    words.add_argument("--no-curves", action="store_true")
    words.add_argument("--keep", type=Path)
    return words.parse_args()


def _run(cases: list[Case], place: Path, asked: argparse.Namespace) -> Iterator[Figures]:
    jobs = [
        (case, place / case.name.replace(" ", "_"), asked.spacing, not asked.no_curves)
        for case in cases
    ]
    if asked.jobs == 1:
        yield from map(_one, jobs)
        return
    with ProcessPoolExecutor(asked.jobs) as pool:
        yield from pool.map(_one, jobs)


def _one(job: tuple[Case, Path, str, bool]) -> Figures:
    case, folder, spacing, curves = job
    return figures_of(case, folder, spacing=spacing, curves=curves)


def _line(row: Figures) -> str:
    words = "; ".join(row.missed) or "all bars kept"
    return (
        f"{row.case.name:40} volume {100 * row.volume_error:+.3f} %  overlap {row.overlap:.4f}  "
        f"curve {100 * row.difference:.2f} %  f2 {row.f2:.1f}  {words}"
    )


def _page(rows: list[Figures], spacing: str, minutes: float) -> str:
    return "\n".join(
        [
            "# Tablets through PrusaSlicer and back",
            "",
            f"    python validation/slicer/run.py --spacing {spacing!r}",
            "",
            f"releasesim {releasesim.__version__}, Python {platform.python_version()}, "
            f"{os.cpu_count()} cores, {minutes:.0f} minutes of wall time (other work beside it).",
            "",
            *_summary(rows),
            "",
            "| tablet | volume off [%] | worst tool [%] | overlap | curve off [% of the dose] | f2 "
            "| bars missed |",
            "|---|---:|---:|---:|---:|---:|---|",
            *(_row(row) for row in rows),
            "",
        ]
    )


def _summary(rows: list[Figures]) -> Iterator[str]:
    kept = sum(not row.missed for row in rows)
    gates = sum(not row.failed for row in rows)
    yield f"{kept} of {len(rows)} tablets keep every bar; all gates of `releasesim slice` pass for"
    yield f"{gates}. Largest volume error {_most(abs(r.volume_error) for r in rows)} %, smallest"
    yield f"overlap {min(row.overlap for row in rows):.4f}, largest difference of the curves"
    yield f"{_most(row.difference for row in rows)} % of the dose."


def _most(values: Iterable[float]) -> str:
    return f"{100 * max(values):.2f}"


def _row(row: Figures) -> str:
    return (
        f"| {row.case.name} | {100 * row.volume_error:+.3f} | {100 * row.tool_error:+.3f} | "
        f"{row.overlap:.4f} | "
        f"{100 * row.difference:.2f} | {row.f2:.1f} | {'; '.join(row.missed) or 'none'} |"
    )


if __name__ == "__main__":
    sys.exit(main())

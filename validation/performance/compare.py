"""releasesim beside other programs: `python validation/performance/compare.py`.

Every run is a process of its own, one at a time and interleaved, timed by what it takes of the
processor, so that a busy machine counts less; medians go into a table (`table.md`) and a figure
(`compare.png`) beside this file. What is not installed is named. With `--problems P1 P2
--spacing 200 100 --rounds 3 --limit 120` [um, s] as wanted.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from problems import NAMES, STRAND_D, TIMES, Problem

HERE = Path(__file__).parent
#: One thread for everyone.
ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}
BARS = {("P1", 100): 8e-3, ("P2", 100): 25e-3, ("P3", 100): 0.2}


# --- one run --------------------------------------------------------------------------------------


def work(peer: str, name: str, spacing: float, limit: float) -> dict[str, object]:
    """One peer on one problem, in this process."""
    from peers import MODULES, PEERS, Skipped

    module = MODULES.get(peer)
    if module is not None and importlib.util.find_spec(module) is None:
        return {"absent": f"{module} is not installed"}
    problem = Problem(name, spacing * 1e-6)
    try:
        outcome = PEERS[peer](problem, limit)
    except Skipped as reason:
        return {"skipped": str(reason)}
    curve = None if outcome.curve is None else [float(f) for f in outcome.curve]
    return {"seconds": outcome.seconds, "curve": curve, "note": outcome.note}


def start(arguments: list[str], limit: float) -> dict[str, object]:
    """What a process of its own answers; a time limit ends it."""
    command = [sys.executable, str(Path(__file__)), *arguments, "--limit", str(limit)]
    try:
        done = subprocess.run(  # noqa: S603  # this very file
            command,
            capture_output=True,
            text=True,
            timeout=3 * limit + 120,
            check=False,
            env={**os.environ, **ONE_THREAD},
        )
    except subprocess.TimeoutExpired:
        return {"skipped": f"stopped after {3 * limit + 120:.0f} s"}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {"skipped": f"failed: {last[:120]}"}
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


# --- what the machine can do, and how releasesim uses it ------------------------------------------


def own_figures() -> dict[str, object]:
    """Bandwidth, the recurrence's share of it, cost over three grids, memory."""
    from releasesim.numerics.lanczos import decay

    found: dict[str, object] = {}
    for name in ("P1", "P2"):
        triad = bandwidth()  # beside what it is compared with
        alone, step = sweep_rate(name)
        found[f"{name} triad"] = triad = 0.5 * (triad + bandwidth())
        found[f"{name} shares"] = [alone / triad, step / triad]
        found[f"{name} others"] = [alone / stream(), alone / bare_rate(name)]
        cells, seconds = [], []
        for spacing in (200e-6, 100e-6, 50e-6):
            part = Problem(name, spacing).operator(folded=True)
            decay(part, TIMES)
            runs = []
            for _ in range(5):
                begun = time.process_time()
                decay(part, TIMES)
                runs.append(time.process_time() - begun)
            cells.append(part.unknowns)
            seconds.append(float(np.median(runs)))
        found[f"{name} grids"] = [cells, seconds]
        found[f"{name} exponent"] = float(np.polyfit(np.log(cells), np.log(seconds), 1)[0])
        decay(part, TIMES, single=True)
        begun = time.process_time()
        decay(part, TIMES, single=True)
        found[f"{name} float32 at 50 um"] = time.process_time() - begun
    found["memory"] = memory()
    return found | shift_figures()


#: Diffusivity of strands that differs from that of channels beyond what Lanczos is for [m2/s].
_STRONG = 1e-14


def shift_figures() -> dict[str, object]:
    """Cost of shift-invert over three grids: P2, and P2 with strands that hold their drug.

    Runs on the three grids take turns, so that a busy hour is one of all of them.
    """
    from releasesim.numerics.shift_invert import decay_by_shifts, why_shifts

    found: dict[str, object] = {}
    for name, strand in (("P2", STRAND_D), ("P2, strands 1e-14 m2/s", _STRONG)):
        parts = [
            Problem("P2", spacing, strand).operator(folded=True)
            for spacing in (200e-6, 100e-6, 50e-6)
        ]
        runs: list[list[float]] = [[] for _ in parts]
        products = [decay_by_shifts(part, TIMES).matvecs for part in parts]
        for _ in range(3):
            for part, taken in zip(parts, runs, strict=True):
                begun = time.process_time()
                decay_by_shifts(part, TIMES)
                taken.append(time.process_time() - begun)
        cells = [part.unknowns for part in parts]
        seconds = [float(np.median(taken)) for taken in runs]
        picked = all(why_shifts(part, TIMES[-1]) for part in parts)
        exponent = float(np.polyfit(np.log(cells), np.log(seconds), 1)[0])
        found[f"shifts {name}"] = [exponent, cells, seconds, products, picked]
    return found


def shift_rows(own: dict[str, object]) -> list[tuple[str, str, str, bool]]:
    """Rows of the table of bars on what `shift_figures` found."""
    rows = []
    for key in (key for key in own if key.startswith("shifts ")):
        exponent, _, seconds, products, picked = list(own[key])  # type: ignore[call-overload]
        name = key.removeprefix("shifts ")
        took = ", ".join(words(one) for one in seconds)
        who = "the program's choice" if picked else "not the program's choice on all"
        what = f"{name}: cost exponent of shift-invert over 200, 100, 50 um ({who})"
        said = f"{exponent:.2f} ({took}; {', '.join(map(str, products))} products)"
        rows.append((what, said, "1.15", exponent <= 1.15))
    return rows


def bandwidth() -> float:
    """In-place triad a += s b over 256 MB arrays, one thread: 24 bytes an entry [B/s]."""
    from numba import njit

    @njit(fastmath=True)
    def triad(a, b, s):  # type: ignore[no-untyped-def]
        for i in range(a.size):
            a[i] += s * b[i]

    a, b = np.ones(1 << 25), np.ones(1 << 25)
    triad(a, b, 1e-9)
    runs = []
    for _ in range(7):
        begun = time.process_time()
        triad(a, b, 1e-9)
        runs.append(time.process_time() - begun)
    return 24.0 * a.size / float(np.median(runs))


def stream() -> float:
    """Triad a = b + s c as STREAM counts it (McCalpin 1995), 24 bytes an entry, one thread [B/s].

    The lines of a are read before they are written: memory moves 32 bytes.
    """
    from numba import njit

    @njit(fastmath=True)
    def triad(a, b, c, s):  # type: ignore[no-untyped-def]
        for i in range(a.size):
            a[i] = b[i] + s * c[i]

    a, b, c = (np.ones(1 << 24) for _ in range(3))
    triad(a, b, c, 1e-9)
    return 24.0 * a.size / _median_time(lambda: triad(a, b, c, 1e-9))


def bare_rate(name: str) -> float:
    """Bytes a second of a loop over the arrays of the product, 50 um, that meets no neighbours."""
    from numba import njit

    @njit(fastmath=True)
    def alike(arrays):  # type: ignore[no-untyped-def]
        a, g, q, m, c, o = arrays
        for i in range(o.size):
            o[i] = q[i] * (a[i] + g[i]) + m[i] * c[i] - 0.1 * o[i]

    @njit(fastmath=True)
    def unlike(arrays):  # type: ignore[no-untyped-def]
        x, y, z, g, q, m, c, o = arrays
        for i in range(o.size):
            o[i] = q[i] * (x[i] + y[i] + z[i] + g[i]) + m[i] * c[i] - 0.1 * o[i]

    run, arrays, each = _arrays_of(name)
    loop, work = (alike if run.even.size == 3 else unlike), tuple(arrays)
    loop(work)
    return each * run.x.size / _median_time(lambda: loop(work))


def _arrays_of(name: str) -> tuple[Any, list[Any], int]:
    """A recurrence at 50 um without symmetry, the arrays that its product reads, bytes a cell."""
    from releasesim.numerics.lanczos import _Recurrence

    run = _Recurrence(Problem(name, 50e-6).operator(folded=False), np.dtype(float), rounded=True)
    varying = [run.diagonal] if run.even.size == 3 else run.faces
    arrays = [*varying, run.leak, run.inverse, run.capacity, run.new, run.x]
    # the one that is written counts twice
    return run, arrays, sum(a.itemsize for a in (*arrays, run.x))


def sweep_rate(name: str) -> tuple[float, float]:
    """Bytes a second at 50 um without symmetry, far beyond cache: product alone, whole step.

    Each array counts once, by the bytes of its entries: two vectors, one of them written too, 1/C,
    C, outlets, and the diagonal, or three conductances where they vary; a whole step writes both
    vectors.
    """
    from releasesim.numerics.lanczos_kernels import _multiply, _multiply_even

    run, arrays, each = _arrays_of(name)
    sx, sy = run.strides
    lo, hi = int(run.runs[0][0]), int(run.runs[1][-1])
    even, rest = run.even.size == 3, arrays[-5:]

    def product() -> None:
        if even:
            _multiply_even(lo, hi, sx, sy, run.even, run.diagonal, *rest, 0.1, 0.1)
        else:
            _multiply(lo, hi, sx, sy, *run.faces, *rest, 0.1, 0.1)

    product()
    alone = each * (hi - lo) / _median_time(product)
    run, _, _ = _arrays_of(name)
    run.advance(2)
    visited = int((run.runs[1] - run.runs[0]).sum())
    step = (each + run.new.itemsize) * visited
    return alone, step / _median_time(lambda: run.advance(1))


def _median_time(work: Callable[[], object]) -> float:
    runs = []
    for _ in range(9):
        begun = time.process_time()
        work()
        runs.append(time.process_time() - begun)
    return float(np.median(runs))


def memory() -> dict[str, float]:
    """Peak bytes a cell while P1 at 100 um is solved without symmetry."""
    from releasesim.numerics.lanczos import decay

    part = Problem("P1", 100e-6).operator(folded=False)
    decay(part, TIMES[:3])
    fields = (part.capacity, *part.conductance, part.outlet, part.initial)
    given = sum(a.nbytes for a in fields)
    out = {}
    for single in (False, True):
        tracemalloc.start()
        decay(part, TIMES, single=single)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        out["float32" if single else "float64"] = (given + peak) / part.capacity.size
    return out


# --- table and figure -----------------------------------------------------------------------------


def measure(
    problems: list[str], spacings: list[int], rounds: int, limit: float
) -> dict[tuple[str, str, int], list[dict[str, object]]]:
    """All runs, round by round, so that a busy moment hits everyone."""
    from peers import PEERS

    found: dict[tuple[str, str, int], list[dict[str, object]]] = {}
    for number in range(rounds):
        for name in problems:
            for spacing in spacings:
                for peer in PEERS:
                    key = (peer, name, spacing)
                    slow = any(
                        float(str(r.get("seconds", 0))) > limit / 4 for r in found.get(key, [])
                    )
                    hopeless = any("seconds" not in r for r in found.get(key, []))
                    if slow or hopeless:
                        continue  # once is enough
                    answer = start(["--peer", peer, "--problem", name, str(spacing)], limit)
                    found.setdefault(key, []).append(answer)
                    said = answer.get("seconds") or answer
                    print(f"{number + 1}/{rounds} {name} {spacing} um {peer}: {said}", flush=True)
    return found


def error_of(curve: object, reference: np.ndarray) -> str:
    """Largest errors beyond 10 % and 20 % released."""
    if curve is None:
        return ""
    gap = np.abs(np.array(curve, dtype=float) - reference)
    beyond = [np.nanmax(gap[reference > share]) for share in (0.1, 0.2)]
    return " / ".join(f"{e:.1e}" for e in beyond)


def table(
    found: dict[tuple[str, str, int], list[dict[str, object]]],
    own: dict[str, object],
    loads: list[tuple[float, float, float]],
) -> tuple[str, dict[tuple[str, int], dict[str, float]]]:
    """The table as markdown, and the medians for the figure."""
    lines = [
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"numpy {np.__version__}, one thread each. "
        f"Load (os.getloadavg, last minute) at the start {loads[0][0]:.1f}, at the end "
        f"{loads[1][0]:.1f}. Medians of warm runs in processor time, which is wall time on an idle "
        "machine; error: largest of the released fraction beyond 10 % / 20 % released.",
    ]
    medians: dict[tuple[str, int], dict[str, float]] = {}
    absent: set[str] = set()
    for name, spacing in dict.fromkeys((k[1], k[2]) for k in found):
        reference, source = Problem(name, spacing * 1e-6).reference
        lines += ["", f"## {name}, {spacing} um", "", f"Reference: {source}.", ""]
        lines += ["| who | time | ratio | error | how |", "|---|---|---|---|---|"]
        rows = {k[0]: v for k, v in found.items() if k[1:] == (name, spacing)}
        base = _median(rows.get("releasesim", []))
        for peer, answers in rows.items():
            last = answers[-1]
            if "absent" in last:
                absent.add(f"{peer} ({last['absent']})")
                continue
            if "skipped" in last:
                lines.append(f"| {peer} | | | | {last['skipped']} |")
                continue
            seconds = _median(answers)
            assert seconds is not None  # noqa: S101  # answers hold seconds here
            medians.setdefault((name, spacing), {})[peer] = seconds
            ratio = f"{seconds / base:.3g}" if base else ""
            error = error_of(last["curve"], reference)
            lines.append(f"| {peer} | {words(seconds)} | {ratio} | {error} | {last['note']} |")
    if absent:
        lines += ["", "Absent: " + "; ".join(sorted(absent)) + "."]
    return "\n".join([*lines, "", *figures(own, medians)]) + "\n", medians


def _median(answers: list[dict[str, object]]) -> float | None:
    values = [float(str(a["seconds"])) for a in answers if "seconds" in a]
    return float(np.median(values)) if values else None


def words(seconds: float) -> str:
    """A time with its unit."""
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.3g} s"


def figures(own: dict[str, object], medians: dict[tuple[str, int], dict[str, float]]) -> list[str]:
    """What was asked of releasesim, and what it does."""
    lines = ["## Bars", "", "| what | measured | bar | met |", "|---|---|---|---|"]
    rows: list[tuple[str, str, str, bool]] = []
    for (name, spacing), bar in BARS.items():
        seconds = medians.get((name, spacing), {}).get("releasesim")
        if seconds is not None:
            rows.append((f"{name}, {spacing} um", words(seconds), words(bar), seconds <= bar))
    if own:
        single = float(str(own["P2 float32 at 50 um"]))
        rows.append(("P2, 50 um, float32, Lanczos", words(single), "600 ms", single <= 0.6))
        for name in ("P1", "P2"):
            exponent = float(str(own[f"{name} exponent"]))
            alone, step = list(own[f"{name} shares"])  # type: ignore[call-overload]
            what = f"{name}, 50 um, no symmetry: product with the operator, share of the bandwidth"
            rows.append((what, f"{alone:.0%} (whole step: {step:.0%})", "80 %", alone >= 0.8))
            streamed, bare = list(own[f"{name} others"])  # type: ignore[call-overload]
            what = f"{name}: the same, share of STREAM's triad (of a loop over the same arrays)"
            rows.append((what, f"{streamed:.0%} ({bare:.0%})", "80 %", streamed >= 0.8))
            what = f"{name}: cost exponent in cells over 200, 100, 50 um"
            rows.append((what, f"{exponent:.2f}", "1.4", exponent <= 1.4))
        rows += shift_rows(own)
        for name, size in dict(own["memory"]).items():  # type: ignore[call-overload]
            what = f"peak memory of a solve, {name}, bytes a cell, the problem's arrays included"
            rows.append((what, f"{size:.0f}", "150", size <= 150))
    lines += [f"| {a} | {b} | {c} | {'yes' if met else 'no'} |" for a, b, c, met in rows]
    if own:
        triads = [float(str(own[f"{name} triad"])) / 1e9 for name in ("P1", "P2")]
        said = " and ".join(f"{t:.1f}" for t in triads)
        lines += ["", f"Bandwidth by an in-place triad, one thread, beside P1 and P2: {said} GB/s."]
    return lines


#: Okabe & Ito: told apart by all.
_COLOURS = ("#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7")


def draw(medians: dict[tuple[str, int], dict[str, float]]) -> None:
    """Bars of time, logarithmic, one group for each problem and spacing."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    groups = list(medians)
    peers = list(dict.fromkeys(p for group in medians.values() for p in group))
    fig, axes = plt.subplots(
        1, len(groups), figsize=(2.6 * len(groups) + 1.6, 3.6), sharey=True, squeeze=False
    )
    for axis, group in zip(axes[0], groups, strict=True):
        for row, peer in enumerate(peers):
            seconds = medians[group].get(peer)
            if seconds is None:
                continue
            own = peer.startswith("releasesim")
            axis.barh(
                row,
                seconds,
                left=0,
                color=_COLOURS[5] if own else _COLOURS[1],
                edgecolor="black",
                linewidth=0.5,
                hatch=None if own else "///",
            )
            axis.text(seconds * 1.2, row, words(seconds), va="center", fontsize=7)
        axis.set_xscale("log")
        axis.set_xlim(1e-3, 1e5)
        axis.set_title(f"{group[0]}, {group[1]} um", fontsize=9)
        axis.set_xlabel("processor time [s]", fontsize=8)
        axis.tick_params(labelsize=8)
    axes[0][0].set_yticks(range(len(peers)), peers)
    axes[0][0].invert_yaxis()
    fig.tight_layout()
    fig.savefig(HERE / "compare.png", dpi=150)


def main() -> None:
    """Read the command line; run everything, or one peer for a parent process."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--problems", nargs="+", default=list(NAMES), choices=NAMES)
    parser.add_argument("--spacing", nargs="+", type=int, default=[200, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    parser.add_argument("--problem", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--shifts", action="store_true", help="only what shift-invert costs")
    parser.add_argument("--shift-figures", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--own", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.shifts:
        for row in shift_rows(start(["--shift-figures"], 600.0)):
            print("| " + " | ".join((*row[:3], "yes" if row[3] else "no")) + " |")
        return
    if given.shift_figures:
        print(json.dumps(shift_figures()))
        return
    if given.own:
        print(json.dumps(own_figures()))
        return
    if given.peer:
        name, spacing = given.problem
        print(json.dumps(work(given.peer, name, float(spacing), given.limit)))
        return
    loads = [os.getloadavg()]
    found = measure(given.problems, given.spacing, given.rounds, given.limit)
    own = start(["--own"], 600.0)
    loads.append(os.getloadavg())
    if "memory" not in own:
        print(own)
        own = {}
    text, medians = table(found, own, loads)
    (HERE / "table.md").write_text(text, encoding="utf-8")
    print(text)
    draw(medians)


if __name__ == "__main__":
    main()

"""D and front speed from two tablets, 2 % noise: `python validation/coverage/recovery.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

D, SPEED = 2e-11, 0.25e-3 / 3600
PAIRS = {
    "4 x 2 and 12 x 6 mm, scaled copies": (("4 mm", "2 mm"), ("12 mm", "6 mm")),
    "5 x 4 and 12 x 3 mm, other proportions": (("5 mm", "4 mm"), ("12 mm", "3 mm")),
}
_POINTS = 40
_ENDS = (3.0, 9.0)


def study(diameter: str, height: str):  # type: ignore[no-untyped-def]
    """A cylinder that erodes while drug diffuses out; its values are where the search starts."""
    from releasesim.study import Study

    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "cylinder", "diameter": diameter, "height": height}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {
                "diffusion": {"law": "ConstantDiffusivity", "D": "5e-11 m2/s"},
                "erosion": {"law": "ConstantFront", "speed": "0.1 mm/h"},
            },
            "run": {"until": "12 h", "tolerance": "0.5 %"},
        }
    )


def write_data(pair: str, seed: int, folder: Path) -> None:
    """Write noisy curves of both tablets as CSV."""
    import numpy as np

    from releasesim.curve import ReleaseCurve
    from releasesim.simulation import simulate

    random = np.random.default_rng(seed)
    for place, (size, end) in enumerate(zip(PAIRS[pair], _ENDS, strict=True)):
        truth = study(*size).replace("diffusion.D", D).replace("erosion.speed", SPEED)
        truth = truth.replace("run.tolerance", 1e-3)
        times = end * 3600.0 * (np.arange(1, _POINTS + 1) / _POINTS) ** 2
        curve = simulate(truth.replace("run.until", times[-1]).replace("run.samples", 200)).curve
        noise = random.normal(0.0, 0.02, _POINTS)
        released = np.maximum(curve.at(times) + noise, 0.0)
        ReleaseCurve(times, released, name=f"tablet {place + 1}").write(folder / f"{place}.csv")


def recover(pair: str, folder: Path) -> dict[str, float]:
    """Fit both curves; errors of the estimates, and CPU of this process from its first line."""
    from releasesim.calibration import fit
    from releasesim.curve import ReleaseCurve
    from releasesim.workflows.compiling import CompileClock

    with CompileClock() as compiler:
        data = [ReleaseCurve.read(folder / f"{place}.csv") for place in range(2)]
        studies = [study(*size) for size in PAIRS[pair]]
        found = fit(studies, data, vary=["diffusion.D", "erosion.speed"])
    return {
        "D": found["diffusion.D"].value / D - 1.0,
        "speed": found["erosion.speed"].value / SPEED - 1.0,
        "cpu": time.process_time(),
        "compiling": compiler.seconds,
    }


def fresh(pair: str, folder: Path, cache: Path) -> dict[str, float]:
    """Do it in a process of its own, with a cache of compiled kernels of its own."""
    begun = time.perf_counter()
    words = [sys.executable, __file__, pair, str(folder)]
    run = subprocess.run(  # noqa: S603 - this file
        words,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(cache)},
    )
    return {**json.loads(run.stdout), "wall": time.perf_counter() - begun}


def main() -> None:
    """Print the rows of README.md: the first fit of a pair compiles, the others do not."""
    if len(sys.argv) > 2:
        print(json.dumps(recover(sys.argv[1], Path(sys.argv[2]))))
        return
    for pair in PAIRS:
        with tempfile.TemporaryDirectory() as scratch:
            for seed in (1, 2, 3):
                write_data(pair, seed, Path(scratch))
                got = fresh(pair, Path(scratch), Path(scratch) / "cache")
                kernels = "compiled" if seed == 1 else "from the cache"
                print(
                    f"| {pair} | {seed} | {100 * got['D']:+.1f} % | {100 * got['speed']:+.1f} % | "
                    f"{kernels} | {got['cpu']:.1f} | {got['wall']:.1f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()

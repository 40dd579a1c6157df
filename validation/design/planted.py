"""Planted designs: random tablets whose own curve is the target, to be found again.

    python validation/design/planted.py --count 200

Every tablet is drawn inside the ranges that its design may search; its own curve, on the fine grid
and to the study's tolerance, is the target, its dose the dose. Writes a line of JSON for every
tablet to planted.jsonl as it goes: a run that was stopped goes on with what is missing.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np
from cases import Row, options, run

from releasesim.optimization import design
from releasesim.simulation import simulate
from releasesim.study import Study, with_effective_laws

HERE = Path(__file__).parent
POLYMERS = ("pva", "hpc", "soluplus", "pvp_va64", "hpmc_k4m", "peo", "eudragit_rl")
PATTERNS = ("rectilinear", "grid", "triangles", "honeycomb", "gyroid", "concentric")


def planted(seed: int) -> tuple[Study, dict[str, object]]:
    """A random printable tablet as a study, and the [design] that should find it."""
    rng = np.random.default_rng(seed)
    polymers = [str(p) for p in rng.choice(POLYMERS, 3, replace=False)]
    patterns = [str(p) for p in rng.choice(PATTERNS, 3, replace=False)]
    diameter, height = rng.uniform(6.5, 11.0), 0.2 * int(rng.integers(12, 25))
    study = Study.from_dict(
        {
            "printer": "generic_fdm",
            "tablet": {
                "shape": {
                    "kind": "cylinder",
                    "diameter": f"{diameter:.4f} mm",
                    "height": f"{height:.1f} mm",
                },
                "infill": {"pattern": patterns[0], "density": f"{rng.uniform(22, 78):.3f} %"},
                "walls": int(rng.integers(1, 4)),
                "roofs": int(rng.choice([0, 2, 4])),
                "floors": int(rng.choice([0, 2, 4])),
            },
            "formulation": {
                "drug": "theophylline",
                "polymer": polymers[0],
                "drug_loading": f"{rng.uniform(8, 25):.3f} %",
            },
        }
    )
    return with_effective_laws(study), {
        "polymers": polymers,
        "vary": {
            "shape.diameter": {"min": "6 mm", "max": "11.5 mm"},
            "shape.height": {"min": "2.4 mm", "max": "5 mm"},
            "infill.pattern": patterns,
            "infill.density": {"min": "20 %", "max": "80 %"},
            "walls": {"min": 1, "max": 3},
            "roofs": [0, 2, 4],
            "floors": [0, 2, 4],
        },
    }


def target(study: Study, folder: Path) -> tuple[str, float]:
    """Write the tablet's own curve as measured points; give its file and the dose [kg]."""
    probe = simulate(study.replace("run.until", "2000 h").replace("run.spacing", "0.2 mm"))
    until = 1.3 * probe.curve.time_to(min(0.95, 0.98 * float(probe.curve.fraction[-1])))
    release = simulate(study.replace("run.until", until))
    times = np.linspace(0.0, until, 17)[1:]
    rows = [f"{t / 3600},{100 * float(release.curve.at(t))}" for t in times]
    (folder / "target.csv").write_text("\n".join(["Time [h],Released [%]", *rows]) + "\n")
    return "target.csv", release.dose


def find(seed: int) -> Row:
    """Design for the planted tablet's curve; what came of it."""
    study, spec = planted(seed)
    with tempfile.TemporaryDirectory() as name:
        curve, dose = target(study, Path(name))
        data = study.to_data()
        data["physics"] = {}  # the design takes each polymer's own effective law
        data["design"] = {**spec, "dose": f"{dose * 1e6!r} mg"}
        data["target"] = {"curve": curve, "accept": {"f2": 90}}
        wished = Study.from_dict({k: v for k, v in data.items() if v != {}}, name)
        cpu, wall = time.process_time(), time.perf_counter()
        found = design(wished)
    return {
        "seed": seed,
        "tablet": f"{study.tablet.describe()}",
        "found": found.study.tablet.describe(),
        "f2": found.comparison.f2,
        "largest_difference": found.comparison.largest_difference,
        "dose_error": found.release.dose / dose - 1.0,
        "cpu_s": time.process_time() - cpu,
        "wall_s": time.perf_counter() - wall,
    }


def main() -> None:
    """Run what is missing, and say how many were found."""
    asked = options(__doc__, 200, HERE / "planted.jsonl")
    report(run(asked.out, asked.seeds, find, ("seed", "f2", "dose_error", "cpu_s")))


def report(rows: list[Row]) -> None:
    """Say how many were found, and in what time."""
    f2 = np.array([float(row.get("f2", "nan")) for row in rows])
    kept = np.array([abs(float(row.get("dose_error", "nan"))) <= 0.02 for row in rows])
    seconds = {name: [float(row.get(name, "nan")) for row in rows] for name in ("cpu_s", "wall_s")}
    found = int(np.sum((f2 >= 90) & kept))
    print(f"{found} of {len(rows)} found with f2 >= 90 and the dose kept")
    print(f"f2: median {np.nanmedian(f2):.1f}, least {np.nanmin(f2):.1f}")
    for name, values in seconds.items():
        print(f"{name}: median {np.nanmedian(values):.1f}, most {np.nanmax(values):.1f}")


if __name__ == "__main__":
    main()

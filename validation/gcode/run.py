"""How fast G-code becomes voxels, and what memory a file of 200 MB takes.

    python validation/gcode/run.py

PrusaSlicer slices a cylinder of 10 mm x 4 mm with each infill; what is read and laid on cells of
0.1 mm is timed after a first run that compiles. Writes table.md beside this file.
"""

from __future__ import annotations

import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from releasesim.geometry.gcode import read_gcode
from releasesim.geometry.gcode.shape import Gcode
from releasesim.printing import export
from releasesim.study import Study
from releasesim.tablet import Tablet
from releasesim.version import __version__

HERE = Path(__file__).parent
PATTERNS = ("rectilinear", "grid", "triangles", "honeycomb", "gyroid", "concentric")
FORMULATION = {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"}
SPACING, REPEATS = 1e-4, 9
BIG = 200_000_000  # bytes


def sliced(pattern: str, density: str, folder: Path) -> Tablet:
    """Slice the cylinder, and return it as designed; its G-code is tablet.gcode."""
    tablet = {
        "shape": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"},
        "infill": {"pattern": pattern, "density": density},
    }
    study = Study.from_dict({"tablet": tablet, "formulation": FORMULATION})
    export(study, folder)
    command = ["prusa-slicer", "--export-gcode", "-o", "tablet.gcode", "tablet.3mf"]
    subprocess.run(command, check=True, capture_output=True, timeout=120, cwd=folder)  # noqa: S603
    return study.tablet


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Median wall time and median processor time [s]."""
    walls, cpus = [], []
    for _ in range(REPEATS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return statistics.median(walls), statistics.median(cpus)


def row(pattern: str, density: str, folder: Path) -> str:
    """One line of the table."""
    design = sliced(pattern, density, folder)

    def read() -> Gcode:
        return Gcode.read("tablet.gcode", folder)

    def voxels() -> object:
        return Tablet(read(), design.formulation).voxelize(SPACING)

    voxels()
    shape, (wall, cpu), (_, parse) = read(), timed(voxels), timed(read)
    path = shape.toolpath
    off = path.filament[0] / (path.declared_filament[0] or 1.0) - 1.0
    return (
        f"| {pattern} {density} | {len(path)} | {1e3 * parse:.0f} | {1e3 * cpu:.0f} "
        f"| {1e3 * wall:.0f} | {100 * off:+.4f} |"
    )


def write_big(path: Path) -> int:
    """A file of 200 MB of roads in a tablet's box; return how many pieces it has."""
    pieces, turn = 0, 0
    with path.open("w") as file:
        file.write(
            "; filament_diameter = 1.75\nG21\nG90\nM83\n;TYPE:Internal infill\n;HEIGHT:0.2\n"
        )
        while file.tell() < BIG:
            turn += 1
            lines = [f"G0 X90 Y90 Z{0.2 * (1 + turn % 50):.1f}"]
            lines += [
                f"G1 X{90 + n % 200 / 10:.3f} Y{90 + n * 7 % 190 / 10:.3f} E0.32345"
                for n in range(1, 10001)
            ]
            file.write("\n".join(lines) + "\n")
            pieces += 10_000
    return pieces


def read_big(path: str) -> None:
    """Read a file in a process of its own, and print time [s] and most memory [MB]."""
    begun = time.process_time()
    path_read = read_gcode(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{time.process_time() - begun:.1f} {peak:.0f} {len(path_read)}")


def big(folder: Path) -> str:
    """Read 200 MB beside a file of one road, which costs what the libraries cost."""
    small, large = folder / "small.gcode", folder / "large.gcode"
    small.write_text("; filament_diameter = 1.75\nM83\nG1 Z.2\nG1 X10 E.35\n")
    pieces = write_big(large)
    said = []
    for path in (small, large):
        command = [sys.executable, str(Path(__file__)), str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
        said.append(done.stdout.split())
    (_, before, _), (seconds, peak, found) = said
    assert int(found) == pieces  # noqa: S101  the script's own check
    return (
        f"A file of {large.stat().st_size / 1e6:.0f} MB with {pieces / 1e6:.2f} million pieces of "
        f"road is read in {seconds} s of\nprocessor time; the process takes {peak} MB at most, and "
        f"{before} MB for a file of one road: "
        f"{(float(peak) - float(before)) * 1e6 / pieces:.0f} bytes a piece."
    )


def main() -> None:
    """Measure all and write the table."""
    lines = [
        "# From G-code to voxels",
        "",
        "    python validation/gcode/run.py",
        "",
        f"releasesim {__version__}, Python {platform.python_version()}; cylinder 10 mm x 4 mm from",
        f"PrusaSlicer, cells of 0.1 mm, medians of {REPEATS} runs after one that compiles; other",
        "work ran on the same two cores, so processor time is what to compare.",
        "",
        "| tablet | pieces of road | read [ms] | read and voxelise [ms] | wall time [ms] "
        "| E off the slicer's sum [%] |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as place:
        for pattern in PATTERNS:
            for density in ("30 %", "60 %"):
                folder = Path(place) / f"{pattern}{density[:2]}"
                lines.append(row(pattern, density, folder))
        lines += ["", big(Path(place)), ""]
    (HERE / "table.md").write_text("\n".join(lines))


if __name__ == "__main__":
    read_big(sys.argv[1]) if len(sys.argv) > 1 else main()

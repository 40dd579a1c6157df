"""The settings sheet in Cura's engine: `python validation/slicer/cura.py`.

Slices the STL of each tablet of the matrix with CuraEngine, told what settings.txt says, and
compares what it lays with the design. What came out goes into cura.md beside this file. The engine
needs the definitions of Cura: the folder of fdmprinter.def.json in CURA_ENGINE_SEARCH_PATH.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "tests"))

from slicing import cura  # noqa: E402  beside the tests
from slicing.cases import BODIES, DENSITIES, Case  # noqa: E402

from releasesim.printing.cura import NAMES  # noqa: E402

ALLOWED = 0.03


def main() -> int:
    """Slice all, write the table; 1 where one is too far off."""
    if cura.ENGINE is None or cura.DEFINITIONS is None:
        print(f"nothing done: {cura.ABSENT}")
        return 2
    rows = [
        (pattern, density, [_off(body, pattern, density) for body in BODIES])
        for pattern in NAMES
        for density in DENSITIES
    ]
    (HERE / "cura.md").write_text(_page(rows), encoding="utf-8")
    return int(any(abs(off) > ALLOWED for _, _, offs in rows for off in offs))


def _off(body: str, pattern: str, density: int) -> float:
    study = Case(body, pattern, density).study()
    with tempfile.TemporaryDirectory() as folder:
        laid = cura.volume_in_cura(study, Path(folder))
    off = laid / study.tablet.deposited_volume - 1.0
    print(f"{body:9} {pattern:12} {density} %  {100 * off:+.2f} %", flush=True)
    return off


def _page(rows: list[tuple[str, int, list[float]]]) -> str:
    every = [abs(off) for _, _, offs in rows for off in offs]
    kept = sum(off <= ALLOWED for off in every)
    return "\n".join(
        [
            "# The settings sheet in Cura's engine",
            "",
            "    python validation/slicer/cura.py",
            "",
            "CuraEngine 4.13 on tablet.stl, told what settings.txt says: volume laid over the "
            "design's, less 1 [%].",
            f"{kept} of {len(every)} are within {100 * ALLOWED:.0f} %, the furthest is "
            f"{100 * max(every):.1f} % off.",
            "",
            f"| infill | {' | '.join(BODIES)} |",
            f"|---|{'---:|' * len(BODIES)}",
            *(
                f"| {pattern} {density} % | {' | '.join(f'{100 * off:+.2f}' for off in offs)} |"
                for pattern, density, offs in rows
            ),
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())

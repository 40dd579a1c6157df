"""Worked studies through the slicer and back: `python validation/slicer/examples.py`.

Export, slice, read the G-code and simulate it, as `releasesim export` and `releasesim slice` do,
with every Python warning an error. What came out goes into examples.md beside this file. It takes
minutes: the laws of these studies are coupled.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

from releasesim.printing import export
from releasesim.study import Study
from releasesim.workflows.slicing import (
    Checked,
    Curves,
    Exported,
    compare_curves,
    printed_study,
    slice_and_check,
)

HERE = Path(__file__).parent
STUDIES = ("printed_pva", "pla_implant", "pcl_slow")


def main() -> int:
    """Run all, write the page; 1 where a gate failed."""
    warnings.simplefilter("error")
    blocks, failed = [], 0
    for name in STUDIES:
        with tempfile.TemporaryDirectory() as folder:
            checked, curves = _through(name, Path(folder))
        failed += not checked.passed
        blocks.append(_block(name, checked, curves))
        print(blocks[-1], flush=True)
    words = "# Worked studies through PrusaSlicer and back\n\n"
    words += "    python validation/slicer/examples.py\n"
    (HERE / "examples.md").write_text("\n".join([words, *blocks]), encoding="utf-8")
    return int(failed > 0)


def _through(name: str, folder: Path) -> tuple[Checked, Curves]:
    export(Study.load(HERE.parents[1] / "examples" / f"{name}.toml"), folder)
    exported = Exported.read(folder)
    checked = slice_and_check(exported)
    return checked, compare_curves(exported, printed_study(exported))


def _block(name: str, checked: Checked, curves: Curves) -> str:
    gap = abs(curves.printed.fraction - curves.designed.fraction)
    at = curves.designed.time[gap.argmax()] / 3600.0
    rows = [
        f"## {name}\n",
        f"- gates: {len(checked.gates) - len(checked.failed)} of {len(checked.gates)} pass",
        f"- curve from the G-code against the design's: f2 {curves.comparison.f2:.1f}, largest "
        f"difference {100 * curves.largest_difference:.2f} % of the dose, at {at:.3g} h; numerical "
        f"error estimated as {100 * curves.release.error_estimate:.2f} %",
        *(f"- slicing says: {words}" for words in checked.warnings),
        *(f"- simulating says: {words}" for words in curves.release.notices),
        *(f"- exporting says: {words}" for words in checked.exported.manifest["notes"]),
    ]
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    sys.exit(main())

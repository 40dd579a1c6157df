"""Design and print of a worked study on grids of the same spacing: what is the grid's.

    python validation/slicer/spacing.py printed_pva 0.4 0.3 0.2 0.15     [mm]

Prints a table; where the difference of the curves follows the error of the grids, it is theirs.
"""

from __future__ import annotations

import dataclasses
import sys
import tempfile
from pathlib import Path

import numpy as np

from releasesim import simulate
from releasesim.printing import export
from releasesim.simulation import Release
from releasesim.study import Study
from releasesim.workflows.slicing import Exported, printed_study, slice_and_check

EXAMPLES = Path(__file__).parents[2] / "examples"


def main(name: str, spacings: list[float]) -> None:
    """Print a row for every spacing [m]."""
    print("| cells [mm] | error of the design [%] | of the print [%] | curves differ by [%] |")
    print("|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        export(Study.load(EXAMPLES / f"{name}.toml"), folder)
        exported = Exported.read(folder)
        slice_and_check(exported)
        both = exported.study, printed_study(exported)
        for spacing in spacings:
            one, two = (_on(study, spacing) for study in both)
            gap = np.abs(one.curve.fraction - two.curve.fraction).max()
            shown = (one.error_estimate, two.error_estimate, gap)
            words = " | ".join(f"{100 * value:.2f}" for value in shown)
            print(f"| {spacing * 1e3:g} | {words} |", flush=True)


def _on(study: Study, spacing: float) -> Release:
    return simulate(dataclasses.replace(study, run=dataclasses.replace(study.run, spacing=spacing)))


if __name__ == "__main__":
    main(sys.argv[1], [1e-3 * float(word) for word in sys.argv[2:]])

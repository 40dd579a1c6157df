"""Tablets that go through the slicer and back, and the figures that come of each.

The tests take some of them; `validation/slicer/run.py` takes all.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from releasesim.geometry.printed import voxelize_layers
from releasesim.printing import export
from releasesim.study import Study
from releasesim.workflows.slicing import (
    Checked,
    Exported,
    compare_curves,
    printed_study,
    slice_and_check,
)

BODIES = {
    "cylinder": {"kind": "cylinder", "diameter": "10 mm", "height": "4 mm"},
    "caplet": {"kind": "caplet", "length": "16 mm", "width": "6 mm", "height": "4 mm"},
    "capsule": {"kind": "capsule", "length": "16 mm", "diameter": "6 mm"},
    "ring": {
        "kind": "ring",
        "outer_diameter": "12 mm",
        "inner_diameter": "4 mm",
        "height": "4 mm",
    },
}
CORES = {
    "cylinder": {"kind": "cylinder", "diameter": "6 mm", "height": "2 mm"},
    "caplet": {"kind": "caplet", "length": "12 mm", "width": "3.6 mm", "height": "2 mm"},
    "capsule": {"kind": "capsule", "length": "12 mm", "diameter": "4 mm"},
    "ring": {
        "kind": "ring",
        "outer_diameter": "10 mm",
        "inner_diameter": "6 mm",
        "height": "2 mm",
    },
}
PATTERNS = ("rectilinear", "grid", "triangles", "honeycomb", "gyroid", "concentric")
DENSITIES = (20, 40, 60)

#: Bars: volume predicted [-], for bodies that are the same at all heights and for the others.
VOLUME = dict.fromkeys(PATTERNS, 0.01) | {"honeycomb": 0.025, "gyroid": 0.025}
CURVED_VOLUME = 0.03
OVERLAP = dict.fromkeys(PATTERNS, 0.99) | {"concentric": 0.95, "honeycomb": 0.9, "gyroid": 0.9}
CURVE = 0.02
#: By which designed and sliced tablets are laid over each other [m].
_VOXEL = 0.1e-3


@dataclass(frozen=True)
class Case:
    """One tablet.

    Parameters
    ----------
    body, pattern : str
    density : int
        [%].
    core : bool
        Whether it has a core of another material on a second extruder.
    """

    body: str
    pattern: str
    density: int
    core: bool = False

    @property
    def name(self) -> str:
        """Words of it."""
        core = " with a core" if self.core else ""
        return f"{self.body}{core}, {self.pattern} {self.density} %"

    @property
    def volume_bar(self) -> float:
        """Most that the predicted volume may be off [-]."""
        return CURVED_VOLUME if self.body == "capsule" else VOLUME[self.pattern]

    def study(self, spacing: str = "0.15 mm") -> Study:
        """A study of it: diffusion through the roads, on a grid of `spacing`."""
        infill = {"pattern": self.pattern, "density": f"{self.density} %"}
        tablet: dict[str, Any] = {"shape": BODIES[self.body], "infill": infill}
        if self.core:
            tablet["region"] = [_core(CORES[self.body])]
        return Study.from_dict(
            {
                "title": self.name,
                "printer": "generic_fdm",
                "tablet": tablet,
                "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"},
                "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
                "run": {"until": "8 h", "samples": 49, "spacing": spacing},
            }
        )


def _core(shape: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": "core",
        "shape": shape,
        "infill": {"pattern": "rectilinear", "density": "100 %"},
        "extruder": 2,
        "formulation": {"drug": "theophylline", "polymer": "pcl", "drug_loading": "30 %"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "2e-11 m2/s"}},
    }


def every_case() -> Iterator[Case]:
    """All of them: every body, pattern and density, and every body and pattern with a core."""
    for body, pattern, density in itertools.product(BODIES, PATTERNS, DENSITIES):
        yield Case(body, pattern, density)
    for body, pattern in itertools.product(BODIES, PATTERNS):
        yield Case(body, pattern, 40, core=True)


@dataclass(frozen=True)
class Figures:
    """What came of a case.

    Parameters
    ----------
    case : Case
    failed : tuple of str
        Gates that did not pass, with what they found.
    volume_error : float
        Of the predicted deposited volume [-].
    tool_error : float
        The same of the tool that is furthest off [-].
    overlap : float
        Volume within both tablets over volume within either [-].
    difference : float
        Largest between the curve from the G-code and that from the design [-]; nan: not simulated.
    f2 : float
    warnings : tuple of str
    """

    case: Case
    failed: tuple[str, ...]
    volume_error: float
    tool_error: float
    overlap: float
    difference: float
    f2: float
    warnings: tuple[str, ...]

    @property
    def missed(self) -> tuple[str, ...]:
        """Bars that are missed, in words."""
        case, missed = self.case, list(self.failed)
        if abs(self.volume_error) > case.volume_bar:
            missed.append(f"volume {100 * self.volume_error:+.2f} %")
        if self.overlap < OVERLAP[case.pattern]:
            missed.append(f"overlap {self.overlap:.4f}")
        if self.difference > CURVE:
            missed.append(f"curve {100 * self.difference:.2f} %")
        return tuple(missed)


def figures_of(
    case: Case, folder: Path, *, spacing: str = "0.15 mm", curves: bool = True
) -> Figures:
    """Export, slice, check and simulate one case in a folder."""
    export(case.study(spacing), folder)
    exported = Exported.read(folder)
    checked = slice_and_check(exported)
    printed = printed_study(exported)
    difference, f2 = float("nan"), float("nan")
    if curves:
        found = compare_curves(exported, printed)
        difference, f2 = found.largest_difference, found.comparison.f2
    return Figures(
        case,
        tuple(f"{gate.name}: {gate.words}" for gate in checked.failed),
        exported.made.tablet.deposited_volume / float(checked.path.tablet.volume.sum()) - 1.0,
        max(_tool_errors(checked), key=abs),
        shared_volume(exported.study, printed),
        difference,
        f2,
        checked.warnings,
    )


def _tool_errors(checked: Checked) -> list[float]:
    path = checked.path.tablet
    return [one.volume / path.volume_of(one.tool) - 1.0 for one in checked.exported.expected]


def shared_volume(designed: Study, printed: Study) -> float:
    """Volume within both tablets over that within either, by the filled shares of cells [-]."""
    drawn = designed.tablet
    first, second = (
        voxelize_layers(
            tablet.printed,
            _VOXEL,
            drawn.road_spacing,
            size=(drawn.drawn.size[0], drawn.drawn.size[1]),
        ).fraction
        for tablet in (drawn, printed.tablet)
    )
    return float(np.minimum(first, second).sum() / np.maximum(first, second).sum())

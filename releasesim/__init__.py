"""releasesim: drug release from 3D-printed tablets, before anything is printed.

    card + geometry -> VoxelGrid -> simulate -> ReleaseCurve -> compare / fit / design -> export

Research use only. Names load when first used, so that importing the package costs what numpy costs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from releasesim.version import __version__

#: Public name -> module that has it.
_HOME = {
    **dict.fromkeys(("Drug", "Polymer", "Medium", "Apparatus", "Printer", "Excipient"), "cards"),
    **dict.fromkeys(
        ("Cylinder", "Sphere", "Block", "Caplet", "Capsule", "Ring", "Film"), "geometry.shapes"
    ),
    "Infill": "geometry.infill",
    "VoxelGrid": "geometry.grid",
    **dict.fromkeys(("Formulation", "Tablet", "Region", "Layer"), "tablet"),
    "Physics": "physics",
    **dict.fromkeys(("Study", "Run", "Bath", "Target"), "study"),
    "ReleaseCurve": "curve",
    **dict.fromkeys(("Fields", "Release", "fields", "simulate", "simulate_batch"), "simulation"),
    **dict.fromkeys(("Gradient", "gradient"), "simulation.gradient"),
    **dict.fromkeys(("Comparison", "compare"), "similarity"),
    **dict.fromkeys(("Fit", "fit"), "calibration"),
    **dict.fromkeys(("Design", "design"), "optimization"),
    "export": "printing",
    "ReleaseSimError": "errors",
    **dict.fromkeys(
        ("second", "minute", "hour", "day", "mm", "um", "nm", "mL", "uL", "mg", "ug", "percent"),
        "units",
    ),
}

__all__ = [
    "Apparatus",
    "Bath",
    "Block",
    "Caplet",
    "Capsule",
    "Comparison",
    "Cylinder",
    "Design",
    "Drug",
    "Excipient",
    "Fields",
    "Film",
    "Fit",
    "Formulation",
    "Gradient",
    "Infill",
    "Layer",
    "Medium",
    "Physics",
    "Polymer",
    "Printer",
    "Region",
    "Release",
    "ReleaseCurve",
    "ReleaseSimError",
    "Ring",
    "Run",
    "Sphere",
    "Study",
    "Tablet",
    "Target",
    "VoxelGrid",
    "__version__",
    "compare",
    "day",
    "design",
    "export",
    "fields",
    "fit",
    "gradient",
    "hour",
    "mL",
    "mg",
    "minute",
    "mm",
    "nm",
    "percent",
    "second",
    "simulate",
    "simulate_batch",
    "uL",
    "ug",
    "um",
]

# three verbs share the name of the module that has them, which mypy takes for a second definition
if TYPE_CHECKING:
    from releasesim.calibration import Fit, fit
    from releasesim.cards import Apparatus, Drug, Excipient, Medium, Polymer, Printer
    from releasesim.curve import ReleaseCurve
    from releasesim.errors import ReleaseSimError
    from releasesim.geometry.grid import VoxelGrid
    from releasesim.geometry.infill import Infill
    from releasesim.geometry.shapes import Block, Caplet, Capsule, Cylinder, Film, Ring, Sphere
    from releasesim.optimization import Design, design  # type: ignore[no-redef]
    from releasesim.physics import Physics
    from releasesim.printing import export  # type: ignore[no-redef]
    from releasesim.similarity import Comparison, compare
    from releasesim.simulation import (  # type: ignore[no-redef]
        Fields,
        Release,
        fields,
        simulate,
        simulate_batch,
    )
    from releasesim.simulation.gradient import Gradient, gradient
    from releasesim.study import Bath, Run, Study, Target
    from releasesim.tablet import Formulation, Layer, Region, Tablet
    from releasesim.units import day, hour, mg, minute, mL, mm, nm, percent, second, ug, uL, um


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(importlib.import_module(f"releasesim.{_HOME[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'releasesim' has no attribute '{name}'")


def __dir__() -> list[str]:
    return __all__

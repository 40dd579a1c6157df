"""A small plan."""

from __future__ import annotations

import pytest

from releasesim.study import Study

BODY = {
    "tablet": {
        "shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"},
        "infill": {"pattern": "grid", "density": "30 %"},
    },
    "formulation": {"concentration": "100 mg/mL"},
    "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}},
}


@pytest.fixture
def study():
    """A study with a factorial sweep of 20 runs in shards of 8."""

    def make(**changes):
        sweep = {
            "plan": "factorial",
            "shard": 8,
            "measures": ["mdt"],
            "vary": {
                "walls": {"min": 1, "max": 10, "steps": 10},
                "infill.density": ["20 %", "40 %"],
            },
        }
        return Study.from_dict({**BODY, "sweep": {**sweep, **changes}})

    return make

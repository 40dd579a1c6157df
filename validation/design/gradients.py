"""What a gradient costs by the adjoint of the solve, and by differences of curves.

    python validation/design/gradients.py

The same misfit of a linear problem (diffusion through a film) on the grid of the search, for a
solid tablet and for a printed one: CPU time of one curve, of one gradient by the verb `gradient`,
and of one by differences, as the search takes it.
"""

from __future__ import annotations

import time

import numpy as np

from releasesim import gradient
from releasesim.curve import ReleaseCurve
from releasesim.optimization.curves import Geometry
from releasesim.optimization.search import SEARCH_SPACING
from releasesim.simulation.mechanism import mechanism_of
from releasesim.study import Study, with_effective_laws

SOLID = {
    "tablet": {"shape": {"kind": "cylinder", "diameter": "8 mm", "height": "3.2 mm"}},
    "formulation": {"drug": "theophylline", "polymer": "hpmc_k4m", "drug_loading": "20 %"},
    "run": {"spacing": f"{SEARCH_SPACING * 1e3} mm", "until": "12 h"},
}
PRINTED = {
    **SOLID,
    "tablet": {
        **SOLID["tablet"],
        "infill": {"pattern": "grid", "density": "40 %"},
        "walls": 1,
        "roofs": 0,
        "floors": 0,
    },
}
TIMES = np.linspace(0.0, 12.0 * 3600.0, 13)[1:]
DATA = ReleaseCurve(TIMES, 1.0 - np.exp(-TIMES / 10_000.0))
STEP = 0.02


def misfit(study: Study) -> float:
    """Sum of squares, with a geometry of its own."""
    mechanism = mechanism_of(study)
    curve = Geometry(study.tablet, SEARCH_SPACING, TIMES, [mechanism]).curve(mechanism)
    return float(np.sum((curve - DATA.fraction) ** 2))


def differences(study: Study, names: list[str]) -> dict[str, float]:
    """One curve here, one a step away for every name."""
    here = misfit(study)
    out = {}
    for name in names:
        step = STEP * float(study.get(name))
        out[name] = (misfit(study.replace(name, study.get(name) + step)) - here) / step
    return out


def main() -> None:
    """Time both; the first of each compiles."""
    cases = (
        ("solid", SOLID, ["shape.diameter", "shape.height"]),
        ("printed", PRINTED, ["shape.diameter", "infill.density"]),
    )
    for words, body, names in cases:
        study = with_effective_laws(Study.from_dict(body))
        for _ in range(2):
            begun = time.process_time()
            misfit(study)
            curve = time.process_time()
            found = gradient(study, names, misfit=DATA)
            adjoint = time.process_time()
            differenced = differences(study, names)
            ended = time.process_time()
        how = "/".join(sorted(set(found.methods.values())))
        print(
            f"{words}: curve {1e3 * (curve - begun):.0f} ms, `gradient` ({how}) "
            f"{1e3 * (adjoint - curve):.0f} ms, differences {1e3 * (ended - adjoint):.0f} ms"
        )
        for name in names:
            print(f"    {name}: {found[name]:.4g} and {differenced[name]:.4g} 1/unit")


if __name__ == "__main__":
    main()

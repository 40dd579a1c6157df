"""Small results, made by hand or in a fraction of a second, for what draws and reports them."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from releasesim.curve import ReleaseCurve
from releasesim.optimization.remedy import Remedy
from releasesim.optimization.result import Candidate, Design, Sensitivity
from releasesim.optimization.robust import Chance
from releasesim.similarity import compare
from releasesim.simulation import Release, simulate
from releasesim.study import Study

HOSTILE = '<script>alert(1)</script> & "quotes" $\\alpha'
"""A title that neither HTML nor matplotlib may take for its own language."""


def sphere(**more: Any) -> Study:
    """Make an eroding sphere whose curve is a closed form: it costs no grid."""
    return Study.from_dict(
        {
            "title": "Sphere",
            "tablet": {"shape": {"kind": "sphere", "diameter": "8 mm"}},
            "formulation": {"drug": "theophylline", "polymer": "pva", "drug_loading": "20 %"},
            "physics": {"erosion": {"law": "ConstantFront", "speed": "0.3 mm/h"}},
            "run": {"until": "24 h"},
        }
        | more
    )


def printed(**tablet: Any) -> Study:
    """Make a printed cylinder of grid infill."""
    cylinder = {"kind": "cylinder", "diameter": "8 mm", "height": "3 mm"}
    return sphere(
        title="Printed",
        tablet={"shape": cylinder, "infill": {"pattern": "grid", "density": "30 %"}} | tablet,
    )


def film(until: str = "28 d") -> Study:
    """Make a film that releases for weeks."""
    return Study.from_dict(
        {
            "tablet": {"shape": {"kind": "film", "thickness": "0.2 mm", "area": "2 cm2"}},
            "formulation": {"concentration": "100 mg/mL"},
            "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-14 m2/s"}},
            "run": {"until": until},
        }
    )


CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "4 mm", "height": "1.4 mm"},
    "infill": {"pattern": "rectilinear", "density": "100 %"},
    "extruder": 2,
    "formulation": {"drug": "theophylline", "polymer": "hpmc_k4m", "drug_loading": "30 %"},
}


def measured(curve: ReleaseCurve, name: str = "reference") -> ReleaseCurve:
    """Make a measured curve 3 % of the dose below a simulated one."""
    times = 3600.0 * np.array([1, 2, 4, 6, 8, 12])
    released = np.maximum(curve.at(times) - 0.03, 0.0)
    return ReleaseCurve(times, released, sd=np.full(6, 0.02), n=12, name=name)


def candidate(number: int, f2: float, accepted: bool) -> Candidate:
    """Make a candidate; one without f2 was excluded."""
    simulated = not math.isnan(f2)
    return Candidate(
        polymer=("pva", "hpmc_k4m", "ethylcellulose")[number % 3],
        pattern=("grid", "gyroid", "solid", "honeycomb")[number % 4],
        parameters={"infill.density": 0.3123456 + 0.01 * number, "shape.diameter": 0.0081},
        drug_loading=0.2 if simulated else float("nan"),
        dose=1e-4,
        deposited_volume=2.5e-7,
        f2=f2,
        largest_difference=0.03 if simulated else float("nan"),
        rmse=0.02 if simulated else float("nan"),
        accepted=accepted,
        stage="fine" if number == 0 else ("coarse" if simulated else "excluded"),
        reason="chosen" if number == 0 else f"lost for reason {number}",
    )


def design(candidates: int = 5, *, accepted: bool = True, title: str = "Sphere") -> Design:
    """Make a design whose last candidate was excluded."""
    study = dataclasses.replace(sphere(), title=title)
    release: Release = simulate(study)
    target = measured(release.curve)
    speed = study.inputs["erosion.speed"]
    ends = [simulate(study.replace("erosion.speed", end)).curve for end in speed.range]
    f2 = [max(1.0, 80.0 - 4 * i) for i in range(candidates - 1)] + [float("nan")]
    return Design(
        study=study,
        release=release,
        target=target,
        comparison=compare(target, release.curve),
        accepted=accepted,
        verdict="a sentence that names what limits",
        candidates=tuple(candidate(i, f, accepted and f >= 50) for i, f in enumerate(f2)),
        sensitivities=(
            Sensitivity(
                "erosion.speed",
                speed.value,
                *speed.range,
                speed.unit,
                speed.source,
                at_low=ends[0],
                at_high=ends[1],
                moves=0.234,
            ),
        ),
        trials=({"polymer": "pva", "rmse": 0.02},) * 412,
        geometries=31,
        seconds={"search": 41.2},
    )


def searched(chance: float = float("nan"), *, accepted: bool = True) -> Design:
    """Make a design of a printed tablet with two patterns, three trade-offs and remedies."""
    vary = {"infill.density": {"min": "20 %", "max": "80 %"}, "walls": [1, 2]}
    study = printed().to_data() | {"design": {"vary": vary}}
    study["run"]["spacing"] = "0.2 mm"
    base = design(4, accepted=accepted)
    made = Study.from_dict(study)
    drawn = base.target.fraction
    withstood = Chance(chance, drawn - 0.1, drawn, drawn + 0.05, 64, ("erosion.speed",))
    rows = [_searched(made, n, 0.3 + 0.2 * n) for n in range(3)]
    return dataclasses.replace(
        base,
        study=made,
        candidates=tuple(rows),
        front=tuple(dataclasses.replace(row, chance=chance - 0.1) for row in rows),
        chance=None if math.isnan(chance) else withstood,
        nominal_chance=None
        if math.isnan(chance)
        else dataclasses.replace(withstood, probability=0.25),
        remedies=() if accepted else (Remedy("walls = 5 would reach f2 = 61", 0.3),),
        changes_tried=() if accepted else ("a wider range",),
        verdict="accepted (f2 >= 50): f2 = 80.0"
        if accepted
        else "not reachable (f2 >= 50): f2 = 40.0",
    )


def _searched(study: Study, number: int, density: float) -> Candidate:
    tablet = study.tablet.replace(infill=dataclasses.replace(study.tablet.infill, density=density))
    return dataclasses.replace(
        candidate(number, 80.0 - 10.0 * number, accepted=True),
        parameters={"infill.density": density},
        deposited_volume=tablet.deposited_volume,
        print_time=60.0 * (3 - number),
        mass=1e-4 * (3 - number),
        rmse=0.01 * (number + 1),
    )

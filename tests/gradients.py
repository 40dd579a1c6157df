"""Studies whose gradients are held against differences of `simulate` on the same grid."""

from __future__ import annotations

import numpy as np

from releasesim.simulation import simulate
from releasesim.study import Study

CYLINDER = {"shape": {"kind": "cylinder", "diameter": "8.1 mm", "height": "4.1 mm"}}
SPHERE = {"shape": {"kind": "sphere", "diameter": "6.1 mm"}}
CAPLET = {"shape": {"kind": "caplet", "length": "9.1 mm", "width": "5.3 mm", "height": "3.3 mm"}}
CAPSULE = {"shape": {"kind": "capsule", "length": "9.1 mm", "diameter": "4.3 mm"}}
BLOCK = {
    "shape": {"kind": "block", "length": "8.1 mm", "width": "5.3 mm", "height": "3.3 mm"},
    "sealed": ["top"],
}
FILM_SHEET = {"shape": {"kind": "film", "thickness": "0.5 mm", "area": "1 cm2"}}
PRINTED = {**CYLINDER, "infill": {"pattern": "rectilinear", "density": "30 %"}}
CORE = {
    "name": "core",
    "shape": {"kind": "cylinder", "diameter": "5 mm", "height": "2.2 mm"},
    "partition": 2.0,
    "formulation": {"concentration": "200 mg/mL"},
    "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "3e-11 m2/s"}},
}
D = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-10 m2/s"}}
SLOW = {"diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}}
FILM = {"film": {"law": "FilmTransfer", "k": "2e-7 m/s"}}
GROWING = {"diffusion": {"law": "ExponentialInTime", "D0": "5e-11 m2/s", "rate": "2e-5 1/s"}}
FRONT = {"erosion": {"law": "ConstantFront", "speed": "0.2 mm/h"}}
BATH = {"medium": {"volume": "0.5 mL"}}


def study(tablet, physics, **tables):
    plain = {"tablet": tablet, "formulation": {"concentration": "100 mg/mL"}, "physics": physics}
    run = {"until": "10 h", "spacing": "0.21 mm", "samples": 21}
    return Study.from_dict({**plain, "run": run, **tables})


def weights_of(case):
    return np.random.default_rng(1).uniform(0.2, 1.0, case.run.output_times().size)


def differences(case, name, weights, step=4e-3):
    """Central differences of fourth order."""

    def central(h):
        ends = [case.replace(name, float(case.get(name)) * (1.0 + s)) for s in (-h, h)]
        low, high = (weights @ simulate(end).curve.fraction for end in ends)
        return (high - low) / (2.0 * h * float(case.get(name)))

    return (4.0 * central(step) - central(2.0 * step)) / 3.0

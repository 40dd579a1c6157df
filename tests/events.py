"""Words of tests of laws that change on the way.

References are closed forms on a clock that is integrated here, or lines of a body written for the
selftest; none reads the engine.
"""

from __future__ import annotations

import numpy as np
from scipy.integrate import cumulative_simpson, solve_ivp

from releasesim.simulation import simulate
from releasesim.study import Study

HOUR = 3600.0
RADIUS, HALF, AREA = 2e-3, 0.5e-3, 1e-4
"""Of the sphere, half of the film's thickness [m]; area of the film [m2]."""
SPHERE = {"shape": {"kind": "sphere", "diameter": "4 mm"}}
FILM = {"shape": {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}}
LAYERS = {
    "shape": {"kind": "film", "area": "1 cm2"},
    "sealed": ["bottom"],
    "layer": [{"name": "low", "thickness": "0.5 mm"}, {"name": "high", "thickness": "0.5 mm"}],
}
PRINTED = {
    "shape": {"kind": "cylinder", "diameter": "4 mm", "height": "2 mm"},
    "infill": {"pattern": "grid", "density": "30 %"},
    "walls": 0,
    "roofs": 0,
    "floors": 0,
}
NONE = {"law": "NoDiffusion"}
SCISSION = {"law": "FirstOrderScission", "rate": "0.1 1/h"}
ESTER = {
    "law": "AutocatalyticScission",
    "k1": "0.01 1/h",
    "k2": "0 m3/mol/s",
    "acid0": "50 mol/m3",
    "ester0": "1000 mol/m3",
}


def event(at, **changes):
    """What is set at a time [h]."""
    return {"at": f"{at} h", "set": {name.replace("__", "."): v for name, v in changes.items()}}


def study(tablet, physics, events, until=12.0, **tables):
    """A study of some hours; `medium` adds to the bath of its events."""
    run = tables.pop("run", {"until": f"{until} h", "samples": 25})
    medium = {"event": list(events)} | tables.pop("medium", {})
    data = {"tablet": tablet, "physics": physics, "run": run, "medium": medium}
    return Study.from_dict({"formulation": {"concentration": "100 mg/mL"}, **data, **tables})


def curve_of(*arguments, **named):
    """Times [s] and released fractions of a study, simulated to its tolerance."""
    curve = simulate(study(*arguments, **named)).curve
    return curve.time, curve.fraction


def near(found, true, tolerance=1e-3):
    """Whether a curve is as near as it was asked for: beyond 10 % released."""
    assert np.abs(found - true)[true > 0.1].max(initial=0.0) < tolerance
    assert np.abs(found - true).max() < 10.0 * tolerance


def clock(times, D):
    """Integral of D(t) up to `times` [m2], by Simpson's rule on a fine grid."""
    fine = np.linspace(0.0, times[-1], 40001)
    return np.interp(times, fine, cumulative_simpson(D(fine), x=fine, initial=0.0))


def molar_mass(times, rate, start=1.0):
    """Solve dm/dt = rate(t, m): m of time."""
    found = solve_ivp(rate, (0.0, times[-1]), [start], max_step=60.0, rtol=1e-9, dense_output=True)
    return lambda t: found.sol(t)[0]

"""A sharp front of water whose speed changes, everywhere or in one part."""

from __future__ import annotations

import numpy as np
import pytest
from events import FILM, HOUR, LAYERS, NONE, curve_of, event, near, study

from releasesim.errors import UnsupportedLawError
from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled


def test_water_goes_on_at_another_speed():
    """Where drug diffuses at once, what is wet is released: v t1 + v' (t - t1) of the half."""
    laws = {
        "hydration": {"law": "CaseII", "speed": "0.02 mm/h"},
        "diffusion": {"law": "ConstantDiffusivity", "D": "1e-6 m2/s"},
    }
    changes = [event(5, hydration__speed="0.1 mm/h"), event(8, hydration__speed="0.01 mm/h")]
    t, f = curve_of(FILM, laws, changes)
    h = t / HOUR
    depth = 0.02 * np.minimum(h, 5.0) + 0.1 * np.clip(h - 5.0, 0.0, 3.0)
    depth += 0.01 * np.maximum(h - 8.0, 0.0)
    near(f, np.minimum(depth / 0.5, 1.0))


@pytest.mark.parametrize("what", ["low", "high"])
def test_water_goes_on_where_one_layer_changes(what):
    """From the top through one layer into the other, at the speed that each has by then."""
    water = {"law": "CaseII", "speed": "0.05 mm/h"}
    laws = {
        "hydration": water,
        "diffusion": {"law": "ConstantDiffusivity", "D": "1e-6 m2/s"},
    }
    changes = [event(6, **{f"region__{what}__hydration__speed": "0.2 mm/h"})]
    slow = {"hydration": {**water, "speed": "0.02 mm/h"}}
    layers = [{**layer, "physics": slow} for layer in LAYERS["layer"]]
    t, f = curve_of({**LAYERS, "layer": layers}, laws, changes, until=30.0)

    def speed(place, hour):
        return 0.2 if hour >= 6.0 and (place < 0.5) == (what == "high") else 0.02

    depth, found, step = 0.0, [0.0], 1e-3
    for k in range(round(30.0 / step)):
        depth += step * speed(depth, (k + 0.5) * step)
        found.append(depth)
    true = np.interp(t / HOUR, step * np.arange(len(found)), np.minimum(found, 1.0))
    near(f, true, 2e-3)
    assert true[-1] > 0.6


def test_water_that_is_swept_again_at_the_same_speed_comes_as_before():
    """A core of its own on voxels: the sweep sets out from where the front stands."""
    core = {
        "name": "core",
        "shape": {"kind": "cylinder", "diameter": "3 mm", "height": "1.6 mm"},
        "physics": {"diffusion": {"law": "ConstantDiffusivity", "D": "2e-9 m2/s"}},
    }
    body = {"kind": "cylinder", "diameter": "5 mm", "height": "3 mm"}
    laws = {
        "hydration": {"law": "CaseII", "speed": "5e-8 m/s"},
        "diffusion": {"law": "ConstantDiffusivity", "D": "1e-9 m2/s"},
    }
    name = "region.core.hydration.speed"
    same, plain, faster = (
        solve_coupled(
            study({"shape": body, "region": [core]}, laws, changes, until=6.0), 2e-4, 1e-3
        ).fraction
        for changes in (
            [{"at": "2 h", "set": {name: "5.0000001e-8 m/s"}}],
            [],
            [{"at": "2 h", "set": {name: "2e-7 m/s"}}],
        )
    )
    near(same, plain, 5e-4)
    assert faster[-1] > plain[-1] + 0.01


def test_a_front_that_erodes_as_fast_as_water_comes_keeps_its_clock():
    laws = {
        "hydration": {"law": "CaseII", "speed": "0.02 mm/h"},
        "erosion": {"law": "ConstantFront", "speed": "1 mm/h"},
        "diffusion": NONE,
    }
    t, f = curve_of(FILM, laws, [event(5, hydration__speed="0.1 mm/h")])
    depth = 0.02 * np.minimum(t / HOUR, 5.0) + 0.1 * np.maximum(t / HOUR - 5.0, 0.0)
    near(f, np.minimum(depth / 0.5, 1.0))


def test_water_that_would_be_caught_up_with_is_refused():
    laws = {
        "hydration": {"law": "CaseII", "speed": "0.1 mm/h"},
        "erosion": {"law": "ConstantFront", "speed": "0.05 mm/h"},
        "diffusion": NONE,
    }
    with pytest.raises(UnsupportedLawError, match="would come up with it"):
        simulate(study(FILM, laws, [event(2, hydration__speed="0.01 mm/h")]))

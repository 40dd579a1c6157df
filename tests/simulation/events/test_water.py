"""A sharp front of water whose speed changes, everywhere or in one part."""

from __future__ import annotations

import numpy as np
import pytest
from events import FILM, HOUR, LAYERS, NONE, curve_of, event, near, study

from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.mechanism import mechanism_of


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


@pytest.mark.parametrize("name", ["water slows down", "acid to buffer"])
def test_a_front_comes_up_with_the_water_and_waits(name):
    """At its own speed until it is where the water is, from then on at that of the water."""
    water = {"law": "CaseII", "speed": "0.1 mm/h"}
    if name == "water slows down":
        erosion = {"law": "HydratedFront", "speed": "0.05 mm/h"}
        changes, medium = [event(2, hydration__speed="0.02 mm/h")], {}
        own, wet = 0.05, ((2.0, 0.1), (np.inf, 0.02))
    else:
        # by 1/(1 + 10^(100 (5.5 - pH))): nothing at pH 1.1, all of it at 6.8
        erosion = {
            "law": "EntericFront",
            "speed": "0.3 mm/h",
            "pH_threshold": 5.5,
            "sharpness": 100.0,
        }
        changes = [{"at": "2 h", "replace": "100 %", "medium": "phosphate_ph6_8"}]
        medium = {"name": "hcl_0_1n"}
        own, wet = 0.3, ((np.inf, 0.1),)
    laws = {"hydration": water, "erosion": erosion, "diffusion": NONE}
    t, f = curve_of(FILM, laws, changes, until=9.0, medium=medium)
    begins = 2.0 if medium else 0.0
    hours = np.linspace(0.0, 9.0, 90001)
    step = hours[1]
    place, depths = 0.0, [0.0]
    speeds = np.select([hours < until for until, _ in wet], [v for _, v in wet])
    waters = np.concatenate([[0.0], np.cumsum(step * speeds[:-1])])
    for hour, depth in zip(hours[:-1], waters[1:], strict=True):
        place = min(place + step * own * (hour >= begins), depth)
        depths.append(place)
    near(f, np.minimum(np.interp(t / HOUR, hours, depths) / 0.5, 1.0))


def test_a_front_comes_up_with_the_water_in_a_slower_layer():
    """Water is ahead by 0.15 mm where the layers meet, at 10 h, and 5 h later no more."""
    laws = {
        "hydration": {"law": "CaseII", "speed": "0.2 mm/h"},
        "erosion": {"law": "HydratedFront", "speed": "0.05 mm/h"},
        "diffusion": NONE,
    }
    slow = {"hydration": {"law": "CaseII", "speed": "0.02 mm/h"}}
    low, high = LAYERS["layer"]
    layers = {**LAYERS, "layer": [{**low, "physics": slow}, high]}
    run = {"until": "24 h", "samples": 25}
    own = study(layers, laws, [], run=run)
    assert mechanism_of(own).kind == "coupled"
    h = own.run.output_times() / HOUR
    found = solve_coupled(own, 2.5e-4, 1e-3).fraction
    near(found, np.where(h < 15.0, 0.05 * h, 0.75 + 0.02 * (h - 15.0)), 4e-3)

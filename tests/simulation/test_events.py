"""Laws that change on the way: what had happened stays, and goes on by the new ones.

References are closed forms on a clock that is integrated here, or lines of a body written for the
selftest; none reads the engine.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.integrate import cumulative_simpson, solve_ivp

from releasesim.errors import UnsupportedLawError
from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.simulation.gradient import gradient
from releasesim.study import Study
from releasesim.workflows.selftest import exact

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


# --- chains that are cut evenly ----------------------------------------------------------------


def test_first_order_scission_goes_on_at_another_rate():
    """Pitt (1981) and Crank (1975) 7.1: D0 exp(k t1 + k' (t - t1)) is a change of clock."""
    laws = {
        "hydrolysis": SCISSION,
        "diffusion": {"law": "PowerInMolarMass", "D0": "3e-12 m2/s", "exponent": 1.0},
    }
    t, f = curve_of(SPHERE, laws, [event(5, hydrolysis__rate="0.4 1/h")])
    cut = (0.1 * np.minimum(t, 5 * HOUR) + 0.4 * np.maximum(t - 5 * HOUR, 0.0)) / HOUR
    slow, fast = 0.1 / HOUR, 0.4 / HOUR
    first, last = np.minimum(t, 5 * HOUR), np.maximum(t - 5 * HOUR, 0.0)
    area = 3e-12 * (np.expm1(slow * first) / slow + np.exp(0.5) * np.expm1(fast * last) / fast)
    assert np.exp(cut[-1]) > 20.0
    near(f, exact.sphere(area, 1.0, RADIUS))


def test_scission_with_feedback_goes_on_from_its_state():
    laws = {
        "hydrolysis": {**SCISSION, "feedback": 1.0},
        "diffusion": {"law": "ExponentialInMolarMass", "D0": "3e-12 m2/s", "a": 3.0},
    }
    changes = [event(3, hydrolysis__rate="0.02 1/h"), event(6, hydrolysis__feedback=6.0)]
    t, f = curve_of(SPHERE, laws, changes)

    def rate(s, m):
        r, b = (0.1 if s < 3 * HOUR else 0.02) / HOUR, 1.0 if s < 6 * HOUR else 6.0
        return -r * m * (1.0 + b * (1.0 - m))

    left = molar_mass(t, rate)
    area = clock(t, lambda s: 3e-12 * np.exp(3.0 * (1.0 - left(s))))
    near(f, exact.sphere(area, 1.0, RADIUS))


def test_lumped_autocatalysis_goes_on_from_its_acid_and_ester():
    """Antheunis (2010), integrated; at first only water cuts, then acid does, then nothing."""
    laws = {
        "hydrolysis": ESTER,
        "diffusion": {"law": "PowerInMolarMass", "D0": "3e-12 m2/s", "exponent": 1.0},
    }
    k2 = 1.5e-4 / HOUR
    changes = [
        event(4, hydrolysis__k2=f"{k2!r} m3/mol/s"),
        event(9, hydrolysis__k1="0 1/s", hydrolysis__k2="0 m3/mol/s"),
    ]
    t, f = curve_of(SPHERE, laws, changes)

    def rate(s, cut):
        k1 = 0.01 / HOUR if s < 9 * HOUR else 0.0
        by_acid = k2 if 4 * HOUR <= s < 9 * HOUR else 0.0
        return (k1 + by_acid * (50.0 + cut)) * (1000.0 - cut)

    cut = molar_mass(t, rate, 0.0)
    area = clock(t, lambda s: 3e-12 * (50.0 + cut(s)) / 50.0)
    near(f, exact.sphere(area, 1.0, RADIUS))


@pytest.mark.parametrize("begins", ["0 m2/s", "2e-12 m2/s"])
def test_acid_that_diffuses_for_a_part_of_the_time(begins):
    """Lumped before or after: the method of lines, with D_acid that jumps."""
    hydrolysis = {**ESTER, "k2": "4e-8 m3/mol/s", "D_acid": begins}
    laws = {
        "hydrolysis": hydrolysis,
        "diffusion": {"law": "PowerInMolarMass", "D0": "3e-13 m2/s", "exponent": 1.0},
    }
    then = "2e-12 m2/s" if begins.startswith("0") else "0 m2/s"
    t, f = curve_of(FILM, laws, [event(5, hydrolysis__D_acid=then)])
    before, after = (float(text.split()[0]) for text in (begins, then))

    class Jumping(exact.Degrading):
        def _change(self, mesh, s, state):
            now = before if s < 5 * HOUR else after
            return exact.Degrading._change(dataclasses.replace(plain, D_acid=now), mesh, s, state)

    polymer = exact.Ester(0.01 / HOUR, 4e-8, 50.0, 1000.0)
    plain = exact.Degrading(1, HALF, polymer, before, exact.power_law(3e-13, 1.0))
    jumping = Jumping(1, HALF, polymer, before, exact.power_law(3e-13, 1.0))
    still = plain.released(t)
    near(f, jumping.released(t))
    assert abs(f[-1] - still[-1]) > 0.01


@pytest.mark.parametrize(
    ("changes", "falls"),
    [
        # 0.3 = exp(-0.05 x 4 - 0.25 x 4.016)
        ([event(4, hydrolysis__rate="0.25 1/h")], 4.0 + (-np.log(0.3) - 0.2) / 0.25),
        # below the new bound already, and above it still
        ([event(6, hydrolysis__Mn_critical=0.8)], 6.0),
        ([event(2, hydrolysis__Mn_critical=0.8)], -np.log(0.8) / 0.05),
        # no bound to begin with, none in the end
        ([event(1, hydrolysis__Mn_critical=0.0), event(3, hydrolysis__Mn_critical=0.7)], 7.13350),
        (
            [event(3, hydrolysis__Mn_critical=0.8), event(4, hydrolysis__Mn_critical=0.0)],
            np.inf,
        ),
    ],
)
def test_polymer_falls_apart_by_the_bound_and_the_chains_of_the_day(changes, falls):
    """Pitt (1981): ln m = -sum k dt; nothing leaves before and all does then."""
    hydrolysis = {**SCISSION, "rate": "0.05 1/h", "Mn_critical": 0.3}
    times = [f"{h!r} h" for h in (1.0, 3.9, 4.4, 4.6, 5.9, 6.1, 7.1, 7.2, 7.9, 8.1, 12.0)]
    laws = {"hydrolysis": hydrolysis, "diffusion": NONE}
    t, f = curve_of(FILM, laws, changes, run={"times": times})
    np.testing.assert_allclose(f, exact.wait(t, falls * HOUR), atol=1e-9)


def test_a_bound_that_only_an_event_names_releases_drug():
    laws = {"hydrolysis": SCISSION, "diffusion": NONE}
    t, f = curve_of(FILM, laws, [event(2, hydrolysis__Mn_critical=0.5)])
    np.testing.assert_allclose(f, exact.wait(t, np.log(2.0) / 0.1 * HOUR), atol=1e-9)


@pytest.mark.parametrize(("at", "falls"), [(2, -100.0 * np.log(0.95)), (7, 7.0)])
def test_a_bound_acts_on_chains_of_every_place(at, falls):
    """With acid that hardly moves: m = X0/(X0 + E0 (1 - exp(-k1 t))) is 0.5 at 5.13 h."""
    laws = {"hydrolysis": {**ESTER, "D_acid": "1e-24 m2/s"}, "diffusion": NONE}
    times = [f"{h!r} h" for h in (1.0, 2.1, 5.1, 5.15, 6.9, 7.1, 12.0)]
    changes = [event(at, hydrolysis__Mn_critical=0.5)]
    t, f = curve_of(FILM, laws, changes, run={"times": times})
    np.testing.assert_allclose(f, exact.wait(t, falls * HOUR), atol=1e-9)


# --- diffusivities of the time -----------------------------------------------------------------


def test_a_diffusivity_goes_on_growing_at_another_rate():
    """D(t1) exp(r' (t - t1)), and then no more."""
    laws = {"diffusion": {"law": "ExponentialInTime", "D0": "3e-12 m2/s", "rate": "0.1 1/h"}}
    changes = [event(5, diffusion__rate="0.4 1/h"), event(9, diffusion__rate="0 1/s")]
    t, f = curve_of(SPHERE, laws, changes)

    def growing(s):
        grown = np.minimum(s, 5 * HOUR) * 0.1 + np.clip(s - 5 * HOUR, 0.0, 4 * HOUR) * 0.4
        return 3e-12 * np.exp(grown / HOUR)

    near(f, exact.sphere(clock(t, growing), 1.0, RADIUS))


def test_another_first_diffusivity_leaves_what_has_grown():
    """As D0 Mn0/Mn under first-order scission, which is the same law."""
    changes = [event(3, diffusion__D0="1e-12 m2/s")]
    pairs = (
        (
            {"diffusion": {"law": "ExponentialInTime", "D0": "3e-12 m2/s", "rate": "0.2 1/h"}},
            event(6, diffusion__rate="0.05 1/h"),
        ),
        (
            {
                "hydrolysis": {**SCISSION, "rate": "0.2 1/h"},
                "diffusion": {"law": "PowerInMolarMass", "D0": "3e-12 m2/s", "exponent": 1.0},
            },
            event(6, hydrolysis__rate="0.05 1/h"),
        ),
    )
    one, two = (curve_of(SPHERE, laws, [*changes, last]) for laws, last in pairs)
    np.testing.assert_allclose(one[1], two[1], atol=1e-9)

    def growing(s):
        grown = 0.2 * np.minimum(s, 6 * HOUR) + 0.05 * np.maximum(s - 6 * HOUR, 0.0)
        return np.where(s < 3 * HOUR, 3e-12, 1e-12) * np.exp(grown / HOUR)

    near(one[1], exact.sphere(clock(one[0], growing), 1.0, RADIUS))


# --- water behind a front ----------------------------------------------------------------------


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


# --- a change of clock on printed infill ---------------------------------------------------------


@pytest.mark.parametrize(
    ("laws", "names"),
    [
        (
            {
                "hydration": {"law": "CaseII", "speed": "3e-8 m/s"},
                "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
            },
            {"hydration__speed": ("3e-8", "m/s"), "diffusion__D": ("1e-11", "m2/s")},
        ),
        (
            {
                "hydrolysis": {"law": "FirstOrderScission", "rate": "2e-4 1/s", "feedback": 1.0},
                "diffusion": {"law": "PowerInMolarMass", "D0": "2e-12 m2/s", "exponent": 1.0},
            },
            {"hydrolysis__rate": ("2e-4", "1/s"), "diffusion__D0": ("2e-12", "m2/s")},
        ),
        (
            {
                "channels": {"law": "StagnantChannels", "D": "1e-10 m2/s"},
                "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
            },
            {"channels__D": ("1e-10", "m2/s"), "diffusion__D": ("1e-11", "m2/s")},
        ),
    ],
)
def test_all_rates_together_are_a_change_of_clock(laws, names):
    """f(t) after t1 is f(t1 + 2.5 (t - t1)) of the run without the event, on any geometry."""
    faster = {name: f"{2.5 * float(value)!r} {unit}" for name, (value, unit) in names.items()}
    hours = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 1.4])
    later = np.where(hours > 0.5, 0.5 + 2.5 * (hours - 0.5), hours)
    changed, plain = (
        solve_coupled(
            study(PRINTED, laws, changes, run={"times": [f"{h!r} h" for h in at.tolist()]}),
            2e-4,
            2e-4,
        )
        for changes, at in (([event(0.5, **faster)], hours), ([], later))
    )
    near(changed.fraction, plain.fraction, 5e-4)
    assert changed.ledger_error < 1e-10
    assert plain.fraction[-1] - plain.fraction[2] > 0.1


# --- channels ----------------------------------------------------------------------------------


def _wetted(delay, changes):
    laws = {
        "channels": {"law": "WettedChannels", "delay": delay},
        "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
    }
    times = [f"{h} h" for h in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)]
    return solve_coupled(study(PRINTED, laws, changes, run={"times": times}), 2e-4, 1e-3).fraction


@pytest.mark.parametrize(
    ("changes", "true"),
    [
        ([event(0.1, channels__delay="0.2 h")], "0.2 h"),
        ([event(0.1, channels__delay="1 s")], "0.1 h"),
        (
            [event(0.1, channels__delay="0.8 h"), event(0.2, channels__delay="0.25 h")],
            "0.25 h",
        ),
    ],
)
def test_channels_that_are_dry_can_be_wetted_at_another_time(changes, true):
    expected = _wetted(true, [])
    near(_wetted("0.6 h", changes), expected)
    assert abs(expected - _wetted("0.6 h", [])).max() > 0.05


def test_channels_that_are_wet_stay_wet():
    with pytest.raises(UnsupportedLawError, match=r"channels\.delay: the channels have been wet"):
        _wetted("0.1 h", [event(0.2, channels__delay="0.5 h")])


@pytest.mark.parametrize(
    ("laws", "name"),
    [
        ({"hydrolysis": ESTER, "diffusion": NONE}, "hydrolysis.acid0"),
        ({"hydrolysis": ESTER, "diffusion": NONE}, "hydrolysis.ester0"),
        (
            {
                "dissolution": {
                    "law": "NoyesWhitney1897",
                    "rate": "1 1/h",
                    "solubility": "1 mg/mL",
                },
                "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
            },
            "dissolution.initially",
        ),
    ],
)
def test_beginnings_cannot_change_on_the_way(laws, name):
    values = {"dissolution.initially": "saturated"}
    changes = [{"at": "1 h", "set": {name: values.get(name, "60 mol/m3")}}]
    laws = {**laws, "erosion": {"law": "ConstantFront", "speed": "0.01 mm/h"}}
    with pytest.raises(UnsupportedLawError, match=rf"an event sets {name}: .* at the beginning"):
        simulate(study(FILM, laws, changes))


# --- when ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("laws", "change", "path"),
    [
        (
            {
                "hydrolysis": SCISSION,
                "diffusion": {"law": "PowerInMolarMass", "D0": "1e-12 m2/s", "exponent": 1.0},
            },
            {"hydrolysis__rate": "0.3 1/h"},
            ("hydrolysis", "rate"),
        ),
        (
            {
                "hydration": {"law": "CaseII", "speed": "0.02 mm/h"},
                "diffusion": {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"},
            },
            {"hydration__speed": "0.1 mm/h"},
            ("hydration", "speed"),
        ),
        (
            {"diffusion": {"law": "ExponentialInTime", "D0": "1e-12 m2/s", "rate": "0.1 1/h"}},
            {"diffusion__rate": "0.3 1/h"},
            ("diffusion", "rate"),
        ),
        (
            {"hydrolysis": {**SCISSION, "Mn_critical": 0.1}, "diffusion": NONE},
            {"hydrolysis__Mn_critical": 0.5},
            ("hydrolysis", "Mn_critical"),
        ),
    ],
)
def test_events_at_the_beginning_and_beyond_the_end(laws, change, path):
    """The first is another study, the second none."""
    (value,) = change.values()
    other = {**laws, path[0]: {**laws[path[0]], path[1]: value}}
    run = {"until": "12 h", "samples": 13, "spacing": "0.3 mm"}
    early, late, true, same = (
        curve_of(FILM, own, changes, run=run)[1]
        for own, changes in (
            (laws, [event(0, **change)]),
            (laws, [event(12, **change)]),
            (other, []),
            (laws, []),
        )
    )
    near(early, true)
    near(late, same)


def test_a_sample_a_new_medium_and_new_laws_at_one_moment():
    """Crank's eigenfunctions, projected anew: the sample is of the old medium."""
    volume = 2.0 * HALF * AREA
    bath, drawn = 5.0 * volume, 1.0 * volume
    laws = {
        "diffusion": {"law": "ConstantDiffusivity", "D": "5e-12 m2/s"},
        "film": {"law": "FilmTransfer", "k": "3e-8 m/s"},
    }
    medium = {
        "volume": f"{bath * 1e6!r} mL",
        "sampling": {"every": "4 h", "volume": f"{drawn * 1e6!r} mL", "replaced": False},
    }
    both = event(4, diffusion__D="2e-11 m2/s", film__k="1e-7 m/s") | {"replace": "40 %"}
    t, f = curve_of(FILM, laws, [both], medium=medium)
    one, two = (exact.State(D, k, 5.0) for D, k in ((5e-12, 3e-8), (2e-11, 1e-7)))
    less, least = (dataclasses.replace(two, bath=b) for b in (4.0, 3.0))
    changes = [
        exact.Change(4 * HOUR, dataclasses.replace(one, bath=4.0), 1.0 / 5.0),
        exact.Change(4 * HOUR, less, 0.4),
        exact.Change(8 * HOUR, least, 1.0 / 4.0),
    ]
    near(f, exact.eventful(t, 1, HALF, one, changes))


@pytest.mark.parametrize(("bath", "partition"), [(2.0, 5.0), (0.5, 1.0)])
def test_a_closed_bath_keeps_the_clock(bath, partition):
    """Crank (1975) 6.30: without a film all that D does is the clock."""
    laws = {
        "hydrolysis": SCISSION,
        "diffusion": {"law": "PowerInMolarMass", "D0": "3e-12 m2/s", "exponent": 1.0},
    }
    volume = bath * partition * 4.0 / 3.0 * np.pi * RADIUS**3
    medium = {"volume": f"{volume * 1e6!r} mL", "partition": partition}
    changes = [event(5, hydrolysis__rate="0.4 1/h"), event(8, diffusion__D0="1e-11 m2/s")]
    t, f = curve_of(SPHERE, laws, changes, medium=medium)

    def growing(s):
        cut = 0.1 * np.minimum(s, 5 * HOUR) + 0.4 * np.maximum(s - 5 * HOUR, 0.0)
        return np.where(s < 8 * HOUR, 3e-12, 1e-11) * np.exp(cut / HOUR)

    near(f, exact.sphere(clock(t, growing), 1.0, RADIUS, bath=bath))


def test_polymer_that_comes_to_swell_holds_its_drug_longer():
    """In printed lengths D is D J^(-2/3) from then on: a change of clock."""
    laws = {
        "diffusion": {"law": "ConstantDiffusivity", "D": "5e-12 m2/s"},
        "swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 1.5},
    }
    t, f = curve_of(FILM, laws, [event(3, swelling__equilibrium_volume_ratio=8.0)])
    area = np.minimum(t, 3 * HOUR) * 1.5 ** (-2 / 3) + np.maximum(t - 3 * HOUR, 0.0) / 4.0
    near(f, exact.slab(5e-12 * area, 1.0, 2 * HALF))


def test_an_event_may_name_the_drug():
    """One of two drugs moves faster from an hour on; the other does not notice."""
    parts = [
        {"drug": "theophylline", "fraction": "10 %"},
        {"drug": "caffeine", "fraction": "5 %"},
        {"polymer": "ethylcellulose", "fraction": "85 %"},
    ]
    data = study(
        SPHERE,
        {
            "diffusion": {"law": "ConstantDiffusivity", "D": "5e-11 m2/s"},
            "caffeine": {"diffusion": {"law": "ConstantDiffusivity", "D": "2e-11 m2/s"}},
        },
        [{"at": "2 h", "set": {"physics.caffeine.diffusion.D": "8e-11 m2/s"}}],
        formulation={"components": parts},
    )
    found = simulate(data)
    t = found.curve.time
    area = 2e-11 * np.minimum(t, 2 * HOUR) + 8e-11 * np.maximum(t - 2 * HOUR, 0.0)
    for name, true in (("caffeine", area), ("theophylline", 5e-11 * t)):
        got = found.curves[name].fraction
        near(got, exact.sphere(true, 1.0, RADIUS))


# --- and how the curve moves with them ------------------------------------------------------------


@pytest.mark.parametrize(
    ("laws", "change", "names"),
    [
        (
            {
                "hydration": {"law": "CaseII", "speed": "0.06 mm/h"},
                "diffusion": {"law": "ConstantDiffusivity", "D": "2e-11 m2/s"},
            },
            {"hydration__speed": "0.02 mm/h"},
            ["hydration.speed"],
        ),
        (
            {
                "hydrolysis": SCISSION,
                "diffusion": {"law": "PowerInMolarMass", "D0": "1e-12 m2/s", "exponent": 1.0},
            },
            {"hydrolysis__rate": "0.4 1/h"},
            ["hydrolysis.rate"],
        ),
    ],
)
def test_gradients_follow_laws_that_change(laws, change, names):
    """By the steps of one course, against differences of whole ones."""
    run = {"until": "12 h", "samples": 13, "spacing": "0.3 mm"}
    own = study(FILM, laws, [event(5, **change)], run=run)
    weights = np.linspace(1.0, 2.0, 13)
    found = gradient(own, names, weights=weights)

    def goal(name, value):
        return float(weights @ solve_coupled(own.replace(name, value), 3e-4, 1e-3).fraction)

    for name in names:
        value = own.get(name)
        true = (goal(name, 1.01 * value) - goal(name, 0.99 * value)) / (0.02 * value)
        assert found[name] == pytest.approx(true, rel=2e-3)
        assert found.methods[name] == "steps"


# --- what is said of it ---------------------------------------------------------------------------


def test_words_know_when_polymer_falls_apart_by_a_rate_that_changed():
    hydrolysis = {**SCISSION, "rate": "0.05 1/h", "Mn_critical": 0.3}
    changes = [event(4, hydrolysis__rate="0.25 1/h")]
    release = simulate(study(FILM, {"hydrolysis": hydrolysis, "diffusion": NONE}, changes))
    falls = 4.0 + (-np.log(0.3) - 0.2) / 0.25
    assert release.regime["falls_apart_s"] == pytest.approx(falls * HOUR)
    assert "held until the polymer falls apart at 8.0" in release.regime_words

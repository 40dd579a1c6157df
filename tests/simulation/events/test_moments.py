"""When events are, what else is at that moment, and whom they name."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from events import (
    AREA,
    ESTER,
    FILM,
    HALF,
    HOUR,
    NONE,
    RADIUS,
    SCISSION,
    SPHERE,
    clock,
    curve_of,
    event,
    near,
    study,
)

from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled
from releasesim.workflows.selftest import exact


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


WATER = {"law": "FujitaHydration", "D": "5e-11 m2/s", "beta": 2.0}
PLAIN = {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}
LENGTHS = {"law": "PowerInMolarMass", "D0": "2e-12 m2/s", "exponent": 1.0}
STILL = {
    "concentration": {
        "diffusion": {"law": "ExponentialInConcentration", "D0": "5e-12 m2/s", "beta": 1.5}
    },
    "water, swelling": {
        "diffusion": {"law": "MackieMeares1955", "D0": "1e-10 m2/s"},
        "hydration": WATER,
        "swelling": {"law": "VolumeAdditive", "equilibrium_volume_ratio": 2.0},
    },
    "time": {"diffusion": {"law": "ExponentialInTime", "D0": "5e-12 m2/s", "rate": "0.2 1/h"}},
    "scission": {
        "diffusion": {"law": "ExponentialInMolarMass", "D0": "5e-12 m2/s", "a": 2.0},
        "hydrolysis": {**SCISSION, "feedback": 1.0, "Mn_critical": 0.5},
    },
    "lumped acid": {"diffusion": LENGTHS, "hydrolysis": {**ESTER, "k2": "4e-8 m3/mol/s"}},
    "acid": {
        "diffusion": LENGTHS,
        "hydrolysis": {**ESTER, "k2": "4e-8 m3/mol/s", "D_acid": "1e-12 m2/s"},
    },
    "dissolution, film": {
        "diffusion": PLAIN,
        "dissolution": {"law": "NoyesWhitney1897", "rate": "1e-4 1/s", "solubility": "20 mg/mL"},
        "film": {"law": "FilmTransfer", "k": "1e-7 m/s"},
    },
    "solubility, erosion": {
        "diffusion": PLAIN,
        "dissolution": {"law": "LocalEquilibrium", "solubility": "20 mg/mL"},
        "erosion": {"law": "ConstantFront", "speed": "0.02 mm/h"},
    },
    "two fronts": {
        "diffusion": PLAIN,
        "hydration": {"law": "CaseII", "speed": "0.06 mm/h"},
        "erosion": {"law": "HydratedFront", "speed": "0.03 mm/h"},
    },
}


@pytest.mark.parametrize("name", STILL)
def test_events_that_change_nothing_change_nothing(name):
    """Every parameter set to what it is, three times; samples are drawn in between."""
    laws, beginnings = STILL[name], {"law", "acid0", "ester0"}
    same = {
        f"{slot}__{key}": value
        for slot, law in laws.items()
        for key, value in law.items()
        if key not in beginnings
    }
    medium = {"volume": "2 mL", "sampling": {"every": "1 h", "volume": "0.02 mL"}}
    moved, still = (
        solve_coupled(study(FILM, laws, changes, until=6.0, medium=medium), 1e-3, 1e-3)
        for changes in ([event(at, **same) for at in (0, 2, 3.3)], [])
    )
    np.testing.assert_allclose(moved.fraction, still.fraction, atol=2e-4)
    assert moved.ledger_error < 1e-10


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

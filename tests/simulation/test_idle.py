"""What a study says that acts on nothing is said, and nothing else is."""

import numpy as np
import pytest

from releasesim.simulation import simulate
from releasesim.simulation.idle import idle_notices
from releasesim.study import Study

FILM = {"kind": "film", "thickness": "1 mm", "area": "1 cm2"}
PRINTED = {
    "shape": {"kind": "cylinder", "diameter": "6 mm", "height": "3 mm"},
    "infill": {"pattern": "grid", "density": "40 %"},
}
D = {"law": "ConstantDiffusivity", "D": "1e-11 m2/s"}
NONE = {"law": "NoDiffusion"}
FUJITA = {"law": "Fujita1961", "D_gel": "1e-11 m2/s", "beta": 5.0}
FICK = {"law": "FickianHydration", "D": "1e-12 m2/s"}
FRONT = {"law": "ConstantFront", "speed": "1e-8 m/s"}
HYDRATED = {"law": "HydratedFront", "speed": "1e-8 m/s", "onset": 0.7}
ENTERIC = {"law": "EntericFront", "speed": "0.3 mm/h", "pH_threshold": 5.5}
SCISSION = {"law": "FirstOrderScission", "rate": "0.1 1/h"}
STAGNANT = {"law": "StagnantChannels", "D": "1e-9 m2/s"}
SWELLING = {"law": "VolumeAdditive", "equilibrium_volume_ratio": 2.0}
CASE_TWO = {"law": "CaseII", "speed": "1e-9 m/s"}


def study(physics, medium=None, tablet=None):
    return Study.from_dict(
        {
            "tablet": tablet or {"shape": FILM},
            "formulation": {"concentration": "100 mg/mL"},
            "medium": medium or {},
            "physics": physics,
            "run": {"until": "6 h", "samples": 7, "spacing": "0.4 mm"},
        }
    )


IDLE = {
    "beta in what is wet": ({"diffusion": FUJITA}, {}, "physics.diffusion.beta"),
    "onset in what is wet": ({"erosion": HYDRATED}, {}, "physics.erosion.onset"),
    "speed ahead of Case II": (
        {"erosion": FRONT, "hydration": CASE_TWO},
        {},
        "physics.erosion.speed",
    ),
    "pH for good": ({"erosion": ENTERIC}, {"name": "hcl_0_1n"}, "physics.erosion"),
    "water that nothing reads": ({"diffusion": D, "hydration": FICK}, {}, "physics.hydration"),
    "chains that nothing reads": (
        {"diffusion": D, "hydrolysis": SCISSION},
        {},
        "physics.hydrolysis",
    ),
    "film that nothing passes": (
        {"erosion": FRONT, "diffusion": NONE, "film": {"law": "FilmTransfer", "k": "1e-6 m/s"}},
        {},
        "physics.film",
    ),
    "drug below its solubility": (
        {"diffusion": D, "dissolution": {"law": "LocalEquilibrium", "solubility": "200 mg/mL"}},
        {},
        "physics.dissolution",
    ),
    "no channels": ({"diffusion": D, "channels": STAGNANT}, {}, "physics.channels"),
    "swelling alone": (
        {
            "hydrolysis": SCISSION | {"Mn_critical": 0.8},
            "diffusion": NONE,
            "swelling": SWELLING,
        },
        {},
        "physics.swelling",
    ),
    "samples of a sink": (
        {"diffusion": D},
        {"sampling": {"every": "30 min", "volume": "5 mL"}},
        "medium.sampling",
    ),
    "fresh sink": (
        {"diffusion": D},
        {"event": [{"at": "1 h", "replace": "100 %"}]},
        "the event at 60 min",
    ),
    "pH that nothing feels": (
        {"diffusion": D},
        {"name": "hcl_0_1n", "event": [{"at": "1 h", "medium": "phosphate_ph6_8"}]},
        "the event at 60 min",
    ),
}


@pytest.mark.parametrize("name", IDLE)
def test_what_does_nothing_is_said(name):
    physics, medium, what = IDLE[name]
    found = list(idle_notices(study(physics, medium)))
    assert len(found) == 1
    assert found[0].startswith(f"{what} does nothing")


ACTING = {
    "beta": ({"diffusion": FUJITA, "hydration": FICK}, {}, None),
    "beta of gel that is never full": ({"diffusion": FUJITA | {"w_gel": 0.8}}, {}, None),
    "onset": ({"erosion": HYDRATED, "hydration": FICK}, {}, None),
    "pH from an event on": (
        {"erosion": ENTERIC},
        {"name": "hcl_0_1n", "event": [{"at": "1 h", "medium": "phosphate_ph6_8"}]},
        None,
    ),
    "chains": (
        {
            "diffusion": {"law": "PowerInMolarMass", "D0": "1e-12 m2/s", "exponent": 1.0},
            "hydrolysis": SCISSION,
        },
        {},
        None,
    ),
    "channels": ({"diffusion": D, "channels": STAGNANT}, {}, PRINTED),
    "samples": (
        {"diffusion": D},
        {"volume": "20 mL", "sampling": {"every": "30 min", "volume": "5 mL"}},
        None,
    ),
    "film from an event on": (
        {"diffusion": D, "film": {"law": "FilmTransfer", "k": "1e-6 m/s"}},
        {"event": [{"at": "1 h", "set": {"film.k": "1e-7 m/s"}}]},
        None,
    ),
}


@pytest.mark.parametrize("name", ACTING)
def test_what_acts_is_not_said(name):
    physics, medium, tablet = ACTING[name]
    assert not list(idle_notices(study(physics, medium, tablet)))


@pytest.mark.parametrize(
    ("physics", "name", "value"),
    [
        ({"diffusion": FUJITA}, "diffusion.beta", 2.0),
        ({"erosion": HYDRATED}, "erosion.onset", 0.1),
        ({"diffusion": D, "hydration": FICK}, "hydration.D", 1e-14),
        ({"diffusion": D, "hydrolysis": SCISSION}, "hydrolysis.rate", 1e-3),
        ({"diffusion": D, "channels": STAGNANT}, "channels.D", 1e-12),
    ],
)
def test_what_is_said_to_do_nothing_does_nothing(physics, name, value):
    made = study(physics)
    first = simulate(made)
    assert any("does nothing" in notice for notice in first.notices)
    assert (
        np.abs(simulate(made.replace(name, value)).curve.fraction - first.curve.fraction).max()
        < 1e-4
    )

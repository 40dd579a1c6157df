"""Channels whose delay changes, and what cannot change once it has begun."""

from __future__ import annotations

import pytest
from events import ESTER, FILM, NONE, PRINTED, event, near, study

from releasesim.errors import UnsupportedLawError
from releasesim.simulation import simulate
from releasesim.simulation.coupled import solve_coupled


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

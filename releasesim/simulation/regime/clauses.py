"""What else there is to say of a release: each a clause, or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from releasesim.curve import time_text
from releasesim.simulation.regime.phase import Phase
from releasesim.simulation.regime.runaway import runaway_of
from releasesim.simulation.regime.steps import QUICKER, by_itself, plain, with_the_polymer

#: Of the dose: what is nothing, what is little, and what is nearly all [-].
NOTHING, LITTLE, ALL = 0.002, 0.05, 0.95
#: Change of D within a run that is worth a word; share of the dose that a bath leaves inside.
_GROWN, _STAYS = 1.5, 0.05
#: Share of its solubility that drug may reach in a bath that still is a sink [-].
_SINK = 1.0 / 3.0


def clauses_of(phase: Phase) -> Iterable[str]:
    """Clauses that one part in one medium is worth; empty ones among them."""
    yield _little(phase)
    yield _stopped(phase)
    yield _solid_drug(phase)
    yield _changing(phase)
    yield _falls_later(phase)
    yield _acid(phase)
    yield slower_part(phase)
    yield _swelling(phase)
    yield _bath(phase)


def _little(phase: Phase) -> str:
    gained = phase.gained
    ways = by_itself(phase).steps or with_the_polymer(phase).steps
    if not ways or gained > LITTLE or phase.released(phase.end) > ALL:
        return ""
    return f"{much(gained)} leaves in this time"


def _stopped(phase: Phase) -> str:
    if not phase.pH_stops or not phase.diffuses:
        return ""
    return f"the polymer does not dissolve at pH {phase.pH:.3g}"


def _solid_drug(phase: Phase) -> str:
    if not phase.dispersed or with_the_polymer(phase).time * QUICKER < by_itself(phase).time:
        return ""
    return f"drug at {phase.loading:.2g} times its solubility: loading and solubility move it"


def _changing(phase: Phase) -> str:
    """A diffusivity that is not the same from beginning to end."""
    growth = phase.growth
    if not phase.diffuses or 1.0 / _GROWN < growth < _GROWN:
        return ""
    falls = f"falls {plain(1 / growth)}-fold" if growth > 0.0 else "falls to nothing"
    grows = f"grows {plain(growth)}-fold" if growth > 1.0 else falls
    return {
        "molar_mass": f"D {grows} within the run as chains are cut: hydrolysis moves it",
        "time": f"D {grows} within the run by its law of time",
        "concentration": f"D {grows} as drug leaves: loading moves it",
        "leached": f"D {grows} as drug leaves pores behind: loading moves it",
    }.get(str(phase.laws.diffusion.varies_with), "")


def _falls_later(phase: Phase) -> str:
    if not np.isfinite(phase.falls) or not phase.begin <= phase.falls:
        return ""
    at = time_text(phase.falls)
    if phase.falls >= phase.times[-1]:
        return f"the polymer stays together throughout: it would fall apart at {at}"
    left = 1.0 - out_by(phase, phase.falls)
    if phase.falls >= phase.end or left > 1.0 - LITTLE or left < 1.0 - ALL:
        return ""
    return (
        f"{left:.0%} is left at {at} and comes free as the polymer falls apart: hydrolysis moves it"
    )


def _acid(phase: Phase) -> str:
    found = runaway_of(phase)
    if found is None:
        return ""
    side = "above" if found.phi2 > found.critical else "below"
    number = (
        f"phi² = {plain(found.phi2)} of {found.piece}, {found.radius * 1e3:.2g} mm from the middle "
        f"to the surface, is {side} {found.critical:.3g}"
    )
    if found.phi2 > found.critical:
        return f"acid stays in and quickens decay ({number}): thinner struts slow it down"
    return f"acid diffuses out before it quickens decay ({number})"


def slower_part(phase: Phase) -> str:
    """Another part of the tablet that lets drug through more slowly."""
    own = min(by_itself(phase).time, with_the_polymer(phase).time)
    others = [replace(phase, part=k) for k in range(len(phase.study.tablet.parts))]
    if phase.study.tablet.own_is_unused:
        others = others[1:]
    times = {
        other.name or "the tablet's own material": min(
            by_itself(other).time, with_the_polymer(other).time, other.falls
        )
        for other in others
        if other.part != phase.part
    }
    slowest = max(times, key=lambda name: times[name], default="")
    if not slowest or times[slowest] < QUICKER * own or not np.isfinite(own):
        return ""
    if not np.isfinite(times[slowest]):
        return f"{slowest} lets no drug through"
    times_slower = plain(times[slowest] / own)
    return f"{slowest} is {times_slower} times slower: its thickness moves what leaves through it"


def _swelling(phase: Phase) -> str:
    J = float(phase.laws.swelling.volume_ratio(1.0))
    return f"it swells to {plain(J)} times its volume" if J > 1.0 else ""


def _bath(phase: Phase) -> str:
    if not np.isfinite(phase.bath):
        return ""
    ends = phase.bath / (1.0 + phase.bath)
    if ends < 1.0 - _STAYS:
        return f"the bath takes up {ends:.0%} of it at most: volume and partition move its end"
    volume, dose = phase.study.bath.volume, phase.study.tablet.dose()
    filled = dose / (volume * phase.solubility / phase.partition)  # type: ignore[operator]
    if filled > _SINK:
        return f"the bath is no sink: all of the drug would be {filled:.0%} of what it can dissolve"
    return ""


def much(gained: float) -> str:
    """How little of the dose leaves, in words."""
    if gained < NOTHING:
        return "hardly anything"
    most = next(most for most in (1, 2, 5) if gained <= 0.01 * most)
    return f"less than {most} % of the dose"


def out_by(phase: Phase, t: float) -> float:
    """Share of the dose that has left by t, the time of a jump between two outputs [-]."""
    out, eroding = by_itself(phase), with_the_polymer(phase)
    # at first as the root of time out of a slab, and evenly behind a front
    alone = np.sqrt(4.0 / 3.0 / np.pi * t / out.time) + 0.5 * t / eroding.time
    last = phase.fraction[phase.times < t]
    return max(float(last.max(initial=0.0)), min(float(alone), phase.released(t)))

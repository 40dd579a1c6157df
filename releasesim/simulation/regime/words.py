"""The sentence that says what controls a release, and what moves its curve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from releasesim.curve import time_text
from releasesim.simulation.regime.phase import Phase
from releasesim.simulation.regime.runaway import runaway_of
from releasesim.simulation.regime.steps import Way, by_itself, dimension, plain, with_the_polymer

#: One way out that is this much quicker than the other is the one that counts [-].
_QUICKER = 6.0
#: Of the dose: what is nothing, what is little, and what is nearly all [-].
_NOTHING, _LITTLE, _ALL = 0.002, 0.05, 0.95
#: Change of D within a run that is worth a word; share of the dose that a bath leaves inside.
_GROWN, _STAYS = 1.5, 0.05
#: Share of its solubility that drug may reach in a bath that still is a sink [-].
_SINK = 1.0 / 3.0


@dataclass(frozen=True)
class _Said:
    """A sentence, and what makes two of them say the same."""

    sense: str
    words: str


def words_of(parts: Sequence[Sequence[Phase]]) -> str:
    """One sentence for a tablet, from all parts that hold drug in all media.

    Parameters
    ----------
    parts : sequence of sequence of Phase
        Of each part, in the order of time.
    """
    said = [_part_words(phases) for phases in parts]
    if len({one.sense for one in said}) == 1:
        return said[-1].words
    names = [phases[0].name or "the tablet's own material" for phases in parts]
    return "; ".join(f"{name}: {one.words}" for name, one in zip(names, said, strict=True))


def _part_words(phases: Sequence[Phase]) -> _Said:
    """What one part does, medium after medium; media that change nothing are not told apart."""
    telling = [p for p in phases if p.released(p.begin) < 1.0 - _NOTHING] or [phases[0]]
    said: list[tuple[Phase, _Said]] = []
    for phase in telling:
        now = _phase_words(phase)
        if said and said[-1][1].sense == now.sense:
            # the medium in which more leaves speaks for both
            if phase.gained > said[-1][0].gained:
                said[-1] = (said[-1][0], now)
            continue
        said.append((phase, now))
    if len(said) == 1:
        return said[0][1]
    told = [
        _in_medium(phase, one, said[k + 1][0].begin if k + 1 < len(said) else np.inf)
        for k, (phase, one) in enumerate(said)
    ]
    return _Said("|".join(one.sense for _, one in said), "; ".join(told))


def _in_medium(phase: Phase, said: _Said, end: float) -> str:
    """What happens in one medium, and when that is."""
    pH = "" if phase.pH is None else f" (pH {phase.pH:.3g})"
    since = f"from {time_text(phase.begin)}" if phase.begin > 0.0 else ""
    until = f"until {time_text(end)}" if np.isfinite(end) else ""
    when = " ".join(word for word in (since, until) if word) + pH
    gained = phase.released(min(end, phase.end)) - phase.released(phase.begin)
    if gained < _LITTLE and np.isfinite(end):
        why = ", where the polymer does not dissolve" if phase.pH_stops else ""
        return f"{when} {_much(gained)} leaves{why}"
    return f"{when} {said.words}"


def _phase_words(phase: Phase) -> _Said:
    main = _main(phase)
    clauses = [words for words in _clauses(phase) if words]
    return _Said(main.sense, "; ".join([main.words, *clauses]))


# --- what controls ------------------------------------------------------------------------------


def _main(phase: Phase) -> _Said:
    falls = _falling(phase)
    if falls:
        return falls
    out, eroding = by_itself(phase), with_the_polymer(phase)
    if not out.steps and not eroding.steps:
        return _Said("nothing", f"nothing leaves: {_why_not(phase)}")
    ratio = phase.speed * phase.solid.length / phase.D if phase.D > 0 else np.inf
    number = f"v L/D = {plain(ratio)}"
    if out.time > _QUICKER * eroding.time:
        beside = ["drug diffusivity"] if out.steps else []
        return _series(eroding, [number] if out.steps else [], beside)
    if eroding.time > _QUICKER * out.time:
        beside = ["erosion"] if eroding.steps else []
        return _series(out, [number] if eroding.steps else [], beside)
    return _together(out, eroding, number)


def _series(way: Way, numbers: list[str], hardly: list[str]) -> _Said:
    """Steps of one way, named by the slowest."""
    controlling = way.controlling
    names = [step.name for step in controlling]
    numbers = [*numbers, *(step.number for step in way.steps if step.number)]
    hardly = [*(step.weak for step in way.weak), *hardly]
    knobs = _once(knob for step in controlling for knob in step.knobs.split(", "))
    return _Said("+".join(sorted(names)), _sentence(_head(names), numbers, knobs, hardly))


def _head(names: list[str]) -> str:
    if len(names) > 1:
        return f"{_and(names)} together"
    return f"controlled by {names[0]}" if " " in names[0] else f"{names[0]}-controlled"


def _together(out: Way, eroding: Way, number: str) -> _Said:
    steps = (*out.controlling, *eroding.controlling)
    names = _once(step.name for step in steps)
    knobs = _once(knob for step in steps for knob in step.knobs.split(", "))
    numbers = [number, *(step.number for step in out.steps if step.number)]
    hardly = [step.weak for step in out.weak]
    return _Said("+".join(sorted(names)), _sentence(_head(names), numbers, knobs, hardly))


def _sentence(head: str, numbers: list[str], knobs: list[str], hardly: list[str]) -> str:
    shown = f" ({', '.join(numbers)})" if numbers else ""
    moves = "move" if len(knobs) > 1 else "moves"
    does = "do" if len(hardly) > 1 else "does"
    rest = f", {_and(hardly)} hardly {does}" if hardly else ""
    return f"{head}{shown}: {_and(knobs)} {moves} this curve{rest}"


def _falling(phase: Phase) -> _Said | None:
    """Drug that is held until the polymer falls apart."""
    at = phase.falls
    if not phase.begin <= at < phase.end or _out_by(phase, at) > _LITTLE:
        return None
    critical = phase.laws.hydrolysis.critical_molar_mass()
    about = "about " if phase.acid is not None or not phase.laws.is_off("hydration") else ""
    words = (
        f"held until the polymer falls apart at {about}{time_text(at)} (Mn below {critical:.3g} of "
        "its initial value): hydrolysis rate and critical molar mass move this curve"
    )
    if not about:
        weak = ["drug diffusivity"] if phase.diffuses else []
        weak += dimension(phase).split(", ")
        words += f", {_and(weak)} hardly {'do' if len(weak) > 1 else 'does'}"
    return _Said("falling", words)


def _out_by(phase: Phase, t: float) -> float:
    """Share of the dose that has left by t, the time of a jump between two outputs [-]."""
    out, eroding = by_itself(phase), with_the_polymer(phase)
    # at first as the root of time out of a slab, and evenly behind a front
    alone = np.sqrt(4.0 / 3.0 / np.pi * t / out.time) + 0.5 * t / eroding.time
    last = phase.fraction[phase.times < t]
    return max(float(last.max(initial=0.0)), min(float(alone), phase.released(t)))


def _why_not(phase: Phase) -> str:
    if phase.pH_stops:
        law = phase.laws.erosion
        side = "below" if getattr(law, "dissolves", "above") == "above" else "above"
        return (
            f"pH {phase.pH:.3g} is {side} the {law.pH_threshold:.3g} from which "  # type: ignore[attr-defined]
            "the polymer dissolves, and the drug does not diffuse"
        )
    if np.isfinite(phase.falls):
        return f"the polymer holds it until {time_text(phase.falls)}"
    return "it neither diffuses nor erodes here"


# --- what else there is to say ------------------------------------------------------------------


def _clauses(phase: Phase) -> Iterable[str]:
    yield _little(phase)
    yield _stopped(phase)
    yield _solid_drug(phase)
    yield _changing(phase)
    yield _falls_later(phase)
    yield _acid(phase)
    yield _slower_part(phase)
    yield _swelling(phase)
    yield _bath(phase)


def _little(phase: Phase) -> str:
    gained = phase.gained
    ways = by_itself(phase).steps or with_the_polymer(phase).steps
    if not ways or gained > _LITTLE or phase.released(phase.end) > _ALL:
        return ""
    return f"{_much(gained)} leaves in this time"


def _much(gained: float) -> str:
    if gained < _NOTHING:
        return "hardly anything"
    most = next(most for most in (1, 2, 5) if gained <= 0.01 * most)
    return f"less than {most} % of the dose"


def _stopped(phase: Phase) -> str:
    if not phase.pH_stops or not phase.diffuses:
        return ""
    return f"the polymer does not dissolve at pH {phase.pH:.3g}"


def _solid_drug(phase: Phase) -> str:
    if not phase.dispersed or with_the_polymer(phase).time * _QUICKER < by_itself(phase).time:
        return ""
    return f"drug at {phase.loading:.2g} times its solubility: loading and solubility move it"


def _changing(phase: Phase) -> str:
    """A diffusivity that is not the same from beginning to end."""
    growth = phase.growth
    if not phase.diffuses or 1.0 / _GROWN < growth < _GROWN:
        return ""
    grows = f"grows {plain(growth)}-fold" if growth > 1.0 else f"falls {plain(1 / growth)}-fold"
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
    left = 1.0 - _out_by(phase, phase.falls)
    if phase.falls >= phase.end or left > 1.0 - _LITTLE or left < 1.0 - _ALL:
        return ""
    return f"{left:.0%} is left at {at} and comes free as the polymer falls apart: hydrolysis moves it"


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


def _slower_part(phase: Phase) -> str:
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
    if not slowest or times[slowest] < _QUICKER * own or not np.isfinite(own):
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


def _and(names: Iterable[str]) -> str:
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _once(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))

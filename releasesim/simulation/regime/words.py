"""The sentence that says what controls a release, and what moves its curve."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from releasesim.curve import time_text
from releasesim.simulation.regime.clauses import (
    LITTLE,
    NOTHING,
    clauses_of,
    much,
    out_by,
    slower_part,
)
from releasesim.simulation.regime.phase import Phase
from releasesim.simulation.regime.steps import (
    QUICKER,
    Way,
    by_itself,
    dimension,
    plain,
    with_the_polymer,
)


@dataclass(frozen=True)
class _Said:
    """A sentence, and what makes two of them say the same."""

    sense: str
    words: str
    clauses: tuple[str, ...] = ()

    def without(self, others: Iterable[str]) -> str:
        """All words but the clauses that are said elsewhere."""
        told = set(others)
        return "; ".join([self.words, *(one for one in self.clauses if one not in told)])


def words_of(parts: Sequence[Sequence[Phase]]) -> str:
    """One sentence for a tablet, from all parts that hold drug in all media.

    Parameters
    ----------
    parts : sequence of sequence of Phase
        Of each part, in the order of time.
    """
    said = [_part_words(phases) for phases in parts]
    if len({one.sense for one in said}) == 1:
        return said[-1].without(())
    names = [phases[0].name or "the tablet's own material" for phases in parts]
    return "; ".join(f"{name}: {one.without(())}" for name, one in zip(names, said, strict=True))


def _part_words(phases: Sequence[Phase]) -> _Said:
    """What one part does, medium after medium; media that change nothing are not told apart."""
    telling = [p for p in phases if p.released(p.begin) < 1.0 - NOTHING] or [phases[0]]
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
    last = said[-1][1]
    told = [
        _in_medium(phase, one.without(last.clauses), said[k + 1][0].begin)
        for k, (phase, one) in enumerate(said[:-1])
    ]
    told.append(_in_medium(said[-1][0], last.words, np.inf))
    return _Said("|".join(one.sense for _, one in said), "; ".join(told), last.clauses)


def _in_medium(phase: Phase, words: str, end: float) -> str:
    """What happens in one medium, and when that is."""
    pH = "" if phase.pH is None else f" (pH {phase.pH:.3g})"
    since = f"from {time_text(phase.begin)}" if phase.begin > 0.0 else ""
    until = f"until {time_text(end)}" if np.isfinite(end) else ""
    when = " ".join(word for word in (since, until) if word) + pH
    gained = phase.released(min(end, phase.end)) - phase.released(phase.begin)
    if gained < LITTLE and np.isfinite(end):
        why = ", where the polymer does not dissolve" if phase.pH_stops else ""
        why = f", as {slower_part(phase)}" if slower_part(phase) else why
        return f"{when} {much(gained)} leaves{why}"
    return f"{when} {words}"


def _phase_words(phase: Phase) -> _Said:
    main = _main(phase)
    clauses = tuple(words for words in clauses_of(phase) if words)
    return _Said(main.sense + slower_part(phase), main.words, clauses)


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
    if out.time > QUICKER * eroding.time:
        beside = ["drug diffusivity"] if out.steps else []
        return _series(eroding, [number] if out.steps else [], beside)
    if eroding.time > QUICKER * out.time:
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
    if not phase.begin <= at < phase.end or out_by(phase, at) > LITTLE:
        return None
    critical = phase.laws.hydrolysis.critical_molar_mass()
    water = "" if phase.laws.is_off("hydration") else ", the polymer's water uptake"
    about = "about " if phase.acid is not None or not phase.laws.is_off("hydration") else ""
    words = (
        f"held until the polymer falls apart at {about}{time_text(at)} (Mn below {critical:.3g} of "
        f"its initial value): hydrolysis rate{water} and critical molar mass move this curve"
    )
    if not about:
        weak = ["drug diffusivity"] if phase.diffuses else []
        weak += dimension(phase).split(", ")
        words += f", {_and(weak)} hardly {'do' if len(weak) > 1 else 'does'}"
    return _Said("falling", words)


def _why_not(phase: Phase) -> str:
    if phase.pH_stops:
        law = phase.laws.erosion
        side = "below" if getattr(law, "dissolves", "above") == "above" else "above"
        return (
            f"pH {phase.pH:.3g} is {side} the {law.pH_threshold:.3g} from which "  # type: ignore[attr-defined]
            "the polymer dissolves, and the drug does not diffuse"
        )
    if np.isfinite(phase.falls):
        return f"the polymer holds it until {phase.falls_text}"
    return "it neither diffuses nor erodes here"


def _and(names: Iterable[str]) -> str:
    found = list(names)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _once(items: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(items))

"""The polymer: what it is, how it prints, and the laws by which it lets a drug go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from releasesim.cards.card import Card, si
from releasesim.cards.reading import TableReader, read_physics
from releasesim.cards.value import LawSpec, Value


@dataclass(frozen=True, kw_only=True, repr=False)
class Polymer(Card):
    """A polymer.

    Parameters
    ----------
    density : Value
        True density, dry [kg/m3].
    loading : Value
        Usual drug loading and the range that has a chance to print, mass fraction [-].
    nozzle_temperature : Value
        For printing [K].
    degradation_temperature : Value or None
        Where the polymer itself begins to suffer [K].
    glass_transition, melting_point : Value or None
        Dry [K].
    molar_mass : Value or None
        Number or weight average as the note says [kg/mol].
    equilibrium_water : Value or None
        Volume fraction of water when fully hydrated: w = 1 means this much [-].
    printed_porosity, printed_oversize : Value or None
        Pores inside a print, and how much larger than drawn it comes out, linear [-].
    processes : tuple of str
        Printing processes it has been used in: fdm, powder_extrusion.
    default_physics : mapping of slot to LawSpec
        The mechanism the literature gives this polymer.
    effective_physics : mapping of slot to LawSpec
        Exactly one mechanism that lumps the rest, as a fallback; its note says what it lumps.

    Examples
    --------
    >>> pva = Polymer.load("pva")
    >>> sorted(pva.effective_physics)
    ['erosion']
    """

    kind: ClassVar[str] = "polymer"

    density: Value = field(metadata=si("kg/m3"))
    loading: Value = field(metadata=si("1"))
    nozzle_temperature: Value = field(metadata=si("K"))
    degradation_temperature: Value | None = field(default=None, metadata=si("K"))
    glass_transition: Value | None = field(default=None, metadata=si("K"))
    melting_point: Value | None = field(default=None, metadata=si("K"))
    molar_mass: Value | None = field(default=None, metadata=si("kg/mol"))
    equilibrium_water: Value | None = field(default=None, metadata=si("1"))
    printed_porosity: Value | None = field(default=None, metadata=si("1"))
    printed_oversize: Value | None = field(default=None, metadata=si("1"))
    processes: tuple[str, ...] = ()
    default_physics: Mapping[str, LawSpec] = field(default_factory=dict, hash=False)
    effective_physics: Mapping[str, LawSpec] = field(default_factory=dict, hash=False)

    @property
    def loading_range(self) -> tuple[float, float]:
        """Lowest and highest drug loading, mass fraction [-]."""
        return self.loading.range

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        return {
            "processes": reader.words("processes"),
            "default_physics": read_physics(reader.sub("default_physics", optional=True)),
            "effective_physics": read_physics(reader.sub("effective_physics")),
        }

    def _plain(self) -> dict[str, object]:
        return {
            "processes": list(self.processes),
            "default_physics": _laws(self.default_physics),
            "effective_physics": _laws(self.effective_physics),
        }

    def _words(self) -> list[str]:
        lines = [f"  printed by: {', '.join(self.processes) or 'not yet'}"]
        for title in ("default_physics", "effective_physics"):
            lines += [_law_line(title, slot, law) for slot, law in getattr(self, title).items()]
        return lines


def _laws(physics: Mapping[str, LawSpec]) -> dict[str, object]:
    return {slot: law.to_dict() for slot, law in physics.items()}


def _law_line(title: str, slot: str, law: LawSpec) -> str:
    words = "".join(f", {name} = {word}" for name, word in law.options.items())
    note = f" ({law.note})" if law.note else ""
    return f"  {title}.{slot}: {law.law}{words}{note}"

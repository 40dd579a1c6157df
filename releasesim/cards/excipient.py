"""Fillers, plasticisers and pore formers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from releasesim.cards.card import Card, si
from releasesim.cards.reading import TableReader
from releasesim.cards.value import Value


@dataclass(frozen=True, kw_only=True, repr=False)
class Excipient(Card):
    """An excipient.

    Parameters
    ----------
    role : str
        plasticiser, filler or pore former.
    density : Value
        [kg/m3].
    degradation_temperature, melting_point : Value or None
        [K].
    """

    kind: ClassVar[str] = "excipient"

    role: str
    density: Value = field(metadata=si("kg/m3"))
    degradation_temperature: Value | None = field(default=None, metadata=si("K"))
    melting_point: Value | None = field(default=None, metadata=si("K"))

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        return {"role": reader.text("role")}

    def _words(self) -> list[str]:
        return [f"  role: {self.role}"]

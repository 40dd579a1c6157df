"""Dissolution media."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from releasesim.cards.card import Card, si
from releasesim.cards.reading import TableReader
from releasesim.cards.value import Value


@dataclass(frozen=True, kw_only=True, repr=False)
class Medium(Card):
    """A dissolution medium at its temperature of use.

    Parameters
    ----------
    buffer : str
        Composition in words.
    pH : Value
        [-].
    temperature : Value
        [K].
    viscosity : Value
        Dynamic [Pa.s].
    density : Value
        [kg/m3].
    """

    kind: ClassVar[str] = "medium"

    buffer: str
    pH: Value = field(metadata=si("1"))
    temperature: Value = field(metadata=si("K"))
    viscosity: Value = field(metadata=si("Pa*s"))
    density: Value = field(metadata=si("kg/m3"))

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        return {"buffer": reader.text("buffer")}

    def _words(self) -> list[str]:
        return [f"  buffer: {self.buffer}"]

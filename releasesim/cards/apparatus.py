"""Dissolution apparatus."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from releasesim.cards.card import Card, si
from releasesim.cards.reading import TableReader
from releasesim.cards.value import Value


@dataclass(frozen=True, kw_only=True, repr=False)
class Apparatus(Card):
    """A dissolution apparatus.

    Parameters
    ----------
    method : str
        basket, paddle or flow_through.
    volume : Value
        Usual volume of medium [m3].
    fluid_velocity : Value
        Past the tablet, for film correlations; its range is wide on purpose [m/s].
    film_coefficient : Value or None
        Measured mass-transfer coefficient of the film round a tablet [m/s].
    speed : Value or None
        Rotation [rad/s].
    flow_rate : Value or None
        Of a flow-through cell [m3/s].
    """

    kind: ClassVar[str] = "apparatus"

    method: str
    volume: Value = field(metadata=si("m3"))
    fluid_velocity: Value = field(metadata=si("m/s"))
    film_coefficient: Value | None = field(default=None, metadata=si("m/s"))
    speed: Value | None = field(default=None, metadata=si("rad/s"))
    flow_rate: Value | None = field(default=None, metadata=si("m3/s"))

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        return {"method": reader.choice("method", ("basket", "paddle", "flow_through"))}

    def _words(self) -> list[str]:
        return [f"  method: {self.method}"]

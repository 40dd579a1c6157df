"""The body that clearances and volumes are scaled from, and what inhibitors do to an enzyme."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, cast

from releasesim.cards.card import Card, si
from releasesim.cards.reading import TableReader
from releasesim.cards.value import Value

STRENGTHS = ("strong", "moderate", "weak")
"""Classes of inhibitors and inducers."""


@dataclass(frozen=True, kw_only=True, repr=False)
class Body(Card):
    """A reference adult.

    Parameters
    ----------
    weight : Value
        [kg].
    liver_blood_flow : Value
        [m3/s].
    creatinine_clearance : Value
        Of healthy kidneys [m3/s].
    clearance_exponent, volume_exponent : Value
        Of body weight [-].
    inhibited, induced : mapping of str to Value
        Activity of an enzyme that is left or reached under an inhibitor or inducer of each class,
        relative to its own [-].
    """

    kind: ClassVar[str] = "body"

    weight: Value = field(metadata=si("kg"))
    liver_blood_flow: Value = field(metadata=si("m3/s"))
    creatinine_clearance: Value = field(metadata=si("m3/s"))
    clearance_exponent: Value = field(metadata=si("1"))
    volume_exponent: Value = field(metadata=si("1"))
    inhibited: Mapping[str, Value] = field(default_factory=dict, hash=False)
    induced: Mapping[str, Value] = field(default_factory=dict, hash=False)

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        return {name: _classes(reader, name) for name in ("inhibited", "induced")}


def _classes(reader: TableReader, name: str) -> dict[str, Value]:
    table = cast(TableReader, reader.sub(name))
    found = {strength: cast(Value, table.value(strength, "1")) for strength in STRENGTHS}
    table.finish()
    return found

"""The sweep of a study: many variants of it, computed in shards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field as Key

from releasesim.study.fields import Field, OneOf, Text, Whole
from releasesim.study.schema.base import Table

PLANS = ("factorial", "sobol", "morris", "population")

_FORMS = (
    ("min", "max"),
    ("min", "max", "steps"),
    ("mean", "cv"),
    ("mean", "sd"),
    ("shares",),
)
"""Keys of every way to say how a parameter spreads, a list of choices aside."""


@dataclass(frozen=True)
class Spread(Field):
    """How a sweep varies one parameter: choices, a range, steps in it, or a distribution."""

    def read(self, value: object) -> dict[str, Any] | list[Any]:
        """Return the table or list as written, its values not yet read."""
        if isinstance(value, list) and value and all(map(_choice, value)):
            return value
        if isinstance(value, Mapping) and any(set(value) == set(form) for form in _FORMS):
            return dict(value)
        raise ValueError(
            "must be a list of choices, { min, max }, { min, max, steps }, { mean, cv }, "
            "{ mean, sd } or { shares }"
        )

    def describe(self) -> dict[str, Any]:
        """JSON Schema: a list, or a table of one of the forms."""
        words = {"type": "array", "items": {"type": "string"}}
        one = {"anyOf": [{"type": ["string", "number"]}, words]}
        forms = [
            {
                "type": "object",
                "properties": {key: _property(key) for key in form},
                "required": list(form),
                "additionalProperties": False,
            }
            for form in _FORMS
        ]
        return {"anyOf": [{"type": "array", "items": one, "minItems": 1}, *forms]}


class Robust(Table):
    """A design that stays good where its inputs are not what the cards say."""

    samples: Annotated[int, Whole(16, 100_000)] = 256
    uncertain: dict[str, Annotated[Any, Spread()]] = Key(default_factory=dict)


class Sweep(Table):
    """Many variants of the study."""

    plan: Annotated[str, OneOf(PLANS)] = "factorial"
    samples: Annotated[int, Whole(1, 10_000_000)] = 64
    shard: Annotated[int, Whole(1, 1_000_000)] = 32
    measures: tuple[Annotated[str, Text("a measure")], ...] = ("t50", "t80", "mdt")
    vary: dict[str, Annotated[Any, Spread()]] = Key(default_factory=dict)


def _property(key: str) -> dict[str, Any]:
    if key == "steps":
        return {"type": "integer", "minimum": 2}
    if key == "shares":
        return {"type": "object", "additionalProperties": {"type": ["string", "number"]}}
    return {"type": ["string", "number"]}


def _choice(value: object) -> bool:
    """A number or a word; where a name holds several words, a list of them."""
    return _scalar(value) or (isinstance(value, list) and all(isinstance(w, str) for w in value))


def _scalar(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)

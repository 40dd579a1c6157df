"""Dotted names: one way to reach any number of a tablet or a physics, to read or replace it.

`fit` varies "diffusion.D", `design` varies "infill.density"; "region.core.infill.density" goes
through the tuple `regions` to the item whose name is "core"; "excipient.sorbitol.fraction" goes
through a tuple of (card, fraction).
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from releasesim.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

T = TypeVar("T")


def get_parameter(obj: object, name: str) -> Any:
    """Return what stands under a dotted name.

    Raises
    ------
    InputError
        There is no such name; the message lists those there are.
    """
    at = obj
    for step in _steps(obj, name):
        at = step.read(at)
    return at


def replace_parameter(obj: T, name: str, value: object) -> T:
    """Return a copy of `obj` with the value under a dotted name replaced.

    Parameters
    ----------
    obj : dataclass
        A frozen dataclass, possibly of dataclasses and of tuples of named ones.
    name : str
        Such as "infill.density" or "region.core.infill.density".
    value : object
        In SI; the dataclasses check it as they do on construction.

    Raises
    ------
    InputError
        There is no such name; the message lists those there are.
    """
    steps = _steps(obj, name)
    holders: list[Any] = [obj]
    for step in steps[:-1]:
        holders.append(step.read(holders[-1]))
    changed: Any = value
    for step, holder in zip(reversed(steps), reversed(holders), strict=True):
        changed = step.write(holder, changed)
    return changed  # type: ignore[no-any-return]


def parameter_names(obj: object) -> list[str]:
    """List the dotted names of all numbers and texts inside `obj`.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Infill:
    ...     pattern: str
    ...     density: float
    >>> parameter_names(Infill("grid", 0.3))
    ['pattern', 'density']
    """
    return list(_names(obj, ""))


def unknown_name(name: str, valid: Sequence[str], what: str = "parameter") -> InputError:
    """Build the error for an unknown name: what there is, and the nearest."""
    close = difflib.get_close_matches(name, valid, 1, 0.5)
    hint = f', did you mean "{close[0]}"?' if close else ""
    return InputError(f'no {what} "{name}"; there are {", ".join(valid) or "none"}{hint}')


@dataclasses.dataclass(frozen=True)
class _Attribute:
    """One step of a dotted name: a field of a dataclass."""

    field: str

    def read(self, holder: Any) -> Any:
        return getattr(holder, self.field)

    def write(self, holder: Any, value: object) -> Any:
        return dataclasses.replace(holder, **{self.field: value})


@dataclasses.dataclass(frozen=True)
class _Item:
    """One step of a dotted name: the named item of the tuple in a field."""

    field: str
    name: str

    def read(self, holder: Any) -> Any:
        return next(item for item in getattr(holder, self.field) if _name(item) == self.name)

    def write(self, holder: Any, value: object) -> Any:
        old = self.read(holder)
        items = tuple(value if item is old else item for item in getattr(holder, self.field))
        return dataclasses.replace(holder, **{self.field: items})


@dataclasses.dataclass(frozen=True)
class _Place:
    """One step of a dotted name: the card or the fraction of a pair (card, fraction)."""

    index: int

    def read(self, holder: Any) -> Any:
        return holder[self.index]

    def write(self, holder: Any, value: object) -> Any:
        return (*holder[: self.index], value, *holder[self.index + 1 :])


@dataclasses.dataclass(frozen=True)
class _Key:
    """One step of a dotted name: an entry of a mapping of texts, such as a diplotype."""

    key: str

    def read(self, holder: Any) -> Any:
        return holder[self.key]

    def write(self, holder: Any, value: object) -> Any:
        return {**holder, self.key: value}


_Step = _Attribute | _Item | _Place | _Key


def _steps(obj: object, name: str) -> list[_Step]:
    steps: list[_Step] = []
    at: Any = obj
    words = name.split(".")
    while words:
        step, used = _step(at, words)
        if step is None:
            raise unknown_name(name, parameter_names(obj))
        steps.append(step)
        at, words = step.read(at), words[used:]
    return steps


def _step(at: object, words: list[str]) -> tuple[_Step | None, int]:
    """Return the step that the first one or two words take from `at`, and how many it used."""
    if isinstance(at, tuple):
        return (_Place(1), 1) if words[0] == "fraction" else (_Place(0), 0)
    if isinstance(at, Mapping):
        rest = ".".join(words)  # a gene or biomarker may have a dot in its name
        return (_Key(rest), len(words)) if isinstance(at.get(rest), str) else (None, 0)
    fields = _field_names(at)
    if words[0] in fields:
        return _Attribute(words[0]), 1
    plural = words[0] + "s"
    if len(words) > 1 and plural in fields:
        items = getattr(at, plural)
        if isinstance(items, tuple) and words[1] in [_name(item) for item in items]:
            return _Item(plural, words[1]), 2
    return None, 0


def _field_names(obj: object) -> list[str]:
    if not dataclasses.is_dataclass(obj) or isinstance(obj, type):
        return []
    return [field.name for field in dataclasses.fields(obj) if field.init]


def _names(obj: object, before: str) -> Iterator[str]:
    for field in _field_names(obj):
        value = getattr(obj, field)
        if isinstance(value, int | float | str):
            yield before + field
        elif isinstance(value, Mapping):
            yield from (f"{before}{field}.{key}" for key in value if isinstance(value[key], str))
        elif isinstance(value, tuple):
            yield from _item_names(value, before + field.removesuffix("s"))
        else:
            yield from _names(value, f"{before}{field}.")


def _item_names(items: tuple[Any, ...], before: str) -> Iterator[str]:
    for item in items:
        if _name(item) is None:
            continue
        start = f"{before}.{_name(item)}."
        inside = _names(item[0] if isinstance(item, tuple) else item, start)
        yield from (name for name in inside if not name.endswith(".name"))
        if isinstance(item, tuple):
            yield f"{start}fraction"


def _name(item: Any) -> str | None:
    """Name of an item of a tuple; of its card where the item is (card, fraction)."""
    if isinstance(item, tuple):
        item = item[0] if len(item) == 2 else None
    name = getattr(item, "name", None)
    return name if isinstance(name, str) else None

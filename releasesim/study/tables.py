"""Which keys a table may have: a walk through the models along a key path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

from pydantic import BaseModel

from releasesim.study.locate import Keys


def keys_of(model: type[BaseModel], keys: Keys, value: Callable[[Keys], Any]) -> list[str]:
    """Return the keys that the table at a path may have.

    Parameters
    ----------
    model : type
        Model of the whole file.
    keys : tuple
        Path of the table; every part of it is known.
    value : callable
        Gives what the file has under a path: its `kind` chooses between shapes.
    """
    table = model
    for place, key in enumerate(keys):
        if isinstance(key, str):
            table = _inside(table, key, value(keys[: place + 1]))
    return [field.alias or name for name, field in table.model_fields.items()]


def _inside(table: type[BaseModel], key: str, value: Any) -> type[BaseModel]:
    field = table.model_fields.get(key)
    annotation = field.annotation if field else get_type_hints(table).get("__pydantic_extra__")
    choices = list(_models(annotation)) or [table]
    kind = value.get("kind") if isinstance(value, dict) else None
    fitting = [one for one in choices if kind in _kinds(one)]
    return (fitting or choices)[0]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """All models that stand anywhere in an annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


def _kinds(model: type[BaseModel]) -> tuple[Any, ...]:
    field = model.model_fields.get("kind")
    return get_args(field.annotation) if field else ()

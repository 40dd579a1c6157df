"""Dotted names of a study: what each may hold, found in the models that read the file.

A tablet's names reach it without prefix ("infill.density", "region.core.infill.density"); a slot's
name reaches physics ("diffusion.D"); "run.", "medium." and "formulation." say where they lead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from releasesim.errors import InputError
from releasesim.study import schema
from releasesim.study.fields import Field, Quantity, Several, Text, Whole
from releasesim.units import exact_quantity, show_value

_ROOTS = ("formulation", "medium", "run", "patient")


def field_of(name: str, kinds: dict[str, str]) -> Field | None:
    """Return what reads the value of a dotted name; None where the file knows no such key.

    Parameters
    ----------
    name : str
        Such as "infill.density".
    kinds : dict
        Kind of the shape of the tablet, under "", and of every region, under its name.
    """
    words = ["medium" if word == "bath" else word for word in name.split(".")]
    model: type[BaseModel] = schema.StudyFile if words[0] in _ROOTS else schema.Tablet
    kind = kinds.get("", "")
    if words[0] in ("region", "layer") and len(words) > 2:
        model = schema.Region if words[0] == "region" else schema.Layer
        kind, words = kinds.get(words[1], ""), words[2:]
    if words[-1] == "fraction" and {"excipient", "further_drug", "inert_drug"} & set(words[:-1]):
        model, words = schema.Excipient, ["fraction"]
    return _walk(model, words, kind)


def read_value(name: str, value: Any, field: Field) -> Any:
    """Read what a dotted name shall hold: text with a unit, or an SI number; checks the bounds."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InputError(f"{name} = {value}: must be a finite number")
    try:
        if isinstance(field, Quantity) and not isinstance(value, str):
            return field.read(_as_text(value, field))
        if isinstance(field, Whole) and isinstance(value, float) and value.is_integer():
            return field.read(int(value))
        return field.read(value)
    except ValueError as error:
        raise InputError(f"{name} = {_shown(value, field)}: {error}") from None


def _as_text(value: Any, field: Quantity) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return exact_quantity(float(value), field.unit) if number else value


def _shown(value: Any, field: Field) -> str:
    return show_value(_as_text(value, field) if isinstance(field, Quantity) else value)


def _walk(model: type[BaseModel], words: list[str], kind: str) -> Field | None:
    item = model.model_fields.get(words[0])
    if item is None:
        return None
    annotations = [item.annotation, *item.metadata]
    if len(words) == 1:
        return next((f for a in annotations for f in _fields(a)), _several(item.annotation))
    if getattr(item.annotation, "__origin__", None) is dict:
        return next(_fields(get_args(item.annotation)[1]), None)
    for inside in _models(item.annotation):
        tag = inside.model_fields.get("kind")
        if tag is None or kind in get_args(tag.annotation):
            return _walk(inside, words[1:], kind)
    return None


def _several(annotation: Any) -> Field | None:
    """What reads a list of words, such as the drugs that a patient takes."""
    if getattr(annotation, "__origin__", None) is not tuple:
        return None
    one = next(_fields(get_args(annotation)[0]), None)
    return Several(one) if isinstance(one, Text) else None


def _fields(annotation: Any) -> Iterator[Field]:
    """All value readers in an annotation, but none inside lists."""
    if isinstance(annotation, Field):
        yield annotation
    elif getattr(annotation, "__origin__", None) not in (tuple, dict):
        for part in (*get_args(annotation), *getattr(annotation, "__metadata__", ())):
            yield from _fields(part)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)

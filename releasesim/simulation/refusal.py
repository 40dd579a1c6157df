"""Errors of a simulation with what a user needs to act on them: file and line, and a suspect."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from releasesim.errors import ConvergenceError, InputError
from releasesim.physics import Law
from releasesim.simulation.coupled.matter import physics_of_parts
from releasesim.study import Study

Keys = tuple[str | int, ...]

#: What parameters of a unit are between, in the printed tablets and the cards known to us; far
#: outside, a number is a slip of a unit more often than a fact.
_USUAL = {
    "m2/s": (1e-20, 1e-8),
    "m/s": (1e-14, 1e-2),
    "1/s": (1e-12, 1e3),
    "kg/m3": (1e-9, 5e3),
    "kg/m2/s": (1e-12, 1.0),
    "m3/mol/s": (1e-20, 1.0),
    "mol/m3": (1e-6, 1e6),
    "1": (1e-6, 50.0),
}


@contextmanager
def explained(study: Study) -> Iterator[None]:
    """Say where in its file a study is refused, and what to change where no solver gets through.

    Raises
    ------
    InputError
        As raised within, with file and line where the study has a file.
    ConvergenceError
        As raised within, with the parameter that is farthest from usual values, if one is.
    """
    try:
        yield
    except InputError as error:
        if error.path is not None:
            raise
        path, line = study.where(*_keys(study, error.message))
        raise type(error)(error.message, path, line) from None
    except ConvergenceError as error:
        raise ConvergenceError(f"{error}{suspect(study)}") from None


def _keys(study: Study, message: str) -> Keys:
    """Key of a study file that a message is about."""
    dotted = re.match(r"(?:an event sets )?((?:medium|run|tablet|physics)(?:\.\w+)+)", message)
    if dotted:
        return tuple(dotted[1].split("."))
    if message.startswith("an event sets"):
        return ("medium", "event")
    for name, slot, law in _laws(study):
        if type(law).__name__ in message and (not name or f" in {name}" in message):
            return _place(study, name, slot)
    return ("physics",)


def _place(study: Study, name: str, slot: str) -> Keys:
    """Key of a law; of a part's own where it has one."""
    for kind in ("region", "layer"):
        parts = [part.name for part in getattr(study.tablet, f"{kind}s")]
        if name in parts:
            return ("tablet", kind, parts.index(name), "physics", slot)
    return ("physics", slot)


def _laws(study: Study) -> Iterator[tuple[str, str, Law]]:
    """Laws of every part, by its name and their slot, the parts' own first."""
    for part, physics in reversed(
        list(zip(study.tablet.parts, physics_of_parts(study), strict=True))
    ):
        for slot, law in physics.laws().items():
            yield part.name, slot, law


def suspect(study: Study) -> str:
    """Name the parameter that is farthest from what is usual; nothing where all are usual."""
    found = [
        (_beyond(value, unit), f"{slot}.{field} = {value:.3g} {unit}".removesuffix(" 1"), unit)
        for _, slot, law in _laws(study)
        for field, unit, value in _numbers(law)
    ]
    most, words, unit = max(found, default=(0.0, "", ""))
    if not most > 0.0:
        return ""
    low, high = _USUAL[unit]
    of = "" if unit == "1" else f" {unit}"
    return f"; first look at physics.{words}, usual are {low:g} to {high:g}{of}"


def _numbers(law: Law) -> Iterator[tuple[str, str, float]]:
    for field in dataclasses.fields(law):  # type: ignore[arg-type]  # laws are dataclasses
        value, unit = getattr(law, field.name), field.metadata["unit"]
        if isinstance(value, float) and value != 0.0 and unit in _USUAL:
            yield field.name, unit, value


def _beyond(value: float, unit: str) -> float:
    """Powers of ten outside of the usual."""
    low, high = _USUAL[unit]
    size = float(np.log10(abs(value)))
    return max(size - float(np.log10(high)), float(np.log10(low)) - size, 0.0)

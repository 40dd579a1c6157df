"""What a fit may vary: names, start values, units, and the range to search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from releasesim.errors import InputError
from releasesim.physics import parameter_units
from releasesim.study import Study
from releasesim.study.routes import text_for
from releasesim.units import si_unit

_RANGE = 1e4
"""Parameters are searched this factor either side of their start."""
_ROUNDS = 40
_NORMAL = 1.959964
"""Of a normal distribution, for 95 %."""


@dataclass(frozen=True)
class Prior:
    """What a card knew before: a normal distribution of the logarithm.

    Parameters
    ----------
    centre : float
        Median, in SI.
    log_sd : float
        Standard deviation of the logarithm [-]: the card's range is 95 %.
    """

    centre: float
    log_sd: float


@dataclass(frozen=True)
class Parameter:
    """A free parameter, in SI.

    Parameters
    ----------
    name : str
        Dotted name.
    start, low, high : float
        Where the search begins and ends.
    unit : str
        SI unit; "1" for a ratio.
    where : tuple of int
        Experiments whose study has it: they share its value.
    prior : Prior, optional
        From the card, where it is asked for.
    """

    name: str
    start: float
    low: float
    high: float
    unit: str
    where: tuple[int, ...] = (0,)
    prior: Prior | None = None


def free_parameters(
    studies: Sequence[Study], vary: Sequence[str], *, priors: bool = False
) -> list[Parameter]:
    """Read the names to vary; experiments share a parameter that their studies have.

    Raises
    ------
    InputError
        No name, an unknown one, one twice, or one that holds no positive number.
    """
    names = [vary] if isinstance(vary, str) else list(vary)
    if not names:
        raise InputError('vary is empty: name what to estimate, such as "diffusion.D"')
    for name in names:
        if names.count(name) > 1:
            raise InputError(f'vary names "{name}" twice')
    found = [_shared(studies, name, priors) for name in names]
    for place in range(len(studies)):
        if not any(place in parameter.where for parameter in found):
            raise InputError(
                f"study {place + 1} has none of {', '.join(names)}: its data would tell nothing"
            )
    return found


def _shared(studies: Sequence[Study], name: str, priors: bool) -> Parameter:
    where = tuple(i for i, study in enumerate(studies) if _has(study, name))
    of_each = [_parameter(studies[i], name) for i in where or (0,)]  # refuses, if none has it
    first = of_each[0]
    low, high = max(one.low for one in of_each), min(one.high for one in of_each)
    if not low < high:
        raise InputError(f"{name} has no value that all studies allow")
    prior = _prior(studies[where[0]], name) if priors else None
    start = min(max(first.start, low), high)
    return Parameter(name, start, low, high, first.unit, where, prior)


def _has(study: Study, name: str) -> bool:
    try:
        return study.get(name) is not None
    except InputError:
        return False


def _prior(study: Study, name: str) -> Prior | None:
    value = study.inputs.get(name.removeprefix("physics."))
    if value is None or value.low is None or not 0.0 < value.low < (value.high or 0.0):
        return None
    low, high = value.range
    return Prior(value.value, float(np.log(high / low)) / (2.0 * _NORMAL))


def _parameter(study: Study, name: str) -> Parameter:
    start = _start(study, name)
    low = _end(study, name, start, start / _RANGE)
    high = _end(study, name, start, start * _RANGE)
    if not low < high:
        raise InputError(f"{name} has no room to vary about {start:g}")
    return Parameter(name, start, low, high, _unit(study, name))


def _start(study: Study, name: str) -> float:
    if name.startswith("run."):
        raise InputError(f'vary names "{name}": how a study is solved cannot be estimated')
    value = _get(study, name)
    if value is None:
        raise InputError(f"{name} has no value: give the study one to start from")
    if isinstance(value, str | bool | int):
        raise InputError(f"{name} = {value}: only continuous numbers can be estimated")
    number = float(value)
    if not 0.0 < number < np.inf:
        raise InputError(f"{name} = {number:g}: the search needs a start value above 0")
    return number


def _get(study: Study, name: str) -> Any:
    """Look the value up; say it better where a law is there that has no such parameter."""
    try:
        return study.get(name)
    except InputError:
        slot = name.removeprefix("physics.").partition(".")[0]
        laws = study.physics.laws()
        if slot not in laws or parameter_units(type(laws[slot])):
            raise
        law = type(laws[slot]).__name__
        raise InputError(
            f'no parameter "{name}": {slot} is {law}, which has none; give the study a {slot} law '
            "that has it"
        ) from None


def _end(study: Study, name: str, start: float, wanted: float) -> float:
    """Find the farthest value towards `wanted` that the study allows."""
    if _allows(study, name, wanted):
        return wanted
    inside, outside = start, wanted
    for _ in range(_ROUNDS):
        middle = float(np.sqrt(inside * outside))
        if _allows(study, name, middle):
            inside = middle
        else:
            outside = middle
    return inside


def _allows(study: Study, name: str, value: float) -> bool:
    try:
        study.replace(name, value)
    except InputError:
        return False
    return True


def _unit(study: Study, name: str) -> str:
    value = study.get(name)
    if hasattr(value, "si_unit"):
        return str(value.si_unit)
    text = text_for(study, name, 1.0)
    unit = text.partition(" ")[2] if isinstance(text, str) else ""
    return si_unit(unit) if unit else "1"

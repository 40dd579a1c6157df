"""How numbers and fields are written: each in the unit that a study file writes it in."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from releasesim.units import exact_quantity

Data = dict[str, Any]

_UNIT_WORDS = {
    "mm": "diameter height length width thickness outer_diameter inner_diameter layer_height "
    "road_width spacing measured_height",
    "cm2": "area",
    "%": "oversize porosity gap_porosity flow mass_spread replace tolerance dose_tolerance "
    "largest_difference time_in_window Q",
    "deg": "angle",
    "mg": "max_mass mass dose",
    "mL": "volume",
    "rpm": "speed",
    "degC": "temperature",
    "h": "max_print_time until at dose_every",
    "min": "every",
    "mg/L": "cmax",
    "mg*h/L": "auc",
    "mg/dL": "serum_creatinine",
    "kg": "weight",
    "y": "age",
    "mL/min": "creatinine_clearance egfr",
}
_UNITS = {name: unit for unit, names in _UNIT_WORDS.items() for name in names.split()}
"""Unit in which a study file writes each number; the others are bare."""

_READABLE = {"1/s": ("1/s", "1/h", "1/d"), "s": ("s", "min", "h")}


def changed(obj: Any, names: Iterable[str]) -> Data:
    """Write the named fields of a dataclass that are not at their defaults."""
    defaults = {field.name: field.default for field in dataclasses.fields(obj)}
    return {
        name: field_text(name, getattr(obj, name))
        for name in names
        if getattr(obj, name) is not None and getattr(obj, name) != defaults[name]
    }


def field_text(name: str, value: Any) -> Any:
    """Write a field, or each of several, in the unit of its name."""
    if isinstance(value, tuple | list):
        return [field_text(name, one) for one in value]
    if isinstance(value, float) and name in _UNITS:
        return exact_quantity(value, _UNITS[name])
    return value


def parameter_text(name: str, value: float | str, unit: str) -> float | str:
    """Write a law's parameter in the unit that reads best and loses nothing."""
    if isinstance(value, str) or unit in ("1", "text"):
        return value
    units = ("mm/h", "m/s") if name == "speed" else _READABLE.get(unit, (unit,))
    return min((exact_quantity(value, one) for one in units), key=len)

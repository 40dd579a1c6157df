"""Reading [design]: every varied name must lead somewhere, every end of a range be allowed."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from releasesim.cards import Polymer
from releasesim.errors import GeometryError
from releasesim.study import schema
from releasesim.study.card_laws import as_designed
from releasesim.study.locate import Keys
from releasesim.study.routes import read_for
from releasesim.study.source import Source
from releasesim.study.spreads import read_spread
from releasesim.study.wishes import Choice, DesignSpec, RobustSpec, Vary

if TYPE_CHECKING:
    from releasesim.study.study import Study


def build_design(source: Source, table: schema.Design | None, study: Study) -> DesignSpec | None:
    """Make the specification of a design; `study` gives names and units."""
    if table is None:
        return None
    for place, name in enumerate(table.polymers):
        with source.at("design", "polymers", place):
            Polymer.load(name)
    return DesignSpec(
        dose=table.dose,
        doses=_doses(source, table, study),
        dose_tolerance=table.dose_tolerance,
        absorbs_dose=table.absorbs_dose,
        polymers=table.polymers,
        vary=tuple(_vary(source, name, raw, study) for name, raw in table.vary.items()),
        max_print_time=_print_time(source, table, study),
        max_mass=table.max_mass,
        robust=None if table.robust is None else _robust(source, table.robust, study),
    )


def _print_time(source: Source, table: schema.Design, study: Study) -> float | None:
    """The longest time of extrusion, which only a printer's speed gives a meaning."""
    printer = study.printer
    if table.max_print_time is not None and (printer is None or printer.print_speed is None):
        words = "needs a printer whose card says its print_speed: it is the time at that speed"
        raise source.error(("design", "max_print_time"), words)
    return table.max_print_time


def _doses(source: Source, table: schema.Design, study: Study) -> dict[str, float]:
    for name in table.doses:
        if name not in study.drugs:
            there = ", ".join(study.drugs)
            raise source.error(
                ("design", "doses", name), f"is no drug of the tablet; there are {there}"
            )
    if table.dose is not None and len(study.drugs) > 1:
        words = f"is of which drug? write doses = {{ {study.drugs[0]} = ... }}"
        raise source.error(("design", "dose"), words)
    if table.doses and len(study.drugs) == 1:
        raise source.error(("design", "doses"), "is for several drugs: write dose")
    return dict(table.doses)


def _robust(source: Source, table: schema.Robust, study: Study) -> RobustSpec:
    keys: Keys = ("design", "robust", "uncertain")
    spreads = [
        read_spread(source, (*keys, name), name, raw, as_designed(study, name))
        for name, raw in table.uncertain.items()
    ]
    return RobustSpec(table.samples, tuple(spreads))


def _vary(source: Source, name: str, raw: Any, study: Study) -> Vary | Choice:
    keys: Keys = ("design", "vary", name)
    with source.at(*keys):
        study.get(name)
    if isinstance(raw, list):
        values = [_value(source, (*keys, i), name, one, study) for i, one in enumerate(raw)]
        return Choice(name, tuple(values))
    low, high = (_value(source, (*keys, end), name, raw[end], study) for end in ("min", "max"))
    if isinstance(low, str) or isinstance(high, str):
        raise source.error(keys, "is a word: give a list of choices")
    if low >= high:
        raise source.error((*keys, "min"), "must be below max")
    return Vary(name, low, high)


def _value(source: Source, keys: Keys, name: str, raw: Any, study: Study) -> Any:
    """Read one end or choice, and see that the study can hold it."""
    with source.at(*keys):
        value = read_for(study, name, raw)
        with contextlib.suppress(GeometryError):  # other dimensions may make room for it
            study.replace(name, value)
    return value

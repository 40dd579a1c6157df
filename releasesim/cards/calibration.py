"""Calibrations: what a fit found, as a card that studies can name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from releasesim.cards.card import Card
from releasesim.cards.reading import TableReader
from releasesim.cards.value import LawSpec, Value
from releasesim.errors import InputError
from releasesim.units import si_unit

Array = NDArray[np.float64]

_ASYMMETRY = 1e-9


@dataclass(frozen=True, kw_only=True, repr=False)
class Calibration(Card):
    """The laws of a study that was fitted, its estimates, and how they vary together.

    A study names it by its file: `calibration = "calibration.toml"`. What the study itself says in
    [physics] stands.

    Parameters
    ----------
    physics : mapping of str to LawSpec
        Laws by slot, as they were fitted.
    settings : mapping of str to Value
        Estimates that belong to no law, by dotted name: "medium.partition".
    names : tuple of str
        Dotted names of what was estimated, in the order of the covariance.
    covariance : (p, p) ndarray
        Of the estimates' logarithms [-].
    """

    kind: ClassVar[str] = "calibration"

    physics: Mapping[str, LawSpec] = field(default_factory=dict, hash=False)
    settings: Mapping[str, Value] = field(default_factory=dict, hash=False)
    names: tuple[str, ...] = ()
    covariance: Array = field(default_factory=lambda: np.zeros((0, 0)), compare=False)

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        physics, settings = reader.sub("physics"), reader.sub("set", optional=True)
        laws = {} if physics is None else _laws(physics)
        values = {} if settings is None else {key: _value(settings, key) for key in settings.table}
        names, covariance = _covariance(reader, {*_parameters(laws), *values})
        return {"physics": laws, "settings": values, "names": names, "covariance": covariance}

    def estimates(self) -> dict[str, Value]:
        """Every number of the card under its dotted name in a study."""
        return {**_parameters(self.physics), **self.settings}

    def _plain(self) -> dict[str, object]:
        covariance = {"of": list(self.names), "logarithms": self.covariance.tolist()}
        return {"covariance": covariance}


def _parameters(laws: Mapping[str, LawSpec]) -> dict[str, Value]:
    return {
        f"{slot}.{name}": value
        for slot, spec in laws.items()
        for name, value in spec.parameters.items()
    }


def _laws(reader: TableReader) -> dict[str, LawSpec]:
    """Read one law for each slot; which laws and units there are, a study knows."""
    laws = {}
    for slot in reader.table:
        table = reader.sub(slot)
        if table is not None:
            laws[slot] = _law(table)
    reader.finish()
    return laws


def _law(table: TableReader) -> LawSpec:
    law = table.text("law")
    others = [key for key in table.table if key != "law"]
    words = {key: table.text(key) for key in others if isinstance(table.table[key], str)}
    numbers = {key: _value(table, key) for key in others if key not in words}
    table.finish()
    return LawSpec(law, numbers, words)


def _value(reader: TableReader, key: str) -> Value:
    """Read a number in the SI unit of whatever unit it is written in."""
    entry = reader.sub(key)
    if entry is None:
        raise reader.error(key, "missing")
    raw = entry.get("value", (str, int, float))
    try:
        unit = si_unit(raw.partition(" ")[2]) if isinstance(raw, str) else "1"
    except InputError as error:
        raise reader.error(f"{key}.value", error.message) from None
    return entry.as_value(unit)


def _covariance(reader: TableReader, known: set[str]) -> tuple[tuple[str, ...], Array]:
    table = reader.sub("covariance", optional=True)
    if table is None:
        return (), np.zeros((0, 0))
    names = table.words("of")
    for name in names:
        if name not in known:
            raise table.error("of", f'"{name}" is no number of this card')
    rows = table.get("logarithms", list)
    table.finish()
    try:
        matrix = np.array(rows, dtype=float)
    except (TypeError, ValueError):
        raise table.error("logarithms", "must be a list of rows of numbers") from None
    p = len(names)
    if matrix.shape != (p, p) or not np.isfinite(matrix).all():
        raise table.error("logarithms", f"must be {p} rows of {p} finite numbers")
    lowest = np.linalg.eigvalsh(matrix).min(initial=0.0)
    size = np.abs(matrix).max(initial=0.0)
    if np.abs(matrix - matrix.T).max(initial=0.0) > _ASYMMETRY * size or lowest < -1e-6 * size:
        raise table.error("logarithms", "is no covariance: it must be symmetric and not negative")
    return names, matrix

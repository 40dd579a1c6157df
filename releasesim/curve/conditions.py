"""What a laboratory writes above its table: apparatus, speed, volumes, dose, samples."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from releasesim.curve.sheet import Row, Sheet
from releasesim.errors import InputError, UnitError
from releasesim.units import parse_quantity

_KEY = re.compile(r"^(?P<name>[^\[(]*?)\s*(?:[\[(](?P<unit>[^\])]*)[\])])?\s*[:=]?$")
_YES = {"yes", "y", "true", "1", "replaced"}
_NO = {"no", "n", "false", "0", "not replaced", "none"}


@dataclass(frozen=True)
class Conditions:
    """How a curve was measured, as far as the file or its reader said; None is not known.

    Parameters
    ----------
    apparatus, medium : str, optional
        As written.
    speed : float, optional
        [rad/s].
    temperature : float, optional
        [K].
    volume : float, optional
        Of the medium at the start [m3].
    sample_volume : float, optional
        Of each sample [m3].
    replaced : bool, optional
        Whether fresh medium replaces each sample.
    dose : float, optional
        What 100 % is [kg].
    corrected : bool, optional
        Whether withdrawn drug has been added to the values already.
    unit, time_unit : str, optional
        Of release and of time, for headers that name none.
    """

    apparatus: str | None = None
    medium: str | None = None
    speed: float | None = None
    temperature: float | None = None
    volume: float | None = None
    sample_volume: float | None = None
    replaced: bool | None = None
    dose: float | None = None
    corrected: bool | None = None
    unit: str | None = None
    time_unit: str | None = None

    def over(self, other: Conditions) -> Conditions:
        """Take what `self` says, and from `other` what it does not."""
        said = {f.name: getattr(self, f.name) for f in fields(self)}
        return replace(other, **{name: v for name, v in said.items() if v is not None})


#: Words that laboratories use -> field, and the unit in which it is read.
_WORDS: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("apparatus", "usp apparatus", "method"), ("apparatus", "")),
    **dict.fromkeys(("medium", "media", "dissolution medium"), ("medium", "")),
    **dict.fromkeys(("speed", "rotation", "rotation speed", "stirring", "rpm"), ("speed", "rad/s")),
    **dict.fromkeys(("temperature", "temp"), ("temperature", "K")),
    **dict.fromkeys(
        ("volume", "medium volume", "volume of medium", "vessel volume"), ("volume", "m3")
    ),
    **dict.fromkeys(
        ("sample volume", "sampling volume", "sample", "aliquot", "volume sampled"),
        ("sample_volume", "m3"),
    ),
    **dict.fromkeys(
        ("replaced", "replacement", "samples replaced", "medium replaced", "sample replaced"),
        ("replaced", "bool"),
    ),
    **dict.fromkeys(("dose", "label claim", "label", "drug content"), ("dose", "kg")),
    **dict.fromkeys(("corrected", "withdrawal corrected", "correction"), ("corrected", "bool")),
    "release unit": ("unit", ""),
    "time unit": ("time_unit", ""),
}


def read_conditions(sheet: Sheet, rows: Iterable[Row]) -> tuple[Conditions, list[str]]:
    """Read the rows above the header; what is not known is returned as remarks.

    Raises
    ------
    InputError
        A known word with a value that cannot be, by cell.
    """
    found: dict[str, Any] = {}
    remarks = []
    for row in rows:
        filled = [i for i in range(len(row.cells)) if row.text(i)]
        key = _KEY.match(row.text(filled[0]).rstrip(":= "))
        word = _WORDS.get(key["name"].strip().casefold()) if key else None
        if word is None or key is None or len(filled) != 2:
            remarks.append(" ".join(row.text(i) for i in filled))
            continue
        name, unit = word
        if name in found:
            raise sheet.refuse(f'"{row.text(filled[0])}" is said twice', row, filled[0])
        found[name] = _value(sheet, row, filled, key["unit"], unit)
    return Conditions(**found), remarks


def _value(sheet: Sheet, row: Row, filled: list[int], given: str | None, unit: str) -> Any:
    label, text = row.text(filled[0]), row.text(filled[1])
    if unit == "":
        return text
    if unit == "bool":
        if text.casefold() in _YES | _NO:
            return text.casefold() in _YES
        raise sheet.refuse(f'{label}: "{text}" must be yes or no', row, filled[1])
    if sheet.decimal == ",":
        text = text.replace(",", ".")
    rpm = "rpm" if label.casefold() == "rpm" else ""
    written = f"{text} {_plain(given or rpm)}" if given or rpm else _plain(text)
    try:
        value = parse_quantity(written, unit)
    except UnitError as error:
        raise sheet.refuse(f"{label}: {error.message}", row, filled[1]) from None
    if not value > 0.0:
        raise sheet.refuse(f"{label}: {text} must be greater than 0", row, filled[1])
    return value


def _plain(text: str) -> str:
    """Write a unit as our grammar has it."""
    return text.replace("µ", "u").replace("μ", "u").replace("°C", "degC").replace("ml", "mL")


def declared(
    *,
    unit: str | None = None,
    time_unit: str | None = None,
    dose: str | None = None,
    volume: str | None = None,
    sample_volume: str | None = None,
    replaced: bool | None = None,
    corrected: bool | None = None,
) -> Conditions:
    """Conditions that a reader declares in words, such as dose="100 mg".

    Raises
    ------
    InputError
        A quantity cannot be read, or is not above 0.
    """

    def read(name: str, text: str | None, si: str) -> float | None:
        value = None if text is None else parse_quantity(text, si)
        if value is not None and not value > 0.0:
            raise InputError(f"{name} = {text}: must be greater than 0")
        return value

    return Conditions(
        unit=unit,
        time_unit=time_unit,
        dose=read("dose", dose, "kg"),
        volume=read("volume", volume, "m3"),
        sample_volume=read("sample volume", sample_volume, "m3"),
        replaced=replaced,
        corrected=corrected,
    )

"""Reading a card's TOML: strict about every key, and every complaint names file and line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from releasesim.cards.laws import LAW_OPTIONS, LAW_PARAMETERS
from releasesim.cards.value import GRADES, LawSpec, Value
from releasesim.errors import CardError, UnitError
from releasesim.units import parse_quantity

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.-]+)\s*=")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ", did you mean 'x'?" for the nearest known word, or nothing."""
    near = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f", did you mean '{near[0]}'?" if near else ""


def key_lines(text: str) -> dict[str, int]:
    """Line of every table and key of a TOML text by dotted name; lines and array items from 1."""
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            table = header[2]
            if header[1] == "[[":
                counts[table] = counts.get(table, 0) + 1
                table = f"{table}.{counts[table]}"
            lines[table] = number
        elif key := _KEY.match(line):
            lines[f"{table}.{key[1]}" if table else key[1]] = number
    return lines


@dataclass(frozen=True)
class CardSource:
    """The file a card comes from, able to point at a line."""

    path: Path
    text: str

    def error(self, name: str, message: str) -> CardError:
        """Return the error for one dotted key, at the line of the nearest part that is there."""
        lines, part = key_lines(self.text), name
        while part not in lines and "." in part:
            part = part.rpartition(".")[0]
        return CardError(f"{name}: {message}", self.path, lines.get(part, 1))


class TableReader:
    """One table of a card; remembers which keys were asked for, so `finish` can refuse the rest.

    Parameters
    ----------
    table : dict
        As tomllib returns it.
    source : CardSource
        Where it was read.
    prefix : str
        Dotted name of the table, empty for the whole file.
    """

    def __init__(self, table: dict[str, Any], source: CardSource, prefix: str = "") -> None:
        self.table, self.source, self.prefix = table, source, prefix
        self.known: set[str] = set()

    def name(self, key: str) -> str:
        """Dotted name of a key."""
        return f"{self.prefix}.{key}" if self.prefix else key

    def error(self, key: str, message: str) -> CardError:
        """Error at a key of this table."""
        return self.source.error(self.name(key) if key else self.prefix, message)

    def get(self, key: str, kind: type | tuple[type, ...], *, optional: bool = False) -> Any:
        """Return what the key holds, of the given type; None where it is optional and absent."""
        self.known.add(key)
        if key not in self.table:
            if optional:
                return None
            raise self.error(key, "missing")
        if not isinstance(self.table[key], kind) or isinstance(self.table[key], bool):
            raise self.error(key, f"cannot be {self.table[key]!r}")
        return self.table[key]

    def text(self, key: str, *, optional: bool = False) -> str:
        """Return a text; empty where it is optional and absent."""
        text = self.get(key, str, optional=optional) or ""
        if not (text.strip() or optional):
            raise self.error(key, "must not be empty")
        return cast(str, text)

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of words."""
        words = self.get(key, list, optional=True) or []
        if not all(isinstance(word, str) for word in words):
            raise self.error(key, "must be a list of words")
        return tuple(words)

    def choice(self, key: str, choices: tuple[str, ...]) -> str:
        """Return a word out of a few."""
        word = self.text(key)
        if word not in choices:
            hint = did_you_mean(word, choices)
            raise self.error(key, f'"{word}" is not one of {", ".join(choices)}{hint}')
        return word

    def sub(self, key: str, *, optional: bool = False) -> TableReader | None:
        """Return the reader of a table inside this one."""
        table = self.get(key, dict, optional=optional)
        return None if table is None else TableReader(table, self.source, self.name(key))

    def subs(self, key: str) -> list[TableReader]:
        """Return readers of an array of tables."""
        tables = self.get(key, list, optional=True) or []
        if not all(isinstance(table, dict) for table in tables):
            raise self.error(key, f"write each one as a table [[{key}]]")
        return [
            TableReader(table, self.source, f"{self.name(key)}.{number}")
            for number, table in enumerate(tables, 1)
        ]

    def number(self, key: str, unit: str) -> float:
        """Return one quantity in SI."""
        return self._parse(key, self.get(key, (str, int, float)), unit)

    def value(self, key: str, unit: str, *, optional: bool = False) -> Value | None:
        """Return the Value in the table `key`."""
        entry = self.sub(key, optional=optional)
        return None if entry is None else entry.as_value(unit)

    def as_value(self, unit: str) -> Value:
        """Read this table itself as value, range, grade, source and note."""
        number = self.number("value", unit)
        low, high = self._range(unit)
        grade = self.choice("grade", GRADES)
        source = self._source(grade)
        note = self.text("note", optional=True)
        self.finish()
        if low is not None and high is not None and not low <= number <= high:
            written, span = self.table["value"], self.table["range"]
            raise self.error("value", f"{written} is outside its range {span[0]} to {span[1]}")
        return Value(number, low, high, self._written_unit(), grade, source, note, unit)

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self.table:
            if key not in self.known:
                hint = did_you_mean(key, sorted(self.known))
                raise self.error(key, f"unknown key{hint}")

    def _parse(self, key: str, raw: str | float, unit: str) -> float:
        try:
            return parse_quantity(raw, unit)
        except UnitError as error:
            raise self.error(key, error.message) from None

    def _range(self, unit: str) -> tuple[float | None, float | None]:
        span = self.get("range", list, optional=True)
        if span is None:
            return None, None
        if len(span) != 2:
            raise self.error("range", "must be [low, high]")
        low, high = (self._parse("range", end, unit) for end in span)
        if not low < high:
            raise self.error("range", f"low {span[0]} must be below high {span[1]}")
        return low, high

    def _source(self, grade: str) -> str:
        source = self.text("source")
        if source.startswith("estimate") and not source.removeprefix("estimate:").strip(" :"):
            raise self.error("source", 'say how: "estimate: how it was arrived at"')
        if (grade == "estimate") != source.startswith("estimate:"):
            raise self.error("source", f'"{source}" does not fit grade "{grade}"')
        return source

    def _written_unit(self) -> str:
        raw = self.table["value"]
        return raw.partition(" ")[2].strip() if isinstance(raw, str) else "1"


def read_law(reader: TableReader, slot: str) -> LawSpec:
    """Read one law of a card's physics."""
    laws = LAW_PARAMETERS[slot]
    law = reader.choice("law", tuple(laws))
    choices = LAW_OPTIONS.get(law, {})
    parameters = {
        name: value
        for name, unit in laws[law].items()
        if (value := reader.value(name, unit, optional=True)) is not None
    }
    options = {name: reader.choice(name, choices[name]) for name in choices if name in reader.table}
    note = reader.text("note", optional=True)
    reader.finish()
    return LawSpec(law, parameters, options, note)


def read_physics(reader: TableReader | None) -> dict[str, LawSpec]:
    """Read a table of slots, each with its law."""
    if reader is None:
        return {}
    physics = {
        slot: read_law(cast(TableReader, reader.sub(slot)), slot)
        for slot in LAW_PARAMETERS
        if slot in reader.table
    }
    reader.known.update(LAW_PARAMETERS)
    reader.finish()
    return physics

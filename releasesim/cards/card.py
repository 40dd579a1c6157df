"""What every card is: named, frozen, in SI, and able to say where each number comes from."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Self

from releasesim.cards.bibliography import read_bibliography
from releasesim.cards.folder import card_path
from releasesim.cards.reading import CardSource, TableReader
from releasesim.cards.value import LawSpec, Value
from releasesim.errors import CardError
from releasesim.units import format_quantity


def si(unit: str) -> dict[str, str]:
    """Metadata of a field that holds a Value in this SI unit; default None makes it optional."""
    return {"unit": unit}


@dataclass(frozen=True, kw_only=True, repr=False)
class Card:
    """Base of all cards.

    Parameters
    ----------
    name : str
        File name without ending, and the word used in a study.
    title : str
        What people call it.
    path : Path
        File it was read from.
    hash : str
        SHA-256 of that file's bytes, hex: results carry it.
    note : str
        Remarks on the whole card.
    """

    kind: ClassVar[str] = "card"

    name: str
    title: str
    path: Path = field(compare=False)
    hash: str
    note: str = ""

    @classmethod
    def load(cls, name: str, folder: Path | None = None) -> Self:
        """Return the card of this name, from `models/` or another folder laid out like it."""
        return cls.read(card_path(cls.kind, name, folder))

    @classmethod
    def read(cls, path: Path | str) -> Self:
        """Return the card in one file."""
        path = Path(path)
        kind: Any = cls
        made: Self = _made(kind, path, _bytes(path))
        return made

    @classmethod
    def _of(cls, path: Path, data: bytes) -> Self:
        """Make the card of a file's bytes."""
        source = CardSource(path, data.decode("utf-8", "replace"))
        reader = TableReader(_parse(source), source)
        reader.choice("kind", (cls.kind,))
        name = reader.choice("name", (path.stem,))
        content = {**read_quantities(cls, reader), **cls._read_rest(reader)}
        text = {"title": reader.text("title"), "note": reader.text("note", optional=True)}
        reader.finish()
        return cls(name=name, path=path, hash=hashlib.sha256(data).hexdigest(), **text, **content)

    @classmethod
    def _read_rest(cls, reader: TableReader) -> dict[str, Any]:
        """Read what is no plain quantity; each kind of card says what it has."""
        return {}

    def values(self) -> dict[str, Value]:
        """Every number of the card by its dotted name, such as ``default_physics.diffusion.D``."""
        return {
            name: value
            for item in fields(self)
            for name, value in _walk(item.name, getattr(self, item.name))
        }

    def cited(self) -> dict[str, str]:
        """Source in references.bib of everything that is no estimate, by dotted name."""
        values = self.values().items()
        return {name: value.source for name, value in values if value.grade != "estimate"}

    def to_dict(self) -> dict[str, object]:
        """Plain data for JSON: words as they are, numbers in SI with their sources."""
        own = [item.name for item in fields(self) if item.name != "path"]
        words = {name: getattr(self, name) for name in own if isinstance(getattr(self, name), str)}
        values = {name: value.to_dict() for name, value in self.values().items()}
        return {"kind": self.kind, **words, **self._plain(), "values": values}

    def _plain(self) -> dict[str, object]:
        """Plain data of what `_read_rest` read."""
        return {}

    def describe(self) -> str:
        """Return every number with unit, range, grade and full source, as text of several lines."""
        head = [f"{self.title} ({self.kind} {self.name})", f"  card sha256 {self.hash[:16]}"]
        head += [f"  {self.note}"] if self.note else []
        body = [line for name, value in self.values().items() for line in self._lines(name, value)]
        return "\n".join([*head, *self._words(), *body])

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {self.title}>"

    def _words(self) -> list[str]:
        """Lines of `describe` that are no numbers."""
        return []

    def _lines(self, name: str, value: Value) -> list[str]:
        number = format_quantity(value.value, value.unit, 6)
        ends = [format_quantity(end, value.unit) for end in value.range]
        span = "" if value.low is None else f" ({ends[0]} to {ends[1]})"
        lines = [f"  {name} = {number}{span}, {value.grade}", f"      {self._cite(value)}"]
        return [*lines, f"      {value.note}"] if value.note else lines

    def _cite(self, value: Value) -> str:
        bibliography = self.path.parent.parent / "references.bib"
        if value.grade == "estimate" or not bibliography.is_file():
            return value.source
        reference = read_bibliography(bibliography).get(value.source)
        return reference.text if reference else value.source


def read_quantities(cls: type, reader: TableReader) -> dict[str, Value | None]:
    """Read every field of `cls` that was declared with a unit."""
    return {
        item.name: reader.value(item.name, item.metadata["unit"], optional=item.default is None)
        for item in fields(cls)
        if "unit" in item.metadata
    }


def _walk(name: str, item: object) -> Iterator[tuple[str, Value]]:
    if isinstance(item, Value):
        yield name, item
    elif isinstance(item, LawSpec):
        yield from _walk(name, item.parameters)
    elif isinstance(item, Mapping):
        for key, inner in item.items():
            yield from _walk(f"{name}.{key}", inner)
    elif isinstance(item, tuple):
        for number, inner in enumerate(item, 1):
            yield from _walk(f"{name}.{number}", inner)
    elif is_dataclass(item):
        for part in fields(item):
            yield from _walk(f"{name}.{part.name}", getattr(item, part.name))


@lru_cache(maxsize=512)
def _made(cls: Any, path: Path, data: bytes) -> Any:
    """The same bytes make the same card, which is frozen: a sweep reads cards for every run."""
    return cls._of(path, data)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CardError(f"cannot be read: {error.strerror}", path) from None


def _parse(source: CardSource) -> dict[str, Any]:
    try:
        return tomllib.loads(source.text)
    except (ValueError, RecursionError) as error:  # also huge integers and endless brackets
        line = re.search(r"at line (\d+)", str(error))
        number = int(line[1]) if line else None
        raise CardError(f"is no valid TOML: {error}", source.path, number) from None

"""models/references.bib: the sources that cards name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from releasesim.errors import CardError

_ENTRY = re.compile(r"@(\w+)\s*\{\s*([^,\s]+)\s*,(.*?)\n\}", re.DOTALL)
_FIELD = re.compile(r"^\s*(\w+)\s*=\s*\{(.*)\}\s*,?\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Reference:
    """One source.

    Parameters
    ----------
    key : str
        What cards write.
    kind : str
        article, book, misc, ...
    fields : dict
        Fields of the entry, braces removed.
    line : int
        Line of the entry.
    """

    key: str
    kind: str
    fields: dict[str, str]
    line: int

    @property
    def text(self) -> str:
        """One line to print: authors (year) title. where. doi."""
        get = self.fields.get
        where = " ".join(part for part in (get("journal"), get("volume")) if part)
        where += f":{get('pages')}" if get("pages") else ""
        link = f"doi:{get('doi')}" if get("doi") else get("url", "")
        head = f"{get('author', 'no author named')} ({get('year', 'no year')})"
        parts = (head, get("title", ""), where or get("publisher", ""), link)
        return ". ".join(part for part in parts if part)


def read_bibliography(path: Path) -> dict[str, Reference]:
    """Read a BibTeX file of one field a line, entries closed by a brace at a line's start.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    dict
        Key -> Reference.
    """
    text = path.read_text(encoding="utf-8")
    references: dict[str, Reference] = {}
    for entry in _ENTRY.finditer(text):
        kind, key, body = entry.groups()
        line = text.count("\n", 0, entry.start()) + 1
        if key in references:
            raise CardError(f"{key} is there twice", path, line)
        fields = {name: value.translate(_BRACES) for name, value in _FIELD.findall(body)}
        references[key] = Reference(key, kind, fields, line)
    if len(references) != len(re.findall(r"^@", text, re.MULTILINE)):
        raise CardError("an entry is not closed by a brace at the start of a line", path)
    return references


_BRACES = str.maketrans("", "", "{}")

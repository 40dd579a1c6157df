"""Where each key of a TOML file stands: tomllib gives values and no lines.

The text has passed tomllib before it comes here, so the scanner may trust its grammar.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

Keys = tuple[str | int, ...]
"""A path of keys and, inside arrays, indices from 0: ("tablet", "region", 0, "name")."""


def locate(text: str) -> dict[Keys, int]:
    r"""Find the line of every key, table and array item.

    Parameters
    ----------
    text : str
        A valid TOML document.

    Returns
    -------
    dict
        Key path to line, counted from 1. For a path that is written in several places, the first.

    Examples
    --------
    >>> locate("[run]\nuntil = '24 h'")[("run", "until")]
    2
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


def line_of(lines: Mapping[Keys, int], keys: Keys) -> int | None:
    """Return the line of the longest known part of a key path; None where nothing is known."""
    for length in range(len(keys), 0, -1):
        if keys[:length] in lines:
            return lines[keys[:length]]
    return None


class _Scanner:
    """One pass over the text; `at` is the place of the next character."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.line = text, 0, 1
        self.lines: dict[Keys, int] = {}
        self.count: dict[Keys, int] = {}  # items so far of each array of tables

    def document(self) -> None:
        table: Keys = ()
        while self.skip("\n"):
            if self.peek() == "[":
                table = self.header()
            else:
                self.pair(table)

    def header(self) -> Keys:
        """Read [table] or [[array of tables]]."""
        line, double = self.line, self.text.startswith("[[", self.at)
        self.step(2 if double else 1)
        words = self.key()
        self.step(2 if double else 1)
        keys = self.resolve(words)
        if double:
            self.note(keys, line)
            self.count[keys] = self.count.get(keys, 0) + 1
            keys = (*keys, self.count[keys] - 1)
        self.note(keys, line)
        return keys

    def resolve(self, words: list[str]) -> Keys:
        """Point the leading words of a header into the newest item of each array they name."""
        keys: Keys = ()
        for place, word in enumerate(words):
            keys = (*keys, word)
            if keys in self.count and place < len(words) - 1:
                keys = (*keys, self.count[keys] - 1)
        return keys

    def pair(self, table: Keys) -> None:
        """Read key = value."""
        line = self.line
        keys = (*table, *self.key())
        for length in range(len(table) + 1, len(keys) + 1):
            self.note(keys[:length], line)
        self.skip()
        self.step(1)  # =
        self.skip()
        self.value(keys)

    def value(self, keys: Keys) -> None:
        start = self.peek()
        if start == "[":
            self.array(keys)
        elif start == "{":
            self.inline_table(keys)
        elif start in "\"'":
            self.string()
        else:
            while self.at < len(self.text) and self.peek() not in ",]}#\n":
                self.step(1)

    def array(self, keys: Keys) -> None:
        self.step(1)
        place = 0
        while self.skip("\n,") and self.peek() != "]":
            item = (*keys, place)
            self.note(item, self.line)
            self.value(item)
            place += 1
        self.step(1)

    def inline_table(self, keys: Keys) -> None:
        self.step(1)
        while self.skip("\n,") and self.peek() != "}":
            self.pair(keys)
        self.step(1)

    def key(self) -> list[str]:
        """Read a bare, quoted or dotted key."""
        words = []
        while True:
            self.skip()
            words.append(self.string() if self.peek() in "\"'" else self.bare())
            self.skip()
            if self.peek() != ".":
                return words
            self.step(1)

    def bare(self) -> str:
        start = self.at
        while self.peek().isalnum() or self.peek() in ("-", "_"):
            self.step(1)
        return self.text[start : self.at]

    def string(self) -> str:
        """Step over a string; return its value where it can be a key, which is on one line."""
        quote, start = self.peek(), self.at
        long = self.text.startswith(quote * 3, self.at)
        fence = quote * 3 if long else quote
        self.step(len(fence))
        while not self.text.startswith(fence, self.at):
            self.step(2 if quote == '"' and self.peek() == "\\" else 1)
        self.step(len(fence))
        while long and self.peek() == quote:  # quotes may stand before the closing fence
            self.step(1)
        return "" if long else _unquote(self.text[start : self.at])

    def skip(self, more: str = "") -> bool:
        """Step over blanks, comments and the characters in `more`; False at the end."""
        blanks = " \t\r" + more
        while self.at < len(self.text):
            if self.peek() == "#" and "\n" in more:
                while self.at < len(self.text) and self.peek() != "\n":
                    self.step(1)
            elif self.peek() in blanks:
                self.step(1)
            else:
                return True
        return False

    def peek(self) -> str:
        return self.text[self.at] if self.at < len(self.text) else "\0"

    def step(self, count: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at += count

    def note(self, keys: Keys, line: int) -> None:
        self.lines.setdefault(keys, line)


def _unquote(text: str) -> str:
    value: Any = tomllib.loads(f"x = {text}")["x"]
    return str(value)

"""What commands print: tables for people, JSON for programs, each in its own stream."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from releasesim.errors import InputError

if TYPE_CHECKING:
    from rich.console import RenderableType

Rows = Iterable[tuple[str, str]]


def put(stream: TextIO | None, text: str) -> None:
    """Write text and see it off; a reader that has gone away is no error.

    Raises
    ------
    InputError
        Standard output cannot be written to, such as a file on a full disk.
    """
    if stream is None:  # closed by whoever started us
        return
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        # what Python still holds back must not fail again at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if stream is sys.stdout and not isinstance(error, BrokenPipeError):
            message = f"cannot be written to: {error.strerror}"
            raise InputError(message, "standard output") from None


@dataclass(frozen=True)
class Screen:
    """Where a command puts its words and its data.

    Parameters
    ----------
    json : bool
        Data as JSON to standard output instead of tables, and remarks to standard error.
    """

    json: bool = False

    def data(self, data: Mapping[str, Any]) -> None:
        """Write data, where it was asked for."""
        if self.json:
            from releasesim.workflows.output import json_text

            put(sys.stdout, json_text(data))

    def say(self, remark: str) -> None:
        """Write a remark: for people, whoever takes the data."""
        put(sys.stderr if self.json else sys.stdout, f"{_wrap(remark, _width())}\n")

    def text(self, text: str) -> None:
        """Write lines, wrapped with their indents kept."""
        self.lines(_wrap(line, _width()) for line in text.splitlines())

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines as they are, for people who do not take the data."""
        if not self.json:
            put(sys.stdout, "".join(f"{line}\n" for line in lines))

    def rows(self, title: str, rows: Rows) -> None:
        """Write labels and values below a title."""
        from rich.table import Table

        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        for label, value in rows:
            table.add_row(_plain(f"  {label}"), _plain(value))
        self.text(title)
        self._show(table)

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        """Write a table; the last column takes what room there is."""
        from rich.table import Table

        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
        for place, header in enumerate(headers):
            last = place == len(headers) - 1
            table.add_column(_plain(header), no_wrap=not last, overflow="fold")
        for row in rows:
            table.add_row(*(_plain(cell) for cell in row))
        self._show(table)

    def _show(self, renderable: RenderableType) -> None:
        from rich.console import Console

        console = Console(width=_width(), highlight=False)
        with console.capture() as captured:
            console.print(renderable)
        self.lines(line.rstrip() for line in captured.get().splitlines())


def shown_rows(text: str) -> list[tuple[str, str]]:
    """Split what a result shows of itself, a title and lines "label: value", into rows."""
    split = (line.strip().partition(": ") for line in text.splitlines()[1:])
    return [(label, value) for label, _, value in split]


def _plain(text: str) -> Any:
    """Text that is no markup: "[target]" stays what it is."""
    from rich.text import Text

    return Text(text)


def _wrap(line: str, width: int) -> str:
    before = len(line) - len(line.lstrip())
    indent = " " * (before + 2) if before else ""
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _width() -> int:
    """Columns to fill: those of the terminal up to 100, 80 where there is none."""
    from shutil import get_terminal_size

    return max(40, min(100, get_terminal_size((80, 24)).columns))

"""From named parts to a page: templates, pictures inside the page, everything escaped."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

RESEARCH_ONLY = "Research use only: not for clinical decisions."

CAPTIONS = {
    "comparison": "Released against time. Large points are means with their standard deviation, "
    "thin lines single units; grey rings mark the points that f1 and f2 rest on.",
    "release": "Simulated release against time, with the target where there is one.",
    "design": "Target and predicted release.",
    "section": "Cut through the tablet as it is printed. A broken line shows where the other cut "
    "was made.",
    "plasma": "Plasma of the patient over one dosing interval, with 90 % of people like this one "
    "and the wanted window.",
    "choice": "AICc above that of the best row, and errors of fit and of prediction. Mechanisms "
    "within the grey band are not told apart by these data.",
    "choice_curves": "Measured release, the mechanisms of lowest AICc, and the best equation.",
    "candidates": "Similarity factor f2 of the best candidates.",
    "best": "The best designs of different polymer or pattern, to one scale, a quarter cut away; "
    "numbers are those of the table of candidates.",
    "tradeoffs": "What a better fit costs. Numbers are those of the table below.",
}
"""What is written under each picture, by its name."""


@dataclass(frozen=True)
class Picture:
    """A picture inside the page.

    Parameters
    ----------
    source : str
        data: address with the whole picture.
    caption : str
        What it shows; also read aloud instead of it.
    """

    source: str
    caption: str


@dataclass(frozen=True)
class Table:
    """A table of words.

    Parameters
    ----------
    head : sequence of str
        Column headings.
    rows : sequence of sequences of str
        One cell per column.
    words : frozenset of int
        Columns of running text; the others hold numbers and do not break.
    marked : frozenset of int
        Rows to set off.
    note : str
        Printed below.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    words: frozenset[int] = frozenset({0})
    marked: frozenset[int] = frozenset()
    note: str = ""


def render(
    template: str,
    pictures: Mapping[str, bytes],
    captions: Mapping[str, str] | None = None,
    **parts: Any,
) -> str:
    """Fill a template.

    Parameters
    ----------
    template : str
        File in `templates/`.
    pictures : mapping of str to bytes
        PNG by name; `CAPTIONS` has the names that have a place of their own.
    captions : mapping of str to str, optional
        Instead of those of `CAPTIONS`.
    **parts
        What the template asks for.
    """
    words = {**CAPTIONS, **(captions or {})}
    shown = {
        name: _picture(png, words.get(name) or words.get(name.partition("_")[0], name))
        for name, png in pictures.items()
    }
    page = _environment().get_template(template)
    return page.render(pictures=shown, research_only=RESEARCH_ONLY, **parts)


def _picture(png: bytes, caption: str) -> Picture:
    data = base64.b64encode(png).decode("ascii")
    return Picture(f"data:image/png;base64,{data}", caption)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("releasesim.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

"""What slicers say in comments: features, widths and heights of roads, and facts of the file."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from releasesim.geometry.gcode.features import CODES, OTHER, plain

_LONGEST = 2000
"""Bytes of a comment that are looked at."""
_REMEMBERED = 200_000
"""Different comments that are kept in mind; a file of more is read more slowly, not wrongly."""

_FEATURE = re.compile(r"(?:TYPE|FEATURE):\s*(.+)")
_WIDTH = re.compile(r"(?:WIDTH|LINE_WIDTH):\s*([\d.]+)$")
_HEIGHT = re.compile(r"(?:HEIGHT|LAYER_HEIGHT):\s*([\d.]+)$")
_SLICER = re.compile(
    r"generated (?:by|with) ([^\s]+ ?v?[\d.]*)|((?:BambuStudio|OrcaSlicer) [\d.]+)$", re.IGNORECASE
)
_FACT = re.compile(
    r"(filament used \[mm\]|total filament length \[mm\]|filament used|filament_diameter"
    r"|nozzle_diameter|use_volumetric_e)\s*[=:]\s*(.*)",
    re.IGNORECASE,
)


@dataclass(eq=False)
class Comments:
    """Meaning of the comments of one file, and what they have said of it so far."""

    slicer: str = "unknown"
    features_named: bool = False
    inline: bool = False
    others: set[str] = field(default_factory=set)
    facts: dict[str, list[float]] = field(default_factory=dict)
    _known: dict[int, tuple[int, float]] = field(default_factory=dict)

    def said(
        self, text: bytes, spans: NDArray[np.int64], hashes: NDArray[np.uint64]
    ) -> NDArray[np.float64]:
        """Feature, width and height [mm] that each line sets, nan where it sets none, (n, 3)."""
        said = np.full((hashes.size, 3), np.nan)
        rows = np.flatnonzero(hashes)
        found, first, which = np.unique(hashes[rows], return_index=True, return_inverse=True)
        meanings = np.array(
            [self._meaning(int(h), text, spans[rows[n]]) for h, n in zip(found, first, strict=True)]
        ).reshape(-1, 2)
        place, value = meanings[which].T
        for n in rows[place == _IS_FACT]:
            self._note(_decode(text, spans[n]))
        if not self.features_named:
            self.inline |= bool((place == _INLINE).any())
            place = np.where(place == _INLINE, 0, place)
        for column in range(3):
            said[rows[place == column], column] = value[place == column]
        return said

    def _meaning(self, key: int, text: bytes, span: NDArray[np.int64]) -> tuple[int, float]:
        """Column that a comment sets and to what; or that it is a fact, or nothing."""
        if key in self._known:
            return self._known[key]
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known[key] = self._read(_decode(text, span))
        return self._known[key]

    def _read(self, words: str) -> tuple[int, float]:
        if match := _FEATURE.match(words):
            self.features_named = True
            return 0, self._feature(match[1])
        for column, pattern in ((1, _WIDTH), (2, _HEIGHT)):
            if match := pattern.match(words):
                size = _float(match[1])
                return (column, size) if 0.0 < size < math.inf else (_NOTHING, 0.0)
        if _FACT.match(words):
            return _IS_FACT, 0.0
        if match := _SLICER.search(words):
            if self.slicer == "unknown":
                self.slicer = (match[1] or match[2]).strip()
            return _NOTHING, 0.0
        code = CODES.get(plain(words))
        return (_NOTHING, 0.0) if code is None else (_INLINE, float(code))

    def _feature(self, word: str) -> float:
        code = CODES.get(plain(word))
        if code is None:
            self.others.add(word.strip()[:40])
            return float(OTHER)
        return float(code)

    def _note(self, words: str) -> None:
        match = _FACT.match(words)
        if match is None:
            return
        name = match[1].lower()
        numbers = [_float(n) for n in re.findall(r"[\d.]+", match[2].partition("(")[0])]
        if name == "filament used":  # Cura: 0.1m, 0.2m; Slic3r: 100.0mm (0.2cm3), a line each
            metres = "mm" not in match[2]
            numbers = [1e3 * n if metres else n for n in numbers]
        elif name.startswith(("total", "filament used")):
            name = "filament used"
        self.facts.setdefault(name, []).extend(numbers[:64])

    def declared(self, tools: tuple[int, ...]) -> dict[int, float | None]:
        """Filament that the slicer says each tool uses [m]; None where it does not."""
        said = self.facts.get("filament used", [])
        if not any(said):  # Cura's engine writes 0 before it knows
            return dict.fromkeys(tools)
        if len(said) == len(tools):
            return {tool: 1e-3 * length for tool, length in zip(tools, said, strict=True)}
        return {tool: 1e-3 * said[tool] if tool < len(said) else None for tool in tools}

    def diameter(self, tool: int) -> float | None:
        """Of the filament of a tool [m]; None where the file does not say."""
        said = [d for d in self.facts.get("filament_diameter", []) if d > 0.0]
        if not said:
            return None
        return 1e-3 * (said[tool] if tool < len(said) else said[0])


_IS_FACT, _INLINE, _NOTHING = 3, 4, 5


def _decode(text: bytes, span: NDArray[np.int64]) -> str:
    return text[span[0] : min(span[1], span[0] + _LONGEST)].decode("utf-8", "replace")


def _float(digits: str) -> float:
    try:
        return float(digits)
    except ValueError:
        return math.nan

"""STL: triangles and nothing else, as bytes or as text."""

from __future__ import annotations

import re
import struct

import numpy as np

from releasesim.errors import GeometryError
from releasesim.geometry.mesh.soup import Soup, check_count

_FACET = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_HEAD = 84
_VERTEX = re.compile(rb"\bvertex\s+(\S+)\s+(\S+)\s+(\S+)", re.IGNORECASE)
_WORDS = re.compile(rb"\b(?:facet|endfacet)\b", re.IGNORECASE)
_MOST_TEXT = 100_000_000  # bytes: text takes memory many times over


def read_stl(data: bytes) -> Soup:
    """Read an STL file.

    Raises
    ------
    GeometryError
        Cut off, a wrong count of facets, numbers that are none, or no STL at all.
    """
    if _is_text(data):
        return _read_text(data)
    if len(data) < _HEAD:
        raise GeometryError(f"is no STL: {len(data)} bytes are too few")
    (count,) = struct.unpack_from("<I", data, _HEAD - 4)
    wanted = _HEAD + count * _FACET.itemsize
    if wanted != len(data):
        found = (len(data) - _HEAD) / _FACET.itemsize
        cut = "it is cut off" if wanted > len(data) else "it has more behind them"
        raise GeometryError(f"is no whole STL: says {count} facets and holds {found:.6g}: {cut}")
    check_count(count)
    return Soup.of_corners(np.frombuffer(data, _FACET, count, _HEAD)["corners"].astype(float))


def _is_text(data: bytes) -> bool:
    """Whether it is text; a header of 80 bytes may start with "solid" as well."""
    if not data[:512].lstrip().lower().startswith(b"solid"):
        return False
    if len(data) >= _HEAD:
        (count,) = struct.unpack_from("<I", data, _HEAD - 4)
        if len(data) == _HEAD + count * _FACET.itemsize:
            return False
    return b"\0" not in data[:4096]


def _read_text(data: bytes) -> Soup:
    if len(data) > _MOST_TEXT:
        raise GeometryError(
            f"is text of more than {_MOST_TEXT // 1_000_000} MB: save it as binary STL"
        )
    corners = _VERTEX.findall(data)
    opened = sum(word.lower() == b"facet" for word in _WORDS.findall(data))
    closed = sum(word.lower() == b"endfacet" for word in _WORDS.findall(data))
    if opened != closed or len(corners) != 3 * closed or b"endsolid" not in data[-4096:].lower():
        raise GeometryError(
            f"is no whole STL: {opened} facets begin, {closed} end, with {len(corners)} corners"
        )
    try:
        numbers = np.array(corners, dtype=object).astype(float) if corners else np.zeros((0, 3))
    except ValueError as error:
        raise GeometryError(f"holds a coordinate that is no number: {error}"[:160]) from None
    return Soup.of_corners(numbers.reshape(-1, 3, 3))

"""OBJ and PLY, by trimesh, after what it would trust has been looked at."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np

from releasesim.errors import GeometryError
from releasesim.extras import load_extra
from releasesim.geometry.mesh.soup import Soup, check_count

_ELEMENT = re.compile(rb"^element\s+(\S+)\s+(\S+)\s*$", re.MULTILINE)
_LONGEST_HEADER = 16_384
_MOST_TEXT = 200_000_000


def read_obj(data: bytes) -> Soup:
    """Read an OBJ file: its vertices and faces, no materials, no other files.

    Raises
    ------
    GeometryError
        It is no OBJ.
    MissingExtraError
        trimesh is not installed.
    """
    if b"\0" in data or len(data) > _MOST_TEXT:
        raise GeometryError("is no OBJ: it holds bytes that are no text")
    if not re.search(rb"^f\s", data, re.MULTILINE):
        raise GeometryError("holds no triangles")
    return _read(data, "obj")


def read_ply(data: bytes) -> Soup:
    """Read a PLY file, as text or bytes.

    Raises
    ------
    GeometryError
        It is no PLY, or says that it holds more than it does.
    MissingExtraError
        trimesh is not installed.
    """
    head, found, _ = data[:_LONGEST_HEADER].partition(b"end_header")
    if not data.startswith(b"ply") or not found:
        raise GeometryError("is no PLY: it has no header")
    room = len(data) - len(head)
    for name, count in _ELEMENT.findall(head.replace(b"\r", b"")):
        number = int(count) if count.isdigit() and len(count) < 16 else -1
        if not 0 <= number <= room:
            shown = count[:20].decode("ascii", "replace")
            raise GeometryError(
                f"says that it holds {shown} of element {name[:20].decode('ascii', 'replace')}, "
                f"and has {room} bytes for them"
            )
    return _read(data, "ply")


def _read(data: bytes, kind: str) -> Soup:
    trimesh = load_extra("trimesh", "mesh")
    try:
        made: Any = trimesh.load(
            io.BytesIO(data),
            file_type=kind,
            force="mesh",
            process=False,
            skip_materials=True,
            maintain_order=True,
        )
        points = np.asarray(made.vertices, dtype=float).reshape(-1, 3)
        triangles = np.asarray(made.faces, dtype=np.int64).reshape(-1, 3)
    except Exception as error:  # whatever a foreign file does to a foreign reader
        raise GeometryError(f"is no {kind.upper()} that can be read: {_plain(error)}") from None
    check_count(len(triangles))
    if triangles.min() < 0 or triangles.max() >= len(points):
        raise GeometryError("a face names a vertex that is not there")
    return Soup(points, triangles)


def _plain(error: Exception) -> str:
    words = " ".join(str(error).split()) or type(error).__name__
    return "".join(c for c in words if c.isprintable())[:120]

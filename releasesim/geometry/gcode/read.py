"""Read a G-code file: piece by piece, in bounded memory, refusing what cannot be followed."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from releasesim.errors import GeometryError
from releasesim.geometry.gcode.comments import Comments
from releasesim.geometry.gcode.finish import Followed, finish
from releasesim.geometry.gcode.toolpath import Toolpath

if TYPE_CHECKING:
    from releasesim.geometry.gcode.machine import Machine

_CHUNK = 1 << 20
_LARGEST_FILE = 1 << 30
_LONGEST_LINE = 1 << 16
_MOST_PIECES = 10_000_000
"""Pieces of road kept, of 80 bytes each and some 100 while read: what bounds the memory."""

_PIECE = np.dtype(
    [("ends", "f8", 6), ("fed", "f8"), ("said", "f4", 2), ("codes", "u1", 3), ("line", "i4")]
)
_BLOCK = 1 << 19
"""Pieces kept together: so large that the system takes the memory back when they are let go."""


def read_gcode(
    path: str | Path,
    *,
    filament_diameter: float | None = None,
    usual_diameter: float | None = None,
) -> Toolpath:
    """Read the roads that a G-code lays.

    Known are the G-code of PrusaSlicer, Orca and Bambu, Cura, Slic3r, and what Marlin reads:
    G0 to G3, G10, G11, G17, G20, G21, G28, G90 to G92, M82, M83, M200, M221, T.

    Parameters
    ----------
    path : str or Path
    filament_diameter : float, optional
        By which fed length becomes volume [m]; default what the file says.
    usual_diameter : float, optional
        For files that do not say it, such as Cura's [m].

    Returns
    -------
    Toolpath
        All that is extruded; `Toolpath.tablet` is what becomes the tablet.

    Raises
    ------
    GeometryError
        What cannot be followed, with file and line.
    """
    path = Path(path)
    reading = _Reading(path)
    for text, first in _chunks(path, reading.digest):
        reading.take(text, first)
    return reading.toolpath(filament_diameter, usual_diameter)


def _chunks(path: Path, digest: hashlib._Hash) -> Iterator[tuple[bytes, int]]:
    """Whole lines of the file, and the byte that they begin at."""
    _check_file(path)
    begun, rest = 0, b""
    try:
        with path.open("rb") as file:
            while block := file.read(_CHUNK):
                digest.update(block)
                if not begun and not rest:
                    _check_kind(path, block)
                    block = block.removeprefix(b"\xef\xbb\xbf")
                text = rest + block
                cut = max(text.rfind(b"\n"), text[:-1].rfind(b"\r")) + 1
                if len(text) - cut > _LONGEST_LINE:
                    message = f"a line of more than {_LONGEST_LINE} bytes: this is no G-code"
                    raise GeometryError(message, path)
                if cut:
                    yield text[:cut], begun
                begun, rest = begun + cut, text[cut:]
    except OSError as error:
        raise GeometryError(f"cannot be read: {error.strerror}", path) from None
    if rest:
        yield rest + b"\n", begun


def _check_file(path: Path) -> None:
    """Refuse folders, devices, pipes and giants before a byte is read."""
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or "no such file"
        raise GeometryError(f"cannot be read: {words}", path) from None
    if stat.S_ISDIR(found.st_mode):
        raise GeometryError("is a folder, not a G-code file", path)
    if not stat.S_ISREG(found.st_mode):
        raise GeometryError("is a device or a pipe, not a G-code file", path)
    if found.st_size > _LARGEST_FILE:
        size = f"{found.st_size / 1e9:.3g} GB, at most {_LARGEST_FILE / 1e9:.3g} GB are read"
        raise GeometryError(f"is too large for the G-code of a tablet: {size}", path)


def _check_kind(path: Path, block: bytes) -> None:
    kinds = {
        b"GCDE": "binary G-code (.bgcode): let the slicer write text, 'Supports binary G-code' off",
        b"PK\x03\x04": "a zip archive: unpack the .gcode in it",
        b"\x1f\x8b": "a gzip archive: unpack the .gcode in it",
        b"\xff\xfe": "text in UTF-16: save it as UTF-8",
        b"\xfe\xff": "text in UTF-16: save it as UTF-8",
    }
    for magic, words in kinds.items():
        if block.startswith(magic):
            raise GeometryError(f"is {words}", path, 1)


@dataclass(eq=False)
class _Reading:
    """What has been read so far."""

    path: Path
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    comments: Comments = field(default_factory=Comments)
    line: int = 1
    blocks: list[NDArray[np.void]] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        from releasesim.geometry.gcode.machine import Machine

        self.machine: Machine = Machine()

    def take(self, text: bytes, first: int) -> None:
        """Follow whole lines."""
        from releasesim.geometry.gcode.kernels import split_lines
        from releasesim.geometry.gcode.machine import FAULTS, CommandError, Rows

        room = text.count(b"\n") + text.count(b"\r") + 1
        code, mask = np.empty(room, np.int32), np.empty(room, np.uint32)
        values, line = np.empty((room, 26)), np.empty(room, np.int32)
        spans, hashes = np.empty((room, 2), np.int64), np.empty(room, np.uint64)
        array = np.frombuffer(text, np.uint8)
        rows, after, fault, _ = split_lines(
            array, array.size, self.line, code, mask, values, line, spans, hashes
        )
        if fault:
            raise GeometryError(FAULTS[fault], self.path, after)
        self.line = after
        said = self.comments.said(text, spans[:rows], hashes[:rows])
        try:
            found = self.machine.run(Rows(code[:rows], mask[:rows], values[:rows], said))
        except CommandError as error:
            raise GeometryError(error.message, self.path, int(line[error.row])) from None
        self._keep(found, line)

    def _keep(self, found: NDArray[np.float64], line: NDArray[np.int32]) -> None:
        if self.count + len(found) > _MOST_PIECES:
            raise GeometryError(
                f"lays more than {_MOST_PIECES:.0e} pieces of road: this is no tablet",
                self.path,
                self.line,
            )
        at = 0
        while at < len(found):
            place = self.count % _BLOCK
            if not place:
                self.blocks.append(np.empty(_BLOCK, _PIECE))
            part = found[at : at + _BLOCK - place]
            into = self.blocks[-1][place : place + len(part)]
            into["ends"], into["fed"], into["said"] = part[:, :6], part[:, 6], part[:, 7:9]
            into["codes"], into["line"] = part[:, 9:12], line[part[:, 12].astype(np.int64)]
            at, self.count = at + len(part), self.count + len(part)

    def _columns(self) -> list[NDArray[Any]]:
        """Each quantity of all pieces; every block is let go as it is taken over."""
        names = _PIECE.names or ()
        columns = [np.empty(self.count, _PIECE[name]) for name in names]
        for begin in range(0, self.count, _BLOCK):
            block = self.blocks.pop(0)[: self.count - begin]
            for column, name in zip(columns, names, strict=True):
                column[begin : begin + len(block)] = block[name]
        return columns

    def toolpath(self, diameter: float | None, usual: float | None) -> Toolpath:
        """All of it."""
        from releasesim.geometry.gcode.kernels import FED

        if not self.count:
            raise GeometryError("extrudes nothing: there is no road in it", self.path)
        columns = self._columns()
        machine, digest = self.machine, self.digest.hexdigest()
        lengths, ever = machine.tools[:, FED], machine.volumetric_ever
        followed = Followed(self.path, digest, self.comments, lengths, ever, *columns)
        return finish(followed, diameter, usual)

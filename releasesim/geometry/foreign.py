"""Files that others made: read as far as is reasonable, refused in words beyond that."""

from __future__ import annotations

import stat
from pathlib import Path

from releasesim.errors import GeometryError
from releasesim.files import read_at_most

MEGA = 1_000_000


def foreign_bytes(path: Path, most: int, what: str) -> bytes:
    """Content of an ordinary file of a bounded size.

    Parameters
    ----------
    path : Path
    most : int
        Bytes that such a file may have.
    what : str
        Such as "a mesh", for messages.

    Raises
    ------
    GeometryError
        It is not there, no ordinary file, empty, too large, or cannot be read.
    """
    try:
        found = path.stat()
        mode, size = found.st_mode, found.st_size
        if stat.S_ISDIR(mode):
            raise GeometryError(f"is a folder, not {what}", path)
        if not stat.S_ISREG(mode):
            raise GeometryError(f"is no ordinary file, and cannot be {what}", path)
        # no more than it says that it has: a reader makes room for all it asks for
        data = read_at_most(path, size) if size <= most else None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise GeometryError(f"cannot be read: {reason}", path) from None
    if data is None:
        raise GeometryError(f"is larger than {most // MEGA} MB, too large for {what}", path)
    if not data:
        raise GeometryError("is empty", path)
    return data

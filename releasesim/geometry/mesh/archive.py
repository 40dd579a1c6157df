"""ZIP archives that others made: nothing is unpacked to disk, and little is trusted."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

from releasesim.errors import GeometryError
from releasesim.geometry.foreign import MEGA

MOST_ENTRIES = 2000
MOST_BYTES = 300 * MEGA
"""Of all entries together, unpacked."""
MOST_RATIO = 200
"""Unpacked over packed; text of numbers reaches 10."""
_SMALL = MEGA  # below that a ratio says nothing


class Archive:
    """Entries of a ZIP archive, checked before any is read.

    Parameters
    ----------
    data : bytes
        The whole file.

    Raises
    ------
    GeometryError
        No archive, too much in it, names that lead out of it, links, encryption.
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            entries = self._zip.infolist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise GeometryError(f"is no 3MF: {error}") from None
        if len(entries) > MOST_ENTRIES:
            raise GeometryError(f"holds {len(entries)} entries, at most {MOST_ENTRIES}")
        for entry in entries:
            _check(entry)
        total = sum(entry.file_size for entry in entries)
        if total > MOST_BYTES:
            raise GeometryError(
                f"unpacks to {total / MEGA:.4g} MB, at most {MOST_BYTES // MEGA} MB"
            )
        self.names = [entry.filename for entry in entries if not entry.is_dir()]
        if len({name.lower() for name in self.names}) < len(self.names):
            raise GeometryError("names one of its entries twice")

    def read(self, name: str, most: int) -> bytes:
        """Bytes of one entry, at most `most`, whatever the directory says."""
        try:
            with self._zip.open(name) as entry:
                # what it says that it has is unpacked, and no more: the rest shows as damage
                data = entry.read(min(most, self._zip.getinfo(name).file_size) + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as e:
            raise GeometryError(f"its entry {name} cannot be unpacked: {e}") from None
        if len(data) > most:
            raise GeometryError(f"its entry {name} unpacks to more than {most / MEGA:.4g} MB")
        return data


def _check(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or not name.isprintable():
        raise GeometryError(f"an entry is named {name[:80]!r}, which leads out of the archive")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise GeometryError(f"its entry {name} is a link")
    if entry.flag_bits & 1:
        raise GeometryError(f"its entry {name} is encrypted")
    packed = max(entry.compress_size, 1)
    if entry.file_size > _SMALL and entry.file_size > MOST_RATIO * packed:
        raise GeometryError(
            f"its entry {name} unpacks to {entry.file_size / packed:.4g} times its size, "
            f"at most {MOST_RATIO}: this is no mesh"
        )

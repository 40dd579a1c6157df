"""Reading files that may be endless, writing files so that a reader never meets half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def read_at_most(path: str | Path, most: int) -> bytes | None:
    """Content of a file; None where it has more than `most` bytes, of which no more are read.

    Raises
    ------
    OSError
        It is not there or cannot be read.
    """
    with Path(path).open("rb") as file:
        data = file.read(most + 1)
    return None if len(data) > most else data


def write_atomic(path: str | Path, content: str | bytes) -> None:
    """Replace `path` by `content`, whole or not at all.

    The bytes go to a temporary file beside it, reach the disk, and take its name in one step.

    Parameters
    ----------
    path : str or Path
        File to write; its folder must exist.
    content : str or bytes
        Text is written as UTF-8 with its line ends as they are.

    Raises
    ------
    OSError
        The folder is missing, full or read-only; what stood at `path` is untouched.
    """
    target = Path(path)
    data = content.encode("utf-8") if isinstance(content, str) else content
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_usual_mode(target))  # mkstemp makes it private
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _usual_mode(target: Path) -> int:
    """Permissions of the file that is replaced, else those that the umask leaves to a new file."""
    if target.exists():
        return target.stat().st_mode & 0o777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask

"""A study to start from: short, commented, valid, and it runs."""

from __future__ import annotations

from pathlib import Path

from releasesim.errors import InputError
from releasesim.files import write_atomic

STARTER = Path(__file__).with_name("starter.toml")
"""The study that `releasesim new` writes."""


def write_new_study(path: Path, *, force: bool = False) -> None:
    """Write the starter study.

    Parameters
    ----------
    path : Path
        File to write.
    force : bool
        Replace a file that is there.

    Raises
    ------
    InputError
        The file is there already, or cannot be written.
    """
    try:
        if path.is_dir():
            raise InputError("is a folder: name a file in it", path)
        if path.exists() and not force:
            raise InputError("is there already: give another name, or --force to replace it", path)
        write_atomic(path, STARTER.read_bytes())
    except FileNotFoundError:
        raise InputError(f"there is no folder {path.parent}", path) from None
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror or error}", path) from None

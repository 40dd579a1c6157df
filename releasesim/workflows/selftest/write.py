"""The file of the report: tried before the work begins, written whole at its end."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from releasesim.errors import InputError
from releasesim.files import write_atomic


@contextmanager
def page_file(path: Path | None) -> Iterator[Callable[[str], None]]:
    """Give a function that writes the page; one that does nothing where there is no `path`.

    Raises
    ------
    InputError
        The file cannot be written: said before the work begins.
    """
    if path is None:
        yield lambda page: None
        return
    try:
        if path.is_dir():
            raise InputError("is a folder, not a file", path)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(f"cannot be written: {error.strerror}", path) from None
    yield lambda page: write_atomic(path, page)

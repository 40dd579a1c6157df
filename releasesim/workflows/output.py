"""A folder of results in which every file is whole, the account last."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from releasesim.errors import InputError
from releasesim.files import write_atomic

T = TypeVar("T")


class Interrupted(KeyboardInterrupt):
    """Ctrl-C, and what is on disk all the same."""


class OutFolder:
    """A folder for the results of one command.

    It is made and tried before the long work begins, and taken away again if nothing comes of it.

    Parameters
    ----------
    path : Path
        Existing or new.
    account : str
        Name of the file that vouches for the others: an old one goes before anything is written.
    """

    def __init__(self, path: Path, account: str) -> None:
        self.path, self.account = path, account
        self.files: list[str] = []
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        with self._one_line():
            self._made = [one for one in (self.path, *self.path.parents) if not one.exists()]
            self.path.mkdir(parents=True, exist_ok=True)
        try:
            with self._one_line(), tempfile.TemporaryFile(dir=self.path):
                pass  # a folder that cannot be written is better known now
        except InputError:
            self._take_away()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None and not self.files:
            self._take_away()
        if isinstance(error, KeyboardInterrupt):
            raise Interrupted(self.describe()) from None

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file, whole or not at all."""
        self.save(name, lambda path: write_atomic(path, content))

    def save(self, name: str, writer: Callable[[Path], object]) -> None:
        """Have one file written by `writer`, which takes its path and writes it whole."""
        with self._one_line():
            self._disown()
            writer(self.path / name)
        self.has(name)

    def fill(self, writer: Callable[[Path], T], *, accounts: bool = False) -> T:
        """Have several files written by `writer`, which takes the folder.

        One that `accounts` for them writes the account, and knows what an old one says.
        """
        with self._one_line():
            if not accounts:
                self._disown()
            return writer(self.path)

    def has(self, *names: str) -> None:
        """Know these files as written."""
        self.files += [name for name in names if name not in self.files]

    def describe(self) -> str:
        """Say what was written."""
        if not self.files:
            return "nothing was finished"
        return f"wrote {', '.join(_named(self.files))} to {self.path}"

    def _disown(self) -> None:
        """Take away the account of an earlier run, which knows nothing of the new files."""
        if not self.files:
            (self.path / self.account).unlink(missing_ok=True)

    def _take_away(self) -> None:
        """Remove the folders that were made, as far as they are empty."""
        for folder in self._made:
            try:
                folder.rmdir()
            except OSError:
                return

    @contextmanager
    def _one_line(self) -> Iterator[None]:
        """Give errors of the disk as bad input."""
        try:
            yield
        except (FileExistsError, NotADirectoryError):
            raise InputError("is a file, not a folder", self._first_file()) from None
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(f"cannot be written to: {reason}", self.path) from None

    def _first_file(self) -> Path:
        """Part of the path that is a file."""
        upwards = (self.path, *self.path.parents)
        return next((one for one in upwards if one.is_file()), self.path)


_NAMED = 24
"""Files that are named one by one, at most."""


def _named(files: Sequence[str]) -> list[str]:
    """Names of files; of very many of one kind, the first and the last."""
    if len(files) <= _NAMED:
        return list(files)
    kinds: dict[str, list[str]] = {}
    for name in files:
        kinds.setdefault(Path(name).suffix, []).append(name)
    return [word for names in kinds.values() for word in _shortened(names)]


def _shortened(names: list[str]) -> list[str]:
    few = len(names) <= _NAMED // 4
    return names if few else [f"{names[0]} to {names[-1]} ({len(names)} files)"]


def json_text(data: Mapping[str, Any]) -> str:
    """Plain data as JSON that every reader takes: what is no finite number is null.

    Examples
    --------
    >>> print(json_text({"f2": float("nan")}))
    {
     "f2": null
    }
    """
    return json.dumps(_finite(data), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finite(item: Any) -> Any:
    if isinstance(item, float):
        return float(item) if math.isfinite(item) else None
    if isinstance(item, Mapping):
        return {str(key): _finite(value) for key, value in item.items()}
    if isinstance(item, Sequence) and not isinstance(item, str):
        return [_finite(value) for value in item]
    return str(item) if isinstance(item, Path) else item

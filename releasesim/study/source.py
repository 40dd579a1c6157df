"""Where a study was written: turns whatever is wrong into one line with file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from releasesim.errors import InputError, UnitError
from releasesim.files import read_at_most
from releasesim.study.fields import WrongKeyError, WrongUnitError, did_you_mean
from releasesim.study.locate import Keys, line_of, locate
from releasesim.study.tables import keys_of
from releasesim.units import show_value

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

_LARGEST = 4_000_000  # bytes; a study is a page
_WRONG_TYPE = {
    "model_type": "must be a table: { ... }",
    "model_attributes_type": "must be a table: { ... }",
    "dict_type": "must be a table: { ... }",
    "tuple_type": "must be a list: [ ... ]",
    "list_type": "must be a list: [ ... ]",
    "missing": "is missing",
}


class Source:
    """A study as written: its data, and its text where there is a file.

    Parameters
    ----------
    data : mapping
        Plain data, as tomllib gives it.
    path : Path, optional
        The file.
    text : str, optional
        Its text, for lines.
    folder : str or Path, optional
        Where relative file names start from; default the file's folder, else the working folder.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        path: Path | None = None,
        text: str | None = None,
        folder: str | Path | None = None,
    ) -> None:
        self.data, self.path, self.text = data, path, text
        self.folder = Path(folder or (path.parent if path else "."))

    @classmethod
    def read(cls, path: str | Path) -> Source:
        """Read a TOML file.

        Raises
        ------
        InputError
            There is no such file, it is no text, or no TOML.
        """
        path = Path(path)
        text = _decode(_bytes(path), path)
        return cls(_parse(text, path), path, text)

    @cached_property
    def lines(self) -> dict[Keys, int]:
        """Line of every key path."""
        return locate(self.text) if self.text is not None else {}

    def value(self, keys: Keys) -> Any:
        """Return what the file has under a key path; None where it has nothing."""
        at: Any = self.data
        for key in keys:
            try:
                at = at[key]
            except (KeyError, IndexError, TypeError):
                return None
        return at

    def name(self, keys: Keys) -> str:
        """Write a key path as a dotted name, items of arrays by their names."""
        words: list[str] = []
        for place, key in enumerate(keys):
            if isinstance(key, str):
                words.append(key if re.fullmatch(r"[\w-]+", key) else show_value(key))
                continue
            called = self.value((*keys[: place + 1], "name"))
            if isinstance(called, str) and re.fullmatch(r"[\w-]+", called):
                words.append(called)
            else:
                words[-1] += f"[{key}]"
        return ".".join(words)

    def error(
        self, keys: Keys, message: str, kind: type[InputError] = InputError, more: int = 0
    ) -> InputError:
        """Build the error for one key: `study.toml:14 infill.density = "130 %": must be ...`."""
        value = self.value(keys)
        shown = "" if value is None or isinstance(value, dict | list) else f" = {show_value(value)}"
        head = f"{self.name(keys)}{shown}: " if keys else ""
        tail = f" (and {more} more)" if more else ""
        line = line_of(self.lines, keys) or (1 if self.text is not None else None)
        return kind(f"{head}{message}{tail}", self.path, line)

    @contextmanager
    def at(self, *keys: str | int) -> Iterator[None]:
        """Give errors raised inside the place of this key."""
        try:
            yield
        except InputError as error:
            if error.path is not None:
                raise
            shown = show_value(self.value(keys))
            message = error.message.removeprefix(f"{shown}: ")
            for key in keys:  # said again with line and whole name
                message = message.removeprefix(f"{key} = {shown}: ")
            raise self.error(keys, message, type(error)) from None

    def refuse(self, error: ValidationError, model: type[BaseModel]) -> InputError:
        """Turn what pydantic found into the first error in the file's order."""
        details = error.errors(include_url=False)
        found = [(*self._explain(detail, model), _kind(detail)) for detail in details]
        # what is missing comes last: a misspelt key is why
        found.sort(key=lambda one: ("is missing" in one[1], line_of(self.lines, one[0]) or 0))
        keys, message, kind = found[0]
        return self.error(keys, message, kind, len(found) - 1)

    def _explain(self, detail: ErrorDetails, model: type[BaseModel]) -> tuple[Keys, str]:
        """Return the key path in the file, and what to say about it."""
        keys, kind = self._path(detail), detail["type"]
        cause = detail.get("ctx", {}).get("error")
        if isinstance(cause, WrongKeyError):
            return (*keys, *cause.keys), cause.message
        if kind == "value_error":
            return keys, str(cause)
        if kind == "extra_forbidden":
            return keys, self._unknown(keys, model)
        if kind.startswith("union_tag"):
            return _wrong_kind(keys, detail)
        if kind == "too_long":
            return keys, f"must be a list of {detail['ctx']['max_length']}"
        return keys, _WRONG_TYPE.get(kind, "cannot be read")

    def _path(self, detail: ErrorDetails) -> Keys:
        """Drop the tags that pydantic puts into the path for alternatives."""
        keys: Keys = ()
        location = detail["loc"]
        for place, key in enumerate(location):
            holder = self.value(keys)
            known = isinstance(holder, dict) and key in holder
            if known or isinstance(key, int) or place == len(location) - 1:
                keys = (*keys, key)
        return keys

    def _unknown(self, keys: Keys, model: type[BaseModel]) -> str:
        valid = keys_of(model, keys[:-1], self.value)
        hint = did_you_mean(keys[-1], valid)
        return f"unknown key{hint or '; there are ' + ', '.join(valid)}"


def _kind(detail: ErrorDetails) -> type[InputError]:
    cause = detail.get("ctx", {}).get("error")
    return UnitError if isinstance(cause, WrongUnitError) else InputError


def _wrong_kind(keys: Keys, detail: ErrorDetails) -> tuple[Keys, str]:
    context = detail.get("ctx", {})
    kinds = re.findall(r"'(\w+)'", str(context.get("expected_tags", "")))
    if not kinds:
        return (*keys, "kind"), "is missing"
    hint = did_you_mean(context.get("tag", ""), kinds)
    return (*keys, "kind"), f"must be one of {', '.join(kinds)}{hint}"


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise InputError("is a folder, not a study file", path)
        data = read_at_most(path, _LARGEST)
    except FileNotFoundError:
        raise InputError("there is no such file", path) from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path) from None
    if data is None:
        raise InputError(f"has more than {_LARGEST} bytes: too large for a study", path)
    return data


def _decode(data: bytes, path: Path) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError("is UTF-16 text; save it as UTF-8", path, 1)
    try:
        text = data.decode("utf-8-sig")  # editors on Windows write a mark at the start
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError("is no UTF-8 text; save it as UTF-8", path, line) from None
    if not text.strip():
        raise InputError("is empty; a study needs [tablet] and [formulation]", path, 1)
    return text


def _parse(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        found = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(error))
        reason = re.sub(r" \(at .*\)$", "", str(error).splitlines()[0])
        if not isinstance(error, tomllib.TOMLDecodeError):  # limits of Python itself
            deep = isinstance(error, RecursionError)
            reason = "brackets are nested too deeply" if deep else "a number has too many digits"
        line = int(found[1]) if found and found[1] else text.count("\n") + 1
        raise InputError(f"is not valid TOML: {_plain(reason)}", path, line) from None


def _plain(reason: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in reason)[:200]

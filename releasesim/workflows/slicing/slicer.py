"""PrusaSlicer as a program of its own: found on PATH, run within limits, its failures in a line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from releasesim.errors import MissingExtraError, SlicerError
from releasesim.workflows.doctor import SLICERS

SECONDS = 300.0
MEMORY = 8 << 30
LARGEST_FILE = 1 << 30
"""Limits of one run: wall time [s], memory and size of what it writes [bytes]."""
_MOST_WORDS = 1 << 20
_PATH_KEPT = ("PATH", "HOME", "TMPDIR", "SystemRoot", "LD_LIBRARY_PATH")
_CHATTER = ("[trace]", "[info]", "[debug]")


@dataclass(frozen=True)
class Sliced:
    """One run of the slicer.

    Parameters
    ----------
    gcode : Path
        What it wrote.
    program : Path
        What was run.
    warnings : tuple of str
        What it warned of.
    """

    gcode: Path
    program: Path
    warnings: tuple[str, ...]


def find_slicer() -> Path:
    """Return the slicer's program on PATH.

    Raises
    ------
    MissingExtraError
        There is none.
    """
    names = SLICERS["PrusaSlicer"]
    found = next((path for path in map(shutil.which, names) if path), None)
    if found is None:
        raise MissingExtraError(
            f"PrusaSlicer is not on PATH (looked for {', '.join(names)}): install it, on Debian "
            "and Ubuntu with `apt-get install prusa-slicer`"
        )
    return Path(found)


def run_slicer(
    model: Path,
    gcode: Path,
    *,
    program: Path | None = None,
    seconds: float = SECONDS,
    memory: int = MEMORY,
) -> Sliced:
    """Slice a 3MF with the settings inside it.

    Parameters
    ----------
    model : Path
        The 3MF.
    gcode : Path
        To write; an older file there is replaced only by a whole new one.
    program : Path, optional
        Of PrusaSlicer; found on PATH where absent.
    seconds, memory : float, int
        Wall time [s] and memory [bytes] that it may use.

    Raises
    ------
    MissingExtraError
        No slicer is on PATH.
    SlicerError
        It failed, took too long or wrote nothing.
    """
    program = program or find_slicer()
    if not os.access(program, os.X_OK):
        raise SlicerError(f"{program} cannot be run: it is no program")
    with tempfile.TemporaryDirectory(prefix=".slicer-", dir=gcode.parent) as place:
        written = Path(place).resolve() / "tablet.gcode"
        command = [
            str(program),
            *("--datadir", str(written.parent)),  # nobody's own presets
            *("--export-gcode", "--output", str(written)),
            str(model.resolve()),
        ]
        code, words = _run(command, written.parent, seconds, memory)
        _check(program.name, code, words, written)
        os.replace(written, gcode)
    return Sliced(gcode, program, tuple(_warnings(words)))


def _run(command: list[str], place: Path, seconds: float, memory: int) -> tuple[int, list[str]]:
    """Exit code of a command and the lines it said; it and its children end with the time."""
    kept = {name: os.environ[name] for name in _PATH_KEPT if name in os.environ}
    with tempfile.TemporaryFile(dir=place) as said:
        try:
            process = subprocess.Popen(  # noqa: S603  found on PATH, our own file
                _limited(command, seconds, memory),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=place,
                env={**kept, "LC_ALL": "C", "MALLOC_ARENA_MAX": "4"},
                start_new_session=True,
            )
        except OSError as error:
            raise SlicerError(f"{command[0]} cannot be run: {error.strerror}") from None
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise SlicerError(
                f"{Path(command[0]).name} took more than {seconds:g} s and was stopped"
            ) from None
        finally:
            _end(process)
        said.seek(0)
        text = said.read(_MOST_WORDS).decode("utf-8", "replace")
    return code, [line.strip() for line in text.splitlines() if line.strip()]


def _limited(command: list[str], seconds: float, memory: int) -> list[str]:
    """Turn a command into one that has limits before it begins, where the system has a shell."""
    if os.name != "posix":
        return command
    limits = (
        f"v {memory >> 10}",
        f"t {int(8 * seconds) + 1}",  # of all its threads together
        f"f {LARGEST_FILE >> 9}",
        "c 0",
    )
    # what a system cannot limit stays as it is: the time on the wall is limited everywhere
    words = [f"ulimit -{limit} 2>/dev/null" for limit in limits]
    return ["/bin/sh", "-c", "; ".join([*words, 'exec "$0" "$@"']), *command]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and its children where they still run."""
    if process.poll() is not None:
        return
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def _check(name: str, code: int, words: list[str], written: Path) -> None:
    if code < 0:
        raise SlicerError(f"{name} was ended by {_signal(-code)}{_last(words)}")
    if code or not written.is_file() or not written.stat().st_size:
        ended = f"ended with exit code {code}" if code else "wrote no G-code"
        raise SlicerError(f"{name} {ended}{_last(words)}")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last(words: Iterable[str]) -> str:
    """The last thing it said that is no report of progress."""
    said = [line for line in words if _tells(line)]
    return f": {said[-1][:300]}" if said else ""


def _tells(line: str) -> bool:
    progress = line.split(" ", 1)[0].isdigit() and " => " in line
    return not progress and not any(word in line for word in _CHATTER)


def _warnings(words: Iterable[str]) -> list[str]:
    """What it warned of: all that is neither progress nor the word that it is done."""
    return [line for line in words if _tells(line) and not line.startswith("Slicing result")]
